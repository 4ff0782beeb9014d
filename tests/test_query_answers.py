"""Answers in every form are exact, harmless and readable; the tutorial prints what it says."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from k20kg.errors import K20Error
from k20kg.report.table import Table, render_answer, render_table
from k20kg.sparql.sparql import AskResult, Rows, Triples
from k20kg.vocabulary import BASE, XSD, packaged

EX = "http://example.org/"
TERMS = Rows(
    ("a", "b"),
    [
        (ox.NamedNode(f"{BASE}case/lamsig"), ox.Literal("<b>|x\ty\n\x1b[31m\u202e")),
        (ox.BlankNode("b0"), ox.Literal("-5", datatype=ox.NamedNode(f"{XSD}integer"))),
        (None, ox.Literal("Zürich", language="de")),
        (ox.NamedNode("javascript:alert(1)"), ox.Literal("=SUM(A1)")),
    ],
)  # fmt: skip
GRAPH = Triples(
    [
        ox.Triple(ox.NamedNode(EX), ox.NamedNode(EX), ox.Literal("x\x1b\u202e\U000e0041")),
        ox.Triple(ox.BlankNode("zz"), ox.NamedNode(EX), ox.BlankNode("zz")),
    ]
)  # fmt: skip
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\U000e0000-\U000e007f]")
FORMATS = ("table", "csv", "tsv", "json", "markdown", "html")


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_answers_cannot_steer_a_terminal(form: str) -> None:
    text = render_answer(TERMS, form)
    assert not UNSAFE.search(text)
    assert "Zürich" in text


@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld"])
def test_hostile_graphs_cannot_either_and_stay_exact(form: str) -> None:
    text = render_answer(GRAPH, form)
    assert not UNSAFE.search(text)
    read = {"turtle": "ttl", "ntriples": "nt", "jsonld": "jsonld"}[form]
    form_of_it = ox.RdfFormat.from_extension(read)
    back = {quad.triple for quad in ox.parse(text, form_of_it)}
    assert GRAPH.triples[0] in back
    assert len(back) == 2


def test_json_and_tsv_are_exact() -> None:
    for form, kind in (("json", "JSON"), ("tsv", "TSV")):
        back = ox.parse_query_results(
            render_answer(TERMS, form).encode(), getattr(ox.QueryResultsFormat, kind)
        )
        assert isinstance(back, ox.QuerySolutions)
        rows = [tuple(row) for row in back]
        assert [row[1] for row in rows] == [row[1] for row in TERMS.rows], form
        assert rows[0][0] == TERMS.rows[0][0]
        assert rows[2][0] is None


def test_csv_is_harmless_to_a_spreadsheet_and_keeps_numbers() -> None:
    cells = list(csv.reader(io.StringIO(render_answer(TERMS, "csv"), newline="")))
    assert cells[0] == ["a", "b"]
    assert cells[2][1] == "-5"
    assert cells[4][1] == "'=SUM(A1)"


def test_html_links_web_addresses_alone_and_escapes() -> None:
    html = render_answer(TERMS, "html")
    assert '<a href="https://w3id.org/k20kg/case/lamsig">case/lamsig</a>' in html
    assert 'href="javascript' not in html
    assert "<b>" not in html


def test_markdown_keeps_one_row_a_line() -> None:
    lines = render_answer(TERMS, "markdown", title="T").splitlines()
    assert lines[0] == "# T"
    assert len(lines) == 2 + 2 + len(TERMS.rows)
    assert all(len(re.findall(r"(?<!\\)\|", line)) == 3 for line in lines[2:])


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_table_fits_the_terminal(width: int) -> None:
    from k20kg.report.terminal import columns

    long = "word " * 30 + "東京" * 20
    rows = Rows(
        ("one", "two", "three"), [(ox.Literal(long), ox.Literal("x"), ox.Literal("long" * 9))]
    )
    text = render_answer(rows, "table", title="A title " * 9, width=width)
    least = 3 * 8 + 4
    assert max(map(columns, text.splitlines())) <= max(width, least)


def test_table_in_ascii_for_terminals_that_ask() -> None:
    assert render_answer(TERMS, "table", ascii_only=True).isascii()


def test_empty_answers() -> None:
    nothing = Rows(("s",), [])
    assert "no rows" in render_answer(nothing)
    assert render_answer(nothing, "csv") == "s\r\n"
    assert json.loads(render_answer(nothing, "json"))["results"] == {"bindings": []}
    assert render_answer(Triples([]), "ntriples") == ""


@pytest.mark.parametrize("form", [None, *FORMATS])
def test_truth_is_one_word(form: str | None) -> None:
    assert "true" in render_answer(AskResult(True), form)


def test_listing_in_json_is_a_list_of_objects() -> None:
    table = Table("T", ("a", "b"), [("x", 1), (None, True)])
    found = json.loads(render_table(table, "json"))
    assert found == [{"a": "x", "b": 1}, {"a": None, "b": True}]
    with pytest.raises(K20Error, match="no format"):
        render_table(table, "turtle")


# ---------------------------------------------------------------- the tutorial


TUTORIAL = packaged("docs", "from-question-to-rows.md")
EXAMPLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
PROMPT = re.compile(r"^\$ (.*\n)((?:> .*\n)*)((?:(?!\$ |> ).*\n)*)", re.MULTILINE)


def test_examples_of_the_tutorial_print_what_it_says(tmp_path: Path) -> None:
    """Each ``$ …`` is run, in order, in one folder; the lines below it are its output."""
    blocks = EXAMPLE.findall(TUTORIAL.read_text(encoding="utf-8"))
    ran = 0
    for block in blocks:
        for first, more, shown in PROMPT.findall(block):
            ran += 1
            command = first + re.sub(r"^> ", "", more, flags=re.MULTILINE)
            line = re.sub(r"\bk20kg\b(?= (query|load|find) )", '"$PYTHON" -m k20kg.cli', command)
            done = subprocess.run(
                ["bash", "-o", "pipefail", "-c", line],
                cwd=tmp_path,
                env={"PYTHON": sys.executable, "PYTHONPATH": str(packaged()), "COLUMNS": "100",
                     "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"},
                capture_output=True,
                text=True,
                encoding="utf-8",
            )  # fmt: skip
            assert done.returncode == 0, f"{command}\n{done.stderr}"
            assert matches(done.stdout.replace("\r\n", "\n"), shown), f"{command}\n{done.stdout}"
    assert ran >= 8


def matches(out: str, shown: str) -> bool:
    """Compare output line by line; a line ``…`` stands for any number of lines."""
    parts = [re.escape(line) if line != "…" else None for line in shown.splitlines()]
    pattern = "".join(r"(?:.*\n)*" if part is None else rf"{part}\s*?\n" for part in parts)
    return not shown or re.fullmatch(pattern, out) is not None
