"""Contents of a case beyond the verdict: labels, evidence items, coverage, assumptions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

import pyoxigraph as ox

from k20kg.definition.compiled import Test
from k20kg.definition.subclasses import Kind
from k20kg.engines import Result
from k20kg.judging.cases import Case
from k20kg.model import Carrier, Coverage, Evidence, Figure, Opinion, Verdict
from k20kg.rdf.graph import StoredGraph, key
from k20kg.rdf.syntax import FORMATS
from k20kg.vocabulary import BASE, K20, RDF_TYPE, RDFS

SUPPORTS, DISPUTES, LEAVES_OPEN = "supports", "disputes", "leaves open"
_DIRECTIONS = {
    K20 + "evidencedBy": SUPPORTS,
    K20 + "disputedBy": DISPUTES,
    K20 + "leftOpenBy": LEAVES_OPEN,
}
_CURATORS = K20 + "CuratorsReading"
CURATORS_READING = "curators’ reading"
_ASIDE = ("noteKind", "figureTopic")
"""Properties of notes and figures, which no shape asks for."""
_METHOD_WORDS = {_CURATORS: CURATORS_READING}
_VERDICTS = {K20 + v.value.title().replace(" ", ""): v for v in Verdict} | {
    K20 + "IsK20Partnership": Verdict.MET,
    K20 + "IsNotK20Partnership": Verdict.NOT_MET,
}


Results = Mapping[str, Sequence[Result]]
"""The results of a run, by shape."""


class CaseFile:
    """One case, indexed for the report."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._graph = StoredGraph(case.text, FORMATS[case.syntax])
        self._items: dict[str, tuple[str, str, str, str]] = {}
        self._slim: dict[frozenset[str], list[str]] = {}
        self._known_kinds: dict[str, list[Kind]] = {}

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
        """Say whether a graph of the case says that it is made up."""
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

    def carriers(self, nodes: Iterable[str], kinds: Mapping[str, Kind]) -> tuple[Carrier, ...]:
        """Return what these records stand for, each once, by kind and name.

        A record of a class that is `named_through` a property stands for its value there.
        """
        records: dict[str, list[str]] = {}
        for record in nodes:
            through = {k.named_through for k in self._kinds(record, kinds)} - {""}
            named = [v for p in sorted(through) for v in self._graph.values(record, p)]
            for node in named or [record]:
                records.setdefault(node, []).append(record)
        found = []
        for node, of in records.items():
            kind = min((k.label for k in self._kinds(node, kinds)), default="record")
            counted = len(of) == 1 and self._graph.value(of[0], K20 + "headcount")
            found.append(Carrier(kind, node, self.name(of[0] if counted else node)))
        return tuple(sorted(found, key=lambda c: (c.kind, _natural(c.iri), c.iri)))

    def _kinds(self, node: str, kinds: Mapping[str, Kind]) -> list[Kind]:
        """Return the classes of a node, but for those above another of them."""
        if node not in self._known_kinds:
            known = [c for c in self._graph.values(node, RDF_TYPE) if c in kinds]
            above = frozenset[str]().union(*(kinds[c].above for c in known))
            self._known_kinds[node] = [kinds[c] for c in sorted(known) if c not in above]
        return self._known_kinds[node]

    def opinions(self, definition: str, criterion: str = "") -> tuple[Opinion, ...]:
        """Return what the sources' authors concluded by a definition; of the whole by default."""
        found = []
        for node in self._graph.values(self._case.group, K20 + "attributedVerdict"):
            verdict = _VERDICTS.get(self._graph.value(node, K20 + "verdict"))
            if (
                verdict is not None
                and self._graph.value(node, K20 + "byDefinition", definition) == definition
                and self._graph.value(node, K20 + "onCriterion") == criterion
            ):
                by = sorted(self._agent(a) for a in self._graph.values(node, K20 + "assertedBy"))
                items = [
                    self._item(item, node, SUPPORTS)
                    for item in self._graph.values(node, K20 + "evidencedBy")
                    if not self._graph.values(item, K20 + "evidenceFor")
                ]
                items.sort(key=lambda e: (e.source, self._line(e.iri), e.iri))
                found.append(Opinion(verdict, tuple(by), tuple(items)))
        return tuple(sorted(found, key=lambda o: [(e.source, e.locator) for e in o.evidence]))

    def curators_statement(self, evidence: Evidence) -> tuple[str, str]:
        """Return what a reading of the curators says, and whose it is.

        A comment of the record may come from a source, and is none of theirs.
        """
        said, *_ = self._read_item(evidence.iri)
        agents = self._graph.values(evidence.record, K20 + "assertedBy")
        return said or evidence.record_label, self._agent(min(agents)) if agents else "curators"

    def curators_readings(self) -> dict[str, str]:
        """Return all readings of the curators but notes and figures: what each says, by item."""
        found: dict[str, str] = {}
        for item in self._graph.subjects(K20 + "method", _CURATORS):
            said, *_ = self._read_item(item)
            for record in self._graph.subjects(K20 + "evidencedBy", item):
                if not any(self._graph.values(record, K20 + p) for p in _ASIDE):
                    label = self._graph.label(record)
                    found.setdefault(item, f"{label}: {said}" if said else label)
        return found

    def slim(self, properties: frozenset[str]) -> list[str]:
        """Return the case as lines of N-Triples, only what is said by some properties."""
        if properties not in self._slim:
            links = properties & set(_DIRECTIONS)
            self._slim[properties] = self._graph.said_by(sorted(properties), links)
        return self._slim[properties]

    def resting_on(self, items: Collection[str]) -> set[str]:
        """Return the lines of `slim` that rest on evidence items.

        Of a record that an item stands behind these are the links to it, and what the record says
        by the properties that the item is `k20:evidenceFor`; all that it says where it has no
        other evidence.
        """
        lines: set[str] = set()
        for item in items:
            properties = self._graph.values(item, K20 + "evidenceFor")
            for link in _DIRECTIONS:
                for record in self._graph.subjects(link, item):
                    lines |= self._graph.lines(record, [link], item)
                    lines |= self._graph.lines(record, properties)
                    if not set(self._graph.values(record, K20 + "evidencedBy")).difference(items):
                        lines |= self._graph.lines(record)
        return lines

    def coverage(self, supports: Sequence[Test], results: Results) -> Coverage | None:
        """Return how much of what the support tests ask for the record states.

        It is counted from what the shapes report, by shape, and so cannot disagree with them: what
        a test found, or who is missing of those whom it runs over, or which requirements hold.
        """
        for test in supports:
            if not test.coverage_unit:
                continue
            unplaced = None
            if test.found_named_by:
                required = _decimal(test.coverage_required)
                stated = _found(test.found_named_by, results)
            elif test.coverage_query:
                required, stated = self._covered(test, results)
                unplaced = _found(test.unplaced_named_by, results) or None
            else:
                parts = [r.shape for r in test.requirements if r.shape != test.shape]
                required = Decimal(len(parts))
                stated = Decimal(sum(p not in results for p in parts))
            return Coverage(
                test.coverage_unit,
                required,
                stated,
                tuple(self._figures(test.asked_topic)),
                test.coverage_unit_of_one,
                bool(test.found_named_by),
                unplaced,
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

    def _agent(self, iri: str) -> str:
        return self._graph.label(iri).rsplit("/", 1)[-1]

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


def _found(shapes: Iterable[str], results: Results) -> Decimal:
    """Return how many things these shapes name, at the place where they name most."""
    found: dict[str, set[str | None]] = {}
    for shape in shapes:
        for result in results.get(shape, ()):
            found.setdefault(result.focus, set()).add(result.value)
    return Decimal(max(map(len, found.values()), default=0))


def _natural(iri: str) -> list[tuple[int, str]]:
    """Return a key that sorts ``goal/10`` after ``goal/7``."""
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"([0-9]{1,18})", iri)]


def _number(term: object) -> Decimal | None:
    return Decimal(term.value) if isinstance(term, ox.Literal) else None


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
