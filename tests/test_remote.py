"""A SPARQL endpoint that misbehaves, asks for credentials, or leads elsewhere."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest
from served import free_port

from k20kg.cli import main
from k20kg.errors import K20Error, RemoteError, UsageError
from k20kg.sparql.remote import Endpoint
from k20kg.sparql.sparql import AskResult, Rows, Triples
from k20kg.sparql.store import Store

pytestmark = pytest.mark.usefixtures("no_proxy")

EMPTY = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'
JSON = "application/sparql-results+json"
ASK_FOR_S = "SELECT ?s WHERE { ?s ?p ?o }"
Reply = tuple[int, dict[str, str], bytes]


class Fake:
    """A server on this machine that gives the replies it is told to, then the last one again."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.seen: list[tuple[str, str, dict[str, str], str]] = []
        self.delay_seconds = 0.0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply("")

            def do_POST(self) -> None:
                self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

            def _reply(self, body: str) -> None:
                fake.seen.append((self.command, self.path, dict(self.headers.items()), body))
                time.sleep(fake.delay_seconds)
                status, headers, data = (
                    fake.replies.pop(0) if len(fake.replies) > 1 else fake.replies[0]
                )
                try:
                    self.send_response(status)
                    for name, value in {"Content-Length": str(len(data)), **headers}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # the client went away, which some tests want

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/sparql"


@pytest.fixture
def fake() -> Iterator[Fake]:
    server = Fake()
    thread = threading.Thread(target=server.server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.server.shutdown()
    server.server.server_close()
    thread.join()


def waits() -> tuple[list[float], Callable[[float], None]]:
    waited: list[float] = []
    return waited, waited.append


OK: Reply = (200, {"Content-Type": JSON}, EMPTY)


def test_busy_server_is_asked_again_after_a_while(fake: Fake) -> None:
    fake.replies = [(503, {}, b""), (503, {}, b""), OK]
    waited, sleep = waits()
    assert Endpoint(fake.url, sleep=sleep).select(ASK_FOR_S) == Rows(("s",), [])
    assert waited == [0.5, 1.0]


def test_retry_after_is_honoured_in_seconds_and_as_a_date(fake: Fake) -> None:
    later = formatdate(time.time() + 20, usegmt=True)
    fake.replies = [(429, {"Retry-After": "7"}, b""), (503, {"Retry-After": later}, b""), OK]
    waited, sleep = waits()
    Endpoint(fake.url, sleep=sleep).select(ASK_FOR_S)
    assert waited[0] == 7
    assert 10 < waited[1] <= 21


def test_retry_after_beyond_the_bound_is_an_error_that_says_when(fake: Fake) -> None:
    fake.replies = [(429, {"Retry-After": "3600"}, b"")]
    waited, sleep = waits()
    with pytest.raises(RemoteError, match="in 3600 seconds"):
        Endpoint(fake.url, sleep=sleep).select(ASK_FOR_S)
    assert waited == []


def test_attempts_end(fake: Fake) -> None:
    fake.replies = [(503, {}, b"down for today")]
    waited, sleep = waits()
    with pytest.raises(RemoteError, match=r"503 .* 4 times: down for today; try again later"):
        Endpoint(fake.url, sleep=sleep).select(ASK_FOR_S)
    assert len(waited) == 3
    assert len(fake.seen) == 4


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ((200, {"Content-Type": "text/html"}, b"<!doctype html><p>Hi"), "an HTML page"),
        ((200, {"Content-Type": JSON}, EMPTY[:30]), "cut off or damaged"),
        ((200, {"Content-Type": JSON, "Content-Length": "999"}, EMPTY), "cut off or damaged"),
        ((200, {"Content-Type": "application/zip"}, b"PK"), "application/zip"),
        ((400, {"Content-Type": "text/plain"}, b"syntax error at ?x"), "syntax error at ?x"),
        ((401, {}, b""), "set K20KG_ENDPOINT_TOKEN"),
        ((403, {}, b""), "ask for the right"),
        ((404, {"Content-Type": "text/html"}, b"<html>nothing"), "404 Not Found; check the"),
        ((414, {}, b""), "--method post"),
        ((500, {}, b"\x1b[31mboom"), "␛[31mboom"),
    ],
    ids=["html", "cut-json", "cut-body", "zip", "400", "401", "403", "404", "414", "500"],
)
def test_wrong_answers_are_told_apart(fake: Fake, reply: Reply, said: str) -> None:
    fake.replies = [reply]
    with pytest.raises(RemoteError, match=re.escape(said)) as caught:
        Endpoint(fake.url).select(ASK_FOR_S)
    assert fake.url in str(caught.value)
    assert len(fake.seen) == 1, "nothing but 429 and 503 is tried again"


def test_slow_server_is_given_up_on(fake: Fake) -> None:
    fake.replies, fake.delay_seconds = [OK], 1.0
    with pytest.raises(RemoteError, match=r"no answer within 0\.1 seconds"):
        Endpoint(fake.url, timeout_seconds=0.1).select(ASK_FOR_S)


def test_nobody_there() -> None:
    with pytest.raises(RemoteError, match="cannot be reached"):
        Endpoint(f"http://127.0.0.1:{free_port()}/").select(ASK_FOR_S)


def test_credentials_come_from_the_environment(fake: Fake) -> None:
    fake.replies = [OK]
    pair = {"K20KG_ENDPOINT_USER": "ann", "K20KG_ENDPOINT_PASSWORD": "pä:ss"}
    Endpoint(fake.url, environ=pair).select(ASK_FOR_S)
    Endpoint(fake.url, environ={"K20KG_ENDPOINT_TOKEN": "abc"}).select(ASK_FOR_S)
    Endpoint(fake.url, environ={}).select(ASK_FOR_S)
    sent = [headers.get("Authorization") for _, _, headers, _ in fake.seen]
    basic = "Basic " + base64.b64encode("ann:pä:ss".encode()).decode()
    assert sent == [basic, "Bearer abc", None]


