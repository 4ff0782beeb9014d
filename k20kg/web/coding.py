"""Answers compressed with gzip where a client takes that, under a tag of their own."""

from __future__ import annotations

import asyncio
import gzip
import re
from functools import lru_cache
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Gzip", "accepts_gzip"]

_LEAST: Final = 800
"""Below this, an answer fits into one packet anyway."""
_MOST_KEPT: Final = 1 << 18
_LARGE: Final = 1 << 18
"""From here on, other requests would have to wait."""
_LEVEL: Final = 5
_SUFFIX: Final = b"-gz"
_WORTH: Final = re.compile(
    rb"text/|image/svg|application/(?:[\w.+-]*(?:json|xml|yaml)|n-triples|n-quads|trig|"
    rb"javascript|sparql-query)",
)
_TAG: Final = re.compile(rb'(W/)?"([^"]*)"')


class Gzip:
    """An ASGI application whose answers may be compressed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = b", ".join([v for n, v in scope["headers"] if n == b"accept-encoding"])
        if not accepts_gzip(said):
            await self._app(scope, receive, _Sender(send, b"").send)
            return
        known = b", ".join(v for n, v in scope["headers"] if n == b"if-none-match")
        if _SUFFIX in known:
            # The application knows its answers by their plain tags.
            plain = _TAG.sub(lambda m: m[0][:-1].removesuffix(_SUFFIX) + b'"', known)
            rest = [(n, v) for n, v in scope["headers"] if n != b"if-none-match"]
            scope = {**scope, "headers": [*rest, (b"if-none-match", plain)]}
        await self._app(scope, receive, _Sender(send, known or b"*", compress=True).send)


class _Sender:
    """The way back; an answer's head waits for its body, which decides."""

    def __init__(self, send: Send, known: bytes, *, compress: bool = False) -> None:
        self._send, self._known, self._compress = send, known, compress
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        start, self._start = self._start, None
        headers = dict(start["headers"])
        if start["status"] == 304:
            await self._send(_varied(self._with_known_tag(start, headers)))
            await self._send(message)
            return
        body: bytes = message.get("body", b"")
        worth = (
            not message.get("more_body", False)
            and b"content-encoding" not in headers
            and _WORTH.match(headers.get(b"content-type", b""))
        )
        if not worth:
            await self._send(start)
            await self._send(message)
            return
        if self._compress and len(body) >= _LEAST:
            keep = b"etag" in headers and b"no-store" not in headers.get(b"cache-control", b"")
            body = await _squeeze(body, keep=keep)
            start = _encoded(start, len(body))
            message = {**message, "body": body}
        await self._send(_varied(start))
        await self._send(message)

    def _with_known_tag(self, start: Message, headers: dict[bytes, bytes]) -> Message:
        """Return 304 under the tag that the client has, which is that of its encoding."""
        tag = headers.get(b"etag", b"")
        mine = tag[:-1] + _SUFFIX + b'"'
        if not tag or mine.removeprefix(b"W/") not in self._known:
            return start
        return _replaced(start, b"etag", mine)


def _encoded(start: Message, size: int) -> Message:
    headers = []
    for name, value in start["headers"]:
        if name == b"etag":
            value = value[:-1] + _SUFFIX + b'"'
        elif name == b"content-length":
            value = str(size).encode()
        headers.append((name, value))
    return {**start, "headers": [*headers, (b"content-encoding", b"gzip")]}


def _varied(start: Message) -> Message:
    """Return an answer's head that says that it depends on Accept-Encoding."""
    said = [value for name, value in start["headers"] if name == b"vary"]
    if said and b"accept-encoding" in b",".join(said).lower():
        return start
    return _replaced(start, b"vary", b", ".join([*said, b"Accept-Encoding"]))


def _replaced(start: Message, header: bytes, new: bytes) -> Message:
    rest = [(name, value) for name, value in start["headers"] if name != header]
    return {**start, "headers": [*rest, (header, new)]}


async def _squeeze(body: bytes, *, keep: bool) -> bytes:
    if len(body) > _LARGE:
        return await asyncio.to_thread(gzip.compress, body, _LEVEL, mtime=0)
    if keep and len(body) <= _MOST_KEPT:
        return _kept(body)
    return gzip.compress(body, _LEVEL, mtime=0)


@lru_cache(maxsize=256)
def _kept(body: bytes) -> bytes:
    return gzip.compress(body, _LEVEL, mtime=0)


@lru_cache(maxsize=256)
def accepts_gzip(said: bytes) -> bool:
    """Tell whether an Accept-Encoding header lets gzip through (RFC 9110, 12.5.3).

    >>> accepts_gzip(b"br, gzip;q=0.5"), accepts_gzip(b"gzip;q=0, *"), accepts_gzip(b"")
    (True, False, False)
    """
    weights: dict[bytes, float] = {}
    for part in said.lower().split(b","):
        name, *parameters = part.replace(b" ", b"").replace(b"\t", b"").split(b";")
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith(b"q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0
        weights[name] = weight
    gzip_weight = weights.get(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0.0)))
    return gzip_weight > 0 and gzip_weight >= weights.get(b"identity", 0.0)
