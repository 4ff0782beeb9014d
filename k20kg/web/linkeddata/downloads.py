"""Files for those who find, load and harvest: dumps, linkset, OpenAPI, sitemap and more."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from k20kg.definition.shipped import shipped_definitions
from k20kg.sparql.named_queries import list_queries
from k20kg.vocabulary import BASE, K20, LICENCE
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import HTML, JSON, Format
from k20kg.web.http.responses import quoted
from k20kg.web.linkeddata.describe import DESCRIPTION, TITLE, dump_forms, dumps, header_of
from k20kg.web.linkeddata.documents import DocumentKind, list_documents, minted
from k20kg.web.linkeddata.signposting import linkset
from k20kg.web.serializer import NAMESPACES, ask, fill

_PAGES: Final = ("cases", "literature", "queries", "about")
"""Pages that are no document of anything."""
_MOST_IN_SITEMAP: Final = 50_000
_TERMS: Final = """
SELECT ?term (COALESCE(MIN(?value), "") AS ?as) {
  VALUES (?order ?kind) {
    (1 owl:Class) (2 owl:ObjectProperty) (3 owl:DatatypeProperty) (4 owl:AnnotationProperty)
  }
  ?term a ?kind FILTER(STRSTARTS(STR(?term), STR(k20:)))
  OPTIONAL {
    ?term rdfs:range ?range
    FILTER(?kind = owl:DatatypeProperty && STRSTARTS(STR(?range), STR(xsd:)))
    FILTER(?range != xsd:string)
  }
  BIND(IF(?kind = owl:ObjectProperty, "@id", CONCAT("xsd:", STRAFTER(STR(?range), "#"))) AS ?value)
} GROUP BY ?order ?term ORDER BY ?order ?term
"""
"""Terms of our ontology, each with what its values are in JSON: IRIs, or of a datatype."""


@lru_cache(maxsize=2)
def sitemaps(dataset: Dataset) -> list[bytes]:
    """Return the sitemap of all pages; if they are too many for one, it lists those after it."""
    pages = [BASE + page for page in _PAGES]
    for document in list_documents(dataset):
        if document.kind is DocumentKind.THING:
            pages.append(quoted(f"{BASE}{document.path}"))
        elif document.kind is not DocumentKind.VOID:
            pages.append(quoted(f"{BASE}{document.address(HTML)}"))
    starts = range(0, len(pages), _MOST_IN_SITEMAP)
    parts = [("url", pages[n : n + _MOST_IN_SITEMAP]) for n in starts]
    if len(parts) > 1:
        names = [f"{BASE}sitemap-{n}.xml" for n in range(1, len(parts) + 1)]
        parts.insert(0, ("sitemap", names))
    texts = (fill("sitemap.xml", tag=tag, addresses=addresses) for tag, addresses in parts)
    return [f"{text}\n".encode() for text in texts]


def robots(root: str = "") -> bytes:
    """Return what crawlers are asked to leave alone: whatever makes the server compute."""
    closed = [f"Disallow: {root}/{path}" for path in ("sparql", "search", "judge")]
    return "\n".join(["User-agent: *", *closed, "", f"Sitemap: {BASE}sitemap.xml", ""]).encode()


def _checksums(dataset: Dataset) -> bytes:
    return "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps(dataset)).encode()


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
    for iri, kind in ask(dataset, _TERMS):
        name = iri.removeprefix(K20)
        if name not in terms and name.isidentifier():
            terms[name] = {"@id": f"k20:{name}", "@type": kind} if kind else f"k20:{name}"
    return (json.dumps({"@context": terms}, indent=1) + "\n").encode()


@lru_cache(maxsize=4)
def schema_org(dataset: Dataset) -> str:
    """Return the dataset in the words of schema.org, for the front page to carry."""
    text = fill(
        "schema_org.json",
        dataset=dataset,
        title=TITLE,
        description=DESCRIPTION,
        dumps=dump_forms(dataset),
        licence=LICENCE,
        issued=header_of(dataset)["issued"],
    )
    return json.dumps(json.loads(text), ensure_ascii=False)


_GZIP: Final = Format("gz", "application/gzip", "gz", "gzip")
_TEXT: Final = Format("txt", "text/plain", "txt", "text")
_XML: Final = Format("xml", "application/xml", "xml", "XML")
_LINKSET: Final = Format("json", "application/linkset+json", "json", "linkset")
_CONTEXT: Final = Format("jsonld", "application/ld+json", "jsonld", "JSON-LD context")
_SITEMAP: Final = re.compile(r"sitemap-([1-9][0-9]{0,3})\.xml")


class File(NamedTuple):
    """A file that is made of a dataset, for a server that is reached under a root."""

    offers: tuple[Format, ...]
    make: Callable[[Dataset, str], bytes]


def find_file(dataset: Dataset, path: str) -> File | None:
    """Return the file at a path."""
    if path in _FILES:
        return _FILES[path]
    name = path.removeprefix("dump/")
    if name != path and name in dump_forms(dataset):
        number = [*dump_forms(dataset)].index(name)
        return File((_GZIP,), lambda dataset, _: dumps(dataset)[number].body)
    if found := _SITEMAP.fullmatch(path):
        part = int(found[1])
        if part < len(sitemaps(dataset)):
            return File((_XML,), lambda dataset, _: sitemaps(dataset)[part])
    return None


def list_files(dataset: Dataset) -> Iterator[str]:
    """Yield the paths of all files."""
    yield from _FILES
    for name in dump_forms(dataset):
        yield f"dump/{name}"
    for part in range(1, len(sitemaps(dataset))):
        yield f"sitemap-{part}.xml"


_FILES: Final = {
    "dump/": File((HTML, JSON), lambda dataset, _: dump_index(dataset)),
    "dump/index.json": File((JSON,), lambda dataset, _: dump_index(dataset)),
    "dump/SHA256SUMS": File((_TEXT,), lambda dataset, _: _checksums(dataset)),
    "linkset.json": File((_LINKSET,), lambda dataset, _: linkset(dataset)),
    "sitemap.xml": File((_XML,), lambda dataset, _: sitemaps(dataset)[0]),
    "robots.txt": File((_TEXT,), lambda _, root: robots(root)),
    "context.jsonld": File((_CONTEXT,), lambda dataset, _: context(dataset)),
}
"""A file that comes as a page has its page in `pages`."""


_OPENAPI: Final = Path(__file__).parents[1] / "openapi.json"
_NO_KINDS: Final = {"ontology", "shapes", "data", "void"}

Json = dict[str, Any]


def openapi(dataset: Dataset, root: str = "") -> str:
    """Return the OpenAPI document as JSON, with shared responses in place.

    In the file, names stand for lists, ``{"enum": "queries"}``, and `errors` for responses.
    """
    text = _OPENAPI.read_text(encoding="utf-8")
    shared = json.loads(text)["components"]["responses"]
    paths = (iri.removeprefix(BASE) for iri in minted(dataset) if "#" not in iri)
    lists = {
        "kinds": sorted({path.partition("/")[0] for path in paths if "/" in path} - _NO_KINDS),
        "queries": [query.name for query in list_queries()],
        "definitions": list(shipped_definitions()),
    }

    def fill(node: Json) -> Json:
        if isinstance(node.get("enum"), str):
            node["enum"] = lists[node["enum"]]
        node |= {code: shared[code] for code in node.pop("errors", "").split()}
        section, _, name = node.get("$ref", "").rpartition("/")
        return shared[name] if section == "#/components/responses" else node

    document: Json = json.loads(text, object_hook=fill)
    del document["components"]["responses"]
    document["info"]["version"] = dataset.version
    document["servers"] = [{"url": root or "/"}]
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
