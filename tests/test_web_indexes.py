"""The index pages of cases, literature and questions: RDF and CSV beside the page."""

from __future__ import annotations

import csv
import io

import pyoxigraph as ox
import pytest
from web_client import HTML as BROWSER
from web_client import Client

from k20kg.sparql.named_queries import list_queries
from k20kg.vocabulary import BASE, DCTERMS, K20
from k20kg.web.http.formats import CSV, FORMATS, HTML, INDEX_FORMATS, OFFERS, Format, format_of
from k20kg.web.indexes import INDEXES

PATHS = [index.path for index in INDEXES]
LISTS = ox.NamedNode(DCTERMS + "hasPart")


@pytest.mark.parametrize("form", INDEX_FORMATS, ids=lambda form: form.key)
@pytest.mark.parametrize("path", PATHS)
def test_an_index_comes_in_every_format_by_each_way(
    client: Client, path: str, form: Format
) -> None:
    by_header = client.get(f"/{path}", headers={"accept": form.media_type})
    assert by_header.status_code == 200
    assert by_header.headers["content-type"].partition(";")[0] == form.media_type
    assert by_header.headers["content-location"] == f"/{path}.{form.suffix}"
    assert "Accept" in by_header.headers["vary"].split(", ")
    for address in (f"/{path}.{form.suffix}", f"/{path}?format={form.key}"):
        assert client.get(address, headers=BROWSER).content == by_header.content
    tag = {"if-none-match": by_header.headers["etag"]}
    assert client.get(f"/{path}.{form.suffix}", headers=tag).status_code == 304
    if form is CSV:
        head, *rows = csv.reader(io.StringIO(by_header.text, newline=""))
        assert rows
        assert all(len(row) == len(head) for row in rows)
        return
    found = list(ox.parse(by_header.content, ox.RdfFormat.from_media_type(form.media_type)))
    listed = {q.object for q in found if q.predicate == LISTS and q.subject.value == BASE + path}
    described = {quad.subject for quad in found}
    assert listed
    assert listed <= described


@pytest.mark.parametrize("path", PATHS)
def test_people_get_the_page_and_are_told_of_the_others(client: Client, path: str) -> None:
    plain = client.get(f"/{path}")
    page = client.get(f"/{path}", headers=BROWSER)
    assert plain.content == page.content == client.get(f"/{path}.html").content
    assert page.headers["content-type"].startswith("text/html")
    for form in INDEX_FORMATS:
        address = f"/{path}.{form.suffix}"
        assert f'<{address}>; rel="alternate"; type="{form.media_type}"' in page.headers["link"]
        assert f'<link rel="alternate" type="{form.media_type}" href="{address}">' in page.text
    head = client.head(f"/{path}", headers={"accept": "text/csv"})
    assert head.headers["content-type"].startswith("text/csv")
    assert head.content == b""
    for alias in OFFERS:
        answer = client.get(f"/{path}", headers={"accept": alias.media_type})
        known = format_of(alias.key)
        assert known is not None
        assert answer.headers["content-type"].partition(";")[0] == known.media_type


@pytest.mark.parametrize("path", PATHS)
def test_what_an_index_is_not_is_told(client: Client, path: str) -> None:
    assert client.get(f"/{path}", headers={"accept": "image/png"}).status_code == 406
    missing = client.get(f"/{path}.xlsx")
    assert missing.status_code == 404
    assert "text/csv" in missing.json()["detail"]
    assert client.get(f"/{path}?format=xlsx").status_code == 404
    unknown = client.get(f"/{path}?format=xlsx", headers={"accept": "text/csv"})
    assert unknown.headers["content-type"].startswith("text/csv")
    assert client.post(f"/{path}").status_code == 405


def test_the_cases_have_their_verdicts(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/cases.csv").text, newline="")))
    lamsig = [row for row in rows if row["case"] == f"{BASE}case/lamsig"]
    assert {(row["reading"], row["verdict"]) for row in lamsig} == {
        ("as-applied", "met"),
        ("literal", "not established"),
    }
    assert {row["kind"] for row in rows} == {"real", "made up"}
    literal = client.get("/cases.csv?reading=literal")
    assert {row["reading"] for row in csv.DictReader(io.StringIO(literal.text))} == {"literal"}
    assert literal.headers["content-location"] == "/cases.csv?reading=literal"
    assert client.get("/cases.csv?reading=none").status_code == 400
    assert client.get("/cases.csv?definition=none").status_code == 400
    store = ox.Store()
    store.load(client.get("/cases.ttl").content, ox.RdfFormat.TURTLE)
    assert store.query(
        f"PREFIX k20: <{K20}> PREFIX prov: <http://www.w3.org/ns/prov#> "
        f"ASK {{ <{BASE}cases> <{DCTERMS}hasPart> <{BASE}case/lamsig> . "
        f"?a a k20:Assessment ; prov:wasDerivedFrom <{BASE}case/lamsig> ; "
        f"k20:onReading <{BASE}reading/as-applied> ; k20:verdict k20:IsK20Partnership }}"
    )


def test_the_questions_are_all_there_and_can_be_run(client: Client) -> None:
    names = {query.name for query in list_queries()}
    rows = list(csv.DictReader(io.StringIO(client.get("/queries.csv").text, newline="")))
    assert {row["name"] for row in rows} == names
    store = ox.Store()
    store.load(client.get("/queries.nt").content, ox.RdfFormat.N_TRIPLES)
    found = store.query("SELECT ?q ?t { ?q <http://www.w3.org/ns/shacl#select> ?t }")
    assert isinstance(found, ox.QuerySolutions)
    texts = {row["q"].value.rpartition("/")[2]: row["t"].value for row in found}
    assert texts["how-is-work-distributed"] == client.get("/query/how-is-work-distributed.rq").text


def test_each_format_has_its_name() -> None:
    assert {form.key for form in INDEX_FORMATS} == {"csv", *(form.key for form in FORMATS)}
    assert HTML not in INDEX_FORMATS