def test_credentials_do_not_follow_a_redirect(fake: Fake) -> None:
    other = f"{fake.url.replace('127.0.0.1', 'localhost')}?elsewhere"
    fake.replies = [(302, {"Location": other}, b""), OK]
    Endpoint(fake.url, environ={"K20KG_ENDPOINT_TOKEN": "secret"}).select(ASK_FOR_S)
    assert [bool(headers.get("Authorization")) for _, _, headers, _ in fake.seen] == [True, False]


def test_errors_never_show_credentials(fake: Fake) -> None:
    fake.replies = [(401, {}, b"")]
    with pytest.raises(RemoteError) as caught:
        Endpoint(fake.url, environ={"K20KG_ENDPOINT_TOKEN": "s3cret"}).select(ASK_FOR_S)
    assert "s3cret" not in str(caught.value)
    with pytest.raises(UsageError) as wrong:
        Endpoint("http://ann:s3cret@127.0.0.1/")
    assert "s3cret" not in str(wrong.value)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "nonsense", ""])
def test_only_web_addresses_are_endpoints(url: str) -> None:
    with pytest.raises(UsageError):
        Endpoint(url)


def test_short_queries_go_by_get_and_long_ones_by_post(fake: Fake) -> None:
    fake.replies = [OK]
    long = ASK_FOR_S + " #" + "x" * 5000
    Endpoint(fake.url).select(ASK_FOR_S)
    Endpoint(fake.url).select(long)
    Endpoint(fake.url, method="post").select(ASK_FOR_S)
    Endpoint(fake.url, method="get").select(long)
    assert [command for command, *_ in fake.seen] == ["GET", "POST", "POST", "GET"]
    assert parse_qs(urlsplit(fake.seen[0][1]).query)["query"] == [ASK_FOR_S]
    assert parse_qs(fake.seen[1][3])["query"] == [long]


def test_house_prefixes_are_declared_for_endpoints(fake: Fake) -> None:
    fake.replies = [OK]
    Endpoint(fake.url).select("#+ a head\nSELECT ?s { ?s a k20:Task, ex:T ; rdfs:label 'sh:x' }")
    (sent,) = parse_qs(urlsplit(fake.seen[0][1]).query)["query"]
    assert sent.startswith("PREFIX k20: <https://w3id.org/k20kg/ontology#> PREFIX rdfs: <")
    assert "PREFIX sh:" not in sent


def test_triples_are_read_in_the_syntax_that_they_come_in(fake: Fake) -> None:
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    one = ox.Triple(*(ox.NamedNode(f"http://example.org/{c}") for c in "spo"))  # type: ignore[arg-type]
    for form in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML):
        data = ox.serialize([one], format=form)
        assert data
        fake.replies = [(200, {"Content-Type": form.media_type}, data)]
        assert Endpoint(fake.url).construct(text) == Triples([one])


def test_results_in_xml_are_read_too(fake: Fake) -> None:
    xml = (
        b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
        b"<head/><boolean>true</boolean></sparql>"
    )
    fake.replies = [(200, {"Content-Type": "application/sparql-results+xml"}, xml)]
    assert Endpoint(fake.url).select("ASK { ?s ?p ?o }") == AskResult(True)


def test_the_wrong_call_for_a_form_is_refused(fake: Fake) -> None:
    with pytest.raises(K20Error):
        Endpoint(fake.url).select("CONSTRUCT WHERE { ?s ?p ?o }")
    with pytest.raises(K20Error):
        Endpoint(fake.url).construct(ASK_FOR_S)
    assert not fake.seen


def test_command_line_asks_an_endpoint(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    fake.replies = [OK]
    assert main(["query", "--sparql", ASK_FOR_S, "--endpoint", fake.url, "-f", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(EMPTY)
    fake.replies = [(404, {}, b"")]
    assert main(["query", "--sparql", ASK_FOR_S, "--endpoint", fake.url]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "404" in said.err


# ---------------------------------------------------------------- leaving the machine


def test_service_reaches_a_server_only_where_allowed(fake: Fake) -> None:
    bindings = [{"s": {"type": "literal", "value": "from afar"}}]
    found = {"head": {"vars": ["s"]}, "results": {"bindings": bindings}}
    fake.replies = [(200, {"Content-Type": JSON}, json.dumps(found).encode())]
    text = f"SELECT ?s WHERE {{ SERVICE <{fake.url}> {{ ?s ?p ?o }} }}"
    with pytest.raises(RemoteError, match="--allow-remote"):
        Store(ox.Store()).select(text)
    assert not fake.seen
    there = Store(ox.Store(), allow_remote=True).select(text)
    assert there == Rows(("s",), [(ox.Literal("from afar"),)])


def test_from_fetches_a_graph_only_where_allowed(fake: Fake) -> None:
    turtle = b"<http://example.org/s> <http://example.org/p> 1 ."
    fake.replies = [(200, {"Content-Type": "text/turtle"}, turtle)]
    text = f"SELECT ?o FROM <{fake.url}> WHERE {{ ?s ?p ?o }}"
    with pytest.raises(RemoteError, match="--allow-remote"):
        Store(ox.Store()).select(text)
    assert not fake.seen
    there = Store(ox.Store(), allow_remote=True).select(text)
    assert isinstance(there, Rows)
    assert len(there.rows) == 1


def test_from_never_reads_local_files() -> None:
    with pytest.raises(RemoteError):
        Store(ox.Store(), allow_remote=True).select("ASK FROM <file:///etc/hosts> { ?s ?p ?o }")
