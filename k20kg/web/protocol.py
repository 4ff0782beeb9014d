"""SPARQL 1.1 Protocol, the query half, at ``/sparql``; updates are refused.

Graphs that the parameters ``default-graph-uri`` and ``named-graph-uri`` name and that are not here
are empty, as the W3C's tests have it; they are never fetched. A query's own FROM may name graphs
that are here only.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from k20kg.errors import K20Error
from k20kg.text import neutralise
from k20kg.web import description
from k20kg.web.formats import Format
from k20kg.web.pages import Site
from k20kg.web.results import (
    GRAPH_FORMATS,
    HTML,
    ROW_FORMATS,
    GoneError,
    RefusalError,
    ask,
    etag_of,
    is_fresh,
    prefers_html,
    refusal_of,
    reply,
    reply_empty,
    reply_refusal,
    want,
)
from k20kg.web.workers import Pool

__all__ = ["Endpoint", "Operation", "read_operation", "routes"]

_FORM: Final = "application/x-www-form-urlencoded"
_DIRECT: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_ALLOW: Final = (b"allow", b"GET, HEAD, OPTIONS, POST")
_ACCEPT_POST: Final = (b"accept-post", f"{_FORM}, {_DIRECT}".encode())
_UPDATE_PARAMETERS: Final = ("update", "using-graph-uri", "using-named-graph-uri")
_CHANGES: Final = re.compile(r"\b(?:now|rand|uuid|struuid)\b", re.IGNORECASE)
"""Functions that give something new each time."""
_MOST_FIELDS: Final = 200


@dataclass(frozen=True, slots=True)
class Operation:
    """What a request asks: an empty text is none."""

    text: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None


def routes(
    pool: Pool, site: Site, *, most_bytes: int = 1 << 18, cache: int = 32 << 20
) -> list[Route]:
    """Return the endpoint's route; `most_bytes` is the longest query, `cache` what is kept."""
    return [Route("/sparql", Endpoint(pool, site, most_bytes=most_bytes, cache=cache))]


class Endpoint:
    """The endpoint as an ASGI application."""

    def __init__(self, pool: Pool, site: Site, *, most_bytes: int, cache: int) -> None:
        self._pool, self._site = pool, site
        self._most_bytes = most_bytes
        self._kept = _Kept(cache)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:  # a list header may come in several parts
            headers[name] = headers[name] + b", " + value if name in headers else value
        accept = headers.get(b"accept", b"*/*").decode("latin-1")
        text = ""
        try:
            if scope["method"] == "OPTIONS":
                await reply_empty(send, 204, [_ALLOW, _ACCEPT_POST])
                return
            operation = await read_operation(scope, receive, headers, self._most_bytes)
            text = operation.text
            if not text:
                await self._describe(scope, send, accept, headers, operation.format)
                return
            await self._answer(scope, receive, send, operation, accept, headers)
        except GoneError:
            return
        except RefusalError as refusal:
            html = prefers_html(accept)
            page = self._console(text, refusal) if html and text else ""
            await reply_refusal(scope, send, self._site, refusal, html=html, page=page)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        operation: Operation,
        accept: str,
        headers: Mapping[bytes, bytes],
    ) -> None:
        wanted = want(accept, operation.format)
        if wanted.rows is None and wanted.triples is None:
            raise _not_acceptable((*ROW_FORMATS, *GRAPH_FORMATS, HTML))
        digest = self._site.dataset.digest
        same = scope["method"] != "POST" and not _CHANGES.search(operation.text)
        etag = etag_of(digest, operation, wanted) if same else b""
        extra = [(b"etag", etag), (b"cache-control", b"no-cache")] if same else []
        if same and is_fresh(headers.get(b"if-none-match", b""), etag):
            await reply_empty(send, 304, [*extra, (b"vary", b"Accept")])
            return
        if same and (known := self._kept.get(etag)):
            await reply(scope, send, known[0], known[1], headers=extra)
            return
        question = wanted.question(operation.text, operation.default_graphs, operation.named_graphs)
        try:
            answered = await ask(self._pool, question, scope, receive)
        except K20Error as fault:
            raise refusal_of(fault, wanted) from None
        chosen = wanted.format_of(answered.outcome)
        body = answered.body
        if chosen is HTML:
            from k20kg.web.pages import console

            body = console.page(self._site, operation.text, answered.answer()).encode()
        if same:
            self._kept.put(etag, (body, chosen.media_type))
        await reply(scope, send, body, chosen.media_type, headers=extra)

    async def _describe(
        self,
        scope: Scope,
        send: Send,
        accept: str,
        headers: Mapping[bytes, bytes],
        key: str | None,
    ) -> None:
        """Send the service description, or the console to people."""
        if scope["method"] == "POST":
            raise RefusalError(400, "there is no query", remedy="send one as the parameter query")
        wanted = want(accept, key)
        chosen = HTML if key is None and prefers_html(accept) else wanted.triples
        if chosen is None:
            raise _not_acceptable((*GRAPH_FORMATS, HTML))
        if chosen is HTML:
            from k20kg.web.pages import console

            await reply(scope, send, console.page(self._site).encode(), "text/html")
            return
        etag = etag_of(self._site.dataset.digest, "description", chosen)
        extra = [(b"etag", etag), (b"cache-control", b"no-cache"), _ACCEPT_POST]
        if is_fresh(headers.get(b"if-none-match", b""), etag):
            await reply_empty(send, 304, [*extra, (b"vary", b"Accept")])
            return
        body = description.describe(self._site, chosen.key)
        await reply(scope, send, body, chosen.media_type, headers=extra)

    def _console(self, text: str, refusal: RefusalError) -> str:
        from k20kg.web.pages import console

        fault = K20Error(refusal.what, where=refusal.where, remedy=refusal.remedy)
        return console.page(self._site, text, error=fault)


