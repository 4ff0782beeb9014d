"""Messages on wrong queries name fault, place and remedy, everywhere alike."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from web_client import Client

from k20kg.cli.root import main
from k20kg.errors import UsageError
from k20kg.sparql.store import Store
from k20kg.vocabulary import K20

ROWS = [
    (
        "SELECT ?type (COUNT(?x) AS ?n) WHERE { ?x a ?type }",
        "1:52",
        "the SELECT contains a variable that is unbound: ?type; group by ?type",
    ),
    (
        "SELECT (?a AS ?b) ?b WHERE { ?a a ?b }",
        "1:39",
        "the SELECT overrides an existing variable using an expression",
    ),
    (
        "SELECT ?x WHERE { BIND(1 AS ?x) BIND(2 AS ?x) }",
        "1:43",
        "BIND sets ?x, which this group has already",
    ),
    ("SELECT * { ?s ?p ?o } LIMT 5", "1:23", "no word LIMT; did you mean LIMIT?"),
    ("SELECT * { ?s ?p ?o FILTER(FOO(?s)) }", "1:28", "SPARQL has no function FOO"),
    ('SELECT * WHERE { ?s ?p "unterminated }', "1:24", 'the quote " that opens here is not closed'),
    (
        "SELECT * WHERE { ?s a <http://x y> }",
        "1:23",
        "the IRI <http://x y> has a blank in it, which no IRI may; write %20",
    ),
    ("SELECT * WHERE { ?s a k20:Goal\n FILTR(?s) }", "2:2", "FILTR; did you mean FILTER?"),
]
RELATIVE = "SELECT ?c WHERE { ?c k20:claimKind <claim-kind/minimal-indicator> }"
SIBLINGS = [
    ("SELECT ?s { ?s ?p ?o } GROUP BY ?p", "1:35", "unbound: ?s; group by ?s"),
    ("SELECT ?a ?b (SUM(?n) AS ?m) { ?a ?b ?n } GROUP BY ?a", None, "unbound: ?b;"),
    ("SELECT * { ?s ?p ?o } GROUP BY ?s", None, "SELECT * is not authorized with GROUP BY"),
    ("SELECT ?s { ?s ?p ?o { BIND(1 AS ?x) } BIND(?s AS ?o) }", "1:51", "BIND sets ?o"),
    ("SELEC * { ?s ?p ?o }", "", "did you mean SELECT for SELEC?"),
    ("SELECT * WHER { ?s ?p ?o }", "1:10", "WHER; did you mean WHERE?"),
    ("SELECT ?s { ?s ?p ?o OPTINAL { ?s ?q ?r } }", "1:22", "did you mean OPTIONAL?"),
    ("ASK { ?s ?p ?o FILTER NOT EXIST { ?s a ?t } }", "1:27", "did you mean EXISTS?"),
    ("ASK { ?é ?p 'ü' . FLITER(?é) }", "1:19", "did you mean FILTER?"),
    ("ASK { _:b ?p 1e5 . FILTR(?p) }", "1:20", "did you mean FILTER?"),
    ("ASK { ?s ?p ?o FILTER(STRLENGTH(?o) > 1) }", "1:23", "no function STRLENGTH; did you mean"),
    ("ASK { ?s ?p ?o FILTER(?s == ?o) }", "1:27", "SPARQL has no =="),
    ("ASK { ?s ?p ?o FILTER(?s = 1 && ) }", "1:33", "after & something is missing"),
    ("ASK { ?s a k20:Goal, }", "1:22", "after , something is missing"),
    ("SELECT * { ?s ?p ?o } ORDER ?s", "1:29", "after ORDER stands ?s; write BY"),
    ("SELECT * { ?s ?p ?o } LIMIT five", "1:29", "write a number after LIMIT"),
    ("SELECT (COUNT(?x) AS n) { ?x ?y ?z }", "1:22", "write a new variable after AS"),
    ("SELECT COUNT(?x) { ?x ?y ?z }", None, "variables and (expression AS ?name)"),
    ("@prefix x: <http://x/> . ASK { ?s ?p ?o }", "1:1", "write PREFIX"),
    ("ASK { ?s ?p 'one\ntwo' }", "1:13", "not closed on its line"),
    ('ASK { ?s ?p """one }', "1:13", 'the quote """ that opens here is not closed'),
    ("ASK { ?s ?p “x” }", "1:13", "“ (U+201C, left double quotation mark)"),
    ("ASK { ?s ?p\u00a0?o }", "1:12", "a no-break space (U+00A0)"),
    ("ASK { ?s a <http://x }", "1:12", "is not closed; end it with >"),
    ("ASK { ?s a k20:Goal, <http://[x> }", "1:22", "<http://[x> is no valid IRI"),
    ("ASK { ?s a foo:Bar }", "1:12", "the prefix foo: is not declared"),
    ("ASK { ?s ?p 'foo:Bar' . LIMT }", "1:25", "did you mean LIMIT?"),
    ("ASK { ?s ?p (1 2 }", "1:18", "the ( of 1:13 is not closed before this }; add a )"),
    ("ASK { ?s ?p ?o FILTER regex(?o, 'a' }", "1:37", "the ( of 1:28 is not closed before"),
    ("ASK { ?s ?p ?o } }", "1:18", "this } closes nothing"),
    ("ASK {\n  { ?s ?p ?o }\n", "3:1", "breaks off: the { of 1:5 is not closed; end it; a }"),
    ("ASK { SERVICE <http://x/> { ?s ?p ?o } FILTR(?s) }", "1:40", "did you mean FILTER?"),
    ("SELECT ?s FROM <http://x/> { ?s ?p ?o", None, "breaks off: the { of 1:28 is not closed"),
]
MISSES = re.compile(r"a } is missing|breaks off")


@pytest.mark.parametrize(("text", "place", "said"), [*ROWS, *SIBLINGS])
def test_a_fault_is_told_at_its_place(text: str, place: str | None, said: str) -> None:
    with pytest.raises(UsageError) as fault:
        Store(ox.Store()).select(text)
    assert said in str(fault.value)
    if place is not None:
        assert fault.value.where == (f"query:{place}" if place else "query")
    if text.count("{") == text.count("}"):
        assert not MISSES.search(str(fault.value))


def test_without_a_base_a_relative_iri_is_told() -> None:
    with pytest.raises(UsageError, match="a relative IRI, and there is no base") as fault:
        Store(ox.Store()).select(RELATIVE)
    assert fault.value.where == "query:1:36"
    assert "BASE <https://w3id.org/k20kg/>" in fault.value.remedy


@pytest.mark.parametrize("name", ["k20:foo", f"<{K20}foo>"])
def test_a_function_that_nobody_has_is_told(client: Client, name: str) -> None:
    text = f"SELECT ?s {{\n ?s ?p ?o FILTER({name}(?s)) }}"
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("o")))
    with pytest.raises(UsageError, match=f"there is no function <{K20}foo>") as fault:
        Store(store).select(text)
    assert fault.value.where == "query:2:18"
    problem = client.get("/sparql", params={"query": text}).json()
    assert (problem["title"], problem["where"]) == (fault.value.what, fault.value.where)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?s { ?s a k20:Goal } # it's fine\n",
        "ASK{}ORDERBY ?s",
        "SELECT (GROUP_CONCAT(?o; SEPARATOR=', ') AS ?all) { ?s ?p ?o }",
        "ASK { ?s ?p 1.5e3, true, 'x'@en-GB, '''it's''' FILTER(?s < ?p && ?o > ?s) }",
        "SELECT ?x { { BIND(1 AS ?x) } UNION { BIND(2 AS ?x) } }",
        "ASK { ?s k20:order+ ?o ; ^rdfs:label/(a|!k20:task)* ?x . }",
    ],
)
def test_a_right_query_is_answered(text: str) -> None:
    Store(ox.Store()).select(text)


@pytest.mark.parametrize(("text", "place", "said"), ROWS)
def test_command_line_endpoint_and_console_say_the_same(
    client: Client, capsys: pytest.CaptureFixture[str], text: str, place: str, said: str
) -> None:
    answer = client.get("/sparql", params={"query": text})
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["where"] == f"query:{place}"
    assert said in f"{problem['title']}; {problem['detail']}"
    page = client.get("/sparql", params={"query": text}, headers={"accept": "text/html"})
    assert page.status_code == 400
    line, column = place.split(":")
    assert f'data-line="{line}" data-column="{column}"' in page.text
    assert main(["query", "--sparql", text]) == 2
    assert f"--sparql:{place}: {problem['title']}" in capsys.readouterr().err
