"""The whole dataset: as files to download, and described (VoID, DCAT), with its endpoint."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Final

import pyoxigraph as ox

from k20kg.vocabulary import DCTERMS, LICENCE, shorten
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import FORMATS, Format
from k20kg.web.serializer import ask, namespace, statements, write

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


def checksums(dataset: Dataset) -> str:
    """Return a file that ``sha256sum --check`` reads."""
    return "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps(dataset))


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
