"""SPARQL queries: their forms and answers, terms bound as terms, prefixes declared."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

import pyoxigraph as ox

from k20kg.errors import UsageError
from k20kg.rdf.text import escape_controls
from k20kg.sparql.faults import nearest_word, place_of
from k20kg.sparql.tokens import FORMS, tokens
from k20kg.vocabulary import PREFIXES

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Rows:
    """Result of SELECT: an unbound variable is None."""

    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]


@dataclass(frozen=True, slots=True)
class AskResult:
    """Result of ASK."""

    value: bool


@dataclass(frozen=True, slots=True)
class Triples:
    """Result of CONSTRUCT and DESCRIBE: each triple once, sorted."""

    triples: list[ox.Triple]


Answer = Rows | AskResult | Triples


class Source(Protocol):
    """A store here or an endpoint elsewhere: the same two methods."""

    def select(self, text: str, *, where: str = "query") -> Rows | AskResult:
        """Answer SELECT or ASK; `where` is what errors call the query."""
        ...

    def construct(self, text: str, *, where: str = "query") -> Triples:
        """Answer CONSTRUCT or DESCRIBE."""
        ...


def failure(fault: Exception, text: str, *, where: str) -> UsageError:
    """Return the error for a query that the engine can parse and not run."""
    unknown = _NO_FUNCTION.search(str(fault))
    if not unknown:
        return UsageError(
            f"the query failed: {escape_controls(str(fault))}", where=where, remedy="mend the query"
        )
    known = list(tokens(text))
    names = (a for a, b in pairwise(known) if b[0] == "(" and a.lastgroup in ("iri", "name"))
    local = re.split(r"[:/#<>]+", unknown[1])[-1]
    at = next((name.start() for name in names if local in name[0]), None)
    place = "" if at is None else ":{}:{}".format(*place_of(text, at))
    return UsageError(
        f"there is no function <{escape_controls(unknown[1])}>",
        where=f"{where}{place}",
        remedy="take one that SPARQL 1.1 has",
    )


def answer(source: Source, text: str, *, where: str = "query") -> Answer:
    """Return what a source answers to a query of any form."""
    if form_of(text, where=where) in ("CONSTRUCT", "DESCRIBE"):
        return source.construct(text, where=where)
    return source.select(text, where=where)


_NO_FUNCTION: Final = re.compile(r"custom function <([^>]*)> is not supported")
_UPDATES: Final = {
    *("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
}


def form_of(text: str, *, where: str = "query") -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE; `UsageError` for an update or no query."""
    first = ""
    for token in tokens(text):
        word = token[0].upper() if token.lastgroup == "word" else ""
        first = first or word
        if word in FORMS:
            return word
        if word in _UPDATES:
            raise UsageError(
                f"{word} changes data, and a query may only ask",
                where=where,
                remedy="give SELECT, ASK, CONSTRUCT or DESCRIBE; add data with k20kg load",
            )
    near = nearest_word(first, FORMS)
    raise UsageError(
        "there is no SPARQL query here",
        where=where,
        remedy=f"did you mean {near} for {escape_controls(first)}?"
        if near
        else "give SELECT, ASK, CONSTRUCT or DESCRIBE",
    )


def bind(text: str, values: Mapping[str, Term], *, where: str = "query") -> str:
    """Return the query with variables bound to terms.

    The data of each ``VALUES ?name { … }`` is replaced; a variable without one gets it as the
    first thing in the outermost group. Terms are written by the RDF library and replace whole
    tokens, so no value can end where it should not.
    """
    for name, term in values.items():
        block = f"VALUES ?{name} {{ {_written(term, where)} }}"
        blocks = list(_values_blocks(text, name))
        if blocks:
            for start, end in reversed(blocks):
                text = text[:start] + block + text[end:]
        else:
            at = _outermost_group(text, where)
            text = f"{text[:at]} {block} {text[at:]}"
    return text


def has_values(text: str, name: str) -> bool:
    """Tell whether a query binds this variable by ``VALUES`` of its own."""
    return next(_values_blocks(text, name), None) is not None


def mentions(text: str, name: str) -> bool:
    """Tell whether a query has this variable."""
    return any(t.lastgroup == "variable" and t[0][1:] == name for t in tokens(text))


def _written(term: Term, where: str) -> str:
    if not isinstance(term, ox.NamedNode | ox.Literal):
        raise UsageError("only an IRI or a literal can be bound", where=where)
    return str(term)


def _values_blocks(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each ``VALUES ?name { … }`` and ``VALUES (?name) { … }``."""
    known = list(tokens(text))
    for n, token in enumerate(known):
        if token.lastgroup != "word" or token[0].upper() != "VALUES":
            continue
        head = [t[0] for t in known[n + 1 : n + 5]]
        at = n + 2 if head[1:2] == ["{"] else n + 4
        variable = head[0] if at == n + 2 else "".join(head[:3])
        if variable not in (f"?{name}", f"${name}", f"(?{name})", f"(${name})"):
            continue
        for last in known[at:]:
            if last[0] == "}":
                yield token.start(), last.end()
                break


def _outermost_group(text: str, where: str) -> int:
    """Return the place behind the brace that opens the WHERE clause."""
    form, depth, seen_where = form_of(text, where=where), 0, False
    for token in tokens(text):
        mark = token[0]
        seen_where |= token.lastgroup == "word" and mark.upper() == "WHERE" and depth == 0
        if mark == "{" and depth == 0 and (form != "CONSTRUCT" or seen_where):
            return token.end()
        depth += (mark in "({") - (mark in ")}") if token.lastgroup == "mark" else 0
    raise UsageError("there is no WHERE clause to bind a parameter in", where=where)


def declare_prefixes(text: str) -> str:
    """Return the query with house prefixes declared that it uses and does not declare.

    They go on the first line, so that the lines of errors stay right.
    """
    known = list(tokens(text))
    used = {f"{t[0].partition(':')[0]}:" for t in known if t.lastgroup == "name"}
    declared = {name[0] for word, name in pairwise(known) if word[0].upper() == "PREFIX"}
    missing = [name for name in PREFIXES if f"{name}:" in used - declared]
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in missing) + text
