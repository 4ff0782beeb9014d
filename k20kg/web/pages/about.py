"""What the site rests on, what is in it, and how it may be used."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from k20kg.web.pages import Site
from k20kg.web.pages.facts import cases_of, definitions_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset


def page(site: Site) -> str:
    """Return the page about the site."""
    graphs, statements = _contents(site.dataset)
    return site.render(
        "about.html",
        title="About",
        here="/about",
        description="Sources, method, limits, licence and how to cite.",
        definition=definitions_of()[0],
        graphs=graphs,
        statements=statements,
        cases=len(cases_of(site.dataset)),
    )


@lru_cache(maxsize=2)
def _contents(dataset: Dataset) -> tuple[list[tuple[str, int]], int]:
    """Return the named graphs with their sizes, and the number of statements in all.

    A statement in two graphs counts once.
    """
    graphs = (quad.graph_name for quad in dataset.store)
    counts = Counter(graph.value for graph in graphs if isinstance(graph, ox.NamedNode))
    return sorted(counts.items()), len({quad.triple for quad in dataset.store})
