"""How reports name a record: by its class, and by the thing that it stands for."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from k20kg.disk_cache import kept
from k20kg.rdf.graph import Graph, read_turtle
from k20kg.vocabulary import K20, OWL, RDFS, SKOS, packaged

_PARTS = ("core", "evidence")
"""The parts of the ontology that have the classes of case records."""


class Kind(NamedTuple):
    """A class of the ontology."""

    label: str
    above: frozenset[str]
    """The classes above it."""
    named_through: str
    """The property by whose value a record of it is named; empty if it goes by its own label."""


@cache
def kinds() -> dict[str, Kind]:
    """Return the classes of case records, and of what they are about, by IRI."""
    return kept("kinds", _read)


def _read() -> dict[str, Kind]:
    graph = Graph(read_turtle(*(packaged("ontology", f"{part}.ttl") for part in _PARTS)))
    return {
        iri: Kind(
            graph.value(iri, SKOS + "prefLabel"),
            frozenset(_above(graph, iri)),
            graph.value(iri, K20 + "namedThrough"),
        )
        for iri in graph.of_type(OWL + "Class")
        if iri.startswith(K20)
    }


def _above(graph: Graph, iri: str) -> set[str]:
    found: set[str] = set()
    ahead = [iri]
    while ahead:
        for wider in graph.values(ahead.pop(), RDFS + "subClassOf"):
            if wider.startswith(K20) and wider not in found:
                found.add(wider)
                ahead.append(wider)
    return found
