"""What is published beside the documents: dumps, linkset, sitemap, robots, JSON-LD context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from k20kg.web.dump import Dump, checksums, dump_names, dumps
from k20kg.web.formats import HTML, Format
from k20kg.web.publish import context, dump_index, robots, sitemap
from k20kg.web.signposting import linkset

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

__all__ = ["File", "find_file", "list_files"]

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
    if path.startswith("dump/") and path.removeprefix("dump/") in dump_names(dataset):
        name = path.removeprefix("dump/")
        return File((_GZIP,), lambda site, _: _dump(site.dataset, name).body)
    if found := _SITEMAP.fullmatch(path):
        part = int(found[1])
        if part <= sitemap(dataset).count(b"<sitemap>"):
            return File((_XML,), lambda site, _: sitemap(site.dataset, part))
    return None


def list_files(dataset: Dataset) -> Iterator[str]:
    """Yield the paths of all files."""
    yield from _FILES
    for name in dump_names(dataset):
        yield f"dump/{name}"
    for part in range(sitemap(dataset).count(b"<sitemap>")):
        yield f"sitemap-{part + 1}.xml"


def _dump(dataset: Dataset, name: str) -> Dump:
    return next(dump for dump in dumps(dataset) if dump.name == name)


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
    "sitemap.xml": File((_XML,), lambda site, _: sitemap(site.dataset)),
    "robots.txt": File((_TEXT,), lambda site, _: robots(site.links.root)),
    "context.jsonld": File((_CONTEXT,), lambda site, _: context(site.dataset)),
}
