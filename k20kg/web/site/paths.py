"""Addresses of a static site: where the walk begins, their files, and where each link leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from k20kg.errors import K20Error
from k20kg.rdf.text import escape_controls
from k20kg.vocabulary import BASE
from k20kg.web.linkeddata.describe import path_of
from k20kg.web.linkeddata.documents import list_documents
from k20kg.web.linkeddata.downloads import list_files
from k20kg.web.pages import Links, Site, cases, front

_PATH: Final = "/-._~!$'()*+,;=:@"
_LONGEST_NAME: Final = 200
_LONGEST_PATH: Final = 1000
_RESERVED: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
_UNLINKED: Final = ("404.html", "about.html", "judge.html", "search.html", ".well-known/void")


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


_LINK: Final = re.compile(r'\s(?:href|src|action|data)="([^"]*)"')
_ID: Final = re.compile(r'\sid="([^"]+)"')
_SHOWN: Final = 20


@dataclass(slots=True)
class Made:
    """Result of some addresses."""

    sizes: dict[str, int] = field(default_factory=dict)
    """Path of each file → its size."""
    links: dict[str, str] = field(default_factory=dict)
    """Address → a page that has it."""
    ids: dict[str, frozenset[str]] = field(default_factory=dict)
    """Path of each page → the places in it that can be linked to."""
    left_out: set[str] = field(default_factory=set)
    """Paths that cannot be names of files, or whose format cannot hold what they would say."""
    missing: set[str] = field(default_factory=set)
    """Addresses to which there is no answer."""

    def add(self, other: Made) -> None:
        """Add what came of others."""
        self.sizes |= other.sizes
        self.links |= other.links
        self.ids |= other.ids
        self.left_out |= other.left_out
        self.missing |= other.missing

    def note(self, root: str, address: str, text: str) -> None:
        """Note what a page links to, and the places in it that can be linked to."""
        page = file_of(address)
        for link in map(unescape, _LINK.findall(text)):
            self.links[f"{root}/{address}{link}" if link.startswith("#") else link] = page
        self.ids[page] = frozenset(map(unescape, _ID.findall(text)))


def local(address: str, root: str) -> str:
    """Return the address of a file of the site below its root, or nothing."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not parts.path.startswith(root + "/"):
        return ""
    return parts.path.removeprefix(root + "/") or "index.html"


def verify(made: Made, root: str) -> None:
    """Raise `K20Error` if a link leads to a file, or a place in it, that is not there."""
    faults = {address: _fault(address, made, root) for address in sorted(made.links)}
    dead = [f"{a} on {made.links[a]}: {fault}" for a, fault in faults.items() if fault]
    if dead:
        more = [f"and {len(dead) - _SHOWN} more"] if len(dead) > _SHOWN else []
        lines = "\n".join(escape_controls(line) for line in [*dead[:_SHOWN], *more])
        raise K20Error(
            f"{len(dead)} dead links in the site; nothing was written\n{lines}",
            remedy="tell the maintainers, or mend the data that name what is not there",
        )


def _fault(address: str, made: Made, root: str) -> str:
    """Return what is wrong with a link, or nothing."""
    parts = urlsplit(address)
    if address.startswith(BASE):
        path = unquote(parts.path).removeprefix(urlsplit(BASE).path)
        there = {path, f"{path}.html", f"doc/{path}.html", f"{path}index.html"}
        known = any(one in made.sizes or one in made.left_out for one in there)
        return "" if known or not path else "there is no such document"
    if parts.scheme or parts.netloc:
        return "" if parts.scheme in ("http", "https", "mailto", "data") else "it is no web address"
    target = local(address, root)
    if not target:
        return "it leads out of the site"
    if target in made.missing:
        return "there is no such file"
    path = file_of(target)
    if parts.fragment and path in made.ids and unquote(parts.fragment) not in made.ids[path]:
        return "there is no such place in it"
    return ""
