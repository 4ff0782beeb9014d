"""Rows of an appendix of evidence: the rows of one chart or table of a source stand together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from k20kg.model import Evidence
from k20kg.report.wording import evidence_words, list_places, place

_MOST: Final = 12
"""So many items stand in one row, that it has room on a page."""
_FINE: Final = ("rows", "lines")
_ROW: Final = re.compile(r"\b(row [0-9]{1,6})\b", re.IGNORECASE)


class ItemRow(NamedTuple):
    """One item of evidence, or those of one chart, in words."""

    numbers: str
    place: str
    statement: str
    items: tuple[Evidence, ...]


def collapsed(
    items: Iterable[Evidence], numbers: Mapping[str, str], apart: Callable[[Evidence], str]
) -> list[ItemRow]:
    """Return items by number, place and words, those of one chart that are not kept apart as one.

    Nothing of them is lost: each stands in the row in its order, after its own row of the chart.
    """
    together: dict[tuple[str, ...], list[Evidence]] = {}
    for item in items:
        chart = list_places([item]) if _ROW.search(item.locator) else ""
        key = (chart, item.method, apart(item)) if chart else ("", item.iri)
        together.setdefault(key, []).append(item)
    parts = [(key[0], each) for key, found in together.items() for each in _batched(found)]
    rows = []
    for chart, alike in parts:
        where, said = place(alike[0]), evidence_words(alike[0])
        if len(alike) > 1:
            found = [(w, [n for e in alike for n in _numbers_of(w, e.locator)]) for w in _FINE]
            where = chart + "".join(f", {w} {ranges(each)}" for w, each in found if each)
            said = " ".join(f"{_named_row(one)}{evidence_words(one)}" for one in alike)
        which = ranges([int(numbers[one.iri][1:]) for one in alike], "E")
        rows.append(ItemRow(which, where, said, tuple(alike)))
    return rows


def _batched(items: Sequence[Evidence]) -> Iterator[Sequence[Evidence]]:
    return (items[at : at + _MOST] for at in range(0, len(items), _MOST))


def _numbers_of(word: str, locator: str) -> list[int]:
    """Return the numbers of the rows, or lines, that a place names."""
    return [int(n) for n in re.findall(rf"{word}? ([0-9]{{1,6}})", locator, re.IGNORECASE)]


def _named_row(item: Evidence) -> str:
    found = _ROW.search(item.locator)
    return "[{}] ".format(found[1].replace(" ", "\xa0")) if found else ""


def ranges(numbers: Iterable[int], letter: str = "") -> str:
    """Return numbers in order, neighbours as a range.

    >>> ranges([3, 1, 2, 7], "E")
    'E1–E3, E7'
    """
    runs: list[list[int]] = []
    for one in sorted(set(numbers)):
        if runs and runs[-1][-1] == one - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ", ".join(
        f"{letter}{run[0]}" + (f"–{letter}{run[-1]}" if run[1:] else "") for run in runs
    )
