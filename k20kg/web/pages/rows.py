"""Answers of named queries for pages: rows by column, and what is needed to ask again.

A query is run once for a dataset and its parameters: a dataset never changes after loading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyoxigraph as ox

from k20kg.query.named_queries import Query, list_queries
from k20kg.query.sparql import Rows, Term, answer
from k20kg.query.store import Store
from k20kg.vocabulary import XSD, shorten
from k20kg.web.dataset import merged
from k20kg.web.pages.terms import names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

Row = Mapping[str, Any]
"""Column → a thing (`Shown`), a number, a truth value or text; ``""`` where it is unbound."""
_KINDS: Final[Mapping[str, Any]] = {
    XSD + "integer": int,
    XSD + "decimal": Decimal,
    XSD + "boolean": "true".__eq__,
}


@dataclass(frozen=True, slots=True)
class Answered:
    """The rows of a named query, and what it was asked with."""

    query: Query
    given: Mapping[str, str]
    """The parameters that differ from their defaults, as an address names them."""
    settled: Mapping[str, str]
    """All parameters."""
    rows: Sequence[Row]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@lru_cache(maxsize=1)
def catalogue() -> tuple[Query, ...]:
    """Return the named queries by group and name."""
    return tuple(list_queries())


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, Query]:
    return {query.name: query for query in catalogue()}


def ask(dataset: Dataset, name: str, **given: str) -> Answered:
    """Return what a dataset answers to a named query that selects rows."""
    return _ask(dataset, name, tuple(given.items()))


@lru_cache(maxsize=1024)
def _ask(dataset: Dataset, name: str, given: tuple[tuple[str, str], ...]) -> Answered:
    query = _by_name()[name]
    found = answer(Store(merged(dataset), merged=True), query.bound(dict(given)), where=name)
    assert isinstance(found, Rows)
    names = names_of(dataset)

    def value(term: Term | None) -> Any:
        if isinstance(term, ox.Literal):
            return _plain(term)
        return "" if term is None else names.show(term)

    defaults = {p.name: p.default or "" for p in query.parameters}
    said = {key: _short(text) for key, text in given}
    return Answered(
        query,
        {key: text for key, text in said.items() if text != defaults[key]},
        {**defaults, **said},
        [dict(zip(found.columns, map(value, row), strict=True)) for row in found.rows],
    )


def _short(value: str) -> str:
    """Return an IRI as parameters may be written."""
    short = shorten(value)
    return short if short[:1].isalpha() else value


def _plain(term: ox.Literal) -> Any:
    try:
        return _KINDS.get(term.datatype.value, str)(term.value)
    except (ArithmeticError, ValueError):
        return term.value


# ---------------------------------------------------------------- filters for templates


def where(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Return the rows whose columns have these values."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def column(rows: Iterable[Row], *names: str) -> list[Any]:
    """Return the values of columns without the empty ones, each once, in order."""
    found = dict.fromkeys(row[name] for row in rows for name in names)
    return [value for value in found if value != ""]


def tally(rows: Iterable[Row], *names: str) -> Counter[Any]:
    """Return how many rows have each value of a column, or of several."""
    return Counter({value: len(found) for value, found in grouped(rows, *names)})


class Grid(NamedTuple):
    """A table as a page shows it: a cell is a list of values."""

    heads: list[str]
    rows: list[list[list[Any]]]
    numeric: list[int]
    """Columns that hold numbers only."""


def table(rows: Iterable[Row], heads: Mapping[str, str]) -> Grid:
    """Return columns of an answer as a table, a row a value of the first; `heads` are words."""
    first = next(iter(heads))
    return compact(
        [[column(found, name) for name in heads] for _, found in grouped(rows, first)],
        list(heads.values()),
    )


def compact(rows: Sequence[Sequence[list[Any]]], heads: Sequence[str]) -> Grid:
    """Return rows of cells as a table without the columns in which nothing stands."""
    kept = [n for n in range(len(heads)) if any(row[n] for row in rows)]
    numbers = (int, float, Decimal)
    return Grid(
        [heads[n] for n in kept],
        [[row[n] for n in kept] for row in rows],
        [
            at
            for at, n in enumerate(kept)
            if all(isinstance(value, numbers) for row in rows for value in row[n])
        ],
    )


def grouped(rows: Iterable[Row], *names: str) -> list[tuple[Any, list[Row]]]:
    """Return each value of a column, or of several, with its rows, in order."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        key = row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)
        found.setdefault(key, []).append(row)
    return list(found.items())
