"""The page that judges: a record that somebody sends is read from the request, and forgotten.

Beside the page's form, a record may be the body itself, with its media type; then the other fields
stand in the query string. At ``/judge/form`` it is typed in, section by section.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from k20kg.errors import K20Error
from k20kg.sheets.form import FORM, merge
from k20kg.web.http.formats import FORMATS as RDF_FORMATS
from k20kg.web.http.formats import choose
from k20kg.web.http.response_cache import Once
from k20kg.web.http.responses import (
    MOST_FIELDS,
    RefusalError,
    Resource,
    accept_of,
    answer,
    not_acceptable,
    read_body,
    read_fields,
    refusal_of,
    while_connected,
)
from k20kg.web.judge.process import Job, judge_in_subprocess
from k20kg.web.pages import Site, case_form, judge
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
_MOST_FIELDS: Final = 12
_MOST_TYPED: Final = 20_000
"""So many fields a page of the form may have."""
_LONGEST_CHOICE: Final = 200
_ACCEPT_POST: Final = {
    "accept-post": ", ".join((_MULTIPART, _FORM, *(form.media_type for form in RDF_FORMATS)))
}
_SAVED: Final = {form.key: form for form in judge.SAVED}
_STARTS: Final = {"xlsx": _SAVED["workbook"], "ttl": _SAVED["record"]}


def routes(site: Site, limits: UploadLimits, once: Once) -> list[Route]:
    """Return the routes of the page that judges, of the form, and of files to start from."""
    turns = asyncio.Semaphore(limits.at_once)
    waiting = 0

    async def judge_in_turn(job: Job, key: str) -> tuple[bytes, str, int] | RecordOutcome:
        async with turns:
            return await judge_in_subprocess(job, key, site, limits)

    async def answered(request: Request, job: Job, key: str) -> Response:
        nonlocal waiting
        if waiting >= limits.waiting:
            what, remedy = "many records are being judged", "send it again in a moment"
            raise RefusalError(503, what, "", remedy, {"retry-after": "5"})
        waiting += 1
        try:
            found = await while_connected(judge_in_turn(job, key), request.receive)
        finally:
            waiting -= 1
        if isinstance(found, tuple):
            return _response(*found)
        told = "; ".join((*found.faults, found.remedy)) if found.faults else found.remedy
        refusal = RefusalError(found.status, found.what, found.where, told)
        text = judge.shown_again(job.data)
        refusal.page = lambda: judge.form(site, found, text, **job.choices)
        raise refusal

    async def send(request: Request) -> Response:
        form = request.scope["path"].endswith("/form")
        if request.method != "POST":
            make = partial(case_form.page, site, {}) if form else partial(judge.form, site)
            headers = {"cache-control": "no-cache", **({} if form else _ACCEPT_POST)}
            return Response(await asyncio.to_thread(make), 200, headers, "text/html")
        with _kindly(site, Job()):
            sent = await _read(request, limits, typed=form)
        with _kindly(site, sent):
            job = _checked(sent, limits)
            typed = job.choices.get("syntax") == FORM and job.choices.get("format")
            key = "step" if form and not typed else _format(accept_of(request), job)
        return await answered(request, job, key)

    async def start(request: Request) -> Response:
        name, _, end = request.path_params["name"].rpartition(".")
        form = _STARTS.get(end)
        body = await asyncio.to_thread(judge.start, site, name, end) if form else None
        if not (form and body):
            raise HTTPException(404)
        return await answer(Resource(f"start {name}", (form,), lambda _: body, form), "", once)

    return [
        *(Route(path, send, methods=["GET", "POST"]) for path in ("/judge", "/judge/form")),
        Route("/judge/{name:path}", start, methods=["GET"]),
    ]


def _response(body: bytes, key: str, status: int) -> Response:
    headers = {"cache-control": "no-store"}
    if key == "html":
        return Response(body, status, headers, "text/html")
    form = _SAVED[key]
    kind = "record" if form in _STARTS.values() else "report"
    headers["content-disposition"] = f'attachment; filename="{kind}.{form.suffix}"'
    return Response(body, status, headers, form.media_type)


@contextmanager
def _kindly(site: Site, sent: Job) -> Iterator[None]:
    """Answer what is refused meanwhile by the page that was left, with what was typed."""
    try:
        yield
    except K20Error as fault:
        refusal = refusal_of(fault)
        outcome = RecordOutcome((), refusal.status, refusal.what, refusal.where, refusal.remedy)
        text = sent.fields.get("text", "")
        refusal.page = lambda: judge.form(site, outcome, text, **sent.choices)
        raise refusal from None


async def _read(request: Request, limits: UploadLimits, *, typed: bool) -> Job:
    """Return a record as it was sent, as a file, as a text or as typed rows of the form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _MULTIPART:
        return await _read_multipart(request, limits)
    if kind == _FORM:
        body = await read_body(request, 3 * limits.bytes, _too_large(limits))
        fields = read_fields(body, _MOST_TYPED if typed else MOST_FIELDS)
        return _typed(fields) if typed else Job(fields=dict(reversed(fields)))
    if kind in _SYNTAXES:
        body = await read_body(request, limits.bytes, _too_large(limits))
        given = dict(reversed(read_fields(request.scope["query_string"])))
        return Job(body, "", {"syntax": _SYNTAXES[kind], **given}, direct=True)
    raise RefusalError(
        415,
        "a record cannot be sent as this" if kind else "the body's type is not said",
        "Content-Type",
        f"send {_MULTIPART}, or RDF with its media type",
        _ACCEPT_POST,
    )


