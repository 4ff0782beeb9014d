"""The page that judges: a record that somebody sends is read from the request, and forgotten.

Beside the page's form, a record may be the body itself, with its media type; then the other fields
stand in the query string.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from k20kg.web.http.formats import FORMATS as RDF_FORMATS
from k20kg.web.http.formats import Format
from k20kg.web.http.negotiation import choose
from k20kg.web.http.responses import (
    RefusalError,
    etag_of,
    is_fresh,
    prefers_html,
    read_fields,
    refusal_of,
    reply,
    reply_empty,
    reply_refusal,
)
from k20kg.web.judge.process import Job, judge_apart
from k20kg.web.sparql.query_errors import BusyError
from k20kg.web.sparql.query_service import Exchange, GoneError

if TYPE_CHECKING:
    from k20kg.web.settings import UploadLimits
    from k20kg.web.pages import Site
    from k20kg.web.pages.judge import Outcome

_FORM: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
_SYNTAXES: Final = {
    "text/turtle": "turtle",
    "application/n-triples": "ntriples",
    "application/ld+json": "jsonld",
    "application/rdf+xml": "rdfxml",
    "application/trig": "trig",
    "application/n-quads": "nquads",
    "text/plain": "",
    "application/octet-stream": "",
}
"""The name of a syntax by the media type of a body; empty where the text has to tell."""
_CHOICES: Final = ("definition", "reading", "as_of", "syntax", "format")
_MOST_FIELDS: Final = 12
_LONGEST_CHOICE: Final = 200
_ALLOW: Final = (b"allow", b"GET, HEAD, OPTIONS, POST")
_ACCEPT_POST: Final = (
    b"accept-post",
    ", ".join((_MULTIPART, _FORM, *(f.media_type for f in RDF_FORMATS))).encode(),
)
_UNKEPT: Final = (b"cache-control", b"no-store")


def routes(site: Site, limits: UploadLimits) -> list[Route]:
    """Return the route of the page that judges."""
    return [Route("/judge", Desk(site, limits))]


class Desk:
    """The page that judges, as an ASGI application."""

    def __init__(self, site: Site, limits: UploadLimits) -> None:
        self._site, self._limits = site, limits
        self._turns = asyncio.Semaphore(limits.at_once)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange.of(scope, receive, send)
        try:
            if scope["method"] in ("GET", "HEAD"):
                await self._show(exchange)
            elif scope["method"] == "POST":
                await self._judge(exchange)
            elif scope["method"] == "OPTIONS":
                await reply_empty(send, 204, [_ALLOW, _ACCEPT_POST])
            else:
                raise RefusalError(
                    405, "this is not for judging", remedy="use GET or POST", headers=[_ALLOW]
                )
        except GoneError:
            return
        except RefusalError as refusal:
            html = prefers_html(exchange.accept)
            await reply_refusal(scope, send, self._site, refusal, html=html)

    async def _show(self, exchange: Exchange) -> None:
        from k20kg.web.pages import judge

        body = (await asyncio.to_thread(judge.form, self._site)).encode()
        etag = etag_of(self._site.dataset.digest, body)
        headers = [(b"etag", etag), (b"cache-control", b"no-cache"), _ACCEPT_POST]
        if is_fresh(exchange.headers.get(b"if-none-match", b""), etag):
            await reply_empty(exchange.send, 304, headers)
            return
        await reply(exchange.scope, exchange.send, body, "text/html", headers=headers)

    async def _judge(self, exchange: Exchange) -> None:
        from k20kg.web.pages import judge

        job = await read_job(exchange, self._limits)
        key = _format(exchange.accept, job)
        found = await self._in_turn(job, key, exchange.receive)
        if isinstance(found, tuple):
            body, media_type = found
            await reply(exchange.scope, exchange.send, body, media_type, headers=[_UNKEPT])
            return
        refusal = RefusalError(
            found.status,
            found.what,
            found.where,
            "; ".join((*found.faults, found.remedy)) if found.faults else found.remedy,
        )
        text = job.data.decode("utf-8-sig", "replace")
        refusal.page = lambda: judge.report(self._site, found, text, **job.choices)
        html = key == "html"
        await reply_refusal(exchange.scope, exchange.send, self._site, refusal, html=html)

    async def _in_turn(self, job: Job, key: str, receive: Receive) -> tuple[bytes, str] | Outcome:
        """Judge a record when there is room for it; it ends when its sender hangs up."""
        if self._waiting >= self._limits.waiting:
            busy = BusyError("many records are being judged", remedy="send it again in a moment")
            raise refusal_of(busy)
        self._waiting += 1
        work = asyncio.create_task(self._run(job, key))
        gone = asyncio.create_task(_hung_up(receive))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                raise GoneError
            return work.result()
        finally:
            self._waiting -= 1
            work.cancel()
            gone.cancel()

    async def _run(self, job: Job, key: str) -> tuple[bytes, str] | Outcome:
        async with self._turns:
            return await judge_apart(job, key, self._site, self._limits)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


# ---------------------------------------------------------------- reading


async def read_job(exchange: Exchange, limits: UploadLimits) -> Job:
    """Return what a request asks to be judged; `RefusalError` if it may not."""
    said = exchange.headers.get(b"content-type", b"")
    kind = said.partition(b";")[0].strip().lower().decode("latin-1")
    if exchange.headers.get(b"content-encoding", b"identity").lower() != b"identity":
        raise RefusalError(415, "the body is compressed", remedy="send it as it is")
    if kind == _MULTIPART:
        return await _read_multipart(exchange, said, limits)
    if kind == _FORM:
        body = await _body(exchange.receive, 3 * limits.bytes, limits)
        fields = dict(reversed(read_fields(body)))
        text = fields.pop("text", "")
        return _job(_plain_lines(text), "", fields, limits)
    if kind in _SYNTAXES:
        body = await _body(exchange.receive, limits.bytes, limits)
        fields = dict(reversed(read_fields(exchange.scope["query_string"])))
        fields.setdefault("syntax", _SYNTAXES[kind])
        return _job(body, "", fields, limits, direct=True)
    raise RefusalError(
        415,
        "a record cannot be sent as this" if kind else "the body's type is not said",
        "Content-Type",
        f"send {_MULTIPART}, or RDF with its media type",
        (_ACCEPT_POST,),
    )


async def _read_multipart(exchange: Exchange, said: bytes, limits: UploadLimits) -> Job:
    if not parse_options_header(said)[1].get(b"boundary"):
        raise RefusalError(400, "the body's boundary is not said", "Content-Type", "name it")

    async def parts() -> AsyncGenerator[bytes, None]:
        size = 0
        while True:
            message = await exchange.receive()
            if message["type"] == "http.disconnect":
                raise GoneError
            size += len(message.get("body", b""))
            if size > 2 * limits.bytes:
                raise _too_large(limits)
            yield message.get("body", b"")
            if not message.get("more_body", False):
                yield b""
                return

    headers = Headers({"content-type": said.decode("latin-1")})
    parser = MultiPartParser(
        headers, parts(), max_files=1, max_fields=_MOST_FIELDS, max_part_size=limits.bytes
    )
    parser.spool_max_size = 4 * limits.bytes  # a file stays in memory: nothing is stored
    try:
        form = await parser.parse()
    except MultiPartException as fault:
        raise RefusalError(400, fault.message.rstrip("."), remedy="send the form anew") from None
    fields: dict[str, str] = {}
    data, name = b"", ""
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            data, name = await value.read(), value.filename or ""
        else:
            fields.setdefault(key, value)
    await form.close()
    text = fields.pop("text", "")
    fields.pop("file", None)
    return _job(data or _plain_lines(text), name, fields, limits)


def _plain_lines(text: str) -> bytes:
    """Return a text field as it was typed: forms end lines with CR LF.

    It is in UTF-8 whatever XML in it declares, and the byte order mark says so.
    """
    return (
        f"\ufeff{text}".replace("\r\n", "\n").encode("utf-8", "surrogatepass")
        if text.strip()
        else b""
    )


def _job(
    data: bytes, name: str, fields: Mapping[str, str], limits: UploadLimits, *, direct: bool = False
) -> Job:
    if len(data) > limits.bytes:
        raise _too_large(limits)
    if not data.strip():
        raise RefusalError(400, "there is no record", remedy="choose a file, or paste its text")
    choices = {key: fields[key] for key in _CHOICES if fields.get(key)}
    if any(len(value) > _LONGEST_CHOICE for value in choices.values()):
        raise RefusalError(400, "a field is too long", remedy="choose one of those that are there")
    return Job(data, name, choices, direct)


async def _body(receive: Receive, most: int, limits: UploadLimits) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        body += message.get("body", b"")
        if len(body) > most:
            raise _too_large(limits)
        if not message.get("more_body", False):
            return bytes(body)


def _too_large(limits: UploadLimits) -> RefusalError:
    return RefusalError(
        413,
        f"the record is larger than {limits.bytes >> 20} MiB",
        remedy="judge it with the command line, which takes more",
    )


@lru_cache(maxsize=1)
def _offers() -> tuple[Format, ...]:
    from k20kg.web.pages.judge import FORMATS

    return tuple(Format(key, media, key, words) for key, words, media in FORMATS)


def _format(accept: str, job: Job) -> str:
    """Return the key of the format that a report comes in."""
    keys = [offer.key for offer in _offers()]
    if said := job.choices.get("format"):
        if said not in keys:
            raise RefusalError(
                400, "there is no such format", "format", f"say one of {', '.join(keys)}"
            )
        return said
    offers = _offers()
    chosen = choose(accept, (*offers[1:], offers[0]) if job.direct else offers)
    if chosen is None:
        kinds = ", ".join(f"{offer.media_type} ({offer.key})" for offer in offers)
        raise RefusalError(406, "the report has no such format", "Accept", f"it comes as {kinds}")
    return chosen.key
