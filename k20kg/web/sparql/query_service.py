"""Answers queries over HTTP: a worker is asked while the client waits."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from k20kg.sparql.hints import hints, unknown_terms
from k20kg.sparql.sparql import Answer
from k20kg.web.http.formats import HTML
from k20kg.web.http.responses import not_acceptable, while_connected
from k20kg.web.sparql.answering import QueryOutcome, Question
from k20kg.web.sparql.formats import GRAPH_OFFERS, ROW_OFFERS, Wanted, is_empty
from k20kg.web.sparql.pool import Pool
from k20kg.web.sparql.query_errors import FormError

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
