"""The documents there are: from a path to what it is about, and what stands in it.

A thing's document lies under ``doc/``; ontologies, shapes and named graphs are documents
themselves. The path of each, with a format's suffix, is the address of that format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.vocabulary import BASE, DCTERMS, K20, LICENCE, OWL, RDF_TYPE, RDFS, SKOS
from k20kg.web.dataset import SHAPES, Dataset
from k20kg.web.http.formats import FORMATS, HTML, OFFERS, Format, format_of
from k20kg.web.linkeddata.describe import (
    MOST_INCOMING,
    describe,
    describe_dataset,
    exists,
    graph,
    iri_of,
    is_graph,
    path_of,
)
from k20kg.web.serializer import NAMESPACES, ask, make_quad

_DATASET: Final = BASE + "void#dataset"
_CATALOGUE: Final = BASE + "void#catalogue"
_ONTOLOGY: Final = BASE + "ontology"
_TYPE: Final = ox.NamedNode(RDF_TYPE)
_HEADER: Final = ox.NamedNode(OWL + "Ontology")
_GLOSSES: Final = (RDF_TYPE, RDFS + "label", RDFS + "comment", SKOS + "definition")
"""Statements on a term where it is only spoken of."""
_PAGE_FIRST: Final = (HTML, *(form for form in OFFERS if form is not HTML))
_TURTLE: Final = FORMATS[:1]


class DocumentKind(Enum):
    """Kind of a document."""

    THING = "thing"
    ONTOLOGY = "ontology"
    SHAPES = "shapes"
    GRAPH = "graph"
    HOME = "home"
    VOID = "void"
    DUMPS = "dumps"


@dataclass(frozen=True, slots=True)
class WebDocument:
    """A document, whatever format it comes in."""

    path: str
    """Path at which it is negotiated, without a slash before it: ``doc/case/lamsig``."""
    about: str
    """IRI of the thing, ontology, graph or dataset that it describes."""
    kind: DocumentKind
    offers: tuple[Format, ...] = field(default=OFFERS, repr=False)

    def address(self, form: Format) -> str:
        """Return the path of one format."""
        return f"{self.path or 'void'}.{form.suffix}" if self.path or form is not HTML else ""

    @property
    def formats(self) -> list[Format]:
        """Return its formats, each once and under its proper media type."""
        keys = dict.fromkeys(offer.key for offer in self.offers)
        return [form for form in (HTML, *FORMATS) if form.key in keys]


class Moved(NamedTuple):
    """Document found under another path."""

    path: str
    status: int = 303


HOME: Final = WebDocument("", _DATASET, DocumentKind.HOME, _PAGE_FIRST)
VOID: Final = WebDocument("void", _DATASET, DocumentKind.VOID)
DUMPS: Final = WebDocument("dump/", _DATASET, DocumentKind.DUMPS)


def find(dataset: Dataset, path: str) -> tuple[WebDocument, Format | None] | Moved | None:
    """Return the document at a path and the format that the path asks for, or where it is.

    >>> from k20kg.web.dataset import open_dataset
    >>> find(open_dataset(), "case/lamsig")
    Moved(path='doc/case/lamsig', status=303)
    """
    if path in (".well-known/void", "data"):
        return Moved("void", 302)
    if path.startswith(("/", "doc//")):
        return None
    if (found := _document(dataset, path)) is not None:
        return found, None
    stem, dot, suffix = path.rpartition(".")
    form = format_of(suffix) if dot else None
    if form is not None and (found := _document(dataset, stem)) is not None:
        if form.key in {offer.key for offer in found.offers} and found.path:
            return found, form
        return None
    if path.startswith("ontology/") and is_graph(dataset, iri_of(path)):
        # The name of a file, and so a plain link to it.
        return WebDocument(path, iri_of(path), DocumentKind.GRAPH, _TURTLE), _TURTLE[0]
    known = _is_thing(dataset, path) or (form is not None and _is_thing(dataset, stem))
    return Moved(f"doc/{path}") if known else None


def _document(dataset: Dataset, path: str) -> WebDocument | None:
    """Return the document whose path this is, without a suffix."""
    if path in ("", "void"):
        return VOID if path else HOME
    if path == "shapes":
        return WebDocument(path, SHAPES.value, DocumentKind.SHAPES)
    iri = iri_of(path.removeprefix("doc/"))
    if path.startswith("doc/") and _is_thing(dataset, path.removeprefix("doc/")):
        return WebDocument(path, iri, DocumentKind.THING)
    if path.startswith("ontology") and (found := ontologies(dataset).get(iri)):
        return WebDocument(path, found, DocumentKind.ONTOLOGY)
    if path.startswith("data/") and is_graph(dataset, iri):
        return WebDocument(path, iri, DocumentKind.GRAPH)
    return None


def _is_thing(dataset: Dataset, path: str) -> bool:
    """Tell whether a path is that of a thing, which is no document."""
    first = path.partition("/")[0]
    if not path or "#" in path or first in ("ontology", "shapes", "data", "void", "doc"):
        return False
    return exists(dataset, iri_of(path))


@lru_cache(maxsize=2)
def ontologies(dataset: Dataset) -> dict[str, str]:
    """Return the IRI of each ontology, and of each version that is here, with the ontology's."""
    query = """SELECT DISTINCT ?iri ?of {
        { ?of a owl:Ontology BIND(?of AS ?iri) } UNION { ?of a owl:Ontology ; owl:versionIRI ?iri }
        FILTER(STRSTARTS(STR(?of), STR(<ontology>)) && !CONTAINS(STR(?of), "#"))
    } ORDER BY STR(?iri)"""
    return {row[0]: row[1] for row in ask(dataset, query)}


