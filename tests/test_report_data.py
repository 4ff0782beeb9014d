"""Reports for programs: JSON by the contract, CSV without formulas, Turtle that conforms."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pyoxigraph
import pytest
import rdflib
from assessments import (
    AS_APPLIED,
    ASKED,
    BASE,
    CRITERIA,
    LITERAL,
    OPEN,
    assess,
    finding,
    read_hostile,
    read_lamsig,
    read_vending,
    show,
)

from k20kg.model import Assessment, Coverage, Figure
from k20kg.rdf.text import escape_formula

# ---------------------------------------------------------------- JSON


def test_json_follows_the_contract() -> None:
    document = json.loads(show(read_lamsig(), "json"))
    first_keys = ["version", "tool", "definition", "defined", "readings", "engine", "as_of"]
    assert list(document) == [*first_keys, "assessments"]
    assert document["defined"]["title"] == "Clifford and Millar (2007)"
    assert document["readings"][0]["choices"] == ["1b completed enactments: 2"]
    assert document["definition"] == "clifford-millar-2007"
    assert document["tool"] == {"name": "k20kg", "version": "0.2.0"}
    assert [one["reading"] for one in document["assessments"]] == ["as-applied", "literal"]
    literal = document["assessments"][1]
    assert literal["case"] == f"{BASE}case/lamsig"
    assert literal["verdict"] == "not established"
    assert literal["assumptions"] == [
        {
            "statement": ASKED.statement,
            "by": ASKED.by,
            "decides": True,
            "criteria": ["1a"],
            "overall": False,
            "evidence": [],
        }
    ]
    assert [c["code"] for c in literal["criteria"]] == [c.code for c in CRITERIA]
    first, benefit = literal["criteria"][0], literal["criteria"][7]
    assert (first["name"], first["asks"]) == ("Shared goal", "The least that shows shared goal.")
    assert first["evidence"][0] == {
        "iri": f"{BASE}case/lamsig/record/5/evidence",
        "source": "paper",
        "locator": "6.1, Chart 3, row 5, line 307",
        "method": "interview",
        "direction": "supports",
        "statement": "All four role groups named goal 5.",
        "about": "Record 5",
    }
    assert benefit["missing"][0]["about"] == ["Education professors", "Cal State administrator"]
    assert first["coverage"] == {
        "required": 4,
        "asked": [],
        "stated": 4,
        "unit": "role groups asked",
    }
    assert [figure["value"] for figure in benefit["coverage"]["asked"]] == [13, 14, 15]
    assert benefit["coverage"]["unplaced"] == 1
    assert first["carried_by"][0] == {
        "kind": "goal",
        "iri": f"{BASE}case/lamsig/goal/5",
        "label": "Increase student learning",
        "told": [],
        "evidence": [],
    }
    assert benefit["carried_by"] == []
    (opinion,) = first["authors"]
    assert (opinion["verdict"], opinion["by"]) == ("met", ["clifford", "millar"])
    assert opinion["evidence"][0]["locator"] == "6.1, line 316"
    assert document["version"] == 2


def test_json_numbers_keep_their_digits_and_odd_figures_stay_strings() -> None:
    odd = ("0.50", "nearly 100", "1e999999", "9" * 40, "٣")
    asked = tuple(Figure(value, "paper") for value in odd)
    one = assess(
        LITERAL,
        {
            "routine": finding(
                "routine", OPEN, coverage=Coverage("cycles", Decimal("0.5"), None, asked)
            )
        },
    )
    coverage = json.loads(show([one], "json"))["assessments"][0]["criteria"][1]["coverage"]
    assert coverage["required"] == 0.5
    assert coverage["stated"] is None
    assert [f["value"] for f in coverage["asked"]] == [0.5, *odd[1:]]
    assert "nearly 100" in show([one], "text")


# ---------------------------------------------------------------- CSV


def test_csv_has_a_row_for_each_criterion_and_one_for_the_whole() -> None:
    text = show([*read_lamsig(), *read_vending()], "csv")
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(table) == 4 * (len(CRITERIA) + 1)
    assert text.count("\r\n") == text.count("\n") == len(table) + 1
    assert [row["verdict"] for row in table if row["criterion"] == "overall"] == [
        "met",
        "not established",
        "contested",
        "not met",
    ]
    signed = next(r for r in table if r["reading"] == "literal" and r["code"] == "2c")
    assert (signed["stated"], signed["required"], signed["unit"]) == ("0", "2", "signatures")
    assert signed["synthetic"] == "false"
    benefit = next(r for r in table if r["reading"] == "literal" and r["code"] == "3")
    assert (benefit["stated"], benefit["required"], benefit["unplaced"]) == ("0", "38", "1")
    assert all(None not in row and None not in row.values() for row in table)


@pytest.mark.parametrize("sign", [*"=+-@＝＋－＠", "\t", "\r"])
def test_no_cell_begins_as_formulas_do_but_numbers_stay_numbers(sign: str) -> None:
    assert escape_formula(f"{sign}SUM(1)") == f"'{sign}SUM(1)"
    assert escape_formula(f" {sign.strip() or '='}SUM(1)").startswith("' ")
    assert (escape_formula("-5"), escape_formula("+1.5e3"), escape_formula("a=b")) == (
        "-5",
        "+1.5e3",
        "a=b",
    )


def test_no_csv_cell_is_a_formula() -> None:
    cells = [c for row in csv.reader(io.StringIO(show(read_hostile(), "csv"))) for c in row]
    assert [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@"))] == []
    assert any(c.startswith("'=cmd()") for c in cells)


# ---------------------------------------------------------------- Turtle


SHACL = rdflib.Namespace("http://www.w3.org/ns/shacl#")
K20 = rdflib.Namespace(f"{BASE}ontology#")
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")


def read_turtle(assessments: list[Assessment]) -> rdflib.Graph:
    text = show(assessments, "turtle")
    graph = rdflib.Graph().parse(data=text, format="turtle")
    quads = list(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE))
    assert len(quads) == len(graph), "two parsers read the same, and nothing is said twice"
    assert not any(isinstance(q.subject, pyoxigraph.BlankNode) for q in quads)
    return graph


def test_turtle_conforms_exactly_when_all_is_met() -> None:
    graph = read_turtle([*read_lamsig(), *read_vending()])
    conforms = {
        (str(graph.value(r, PROV.wasDerivedFrom)), str(graph.value(r, K20.onReading))): bool(c)
        for r, c in graph.subject_objects(SHACL.conforms)
    }
    assert len(conforms) == 4
    assert [key for key, value in conforms.items() if value] == [
        (f"{BASE}case/lamsig", AS_APPLIED.iri)
    ]
    for report, conforming in graph.subject_objects(SHACL.conforms):
        results = list(graph.objects(report, SHACL.result))
        assert bool(results) != bool(conforming)
        for result in results:
            assert graph.value(result, SHACL.focusNode) == graph.value(report, PROV.wasDerivedFrom)
            for needed in ("resultSeverity", "sourceConstraintComponent", "resultMessage"):
                assert len(list(graph.objects(result, SHACL[needed]))) == 1


def test_turtle_carries_the_verdicts_with_their_evidence_and_the_tool() -> None:
    graph = read_turtle(read_lamsig())
    verdicts = list(graph.subjects(rdflib.RDF.type, K20.CriterionVerdict))
    assert len(verdicts) == 2 * len(CRITERIA)
    goal = rdflib.URIRef(CRITERIA[0].iri)
    about = [v for v in verdicts if graph.value(v, K20.onCriterion) == goal]
    assert all(len(list(graph.objects(v, K20.hasEvidence))) == 3 for v in about)
    overall = {graph.value(a, K20.verdict) for a in graph.subjects(rdflib.RDF.type, K20.Assessment)}
    assert overall == {K20.IsK20Partnership, K20.NotEstablished}
    tool = rdflib.URIRef(f"{BASE}agent/k20kg-0.2.0")
    assert (tool, rdflib.RDF.type, PROV.SoftwareAgent) in graph
    assert len(list(graph.subjects(PROV.wasAttributedTo, tool))) == 2


@pytest.mark.parametrize(
    "iri",
    [
        "javascript:alert(1)",
        'x> . <urn:a> <urn:b> "c" . <',
        "not an iri",
        "",
        "http://[",
        "http://a:b/",
        "http://example.org/%zz",
        "http://example.org/a?b#c",
        "http://example.org/é",
        "urn:x:y",
    ],
)
def test_turtle_stays_whole_whatever_an_iri_holds(iri: str) -> None:
    assessments = [one._replace(case=iri) for one in read_lamsig()]
    graph = read_turtle(assessments)
    assert len(list(graph.subjects(SHACL.conforms))) == 2
    assert rdflib.URIRef("urn:b") not in set(graph.predicates())


def test_the_same_case_from_two_files_keeps_two_reports() -> None:
    graph = read_turtle([*read_lamsig(), *[a._replace(label="Again") for a in read_lamsig()]])
    assert len(list(graph.subject_objects(SHACL.conforms))) == 4


def test_hostile_records_make_valid_turtle() -> None:
    assert len(read_turtle(read_hostile())) > 50
