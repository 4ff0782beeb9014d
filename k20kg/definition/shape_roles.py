"""What the shapes test: which of them, failing, means what for which criterion under which reading.

The shapes say it themselves; no condition stands here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from k20kg.model import Verdict
from k20kg.rdf.graph import Graph
from k20kg.vocabulary import K20, KS, RDF_TYPE, SH

WITNESSES = KS + "witnesses"


class Requirement(NamedTuple):
    """One thing that a support shape asks for, with what to say when it is missing."""

    shape: str
    message: str
    settled_by: str
    supplied_by: str
    witnesses: tuple[str, ...]
    """IRIs of the shapes whose results name the records that bear on it."""


class Test(NamedTuple):
    """A shape that tests a criterion under a reading, for or against."""

    shape: str
    criterion: str
    readings: frozenset[str]
    counter: bool
    message: str
    requirements: tuple[Requirement, ...]
    witnesses: tuple[str, ...]
    when_met: str
    coverage_unit: str
    coverage_unit_of_one: str
    coverage_query: str
    """Gives those whom `coverage_of` runs over: node, and weight where one stands for several."""
    coverage_of: str
    """The requirement that says who of them is missing."""
    missing_named_by: frozenset[str]
    """The shapes whose results name them; their focus nodes are alternatives."""
    found_named_by: frozenset[str]
    """The shapes whose results name what counts, where there is a number to reach."""
    unplaced_named_by: frozenset[str]
    """The shapes whose results name what would count, were it tied to those run over."""
    coverage_required: int | None
    asked_topic: str
    shapes: frozenset[str]
    """IRIs of the shapes whose failing counts as this test's."""


class Choice(NamedTuple):
    """A choice of a reading that was needed only where a stricter shape fails."""

    shape: str
    statement: str
    """The choice, as the reading states it among its assumptions."""
    criterion: str
    readings: frozenset[str]


class Tested(Protocol):
    """What is read of a test to fold it."""

    @property
    def counter(self) -> bool: ...
    @property
    def shapes(self) -> frozenset[str]: ...


def verdict_on(tests: Iterable[Tested], failed: Collection[str]) -> Verdict:
    """Return the verdict on a criterion from its tests, for and against, and the failing shapes."""
    support, counter = True, False
    for test in tests:
        if any(shape in failed for shape in test.shapes):
            counter = counter or test.counter
            support = support and test.counter
    return Verdict.of(support=support, counter=counter)


def tests_in(graph: Graph) -> Iterable[Test]:
    """Yield the tests of a definition's shapes, for and against."""
    for role in ("Support", "Counter"):
        for shape in graph.subjects(K20 + "role", K20 + role):
            counted = graph.values(shape, K20 + "coverageRequiredBy")
            covered = graph.value(shape, K20 + "coverageOf")
            parts = list(graph.values(shape, SH + "property"))
            if graph.values(shape, SH + "message"):
                parts.append(shape)
            yield Test(
                shape=shape,
                criterion=graph.value(shape, K20 + "tests"),
                readings=frozenset(graph.values(shape, K20 + "under")),
                counter=role == "Counter",
                message=graph.value(shape, SH + "message"),
                requirements=tuple(
                    Requirement(
                        shape=part,
                        message=graph.value(part, SH + "message"),
                        settled_by=graph.value(part, K20 + "wouldSettle"),
                        supplied_by=graph.value(part, K20 + "couldBeSuppliedBy"),
                        witnesses=_witnesses(graph, part),
                    )
                    for part in parts
                ),
                witnesses=tuple(
                    w
                    for s in graph.values(shape, K20 + "witnessedBy")
                    for w in _witnesses(graph, s)
                ),
                when_met=graph.value(shape, K20 + "whenMet"),
                coverage_unit=graph.value(shape, K20 + "coverageUnit"),
                coverage_unit_of_one=graph.value(shape, K20 + "coverageUnitOfOne"),
                coverage_query=graph.value(shape, K20 + "coverageQuery"),
                coverage_of=covered,
                missing_named_by=_named_by(graph, covered, "missedBy") or frozenset({covered}),
                found_named_by=_named_by(graph, shape, "coverageFoundBy"),
                unplaced_named_by=_named_by(graph, shape, "unplacedFoundBy"),
                coverage_required=sum(
                    int(graph.value(s, SH + "qualifiedMinCount")) for s in counted
                )
                if counted
                else None,
                asked_topic=graph.value(shape, K20 + "askedTopic"),
                shapes=frozenset(parts),
            )


