"""Whole corpora of made-up cases: N-Quads with a graph per case, and the truth beside them."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Final

from k20kg.model import Verdict
from k20kg.synthetic.case import Case
from k20kg.synthetic.invent import invent
from k20kg.synthetic.nquads import write_case
from k20kg.synthetic.truth import READINGS, judge

__all__ = ["Made", "Truth", "make_corpus", "truths"]

_BATCH: Final = 20_000
Truth = tuple[str, str, str, str, str]
"""Case, reading, criterion, verdict, and the verdict on the whole case."""


@dataclass(slots=True)
class Made:
    """What was written."""

    cases: int = 0
    quads: int = 0
    verdicts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How many cases have which verdict, by reading, criterion and verdict."""


def truths(case: Case) -> Iterator[Truth]:
    """Yield the known verdicts of a made-up case, by reading and criterion."""
    for reading in READINGS:
        found = judge(case, reading)
        whole = Verdict.all_of(found.values()).value
        for criterion, verdict in found.items():
            yield case.iri, reading, criterion, verdict.value, whole


def make_corpus(
    cases: int,
    seed: int,
    out: BinaryIO,
    *,
    shuffled: bool = False,
    size: str | None = None,
    truth: list[Truth] | None = None,
) -> Iterator[list[Truth]]:
    """Write `cases` made-up cases to `out`; yield the truth of each when it is drawn.

    The same arguments give the same bytes. With `shuffled` the lines of all cases come in random
    order, which needs room on disk for one more copy. `size` keeps to one size of case.
    """
    drawn = (invent(seed, number, size) for number in range(cases))
    if not shuffled:
        for case in drawn:
            out.write("".join(write_case(case)).encode())
            yield list(truths(case))
        return
    chance = random.Random(f"{seed}/order")
    with closing(sqlite3.connect("")) as lines:  # a database of its own on disk, gone when closed
        lines.execute("PRAGMA journal_mode = OFF")
        lines.execute("CREATE TABLE line (place INTEGER, text TEXT)")
        for case in drawn:
            lines.executemany(
                "INSERT INTO line VALUES (?, ?)",
                ((chance.getrandbits(63), text) for text in write_case(case)),
            )
            yield list(truths(case))
        for batch in _batches(lines.execute("SELECT text FROM line ORDER BY place, text")):
            out.write("".join(text for (text,) in batch).encode())


def _batches(rows: Iterable[tuple[str]]) -> Iterator[list[tuple[str]]]:
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        yield batch
