"""The classes of the ontology: which are below which, and how reports name their records."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import Graph, closure, read_turtle, str_of
from k20kg.vocabulary import K20, OWL, RDFS, SH, SKOS, packaged


@cache
def subclass_slice() -> str:
    """Return the ontology's subclass axioms between named classes, as N-Triples.

    They are kept as a file, which the tests hold to the ontology: working them out anew for each
    command would cost as much as judging a case.
    """
    return packaged("shapes", "subclasses.nt").read_text(encoding="utf-8")


def derive_subclass_slice() -> str:
    """Return what `subclass_slice` has to be, from the ontology itself."""
    quads = read_turtle(*sorted(packaged("ontology").glob("*.ttl")))
    kept = {
        (q.subject.value, q.object.value)
        for q in quads
        if q.predicate.value == RDFS + "subClassOf"
        and isinstance(q.subject, ox.NamedNode)
        and isinstance(q.object, ox.NamedNode)
    }
    return "".join(f"<{sub}> <{RDFS}subClassOf> <{sup}> .\n" for sub, sup in sorted(kept))


def classes_in(shapes: Iterable[ox.Quad]) -> frozenset[str]:
    """Return the classes that shapes ask about."""
    asking = {SH + "class", SH + "targetClass"}
    return frozenset(str_of(q.object) for q in shapes if q.predicate.value in asking)


def slice_for(classes: Iterable[str]) -> str:
    """Return the part of the subclass slice that bears on some classes: it costs every run."""
    asked = set(classes)
    axioms = [(line, *line.split()[:3:2]) for line in subclass_slice().splitlines(keepends=True)]
    kept: list[str] = []
    while more := [a for a in axioms if a[0] not in kept and a[2][1:-1] in asked]:
        kept += [line for line, _, _ in more]
        asked.update(sub[1:-1] for _, sub, _ in more)
    return "".join(sorted(kept))


_PARTS = ("core", "evidence")
"""The parts of the ontology that have the classes of case records."""


class Kind(NamedTuple):
    """A class of the ontology."""

    label: str
    above: frozenset[str]
    """The classes above it."""
    named_through: str
    """The property by whose value a record of it is named; empty if it goes by its own label."""
    told_with: tuple[str, ...]
    """Properties whose values are told beside the name."""
    stand_in: str
    """The word for one of it where no names are told: ``organization``; empty if it has none."""


@cache
def kinds() -> dict[str, Kind]:
    """Return the classes of case records, and of what they are about, by IRI."""
    return cached_on_disk("kinds", _read)


def _read() -> dict[str, Kind]:
    graph = Graph(read_turtle(*(packaged("ontology", f"{part}.ttl") for part in _PARTS)))

    def above(iri: str) -> list[str]:
        return [c for c in graph.values(iri, RDFS + "subClassOf") if c.startswith(K20)]

    return {
        iri: Kind(
            graph.value(iri, SKOS + "prefLabel"),
            frozenset(closure([iri], above)[1:]),
            graph.value(iri, K20 + "namedThrough"),
            tuple(
                told
                for one in closure([iri], above)
                for told in sorted(graph.values(one, K20 + "toldWith"))
            ),
            next(
                filter(None, (graph.value(c, K20 + "standIn") for c in closure([iri], above))), ""
            ),
        )
        for iri in graph.of_type(OWL + "Class")
        if iri.startswith(K20)
    }
