"""The page that judges: a record that somebody sends is read from the request, and forgotten.

Beside the page's form, a record may be the body itself, with its media type; then the other fields
stand in the query string.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from k20kg.web.http.formats import FORMATS as RDF_FORMATS
from k20kg.web.http.formats import Format
from k20kg.web.http.negotiation import choose
from k20kg.web.http.responses import (
    RefusalError,
    accept_of,
    not_acceptable,
    read_body,
    read_fields,
    while_connected,
)
from k20kg.web.judge.process import Job, judge_apart
from k20kg.web.pages import judge

if TYPE_CHECKING:
    from k20kg.web.pages import Site
    from k20kg.web.pages.judge import RecordOutcome
    from k20kg.web.settings import UploadLimits

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
_ACCEPT_POST: Final = {
    "accept-post": ", ".join((_MULTIPART, _FORM, *(form.media_type for form in RDF_FORMATS)))
}
_OFFERS: Final = tuple(Format(key, media, key, words) for key, words, media in judge.FORMATS)


def routes(site: Site, limits: UploadLimits) -> list[Route]:
    """Return the route of the page that judges."""
    turns = asyncio.Semaphore(limits.at_once)
    waiting = 0

    async def judge_in_turn(job: Job, key: str) -> tuple[bytes, str] | RecordOutcome:
        async with turns:
            return await judge_apart(job, key, site, limits)

    async def send(request: Request) -> Response:
        nonlocal waiting
        if request.method != "POST":
            body = await asyncio.to_thread(judge.form, site)
            headers = {"cache-control": "no-cache", **_ACCEPT_POST}
            return Response(body, headers=headers, media_type="text/html")
        job = await _read(request, limits)
        key = _format(accept_of(request), job)
        if waiting >= limits.waiting:
            what, remedy = "many records are being judged", "send it again in a moment"
            raise RefusalError(503, what, "", remedy, {"retry-after": "5"})
        waiting += 1
        try:
            found = await while_connected(judge_in_turn(job, key), request.receive)
        finally:
            waiting -= 1
        if isinstance(found, tuple):
            report, media_type = found
            return Response(report, headers={"cache-control": "no-store"}, media_type=media_type)
        text = job.data.decode("utf-8-sig", "replace")
        raise RefusalError(
            found.status,
            found.what,
            found.where,
            "; ".join((*found.faults, found.remedy)) if found.faults else found.remedy,
            page=lambda: judge.report(site, found, text, **job.choices),
        )

    return [Route("/judge", send, methods=["GET", "POST"])]


# ---------------------------------------------------------------- reading


async def _read(request: Request, limits: UploadLimits) -> Job:
    """Return what a request asks to be judged; `RefusalError` if it may not."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _MULTIPART:
        return await _read_multipart(request, limits)
    if kind == _FORM:
        fields = dict(reversed(read_fields(await _body(request, 3 * limits.bytes, limits))))
        return _job(_plain_lines(fields.pop("text", "")), "", fields, limits)
    if kind in _SYNTAXES:
        body = await _body(request, limits.bytes, limits)
        fields = dict(reversed(read_fields(request.scope["query_string"])))
        fields.setdefault("syntax", _SYNTAXES[kind])
        return _job(body, "", fields, limits, direct=True)
    raise RefusalError(
        415,
        "a record cannot be sent as this" if kind else "the body's type is not said",
        "Content-Type",
        f"send {_MULTIPART}, or RDF with its media type",
        _ACCEPT_POST,
    )


async def _read_multipart(request: Request, limits: UploadLimits) -> Job:
    parser = MultiPartParser(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=_MOST_FIELDS,
        max_part_size=limits.bytes,
    )
    parser.spool_max_size = 1 << 30  # a file stays in memory: nothing is stored
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
    if not text.strip():
        return b""
    return f"\ufeff{text}".replace("\r\n", "\n").encode("utf-8", "surrogatepass")


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


async def _body(request: Request, most: int, limits: UploadLimits) -> bytes:
    return await read_body(request, most, _too_large(limits))


def _too_large(limits: UploadLimits) -> RefusalError:
    return RefusalError(
        413,
        f"the record is larger than {limits.bytes >> 20} MiB",
        remedy="judge it with the command line, which takes more",
    )


def _format(accept: str, job: Job) -> str:
    """Return the key of the format that a report comes in."""
    keys = [offer.key for offer in _OFFERS]
    if said := job.choices.get("format"):
        if said not in keys:
            raise RefusalError(
                400, "there is no such format", "format", f"say one of {', '.join(keys)}"
            )
        return said
    chosen = choose(accept, (*_OFFERS[1:], _OFFERS[0]) if job.direct else _OFFERS)
    if chosen is None:
        raise not_acceptable(_OFFERS, "the report has no such format")
    return chosen.key
