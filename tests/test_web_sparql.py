"""SPARQL 1.1 Protocol and saved questions over HTTP, in process.

Tests whose names start with a name of the W3C's protocol suite make the request of the test of
that name and look for what it expects.
"""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pyoxigraph as ox
import pytest
from starlette.applications import Starlette

from k20kg.query import catalogue
from k20kg.vocabulary import BASE, packaged
from k20kg.web import protocol, saved
from k20kg.web.answering import Limits
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.memory import Memory
from k20kg.web.pages import Links, Site
from k20kg.web.workers import Pool

HOST = "http://test"
QUERY_TYPE = {"content-type": "application/sparql-query"}
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}
SUITE = "http://kasei.us/2009/09/sparql/data/data"
ROWS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
QUERIES = sorted(packaged("queries").glob("*/*.rq"))


class Served:
    """An application, its pool and a client, used from outside the event loop."""

    def __init__(self, dataset: Dataset, limits: Limits | None = None) -> None:
        self.runner = asyncio.Runner()
        self.pool = Pool(dataset.store, limits, workers=3)
        site = Site(dataset, Links())
        self.app = Starlette(
            routes=[*protocol.routes(self.pool, site), *saved.routes(self.pool, site)]
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=HOST)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def query(self, text: str, accept: str | None = None, **params: Any) -> httpx.Response:
        headers = {"accept": accept} if accept else {}
        return self.get("/sparql", params={"query": text, **params}, headers=headers)

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.run(self.pool.close())
        self.runner.close()


@pytest.fixture(scope="module")
def suite() -> Iterator[Served]:
    """A site with the graphs that the W3C's tests ask for; `data0` is not here."""
    store = ox.Store()
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    document = ox.NamedNode("http://xmlns.com/foaf/0.1/Document")
    for n in (1, 2, 3):
        graph = ox.NamedNode(f"{SUITE}{n}.rdf")
        store.add(ox.Quad(graph, kind, document, graph))
    site = Served(Dataset(store, "0", "0" * 64))
    yield site
    site.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Served]:
    site = Served(open_dataset())
    yield site
    site.close()


def truth(answer: httpx.Response) -> bool:
    assert answer.status_code == 200, answer.text
    kind = answer.headers["content-type"]
    assert kind in (ROWS["json"], ROWS["xml"]), "not a format of boolean results"
    found = ox.parse_query_results(answer.content, ox.QueryResultsFormat.from_media_type(kind))
    return bool(found)


def uri(number: int) -> str:
    return f"{SUITE}{number}.rdf"


def has_type(*numbers: int) -> str:
    return " ".join(f"<{uri(n)}> a ?type ." for n in numbers)


NAMED = f"ASK {{ GRAPH ?g1 {{ <{uri(1)}> a ?type }} GRAPH ?g2 {{ <{uri(2)}> a ?type }} }}"


def at(**names: list[str]) -> str:
    pairs = [(key.replace("_", "-"), value) for key, values in names.items() for value in values]
    return "/sparql?" + urlencode(pairs)


# ---------------------------------------------------------------- the W3C's suite, query side


def test_query_post_form(suite: Served) -> None:
    path = at(default_graph_uri=[uri(0)])
    assert truth(suite.post(path, content="query=ASK%20%7B%7D", headers=FORM_TYPE))


def test_query_dataset_default_graphs_get(suite: Served) -> None:
    path = at(query=[f"ASK {{ {has_type(1, 2)} }}"], default_graph_uri=[uri(1), uri(2)])
    assert truth(suite.get(path))


def test_query_dataset_default_graphs_post(suite: Served) -> None:
    path = at(default_graph_uri=[uri(1), uri(2)])
    assert truth(suite.post(path, content=f"ASK {{ {has_type(1, 2)} }}", headers=QUERY_TYPE))


def test_query_dataset_named_graphs_post(suite: Served) -> None:
    path = at(named_graph_uri=[uri(1), uri(2)])
    assert truth(suite.post(path, content=NAMED, headers=QUERY_TYPE))


def test_query_dataset_named_graphs_get(suite: Served) -> None:
    assert truth(suite.get(at(query=[NAMED], named_graph_uri=[uri(1), uri(2)])))


def test_query_dataset_full(suite: Served) -> None:
    path = at(default_graph_uri=[uri(3)], named_graph_uri=[uri(1), uri(2)])
    text = f"ASK {{ <{uri(3)}> a ?type . {NAMED[5:]}"
    assert truth(suite.post(path, content=text, headers=QUERY_TYPE))


