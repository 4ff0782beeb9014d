"""Search: ``/search?q=words``, for people by kind with snippets, and as JSON, CSV and RDF.

``kind`` asks for one kind alone, whose page 2 is ``&page=2``. Verdicts and shapes, of which there
are many alike, are not searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.report.table import Table
from k20kg.sparql.find import GROUPS, HEADS, MARKS, Hit, Index, Ranked, build, packaged_index, rows
from k20kg.vocabulary import RDF_TYPE, RDFS, shorten
from k20kg.web import indexes
from k20kg.web.dataset import SHAPES, VERDICTS
from k20kg.web.http.formats import CSV, FORMATS, HTML
from k20kg.web.linkeddata.downloads import JSON
from k20kg.web.pages.names import names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

_EACH: Final = 8
"""So many hits of a kind are shown among others."""
_PAGE: Final = 50
_MOST: Final = 200
"""So many hits are given to programs."""
_LONGEST: Final = 500
_WORDS: Final = {
    "question": "Saved questions",
    "case": "Cases",
    "work": "Works",
    "term": "Terms",
    "thing": "Things",
}


@lru_cache(maxsize=2)
def index_of(dataset: Dataset) -> Index:
    """Return the index of what is published; of what came with the tool it is kept on disk."""
    if not dataset.own:
        return packaged_index()
    unsearched = (SHAPES, VERDICTS)
    return Index(build(q for q in dataset.store if q.graph_name not in unsearched))


def _ranked(site: Site, given: indexes.Given) -> list[Ranked]:
    return index_of(site.dataset).rank(given.get("q", "")[:_LONGEST], given.get("kind", ""))


def _page(site: Site, given: indexes.Given, _: object = None) -> str:
    index, ranked, asked = index_of(site.dataset), _ranked(site, given), given.get("q", "")
    kind, number = given.get("kind", ""), given.get("page", "")
    page = int(number) if re.fullmatch("[1-9][0-9]{0,3}", number) else 1
    shown: list[tuple[str, int, list[Ranked]]] = []
    if kind:
        part = ranked[(page - 1) * _PAGE : page * _PAGE]
        shown.append((_WORDS.get(kind, kind), len(ranked), part))
    for group in () if kind else GROUPS:
        if of_group := [one for one in ranked if one.sort == group]:
            shown.append((_WORDS[group], len(of_group), of_group[:_EACH]))
    hits = iter(index.look_up([one for _, _, part in shown for one in part]))
    parts = [(w, n, [_shown(site, next(hits)) for _ in part]) for w, n, part in shown if part]
    return site.render(
        "search.html",
        title=f"Search: {asked}" if asked else "Search",
        here="/search",
        alternates=(JSON, CSV, *FORMATS) if asked else (),
        asked=dict(given),
        count=len(ranked),
        parts=parts,
        names={words: group for group, words in _WORDS.items()},
        page=page,
        pages=-(-len(ranked) // _PAGE) if kind else 1,
        near=index.near(asked) if asked and not ranked else (),
    )


def _shown(site: Site, hit: Hit) -> dict[str, Any]:
    """Return a hit as the page shows it: every second piece of the snippet is what was found."""
    bare = hit.label == shorten(hit.iri)
    words = names_of(site.dataset).name(hit.iri) if bare else hit.label
    pieces = re.split(f"[{''.join(MARKS)}]", hit.snippet)
    return {"hit": hit, "words": words, "pieces": pieces}


def _hits(site: Site, given: indexes.Given) -> list[Hit]:
    return index_of(site.dataset).look_up(_ranked(site, given)[:_MOST])


def _quads(site: Site, given: indexes.Given) -> Iterable[ox.Quad]:
    for hit in _hits(site, given):
        label = ox.Literal(hit.label)
        yield ox.Quad(ox.NamedNode(hit.iri), ox.NamedNode(RDFS + "label"), label)
        yield from indexes.about(site.dataset, hit.iri, {RDF_TYPE})


SEARCH: Final = indexes.Index(
    "search",
    "Search",
    ("q", "kind", "page"),
    _page,
    lambda site, given: Table("Search", HEADS, rows(_hits(site, given))),
    _quads,
    (HTML, JSON, *indexes.OFFERED[1:]),
)
