"""Links for programs: Signposting in the head of each answer, and all in one linkset (RFC 9264).

https://signposting.org says what the relations mean; a page says where its data, its licence and
its citable address are, and data say which page describes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from k20kg.vocabulary import BASE, K20, LICENCE
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import FORMATS, HTML, Format
from k20kg.web.http.responses import quoted
from k20kg.web.linkeddata.describe import dump_forms, header_of, iri_of, path_of
from k20kg.web.linkeddata.documents import (
    HOME,
    DocumentKind,
    WebDocument,
    classes,
    licensed,
    list_documents,
    ontologies,
)
from k20kg.web.serializer import ask

_SCHEMA: Final = "https://schema.org/"
_TYPES: Final = {
    K20 + "CandidateGroup": "Dataset",
    K20 + "CaseRecord": "Dataset",
    K20 + "Definition": "DefinedTerm",
    K20 + "Criterion": "DefinedTerm",
    K20 + "Work": "CreativeWork",
    K20 + "SourceDocument": "CreativeWork",
    K20 + "Person": "Person",
}
"""Types of schema.org for things of our classes."""
_DATASETS: Final = (DocumentKind.HOME, DocumentKind.GRAPH, DocumentKind.VOID)
_LISTED: Final = {K20 + name for name in ("CandidateGroup", "Definition", "SourceDocument")}
"""Classes whose things are in the linkset, along with all that is no thing."""


class Link(NamedTuple):
    """A link from a document."""

    relation: str
    target: str
    """An absolute IRI."""
    media_type: str = ""


def links(dataset: Dataset, document: WebDocument, form: Format) -> Iterator[Link]:
    """Yield the links of a document in a format."""
    page = form is HTML
    cited = document.about if document.kind is DocumentKind.THING else iri_of(document.path)
    if document.kind is not DocumentKind.VOID:
        yield Link("cite-as", cited)
    if page:
        for other in document.formats:
            if other is not HTML:
                yield Link("describedby", iri_of(document.address(other)), other.media_type)
        yield Link("type", _SCHEMA + "AboutPage")
        kinds = classes(dataset, document.about)
        kind = next((name for one, name in _TYPES.items() if one in kinds), "Thing")
        if document.kind is not DocumentKind.THING:
            kind = "Dataset" if document.kind in _DATASETS else "DefinedTermSet"
        yield Link("type", _SCHEMA + kind)
        yield from _items(dataset, document)
    else:
        about = HOME if document.kind is DocumentKind.VOID else document
        if HTML in about.formats:
            yield Link("describes", iri_of(about.address(HTML)), HTML.media_type)
        for other in document.formats:
            if other not in (form, HTML):
                yield Link("alternate", iri_of(document.address(other)), other.media_type)
    if licensed(dataset, document.about):
        yield Link("license", LICENCE)
        if author := header_of(dataset)["creator"]:
            yield Link("author", author)
    if document.kind is not DocumentKind.HOME:
        yield Link("collection", BASE, HTML.media_type)
    if document.kind is DocumentKind.ONTOLOGY and iri_of(document.path) != document.about:
        yield Link("latest-version", document.about)
    yield Link("linkset", BASE + "linkset.json", "application/linkset+json")


def _items(dataset: Dataset, document: WebDocument) -> Iterator[Link]:
    """Yield what a dataset consists of: dumps of all; of a case, the graphs of its record."""
    if document.kind is DocumentKind.HOME:
        for name in dump_forms(dataset):
            yield Link("item", f"{BASE}dump/{name}", "application/gzip")
    elif K20 + "CandidateGroup" in classes(dataset, document.about):
        query = f"""SELECT DISTINCT ?g {{ GRAPH ?g {{ ?record k20:recordOf <{document.about}> }}
            FILTER(STRSTARTS(STR(?g), STR(<>))) }} ORDER BY ?g"""
        for (graph,) in ask(dataset, query):
            path = path_of(graph)
            where = path if path.startswith("data/") else f"doc/{path}"
            yield Link("item", iri_of(f"{where}.trig"), "application/trig")


def header(found: Iterator[Link], root: str) -> str:
    """Return links as the value of a Link header; addresses of ours are those of this host.

    What is cited or names an agent keeps its IRI.
    """
    parts = []
    for link in found:
        here = link.target.startswith(BASE) and link.relation not in ("cite-as", "author")
        target = f"{root}/{path_of(link.target)}" if here else link.target
        kind = f'; type="{link.media_type}"' if link.media_type else ""
        parts.append(f'<{quoted(target)}>; rel="{link.relation}"{kind}')
    return ", ".join(parts)


@lru_cache(maxsize=2)
def linkset(dataset: Dataset) -> bytes:
    """Return the links of all documents but those of lesser things, as ``linkset+json``."""
    current = set(ontologies(dataset).values())
    found = []
    for document in list_documents(dataset):
        if document.kind is DocumentKind.THING and not _LISTED & classes(dataset, document.about):
            continue
        if document.kind is DocumentKind.ONTOLOGY and iri_of(document.path) not in current:
            continue
        form = FORMATS[0] if document.kind is DocumentKind.VOID else HTML
        context: dict[str, object] = {"anchor": iri_of(quoted(document.address(form)))}
        targets: dict[str, list[dict[str, str]]] = {}
        for link in links(dataset, document, form):
            if link.relation != "linkset":
                target = {"href": quoted(link.target)}
                target |= {"type": link.media_type} if link.media_type else {}
                targets.setdefault(link.relation, []).append(target)
        found.append(context | targets)
    return (json.dumps({"linkset": found}, ensure_ascii=False, indent=1) + "\n").encode()
