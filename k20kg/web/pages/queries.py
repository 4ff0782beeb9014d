"""The saved questions: their list, and the answer to each under an address that can be cited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from k20kg.query.named_queries import GROUPS, Query
from k20kg.query.parameters import NoSuchValueError, Parameter, heading, list_values, term_of
from k20kg.query.sparql import Answer
from k20kg.query.store import Store
from k20kg.web.dataset import merged
from k20kg.web.http.formats import INDEX_FORMATS
from k20kg.web.pages import upper_first
from k20kg.web.pages.answers import MOST, view
from k20kg.web.pages.highlight import lines
from k20kg.web.pages.rows import catalogue
from k20kg.web.pages.terms import names_of

if TYPE_CHECKING:
    from k20kg.errors import K20Error
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

ROW_FORMATS: Final = (("csv", "CSV"), ("tsv", "TSV"), ("json", "JSON"), ("xml", "XML"))
GRAPH_FORMATS: Final = (
    ("ttl", "Turtle"),
    ("nt", "N-Triples"),
    ("jsonld", "JSON-LD"),
    ("rdf", "RDF/XML"),
)
_MOST_CHOICES: Final = 100


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of a question as a form asks for it."""

    name: str
    words: str
    type: str
    value: str
    choices: tuple[tuple[str, str], ...]
    """Value and words of each thing that may be chosen; none where anything may be written."""


def listing(site: Site) -> str:
    """Return the page with all saved questions, by group and subject."""
    groups = []
    for group, words in GROUPS.items():
        by_tag: dict[str, list[Query]] = {}
        for query in catalogue():
            if query.group == group:
                by_tag.setdefault(query.tags[0] if query.tags else "other", []).append(query)
        subjects = [
            (tag, f"{group}-{tag.replace(' ', '-')}", sorted(found, key=lambda q: q.summary))
            for tag, found in sorted(by_tag.items(), key=lambda pair: (-len(pair[1]), pair[0]))
        ]
        groups.append((group, words, sum(len(found) for _, _, found in subjects), subjects))
    return site.render(
        "queries.html",
        title="Saved questions",
        description="Questions about cases, criteria and literature, each with a citable answer.",
        here="/queries",
        alternates=INDEX_FORMATS,
        groups=groups,
        count=len(catalogue()),
    )


def result(
    site: Site,
    query: Query,
    values: Mapping[str, str],
    answer: Answer | None,
    error: K20Error | None = None,
) -> str:
    """Return the page of a saved question with its answer, or with what is wrong.

    `values` are the parameters that the reader gave; the others have their defaults.
    """
    known = {p.name: p for p in query.parameters}
    given = {name: value for name, value in values.items() if name in known}
    settled = {
        p.name: given.get(p.name, p.default or "")
        for p in query.parameters
        if given.get(p.name) or p.default
    }
    text, title = query.text, query.summary
    if error is None or isinstance(error, NoSuchValueError):
        title = heading(query, given, Store(merged(site.dataset), merged=True))
    if error is None:
        text = query.bound(given)
    address = site.links.absolute(f"query/{query.name}")
    if settled:
        address += "?" + urlencode(settled)
    offers = GRAPH_FORMATS if query.form in ("CONSTRUCT", "DESCRIBE") else ROW_FORMATS
    return site.render(
        "query.html",
        title=title,
        description=query.description,
        here="/queries",
        query=query,
        fields=[_field(site, query, p, settled.get(p.name, "")) for p in query.parameters],
        view=view(site, answer) if answer is not None else None,
        error=error,
        address=address,
        downloads=[(name, _download(site, query.name, settled, key)) for key, name in offers],
        text=lines(text),
        source=_download(site, query.name, {} if error else given, "rq"),
        edit=site.links.page("/sparql", query=_body(text)) if site.live else "",
        related=_related(query),
        jsonld=_schema(site, query, title, address) if answer is not None else "",
        most=MOST,
    )


def _schema(site: Site, query: Query, title: str, address: str) -> str:
    """Return the answer in the words of schema.org: a dataset that can be downloaded."""
    tail = address.partition("?")[2]
    said = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": address,
        "name": title,
        "description": query.description,
        "keywords": list(query.tags),
        "version": site.dataset.version,
        "isPartOf": site.links.absolute(""),
        "distribution": {
            "@type": "DataDownload",
            "encodingFormat": "text/csv",
            "contentUrl": site.links.absolute(f"query/{query.name}.csv")
            + (f"?{tail}" if tail else ""),
        },
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _download(site: Site, name: str, values: Mapping[str, str], key: str) -> str:
    given = f"?{urlencode(values)}" if values and not site.links.static_site else ""
    return f"{site.links.root}/query/{name}.{key}{given}"


def _body(text: str) -> str:
    """Return a query without its head: what the console starts from."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+"))


def _related(query: Query) -> list[Query]:
    """Return a few other questions on the same subject."""
    tags = set(query.tags)
    close = [
        (len(tags & set(other.tags)), other)
        for other in catalogue()
        if other.name != query.name and other.group == query.group and tags & set(other.tags)
    ]
    close.sort(key=lambda pair: (-pair[0], pair[1].summary))
    return [other for _, other in close[:6]]


def _field(site: Site, query: Query, parameter: Parameter, value: str) -> Field:
    choices = _choices(site.dataset, query, parameter)
    if value and choices and value not in {key for key, _ in choices}:
        choices = ((value, value), *choices)
    words = upper_first(parameter.name)
    return Field(parameter.name, words, parameter.type, value, choices)


@lru_cache(maxsize=256)
def _choices(dataset: Dataset, query: Query, parameter: Parameter) -> tuple[tuple[str, str], ...]:
    """Return the values that a parameter may have with their words, if they are few."""
    known = list_values(query, parameter, Store(merged(dataset), merged=True))
    if not 1 < len(known) <= _MOST_CHOICES:
        return ()
    if parameter.type != "iri":
        return tuple((one, one) for one in known)
    names = names_of(dataset)
    found = [(one, upper_first(names.name(term_of(parameter, one).value))) for one in known]  # type: ignore[union-attr]
    return tuple(sorted(found, key=lambda pair: pair[1].lower()))
