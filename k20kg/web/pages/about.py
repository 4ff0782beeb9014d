"""What the site rests on, what is in it, and how it may be used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from k20kg.vocabulary import BASE, DCTERMS, K20, RDFS
from k20kg.web.pages import Site
from k20kg.web.pages.facts import cases_of, definitions_of, facts_of
from k20kg.web.pages.record import Named, named

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["page"]


def page(site: Site) -> str:
    """Return the page about the site."""
    return site.render("about.html", title="About", here="/about", **_model(site.dataset))


@dataclass(frozen=True, slots=True)
class _Source:
    """A document that records rest on, with the number of places cited."""

    iri: str
    title: str
    by: tuple[Named, ...]
    date: str
    about: str
    items: int


@lru_cache(maxsize=2)
def _model(dataset: Dataset) -> dict[str, Any]:
    facts = facts_of(dataset)
    counts: dict[str, int] = {}
    graphs: dict[str, int] = {}
    seen: set[ox.Triple] = set()
    for quad in dataset.store.quads_for_pattern(None, None, None, None):
        if isinstance(quad.graph_name, ox.NamedNode):
            graphs[quad.graph_name.value] = graphs.get(quad.graph_name.value, 0) + 1
        if quad.triple in seen:  # in another graph
            continue
        seen.add(quad.triple)
        if quad.predicate.value == K20 + "source" and isinstance(quad.object, ox.NamedNode):
            counts[quad.object.value] = counts.get(quad.object.value, 0) + 1
    sources = [
        _Source(
            iri,
            facts.value(iri, DCTERMS + "title") or facts.label(iri),
            tuple(named(facts, who) for who in facts.values(iri, DCTERMS + "creator")),
            facts.value(iri, DCTERMS + "date"),
            facts.value(iri, RDFS + "comment"),
            counts.get(iri, 0),
        )
        for iri in facts.of_type(K20 + "SourceDocument")
    ]
    return {
        "description": "Sources, method, limits, licence and how to cite.",
        "definition": definitions_of()[0],
        "sources": sorted(sources, key=lambda s: (-s.items, s.title)),
        "graphs": sorted(graphs.items()),
        "statements": len(seen),
        "cases": len(cases_of(dataset)),
        "base": BASE,
    }
