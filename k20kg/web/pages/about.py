"""What the site rests on, what is in it, and how it may be used."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from k20kg.web.pages import Site
from k20kg.web.pages.facts import cases_of, definitions_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["page"]


def page(site: Site) -> str:
    """Return the page about the site."""
    return site.render(
        "about.html",
        title="About",
        here="/about",
        description="Sources, method, limits, licence and how to cite.",
        definition=definitions_of()[0],
        graphs=_graphs(site.dataset),
        cases=len(cases_of(site.dataset)),
    )


@lru_cache(maxsize=2)
def _graphs(dataset: Dataset) -> list[tuple[str, int]]:
    """Return the named graphs with the number of their statements."""
    counts = Counter(quad.graph_name for quad in dataset.store)
    return sorted((graph.value, count) for graph, count in counts.items())
