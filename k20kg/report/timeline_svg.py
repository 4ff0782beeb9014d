"""Time as an SVG picture: verdicts in lanes, then what is dated, as wide as it is uncertain. Pure.

Nothing rests on colour: each verdict has its own pattern and sign, each bar its words in a title,
and the picture a description that says what it shows. Here is where things lie; how they are drawn
is in the template.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from markupsafe import Markup

from k20kg.model import Verdict
from k20kg.report.templates import fill, read
from k20kg.report.terminal import SIGNS, WAVE, clip

_LEFT, _PLOT, _ROW, _TAIL = 230, 660, 28, 20
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Bounds = tuple[datetime | None, datetime | None]


class Bar(NamedTuple):
    """One verdict for a time; an open end runs out of the picture. None: there was no group."""

    begin: datetime | None
    end: datetime | None
    verdict: Verdict | None
    words: str
    may_be: bool = False

    @property
    def kind(self) -> str:
        """The class of its bar."""
        if self.may_be:
            return "may-be"
        return self.verdict.value.replace(" ", "-") if self.verdict else "nothing"

    @property
    def sign(self) -> str:
        """The sign of its verdict."""
        return WAVE if self.may_be else SIGNS[self.verdict] if self.verdict else ""


class Lane(NamedTuple):
    """The verdicts on one thing under one reading."""

    name: str
    stretches: tuple[Bar, ...]
    whole: bool = False
    """True: it is about the whole group, among lanes that are not."""


class Dated(NamedTuple):
    """Something dated: the first and last instant at which it may have begun, and ended."""

    label: str
    told: str
    begin: Bounds
    end: Bounds
    head: str = ""


class _Axis(NamedTuple):
    begin: datetime | None
    end: datetime | None

    def at(self, instant: datetime | None, otherwise: float) -> float:
        """Return where an instant lies; one that is not known lies elsewhere."""
        if not instant or not self.begin or not self.end:
            return otherwise
        length = (self.end - self.begin).total_seconds() or 1
        share = (instant - self.begin).total_seconds() / length
        return _LEFT + min(max(share, 0), 1) * _PLOT

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield where each year begins, or each month within few years; a name if it has room."""
        last = -100.0
        for instant, name in self._instants():
            x = self.at(instant, _LEFT)
            named = x - last >= 46
            yield x, name if named else ""
            last = x if named else last

    def _instants(self) -> Iterator[tuple[datetime, str]]:
        if not self.begin or not self.end:
            return
        years = range(self.begin.year, self.end.year + 1)
        if len(years) > 3:
            for year in years[:: max(1, len(years) // 15)]:
                if (instant := datetime(year, 1, 1, tzinfo=UTC)) >= self.begin:
                    yield instant, str(year)
            return
        for year in years:
            for month in range(1, 13, 1 if len(years) == 1 else 3):
                instant = datetime(year, month, 1, tzinfo=UTC)
                if self.begin <= instant <= self.end:
                    name = _MONTHS[month - 1]
                    yield instant, f"{name} {year}" if month == 1 else name


def draw(
    groups: Sequence[tuple[str, Sequence[Lane]]],
    events: Sequence[Dated],
    begin: datetime | None,
    end: datetime | None,
    *,
    title: str,
    said: str,
    name: str,
    heading: str = "",
    key: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the picture between two instants; `name` keeps ids on a page apart.

    A bar is where the begin, or the end, may lie; a line between two bars is what lasted. Where
    only one bound is known, a dashed tail leads to the side on which nothing is known. Without a
    heading it is drawn for a page that has its own style and signs.
    """
    axis = _Axis(begin, end)
    y = top = 92 if heading else 34
    headings, lanes, dated = [], [], []
    for label, members in groups:
        if label:
            headings.append((label, y + 28))
        y += _ROW + 10 if label else 10
        for lane in members:
            lanes.append((lane, y, [b for s in lane.stretches if (b := _bar(s, axis, lane.name))]))
            y += _ROW
    if events and heading:
        headings.append(("What the record dates", y + 28))
    y += _ROW + 10 if events and heading else 10
    for event in events:
        dated.append((event, y, _event(event, axis)))
        y += _ROW
    return fill(
        "timeline.svg",
        on_page=not heading,
        name=name,
        width=_LEFT + _PLOT + 30,
        height=y + 12,
        css=Markup(read("timeline.css")),
        title=title,
        said=said,
        heading=clip(heading, 100),
        key=key,
        top=top,
        bottom=y,
        ticks=list(axis.ticks()),
        headings=headings,
        lanes=lanes,
        events=dated,
    )


def _bar(stretch: Bar, axis: _Axis, name: str) -> dict[str, object] | None:
    """Return where a stretch lies and what is told of it; None if it is too short to be seen."""
    start, end = axis.at(stretch.begin, _LEFT), axis.at(stretch.end, _LEFT + _PLOT)
    if end - start < 2:
        return None
    room = end - start
    return {
        "x": start + 1,
        "width": room - 2,
        "kind": stretch.kind,
        "told": f"{name}: {stretch.words}",
        "sign": stretch.sign if room > 16 else "",
        "words": stretch.words if len(stretch.words) <= (room - 34) / 7.4 else "",
    }


def _event(event: Dated, axis: _Axis) -> dict[str, object]:
    """Return the marks of something dated, the line between them, and where its label goes."""
    marks = []
    for pair in (event.begin, event.end):
        low, high = (None if at is None else axis.at(at, _LEFT) for at in pair)
        if low is not None and high is not None:
            marks.append(("span" if high - low >= 1 else "point", low, max(high, low + 6)))
        elif low is not None or high is not None:
            at = low if low is not None else high or 0.0
            marks.append(("open", at, at + (_TAIL if high is None else -_TAIL)))
    ends = [x for _, *both in marks for x in both]
    before, after = min(ends) - _LEFT, _LEFT + _PLOT - max(ends)
    beside = after >= before or after > 330
    room = after + 24 if beside else before + (70 if event.head else _LEFT - 20)
    return {
        "marks": marks,
        "line": (marks[0][1], marks[1][1]) if len(marks) == 2 else None,
        "x": max(ends) + 10 if beside else min(ends) - 10,
        "anchor": "start" if beside else "end",
        "label": clip(event.label, max(int(room / 7.6), 12)),
    }
