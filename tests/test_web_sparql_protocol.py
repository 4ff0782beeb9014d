"""SPARQL 1.1 Protocol, in process: the W3C's suite, and which graphs a query sees.

Tests whose names start with a name of the W3C's protocol suite make the request of the test of
that name and look for what it expects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from endpoint import FORM_TYPE, GRAPHS, QUERY_TYPE, ROWS, Endpoint, at, suite_endpoint, truth, uri


@pytest.fixture(scope="module")
def suite() -> Iterator[Endpoint]:
    with closing(suite_endpoint()) as endpoint:
        yield endpoint


def has_type(*numbers: int) -> str:
    return " ".join(f"<{uri(n)}> a ?type ." for n in numbers)


NAMED = f"ASK {{ GRAPH ?g1 {{ <{uri(1)}> a ?type }} GRAPH ?g2 {{ <{uri(2)}> a ?type }} }}"


# ---------------------------------------------------------------- the W3C's suite, query side


def test_query_post_form(suite: Endpoint) -> None:
    path = at(default_graph_uri=[uri(0)])
    assert truth(suite.post(path, content="query=ASK%20%7B%7D", headers=FORM_TYPE))


def test_query_dataset_default_graphs_get(suite: Endpoint) -> None:
    path = at(query=[f"ASK {{ {has_type(1, 2)} }}"], default_graph_uri=[uri(1), uri(2)])
    assert truth(suite.get(path))


def test_query_dataset_default_graphs_post(suite: Endpoint) -> None:
    path = at(default_graph_uri=[uri(1), uri(2)])
    assert truth(suite.post(path, content=f"ASK {{ {has_type(1, 2)} }}", headers=QUERY_TYPE))


def test_query_dataset_named_graphs_post(suite: Endpoint) -> None:
    path = at(named_graph_uri=[uri(1), uri(2)])
    assert truth(suite.post(path, content=NAMED, headers=QUERY_TYPE))


def test_query_dataset_named_graphs_get(suite: Endpoint) -> None:
    assert truth(suite.get(at(query=[NAMED], named_graph_uri=[uri(1), uri(2)])))


def test_query_dataset_full(suite: Endpoint) -> None:
    path = at(default_graph_uri=[uri(3)], named_graph_uri=[uri(1), uri(2)])
    text = f"ASK {{ <{uri(3)}> a ?type . {NAMED[5:]}"
    assert truth(suite.post(path, content=text, headers=QUERY_TYPE))


def test_query_multiple_dataset(suite: Endpoint) -> None:
    path = at(named_graph_uri=[uri(1), uri(2)])
    text = f"ASK FROM <{uri(3)}> {NAMED[4:]}"
    assert truth(suite.post(path, content=text, headers=QUERY_TYPE))
    # What the protocol names wins: the graph of FROM is not asked.
    text = f"ASK FROM <{uri(3)}> {{ <{uri(3)}> a ?type }}"
    assert not truth(suite.post(path, content=text, headers=QUERY_TYPE))


def test_query_get(suite: Endpoint) -> None:
    assert truth(suite.get(at(query=["ASK {}"], default_graph_uri=[uri(0)])))


@pytest.mark.parametrize(
    ("name", "text", "kinds"),
    [
        ("select", "SELECT (1 AS ?value) {}", ROWS.values()),
        ("ask", "ASK {}", [ROWS["json"], ROWS["xml"]]),
        ("describe", "DESCRIBE <http://example.org/>", GRAPHS.values()),
        ("construct", "CONSTRUCT { <s> <p> 1 } WHERE {}", GRAPHS.values()),
    ],
)
def test_query_content_type(suite: Endpoint, name: str, text: str, kinds: list[str]) -> None:
    path = at(default_graph_uri=[uri(0)])
    answer = suite.post(path, content=text, headers=QUERY_TYPE)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] in kinds


def test_query_post_direct(suite: Endpoint) -> None:
    assert truth(suite.post("/sparql", content="ASK {}", headers=QUERY_TYPE))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_bad_query_method(suite: Endpoint, method: str) -> None:
    path = at(query=["ASK {}"], default_graph_uri=[uri(0)])
    answer = suite.ask(method, path, headers=FORM_TYPE)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


def test_bad_multiple_queries(suite: Endpoint) -> None:
    assert suite.get(at(query=["ASK {}", "SELECT * {}"])).status_code == 400
    twice = "query=ASK%20%7B%7D&query=ASK%20%7B%7D"
    assert suite.post("/sparql", content=twice, headers=FORM_TYPE).status_code == 400
    path = at(query=["ASK {}"])
    assert suite.post(path, content="ASK {}", headers=QUERY_TYPE).status_code == 400


def test_bad_query_wrong_media_type(suite: Endpoint) -> None:
    answer = suite.post("/sparql", content="ASK {}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert QUERY_TYPE["content-type"] in answer.headers["accept-post"]


def test_bad_query_missing_form_type(suite: Endpoint) -> None:
    assert suite.post("/sparql", content=b"query=ASK%20%7B%7D").status_code == 415


def test_bad_query_missing_direct_type(suite: Endpoint) -> None:
    assert suite.post("/sparql", content=b"ASK {}").status_code == 415


def test_bad_query_non_utf8(suite: Endpoint) -> None:
    headers = {"content-type": "application/sparql-query; charset=UTF-16"}
    answer = suite.post("/sparql", content="ASK {}".encode("utf-16"), headers=headers)
    assert answer.status_code == 415
    answer = suite.post("/sparql", content="ASK {}".encode("utf-16"), headers=QUERY_TYPE)
    assert answer.status_code == 400
    assert suite.get("/sparql?query=ASK%20%7B%7D%FF").status_code == 400


def test_bad_query_syntax(suite: Endpoint) -> None:
    answer = suite.get(at(query=["ASK {"]))
    assert answer.status_code == 400
    assert answer.json()["where"] == "query:1:6"


def test_bad_update_get(suite: Endpoint) -> None:
    assert suite.get(at(update=["CLEAR ALL"])).status_code == 400


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        ("update=CLEAR%20NAMED&update=CLEAR%20DEFAULT", FORM_TYPE),
        ("CLEAR NAMED", {"content-type": "text/plain"}),
        ("update=CLEAR%20NAMED", {}),
        ("CLEAR NAMED", {"content-type": "application/sparql-update; charset=UTF-16"}),
        ("update=CLEAR%20XYZ", FORM_TYPE),
        ("CLEAR ALL", {"content-type": "application/sparql-update"}),
        ("update=CLEAR%20ALL", FORM_TYPE),
        ("CLEAR ALL", QUERY_TYPE),
        ("query=INSERT+DATA+%7B%7D", FORM_TYPE),
    ],
)
def test_bad_update_of_any_kind_is_refused(
    suite: Endpoint, content: str, headers: dict[str, str]
) -> None:
    for path in ("/sparql", "/sparql?using-named-graph-uri=http%3A%2F%2Fexample%2Fpeople"):
        answer = suite.post(path, content=content.encode(), headers=headers)
        assert 400 <= answer.status_code < 500
    assert truth(suite.query(f"ASK {{ GRAPH ?g {{ <{uri(1)}> ?p ?o }} }}"))


# ---------------------------------------------------------------- datasets


def test_graphs_named_beside_the_query_are_all_that_it_sees(suite: Endpoint) -> None:
    assert not truth(suite.get(at(query=[NAMED], named_graph_uri=[uri(1)])))
    assert not truth(suite.get(at(query=[NAMED], default_graph_uri=[uri(1), uri(2)])))
    everything = f"ASK {{ {has_type(1, 2, 3)} }}"
    assert truth(suite.query(everything)), "without a dataset all graphs are asked"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { BIND(<http://127.0.0.1:9/> AS ?x) SERVICE ?x { ?s ?p ?o } }",
        "SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }",
        "SELECT * FROM NAMED <http://127.0.0.1:9/> { GRAPH ?g { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p ?o } FROM <file:///etc/passwd> WHERE { ?s ?p ?o }",
    ],
)
def test_nothing_elsewhere_is_asked(suite: Endpoint, text: str) -> None:
    answer = suite.query(text)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_from_may_name_a_graph_that_is_here(suite: Endpoint) -> None:
    assert truth(suite.query(f"ASK FROM <{uri(1)}> {{ {has_type(1)} }}"))
    assert not truth(suite.query(f"ASK FROM <{uri(1)}> {{ {has_type(2)} }}"))
