"""Real SPARQL servers give the rows and the verdicts of the packaged data."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from scale import some
from served import free_port
from shipped import with_verdicts as _here

import k20kg
from k20kg import Judge
from k20kg.cli import main
from k20kg.errors import RecordError, RemoteError
from k20kg.sparql import named_queries
from k20kg.sparql.fetch import fetch_cases
from k20kg.sparql.remote import Endpoint
from k20kg.sparql.sparql import Answer, AskResult, Rows, Source, answer
from k20kg.sparql.store import open_files
from k20kg.vocabulary import packaged

pytestmark = pytest.mark.usefixtures("no_proxy")

FILES = sorted(packaged("queries").glob("*/*.rq"))
LAMSIG = "https://w3id.org/k20kg/case/lamsig"


REPEATED = {"which-terms-does-each-ontology-document-define", "which-works-are-there"}
"""Virtuoso now and then gives a row of these DISTINCT twice, one after the other."""


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


@pytest.fixture(scope="module")
def packaged_quads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("packaged") / "all.nq"
    merge = ox.DefaultGraph()  # there once a query has asked for it
    quads = (quad for quad in _here().raw if quad.graph_name != merge)
    ox.serialize(quads, str(path), format=ox.RdfFormat.N_QUADS)
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


@cache
def answer_here(text: str) -> Answer:
    return answer(_here(), text)


def test_queries_were_found() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("method", ["get", "post"])
def test_oxigraph_gives_the_same_rows_as_the_packaged_data(oxigraph: str, method: str) -> None:
    endpoint = Endpoint(oxigraph, method=method)
    for path in FILES if method == "get" else some(FILES, sample=40):
        text = named_queries.parse(path).bound({})
        assert answer(endpoint, text) == answer_here(text), path.name


def _loosely(found: Rows) -> list[list[object]]:
    """Return rows as Virtuoso may give them: booleans as 1 and 0, lists in any order."""
    rows: list[list[object]] = []
    for row in found.rows:
        words = [getattr(term, "value", "") for term in row]
        words = [{"true": "1", "false": "0"}.get(word, word) for word in words]
        rows.append([sorted(re.split(r"[,;] ", word)) for word in words])
    return rows


def test_virtuoso_gives_the_same_rows_over_get(virtuoso: str) -> None:
    endpoint = Endpoint(virtuoso, method="get")
    differ = []
    for path in FILES:
        text = named_queries.parse(path).bound({})
        here = answer_here(text)
        try:
            there = answer(endpoint, text, where=path.name)
        except RemoteError as fault:
            differ.append(f"{path.stem}: {fault}")
            continue
        if isinstance(here, Rows) and isinstance(there, Rows):
            mine, theirs = _loosely(here), _loosely(there)
            if path.stem in REPEATED:
                theirs = [
                    row
                    for row, before in zip(theirs, [None, *theirs], strict=False)
                    if row != before
                ]
            same = theirs == mine
        else:
            same = there == here
        if not same:
            differ.append(path.stem)
    assert differ == []


def test_virtuoso_gives_cases_that_are_judged_alike(virtuoso: str) -> None:
    assert verdicts_of(Endpoint(virtuoso, method="get")) == verdicts_of(_here())


def test_virtuoso_constructs_and_asks_over_get(virtuoso: str) -> None:
    endpoint = Endpoint(virtuoso, method="get")
    text = "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s a k20:CandidateGroup ; rdfs:label ?o }"
    assert endpoint.construct(text) == _here().construct(text)
    assert endpoint.select("ASK { ?s a k20:CandidateGroup }") == AskResult(True)
    assert endpoint.select("ASK { ?s a k20:NoSuchThing }") == AskResult(False)


def test_all_forms_of_query_work_on_a_real_server(oxigraph: str) -> None:
    endpoint = Endpoint(oxigraph)
    assert endpoint.select("ASK { ?s a k20:CandidateGroup }") == AskResult(True)
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


def test_cases_are_judged_where_they_lie(oxigraph: str) -> None:
    (of_files,) = k20kg.validate(packaged("data", "cases", "lamsig"), reading="literal")
    there = verdicts_of(Endpoint(oxigraph))
    assert there == verdicts_of(_here())
    literal = [row for row in there[LAMSIG] if row[0] == "literal"]  # type: ignore[attr-defined]
    assert [row[2] for row in literal] == [finding.verdict for finding in of_files.findings]


def test_a_case_fetched_from_a_store_is_the_case_in_its_files() -> None:
    from k20kg.judging.cases import read_cases

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