def _typed(fields: Sequence[tuple[str, str]]) -> Job:
    """Return the rows that a page of the form sends."""
    given: dict[str, list[str]] = {}
    for name, value in fields:
        given.setdefault(name, []).append(value)
    typed = merge(given)
    last = {name: values[-1] for name, values in given.items()}
    section = last.get("section", last.get("from", ""))
    return Job(json.dumps(typed).encode(), FORM, {**last, "syntax": FORM, "section": section})


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
    return Job(data, name, fields)


def _checked(sent: Job, limits: UploadLimits) -> Job:
    """Return a record to be judged; `RefusalError` for none, two, or one that is too large."""
    # Forms end lines with CR LF; a byte order mark says UTF-8, whatever XML in the text declares.
    said = sent.fields.get("text", "").replace("\r\n", "\n")
    text = f"\ufeff{said}".encode("utf-8", "surrogatepass") if said.strip() else b""
    if sent.data and text:
        remedy = "empty the text and choose the file again, or send the text alone"
        raise RefusalError(400, "a file and a text came in", remedy=remedy)
    data = sent.data or text
    if len(data) > limits.bytes:
        raise _too_large(limits)
    if not data.strip():
        raise RefusalError(400, "there is no record", remedy="choose a file, or paste its text")
    if any(len(value) > _LONGEST_CHOICE for value in sent.choices.values()):
        raise RefusalError(400, "a field is too long", remedy="choose one of those that are there")
    return replace(sent, data=data)


def _too_large(limits: UploadLimits) -> RefusalError:
    return RefusalError(
        413,
        f"the record is larger than {limits.bytes >> 20} MiB",
        remedy="judge it with the command line, which takes more",
    )


def _format(accept: str, job: Job) -> str:
    """Return the key of the format that a report, or the record, comes in."""
    if said := job.choices.get("format"):
        if said not in (keys := ("html", *_SAVED)):
            use = f"say one of {', '.join(keys)}"
            raise RefusalError(400, "there is no such format", "format", use)
        return said
    chosen = choose(accept, (*judge.FORMATS[1:], judge.FORMATS[0]) if job.direct else judge.FORMATS)
    if chosen is None:
        raise not_acceptable(judge.FORMATS, "the report has no such format")
    return chosen.key
