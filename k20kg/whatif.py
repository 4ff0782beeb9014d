"""Further evidence that nobody has: what could be added to a case, as the shapes' templates say.

A template is a SPARQL CONSTRUCT beside the shapes (``k20:whatIf``). What it gives is made up; that
it settles anything is found by judging the case with it, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import pyoxigraph as ox

from k20kg.cases import Case
from k20kg.definitions import Material, subclass_slice
from k20kg.graph import Graph, read_turtle
from k20kg.vocabulary import K20, PREFIXES, RDF_TYPE, packaged

__all__ = ["Addition", "Templates", "with_additions"]

WHAT_IF = K20 + "whatIf"
_FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
}


@dataclass(frozen=True, slots=True)
class Addition:
    """Made-up statements that one template gives for one case."""

    shape: str
    """IRI of the shape whose answer they are meant to change."""
    triples: frozenset[ox.Triple] = field(repr=False)

    @property
    def records(self) -> int:
        """How many things would have to be found out: nodes made up, and records changed."""
        return count_records(self.triples)


@cache
def _lab_quads(definition: str) -> tuple[ox.Quad, ...]:
    """Return what the lab knows of a definition beyond its shapes: templates and questions."""
    folder = packaged("shapes", definition.rstrip("/").rsplit("/", 1)[-1], "lab")
    return tuple(read_turtle(*sorted(folder.glob("*.ttl")))) if folder.is_dir() else ()


class Templates:
    """The templates of a definition, with a case to fill them in."""

    def __init__(self, material: Material) -> None:
        graph = Graph([*_lab_quads(material.definition), *material.shapes, *material.words])
        self.graph = graph
        evidence = graph.values(material.definition, K20 + "whatIfEvidence")
        for shared in graph.values(material.definition, K20 + "sharesBlocksOf"):
            self.graph = Graph(
                [*_lab_quads(shared), *_lab_quads(material.definition), *material.shapes]
            )
            evidence = evidence or self.graph.values(shared, K20 + "whatIfEvidence")
        self._evidence = evidence

    def has(self, shape: str) -> bool:
        """Tell whether a shape has a template."""
        return bool(self.graph.values(shape, WHAT_IF))

    def fill(self, case: Case, shapes: Iterable[str]) -> list[Addition]:
        """Return what the templates of these shapes give for a case; nothing for some."""
        store = ox.Store()
        store.load(case.text.encode(), format=_FORMATS[case.syntax])
        store.load(subclass_slice().encode(), format=ox.RdfFormat.N_TRIPLES)
        found = []
        for shape in shapes:
            for query in self.graph.values(shape, WHAT_IF):
                triples = _construct(store, query)
                if triples:
                    for more in self._evidence:
                        triples |= _construct(store, more)
                    found.append(Addition(shape, frozenset(triples)))
        return found


def with_additions(case: Case, additions: Iterable[Addition]) -> Case:
    """Return the case with the additions, to be judged like any other."""
    triples = {t for a in additions for t in a.triples}
    lines = "".join(f"{line} .\n" for line in sorted(str(t) for t in triples))
    return replace(case, text=f"{case.text}\n{lines}", _parsed=None)


def count_records(triples: Iterable[ox.Triple]) -> int:
    """Return how many records the statements make up or change, evidence items aside.

    A statement that only leads to something made up is no finding of its own.
    """
    triples = list(triples)
    made = {t.subject for t in triples if t.predicate.value == RDF_TYPE}
    items = {t.object for t in triples if t.predicate.value == K20 + "evidencedBy"}
    backed = {t.subject for t in triples if t.predicate.value == K20 + "evidencedBy"}
    changed = {
        t.subject
        for t in triples
        if t.subject not in made and t.object not in made and t.subject not in items
    }
    return len((backed - items) | changed)


def _construct(store: ox.Store, query: str) -> set[ox.Triple]:
    answer = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    assert isinstance(answer, ox.QueryTriples)
    union: Sequence[ox.Quad]
    new = set()
    for triple in answer:
        union = list(store.quads_for_pattern(triple.subject, triple.predicate, triple.object, None))
        if not union:
            new.add(triple)
    return new
