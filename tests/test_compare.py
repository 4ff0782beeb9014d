"""Cases by definitions: the matrix in every format, and witnesses for definitions that differ."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from itertools import combinations

import pyoxigraph as ox
import pytest
from scale import some

import k20kg
from k20kg.analysis.compare import Matrix, Witness, compare, find_witness, sides_of
from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import shipped_definitions
from k20kg.errors import UsageError
from k20kg.judging.cases import Case, read_cases
from k20kg.model import Verdict
from k20kg.report.matrix import render_matrix, render_witness
from k20kg.sources.shipped_cases import shipped_cases

FORMATS = ("text", "json", "csv", "markdown", "html", "turtle")
CASES = shipped_cases()


@cache
def cases() -> tuple[Case, ...]:
    return tuple(read_cases(CASES.values()))


@cache
def matrix() -> Matrix:
    return compare(cases(), sides_of())


@cache
def witness_of(first: str, second: str) -> Witness | None:
    return find_witness(cases(), first, second)


def test_the_matrix_is_what_validating_one_by_one_gives() -> None:
    assert len(matrix().rows) == len(CASES) >= 20
    alone = some([*CASES.values()], sample=8)
    for definition in shipped_definitions():
        found = k20kg.validate(*alone, definition=definition, evidence=False)
        expected = {(a.case, a.reading.iri): (a.verdict, a.findings) for a in found}
        for row in (one for one in matrix().rows if one.case in {a.case for a in found}):
            for column, a in zip(matrix().columns, row.assessments, strict=True):
                if column.definition.id == definition:
                    assert (a.verdict, a.findings) == expected[row.case, column.reading.iri]


def test_every_pair_of_definitions_that_differ_has_a_smallest_witness() -> None:
    found = {(w.first.definition.id, w.second.definition.id): w for w in matrix().witnesses()}
    assert len(found) >= 10
    ids = list(dict.fromkeys(c.definition.id for c in matrix().columns))
    for pair in combinations(ids, 2):
        differing = {}
        for row in matrix().rows:
            sides = [
                [a.verdict for a in row.assessments if a.definition.id == name] for name in pair
            ]
            outcomes = [x is not y for x in sides[0] for y in sides[1]]
            if any(outcomes):
                differing[row.case] = (not all(outcomes), row.statements, row.case)
        assert (pair in found) is bool(differing)
        if differing:
            assert found[pair].row.case == min(differing, key=lambda c: differing[c])
            assert found[pair].deciding


def test_a_witness_is_decided_by_a_criterion_of_the_side_that_says_no() -> None:
    witness = find_witness(cases(), "clifford-millar-2007/literal", "catelli-2000/equal-say")
    assert witness is not None
    for one, finding in witness.deciding:
        assert finding.verdict is one.verdict is not Verdict.MET


def test_equal_decides_between_the_paper_and_catelli() -> None:
    unequal = [c for c in cases() if c.group.endswith("unequal-partners")]
    witness = find_witness(unequal, "clifford-millar-2007", "catelli-2000")
    assert witness is not None
    assert witness.under_all_readings
    assert {f.criterion.id for _, f in witness.deciding} == {"equal-partners"}


def test_definitions_that_never_differ_have_no_witness() -> None:
    assert find_witness(cases(), "individuals", "individuals") is None


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_names_each_definition_and_verdict(format_: str) -> None:
    few = Matrix(matrix().columns, matrix().rows[:5])
    text = render_matrix(few, format_, version="0", width=100)
    assert text == render_matrix(few, format_, version="0", width=100)
    for definition in shipped_definitions():
        assert definition in text
    assert text.endswith("\n")


def test_json_holds_all_verdicts_on_all_criteria() -> None:
    tree = json.loads(render_matrix(matrix(), "json", version="0"))
    assert len(tree["cases"]) == len(matrix().rows)
    for row, expected in zip(tree["cases"], matrix().rows, strict=True):
        for said, a in zip(row["verdicts"], expected.assessments, strict=True):
            assert said["verdict"] == a.verdict.value
            assert [c["verdict"] for c in said["criteria"]] == [f.verdict.value for f in a.findings]


def test_csv_has_a_row_for_each_criterion_and_the_whole() -> None:
    rows = list(csv.DictReader(io.StringIO(render_matrix(matrix(), "csv", version="0"))))
    per_case = sum(1 + len(c.definition.criteria) for c in matrix().columns)
    assert len(rows) == per_case * len(matrix().rows)


def test_turtle_is_one_graph_of_reports() -> None:
    text = render_matrix(Matrix(matrix().columns, matrix().rows[:3]), "turtle", version="0")
    quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    reports = {q.subject for q in quads if str(q.object).endswith("shacl#ValidationReport>")}
    assert len(reports) == 3 * len(matrix().columns)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_witness_is_told_in_every_format(format_: str) -> None:
    names = ("clifford-millar-2007", "two-organizations")
    witness = witness_of(*names)
    text = render_witness(witness, names, format_, version="0")
    assert witness is not None
    assert witness.row.case in text or witness.row.label in text
    assert render_witness(None, names, format_, version="0").strip() or format_ == "turtle"


def test_text_is_plain_ascii_where_the_terminal_asks_for_it() -> None:
    assert render_matrix(matrix(), "text", version="0", ascii_only=True).isascii()


def test_a_reading_narrows_the_definitions_that_have_it() -> None:
    sides = {s.definition: s.readings for s in sides_of((), ["literal", "any-one"])}
    assert sides["clifford-millar-2007"] == ("literal",)
    assert sides["goodlad-1991"] == ("any-one",)
    assert sides["individuals"] == ("as-stated",)


def test_unknown_names_say_what_is_known() -> None:
    with pytest.raises(UsageError, match="known: all-three, any-one"):
        sides_of((), ["litteral"])
    with pytest.raises(UsageError, match="known: clifford-millar-2007"):
        sides_of(["goodlad"])
    with pytest.raises(UsageError, match="known: as-applied, literal"):
        sides_of(["clifford-millar-2007/litteral"])
    assert load_definition("goodlad-1991").readings
