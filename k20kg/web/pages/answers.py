"""What a query gives, ready for a page: a table, and a picture where one says something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.query.sparql import Answer, Rows, Triples, Truth
from k20kg.vocabulary import shorten
from k20kg.web.pages import counted, upper_first
from k20kg.web.pages.terms import Shown, names_of

if TYPE_CHECKING:
    from k20kg.web.pages import Site

MOST: Final = 500
"""How many rows or triples a page shows."""
_MOST_BARS: Final = 40
_MOST_LINKS: Final = 28
_PLACES: Final = re.compile(r"line|order|number|page|year|position", re.IGNORECASE)
"""Columns whose numbers say where or which, not how many: no bar is as long as a line number."""


@dataclass(frozen=True, slots=True)
class View:
    """An answer as a page shows it."""

    heading: str
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[Shown]] = ()
    numeric: tuple[int, ...] = ()
    bars: Sequence[tuple[str, float]] = ()
    """Label and number of each row, where it has both."""
    links: Sequence[tuple[str, ...]] = ()
    """Subject, property and object by name, where the answer is triples."""
    said: str = ""
    """What the picture shows, in words."""
    truth: bool | None = None
    cut: bool = False
    """Whether there is more than the page shows."""


def view(site: Site, answer: Answer) -> View:
    """Return an answer for a page."""
    if isinstance(answer, Truth):
        return View("Yes" if answer.value else "No", truth=answer.value)
    if isinstance(answer, Triples):
        return _triples(site, answer.triples)
    return _rows(site, answer)


def _heading(count: int, one: str) -> str:
    if count > MOST:
        return f"The first {MOST} {one}s"
    return upper_first(counted(count, one))


def _rows(site: Site, answer: Rows) -> View:
    kept = answer.rows[:MOST]
    numeric = tuple(
        n
        for n in range(len(answer.columns))
        if any(row[n] is not None for row in kept)
        and all(row[n] is None or _is_number(row[n]) for row in kept)
    )
    shown = [[_cell(site, term) for term in row] for row in kept]
    bars, said = _bars(answer.columns, shown, numeric)
    return View(
        _heading(len(answer.rows), "row"),
        answer.columns,
        shown,
        numeric,
        bars,
        said=said,
        cut=len(answer.rows) > MOST,
    )


def _is_number(term: Any) -> bool:
    return (
        isinstance(term, ox.Literal)
        and term.datatype.value.rpartition("#")[2] in ("integer", "decimal", "double", "float")
        and re.fullmatch(r"[+-]?[0-9]{0,15}\.?[0-9]{0,15}(?:[eE][+-]?[0-9]{1,2})?", term.value)
        is not None
        and any(c.isdigit() for c in term.value)
    )


def _cell(site: Site, term: Any) -> Shown:
    if term is None:
        return Shown("")
    if isinstance(term, ox.NamedNode):
        names = names_of(site.dataset)
        ours = term.value.startswith(site.links.absolute(""))
        return Shown(shorten(term.value), "" if ours and term.value not in names else term.value)
    if isinstance(term, ox.Literal):
        return Shown(term.value, note=_note(term), numeric=_is_number(term))
    return Shown(str(term))


def _note(term: ox.Literal) -> str:
    if term.language:
        return "" if term.language == "en" else term.language
    kind = shorten(term.datatype.value)
    plain = ("xsd:string", "xsd:integer", "xsd:decimal", "xsd:double", "xsd:boolean")
    return "" if kind in plain else kind


def _bars(
    columns: Sequence[str], rows: Sequence[Sequence[Shown]], numeric: Sequence[int]
) -> tuple[list[tuple[str, float]], str]:
    """Return bars where there is one column of amounts and one or two that name them."""
    amounts = [n for n in numeric if not _PLACES.search(columns[n])]
    labels = [n for n in range(len(columns)) if n not in numeric]
    if len(amounts) != 1 or not labels or len(labels) > 2 or not 2 <= len(rows) <= _MOST_BARS:
        return [], ""
    (amount,) = amounts
    if any(not row[amount].words for row in rows):
        return [], ""
    named = _telling(rows, labels)
    by = " and ".join(columns[n] for n in named)
    return [
        (" – ".join(row[n].words for n in named if row[n].words), float(row[amount].words))
        for row in rows
    ], f"Bars of {columns[amount]} by {by}; the table below has the same numbers."


def _telling(rows: Sequence[Sequence[Shown]], labels: Sequence[int]) -> list[int]:
    """Return the columns to name a bar by: not the address where a label stands beside it."""
    words = [n for n in labels if not all(row[n].iri for row in rows)]
    return words if words and len(words) < len(labels) else list(labels)


def _triples(site: Site, triples: Sequence[ox.Triple]) -> View:
    names = names_of(site.dataset)
    kept = [(t.subject, t.predicate, t.object) for t in triples[:MOST]]
    drawn = kept[:_MOST_LINKS]
    all_or_first = "All" if len(drawn) == len(triples) else f"The first {len(drawn)}"
    return View(
        _heading(len(triples), "triple"),
        ("subject", "predicate", "object"),
        [[_cell(site, term) for term in row] for row in kept],
        links=[tuple(names.show(term).words or str(term) for term in row) for row in drawn],
        said=f"{all_or_first} triples as nodes and links; the table below has them too.",
        cut=len(triples) > MOST,
    )