def test_query_multiple_dataset(suite: Served) -> None:
    path = at(named_graph_uri=[uri(1), uri(2)])
    text = f"ASK FROM <{uri(3)}> {NAMED[4:]}"
    assert truth(suite.post(path, content=text, headers=QUERY_TYPE))
    # What the protocol names wins: the graph of FROM is not asked.
    text = f"ASK FROM <{uri(3)}> {{ <{uri(3)}> a ?type }}"
    assert not truth(suite.post(path, content=text, headers=QUERY_TYPE))


def test_query_get(suite: Served) -> None:
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
def test_query_content_type(suite: Served, name: str, text: str, kinds: list[str]) -> None:
    path = at(default_graph_uri=[uri(0)])
    answer = suite.post(path, content=text, headers=QUERY_TYPE)
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] in kinds


def test_query_post_direct(suite: Served) -> None:
    assert truth(suite.post("/sparql", content="ASK {}", headers=QUERY_TYPE))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_bad_query_method(suite: Served, method: str) -> None:
    path = at(query=["ASK {}"], default_graph_uri=[uri(0)])
    answer = suite.ask(method, path, headers=FORM_TYPE)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].split(", "))


def test_bad_multiple_queries(suite: Served) -> None:
    assert suite.get(at(query=["ASK {}", "SELECT * {}"])).status_code == 400
    twice = "query=ASK%20%7B%7D&query=ASK%20%7B%7D"
    assert suite.post("/sparql", content=twice, headers=FORM_TYPE).status_code == 400
    path = at(query=["ASK {}"])
    assert suite.post(path, content="ASK {}", headers=QUERY_TYPE).status_code == 400


def test_bad_query_wrong_media_type(suite: Served) -> None:
    answer = suite.post("/sparql", content="ASK {}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert QUERY_TYPE["content-type"] in answer.headers["accept-post"]


def test_bad_query_missing_form_type(suite: Served) -> None:
    assert suite.post("/sparql", content=b"query=ASK%20%7B%7D").status_code == 415


def test_bad_query_missing_direct_type(suite: Served) -> None:
    assert suite.post("/sparql", content=b"ASK {}").status_code == 415


def test_bad_query_non_utf8(suite: Served) -> None:
    headers = {"content-type": "application/sparql-query; charset=UTF-16"}
    answer = suite.post("/sparql", content="ASK {}".encode("utf-16"), headers=headers)
    assert answer.status_code == 415
    answer = suite.post("/sparql", content="ASK {}".encode("utf-16"), headers=QUERY_TYPE)
    assert answer.status_code == 400
    assert suite.get("/sparql?query=ASK%20%7B%7D%FF").status_code == 400


def test_bad_query_syntax(suite: Served) -> None:
    answer = suite.get(at(query=["ASK {"]))
    assert answer.status_code == 400
    assert answer.json()["where"] == "query:1:6"


def test_bad_update_get(suite: Served) -> None:
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
    suite: Served, content: str, headers: dict[str, str]
) -> None:
    for path in ("/sparql", "/sparql?using-named-graph-uri=http%3A%2F%2Fexample%2Fpeople"):
        answer = suite.post(path, content=content.encode(), headers=headers)
        assert 400 <= answer.status_code < 500
    assert truth(suite.query(f"ASK {{ GRAPH ?g {{ <{uri(1)}> ?p ?o }} }}"))


# ---------------------------------------------------------------- datasets


def test_graphs_named_beside_the_query_are_all_that_it_sees(suite: Served) -> None:
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
def test_nothing_elsewhere_is_asked(suite: Served, text: str) -> None:
    answer = suite.query(text)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_from_may_name_a_graph_that_is_here(suite: Served) -> None:
    assert truth(suite.query(f"ASK FROM <{uri(1)}> {{ {has_type(1)} }}"))
    assert not truth(suite.query(f"ASK FROM <{uri(1)}> {{ {has_type(2)} }}"))


# ---------------------------------------------------------------- formats

SELECT = 'SELECT ?s ("a,\\"b\\"\\n<c>\\t&" AS ?t) WHERE { ?s a ?o } ORDER BY ?s'
CONSTRUCT = 'CONSTRUCT { ?s <urn:p> "a,\\"b\\"\\n<c>\\t&"@en } WHERE { ?s a ?o }'


