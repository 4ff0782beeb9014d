"""Flows between two columns of groups: width is how many, curves keep to their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from k20kg.web.figures.svg import Node, element, picture, words, wrap

__all__ = ["Band", "flow"]

_WIDTH, _LEFT, _RIGHT, _NODE = 720, 222, 498, 8
_UNIT, _GAP, _ROOM = 9.0, 36.0, 44.0


@dataclass(frozen=True, slots=True)
class Band:
    """How much flows from one stop to another; `kind` is ``own``, ``group`` or nothing."""

    source: str
    target: str
    count: int
    kind: str = ""


def flow(
    sources: Sequence[Node], targets: Sequence[Node], bands: Sequence[Band], title: str, said: str
) -> Markup:
    """Return the picture; the numbers stand in a table beside it."""
    left, low = _column(sources, {s.key: _total(bands, "source", s.key) for s in sources})
    right, deep = _column(targets, {t.key: _total(bands, "target", t.key) for t in targets})
    out = dict.fromkeys(left, 0.0)
    into = dict.fromkeys(right, 0.0)
    parts = [
        f'<text class="t2" x="{_LEFT - 18}" y="20" text-anchor="end">From</text>',
        f'<text class="t2" x="{_RIGHT + 18}" y="20">Received by</text>',
    ]
    names = {stop.key: stop.name for stop in (*sources, *targets)}
    ways = {(b.source, b.target): b for b in bands}
    for source in sources:
        for target in targets:
            band = ways.get((source.key, target.key))
            if band is None:
                continue
            thick = band.count * _UNIT
            y1 = left[source.key] + out[source.key] + thick / 2
            y2 = right[target.key] + into[target.key] + thick / 2
            out[source.key] += thick
            into[target.key] += thick
            kind = f"flow flow-{band.kind}" if band.kind else "flow"
            told = f"{names[source.key]} to {names[target.key]}: {band.count}"
            parts.append(
                element(
                    "path",
                    f"<title>{words(told)}</title>",
                    class_=kind,
                    d=f"M{_LEFT} {y1:.1f}C360 {y1:.1f} 360 {y2:.1f} {_RIGHT} {y2:.1f}",
                    stroke_width=thick - 1,
                )
            )
    for stop in sources:
        parts += _stop(stop, left[stop.key], _total(bands, "source", stop.key), start=True)
    for stop in targets:
        parts += _stop(stop, right[stop.key], _total(bands, "target", stop.key), start=False)
    return picture("flows", _WIDTH, max(low, deep) + 8, title, said, parts)


def _total(bands: Sequence[Band], end: str, key: str) -> int:
    return sum(band.count for band in bands if getattr(band, end) == key)


def _column(stops: Sequence[Node], totals: dict[str, int]) -> tuple[dict[str, float], float]:
    """Return the top of each stop's bar, and where the column ends."""
    tops: dict[str, float] = {}
    y = 44.0
    for stop in stops:
        height = totals[stop.key] * _UNIT
        room = max(height, _ROOM)
        tops[stop.key] = y + (room - height) / 2
        y += room + _GAP
    return tops, y - _GAP + 8


def _stop(stop: Node, top: float, total: int, *, start: bool) -> list[str]:
    height = total * _UNIT
    x = _LEFT - _NODE if start else _RIGHT
    lines = wrap(stop.name, 24)
    note = f"{stop.note} · {total}" if stop.note else str(total)
    at = _LEFT - 18 if start else _RIGHT + 18
    y = top + height / 2 + 5 - 9 * len(lines)
    spans = "".join(
        element("tspan", words(line), x=at, dy="0" if n == 0 else "1.2em")
        for n, line in enumerate(lines)
    ) + element("tspan", words(note), x=at, dy="1.2em", class_="t2")
    anchor = "end" if start else ""
    return [
        element("rect", class_="node", x=x, y=top, width=_NODE, height=height),
        element("text", spans, x=at, y=y, text_anchor=anchor),
    ]
