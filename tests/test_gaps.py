"""The list of what to ask: from judging, with names from the record; owners and answers stay."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import typed

from k20kg import cli
from k20kg.analysis.gaps import Gaps, find_gaps
from k20kg.analysis.missing_evidence import Effect
from k20kg.analysis.sensitivity import find_sensitivity
from k20kg.definition.shipped import shipped_definitions
from k20kg.model import Verdict
from k20kg.report.own_case.gaps import FORMATS, render_gaps
from k20kg.sources.shipped_cases import shipped_cases

ANSWERS: dict[str, Any] = {
    "owner": "Ana",
    "date": date(2026, 12, 1),
    "answer": "=found",
    "notes": "by phone",
}


@cache
def gaps(name: str) -> Gaps:
    """Return the gaps of a shipped case."""
    return find_gaps(typed.read(shipped_cases()[name]))


def half_done() -> typed.Typed:
    """Return the full partnership, one run still under way, and no list said to be complete."""
    case = typed.full_partnership()
    for row in range(typed.FIRST, typed.FIRST + 11):
        case.put("complete lists", "complete?", "unknown", row)
    case.put("routine", "how far it came", "under way", typed.FIRST + 1)
    return case


def column(page: Any, name: str) -> int:
    """Return the column of a heading."""
    found: int = next(c.column for c in page[2] if c.value == name)
    return found


def cells(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a list of gaps by heading."""
    page = openpyxl.load_workbook(path)["gaps"]
    heads = [str(c.value) for c in page[2]]
    rows = ([c.value for c in row] for row in page.iter_rows(min_row=4))
    return [dict(zip(heads, row, strict=True)) for row in rows if any(row)]


def overturned(effects: Iterable[Effect]) -> set[str]:
    """Return the codes of the criteria that were not met and would no longer be so."""
    return {e.code for e in effects if e.code and e.before is Verdict.NOT_MET}


def test_what_it_lists_is_what_sensitivity_found_by_judging_the_same_first() -> None:
    case = typed.read(shipped_cases()["two-departments"])
    settled = [s for s in find_sensitivity(case).settlements if not overturned(s.effects)]
    wanted = {(s.criterion.code, w, e) for s in settled if s.criterion
              for w in s.statements for e in s.effects}  # fmt: skip
    found = gaps("two-departments")
    missing = [g for g in found.gaps if not g.decides]
    assert {(g.criterion.code, g.what, e) for g in missing for e in g.effects} == wanted
    assert [g.rank for g in found.gaps] == sorted(g.rank for g in found.gaps)


@pytest.mark.parametrize("name", ["two-departments", "vending-machine-contract"])
def test_no_evidence_is_asked_for_of_a_member_that_a_complete_list_does_not_have(name: str) -> None:
    """Each lists its members as complete, without a district or without a university."""
    case = typed.read(shipped_cases()[name])
    made_up = {c for s in find_sensitivity(case).settlements for c in overturned(s.effects)}
    assert made_up & {"2a", "2b"}
    assert not [g.what for g in gaps(name).gaps if overturned(g.effects)]


def test_of_lamsig_it_says_whom_to_ask_and_what_could_speak_against() -> None:
    by = {(g.criterion.code, g.direction, g.what[:40]): g for g in gaps("lamsig").gaps}
    signed = by["2c", "for", "A signature by an upper-echelon leader o"]
    assert signed.sheets == ("signed, promised",)
    assert signed.about == ("Formal agreement behind SCALE",)
    assert signed.whom == ("University of Wisconsin-Madison",)
    assert signed.others == ("California State University, Dominguez Hills",)
    assert signed.role == "the bodies that administer the agreement; the leader’s own office"
    assert len(signed.together) == 1
    denied = by["3", "against", "A participant denied that the organizati"]
    changed = {(e.reading, e.code, e.after.value) for e in denied.effects}
    assert ("literal", "3", "not met") in changed
    assert ("as-applied", "3", "contested") in changed
    assert denied.sheets == ("benefits",)
    confirmed = [g for g in gaps("lamsig").gaps if g.decides]
    assert ("as-applied", "2d") in {pair for g in confirmed for pair in g.decides}


def test_a_dispute_is_listed_with_the_sources_that_disagree() -> None:
    (gap,) = gaps("disputed-membership").gaps
    assert gap.direction == "either way"
    assert gap.decides == (("as-applied", "2a"), ("literal", "2a"))
    assert gap.whom


@pytest.mark.parametrize("written_as", FORMATS)
def test_every_format_has_all_of_it_and_is_the_same_each_time(written_as: str) -> None:
    found = gaps("two-departments")
    written = render_gaps(found, written_as, version="0")
    assert written == render_gaps(found, written_as, version="0")
    if isinstance(written, bytes) and written_as == "docx":
        (table,) = docx.Document(io.BytesIO(written)).tables
        assert [c.text for c in table.rows[0].cells][4:] == ["Owner", "Date", "Answer"]
        text = "\n".join(c.text for row in table.rows for c in row.cells)
    elif isinstance(written, bytes):
        page = openpyxl.load_workbook(io.BytesIO(written))["gaps"]
        text = "\n".join(str(c.value) for row in page.iter_rows() for c in row)
    else:
        text = " ".join(written.replace("\\", "").split())
    assert all(gap.what in text for gap in found.gaps)


