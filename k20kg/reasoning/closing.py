"""Closing axioms: that there is nothing on a list but what is recorded.

Only a completeness statement that stands licenses them. Which properties the list closes, for the
group and for whatever stands on the list, the ontology says by `k20:closes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pyoxigraph as ox

from k20kg.reasoning.facts import Record
from k20kg.reasoning.triples import Axioms
from k20kg.sources.terms import disjoint, is_a, marked, ontology, superclasses
from k20kg.vocabulary import K20, OWL, RDFS


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing axiom and what licenses it."""

    words: str
    """The axiom for people: ``membership only {…}``."""
    licence: str
    """IRI of the completeness statement."""


def close_lists(record: Record) -> tuple[list[ox.Triple], list[Closing]]:
    """Return the closing axioms of a case as triples, and in words with their licences."""
    writer = _Writer(record)
    for statement in record.graph.values(record.case.group, K20 + "completeness"):
        if record.stands(statement):
            for kind in record.graph.values(statement, K20 + "listKind"):
                writer.close(kind, statement)
    return list(writer.told.triples), writer.closings


class _Writer:
    """The closing axioms of one case in the making."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.told = Axioms("closing")
        self.closings: list[Closing] = []
        self._written: set[tuple[str, str]] = set()

    def close(self, kind: str, licence: str) -> None:
        """Write that there is nothing on a list, nor beyond its entries, but what is recorded."""
        closed = ontology().values(kind, K20 + "closes")
        limits = (v for p in marked("limitsList") for v in self.record.graph.values(licence, p))
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
        conditional = {predicate, *self.record.kinds(entry)} & marked("toldIfStanding")
        return not conditional or self.record.may_stand(entry)

    def _close_property(self, node: str, predicate: str, values: list[str], licence: str) -> None:
        if (node, predicate) in self._written:
            return
        self._written.add((node, predicate))
        self.told.only(node, predicate, values)
        label = self.record.graph.label
        listed = ", ".join(map(label, values)) or "nothing"
        words = f"{label(node)}: {predicate.removeprefix(K20)} only {listed}"
        self.closings.append(Closing(words, licence))

    def _close_kind(self, entry: str, licence: str) -> None:
        """Write that an entry is of no kind but those recorded, where such kinds are closed."""
        known = self.record.kinds(entry)
        ruled_out = {d for k in known for d in disjoint(k)}
        for kind in sorted(marked("closedOnLists") - known - ruled_out):
            if known & (superclasses(kind) - {kind}) and (entry, kind) not in self._written:
                self._written.add((entry, kind))
                self.told.is_not(entry, kind)
                words = f"{self.record.graph.label(entry)} is no {ontology().label(kind)}"
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