def _named_by(graph: Graph, shape: str, how: str) -> frozenset[str]:
    """Return the shapes that give results on behalf of a named one: parts, witnesses, or itself."""
    return frozenset(
        part
        for one in graph.values(shape, K20 + how)
        for part in graph.values(one, SH + "property") or _witnesses(graph, one) or [one]
    )


def _witnesses(graph: Graph, shape: str) -> tuple[str, ...]:
    """Return the witness shapes of a requirement: named ones, else its own block turned round."""
    if named := graph.values(shape, K20 + "witnessedBy"):
        return tuple(w for n in named for w in _witnesses(graph, n))
    if not graph.values(shape, SH + "path"):
        return ()
    if graph.values(shape, SH + "not"):
        return (shape,)
    if graph.values(shape, SH + "qualifiedValueShape") or graph.values(shape, SH + "node"):
        return (shape + "-witness",)
    return ()


def choices_in(graph: Graph) -> Iterable[Choice]:
    """Yield the choices of readings of which a shape says whether they were needed."""
    for criterion in graph.of_type(K20 + "Criterion"):
        for shape in graph.subjects(K20 + "onCriterion", criterion):
            for choice in graph.values(shape, K20 + "sparesChoice"):
                readings = frozenset(graph.values(shape, K20 + "choiceOf"))
                yield Choice(shape, choice, criterion, readings)


def witness_quads(graph: Graph, tests: Collection[Test]) -> list[ox.Quad]:
    """Return shapes that report, as information, the nodes that bear on each requirement.

    SHACL reports only failures, so a witness negates the block that a requirement asks for: each
    of its results names one node that has what is asked.
    """
    names = {w for t in tests for w in t.witnesses}
    names |= {w for t in tests for r in t.requirements for w in r.witnesses}
    names |= {s for t in tests for s in graph.values(t.coverage_of, K20 + "missedBy")}
    for how in ("coverageFoundBy", "unplacedFoundBy"):
        found = {s for t in tests for s in graph.values(t.shape, K20 + how)}
        names |= {w for s in found for w in _witnesses(graph, s) or [s]}
    wanted = frozenset[str]().union(*(t.readings for t in tests))
    names |= {c.shape for c in choices_in(graph) if c.readings & wanted}
    parent = ox.NamedNode(WITNESSES)
    quads = [
        _quad(parent, RDF_TYPE, ox.NamedNode(SH + "NodeShape")),
        _quad(parent, SH + "targetClass", ox.NamedNode(K20 + "CandidateGroup")),
    ]
    for name in sorted(names):
        node = ox.NamedNode(name)
        quads.append(_quad(parent, SH + "property", node))
        if name in graph:
            continue
        asked = name.removesuffix("-witness")
        (path,) = graph.terms(asked, SH + "path")
        (block,) = graph.terms(asked, SH + "qualifiedValueShape") or graph.terms(asked, SH + "node")
        quads += [
            _quad(node, RDF_TYPE, ox.NamedNode(SH + "PropertyShape")),
            _quad(node, SH + "path", path),
            _quad(node, SH + "not", block),
            _quad(node, SH + "severity", ox.NamedNode(SH + "Info")),
        ]
    return quads


def _quad(subject: ox.NamedNode, predicate: str, value: object) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value)  # type: ignore[arg-type]
