"""Statements of shapes: looked up by subject, RDF lists, what leads to what."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cache
from itertools import chain

import pyoxigraph as ox

from k20kg.rdf.graph import Term, closure
from k20kg.vocabulary import RDF_TYPE

_node = cache(ox.NamedNode)
_RDF = RDF_TYPE.removesuffix("type")
FIRST, REST = _RDF + "first", _RDF + "rest"
NIL = _node(_RDF + "nil")


def listed(name: str, items: Iterable[Term]) -> tuple[ox.BlankNode, list[ox.Quad]]:
    """Return the head of an RDF list, with nodes of this name, and the statements that make it."""
    found = list(items)
    nodes = [ox.BlankNode(f"{name}-{n}") for n in range(len(found))]
    rests: list[Term] = [*nodes[1:], NIL]
    quads = []
    for node, item, rest in zip(nodes, found, rests, strict=True):
        quads.append(ox.Quad(node, _node(FIRST), item))
        quads.append(ox.Quad(node, _node(REST), rest))
    return nodes[0], quads


class Statements:
    """Statements on each node by each predicate; unlike a graph, it can be added to."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.of: dict[Term, dict[str, list[Term]]] = {}
        self.extend(quads)

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Add statements."""
        for quad in quads:
            said = self.of.setdefault(quad.subject, {})
            said.setdefault(quad.predicate.value, []).append(quad.object)

    def get(self, subject: Term, predicate: str) -> list[Term]:
        """Return the values of a predicate."""
        return self.of.get(subject, {}).get(predicate, [])

    def items(self, cell: Term) -> Iterator[Term]:
        """Yield the members of an RDF list, given its head."""
        while first := self.get(cell, FIRST):
            yield first[0]
            (cell,) = self.get(cell, REST)

    def quads(self) -> list[ox.Quad]:
        """Return all statements, by subject."""
        return self._quads_on(self.of)

    def reached_from(self, roots: Iterable[Term]) -> list[ox.Quad]:
        """Return what is said of some nodes and of all that they lead to."""
        nodes = closure(roots, lambda node: chain.from_iterable(self.of.get(node, {}).values()))
        return self._quads_on(self.of.keys() & nodes)

    def _quads_on(self, nodes: Container[Term]) -> list[ox.Quad]:
        return [
            ox.Quad(subject, _node(predicate), value)  # type: ignore[arg-type]
            for subject, said in self.of.items()
            if subject in nodes
            for predicate, values in said.items()
            for value in values
        ]
