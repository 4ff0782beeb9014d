"""Downloads beside the documents: dumps, linkset, sitemap, robots, JSON-LD context."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import HTML, JSON, Format
from k20kg.web.linkeddata.discovery import context, dump_index, robots, sitemaps
from k20kg.web.linkeddata.dump import checksums, dump_forms, dumps
from k20kg.web.linkeddata.signposting import linkset

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
    "dump/SHA256SUMS": File((_TEXT,), lambda dataset, _: checksums(dataset).encode()),
    "linkset.json": File((_LINKSET,), lambda dataset, _: linkset(dataset)),
    "sitemap.xml": File((_XML,), lambda dataset, _: sitemaps(dataset)[0]),
    "robots.txt": File((_TEXT,), lambda _, root: robots(root)),
    "context.jsonld": File((_CONTEXT,), lambda dataset, _: context(dataset)),
}
"""A file that comes as a page has its page in `pages`."""
