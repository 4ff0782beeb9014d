"""The cases of a dataset and what the definitions make of them, for pages.

Everything is worked out once for a dataset, which never changes after loading.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph as ox

from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.errors import K20Error
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Definition, Parameter, Reading
from k20kg.query.fetch import iter_cases
from k20kg.query.store import Store
from k20kg.report.escape import cleanse
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE
from k20kg.web.pages.terms import names_of

if TYPE_CHECKING:
    from k20kg.judging.cases import Case
    from k20kg.web.dataset import Dataset

_TYPE: Final = ox.NamedNode(RDF_TYPE)
_CANDIDATE: Final = ox.NamedNode(K20 + "CandidateGroup")
_KEPT: Final = 2  # datasets: the one that is served, and the one that takes its place


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
def cases_of(dataset: Dataset) -> tuple[str, ...]:
    """Return the IRIs of the candidate groups in a dataset, sorted."""
    found = dataset.store.quads_for_pattern(None, _TYPE, _CANDIDATE, None)
    return tuple(sorted({q.subject.value for q in found if isinstance(q.subject, ox.NamedNode)}))


def case_graphs(dataset: Dataset, iri: str) -> set[str]:
    """Return the IRIs of the graphs that say that something is a candidate group."""
    quads = dataset.store.quads_for_pattern(ox.NamedNode(iri), _TYPE, _CANDIDATE, None)
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
    names = names_of(dataset)
    return sorted(found, key=lambda one: (one.synthetic, names.name(one.iri).lower(), one.iri))


class Choice(NamedTuple):
    """A parameter with the value that a reading of a definition gives it, held in a shape."""

    definition: Definition
    reading: Reading
    parameter: Parameter


@lru_cache(maxsize=1)
def choices_of() -> tuple[Choice, ...]:
    """Return what every reading of every definition chooses."""
    return tuple(
        Choice(definition, reading, parameter)
        for definition in definitions_of()
        for reading in definition.readings
        for parameter in reading.parameters
    )


def source_of(dataset: Dataset, definition: Definition) -> str:
    """Return the document that a definition was taken from.

    What it says of its source begins with the document's short name: ``paper 5.0, line 186``.
    """
    said = names_of(dataset).value(definition.iri, DCTERMS + "source")
    return f"{BASE}source/{said.replace(',', ' ').split(' ')[0]}" if said else ""
