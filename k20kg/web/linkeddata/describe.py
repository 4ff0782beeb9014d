"""Descriptions: of the things that we mint IRIs for, of the whole dataset, of its endpoint."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import islice
from threading import Lock
from typing import Final

import pyoxigraph as ox

from k20kg.vocabulary import BASE, DCTERMS, K20, LICENCE, RDFS, SKOS, shorten
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import FORMATS, Format
from k20kg.web.serializer import ask, namespace, statements, write

MOST_INCOMING: Final = 2000
"""So many links to a thing its document gives at most; the rest can be asked for."""
_LABELS: Final = tuple(
    ox.NamedNode(iri) for iri in (RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
)
_EVIDENCE: Final = frozenset(
    K20 + name for name in ("hasEvidence", "evidencedBy", "disputedBy", "leftOpenBy")
)
Node = ox.NamedNode | ox.BlankNode


def path_of(iri: str) -> str:
    """Return the path of one of our IRIs, without a slash before it.

    >>> path_of("https://w3id.org/k20kg/case/lamsig")
    'case/lamsig'
    """
    return iri.removeprefix(BASE)


def iri_of(path: str) -> str:
    """Return the IRI of a path.

    >>> iri_of("/case/lamsig")
    'https://w3id.org/k20kg/case/lamsig'
    """
    return BASE + path.removeprefix("/")


def exists(dataset: Dataset, iri: str) -> bool:
    """Tell whether anything is said of a thing, of its graph, or of anything else by its name."""
    node = _node(iri)
    if node is None:
        return False
    anywhere = ((node,), (None, None, node), (None, None, None, node), (None, node))
    asked = (dataset.store.quads_for_pattern(*(*p, None, None, None)[:4]) for p in anywhere)
    return any(next(found, None) is not None for found in asked)


def is_graph(dataset: Dataset, iri: str) -> bool:
    """Tell whether an IRI names a graph."""
    node = _node(iri)
    return node is not None and dataset.store.contains_named_graph(node)


def describe(dataset: Dataset, iri: str) -> set[ox.Quad]:
    """Return what is said of a thing, by whom, and what refers to it.

    These are the statements about it, with the blank nodes they lead to; those about its evidence;
    the labels of what they link to; the statements that link to it, `MOST_INCOMING` at most; and
    where a named graph has its IRI, the statements in that graph. In no order, each once.
    """
    node = _node(iri)
    if node is None:
        return set()
    store = dataset.store
    found = set(_about(store, [node]))
    evidence = {
        quad.object
        for quad in found
        if quad.predicate.value in _EVIDENCE and isinstance(quad.object, ox.NamedNode)
    }
    found.update(_about(store, evidence))
    linked = {quad.object for quad in found if isinstance(quad.object, ox.NamedNode)}
    for target in linked - {node, *evidence}:
        found.update(_labels(store, target))
    found.update(islice(store.quads_for_pattern(None, None, node, None), MOST_INCOMING))
    if store.contains_named_graph(node):
        found.update(store.quads_for_pattern(None, None, None, node))
    return found


def graph(dataset: Dataset, iri: str) -> list[ox.Quad]:
    """Return the statements of a named graph, sorted."""
    node = _node(iri)
    return sorted(dataset.store.quads_for_pattern(None, None, None, node), key=str) if node else []


def _about(store: ox.Store, nodes: Iterable[Node]) -> Iterator[ox.Quad]:
    """Yield the statements about nodes and about the blank nodes that these lead to."""
    waiting: list[Node] = list(nodes)
    seen = set(waiting)
    while waiting:
        for quad in store.quads_for_pattern(waiting.pop(), None, None, None):
            yield quad
            if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                seen.add(quad.object)
                waiting.append(quad.object)


def _labels(store: ox.Store, node: ox.NamedNode) -> Iterator[ox.Quad]:
    for predicate in _LABELS:
        quads = sorted(store.quads_for_pattern(node, predicate, None, None), key=str)
        if quads:
            yield from quads
            return


def _node(iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return None


_KEYS: Final = ("nq", "trig", "ttl")
_LOCK: Final = Lock()


@dataclass(frozen=True, slots=True)
class Dump:
    """The dataset in one file, compressed."""

    name: str
    """Its file name; its path is ``dump/`` and this."""
    form: Format
    body: bytes = field(repr=False)
    sha256: str
    unpacked: int
    """Bytes before compression."""


def dump_forms(dataset: Dataset) -> dict[str, Format]:
    """Return the file name of each dump with its format; nothing is written yet."""
    forms = (next(form for form in FORMATS if form.key == key) for key in _KEYS)
    return {f"k20kg-{dataset.version}.{form.suffix}.gz": form for form in forms}


def dumps(dataset: Dataset) -> tuple[Dump, ...]:
    """Return all dumps, the most faithful first; the first call takes seconds."""
    with _LOCK:  # whoever asks at the same time waits for the one that makes them
        return _dumps(dataset)


@lru_cache(maxsize=2)
def _dumps(dataset: Dataset) -> tuple[Dump, ...]:
    merge = ox.DefaultGraph()  # there once a query has asked for it
    quads, found = [quad for quad in dataset.store if quad.graph_name != merge], []
    for name, form in dump_forms(dataset).items():
        plain = write(quads, form)
        body = gzip.compress(plain, mtime=0)
        found.append(Dump(name, form, body, sha256(body).hexdigest(), len(plain)))
    return tuple(found)


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
