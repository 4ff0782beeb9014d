"""Saved questions as resources: ``/query/NAME?param=…``, in every format under one address.

``/query/NAME.csv`` is one format as a plain link, ``/query/NAME.rq`` the query itself, with its
parameters bound if any are given.
"""

from __future__ import annotations

import asyncio
import difflib
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from k20kg.errors import UsageError
from k20kg.query.named_queries import Query, list_queries
from k20kg.query.parameters import NoSuchValueError, check
from k20kg.query.sparql import Answer
from k20kg.query.store import Store
from k20kg.rdf.text import neutralise
from k20kg.web.dataset import merged
from k20kg.web.http.formats import Format
from k20kg.web.http.responses import (
    GRAPH_OFFERS,
    ROW_OFFERS,
    RefusalError,
    Wanted,
    etag_of,
    is_fresh,
    pick,
    prefers_html,
    read_fields,
    reply,
    reply_empty,
    reply_refusal,
)
from k20kg.web.sparql.query_service import Desk, Exchange, GoneError

if TYPE_CHECKING:
    from k20kg.web.pages import Site
    from k20kg.web.sparql.pool import Pool

SPARQL: Final = Format("rq", "application/sparql-query", "rq", "SPARQL")
_ALLOW: Final = (b"allow", b"GET, HEAD, OPTIONS")
_LONGEST_NAME: Final = 100
_CHECKS: Final = 1024
"""So many sets of values are known to be in the data at most."""
_NOT_PARAMETERS: Final = ("format",)


def routes(pool: Pool, site: Site, *, cache: int = 16 << 20) -> list[Route]:
    """Return the route of all saved questions; `cache` is how many bytes of answers are kept."""
    return [Route("/query/{name:path}", Saved(pool, site, cache))]


class Saved:
    """The saved questions as an ASGI application."""

    def __init__(self, pool: Pool, site: Site, cache: int) -> None:
        self._site = site
        self._desk = Desk(pool, site, cache)
        self._check = lru_cache(maxsize=_CHECKS)(self._look_up)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange.of(scope, receive, send)
        try:
            if scope["method"] == "OPTIONS":
                await reply_empty(send, 204, [_ALLOW])
            elif scope["method"] not in ("GET", "HEAD"):
                what = f"{neutralise(scope['method'])} is not for saved questions"
                raise RefusalError(405, what, remedy="use GET", headers=[_ALLOW])
            else:
                await self._answer(exchange)
        except GoneError:
            return
        except RefusalError as refusal:
            html = prefers_html(exchange.accept)
            await reply_refusal(scope, send, self._site, refusal, html=html)

    async def _answer(self, exchange: Exchange) -> None:
        scope = exchange.scope
        name, _, suffix = scope["path_params"]["name"].partition(".")
        fields = read_fields(scope["query_string"])
        query = _find(name)
        if query.name != name:
            await self._redirect(exchange, query, suffix)
            return
        values = _values(fields)
        rows = query.form in ("SELECT", "ASK")
        offers = (*(ROW_OFFERS if rows else GRAPH_OFFERS), SPARQL)
        chosen = pick(exchange.accept, suffix, dict(fields).get("format", ""), offers)
        try:
            text = _bind(query, values)
            if values and chosen is not SPARQL:
                await asyncio.to_thread(self._check, query, tuple(sorted(values.items())))
        except UsageError as fault:
            raise self._wrong(query, values, fault) from None
        links = self._links(query, values, chosen)
        if chosen is SPARQL:
            await _send_text(exchange, text if values else query.text, links)
            return
        await self._desk.answer(
            exchange,
            text,
            Wanted(chosen, chosen),
            lambda found, _: self._page(query, values, found),
            headers=links,
        )

    def _look_up(self, query: Query, values: tuple[tuple[str, str], ...]) -> None:
        """Raise `NoSuchValueError` for a value that is not in the data."""
        check(query, dict(values), Store(merged(self._site.dataset), merged=True))

    async def _redirect(self, exchange: Exchange, query: Query, suffix: str) -> None:
        """Lead from an id, or from a name with its group, to the one address."""
        target = f"{self._site.links.root}/query/{query.name}{'.' if suffix else ''}{quote(suffix)}"
        asked = exchange.scope["query_string"]
        location = target.encode() + (b"?" + asked if asked else b"")
        await reply_empty(exchange.send, 308, [(b"location", location), (b"content-length", b"0")])

    def _links(
        self, query: Query, values: dict[str, str], chosen: Format
    ) -> list[tuple[bytes, bytes]]:
        path = f"{self._site.links.root}/query/{query.name}"
        given = f"?{urlencode(values)}" if values else ""
        return [
            (b"content-location", f"{path}.{chosen.key}{given}".encode()),
            (
                b"link",
                f'<{path}.rq{given}>; rel="describedby"; type="{SPARQL.media_type}"'.encode(),
            ),
        ]

    def _page(self, query: Query, values: dict[str, str], found: Answer) -> str:
        from k20kg.web.pages import queries

        return queries.result(self._site, query, values, found)

    def _wrong(self, query: Query, values: dict[str, str], fault: UsageError) -> RefusalError:
        """Return a refusal whose page is that of the question, to be filled in anew."""
        from k20kg.web.pages import queries

        return RefusalError(
            404 if isinstance(fault, NoSuchValueError) else 400,
            fault.what,
            fault.where,
            fault.remedy,
            page=lambda: queries.result(self._site, query, values, None, fault),
        )


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Query]:
    """Return the packaged queries by each name they go by; the files do not change meanwhile."""
    queries = list_queries()
    ids = {query.id.lower(): query for query in queries}
    with_group = {f"{query.group}/{query.name}": query for query in queries}
    return {**ids, **with_group, **{query.name: query for query in queries}}


def _find(name: str) -> Query:
    known = _catalogue()
    found = known.get(name) or known.get(name.lower())
    if found:
        return found
    near = difflib.get_close_matches(name[:_LONGEST_NAME], known, n=1, cutoff=0.4)
    raise RefusalError(
        404,
        f"there is no saved question {neutralise(name)}",
        remedy=f"did you mean {known[near[0]].name}?" if near else "/queries lists them",
    )


def _values(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters given; one that a form sends empty is not."""
    values: dict[str, str] = {}
    for name, value in fields:
        if name in values:
            what = f"the parameter {neutralise(name)} is given twice"
            raise RefusalError(400, what, remedy="give it once")
        if name not in _NOT_PARAMETERS and value:
            values[name] = value
    return values


def _bind(query: Query, values: dict[str, str]) -> str:
    try:
        return query.bound(values)
    except UsageError as fault:
        # The catalogue speaks to who sits at a command line.
        remedy = fault.remedy.removeprefix("say --set ")
        if remedy != fault.remedy:
            remedy = f"add {remedy} to the address"
        raise UsageError(fault.what, where=fault.where, remedy=remedy) from None


async def _send_text(exchange: Exchange, text: str, headers: list[tuple[bytes, bytes]]) -> None:
    etag = etag_of("", text)
    headers = [*headers, (b"etag", etag), (b"cache-control", b"no-cache")]
    if is_fresh(exchange.headers.get(b"if-none-match", b""), etag):
        await reply_empty(exchange.send, 304, [*headers, (b"vary", b"Accept")])
        return
    await reply(exchange.scope, exchange.send, text.encode(), SPARQL.media_type, headers=headers)
