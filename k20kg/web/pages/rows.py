"""Answers of named queries for pages: rows by column, and what is needed to ask again.

A query is run once for a dataset and its parameters: a dataset never changes after loading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from k20kg.errors import UsageError
from k20kg.rdf.text import escape_controls
from k20kg.sparql.named_queries import Query, list_queries, parse_text, term_of
from k20kg.sparql.sparql import Term
from k20kg.vocabulary import XSD, shorten
from k20kg.web.dataset import Dataset, merged
from k20kg.web.pages.names import names_of
from k20kg.web.pages.wording import upper_first

_PLACE: Final = "urn:place:"
Row = Mapping[str, Any]
"""Column → a thing (`Shown`), a number, a truth value or text; ``""`` where it is unbound."""
_KINDS: Final[Mapping[str, Any]] = {
    XSD + "integer": int,
    XSD + "decimal": Decimal,
    XSD + "boolean": "true".__eq__,
}


@lru_cache(maxsize=1)
def catalogue() -> tuple[Query, ...]:
    """Return the named queries by group and name."""
    return tuple(list_queries())


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, Query]:
    """Return all queries by name, those in no group too: on shapes, which only the site has."""
    paths = (Path(__file__).parent.parent / "templates").glob("*.rq")
    of_the_site = (parse_text(path.read_text(encoding="utf-8"), path.name) for path in paths)
    return {query.name: query for query in (*catalogue(), *of_the_site)}


@dataclass(frozen=True, eq=False)
class Answered:
    """A named query with its parameters; it is run when its rows are first read."""

    dataset: Dataset
    query: Query
    values: tuple[tuple[str, str], ...]
    """The parameters that are set."""
    plain: bool
    """True if a literal is a text, a number or a truth value; else it is a `Shown` too."""

    @cached_property
    def settled(self) -> Mapping[str, str]:
        """All parameters, as an address names them."""
        defaults = {p.name: p.default or "" for p in self.query.parameters}
        short = {name: shorten(value) for name, value in self.values}
        return defaults | {n: short[n] if short[n][:1].isalpha() else v for n, v in self.values}

    @cached_property
    def given(self) -> Mapping[str, str]:
        """The parameters that differ from their defaults."""
        defaults = {p.name: p.default for p in self.query.parameters}
        return {name: value for name, value in self.settled.items() if value != defaults[name]}

    @cached_property
    def text(self) -> str:
        """The query as it is run, without its head."""
        iris = {p.name: p for p in self.query.parameters if p.type == "iri"}
        text = _text(self.query, tuple((n, _PLACE + n if n in iris else v) for n, v in self.values))
        for name, value in self.values:
            if name in iris:
                text = text.replace(f"<{_PLACE}{name}>", str(term_of(iris[name], value)))
        return text

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The answer."""
        found = merged(self.dataset).query(self.text)
        assert isinstance(found, ox.QuerySolutions)
        columns = [variable.value for variable in found.variables]
        return [dict(zip(columns, map(self._cell, row), strict=True)) for row in found]

    def _cell(self, term: Term | None) -> Any:
        if self.plain and isinstance(term, ox.Literal):
            return _plain(term)
        return "" if term is None else names_of(self.dataset).show(term)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


@lru_cache(maxsize=1024)
def _ask(dataset: Dataset, name: str, values: tuple[tuple[str, str], ...], plain: bool) -> Answered:
    return Answered(dataset, _by_name()[name], values, plain)


def ask(dataset: Dataset, name: str, **given: str) -> Answered:
    """Return what a dataset answers to a named query that selects rows."""
    return _ask(dataset, name, tuple(given.items()), True)


def shown(dataset: Dataset, name: str, **given: str) -> Answered:
    """Return the same with every value as a term: a text knows its language, a number its print."""
    return _ask(dataset, name, tuple(given.items()), False)


@lru_cache(maxsize=256)
def _text(query: Query, values: tuple[tuple[str, str], ...]) -> str:
    """Return a query with its parameters bound; kept, because finding their places takes time."""
    return body_of(query.bound(dict(values)))


