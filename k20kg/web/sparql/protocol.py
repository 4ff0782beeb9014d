"""SPARQL 1.1 Protocol, the query half, at ``/sparql``; updates are refused.

Graphs that the parameters ``default-graph-uri`` and ``named-graph-uri`` name and that are not here
are empty, as the W3C's tests have it; they are never fetched. A parameter without a value is passed
over. A query's own FROM may name graphs that are here only.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final, NamedTuple

import pyoxigraph as ox
from python_multipart.multipart import parse_options_header
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from k20kg.errors import K20Error
from k20kg.rdf.text import escape_controls
from k20kg.sparql.hints import hints, says_nothing, unknown_terms
from k20kg.sparql.sparql import Answer
from k20kg.web.http.formats import GRAPH_FORMATS, HTML, JSON, OFFERS, ROW_FORMATS, Format, choose
from k20kg.web.http.responses import (
    AsgiHandler,
    RefusalError,
    accept_of,
    find_format,
    not_acceptable,
    prefers_html,
    read_body,
    read_fields,
    refusal_of,
    while_connected,
)
from k20kg.web.linkeddata.describe import describe_service
from k20kg.web.pages import Site, queries
from k20kg.web.pages.rows import page_of
from k20kg.web.serializer import write
from k20kg.web.sparql.answering import TERMS, FormError, QueryOutcome, QueryReply, Question
from k20kg.web.sparql.pool import Pool

ROW_OFFERS: Final = (
    *ROW_FORMATS,
    HTML,
    JSON,
    Format("xml", "application/xml", "xml", "XML"),
    Format("xml", "text/xml", "xml", "XML"),
)
GRAPH_OFFERS: Final = (*GRAPH_FORMATS, *(form for form in OFFERS if not form.quads))
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
        rows, triples = ("" if f is None else TERMS if f is HTML else f.key for f in self)
        return rows, triples

    def format_of(self, outcome: QueryOutcome) -> Format:
        """Return the format that an answer of some kind comes in."""
        found = self.triples if outcome is QueryOutcome.TRIPLES else self.rows
        assert found
        return found


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
            400, f"there is no format {escape_controls(key)}", "format", f"say one of {known}"
        )
    return Wanted(*named)


_NOTHING: Final = re.compile(
    rb"""
    (?:(?![<\[]|_:)[^\r\n]*\r?\n)?                     # CSV and TSV: the names of the columns
    |(?!.*(?:<result>|<boolean>true|<rdf:Description)).*</\w+:?\w*>\s*   # XML
    |\[\]                                              # JSON-LD
    |false\s*""",
    re.DOTALL | re.VERBOSE,
)
_LONGEST_NOTHING: Final = 4000


def is_empty(answered: QueryReply, form: Format) -> bool:
    """Tell whether an answer has no rows or triples, or is false."""
    if form is HTML:
        return says_nothing(answered.answer())
    if form.key == "json":  # quotes in values are escaped
        return answered.body.endswith((b'"bindings":[]}}', b'"boolean":false}'))
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
        text = question.text
        if wanted.html:  # one more than is shown tells that there are more
            question = question._replace(shown=question.shown + 1)
        who = (request.scope.get("client") or ("",))[0]
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

    return [Route("/sparql", AsgiHandler(answer), methods=["GET", "POST"])]


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
            what = f"a query cannot be sent as {escape_controls(kind)}"
            known = {"": "the body's type is not said", _UPDATE: "updates are refused"}
            use = f"send {_DIRECT} or {_FORM}"
            raise RefusalError(415, known.get(kind, what), "Content-Type", use, _ACCEPT_POST)
        if charset not in ("", "utf-8", "utf8", "us-ascii"):
            what = f"the body is in {escape_controls(charset)}"
            raise RefusalError(415, what, remedy="send it as UTF-8")
        what = f"the query is larger than {_MOST_BYTES} bytes"
        too_large = RefusalError(413, what, remedy="send a shorter one")
        body = await read_body(request, _MOST_BYTES, too_large)
        if kind == _FORM:
            fields += read_fields(body)
        else:
            try:
                fields.append(("query", body.decode("utf-8-sig")))
            except UnicodeDecodeError as fault:
                what = f"byte {fault.start} of the query is not UTF-8"
                raise RefusalError(400, what, remedy="send it as UTF-8") from None
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
            what = f"{name} is for updates, which are refused"
            raise RefusalError(400, what, remedy="send a query")
    queries = given.get("query", [])
    others = given.get("output", []) + given.get("results", [])
    formats = given.get("format", []) or others
    if len(queries) > 1:
        raise RefusalError(400, f"there are {len(queries)} queries", remedy="send one at a time")
    if queries and not queries[0].strip():
        remedy = "give SELECT, ASK, CONSTRUCT or DESCRIBE"
        raise RefusalError(400, "the query is empty", remedy=remedy)
    return Operation(
        queries[0] if queries else "",
        tuple(given.get("default-graph-uri", ())),
        tuple(given.get("named-graph-uri", ())),
        formats[-1] if formats else None,
        bool(others),
        page_of(given.get("page", [""])[-1]),
    )
