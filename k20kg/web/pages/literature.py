"""The literature: how it defines partnership, what it was asked, and every work with its citations.

The page is a template over named queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from k20kg.vocabulary import BASE, K20, RDF_TYPE
from k20kg.web.http.formats import INDEX_FORMATS
from k20kg.web.pages.rows import catalogue
from k20kg.web.pages.terms import Names, names_of

if TYPE_CHECKING:
    from k20kg.web.pages import Site


def page(site: Site) -> str:
    """Return the page of the literature."""
    names = names_of(site.dataset)
    return site.render(
        "literature.html",
        title="The literature",
        description="How research defines partnership: patterns, definitions, works, citations.",
        here="/literature",
        alternates=INDEX_FORMATS,
        members=lambda kind: sorted(names.of_type(K20 + kind), key=names.order),
        anchor=lambda iri: iri.removeprefix(BASE).replace("/", "-").replace("#", "-"),
        saved=[query for query in catalogue() if query.group == "literature"],
    )


def is_listed(names: Names, work: str) -> bool:
    """Tell whether a work stands in a list of references."""
    return any(
        K20 + "ListEntry" in names.values(item, RDF_TYPE) for item in names.all(work, "evidencedBy")
    )
