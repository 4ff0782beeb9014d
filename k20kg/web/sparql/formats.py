"""The formats of answers to queries, and which of them a request gets."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from k20kg.rdf.text import neutralise
from k20kg.sparql.hints import says_nothing
from k20kg.web.http.formats import GRAPH_FORMATS, HTML, JSON, OFFERS, ROW_FORMATS, Format
from k20kg.web.http.negotiation import choose
from k20kg.web.http.responses import RefusalError, find_format
from k20kg.web.sparql.answering import TERMS, QueryOutcome
from k20kg.web.sparql.query_errors import QueryReply

ROW_OFFERS: Final = (
    *ROW_FORMATS,
    HTML,
    JSON,
    Format("xml", "application/xml", "xml", "XML"),
    Format("xml", "text/xml", "xml", "XML"),
)
GRAPH_OFFERS: Final = tuple(form for form in OFFERS if not form.quads)
_WISHES: Final = {"turtle": "ttl", "n3": "ttl", "rdf+xml": "rdf", "json-ld": "jsonld"}
"""Names of SPARQLWrapper for formats, where they differ from ours."""


class Wanted(NamedTuple):
    """In which format a request gets rows, and in which triples; None is none that it takes."""

    rows: Format | None
    triples: Format | None

    @property
    def html(self) -> bool:
        """Tell whether any answer would be a page."""
        return HTML in (self.rows, self.triples)

    @property
    def forms(self) -> tuple[str, str]:
        """Return what a worker is to write rows and triples as."""
        return _form(self.rows), _form(self.triples)

    def format_of(self, outcome: QueryOutcome) -> Format:
        """Return the format that an answer of some kind comes in."""
        found = self.triples if outcome is QueryOutcome.TRIPLES else self.rows
        assert found
        return found


def _form(chosen: Format | None) -> str:
    return "" if chosen is None else TERMS if chosen is HTML else chosen.key


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


_NOTHING: Final = re.compile(
    rb"""
    (?:(?![<\[]|_:)[^\r\n]*\r?\n)?                     # CSV and TSV: the names of the columns
    |(?!.*(?:<result>|<boolean>true|<rdf:Description)).*</\w+:?\w*>\s*   # XML
    |.*"bindings":\[\].*|.*"boolean":false.*|\[\]       # JSON, JSON-LD
    |false\s*""",
    re.DOTALL | re.VERBOSE,
)
_LONGEST_NOTHING: Final = 4000


def is_empty(answered: QueryReply, form: Format) -> bool:
    """Tell whether an answer has no rows or triples, or is false."""
    if form is HTML:
        return says_nothing(answered.answer())
    return len(answered.body) < _LONGEST_NOTHING and bool(_NOTHING.fullmatch(answered.body))
