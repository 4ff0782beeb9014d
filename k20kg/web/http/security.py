"""Security headers and limits of requests; what goes wrong is told.

Requests too large, too slow or malformed go no further; answers get the headers that keep browsers
from doing anything but showing them. What goes wrong is told to people by a page and to programs
by ``application/problem+json`` (RFC 9457). Nothing that a client sent is logged or kept.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from k20kg.errors import K20Error
from k20kg.rdf.text import escape_controls
from k20kg.web.http.response_cache import joined
from k20kg.web.http.responses import RefusalError, prefers_html, refusal_of
from k20kg.web.settings import Settings

PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
_ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": (
        "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
    ),
    "cross-origin-opener-policy": "same-origin",
}
_SHARED: Final = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": (
        "Allow, Content-Location, ETag, K20KG-Hint, Link, Location, Retry-After"
    ),
}
_PRIVATE: Final = ("/judge", "/judge/form")
"""Answers that pages of other hosts may not read."""
_SLASHED: Final = ("/", "/dump/")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_DIGITS: Final = re.compile(rb"[0-9]{1,18}")
_CLOSE: Final = {"connection": "close"}

Raw = tuple[tuple[bytes, bytes], ...]


class Guard:
    """An ASGI application before and behind another."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        error_page: Callable[[RefusalError], str],
        root: str = "",
    ) -> None:
        self._app, self._settings = app, settings
        self._error_page, self._root = error_page, root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "app": self}  # Starlette's routes then raise what `_refusal` reads
        headers = joined(scope["headers"])
        started = False

        async def complete(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": self._complete(scope, message["headers"])}
            await send(message)

        try:
            async with asyncio.timeout(self._settings.request_seconds):
                try:
                    self._admit(scope, headers)
                    body = _Body(receive, self._settings)
                    await self._app(scope, body.receive, complete)
                except ClientDisconnect:
                    return
                except Exception as fault:
                    if started:
                        raise
                    await self._refuse(fault, headers, scope)(scope, receive, complete)
        except TimeoutError:
            if started:
                raise
            late = RefusalError(503, "this took too long", "", "ask again", {"retry-after": "10"})
            await self._refuse(late, headers, scope)(scope, receive, complete)

    def _admit(self, scope: Scope, headers: Mapping[bytes, bytes]) -> None:
        """Strip the root off a request's path; `RefusalError` if it may go no further."""
        settings = self._settings
        given = scope["headers"]
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > settings.target_bytes:
            what = f"the address has more than {settings.target_bytes} bytes"
            raise RefusalError(414, what, remedy="send a long query by POST")
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
        root = self._root
        if root and (path == root or path.startswith(root + "/")):
            path = path[len(root) :]
            if not path:
                raise _moved(root + "/", scope)
        scope["path"], scope["root_path"] = path, ""
        if path.endswith("/") and path not in _SLASHED and path.strip("/"):
            raise _moved(f"{root}/{path.strip('/')}", scope)

    def _complete(self, scope: Scope, own: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Return the headers of an answer with those that all have."""
        given = dict(own)
        private = not self._settings.cors or scope["path"] in _PRIVATE
        tail = _tail(private, given.get(b"content-type", b"").startswith(b"text/html"))
        if scope["method"] == "OPTIONS" and not private:
            tail = (
                *tail,
                (b"access-control-allow-methods", given.get(b"allow", b"GET")),
                (b"access-control-allow-headers", b"Accept, Content-Type, If-None-Match"),
                (b"access-control-max-age", b"86400"),
            )
        return [*own, *[header for header in tail if header[0] not in given]]

    def _refuse(self, fault: Exception, headers: Mapping[bytes, bytes], scope: Scope) -> Response:
        """Return the answer that says no: to people a page, to programs JSON."""
        refusal = _refusal(fault, scope["method"])
        if scope["method"] == "OPTIONS" and refusal.status == 405:
            return Response(status_code=204, headers=refusal.headers)
        if refusal.status < 400:
            return Response(status_code=refusal.status, headers=refusal.headers)
        if prefers_html(headers.get(b"accept", b"*/*").decode("latin-1")):
            body = refusal.page() if refusal.page else self._error_page(refusal)
            media_type = "text/html"
        else:
            problem = {
                "title": escape_controls(refusal.what),
                "status": refusal.status,
                "where": escape_controls(refusal.where),
                "detail": escape_controls(refusal.remedy),
            }
            told = {name: value for name, value in problem.items() if value}
            body, media_type = json.dumps(told, ensure_ascii=False) + "\n", PROBLEM
        answer = Response(body, refusal.status, refusal.headers, media_type)
        answer.headers["cache-control"] = "no-store"
        answer.headers.add_vary_header("Accept")
        return answer


PROBLEM: Final = "application/problem+json"


@cache
def _tail(private: bool, page: bool) -> Raw:
    """Return the headers that every answer gets beside its own."""
    headers = MutableHeaders(
        {
            "content-security-policy": PAGE_POLICY if page else _DATA_POLICY,
            **_ALWAYS,
            "cross-origin-resource-policy": "same-origin" if private else "cross-origin",
            **({} if private else _SHARED),
        }
    )
    return tuple(headers.raw)


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
            what = f"the request took longer than {self._settings.body_seconds:g} seconds to arrive"
            raise RefusalError(408, what, "", "send it again", _CLOSE) from None
        self._whole = not message.get("more_body", False)
        self._size += len(message.get("body", b""))
        if self._size > self._settings.body_bytes:
            raise _too_large(self._settings)
        return message


def _refusal(fault: Exception, method: str) -> RefusalError:
    """Return what a client is told of a fault; one of ours goes to stderr without its words."""
    if isinstance(fault, K20Error):
        return refusal_of(fault)
    if isinstance(fault, HTTPException):
        headers = {name.lower(): value for name, value in (fault.headers or {}).items()}
        if fault.status_code == 405:
            allowed = {"OPTIONS", *re.split(r",\s*", headers["allow"])}
            what = f"{escape_controls(method)} is not for this address"
            use = "use GET or POST" if "POST" in allowed else "use GET"
            return RefusalError(405, what, "", use, {"allow": ", ".join(sorted(allowed))})
        if fault.status_code == 404:
            what = "there is nothing at this address"
            return RefusalError(404, what, remedy="see / for what there is")
        return RefusalError(fault.status_code, fault.detail, headers=headers)
    lines = traceback.format_list(traceback.extract_tb(fault.__traceback__))
    print(f"k20kg: {type(fault).__name__} in the server\n{''.join(lines)}", file=sys.stderr)
    return RefusalError(500, "something went wrong here", remedy="it is not your fault; tell us")


def _moved(target: str, scope: Scope) -> RefusalError:
    query = scope["query_string"].decode("latin-1")
    location = quote(target, safe="/-._~!$'()*+,;=:@") + (f"?{query}" if query else "")
    return RefusalError(308, "this has moved", headers={"location": location})


def _too_large(settings: Settings) -> RefusalError:
    what = f"the body has more than {settings.body_bytes >> 10} KiB"
    return RefusalError(413, what, "", "send less", _CLOSE)
