"""The web application: a dataset's linked data, queries and pages behind one guard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import ASGIApp

from k20kg.errors import K20Error
from k20kg.vocabulary import K20
from k20kg.web import indexes, pictures, search
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import HTML, JSON, Format
from k20kg.web.http.operations import Operations
from k20kg.web.http.response_cache import Once, Representations
from k20kg.web.http.responses import RefusalError, Resource, answer, routes_of_assets
from k20kg.web.http.security import Guard
from k20kg.web.judge import upload
from k20kg.web.linkeddata import routes
from k20kg.web.linkeddata.describe import dumps
from k20kg.web.linkeddata.documents import DocumentKind, WebDocument, classes
from k20kg.web.linkeddata.downloads import openapi
from k20kg.web.linkeddata.routes import Published
from k20kg.web.pages import Links, Site, case, definition, front, ontology, resource
from k20kg.web.settings import Settings
from k20kg.web.sparql import named_queries, protocol
from k20kg.web.sparql.answering import Question
from k20kg.web.sparql.pool import Pool
from k20kg.web.sparql.protocol import QueryService

_GRACE_SECONDS: Final = 25.0
_READY_SECONDS: Final = 3.0
_NO_STORE: Final = {"cache-control": "no-store"}
_PAGES: Final[Mapping[DocumentKind, Callable[[Site], str]]] = {
    DocumentKind.HOME: front.home,
    DocumentKind.VOID: front.about,
    DocumentKind.SHAPES: ontology.shapes,
    DocumentKind.DUMPS: lambda site: site.render("dumps.html", dumps=dumps(site.dataset)),
}
_PAGES_OF_CLASSES: Final = {K20 + "CandidateGroup": case.page, K20 + "Definition": definition.page}


def create_app(
    dataset: Dataset, *, root: str = "", settings: Settings | None = None, pool: Pool | None = None
) -> ASGIApp:
    """Return the application that shows a dataset, which may not change any more.

    `root` is the path under which it is reached: empty, or ``/k20kg``. `pool` answers its queries.
    """
    settings = settings or Settings()
    site = Site(dataset, Links(root))

    def error_page(refusal: RefusalError) -> str:
        return front.error(site, refusal.status, refusal.what, refusal.where, refusal.remedy)

    app = Guard(create_router(site, settings, pool), settings, error_page, root)
    sizes = {"statements": len(dataset.store), "cases": len(dataset.judged)}
    kept = Representations(app)
    return Operations(kept, settings, root, sizes) if settings.watched else kept


def create_router(site: Site, settings: Settings, pool: Pool | None = None) -> Router:
    """Return the application without what stands before it: requests come without the root."""
    dataset, once = site.dataset, Once()
    pool = pool or Pool(dataset.store, settings.query, workers=settings.query_workers)
    service = QueryService(pool, dataset.store)
    published = Published(dataset, partial(page, site), site.links.root, site.live)
    documents, others = routes.routes(published, once)

    async def tell_health(_: Request) -> JSONResponse:
        health = {"status": "ok", "version": dataset.version, "contents": dataset.digest}
        return JSONResponse(health, headers=_NO_STORE)

    async def tell_ready(_: Request) -> JSONResponse:
        """Tell whether queries are answered, and how many cases have still to be judged."""
        waiting = sum(one.waiting for one in dataset.judged.values())
        told: dict[str, object] = {"status": "ready", "waiting": waiting}
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await pool.ask(Question("ASK {}", rows="json"), who="/ready")
        except (K20Error, TimeoutError) as fault:
            told = {"status": "busy", "why": str(fault)}
        return JSONResponse(told, 200 if told["status"] == "ready" else 503, _NO_STORE)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        await pool.start()
        try:
            yield
        finally:
            await pool.close(_GRACE_SECONDS)

    def fixed(path: str, form: Format, make: Callable[..., str]) -> Route:
        async def send(request: Request) -> Response:
            given = request.path_params
            name = f"{path} {sorted(given.items())}"
            resource = Resource(name, (form,), lambda _: make(**given).encode(), form)
            return await answer(resource, "", once)

        return Route(f"/{path}", send, methods=["GET"])

    router = Router([], redirect_slashes=False, lifespan=lifespan)
    served: list[BaseRoute] = [
        *protocol.routes(service, site),
        documents,
        pictures.route(router, site.links.root),
        *named_queries.routes(service, site),
        *routes_of_assets(),
        *upload.routes(site, settings.upload, once),
        *indexes.routes(site, once, (*indexes.INDEXES, search.SEARCH)),
        fixed("about", HTML, lambda: front.about(site)),
        fixed("term/{name}", HTML, partial(ontology.term, site)),
        fixed("shape/{name}", HTML, partial(ontology.shape, site)),
        fixed("shapes/{definition}/{criterion}", HTML, partial(ontology.shapes_of, site)),
        fixed("openapi.json", JSON, lambda: openapi(dataset, site.links.root)),
        Route("/health", tell_health, methods=["GET"]),
        Route("/ready", tell_ready, methods=["GET"]),
        others,  # last: whatever has an IRI, and all that is nowhere
    ]
    router.routes.extend(served)
    return router


def page(site: Site, document: WebDocument) -> str:
    """Return the page of a document, by the class of what it is about."""
    if document.kind in _PAGES:
        return _PAGES[document.kind](site)
    if document.kind is DocumentKind.ONTOLOGY:
        return ontology.page(site, document.about)
    kinds = classes(site.dataset, document.about)
    found = (make for kind, make in _PAGES_OF_CLASSES.items() if kind in kinds)
    return next(found, resource.page)(site, document.about)
