"""Response cache and compression: each coding of an answer has a strong ETag of its own bytes.

An answer lasts if it says by Cache-Control how it may be kept, and is not ``no-store``. It may
depend on nothing but its address and the request headers Accept and Accept-Encoding. The data do
not change while the application runs (new data are a new application), so it stays right.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LEAST: Final = 800
"""Below this, an answer fits into one packet anyway."""
_LEVEL: Final = 5
_WORTH: Final = re.compile(
    rb"text/|image/svg|application/(?:[\w.+-]*(?:json|xml|yaml)|n-triples|n-quads|trig|"
    rb"javascript|sparql-query)"
)
_MOST_SAME: Final = 256
_LONGEST_REQUEST: Final = 4096
_LARGEST_SHARE: Final = 16
_RANGE: Final = re.compile(rb"bytes=([0-9]{0,15})-([0-9]{0,15})")
_OVERHEAD: Final = 1024
"""Bytes that an entry costs beside its body, about."""
_NOT_MODIFIED: Final = (b"cache-control", b"content-location", b"etag", b"vary")
"""Headers of a 304, beside who may read it (RFC 9110, 15.4.5)."""


def joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Return headers by name; the parts of one that came in several are joined."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = found[name] + b", " + value if name in found else value
    return found


class Once:
    """Runs functions in threads; those who ask for the same at the same time share the result."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[bytes]] = {}

    async def __call__(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Return what a function gives."""
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(asyncio.to_thread(make))
            task.add_done_callback(lambda _: self._running.pop(key))
        return await asyncio.shield(task)


class _Answer(NamedTuple):
    """A whole answer, and its tag if it lasts."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    etag: bytes


class Representations:
    """ASGI application that tags, compresses and keeps the answers of another, `most` bytes."""

    def __init__(self, app: ASGIApp, most: int = 64 << 20) -> None:
        self._app = app
        self._most, self._size = most, 0
        self._kept: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._same: dict[Hashable, tuple[int, list[tuple[bytes, bytes]], bytes]] = {}
        """Answers sent to whole requests, from what is kept."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope.get("raw_path") or scope["path"]  # decoded, two that differ may be the same
        whole = (scope["method"], path, scope["query_string"], *scope["headers"])
        if same := self._same.get(whole):
            await _send(send, *same)
            return
        headers = joined(scope["headers"])
        packed = coding(headers.get(b"accept-encoding", b""))
        if scope["method"] not in ("GET", "HEAD"):
            if answer := await self._ask(scope, receive, send, packed=packed):
                await _send(send, answer.status, answer.headers, answer.body)
            return
        key = (path, scope["query_string"], packed)
        keys = key, (*key, headers.get(b"accept"))
        short = sum([len(n) + len(v) for n, v in scope["headers"]]) < _LONGEST_REQUEST
        place = next((one for one in keys if short and one in self._kept), None)
        found = self._kept[place] if place else None
        if found and place:
            self._kept.move_to_end(place)
        else:
            rest = [header for header in scope["headers"] if header[0] != b"if-none-match"]
            asked = {**scope, "method": "GET", "headers": rest}
            found = await self._ask(asked, receive, send, packed=packed)
            if found is None:
                return
            if found.etag and short:
                said = dict(found.headers).get(b"vary", b"").lower().split(b", ")
                self._put(keys[b"accept" in said], found)
        status, given, body, etag = found
        known = headers.get(b"if-none-match", b"").replace(b"W/", b"").split(b",")
        if etag and any(tag.strip() in (etag, b"*") for tag in known):  # RFC 9110, 13.1.2
            told = [h for h in given if h[0] in _NOT_MODIFIED or h[0].startswith(b"access-")]
            status, given, body = 304, told, b""
        elif etag and (asked_part := headers.get(b"range")) and scope["method"] == "GET":
            status, given, body = _part(found, asked_part, headers.get(b"if-range"))
        if scope["method"] == "HEAD":
            body = b""
        if place and status != 206:
            self._same[whole] = status, given, body
            if len(self._same) > _MOST_SAME:
                self._same.clear()
        await _send(send, status, given, body)

    def _put(self, key: Hashable, answer: _Answer) -> None:
        size = len(answer.body) + _OVERHEAD
        if key in self._kept or size > self._most // _LARGEST_SHARE:
            return
        self._kept[key] = answer
        self._size += size
        while self._size > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._same.clear()
            self._size -= len(oldest.body) + _OVERHEAD

    async def _ask(
        self, scope: Scope, receive: Receive, send: Send, *, packed: str
    ) -> _Answer | None:
        """Return the application's answer; None if it came in parts, which are passed on."""
        start: Message | None = None
        answer: list[bytes] = []

        async def take(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
            elif start is None:
                await send(message)
            elif message.get("more_body"):
                await send(start)
                await send(message)
                start = None
            else:
                answer.append(message.get("body", b""))

        await self._app(scope, receive, take)
        return await _coded(start, answer[0], packed=packed) if start and answer else None


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _coded(start: Message, body: bytes, *, packed: str) -> _Answer:
    """Return an answer compressed, if it is worth it and may be, and tagged, if it lasts."""
    headers, etag = joined(start["headers"]), b""
    kind = headers.get(b"content-type", b"")
    if body and b"content-encoding" not in headers and _WORTH.match(kind):
        vary = headers.get(b"vary")
        headers[b"vary"] = vary + b", Accept-Encoding" if vary else b"Accept-Encoding"
        if packed and len(body) >= _LEAST:
            body = await asyncio.to_thread(_CODINGS[packed], body)
            headers[b"content-encoding"] = packed.encode()
            headers[b"content-length"] = b"%d" % len(body)
    control = headers.get(b"cache-control", b"no-store")
    if start["status"] == 200 and b"no-store" not in control:
        etag = headers[b"etag"] = b'"%b"' % sha256(body).hexdigest()[:32].encode()
    return _Answer(start["status"], list(headers.items()), body, etag)


def _part(
    whole: _Answer, asked: bytes, if_range: bytes | None
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return the part of a dump that is asked for, or what is wrong with it (RFC 9110, 14).

    Of other answers, of several parts, and if there is a newer one, it is the whole.
    """
    status, headers, body, etag = whole
    found = _RANGE.fullmatch(asked)
    kept = if_range is None or if_range.strip() == etag
    whole_only = (b"accept-ranges", b"bytes") not in headers
    if whole_only or not found or not any(found.groups()) or not kept:
        return status, headers, body
    size = len(body)
    first = int(found[1]) if found[1] else max(size - int(found[2]), 0)
    last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
    rest = [header for header in headers if header[0] != b"content-length"]
    part = body[first : last + 1]
    if not part:
        return 416, [*rest, (b"content-range", b"bytes */%d" % size)], b""
    where = b"bytes %d-%d/%d" % (first, last, size)
    return 206, [*rest, (b"content-range", where), (b"content-length", b"%d" % len(part))], part


def _codings() -> dict[str, Callable[[bytes], bytes]]:
    """Return the codings that there are libraries for, in our order of preference."""
    found: dict[str, Callable[[bytes], bytes]] = {}
    with suppress(ImportError):
        from zstandard import ZstdCompressor

        found["zstd"] = lambda body: ZstdCompressor(_LEVEL).compress(body)
    with suppress(ImportError):
        import brotli

        found["br"] = lambda body: brotli.compress(body, quality=_LEVEL)
    return {**found, "gzip": lambda body: gzip.compress(body, _LEVEL, mtime=0)}


_CODINGS: Final = _codings()


@lru_cache(maxsize=256)
def coding(said: bytes) -> str:
    """Return the coding that an Accept-Encoding header likes best (RFC 9110, 12.5.3), or "".

    >>> coding(b"lzma, gzip;q=0.5"), coding(b"gzip;q=0, *"), coding(b"")
    ('gzip', '', '')
    """
    weights: dict[str, float] = {}
    for part in re.sub(rb"[ \t]", b"", said.lower()).decode("latin-1").split(","):
        name, _, weight = part.partition(";q=")
        try:
            weights[name] = float(weight or 1)
        except ValueError:
            weights[name] = 0.0
    weights.setdefault("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    best = max(_CODINGS, key=lambda name: weights.get(name, 0.0))
    taken = weights.get(best, 0.0)
    return best if taken > 0 and taken >= weights.get("identity", 0.0) else ""
