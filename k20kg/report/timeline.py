"""A timeline as text, JSON, CSV or Markdown; the picture has a module of its own, as has Turtle."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Unpack

from k20kg.errors import UsageError
from k20kg.judging.dates import Interval, after
from k20kg.judging.timeline import Happening, Span, Timeline, Track, banded
from k20kg.model import Verdict
from k20kg.report import Look, refuse_unknown
from k20kg.report.escape import cleanse
from k20kg.report.markdown import escape
from k20kg.report.table import Table, render_table
from k20kg.report.terminal import BOLD, Sheet
from k20kg.report.tree import Spec, as_tree, same, stamp

MAY_BE = "may be met"
FORMATS = ("text", "json", "csv", "turtle", "markdown", "html", "svg")
NO_GROUP = "no group"
_DOT, _WAVE = "·", "~"
_ASCII_BAR = {
    None: ".",
    Verdict.MET: "#",
    Verdict.NOT_MET: "x",
    Verdict.NOT_ESTABLISHED: "o",
    Verdict.CONTESTED: "?",
}
_LABEL, _LONGEST_BAR, _DATES = 28, 48, 25


def render(
    timelines: Sequence[Timeline],
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    version: str,
    **look: Unpack[Look],
) -> str:
    """Return timelines in one of `FORMATS`; a picture shows one case.

    Raises `UsageError` for an unknown format, or for a picture of several cases.
    """
    refuse_unknown(format, FORMATS)
    clean = [cleanse(one) for one in timelines]
    match format:
        case "json":
            found = {"k20kg": version, "timelines": [as_tree(one, _TREE) for one in clean]}
            return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        case "csv":
            return render_table(_table(clean), "csv")
        case "markdown":
            return "\n".join(_markdown(one) for one in clean)
        case "turtle":
            from k20kg.report import timeline_turtle

            return timeline_turtle.render(clean, version=version)
        case "svg" | "html":
            from k20kg.report import timeline_svg

            if format == "html":
                return timeline_svg.page(clean, version=version)
            if len(clean) != 1:
                raise UsageError(
                    f"a picture shows one case, and there are {len(clean)}",
                    remedy="name one case, or ask for --format html",
                )
            return timeline_svg.picture(clean[0])
    sheet = Sheet.of({**look, "width": max(look.get("width", 100), 40)})
    for at, one in enumerate(clean):
        if at:
            sheet.blank()
        _write(sheet, one)
    return sheet.text()


# ---------------------------------------------------------------- words


def name_of(track: Track, one: Timeline) -> str:
    """Return what a track is about: ``2c Formal agreement``, or what the group may be."""
    if track.criterion is None:
        return one.definition.affirmed
    return f"{track.criterion.code} {track.criterion.label}"


def words(span: Span, track: Track, one: Timeline) -> str:
    """Return the verdict of a span in words."""
    if span.verdict is None:
        return NO_GROUP
    return one.definition.overall_words(span.verdict) if not track.criterion else span.verdict.value


def may_be_words(track: Track, one: Timeline) -> str:
    """Return what a track may be where it is not so for certain: ``may be a K-20 partnership``."""
    return MAY_BE if track.criterion else f"may be a {one.definition.affirmed}"


def verdicts(track: Track, one: Timeline) -> list[tuple[str, Span]]:
    """Return the verdicts of a track in words, and when it may be met, each with its span."""
    found = [(words(span, track, one), span) for span in track.spans]
    return found + [(may_be_words(track, one), span) for span in track.may_be]


def dated(at: datetime) -> str:
    """Return the day of an instant."""
    return at.date().isoformat()


def span_words(span: Span) -> str:
    """Return a span's dates: ``2005-01-31 to 2006-08-30``, ``since 2006-08-31``, ``always``."""
    last = after(span.end, -1) if span.end else None
    if span.begin and last and dated(span.begin) == dated(last):
        return f"on {dated(last)}"
    if span.begin and last:
        return f"{dated(span.begin)} to {dated(last)}"
    if last:
        return f"until {dated(last)}"
    return f"since {dated(span.begin)}" if span.begin else "always"


def when(interval: Interval) -> str:
    """Return bounds in words: ``begin 2005-01-01 to 2005-01-31``."""
    found = []
    for word, first, last in (
        ("begin", interval.earliest_begin, interval.latest_begin),
        ("end", interval.earliest_end, interval.latest_end),
    ):
        if first and last:
            same = dated(first) == dated(last)
            found.append(f"{word} {dated(first)}" + ("" if same else f" to {dated(last)}"))
        elif first:
            found.append(f"{word} not before {dated(first)}")
        elif last:
            found.append(f"{word} by {dated(last)}")
    return ", ".join(found)


def gathered(happenings: Sequence[Happening]) -> Iterator[tuple[str, str, Interval, str]]:
    """Yield label, kind, bounds and printed date; many of one kind and date become one line."""
    same: dict[tuple[str, Interval], list[Happening]] = {}
    for one in happenings:
        same.setdefault((one.kind, one.interval), []).append(one)
    for (kind, interval), found in same.items():
        printed = "; ".join(dict.fromkeys(h.printed for h in found if h.printed))
        noun = re.sub(r"(?<=.)([A-Z])", r" \1", kind).lower()
        labels = list(dict.fromkeys(h.label for h in found))
        listed = "; ".join(labels[:3]) + (f" and {len(labels) - 3} more" if labels[3:] else "")
        yield listed, noun, interval, printed


# ---------------------------------------------------------------- text


