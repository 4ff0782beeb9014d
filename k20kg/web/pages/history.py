"""A case in time: what its record dates, and the verdict on the whole group at each instant.

`k20kg timeline` tells the same criterion by criterion; here only the whole counts, so whatever no
verdict rests on is left out of the snapshots, which makes them cheap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph as ox
from markupsafe import Markup

from k20kg.errors import K20Error
from k20kg.judging.as_of import Calendar
from k20kg.judging.cases import Case, case_of
from k20kg.judging.dates import Interval
from k20kg.judging.judge import Judge
from k20kg.judging.timeline import Span, banded, courses
from k20kg.model import Verdict
from k20kg.report.timeline_svg import Bar, Dated, Lane, draw
from k20kg.report.wording import span_words, when
from k20kg.vocabulary import K20, RDF_TYPE, RDFS
from k20kg.web.pages import upper_first
from k20kg.web.pages.evidence import cited
from k20kg.web.pages.terms import Names

if TYPE_CHECKING:
    from k20kg.model import Definition

_DESCRIBED: Final = {
    K20 + name
    for name in ("EvidenceItem", "ReportedFigure", "ReadingNote", "NameUse", "AttributedVerdict")
}
"""What is said about a record and decides nothing: the link to it is enough."""
_EVIDENCE: Final = {K20 + name for name in ("evidencedBy", "disputedBy", "leftOpenBy")}
_TEMPORAL: Final = (
    "earliestBegin", "latestBegin", "earliestEnd", "latestEnd", "asOf", "evidencedBy",
    "leftOpenBy", "disputedBy", "enactmentStatus", "formation", "event", "membership", "subGroup",
    "memberFirm", "byFirm", "unitOf", "participation", "participant", "homeFirm", "heldBy",
    "statedBy", "contributor", "aboutGoal",
)  # fmt: skip


class Entry(NamedTuple):
    """Records of one kind and date together."""

    dated: Dated
    kind: str
    printed: str
    bounds: str
    place: str


class History(NamedTuple):
    """What is dated in a case: as a picture, verdicts over time, dated records."""

    picture: Markup
    lanes: tuple[Lane, ...]
    entries: tuple[Entry, ...]


def history_of(
    names: Names, case: Case, definition: Definition, readings: dict[str, str]
) -> History | None:
    """Return the history of a case; None where nothing is dated. `readings` are their names."""
    try:
        dates = Calendar(_slim(case, definition))
        turns = dates.turns()
        if not turns:
            return None
        lanes = tuple(_lanes(dates, definition, readings))
    except K20Error:  # a date that is none: the page tells what is wrong with the record
        return None
    entries = tuple(_entries(names, dates))
    begin, end = turns[0], turns[-1]
    pad = max((end - begin) * 0.02, timedelta(days=20))
    years = f"from {begin.year} to {end.year}" if begin.year != end.year else f"in {begin.year}"
    said = [f"{lane.name}: {'; '.join(s.words for s in lane.stretches)}." for lane in lanes]
    said.append(f"{len(entries)} dated entries follow, each in words in the list below.")
    drawn = draw(
        [("", lanes)],
        [entry.dated for entry in entries],
        begin - pad,
        end + pad,
        title=f"What is dated, {years}, and the verdict at each time",
        said=" ".join(said),
        name="scale",
    )
    return History(Markup(drawn.rstrip()), lanes, entries)


def _entries(names: Names, dates: Calendar) -> Iterator[Entry]:
    for records, kind, bounds, printed in _gathered(names, dates):
        labels = list(dict.fromkeys(_name(names, dates, record) for record in records))
        listed = "; ".join(labels[:3]) + (f" and {len(labels) - 3} more" if labels[3:] else "")
        places = dict.fromkeys(filter(None, (cited(names, record) for record in records)))
        dated = Dated(
            listed,
            f"{listed} ({printed or when(bounds)})",
            (bounds.earliest_begin, bounds.latest_begin),
            (bounds.earliest_end, bounds.latest_end),
        )
        yield Entry(dated, kind, printed, when(bounds), "; ".join(places))


def _gathered(names: Names, dates: Calendar) -> Iterator[tuple[list[str], str, Interval, str]]:
    """Yield records of one kind and date together, by first bound, with the printed dates."""
    bounds = {r: dates.own[r] for r in dates.intervals if any(dates.own[r].turns())}
    found: dict[tuple[str, Interval], list[str]] = {}
    for record in sorted(bounds, key=lambda r: (sorted(bounds[r].turns()), r)):
        found.setdefault((names.kind(record), bounds[record]), []).append(record)
    for (kind, interval), records in found.items():
        printed = [text for r in records for text in names.all(r, "dateAsPrinted")]
        yield records, kind, interval, "; ".join(dict.fromkeys(printed))


def _name(names: Names, dates: Calendar, record: str) -> str:
    """Return a record's label; a membership is named by its firm, and by a group not judged."""
    firm = names.get(record, "memberFirm")
    if not firm:
        own = names.value(record, RDFS + "label")
        return own or upper_first(names.kind(record))
    groups = [g for g in names.subjects(K20 + "membership", record) if g != dates.case.group]
    return " in ".join(map(names.name, [firm, *groups[:1]]))


