"""The formats of answers, which of them a request gets, and how it is told what went wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from starlette.types import Scope, Send

from k20kg.errors import K20Error
from k20kg.query.hints import says_nothing
from k20kg.rdf.text import neutralise
from k20kg.web.http.formats import FORMATS, HTML, Format
from k20kg.web.http.negotiation import choose
from k20kg.web.sparql.answering import TERMS, Outcome, Question
from k20kg.web.sparql.query_errors import Answered, BusyError, FormError, TooLongError, TooMuchError
from k20kg.web.wellformed import UnwritableError

if TYPE_CHECKING:
    from k20kg.web.pages import Site

ROW_FORMATS: Final = (
    Format("json", "application/sparql-results+json", "json", "SPARQL JSON"),
    Format("xml", "application/sparql-results+xml", "xml", "SPARQL XML"),
    Format("csv", "text/csv", "csv", "CSV"),
    Format("tsv", "text/tab-separated-values", "tsv", "TSV"),
)
GRAPH_FORMATS: Final = tuple(form for form in FORMATS if not form.quads)
ROW_OFFERS: Final = (
    *ROW_FORMATS,
    HTML,
    Format("json", "application/json", "json", "JSON"),
    Format("xml", "application/xml", "xml", "XML"),
    Format("xml", "text/xml", "xml", "XML"),
)
GRAPH_OFFERS: Final = (
    *GRAPH_FORMATS,
    HTML,
    Format("nt", "text/plain", "nt", "N-Triples"),
    Format("jsonld", "application/json", "jsonld", "JSON-LD"),
    Format("rdf", "application/xml", "rdf", "RDF/XML"),
    Format("ttl", "application/x-turtle", "ttl", "Turtle"),
    Format("ttl", "text/n3", "ttl", "Turtle"),
)
_WISHES: Final = {
    "turtle": "ttl",
    "n3": "ttl",
    "rdf+xml": "rdf",
    "json-ld": "jsonld",
}
"""What SPARQLWrapper calls formats, where it is not what we call them."""
SHOWN: Final = 500
"""So many rows or triples a page shows at most."""

MOST_FIELDS: Final = 200

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """In which format a request gets rows, and in which triples; None is none that it takes."""

    rows: Format | None
    triples: Format | None

    @property
    def html(self) -> bool:
        """Tell whether any answer would be a page."""
        return HTML in (self.rows, self.triples)

    @property
    def key(self) -> tuple[str, str]:
        """What tells two of these apart: their media types."""
        return (
            self.rows.media_type if self.rows else "",
            self.triples.media_type if self.triples else "",
        )

    def format_of(self, outcome: Outcome) -> Format:
        """Return the format that an answer of some kind comes in."""
        found = self.triples if outcome is Outcome.TRIPLES else self.rows
        assert found
        return found

    def question(
        self, text: str, default_graphs: Iterable[str] = (), named_graphs: Iterable[str] = ()
    ) -> Question:
        """Return what a worker is asked."""
        return Question(
            text,
            _form(self.rows),
            _form(self.triples),
            tuple(default_graphs),
            tuple(named_graphs),
            shown=SHOWN + 1 if self.html else 0,
        )


def _form(chosen: Format | None) -> str:
    return "" if chosen is None else TERMS if chosen is HTML else chosen.key


class RefusalError(Exception):
    """An answer that says no: a status, what is wrong, where, and what to do."""

    def __init__(
        self,
        status: int,
        what: str,
        where: str = "",
        remedy: str = "",
        headers: Iterable[tuple[bytes, bytes]] = (),
        *,
        page: Callable[[], str] | None = None,
    ) -> None:
        super().__init__(what)
        self.status, self.what, self.where, self.remedy = status, what, where, remedy
        self.headers = tuple(headers)
        self.page = page
        """Makes the page that says so to people, where there is a better one than any error's."""


@lru_cache(maxsize=512)
def want(accept: str, key: str | None = None, *, wish: bool = False) -> Wanted:
    """Return the formats for an Accept header and a format's name.

    A name that is known wins, unless it is but a wish: then it wins where the header takes it.
    One that is not known, or not for this kind of answer, leaves the choice to a header that names
    what it takes; `RefusalError` if there is none.
    """
    kinds = (ROW_OFFERS, GRAPH_OFFERS)
    by_header = [choose(accept, offers) for offers in kinds]
    if key is None:
        return Wanted(*by_header)
    if wish:
        named = [find_format(_WISHES.get(key, key), offers) for offers in kinds]
        taken = [choose(accept, (one,)) if one else None for one in named]
        return Wanted(*(one or other for one, other in zip(taken, by_header, strict=True)))
    named = [find_format(key, offers) for offers in kinds]
    if accept.strip() not in ("", "*/*"):
        named = [one or other for one, other in zip(named, by_header, strict=True)]
    if not any(named):
        known = ", ".join(f.key for f in (*ROW_FORMATS, *GRAPH_FORMATS, HTML))
        raise RefusalError(
            400, f"there is no format {neutralise(key)}", "format", f"say one of {known}"
        )
    return Wanted(*named)


def find_format(key: str, offers: Sequence[Format]) -> Format | None:
    """Return the offer of a key or media type, whose plus a form may have sent as a blank."""
    key = key.strip().lower().replace(" ", "+")
    return next((offer for offer in offers if key in (offer.key, offer.media_type)), None)


