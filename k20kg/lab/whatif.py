"""Further evidence that nobody has: what could be added to a case, as the shapes' templates say.

A template is a SPARQL CONSTRUCT beside the shapes (``k20:whatIf``). What it gives is made up; that
it settles anything is found by judging the case with it, never assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
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

    group: str
    """IRI of the case's group."""

    @property
    def records(self) -> int:
        """How many things would have to be found out: nodes made up, and records changed."""
        return count_records(self.triples, self.group)

    @property
    def made_up(self) -> frozenset[str]:
        """IRIs of the nodes that are made up, evidence items aside."""
        items = {t.object for t in self.triples if t.predicate.value == K20 + "evidencedBy"}
        return frozenset(
            _iri(t.subject)
            for t in self.triples
            if t.predicate.value == RDF_TYPE and t.subject not in items
        )

    def without(self, node: str) -> Addition:
        """Return the addition without a node and all that is said of it."""
        kept = {t for t in self.triples if node not in (_iri(t.subject), _iri(t.object))}
        return replace(self, triples=frozenset(kept))


@cache
def _lab_quads(definition: str) -> tuple[ox.Quad, ...]:
    """Return what the lab knows of a definition beyond its shapes: templates and questions."""
    folder = packaged("shapes", definition.rstrip("/").rsplit("/", 1)[-1], "lab")
    return tuple(read_turtle(*sorted(folder.glob("*.ttl")))) if folder.is_dir() else ()


class Templates:
    """The templates of a definition, to fill in for one case."""

    def __init__(self, material: Material, case: Case) -> None:
        graph = material.graph
        shared = graph.values(material.definition, K20 + "sharesBlocksOf")
        self.lab = [q for name in (material.definition, *shared) for q in _lab_quads(name)]
        """Templates, questions and their blocks: what bears on no verdict."""
        self.graph = Graph([*self.lab, *material.shapes, *material.words])
        """What the definition and the lab say."""
        self._evidence = next(
            filter(
                None,
                (
                    self.graph.values(name, K20 + "whatIfEvidence")
                    for name in (material.definition, *shared)
                ),
            ),
            [],
        )
        self._known = {quad.triple for quad in case.quads}

    def fill(self, case: Case, shapes: Iterable[str]) -> list[Addition]:
        """Return what the templates of these shapes give for a case, which may have additions.

        An addition holds all that the case as it was read lacks, so that each can be left out.
        """
        queries = [(s, q) for s in shapes for q in self.graph.values(s, WHAT_IF)]
        if not queries:
            return []
        store = ox.Store()
        store.load(case.text.encode(), format=_FORMATS[case.syntax])
        store.load(subclass_slice().encode(), format=ox.RdfFormat.N_TRIPLES)
        evidence = {t for query in self._evidence for t in self._construct(store, query)}
        found = []
        for shape, query in queries:
            if triples := self._construct(store, query):
                found.append(Addition(shape, frozenset(triples | evidence), case.group))
        return found

    def _construct(self, store: ox.Store, query: str) -> set[ox.Triple]:
        answer = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QueryTriples)
        return set(answer) - self._known


def with_additions(case: Case, additions: Iterable[Addition]) -> Case:
    """Return the case with the additions, to be judged like any other."""
    triples = {t for a in additions for t in a.triples}
    lines = "".join(f"{line} .\n" for line in sorted(str(t) for t in triples))
    return replace(case, text=f"{case.text}\n{lines}", _parsed=None)


def count_records(triples: Iterable[ox.Triple], group: str = "") -> int:
    """Return how many records the statements make up or change, evidence items aside.

    Nodes that hang on the group itself count, such as a role group that was asked. A statement
    that only leads to something made up is no finding of its own.
    """
    triples = list(triples)
    made = {t.subject for t in triples if t.predicate.value == RDF_TYPE}
    items = {t.object for t in triples if t.predicate.value == K20 + "evidencedBy"}
    backed = {t.subject for t in triples if t.predicate.value == K20 + "evidencedBy"}
    backed |= {
        made_up
        for made_up in made
        if made_up in {t.object for t in triples if _iri(t.subject) == group}
    }
    changed = {
        t.subject
        for t in triples
        if t.subject not in made and t.object not in made and t.subject not in items
    }
    return max(1, len((backed - items) | {c for c in changed if _iri(c) != group}))


def _iri(term: object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else ""
