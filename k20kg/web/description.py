"""The SPARQL 1.1 Service Description of our endpoint."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.vocabulary import DCTERMS, RDF_TYPE

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

__all__ = ["describe"]

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
VOID: Final = "http://rdfs.org/ns/void#"
_W3C_FORMATS: Final = "http://www.w3.org/ns/formats/"
_FORMATS: Final = (
    *("SPARQL_Results_JSON", "SPARQL_Results_XML", "SPARQL_Results_CSV", "SPARQL_Results_TSV"),
    *("Turtle", "N-Triples", "JSON-LD", "RDF_XML"),
)
_FORMS: Final = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}


def describe(site: Site, key: str) -> bytes:
    """Return what the endpoint says of itself, in a format by its key."""
    found = ox.serialize(
        _triples(site.links.absolute("sparql"), site.dataset),
        format=_FORMS[key],
        prefixes={"sd": SD, "void": VOID, "dcterms": DCTERMS, "formats": _W3C_FORMATS},
    )
    assert found is not None
    return found


@lru_cache(maxsize=4)
def _triples(address: str, dataset: Dataset) -> list[ox.Triple]:
    service = ox.NamedNode(address)
    everything, union = ox.NamedNode(f"{address}#dataset"), ox.NamedNode(f"{address}#union")
    found: list[ox.Triple] = []

    def say(subject: ox.NamedNode, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        found.append(ox.Triple(subject, ox.NamedNode(predicate), value))

    say(service, RDF_TYPE, ox.NamedNode(SD + "Service"))
    say(service, SD + "endpoint", service)
    say(
        service,
        DCTERMS + "description",
        ox.Literal("Queries only; no update, no SERVICE", language="en"),
    )
    say(service, SD + "supportedLanguage", ox.NamedNode(SD + "SPARQL11Query"))
    say(service, SD + "feature", ox.NamedNode(SD + "UnionDefaultGraph"))
    for name in _FORMATS:
        say(service, SD + "resultFormat", ox.NamedNode(_W3C_FORMATS + name))
    say(service, SD + "defaultDataset", everything)
    say(everything, RDF_TYPE, ox.NamedNode(SD + "Dataset"))
    say(everything, SD + "defaultGraph", union)
    say(union, RDF_TYPE, ox.NamedNode(SD + "Graph"))
    for number, (graph_name, triples) in enumerate(_sizes(dataset.store), start=1):
        graph = ox.NamedNode(f"{address}#graph-{number}")
        content = ox.NamedNode(f"{address}#content-{number}")
        say(everything, SD + "namedGraph", graph)
        say(graph, RDF_TYPE, ox.NamedNode(SD + "NamedGraph"))
        say(graph, SD + "name", graph_name)
        say(graph, SD + "graph", content)
        say(content, RDF_TYPE, ox.NamedNode(SD + "Graph"))
        say(content, VOID + "triples", triples)
    return found


def _sizes(store: ox.Store) -> list[tuple[ox.NamedNode, ox.Literal]]:
    """Return the named graphs in order, each with how many triples it has."""
    found = store.query(
        "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g ORDER BY ?g"
    )
    return [(row["g"], row["n"]) for row in found]  # type: ignore[union-attr]
