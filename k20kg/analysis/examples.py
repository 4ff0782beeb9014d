"""The least record that meets each criterion of a definition, made up and judged, to copy from.

It is what the shapes ask for of a group of which nothing is on record (`missing_evidence`), under
one reading after the other, with names, a source and a method in place of what stands for evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import pyoxigraph as ox

from k20kg.analysis.missing_evidence import EvidenceFinder
from k20kg.definition.loader import load
from k20kg.judging.cases import case_of
from k20kg.judging.judge import Judge
from k20kg.model import Criterion, Reading
from k20kg.rdf.graph import Term, str_of
from k20kg.sheets.schema import STARTER, kind_of, vocabulary
from k20kg.sheets.workbooks import workbook
from k20kg.vocabulary import K20, RDF_TYPE, RDFS

_TYPE, _LABEL = ox.NamedNode(RDF_TYPE), ox.NamedNode(RDFS + "label")
_ITEM = K20 + "EvidenceItem"


class ExampleStep(NamedTuple):
    """One step of a record, so that a criterion is met under a reading too."""

    criterion: Criterion
    reading: Reading
    is_met: bool
    """False if nothing that can be recorded establishes it."""
    statements: tuple[str, ...] = ()
    """The records, in words."""
    triples: tuple[ox.Triple, ...] = ()
    """None if the steps before it are enough."""


def example_steps(definition: str, group: str, only: Criterion | None = None) -> list[ExampleStep]:
    """Return the steps from a bare group to one that meets every criterion, or one of them."""
    judge, loaded = Judge(definition=definition, evidence=False), load(definition)
    known = judge.compiled.definition
    record = [ox.Quad(ox.NamedNode(group), _TYPE, ox.NamedNode(K20 + "CandidateGroup"))]
    names = _Namer(group)
    steps: list[ExampleStep] = []
    for criterion in [only] if only else known.criteria:
        for reading in known.readings:
            finder = EvidenceFinder(loaded, judge, case_of(group, "", record))
            settled = finder.reach(criterion, reading)
            new = tuple(names.named(settled.triples)) if settled and settled.parts else ()
            record += [ox.Quad(*t) for t in new]
            said = settled.statements if settled else ()
            steps.append(ExampleStep(criterion, reading, settled is not None, said, new))
    return steps


class _Namer:
    """Gives made-up nodes names that people may keep, and what the starter has beside."""

    def __init__(self, group: str) -> None:
        self._group = ox.NamedNode(group)
        self._below = f"{group}/"
        self._names: dict[str, ox.NamedNode] = {}
        self._taken: set[str] = set()
        self._book = workbook(STARTER)
        self._records = {k: r for r in self._book.records.values() for k in r.classes}
        self._item = list(self._evidence())

    def named(self, triples: frozenset[ox.Triple]) -> Iterator[ox.Triple]:
        """Yield statements by these names, those of one node together, its class first."""
        kinds = {t.subject: self._sort(str_of(t.object)) for t in triples if t.predicate == _TYPE}
        self._names.clear()  # the finder counts anew
        found: set[ox.Triple] = set()
        links = {(t.predicate.value, t.object) for t in triples}
        for node in sorted({e for t in triples for e in (t.subject, t.object)}, key=str):
            if not isinstance(node, ox.NamedNode):
                continue
            if kinds.get(node) == _ITEM:
                self._names[node.value] = ox.NamedNode(f"{self._below}evidence-1")
            elif node.value.startswith(f"{self._below}what-if/"):
                kind = kinds.get(node, "")
                ways = vocabulary().values(kind, K20 + "reachedBy")
                found |= set(self._new(node.value, kind, any((w, node) in links for w in ways)))
        yield from self._item
        self._item = []
        for t in triples:
            if kinds.get(t.subject) != _ITEM and t.predicate != _TYPE:
                found.add(ox.Triple(self._of(t.subject), t.predicate, self._of(t.object)))
        yield from sorted(found, key=lambda t: (str(t.subject), t.predicate != _TYPE, str(t)))

    def _sort(self, kind: str) -> str:
        """Return a class that the starter has: this one, or the first below it."""
        if kind in self._records:
            return kind
        below = vocabulary().subjects(RDFS + "subClassOf", kind)
        return next((one for one in self._records if one in below), kind)

    def _evidence(self) -> Iterator[ox.Triple]:
        """Yield a place in a source, which stands for all evidence."""
        item, source = (ox.NamedNode(f"{self._below}{name}-1") for name in ("evidence", "source"))
        record = self._records[_ITEM]
        sheet = self._book.sheet_of[record.iri]
        place = next(r.column for r in record.rules if r.predicate == K20 + "locator")
        said: list[tuple[ox.NamedNode, str, Term]] = [
            (source, RDF_TYPE, ox.NamedNode(K20 + "SourceDocument")),
            (source, RDFS + "label", ox.Literal("source 1", language="en")),
            (item, RDF_TYPE, ox.NamedNode(_ITEM)),
            (item, K20 + "source", source),
            (item, K20 + "locator", ox.Literal(sheet.by_iri[place].help)),
            (item, K20 + "method", ox.NamedNode(kind_of(K20 + "method").choices[0])),
        ]
        yield from (ox.Triple(node, ox.NamedNode(name), term) for node, name, term in said)

    def _new(self, node: str, kind: str, linked: bool) -> Iterator[ox.Triple]:
        """Name a node after its class, ``signature-2``; yield what it is, with label and link."""
        stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", kind.rpartition("#")[2]).lower()
        stem = stem or node.split("/")[-2]
        number = next(n for n in count(1) if f"{stem}-{n}" not in self._taken)
        self._taken.add(f"{stem}-{number}")
        name = self._names[node] = ox.NamedNode(f"{self._below}{stem}-{number}")
        if kind:
            yield ox.Triple(name, _TYPE, ox.NamedNode(kind))
        record = self._records.get(kind)
        sheet = record and self._book.sheet_of[record.iri]
        for rule in record.rules if record else ():
            top = self._book.sheets[0].records[0].iri in rule.records
            if rule.inverse and top and not linked and not any(c.value for c in rule.when):
                yield ox.Triple(self._group, ox.NamedNode(rule.predicate), name)
            column = sheet and sheet.by_iri.get(rule.column)
            if rule.predicate == RDFS + "label" and column and column.needed:
                words = f"{vocabulary().label(kind)} {number}"
                yield ox.Triple(name, _LABEL, ox.Literal(words, language="en"))
        if not kind:
            yield ox.Triple(name, _LABEL, ox.Literal(f"whoever says so {number}", language="en"))

    def _of(self, term: Term) -> Any:
        return self._names.get(term.value, term) if isinstance(term, ox.NamedNode) else term
