"""Timelines in every format; the picture is drawn by `templates`.

As Turtle: for each reading one `k20:Assessment` for each stretch with one verdict on the whole
group, and one `k20:CriterionVerdict` for each stretch with one verdict on a criterion. The bounds
are those of any record; a stretch without end lasts as far as the record goes. Where there was no
group, nothing is said. When a criterion, or the whole, may have been met, a note on the collection
says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Unpack

from k20kg.errors import UsageError
from k20kg.judging.dates import after, stamp
from k20kg.judging.timeline import Span, Timeline, Track, with_may_be
from k20kg.model import Reading, Verdict
from k20kg.rdf.text import escape_strings
from k20kg.report import FORMATS as _FORMATS
from k20kg.report import Terminal, refuse_unknown
from k20kg.report.document import Report, Section, tabled, write
from k20kg.report.json_ import Spec, as_tree, same
from k20kg.report.table import Table
from k20kg.report.terminal import SIGNS, WAVE
from k20kg.report.turtle import (
    OVERALL,
    VERDICTS,
    Statement,
    TurtleGraph,
    agent,
    extend,
    instant,
    iri,
    text,
)
from k20kg.report.wording import (
    MAY_BE,
    NO_GROUP,
    gathered,
    may_be_words,
    met_words,
    name_of,
    span_verdict,
    span_words,
    verdicts,
    when,
)

FORMATS: Final = (*_FORMATS, "svg")
_BAR: Final[dict[Verdict | None, str]] = dict([(None, "·"), *SIGNS.items()])
_ASCII_BAR: Final[dict[Verdict | None, str]] = {
    None: ".",
    Verdict.MET: "#",
    Verdict.NOT_MET: "x",
    Verdict.NOT_ESTABLISHED: "o",
    Verdict.CONTESTED: "?",
}
_LABEL, _LONGEST_BAR, _DATES = 28, 48, 25
_UNDATED: Final = "Nothing in the record is dated: what holds, holds always."


def render(
    timelines: Sequence[Timeline], format: str, *, version: str, **terminal: Unpack[Terminal]
) -> str:
    """Return timelines in one of `FORMATS`; a picture shows one case.

    Raises `UsageError` for an unknown format, or for a picture of several cases.
    """
    refuse_unknown(format, FORMATS)
    clean = [escape_strings(one) for one in timelines]
    alone = len(clean) == 1
    if format == "svg":
        if not alone:
            raise UsageError(
                f"a picture shows one case, and there are {len(clean)}",
                remedy="name one case, or ask for --format html",
            )
        return _picture(clean[0], 1)
    terminal["width"] = max(terminal.get("width", 100), 40)

    def sections() -> Iterator[Section]:
        for number, one in enumerate(clean, start=1):
            name = "" if alone else one.label
            if format == "text":
                yield from _as_text(one, name, terminal)
            else:
                drawn = _picture(one, number) if format == "html" else ""
                yield Section(name, picture=drawn)
                yield from _as_tables(one)

    document = Report(
        title=clean[0].label if alone else f"Timelines of {len(clean)} cases",
        sections=sections,
        tree=lambda: {"k20kg": version, "timelines": [as_tree(one, _TREE) for one in clean]},
        rows=lambda: Table("", _COLUMNS, [row for one in clean for row in _rows(one)]),
        turtle=lambda: _turtle(clean, f"k20kg {version}"),
    )
    return write(document, format, **terminal)


# ---------------------------------------------------------------- for people


def _as_tables(one: Timeline) -> Iterator[Section]:
    """Yield the verdicts under each reading, then what the record dates."""
    for reading in one.readings:
        rows = [
            (name_of(track, one), *told)
            for track in one.of_reading(reading)
            for told in verdicts(track, one)
        ]
        yield Section(reading.label, (), Table("", ("criterion", "verdict", "when"), rows))
    events = [
        (at, label, kind, when(bounds), printed)
        for at, (label, kind, bounds, printed) in enumerate(gathered(one.dated_records), start=1)
    ]
    heads = ("no.", "what", "kind", "bounds", "as printed")
    yield from tabled("What the record dates", heads, events)


def _as_text(one: Timeline, name: str, terminal: Terminal) -> Iterator[Section]:
    """Yield the verdicts under each reading as bars, what the record dates, and the signs."""
    ascii_only = terminal.get("ascii_only", False)
    signs = _ASCII_BAR if ascii_only else _BAR
    room = min(max(terminal["width"] - _LABEL - _DATES - 6, 8), _LONGEST_BAR)
    if name or not one.begin:
        yield Section(name, () if one.begin else (_UNDATED,))
    for reading in one.readings:
        yield Section(reading.label, (), _bars(one, reading, signs, room))
    if one.dated_records:
        told = (
            f"- {kind}, {when(bounds)}{f' (“{printed}”)' if printed else ''}: {label}"
            for label, kind, bounds, printed in gathered(one.dated_records)
        )
        yield Section("What the record dates", tuple(told))
    words = {v.value if v else NO_GROUP: signs[v] for v in (*Verdict, None)}
    if any(track.may_be for track in one.tracks):
        words[MAY_BE] = WAVE
    yield Section("", ("; ".join(f"{sign} {word}" for word, sign in words.items()),))


def _bars(one: Timeline, reading: Reading, signs: dict[Verdict | None, str], room: int) -> Table:
    """Return a bar for each track, with the stretches in which it was met."""
    rows = []
    for track in one.of_reading(reading):
        bar = _bar(track, one, signs, room) if one.begin else ""
        rows.append((name_of(track, one), bar, met_words(track)))
    return Table("", ("", _axis(one, room), ""), rows, rigid=frozenset({1}))


def _bar(track: Track, one: Timeline, signs: dict[Verdict | None, str], room: int) -> str:
    assert one.begin
    assert one.end
    parts = list(with_may_be(track.spans, track.may_be))
    bar = ""
    for number in range(room):
        at = one.begin + (one.end - one.begin) * ((number + 0.5) / room)
        for span, may_be in parts:
            if (span.begin is None or span.begin <= at) and (span.end is None or at < span.end):
                bar += WAVE if may_be else signs[span.verdict]
                break
    return bar


def _axis(one: Timeline, room: int) -> str:
    """Return the years, each above the column in which it begins."""
    if not one.begin or not one.end:
        return ""
    line, length = "", one.end - one.begin or timedelta(days=1)
    for year in range(one.begin.year, one.end.year + 1):
        start = max(datetime(year, 1, 1, tzinfo=one.begin.tzinfo), one.begin)
        at = int((start - one.begin) / length * room)
        if at + 4 <= room and (not line or at > len(line)):
            line = f"{line:<{at}}{year:04}"
    return line


# ---------------------------------------------------------------- the picture


def _picture(one: Timeline, number: int) -> str:
    """Return one SVG document; `number` keeps the ids of several on a page apart."""
    from k20kg.report.templates import Bar, Dated, Lane, draw

    def lane(track: Track) -> Lane:
        stretches = (
            Bar(
                span.begin,
                span.end,
                span.verdict,
                f"{may_be_words(track, one) if may_be else span_verdict(track, span, one)} "
                f"{span_words(span)}",
                may_be,
            )
            for span, may_be in with_may_be(track.spans, track.may_be)
        )
        return Lane(name_of(track, one), tuple(stretches), track.criterion is None)

    kinds = [Bar(None, None, v, "") for v in Verdict]
    key = [(s.kind, f"{s.sign} {s.verdict.value}") for s in kinds if s.verdict]
    key.append(("nothing", f"(blank) {NO_GROUP}"))
    if any(track.may_be for track in one.tracks):
        key.append(("may-be", f"{WAVE} {MAY_BE}"))
    events = [
        Dated(
            label,
            f"{at}  {kind}: {label}, {when(bounds)}",
            (bounds.earliest_begin, bounds.latest_begin),
            (bounds.earliest_end, bounds.latest_end),
            f"{at}  {kind}",
        )
        for at, (label, kind, bounds, _) in enumerate(gathered(one.dated_records), start=1)
    ]
    return draw(
        [(r.label, [lane(track) for track in one.of_reading(r)]) for r in one.readings],
        events,
        one.begin,
        one.end,
        title=f"{one.label}: when each criterion was met",
        said=_description(one),
        name=f"timeline-{number}",
        heading=one.label,
        key=key,
    )


def _description(one: Timeline) -> str:
    """Return in words what the picture shows of the whole group."""
    if not one.begin:
        return _UNDATED
    told = [
        f"Reading {track.reading.label}: "
        + "; ".join(f"{said} {dates}" for said, dates in verdicts(track, one))
        + "."
        for track in one.tracks
        if track.criterion is None
    ]
    return " ".join([*told, "Each row below is one criterion; dated records stand at the end."])


# ---------------------------------------------------------------- for programs


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
        "dated_records",
        {
            **same("record", "label", "kind"),
            **{
                name: f"interval.{name}"
                for name in ("earliest_begin", "latest_begin", "earliest_end", "latest_end")
            },
            "as_printed": "printed",
        },
    ),
}
_COLUMNS: Final = ("case", "reading", "code", "criterion", "begin", "end", "verdict", "may_be")


def _rows(one: Timeline) -> Iterator[tuple[str, ...]]:
    for track in one.tracks:
        criterion = track.criterion
        about = (criterion.code, criterion.label) if criterion else ("", name_of(track, one))
        for span in track.spans:
            maybe = [span_words(s) for s, maybe in with_may_be([span], track.may_be) if maybe]
            verdict = span.verdict.value if span.verdict else NO_GROUP
            bounds = [stamp(at) if at else "" for at in (span.begin, span.end)]
            yield one.case, track.reading.id, *about, *bounds, verdict, "; ".join(maybe)


def _turtle(timelines: Sequence[Timeline], tool: str) -> str:
    """Return the graph, cases as given; the program comes last."""
    graph = TurtleGraph()
    for one in timelines:
        node = graph.node(one.case, "timeline", one.definition.id)
        found = [
            (extend(node, t.reading.id, name, str(number)), t, span)
            for t in one.tracks
            for name in [t.criterion.id if t.criterion else "overall"]
            for number, span in enumerate((s for s in t.spans if s.verdict), start=1)
        ]
        graph.add(
            node,
            ("a", "prov:Collection"),
            ("rdfs:label", text(f"{one.label}: when each criterion was met")),
            ("skos:note", *map(text, _notes(one))),
            ("prov:hadMember", *(n for n, _, _ in found)),
            ("prov:wasDerivedFrom", iri(one.case)),
            ("prov:wasAttributedTo", agent(tool)),
        )
        for name, track, span in found:
            graph.add(name, *_statements(track, span, one))
    return graph.text([tool])


def _notes(one: Timeline) -> Iterator[str]:
    for track in one.tracks:
        if track.may_be:
            spans = "; ".join(span_words(span) for span in track.may_be)
            name = name_of(track, one) if track.criterion else "whole group"
            yield f"{name}, {track.reading.id}: {may_be_words(track, one)}, {spans}"


def _statements(track: Track, span: Span, one: Timeline) -> Iterator[Statement]:
    assert span.verdict
    kind = "k20:CriterionVerdict" if track.criterion else "k20:Assessment"
    label = f"{name_of(track, one)}, {track.reading.id}: {span_verdict(track, span, one)}"
    verdict = VERDICTS[span.verdict]
    begin = instant(span.begin) if span.begin else None
    end = instant(after(span.end, -1)) if span.end else None
    yield "a", kind, "prov:Entity"
    yield "rdfs:label", text(f"{label}, {span_words(span)}")
    yield "k20:byDefinition", iri(one.definition.iri)
    yield "k20:onCriterion", iri(track.criterion.iri) if track.criterion else None
    yield "k20:onReading", iri(track.reading.iri)
    yield "k20:verdict", verdict if track.criterion else OVERALL.get(span.verdict, verdict)
    for side, bound in (("Begin", begin), ("End", end)):
        yield f"k20:earliest{side}", bound
        yield f"k20:latest{side}", bound