def pick(accept: str, suffix: str, key: str, offers: Sequence[Format]) -> Format:
    """Return the format that an address's end names, else a parameter, else the Accept header.

    A parameter that names none leaves the choice to a header that names what it takes.
    """
    named = suffix or key
    found = find_format(named, offers) if named else choose(accept, offers)
    if found is None and key and not suffix and accept.strip() not in ("", "*/*"):
        found = choose(accept, offers)
    if found is None and not named:
        raise not_acceptable(offers)
    if found is None:
        what = f"this answer does not come as {neutralise(named)}"
        raise RefusalError(404, what, remedy=list_formats(offers))
    return found


@lru_cache(maxsize=512)
def prefers_html(accept: str) -> bool:
    """Tell whether an Accept header asks for a page: a browser's does, ``*/*`` does not."""
    return choose(accept, (*ROW_FORMATS, *GRAPH_FORMATS, HTML)) is HTML


def read_fields(data: bytes) -> list[tuple[str, str]]:
    """Return names and values of a query string or form."""
    try:
        return parse_qsl(
            data.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise RefusalError(400, "a parameter is not UTF-8", remedy="percent-encode UTF-8") from None
    except ValueError:
        raise RefusalError(400, "there are too many parameters", remedy="send fewer") from None


_NOTHING: Final = re.compile(
    rb"""
    (?:(?![<\[]|_:)[^\r\n]*\r?\n)?                     # CSV and TSV: the names of the columns
    |(?!.*(?:<result>|<boolean>true|<rdf:Description)).*</\w+:?\w*>\s*   # XML
    |.*"bindings":\[\].*|.*"boolean":false.*|\[\]       # JSON, JSON-LD
    |false\s*""",
    re.DOTALL | re.VERBOSE,
)
_LONGEST_NOTHING: Final = 4000


def is_empty(answered: Answered, form: Format) -> bool:
    """Tell whether an answer has no rows or triples, or is false."""
    if form is HTML:
        return says_nothing(answered.answer())
    return len(answered.body) < _LONGEST_NOTHING and bool(_NOTHING.fullmatch(answered.body))


# ---------------------------------------------------------------- replying


def etag_of(digest: str, *parts: object) -> bytes:
    """Return a weak tag: the same question to the same data has an equivalent answer."""
    return f'W/"{sha256(repr((digest, parts)).encode()).hexdigest()[:32]}"'.encode()


def is_fresh(if_none_match: bytes, etag: bytes) -> bool:
    """Tell whether a client has what this tag stands for (RFC 9110, 13.1.2)."""
    if not if_none_match:
        return False
    bare = etag.removeprefix(b"W/")
    return if_none_match.strip() == b"*" or any(
        tag.strip().removeprefix(b"W/") == bare for tag in if_none_match.split(b",")
    )


async def reply(
    scope: Scope,
    send: Send,
    body: bytes,
    media_type: str,
    *,
    status: int = 200,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Send an answer, without its body if only its head was asked for."""
    text = media_type.startswith("text/") and "charset" not in media_type
    given: Headers = [
        (b"content-type", (media_type + ("; charset=utf-8" if text else "")).encode()),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"Accept"),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": given})
    shown = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": shown})


async def reply_empty(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Send a status and headers only."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})


def refusal_of(fault: K20Error) -> RefusalError:
    """Return how HTTP says what became of a question."""
    if isinstance(fault, FormError):
        return not_acceptable(GRAPH_OFFERS if fault.outcome is Outcome.TRIPLES else ROW_OFFERS)
    status, headers = 400, []
    if isinstance(fault, BusyError):
        status, headers = 503, [(b"retry-after", str(fault.retry_after).encode())]
    elif isinstance(fault, UnwritableError):
        status = 406
    elif isinstance(fault, TooLongError):
        status = 504
    elif isinstance(fault, TooMuchError):
        status = 422
    return RefusalError(status, fault.what, fault.where, fault.remedy, tuple(headers))


def list_formats(offers: Iterable[Format]) -> str:
    """Return in words in which formats an answer comes."""
    kinds: dict[str, str] = {}
    for offer in offers:
        kinds.setdefault(offer.key, offer.media_type)
    return "it comes as " + ", ".join(f"{kind} ({key})" for key, kind in kinds.items())


def not_acceptable(offers: Iterable[Format]) -> RefusalError:
    """Return the refusal to a client that takes none of the formats there are."""
    what = "the answer has none of the formats asked for"
    return RefusalError(406, what, "Accept", list_formats(offers))


async def reply_refusal(
    scope: Scope, send: Send, site: Site, refusal: RefusalError, *, html: bool
) -> None:
    """Say no: to people by a page, to programs as JSON after RFC 9457."""
    headers = [*refusal.headers, (b"cache-control", b"no-store")]
    if html:
        if refusal.page:
            page = refusal.page()
        else:
            from k20kg.web.pages import errors

            page = errors.page(site, refusal.status, refusal.what, refusal.where, refusal.remedy)
        await reply(scope, send, page.encode(), "text/html", status=refusal.status, headers=headers)
        return
    problem: dict[str, Any] = {
        "title": neutralise(refusal.what),
        "status": refusal.status,
        "where": neutralise(refusal.where),
        "detail": neutralise(refusal.remedy),
    }
    body = json.dumps({k: v for k, v in problem.items() if v}, ensure_ascii=False) + "\n"
    await reply(
        scope,
        send,
        body.encode(),
        "application/problem+json",
        status=refusal.status,
        headers=headers,
    )
