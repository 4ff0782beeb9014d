"""SPARQL 1.1 Protocol, the query half, at ``/sparql``; updates are refused.

Graphs that the parameters ``default-graph-uri`` and ``named-graph-uri`` name and that are not here
are empty, as the W3C's tests have it; they are never fetched. A parameter without a value is passed
over. A query's own FROM may name graphs that are here only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from k20kg.errors import K20Error
from k20kg.query.sparql import Answer
from k20kg.rdf.text import neutralise
from k20kg.web.http.formats import HTML
from k20kg.web.http.responses import (
    GRAPH_OFFERS,
    ROW_OFFERS,
    RefusalError,
    etag_of,
    is_fresh,
    not_acceptable,
    prefers_html,
    read_fields,
    reply,
    reply_empty,
    reply_refusal,
    want,
)
from k20kg.web.pages import Site
from k20kg.web.sparql import description
from k20kg.web.sparql.query_errors import say_limits
from k20kg.web.sparql.query_service import Desk, Exchange, GoneError
from k20kg.web.sparql.pool import Pool

_FORM: Final = "application/x-www-form-urlencoded"
_DIRECT: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_ALLOW: Final = (b"allow", b"GET, HEAD, OPTIONS, POST")
_ACCEPT_POST: Final = (b"accept-post", f"{_FORM}, {_DIRECT}".encode())
_UPDATE_PARAMETERS: Final = ("update", "using-graph-uri", "using-named-graph-uri")


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks: an empty text is none."""

    text: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    wish: bool = False
    """Whether the format is a wish: `output` or `results` came too, as SPARQLWrapper sends them."""


def routes(
    pool: Pool, site: Site, *, most_bytes: int = 1 << 18, cache: int = 32 << 20
) -> list[Route]:
    """Return the endpoint's route; `most_bytes` is the longest query, `cache` what is kept."""
    return [Route("/sparql", Endpoint(pool, site, most_bytes=most_bytes, cache=cache))]


class Endpoint:
    """The endpoint as an ASGI application."""

    def __init__(self, pool: Pool, site: Site, *, most_bytes: int, cache: int) -> None:
        self._site = site
        self._most_bytes = most_bytes
        self._limits = say_limits(pool.limits)
        self._desk = Desk(pool, site, cache)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange.of(scope, receive, send)
        text = ""
        try:
            if scope["method"] == "OPTIONS":
                await reply_empty(send, 204, [_ALLOW, _ACCEPT_POST])
                return
            operation = await read_operation(exchange, self._most_bytes)
            text = operation.text
            if text:
                await self._answer(exchange, operation)
            else:
                await self._describe(exchange, operation)
        except GoneError:
            return
        except RefusalError as refusal:
            html = prefers_html(exchange.accept)
            if html and text:
                refusal.page = partial(self._fault_page, text, refusal)
            await reply_refusal(scope, send, self._site, refusal, html=html)

    async def _answer(self, exchange: Exchange, operation: Operation) -> None:
        wanted = want(exchange.accept, operation.format, wish=operation.wish)
        if wanted.rows is None and wanted.triples is None:
            raise not_acceptable((*ROW_OFFERS, *GRAPH_OFFERS))
        await self._desk.answer(
            exchange,
            operation.text,
            wanted,
            lambda found, hints: self._page(operation.text, found, hints),
            default_graphs=operation.default_graphs,
            named_graphs=operation.named_graphs,
            hint=True,
        )

    async def _describe(self, exchange: Exchange, operation: Operation) -> None:
        """Send the service description, or the console to people."""
        if exchange.scope["method"] == "POST":
            raise RefusalError(400, "there is no query", remedy="send one as the parameter query")
        accept, send = exchange.accept, exchange.send
        key = operation.format
        person = key is None and prefers_html(accept)
        chosen = HTML if person else want(accept, key, wish=operation.wish).triples
        if chosen is None:
            raise not_acceptable(GRAPH_OFFERS)
        if chosen is HTML:
            from k20kg.web.pages import console

            page = console.page(self._site, limits=self._limits)
            await reply(exchange.scope, send, page.encode(), HTML.media_type)
            return
        etag = etag_of(self._site.dataset.digest, "description", chosen)
        extra = [(b"etag", etag), (b"cache-control", b"no-cache"), _ACCEPT_POST]
        if is_fresh(exchange.headers.get(b"if-none-match", b""), etag):
            await reply_empty(send, 304, [*extra, (b"vary", b"Accept")])
            return
        body = description.describe(self._site, chosen.key)
        await reply(exchange.scope, send, body, chosen.media_type, headers=extra)

    def _page(self, text: str, found: Answer, hints: Sequence[str]) -> str:
        from k20kg.web.pages import console

        return console.page(self._site, text, found, limits=self._limits, hints=hints)

    def _fault_page(self, text: str, refusal: RefusalError) -> str:
        from k20kg.web.pages import console

        fault = K20Error(refusal.what, where=refusal.where, remedy=refusal.remedy)
        return console.page(self._site, text, error=fault, limits=self._limits)


