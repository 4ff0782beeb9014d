"""OWL axioms written as triples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from k20kg.vocabulary import OWL, RDF_TYPE

RDF: Final = RDF_TYPE.removesuffix("type")

Node = ox.NamedNode | ox.BlankNode


def triple(subject: str | Node, predicate: str, value: str | Node) -> ox.Triple:
    """Return a triple; a string stands for an IRI."""
    node = ox.NamedNode(subject) if isinstance(subject, str) else subject
    target = ox.NamedNode(value) if isinstance(value, str) else value
    return ox.Triple(node, ox.NamedNode(predicate), target)


class Axioms:
    """Axioms in the making; blank nodes are named after the purpose, so that sets can be joined."""

    def __init__(self, purpose: str) -> None:
        self.triples: dict[ox.Triple, None] = {}
        self._purpose = purpose
        self._blank = 0

    def add(self, subject: str | Node, predicate: str, value: str | Node) -> None:
        """Add one triple."""
        self.triples[triple(subject, predicate, value)] = None

    def only(self, node: str, predicate: str, values: list[str]) -> None:
        """Add that a property leads from a node to these values and to no other."""
        restriction = self._new()
        self.add(restriction, RDF_TYPE, OWL + "Restriction")
        self.add(restriction, OWL + "onProperty", predicate)
        filler = self._listed("oneOf", values) if values else ox.NamedNode(OWL + "Nothing")
        self.add(restriction, OWL + "allValuesFrom", filler)
        self.add(node, RDF_TYPE, restriction)

    def is_not(self, node: str, kind: str) -> None:
        """Add that a node is not of a class."""
        other = self._new()
        self.define(other, "complementOf", kind)
        self.add(node, RDF_TYPE, other)

    def both(self, name: str, first: str, second: str, *, negated: bool = False) -> None:
        """Define a class as what is of the first class, and of the second or not of it."""
        either = self._new() if negated else ox.NamedNode(second)
        if isinstance(either, ox.BlankNode):
            self.define(either, "complementOf", second)
        self.define(name, "equivalentClass", self._listed("intersectionOf", [first, either]))

    def define(self, name: str | Node, how: str, other: str | Node) -> None:
        """Define a class by another: as ``equivalentClass``, or as its ``complementOf``."""
        self.add(name, RDF_TYPE, OWL + "Class")
        self.add(name, OWL + how, other)

    def _new(self) -> ox.BlankNode:
        self._blank += 1
        return ox.BlankNode(f"{self._purpose}{self._blank}")

    def _listed(self, how: str, members: Iterable[str | Node]) -> ox.BlankNode:
        node, rest = self._new(), self._new()
        self.add(node, RDF_TYPE, OWL + "Class")
        self.add(node, OWL + how, rest)
        items = list(members)
        for at, item in enumerate(items, start=1):
            self.add(rest, RDF + "first", item)
            following: Node = self._new() if at < len(items) else ox.NamedNode(RDF + "nil")
            self.add(rest, RDF + "rest", following)
            if isinstance(following, ox.BlankNode):
                rest = following
        return node
