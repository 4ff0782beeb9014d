"""Checks of every page: it is well formed, inert, and every link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import parse_qs, unquote, urlsplit

from k20kg.sparql.named_queries import find_query
from k20kg.vocabulary import BASE, K20, KS
from k20kg.web.linkeddata import describe
from k20kg.web.pages import Site, case, cases, definition, front, ontology

__all__ = ["HOSTILE", "INDEX", "Inspected", "Page", "check", "every_page"]

HOSTILE = "<script>alert(1)</script>\"'&\u202e\x1b[31m"
INDEX = re.compile(r"(?:cases|literature|queries)\.(?:csv|xlsx|ttl|nt|jsonld|rdf|trig|nq)")
"""Paths of the index pages' data."""
START = re.compile(r"judge/(?:form|starter\.xlsx|case/[\w-]+\.(?:xlsx|ttl))")
"""Paths of what a record may be begun with."""
_VOID = {"br", "col", "hr", "img", "input", "link", "meta", "wbr"}
_PATHS = {
    *("", "cases", "judge", "literature", "ontology", "shapes", "queries", "sparql", "about"),
    *("dump/", "definition"),
}


class Page(HTMLParser):
    """Elements of a page; raises on a tag that is not closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.inside: dict[int, list[str]] = {}
        self.ids: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if "id" in found:
            self.ids.append(found["id"])
        if self.open and self.open[-1] == "p":
            assert tag not in {"p", "ul", "ol", "dl", "table", "div", "section", "h2", "h3"}, tag
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open[-1] == tag, (self.open, tag, self.getpos())
        self.open.pop()

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.elements if name == tag]


class Inspected(HTMLParser):
    """Parts of a page that could do harm or lead astray."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.inline: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[str] = []
        self.headings: list[int] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._open = tag
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "label" and "for" in given:
            self.labels.add(given["for"])
        out_of_sight = "hidden" in given or given.get("type") == "hidden"
        if tag in ("input", "select", "textarea") and not out_of_sight:
            self.fields.append(given.get("id", ""))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name in ("src", "srcset", "poster", "data"):
            if name in given and not name.startswith("data-"):
                self.loaded.append(given[name])
        if tag == "link" and given.get("rel") == "stylesheet":
            self.loaded.append(given["href"])
        if tag == "script" and "src" not in given and given.get("type") != "application/ld+json":
            self.inline.append(tag)
        if tag == "style" or "style" in given:
            self.inline.append(tag)
        self.handlers += [name for name in given if name.startswith("on")]


def check(text: str, site: Site) -> Inspected:
    """Return a page after the checks that hold for all."""
    page = Inspected(text)
    assert text.startswith("<!doctype html>")
    assert not page.inline
    assert not page.handlers
    assert all(one.startswith(f"{site.links.root}/static/") for one in page.loaded), page.loaded
    assert len(page.ids) == len(set(page.ids)), sorted(
        one for one in set(page.ids) if page.ids.count(one) > 1
    )
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(page.headings))
    assert set(page.fields) <= page.labels, set(page.fields) - page.labels
    assert "\x1b" not in text
    assert "\u202e" not in text
    for link in page.links:
        check_link(link, page, site)
    return page


def check_link(link: str, page: Inspected, site: Site) -> None:
    """Fail for a link to an address that we do not have."""
    parts = urlsplit(link)
    if parts.scheme:
        assert parts.scheme in ("http", "https"), link
        return
    path = unquote(parts.path)
    if not path:
        assert unquote(parts.fragment) in page.ids, link
        return
    assert path.startswith(f"{site.links.root}/"), link
    path = path.removeprefix(f"{site.links.root}/")
    if path in _PATHS or path.startswith("static/"):
        if parts.fragment and path in ("ontology", "shapes"):
            assert describe.exists(site.dataset, f"{BASE}{path}#{unquote(parts.fragment)}"), link
        return
    if INDEX.fullmatch(path) or START.fullmatch(path):
        return
    if path.startswith("picture/"):
        check_link(f"{site.links.root}/{path[8:].rpartition('/')[0]}", page, site)
        return
    if path.startswith("shapes/"):
        definition, criterion = path.split("/")[1:]
        assert ontology.shapes_of(site, definition, criterion), link
        return
    for folder, space in (("term/", K20), ("shape/", KS)):
        if path.startswith(folder):
            assert describe.exists(site.dataset, space + path.removeprefix(folder)), link
            return
    if path.startswith("query/"):
        name = path.removeprefix("query/").partition(".")[0]
        given = {k: v[0] for k, v in parse_qs(parts.query).items() if k not in ("format", "page")}
        find_query(name).bound(given)
        return
    bare = re.sub(r"\.(html|ttl|nt|jsonld|rdf|trig|nq)$", "", path.removeprefix("doc/"))
    found = (bare, path.removeprefix("doc/"))
    assert any(describe.exists(site.dataset, BASE + one) for one in found), link


def every_page(site: Site) -> Iterator[tuple[str, str]]:
    """Yield front page, about, definitions, matrices and cases, by name and text."""
    yield "home", front.home(site)
    yield "about", front.about(site)
    for found in cases.definitions_of():
        yield found.id, definition.page(site, found.iri)
    for given in cases.variants(site.dataset):
        yield f"cases {given}", cases.page(site, given)
    for iri in site.dataset.judged:
        yield iri, case.page(site, iri)
