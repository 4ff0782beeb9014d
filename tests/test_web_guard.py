"""The web application limits sizes and times, and hides faults of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from web_client import SETTINGS, Client

from k20kg.web.dataset import Dataset
from k20kg.web.http.operations import Operations
from k20kg.web.http.security import Guard
from k20kg.web.settings import Settings


def test_addresses_headers_and_bodies_have_a_size(client: Client) -> None:
    long = "x" * (SETTINGS.target_bytes + 1)
    assert client.get(f"/cases?reading={long}").status_code == 414
    assert client.get("/cases", headers={"x-much": "y" * SETTINGS.header_bytes}).status_code == 431
    many = {f"x-{n}": "1" for n in range(SETTINGS.header_count + 1)}
    assert client.get("/cases", headers=many).status_code == 431
    large = b"x" * (SETTINGS.body_bytes + 1)
    assert client.post("/judge", content=large).status_code == 413
    told = client.post("/judge", content=large, headers={"accept": "text/html"}).text
    assert "k20kg validate FILE" in told
    assert '<a href="/judge">on the page that judges</a>' in told
    assert client.post("/judge", content=_slowly(large[:100], large)).status_code in (413, 415)
    assert client.get("/cases", headers={"content-length": "many"}).status_code == 400
    assert client.get("/cases", headers={"content-length": "9" * 30}).status_code == 400
    assert client.get("/ca%00ses").status_code == 400


def test_a_body_without_length_is_cut_off_where_it_is_too_large(client: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 65536

    for kind in ("text/turtle", "application/x-www-form-urlencoded"):
        found = client.post("/judge", content=endless(), headers={"content-type": kind})
        assert found.status_code == 413
    form = {"content-type": "multipart/form-data; boundary=x"}

    async def file() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.ttl"\r\n\r\n'
        async for part in endless():
            yield part

    assert client.post("/judge", content=file(), headers=form).status_code == 413


async def _slowly(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def _exchange(app: Any, receive: Callable[[], Awaitable[Any]], **scope: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    given = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        **scope,
    }
    await app(given, receive, send)
    return sent


async def _never() -> Any:
    await asyncio.sleep(60)


async def _nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def _guarded(dataset: Dataset, app: Any, **settings: Any) -> Guard:
    return Guard(app, Settings(**settings), lambda refusal: refusal.what)


def test_a_body_that_trickles_in_is_given_up(dataset: Dataset) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass

    guard = _guarded(dataset, app, body_seconds=0.05)
    start, _ = asyncio.run(_exchange(guard, _never, method="POST"))
    assert start["status"] == 408


def test_a_request_that_takes_too_long_is_given_up(dataset: Dataset) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await _never()

    start, _ = asyncio.run(_exchange(_guarded(dataset, app, request_seconds=0.05), _nothing))
    assert start["status"] == 503
    assert b"retry-after" in dict(start["headers"])


def test_a_fault_of_ours_is_told_without_what_the_client_sent(
    dataset: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError(scope["query_string"])

    start, body = asyncio.run(_exchange(_guarded(dataset, app), _nothing, query_string=b"secret"))
    assert start["status"] == 500
    err = capsys.readouterr().err
    assert "ValueError in the server" in err
    assert "secret" not in err + body["body"].decode()


def test_a_proxy_is_believed_about_the_client_only_if_told_so() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"])

    headers = [(b"x-forwarded-for", b"203.0.113.9, 192.0.2.1")]
    for believed in (True, False):
        outermost = Operations(app, Settings(behind_proxy=believed))
        asyncio.run(_exchange(outermost, _nothing, headers=headers))
    assert seen == [("192.0.2.1", 0), ("127.0.0.1", 1)]
