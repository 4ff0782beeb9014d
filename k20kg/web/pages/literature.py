"""The literature: how it defines partnership, what it was asked, and every work with its citations.

The page is a template over named queries; only its two pictures are made here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from k20kg.vocabulary import BASE, K20
from k20kg.web.figures.bars import bars
from k20kg.web.pages import upper_first
from k20kg.web.pages.rows import ask, catalogue
from k20kg.web.pages.terms import names_of

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["page"]


def page(site: Site) -> str:
    """Return the page of the literature."""
    names = names_of(site.dataset)

    def members(kind: str) -> list[str]:
        return sorted(names.of_type(K20 + kind), key=names.order)

    return site.render(
        "literature.html",
        title="The literature",
        description="How research defines partnership: patterns, definitions, works, citations.",
        here="/literature",
        members=members,
        anchor=lambda iri: iri.removeprefix(BASE).replace("/", "-").replace("#", "-"),
        fields=_fields(site),
        decades=_decades(site),
        saved=[query for query in catalogue() if query.group == "literature"],
    )


def _fields(site: Site) -> Markup:
    """Return the listed works by field as bars."""
    rows = ask(site.dataset, "how-many-listed-works-are-in-each-field")
    pairs = [(upper_first(row["field"]), float(row["works"])) for row in rows]
    said = ", ".join(f"{name} {n:g}" for name, n in pairs)
    return bars(pairs, "Listed works by field", f"Listed works: {said}.", name="fields")


def _decades(site: Site) -> Markup:
    """Return the listed works by decade of publication as bars, those without works too."""
    rows = ask(site.dataset, "how-many-listed-works-came-out-in-each-decade")
    works = {row["decade"]: float(row["works"]) for row in rows}
    if not works:
        return Markup("")
    decades = range(min(works), max(works) + 10, 10)
    pairs = [(f"{decade} to {decade + 9}", works.get(decade, 0.0)) for decade in decades]
    said = "; ".join(f"{label}: {n:g}" for label, n in pairs)
    return bars(pairs, "Listed works by decade", f"Works by year of publication. {said}.", "years")
