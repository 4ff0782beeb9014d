"""Answers to queries over HTTP in the format that is wanted, while the client waits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final, NamedTuple

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from k20kg.rdf.text import neutralise
from k20kg.sparql.hints import hints, says_nothing, unknown_terms
from k20kg.sparql.sparql import Answer
from k20kg.web.http.formats import GRAPH_FORMATS, HTML, JSON, OFFERS, ROW_FORMATS, Format, choose
from k20kg.web.http.responses import RefusalError, find_format, not_acceptable, while_connected
from k20kg.web.sparql.answering import TERMS, FormError, QueryOutcome, QueryReply, Question
from k20kg.web.sparql.pool import Pool

ROW_OFFERS: Final = (
    *ROW_FORMATS,
    HTML,
    JSON,
    Format("xml", "application/xml", "xml", "XML"),
    Format("xml", "text/xml", "xml", "XML"),
)
GRAPH_OFFERS: Final = tuple(form for form in OFFERS if not form.quads)
_WISHES: Final = {"turtle": "ttl", "n3": "ttl", "rdf+xml": "rdf", "json-ld": "jsonld"}
"""Names of SPARQLWrapper for formats, where they differ from ours."""


class Wanted(NamedTuple):
    """In which format a request gets rows, and in which triples; None is none that it takes."""

    rows: Format | None
    triples: Format | None

    @property
    def html(self) -> bool:
        """Tell whether any answer would be a page."""
        return HTML in (self.rows, self.triples)

    @property
    def forms(self) -> tuple[str, str]:
        """Return what a worker is to write rows and triples as."""
        return _form(self.rows), _form(self.triples)

    def format_of(self, outcome: QueryOutcome) -> Format:
        """Return the format that an answer of some kind comes in."""
        found = self.triples if outcome is QueryOutcome.TRIPLES else self.rows
        assert found
        return found


def _form(chosen: Format | None) -> str:
    return "" if chosen is None else TERMS if chosen is HTML else chosen.key


@lru_cache(maxsize=512)
def want(accept: str, key: str | None = None, *, wish: bool = False) -> Wanted:
    """Return the formats for an Accept header and a format's name.

    A name that is known wins, unless it is but a wish: then it wins where the header takes it.
    One that is not known, or not for this kind of answer, leaves the choice to a header that names
    what it takes; `RefusalError` if there is none.
    """
    kinds = (ROW_OFFERS, GRAPH_OFFERS)
    by_header = [choose(accept, offers) for offers in kinds]
    if key is None:
        return Wanted(*by_header)
    if wish:
        named = [find_format(_WISHES.get(key, key), offers) for offers in kinds]
        taken = [choose(accept, (one,)) if one else None for one in named]
        return Wanted(*(one or other for one, other in zip(taken, by_header, strict=True)))
    named = [find_format(key, offers) for offers in kinds]
    if accept.strip() not in ("", "*/*"):
        named = [one or other for one, other in zip(named, by_header, strict=True)]
    if not any(named):
        known = ", ".join(f.key for f in (*ROW_FORMATS, *GRAPH_FORMATS, HTML))
        raise RefusalError(
            400, f"there is no format {neutralise(key)}", "format", f"say one of {known}"
        )
    return Wanted(*named)


_NOTHING: Final = re.compile(
    rb"""
    (?:(?![<\[]|_:)[^\r\n]*\r?\n)?                     # CSV and TSV: the names of the columns
    |(?!.*(?:<result>|<boolean>true|<rdf:Description)).*</\w+:?\w*>\s*   # XML
    |.*"bindings":\[\].*|.*"boolean":false.*|\[\]       # JSON, JSON-LD
    |false\s*""",
    re.DOTALL | re.VERBOSE,
)
_LONGEST_NOTHING: Final = 4000


def is_empty(answered: QueryReply, form: Format) -> bool:
    """Tell whether an answer has no rows or triples, or is false."""
    if form is HTML:
        return says_nothing(answered.answer())
    return len(answered.body) < _LONGEST_NOTHING and bool(_NOTHING.fullmatch(answered.body))


_CHANGES: Final = re.compile(r"\b(?:now|rand|uuid|struuid)\b", re.IGNORECASE)
"""Functions that give something new each time."""


class QueryService:
    """Answers queries about a store; `page` makes the page that shows an answer with its hints."""

    def __init__(self, pool: Pool, store: ox.Store) -> None:
        self.limits = pool.limits
        self._pool, self._store = pool, store

    async def answer(
        self,
        request: Request,
        question: Question,
        wanted: Wanted,
        page: Callable[[Answer, Sequence[str]], str],
        headers: Mapping[str, str] | None = None,
        *,
        hint: bool = False,
    ) -> Response:
        """Return the answer to a query; with `hint`, it says what the query may have meant.

        Raises the errors of the pool, and `RefusalError` if it has no format that is taken.
        """
        text, rows = question.text, (question.shown + 1, question.skipped)
        shown, skipped = rows if wanted.html else (0, 0)
        question = question._replace(shown=shown, skipped=skipped)
        who = request.client.host if request.client else ""
        try:
            asking = self._pool.ask(question, who=who)
            answered = await while_connected(asking, request.receive)
        except FormError as fault:
            triples = fault.outcome is QueryOutcome.TRIPLES
            raise not_acceptable(GRAPH_OFFERS if triples else ROW_OFFERS) from None
        chosen = wanted.format_of(answered.outcome)
        said: list[str] = []
        empty = hint and is_empty(answered, chosen)
        if empty or (hint and unknown_terms(text, self._store)):
            said = await asyncio.to_thread(partial(hints, text, self._store, empty=empty))
        told = {"vary": "Accept", **(headers or {})}
        if request.method != "POST" and not _CHANGES.search(text):
            told["cache-control"] = "no-cache"
        if said:
            told["k20kg-hint"] = "; ".join(said).encode("ascii", "backslashreplace").decode()
        body: str | bytes = answered.body
        if chosen is HTML:  # templates are slow: others are served meanwhile
            body = await asyncio.to_thread(page, answered.answer(), said)
        return Response(body, headers=told, media_type=chosen.media_type)