def body_of(text: str) -> str:
    """Return a query without its head: what the console starts from."""
    return "\n".join(line for line in text.splitlines() if not line.startswith("#+"))


def _plain(term: ox.Literal) -> Any:
    try:
        return _KINDS.get(term.datatype.value, str)(term.value)
    except (ArithmeticError, ValueError):
        return term.value


PAGE: Final = 50
"""So many entries of a list stand on a page."""


class ListChoice(NamedTuple):
    """A parameter of a list, as its form asks for it."""

    name: str
    words: str
    value: str
    options: Mapping[str, str]
    """Values it may have, in words; the first says that anything will do."""


class ListPart(NamedTuple):
    """A page of a list, or the whole."""

    entries: Sequence[Any]
    total: int
    page: int
    pages: int


def choose(
    given: Mapping[str, str], name: str, options: Mapping[str, str], words: str = ""
) -> ListChoice:
    """Return a parameter with its value; `UsageError` if it may not be that."""
    value = given.get(name, "")
    if value not in options:
        said = ", ".join(one for one in options if one)
        what = f"there is no {name} {escape_controls(value)!r}"
        raise UsageError(what, remedy=f"choose one of {said}")
    return ListChoice(name, words or upper_first(name), value, options)


def page_of(said: str) -> int:
    """Return the number of a page that is asked for, 1 for what is none."""
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) < 7 else 1


def part(found: Sequence[Any], page: str) -> ListPart:
    """Return a page of a list, the whole without one; `UsageError` if there is no such page."""
    pages = max(1, -(-len(found) // PAGE))
    if not page:
        return ListPart(found, len(found), 0, pages)
    if page not in map(str, range(1, pages + 1)):
        what = f"there is no page {escape_controls(page)!r}"
        raise UsageError(what, remedy=f"the pages are 1 to {pages}")
    at = int(page)
    return ListPart(found[(at - 1) * PAGE : at * PAGE], len(found), at, pages)


def where(rows: Iterable[Row], **wanted: Any) -> list[Row]:
    """Return the rows whose columns have these values."""
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def column(rows: Iterable[Row], *names: str) -> list[Any]:
    """Return the values of columns without the empty ones, each once, in order."""
    found = dict.fromkeys(row[name] for row in rows for name in names)
    return [value for value in found if value != ""]


def grouped(rows: Iterable[Row], *names: str) -> list[tuple[Any, list[Row]]]:
    """Return each value of a column, or of several, with its rows, in order."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        key = row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)
        found.setdefault(key, []).append(row)
    return list(found.items())


def tally(rows: Iterable[Row], *names: str) -> Counter[Any]:
    """Return how many rows have each value of a column, or of several."""
    return Counter({value: len(found) for value, found in grouped(rows, *names)})


class Grid(NamedTuple):
    """A table as a page shows it: a cell is a list of values."""

    heads: list[str]
    rows: list[list[list[Any]]]
    numeric: list[int]
    """Columns that hold numbers only."""


def table(rows: Iterable[Row], heads: Mapping[str, str], each: bool = False) -> Grid:
    """Return columns of an answer as a table; `heads` are words.

    There is a row for each value of the first column, or for `each` row of the answer.
    """
    names = list(heads)
    together = grouped(rows, names[0]) if not each else [("", [row]) for row in rows]
    cells = [[column(found, name) for name in names] for _, found in together]
    return compact(cells, list(heads.values()))


def compact(rows: Sequence[Sequence[list[Any]]], heads: Sequence[str]) -> Grid:
    """Return rows of cells as a table without the columns in which nothing stands."""
    kept = [n for n in range(len(heads)) if any(row[n] for row in rows)]
    cells = [[row[n] for n in kept] for row in rows]
    numeric = [
        at
        for at in range(len(kept))
        if all(isinstance(v, int | float | Decimal) for row in cells for v in row[at])
    ]
    return Grid([heads[n] for n in kept], cells, numeric)
