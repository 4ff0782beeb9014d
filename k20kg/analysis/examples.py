"""The least record that meets each criterion of a definition, made up and judged, to copy from.

It is what the shapes ask for of a group of which nothing is on record (`missing_evidence`), under
one reading after the other, with names, a source and a method in place of what stands for evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

import pyoxigraph as ox

from k20kg.analysis.missing_evidence import Settler
from k20kg.definition.loader import load
from k20kg.judging.cases import case_of
from k20kg.judging.judge import Judge
from k20kg.model import Criterion, Reading
from k20kg.rdf.graph import Term
from k20kg.sheets.plan import STARTER, kind_of, vocabulary
from k20kg.sheets.workbooks import workbook
from k20kg.vocabulary import K20, RDF_TYPE, RDFS

_TYPE, _LABEL = ox.NamedNode(RDF_TYPE), ox.NamedNode(RDFS + "label")


class ExampleStep(NamedTuple):
    """What a record needs so that a criterion is met under a reading too."""

    criterion: Criterion | None
    """None: all criteria of the reading together."""
    reading: Reading
    statements: tuple[str, ...]
    """What it has, in words."""
    triples: tuple[ox.Triple, ...]


def example_steps(definition: str, group: str, only: Criterion | None = None) -> list[ExampleStep]:
    """Return the steps from a bare group to one that meets every criterion, or one of them.

    What a reading needs beyond those before it is a step of its own.
    """
    judge, material = Judge(definition=definition, evidence=False), load(definition)
    known = judge.plan.definition
    record = [ox.Quad(ox.NamedNode(group), _TYPE, ox.NamedNode(K20 + "CandidateGroup"))]
    names = _Namer(group)
    steps: list[ExampleStep] = []
    for criterion in [only] if only else [*known.criteria, None]:
        for reading in known.readings:
            settler = Settler(material, judge, case_of(group, "", record))
            if settled := settler.reach(criterion, reading):
                new = tuple(names.named(settled.triples))
                record += [ox.Quad(*t) for t in new]
                steps.append(ExampleStep(criterion, reading, settled.statements, new))
    return steps


class _Namer:
    """Gives made-up nodes names that people may keep, and labels where the starter has them."""

    def __init__(self, group: str) -> None:
        self._below = f"{group}/"
        self._names: dict[str, ox.NamedNode] = {}
        self._taken: set[str] = set()
        self._labelled = {
            kind
            for sheet in workbook(STARTER).sheets for record in sheet.records
            for kind in record.classes for rule in record.rules
            if rule.predicate == RDFS + "label" and rule.column
            and sheet.by_iri[rule.column].needed
        }  # fmt: skip
        self._evidence = list(self._item())

    def named(self, triples: frozenset[ox.Triple]) -> Iterator[ox.Triple]:
        """Yield statements by these names, those of one node together, its class first."""
        kinds = {t.subject: t.object.value for t in triples if t.predicate == _TYPE}
        item = next((node for node, kind in kinds.items() if kind == K20 + "EvidenceItem"), None)
        self._names.clear()  # the planner counts anew
        fresh: set[ox.NamedNode] = set()
        for node in sorted({e for t in triples for e in (t.subject, t.object)}, key=str):
            made = isinstance(node, ox.NamedNode) and node.value.startswith(
                f"{self._below}what-if/"
            )
            if made and node != item:
                kind = kinds.get(node, "")
                fresh.add(self._new(node.value, kind or node.value.rpartition("/what-if/")[2]))
        yield from self._evidence if item in kinds else ()
        self._evidence = []
        if item:
            self._names[item.value] = ox.NamedNode(f"{self._below}evidence-1")
        given = [t for t in triples if t.subject != item]
        named = [ox.Triple(self._of(t.subject), t.predicate, self._of(t.object)) for t in given]
        named += [
            ox.Triple(node, _LABEL, ox.Literal(words, language="en"))
            for node in fresh
            if (words := self._label(node, named))
        ]
        yield from sorted(named, key=lambda t: (str(t.subject), t.predicate != _TYPE, str(t)))

    def _item(self) -> Iterator[ox.Triple]:
        """Yield a place in a source, which stands for all evidence."""
        item, source = (ox.NamedNode(f"{self._below}{name}-1") for name in ("evidence", "source"))
        place = next(c for s in workbook(STARTER).sheets for c in s.columns if c.name == "place")
        said: list[tuple[ox.NamedNode, str, Term]] = [
            (source, RDF_TYPE, ox.NamedNode(K20 + "SourceDocument")),
            (source, RDFS + "label", ox.Literal("source 1", language="en")),
            (item, RDF_TYPE, ox.NamedNode(K20 + "EvidenceItem")),
            (item, K20 + "source", source),
            (item, K20 + "locator", ox.Literal(place.help)),
            (item, K20 + "method", ox.NamedNode(kind_of(K20 + "method").choices[0])),
        ]
        yield from (ox.Triple(node, ox.NamedNode(name), term) for node, name, term in said)

    def _new(self, node: str, kind: str) -> ox.NamedNode:
        """Return a name after a node's class: ``signature-2``."""
        local = re.sub(r"/.*", "", kind.rpartition("#")[2])
        stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", local).lower()
        name = next(one for n in count(1) if (one := f"{self._below}{stem}-{n}") not in self._taken)
        self._taken.add(name)
        return self._names.setdefault(node, ox.NamedNode(name))

    def _of(self, term: Term) -> Any:
        return self._names.get(term.value, term) if isinstance(term, ox.NamedNode) else term

    def _label(self, node: ox.NamedNode, triples: Sequence[ox.Triple]) -> str:
        """Return words for a node that is named on the sheet where it is entered."""
        kinds = {t.object.value for t in triples if t.subject == node and t.predicate == _TYPE}
        if kinds and not kinds & self._labelled:
            return ""
        number = node.value.rpartition("-")[2]
        name = vocabulary().label(min(kinds)) if kinds else "whoever says so"
        return f"{name} {number}"
