"""All that is published, in one store: ontology, shapes, cases, literature, verdicts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from k20kg import vocabulary
from k20kg.definition.bundles import all_shapes
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.errors import K20Error
from k20kg.judging.cases import Case
from k20kg.judging.judge import Judge
from k20kg.model import Assessment
from k20kg.rdf.graph import ntriples, numbered_blank_nodes, str_of
from k20kg.rdf.syntax import FORMATS
from k20kg.rdf.text import escape_strings
from k20kg.report import turtle
from k20kg.sources.folders import syntax_of_file, unreadable
from k20kg.sources.published import publish
from k20kg.sparql.fetch import find_cases
from k20kg.sparql.loading import list_files, read_quads, source_of
from k20kg.sparql.merge import has_default, merged_copy
from k20kg.sparql.store import Store, list_packaged, packaged_graph
from k20kg.verdicts import judge_shipped
from k20kg.version import __version__
from k20kg.vocabulary import BASE, DCTERMS, K20, PROV, RDF_TYPE

SHAPES: Final = ox.NamedNode(BASE + "shapes")
"""The graph of all shapes."""
VERDICTS: Final = ox.NamedNode(vocabulary.VERDICTS)
"""The graph of the verdicts on all cases, under every reading of the definition."""
_OF_VERDICTS: Final = {
    *(RDF_TYPE, K20 + "verdict", DCTERMS + "hasPart", PROV + "wasDerivedFrom"),
    *(K20 + name for name in ("byDefinition", "onReading", "onCriterion")),
}
"""Properties that say a verdict, without what it rests on."""
_MADE_UP: Final = (ox.NamedNode(K20 + "synthetic"), ox.Literal(True))
_RECORD_OF: Final = ox.NamedNode(K20 + "recordOf")
_CHUNK: Final = 25


@dataclass(frozen=True, slots=True)
class JudgedCase:
    """A case and what a definition makes of it."""

    iri: str
    """IRI of the candidate group."""
    fetch: Callable[[], Case] = field(repr=False)
    assessments: tuple[Assessment, ...] = ()
    """One a reading, in the readings' order; none where the record is not well formed."""
    fault: str = ""
    """Fault of the record."""
    whole: bool = True
    """False where the assessments are without evidence."""
    shipped: bool = False
    """True where the record is as it came with the tool."""
    synthetic: bool = False
    """True where the record says that it is made up."""

    @property
    def waiting(self) -> bool:
        """Say whether the case has still to be judged."""
        return not self.assessments and not self.fault

    @property
    def case(self) -> Case:
        """The record; of those last asked for, some are kept."""
        return _fetched(self.fetch)


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


@lru_cache(maxsize=64)
def _fetched(fetch: Callable[[], Case]) -> Case:
    return fetch()


def open_dataset(paths: Sequence[Path] = (), most: int = 1 << 30) -> Dataset:
    """Return the packaged data with shapes and verdicts, and further files and folders beside it.

    A further file of triples becomes the graph ``https://w3id.org/k20kg/data/NAME``. Where these
    files hold more than `most` cases, they wait for `judge_rest`. Raises `InputError` for what
    cannot be read.
    """
    store = ox.Store()
    seal = sha256(__version__.encode())
    for number, (name, data, quads) in enumerate(_own(paths)):
        seal.update(sha256(name.encode() + data).digest())
        if not _loaded(store, data):
            store.extend(list(map(numbered_blank_nodes(f"o{number}").quad, quads)))
    own = {g.value for g in store.named_graphs() if isinstance(g, ox.NamedNode)}
    for number, (name, data, quads) in enumerate(_packaged()):
        seal.update(sha256(name.encode() + data).digest())
        store.extend(list(map(numbered_blank_nodes(f"n{number}").quad, quads)))
    cases = find_cases(Store(store, frozen=True))
    mine = {iri for iri, fetch in cases.items() if not own.isdisjoint(fetch.graphs)}
    shipped, judge = judge_shipped(), Judge()
    made_up = {
        str_of(quad.object)
        for mark in store.quads_for_pattern(None, *_MADE_UP, None)
        for quad in store.quads_for_pattern(mark.subject, _RECORD_OF, None, None)
    }
    judged = []
    for iri, fetch in cases.items():
        graphs, told = shipped.get(iri, ((), ()))
        one = JudgedCase(iri, fetch, synthetic=iri in made_up)
        if iri not in mine and graphs == fetch.graphs:
            one = replace(one, assessments=told, shipped=True)
        elif iri not in mine or len(mine) <= most:
            one = judge_case(one, judge)
        judged.append(one)
    bare = Dataset(store, __version__, seal.hexdigest(), frozenset(own))
    made = verdicts([a for one in judged for a in one.assessments], brief=False)
    return _with_verdicts(bare, judged, [ntriples(made)])


