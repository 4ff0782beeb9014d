"""Whole corpora of made-up cases: N-Quads with a graph per case, and the truth beside them."""

from __future__ import annotations

import csv
import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from typing import IO, BinaryIO, Final

from k20kg.model import Verdict
from k20kg.synthetic.case import MadeCase
from k20kg.synthetic.generator import make_case
from k20kg.synthetic.nquads import write_case
from k20kg.synthetic.oracle import judge

_BATCH: Final = 20_000
COLUMNS: Final = ("case", "reading", "criterion", "verdict", "case_verdict")
KnownVerdict = tuple[str, str, str, str, str]
"""Case, reading, criterion, verdict, and the verdict on the whole case."""


def known_verdicts(case: MadeCase) -> Iterator[KnownVerdict]:
    """Yield the known verdicts of a made-up case, by reading and criterion."""
    for reading, found in judge(case).items():
        whole = Verdict.all_of(found.values()).value
        for criterion, verdict in found.items():
            yield case.iri, reading, criterion, verdict.value, whole


def make_corpus(
    cases: int, seed: int, out: BinaryIO, *, shuffled: bool = False, size: str | None = None
) -> Iterator[list[KnownVerdict]]:
    """Write `cases` made-up cases to `out`; yield the truth of each when it is drawn.

    The same arguments give the same bytes. With `shuffled` the lines of all cases come in random
    order, which needs room on disk for one more copy. `size` keeps to one size of case.
    """
    drawn = (make_case(seed, number, size) for number in range(cases))
    if not shuffled:
        for case in drawn:
            out.write("".join(write_case(case)).encode())
            yield list(known_verdicts(case))
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
            yield list(known_verdicts(case))
        for batch in _batches(lines.execute("SELECT text FROM line ORDER BY place, text")):
            out.write("".join(text for (text,) in batch).encode())


def write_known_verdicts(known: Iterable[KnownVerdict], out: IO[str], *, as_csv: bool) -> None:
    """Write known verdicts as JSON Lines or rows of CSV, with the names that results have."""
    if as_csv:
        csv.writer(out, lineterminator="\r\n").writerows(known)
    else:
        for row in known:
            out.write(json.dumps(dict(zip(COLUMNS, row, strict=True))) + "\n")


def _batches(rows: Iterable[tuple[str]]) -> Iterator[list[tuple[str]]]:
    source = iter(rows)
    while batch := list(islice(source, _BATCH)):
        yield batch
