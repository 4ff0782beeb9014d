"""Saved questions over HTTP: their rows, formats and parameters, and hostile values."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from endpoint import GRAPHS, ROWS, Endpoint, whole_endpoint

from k20kg.sparql import named_queries
from k20kg.vocabulary import BASE, packaged

QUERIES = sorted(packaged("queries").glob("*/*.rq"))


@pytest.fixture(scope="module")
def site() -> Iterator[Endpoint]:
    with closing(whole_endpoint()) as endpoint:
        yield endpoint


def test_queries_were_found() -> None:
    assert len(QUERIES) >= 40


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_saved_question_gives_the_rows_beside_it(site: Endpoint, path: Path) -> None:
    query = named_queries.parse(path)
    rows = query.form in ("SELECT", "ASK")
    accept = ROWS["csv" if query.form == "SELECT" else "json"] if rows else GRAPHS["nt"]
    answer = site.get(f"/query/{query.name}", headers={"accept": accept})
    assert answer.status_code == 200, answer.text
    if query.form == "SELECT":
        beside = path.with_suffix(".csv").read_text(encoding="utf-8")
        expected = list(csv.reader(io.StringIO(beside, newline="")))
        assert list(csv.reader(io.StringIO(answer.text, newline=""))) == expected
    elif rows:
        assert query.expects == str(answer.json()["boolean"]).lower()
    else:
        assert query.expects == f"triples {len(set(answer.text.splitlines()))}"


WORK = "how-is-work-distributed"
GOAL = "which-role-groups-have-no-mark-for-a-goal"


@pytest.mark.parametrize("key", [*ROWS, "html", "rq"])
def test_a_saved_question_comes_in_every_format(site: Endpoint, key: str) -> None:
    kind = {**ROWS, "html": "text/html", "rq": "application/sparql-query"}[key]
    by_header = site.get(f"/query/{WORK}", headers={"accept": kind})
    assert by_header.status_code == 200
    assert by_header.headers["content-type"].partition(";")[0] == kind
    assert "Accept" in by_header.headers["vary"].split(", ")
    assert by_header.headers["content-location"] == f"/query/{WORK}.{key}"
    by_suffix = site.get(f"/query/{WORK}.{key}")
    assert by_suffix.content == by_header.content
    assert site.get(f"/query/{WORK}?format={key}").content == by_header.content
    again = site.get(f"/query/{WORK}.{key}", headers={"if-none-match": by_header.headers["etag"]})
    assert again.status_code == 304


def test_the_text_of_a_question_is_its_file_or_has_its_values(site: Endpoint) -> None:
    text = packaged("queries", "case", f"{WORK}.rq").read_text(encoding="utf-8")
    assert site.get(f"/query/{WORK}.rq").text == text
    bound = site.get(f"/query/{WORK}.rq?case=case/other").text
    assert f"<{BASE}case/other>" in bound
    assert site.query(bound).json()["results"]["bindings"] == []


def test_a_parameter_selects(site: Endpoint) -> None:
    whole = site.get(f"/query/{WORK}.csv?case=case/lamsig").text
    assert whole == site.get(f"/query/{WORK}.csv").text == site.get(f"/query/{WORK}.csv?case=").text
    assert site.get(f"/query/{WORK}.csv?case=case/nothing").status_code == 404


INJECTIONS = [
    "> } } DROP ALL #",
    "case/lamsig> } UNION { ?s ?p ?o } #",
    "x\\u003E . ?s ?p ?o",
    'x" } SELECT',
    "\n} #",
    "http://127.0.0.1/> SERVICE <http://127.0.0.1:9/",
]


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_value_cannot_end_where_it_should_not(site: Endpoint, value: str) -> None:
    answer = site.get(f"/query/{WORK}.csv", params={"case": value})
    assert answer.status_code == 400 or len(answer.text.splitlines()) == 1
    text = next(q for q in named_queries.list_queries() for p in q.parameters if p.type == "string")
    name = next(p.name for p in text.parameters if p.type == "string")
    answer = site.get(f"/query/{text.name}.csv", params={name: value})
    assert answer.status_code == 404
    assert "in the data" in answer.json()["title"]


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"/query/{WORK}?case=a+b", 400, "no iri"),
        (f"/query/{WORK}?cas=case/lamsig", 400, "no parameter cas"),
        (f"/query/{WORK}?case=case/a&case=case/b", 400, "twice"),
        (f"/query/{WORK}?case=case/lamsgi", 404, "mean case/lamsig?"),
        (f"/query/{GOAL}?goal=11", 404, "no goal 11 in the data"),
        (f"/query/{GOAL}?goal=eleven", 400, "no integer"),
        ("/query/how-is-work-distributd", 404, WORK),
        ("/query/..%2f..%2fetc%2fpasswd", 404, "no saved question"),
        (f"/query/{WORK}.ttl", 404, "text/csv"),
        (f"/query/{WORK}.exe", 404, "text/csv"),
    ],
)
def test_what_is_wrong_with_a_question_is_told(
    site: Endpoint, accept: str, path: str, status: int, says: str
) -> None:
    answer = site.get(path, headers={"accept": accept})
    assert answer.status_code == status
    assert says in answer.text
    kind = "text/html" if accept == "text/html" else "application/problem+json"
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_the_page_of_a_value_that_is_not_there_is_headed_by_it(site: Endpoint) -> None:
    page = site.get(f"/query/{GOAL}?goal=11", headers={"accept": "text/html"}).text
    assert "Which role groups have no X for goal 11?" in page


def test_an_id_leads_to_the_one_address(site: Endpoint) -> None:
    query = next(q for q in named_queries.list_queries() if q.name == WORK)
    for name in (query.id, query.id.lower(), f"{query.group}/{WORK}"):
        answer = site.get(f"/query/{name}.csv?case=case/lamsig")
        assert answer.status_code == 308
        assert answer.headers["location"] == f"/query/{WORK}.csv?case=case/lamsig"


def test_questions_are_asked_by_get(site: Endpoint) -> None:
    assert site.post(f"/query/{WORK}").status_code == 405
    assert site.ask("OPTIONS", f"/query/{WORK}").status_code == 204
    assert site.ask("HEAD", f"/query/{WORK}.csv").content == b""
    assert site.get(f"/query/{WORK}", headers={"accept": "image/png"}).status_code == 406


def test_problems_are_json_that_programs_can_read(site: Endpoint) -> None:
    answer = site.query("SELECT \x1b[31m \u202e")
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code == 400
    assert not re.search("[\x00-\x1f\u202e]", answer.text.rstrip("\n"))


def test_a_long_answer_comes_in_pages(site: Endpoint) -> None:
    path = "/query/which-terms-does-each-ontology-document-define"
    rows = site.get(f"{path}.csv").text.count("\n") - 1
    first, second, last = (
        site.get(f"{path}?page={n}", headers={"accept": "text/html"}).text
        for n in (1, 2, -(-rows // 50))
    )
    assert first.count("<tr>") == second.count("<tr>") == 51
    assert first != second
    assert ">Rows 51 to 100</h2>" in second
    assert f'<a rel="next" href="{path}?page=2#answer">' in first
    assert 'rel="prev"' not in first
    assert f'<a rel="prev" href="{path}?page=1#answer">' in second
    assert 'rel="next"' not in last
    assert f"to {rows}</h2>" in last
    assert site.get(f"{path}.csv?page=2").text.count("\n") - 1 == rows
    beyond = site.get(f"{path}?page=999", headers={"accept": "text/html"}).text
    assert "There are not so many rows." in beyond
    assert f'<a rel="prev" href="{path}?page=1#answer">' in beyond
    page = site.get(f"{path}?page=2", headers={"accept": "text/html"})
    assert page.headers["content-location"] == f"{path}.html?page=2"
    assert site.get(f"{path}.html?page=2").content == page.content
