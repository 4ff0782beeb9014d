"""The shipped cases, each read once."""

from __future__ import annotations

from functools import cache

from k20kg.judging.cases import Case, read_cases
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.sparql.store import Store
from k20kg.verdicts import open_with_verdicts

CASES = shipped_cases()


@cache
def case(name: str) -> Case:
    """Return a shipped case by its name."""
    (found,) = read_cases([CASES[name]])
    return found


@cache
def with_verdicts() -> Store:
    """Return what is packaged, with the computed verdicts loaded already; no test changes it."""
    store = open_with_verdicts()
    store.select("ASK { ?any a k20:Assessment }")
    return store
