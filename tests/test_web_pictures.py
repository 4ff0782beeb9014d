"""The pictures of pages as files of their own."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from web_client import HTML, Client

PAGES = [
    "/doc/case/lamsig",
    "/literature",
    "/ontology",
    "/query/how-do-benefits-flow-between-groups",
]


@pytest.mark.parametrize("path", PAGES)
def test_each_picture_comes_as_a_file_that_needs_no_style_sheet(client: Client, path: str) -> None:
    page = client.get(path, headers=HTML).text
    drawn = set(re.findall(r'class="chart (?:[\w-]+ )?([\w-]+)"', page))
    found = dict(re.findall(r'href="(/picture/[^"]*?/([\w-]+)\.svg[^"]*)"', page))
    offered = {name: address for address, name in found.items()}
    assert {name for name in drawn if not name.startswith("tree-")} == set(offered)
    for name, address in offered.items():
        picture = client.get(address)
        assert picture.headers["content-type"] == "image/svg+xml"
        assert f'filename="{name}.svg"' in picture.headers["content-disposition"]
        root = ElementTree.fromstring(picture.text)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "var(" not in picture.text
        assert ".chart text" in picture.text
        tag = {"if-none-match": picture.headers["etag"]}
        assert client.get(address, headers=tag).status_code == 304


def test_what_is_no_picture_is_not_found(client: Client) -> None:
    for path in ("doc/case/lamsig/nothing", "nowhere/flows", "literature/.*", "picture/x/y"):
        assert client.get(f"/picture/{path}.svg").status_code == 404, path


def test_triples_without_links_are_not_drawn(client: Client) -> None:
    for value, drawn in (("a ?o", True), ("rdfs:label ?o", False)):
        query = f"CONSTRUCT {{ ?s {value} }} WHERE {{ ?s {value} }} LIMIT 3"
        page = client.get(f"/sparql?{urlencode({'query': query})}", headers=HTML)
        assert page.status_code == 200
        assert ('class="chart links"' in page.text) is drawn


def test_the_headline_says_from_when_to_when(client: Client) -> None:
    page = client.get("/doc/case/lamsig", headers=HTML).text
    assert re.search(r"K-20 partnership, as of 2006–07</span>", page)


def test_names_of_people_and_tasks_are_whole(client: Client) -> None:
    page = client.get("/doc/case/lamsig", headers=HTML).text
    network = page[page.index('class="chart network"') :].partition("</svg>")[0]
    assert "…" not in re.sub(r"<(title|desc).*?</\1>", "", network)
