"""Linked data over HTTP: every IRI we mint leads to a document, in the format that is asked for.

A thing is not a document: its IRI answers 303 and the address of the document about it. What a
document is has been decided once; a client that has it already costs a look into a table.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

import k20kg
from k20kg.text import neutralise
from k20kg.web.documents import Document, Kind, Moved, find, is_graph, render
from k20kg.web.files import find_file
from k20kg.web.formats import HTML, Format, format_of
from k20kg.web.negotiate import choose
from k20kg.web.results import RefusalError, is_fresh, prefers_html, reply_empty, reply_refusal
from k20kg.web.signposting import header, links, quoted

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["LinkedData", "routes", "seal_of"]

_ALLOW: Final = (b"allow", b"GET, HEAD, OPTIONS")
_LONGEST: Final = 2000
_PLANS: Final = 4096
_SHOWN: Final = 120
_SOURCES: Final = {".py", ".html", ".css", ".js", ".svg"}

Headers = list[tuple[bytes, bytes]]


def routes(site: Site, *, cache: int = 64 << 20) -> list[Route]:
    """Return the route of everything that has an IRI; it takes every path, so it comes last.

    `cache` is how many bytes of documents are kept.
    """
    return [Route("/{path:path}", LinkedData(site, cache))]


@lru_cache(maxsize=1)
def _software() -> str:
    """Return a digest of the code and templates that make documents of data."""
    here = Path(k20kg.__file__).parent
    seal = sha256()
    for path in sorted(p for p in here.rglob("*") if p.suffix in _SOURCES):
        seal.update(path.relative_to(here).as_posix().encode() + path.read_bytes())
    return seal.hexdigest()


def seal_of(site: Site) -> str:
    """Return a digest of all that documents depend on: data, software and addresses."""
    parts = (site.dataset.digest, _software(), repr(site.links), str(site.live))
    return sha256("\n".join(parts).encode()).hexdigest()


@dataclass(slots=True)
class _Plan:
    """What is at a path."""

    path: str
    offers: tuple[Format, ...]
    fixed: Format | None
    make: Callable[[Format], bytes]
    address: Callable[[Format], str] | None = None
    """Where one format of a negotiated document is."""
    document: Document | None = None
    light: bool = False
    """Whether a format of data is made so fast that nobody else has to wait."""
    heads: dict[str, _Head] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of an answer, which takes no look at its body."""

    etag: bytes
    fresh: Headers
    """Of 304."""
    full: Headers
    """Of 200, without the length."""


