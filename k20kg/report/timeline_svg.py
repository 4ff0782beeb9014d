"""A timeline as an SVG picture, alone or in a page with tables. Pure.

Nothing rests on colour: each verdict has its own pattern and sign, each bar its words in a title,
and the picture a description that says what it shows. Here is where things lie; how they are drawn
is in the template.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from k20kg.model import Verdict
from k20kg.report.sheet import SIGNS, clip
from k20kg.report.templates import fill, read
from k20kg.report.timeline import (
    MAY_BE,
    NO_GROUP,
    gathered,
    may_be_words,
    name_of,
    span_words,
    tables,
    when,
    words,
)
from k20kg.snapshot import Interval
from k20kg.timeline import Timeline, Track, banded

__all__ = ["page", "picture"]

_LEFT, _PLOT, _ROW, _RIGHT = 230, 660, 24, 30
_WAVE = "~"


class Bar(NamedTuple):
    """A verdict for a stretch of time."""

    kind: str
    x: float
    width: float
    told: str
    sign: str


class Event(NamedTuple):
    """Something dated: grey bars where its begin, and its end, may lie, and its label beside."""

    head: str
    told: str
    first: float
    last: float
    bars: tuple[tuple[float, float], ...]
    """Left and right end of each."""
    label: str
    after: bool
    """Whether the label stands after it, where there is more room than before it."""


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where instants lie; all at the left edge of a timeline without dates."""

    begin: datetime | None
    end: datetime | None

    def at(self, instant: datetime | None, otherwise: float = _LEFT) -> float:
        """Return where an instant lies; one that is not known lies elsewhere."""
        if not instant or not self.begin or not self.end:
            return float(otherwise)
        length = (self.end - self.begin).total_seconds() or 1
        share = (instant - self.begin).total_seconds() / length
        return _LEFT + min(max(share, 0), 1) * _PLOT

    def years(self) -> Iterator[tuple[float, int]]:
        """Yield the years that have room for their number, and where each begins."""
        last = -100.0
        if self.begin and self.end:
            for year in range(self.begin.year, self.end.year + 1):
                start = datetime(year, 1, 1, tzinfo=self.begin.tzinfo)
                x = self.at(max(start, self.begin))
                if x - last >= 40:
                    last = x
                    yield x, year


def picture(one: Timeline, *, number: int = 1) -> str:
    """Return one SVG document; `number` keeps the ids of several on a page apart."""
    axis = _Axis(one.begin, one.end)
    signs = [(_kind(v), f"{SIGNS[v]} {v.value}") for v in Verdict]
    signs.append((_kind(None), f"(blank) {NO_GROUP}"))
    if any(track.may_be for track in one.tracks):
        signs.append(("may-be", f"{_WAVE} {MAY_BE}"))
    return fill(
        "timeline.svg",
        one=one,
        number=number,
        row=_ROW,
        width=_LEFT + _PLOT + _RIGHT,
        css=Markup(read("timeline.css")),
        description=_description(one),
        heading=clip(one.label, 100),
        key=signs,
        years=list(axis.years()),
        readings=[
            (r.label, [_lane(track, one, axis) for track in one.of_reading(r)])
            for r in one.readings
        ],
        events=[
            _event(f"{n}  {kind}", label, bounds, axis)
            for n, (label, kind, bounds, _) in enumerate(gathered(one.happenings), start=1)
        ],
    )


def page(timelines: Sequence[Timeline], *, version: str) -> str:
    """Return a self-contained page: picture and tables for each case."""
    title = timelines[0].label if len(timelines) == 1 else f"Timelines of {len(timelines)} cases"
    pictures = [(t, Markup(picture(t, number=n).strip())) for n, t in enumerate(timelines, 1)]
    return fill(
        "timeline.html",
        styles=(read("timeline.css"),),
        title=title,
        pictures=pictures,
        tables=tables,
        made_by=f"k20kg {version}",
    )


def _kind(verdict: Verdict | None) -> str:
    return verdict.value.replace(" ", "-") if verdict else "no-group"


def _description(one: Timeline) -> str:
    """Return in words what the picture shows of the whole group."""
    if not one.begin:
        return "Nothing in the record is dated: what holds, holds always."
    told = []
    for track in one.tracks:
        if track.criterion is None:
            found = [f"{words(s, track, one)} {span_words(s)}" for s in track.spans]
            found += [f"{may_be_words(track, one)} {span_words(s)}" for s in track.may_be]
            spans = "; ".join(found)
            told.append(f"Reading {track.reading.label}: {spans}.")
    return " ".join([*told, "Each row below is one criterion; dated records stand at the end."])


def _lane(track: Track, one: Timeline, axis: _Axis) -> tuple[str, bool, list[Bar]]:
    """Return a track's name, whether it is that of the whole group, and its bars."""
    name = name_of(track, one)
    bars = []
    for span, may_be in banded(track.spans, track.may_be):
        start, end = axis.at(span.begin), axis.at(span.end, _LEFT + _PLOT)
        if end - start >= 1:
            said = may_be_words(track, one) if may_be else words(span, track, one)
            sign = _WAVE if may_be else SIGNS[span.verdict] if span.verdict else ""
            kind = "may-be" if may_be else _kind(span.verdict)
            told = f"{name}: {said}, {span_words(span)}"
            shown = sign if end - start > 16 else ""
            bars.append(Bar(kind, start + 1, max(end - start - 2, 1), told, shown))
    return clip(name, 32), track.criterion is None, bars


def _event(head: str, label: str, bounds: Interval, axis: _Axis) -> Event:
    xs = [axis.at(at) for at in bounds.turns()]
    first, last = min(xs), max(xs)
    pairs = [
        [axis.at(at) for at in pair if at]
        for pair in (
            (bounds.earliest_begin, bounds.latest_begin),
            (bounds.earliest_end, bounds.latest_end),
        )
    ]
    before, after = first - _LEFT, _LEFT + _PLOT - last
    return Event(
        head,
        f"{head}: {label}, {when(bounds)}",
        first,
        last,
        tuple((min(pair), max(pair)) for pair in pairs if pair),
        clip(label, max(int(max(before, after) / 5.8), 8)),
        after > before,
    )
