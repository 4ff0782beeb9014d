"""Linked data over HTTP: every IRI we mint leads to a document, in the format that is asked for.

A thing is not a document: its IRI answers 303 and the address of the document about it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from k20kg.rdf.text import escape_controls
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import HTML, Format
from k20kg.web.http.response_cache import Once
from k20kg.web.http.responses import AsgiHandler, RefusalError, Resource, accept_of, answer, quoted
from k20kg.web.linkeddata.describe import is_graph
from k20kg.web.linkeddata.documents import DUMPS, DocumentKind, Moved, WebDocument, find, statements
from k20kg.web.linkeddata.downloads import find_file
from k20kg.web.linkeddata.signposting import header, links
from k20kg.web.serializer import write

_PATHS: Final = ("/doc/{path:path}", "/{path:path}")
_LONGEST: Final = 2000
_SHOWN: Final = 120


class Published(NamedTuple):
    """A dataset, where it is reached, and what makes its pages."""

    dataset: Dataset
    page: Callable[[WebDocument], str]
    root: str = ""
    live: bool = True
    """False on a static site, which has no endpoint."""


def routes(published: Published, once: Once) -> list[Route]:
    """Return the routes of things' documents, and of all that has an IRI, which takes any path."""

    async def send(request: Request) -> Response:
        found = _resolve(published, request.scope)
        if isinstance(found, Moved):
            location = quoted(f"{published.root}/{found.path}")
            return Response(status_code=found.status, headers={"location": location})
        return await answer(found, accept_of(request), once)

    return [Route(path, AsgiHandler(send), methods=["GET"]) for path in _PATHS]


def _resolve(published: Published, scope: Scope) -> Resource | Moved:
    root, raw = published.root, scope.get("raw_path", b"")
    if b"%" not in raw:
        return _find(published, _below(scope["path"], root))
    try:
        return _find(published, _below(_decoded(raw), root))
    except RefusalError as refusal:
        # An IRI may have an escape in it that is not to be resolved: %2F is no slash.
        if refusal.status == 400:
            raise
        return _find(published, _below(raw.decode("latin-1"), root))


def _below(path: str, root: str) -> str:
    return (path.removeprefix(root) if path.startswith(root + "/") else path).removeprefix("/")


def _find(published: Published, path: str) -> Resource | Moved:
    """Return what is at a path; `RefusalError` says that there is nothing."""
    dataset, page, root = published.dataset, published.page, published.root
    if len(path) > _LONGEST:
        raise RefusalError(404, "no address here is that long", remedy="see / for what there is")
    if path == "dump":
        return Moved("dump/", 308)
    if (file := find_file(dataset, path)) is not None:
        fixed = file.offers[0] if len(file.offers) == 1 else None

        def make_file(form: Format) -> bytes:
            return page(DUMPS).encode() if form is HTML else file.make(dataset, root)

        return Resource(path, file.offers, make_file, fixed)
    found = find(dataset, path)
    if found is None:
        shown = escape_controls(path)
        shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
        what = "there is nothing at this address"
        raise RefusalError(404, what, f"/{shown}", "see / for what there is")
    if isinstance(found, Moved):
        return found
    document, form = found

    def make(form: Format) -> bytes:
        if form is HTML:
            return page(document).encode()
        quads = statements(dataset, document, live=published.live)
        return write(quads, form, topic=document.about, replace=not published.live)

    return Resource(
        document.path or "/",
        document.offers,
        make,
        form,
        lambda form: quoted(f"{root}/{document.address(form)}"),
        lambda form: header(links(dataset, document, form), root),
        light=document.kind is DocumentKind.THING and not is_graph(dataset, document.about),
    )


def _decoded(raw: bytes) -> str:
    """Return a path with its escapes resolved; `RefusalError` if it is not UTF-8."""
    try:
        path = unquote_to_bytes(raw.partition(b"?")[0]).decode()
    except UnicodeDecodeError:
        what = "the address is not in UTF-8"
        raise RefusalError(400, what, remedy="encode it in UTF-8") from None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in path):
        raise RefusalError(400, "the address has a control character in it", remedy="mend it")
    return path
