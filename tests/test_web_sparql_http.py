"""The SPARQL endpoint over HTTP: tags, limits, clients that hang up, and what is remembered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from endpoint import FORM_TYPE, QUERY_TYPE, Endpoint, at, suite_endpoint, truth, uri

from k20kg.web.dataset import Dataset
from k20kg.web.settings import Limits


@pytest.fixture(scope="module")
def suite() -> Iterator[Endpoint]:
    with closing(suite_endpoint()) as endpoint:
        yield endpoint


# ---------------------------------------------------------------- HTTP


def test_a_head_request_gets_the_headers_of_the_answer(suite: Endpoint) -> None:
    path = at(query=["SELECT * { ?s ?p ?o }"])
    whole, head = suite.get(path), suite.ask("HEAD", path)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length", "etag", "vary"):
        assert head.headers[name] == whole.headers[name]


def test_options_say_what_may_be_done(suite: Endpoint) -> None:
    answer = suite.ask("OPTIONS", "/sparql")
    assert answer.status_code == 204
    assert "POST" in answer.headers["allow"]


def test_a_client_that_has_the_answer_is_told_so(suite: Endpoint) -> None:
    path = at(query=["SELECT * { ?s ?p ?o }"])
    tag = suite.get(path).headers["etag"]
    for sent in (tag, f'"x", {tag}', "*", tag.removeprefix("W/")):
        again = suite.get(path, headers={"if-none-match": sent})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
    for headers in ({"if-none-match": '"x"'}, {"if-none-match": tag, "accept": "text/csv"}):
        assert suite.get(path, headers=headers).status_code == 200


def test_an_answer_depends_on_query_format_and_graphs(suite: Endpoint) -> None:
    paths = [
        at(query=["SELECT * { ?s ?p ?o }"]),
        at(query=["SELECT * { ?s ?p ?o }"], format=["csv"]),
        at(query=["SELECT * { ?s ?p ?o }"], default_graph_uri=[uri(1)]),
        at(query=["SELECT * { ?s ?p ?o }"], named_graph_uri=[uri(1)]),
    ]
    assert len({suite.get(path).headers["etag"] for path in paths}) == len(paths)


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "UUID()", "StrUUID()"])
def test_what_is_new_each_time_is_not_kept(suite: Endpoint, function: str) -> None:
    path = at(query=[f"SELECT ({function} AS ?x) {{}}"])
    first, again = suite.get(path), suite.get(path, headers={"if-none-match": "*"})
    assert "etag" not in first.headers
    assert again.status_code == 200
    assert first.content != again.content


def test_too_much_is_refused_before_it_is_read(suite: Endpoint) -> None:
    long = "ASK {} #" + "x" * 300_000
    assert suite.post("/sparql", content=long, headers=QUERY_TYPE).status_code == 413

    async def endless() -> Any:
        while True:
            yield b"#" * 10_000

    assert suite.post("/sparql", content=endless(), headers=QUERY_TYPE).status_code == 413
    many = "&".join(f"x{n}=1" for n in range(1000))
    assert suite.get(f"/sparql?query=ASK%7B%7D&{many}").status_code == 400
    headers = {**QUERY_TYPE, "content-encoding": "gzip"}
    assert suite.post("/sparql", content=b"x", headers=headers).status_code == 415


@pytest.mark.parametrize(
    "path", ["/sparql?query=", "/sparql?query=%20", "/sparql?query=hello", "/sparql?query=%00"]
)
def test_no_query_is_no_query(suite: Endpoint, path: str) -> None:
    assert suite.get(path).status_code == 400


def test_an_empty_post_is_no_query(suite: Endpoint) -> None:
    assert suite.post("/sparql", content="", headers=QUERY_TYPE).status_code == 400
    assert suite.post("/sparql", content="", headers=FORM_TYPE).status_code == 400


def test_a_graph_name_that_is_none_is_refused(suite: Endpoint) -> None:
    assert suite.get(at(query=["ASK {}"], default_graph_uri=["no iri"])).status_code == 400


def test_limits_become_statuses() -> None:
    store = ox.Store()
    for n in range(2000):
        store.add(ox.Quad(ox.NamedNode(f"urn:{n}"), ox.NamedNode("urn:p"), ox.Literal(str(n))))
    limits = Limits(seconds=2, memory=24 << 20, rows=1000, bytes=1 << 20)
    site = Endpoint(Dataset(store, "0", "0" * 64), limits)
    try:
        text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
        assert site.query(text).status_code == 504
        assert site.query("SELECT * { ?a ?b ?c }").status_code == 422
        assert site.query("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f").status_code == 422
        site.pool._queue, site.pool._free = 0, asyncio.Semaphore(0)
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


def test_an_address_may_not_be_endless(suite: Endpoint) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    suite.runner.run(suite.app(request("#" * 300_000), lambda: None, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 414


def test_a_client_that_hangs_up_stops_its_query(suite: Endpoint) -> None:
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
        assert not suite.pool._running

    suite.runner.run(run())
    assert sent == []
    assert truth(suite.query("ASK {}"))