def _with_verdicts(dataset: Dataset, judged: Iterable[JudgedCase], told: list[str]) -> Dataset:
    """Return a dataset with these cases, and the verdicts on them put into its store."""
    for some in told:
        dataset.store.load(some, ox.RdfFormat.N_TRIPLES, to_graph=VERDICTS)
    digest = sha256("".join((dataset.digest, *told)).encode()).hexdigest()
    cases = {**dataset.judged, **{one.iri: one for one in judged}}
    return replace(dataset, digest=digest, judged=cases)


def verdicts(assessments: Sequence[Assessment], *, brief: bool = True) -> Iterator[ox.Quad]:
    """Yield what assessments state; in brief, the verdicts without what they rest on."""
    quads = list(ox.parse(turtle.render(assessments, version=__version__), ox.RdfFormat.TURTLE))
    about = {quad.subject for quad in quads if quad.predicate.value == K20 + "verdict"}
    for quad in quads:
        if not brief or (quad.subject in about and quad.predicate.value in _OF_VERDICTS):
            yield quad


def judge_case(one: JudgedCase, judge: Judge | None = None) -> JudgedCase:
    """Return a case with its verdicts and their evidence, or with what is wrong with its record."""
    assessments, fault = _assess(one.case, judge or Judge())
    return replace(one, assessments=assessments, fault=fault, whole=True)


async def judge_rest(dataset: Dataset) -> Dataset:
    """Return a dataset with verdicts on the cases that wait, judged in another process.

    The evidence for each is left to its page, and what is missing too.
    """
    waiting = [one for one in dataset.judged.values() if one.waiting]
    judged: list[JudgedCase] = []
    told: list[str] = []
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        for at in range(0, len(waiting), _CHUNK):
            some = waiting[at : at + _CHUNK]
            cases = await asyncio.to_thread(lambda: [one.fetch() for one in some])  # noqa: B023
            plain = [Case(case.group, case.origin, case.text, case.syntax) for case in cases]
            found, said = await loop.run_in_executor(process, _assess_all, plain)
            told.append(said)
            judged += [
                replace(one, assessments=assessments, fault=fault, whole=False)
                for one, (assessments, fault) in zip(some, found, strict=True)
            ]
    return await asyncio.to_thread(_with_verdicts, dataset, judged, told)


def _assess_all(cases: Sequence[Case]) -> tuple[list[tuple[tuple[Assessment, ...], str]], str]:
    found = [_assess(case, quick_judge()) for case in cases]
    return found, ntriples(verdicts([a for assessments, _ in found for a in assessments]))


@lru_cache(maxsize=16)
def quick_judge(definition: str = DEFAULT_DEFINITION) -> Judge:
    """Return a judge by a definition who gives no evidence."""
    return Judge(definition=definition, evidence=False)


def _assess(case: Case, judge: Judge) -> tuple[tuple[Assessment, ...], str]:
    """Return the verdicts on a case, or what is wrong with its record."""
    try:
        return tuple(escape_strings(judge.assess(case))), ""
    except K20Error as fault:
        return (), str(fault)


def _packaged() -> Iterator[tuple[str, bytes, Iterable[ox.Quad]]]:
    """Yield name and bytes of each file that comes with the tool, and the quads in it."""
    for path in list_packaged():
        graph, data, syntax = packaged_graph(path), publish(path), syntax_of_file(path) or ""
        yield graph.value, data, _within(ox.parse(data, FORMATS[syntax]), graph)
    shapes = all_shapes()
    yield "", shapes, _within(ox.parse(shapes, ox.RdfFormat.N_TRIPLES), SHAPES)


def _own(paths: Sequence[Path]) -> Iterator[tuple[str, bytes, Iterable[ox.Quad]]]:
    """Yield the same of files of one's own, whose graphs have names that no file of ours has."""
    taken = {packaged_graph(path).value for path in list_packaged()}
    for path in list_files(paths):
        name = _free_name(f"{BASE}data/{_plain(path.name.removesuffix('.gz'))}", taken)
        file = ox.NamedNode(source_of(path))
        try:
            data = path.read_bytes()
        except OSError as fault:
            raise unreadable(path, fault) from None
        yield name, data, _within(read_quads(path), ox.NamedNode(name), file)


def _loaded(store: ox.Store, data: bytes) -> bool:
    """Load N-Quads that leave nothing to settle: no blank nodes or triple terms, graphs named.

    This takes a third of the time; false for what is not such data, of which nothing is loaded.
    """
    if not data.startswith(b"<") or any(sign in data for sign in (b"_:", b"<<")):
        return False
    try:
        store.load(data, ox.RdfFormat.N_QUADS)
    except (SyntaxError, ValueError):
        return False
    unnamed = has_default(store)
    store.clear_graph(ox.DefaultGraph())
    return not unnamed


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


def _within(
    quads: Iterable[ox.Quad], graph: ox.NamedNode, file: ox.NamedNode | None = None
) -> Iterator[ox.Quad]:
    """Yield quads; what stands in no graph, or in that of a file, goes into `graph`."""
    unnamed = (ox.DefaultGraph(), file)
    for q in quads:
        yield q if q.graph_name not in unnamed else ox.Quad(q.subject, q.predicate, q.object, graph)
