"""The web application: a dataset's linked data, queries and pages behind one guard."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp

from k20kg.web.http import assets
from k20kg.web.http.response_cache import Bodies, Representations
from k20kg.web.http.security import Guard
from k20kg.web.settings import Settings
from k20kg.web.judge import upload
from k20kg.web.linkeddata import openapi, routes
from k20kg.web.pages import Links, Site
from k20kg.web import indexes
from k20kg.web.sparql import named_queries, protocol
from k20kg.web.sparql.pool import Pool

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

_GRACE_SECONDS: Final = 25.0


def create_app(dataset: Dataset, *, root: str = "", settings: Settings | None = None) -> ASGIApp:
    """Return the application that shows a dataset, which may not change any more.

    `root` is the path under which it is reached: empty, or ``/k20kg``.
    """
    settings = settings or Settings()
    site = Site(dataset, Links(root))
    return Representations(Guard(create_router(site, settings), site, settings))


def create_router(site: Site, settings: Settings) -> Router:
    """Return the application without what stands before it: requests come without the root."""
    dataset = site.dataset
    workers: dict[str, Any] = {"workers": settings.query_workers} if settings.query_workers else {}
    pool, bodies = Pool(dataset.store, settings.query, **workers), Bodies()

    health = {"status": "ok", "version": dataset.version, "contents": dataset.digest}

    def tell_health(_: Request) -> Response:
        headers, body = {"cache-control": "no-store"}, json.dumps(health) + "\n"
        return Response(body, headers=headers, media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        await pool.start()
        try:
            yield
        finally:
            await pool.close(_GRACE_SECONDS)

    served: list[BaseRoute] = [
        *protocol.routes(pool, site),
        *named_queries.routes(pool, site),
        *assets.routes(),
        *upload.routes(site, settings.upload),
        *indexes.routes(site),
        *_pages(site, bodies),
        Route("/health", tell_health, methods=["GET"]),
        *routes.routes(site, bodies),  # last: whatever has an IRI, and all that is nowhere
    ]
    return Router(served, redirect_slashes=False, lifespan=lifespan)


def _pages(site: Site, bodies: Bodies) -> list[Route]:
    """Return the routes of what is no thing's, comes in one format and takes no query."""
    from k20kg.web.pages import about

    def route(path: str, make: Callable[[], str], media_type: str = "text/html") -> Route:
        async def send(_: Request) -> Response:
            body = await bodies.get(path, lambda: make().encode())
            return Response(body, headers={"cache-control": "no-cache"}, media_type=media_type)

        return Route(path, send, methods=["GET"])

    def description() -> str:
        found = openapi.describe(site.dataset, site.links.root)
        return json.dumps(found, ensure_ascii=False, indent=1) + "\n"

    return [
        route("/about", lambda: about.page(site)),
        route("/openapi.json", description, "application/json"),
    ]
