"""Pages on cases and definitions: well formed, linked, and the same whenever they are made."""

from __future__ import annotations

import doctest
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

pytest.importorskip("jinja2")

from in_process import again
from page_checks import INDEX, Page, every_page

from k20kg.sparql.named_queries import find_query
from k20kg.vocabulary import BASE, K20, KS
from k20kg.web import dataset as datasets
from k20kg.web import pages
from k20kg.web.dataset import Dataset
from k20kg.web.linkeddata import describe
from k20kg.web.pages import Links, Site, answers, case, cases, front, names, wording
from k20kg.web.site.paths import addresses

LAMSIG = BASE + "case/lamsig"
DOCUMENTS = {
    "", "cases", "judge", "literature", "ontology", "shapes", "queries", "sparql", "about", "void",
    "dump/",
}  # fmt: skip


# ---------------------------------------------------------------- every page


def test_there_is_a_page_for_every_case_definition_and_view(rendered: dict[str, str]) -> None:
    assert len(rendered) > 40
    assert LAMSIG in rendered
    assert sum(name.startswith(BASE) for name in rendered) >= 27


def test_pages_are_well_formed(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        page = Page(text)
        assert text.startswith('<!doctype html>\n<html lang="en">'), name
        doubled = {i for i in page.ids if page.ids.count(i) > 1}
        assert not doubled, (name, doubled)
        assert "{{" not in re.sub(r"(?s)<pre.*?</pre>", "", text), name


def test_pages_can_be_found_one_s_way_in(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        page = Page(text)
        assert len(page.of("h1")) == len(page.of("main")) == 1, name
        assert page.of("main")[0]["id"] == "main", name
        assert ("a", {"class": "skip", "href": "#main"}) in page.elements, name
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
        # The foot begins anew; what stands before it goes down one step at a time.
        steps = [(a, b) for a, b in pairwise(levels) if b > a + 1]
        assert not steps, (name, steps)
        assert len(page.of("caption")) == len(page.of("table")), name
        for attrs in page.of("svg"):
            assert (
                attrs.get("aria-hidden") == "true" or attrs.get("role") == "img" or ("x" in attrs)
            ), (name, attrs)
        for _, attrs in page.elements:
            for reference in ("aria-labelledby", "aria-describedby"):
                for target in attrs.get(reference, "").split():
                    assert target in page.ids, (name, target)


def test_pages_obey_their_security_policy(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        for tag, attrs in Page(text).elements:
            assert "style" not in attrs, (name, tag)
            assert not [a for a in attrs if a.startswith("on")], (name, tag)
            assert tag not in {"style", "iframe", "object", "embed", "base", "img"}, (name, tag)
            if tag == "script":
                assert attrs.get("type") == "application/ld+json", name
            if tag == "link" and attrs["rel"] == "stylesheet":
                assert attrs["href"].startswith("/static/"), (name, attrs)
            if tag == "use":
                assert attrs["href"].startswith("#"), (name, attrs)
            assert attrs.get("action", "/search") in ("/search", "/cases#mx"), (name, tag)
            for place in ("src", "srcset", "formaction", "poster", "data"):
                assert place not in attrs, (name, tag)


def test_every_link_leads_somewhere(rendered: dict[str, str], dataset: Dataset) -> None:
    ids = {name: set(Page(text).ids) for name, text in rendered.items()}
    seen = 0
    known: dict[str, bool] = {}
    for name, text in rendered.items():
        for tag, attrs in Page(text).elements:
            href = attrs.get("href", "")
            if tag not in {"a", "link"} or not href:
                continue
            seen += 1
            if href.startswith("#"):
                assert href[1:] in ids[name], (name, href)
            elif href.startswith("/"):
                if href not in known:
                    known[href] = leads_somewhere(href, dataset)
                assert known[href], (name, href)
            else:
                assert href.startswith("https://"), (name, href)
    assert seen > 3000


def leads_somewhere(href: str, dataset: Dataset) -> bool:
    parts = urlsplit(href)
    path = unquote(parts.path).removeprefix("/")
    given = dict(parse_qsl(parts.query))
    if path == "cases":
        wanted = {key: value for key, value in given.items() if value}
        return not wanted or wanted in cases.variants(dataset)
    if path.startswith("picture/"):
        return leads_somewhere(f"/{path[8:].removeprefix('doc/').rpartition('/')[0]}", dataset)
    if path.startswith("shapes/"):
        return path.count("/") == 2
    for folder, space in (("term/", K20), ("shape/", KS)):
        if path.startswith(folder):
            return describe.exists(dataset, space + path.removeprefix(folder))
    if path in DOCUMENTS:
        target = BASE + path + (f"#{parts.fragment}" if parts.fragment else "")
        return not parts.fragment or path == "cases" or describe.exists(dataset, target)
    if INDEX.fullmatch(path):
        return True
    if path.startswith("static/"):
        return (Path(pages.__file__).parent.parent / path).is_file()
    if path.startswith("query/"):
        name = path.removeprefix("query/").removesuffix(".csv")
        return bool(find_query(name).bound(given))
    iri = BASE + path
    found = re.fullmatch(r"(?:doc/)?(.+)\.(ttl|nt|jsonld|rdf|trig|nq)", path)
    if found and not describe.exists(dataset, iri):
        return describe.exists(dataset, BASE + found[1])
    if parts.fragment and path.startswith("definition/"):
        meant = next(d for d in cases.definitions_of() if d.iri == iri)
        anchors = {"steps", "crits", "readings", "rule", "aside", "rivals", "reuse"}
        return parts.fragment in anchors | {c.id for c in meant.criteria}
    return describe.exists(dataset, iri)


def test_a_page_is_the_same_whenever_it_is_made(rendered: dict[str, str]) -> None:
    case.model.cache_clear()
    assert dict(every_page(Site(again()))) == rendered


def test_a_static_site_links_to_files_below_its_root(dataset: Dataset) -> None:
    site = Site(dataset, Links("/k20kg", static_site=True), live=False)
    for name, text in every_page(site):
        for tag, attrs in Page(text).elements:
            href = attrs.get("href", "")
            if tag in {"a", "link"} and href.startswith("/"):
                path = urlsplit(href).path
                assert path.startswith("/k20kg/"), (name, href)
                assert path.endswith("/") or "." in path.rsplit("/", 1)[-1], (name, href)
                assert "/judge" not in path, name
                assert "/sparql" not in path, name


def test_no_case_criterion_or_figure_stands_in_code_or_templates(dataset: Dataset) -> None:
    folder = Path(pages.__file__).parent.parent
    mine = [
        folder / "templates" / f"{n}.html"
        for n in ("base", "home", "definition", "cases", "case", "findings", "about", "figures")
    ]
    mine += Path(pages.__file__).parent.glob("*.py")
    assert len(mine) > 15
    names = {c.id for d in cases.definitions_of() for c in d.criteria if "-" in c.id}
    names |= {c.label for d in cases.definitions_of() for c in d.criteria}
    names |= {iri.rsplit("/", 1)[-1] for iri in dataset.judged} - {"lamsig"}
    for path in mine:
        text = re.sub(r'(?s)""".*?"""', "", path.read_text(encoding="utf-8"))
        for name in (*names, "lamsig", "Clifford", "Millar", "SCALE"):
            assert name not in text, (path.name, name)


def test_the_examples_in_the_docs_hold() -> None:
    for module in (pages, answers, case, names, wording, datasets):
        assert not doctest.testmod(module).failed


def test_a_copy_in_fewer_formats_names_no_others(dataset: Dataset) -> None:
    site = Site(dataset, Links(static_site=True), live=False, formats=frozenset({"jsonld"}))
    kinds = {Path(address).suffix for address in addresses(site)}
    assert {".html", ".ttl", ".jsonld"} <= kinds
    assert not kinds & {".nt", ".rdf", ".trig", ".nq"}
    for text in (case.page(site, f"{BASE}case/lamsig"), cases.page(site), front.about(site)):
        assert not re.search(r'href="[^"]*\.(?:nt|rdf|trig|nq)"', text)
        assert "A copy in files" in text
