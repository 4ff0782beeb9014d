"""What is published beside the documents: dumps, linkset, sitemap, robots, JSON-LD context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from k20kg.web.http.formats import HTML, Format
from k20kg.web.linkeddata.discovery import context, dump_index, robots, sitemaps
from k20kg.web.linkeddata.dump import checksums, dump_forms, dumps
from k20kg.web.linkeddata.signposting import linkset

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

JSON: Final = Format("json", "application/json", "json", "JSON")
_GZIP: Final = Format("gz", "application/gzip", "gz", "gzip")
_TEXT: Final = Format("txt", "text/plain", "txt", "text")
_XML: Final = Format("xml", "application/xml", "xml", "XML")
_LINKSET: Final = Format("json", "application/linkset+json", "json", "linkset")
_CONTEXT: Final = Format("jsonld", "application/ld+json", "jsonld", "JSON-LD context")
_SITEMAP: Final = re.compile(r"sitemap-([1-9][0-9]{0,3})\.xml")


class File(NamedTuple):
    """A file that is made of a site."""

    offers: tuple[Format, ...]
    make: Callable[[Site, Format], bytes]


def find_file(dataset: Dataset, path: str) -> File | None:
    """Return the file at a path."""
    if path in _FILES:
        return _FILES[path]
    name = path.removeprefix("dump/")
    if name != path and name in dump_forms(dataset):
        return File((_GZIP,), lambda site, _: _dump(site, name))
    if found := _SITEMAP.fullmatch(path):
        part = int(found[1])
        if part < len(sitemaps(dataset)):
            return File((_XML,), lambda site, _: sitemaps(site.dataset)[part])
    return None


def list_files(dataset: Dataset) -> Iterator[str]:
    """Yield the paths of all files."""
    yield from _FILES
    for name in dump_forms(dataset):
        yield f"dump/{name}"
    for part in range(1, len(sitemaps(dataset))):
        yield f"sitemap-{part}.xml"


def _dump(site: Site, name: str) -> bytes:
    return next(dump.body for dump in dumps(site.dataset) if dump.name == name)


def _dump_page(site: Site, form: Format) -> bytes:
    if form is not HTML:
        return dump_index(site.dataset)
    found = dumps(site.dataset)
    return site.render("dumps.html", title="Downloads", dumps=found).encode()


_FILES: Final = {
    "dump/": File((HTML, JSON), _dump_page),
    "dump/index.json": File((JSON,), _dump_page),
    "dump/SHA256SUMS": File((_TEXT,), lambda site, _: checksums(site.dataset).encode()),
    "linkset.json": File((_LINKSET,), lambda site, _: linkset(site.dataset)),
    "sitemap.xml": File((_XML,), lambda site, _: sitemaps(site.dataset)[0]),
    "robots.txt": File((_TEXT,), lambda site, _: robots(site.links.root)),
    "context.jsonld": File((_CONTEXT,), lambda site, _: context(site.dataset)),
}
