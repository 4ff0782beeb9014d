"""The things that we mint IRIs for: whether they are there, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import pyoxigraph as ox

from k20kg.vocabulary import BASE, DCTERMS, K20, RDFS, SKOS
from k20kg.web.dataset import Dataset

MOST_INCOMING: Final = 2000
"""So many links to a thing its document gives at most; the rest can be asked for."""
_LABELS: Final = tuple(
    ox.NamedNode(iri) for iri in (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
)
_EVIDENCE: Final = frozenset(
    K20 + name for name in ("hasEvidence", "evidencedBy", "disputedBy", "leftOpenBy")
)
Node = ox.NamedNode | ox.BlankNode


def path_of(iri: str) -> str:
    """Return the path of one of our IRIs, without a slash before it.

    >>> path_of("https://w3id.org/k20kg/case/lamsig")
    'case/lamsig'
    """
    return iri.removeprefix(BASE)


def iri_of(path: str) -> str:
    """Return the IRI of a path.

    >>> iri_of("/case/lamsig")
    'https://w3id.org/k20kg/case/lamsig'
    """
    return BASE + path.removeprefix("/")


def exists(dataset: Dataset, iri: str) -> bool:
    """Tell whether anything is said of a thing, of its graph, or of anything else by its name."""
    node = _node(iri)
    if node is None:
        return False
    anywhere = ((node,), (None, None, node), (None, None, None, node), (None, node))
    asked = (dataset.store.quads_for_pattern(*(*p, None, None, None)[:4]) for p in anywhere)
    return any(next(found, None) is not None for found in asked)


def is_graph(dataset: Dataset, iri: str) -> bool:
    """Tell whether an IRI names a graph."""
    node = _node(iri)
    return node is not None and dataset.store.contains_named_graph(node)


def describe(dataset: Dataset, iri: str) -> list[ox.Quad]:
    """Return what is said of a thing, by whom, and what refers to it.

    These are the statements about it, with the blank nodes they lead to; those about its evidence;
    the labels of what they link to; the statements that link to it, `MOST_INCOMING` at most; and
    where a named graph has its IRI, the statements in that graph. Sorted, without duplicates.
    """
    node = _node(iri)
    if node is None:
        return []
    store = dataset.store
    found = set(_about(store, [node]))
    evidence = {
        quad.object
        for quad in found
        if quad.predicate.value in _EVIDENCE and isinstance(quad.object, ox.NamedNode)
    }
    found.update(_about(store, evidence))
    linked = {quad.object for quad in found if isinstance(quad.object, ox.NamedNode)}
    for target in linked - {node, *evidence}:
        found.update(_labels(store, target))
    found.update(islice(store.quads_for_pattern(None, None, node, None), MOST_INCOMING))
    if store.contains_named_graph(node):
        found.update(store.quads_for_pattern(None, None, None, node))
    return sorted(found, key=str)


def graph(dataset: Dataset, iri: str) -> list[ox.Quad]:
    """Return the statements of a named graph, sorted."""
    node = _node(iri)
    return sorted(dataset.store.quads_for_pattern(None, None, None, node), key=str) if node else []


def _about(store: ox.Store, nodes: Iterable[Node]) -> Iterator[ox.Quad]:
    """Yield the statements about nodes and about the blank nodes that these lead to."""
    waiting: list[Node] = list(nodes)
    seen = set(waiting)
    while waiting:
        for quad in store.quads_for_pattern(waiting.pop(), None, None, None):
            yield quad
            if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                waiting.append(quad.object)


def _labels(store: ox.Store, node: ox.NamedNode) -> Iterator[ox.Quad]:
    for predicate in _LABELS:
        quads = sorted(store.quads_for_pattern(node, predicate, None, None), key=str)
        if quads:
            yield from quads
            return


def _node(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None
