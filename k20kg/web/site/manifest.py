"""Every file of a static site: its path, and the address at which the application answers with it.

Documents, pages, named queries with their answers, dumps and the look lie where a server has
them. Beside these are what plain hosts need: an ``index.html`` in the place of each address
without a suffix, and a page for what is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, unquote

from k20kg.web.http.assets import assets
from k20kg.web.http.formats import HTML, INDEX_FORMATS
from k20kg.web.indexes import INDEXES
from k20kg.web.linkeddata.describe import path_of
from k20kg.web.linkeddata.documents import Document, Kind, list_documents
from k20kg.web.linkeddata.downloads import list_files
from k20kg.web.sparql.formats import GRAPH_FORMATS, ROW_FORMATS

if TYPE_CHECKING:
    from k20kg.web.pages import Site

MISSING: Final = "404.html"
"""The page that a host shows where there is no file; no address of the application."""
_PATH: Final = "/-._~!$'()*+,;=:@"
_LONGEST_NAME: Final = 200
_LONGEST_PATH: Final = 1000
_RESERVED: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


class File(NamedTuple):
    """A file of the site."""

    path: str
    """Below the folder of the site, with slashes."""
    address: str
    """Path and query string to ask the application for, below its root."""
    thing: str = ""
    """IRI of the thing that the file stands for: a page that leads to its document."""


def is_safe(path: str) -> bool:
    """Tell whether a path stays below the folder of the site on every common file system.

    >>> is_safe("doc/case/lamsig.html"), is_safe("doc/../../etc/passwd"), is_safe("a//b")
    (True, False, False)
    """
    steps = path.split("/")
    return len(path) <= _LONGEST_PATH and all(
        0 < len(step.encode()) <= _LONGEST_NAME
        and step not in (".", "..")
        and step == step.strip(" ")
        and not step.endswith(".")
        and not re.search(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|]', step)
        and not _RESERVED.fullmatch(step)
        for step in steps
    )


def plan(site: Site) -> tuple[list[File], set[str]]:
    """Return all files, and the paths that cannot be names of files."""
    planned: dict[str, File] = {}
    folders: set[str] = set()
    left_out: set[str] = set()
    for file in files(site):
        above = {str(one) for one in PurePosixPath(file.path).parents} - {"."}
        if not is_safe(file.path):
            left_out.add(file.path)
        elif file.path in planned:
            continue
        elif file.path in folders or any(one in planned for one in above):
            left_out.add(file.path)  # a file and a folder cannot have one name
        else:
            planned[file.path] = file
            folders |= above
    return list(planned.values()), left_out


def files(site: Site) -> Iterator[File]:
    """Yield all files but the rules for hosts; a path may come twice, the first one counts."""
    for document in list_documents(site.dataset):
        yield from _document(document)
    for graph in site.dataset.store.named_graphs():
        path = path_of(graph.value)
        if path.startswith("ontology/") and path.endswith(".ttl"):  # a module, called like a file
            yield _file(path)
    for path in list_files(site.dataset):
        yield _file(f"{path}index.html" if path.endswith("/") else path, path)
    yield from _pages(site)
    yield from _queries()
    for name in assets():
        yield _file(f"static/{name}")
    yield File(MISSING, "")


def _file(path: str, asked: str | None = None) -> File:
    return File(path, "/" + quote(path if asked is None else asked, safe=_PATH))


def _document(document: Document) -> Iterator[File]:
    like_a_file = document.path.endswith(".ttl")
    for form in document.formats:
        path = document.address(form)
        yield _file(path or "index.html", path)
        if form is HTML and document.kind is not Kind.THING and not like_a_file:
            yield _file(f"{document.path}/index.html".lstrip("/"), path)
        elif form.key == "ttl" and document.kind is Kind.VOID:
            yield _file(".well-known/void", path)
        elif form.key == "ttl" and like_a_file:
            yield _file(document.path, path)
    if document.kind is Kind.THING:
        yield File(f"{document.path.removeprefix('doc/')}/index.html", "", document.about)


def _pages(site: Site) -> Iterator[File]:
    """Yield the pages that are no document of anything."""
    from k20kg.web.pages import Links, cases

    plain: dict[str, str] = {}
    pages = [("/cases", given) for given in cases.variants() if given]
    pages += [(page, plain) for page in ("/about", "/judge")]
    for index in INDEXES:
        pages.append((f"/{index.path}", plain))
        for form in INDEX_FORMATS:
            yield _file(f"{index.path}.{form.suffix}")
    for page, given in pages:
        path = unquote(site.links.page(page, **given)).removeprefix(site.links.root).lstrip("/")
        address = Links().page(page, **given)
        yield File(path, address)
        yield File(f"{path.removesuffix('.html')}/index.html", address)


def _queries() -> Iterator[File]:
    """Yield each named query with its answer, its parameters at their defaults."""
    from k20kg.web.pages.rows import catalogue

    for query in catalogue():
        name = f"query/{query.name}"
        yield _file(f"{name}.rq")
        yield _file(f"{name}.html")
        yield _file(f"{name}/index.html", f"{name}.html")
        for form in ROW_FORMATS if query.form in ("SELECT", "ASK") else GRAPH_FORMATS:
            if query.form != "ASK" or form.key not in ("csv", "tsv"):  # no format for yes and no
                yield _file(f"{name}.{form.suffix}")
