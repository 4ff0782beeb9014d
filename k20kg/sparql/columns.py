"""Rows in an order that one can rely on: columns as written, blank nodes numbered."""

from __future__ import annotations

from itertools import islice

from k20kg.rdf.graph import numbered_blank_nodes
from k20kg.sparql.sparql import Rows, Term
from k20kg.sparql.tokens import form_token, tokens


def written_order(text: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of SELECT * as the query writes them; the engine sorts them by name."""
    if _star(text) is None:
        return columns
    first: dict[str, int] = {}
    for token in tokens(text):
        if token.lastgroup == "variable":
            first.setdefault(token[0][1:], token.start())
    return tuple(sorted(columns, key=lambda name: first.get(name, len(text))))


def name_columns(text: str, columns: tuple[str, ...]) -> str:
    """Return a query whose SELECT * names the columns instead, in the order written."""
    star = _star(text)
    if star is None or not columns:
        return text
    names = " ".join(f"?{name}" for name in written_order(text, columns))
    return f"{text[:star]}{names}{text[star + 1 :]}"


def _star(text: str) -> int | None:
    """Return where the ``*`` of the outermost SELECT stands."""
    form = form_token(text)
    if form is None or form[0].upper() != "SELECT":
        return None
    head = islice(tokens(text[form.end() :]), 2)
    first = next((t for t in head if t[0].upper() not in ("DISTINCT", "REDUCED")), None)
    return form.end() + first.start() if first and first[0] == "*" else None


def arrange(text: str, found: Rows) -> Rows:
    """Return the rows of a query with their columns in the order that it writes them in."""
    columns = written_order(text, found.columns)
    if columns == found.columns:
        return found
    places = [found.columns.index(name) for name in columns]
    return Rows(columns, [tuple(row[n] for n in places) for row in found.rows])


def number_blank_nodes(rows: list[tuple[Term | None, ...]]) -> list[tuple[Term | None, ...]]:
    """Return rows whose blank nodes are named in order of appearance, not at random."""
    names = numbered_blank_nodes("")
    return [tuple(map(names.term, row)) for row in rows]
