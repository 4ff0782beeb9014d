"""Search: ``/search?q=words``, for people the best and by kind, and as JSON, CSV and RDF.

``kind`` asks for one kind alone, whose page 2 is ``&page=2``. Verdicts and shapes, of which there
are many alike, are not searched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from k20kg.find.index import HEADS, MARKS, Hit, WordIndex, build, packaged_index, rows
from k20kg.report.table import Table
from k20kg.vocabulary import RDF_TYPE, RDFS, shorten
from k20kg.web import indexes
from k20kg.web.dataset import SHAPES, VERDICTS, Dataset
from k20kg.web.http.formats import CSV, FORMATS, HTML, JSON
from k20kg.web.pages import Site
from k20kg.web.pages.names import names_of
from k20kg.web.pages.rows import page_of
from k20kg.web.serializer import make_quad

_EACH: Final = 8
"""So many hits of a kind are shown among others."""
_PAGE: Final = 50
_MOST: Final = 100
"""So many hits are given to programs."""
_LONGEST: Final = 500
_WORDS: Final = {"best": "Best", "question": "Saved questions", "case": "Cases", "work": "Works",
                 "term": "Terms", "thing": "Things"}  # fmt: skip


@lru_cache(maxsize=2)
def index_of(dataset: Dataset) -> WordIndex:
    """Return the index of what is published; of what came with the tool it is kept on disk."""
    if not dataset.own:
        return packaged_index()
    return WordIndex(build(q for q in dataset.store if q.graph_name not in (SHAPES, VERDICTS)))


def _page(site: Site, given: indexes.Given, _: object = None) -> str:
    index, asked, kind = index_of(site.dataset), given.get("q", ""), given.get("kind", "")
    ranked = index.rank(asked[:_LONGEST], kind)
    page = page_of(given.get("page", ""))
    if kind:
        parts = [(kind, ranked, ranked[(page - 1) * _PAGE : page * _PAGE])]
    else:
        every = [(group, [one for one in ranked if one.sort == group]) for group in _WORDS]
        parts = [(group, found, found[:_EACH]) for group, found in every if found]
        parts = [("best", ranked[:3], ranked[:3]), *parts] if parts[1:] else parts
    return site.render(
        "search.html",
        alternates=(JSON, CSV, *FORMATS) if asked else (),
        asked=dict(given),
        count=len(ranked),
        parts=[(_WORDS.get(g, g), g, len(found), index.look_up(few)) for g, found, few in parts],
        name=lambda hit: (
            names_of(site.dataset).name(hit.iri) if hit.label == shorten(hit.iri) else hit.label
        ),
        pieces=lambda hit: re.split(f"[{MARKS}]", hit.snippet),
        page=page,
        pages=-(-len(ranked) // _PAGE) if kind else 1,
        near=index.similar_words(asked[:_LONGEST]) if asked and not ranked else (),
    )


def _hits(site: Site, given: indexes.Given) -> list[Hit]:
    index = index_of(site.dataset)
    ranked = index.rank(given.get("q", "")[:_LONGEST], given.get("kind", ""))
    return index.look_up(ranked[:_MOST])


def _quads(site: Site, given: indexes.Given) -> Iterable[ox.Quad]:
    for hit in _hits(site, given):
        yield make_quad(hit.iri, RDFS + "label", ox.Literal(hit.label))
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
