"""A folder for a case of one's own, and how `explain` says what to enter: both are judged."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typed
from scale import some

import k20kg
from k20kg import cli
from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.model import Verdict
from k20kg.report.own_case.entering import GROUP, rows_of
from k20kg.report.own_case.new_case import SKELETON, new_case

NEVER = {("goodlad-1991", "sufficient", reading) for reading in ("all-three", "any-one")}
"""Goodlad did not say how much is enough, so nothing establishes it."""
OF_BOTH_SIDES = {("goodlad-1991", "mutual")}
"""The least record has one role group of both sectors, for which the starter has no one row."""
ALL = [(d, c.id) for d in shipped_definitions() for c in load_definition(d).criteria]


def test_a_new_folder_is_made_whole_and_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new", "my-case"]) == 0
    assert "next: k20kg check my-case" in capsys.readouterr().err
    names = {path.name for path in Path("my-case").iterdir()}
    assert names == {"my-case.xlsx", SKELETON, "README.md"}
    assert [path.name for path in tmp_path.iterdir()] == ["my-case"]

    assert cli.main(["check", "my-case"]) == 0
    out = capsys.readouterr().out
    assert "my-case.xlsx contains: nothing yet; its first sheet says what to fill in" in out
    assert "not read" not in out, "the skeleton that came along is none of the user's"
    assert typed.read(Path("my-case")).group == "https://example.org/case/my-case"

    before = {path: path.read_bytes() for path in Path("my-case").iterdir()}
    Path("file").touch()
    for name in ("my-case", "file", "nowhere/my-case"):
        assert cli.main(["new", name]) == 2
    assert cli.main(["new", "other", "-d", "no-such-definition"]) == 2
    assert {path: path.read_bytes() for path in Path("my-case").iterdir()} == before
    assert not Path("other").exists()
    assert new_case("my-case") == {path.name: data for path, data in before.items()}


@pytest.mark.parametrize("definition", shipped_definitions())
def test_a_skeleton_is_told_of_only_once_something_is_entered_in_it(
    definition: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = tmp_path / "my-case"
    case.mkdir()
    for name, data in new_case("my-case", definition).items():
        (case / name).write_bytes(data)
    assert cli.main(["validate", str(case), "-d", definition]) == 0
    assert "not read" not in "".join(capsys.readouterr())

    text = (case / SKELETON).read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if line.startswith("# "))
    (case / SKELETON).write_text(text.replace(first, first[2:], 1), encoding="utf-8")
    assert cli.main(["check", str(case)]) == 0
    told = f"{SKELETON}: it looks like Turtle; name it *.ttl if it is meant"
    assert told in "".join(capsys.readouterr())


@pytest.mark.parametrize("definition", shipped_definitions())
def test_the_skeleton_without_its_marks_meets_every_criterion(
    definition: str, tmp_path: Path
) -> None:
    files = new_case("my-case", definition)
    text = files[SKELETON].decode()
    known = load_definition(definition)
    for one in known.criteria:
        assert f"{one.code} {one.label}" in text
        assert f"| {one.code} {one.label} |" in files["README.md"].decode().replace("\\", "")
    path = tmp_path / "my-case.ttl"
    path.write_text(text, encoding="utf-8")
    assert {a.verdict for a in k20kg.validate(path, definition=definition, evidence=False)} <= {
        Verdict.NOT_ESTABLISHED, Verdict.NOT_MET,
    }  # fmt: skip
    path.write_text(re.sub("(?m)^# ", "", text), encoding="utf-8")
    judged = k20kg.validate(path, definition=definition, evidence=False)
    left = {f"{f.criterion.code} {f.criterion.label}, {a.reading.id}"
            for a in judged for f in a.findings if f.verdict is not Verdict.MET}  # fmt: skip
    assert left == set(re.findall(r"-{64} (.*)(?:\n## (?!##).*)?\n## Nothing that", text))
    assert definition == "goodlad-1991" or not left
    assert cli.main(["check", str(path)]) == 0


@pytest.mark.parametrize(
    ("definition", "criterion"),
    some(ALL, sample=14, always=[one for one in ALL if one[0] == DEFAULT_DEFINITION]),
)
def test_what_explain_says_to_enter_meets_the_criterion(
    definition: str, criterion: str, tmp_path: Path
) -> None:
    one = load_definition(definition).criterion(criterion)
    rows, turtle = rows_of(one, definition)
    path = tmp_path / "case.ttl"
    path.write_text(f"{turtle}\n<{GROUP}> a <https://w3id.org/k20kg/ontology#CandidateGroup> .\n")
    judged = k20kg.validate(path, definition=definition, evidence=False)
    verdicts = {a.reading.id: a.finding(one.code).verdict for a in judged}
    met = {v for r, v in verdicts.items() if (definition, criterion, r) not in NEVER}
    assert met == {Verdict.MET}
    if (definition, criterion) in OF_BOTH_SIDES:
        return

    book = typed.Typed()  # and so do the rows, typed in
    book.put("group", "short name", "my-case")
    book.put("group", "full name", "My case")
    line = dict.fromkeys(book.book.sheetnames, typed.FIRST)
    for _, said in rows:
        sheet, _, said = said.partition(": ")
        for cell in said.split(" | "):
            heading, _, value = cell.partition(" = ")
            book.put(sheet, heading, value, line[sheet])
        line[sheet] += 1
    path = book.save(tmp_path / "case.xlsx")
    assert typed.faults_of(path) == []
    judged = k20kg.validate(path, definition=definition, evidence=False)
    assert {a.reading.id: a.finding(one.code).verdict for a in judged} == verdicts


def test_explain_shows_rows_and_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "2c"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "what it did = signed | top leader? = yes" in out
    assert "k20:onBehalfOf :k12-school-district-1 ; k20:upperEchelon true ." in out
    for written in ("json", "csv", "markdown", "html"):
        assert cli.main(["explain", "2c", "-f", written]) == 0
        out = capsys.readouterr().out
        assert "what it did = signed" in out.replace("\\", "")
        assert ":signature-1 a k20:Signature" in out


TERMS = {
    "quantifier": ["stands on k20:GoalStatement, k20:BenefitStatement", "value k20:AllInterviewed",
                   "goals, column by how many; benefits, column by how many",
                   "k20:quantifier k20:AllMembers ;"],
    "Signature": ["‘signed’ in a row of signed, promised with what it did",
                  ":a-name-of-your-own a k20:Signature ;"],
    "AllMembers": ["‘all members’ in goals, column by how many", "k20:quantifier k20:AllMembers ;"],
    "headcount": ["people, column how many", "k20:headcount 4.0 ;"],
    "head count": ["k20:headcount 4.0 ;"],
    "by how many": ["k20:quantifier (quantifier)"],
    "ReadingNote": ["with --full a row of reading note"],
}  # fmt: skip


@pytest.mark.parametrize("term", TERMS)
def test_explain_says_of_a_term_where_it_is_entered(
    term: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["explain", term]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for words in TERMS[term]:
        assert words in out


def test_explain_has_a_place_for_every_term_of_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for term in ("goalStatement", "evidencedBy", "sector", "listKind", "unitOf", "taskStatus"):
        assert cli.main(["explain", term, "-f", "json"]) == 0
        said = {row["about"]: row["words"] for row in json.loads(capsys.readouterr().out)}
        assert said["with --full"], term
        assert said["in Turtle"].startswith(f"k20:{term} "), term
