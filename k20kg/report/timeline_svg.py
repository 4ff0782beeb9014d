"""A timeline as an SVG picture, alone or in a page with tables. Pure.

Nothing rests on colour: each verdict has its own pattern and sign, each bar its words in a title,
and the picture a description that says what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape

from k20kg.model import Verdict
from k20kg.report.sheet import SIGNS, clip
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
_WIDTH = _LEFT + _PLOT + _RIGHT
_WAVE = "~"
_KINDS = {
    Verdict.MET: "met",
    Verdict.NOT_MET: "not-met",
    Verdict.NOT_ESTABLISHED: "not-established",
    Verdict.CONTESTED: "contested",
    None: "no-group",
}
_STYLE = """\
svg.timeline { font: 13px system-ui, "Noto Sans", Arial, sans-serif; color: #1c2127; background: #fdfcf9; }
svg.timeline text { fill: currentColor; }
svg.timeline .strong { font-weight: 600; }
svg.timeline .tick { stroke: #85817a; stroke-width: 1; }
svg.timeline .small { font-size: 11px; }
svg.timeline .ink { stroke: currentColor; stroke-width: 1.4; fill: none; }
svg.timeline .met { fill: #0b57c9; stroke: #0b57c9; }
svg.timeline .not-met { fill: url(#hatch); stroke: #b0370c; stroke-width: 1.4; }
svg.timeline .contested { fill: url(#dots); stroke: #9b2f8f; stroke-width: 1.4; }
svg.timeline .not-established { fill: none; stroke: #545b63; stroke-width: 1.4; stroke-dasharray: 4 3; }
svg.timeline .may-be { fill: url(#slant); stroke: #0b57c9; stroke-width: 1.4; stroke-dasharray: 4 3; }
svg.timeline .no-group { fill: none; stroke: none; }
svg.timeline text.on-met { fill: #ffffff; }
svg.timeline .maybe { fill: #dcd8cc; stroke: #4e565f; stroke-width: 1; }
"""  # noqa: E501
_PATTERNS = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<path d="M0 6L6 0M0 0L6 6" stroke="#b0370c" stroke-width="1"/></pattern>'
    '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<circle cx="3" cy="3" r="1.6" fill="#9b2f8f"/></pattern>'
    '<pattern id="slant" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<path d="M0 0L8 8" stroke="#0b57c9" stroke-width="1"/></pattern></defs>'
)


def picture(one: Timeline, *, number: int = 1) -> str:
    """Return one SVG document; `number` keeps the ids of several on a page apart."""
    parts = list(_parts(one))
    height = int(parts.pop())
    title, desc = f"timeline-{number}-title", f"timeline-{number}-desc"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" role="img" width="{_WIDTH}" '
        f'height="{height}" viewBox="0 0 {_WIDTH} {height}" aria-labelledby="{title} {desc}">\n'
        f'<title id="{title}">{escape(one.label)}: when each criterion was met</title>\n'
        f'<desc id="{desc}">{escape(_description(one))}</desc>\n'
        f"<style>{_STYLE}</style>\n{_PATTERNS}\n" + "\n".join(parts) + "\n</svg>\n"
    )


def page(timelines: Sequence[Timeline], *, version: str) -> str:
    """Return a self-contained page: picture and tables for each case."""
    from markupsafe import Markup

    from k20kg.report.templates import fill

    title = timelines[0].label if len(timelines) == 1 else f"Timelines of {len(timelines)} cases"
    pictures = [(t, Markup(picture(t, number=n).strip())) for n, t in enumerate(timelines, 1)]
    return fill(
        "timeline.html",
        styles=(_STYLE,),
        title=title,
        pictures=pictures,
        tables=tables,
        made_by=f"k20kg {version}",
    )


# ---------------------------------------------------------------- the picture


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


def _parts(one: Timeline) -> Iterator[str]:
    """Yield the elements from top to bottom, and last the height."""
    y = 28
    heading = escape(clip(one.label, 100))
    yield f'<text class="strong" x="12" y="{y}" font-size="16">{heading}</text>'
    y += 12
    keys = [(_KINDS[v], f"{SIGNS[v]} {v.value}") for v in Verdict]
    keys.append((_KINDS[None], f"(blank) {NO_GROUP}"))
    if any(track.may_be for track in one.tracks):
        keys.append(("may-be", f"{_WAVE} {MAY_BE}"))
    for (kind, told), x in zip(keys, range(12, 900, 150), strict=False):
        yield from _key(kind, told, x, y)
    y += 34
    events = list(gathered(one.happenings))
    lanes = sum(1 + len(one.of_reading(reading)) for reading in one.readings) + len(events) + 1
    bottom = y + 18 + lanes * _ROW + 10 * (len(one.readings) + 1)
    yield from _years(one, y, bottom)
    y += 18
    for reading in one.readings:
        y += 10
        yield f'<text class="strong" x="12" y="{y + 16}">{escape(reading.label)}</text>'
        y += _ROW
        for track in one.of_reading(reading):
            yield from _lane(track, one, y)
            y += _ROW
    if events:
        y += 10
        yield f'<text class="strong" x="12" y="{y + 16}">What the record dates</text>'
        y += _ROW
        for number, (label, kind, bounds, _) in enumerate(events, start=1):
            yield from _event(f"{number}  {kind}", label, bounds, one, y)
            y += _ROW
    yield str(max(y, bottom) + 12)


def _key(kind: str, told: str, x: int, y: int) -> Iterator[str]:
    yield f'<rect class="{kind}" x="{x}" y="{y}" width="18" height="14"/>'
    yield f'<text x="{x + 24}" y="{y + 12}">{told}</text>'


def _x(at: datetime, one: Timeline) -> float:
    assert one.begin
    assert one.end
    length = (one.end - one.begin).total_seconds() or 1
    return _LEFT + min(max((at - one.begin).total_seconds() / length, 0), 1) * _PLOT


def _years(one: Timeline, y: int, bottom: int) -> Iterator[str]:
    if not one.begin or not one.end:
        return
    last = -100.0
    for year in range(one.begin.year, one.end.year + 1):
        at = datetime(year, 1, 1, tzinfo=one.begin.tzinfo)
        x = _x(max(at, one.begin), one)
        if x - last < 40:
            continue
        last = x
        yield f'<line class="tick" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 4}" y2="{bottom}"/>'
        yield f'<text class="small" x="{x + 3:.1f}" y="{y + 12}">{year}</text>'


def _lane(track: Track, one: Timeline, y: int) -> Iterator[str]:
    strong = ' class="strong"' if track.criterion is None else ""
    name = name_of(track, one)
    yield f'<text{strong} x="12" y="{y + 16}">{escape(clip(name, 32))}</text>'
    for span, may_be in banded(track.spans, track.may_be):
        start = _x(span.begin, one) if span.begin and one.begin else float(_LEFT)
        end = _x(span.end, one) if span.end and one.end else float(_LEFT + _PLOT)
        if end - start < 1:
            continue
        said = may_be_words(track, one) if may_be else words(span, track, one)
        told = f"{name}: {said}, {span_words(span)}"
        kind = "may-be" if may_be else _KINDS[span.verdict]
        yield f"<g><title>{escape(told)}</title>"
        yield (
            f'<rect class="{kind}" x="{start + 1:.1f}" y="{y + 3}" '
            f'width="{max(end - start - 2, 1):.1f}" height="{_ROW - 7}"/>'
        )
        if sign := _WAVE if may_be else span.verdict and SIGNS[span.verdict]:
            on = ' class="on-met"' if span.verdict is Verdict.MET else ""
            if end - start > 16:
                yield f'<text{on} x="{start + 5:.1f}" y="{y + 16}">{sign}</text>'
        yield "</g>"


def _event(head: str, label: str, bounds: Interval, one: Timeline, y: int) -> Iterator[str]:
    """Yield a row for something dated: a grey bar where its begin, or its end, may lie."""
    xs = [_x(at, one) for at in bounds.turns()]
    first, last = min(xs), max(xs)
    begins = [b for b in (bounds.earliest_begin, bounds.latest_begin) if b]
    ends = [e for e in (bounds.earliest_end, bounds.latest_end) if e]
    yield f"<g><title>{escape(f'{head}: {label}, {when(bounds)}')}</title>"
    yield f'<text class="small" x="12" y="{y + 16}">{escape(head)}</text>'
    if begins and ends:
        yield f'<path class="ink" d="M{first:.1f} {y + _ROW / 2:.1f}H{last:.1f}"/>'
    for pair in (begins, ends):
        if pair:
            left, right = _x(min(pair), one), _x(max(pair), one)
            yield (
                f'<rect class="maybe" x="{left - 1:.1f}" y="{y + 5}" '
                f'width="{max(right - left, 2) + 2:.1f}" height="{_ROW - 10}"/>'
            )
    # The words go where there is more room for them.
    after = _LEFT + _PLOT - last > first - _LEFT
    x, anchor = (last + 6, "start") if after else (first - 6, "end")
    room = int(((_LEFT + _PLOT - last) if after else (first - _LEFT)) / 5.8)
    shown = escape(clip(label, max(room, 8)))
    yield f'<text class="small" x="{x:.1f}" y="{y + 16}" text-anchor="{anchor}">{shown}</text></g>'
