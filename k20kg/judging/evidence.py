"""Contents of a case beyond the verdict: labels, evidence items, coverage, assumptions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache

import pyoxigraph as ox

from k20kg.definition.subclasses import Kind
from k20kg.engines import Result
from k20kg.judging.cases import Case
from k20kg.model import Carrier, Evidence, Opinion, Verdict
from k20kg.rdf.graph import StoredGraph, str_of
from k20kg.rdf.syntax import FORMATS
from k20kg.vocabulary import BASE, K20, RDF_TYPE, RDFS, shorten

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

    def name(self, node: str) -> str:
        """Return a node's label, with its headcount where it stands for several people."""
        count = self._graph.value(node, K20 + "headcount")
        label = self._graph.label(node)
        return f"{label} ({plain(Decimal(count))})" if count else label

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
            name = self.name(of[0] if counted else node)
            told = [t for r in dict.fromkeys([*of, node]) for t in self._told(r, kinds)]
            found.append(
                Carrier(
                    kind,
                    node,
                    name,
                    tuple(dict.fromkeys(t for t in told if t not in name)),
                    tuple(item for record in of for item in self.items(record)),
                )
            )
        return tuple(sorted(found, key=lambda c: (c.kind, _natural(c.iri), c.iri)))

    def _told(self, record: str, kinds: Mapping[str, Kind]) -> Iterator[str]:
        """Yield what is told beside the name of a record."""
        for told in (p for kind in self._kinds(record, kinds) for p in kind.told_with):
            for term in sorted(self._graph.terms(record, told), key=str_of):
                label = "" if isinstance(term, ox.Literal) else self._graph.label(str_of(term))
                if label != shorten(str_of(term)):
                    yield label or str_of(term)

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
                    item
                    for item in self.items(node)
                    if not self._graph.values(item.iri, K20 + "evidenceFor")
                ]
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
                    named = [label] if label != shorten(record) or not said else []
                    found.setdefault(item, ": ".join([*named, *([said] if said else [])]))
        return found

    def lines_about(self, properties: frozenset[str]) -> list[str]:
        """Return the case as lines of N-Triples, only what is said by some properties."""
        if properties not in self._slim:
            links = properties & set(_DIRECTIONS)
            self._slim[properties] = self._graph.lines_by(sorted(properties), links)
        return self._slim[properties]

    def resting_on(self, items: Collection[str]) -> set[str]:
        """Return the lines that rest on evidence items.

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

    def items(self, record: str) -> list[Evidence]:
        """Return the items that support a record, by source and line."""
        found = self._graph.values(record, K20 + "evidencedBy")
        items = [self._item(item, record, SUPPORTS) for item in found]
        return sorted(items, key=lambda e: (e.source, self._line(e.iri), e.iri))

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
                self.source_name(item),
                self._graph.value(item, K20 + "locator"),
                _words(self._graph.value(item, K20 + "method")),
            )
        return self._items[item]

    def _agent(self, iri: str) -> str:
        return self._graph.label(iri).rsplit("/", 1)[-1]

    def source_name(self, item: str) -> str:
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


def _natural(iri: str) -> list[tuple[int, str]]:
    """Return a key that sorts ``goal/10`` after ``goal/7``."""
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"([0-9]{1,18})", iri)]


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