def list_documents(dataset: Dataset) -> Iterator[WebDocument]:
    """Yield all documents: home, dataset, ontologies, shapes, graphs, and things by IRI."""
    yield HOME
    yield VOID
    for iri, ontology in ontologies(dataset).items():
        yield WebDocument(path_of(iri), ontology, DocumentKind.ONTOLOGY)
    yield WebDocument("shapes", SHAPES.value, DocumentKind.SHAPES)
    graphs = sorted(g.value for g in dataset.store.named_graphs() if isinstance(g, ox.NamedNode))
    for name in graphs:
        if name.startswith(BASE + "data/"):
            yield WebDocument(path_of(name), name, DocumentKind.GRAPH)
    for iri in minted(dataset):
        path = path_of(iri)
        if _is_thing(dataset, path):
            yield WebDocument(f"doc/{path}", iri, DocumentKind.THING)


@lru_cache(maxsize=2)
def minted(dataset: Dataset) -> tuple[str, ...]:
    """Return every IRI below ours that occurs in a dataset, sorted."""
    found: set[str] = set()
    for quad in dataset.store:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                found.add(term.value)
    return tuple(sorted(found))


def statements(dataset: Dataset, document: WebDocument, *, live: bool = True) -> list[ox.Quad]:
    """Return what a document says, of its topic and of itself."""
    if document.kind is DocumentKind.THING:
        return [*describe(dataset, document.about), *_of_document(dataset, document)]
    if document.kind is DocumentKind.ONTOLOGY:
        return [*_ontology(dataset, document.about), *_of_document(dataset, document)]
    if document.kind in (DocumentKind.HOME, DocumentKind.VOID):
        return describe_dataset(dataset, live=live)
    return graph(dataset, document.about)


def _ontology(dataset: Dataset, iri: str) -> Iterator[ox.Quad]:
    """Yield what an ontology says.

    All terms share the namespace of the topmost one, whose document therefore has the terms of
    every module; modules in folders of their own, which few want, stay out. A module's document
    says what the terms of other modules are called that it speaks of.
    """
    store = dataset.store
    homes = store.quads_for_pattern(ox.NamedNode(iri), _TYPE, _HEADER, None)
    names = {q.graph_name.value for q in homes if isinstance(q.graph_name, ox.NamedNode)}
    others: set[str] = set()
    if iri == _ONTOLOGY:
        folder = _ONTOLOGY + "/"
        every = {g.value for g in store.named_graphs() if isinstance(g, ox.NamedNode)}
        names |= {g for g in every if g.startswith(folder) and "/" not in g.removeprefix(folder)}
        others = set(ontologies(dataset).values()) - {iri}
    mentioned: set[str] = set()
    for name in sorted(names):
        for quad in graph(dataset, name):
            if not (isinstance(quad.subject, ox.NamedNode) and quad.subject.value in others):
                yield quad
            terms = (quad.subject, quad.predicate, quad.object)
            mentioned |= {term.value for term in terms if isinstance(term, ox.NamedNode)}
    for term in sorted(term for term in mentioned if term.startswith(K20)):
        for quad in store.quads_for_pattern(ox.NamedNode(term), None, None, None):
            if quad.predicate.value in _GLOSSES and str(quad.graph_name)[1:-1] not in names:
                yield quad


def _of_document(dataset: Dataset, document: WebDocument) -> Iterator[ox.Quad]:
    """Yield what a document says of itself: its topic, licence, and where it belongs."""
    here = iri_of(document.path)
    ns = NAMESPACES
    if document.kind is DocumentKind.ONTOLOGY:
        yield make_quad(document.about, ns["schema"] + "includedInDataCatalog", _CATALOGUE)
        return
    yield make_quad(here, RDF_TYPE, ns["foaf"] + "Document")
    yield make_quad(here, ns["foaf"] + "primaryTopic", document.about)
    yield make_quad(here, ns["void"] + "inDataset", _DATASET)
    if licensed(dataset, document.about):
        yield make_quad(here, DCTERMS + "license", LICENCE)
    links = dataset.store.quads_for_pattern(None, None, ox.NamedNode(document.about), None)
    if next(islice(links, MOST_INCOMING, None), None) is not None:
        note = ox.Literal(
            f"More than {MOST_INCOMING} statements link to the topic; as many are given.",
            language="en",
        )
        yield make_quad(here, RDFS + "comment", note)


def licensed(dataset: Dataset, iri: str) -> bool:
    """Tell whether what is said of a thing comes with the tool, and so under its licence."""
    if not dataset.own or iri == _DATASET:
        return not dataset.own
    node = ox.NamedNode(iri)
    patterns = ((node, None, None, None), (None, None, None, node))
    return not any(
        isinstance(q.graph_name, ox.NamedNode) and q.graph_name.value in dataset.own
        for pattern in patterns
        for q in dataset.store.quads_for_pattern(*pattern)
    )


def classes(dataset: Dataset, iri: str) -> set[str]:
    """Return the classes that a thing is said to be of."""
    quads = dataset.store.quads_for_pattern(ox.NamedNode(iri), _TYPE, None, None)
    return {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}
