"""The page of a case: verdict, glance, criteria, gaps, charts, time, conflicts, reuse.

What the record says of goals, benefits, labour, work, people and conflicts are answers of named
queries, which the template asks.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from k20kg.query.named_queries import Query
from k20kg.report.wording import MADE_UP, concerned, place, told
from k20kg.vocabulary import BASE, DCTERMS, RDFS, shorten
from k20kg.web.http.formats import FORMATS
from k20kg.web.pages import Site, reading_words
from k20kg.web.pages.facts import case_graphs, judged
from k20kg.web.pages.findings import findings_of
from k20kg.web.pages.history import history_of
from k20kg.web.pages.rows import catalogue
from k20kg.web.pages.terms import local, names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"


def page(site: Site, iri: str) -> str:
    """Return the page of a case; `KeyError` if the dataset holds none of this IRI."""
    model = _model(site.dataset, iri)
    return site.render(
        "case.html",
        here="/cases",
        iri=iri,
        formats=FORMATS,
        questions=_questions(site, iri),
        jsonld=_schema(model, site.dataset.version, iri),
        **model,
    )


def _schema(model: dict[str, Any], version: str, iri: str) -> str:
    """Return the case in the words of schema.org."""
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": iri,
        "url": iri,
        "name": model["label"],
        "description": model["about"] or model["description"],
        "version": version,
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": f"{BASE}doc/{iri.removeprefix(BASE)}.{form.suffix}",
                "encodingFormat": form.media_type,
            }
            for form in FORMATS
        ],
    }
    if model["licence"]:
        told["license"] = model["licence"]
    return json.dumps(told, ensure_ascii=False)


@lru_cache(maxsize=512)
def _model(dataset: Dataset, iri: str) -> dict[str, Any]:
    found = judged(dataset, iri)
    names = names_of(dataset)
    case = found.assessments
    label = case[0].label if case else names.name(iri)
    readings = {one.reading.iri: reading_words(one.reading) for one in case}
    # Our licence is for what comes with us.
    ours = "" if case_graphs(dataset, iri) & dataset.own else LICENCE
    return {
        "title": f"{label}: verdict and evidence",
        "description": f"{label}, judged criterion by criterion, with evidence, gaps and sources.",
        "label": label,
        "name": _short_name(label),
        "about": names.value(iri, RDFS + "comment"),
        "fault": found.fault,
        "made_up": MADE_UP if found.synthetic else "",
        "statements": len({quad.triple for quad in found.case.quads}),
        "place": place,
        "told": told,
        "concerned": concerned,
        "licence": names.value(iri, DCTERMS + "license") or ours,
        "history": history_of(names, found.case, case[0].definition, readings) if case else None,
        "cite_key": re.sub(r"[^a-z0-9]+", "-", f"k20kg-{local(iri)}".lower()).strip("-"),
        "cite_title": re.sub(r"([&%$#_])", r"\\\1", re.sub(r"[{}\\~^]", " ", label)),
        **findings_of(case),
    }


def _short_name(label: str) -> str:
    """Return the short name that a label gives in brackets at its end, else the label.

    >>> _short_name("Los Angeles Middle School Immersion Group (LAMSIG)")
    'LAMSIG'
    """
    found = re.search(r"\(([A-Z0-9][A-Za-z0-9-]{1,15})\)$", label)
    return found[1] if found else re.sub(r" \(made up\)$", "", label)


# ---------------------------------------------------------------- reuse


@lru_cache(maxsize=1)
def _queries_of_a_case() -> tuple[tuple[Query, str], ...]:
    """Return the queries that can be put to a case, each with the case that it asks of itself."""
    return tuple(
        (query, p.default or "") for query in catalogue() for p in query.parameters
        if p.name == "case"
    )  # fmt: skip


def _questions(site: Site, iri: str) -> list[tuple[str, str]]:
    """Return the saved questions that can be asked of this case: words and address.

    A static site answers with the defaults only, so there it is those whose default is this case.
    """
    found = []
    for query, default in _queries_of_a_case():
        same = default == shorten(iri)
        if site.live or same:
            parameters = {} if same else {"case": shorten(iri)}
            found.append((query.summary, site.links.query(query.name, **parameters)))
    return found
