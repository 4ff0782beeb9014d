"""The ontology passes the checks of FOOPS!

FOOPS! (https://w3id.org/foops/) is a scanner of how findable, accessible, interoperable and
reusable an ontology is; the checks of it that need no network are made here, each under its name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pyoxigraph as ox
import pytest
from in_process import dataset, fetch, follow, parse, path_to

from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, SKOS
from k20kg.web.linkeddata.documents import DocumentKind, list_documents

ONTOLOGY = BASE + "ontology"
ONTOLOGIES = sorted({d.about for d in list_documents(dataset()) if d.kind is DocumentKind.ONTOLOGY})
VANN = "http://purl.org/vocab/vann/"
NOT_ON_LOOPBACK = {
    "FIND2": "asks prefix.cc and LOV for the prefix",
    "FIND3": "asks LOV, unless the ontology names a catalogue that lists it; that is checked",
    "OM4.2": "fetches the licence from creativecommons.org; its address is checked",
    "OM3": "wants a DOI and a logo besides; no DOI has been minted, and none is invented",
}


@cache
def header(iri: str) -> dict[str, list[str]]:
    """Return the header of an ontology, read from its RDF/XML as FOOPS! does."""
    quads = parse(fetch(path_to(iri), "application/rdf+xml"))
    found: dict[str, list[str]] = {}
    for quad in quads:
        if quad.subject == ox.NamedNode(iri):
            found.setdefault(quad.predicate.value, []).append(quad.object.value)
    headers = {q.subject.value for q in quads if q.object == ox.NamedNode(OWL + "Ontology")}
    assert headers == {iri}, "a document has one ontology header"
    return found


@cache
def vocabulary() -> frozenset[str]:
    """Every class and property of ours."""
    kinds = {ox.NamedNode(OWL + k) for k in ("Class", "ObjectProperty", "DatatypeProperty")}
    store = dataset().store
    found = {
        q.subject.value
        for k in kinds
        for q in store.quads_for_pattern(None, None, k, None)
        if isinstance(q.subject, ox.NamedNode)
    }
    return frozenset(term for term in found if term.startswith(K20))


@cache
def terms(iri: str) -> dict[str, set[str]]:
    """The terms of ours that an ontology speaks of, with the predicates that it uses on each."""
    quads = parse(fetch(path_to(iri), "text/turtle"))
    spoken_of = {term.value for q in quads for term in q.triple if isinstance(term, ox.NamedNode)}
    found: dict[str, set[str]] = {term: set() for term in spoken_of & vocabulary()}
    for quad in quads:
        if quad.subject.value in found:
            found[quad.subject.value].add(quad.predicate.value)
    assert found
    return found


FOOPS: dict[str, Callable[[str], object]] = {
    "PURL1": lambda iri: "w3id.org" in iri,
    "HTTP1": lambda iri: iri.startswith("http"),
    "URI1": lambda iri: all(
        follow(path_to(iri), kind).status == 200
        for kind in ("application/rdf+xml", "text/turtle", "text/n3", "application/ld+json")
    ),
    "URI2": lambda iri: header(iri)[RDF_TYPE] == [OWL + "Ontology"],
    "VER1": lambda iri: header(iri)[OWL + "versionIRI"][0] not in ("", iri),
    "VER2": lambda iri: all(
        follow(path_to(header(iri)[OWL + "versionIRI"][0]), kind).status == 200
        for kind in (None, "text/html", "application/rdf+xml")
    ),
    "CN1": lambda iri: (
        follow(path_to(iri), "text/html").media_type == "text/html"
        and follow(path_to(iri), "application/rdf+xml").media_type == "application/rdf+xml"
    ),
    "RDF1": lambda iri: parse(fetch(path_to(iri), "application/rdf+xml")),
    "DOC1": lambda iri: b"<html" in fetch(path_to(iri), "text/html").body,
    "OM1": lambda iri: all(
        header(iri)[name]
        for name in (
            DCTERMS + "title",
            DCTERMS + "description",
            DCTERMS + "license",
            OWL + "versionIRI",
            DCTERMS + "creator",
            VANN + "preferredNamespaceUri",
        )
    ),
    "OM2": lambda iri: all(
        header(iri)[name]
        for name in (
            VANN + "preferredNamespacePrefix",
            OWL + "versionInfo",
            DCTERMS + "created",
            DCTERMS + "bibliographicCitation",
            DCTERMS + "contributor",
        )
    ),
    "OM3": lambda iri: all(
        header(iri)[name]
        for name in (
            DCTERMS + "publisher",
            "http://purl.org/ontology/bibo/status",
            DCTERMS + "source",
            DCTERMS + "issued",
            DCTERMS + "modified",
        )
    ),
    "OM4.1": lambda iri: header(iri)[DCTERMS + "license"],
    "OM4.2": lambda iri: header(iri)[DCTERMS + "license"][0].startswith("https://creativecommons"),
    "OM5.1": lambda iri: header(iri)[DCTERMS + "created"] and header(iri)[DCTERMS + "creator"],
    "OM5.2": lambda iri: header(iri)[DCTERMS + "issued"] and header(iri)[DCTERMS + "publisher"],
    "VOC1": lambda iri: any(name.startswith(DCTERMS) for name in header(iri)),
    "VOC2": lambda _: any(
        quad.predicate.value == RDFS + "subClassOf"
        and isinstance(quad.object, ox.NamedNode)
        and not quad.object.value.startswith((BASE, "http://www.w3.org/2002/07/owl#"))
        for alignment in ONTOLOGIES
        for quad in parse(fetch(path_to(alignment), "text/turtle"))
    ),
    "VOC3": lambda iri: all(RDFS + "label" in used for used in terms(iri).values()),
    "VOC4": lambda iri: all(
        {SKOS + "definition", RDFS + "comment"} & used for used in terms(iri).values()
    ),
    "FIND1": lambda iri: header(iri)[VANN + "preferredNamespacePrefix"] == ["k20"],
    "FIND3": lambda iri: header(iri)["https://schema.org/includedInDataCatalog"],
    "FIND3-BIS": lambda iri: header(iri)["https://schema.org/includedInDataCatalog"],
}


@pytest.mark.parametrize("check", FOOPS)
def test_foops(check: str) -> None:
    """Each ontology passes each check; `NOT_ON_LOOPBACK` says what a check would ask elsewhere."""
    assert len(ONTOLOGIES) > 10
    for iri in ONTOLOGIES:
        assert FOOPS[check](iri), iri


def test_the_top_ontology_declares_every_term_of_the_modules() -> None:
    assert len(terms(ONTOLOGY)) > 150
    for iri in ONTOLOGIES:
        if "/alignments/" not in iri:
            assert terms(iri).keys() <= terms(ONTOLOGY).keys()
