"""A timeline with a scale: verdicts over time, then what is dated, as wide as it is uncertain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from k20kg.model import Verdict
from k20kg.web.figures.svg import element, number, picture, words, wrap

__all__ = ["Dated", "Lane", "Stretch", "scale"]

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WIDTH, _LEFT, _PLOT, _ROW, _TAIL = 920.0, 190.0, 700.0, 30.0, 20.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """One verdict for a time; an open end runs out of the picture. None: there was no group."""

    begin: datetime | None
    end: datetime | None
    verdict: Verdict | None
    words: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The verdicts on the whole group under one reading."""

    name: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """Something dated: the first and last instant at which it may have begun, and ended."""

    label: str
    told: str
    begin: tuple[datetime | None, datetime | None]
    end: tuple[datetime | None, datetime | None]


def scale(
    lanes: Sequence[Lane],
    events: Sequence[Dated],
    begin: datetime,
    end: datetime,
    title: str,
    said: str,
) -> Markup:
    """Return the picture between two instants, with a year's or month's tick where there is room.

    A bar is where the begin, or the end, may lie; a line between two bars is what lasted. Where
    only one bound is known, a dashed tail leads to the side on which nothing is known.
    """
    axis = _Axis(begin, end)
    lane_step = 42.0
    top = 34.0
    first = top + 16 + lane_step * len(lanes)
    bottom = first + _ROW * len(events) + 4
    parts = list(axis.ticks(top, bottom))
    for n, lane in enumerate(lanes):
        parts += _lane(lane, axis, top + 14 + n * lane_step)
    for n, event in enumerate(events):
        parts += _event(event, axis, first + 8 + n * _ROW)
    return picture("scale", _WIDTH, bottom + 8, title, said, parts)


@dataclass(frozen=True, slots=True)
class _Axis:
    begin: datetime
    end: datetime

    def at(self, instant: datetime) -> float:
        """Return where an instant lies."""
        length = (self.end - self.begin).total_seconds() or 1
        share = (instant - self.begin).total_seconds() / length
        return _LEFT + min(max(share, 0.0), 1.0) * _PLOT

    def ticks(self, top: float, bottom: float) -> Iterator[str]:
        """Yield a line and a name a year; a month where everything lies within two years."""
        last = -100.0
        for instant, name in self._instants():
            x = self.at(instant)
            yield element("path", class_="tick", d=f"M{number(x)} {number(top)}V{number(bottom)}")
            if x - last >= 46:
                yield element("text", words(name), class_="t2", x=x + 4, y=top - 12)
                last = x

    def _instants(self) -> Iterator[tuple[datetime, str]]:
        years = range(self.begin.year, self.end.year + 1)
        if len(years) > 3:
            step = max(1, len(years) // 15)
            for year in years[::step]:
                if (instant := datetime(year, 1, 1, tzinfo=UTC)) >= self.begin:
                    yield instant, str(year)
            return
        for year in years:
            for month in range(1, 13, 1 if len(years) == 1 else 3):
                instant = datetime(year, month, 1, tzinfo=UTC)
                if self.begin <= instant <= self.end:
                    name = _MONTHS[month - 1]
                    yield instant, f"{name} {year}" if month == 1 else name


def _lane(lane: Lane, axis: _Axis, y: float) -> Iterator[str]:
    yield element("text", words(lane.name), x=_LEFT - 14, y=y + 17, text_anchor="end")
    for stretch in lane.stretches:
        start = axis.at(stretch.begin) if stretch.begin else _LEFT
        end = axis.at(stretch.end) if stretch.end else _LEFT + _PLOT
        if end - start < 2:
            continue
        title = f"<title>{words(f'{lane.name}: {stretch.words}')}</title>"
        kind = stretch.verdict.value.replace(" ", "-") if stretch.verdict else "nothing"
        bar = element("rect", title, x=start + 1, y=y, width=end - start - 2, height=24, rx=1)
        room = int((end - start - 34) / 7.4)
        shown = stretch.words if len(stretch.words) <= room else ""
        inner = bar
        if stretch.verdict:
            inner += (
                f'<svg x="{number(start + 7)}" y="{number(y + 4)}" width="16" height="16">'
                f'<use href="#{kind}"/></svg>'
                if end - start > 30
                else ""
            )
        if shown:
            x = start + (28 if stretch.verdict else 8)
            inner += element("text", words(shown), x=x, y=y + 17)
        yield element("g", inner, class_=f"stretch {kind}")


def _event(event: Dated, axis: _Axis, y: float) -> Iterator[str]:
    pairs = [(_maybe(axis, a), _maybe(axis, b)) for a, b in (event.begin, event.end) if a or b]
    marks = [x for pair in pairs for x in pair if x is not None]
    first, last = min(marks), max(marks)
    inner = f"<title>{words(event.told)}</title>"
    if len(pairs) == 2:
        path = f"M{number(first)} {number(y + 8)}H{number(last)}"
        inner += element("path", class_="lasted", d=path)
    for low, high in pairs:
        inner += _bounds(low, high, y)
    if any(low is None for low, _ in pairs):
        first -= _TAIL
    if any(high is None for _, high in pairs):
        last += _TAIL
    left, right = first - _LEFT, _LEFT + _PLOT - last
    after = right >= left or right > 330
    room = int(((right + 24) if after else (left + _LEFT - 20)) / 7.6)
    line = wrap(event.label, max(room, 12), 1)[0]
    x = last + 10 if after else first - 10
    inner += element("text", words(line), x=x, y=y + 13, text_anchor="" if after else "end")
    yield element("g", inner)


def _maybe(axis: _Axis, instant: datetime | None) -> float | None:
    return None if instant is None else axis.at(instant)


def _bounds(low: float | None, high: float | None, y: float) -> str:
    if low is not None and high is not None:
        if high - low < 1:
            return element("circle", class_="node", cx=low, cy=y + 8, r=5)
        return element("rect", class_="span", x=low, y=y + 2, width=max(high - low, 6), height=12)
    at = low if low is not None else high or 0.0
    tail = at - _TAIL if low is None else at + _TAIL
    edge = element("path", class_="lasted", d=f"M{number(at)} {number(y + 1)}v14")
    line = f"M{number(at)} {number(y + 8)}H{number(tail)}"
    return edge + element("path", class_="unknown", d=line)
