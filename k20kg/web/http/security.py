"""What stands before every request and behind every answer.

Requests too large, too slow or malformed go no further; answers get the headers that keep browsers
from doing anything but showing them. What goes wrong is told to people by a page and to programs
by ``application/problem+json``. Nothing that a client sent is logged or kept.
"""

from __future__ import annotations

import asyncio
import re
import sys
import traceback
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from k20kg.errors import K20Error
from k20kg.rdf.text import neutralise
from k20kg.web.http.responses import (
    RefusalError,
    prefers_html,
    refusal_of,
    reply_empty,
    reply_refusal,
)
from k20kg.web.sparql.query_service import GoneError

if TYPE_CHECKING:
    from k20kg.web.settings import Settings
    from k20kg.web.pages import Site

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_POLICY: Final = b"content-security-policy"
_RESOURCE_POLICY: Final = b"cross-origin-resource-policy"
_EXPOSED: Final = b"Allow, Content-Location, ETag, K20KG-Hint, Link, Location, Retry-After"
_NOT_MODIFIED: Final = (b"cache-control", b"content-location", b"etag", b"vary")
"""What 304 says (RFC 9110, 15.4.5); its other headers would replace those of the kept answer."""
_PRIVATE: Final = ("/judge",)
"""Answers that pages of other hosts may not read."""
_SLASHED: Final = ("/", "/dump/")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_DIGITS: Final = re.compile(rb"[0-9]{1,18}")


