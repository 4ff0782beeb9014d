"""The clients that people use, as they come: SPARQLWrapper, rdflib, Comunica's requests."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import SPARQLWrapper as wrapper  # noqa: N813 - a module
from endpoint import GRAPHS, ROWS, Endpoint, whole_endpoint
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from served import Served
from SPARQLWrapper import SPARQLWrapper

from k20kg.cli.root import main
from k20kg.vocabulary import BASE, K20

LAMSIG = f"{BASE}case/lamsig"
ASKED = {
    "SELECT": f"SELECT ?label {{ <{LAMSIG}> rdfs:label ?label }}",
    "ASK": f"ASK {{ <{LAMSIG}> a <{K20}CandidateGroup> }}",
    "CONSTRUCT": f"CONSTRUCT {{ <{LAMSIG}> a ?t }} WHERE {{ <{LAMSIG}> a ?t }}",
    "DESCRIBE": f"DESCRIBE <{LAMSIG}>",
}
"""One of each form; the first declares no prefix, as the house knows it."""
RDFS = "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
ROW_KINDS = {"json": ROWS["json"], "xml": ROWS["xml"], "csv": ROWS["csv"], "tsv": ROWS["tsv"]}
GRAPH_KINDS = {
    "turtle": GRAPHS["ttl"],
    "n3": GRAPHS["ttl"],
    "xml": GRAPHS["rdf"],
    "rdf": GRAPHS["rdf"],
    "rdf+xml": GRAPHS["rdf"],
    "json-ld": GRAPHS["jsonld"],
}
FORMATS = ["json", "xml", "turtle", "n3", "rdf", "rdf+xml", "csv", "tsv", "json-ld"]


@pytest.fixture(scope="module")
def site() -> Iterator[Endpoint]:
    endpoint = whole_endpoint()
    yield endpoint
    endpoint.close()


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
@pytest.mark.parametrize("form", ASKED)
@pytest.mark.parametrize("key", FORMATS)
def test_sparqlwrapper_gets_every_answer_as_it_asks(
    server: Served, key: str, form: str, way: str
) -> None:
    asker = SPARQLWrapper(f"{server.url}sparql")
    asker.setMethod(wrapper.GET if way == "GET" else wrapper.POST)
    if way == "direct":
        asker.setRequestMethod(wrapper.POSTDIRECTLY)
    for only_accept in (False, True):
        asker.setOnlyConneg(only_accept)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asker.setQuery(RDFS + ASKED[form])
            asker.setReturnFormat(key)
            answer = asker.query()
            kind = answer.info()["content-type"].partition(";")[0]
            found: Any = answer.convert()
        assert kind == _expected(key, form, only_accept)
        assert _says(found, form)


def _expected(key: str, form: str, only_accept: bool) -> str:
    rows = form in ("SELECT", "ASK")
    if only_accept and key == "rdf":  # it sends */*
        return ROWS["json"] if rows else GRAPHS["ttl"]
    return ROW_KINDS.get(key, ROWS["json"]) if rows else GRAPH_KINDS.get(key, GRAPHS["ttl"])


def _says(found: Any, form: str) -> bool:
    """Tell whether the truth, or the name of the group, is in an answer however it is read."""
    if hasattr(found, "toxml"):
        found = found.toxml()
    elif isinstance(found, Graph):
        found = found.serialize(format="nt")
    said = found.decode() if isinstance(found, bytes) else str(found)
    return ("true" if form == "ASK" else "LAMSIG" if form == "SELECT" else "lamsig") in (
        said.lower() if form == "ASK" else said
    )


def test_rdflib_asks_by_every_method(server: Served) -> None:
    for method in ("GET", "POST", "POST_FORM"):
        for kind in ("xml", "json", "csv", "tsv"):
            graph = Graph(SPARQLStore(f"{server.url}sparql", method=method, returnFormat=kind))
            found = graph.query(f"SELECT ?t {{ <{LAMSIG}> a ?t }}")
            assert URIRef(f"{K20}CandidateGroup") in {row[0] for row in found}  # type: ignore[index]
        graph = Graph(SPARQLStore(f"{server.url}sparql", method=method))
        assert graph.query(ASKED["ASK"]).askAnswer
        assert (URIRef(LAMSIG), None, URIRef(f"{K20}CandidateGroup")) in graph
        made = graph.query(ASKED["CONSTRUCT"]).graph
        assert made is not None
        assert len(made) >= 1


def test_the_command_line_tells_the_endpoint_s_hint(
    server: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'SELECT ?x { ?x rdfs:label "SCALE" }'
    assert main(["query", "--sparql", text, "--endpoint", f"{server.url}sparql"]) == 0
    assert 'hint: the data have "SCALE"@en as well as "SCALE"' in capsys.readouterr().err
    assert main(["query", "--sparql", "ASK {} LIMT 5", "--endpoint", f"{server.url}sparql"]) == 2
    assert "SPARQL has no word LIMT; did you mean LIMIT?" in capsys.readouterr().err
    goal = ["which-role-groups-have-no-mark-for-a-goal", "--endpoint", f"{server.url}sparql"]
    assert main(["query", *goal, "--set", "goal=11"]) == 2
    assert "there is no goal 11" in capsys.readouterr().err


COMUNICA = {
    "rows": "application/sparql-results+json;q=1.0,application/sparql-results+xml;q=0.7",
    "graph": "text/turtle",
    "any": "application/n-quads,application/trig;q=0.95,application/ld+json;q=0.9,"
    "application/n-triples;q=0.8,text/turtle;q=0.6,application/rdf+xml;q=0.5,text/n3;q=0.35,"
    "application/json;q=0.45,text/html;q=0.2,application/xhtml+xml;q=0.18,*/*;q=0.1",
}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_comunica_s_requests_are_answered(site: Endpoint, method: str) -> None:
    for form, accept, kind in (
        ("SELECT", COMUNICA["rows"], ROWS["json"]),
        ("ASK", COMUNICA["rows"], ROWS["json"]),
        ("CONSTRUCT", COMUNICA["graph"], GRAPHS["ttl"]),
        ("DESCRIBE", COMUNICA["any"], GRAPHS["jsonld"]),
    ):
        given = {"query": ASKED[form]}
        part = {"params": given} if method == "GET" else {"data": given}
        answer = site.ask(method, "/sparql", headers={"accept": accept}, **part)
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == kind
    described = site.get("/sparql", headers={"accept": COMUNICA["any"]})
    assert described.headers["content-type"] == GRAPHS["jsonld"]


@pytest.mark.parametrize("name", ["format", "output", "results"])
def test_an_unknown_format_leaves_the_choice_to_the_header(site: Endpoint, name: str) -> None:
    for text, accept in (
        (ASKED["SELECT"], ROWS["xml"]),
        (ASKED["CONSTRUCT"], GRAPHS["rdf"]),
        (ASKED["CONSTRUCT"], "text/n3"),
        (ASKED["SELECT"], "text/html"),
    ):
        answer = site.query(text, accept=accept, **{name: "excel"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == accept
    saved = site.get("/query/how-is-work-distributed?format=excel", headers={"accept": ROWS["csv"]})
    assert saved.headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize("key", ["XML", "application/sparql-results xml"])
def test_a_format_is_known_by_capitals_and_with_its_plus_lost(site: Endpoint, key: str) -> None:
    answer = site.query(ASKED["SELECT"], format=key)
    assert answer.headers["content-type"] == ROWS["xml"]


@pytest.mark.parametrize("key", ["csv", "ttl"])
def test_a_format_of_the_other_kind_leaves_it_too(site: Endpoint, key: str) -> None:
    for form, accept in (("SELECT", ROWS["xml"]), ("CONSTRUCT", GRAPHS["nt"])):
        answer = site.query(ASKED[form], accept=accept, format=key)
        known = key == "csv" if form == "SELECT" else key == "ttl"
        kind = {"csv": ROWS["csv"], "ttl": GRAPHS["ttl"]}[key] if known else accept
        assert answer.headers["content-type"].partition(";")[0] == kind
