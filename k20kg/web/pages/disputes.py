"""Where the sources of a case disagree: every value with its place, none chosen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from k20kg.report.outline import place
from k20kg.vocabulary import K20, RDF_TYPE, RDFS
from k20kg.web.pages.facts import Facts, local
from k20kg.web.pages.record import as_evidence, cited

__all__ = ["Dispute", "Disputes", "disputes_of"]

_LOUDEST_FIRST: Final = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Dispute:
    """One point on which the sources say different things."""

    iri: str
    topic: str
    comment: str
    severity: str
    sides: tuple[tuple[str, tuple[str, ...]], ...]
    """Each value with the places where it stands."""


@dataclass(frozen=True, slots=True)
class Disputes:
    """What is told apart, loudest first."""

    loud: tuple[Dispute, ...]
    quiet: tuple[Dispute, ...]
    figures: tuple[Dispute, ...]
    """Figures on one topic that differ; some differ by scope, as their words show."""

    def __bool__(self) -> bool:
        return bool(self.loud or self.quiet or self.figures)


def disputes_of(facts: Facts, case: str) -> Disputes:
    """Return the points on which the sources of a case say different things."""
    notes = set(facts.subjects(K20 + "regards", case)) | set(facts.all(case, "readingNote"))
    found = [d for note in sorted(notes) if (d := _of_note(facts, note))]
    found.sort(key=lambda d: (_rank(d.severity), d.iri))
    loudest = _rank(found[0].severity) if found else 0
    loud = [d for d in found if _rank(d.severity) == loudest]
    return Disputes(tuple(loud), tuple(found[len(loud) :]), tuple(_of_figures(facts, case)))


def _rank(severity: str) -> int:
    return _LOUDEST_FIRST.index(severity) if severity in _LOUDEST_FIRST else len(_LOUDEST_FIRST)


def _of_note(facts: Facts, note: str) -> Dispute | None:
    """Return what a note sets side by side; None where it holds fewer than two values."""
    sides: dict[str, list[str]] = {}
    positions = [p for p in facts.all(note, "position") if facts.values(p, RDF_TYPE)]
    for position in sorted(positions, key=lambda p: (facts.get(p, "order").zfill(4), p)):
        value = facts.get(position, "valueRead") or facts.get(position, "printedForm")
        sides.setdefault(value, []).append(place(as_evidence(facts, position)))
    if len(sides) < 2:
        return None
    return Dispute(
        note,
        facts.label(note),
        facts.value(note, RDFS + "comment"),
        local(facts.get(note, "severity")) if facts.get(note, "severity") else "",
        tuple((value, tuple(dict.fromkeys(places))) for value, places in sides.items()),
    )


def _of_figures(facts: Facts, case: str) -> Iterable[Dispute]:
    topics: dict[str, list[str]] = {}
    for figure in facts.all(case, "reportedFigure"):
        if facts.get(figure, "value"):
            topics.setdefault(facts.get(figure, "figureTopic"), []).append(figure)
    for topic, figures in sorted(topics.items(), key=lambda t: facts.label(t[0])):
        if len({facts.get(f, "value") for f in figures}) < 2:
            continue
        sides: dict[str, list[str]] = {}
        for figure in sorted(figures, key=lambda f: (float(facts.get(f, "value") or 0), f)):
            shown = facts.get(figure, "valueAsPrinted") or facts.get(figure, "value")
            sides.setdefault(shown, []).append(cited(facts, figure))
        told = tuple((value, tuple(dict.fromkeys(places))) for value, places in sides.items())
        yield Dispute(topic, facts.label(topic), "", "", told)
