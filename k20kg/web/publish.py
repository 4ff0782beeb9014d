"""Files for those who find, load and harvest: sitemap, robots, JSON-LD context, schema.org."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

import pyoxigraph as ox

from k20kg.vocabulary import BASE, K20, OWL, RDF_TYPE, RDFS, XSD
from k20kg.web.documents import LICENCE, Kind, list_documents
from k20kg.web.dump import checksums, dump_names, dumps
from k20kg.web.formats import HTML, format_of
from k20kg.web.signposting import quoted
from k20kg.web.void import DESCRIPTION, TITLE, header_of
from k20kg.web.writing import NAMESPACES

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["PAGES", "checksums", "context", "dump_index", "robots", "schema_org", "sitemap"]

PAGES: Final = ("cases", "literature", "queries", "about")
"""Pages that are no document of anything."""
_MOST_IN_SITEMAP: Final = 50_000
_SITEMAPS: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_TYPE: Final = ox.NamedNode(RDF_TYPE)


# ---------------------------------------------------------------- for crawlers


@lru_cache(maxsize=8)
def sitemap(dataset: Dataset, part: int = 0) -> bytes:
    """Return the sitemap of all pages; if they are too many for one, `part` 0 lists the others."""
    addresses = list(_addresses(dataset))
    parts = -(-len(addresses) // _MOST_IN_SITEMAP)
    if parts > 1 and part == 0:
        entries = [
            f"<sitemap><loc>{BASE}sitemap-{n}.xml</loc></sitemap>" for n in range(1, parts + 1)
        ]
        return _xml("sitemapindex", entries)
    start = max(part - 1, 0) * _MOST_IN_SITEMAP
    shown = addresses[start : start + _MOST_IN_SITEMAP]
    return _xml("urlset", [f"<url><loc>{escape(address)}</loc></url>" for address in shown])


def _addresses(dataset: Dataset) -> Iterator[str]:
    for page in PAGES:
        yield BASE + page
    for document in list_documents(dataset):
        if document.kind is Kind.THING:
            yield quoted(f"{BASE}{document.path}")
        elif document.kind is not Kind.VOID:
            yield quoted(f"{BASE}{document.address(HTML)}")


def _xml(name: str, entries: list[str]) -> bytes:
    lines = "\n".join(entries)
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<{name} xmlns="{_SITEMAPS}">\n{lines}\n</{name}>\n'.encode()


def robots(root: str = "") -> bytes:
    """Return what crawlers are asked to leave alone: whatever makes the server compute."""
    lines = ["User-agent: *", f"Disallow: {root}/sparql", f"Disallow: {root}/judge"]
    return "\n".join([*lines, "", f"Sitemap: {BASE}sitemap.xml", ""]).encode()


def dump_index(dataset: Dataset) -> bytes:
    """Return the list of the dumps as JSON, with sizes and checksums."""
    found = [
        {
            "href": f"{BASE}dump/{dump.name}",
            "type": dump.form.media_type,
            "encoding": "gzip",
            "bytes": len(dump.body),
            "unpacked": dump.unpacked,
            "sha256": dump.sha256,
        }
        for dump in dumps(dataset)
    ]
    about = {"version": dataset.version, "contents": dataset.digest}
    about |= {} if dataset.own else {"license": LICENCE}
    return (json.dumps({**about, "dumps": found}, indent=1) + "\n").encode()


# ---------------------------------------------------------------- for those who write JSON-LD


@lru_cache(maxsize=2)
def context(dataset: Dataset) -> bytes:
    """Return a JSON-LD context with a plain name for every term of our ontology."""
    terms: dict[str, Any] = {prefix: ns for prefix, ns in NAMESPACES.items() if ns[-1] in "#/"}
    terms |= {
        "id": "@id",
        "type": "@type",
        "label": {"@id": "rdfs:label", "@language": "en"},
        "comment": {"@id": "rdfs:comment", "@language": "en"},
    }
    for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty"):
        for iri in _of_kind(dataset, OWL + kind):
            name = iri.removeprefix(K20)
            if name in terms or not name.isidentifier():
                continue
            if kind == "ObjectProperty":
                terms[name] = {"@id": f"k20:{name}", "@type": "@id"}
            elif kind == "DatatypeProperty" and (datatype := _range(dataset, iri)):
                terms[name] = {"@id": f"k20:{name}", "@type": f"xsd:{datatype}"}
            else:
                terms[name] = f"k20:{name}"
    return (json.dumps({"@context": terms}, indent=1) + "\n").encode()


def _of_kind(dataset: Dataset, kind: str) -> list[str]:
    quads = dataset.store.quads_for_pattern(None, _TYPE, ox.NamedNode(kind), None)
    found = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    return sorted(iri for iri in found if iri.startswith(K20))


def _range(dataset: Dataset, iri: str) -> str:
    """Return the datatype that a property has, unless that is a plain string."""
    range_ = ox.NamedNode(RDFS + "range")
    for quad in dataset.store.quads_for_pattern(ox.NamedNode(iri), range_, None, None):
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(XSD):
            name = quad.object.value.removeprefix(XSD)
            return "" if name == "string" else name
    return ""


# ---------------------------------------------------------------- for search engines


@lru_cache(maxsize=4)
def schema_org(dataset: Dataset) -> str:
    """Return the dataset in the words of schema.org, for the front page to carry."""
    about: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": BASE + "void#dataset",
        "name": TITLE,
        "description": DESCRIPTION,
        "url": BASE,
        "version": dataset.version,
        "isAccessibleForFree": True,
        "keywords": ["K-20 partnership", "school–university partnership", "evaluation", "SHACL"],
        "creator": {"@type": "Organization", "name": "The k20kg maintainers"},
        "includedInDataCatalog": {"@type": "DataCatalog", "url": BASE},
        "distribution": [
            {
                "@type": "DataDownload",
                "contentUrl": f"{BASE}dump/{name}",
                "encodingFormat": [media_type, "application/gzip"],
            }
            for name, media_type in _downloads(dataset)
        ],
    }
    if not dataset.own:
        about["license"] = LICENCE
    if issued := header_of(dataset)["issued"]:
        about["datePublished"] = issued[:10]
    return json.dumps(about, ensure_ascii=False)


def _downloads(dataset: Dataset) -> Iterator[tuple[str, str]]:
    for name, key in dump_names(dataset).items():
        form = format_of(key)
        yield name, form.media_type if form else ""
