"""The index pages of cases, literature and questions: RDF and CSV beside the page."""

from __future__ import annotations

import csv
import io
import re

import openpyxl
import pyoxigraph as ox
import pytest
from web_client import HTML as BROWSER
from web_client import Client

from k20kg.definition.shipped import shipped_definitions
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
    missing = client.get(f"/{path}.docx")
    assert missing.status_code == 404
    assert "text/csv" in missing.json()["detail"]
    assert client.get(f"/{path}?format=docx").status_code == 404
    unknown = client.get(f"/{path}?format=docx", headers={"accept": "text/csv"})
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


# ---------------------------------------------------------------- what an address chooses


def _rows(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text, newline="")))


def _cells(client: Client, address: str) -> list[list[str]]:
    found = client.get(address)
    assert found.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(found.content))
    return [["" if v is None else str(v) for v in row] for row in book.active.values]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "address",
    [
        "cases?criterion=2c&verdict=not-met",
        "cases?kind=real&sort=verdict",
        "literature?field=business&sort=year",
        "literature?page=2",
    ],
)
def test_csv_and_workbook_are_of_what_the_page_shows(client: Client, address: str) -> None:
    path, _, query = address.partition("?")
    page = client.get(f"/{address}", headers=BROWSER)
    assert page.status_code == 200
    head, *rows = csv.reader(io.StringIO(client.get(f"/{path}.csv?{query}").text, newline=""))
    assert rows
    assert _cells(client, f"/{path}.xlsx?{query}") == [head, *rows]
    assert (
        client.get(f"/{path}.xlsx?{query}").content == client.get(f"/{path}.xlsx?{query}").content
    )
    for row in rows:
        assert f'href="{row[0].removeprefix(BASE[:-1])}"' in page.text
    every = {row["case" if path == "cases" else "work"] for row in _rows(client, f"/{path}.csv")}
    left_out = every - {row[0] for row in rows}
    table = page.text[page.text.index("<table") :]
    assert left_out
    assert not [one for one in left_out if f'href="{one.removeprefix(BASE[:-1])}"' in table]


def test_cases_are_chosen_by_criterion_verdict_and_kind(client: Client) -> None:
    by_code = _rows(client, "/cases.csv?criterion=2c&verdict=not-met")
    assert by_code == _rows(client, "/cases.csv?criterion=formal-agreement&verdict=not-met")
    assert {row["2c"] for row in by_code} == {"not met"}
    assert "2d" not in by_code[0]
    every = _rows(client, "/cases.csv")
    expected = {row["case"] for row in every if row["2c"] == "not met"}
    assert {row["case"] for row in by_code} == expected
    real = _rows(client, "/cases.csv?kind=real")
    assert {row["case"] for row in real} == {r["case"] for r in every if r["kind"] == "real"}


def test_works_are_chosen_by_year_field_pattern_and_stance(client: Client) -> None:
    every = _rows(client, "/literature.csv")
    assert len(every) == 104
    for name, value, heading in (
        ("year", "2001", "year"),
        ("field", "healthcare", "field"),
        ("pattern", "4", "pattern"),
        ("stance", "critiques", "stance"),
        ("listed", "no", "listed"),
    ):
        found = _rows(client, f"/literature.csv?{name}={value}")
        assert found
        kept = [row for row in every if value in row[heading].split(", ")]
        assert [row["work"] for row in found] == [row["work"] for row in kept]
    years = [row["year"] for row in _rows(client, "/literature.csv?sort=year")]
    assert years == sorted(years)


@pytest.mark.parametrize(
    "address", ["cases?verdict=x", "cases?page=9", "literature?year=3000", "literature?page=0"]
)
def test_a_value_that_there_is_none_of_is_told_on_the_page(client: Client, address: str) -> None:
    page = client.get(f"/{address}", headers=BROWSER)
    assert page.status_code == 400
    assert "There is no" in page.text
    assert '<form class="form" method="get"' in page.text
    told = client.get(f"/{address}", headers={"accept": "text/csv, application/json"})
    assert told.status_code == 400
    assert told.json()["detail"]


def test_a_made_up_case_is_said_to_be_by_every_definition(client: Client) -> None:
    plain = client.get("/cases", headers=BROWSER).text
    real = re.search("[0-9a-z]+ real cases? and [0-9a-z]+ made up", plain)
    assert real
    for definition in shipped_definitions():
        text = client.get(f"/cases?definition={definition}", headers=BROWSER).text
        assert real[0] in text, definition
        rows = client.get(f"/cases.csv?definition={definition}&kind=real").text.splitlines()
        assert len(rows) > 1
        assert not [row for row in rows if "(made up)" in row], definition