# ---------------------------------------------------------------- reading


async def read_operation(exchange: Exchange, most_bytes: int) -> Operation:
    """Return what a request asks (SPARQL 1.1 Protocol, 2.1); `RefusalError` if it may not."""
    scope, headers = exchange.scope, exchange.headers
    method = scope["method"]
    if method not in ("GET", "HEAD", "POST"):
        raise RefusalError(
            405,
            f"{neutralise(method)} is not for queries",
            remedy="use GET or POST",
            headers=(_ALLOW,),
        )
    if len(scope["query_string"]) > most_bytes:
        raise RefusalError(414, "the address is too long", remedy="send the query by POST")
    fields = read_fields(scope["query_string"])
    if method == "POST":
        kind, charset = _media_type(headers.get(b"content-type", b"").decode("latin-1"))
        if kind not in (_FORM, _DIRECT):
            raise _wrong_kind(kind)
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise RefusalError(
                415, f"the body is in {neutralise(charset)}", remedy="send it as UTF-8"
            )
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise RefusalError(415, "the body is compressed", remedy="send it as it is")
        body = await _body(exchange.receive, headers, most_bytes)
        if kind == _FORM:
            fields += read_fields(body)
        else:
            fields.append(("query", _utf8(body)))
            if not body.strip():
                raise RefusalError(400, "the body is empty", remedy="send a query")
    return _operation(fields)


def _operation(fields: list[tuple[str, str]]) -> Operation:
    given: dict[str, list[str]] = {}
    for name, value in fields:
        if not value.strip() and name.endswith("-graph-uri"):
            continue  # some clients send these empty
        given.setdefault(name, []).append(value)
    for name in _UPDATE_PARAMETERS:
        if name in given:
            raise RefusalError(
                400, f"{name} is for updates, which are refused", remedy="send a query"
            )
    queries = given.get("query", [])
    others = given.get("output", []) + given.get("results", [])
    formats = given.get("format", []) or others
    if len(queries) > 1:
        raise RefusalError(400, f"there are {len(queries)} queries", remedy="send one at a time")
    if queries and not queries[0].strip():
        raise RefusalError(
            400, "the query is empty", remedy="give SELECT, ASK, CONSTRUCT or DESCRIBE"
        )
    return Operation(
        queries[0] if queries else "",
        tuple(given.get("default-graph-uri", ())),
        tuple(given.get("named-graph-uri", ())),
        formats[-1] if formats else None,
        bool(others),
    )


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        raise RefusalError(
            400, f"byte {fault.start} of the query is not UTF-8", remedy="send it as UTF-8"
        ) from None


def _media_type(header: str) -> tuple[str, str]:
    """Return the type and the charset of a Content-Type."""
    kind, *parameters = header.split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return kind.strip().lower(), value.strip().strip('"').lower()
    return kind.strip().lower(), ""


def _wrong_kind(kind: str) -> RefusalError:
    what = (
        "updates are refused"
        if kind == _UPDATE
        else f"a query cannot be sent as {neutralise(kind)}"
        if kind
        else "the body's type is not said"
    )
    return RefusalError(415, what, "Content-Type", f"send {_DIRECT} or {_FORM}", (_ACCEPT_POST,))


async def _body(receive: Receive, headers: Mapping[bytes, bytes], most_bytes: int) -> bytes:
    too_large = RefusalError(
        413, f"the query is larger than {most_bytes} bytes", remedy="send a shorter one"
    )
    said = headers.get(b"content-length", b"")
    if said.isdigit() and int(said) > most_bytes:
        raise too_large
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise too_large
        if not message.get("more_body", False):
            return bytes(body)
