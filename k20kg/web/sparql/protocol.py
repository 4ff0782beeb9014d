"""SPARQL 1.1 Protocol, the query half, at ``/sparql``; updates are refused.

Graphs that the parameters ``default-graph-uri`` and ``named-graph-uri`` name and that are not here
are empty, as the W3C's tests have it; they are never fetched. A parameter without a value is passed
over. A query's own FROM may name graphs that are here only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from k20kg.errors import K20Error
from k20kg.rdf.text import neutralise
from k20kg.sparql.sparql import Answer
from k20kg.web.http.formats import HTML
from k20kg.web.http.responses import (
    RefusalError,
    accept_of,
    not_acceptable,
    prefers_html,
    read_body,
    read_fields,
    refusal_of,
)
from k20kg.web.linkeddata.void import describe_service
from k20kg.web.pages import Site, queries
from k20kg.web.serializer import write
from k20kg.web.sparql.answering import Question
from k20kg.web.sparql.query_service import GRAPH_OFFERS, ROW_OFFERS, QueryService, want

_FORM: Final = "application/x-www-form-urlencoded"
_DIRECT: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
_ACCEPT_POST: Final = {"accept-post": f"{_FORM}, {_DIRECT}"}
_UPDATE_PARAMETERS: Final = ("update", "using-graph-uri", "using-named-graph-uri")
_MOST_BYTES: Final = 1 << 18
"""The longest query."""


class Operation(NamedTuple):
    """Operation that a request asks for: an empty text is none."""

    text: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str | None = None
    wish: bool = False
    """True if the format is a wish: `output` or `results` came too, as SPARQLWrapper sends them."""
    page: int = 1
    """Number of the page of rows that is shown."""


def routes(service: QueryService, site: Site) -> list[Route]:
    """Return the route of the endpoint."""
    show = partial(queries.console, site, limits=str(service.limits))

    async def answer(request: Request) -> Response:
        operation = await _read(request)
        try:
            if not operation.text:
                return _describe(site, request, operation, show)
            wanted = want(accept_of(request), operation.format, wish=operation.wish)
            if wanted.rows is None and wanted.triples is None:
                raise not_acceptable((*ROW_OFFERS, *GRAPH_OFFERS))

            def page(found: Answer, hints: Sequence[str]) -> str:
                return show(operation.text, found, hints=hints, page=operation.page)

            graphs = operation.default_graphs, operation.named_graphs
            rows = queries.PAGE, queries.PAGE * (operation.page - 1)
            question = Question(operation.text, *wanted.forms, *graphs, *rows)
            return await service.answer(request, question, wanted, page, hint=True)
        except K20Error as fault:
            refusal = refusal_of(fault)
            if operation.text:
                refusal.page = lambda: show(operation.text, error=refusal)
            raise refusal from None

    return [Route("/sparql", answer, methods=["GET", "POST"])]


def _describe(
    site: Site, request: Request, operation: Operation, show: Callable[[], str]
) -> Response:
    """Return the service description, or the console to people."""
    if request.method == "POST":
        raise RefusalError(400, "there is no query", remedy="send one as the parameter query")
    accept, key = accept_of(request), operation.format
    person = key is None and prefers_html(accept)
    chosen = HTML if person else want(accept, key, wish=operation.wish).triples
    if chosen is None:
        raise not_acceptable(GRAPH_OFFERS)
    headers = {"vary": "Accept", "cache-control": "no-cache", **_ACCEPT_POST}
    if chosen is HTML:
        return Response(show(), headers=headers, media_type=HTML.media_type)
    address = site.links.absolute("sparql")
    body = write(describe_service(site.dataset, address), chosen, topic=address)
    return Response(body, headers=headers, media_type=chosen.media_type)


async def _read(request: Request) -> Operation:
    """Return what a request asks (SPARQL 1.1 Protocol, 2.1); `RefusalError` if it may not."""
    fields = read_fields(request.scope["query_string"])
    if request.method == "POST":
        said, given = parse_options_header(request.headers.get("content-type", ""))
        kind = said.decode("latin-1").strip().lower()
        charset = given.get(b"charset", b"").decode("latin-1").lower()
        if kind not in (_FORM, _DIRECT):
            raise _wrong_kind(kind)
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            raise RefusalError(
                415, f"the body is in {neutralise(charset)}", remedy="send it as UTF-8"
            )
        what = f"the query is larger than {_MOST_BYTES} bytes"
        too_large = RefusalError(413, what, remedy="send a shorter one")
        body = await read_body(request, _MOST_BYTES, too_large)
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
    page = given.get("page", ["1"])[-1]
    return Operation(
        queries[0] if queries else "",
        tuple(given.get("default-graph-uri", ())),
        tuple(given.get("named-graph-uri", ())),
        formats[-1] if formats else None,
        bool(others),
        int(page) if re.fullmatch("[1-9][0-9]{0,5}", page) else 1,
    )


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as fault:
        raise RefusalError(
            400, f"byte {fault.start} of the query is not UTF-8", remedy="send it as UTF-8"
        ) from None


def _wrong_kind(kind: str) -> RefusalError:
    what = (
        "updates are refused"
        if kind == _UPDATE
        else f"a query cannot be sent as {neutralise(kind)}"
        if kind
        else "the body's type is not said"
    )
    return RefusalError(415, what, "Content-Type", f"send {_DIRECT} or {_FORM}", _ACCEPT_POST)
