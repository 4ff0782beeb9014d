"""XML answers: well formed whatever is in a literal, with carriage returns; columns as written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from endpoint import GRAPHS, ROWS, Endpoint
from in_process import fetch
from rdflib import Graph

from k20kg.cli.root import main
from k20kg.vocabulary import BASE
from k20kg.web.app import create_app
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.http.formats import FORMATS
from k20kg.web.serializer import write
from k20kg.web.wellformed import UnwritableError

SAYS = "https://example.org/says"
LINES = "one\r\ntwo\rthree\n\tfour &#13; <br/> "


def quads(*values: str, predicate: str = SAYS) -> list[ox.Quad]:
    return [
        ox.Quad(ox.NamedNode(f"{BASE}case/{n}"), ox.NamedNode(predicate), ox.Literal(value))
        for n, value in enumerate(values)
    ]


@pytest.fixture
def told() -> Iterator[Endpoint]:
    store = ox.Store()
    for n, value in enumerate([LINES, "bell\u0007", "not\ufffea character", "\u0000", "plain"]):
        store.add(
            ox.Quad(
                ox.NamedNode(f"{BASE}case/{n}"),
                ox.NamedNode(SAYS),
                ox.Literal(value),
                ox.NamedNode(f"{BASE}data/x"),
            )
        )
    endpoint = Endpoint(Dataset(store, "0", "0" * 64))
    yield endpoint
    endpoint.close()


def test_carriage_returns_survive(told: Endpoint) -> None:
    rows = told.query(f"SELECT ?v {{ <{BASE}case/0> ?p ?v }}", accept=ROWS["xml"])
    literal = ElementTree.fromstring(rows.content).find(".//{*}literal")
    assert literal is not None
    assert literal.text == LINES
    triples = told.query(f"CONSTRUCT WHERE {{ <{BASE}case/0> ?p ?v }}", accept=GRAPHS["rdf"])
    ((_, _, value),) = Graph().parse(data=triples.content, format="xml")
    assert str(value) == LINES
    (triple,) = ox.parse(triples.content, ox.RdfFormat.RDF_XML)
    assert triple.object == ox.Literal(LINES)


@pytest.mark.parametrize(("number", "code"), [(1, "U+0007"), (2, "U+FFFE"), (3, "U+0000")])
def test_what_xml_cannot_hold_is_refused_and_named(told: Endpoint, number: int, code: str) -> None:
    one = f"<{BASE}case/{number}> ?p ?v"
    for text, kind in (
        (f"SELECT ?v {{ {one} }}", ROWS["xml"]),
        (f"SELECT ?v {{ {one} }}", "text/xml"),
        (f"CONSTRUCT WHERE {{ {one} }}", GRAPHS["rdf"]),
        (f"DESCRIBE <{BASE}case/{number}>", GRAPHS["rdf"]),
    ):
        answer = told.query(text, accept=kind)
        assert answer.status_code == 406
        assert code in answer.json()["title"]
        assert "ask for JSON" in answer.json()["detail"]
    for kind in (ROWS["json"], ROWS["csv"], ROWS["tsv"]):
        assert told.query(f"SELECT ?v {{ {one} }}", accept=kind).status_code == 200
    assert told.query(f"CONSTRUCT WHERE {{ {one} }}", accept=GRAPHS["ttl"]).status_code == 200


@pytest.mark.parametrize("last", ["#", "/", "?x=1", "1"])
def test_a_property_without_a_name_cannot_be_rdf_xml(last: str) -> None:
    rdf = next(form for form in FORMATS if form.key == "rdf")
    predicate = f"https://example.org/v{last}" if last != "1" else "https://example.org/1"
    with pytest.raises(UnwritableError) as fault:
        write(quads("x", predicate=predicate), rdf)
    assert predicate in fault.value.what
    fine = write(quads("x", predicate="https://example.org/v/8th-grade"), rdf)
    ((_, name, _),) = Graph().parse(data=fine, format="xml")
    assert str(name) == "https://example.org/v/8th-grade"


def test_a_document_that_xml_cannot_hold_comes_in_the_other_formats(tmp_path: Path) -> None:
    own = tmp_path / "own.nt"
    own.write_text(f'<{BASE}case/own> <{SAYS}> "bell\\u0007" .\n', encoding="utf-8")
    app = create_app(open_dataset([own]))
    refused = fetch("/doc/case/own.rdf", served=app)
    assert refused.status == 406
    assert b"U+0007" in refused.body
    assert "case/own.ttl" in refused.headers["link"]
    for kind in ("text/turtle", "application/ld+json", "text/html"):
        assert fetch("/doc/case/own", kind, served=app).status == 200


# ---------------------------------------------------------------- the order of columns

STAR = "SELECT * {{ ?zone a ?kind . OPTIONAL {{ ?zone ?by ?about }} {} }} LIMIT 1"
WRITTEN = ["zone", "kind", "by", "about"]


@pytest.mark.parametrize("head", ["SELECT *", "select distinct *", "# x\nSELECT REDUCED\n*"])
def test_select_star_keeps_the_written_order(
    head: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = STAR.format("FILTER NOT EXISTS { ?zone <urn:x> ?hidden }").replace("SELECT *", head)
    assert main(["query", "--sparql", text, "-f", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].split(",") == WRITTEN
    store = ox.Store()
    store.add(
        ox.Quad(
            ox.NamedNode("urn:a"),
            ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
            ox.NamedNode("urn:b"),
            ox.NamedNode("urn:g"),
        )
    )
    endpoint = Endpoint(Dataset(store, "0", "0" * 64))
    try:
        for key, kind in ROWS.items():
            body = endpoint.query(text, accept=kind).content
            if key == "csv":
                assert next(csv.reader(io.StringIO(body.decode()))) == WRITTEN
                continue
            found = ox.parse_query_results(body, ox.QueryResultsFormat.from_media_type(kind))
            assert isinstance(found, ox.QuerySolutions)
            assert [variable.value for variable in found.variables] == WRITTEN
            (row,) = found
            assert (row["zone"], row["about"]) == (ox.NamedNode("urn:a"), ox.NamedNode("urn:b"))
        page = endpoint.query(text, accept="text/html").text
        places = [page.index(f">{name}</th>") for name in WRITTEN]
        assert places == sorted(places)
    finally:
        endpoint.close()
