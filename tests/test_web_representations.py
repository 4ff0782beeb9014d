"""The cache keeps some answers, up to a number of bytes, in one coding or more."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from k20kg.web.http.response_cache import Representations, coding

HOST = "http://test"


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (b"", False),
        (b"gzip", True),
        (b"GZIP", True),
        (b"br;q=1, gzip;q=0.1", True),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000, *;q=1", False),
        (b"*", True),
        (b"*;q=0", False),
        (b"identity", False),
        (b"identity;q=1, gzip;q=0.5", False),
        (b"x-gzip", True),
        (b"gzip;q=nonsense", False),
        (b"deflate, br", True),
        (b"deflate, compress", False),
    ],
)
def test_a_coding_is_used_where_it_is_taken(said: bytes, taken: bool) -> None:
    assert (coding(said) != "") is taken


def test_only_lasting_answers_to_the_same_request_are_remembered() -> None:
    calls: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["path"])
        kept = [] if scope["path"] == "/new" else [(b"cache-control", b"no-cache")]
        kept = [(b"cache-control", b"no-store")] if scope["path"] == "/secret" else kept
        status = 400 if scope["path"] == "/bad" else 200
        await send({"type": "http.response.start", "status": status, "headers": kept})
        body = b"x" * (7000 if scope["path"] == "/large" else 1)
        await send({"type": "http.response.body", "body": body})

    async def run() -> None:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Representations(app, most=100_000)), base_url=HOST
        )
        for path in ("/same", "/new", "/secret", "/bad", "/large"):
            for _ in range(3):
                await client.get(path)
            assert calls.count(path) == (1 if path == "/same" else 3)
        await client.get("/same?x")
        await client.head("/same")
        assert calls.count("/same") == 2
        for path in ("/a/b", "/a%2Fb", "/a%2fb"):
            await client.get(path)
        assert calls.count("/a/b") == 3, "an application may tell them apart"
        for n in range(200):
            await client.get(f"/other/{n}")
        await client.get("/same")
        assert calls.count("/same") == 3, "the oldest goes first"

    asyncio.run(run())


def test_an_answer_that_varies_by_accept_is_kept_for_each() -> None:
    calls: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        accept = dict(scope["headers"])[b"accept"]
        calls.append(scope["path"])
        headers = [(b"cache-control", b"no-cache"), (b"content-type", b"text/plain")]
        headers += [(b"vary", b"Accept")] if scope["path"] == "/varies" else []
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": accept})

    async def run() -> None:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Representations(app)), base_url=HOST
        )
        for accept in ("text/csv", "text/turtle", "text/csv"):
            varied = await client.get("/varies", headers={"accept": accept})
            assert varied.text == accept
            await client.get("/same", headers={"accept": accept})
            await client.head("/same", headers={"accept": accept})

    asyncio.run(run())
    assert calls == ["/varies", "/same", "/varies"]


def test_an_answer_in_parts_is_passed_on() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"cache-control", b"no-cache"), (b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in (b"a" * 1000, b"b" * 1000):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> httpx.Response:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Representations(app)), base_url=HOST
        )
        return await client.get("/")

    found = asyncio.run(run())
    assert found.content == b"a" * 1000 + b"b" * 1000
    assert "etag" not in found.headers
