"""Hints beside an answer: unknown terms, and texts that are there in another form."""

from __future__ import annotations

from pathlib import Path

import pytest
from endpoint import GRAPHS, ROWS
from web_client import Client

from k20kg.cli.root import main
from k20kg.vocabulary import BASE, K20

NO_SUCH = "SELECT ?f WHERE { ?g k20:hasMember ?f }"
PLAIN = 'SELECT ?x WHERE { ?x rdfs:label "SCALE" }'
HINTS = [
    (NO_SUCH, "the vocabulary has no k20:hasMember; did you mean k20:membership?"),
    (
        "SELECT * { ?c a k20:CandidateGrup }",
        "no k20:CandidateGrup; did you mean k20:CandidateGroup?",
    ),
    (f"ASK {{ ?a <{K20}memberfirm> ?b }}", f"no <{K20}memberfirm>; did you mean k20:memberFirm?"),
    (f"PREFIX o: <{K20}> SELECT * {{ ?a o:taskk ?b }}", "no o:taskk; did you mean k20:task?"),
    (
        f"BASE <{BASE}> SELECT * {{ ?a <ontology#taskk> ?b }}",
        "no <ontology#taskk>; did you mean k20:task?",
    ),
    ("CONSTRUCT WHERE { ?a k20:Blubberdigupp ?b }", "the vocabulary has no k20:Blubberdigupp"),
    (
        "SELECT (COUNT(*) AS ?n) WHERE { ?c a k20:CandidateGrup }",
        "did you mean k20:CandidateGroup?",
    ),
    (
        "SELECT ?l WHERE { ?c a k20:CandidateGroup OPTIONAL { ?c k20:membr ?l } } LIMIT 1",
        "the vocabulary has no k20:membr",
    ),
]
EMPTY = [
    (PLAIN, 'the data have "SCALE"@en as well as "SCALE"'),
    ('ASK { ?x rdfs:label "LAMSIG"@de }', 'the data have "LAMSIG", not "LAMSIG"@de'),
    ('SELECT ?x { ?x k20:order "9" }', '"9"^^xsd:integer'),
    ("SELECT ?x { ?x rdfs:lable ?l }", "the data have no rdfs:lable"),
    (
        "PREFIX k20: <http://w3id.org/k20kg/ontology#> SELECT ?x { ?x a k20:Task }",
        f"the namespace of the vocabulary is <{K20}>",
    ),
    (f"SELECT ?x {{ <{BASE}case/lamsgi> rdfs:label ?x }}", f"the data have no <{BASE}case/lamsgi>"),
]
SILENT = [
    "SELECT ?c { ?c a k20:CandidateGroup }",
    'SELECT ?x { ?x rdfs:label "SCALE"@en }',
    "SELECT ?x { ?x k20:order 'no such text' }",
    "SELECT ('k20:hasMember' AS ?text) {}",
    "# k20:hasMember\nASK {}",
]


@pytest.mark.parametrize(("text", "said"), [*HINTS, *EMPTY])
def test_a_hint_stands_on_stderr_and_changes_no_answer(
    text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "--sparql", text, "-f", "json" if "CONST" not in text else "turtle"]) == 0
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.startswith("hint: ")
    assert "hint" not in told.out


@pytest.mark.parametrize(("text", "said"), [*HINTS, *EMPTY])
def test_over_http_a_header_and_the_console_say_it(client: Client, text: str, said: str) -> None:
    kinds = GRAPHS if text.startswith("CONST") else ROWS
    for kind in kinds.values():
        for _ in range(2):  # the second is a kept answer
            answer = client.get("/sparql", params={"query": text}, headers={"accept": kind})
            assert answer.status_code == 200
            if "COUNT" not in text:
                assert said in answer.headers["k20kg-hint"]
    page = client.get("/sparql", params={"query": text}, headers={"accept": "text/html"}).text
    shown = page.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">")
    assert said.removeprefix("the ") in shown
    assert "K20KG-Hint" in answer.headers["access-control-expose-headers"]


@pytest.mark.parametrize("text", SILENT)
def test_where_nothing_is_to_be_said_nothing_is(
    text: str, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["query", "--sparql", text]) == 0
    assert capsys.readouterr().err == ""
    answer = client.get("/sparql", params={"query": text})
    assert "k20kg-hint" not in answer.headers


def test_own_data_and_stores_are_hinted_at_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.ttl"
    path.write_text('<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "Ours"@en-GB .')
    assert main(["load", str(path), "--store", str(tmp_path / "store")]) == 0
    for where in (["--data", str(path)], ["--store", str(tmp_path / "store")]):
        capsys.readouterr()
        assert main(["query", "--sparql", NO_SUCH, *where]) == 0
        assert "did you mean k20:membership?" in capsys.readouterr().err
        assert main(["query", "--sparql", PLAIN.replace("SCALE", "Ours"), *where]) == 0
        assert 'the data have "Ours"@en-gb, not "Ours"' in capsys.readouterr().err
        assert main(["query", "--sparql", "ASK { ?c a k20:CandidateGroup }", *where]) == 0
        assert capsys.readouterr().err == ""
