"""Addresses of a static site, where the walk through the application begins, and their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote

from k20kg.web.linkeddata.describe import path_of
from k20kg.web.linkeddata.documents import list_documents
from k20kg.web.linkeddata.downloads import list_files
from k20kg.web.pages import Links, Site, cases, front

_PATH: Final = "/-._~!$'()*+,;=:@"
_LONGEST_NAME: Final = 200
_LONGEST_PATH: Final = 1000
_RESERVED: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_UNLINKED: Final = ("404.html", "about.html", "judge.html", ".well-known/void")


def addresses(site: Site) -> Iterator[str]:
    """Yield the addresses of all that has an IRI, below the root; pages link to the others."""
    for document in list_documents(site.dataset):
        for form in filter(lambda form: site.offers(form.key), document.formats):
            yield quote(document.address(form), safe=_PATH) or "index.html"
        if document.path.endswith(".ttl"):  # called like a file
            yield quote(document.path, safe=_PATH)
    for graph in site.dataset.store.named_graphs():
        path = path_of(graph.value)
        if path.startswith("ontology/") and path.endswith(".ttl"):
            yield quote(path, safe=_PATH)
    yield from list_files(site.dataset)
    yield from _UNLINKED


def list_variants(site: Site) -> dict[str, str]:
    """Return the address of each variant of a page, with the one that the application knows."""
    root = f"{site.links.root}/"
    given = [("/cases", one) for one in cases.variants(site.dataset) if one]
    more = range(2, front.works(site, {}, "1")[1].pages + 1)
    given += [("/literature", {"page": str(page)}) for page in more]
    pages = {site.links.page(path, **one): Links().page(path, **one) for path, one in given}
    pages[f"{root}index.html"] = "/"
    return {static.removeprefix(root): live.removeprefix("/") for static, live in pages.items()}


def file_of(address: str) -> str:
    """Return the path of the file of an address.

    >>> file_of("dump/"), file_of("doc/work/%C3%A9.html")
    ('dump/index.html', 'doc/work/é.html')
    """
    path = unquote(address)
    return f"{path}index.html" if not path or path.endswith("/") else path


def files_of(address: str) -> Iterator[str]:
    """Yield the path of an address; of a page, the one of its address without a suffix too."""
    path = file_of(address)
    yield path
    page = path.removesuffix(".html")
    thing = page.removeprefix("doc/")
    if page != path and (thing != page or (page not in ("index", "404") and page[-4:] != ".ttl")):
        yield f"{thing}/index.html"


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


class FileNames:
    """The names of files and folders that are taken: one cannot be both."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def take(self, path: str) -> bool:
        """Take a path for a file; tell whether it can be one."""
        above = {str(one) for one in PurePosixPath(path).parents} - {"."}
        free = is_safe(path) and path not in self._folders and not above & self._files
        if free:
            self._files.add(path)
            self._folders |= above
        return free
