"""Search on the site: without script, by kind, in every format, at an address to cite."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyoxigraph as ox
import pytest
from in_process import fetch
from web_client import HTML, Client

from k20kg.vocabulary import BASE, DCTERMS
from k20kg.web.app import create_app
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.pages import Links, Site, front

TRUST = f"{BASE}construct/trust"


def page(client: Client, address: str) -> str:
    found = client.get(address, headers=HTML)
    assert found.status_code == 200
    assert found.headers["content-type"].startswith("text/html")
    assert "content-security-policy" in found.headers
    return found.text


@pytest.mark.parametrize("path", ["/", "/cases", "/doc/case/lamsig.html", "/search", "/nowhere"])
def test_every_page_has_the_box(client: Client, path: str) -> None:
    text = client.get(path, headers=HTML).text
    assert '<form class="find" action="/search" role="search">' in text
    assert '<label class="hidden" for="find">' in text


def test_hits_stand_by_kind_with_snippets_and_an_address_to_cite(client: Client) -> None:
    text = page(client, "/search?q=trust+among+leaders")
    assert text.index(">Works <") < text.index(">Terms <") < text.index(">Things <") or (
        text.index(">Terms <") < text.index(">Things <")
    )
    assert '<a href="/construct/trust">trust</a>' in text
    assert "<mark>Trust</mark> <mark>among</mark> <mark>leaders</mark>" in text
    assert f"{BASE}search?q=trust+among+leaders" in text
    assert 'value="trust among leaders"' in text


def test_the_best_hits_come_before_the_kinds(client: Client) -> None:
    for asked, best in (
        ("What+does+the+paper+say+about+trust%3F", "/construct/trust"),
        ("is+LAMSIG+a+partnership", "/case/lamsig"),
        ("which+cases+fail+2c", "/query/which-cases-fail-a-criterion-as-computed"),
        ("definition+of+partnership+by+Catelli", "/definition/catelli-2000"),
    ):
        found = page(client, f"/search?q={asked}").partition('">Best</h2>')[2]
        assert found.index(f'<li><a href="{best}">') == found.index("<li>"), asked
    assert ">Best<" not in page(client, "/search?q=trust&kind=term")


def test_a_kind_comes_in_pages(client: Client) -> None:
    text = page(client, "/search?q=partnership")
    assert 'href="/search?q=partnership&amp;kind=thing"' in text
    first = page(client, "/search?q=partnership&kind=thing")
    second = page(client, "/search?q=partnership&kind=thing&page=2")
    assert first.count("<li>") - 12 > 30
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert first != second
    assert page(client, "/search?q=partnership&kind=thing&page=x").count('rel="next"') == 1


def test_nothing_found_names_words_that_are_there(client: Client) -> None:
    text = page(client, "/search?q=trst")
    assert "“trst”: nothing found" in text
    assert 'href="/search?q=trust"' in text


def test_programs_get_json_csv_and_rdf(client: Client) -> None:
    for asked in ({"accept": "application/json"}, HTML):
        rows = client.get("/search?q=trust&format=json", headers=asked).json()
        assert rows[0]["address"] == TRUST
    table = client.get("/search?q=trust", headers={"accept": "text/csv"})
    heads, *lines = csv.reader(io.StringIO(table.text, newline=""))
    assert heads == ["kind", "label", "snippet", "address"]
    assert [line[-1] for line in lines] == [row["address"] for row in rows]
    assert table.headers["content-location"] == "/search.csv?q=trust"
    turtle = client.get("/search.ttl?q=trust")
    parts = {
        q.object.value
        for q in ox.parse(turtle.content, ox.RdfFormat.TURTLE)
        if q.predicate.value == DCTERMS + "hasPart" and isinstance(q.object, ox.NamedNode)
    }
    assert parts == {line[-1] for line in lines}
    tag = {"if-none-match": turtle.headers["etag"]}
    assert client.get("/search.ttl?q=trust", headers=tag).status_code == 304


@pytest.mark.parametrize(
    "words", ["%22", "<script>alert(1)</script>", "a" * 3000, "%00", "%E2%80%AE", ""]
)
def test_whatever_is_asked_is_answered_and_harmless(client: Client, words: str) -> None:
    text = page(client, f"/search?q={words}")
    assert "<script>alert" not in text


def test_own_data_are_found_too(tmp_path: Path) -> None:
    own = f'<{BASE}case/own> <http://www.w3.org/2000/01/rdf-schema#label> "Zebra <b>group</b>" .'
    (tmp_path / "own.nt").write_text(own, encoding="utf-8")
    app = create_app(open_dataset([tmp_path / "own.nt"]))
    found = fetch("/search?q=zebras", "text/html", served=app)
    assert b'<a href="/case/own">Zebra &lt;b&gt;group&lt;/b&gt;</a>' in found.body
    assert TRUST.encode() in fetch("/search?q=trust", "text/csv", served=app).body


def test_a_static_copy_says_that_search_needs_the_server(dataset: Dataset) -> None:
    text = front.home(Site(dataset, Links(static_site=True), live=False))
    assert "/search" not in text
    assert "Search, console and judging need the server" in text
