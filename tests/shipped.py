"""The shipped cases, each read once."""

from __future__ import annotations

from functools import cache

from k20kg.judging.cases import Case, read_cases
from k20kg.sources.shipped_cases import shipped_cases

CASES = shipped_cases()


@cache
def case(name: str) -> Case:
    """Return a shipped case by its name."""
    (found,) = read_cases([CASES[name]])
    return found
