"""A compiled definition: what judging by some readings needs, for an engine and for its results.

Those of shipped definitions are kept from one run to the next, so that nothing here imports what
it takes to make one: `planning`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from k20kg.definition.reach import Reach
from k20kg.definition.shape_roles import Choice, Test
from k20kg.definition.shipped import shipped_definitions
from k20kg.definition.subclasses import Kind
from k20kg.disk_cache import kept
from k20kg.model import Definition, Reading


class Bare(NamedTuple):
    """The shapes of one criterion alone: no witnesses, no record check."""

    shapes: str
    """As Turtle; those of several criteria may be put together."""
    asked_about: frozenset[str]
    """IRIs that they speak of: what is said by any other property bears on nothing."""


class Plan(NamedTuple):
    """Everything that judging cases by some readings of a definition needs."""

    definition: Definition
    readings: tuple[Reading, ...]
    tests: tuple[Test, ...]
    guards: frozenset[str]
    record_shapes: dict[str, str]
    """The shapes of the record check, each with its remedy."""
    notes: dict[str, str]
    """The shapes of the notes on a record, each with its remedy."""
    opens: dict[str, frozenset[str]]
    """The shapes of notes that leave lists open, each with the kinds of list."""
    against: frozenset[str]
    """The shapes whose results speak against a group."""
    shapes: str
    """All shapes as Turtle, witnesses, record check and notes included, words left out."""
    subclasses: str
    bare: dict[str, Bare]
    """By criterion: its shapes alone."""
    choices: tuple[Choice, ...]
    kinds: dict[str, Kind]
    """By class: how reports name what is of it."""
    reach: Reach
    """Where the shapes lead from a group: what a verdict can rest on."""


def plan(name: str, reading_ids: tuple[str, ...], evidence: bool = True) -> Plan:
    """Return the plan for some readings of a definition; all of them if none is named.

    `name` is an id, an IRI or the path of a Turtle file. With `evidence` the shapes also report
    the records that bear on each criterion. Raises `UsageError` for an unknown definition or
    reading.
    """
    if name in shipped_definitions():
        return _shipped_plan(name, reading_ids, evidence)
    return _made(name, reading_ids, evidence)


@cache
def _shipped_plan(name: str, reading_ids: tuple[str, ...], evidence: bool) -> Plan:
    words = [f"plan-{name}", *(re.sub(r"\W", "-", r) for r in reading_ids), "e" * evidence]
    return kept("-".join(words), lambda: _made(name, reading_ids, evidence))


def _made(name: str, reading_ids: tuple[str, ...], evidence: bool) -> Plan:
    from k20kg.definition.compiler import plan_of
    from k20kg.definition.loader import load

    return plan_of(load(name), reading_ids, evidence)
