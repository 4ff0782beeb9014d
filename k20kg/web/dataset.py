"""All that is published, in one store: ontology, shapes, cases, literature, verdicts."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from k20kg import vocabulary
from k20kg.definition.bundles import all_shapes
from k20kg.errors import InputError, K20Error
from k20kg.judging.cases import Case
from k20kg.judging.judge import Judge
from k20kg.model import Assessment
from k20kg.rdf.graph import marked
from k20kg.rdf.normal_form import about_a_statement
from k20kg.rdf.syntax import EXTENSIONS, stream
from k20kg.rdf.text import cleanse, decode, neutralise
from k20kg.report import turtle
from k20kg.sources.folders import syntax_of_file
from k20kg.sources.patches import expand
from k20kg.sources.published import publish
from k20kg.sparql.fetch import fetch_cases
from k20kg.sparql.loading import list_files
from k20kg.sparql.merge import merged_copy
from k20kg.sparql.store import Store, list_packaged, packaged_graph
from k20kg.version import __version__
from k20kg.vocabulary import BASE

SHAPES: Final = ox.NamedNode(BASE + "shapes")
"""The graph of all shapes."""
VERDICTS: Final = ox.NamedNode(vocabulary.VERDICTS)
"""The graph of the verdicts on all cases, under every reading of the definition."""
_LARGEST: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case and what a definition makes of it."""

    case: Case
    assessments: tuple[Assessment, ...]
    """One a reading, in the readings' order; none where the record is not well formed."""
    fault: str = ""
    """Fault of the record."""

    @property
    def iri(self) -> str:
        """IRI of the candidate group."""
        return self.case.group

    @property
    def synthetic(self) -> bool:
        """Say whether the case is made up."""
        return any(one.synthetic for one in self.assessments)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Published data; it never changes after loading."""

    store: ox.Store
    """Named graphs only; blank nodes bear the same names whenever the same files are loaded."""
    version: str
    digest: str
    """SHA-256 of all that went in, in hexadecimal."""
    own: frozenset[str] = frozenset()
    """Graphs that did not come with the tool, and are not under its licence."""
    judged: Mapping[str, JudgedCase] = field(default_factory=dict, repr=False, compare=False)
    """Every case by its IRI, judged by the default definition."""


@lru_cache(maxsize=1)
def merged(dataset: Dataset) -> ox.Store:
    """Return what is published with the merge of all graphs as the default graph, for queries."""
    return merged_copy(dataset.store)


def open_dataset(paths: Sequence[Path] = ()) -> Dataset:
    """Return the packaged data with shapes and verdicts, and further files and folders beside it.

    A further file of triples becomes the graph ``https://w3id.org/k20kg/data/NAME``. Raises
    `InputError` for what cannot be read.
    """
    store = ox.Store()
    seal = sha256(__version__.encode())
    own: set[str] = set()
    for number, (data, quads, shipped) in enumerate(_sources(paths)):
        seal.update(sha256(data).digest())
        added = list(map(marked(f"n{number}").quad, quads))
        store.extend(added)
        if not shipped:
            own |= {q.graph_name.value for q in added if isinstance(q.graph_name, ox.NamedNode)}
    judge = Judge()
    judged = {
        case.group: judge_case(case, judge) for case in fetch_cases(Store(store, frozen=True))
    }
    assessments = [a for one in judged.values() for a in one.assessments]
    verdicts = turtle.render(assessments, version=__version__)
    seal.update(verdicts.encode())
    store.extend(
        ox.Quad(q.subject, q.predicate, q.object, VERDICTS)
        for q in ox.parse(verdicts, ox.RdfFormat.TURTLE)
    )
    return Dataset(store, __version__, seal.hexdigest(), frozenset(own), judged)


def judge_case(case: Case, judge: Judge) -> JudgedCase:
    """Return a case with its verdicts, or with what is wrong with its record."""
    try:
        return JudgedCase(case, tuple(cleanse(judge.assess(case))))
    except K20Error as fault:
        return JudgedCase(case, (), str(fault))


def _sources(paths: Sequence[Path]) -> Iterator[tuple[bytes, Iterable[ox.Quad], bool]]:
    """Yield the bytes of each file, the quads in it, each in a graph, and whether it is ours."""
    for path in list_packaged():
        graph = packaged_graph(path)
        data = publish(path)
        yield graph.value.encode() + data, _quads(path, data, graph), True
    shapes = all_shapes()
    triples = ox.parse(shapes, ox.RdfFormat.N_TRIPLES)
    yield shapes, (ox.Quad(q.subject, q.predicate, q.object, SHAPES) for q in triples), True
    taken = {packaged_graph(path).value for path in list_packaged()}
    for path in list_files(paths):
        name = _free_name(f"{BASE}data/{_plain(path.name.removesuffix('.gz'))}", taken)
        data = _read(path)
        yield name.encode() + data, _quads(path, data, ox.NamedNode(name)), False


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name that nobody has, and take it: ``case.ttl``, ``case-2.ttl``."""
    stem, dot, suffix = name.rpartition(".")
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{stem}-{number}{dot}{suffix}"
    taken.add(found)
    return found


def _plain(name: str) -> str:
    """Return a file's name as it may stand in an address."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in name)


def _read(path: Path) -> bytes:
    """Return the bytes of a file; for a patch, what it stands for."""
    where = neutralise(str(path))
    try:
        if path.suffix.lower() != ".gz":
            data = path.read_bytes()
        else:
            with gzip.open(path) as file:
                data = file.read(_LARGEST + 1)
    except (OSError, EOFError) as fault:
        raise InputError(
            f"it cannot be read ({neutralise(str(fault))})", where=where, remedy="check the file"
        ) from None
    if len(data) > _LARGEST:
        raise InputError("this is larger than 1 GiB", where=where, remedy="split it")
    if b"basedOn" in data and (
        found := expand(decode(data, where), syntax_of_file(path) or "", path)
    ):
        return found.text.encode()
    return data


def _quads(path: Path, data: bytes, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    """Yield the quads of a file; what stands in no graph goes into `graph`."""
    where = neutralise(str(path))
    syntax = syntax_of_file(path)
    if syntax is None:
        raise InputError(
            "nothing tells which RDF syntax this is in",
            where=where,
            remedy=f"name the file *{', *'.join(EXTENSIONS)}",
        )
    for quad in stream(decode(data, where), syntax, where):
        if isinstance(quad.object, ox.Triple):
            raise about_a_statement(quad.object, where)
        if isinstance(quad.graph_name, ox.DefaultGraph):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph)
        else:
            yield quad
