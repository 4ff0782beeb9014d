"""A test tries a sample in `make test`, and all in `make prove`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

import pytest

T = TypeVar("T")
PROVE = os.environ.get("K20KG_PROVE", "") not in ("", "0")


def tries(*, sample: T, prove: T) -> T:
    """Return `prove`, such as how often to try, where K20KG_PROVE is set, else `sample`."""
    return prove if PROVE else sample


def some(things: Iterable[T], *, sample: int, always: Iterable[T] = ()) -> list[T]:
    """Return all things where K20KG_PROVE is set, else so many of them at even distances.

    Those named as `always` are part of the sample.
    """
    every = list(things)
    if PROVE or len(every) <= sample:
        return every
    kept = list(always)
    assert all(one in every for one in kept)
    others = [one for one in every if one not in kept]
    count = max(sample - len(kept), 0)
    kept += [others[i * len(others) // count] for i in range(count)]
    return [one for one in every if one in kept]


proof = pytest.mark.skipif(not PROVE, reason="tried by `make prove`")
"""Marks a test of which `make test` has another as its sample."""
