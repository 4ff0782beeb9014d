"""Answers over HTTP: which format a request gets, what went wrong, and files of the look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from k20kg.errors import K20Error
from k20kg.rdf.text import escape_controls
from k20kg.web.http.formats import FORMATS, HTML, Format, choose, proper
from k20kg.web.http.response_cache import Once

MOST_FIELDS: Final = 200
_LISTEN_AFTER: Final = 0.05
Result = TypeVar("Result")


class RefusalError(K20Error):
    """An answer that says no: a status, what is wrong, where, and what to do."""

    def __init__(
        self,
        status: int,
        what: str,
        where: str = "",
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
        *,
        page: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.status, self.headers = status, dict(headers or {})
        self.page = page
        """Makes the page that says so to people, where there is a better one than any error's."""


def refusal_of(fault: K20Error) -> RefusalError:
    """Return the refusal that tells of an error; its `status` is 400 unless it says another."""
    if isinstance(fault, RefusalError):
        return fault
    after = getattr(fault, "retry_after", None)
    headers = {"retry-after": str(after)} if after else {}
    status = getattr(fault, "status", 400)
    return RefusalError(status, fault.what, fault.where, fault.remedy, headers)


class AsgiHandler:
    """ASGI application that answers by a function; Starlette's own looks for fault handlers too."""

    def __init__(self, function: Callable[[Request], Awaitable[Response]]) -> None:
        self._function = function

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._function(Request(scope, receive, send))
        await response(scope, receive, send)


def accept_of(request: Request) -> str:
    """Return the Accept header of a request; without one, anything will do."""
    said = [value for name, value in request.scope["headers"] if name == b"accept"]
    return b", ".join(said).decode("latin-1") or "*/*"


@lru_cache(maxsize=512)
def prefers_html(accept: str) -> bool:
    """Tell whether an Accept header asks for a page: a browser's does, ``*/*`` does not."""
    return choose(accept, (*FORMATS, HTML)) is HTML


def read_fields(data: bytes, most: int = MOST_FIELDS) -> list[tuple[str, str]]:
    """Return names and values of a query string or form."""
    try:
        return parse_qsl(
            data.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=most
        )
    except UnicodeDecodeError:
        raise RefusalError(400, "a parameter is not UTF-8", remedy="percent-encode UTF-8") from None
    except ValueError:
        raise RefusalError(400, "there are too many parameters", remedy="send fewer") from None


