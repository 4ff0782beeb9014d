"""Endpoints: real servers answer as the packaged data do, and faulty ones give clear errors."""

from __future__ import annotations

import base64
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from email.utils import formatdate
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

import k20kg
from k20kg import Judge
from k20kg.cli import main
from k20kg.errors import K20Error, RecordError, RemoteError, UsageError
from k20kg.query import catalogue
from k20kg.query.fetch import fetch_cases
from k20kg.query.remote import Endpoint
from k20kg.query.sparql import Rows, Source, Triples, Truth, answer
from k20kg.query.store import Store, open_files, open_packaged
from k20kg.vocabulary import packaged

FILES = sorted(packaged("queries").glob("*/*.rq"))
LAMSIG = "https://w3id.org/k20kg/case/lamsig"
EMPTY = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'
JSON = "application/sparql-results+json"
ASK_FOR_S = "SELECT ?s WHERE { ?s ?p ?o }"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.delenv(f"K20KG_ENDPOINT_{name}", raising=False)


@cache
def _here() -> Store:
    return open_packaged()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not start")


# ---------------------------------------------------------------- real servers


@pytest.fixture(scope="module")
def packaged_quads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packaged") / "all.nq"
    _here().raw.dump(str(path), ox.RdfFormat.N_QUADS)
    return path


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory, packaged_quads: Path) -> Iterator[str]:
    beside = Path(sys.executable).parent / "oxigraph"
    program = str(beside) if beside.exists() else shutil.which("oxigraph")
    assert program, "the development requirements name oxigraph: install them"
    folder = tmp_path_factory.mktemp("oxigraph")
    subprocess.run([program, "load", "--location", folder, "-f", packaged_quads], check=True)
    address = f"127.0.0.1:{free_port()}"
    serve = [program, "serve", "--location", folder, "--bind", address, "--union-default-graph"]
    with subprocess.Popen(serve, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(f"http://{address}/", process)
            yield f"http://{address}/query"
        finally:
            process.terminate()


VIRTUOSO = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = .
NumberOfBuffers = 10000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 4
[SPARQL]
ResultSetMaxRows = 100000
"""


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory, packaged_quads: Path) -> Iterator[str]:
    if not (shutil.which("virtuoso-t") and shutil.which("isql-vt")):
        pytest.skip("Virtuoso is not installed (Debian: virtuoso-opensource-7)")
    folder = tmp_path_factory.mktemp("virtuoso")
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(VIRTUOSO.format(sql=sql, http=http))
    shutil.copy(packaged_quads, folder / "all.nq")
    serve = ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"]
    out = subprocess.DEVNULL
    with subprocess.Popen(serve, cwd=folder, stdout=out, stderr=out) as process:
        try:
            wait_for(f"http://127.0.0.1:{http}/sparql", process)
            command = "DB.DBA.TTLP_MT(file_to_string_output('all.nq'), '', 'urn:x', 512);"
            line = ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={command}"]
            subprocess.run(line, cwd=folder, check=True, stdout=out)
            yield f"http://127.0.0.1:{http}/sparql"
        finally:
            process.terminate()


def test_queries_were_found() -> None:
    assert len(FILES) >= 40


@pytest.mark.xdist_group("oxigraph")
@pytest.mark.parametrize("method", ["get", "post"])
def test_oxigraph_gives_the_same_rows_as_the_packaged_data(oxigraph: str, method: str) -> None:
    endpoint = Endpoint(oxigraph, method=method)
    for path in FILES:
        text = catalogue.parse(path).bound({})
        assert answer(endpoint, text) == answer(_here(), text), path.name


VIRTUOSO_ERRS = {
    # To it an IRI from BIND is unequal to the same IRI from VALUES; STR() on both would do.
    "on-what-evidence-does-a-criterion-rest",
}


def _loosely(found: Rows) -> list[list[object]]:
    """Return rows as Virtuoso may give them: booleans as 1 and 0, lists in any order."""
    rows: list[list[object]] = []
    for row in found.rows:
        words = [getattr(term, "value", "") for term in row]
        words = [{"true": "1", "false": "0"}.get(word, word) for word in words]
        rows.append([sorted(re.split(r"[,;] ", word)) for word in words])
    return rows


@pytest.mark.xdist_group("virtuoso")
def test_virtuoso_gives_the_same_rows_over_get(virtuoso: str) -> None:
    endpoint = Endpoint(virtuoso, method="get")
    differ = []
    for path in FILES:
        text = catalogue.parse(path).bound({})
        here = answer(_here(), text)
        try:
            there = answer(endpoint, text, where=path.name)
        except RemoteError as fault:
            differ.append(f"{path.stem}: {fault}")
            continue
        if isinstance(here, Rows) and isinstance(there, Rows):
            same = _loosely(there) == _loosely(here)
        else:
            same = there == here
        if not same and path.stem not in VIRTUOSO_ERRS:
            differ.append(path.stem)
    assert differ == []


@pytest.mark.xdist_group("virtuoso")
def test_virtuoso_gives_cases_that_are_judged_alike(virtuoso: str) -> None:
    assert verdicts_of(Endpoint(virtuoso, method="get")) == verdicts_of(_here())


@pytest.mark.xdist_group("virtuoso")
def test_virtuoso_constructs_and_asks_over_get(virtuoso: str) -> None:
    endpoint = Endpoint(virtuoso, method="get")
    text = "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s a k20:CandidateGroup ; rdfs:label ?o }"
    assert endpoint.construct(text) == _here().construct(text)
    assert endpoint.select("ASK { ?s a k20:CandidateGroup }") == Truth(True)
    assert endpoint.select("ASK { ?s a k20:NoSuchThing }") == Truth(False)


@pytest.mark.xdist_group("oxigraph")
def test_all_forms_of_query_work_on_a_real_server(oxigraph: str) -> None:
    endpoint = Endpoint(oxigraph)
    assert endpoint.select("ASK { ?s a k20:CandidateGroup }") == Truth(True)
    described = endpoint.construct(f"DESCRIBE <{LAMSIG}>")
    assert described == _here().construct(f"DESCRIBE <{LAMSIG}>")
    assert described.triples


def verdicts_of(source: Source) -> dict[str, object]:
    """Return the verdicts on some of the packaged cases, fetched from a source."""
    cases = {case.group: case for case in fetch_cases(source)}
    assert len(cases) > 20
    judge = Judge(evidence=False)
    return {
        group: [(a.reading.id, f.criterion.id, f.verdict) for a in assessed for f in a.findings]
        for group in (LAMSIG, LAMSIG.replace("lamsig", "full-partnership"))
        if (assessed := judge.assess(cases[group]))
    }


@pytest.mark.xdist_group("oxigraph")
def test_cases_are_judged_where_they_lie(oxigraph: str) -> None:
    (of_files,) = k20kg.validate(packaged("data", "cases", "lamsig"), reading="literal")
    there = verdicts_of(Endpoint(oxigraph))
    assert there == verdicts_of(_here())
    literal = [row for row in there[LAMSIG] if row[0] == "literal"]  # type: ignore[attr-defined]
    assert [row[2] for row in literal] == [finding.verdict for finding in of_files.findings]


def test_a_case_fetched_from_a_store_is_the_case_in_its_files() -> None:
    from k20kg.cases import read_cases

    folder = packaged("data", "cases", "lamsig")
    (of_files,) = read_cases([folder])
    (fetched,) = fetch_cases(open_files([folder]))
    assert {q.triple for q in fetched.quads} == {q.triple for q in of_files.quads}


def test_a_graph_brings_the_other_graphs_of_its_case() -> None:
    graph = f"{LAMSIG}/record/slides"
    (case,) = fetch_cases(_here(), graph)
    assert case.group == LAMSIG
    assert len({quad.graph_name for quad in case.quads}) > 1


def test_a_graph_without_a_case_is_an_error() -> None:
    with pytest.raises(RecordError, match="no candidate group"):
        fetch_cases(_here(), "https://example.org/none")


def test_several_cases_in_one_default_graph_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.nq"
    path.write_text(
        "".join(
            f"<https://example.org/{n}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
            "<https://w3id.org/k20kg/ontology#CandidateGroup> .\n"
            for n in (1, 2)
        )
    )
    with pytest.raises(RecordError, match="default graph"):
        fetch_cases(open_files([path]))


# ---------------------------------------------------------------- a server that misbehaves

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


@pytest.mark.xdist_group("oxigraph")
@pytest.mark.parametrize("graph", [None, "https://w3id.org/k20kg/case/lamsig/record/paper"])
def test_the_command_judges_a_case_where_it_lies(
    graph: str | None, oxigraph: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One graph of a case names the case; without one, every case there is judged."""
    words = ["validate", "--endpoint", oxigraph, "-f", "json"]
    assert main([*words, *(["--graph", graph] if graph else [])]) == 0
    found = {
        (a["case"], a["reading"]): a["verdict"]
        for a in json.loads(capsys.readouterr().out)["assessments"]
    }
    lamsig = "https://w3id.org/k20kg/case/lamsig"
    assert found[lamsig, "as-applied"] == "met"
    assert found[lamsig, "literal"] == "not established"
    assert (len(found) == 2) == (graph is not None)


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
    assert Endpoint(fake.url).select("ASK { ?s ?p ?o }") == Truth(True)


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
