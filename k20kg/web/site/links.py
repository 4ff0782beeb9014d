"""The links of a static site: where each of them leads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Final
from urllib.parse import unquote, urlsplit

from k20kg.errors import K20Error
from k20kg.rdf.text import neutralise
from k20kg.vocabulary import BASE
from k20kg.web.site.paths import file_of

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
        lines = "\n".join(neutralise(line) for line in [*dead[:_SHOWN], *more])
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