async def read_body(request: Request, most: int, too_large: RefusalError) -> bytes:
    """Return the body of a request, which has `most` bytes at most and is not compressed."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RefusalError(415, "the body is compressed", remedy="send it as it is")
    if int(request.headers.get("content-length", "0")) > most:
        raise too_large
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise too_large
    return bytes(body)


async def while_connected(work: Coroutine[Any, Any, Result], receive: Receive) -> Result:
    """Return what comes of work; when the client hangs up, end it and raise `ClientDisconnect`."""
    task = asyncio.current_task()
    assert task
    listening: list[asyncio.Task[None]] = []
    gone = False

    async def listen() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            await asyncio.sleep(_LISTEN_AFTER)  # a body that nobody reads may be endless
        gone = True
        task.cancel()

    # Most work is done before it is worth while to listen.
    later = asyncio.get_running_loop().call_later(
        _LISTEN_AFTER, lambda: listening.append(asyncio.create_task(listen()))
    )
    try:
        return await work
    except asyncio.CancelledError:
        if gone and task.uncancel() == 0:
            raise ClientDisconnect from None
        raise
    finally:
        later.cancel()
        for one in listening:
            one.cancel()


def find_format(key: str, offers: Iterable[Format]) -> Format | None:
    """Return the offer of a key or media type, whose plus a form may have sent as a blank."""
    key = key.strip().lower().replace(" ", "+")
    return next((offer for offer in offers if key in (offer.key, offer.media_type)), None)


def pick(accept: str, suffix: str, key: str, offers: Sequence[Format]) -> Format | None:
    """Return the format that an address's end names, else a parameter, else the Accept header.

    A parameter that names none leaves the choice to a header that names what it takes. None is a
    header that takes no offer; `RefusalError` tells of a name that is none.
    """
    named = suffix or key
    found = find_format(named, offers) if named else choose(accept, offers)
    if found is None and key and not suffix and accept.strip() not in ("", "*/*"):
        found = choose(accept, offers)
    if found is None and named:
        what = f"this answer does not come as {escape_controls(named)}"
        raise RefusalError(404, what, remedy=_list(offers, lambda form: form.key))
    return found


def _list(offers: Iterable[Format], where: Callable[[Format], str]) -> str:
    """Return in words in which formats an answer comes."""
    told = [f"{form.media_type} ({where(form)})" for form in proper(offers)]
    return f"it comes as {', '.join(told)}"


def not_acceptable(
    offers: Iterable[Format],
    what: str = "the answer has none of the formats asked for",
    where: Callable[[Format], str] = lambda form: form.key,
) -> RefusalError:
    """Return the refusal to a client that takes none of the formats there are."""
    return RefusalError(406, what, "Accept", _list(offers, where))


def quoted(iri: str) -> str:
    """Return an IRI or path as a URI, which nothing can break out of.

    >>> quoted("/case/é>")
    '/case/%C3%A9%3E'
    """
    return quote(iri, safe="/-._~!$&'()*+,;=:@%?#[]")


class Resource(NamedTuple):
    """Resource at an address: its formats and the making of each, which depends on nothing else."""

    name: str
    """Tells it from all others."""
    offers: Sequence[Format]
    make: Callable[[Format], bytes]
    fixed: Format | None = None
    """The format that its address asks for."""
    address: Callable[[Format], str] | None = None
    """Gives the address of each format, with the root before it."""
    links: Callable[[Format], str] | None = None
    """Gives the Link header."""
    light: bool = False
    """True if a format of data is made so fast that nobody else has to wait."""


async def answer(resource: Resource, accept: str, once: Once) -> Response:
    """Return a resource in the format that is asked for; `RefusalError` if it has none."""
    chosen = resource.fixed or choose(accept, resource.offers)
    if chosen is None:
        raise _unacceptable(resource, "this comes in none of the formats that are asked for")
    # Another name of a format is answered with the proper one.
    form = next(offer for offer in resource.offers if offer.key == chosen.key)
    try:
        if resource.light and form is not HTML:
            body = resource.make(form)
        else:
            body = await once((resource.name, form.key), lambda: resource.make(form))
    except K20Error as fault:
        if isinstance(fault, RefusalError) or getattr(fault, "status", 0) != 406:
            raise
        raise _unacceptable(resource, fault.what) from None
    headers = {"cache-control": "no-cache"}
    if resource.fixed is None and len(resource.offers) > 1:
        headers["vary"] = "Accept"
    if form.media_type == "application/gzip":
        headers["accept-ranges"] = "bytes"
    if resource.address:
        headers["content-location"] = resource.address(form)
    if resource.links:
        headers["link"] = resource.links(form)
    return Response(body, headers=headers, media_type=form.media_type)


def alternates(
    offers: Iterable[Format], address: Callable[[Format], str], but: Format | None = None
) -> str:
    """Return the Link header that names each format, but one."""
    return ", ".join(
        f'<{address(form)}>; rel="alternate"; type="{form.media_type}"'
        for form in proper(offers)
        if form is not but
    )


def _unacceptable(resource: Resource, what: str) -> RefusalError:
    """Return the refusal that lists what there is, in words and as links."""
    refusal = not_acceptable(resource.offers, what, resource.address or (lambda form: form.key))
    if resource.address:
        refusal.headers["link"] = alternates(resource.offers, resource.address)
    return refusal


_FOLDER: Final = Path(__file__).parents[1] / "static"
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@cache
def assets() -> Mapping[str, bytes]:
    """Return each file of the look by its name."""
    return {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir())}


def routes_of_assets() -> list[Route]:
    """Return the route of all these files."""
    return [Route("/static/{name}", _send, methods=["GET"])]


async def _send(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in assets():
        raise HTTPException(404)
    # Pages name a file with its digest, so a new one has a new address.
    kept = _FOR_EVER if request.query_params.get("v") else "no-cache"
    return Response(assets()[name], 200, {"cache-control": kept}, guess_type(name)[0])
