"""The premises of one case for a reasoner: what stands, and which lists are closed.

A reasoner works in an open world, so a record is handed over from two sides. *Facts* are what
stands: affirmed by evidence and disputed by nobody. *Closing axioms* say that there is nothing
beyond what is not ruled out; they are written for a list only where a completeness statement
stands, and each remembers that licence. Which properties a list closes, for the group and for
whatever stands on the list, the ontology says by `k20:closes`. What lies between the two stays
open. docs/reasoning.md tells more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pyoxigraph as ox

from k20kg.judging.cases import Case
from k20kg.rdf.graph import Graph, str_of
from k20kg.reasoning.axioms import Logic, axioms, complement, logic
from k20kg.sources.terms import (
    disjoint,
    is_a,
    ontology,
    superclasses,
    temporal_kind,
    terms_with,
    with_superclasses,
)
from k20kg.vocabulary import K20, OWL, PREFIXES, RDF_TYPE, RDFS, XSD

_EVIDENCE: Final = tuple(K20 + n for n in ("evidencedBy", "leftOpenBy", "disputedBy"))
# Statements about the record itself, and about its sources, are no part of the world judged.
_LEFT_ASIDE: Final = frozenset({K20 + "AboutTheRecord", K20 + "UpToItsDay"})
_TOLD_AS_VALUES: Final = (XSD + "boolean", XSD + "integer")


class RecordedFacts:
    """A case as a graph, asked what stands."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.graph = Graph(case.quads)
        self._kinds: dict[str, frozenset[str]] = {}

    def stands(self, node: str) -> bool:
        """Tell whether a node is affirmed and undisputed, or is none that needs evidence."""
        affirmed, left_open, disputed = (self.graph.values(node, p) for p in _EVIDENCE)
        return not disputed and (bool(affirmed) or not left_open)

    def may_stand(self, node: str) -> bool:
        """Tell whether a node stands or may, for all that is on record."""
        affirmed, left_open, disputed = (self.graph.values(node, p) for p in _EVIDENCE)
        return bool(affirmed or left_open) or not disputed

    def kinds(self, node: str) -> frozenset[str]:
        """Return the classes of a node with all above them."""
        if node not in self._kinds:
            found = with_superclasses(self.graph.values(node, RDF_TYPE))
            self._kinds[node] = frozenset(found)
        return self._kinds[node]


# ---------------------------------------------------------------- facts


def facts(record: RecordedFacts) -> Iterator[ox.Triple]:
    """Yield what stands."""
    conditional, silent = terms_with("toldIfStanding"), terms_with("saysNothing")
    aside = {
        subject
        for subject in dict.fromkeys(str_of(q.subject) for q in record.case.quads)
        if any(temporal_kind(k) in _LEFT_ASIDE for k in record.graph.values(subject, RDF_TYPE))
    }
    for quad in record.case.quads:
        subject, predicate, value = str_of(quad.subject), quad.predicate.value, str_of(quad.object)
        if subject in aside or value in aside:
            continue
        if predicate == RDF_TYPE:
            if value.startswith(K20) or value == OWL + "AllDifferent":
                yield quad.triple
        elif predicate.startswith((OWL, RDF_TYPE.removesuffix("type"))):
            yield quad.triple
        elif record.kinds(subject) & conditional and not record.stands(subject):
            continue
        elif isinstance(quad.object, ox.Literal):
            if quad.object.datatype.value in _TOLD_AS_VALUES and is_a(
                predicate, "DatatypeProperty"
            ):
                yield quad.triple
        elif (
            is_a(predicate, "ObjectProperty")
            and value not in silent
            and (predicate not in conditional or record.stands(value))
        ):
            yield quad.triple


def findings(record: RecordedFacts, told: Logic) -> tuple[ox.Triple, ...]:
    """Return who is, and who is not, of the classes whose members are found by a query."""
    if not told.queried:
        return ()
    store = ox.Store()
    # All graphs as one set: in Oxigraph's union, what stands in two would count twice.
    store.extend(ox.Quad(*q.triple) for q in (*record.case.quads, *told.subclasses))
    found = []
    for kind in told.queried:
        for how, said in (("membersFoundBy", f"<{kind}>"), ("othersFoundBy", complement(kind))):
            for query in told.terms.values(kind, K20 + how):
                answer = store.query(query, prefixes=PREFIXES)
                assert isinstance(answer, ox.QuerySolutions)
                nodes = {r["member"] for r in answer if isinstance(r["member"], ox.NamedNode)}
                found += [f"{node} a {said}" for node in sorted(nodes, key=str)]
    return axioms(*found)


