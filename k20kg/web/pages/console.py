"""The SPARQL console: a form, what the query gave, and where it is wrong if it is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from k20kg.query.named_queries import GROUPS, Query
from k20kg.query.sparql import Answer, Triples
from k20kg.web.pages.answers import MOST, view
from k20kg.web.pages.highlight import lines
from k20kg.web.pages.queries import GRAPH_FORMATS, ROW_FORMATS
from k20kg.web.pages.rows import catalogue

if TYPE_CHECKING:
    from k20kg.errors import K20Error
    from k20kg.web.pages import Site

_PLACE: Final = re.compile(r":([0-9]{1,9})(?::([0-9]{1,9}))?$")
_LONGEST: Final = 20_000
_EACH: Final = 6
START: Final = """\
SELECT ?case ?label ?criterion ?verdict
WHERE {
    ?assessment a k20:Assessment ;
        prov:wasDerivedFrom ?case ;
        dcterms:hasPart ?part .
    ?part k20:onCriterion/rdfs:label ?criterion ;
        k20:onReading <https://w3id.org/k20kg/reading/literal> ;
        k20:verdict/rdfs:label ?verdict .
    ?case rdfs:label ?label .
    FILTER(?verdict != "met"@en)
}
ORDER BY ?case ?criterion"""
"""What stands in the form before anybody writes."""


def page(
    site: Site,
    text: str = "",
    answer: Answer | None = None,
    error: K20Error | None = None,
    *,
    limits: str = "",
    hints: Sequence[str] = (),
) -> str:
    """Return the console with a query, its answer or its fault.

    `limits` is said under the form, `hints` beside the answer.
    """
    place = _PLACE.search(error.where) if error else None
    asked = bool(text.strip())
    shown = view(site, answer) if answer is not None else None
    offers = GRAPH_FORMATS if isinstance(answer, Triples) else ROW_FORMATS
    endpoint = f"{site.links.root}/sparql"
    return site.render(
        "console.html",
        title="SPARQL console",
        description="Ask the graph in SPARQL 1.1: read-only, with saved questions to start from.",
        here="/queries",
        query=text if asked else START,
        height=min(28, max(8, (text if asked else START).count("\n") + 3)),
        asked=asked,
        view=shown,
        error=error,
        line=int(place[1]) if place else 0,
        column=int(place[2] or 0) if place else 0,
        text=lines(text[:_LONGEST]) if asked else [],
        downloads=[
            (name, f"{endpoint}?" + urlencode({"query": text, "format": key}))
            for key, name in offers
        ]
        if shown is not None
        else [],
        examples=[
            (heading, _varied([q for q in catalogue() if q.group == group]))
            for group, heading in GROUPS.items()
        ],
        limits=limits,
        hints=hints,
        endpoint=endpoint,
        most=MOST,
    )


def _varied(queries: list[Query]) -> list[Query]:
    """Return a few questions, each on another subject, the subjects with most questions first."""
    subjects = Counter(query.tags[0] for query in queries if query.tags)
    first = {tag: next(q for q in queries if q.tags[:1] == (tag,)) for tag in subjects}
    return [first[tag] for tag, _ in subjects.most_common(_EACH)]
