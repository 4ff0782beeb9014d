"""Answers remembered word for word: the same request for the same data has the same answer.

This stands before everything else. It remembers what the application itself marks as lasting, by
an ETag and no ``no-store``, for a request that is the same in each header, so that an answer can
depend on nothing that is not in its key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Memory"]

_Key = tuple[bytes | str, bytes, tuple[tuple[bytes, bytes], ...]]
"""Path as it came, query string, headers."""
_LONGEST_REQUEST: Final = 4096
_LARGEST_SHARE: Final = 64
_OVERHEAD: Final = 1024
"""What remembering costs beside the bytes of request and answer, about."""


class Memory:
    """An ASGI application that remembers the latest answers of another, up to so many bytes."""

    def __init__(self, app: ASGIApp, most: int = 16 << 20) -> None:
        self._app, self._most, self._size = app, most, 0
        self._known: OrderedDict[_Key, tuple[Message, Message, int]] = OrderedDict()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer at once what is remembered; pass on all else, and remember what lasts."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return self._app(scope, receive, send)
        path = scope.get("raw_path") or scope["path"]  # decoded, two that differ may be the same
        key = (path, scope["query_string"], tuple(map(tuple, scope["headers"])))
        found = self._known.get(key)
        if found is None:
            return self._app(scope, receive, _Listener(self, key, send).send)
        self._known.move_to_end(key)
        return _repeat(found[0], found[1], send)

    def keep(self, key: _Key, start: Message, body: Message) -> None:
        """Remember an answer, and forget older ones for it."""
        path, query, headers = key
        asked = len(path) + len(query) + sum([len(name) + len(value) for name, value in headers])
        size = asked + len(body.get("body", b"")) + _OVERHEAD
        if asked > _LONGEST_REQUEST or size > self._most // _LARGEST_SHARE or key in self._known:
            return
        self._known[key] = (start, body, size)
        self._size += size
        while self._size > self._most:
            _, (*_, gone) = self._known.popitem(last=False)
            self._size -= gone


async def _repeat(start: Message, body: Message, send: Send) -> None:
    await send(start)
    await send(body)


class _Listener:
    """Passes an answer on, and has it remembered if it came in one piece and lasts."""

    def __init__(self, memory: Memory, key: _Key, send: Send) -> None:
        self._memory, self._key, self._send = memory, key, send
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        await self._send(message)
        if message["type"] == "http.response.start":
            self._start = message if _lasts(message) else None
        elif self._start and message["type"] == "http.response.body":
            if not message.get("more_body", False):
                self._memory.keep(self._key, self._start, message)
            self._start = None


def _lasts(start: Message) -> bool:
    if start["status"] not in (200, 304):
        return False
    headers = dict(start["headers"])
    return b"etag" in headers and b"no-store" not in headers.get(b"cache-control", b"")
