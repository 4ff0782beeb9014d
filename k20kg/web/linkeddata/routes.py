"""Linked data over HTTP: every IRI we mint leads to a document, in the format that is asked for.

A thing is not a document: its IRI answers 303 and the address of the document about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from k20kg.rdf.text import neutralise
from k20kg.web.http.response_cache import Once
from k20kg.web.http.responses import RefusalError, Resource, accept_of, answer, quoted
from k20kg.web.linkeddata.describe import is_graph
from k20kg.web.linkeddata.documents import Document, Kind, Moved, find, render
from k20kg.web.linkeddata.downloads import find_file
from k20kg.web.linkeddata.signposting import header, links

if TYPE_CHECKING:
    from k20kg.web.pages import Site

_LONGEST: Final = 2000
_SHOWN: Final = 120
Page = Callable[["Site", Document], str]


def routes(site: Site, once: Once, page: Page) -> list[Route]:
    """Return the route of everything that has an IRI; it takes every path, so it comes last.

    `page` makes the page of a document.
    """

    async def send(request: Request) -> Response:
        found = _resolve(site, request.scope, page)
        if isinstance(found, Moved):
            location = quoted(f"{site.links.root}/{found.path}")
            return Response(status_code=found.status, headers={"location": location})
        return await answer(found, accept_of(request), once)

    return [Route("/{path:path}", send, methods=["GET"])]


def _resolve(site: Site, scope: Scope, page: Page) -> Resource | Moved:
    root, raw = site.links.root, scope.get("raw_path", b"")
    if b"%" not in raw:
        return _find(site, _below(scope["path"], root), page)
    try:
        return _find(site, _below(_decoded(raw), root), page)
    except RefusalError as refusal:
        # An IRI may have an escape in it that is not to be resolved: %2F is no slash.
        if refusal.status == 400:
            raise
        return _find(site, _below(raw.decode("latin-1"), root), page)


def _below(path: str, root: str) -> str:
    return (path.removeprefix(root) if path.startswith(root + "/") else path).removeprefix("/")


def _find(site: Site, path: str, page: Page) -> Resource | Moved:
    """Return what is at a path; `RefusalError` says that there is nothing."""
    if len(path) > _LONGEST:
        raise RefusalError(404, "no address here is that long", remedy="see / for what there is")
    if path == "dump":
        return Moved("dump/", 308)
    if (file := find_file(site.dataset, path)) is not None:
        fixed = file.offers[0] if len(file.offers) == 1 else None
        return Resource(path, file.offers, lambda form: file.make(site, form), fixed)
    found = find(site.dataset, path)
    if found is None:
        shown = neutralise(path)
        shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
        raise RefusalError(
            404, "there is nothing at this address", f"/{shown}", "see / for what there is"
        )
    if isinstance(found, Moved):
        return found
    document, form = found
    return Resource(
        document.path or "/",
        document.offers,
        lambda form: render(site, document, form, page),
        form,
        lambda form: quoted(f"{site.links.root}/{document.address(form)}"),
        lambda form: header(links(site.dataset, document, form), site.links.root),
        light=document.kind is Kind.THING and not is_graph(site.dataset, document.about),
    )


def _decoded(raw: bytes) -> str:
    """Return a path with its escapes resolved; `RefusalError` if it is not UTF-8."""
    try:
        path = unquote_to_bytes(raw.partition(b"?")[0]).decode()
    except UnicodeDecodeError:
        raise RefusalError(
            400, "the address is not in UTF-8", remedy="encode it in UTF-8"
        ) from None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in path):
        raise RefusalError(400, "the address has a control character in it", remedy="mend it")
    return path
