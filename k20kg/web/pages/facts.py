"""What pages read from a dataset: its statements as one graph, its cases, their verdicts.

Everything is worked out once for a dataset, which never changes after loading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.definitions import load_definition, shipped_definitions
from k20kg.definitions.files import DEFAULT_DEFINITION
from k20kg.errors import K20Error
from k20kg.graph import Lookup, Term, key
from k20kg.judge import Judge
from k20kg.model import Assessment, Definition
from k20kg.query.fetch import iter_cases
from k20kg.query.store import Store
from k20kg.report.escape import cleanse
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE

if TYPE_CHECKING:
    from k20kg.cases import Case
    from k20kg.web.dataset import Dataset

__all__ = [
    "Facts",
    "Judged",
    "cases_of",
    "definitions_of",
    "facts_of",
    "judged",
    "judged_all",
    "source_of",
]

_TYPE: Final = ox.NamedNode(RDF_TYPE)
_CANDIDATE: Final = ox.NamedNode(K20 + "CandidateGroup")
_KEPT: Final = 2  # datasets: the one that is served, and the one that takes its place


class Facts(Lookup):
    """All statements of a dataset as one graph; what was looked up is kept."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._known: dict[str, dict[str, list[Term]]] = {}
        self._back: dict[tuple[str, str], list[str]] = {}

    def terms(self, subject: str, predicate: str) -> Sequence[Term]:
        if subject not in self._known:
            described: dict[str, set[Term]] = {}
            if (node := _node(subject)) is not None:
                for quad in self._store.quads_for_pattern(node, None, None, None):
                    described.setdefault(quad.predicate.value, set()).add(quad.object)
            self._known[subject] = {p: sorted(o, key=str) for p, o in described.items()}
        return self._known[subject].get(predicate, [])

    def subjects(self, predicate: str, value: str) -> list[str]:
        known = self._back.get((predicate, value))
        if known is None:
            node = _node(value)
            found = (
                set()
                if node is None
                else {
                    key(quad.subject)
                    for quad in self._store.quads_for_pattern(
                        None, ox.NamedNode(predicate), node, None
                    )
                }
            )
            known = self._back[predicate, value] = sorted(found)
        return known

    def having(self, predicate: str) -> list[str]:
        found = self._store.quads_for_pattern(None, ox.NamedNode(predicate), None, None)
        return sorted({key(quad.subject) for quad in found})

    def get(self, subject: str, name: str, default: str = "") -> str:
        """Return the value of a property of our ontology."""
        return self.value(subject, K20 + name, default)

    def all(self, subject: str, name: str) -> list[str]:
        """Return the values of a property of our ontology, sorted."""
        return self.values(subject, K20 + name)


def _node(name: str) -> ox.NamedNode | ox.BlankNode | None:
    try:
        return ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Judged:
    """A case and what a definition makes of it."""

    case: Case
    assessments: tuple[Assessment, ...]
    """One a reading, in the readings' order; none where the record is not well formed."""
    fault: str = ""
    """What is wrong with the record."""

    @property
    def iri(self) -> str:
        """IRI of the candidate group."""
        return self.case.group

    @property
    def synthetic(self) -> bool:
        """Whether the case is made up."""
        return any(one.synthetic for one in self.assessments)


@lru_cache(maxsize=_KEPT)
def facts_of(dataset: Dataset) -> Facts:
    """Return the statements of a dataset, indexed."""
    return Facts(dataset.store)


@lru_cache(maxsize=_KEPT)
def cases_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the IRIs of the candidate groups in a dataset, sorted."""
    found = dataset.store.quads_for_pattern(None, _TYPE, _CANDIDATE, None)
    return tuple(sorted({q.subject.value for q in found if isinstance(q.subject, ox.NamedNode)}))


def case_graphs(dataset: Dataset, iri: str) -> set[str]:
    """Return the IRIs of the graphs that say that something is a candidate group."""
    quads = dataset.store.quads_for_pattern(_node(iri), _TYPE, _CANDIDATE, None)
    return {q.graph_name.value for q in quads if isinstance(q.graph_name, ox.NamedNode)}


@lru_cache(maxsize=4096)
def case_of(dataset: Dataset, iri: str) -> Case:
    """Return one case of a dataset; `KeyError` if it holds no such case."""
    for graph in sorted(case_graphs(dataset, iri)):
        for case in iter_cases(Store(dataset.store, frozen=True), graph):
            if case.group == iri:
                return case
    raise KeyError(iri)


@lru_cache(maxsize=1)
def definitions_of() -> tuple[Definition, ...]:
    """Return the definitions that cases are judged by, the default first."""
    return tuple(load_definition(name) for name in shipped_definitions())


@lru_cache(maxsize=16)
def _judge(definition: str) -> Judge:
    return Judge(definition=definition)


@lru_cache(maxsize=4096)
def judged(dataset: Dataset, iri: str, definition: str = DEFAULT_DEFINITION) -> Judged:
    """Return the verdicts on a case of a dataset; `KeyError` if it holds no such case."""
    case = case_of(dataset, iri)
    try:
        return Judged(case, tuple(cleanse(_judge(definition).assess(case))))
    except K20Error as fault:
        return Judged(case, (), str(fault))


def judged_all(dataset: Dataset, definition: str = DEFAULT_DEFINITION) -> list[Judged]:
    """Return the verdicts on all cases: real ones first, then by name."""
    found = [judged(dataset, iri, definition) for iri in cases_of(dataset)]
    facts = facts_of(dataset)
    return sorted(found, key=lambda one: (one.synthetic, facts.label(one.iri).lower(), one.iri))


def local(iri: str) -> str:
    """Return the last part of an IRI."""
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or iri.removeprefix(BASE)


def source_of(dataset: Dataset, definition: Definition) -> str:
    """Return the document that a definition was taken from.

    What it says of its source begins with the document's short name: ``paper 5.0, line 186``.
    """
    said = facts_of(dataset).value(definition.iri, DCTERMS + "source")
    return f"{BASE}source/{said.replace(',', ' ').split(' ')[0]}" if said else ""
