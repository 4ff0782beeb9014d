"""Linked data over HTTP: every IRI we mint leads to a document, in the format that is asked for.

A thing is not a document: its IRI answers 303 and the address of the document about it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from k20kg.rdf.text import neutralise
from k20kg.web.http.formats import HTML, Format, format_of
from k20kg.web.http.negotiation import choose
from k20kg.web.http.response_cache import Bodies
from k20kg.web.http.responses import RefusalError
from k20kg.web.linkeddata.describe import is_graph
from k20kg.web.linkeddata.documents import Document, Kind, Moved, find, render
from k20kg.web.linkeddata.downloads import find_file
from k20kg.web.linkeddata.signposting import header, links, quoted
from k20kg.web.wellformed import UnwritableError

if TYPE_CHECKING:
    from k20kg.web.pages import Site

_LONGEST: Final = 2000
_SHOWN: Final = 120
_NO_FORMAT: Final = "this comes in none of the formats that are asked for"


@dataclass(frozen=True, slots=True)
class _Resolved:
    """What is at a path."""

    path: str
    offers: tuple[Format, ...]
    fixed: Format | None
    make: Callable[[Format], bytes]
    address: Callable[[Format], str] | None = None
    """Where one format of a negotiated document is."""
    document: Document | None = None
    light: bool = False
    """Whether a format of data is made so fast that nobody else has to wait."""


def routes(site: Site, bodies: Bodies) -> list[Route]:
    """Return the route of everything that has an IRI; it takes every path, so it comes last."""

    async def send(request: Request) -> Response:
        found = _resolve(site, request.scope)
        if isinstance(found, Moved):
            location = quoted(f"{site.links.root}/{found.path}")
            return Response(status_code=found.status, headers={"location": location})
        accept = ", ".join(request.headers.getlist("accept"))
        chosen = found.fixed or choose(accept, found.offers)
        if chosen is None:
            raise _unacceptable(found, site.links.root, _NO_FORMAT)
        form = format_of(chosen.key) or chosen  # an alias is answered with the proper type
        try:
            if found.light and form is not HTML:
                body = found.make(form)
            else:
                body = await bodies.get((found.path, form.key), lambda: found.make(form))
        except UnwritableError as fault:
            raise _unacceptable(found, site.links.root, fault.what) from None
        return Response(body, headers=_headers(site, found, form), media_type=form.media_type)

    return [Route("/{path:path}", send, methods=["GET"])]


def _headers(site: Site, found: _Resolved, form: Format) -> dict[str, str]:
    root = site.links.root
    headers = {"cache-control": "no-cache"}
    if found.fixed is None and len(found.offers) > 1:
        headers["vary"] = "Accept"
    if found.address is not None:
        headers["content-location"] = quoted(f"{root}/{found.address(form)}")
    if found.document is not None:
        headers["link"] = header(links(site.dataset, found.document, form), root)
    return headers


def _resolve(site: Site, scope: Scope) -> _Resolved | Moved:
    root, raw = site.links.root, scope.get("raw_path", b"")
    if b"%" not in raw:
        return _find(site, _below(scope["path"], root))
    try:
        return _find(site, _below(_decoded(raw), root))
    except RefusalError as refusal:
        # An IRI may have an escape in it that is not to be resolved: %2F is no slash.
        if refusal.status == 400:
            raise
        return _find(site, _below(raw.decode("latin-1"), root))


def _below(path: str, root: str) -> str:
    return (path.removeprefix(root) if path.startswith(root + "/") else path).removeprefix("/")


def _find(site: Site, path: str) -> _Resolved | Moved:
    """Return what is at a path; `RefusalError` says that there is nothing."""
    if len(path) > _LONGEST:
        raise RefusalError(404, "no address here is that long", remedy="see / for what there is")
    if path == "dump":
        return Moved("dump/", 308)
    if (file := find_file(site.dataset, path)) is not None:
        fixed = file.offers[0] if len(file.offers) == 1 else None
        return _Resolved(path, file.offers, fixed, lambda form: file.make(site, form))
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
    return _Resolved(
        document.path or "/",
        document.offers,
        form,
        lambda form: render(site, document, form),
        document.address if form is None else None,
        document,
        light=document.kind is Kind.THING and not is_graph(site.dataset, document.about),
    )


def _unacceptable(found: _Resolved, root: str, what: str) -> RefusalError:
    """Return the refusal that lists what there is, in words and as links."""
    document = found.document
    forms = document.formats if document else found.offers
    told, linked = [], []
    for form in forms:
        address = f"/{document.address(form)}" if document else ""
        told.append(f"{form.media_type} ({root}{address})" if address else form.media_type)
        if address:
            target = quoted(root + address)
            linked.append(f'<{target}>; rel="alternate"; type="{form.media_type}"')
    headers = [(b"link", ", ".join(linked).encode())] if linked else []
    return RefusalError(
        406,
        what,
        remedy=f"it comes as {', '.join(told)}",
        headers=headers,
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