class LinkedData:
    """Things, their documents, and the files beside them, as an ASGI application."""

    def __init__(self, site: Site, cache: int = 64 << 20) -> None:
        self._site = site
        self._root = site.links.root
        self._seal = seal_of(site)
        self._plans: OrderedDict[str, _Plan | Moved] = OrderedDict()
        self._shelf = _Shelf(cache)
        self._making: dict[tuple[str, str], asyncio.Task[bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        accept, known = None, b""
        for name, value in scope["headers"]:
            if name == b"accept":
                accept = value if accept is None else accept + b", " + value
            elif name == b"if-none-match":
                known = known + b", " + value if known else value
        said = None if accept is None else accept.decode("latin-1")
        try:
            await self._answer(scope, send, said, known)
        except RefusalError as refusal:
            html = prefers_html(said or "*/*")
            await reply_refusal(scope, send, self._site, refusal, html=html)

    async def _answer(self, scope: Scope, send: Send, accept: str | None, known: bytes) -> None:
        method = scope["method"]
        if method == "OPTIONS":
            await reply_empty(send, 204, [_ALLOW])
            return
        if method not in ("GET", "HEAD"):
            what = f"{neutralise(method)} is not for this address"
            raise RefusalError(405, what, remedy="use GET", headers=[_ALLOW])
        plan = self._plan(scope)
        if isinstance(plan, Moved):
            where = quoted(f"{self._root}/{plan.path}").encode()
            head = [(b"location", where), (b"content-length", b"0")]
            await reply_empty(send, plan.status, head)
            return
        chosen = plan.fixed or choose(accept, plan.offers)
        if chosen is None:
            raise self._unacceptable(plan)
        form = format_of(chosen.key) or chosen  # an alias is answered with the proper type
        answer = plan.heads.get(form.key) or self._head(plan, form)
        if known and is_fresh(known, answer.etag):
            await reply_empty(send, 304, answer.fresh)
            return
        body = self._shelf.get((plan.path, form.key))
        if body is None:
            body = await self._make(plan, form)
        length = (b"content-length", str(len(body)).encode())
        start = {"type": "http.response.start", "status": 200, "headers": [*answer.full, length]}
        await send(start)
        shown = b"" if method == "HEAD" else body
        await send({"type": "http.response.body", "body": shown})

    # ------------------------------------------------------------ what is there

    def _plan(self, scope: Scope) -> _Plan | Moved:
        path, literal = scope["path"], ""
        if b"%" in scope.get("raw_path", b""):
            literal = self._below_root(scope["raw_path"].decode("latin-1"))
            path = _decoded(scope["raw_path"])
        path = self._below_root(path)
        plan = self._plans.get(path)
        if plan is None:
            try:
                plan = self._find(path)
            except RefusalError:
                # An IRI may have an escape in it that is not to be resolved: %2F is no slash.
                if not literal:
                    raise
                path, plan = literal, self._find(literal)
            self._plans[path] = plan
            if len(self._plans) > _PLANS:
                self._plans.popitem(last=False)
        return plan

    def _below_root(self, path: str) -> str:
        root = self._root
        return (path.removeprefix(root) if path.startswith(root + "/") else path).removeprefix("/")

    def _find(self, path: str) -> _Plan | Moved:
        """Return what is at a path; `RefusalError` says that there is nothing."""
        site = self._site
        if len(path) > _LONGEST:
            raise RefusalError(
                404, "no address here is that long", remedy="see / for what there is"
            )
        if path == "dump":
            return Moved("dump/", 308)
        if (file := find_file(site.dataset, path)) is not None:
            fixed = file.offers[0] if len(file.offers) == 1 else None
            return _Plan(path, file.offers, fixed, lambda form: file.make(site, form))
        found = find(site.dataset, path)
        if found is None:
            shown = neutralise(path)
            shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
            raise RefusalError(
                404, "there is nothing at this address", f"/{shown}", "see / for what there is"
            )
        if isinstance(found, Moved):
            return found
        document, form = found
        return _Plan(
            document.path or "/",
            document.offers,
            form,
            lambda form: render(site, document, form),
            document.address if form is None else None,
            document,
            light=document.kind is Kind.THING and not is_graph(site.dataset, document.about),
        )

    def _head(self, plan: _Plan, form: Format) -> _Head:
        """Return the head of a format; the body is not needed for it."""
        tag = sha256(f"{self._seal} {plan.path} {form.key}".encode()).hexdigest()[:32]
        etag = f'"{tag}-{form.key}"'.encode()
        fresh: Headers = [(b"etag", etag), (b"cache-control", b"no-cache")]
        if plan.fixed is None and len(plan.offers) > 1:
            fresh.append((b"vary", b"Accept"))
        if plan.address is not None:
            where = quoted(f"{self._root}/{plan.address(form)}").encode()
            fresh.append((b"content-location", where))
        kind = form.media_type
        kind = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        full: Headers = [*fresh, (b"content-type", kind.encode())]
        if plan.document is not None:
            found = links(self._site.dataset, plan.document, form)
            full.append((b"link", header(found, self._root).encode()))
        made = _Head(etag, fresh, full)
        plan.heads[form.key] = made
        return made

    def _unacceptable(self, plan: _Plan) -> RefusalError:
        """Return the refusal that lists what there is, in words and as links."""
        document, root = plan.document, self._root
        forms = document.formats if document else plan.offers
        told, linked = [], []
        for form in forms:
            address = f"/{document.address(form)}" if document else ""
            told.append(f"{form.media_type} ({root}{address})" if address else form.media_type)
            if address:
                target = quoted(root + address)
                linked.append(f'<{target}>; rel="alternate"; type="{form.media_type}"')
        headers = [(b"link", ", ".join(linked).encode())] if linked else []
        return RefusalError(
            406,
            "this comes in none of the formats that are asked for",
            remedy=f"it comes as {', '.join(told)}",
            headers=headers,
        )

    # ------------------------------------------------------------ bodies

    async def _make(self, plan: _Plan, form: Format) -> bytes:
        """Return a body, made once however many ask for it, and kept."""
        key = (plan.path, form.key)
        if plan.light and form is not HTML:
            body = plan.make(form)
            self._shelf.put(key, body)
            return body
        task = self._making.get(key)
        if task is None:
            task = asyncio.create_task(asyncio.to_thread(plan.make, form))
            self._making[key] = task
            task.add_done_callback(lambda done: self._made(key, done))
        return await asyncio.shield(task)

    def _made(self, key: tuple[str, str], task: asyncio.Task[bytes]) -> None:
        del self._making[key]
        if not task.cancelled() and task.exception() is None:
            self._shelf.put(key, task.result())


class _Shelf:
    """Bodies made before, the latest used, up to a number of bytes in all."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._bodies: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def get(self, key: tuple[str, str]) -> bytes | None:
        body = self._bodies.get(key)
        if body is not None:
            self._bodies.move_to_end(key)
        return body

    def put(self, key: tuple[str, str], body: bytes) -> None:
        if len(body) > self._most or key in self._bodies:
            return
        self._bodies[key] = body
        self._size += len(body)
        while self._size > self._most:
            self._size -= len(self._bodies.popitem(last=False)[1])


def _decoded(raw: bytes) -> str:
    """Return a path with its escapes resolved; `RefusalError` if it is not UTF-8."""
    try:
        path = unquote_to_bytes(raw.partition(b"?")[0]).decode()
    except UnicodeDecodeError:
        raise RefusalError(
            400, "the address is not in UTF-8", remedy="encode it in UTF-8"
        ) from None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in path):
        raise RefusalError(400, "the address has a control character in it", remedy="mend it")
    return path
