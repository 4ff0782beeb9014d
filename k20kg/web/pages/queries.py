"""The named queries, the answer to each under an address to cite, and the SPARQL console."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from k20kg.errors import K20Error
from k20kg.sparql.named_queries import GROUPS, Query, QueryParameter, term_of
from k20kg.sparql.parameters import NoSuchValueError, heading, list_values
from k20kg.sparql.sparql import Answer, Triples
from k20kg.sparql.store import Store
from k20kg.sparql.tokens import WORDS
from k20kg.vocabulary import PREFIXES
from k20kg.web.dataset import Dataset, merged
from k20kg.web.http.formats import GRAPH_FORMATS, ROW_FORMATS
from k20kg.web.pages import Site
from k20kg.web.pages.answers import ROWS, marked_lines, view
from k20kg.web.pages.names import names_of
from k20kg.web.pages.rows import body_of, catalogue
from k20kg.web.pages.wording import upper_first

_ROW_FORMATS: Final = (*ROW_FORMATS[2:], *ROW_FORMATS[:2])
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
"""Query that stands in the console at first."""
_MOST_CHOICES: Final = 100
_MOST_RELATED: Final = 6
_FEW: Final = "other subjects"
PAGE: Final = 100
"""Number of rows that a page of the console shows."""
_LONGEST: Final = 20_000
_PLACE: Final = re.compile(r":([0-9]{1,9})(?::([0-9]{1,9}))?$")


def listing(site: Site) -> str:
    """Return the page with all named queries, by group and subject."""
    return site.render("queries.html", groups=list(_topics()))


def _topics() -> Iterator[tuple[str, str, list[tuple[str, list[Query]]]]]:
    """Yield each group and its words, with its queries by subject; those of few come last."""
    for group, words in GROUPS.items():
        of_group = sorted((q for q in catalogue() if q.group == group), key=lambda q: q.summary)
        numbers = Counter(query.tags[:1] for query in of_group)
        by_tag: dict[str, list[Query]] = {}
        for query in of_group:
            tag = query.tags[0] if query.tags and numbers[query.tags[:1]] > 2 else _FEW
            by_tag.setdefault(tag, []).append(query)
        order = sorted(by_tag.items(), key=lambda pair: (pair[0] == _FEW, -len(pair[1]), pair[0]))
        yield group, words, order


def result(
    site: Site,
    query: Query,
    values: Mapping[str, str],
    answer: Answer | None,
    error: K20Error | None = None,
    *,
    page: int = 1,
) -> str:
    """Return the page of a named query with a page of its answer, or with what is wrong.

    `values` are the parameters that the reader gave; the others have their defaults.
    """
    given = {p.name: values[p.name] for p in query.parameters if p.name in values}
    settled = {p.name: v for p in query.parameters if (v := given.get(p.name) or p.default or "")}
    text, title = query.text, query.summary
    if error is None or isinstance(error, NoSuchValueError):
        title = heading(query, given, Store(merged(site.dataset), merged=True))
    if error is None:
        text = query.bound(given)
    offers = GRAPH_FORMATS if query.form in ("CONSTRUCT", "DESCRIBE") else _ROW_FORMATS
    return site.render(
        "query.html",
        title=title,
        query=query,
        fields=[_field(site, query, p, settled.get(p.name, "")) for p in query.parameters],
        view=view(site, answer, ROWS * (page - 1)) if answer is not None else None,
        page=page,
        error=error,
        address=site.links.cite(f"query/{query.name}", settled),
        settled=settled,
        downloads=[
            (form.name, site.links.answer(query.name, settled, form.key))
            for form in offers
            if site.offers(form.key)
        ],
        text=marked_lines(text),
        source=site.links.answer(query.name, {} if error else given, "rq"),
        edit=site.links.page("/sparql", query=body_of(text)) if site.live else "",
        related=_related(query),
    )


def _related(query: Query) -> list[Query]:
    """Return a few other queries on the same subject."""
    beside = [one for one in catalogue() if one.group == query.group and one.name != query.name]
    shared = [(-len({*query.tags} & {*one.tags}), one.summary, one) for one in beside]
    return [one for n, _, one in sorted(shared, key=lambda s: s[:2]) if n][:_MOST_RELATED]


def _field(site: Site, query: Query, parameter: QueryParameter, value: str) -> dict[str, Any]:
    """Return a parameter as a form asks for it; without choices anything may be written."""
    choices = _choices(site.dataset, query, parameter)
    if value and choices and value not in dict(choices):
        choices = ((value, value), *choices)
    words = upper_first(parameter.name)
    return {"name": parameter.name, "words": words, "value": value, "choices": choices}


@lru_cache(maxsize=256)
def _choices(
    dataset: Dataset, query: Query, parameter: QueryParameter
) -> tuple[tuple[str, str], ...]:
    """Return the values that a parameter may have with their words, if they are few."""
    known = list_values(query, parameter, Store(merged(dataset), merged=True))
    if not 1 < len(known) <= _MOST_CHOICES:
        return ()
    if parameter.type != "iri":
        return tuple((one, one) for one in known)
    names = names_of(dataset)
    terms = {one: getattr(term_of(parameter, one), "value", one) for one in known}
    found = [(one, upper_first(names.name(iri))) for one, iri in terms.items()]
    return tuple(sorted(found, key=lambda pair: pair[1].lower()))


def console(
    site: Site,
    text: str = "",
    answer: Answer | None = None,
    error: K20Error | None = None,
    *,
    limits: str = "",
    hints: Sequence[str] = (),
    page: int = 1,
) -> str:
    """Return the console with a query, a page of its answer or its fault.

    `limits` is said under the form, `hints` beside the answer.
    """
    text = text.replace("\r\n", "\n")  # a form sends its lines so
    place = _PLACE.search(error.where) if error else None
    asked = bool(text.strip())
    query = text if asked else START
    offers = GRAPH_FORMATS if isinstance(answer, Triples) else _ROW_FORMATS
    endpoint = f"{site.links.root}/sparql"
    return site.render(
        "console.html",
        query=query,
        height=min(28, max(8, query.count("\n") + 3)),
        view=view(site, answer, PAGE * (page - 1), PAGE) if answer is not None else None,
        error=error,
        line=int(place[1]) if place else 0,
        column=int(place[2] or 0) if place else 0,
        text=marked_lines(text[:_LONGEST]) if asked else [],
        downloads=[
            (form.name, f"{endpoint}?{urlencode({'query': text, 'format': form.key})}")
            for form in (offers if answer is not None else ())
        ],
        page=page,
        address=f"{endpoint}?{urlencode({'query': text})}" if asked else "",
        prefixes=sorted(PREFIXES.items()),
        words=" ".join(sorted(WORDS)),
        examples=list(_topics()),
        limits=limits,
        hints=hints,
        endpoint=endpoint,
    )
