"""What a case says beyond the verdict: labels, evidence items, coverage, assumptions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

import pyoxigraph as ox

from k20kg.cases import Case
from k20kg.definitions import Test
from k20kg.engines import Result
from k20kg.graph import LineGraph, StoredGraph, key
from k20kg.model import Assumption, Coverage, Evidence, Figure, Finding
from k20kg.vocabulary import BASE, K20, RDFS

__all__ = ["CaseFile"]

SUPPORTS, DISPUTES, LEAVES_OPEN = "supports", "disputes", "leaves open"
_DIRECTIONS = {
    K20 + "evidencedBy": SUPPORTS,
    K20 + "disputedBy": DISPUTES,
    K20 + "leftOpenBy": LEAVES_OPEN,
}
_SYNTAXES = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
}
_CURATORS = K20 + "CuratorsReading"
_METHOD_WORDS = {_CURATORS: "curators’ reading"}


Results = Mapping[str, Sequence[Result]]
"""The results of a run, by shape."""


class CaseFile:
    """One case, indexed for the report."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._graph = (
            LineGraph(case.text)
            if case.syntax == "ntriples" and LineGraph.can_read(case.text)
            else StoredGraph(case.text, _SYNTAXES[case.syntax])
        )
        self._items: dict[str, tuple[str, str, str, str]] = {}

    @property
    def graph(self) -> StoredGraph:
        """The statements of the case."""
        return self._graph

    @property
    def label(self) -> str:
        """Label of the candidate group."""
        return self._graph.label(self._case.group)

    @property
    def synthetic(self) -> bool:
        """Whether a graph of the case says that it is made up."""
        records = self._graph.subjects(K20 + "recordOf", self._case.group)
        return any(self._graph.value(r, K20 + "synthetic") == "true" for r in records)

    def name(self, node: str) -> str:
        """Return a node's label, with its headcount where it stands for several people."""
        count = self._graph.value(node, K20 + "headcount")
        label = self._graph.label(node)
        return f"{label} ({_plain(Decimal(count))})" if count else label

    def evidence(
        self, bearing: Iterable[str], counter: Iterable[str], notes_on: str
    ) -> tuple[Evidence, ...]:
        """Return the items behind records that support a criterion or speak against it.

        Reading notes that regard the criterion `notes_on` leave it open. Each item is listed once
        per direction, in the order: supports, disputes, leaves open; then by place in the source.
        """
        found: dict[tuple[str, str], Evidence] = {}
        against = set(counter)
        for record in [*bearing, *sorted(against)]:
            disputed = self._graph.values(record, K20 + "disputedBy")
            for predicate, direction in _DIRECTIONS.items():
                turned = record in against and not disputed and direction == SUPPORTS
                for item in self._graph.values(record, predicate):
                    entry = self._item(item, record, DISPUTES if turned else direction)
                    found.setdefault((item, entry.direction), entry)
        for note in self._graph.subjects(K20 + "regards", notes_on):
            for predicate in _DIRECTIONS:
                for item in self._graph.values(note, predicate):
                    found.setdefault((item, LEAVES_OPEN), self._item(item, note, LEAVES_OPEN))
        order = list(_DIRECTIONS.values())
        return tuple(
            sorted(
                found.values(),
                key=lambda e: (
                    order.index(e.direction),
                    e.source == "curators",  # after what the sources say themselves
                    e.source,
                    self._line(e.iri),
                    e.iri,
                ),
            )
        )

    def assumptions(self, findings: Iterable[Finding]) -> tuple[Assumption, ...]:
        """Return the curators' statements among the evidence: what no source says outright."""
        taken = {
            Assumption(self._statement(e), self._asserter(e.record) or "curators")
            for f in findings
            for e in f.evidence
            if e.method == _METHOD_WORDS[_CURATORS] and e.direction == SUPPORTS
        }
        return tuple(sorted(taken, key=lambda a: (a.statement, a.by)))

    def coverage(self, supports: Sequence[Test], results: Results) -> Coverage | None:
        """Return how much of what the support tests ask for the record states.

        It is counted from what the shapes report, by shape, and so cannot disagree with them: what
        a test found, or who is missing of those whom it runs over, or which requirements hold.
        """
        for test in supports:
            if not test.coverage_unit:
                continue
            if test.found_named_by:
                required, stated = _decimal(test.coverage_required), _found(test, results)
            elif test.coverage_query:
                required, stated = self._covered(test, results)
            else:
                parts = [r.shape for r in test.requirements if r.shape != test.shape]
                required = Decimal(len(parts))
                stated = Decimal(sum(p not in results for p in parts))
            return Coverage(
                test.coverage_unit, required, stated, tuple(self._figures(test.asked_topic))
            )
        return None

    def _covered(self, test: Test, results: Results) -> tuple[Decimal, Decimal]:
        """Return how many a universal runs over and how many of them are not missing."""
        weights = {
            f"<{key(row['node'])}>": _number(row.get("weight")) or Decimal(1)
            for row in self._graph.select(test.coverage_query)
        }
        whole = sum(weights.values(), Decimal(0))
        if test.coverage_of not in results:
            return whole, whole
        missing: dict[str, set[str | None]] = {}
        for shape in test.missing_named_by:
            for result in results.get(shape, ()):
                missing.setdefault(result.focus, set()).add(result.value)
        nearest = (whole, Decimal(0))
        for values in missing.values():
            if None in values:  # more than somebody is missing: this alternative is none
                continue
            there = sum((w for n, w in weights.items() if n not in values), Decimal(0))
            if there > nearest[1]:
                nearest = (whole + len(values - weights.keys()), there)
        return nearest

    def _figures(self, topic: str) -> Iterator[Figure]:
        if not topic:
            return
        for node in self._graph.subjects(K20 + "figureTopic", topic):
            places = [
                f"{self._source(item)} {self._graph.value(item, K20 + 'locator')}"
                for item in self._graph.values(node, K20 + "evidencedBy")
            ]
            value = self._graph.value(node, K20 + "value")
            shown = _plain(Decimal(value)) if value else ""
            shown = shown or self._graph.value(node, K20 + "valueAsPrinted")
            yield Figure(shown, "; ".join(sorted(places)))

    def _item(self, item: str, record: str, direction: str) -> Evidence:
        said, source, locator, method = self._read_item(item)
        return Evidence(
            iri=item,
            record=record,
            record_label=self._graph.label(record),
            statement=said or self._graph.value(record, RDFS + "comment"),
            source=source,
            locator=locator,
            method=method,
            direction=direction,
        )

    def _read_item(self, item: str) -> tuple[str, str, str, str]:
        """Return statement, source, locator and method; many records rest on the same item."""
        if item not in self._items:
            self._items[item] = (
                self._graph.value(item, K20 + "statement"),
                self._source(item),
                self._graph.value(item, K20 + "locator"),
                _words(self._graph.value(item, K20 + "method")),
            )
        return self._items[item]

    def _statement(self, evidence: Evidence) -> str:
        said = self._graph.value(evidence.record, RDFS + "comment")
        return said or evidence.statement or evidence.record_label

    def _asserter(self, record: str) -> str:
        agent = self._graph.value(record, K20 + "assertedBy")
        return self._graph.label(agent).rsplit("/", 1)[-1] if agent else ""

    def _source(self, item: str) -> str:
        """Return the short name of a source: the last part of its address where that is ours."""
        iri = self._graph.value(item, K20 + "source")
        if iri.startswith(BASE + "source/"):
            return iri.removeprefix(BASE + "source/")
        return self._graph.label(iri)

    def _line(self, item: str) -> int:
        line = self._graph.value(item, K20 + "firstLine")
        return int(line) if line.isdigit() else 0


@cache
def _words(iri: str) -> str:
    """Return a term of ours in words: ``document review`` for ``k20:DocumentReview``."""
    if iri in _METHOD_WORDS:
        return _METHOD_WORDS[iri]
    name = iri.removeprefix(K20)
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _found(test: Test, results: Results) -> Decimal:
    """Return how many things a test found, at the place where it found most."""
    found: dict[str, set[str | None]] = {}
    for shape in test.found_named_by:
        for result in results.get(shape, ()):
            found.setdefault(result.focus, set()).add(result.value)
    return Decimal(max(map(len, found.values()), default=0))


def _number(term: object) -> Decimal | None:
    return Decimal(term.value) if isinstance(term, ox.Literal) else None


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
