"""Faults of a workbook are told by cell, in words for who fills cells, all in one run."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typed

from k20kg import cli

FAULTS: dict[str, tuple[str, str, Any, str, str]] = {
    "not on the list": ("goals", "by how many", "all interviwed", "says ‘all interviwed’",
        "did you mean ‘all interviewed’?"),
    "far from the list": ("benefits", "affirms or denies", "perhaps",
        "says ‘perhaps’, which is not on the list", "choose one of: affirms, denies"),
    "no such short name": ("people", "home organization", "distict",
        "names ‘distict’, which is not on organizations", "did you mean ‘district’?"),
    "a short name of another sheet": ("work", "who", "E5",
        "names ‘E5’, which stands on evidence and not on people",
        "choose from people, or leave it empty"),
    "a goal that is not there": ("work", "serves goal", "Better science unit",
        "names ‘Better science unit’, which is not on goals",
        "did you mean ‘Better science units’?"),
    "zeros lost": ("organizations", "NCES LEA id", 622710,
        "holds the number 622710 where text belongs; Excel may have dropped zeros",
        "set the cell to Text and write it as the source has it"),
    "6.10 made 6.1": ("evidence", "place", 6.1,
        "holds the number 6.1 where text belongs; Excel may have dropped zeros",
        "set the cell to Text and write it as the source has it"),
    "6-8 made a date": ("evidence", "place", dt.date(2026, 6, 8),
        "holds the date or time 2026-06-08 where text belongs; "
        "Excel may have made it of other signs",
        "set the cell to Text and write it as the source has it, such as 6-8"),
    "a word for a number": ("people", "how many", "three", "says ‘three’ where a number belongs",
        "write a number such as 6 or 0.5"),
    "a comma in a number": ("people", "how many", "4,5", "says ‘4,5’", "write 4.5 with a point"),
    "half a run": ("routine", "number", 1.5, "says ‘1.5’ where a whole number belongs",
        "write a whole number such as 2"),
    "a date in words": ("agreements", "dated", "30 June 2020",
        "says ‘30 June 2020’ where a date belongs",
        "write it as 2020-06-30"),
    "a day number of Excel": ("agreements", "dated", 45838, "says ‘45838’ where a date belongs",
        "write it as 2025-06-30"),
    "a day that is none": ("agreements", "dated", "2020-06-31",
        "says ‘2020-06-31’, a day that there is not", "mend the date"),
    "neither yes nor no": ("people", "on the roll?", "perhaps", "says ‘perhaps’",
        "choose yes, no or unknown"),
    "a needed cell empty": ("goals", "held by", None, "is empty, and held by is needed",
        "short names from people, with ; between"),
    "a formula without a value": ("people", "how many", "=3+3", "holds a formula without a value",
        "open the workbook, let it calculate and save it again, or write the value itself"),
    "an error of Excel": ("people", "how many", "#REF!", "holds the error #REF!",
        "open the workbook, let it calculate and save it again, or write the value itself"),
    "no web address": ("organizations", "web address", "http://a b",
        "says ‘http://a b’, which is no web address",
        "write one such as https://example.org/a, or nothing"),
    "a short name twice": ("people", "short name", "faculty",
        "gives the short name ‘faculty’ a second time",
        "it stands at case.xlsx!people!A4 already; give each its own"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_by_its_cell(name: str, tmp_path: Path) -> None:
    sheet, heading, value, what, remedy = FAULTS[name]
    case = typed.full_partnership()
    where = case.put(sheet, heading, value)
    if name == "a short name twice":
        where = where.replace("A4", "A5")
    assert (where, what, remedy) in typed.faults_of(case.save(tmp_path / "case.xlsx"))


ACCEPTED: dict[str, tuple[str, str, Any, str]] = {
    "Y": ("people", "on the roll?", "Y", '"true"'),
    "yes and a blank": ("people", "on the roll?", " yes ", '"true"'),
    "TRUE": ("people", "on the roll?", True, '"true"'),
    "No": ("people", "on the roll?", "No", '"false"'),
    "a year": ("agreements", "dated", "2020", '"2020-12-31T23:59:59Z"'),
    "a year as a number": ("agreements", "dated", 2020, '"2020-12-31T23:59:59Z"'),
    "a month": ("agreements", "dated", "2020-02", '"2020-02-29T23:59:59Z"'),
    "a date of Excel": ("agreements", "dated", dt.date(2020, 1, 15), '"2020-01-15T23:59:59Z"'),
    "by a day": ("agreements", "dated", "by 2020-01-15", '"2020-01-15T23:59:59Z"'),
    "a span": ("agreements", "dated", "2019-07 to 2019-10", '"2019-10-31T23:59:59Z"'),
    "a word in capitals": ("goals", "by how many", "ALL INTERVIEWED", "#AllInterviewed"),
    "the term itself": ("goals", "by how many", "AllInterviewed", "#AllInterviewed"),
    "a method of one's own": ("evidence", "how found", "postcards", '"postcards"@en'),
    "a half": ("people", "how many", 0.5, '"0.5"'),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_people_write_is_taken(name: str, tmp_path: Path) -> None:
    sheet, heading, value, said = ACCEPTED[name]
    case = typed.full_partnership()
    case.put(sheet, heading, value)
    path = case.save(tmp_path / "case.xlsx")
    assert typed.faults_of(path) == []
    assert any(said in str(quad.object) for quad in typed.read(path).quads)


@pytest.mark.parametrize("answer", [None, "unknown", "Unknown", "?"])
def test_silence_stays_silence(answer: str | None, tmp_path: Path) -> None:
    case = typed.full_partnership()
    case.put("people", "on the roll?", answer)
    quads = typed.read(case.save(tmp_path / "case.xlsx")).quads
    assert sum(quad.predicate.value.endswith("#onRoll") for quad in quads) == 1


RECORD: dict[str, tuple[str, str, Any, str, str]] = {
    "no evidence": ("benefits", "says so", None, "has no evidence",
        "write the short name of an evidence row under says so, contradicts or leaves open"),
    "nobody": ("people", "how many", 0,
        "has the head count 0, so it stands for nobody, "
        "and is said to have been asked, listed or at work",
        "write how many there were, or empty the cell if nobody knows; "
        "take the row out if there was nobody"),
    "one number for two runs": ("routine", "number", 2,
        "has the sequence number of another run through the same procedure or another edition of "
        "it (‘Draft, try out, revise’)",
        "number the runs in time order, each number once; keep one row if both are one run"),
    "no kind of resource": ("signed, promised", "what it did", "committed a resource",
        "does not give its resource kind as a value of the vocabulary, "
        "nor as a concept of your own with a label",
        "choose a resource kind from the list, or write a word of your own"),
}  # fmt: skip
PLACES = {"no kind of resource": "signed, promised!F4"}


@pytest.mark.parametrize("name", RECORD)
def test_a_fault_of_the_record_is_told_by_its_cell(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, heading, value, what, remedy = RECORD[name]
    case = typed.full_partnership()
    where = PLACES.get(name) or case.put(sheet, heading, value)
    case.put(sheet, heading, value)
    path = case.save(tmp_path / "case.xlsx")
    assert cli.main(["check", str(path)]) == 1
    assert f"case.xlsx!{where}: {what}; {remedy}\n" in capsys.readouterr().out
    assert cli.main(["validate", str(path)]) == 2
    assert f"case.xlsx!{where}: {what}" in capsys.readouterr().err


def spoil(case: typed.Typed) -> list[str]:
    """Put faults of several kinds into a case; return where."""
    return [
        case.put("benefits", "whose gain", "own organisation"),
        case.put("benefits", "whose gain", "own organisation", 5),
        case.put("goals", "by how many", "all interviwed"),
        case.put("organizations", "NCES LEA id", 622710),
        case.put("benefits", "says so", None, 5),
    ]


def test_all_faults_are_told_in_one_run_those_of_a_kind_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = typed.full_partnership()
    places = spoil(case)
    case.book["work"]["C2"] = "whoo"
    path = case.save(tmp_path / "case.xlsx")
    assert cli.main(["check", str(path)]) == 1
    contains, head, worst, *lines = capsys.readouterr().out.splitlines()
    assert contains.startswith("case.xlsx contains: 2 organizations (1 K-12 school district")
    assert head.endswith("kinds, the worst first:")
    assert worst.startswith(
        "case.xlsx!work!C2: says ‘whoo’, which is no heading of work; did you mean ‘who’?"
    )
    start = lines.index("3 × says …")
    assert [line.partition(": ")[0] for line in lines[start + 1 : start + 4]] == [
        f"case.xlsx!{place}" for place in (places[2], places[0], places[1])
    ]
    assert all(any(f"!{place}: " in line for line in lines) for place in places)
    assert cli.main(["check", str(path), "-f", "json"]) == 1
    data = json.loads(capsys.readouterr().out)["cases"][0]
    assert data["contains"] == contains
    assert {fault["where"] for fault in data["faults"]} >= {
        f"case.xlsx!{place}" for place in places
    }


def test_a_batch_refuses_a_workbook_with_faults(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = typed.full_partnership()
    case.put("goals", "by how many", "all interviwed")
    path = case.save(tmp_path / "case.xlsx")
    assert cli.main(["batch", str(path), "-f", "jsonl"]) != 0
    out, err = capsys.readouterr()
    assert "did you mean ‘all interviewed’?" in out + err
    assert '"verdict": "met"' not in out


def test_a_marked_copy_colours_cells_and_lists_the_faults_in_front(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = typed.full_partnership()
    places = spoil(case)
    path, marked = case.save(tmp_path / "case.xlsx"), tmp_path / "marked.xlsx"
    assert cli.main(["check", str(path), "--mark", str(marked)]) == 1
    first = marked.read_bytes()
    assert cli.main(["check", str(path), "--mark", str(marked)]) == 1
    assert marked.read_bytes() == first
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.sheetnames[0] == "faults"
    listed = [[c.value for c in row[:3]] for row in book["faults"].iter_rows(min_row=3)]
    assert len(listed) == len(places)
    for place in places:
        sheet, _, cell = place.rpartition("!")
        target = book[sheet][cell]
        assert target.fill.fgColor.rgb == "00FFC7CE"
        row = next(row for row in listed if row[0] == f"{sheet}, {cell}")
        assert target.comment is not None
        assert target.comment.text == f"{row[1]}\n→ {row[2]}"
    # mended in the copy, it is well formed, and its own list of faults is no part of the case
    for place, value in zip(
        places, ["own organization"] * 2 + ["all interviewed", "0622710", "E3"], strict=True
    ):
        sheet, _, cell = place.rpartition("!")
        book[sheet][cell] = value
    book.save(marked)
    capsys.readouterr()
    assert cli.main(["check", str(marked)]) == 0
    assert capsys.readouterr().err == ""


# ---------------------------------------------------------------- where cells are


def insert_blank_rows(case: typed.Typed) -> None:
    case.book["goals"].insert_rows(5, 3)


def move_columns(case: typed.Typed) -> None:
    page = case.book["goals"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=2)]
    for number, row in enumerate(rows, 2):
        for index, value in enumerate(reversed(row), 1):
            page.cell(number, index).value = value


def comment_a_column(case: typed.Typed) -> None:
    page = case.book["goals"]
    page.insert_cols(2)
    page["B2"], page["B4"], page["B5"] = "# my notes", "look again", "all interviwed"


def hide_a_column(case: typed.Typed) -> None:
    case.book["goals"].column_dimensions["B"].hidden = True


def add_headings(case: typed.Typed) -> None:
    page = case.book["goals"]
    page.insert_rows(2)
    for column, text in enumerate(("Ziel", "wer", "wie viele"), 1):
        page.cell(2, column).value = text


def repeat_headings(case: typed.Typed) -> None:
    page = case.book["goals"]
    page.insert_rows(5)
    for cell in page[2]:
        page.cell(5, cell.column).value = str(cell.value).upper()


def title_above(case: typed.Typed) -> None:
    case.book["goals"].insert_rows(1, 4)


@pytest.mark.parametrize(
    "change",
    [
        insert_blank_rows,
        move_columns,
        comment_a_column,
        hide_a_column,
        add_headings,
        repeat_headings,
        title_above,
    ],
)
def test_addresses_are_right_and_nothing_is_lost(change: Any, tmp_path: Path) -> None:
    case = typed.full_partnership()
    before = set(typed.read(case.save(tmp_path / "case.xlsx")).quads)
    change(case)
    assert typed.faults_of(case.save(tmp_path / "case.xlsx")) == []
    assert set(typed.read(tmp_path / "case.xlsx").quads) == before
    page = case.book["goals"]
    (cell,) = [
        c for row in page.iter_rows(min_row=3) for c in row
        if c.value == "All interviewed"
    ]  # fmt: skip
    cell.value = "All interviwed"
    ((where, what, _),) = typed.faults_of(case.save(tmp_path / "case.xlsx"))
    assert (where, what) == (f"goals!{cell.coordinate}", "says ‘All interviwed’")


def test_merged_cells_speak_for_each_row(tmp_path: Path) -> None:
    case = typed.full_partnership()
    before = set(typed.read(case.save(tmp_path / "case.xlsx")).quads)
    case.book["routine"].merge_cells("A4:A5")
    assert set(typed.read(case.save(tmp_path / "case.xlsx")).quads) == before


def test_sheets_may_be_put_in_another_order_and_notes_are_left_alone(tmp_path: Path) -> None:
    case = typed.full_partnership()
    before = set(typed.read(case.save(tmp_path / "case.xlsx")).quads)
    case.book.move_sheet("evidence", -8)
    case.book.create_sheet("# to do")["A1"] = "ask the dean"
    page = case.book["people"]
    page.cell(20, 1).value, page.cell(20, 2).value = "# ask again", "whom"
    path = case.save(tmp_path / "case.xlsx")
    assert set(typed.read(path).quads) == before
    assert typed.read(path).unread == ()


def test_a_sheet_that_is_nearly_ours_is_a_fault_and_another_is_told(tmp_path: Path) -> None:
    case = typed.full_partnership()
    case.book["benefits"].title = "benefitts"
    case.book.create_sheet("budget")["A1"] = 1
    path = case.save(tmp_path / "case.xlsx")
    assert (
        "benefitts",
        "is a sheet that the workbook does not have",
        "did you mean ‘benefits’?",
    ) in (typed.faults_of(path))
    assert typed.read(path).unread == ("case.xlsx!budget: no sheet of the workbook",)


def test_a_cell_that_nothing_is_made_of_is_told(tmp_path: Path) -> None:
    case = typed.full_partnership()
    case.put("organizations", "member?", "no")
    path = case.save(tmp_path / "case.xlsx")
    told = "case.xlsx!organizations!E4: nothing in the row needs what is written there"
    assert typed.read(path).unread == (told,)


def test_an_empty_starter_says_what_to_begin_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = typed.Typed().save(tmp_path / "case.xlsx")
    assert cli.main(["check", str(path)]) == 1
    assert "case.xlsx!group!B3: is empty, and short name is needed;" in capsys.readouterr().out
