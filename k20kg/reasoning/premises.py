"""All that a reasoner is told of one case.

A reasoner works in an open world, so a record is handed over from two sides. *Facts* are what
stands: affirmed by evidence and disputed by nobody. *Closing axioms* say that there is nothing
beyond what is not ruled out; they are written for a list only where somebody declared it complete,
and each remembers that licence. What lies between the two stays open. docs/reasoning.md tells more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyoxigraph as ox

from k20kg.judging.cases import Case
from k20kg.rdf.graph import key
from k20kg.reasoning.axioms import Logic, logic
from k20kg.reasoning.closing import Closing, close_lists
from k20kg.reasoning.facts import Record, facts, findings


@dataclass(frozen=True, slots=True)
class Premises:
    """All that a reasoner is told of one case."""

    group: str
    triples: tuple[ox.Triple, ...] = field(repr=False)
    closings: tuple[Closing, ...]
    labels: dict[str, str] = field(repr=False)
    """Label of each individual by IRI."""
    about: dict[str, str] = field(repr=False)
    """By IRI of a class that was repeated for it: the IRI of an individual."""
    logic: Logic = field(repr=False)
    """The ontology, which a reasoner is told too."""


def premises(case: Case, told: Logic | None = None) -> Premises:
    """Return facts and closing axioms of a case; `told` is the core ontology's logic by default.

    Raises `InputError` where the text is no RDF.
    """
    told = told or logic()
    record = Record(case)
    closed, closings = close_lists(record)
    triples = dict.fromkeys([*facts(record), *findings(record, told), *closed])
    about: dict[str, str] = {}
    number = 0
    for template in told.templates:
        for value in sorted(record.graph.values(case.group, template.stands_for)):
            if record.may_stand(value):
                number += 1
                triples.update(dict.fromkeys(template.told_of(value, number)))
                about |= {f"{c}_{number}": value for c in template.classes}
    named = {key(t.subject) for t in triples} | {key(t.object) for t in triples}
    return Premises(
        group=case.group,
        triples=tuple(triples),
        closings=tuple(closings),
        labels={n: record.graph.label(n) for n in sorted(named) if n in record.graph},
        about=about,
        logic=told,
    )