@pytest.mark.parametrize("key", ROWS)
@pytest.mark.parametrize("how", ["accept", "key", "media type"])
def test_rows_come_in_every_format(suite: Served, key: str, how: str) -> None:
    kind = ROWS[key]
    answer = (
        suite.query(SELECT, accept=f"text/turtle, {kind};q=0.5")
        if how == "accept"
        else suite.query(SELECT, accept="image/png", format=key if how == "key" else kind)
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["vary"] == "Accept"
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
def test_graphs_come_in_every_format(suite: Served, key: str, how: str) -> None:
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
def test_the_accept_header_decides(site: Served, accept: str, rows: str, graph: str) -> None:
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
def test_what_cannot_be_had_is_406_with_a_list(suite: Served, text: str, accept: str) -> None:
    answer = suite.query(text, accept)
    assert answer.status_code == 406
    graph = text.startswith("DESCRIBE")
    assert (GRAPHS["ttl"] if graph else ROWS["csv"]) in answer.json()["detail"]


def test_a_format_that_is_none_is_told(suite: Served) -> None:
    answer = suite.query("ASK {}", format="excel")
    assert answer.status_code == 400
    assert "csv" in answer.json()["detail"]
    assert suite.query("ASK {}", format="ttl").status_code == 406


# ---------------------------------------------------------------- HTTP


def test_a_head_request_gets_the_headers_of_the_answer(suite: Served) -> None:
    path = at(query=["SELECT * { ?s ?p ?o }"])
    whole, head = suite.get(path), suite.ask("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "vary"):
        assert head.headers[name] == whole.headers[name]


def test_options_say_what_may_be_done(suite: Served) -> None:
    answer = suite.ask("OPTIONS", "/sparql")
    assert answer.status_code == 204
    assert "POST" in answer.headers["allow"]


def test_a_client_that_has_the_answer_is_told_so(suite: Served) -> None:
    path = at(query=["SELECT * { ?s ?p ?o }"])
    tag = suite.get(path).headers["etag"]
    for sent in (tag, f'"x", {tag}', "*", tag.removeprefix("W/")):
        again = suite.get(path, headers={"if-none-match": sent})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    for headers in ({"if-none-match": '"x"'}, {"if-none-match": tag, "accept": "text/csv"}):
        assert suite.get(path, headers=headers).status_code == 200


def test_an_answer_depends_on_query_format_and_graphs(suite: Served) -> None:
    paths = [
        at(query=["SELECT * { ?s ?p ?o }"]),
        at(query=["SELECT * { ?s ?p ?o } "]),
        at(query=["SELECT * { ?s ?p ?o }"], format=["csv"]),
        at(query=["SELECT * { ?s ?p ?o }"], default_graph_uri=[uri(1)]),
        at(query=["SELECT * { ?s ?p ?o }"], named_graph_uri=[uri(1)]),
    ]
    assert len({suite.get(path).headers["etag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "StrUUID()"])
def test_what_is_new_each_time_is_not_kept(suite: Served, function: str) -> None:
    path = at(query=[f"SELECT ({function} AS ?x) {{}}"])
    first, again = suite.get(path), suite.get(path, headers={"if-none-match": "*"})
    assert "etag" not in first.headers
    assert again.status_code == 200
    assert first.content != again.content


def test_too_much_is_refused_before_it_is_read(suite: Served) -> None:
    long = "ASK {} #" + "x" * 300_000
    assert suite.post("/sparql", content=long, headers=QUERY_TYPE).status_code == 413

    async def endless() -> Any:
        while True:
            yield b"#" * 10_000

    assert suite.post("/sparql", content=endless(), headers=QUERY_TYPE).status_code == 413
    many = "&".join(f"default-graph-uri=urn:{n}" for n in range(1000))
    assert suite.get(f"/sparql?query=ASK%7B%7D&{many}").status_code == 400
    headers = {**QUERY_TYPE, "content-encoding": "gzip"}
    assert suite.post("/sparql", content=b"x", headers=headers).status_code == 415


@pytest.mark.parametrize(
    "path", ["/sparql?query=", "/sparql?query=%20", "/sparql?query=hello", "/sparql?query=%00"]
)
def test_no_query_is_no_query(suite: Served, path: str) -> None:
    assert suite.get(path).status_code == 400


def test_an_empty_post_is_no_query(suite: Served) -> None:
    assert suite.post("/sparql", content="", headers=QUERY_TYPE).status_code == 400
    assert suite.post("/sparql", content="", headers=FORM_TYPE).status_code == 400


def test_a_graph_name_that_is_none_is_refused(suite: Served) -> None:
    assert suite.get(at(query=["ASK {}"], default_graph_uri=["no iri"])).status_code == 400


def test_limits_become_statuses() -> None:
    store = ox.Store()
    for n in range(2000):
        store.add(ox.Quad(ox.NamedNode(f"urn:{n}"), ox.NamedNode("urn:p"), ox.Literal(str(n))))
    limits = Limits(seconds=2, memory=24 << 20, rows=1000, bytes=1 << 20)
    site = Served(Dataset(store, "0", "0" * 64), limits)
    try:
        text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        assert site.query(text).status_code == 504
        assert site.query("SELECT * { ?a ?b ?c }").status_code == 422
        assert site.query("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f").status_code == 422
        site.pool._queue = 0
        site.pool._idle.clear()
        busy = site.query("ASK { }")
        assert busy.status_code == 503
        assert int(busy.headers["retry-after"]) > 0
    finally:
        site.close()


def request(query: str) -> dict[str, Any]:
    """Return the ASGI scope of a GET."""
    return {
        "type": "http",
        "method": "GET",
        "path": "/sparql",
        "query_string": urlencode({"query": query}).encode(),
        "headers": [],
        "client": ("192.0.2.7", 1),
    }


def test_an_address_may_not_be_endless(suite: Served) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    suite.runner.run(suite.app(request("#" * 300_000), lambda: None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 414


def test_a_client_that_hangs_up_stops_its_query(suite: Served) -> None:
    text = "SELECT (COUNT(*) AS ?n) {" + "".join(f"{{?a{n} ?b{n} ?c{n}}}" for n in range(19)) + "}"
    sent: list[Any] = []

    async def run() -> None:
        messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> Any:
            for message in messages:
                return message
            await asyncio.sleep(0.1)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await asyncio.wait_for(suite.app(request(text), receive, send), 5)
        assert not suite.pool._held

    suite.runner.run(run())
    assert sent == []
    assert truth(suite.query("ASK {}"))


# ---------------------------------------------------------------- description and console


@pytest.mark.parametrize("key", GRAPHS)
def test_without_a_query_programs_get_the_service_description(site: Served, key: str) -> None:
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


def test_without_a_query_browsers_get_the_console(site: Served) -> None:
    answer = site.get("/sparql", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert "<form" in answer.text
    assert site.get("/sparql").headers["content-type"].startswith("text/turtle")
    assert site.get("/sparql", headers={"accept": "text/csv"}).status_code == 406


def test_browsers_get_answers_and_faults_as_pages(site: Served) -> None:
    good = site.query("SELECT ?s ?p { ?s ?p ?o } LIMIT 3", accept="text/html")
    assert good.status_code == 200
    assert "<table" in good.text
    bad = site.query("SELECT <script>alert(1)</script>", accept="text/html")
    assert bad.status_code == 400
    assert bad.headers["content-type"].startswith("text/html")
    assert "<script>alert" not in bad.text


# ---------------------------------------------------------------- saved questions


def test_queries_were_found() -> None:
    assert len(QUERIES) >= 40


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_saved_question_gives_the_rows_beside_it(site: Served, path: Path) -> None:
    query = catalogue.parse(path)
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


@pytest.mark.parametrize("key", [*ROWS, "html", "rq"])
def test_a_saved_question_comes_in_every_format(site: Served, key: str) -> None:
    kind = {**ROWS, "html": "text/html", "rq": "application/sparql-query"}[key]
    by_header = site.get(f"/query/{WORK}", headers={"accept": kind})
    assert by_header.status_code == 200
    assert by_header.headers["content-type"].partition(";")[0] == kind
    assert by_header.headers["vary"] == "Accept"
    assert by_header.headers["content-location"] == f"/query/{WORK}.{key}"
    by_suffix = site.get(f"/query/{WORK}.{key}")
    assert by_suffix.content == by_header.content
    assert site.get(f"/query/{WORK}?format={key}").content == by_header.content
    again = site.get(f"/query/{WORK}.{key}", headers={"if-none-match": by_header.headers["etag"]})
    assert again.status_code == 304


def test_the_text_of_a_question_is_its_file_or_has_its_values(site: Served) -> None:
    text = packaged("queries", "case", f"{WORK}.rq").read_text(encoding="utf-8")
    assert site.get(f"/query/{WORK}.rq").text == text
    bound = site.get(f"/query/{WORK}.rq?case=case/other").text
    assert f"<{BASE}case/other>" in bound
    assert site.query(bound).json()["results"]["bindings"] == []


def test_a_parameter_selects(site: Served) -> None:
    whole = site.get(f"/query/{WORK}.csv?case=case/lamsig").text
    assert whole == site.get(f"/query/{WORK}.csv").text == site.get(f"/query/{WORK}.csv?case=").text
    assert len(site.get(f"/query/{WORK}.csv?case=case/nothing").text.splitlines()) == 1


INJECTIONS = [
    "> } } DROP ALL #",
    "case/lamsig> } UNION { ?s ?p ?o } #",
    "x\\u003E . ?s ?p ?o",
    'x" } SELECT',
    "\n} #",
    "http://127.0.0.1/> SERVICE <http://127.0.0.1:9/",
]


@pytest.mark.parametrize("value", INJECTIONS)
def test_a_value_cannot_end_where_it_should_not(site: Served, value: str) -> None:
    answer = site.get(f"/query/{WORK}.csv", params={"case": value})
    assert answer.status_code == 400 or len(answer.text.splitlines()) == 1
    text = next(q for q in catalogue.list_queries() for p in q.parameters if p.type == "string")
    name = next(p.name for p in text.parameters if p.type == "string")
    answer = site.get(f"/query/{text.name}.csv", params={name: value})
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 1


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"/query/{WORK}?case=a+b", 400, "no iri"),
        (f"/query/{WORK}?cas=case/lamsig", 400, "no parameter cas"),
        (f"/query/{WORK}?case=case/a&case=case/b", 400, "twice"),
        ("/query/how-is-work-distributd", 404, WORK),
        ("/query/..%2f..%2fetc%2fpasswd", 404, "no saved question"),
        (f"/query/{WORK}.ttl", 404, "text/csv"),
        (f"/query/{WORK}.exe", 404, "text/csv"),
    ],
)
def test_what_is_wrong_with_a_question_is_told(
    site: Served, accept: str, path: str, status: int, says: str
) -> None:
    answer = site.get(path, headers={"accept": accept})
    assert answer.status_code == status
    assert says in answer.text
    kind = "text/html" if accept == "text/html" else "application/problem+json"
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_an_id_leads_to_the_one_address(site: Served) -> None:
    query = next(q for q in catalogue.list_queries() if q.name == WORK)
    for name in (query.id, query.id.lower(), f"{query.group}/{WORK}"):
        answer = site.get(f"/query/{name}.csv?case=case/lamsig")
        assert answer.status_code == 308
        assert answer.headers["location"] == f"/query/{WORK}.csv?case=case/lamsig"


def test_questions_are_asked_by_get(site: Served) -> None:
    assert site.post(f"/query/{WORK}").status_code == 405
    assert site.ask("OPTIONS", f"/query/{WORK}").status_code == 204
    assert site.ask("HEAD", f"/query/{WORK}.csv").content == b""
    assert site.get(f"/query/{WORK}", headers={"accept": "image/png"}).status_code == 406


def test_problems_are_json_that_programs_can_read(site: Served) -> None:
    answer = site.query("SELECT \x1b[31m \u202e")
    problem = json.loads(answer.content)
    assert problem["status"] == answer.status_code == 400
    assert not re.search("[\x00-\x1f\u202e]", answer.text.rstrip("\n"))


# ---------------------------------------------------------------- memory


def test_only_lasting_answers_to_the_same_request_are_remembered() -> None:
    calls: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        calls.append(scope["path"])
        tag = [] if scope["path"] == "/new" else [(b"etag", b'"1"')]
        store = [(b"cache-control", b"no-store")] if scope["path"] == "/secret" else []
        status = 400 if scope["path"] == "/bad" else 200
        await send({"type": "http.response.start", "status": status, "headers": [*tag, *store]})
        body = b"x" * (2000 if scope["path"] == "/large" else 1)
        await send({"type": "http.response.body", "body": body})

    async def run() -> None:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(Memory(app, most=100_000)), base_url=HOST
        )
        for path in ("/same", "/new", "/secret", "/bad", "/large"):
            for _ in range(3):
                await client.get(path)
            assert calls.count(path) == (1 if path == "/same" else 3)
        await client.get("/same", headers={"accept": "text/csv"})
        await client.get("/same?x")
        await client.head("/same")
        assert calls.count("/same") == 4
        for n in range(200):
            await client.get(f"/other/{n}")
        await client.get("/same")
        assert calls.count("/same") == 5, "the oldest goes first"

    asyncio.run(run())


def test_the_endpoint_answers_the_same_from_memory(suite: Served) -> None:
    client = httpx.AsyncClient(transport=httpx.ASGITransport(Memory(suite.app)), base_url=HOST)

    async def run() -> list[httpx.Response]:
        path = at(query=["SELECT * { ?s ?p ?o }"])
        return [await client.get(path) for _ in range(3)]

    first, *others = suite.runner.run(run())
    assert all((r.headers, r.content) == (first.headers, first.content) for r in others)
