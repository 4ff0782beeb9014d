"""The web application: a dataset's linked data, queries and pages behind one guard."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache, lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp

from k20kg.web import assets, linked, openapi, protocol, saved, upload
from k20kg.web.coding import Gzip
from k20kg.web.guard import Guard
from k20kg.web.memory import Memory
from k20kg.web.pages import Links, Site
from k20kg.web.settings import Settings
from k20kg.web.workers import Pool

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["create_app", "create_router"]

_GRACE_SECONDS: Final = 25.0
_PAGES_KEPT: Final = 256

Page = Callable[[Mapping[str, str]], str]
"""Makes a page for the parameters of a request."""


def create_app(dataset: Dataset, *, root: str = "", settings: Settings | None = None) -> ASGIApp:
    """Return the application that shows a dataset, which may not change any more.

    `root` is the path under which it is reached: empty, or ``/k20kg``.
    """
    settings = settings or Settings()
    site = Site(dataset, Links(root))
    return Memory(Guard(Gzip(create_router(site, settings)), site, settings))


def create_router(site: Site, settings: Settings) -> Router:
    """Return the application without what stands before it: requests come without the root."""
    dataset = site.dataset
    workers: dict[str, Any] = {"workers": settings.query_workers} if settings.query_workers else {}
    pool = Pool(dataset.store, settings.query, **workers)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        await pool.start()
        try:
            yield
        finally:
            await pool.close(_GRACE_SECONDS)

    routes: list[BaseRoute] = [
        *protocol.routes(pool, site),
        *saved.routes(pool, site),
        *assets.routes(),
        *upload.routes(site, settings.upload),
        *_pages(site),
        Route("/health", _health(dataset), methods=["GET"]),
        Route("/openapi.json", _description(dataset, site.links.root), methods=["GET"]),
        *linked.routes(site),  # last: whatever has an IRI, and all that is nowhere
    ]
    return Router(routes, redirect_slashes=False, lifespan=lifespan)


def _pages(site: Site) -> list[Route]:
    """Return the routes of the pages that are no thing's."""
    from k20kg.web.pages import about, cases, literature, queries

    return [
        _page(
            "/cases",
            lambda given: cases.page(site, given.get("reading"), given.get("definition")),
            "reading",
            "definition",
        ),
        _page("/literature", lambda _: literature.page(site)),
        _page("/queries", lambda _: queries.listing(site)),
        _page("/about", lambda _: about.page(site)),
    ]


def _page(path: str, make: Page, *parameters: str) -> Route:
    """Return the route of a page that depends on nothing but these parameters."""

    @lru_cache(maxsize=_PAGES_KEPT)
    def made(given: tuple[tuple[str, str], ...]) -> tuple[bytes, str]:
        body = make(dict(given)).encode()
        return body, f'"{sha256(body).hexdigest()[:32]}"'

    async def send(request: Request) -> Response:
        asked = request.query_params
        given = tuple((name, asked[name]) for name in parameters if asked.get(name))
        body, tag = await asyncio.to_thread(made, given)
        headers = {"etag": tag, "cache-control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="text/html")

    return Route(path, send, methods=["GET"])


def _health(dataset: Dataset) -> Callable[[Request], Response]:
    body = json.dumps({"status": "ok", "version": dataset.version, "contents": dataset.digest})

    def send(_: Request) -> Response:
        headers = {"cache-control": "no-store"}
        return Response(body + "\n", headers=headers, media_type="application/json")

    return send


def _description(dataset: Dataset, root: str) -> Callable[[Request], Awaitable[Response]]:
    @cache
    def made() -> tuple[str, str]:
        body = json.dumps(openapi.describe(dataset, root), ensure_ascii=False, indent=1) + "\n"
        return body, f'"{sha256(body.encode()).hexdigest()[:32]}"'

    async def send(request: Request) -> Response:
        body, tag = await asyncio.to_thread(made)
        headers = {"etag": tag, "cache-control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    return send
