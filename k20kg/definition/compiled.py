"""A compiled definition: what judging by some readings needs, for an engine and for its results."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

from k20kg.definition.reach import Reach
from k20kg.definition.subclasses import Kind
from k20kg.model import Definition, Reading, Verdict


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


class CriterionShapes(NamedTuple):
    """The shapes of one criterion alone: no witnesses, no record check."""

    shapes: str
    """As Turtle; those of several criteria may be put together."""
    asked_about: frozenset[str]
    """IRIs that they speak of: what is said by any other property bears on nothing."""


class CompiledDefinition(NamedTuple):
    """Everything that judging cases by some readings of a definition needs."""

    definition: Definition
    readings: tuple[Reading, ...]
    tests: tuple[Test, ...]
    guards: frozenset[str]
    record_shapes: dict[str, str]
    """The shapes of the record check, each with its remedy."""
    notes: dict[str, str]
    """The shapes of the notes on a record, each with its remedy."""
    opened_lists: dict[str, frozenset[str]]
    """The shapes of notes that leave lists open, each with the kinds of list."""
    against: frozenset[str]
    """The shapes whose results speak against a group."""
    shapes: str
    """All shapes as Turtle, witnesses, record check and notes included, words left out."""
    subclasses: str
    by_criterion: dict[str, CriterionShapes]
    """By criterion: its shapes alone."""
    choices: tuple[Choice, ...]
    kinds: dict[str, Kind]
    """By class: how reports name what is of it."""
    reach: Reach
    """Links that the shapes follow from a group: what a verdict can rest on."""


class TestShapes(Protocol):
    """Parts of a test that folding reads."""

    @property
    def counter(self) -> bool: ...
    @property
    def shapes(self) -> frozenset[str]: ...


def verdict_on(tests: Iterable[TestShapes], failed: Collection[str]) -> Verdict:
    """Return the verdict on a criterion from its tests, for and against, and the failing shapes."""
    support, counter = True, False
    for test in tests:
        if any(shape in failed for shape in test.shapes):
            counter = counter or test.counter
            support = support and test.counter
    return Verdict.of(support=support, counter=counter)
