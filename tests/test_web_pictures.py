"""The pictures of pages as files of their own."""

from __future__ import annotations

import re
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from web_client import HTML, Client

from k20kg.web.http.png import painter, picture_forms

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


def test_a_picture_as_png_has_its_words_and_the_size_it_says(client: Client) -> None:
    page = client.get("/doc/case/lamsig", headers=HTML).text
    if not picture_forms()[1:]:
        assert ".png" not in page
        pytest.skip("resvg or the font DejaVu is not installed")
    (address,) = re.findall(r'href="(/picture/[^"]*/network\.png)"', page)
    answer = client.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert 'filename="network.png"' in answer.headers["content-disposition"]
    assert answer.content[:8] == b"\x89PNG\r\n\x1a\n"
    drawn = client.get(address.replace(".png", ".svg")).text
    without = re.sub("(<text.*?>).*?(</text>)", r"\1\2", drawn, flags=re.DOTALL)
    draw = painter()
    assert draw
    assert len(draw(without)) < len(answer.content) / 2
    width = re.search(r'viewBox="0 0 (\d+)', drawn)
    assert width
    assert int.from_bytes(answer.content[16:20], "big") == 2 * int(width[1])


def test_what_is_no_picture_is_not_found(client: Client) -> None:
    for path in ("doc/case/lamsig/nothing", "nowhere/flows", "literature/.*", "picture/x/y"):
        for form in ("svg", "png", "gif"):
            assert client.get(f"/picture/{path}.{form}").status_code == 404, path
    assert client.get("/picture/doc/case/lamsig/flows.gif").status_code == 404


def test_triples_without_links_are_not_drawn(client: Client) -> None:
    for value, drawn in (("a ?o", True), ("rdfs:label ?o", False)):
        query = f"CONSTRUCT {{ ?s {value} }} WHERE {{ ?s {value} }} LIMIT 3"
        page = client.get(f"/sparql?{urlencode({'query': query})}", headers=HTML)
        assert page.status_code == 200
        assert ('class="chart links"' in page.text) is drawn


@pytest.mark.parametrize("path", ["/", "/doc/case/lamsig"])
def test_the_headline_says_from_when_to_when(path: str, client: Client) -> None:
    page = client.get(path, headers=HTML).text
    assert re.search(r"K-20 partnership, as of 2006–07</span>", page)


def test_names_of_people_and_tasks_are_whole(client: Client) -> None:
    page = client.get("/doc/case/lamsig", headers=HTML).text
    network = page[page.index('class="chart network"') :].partition("</svg>")[0]
    assert "…" not in re.sub(r"<(title|desc).*?</\1>", "", network)
