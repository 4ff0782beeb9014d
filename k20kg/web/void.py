"""The dataset described for programs: VoID and DCAT, with counts, licences and checksums."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.query.sparql import Term
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, XSD, shorten
from k20kg.web.documents import CATALOGUE, DATASET, LICENCE
from k20kg.web.dump import dumps
from k20kg.web.formats import FORMATS
from k20kg.web.writing import NAMESPACES

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["DESCRIPTION", "TITLE", "describe_dataset", "header_value"]

TITLE: Final = "k20kg: what a K-20 partnership is, and which groups are one"
DESCRIPTION: Final = (
    "An ontology of the definition of a K-20 partnership by Clifford and Millar, SHACL shapes that "
    "test it, cases with evidence for every record and with their verdicts, and the literature "
    "that the definition rests on."
)
_VOID: Final = NAMESPACES["void"]
_DCAT: Final = NAMESPACES["dcat"]
_SPDX: Final = NAMESPACES["spdx"]
_FOAF: Final = NAMESPACES["foaf"]
_MEDIA: Final = "https://www.iana.org/assignments/media-types/"
_FORMATS_BY_W3C: Final = "http://www.w3.org/ns/formats/"
_FORMAT_NAMES: Final = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
}
_TYPE: Final = ox.NamedNode(RDF_TYPE)


def header_value(dataset: Dataset, predicate: str) -> str:
    """Return what the header of the ontology says under a predicate, or ""."""
    quads = dataset.store.quads_for_pattern(
        ox.NamedNode(BASE + "ontology"), ox.NamedNode(predicate), None, None
    )
    values = [q.object.value for q in quads if not isinstance(q.object, ox.Triple)]
    return min(values, default="")


@lru_cache(maxsize=4)
def describe_dataset(dataset: Dataset, *, live: bool = True) -> list[ox.Quad]:
    """Return the description; unless `live`, there is no endpoint in it."""
    book = _Book()
    _catalogue(book, dataset, live=live)
    _dataset(book, dataset, live=live)
    _distributions(book, dataset)
    _contents(book, dataset)
    return book.quads


class _Book:
    """Statements as they are made."""

    def __init__(self) -> None:
        self.quads: list[ox.Quad] = []

    def say(self, subject: str, predicate: str, *values: Term | str) -> None:
        for value in values:
            term = ox.NamedNode(value) if isinstance(value, str) else value
            self.quads.append(ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), term))


def _text(text: str) -> ox.Literal:
    return ox.Literal(text, language="en")


def _number(number: int, kind: str = "integer") -> ox.Literal:
    return ox.Literal(str(number), datatype=ox.NamedNode(XSD + kind))


def _catalogue(book: _Book, dataset: Dataset, *, live: bool) -> None:
    book.say(BASE + "void", RDF_TYPE, _VOID + "DatasetDescription")
    book.say(BASE + "void", _FOAF + "primaryTopic", DATASET)
    book.say(BASE + "void", DCTERMS + "title", _text("Description of the dataset k20kg"))
    book.say(CATALOGUE, RDF_TYPE, _DCAT + "Catalog")
    book.say(CATALOGUE, DCTERMS + "title", _text("Catalogue of k20kg"))
    book.say(CATALOGUE, DCTERMS + "description", _text("The one dataset, and where to query it."))
    book.say(CATALOGUE, DCTERMS + "license", LICENCE)
    book.say(CATALOGUE, _DCAT + "dataset", DATASET)
    book.say(CATALOGUE, _FOAF + "homepage", BASE)
    if publisher := header_value(dataset, DCTERMS + "publisher"):
        book.say(CATALOGUE, DCTERMS + "publisher", publisher)
    if live:
        service = BASE + "sparql"
        book.say(CATALOGUE, _DCAT + "service", service)
        book.say(service, RDF_TYPE, _DCAT + "DataService")
        book.say(service, DCTERMS + "title", _text("SPARQL endpoint of k20kg"))
        book.say(service, DCTERMS + "conformsTo", "https://www.w3.org/TR/sparql11-protocol/")
        book.say(service, _DCAT + "endpointURL", service)
        book.say(service, _DCAT + "endpointDescription", service)
        book.say(service, _DCAT + "servesDataset", DATASET)


def _dataset(book: _Book, dataset: Dataset, *, live: bool) -> None:
    def say(predicate: str, *values: Term | str) -> None:
        book.say(DATASET, predicate, *values)

    say(RDF_TYPE, _VOID + "Dataset", _DCAT + "Dataset")
    say(DCTERMS + "title", _text(TITLE))
    say(DCTERMS + "description", _text(DESCRIPTION))
    for name in ("creator", "publisher"):
        if who := header_value(dataset, DCTERMS + name):
            say(DCTERMS + name, who)
    for name in ("issued", "modified"):
        if when := header_value(dataset, DCTERMS + name):
            say(DCTERMS + name, ox.Literal(when, datatype=ox.NamedNode(XSD + "dateTime")))
    if not dataset.own:
        say(DCTERMS + "license", LICENCE)
    say(_DCAT + "version", ox.Literal(dataset.version))
    say(_DCAT + "landingPage", BASE)
    say(_FOAF + "homepage", BASE)
    say(_VOID + "uriSpace", ox.Literal(BASE))
    say(_VOID + "rootResource", BASE + "ontology")
    say(_DCAT + "keyword", *map(_text, ("K-20 partnership", "evaluation", "school district")))
    say(_VOID + "feature", *(_FORMATS_BY_W3C + _FORMAT_NAMES[form.key] for form in FORMATS))
    say(_VOID + "exampleResource", *_examples(dataset))
    if live:
        say(_VOID + "sparqlEndpoint", BASE + "sparql")


def _examples(dataset: Dataset) -> list[str]:
    """Return the real cases: those of which no record says that it is made up."""
    groups = dataset.store.quads_for_pattern(
        None, _TYPE, ox.NamedNode(K20 + "CandidateGroup"), None
    )
    record, made_up = ox.NamedNode(K20 + "recordOf"), ox.NamedNode(K20 + "synthetic")
    true = ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))
    found = {q.subject for q in groups if isinstance(q.subject, ox.NamedNode)}
    for quad in dataset.store.quads_for_pattern(None, made_up, true, None):
        for of in dataset.store.quads_for_pattern(quad.subject, record, None, None):
            found -= {of.object} if isinstance(of.object, ox.NamedNode) else set()
    return sorted(node.value for node in found if node.value.startswith(BASE))


def _distributions(book: _Book, dataset: Dataset) -> None:
    for dump in dumps(dataset):
        node, checksum = (f"{BASE}void#{dump.form.key}{end}" for end in ("", "-checksum"))
        address = f"{BASE}dump/{dump.name}"
        book.say(DATASET, _VOID + "dataDump", address)
        book.say(DATASET, _DCAT + "distribution", node)
        book.say(node, RDF_TYPE, _DCAT + "Distribution")
        book.say(node, DCTERMS + "title", _text(f"All of k20kg as {dump.form.name}, compressed"))
        if not dataset.own:
            book.say(node, DCTERMS + "license", LICENCE)
        book.say(node, _DCAT + "downloadURL", address)
        book.say(node, _DCAT + "accessURL", BASE + "dump/")
        book.say(node, _DCAT + "mediaType", _MEDIA + dump.form.media_type)
        book.say(node, _DCAT + "compressFormat", _MEDIA + "application/gzip")
        book.say(node, _DCAT + "byteSize", _number(len(dump.body), "nonNegativeInteger"))
        book.say(node, _SPDX + "checksum", checksum)
        book.say(checksum, RDF_TYPE, _SPDX + "Checksum")
        book.say(checksum, _SPDX + "algorithm", _SPDX + "checksumAlgorithm_sha256")
        value = ox.Literal(dump.sha256, datatype=ox.NamedNode(XSD + "hexBinary"))
        book.say(checksum, _SPDX + "checksumValue", value)


def _contents(book: _Book, dataset: Dataset) -> None:
    """Say how much of what there is, by class, by property and by graph."""
    triples: set[ox.Triple] = set()
    graphs: Counter[str] = Counter()
    for quad in dataset.store:
        triples.add(quad.triple)
        graphs[getattr(quad.graph_name, "value", "")] += 1
    kinds: Counter[str] = Counter()
    properties: Counter[str] = Counter()
    for triple in triples:
        properties[triple.predicate.value] += 1
        if triple.predicate == _TYPE and isinstance(triple.object, ox.NamedNode):
            kinds[triple.object.value] += 1
    subjects = {triple.subject for triple in triples}
    entities = {s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(BASE)}
    for name, count in (
        ("triples", len(triples)),
        ("entities", len(entities)),
        ("classes", len(kinds)),
        ("properties", len(properties)),
        ("distinctSubjects", len(subjects)),
        ("distinctObjects", len({triple.object for triple in triples})),
    ):
        book.say(DATASET, _VOID + name, _number(count))
    for namespace in sorted({_namespace(iri) for iri in (*kinds, *properties)}):
        book.say(DATASET, _VOID + "vocabulary", namespace)
    for kind, count in sorted(kinds.items()):
        node = f"{BASE}void#class-{_slug(kind)}"
        book.say(DATASET, _VOID + "classPartition", node)
        book.say(node, _VOID + "class", kind)
        book.say(node, _VOID + "entities", _number(count))
    for name, count in sorted(properties.items()):
        node = f"{BASE}void#property-{_slug(name)}"
        book.say(DATASET, _VOID + "propertyPartition", node)
        book.say(node, _VOID + "property", name)
        book.say(node, _VOID + "triples", _number(count))
    for name, count in sorted(graphs.items()):
        if name.startswith(BASE):
            book.say(DATASET, _VOID + "subset", name)
            book.say(name, RDF_TYPE, _VOID + "Dataset")
            book.say(name, _VOID + "triples", _number(count))
            if name not in dataset.own:
                book.say(name, DCTERMS + "license", LICENCE)


def _slug(iri: str) -> str:
    """Return the name of a partition: ``k20-Goal``."""
    return re.sub(r"[^A-Za-z0-9]+", "-", shorten(iri)).strip("-")


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