def _write(sheet: Sheet, one: Timeline) -> None:
    sheet.write(one.label, style=BOLD)
    if not one.begin or not one.end:
        sheet.write("Nothing in the record is dated: what holds, holds always.")
    for reading in one.readings:
        sheet.heading(reading.label)
        if one.begin and one.end:
            sheet.lines.append(" " * _LABEL + _axis(one.begin, one.end, _room(sheet)))
        for track in one.of_reading(reading):
            _write_track(sheet, track, one)
    if one.happenings:
        sheet.heading("What the record dates")
        for label, kind, interval, printed in gathered(one.happenings):
            told = f" (“{printed}”)" if printed else ""
            sheet.write(f"{kind}, {when(interval)}{told}: {label}", indent=4, lead="  -")
    sheet.blank()
    signs = {v.value if v else NO_GROUP: _sign(v, sheet) for v in (*Verdict, None)}
    if any(track.may_be for track in one.tracks):
        signs[MAY_BE] = _WAVE
    sheet.write("  ".join(f"{sign} {words}" for words, sign in signs.items()))


def _write_track(sheet: Sheet, track: Track, one: Timeline) -> None:
    label = name_of(track, one)
    bar = _bar(track, one, sheet) if one.begin and one.end else ""
    style = BOLD if track.criterion is None else ""
    met = "met " + "; ".join(span_words(span) for span in track.met) if track.met else ""
    may_be = "; ".join(span_words(span) for span in track.may_be)
    told = "; ".join(filter(None, (met, may_be and f"{MAY_BE} {may_be}")))
    short = label if len(label) < _LABEL else label[: _LABEL - 2] + "…"
    sheet.write(
        told or "at no time",
        lead=f"{short:<{_LABEL}}{bar}  ",
        indent=_LABEL + len(bar) + 2,
        style=style,
    )


def _sign(verdict: Verdict | None, sheet: Sheet) -> str:
    if sheet.ascii_only:
        return _ASCII_BAR[verdict]
    return sheet.sign(verdict) if verdict else _DOT


def _bar(track: Track, one: Timeline, sheet: Sheet) -> str:
    assert one.begin
    assert one.end
    room = _room(sheet)
    step = (one.end - one.begin) / room or timedelta(days=1)
    parts = list(banded(track.spans, track.may_be))
    return "".join(_sign_at(parts, one.begin + step * (at + 0.5), sheet) for at in range(room))


def _room(sheet: Sheet) -> int:
    return min(max(sheet.width - _LABEL - _DATES - 6, 8), _LONGEST_BAR)


def _sign_at(parts: Sequence[tuple[Span, bool]], at: datetime, sheet: Sheet) -> str:
    for span, may_be in parts:
        if (span.begin is None or span.begin <= at) and (span.end is None or at < span.end):
            return _WAVE if may_be else _sign(span.verdict, sheet)
    return _sign(None, sheet)


def _axis(begin: datetime, end: datetime, room: int) -> str:
    """Return the years, each above the column in which it begins."""
    line = [" "] * room
    length = (end - begin).total_seconds() or 1
    for year in range(begin.year, end.year + 1):
        start = max(datetime(year, 1, 1, tzinfo=begin.tzinfo), begin)
        at = int((start - begin).total_seconds() / length * room)
        if at + 4 <= room and all(c == " " for c in line[max(at - 1, 0) : at + 4]):
            line[at : at + 4] = f"{year:04}"
    return "".join(line).rstrip()


# ---------------------------------------------------------------- JSON, CSV, Markdown


_SPAN: Spec = {"begin": "begin", "end": "end"}
_TREE: Spec = {
    **same("case", "label"),
    "definition": "definition.id",
    **_SPAN,
    "tracks": (
        "tracks",
        {
            "reading": "reading.id",
            "criterion": "criterion.id",
            "code": "criterion.code",
            "spans": ("spans", {**_SPAN, "verdict": "verdict"}),
            "may_be": ("may_be", _SPAN),
        },
    ),
    "happenings": (
        "happenings",
        {
            **same("record", "label", "kind"),
            "earliest_begin": "interval.earliest_begin",
            "latest_begin": "interval.latest_begin",
            "earliest_end": "interval.earliest_end",
            "latest_end": "interval.latest_end",
            "as_printed": "printed",
        },
    ),
}


def _table(timelines: Sequence[Timeline]) -> Table:
    rows = [
        (
            one.case,
            track.reading.id,
            track.criterion.code if track.criterion else "",
            name_of(track, one) if track.criterion is None else track.criterion.label,
            stamp(span.begin) or "",
            stamp(span.end) or "",
            span.verdict.value if span.verdict else NO_GROUP,
            "; ".join(span_words(s) for s, maybe in banded([span], track.may_be) if maybe),
        )
        for one in timelines
        for track in one.tracks
        for span in track.spans
    ]
    heads = ("case", "reading", "code", "criterion", "begin", "end", "verdict", "may_be")
    return Table("", heads, rows)


def _markdown(one: Timeline) -> str:
    blocks = [f"# {escape(one.label)}"]
    for title, table in tables(one):
        blocks += [f"## {escape(title)}", render_table(table, "markdown").strip()]
    return "\n\n".join(blocks) + "\n"


def tables(one: Timeline) -> Iterator[tuple[str, Table]]:
    """Yield the verdicts under each reading, then what the record dates, with their titles."""
    for reading in one.readings:
        rows = [
            (name_of(track, one), told, span_words(span))
            for track in one.of_reading(reading)
            for told, span in verdicts(track, one)
        ]
        yield reading.label, Table("", ("criterion", "verdict", "when"), rows)
    if one.happenings:
        events = [
            (str(at), label, kind, when(bounds), printed)
            for at, (label, kind, bounds, printed) in enumerate(gathered(one.happenings), start=1)
        ]
        heads = ("no.", "what", "kind", "bounds", "as printed")
        yield "What the record dates", Table("", heads, events)