def test_owner_date_and_answer_go_round_and_an_own_question_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    case = half_done()
    case.save(Path("case.xlsx"))
    assert cli.main(["gaps", "case.xlsx", "-o", "gaps.xlsx"]) == 0
    book = openpyxl.load_workbook("gaps.xlsx")
    page = book["gaps"]
    for name, value in ANSWERS.items():
        page.cell(4, column(page, name)).value = value
        page.cell(4, column(page, name)).data_type = "d" if isinstance(value, date) else "s"
    page.cell(20, column(page, "what to find out")).value = "Ask the dean about rooms"
    page.cell(20, column(page, "owner")).value = "Bo"
    book.save("gaps.xlsx")
    asked = cells(Path("gaps.xlsx"))
    kept = {**ANSWERS, "date": "2026-12-01"}

    assert cli.main(["sheet", "case.xlsx", "--gaps", "gaps.xlsx", "-o", "next.xlsx"]) == 0
    assert cells(Path("next.xlsx"))[0].items() >= kept.items()
    capsys.readouterr()
    assert cli.main(["check", "next.xlsx"]) == 0
    assert f"{len(asked)} things to ask" in capsys.readouterr().out

    for words in (["sheet", "next.xlsx", "-o", "again.xlsx"], ["gaps", "next.xlsx", "-f", "csv"],
                  ["gaps", "case.xlsx", "--earlier", "next.xlsx", "-f", "json"]):  # fmt: skip
        capsys.readouterr()
        assert cli.main(words) == 0
        out = capsys.readouterr().out
        if words[-1] == "csv":
            rows = list(csv.DictReader(io.StringIO(out)))
            assert (rows[0]["owner"], rows[0]["date"], rows[0]["notes"]) == (
                "Ana", "2026-12-01", "by phone",
            )  # fmt: skip
            assert (rows[-1]["what"], rows[-1]["owner"], rows[-1]["state"]) == (
                "Ask the dean about rooms", "Bo", "your own",
            )  # fmt: skip
        elif words[-1] == "json":
            first, *_, own = json.loads(out)["gaps"]
            assert (first["owner"], first["answer"], own["what"]) == (
                "Ana", "=found", "Ask the dean about rooms",
            )  # fmt: skip
        else:
            assert cells(Path("again.xlsx")) == cells(Path("next.xlsx"))

    typed.full_partnership().save(Path("case.xlsx"))
    assert cli.main(["gaps", "case.xlsx", "--earlier", "next.xlsx", "-o", "done.xlsx"]) == 0
    done = cells(Path("done.xlsx"))
    assert {row["state"] for row in done} == {"settled", "your own"}
    assert any(row["owner"] == "Ana" and row["answer"] == "=found" for row in done)


def test_a_list_that_cannot_be_kept_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["gaps", "one-cycle-open", "-o", "gaps.xlsx"]) == 0
    book = openpyxl.load_workbook("gaps.xlsx")
    book["gaps"]["P2"], book["gaps"]["P4"] = "phone", "555"
    book.save("gaps.xlsx")
    typed.full_partnership().save(Path("case.xlsx"))
    for words, told in (
        (["sheet", "one-cycle-open", "--gaps", "gaps.xlsx"], "gaps.xlsx!gaps!P2: says ‘phone’"),
        (["sheet", "one-cycle-open", "--gaps", "case.xlsx"], "it has no sheet gaps"),
        (["gaps", "one-cycle-open", "--earlier", "none.xlsx"], "there is no such file"),
        (["gaps", "one-cycle-open", "-f", "turtle"], "there is no format 'turtle' here"),
    ):
        assert cli.main([*words, "-o", "out.xlsx"]) == 2
        assert told in capsys.readouterr().err
        assert not Path("out.xlsx").exists()


def test_where_nothing_is_open_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["gaps", "full-partnership"]) == 0
    assert "Nothing is open" in capsys.readouterr().out


@pytest.mark.parametrize("definition", [*shipped_definitions()][1:])
def test_it_works_for_other_definitions(
    definition: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["gaps", "vending-machine-contract", "-d", definition, "-f", "json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["definition"] == definition
    assert all(gap["effects"] or gap["hangs_on_it"] for gap in tree["gaps"])


def test_a_list_alone_is_no_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "gaps.xlsx"
    assert cli.main(["gaps", "one-cycle-open", "-o", str(path)]) == 0
    assert cli.main(["check", str(path)]) == 2
    assert "k20kg sheet CASE --gaps" in capsys.readouterr().err
