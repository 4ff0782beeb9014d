"""Terms of the ontology, as the program needs them: annotations and hierarchy."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

import pyoxigraph as ox

from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import Graph, read_turtle, str_of
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, packaged

FILES: Final = ("core", "definition", "criteria", "evidence", "schemes")
LISTS: Final = ("context.ttl", "literature/definitions.ttl", "literature/schemes.ttl")
"""Files of the packaged data that add values to the schemes, and schemes of their own."""


@cache
def statements() -> tuple[ox.Quad, ...]:
    """Return all that the core files of the ontology state."""
    return tuple(read_turtle(*(packaged("ontology", f"{name}.ttl") for name in FILES)))


@cache
def all_statements() -> tuple[ox.Quad, ...]:
    """Return that and what the files on literature and other definitions state."""
    more = (packaged("ontology", f"{name}.ttl") for name in ("literature", "rivals"))
    return (*statements(), *read_turtle(*more))


@cache
def vocabulary() -> Graph:
    """Return the whole ontology, without alignments, as a graph."""
    return Graph(all_statements())


@cache
def reference_statements() -> tuple[ox.Quad, ...]:
    """Return all that with the values that the packaged data add, and what stands beside them."""
    added = (packaged("data", *name.split("/")) for name in LISTS)
    return (*all_statements(), *read_turtle(*added))


@cache
def reference() -> Graph:
    """Return the whole ontology and the values that the packaged data add, as a graph."""
    return Graph(reference_statements())


@cache
def ontology() -> Graph:
    """Return the core files of the ontology as a graph."""
    return Graph(statements())


@cache
def terms_with(name: str) -> frozenset[str]:
    """Return the terms of which an annotation of ours is true."""
    found = (q for q in statements() if q.predicate.value == K20 + name)
    return frozenset(str_of(q.subject) for q in found if str_of(q.object) == "true")


@cache
def superclasses(kind: str) -> frozenset[str]:
    """Return a class and all named classes stated above it."""
    above = ontology().values(kind, RDFS + "subClassOf")
    return frozenset({kind}.union(*(superclasses(a) for a in above if not a.startswith("_:"))))


def with_superclasses(kinds: Iterable[str]) -> set[str]:
    """Return classes and all that lie above them."""
    return set[str]().union(*(superclasses(k) for k in kinds))


def disjoint(kind: str) -> set[str]:
    """Return the classes declared disjoint with one, either way round."""
    terms = ontology()
    return {*terms.values(kind, OWL + "disjointWith"), *terms.subjects(OWL + "disjointWith", kind)}


def is_a(term: str, sort: str) -> bool:
    """Tell whether a term is declared as a sort of OWL: ``ObjectProperty``."""
    return OWL + sort in ontology().values(term, RDF_TYPE)


def temporal_kind(kind: str) -> str:
    """Return how records of a class stand in time, as the nearest class says; else a state."""
    return _temporal_kinds().get(kind, K20 + "State")


@cache
def _temporal_kinds() -> dict[str, str]:
    """Return how records stand in time, by class, for all of which it is said or inherited."""
    return cached_on_disk("temporal-kinds", _work_out_kinds)


def _work_out_kinds() -> dict[str, str]:
    terms = ontology()
    found: dict[str, str] = {}
    for kind in terms.of_type(OWL + "Class"):
        waiting = [kind]
        while waiting and kind not in found:
            one = waiting.pop(0)
            if said := terms.value(one, K20 + "temporalKind"):
                found[kind] = said
            waiting += [a for a in terms.values(one, RDFS + "subClassOf") if a[:2] != "_:"]
    return found