def _not_acceptable(offers: Iterable[Format]) -> RefusalError:
    kinds = ", ".join(offer.media_type for offer in offers)
    return RefusalError(
        406, "the answer has none of the formats asked for", remedy=f"accept {kinds}"
    )


# ---------------------------------------------------------------- reading


async def read_operation(
    scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], most_bytes: int
) -> Operation:
    """Return what a request asks (SPARQL 1.1 Protocol, 2.1); `RefusalError` if it may not."""
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
    fields = _fields(scope["query_string"])
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
        body = await _body(receive, headers, most_bytes)
        if kind == _FORM:
            fields += _fields(body)
        else:
            fields.append(("query", _utf8(body)))
            if not body.strip():
                raise RefusalError(400, "the body is empty", remedy="send a query")
    return _operation(fields)


def _operation(fields: list[tuple[str, str]]) -> Operation:
    for name, _ in fields:
        if name in _UPDATE_PARAMETERS:
            raise RefusalError(
                400, f"{name} is for updates, which are refused", remedy="send a query"
            )
    queries = [value for name, value in fields if name == "query"]
    formats = [value for name, value in fields if name == "format"]
    if len(queries) > 1:
        raise RefusalError(400, f"there are {len(queries)} queries", remedy="send one at a time")
    if queries and not queries[0].strip():
        raise RefusalError(
            400, "the query is empty", remedy="give SELECT, ASK, CONSTRUCT or DESCRIBE"
        )
    return Operation(
        queries[0] if queries else "",
        tuple(value for name, value in fields if name == "default-graph-uri"),
        tuple(value for name, value in fields if name == "named-graph-uri"),
        formats[-1] if formats else None,
    )


def _fields(data: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            data.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise RefusalError(400, "a parameter is not UTF-8", remedy="percent-encode UTF-8") from None
    except ValueError:
        raise RefusalError(400, "there are too many parameters", remedy="send fewer") from None


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


# ---------------------------------------------------------------- keeping


class _Kept:
    """Answers given before, the latest ones, up to a number of bytes in all."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._answers: OrderedDict[bytes, tuple[bytes, str]] = OrderedDict()

    def get(self, etag: bytes) -> tuple[bytes, str] | None:
        if etag in self._answers:
            self._answers.move_to_end(etag)
        return self._answers.get(etag)

    def put(self, etag: bytes, answer: tuple[bytes, str]) -> None:
        if len(answer[0]) > self._most // 8:
            return
        before = self._answers.pop(etag, None)
        self._size += len(answer[0]) - (len(before[0]) if before else 0)
        self._answers[etag] = answer
        while self._size > self._most:
            _, (body, _) = self._answers.popitem(last=False)
            self._size -= len(body)
