"""The formats of documents, and which of them is asked for (RFC 9110, section 12)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple


class Format(NamedTuple):
    """One format of a document."""

    key: str
    """Name in addresses: ``ttl``."""
    media_type: str
    suffix: str
    """End of a file's name, without the dot."""
    name: str
    """Name for people."""
    quads: bool = False
    """True if it says which graph a statement stands in."""


HTML: Final = Format("html", "text/html", "html", "HTML")
TURTLE: Final = Format("ttl", "text/turtle", "ttl", "Turtle")
FORMATS: Final = (
    TURTLE,
    Format("nt", "application/n-triples", "nt", "N-Triples"),
    Format("jsonld", "application/ld+json", "jsonld", "JSON-LD"),
    Format("rdf", "application/rdf+xml", "rdf", "RDF/XML"),
    Format("trig", "application/trig", "trig", "TriG", True),
    Format("nq", "application/n-quads", "nq", "N-Quads", True),
)
"""Formats of every document of data, in our order of preference."""
XLSX: Final = Format(
    "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "Excel"
)
GRAPH_FORMATS: Final = tuple(form for form in FORMATS if not form.quads)
CSV: Final = Format("csv", "text/csv", "csv", "CSV")
ROW_FORMATS: Final = (
    Format("json", "application/sparql-results+json", "json", "JSON"),
    Format("xml", "application/sparql-results+xml", "xml", "XML"),
    CSV,
    Format("tsv", "text/tab-separated-values", "tsv", "TSV"),
)
"""Formats of answers to queries: of triples, and of rows."""
JSON: Final = Format("json", "application/json", "json", "JSON")
INDEX_FORMATS: Final = (CSV, *FORMATS)
"""Further formats of an index page."""
_ALIASES: Final = (
    Format("html", "application/xhtml+xml", "html", "HTML"),
    Format("jsonld", "application/json", "jsonld", "JSON-LD"),
    Format("rdf", "application/xml", "rdf", "RDF/XML"),
    Format("rdf", "text/xml", "rdf", "RDF/XML"),
    Format("ttl", "application/x-turtle", "ttl", "Turtle"),
    Format("ttl", "text/n3", "ttl", "Turtle"),
    Format("nt", "text/plain", "nt", "N-Triples"),
    Format("trig", "application/x-trig", "trig", "TriG", True),
    Format("nq", "text/x-nquads", "nq", "N-Quads", True),
)
"""Other media types that clients name; the answer carries the proper one."""
OFFERS: Final = (FORMATS[0], HTML, *FORMATS[1:], *_ALIASES)
"""All that a negotiated document can be asked for: who takes anything gets Turtle."""
_BY_KEY: Final = {form.key: form for form in (HTML, *FORMATS)}


def format_of(key: str) -> Format | None:
    """Return a format by its key, with its proper media type."""
    return _BY_KEY.get(key)


def proper(offers: Iterable[Format]) -> list[Format]:
    """Return the first offer of each key: those with their proper media types."""
    found: dict[str, Format] = {}
    for offer in offers:
        found.setdefault(offer.key, offer)
    return list(found.values())


_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED: Final = r'"(?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\t\x20-\x7e\x80-\xff])*"'
_PARAMETER: Final = re.compile(rf";[ \t]*+({_TOKEN})=({_TOKEN}|{_QUOTED})")
_SAID: Final = rf"(?:;[ \t]*+(?:{_TOKEN}=(?:{_TOKEN}|{_QUOTED}))?[ \t]*+)*+"
_RANGE: Final = re.compile(rf"[ \t]*({_TOKEN})/({_TOKEN})[ \t]*+({_SAID})")
_WEIGHT: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_PART: Final = re.compile(rf"(?:[^,\"]|{_QUOTED})+|\"")
_HINTS: Final = frozenset({"profile", "version"})
"""Parameters of RDF media types that say what a client would like, not what it cannot do without
(JSON-LD 1.1, section 6; RDF 1.2)."""


class _Range(NamedTuple):
    kind: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    weight: float


def choose(accept: str | None, offers: Sequence[Format]) -> Format | None:
    """Return the offer that an Accept header likes best, or None if it takes none of them.

    The most specific range that fits an offer gives its weight; of offers with equal weight the
    one that is named most specifically comes first, then our order decides. A part of the header
    that is malformed is passed over; a header of which nothing is left says nothing.

    >>> choose("text/html;q=0.4, text/*;q=0.5, text/turtle;q=0", [HTML, *FORMATS]).key
    'html'
    >>> choose("image/png", FORMATS) is None
    True
    """
    return _choose(accept or "", tuple(offers))


@lru_cache(maxsize=1024)
def _choose(accept: str, offers: tuple[Format, ...]) -> Format | None:
    ranges = [one for one in map(_range, _PART.findall(accept)) if one]
    if not ranges:
        return offers[0] if offers else None
    best: tuple[float, int] = (0.0, 0)
    found: Format | None = None
    for offer in offers:
        fit = _fit(offer, ranges)
        if fit[0] > 0 and fit > best:
            best, found = fit, offer
    return found


def _fit(offer: Format, ranges: Sequence[_Range]) -> tuple[float, int]:
    """Return the weight of an offer and how specific the range is that gives it."""
    kind, _, subtype = offer.media_type.partition("/")
    specific, weight = -1, 0.0
    for one in ranges:
        if one.subtype == subtype and one.kind == kind:
            rank = 2 + len(one.parameters)
        elif one.subtype == "*" and one.kind in (kind, "*"):
            rank = int(one.kind == kind)
        else:
            continue
        if all(_holds(*parameter) for parameter in one.parameters):
            specific, weight = max((specific, weight), (rank, one.weight))
    return weight, specific


def _holds(name: str, value: str) -> bool:
    """Tell whether a parameter of a range holds for what we send: it is all in UTF-8."""
    return name in _HINTS or (name == "charset" and value.lower() in ("utf-8", "utf8"))


def _range(part: str) -> _Range | None:
    """Return one media range with its weight, or None where it is malformed."""
    found = _RANGE.fullmatch(part)
    if found is None or (found[1] == "*" and found[2] != "*"):
        return None
    parameters: set[tuple[str, str]] = set()
    for name, value in _PARAMETER.findall(found[3]):
        if name in ("q", "Q"):  # what follows the weight is an extension that nobody has
            weight = float(value) if _WEIGHT.fullmatch(value) else None
            break
        plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value[0] == '"' else value
        parameters.add((name.lower(), plain))
    else:
        weight = 1.0
    if weight is None:
        return None
    return _Range(found[1].lower(), found[2].lower(), frozenset(parameters), weight)
