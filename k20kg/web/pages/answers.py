"""An answer, ready for a page: a table, a picture where one says something, marked text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final, NamedTuple

import pyoxigraph as ox
from markupsafe import Markup

from k20kg.rdf.text import escape_controls
from k20kg.sparql.sparql import Answer, AskResult, Rows, Triples
from k20kg.sparql.tokens import TOKEN, WORDS
from k20kg.vocabulary import BASE, shorten
from k20kg.web.pages import Site
from k20kg.web.pages.names import Shown
from k20kg.web.pages.wording import counted, upper_first

ROWS: Final = 50
"""Number of rows that a page of a named query shows."""
MOST: Final = 500
"""Number of triples that a page shows."""
_MOST_BARS: Final = 40
_MOST_LINKS: Final = 28
_LONGEST: Final = 30_000
_PLACES: Final = re.compile(r"line|order|number|page|year|position", re.IGNORECASE)
"""Columns whose numbers say where or which, not how many: no bar is as long as a line number."""
_NUMBER: Final = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,15}\.?[0-9]{0,15}(?:[eE][+-]?[0-9]{1,2})?")
_NUMERIC: Final = ("xsd:integer", "xsd:decimal", "xsd:double", "xsd:float")
_PLAIN: Final = (*_NUMERIC[:3], "xsd:string", "xsd:boolean", "rdf:langString")
_CLASSES: Final = {"iri": "n", "name": "n", "variable": "v"}


class View(NamedTuple):
    """An answer as a page shows it."""

    heading: str
    columns: tuple[str, ...] = ()
    rows: Sequence[Sequence[Shown]] = ()
    numeric: tuple[int, ...] = ()
    bars: Sequence[tuple[str, float]] = ()
    """Label and number of each row, where it has both."""
    links: Sequence[tuple[str, ...]] = ()
    """Subject, property and object by name, where the answer is triples."""
    description: str = ""
    """Description of the picture, in words."""
    ask_result: bool | None = None
    cut: bool = False
    """True if there is more than the page shows."""


def view(site: Site, answer: Answer, first: int = 0, most: int = ROWS) -> View:
    """Return an answer for a page; of rows, so many at most, of which so many come before."""
    if isinstance(answer, AskResult):
        return View("Yes" if answer.value else "No", ask_result=answer.value)
    if isinstance(answer, Triples):
        return _triples(site, answer.triples)
    return _rows(site, answer, first, most)


def _heading(count: int, one: str, first: int = 0, most: int = MOST) -> str:
    if first and count:
        return f"{upper_first(one)}s {first + 1} to {first + min(count, most)}"
    return f"The first {most} {one}s" if count > most else upper_first(counted(count, one))


def _rows(site: Site, answer: Rows, first: int, most: int) -> View:
    shown = [[_cell(site, term) for term in row] for row in answer.rows[:most]]
    columns = [[row[n] for row in shown if row[n].words] for n in range(len(answer.columns))]
    numeric = tuple(n for n, col in enumerate(columns) if col and all(c.numeric for c in col))
    heading, cut = _heading(len(answer.rows), "row", first, most), len(answer.rows) > most
    bars, said = _bars(answer.columns, [] if first or cut else shown, numeric)
    return View(heading, answer.columns, shown, numeric, bars, description=said, cut=cut)


def _cell(site: Site, term: Any) -> Shown:
    if term is None:
        return Shown("")
    if isinstance(term, ox.NamedNode):
        iri, short = term.value, shorten(term.value)
        dead = iri.startswith(BASE) and iri not in site.names
        return Shown(
            short, "" if dead else iri, label if (label := site.names.label(iri)) != short else ""
        )
    if not isinstance(term, ox.Literal):
        return Shown(str(term))
    kind = shorten(term.datatype.value)
    language = "" if term.language == "en" else term.language
    numeric = kind in _NUMERIC and _NUMBER.fullmatch(term.value) is not None
    return Shown(term.value, note=language or ("" if kind in _PLAIN else kind), numeric=numeric)


def _bars(
    columns: Sequence[str], rows: Sequence[Sequence[Shown]], numeric: Sequence[int]
) -> tuple[list[tuple[str, float]], str]:
    """Return bars where there is one column of amounts and one or two that name them."""
    amounts = [n for n in numeric if not _PLACES.search(columns[n])]
    labels = [n for n in range(len(columns)) if n not in numeric]
    if len(amounts) != 1 or len(labels) not in (1, 2) or not 2 <= len(rows) <= _MOST_BARS:
        return [], ""
    (amount,) = amounts
    if not all(row[amount].words for row in rows):
        return [], ""
    # Where a label stands beside an address, the label names the bar.
    words = [n for n in labels if not all(row[n].iri for row in rows)]
    named = words if len(words) == 1 else labels
    by = " and ".join(columns[n] for n in named)
    return [
        (" – ".join(row[n].words for n in named if row[n].words), float(row[amount].words))
        for row in rows
    ], f"Bars of {columns[amount]} by {by}; the table below has the same numbers."


def _triples(site: Site, triples: Sequence[ox.Triple]) -> View:
    kept = [(t.subject, t.predicate, t.object) for t in triples[:MOST]]
    linked = [row for row in kept if not isinstance(row[2], ox.Literal)]
    drawn = linked[:_MOST_LINKS]
    all_or_first = "All" if len(drawn) == len(triples) else f"{len(drawn)} of the"
    return View(
        _heading(len(triples), "triple"),
        ("subject", "predicate", "object"),
        [[_cell(site, term) for term in row] for row in kept],
        links=[tuple(site.names.show(term).words or str(term) for term in row) for row in drawn],
        description=f"{all_or_first} triples as nodes and links; the table below has them too.",
        cut=len(triples) > MOST,
    )


def marked_lines(text: str) -> list[Markup]:
    """Return the lines of SPARQL or Turtle, with keywords, names, variables and comments marked.

    What is very long stays plain.

    >>> print(*marked_lines("ASK { ?s a <urn:x> } # why"))
    <span class="k">ASK</span> { <span class="v">?s</span> <span class="k">a</span> \
<span class="n">&lt;urn:x&gt;</span> } <span class="c"># why</span>
    """
    text = escape_controls(text)
    marked = _marked(text) if len(text) <= _LONGEST else [escape(text, quote=False)]
    return [Markup(line) for line in "".join(marked).split("\n")]


def _marked(text: str) -> Iterator[str]:
    """Yield each token of a text, marked by its kind; only unmarked ones go over several lines."""
    for token in TOKEN.finditer(text):
        said, group = token[0], token.lastgroup or ""
        kind = _CLASSES.get(group, "")
        if group == "blank" and said.startswith("#"):
            kind = "c"
        elif group == "word":
            plain = said.lstrip("@").upper()
            known = plain in ("PREFIX", "BASE") if said.startswith("@") else plain in WORDS
            kind = "k" if known else ""
        yield (
            f'<span class="{kind}">{escape(said, quote=False)}</span>'
            if kind
            else escape(said, quote=False)
        )