class Guard:
    """An ASGI application before and behind another."""

    def __init__(self, app: ASGIApp, site: Site, settings: Settings) -> None:
        self._app, self._site, self._settings = app, site, settings
        self._tails = {private: _Tails(private=private) for private in (False, True)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "app": self}  # Starlette's routes then raise what `_refusal` reads
        headers = _joined(scope["headers"])
        answer = _Answer(scope, send, self)
        try:
            async with asyncio.timeout(self._settings.request_seconds):
                try:
                    self._admit(scope, headers)
                    body = _Body(receive, self._settings)
                    # HEAD is asked as GET, so that the two cannot differ; `answer` drops the body.
                    asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
                    await self._app(asked, body.receive, answer.send)
                except GoneError:
                    return
                except Exception as fault:
                    if answer.started:
                        raise
                    await self._refuse(scope, answer.send, fault, headers)
        except TimeoutError:
            if answer.started:
                raise
            late = RefusalError(
                503, "this took too long", remedy="ask again", headers=[(b"retry-after", b"10")]
            )
            await self._refuse(scope, answer.send, late, headers)

    def tails(self, path: str) -> _Tails:
        """Return the headers that answers from an address get."""
        return self._tails[not self._settings.cors or path in _PRIVATE]

    def _admit(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        """Strip the root off a request's path; `RefusalError` if it may go no further."""
        settings = self._settings
        given = scope["headers"]
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > settings.target_bytes:
            raise RefusalError(
                414,
                f"the address has more than {settings.target_bytes} bytes",
                remedy="send a long query by POST",
            )
        size = sum([len(name) + len(value) for name, value in given])
        if size > settings.header_bytes or len(given) > settings.header_count:
            raise RefusalError(
                431,
                f"the headers have more than {settings.header_bytes} bytes, or there are more "
                f"than {settings.header_count}",
                remedy="send fewer",
            )
        said = headers.get(b"content-length")
        if said is not None and not _DIGITS.fullmatch(said):
            raise RefusalError(400, "Content-Length is no number", "Content-Length", "mend it")
        if said is not None and int(said) > settings.body_bytes:
            raise _too_large(settings)
        path: str = scope["path"]
        if _CONTROL.search(path):
            raise RefusalError(400, "the address has a control character in it", remedy="mend it")
        root = self._site.links.root
        if root and (path == root or path.startswith(root + "/")):
            path = path[len(root) :]
            if not path:
                raise _moved(root + "/", scope)
        scope["path"], scope["root_path"] = path, ""
        if path.endswith("/") and path not in _SLASHED and path.strip("/"):
            raise _moved(f"{root}/{path.strip('/')}", scope)
        if settings.behind_proxy and (whom := headers.get(b"x-forwarded-for")):
            scope["client"] = (whom.rsplit(b",", 1)[-1].strip().decode("latin-1"), 0)

    async def _refuse(
        self, scope: Scope, send: Send, fault: Exception, headers: Mapping[bytes, bytes]
    ) -> None:
        refusal = _refusal(fault, scope)
        if scope["method"] == "OPTIONS" and refusal.status == 405:
            await reply_empty(send, 204, refusal.headers)
            return
        if refusal.status < 400:
            await reply_empty(send, refusal.status, [*refusal.headers, (b"content-length", b"0")])
            return
        accept = headers.get(b"accept", b"*/*").decode("latin-1")
        html = prefers_html(accept)
        await reply_refusal(scope, send, self._site, refusal, html=html)


class _Tails:
    """The headers that every answer gets beside its own, made once; data, pages, "not modified"."""

    def __init__(self, *, private: bool) -> None:
        sharing: tuple[tuple[bytes, bytes], ...] = (
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", _EXPOSED),
        )
        self.unchanged = () if private else sharing
        readers = b"same-origin" if private else b"cross-origin"
        always = (*_ALWAYS, (_RESOURCE_POLICY, readers), *self.unchanged)
        self.data = ((_POLICY, _DATA_POLICY.encode()), *always)
        self.page = ((_POLICY, PAGE_POLICY.encode()), *always)
        self.private = private


class _Answer:
    """The way back, on which every answer gets its headers and HEAD loses its body."""

    def __init__(self, scope: Scope, send: Send, guard: Guard) -> None:
        self.started = False
        self._scope, self._send, self._guard = scope, send, guard

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": self._complete(message)}
        elif self._scope["method"] == "HEAD" and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _complete(self, start: Message) -> list[tuple[bytes, bytes]]:
        own = start.get("headers", ())
        given = dict(own)
        tails = self._guard.tails(self._scope["path"])
        if start["status"] == 304:
            return [*[header for header in own if header[0] in _NOT_MODIFIED], *tails.unchanged]
        page = given.get(b"content-type", b"").startswith(b"text/html")
        tail: tuple[tuple[bytes, bytes], ...] = tails.page if page else tails.data
        if self._scope["method"] == "OPTIONS" and not tails.private:
            tail = (*tail, *_preflight(given.get(b"allow", b"GET")))
        return [*own, *[header for header in tail if header[0] not in given]]


def _preflight(allow: bytes) -> Iterable[tuple[bytes, bytes]]:
    yield b"access-control-allow-methods", allow
    yield b"access-control-allow-headers", b"Accept, Content-Type, If-None-Match"
    yield b"access-control-max-age", b"86400"


class _Body:
    """A request's body, as it may come: not too large, and not too slowly."""

    def __init__(self, receive: Receive, settings: Settings) -> None:
        self._receive, self._settings = receive, settings
        self._size = 0
        self._whole = False
        self._until: float | None = None

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        if self._until is None:
            self._until = asyncio.get_running_loop().time() + self._settings.body_seconds
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise RefusalError(
                408,
                f"the request took longer than {self._settings.body_seconds:g} seconds to arrive",
                remedy="send it again",
                headers=[(b"connection", b"close")],
            ) from None
        self._whole = not message.get("more_body", False)
        self._size += len(message.get("body", b""))
        if self._size > self._settings.body_bytes:
            raise _too_large(self._settings)
        return message


def _refusal(fault: Exception, scope: Scope) -> RefusalError:
    """Return what a client is told of a fault; one of ours goes to stderr without its words."""
    if isinstance(fault, RefusalError):
        return fault
    if isinstance(fault, HTTPException):
        given = [(k.lower().encode(), v.encode()) for k, v in (fault.headers or {}).items()]
        if fault.status_code == 405:
            allowed = {"OPTIONS"} | {
                word.strip() for k, v in given if k == b"allow" for word in v.decode().split(",")
            }
            method = neutralise(scope["method"])
            allow = (b"allow", ", ".join(sorted(allowed)).encode())
            return RefusalError(
                405, f"{method} is not for this address", remedy="use GET", headers=[allow]
            )
        if fault.status_code == 404:
            return RefusalError(
                404, "there is nothing at this address", remedy="see / for what there is"
            )
        return RefusalError(fault.status_code, fault.detail, headers=given)
    if isinstance(fault, K20Error):
        return refusal_of(fault)
    lines = traceback.format_list(traceback.extract_tb(fault.__traceback__))
    print(f"k20kg: {type(fault).__name__} in the server\n{''.join(lines)}", file=sys.stderr)
    return RefusalError(500, "something went wrong here", remedy="it is not your fault; tell us")


def _moved(target: str, scope: Scope) -> RefusalError:
    query: bytes = scope["query_string"]
    from urllib.parse import quote

    location = quote(target, safe="/-._~!$'()*+,;=:@").encode() + (b"?" + query if query else b"")
    return RefusalError(308, "this has moved", headers=[(b"location", location)])


def _too_large(settings: Settings) -> RefusalError:
    return RefusalError(
        413,
        f"the body has more than {settings.body_bytes >> 10} KiB",
        remedy="send less",
        headers=[(b"connection", b"close")],
    )


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        found[name] = found[name] + b", " + value if name in found else value
    return found