# ---------------------------------------------------------------- closing axioms


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing axiom and what licenses it."""

    words: str
    """The axiom for people: ``membership only {…}``."""
    licence: str
    """IRI of the completeness statement."""


class _ClosedLists:
    """The closing axioms of one case."""

    def __init__(self, record: RecordedFacts) -> None:
        self.record = record
        self.axioms: list[str] = []
        """In Turtle."""
        self.closings: list[Closing] = []
        self._written: set[tuple[str, str]] = set()
        for statement in record.graph.values(record.case.group, K20 + "completeness"):
            if record.stands(statement):
                for kind in record.graph.values(statement, K20 + "listKind"):
                    self._close(kind, statement)

    def _close(self, kind: str, licence: str) -> None:
        """Write that there is nothing on a list, nor beyond its entries, but what is recorded."""
        closed = ontology().values(kind, K20 + "closes")
        limits = (v for p in terms_with("limitsList") for v in self.record.graph.values(licence, p))
        waiting = list(limits) or [self.record.case.group]
        seen = set(waiting)
        while waiting:
            node = waiting.pop(0)
            for predicate in (p for p in closed if self._applies(p, node)):
                entries = sorted(set(self._entries(node, predicate)))
                # A functional property with a value has no other anyway.
                if not entries or not is_a(predicate, "FunctionalProperty"):
                    self._close_property(node, predicate, entries, licence)
                for entry in entries:
                    self._close_kind(entry, licence)
                fresh = [e for e in entries if e not in seen]
                seen.update(fresh)
                waiting += fresh

    def _applies(self, predicate: str, node: str) -> bool:
        """Tell whether a node is of a kind that has this property, by the property's domain."""
        return bool(self.record.kinds(node) & _domain(predicate))

    def _entries(
        self, node: str, predicate: str, within: frozenset[tuple[str, str]] = frozenset()
    ) -> list[str]:
        """Return what a property leads to that may stand, by links and by what they imply.

        `within`: what is being asked for already, should the links go round in a circle.
        """
        if (node, predicate) in within:
            return []
        within |= {(node, predicate)}
        graph = self.record.graph
        stated = graph.values(node, predicate)
        both_ways = [predicate] if is_a(predicate, "SymmetricProperty") else []
        for back in (*both_ways, *ontology().values(predicate, OWL + "inverseOf")):
            stated += graph.subjects(back, node)
        found = dict.fromkeys(e for e in stated if self._may_be_entry(e, predicate))
        for below in ontology().subjects(RDFS + "subPropertyOf", predicate):
            found.update(dict.fromkeys(self._entries(node, below, within)))
        longer = []
        for first, *rest in _chains(predicate):
            if first == predicate:
                longer.append(rest)
            else:
                found.update(dict.fromkeys(self._along([node], [first, *rest], within)))
        entries = list(found)
        for entry in entries:  # grows as it goes
            further = (e for rest in longer for e in self._along([entry], rest, within))
            entries += [e for e in dict.fromkeys(further) if e not in entries]
        return entries

    def _along(
        self, nodes: list[str], chain: list[str], within: frozenset[tuple[str, str]]
    ) -> list[str]:
        for step in chain:
            nodes = [e for n in nodes for e in self._entries(n, step, within)]
        return nodes

    def _may_be_entry(self, entry: str, predicate: str) -> bool:
        conditional = {predicate, *self.record.kinds(entry)} & terms_with("toldIfStanding")
        return not conditional or self.record.may_stand(entry)

    def _close_property(self, node: str, predicate: str, values: list[str], licence: str) -> None:
        listed = " ".join(f"<{v}>" for v in values)
        only = f"[ a owl:Class ; owl:oneOf ( {listed} ) ]" if values else "owl:Nothing"
        label = self.record.graph.label
        self._write(
            (node, predicate),
            f"<{node}> a [ a owl:Restriction ; owl:onProperty <{predicate}> ; "
            f"owl:allValuesFrom {only} ]",
            f"{label(node)}: {predicate.removeprefix(K20)} only "
            f"{', '.join(map(label, values)) or 'nothing'}",
            licence,
        )

    def _close_kind(self, entry: str, licence: str) -> None:
        """Write that an entry is of no kind but those recorded, where such kinds are closed."""
        known = self.record.kinds(entry)
        ruled_out = {d for k in known for d in disjoint(k)}
        for kind in sorted(terms_with("closedOnLists") - known - ruled_out):
            if known & (superclasses(kind) - {kind}):
                words = f"{self.record.graph.label(entry)} is no {ontology().label(kind)}"
                self._write((entry, kind), f"<{entry}> a {complement(kind)}", words, licence)

    def _write(self, about: tuple[str, str], axiom: str, words: str, licence: str) -> None:
        if about not in self._written:
            self._written.add(about)
            self.axioms.append(axiom)
            self.closings.append(Closing(words, licence))


@cache
def _domain(predicate: str) -> frozenset[str]:
    terms = ontology()
    return frozenset(
        d
        for domain in terms.values(predicate, RDFS + "domain")
        for d in (list(terms.items(domain, OWL + "unionOf")) or [domain])
    )


@cache
def _chains(predicate: str) -> tuple[tuple[str, ...], ...]:
    terms = ontology()
    found = terms.values(predicate, OWL + "propertyChainAxiom")
    return tuple(tuple(terms.members(chain)) for chain in found)


# ---------------------------------------------------------------- both


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
    record = RecordedFacts(case)
    closed = _ClosedLists(record)
    given = (*facts(record), *findings(record, told), *axioms(*closed.axioms))
    triples = dict.fromkeys(given)
    about: dict[str, str] = {}
    number = 0
    for template in told.templates:
        for value in sorted(record.graph.values(case.group, template.stands_for)):
            if record.may_stand(value):
                number += 1
                triples.update(dict.fromkeys(template.told_of(value, number)))
                about |= {f"{c}_{number}": value for c in template.classes}
    named = {str_of(t.subject) for t in triples} | {str_of(t.object) for t in triples}
    return Premises(
        group=case.group,
        triples=tuple(triples),
        closings=tuple(closed.closings),
        labels={n: record.graph.label(n) for n in sorted(named) if n in record.graph},
        about=about,
        logic=told,
    )
