"""Descriptions of the dataset (VoID, DCAT) and of its endpoint, from templates over queries."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from k20kg.vocabulary import DCTERMS, LICENCE, shorten
from k20kg.web.dataset import Dataset
from k20kg.web.linkeddata.dump import dumps
from k20kg.web.serializer import namespace
from k20kg.web.texts import ask, statements

TITLE: Final = "k20kg: what a K-20 partnership is, and which groups are one"
DESCRIPTION: Final = (
    "An ontology of the definition of a K-20 partnership by Clifford and Millar, SHACL shapes that "
    "test it, cases with evidence for every record and with their verdicts, and the literature "
    "that the definition rests on."
)


@lru_cache(maxsize=2)
def header_of(dataset: Dataset) -> dict[str, str]:
    """Return what the header of the ontology says under terms of DCMI; "" for what it does not."""
    found = ask(
        dataset,
        "SELECT ?p (MIN(STR(?o)) AS ?value) { <ontology> ?p ?o "
        "FILTER(STRSTARTS(STR(?p), STR(dcterms:))) } GROUP BY ?p",
    )
    said = {name.removeprefix(DCTERMS): value for name, value in found}
    return {"creator": "", "publisher": "", "issued": "", "modified": ""} | said


@lru_cache(maxsize=4)
def describe_dataset(dataset: Dataset, *, live: bool = True) -> list[ox.Quad]:
    """Return the description; unless `live`, there is no endpoint in it."""
    return statements(
        dataset,
        "void.ttl",
        live=live,
        title=TITLE,
        description=DESCRIPTION,
        licence=LICENCE,
        header=header_of(dataset),
        dumps=dumps(dataset),
        graphs=_sizes(dataset),
        slug=lambda iri: re.sub(r"[^A-Za-z0-9]+", "-", shorten(iri)).strip("-"),  # k20-Goal
        namespace=namespace,
    )


@lru_cache(maxsize=4)
def describe_service(dataset: Dataset, address: str) -> list[ox.Quad]:
    """Return the SPARQL 1.1 Service Description of the endpoint at an address."""
    return statements(dataset, "service.ttl", address=address, graphs=_sizes(dataset))


def _sizes(dataset: Dataset) -> list[tuple[str, ...]]:
    """Return the name of each graph with how many triples it has."""
    query = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    return ask(dataset, query)
