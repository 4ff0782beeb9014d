"""The SPARQL endpoint gives rows and graphs in every format, its description, and pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import closing

import pyoxigraph as ox
import pytest
from endpoint import GRAPHS, ROWS, Endpoint, suite_endpoint, uri, whole_endpoint

from k20kg.vocabulary import BASE


@pytest.fixture(scope="module")
def suite() -> Iterator[Endpoint]:
    with closing(suite_endpoint()) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def site() -> Iterator[Endpoint]:
    with closing(whole_endpoint()) as endpoint:
        yield endpoint


# ---------------------------------------------------------------- formats


SELECT = 'SELECT ?s ("a,\\"b\\"\\n<c>\\t&" AS ?t) WHERE { ?s a ?o } ORDER BY ?s'
CONSTRUCT = 'CONSTRUCT { ?s <urn:p> "a,\\"b\\"\\n<c>\\t&"@en } WHERE { ?s a ?o }'


@pytest.mark.parametrize("key", ROWS)
@pytest.mark.parametrize("how", ["accept", "key", "media type"])
def test_rows_come_in_every_format(suite: Endpoint, key: str, how: str) -> None:
    kind = ROWS[key]
    answer = (
        suite.query(SELECT, accept=f"text/turtle, {kind};q=0.5")
        if how == "accept"
        else suite.query(SELECT, accept="image/png", format=key if how == "key" else kind)
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert "Accept" in answer.headers["vary"].split(", ")
    if key == "csv":
        rows = list(csv.reader(io.StringIO(answer.text, newline="")))
        assert rows[1:] == [[uri(n), 'a,"b"\n<c>\t&'] for n in (1, 2, 3)]
        return
    found = ox.parse_query_results(answer.content, ox.QueryResultsFormat.from_media_type(kind))
    assert [(row["s"].value, row["t"].value) for row in found] == [
        (uri(n), 'a,"b"\n<c>\t&') for n in (1, 2, 3)
    ]


@pytest.mark.parametrize("key", GRAPHS)
@pytest.mark.parametrize("how", ["accept", "key", "media type"])
def test_graphs_come_in_every_format(suite: Endpoint, key: str, how: str) -> None:
    kind = GRAPHS[key]
    answer = (
        suite.query(CONSTRUCT, accept=f"text/csv, {kind};q=0.5")
        if how == "accept"
        else suite.query(CONSTRUCT, accept="image/png", format=key if how == "key" else kind)
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    found = list(ox.parse(answer.content, ox.RdfFormat.from_media_type(kind)))
    value = ox.Literal('a,"b"\n<c>\t&', language="en")
    assert {(q.subject.value, q.object) for q in found} == {(uri(n), value) for n in (1, 2, 3)}


@pytest.mark.parametrize(
    ("accept", "rows", "graph"),
    [
        ("*/*", ROWS["json"], GRAPHS["ttl"]),
        ("application/json", "application/json", "application/json"),
        ("application/xml;q=0.9, text/*;q=0.1", "application/xml", "application/xml"),
        ("text/*", ROWS["csv"], GRAPHS["ttl"]),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "text/html",
            "text/html",
        ),
        ("text/csv;q=0.1, application/n-triples;q=0.1", ROWS["csv"], GRAPHS["nt"]),
        ("*/*, application/sparql-results+json;q=0, text/turtle;q=0", ROWS["xml"], GRAPHS["nt"]),
    ],
)
def test_the_accept_header_decides(site: Endpoint, accept: str, rows: str, graph: str) -> None:
    for text, kind in (
        ("SELECT (1 AS ?one) {}", rows),
        ("CONSTRUCT WHERE { ?s ?p ?o } LIMIT 1", graph),
    ):
        answer = site.query(text, accept)
        assert answer.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize(
    ("text", "accept"),
    [
        ("ASK {}", "image/png"),
        ("ASK {}", "text/turtle"),
        ("DESCRIBE <urn:x>", "text/csv"),
        ("ASK {}", "*/*;q=0"),
    ],
)
def test_what_cannot_be_had_is_406_with_a_list(suite: Endpoint, text: str, accept: str) -> None:
    answer = suite.query(text, accept)
    assert answer.status_code == 406
    graph = text.startswith("DESCRIBE")
    assert (GRAPHS["ttl"] if graph else ROWS["csv"]) in answer.json()["detail"]


def test_a_format_that_is_none_is_told(suite: Endpoint) -> None:
    answer = suite.query("ASK {}", format="excel")
    assert answer.status_code == 400
    assert "csv" in answer.json()["detail"]
    assert suite.query("ASK {}", format="ttl").status_code == 406


# ---------------------------------------------------------------- description and console


@pytest.mark.parametrize("key", GRAPHS)
def test_without_a_query_programs_get_the_service_description(site: Endpoint, key: str) -> None:
    answer = site.get("/sparql", headers={"accept": GRAPHS[key]})
    assert answer.status_code == 200
    found = ox.Store()
    found.load(answer.content, ox.RdfFormat.from_media_type(GRAPHS[key]))
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert found.query(
        f"PREFIX sd: <{sd}> ASK {{ ?s a sd:Service ; sd:endpoint <{BASE}sparql> ; "
        f"sd:supportedLanguage sd:SPARQL11Query ; sd:feature sd:UnionDefaultGraph ; "
        f"sd:defaultDataset/sd:namedGraph/sd:name <{BASE}shapes> }}"
    )
    assert not found.query(f"ASK {{ ?s ?p <{sd}SPARQL11Update> }}")


def test_without_a_query_browsers_get_the_console(site: Endpoint) -> None:
    answer = site.get("/sparql", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert "<form" in answer.text
    assert site.get("/sparql").headers["content-type"].startswith("text/turtle")
    assert site.get("/sparql", headers={"accept": "text/csv"}).status_code == 406


def test_browsers_get_answers_and_faults_as_pages(site: Endpoint) -> None:
    good = site.query("SELECT ?s ?p { ?s ?p ?o } LIMIT 3", accept="text/html")
    assert good.status_code == 200
    assert "<table" in good.text
    bad = site.query("SELECT <script>alert(1)</script>", accept="text/html")
    assert bad.status_code == 400
    assert bad.headers["content-type"].startswith("text/html")
    assert "<script>alert" not in bad.text