@lru_cache(maxsize=16)
def _judge(definition: str) -> Judge:
    return Judge(definition=definition, evidence=False)


def _lanes(dates: Calendar, definition: Definition, names: dict[str, str]) -> Iterator[Lane]:
    """Yield the verdicts on the whole group, a lane a reading."""
    judge = _judge(definition.id)
    readings = judge.plan.readings

    def verdicts(then: Case) -> list[Verdict]:
        failing = {result.shape for result in judge.results(then, ())}
        return [
            Verdict.all_of(
                judge.finding(criterion, reading, failing).verdict
                for criterion in definition.criteria
            )
            for reading in readings
        ]

    found = courses(dates, judge.plan.reach, verdicts)
    for reading, one in zip(readings, found, strict=True):
        parts = banded(one.spans, one.may_be)
        stretches = tuple(
            Bar(s.begin, s.end, s.verdict, _said(s, definition, maybe)) for s, maybe in parts
        )
        yield Lane(names[reading.iri], stretches)


def _said(span: Span, definition: Definition, may_be: bool) -> str:
    verdict = definition.overall_words(span.verdict) if span.verdict else "no group yet"
    if span.verdict is None and span.begin:
        verdict = "group no more"
    if may_be:
        verdict = f"may be a {definition.affirmed}"
    return f"{verdict} {span_words(span)}"


def _slim(case: Case, definition: Definition) -> Case:
    """Return a case with its dates and with what some shape asks about, once: same verdicts."""
    asked = _asked(definition.id)
    described = {
        q.subject for q in case.quads if q.predicate.value == RDF_TYPE and _iri(q) in _DESCRIBED
    }
    kept: dict[object, ox.Quad] = {}
    for q in case.quads:
        if q.predicate.value in asked and q.subject not in described:
            # Of several items of evidence one will do: shapes ask whether there is any.
            many = q.predicate.value not in _EVIDENCE
            kept.setdefault(q.triple if many else (q.subject, q.predicate), q)
    quads = (ox.Quad(q.subject, q.predicate, q.object) for q in kept.values())
    return case_of(case.group, case.origin, quads)


@lru_cache(maxsize=16)
def _asked(definition: str) -> frozenset[str]:
    """Return the properties that the shapes of a definition name, and those that dates need."""
    shapes = _judge(definition).plan.shapes
    named = {K20 + word for word in re.findall(r"(?:k20:|ontology#)([a-z]\w*)", shapes)}
    return frozenset({RDF_TYPE, *named, *(K20 + word for word in _TEMPORAL)})


def _iri(quad: ox.Quad) -> str:
    return quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
