"""Passwords, a log and counters of requests around the application.

All of it is off unless it is asked for. The log tells who asked for which address and what came of
it; nothing of a body or a header is in it.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from time import perf_counter
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from k20kg.rdf.text import escape_controls
from k20kg.web.settings import Settings

OPEN: Final = ("/health", "/ready")
"""Paths that ask for no password: they tell nothing of the data."""
_BOUNDS: Final = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
_WHO: Final = {"www-authenticate": 'Basic realm="k20kg", charset="UTF-8"'}


class Operations:
    """ASGI application that guards, counts and logs the requests of another."""

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        root: str = "",
        sizes: Mapping[str, int] | None = None,
    ) -> None:
        self._app, self._settings, self._root, self._sizes = app, settings, root, sizes or {}
        self._requests: Counter[tuple[str, int]] = Counter()
        self._within: Counter[float] = Counter()
        self._seconds, self._bytes, self._now = 0.0, 0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, start, status, sent = Headers(scope=scope), perf_counter(), 0, 0
        if self._settings.behind_proxy and (whom := headers.get("x-forwarded-for")):
            scope["client"] = (whom.rpartition(",")[2].strip(), 0)

        async def note(message: Message) -> None:
            nonlocal status, sent
            status = message.get("status", status)
            sent += len(message.get("body", b""))
            await send(message)

        self._now += 1
        try:
            await self._answerer(scope, headers)(scope, receive, note)
        finally:
            took = perf_counter() - start
            self._now -= 1
            self._requests[scope["method"] if scope["method"].isalpha() else "?", status] += 1
            self._within.update(bound for bound in _BOUNDS if took <= bound)
            self._seconds += took
            self._bytes += sent
            if self._settings.log != "off":
                print(self._line(scope, headers, status, sent, took), file=sys.stderr, flush=True)

    def _answerer(self, scope: Scope, headers: Headers) -> ASGIApp:
        path = scope["path"].removeprefix(self._root)
        if path not in OPEN and not self._may(headers):
            asked = _WHO if self._settings.passwords else {}
            told = {**asked, "cache-control": "no-store"}
            return PlainTextResponse("this site asks who you are\n", 401, told)
        if path == "/metrics" and self._settings.metrics:
            kind = "text/plain; version=0.0.4"
            return Response(self._counters(), 200, {"cache-control": "no-store"}, kind)
        return self._app

    def _may(self, headers: Headers) -> bool:
        """Tell whether a request comes with a password, or the header that a proxy sets."""
        if self._settings.trusted_header:
            return bool(headers.get(self._settings.trusted_header))
        if not self._settings.passwords:
            return True
        scheme, _, said = headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(said.strip(), validate=True)
        except ValueError:
            return False
        known = [hmac.compare_digest(given, one.encode()) for one in self._settings.passwords]
        return scheme.lower() == "basic" and any(known)

    def _line(self, scope: Scope, headers: Headers, status: int, sent: int, took: float) -> str:
        """Return a line of the log: in the Common Log Format, or as JSON."""
        client = escape_controls((scope.get("client") or ("-",))[0]) or "-"
        target = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
        query = scope["query_string"]
        address = escape_controls((target + b"?" * bool(query) + query).decode("latin-1"))
        method = escape_controls(scope["method"])
        now = datetime.now(UTC)
        if self._settings.log == "common":
            when = now.strftime("%d/%b/%Y:%H:%M:%S +0000")
            address = address.replace('"', "%22")
            return f'{client} - - [{when}] "{method} {address} HTTP/1.1" {status} {sent or "-"}'
        told = {
            "time": now.isoformat(timespec="milliseconds"),
            "client": client,
            "method": method,
            "address": address,
            "status": status,
            "bytes": sent,
            "ms": round(took * 1000, 1),
        }
        return json.dumps(told, ensure_ascii=False)

    def _counters(self) -> str:
        """Return the counters of this process in the text format of Prometheus."""
        whose = f'worker="{os.getpid()}"'
        total = sum(self._requests.values())
        seconds = {f'_bucket{{{whose},le="{most:g}"}}': self._within[most] for most in _BOUNDS}
        kinds: dict[str, tuple[str, Mapping[str, object]]] = {
            "requests_total": ("counter", {
                f'{{{whose},method="{method}",status="{status}"}}': count
                for (method, status), count in sorted(self._requests.items())
            }),
            "request_seconds": ("histogram", {
                **seconds, f'_bucket{{{whose},le="+Inf"}}': total,
                f"_sum{{{whose}}}": f"{self._seconds:.6f}", f"_count{{{whose}}}": total,
            }),
            "sent_bytes_total": ("counter", {f"{{{whose}}}": self._bytes}),
            "requests_now": ("gauge", {f"{{{whose}}}": self._now}),
            **{name: ("gauge", {f"{{{whose}}}": size}) for name, size in self._sizes.items()},
        }  # fmt: skip
        lines = []
        for name, (kind, values) in kinds.items():
            lines += [f"# TYPE k20kg_{name} {kind}"]
            lines += [f"k20kg_{name}{labels} {value}" for labels, value in values.items()]
        return "\n".join(lines) + "\n"
