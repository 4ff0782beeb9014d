"""Values of parameters that the data have, and headings of queries whose parameters are set.

The head of a query says by a graph pattern which values a parameter may have, so that a value that
does not exist is told apart from one for which there are no rows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Final

import pyoxigraph as ox

from k20kg.errors import UsageError
from k20kg.rdf.text import escape_controls
from k20kg.sparql.named_queries import PART, Query, QueryParameter, term_of
from k20kg.sparql.sparql import AskResult, Rows, Source, Term, bind, mentions
from k20kg.sparql.tokens import form_token
from k20kg.vocabulary import BASE, shorten

_MOST_SAID: Final = 12


class NoSuchValueError(UsageError):
    """A value of a parameter that the data do not have."""


# ---------------------------------------------------------------- values that there are


def check(query: Query, settings: Mapping[str, str], source: Source) -> None:
    """Raise `NoSuchValueError` for a value that neither the source nor the vocabulary has.

    Patterns that mention no other parameter are asked first.
    """
    given = [one for one in query.parameters if one.name in settings and one.values]
    for one in sorted(given, key=lambda one: len(_others(query, one))):
        text = _bound(query, one, settings, f"ASK {{ {one.values} }}", (one,))
        if source.select(text, where=query.where) == AskResult(True):
            continue
        from k20kg.sparql.store import open_vocabulary

        if open_vocabulary().select(text, where=query.where) == AskResult(True):
            continue
        raise NoSuchValueError(
            f"there is no {one.name} {escape_controls(settings[one.name])} in the data",
            where=query.where,
            remedy=_near(settings[one.name], list_values(query, one, source, settings)),
        )


def absent_defaults(query: Query, settings: Mapping[str, str], source: Source) -> list[str]:
    """Return a hint on each parameter that was not set and whose default is not there."""
    told = []
    for one in query.parameters:
        if one.name not in settings and one.default is not None:
            try:
                check(query, {**settings, one.name: one.default}, source)
            except NoSuchValueError as fault:
                told.append(f"{fault.what}; say --set {one.name}=…")
    return told


def list_values(
    query: Query,
    parameter: QueryParameter,
    source: Source,
    settings: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the values that a parameter may have, as users write them; none if any will do."""
    if not parameter.values:
        return []
    select = f"SELECT DISTINCT ?{parameter.name} {{ {parameter.values} }}"
    found = source.select(_bound(query, parameter, settings or {}, select), where=query.where)
    assert isinstance(found, Rows)
    terms = [row[0] for row in found.rows if isinstance(row[0], ox.NamedNode | ox.Literal)]
    said = [shorten(t.value) if isinstance(t, ox.NamedNode) else t.value for t in terms]
    return sorted(said, key=lambda one: (float(one) if _is_number(one) else 0.0, one))


def _others(query: Query, parameter: QueryParameter) -> list[QueryParameter]:
    """Return the other parameters that the pattern of one mentions."""
    return [p for p in query.parameters if p != parameter and mentions(parameter.values, p.name)]


def _bound(
    query: Query,
    parameter: QueryParameter,
    settings: Mapping[str, str],
    body: str,
    more: tuple[QueryParameter, ...] = (),
) -> str:
    """Return a query with the prologue of another, and with its parameters bound."""
    said = {p: settings.get(p.name, p.default) for p in (*_others(query, parameter), *more)}
    terms = {p.name: term_of(p, value) for p, value in said.items() if value is not None}
    form = form_token(query.text)
    prologue = query.text[: form.start()] if form else ""
    return bind(f"BASE <{BASE}>\n{prologue}{body}", terms, where=query.where)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) is not None


def _near(value: str, known: list[str]) -> str:
    if not known:
        return "give one that is there"
    if len(known) <= _MOST_SAID:
        return f"say one of {escape_controls(', '.join(known))}"
    near = difflib.get_close_matches(value, known, n=1, cutoff=0.5)
    there = f"there are {len(known)}, such as {escape_controls(', '.join(known[:3]))}"
    return f"did you mean {escape_controls(near[0])}? {there}" if near else there


# ---------------------------------------------------------------- headings


def heading(query: Query, settings: Mapping[str, str], source: Source) -> str:
    """Return a query's summary in words for the values that were set; what it lacks comes last."""
    given = [(p, term_of(p, settings[p.name])) for p in query.parameters if p.name in settings]
    said = {
        p.name: _words(term, source)
        for p, term in given
        if p.default is None or term != term_of(p, p.default)
    }
    used: set[str] = set()

    def say(part: re.Match[str]) -> str:
        used.add(part[1])
        return (part[3] or "*").replace("*", said[part[1]]) if part[1] in said else part[2]

    text = PART.sub(say, query.template)
    rest = ", ".join(f"{name}: {words}" for name, words in said.items() if name not in used)
    return f"{text} ({rest})" if rest and text else text


def _words(term: Term, source: Source) -> str:
    if not isinstance(term, ox.NamedNode):
        return term.value if isinstance(term, ox.Literal) else str(term)
    found = source.select(
        f"SELECT DISTINCT ?label {{ {term} <http://www.w3.org/2000/01/rdf-schema#label>"
        f"|<http://www.w3.org/2004/02/skos/core#prefLabel> ?label }} ORDER BY ?label"
    )
    assert isinstance(found, Rows)
    label = found.rows[0][0] if found.rows else None
    return label.value if isinstance(label, ox.Literal) else shorten(term.value)
