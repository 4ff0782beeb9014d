"""The formats in which a document is given, and the media types by which people ask for them."""

from __future__ import annotations

from collections.abc import Iterable
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
