"""Statements of derived shapes: what is said of a named shape, and RDF lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import pyoxigraph as ox

from k20kg.rdf.graph import Term
from k20kg.vocabulary import RDF_TYPE

_node = cache(ox.NamedNode)
_RDF = RDF_TYPE.removesuffix("type")


def quads_of(shape: str, said: Mapping[str, Term]) -> Iterator[ox.Quad]:
    """Yield what is said of a named shape."""
    for predicate, value in said.items():
        yield ox.Quad(_node(shape), _node(predicate), value)


def listed(name: str, items: Iterable[Term]) -> tuple[ox.BlankNode, list[ox.Quad]]:
    """Return the head of an RDF list, with nodes of this name, and the statements that make it."""
    found = list(items)
    nodes = [ox.BlankNode(f"{name}-{n}") for n in range(len(found))]
    rests: list[Term] = [*nodes[1:], _node(_RDF + "nil")]
    quads = []
    for node, item, rest in zip(nodes, found, rests, strict=True):
        quads.append(ox.Quad(node, _node(_RDF + "first"), item))
        quads.append(ox.Quad(node, _node(_RDF + "rest"), rest))
    return nodes[0], quads
