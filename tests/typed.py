"""Workbooks filled cell by cell, as a person would, and files that are not what they seem."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl

from k20kg.judging.cases import Case, read_cases
from k20kg.sheets.excel import write_xlsx
from k20kg.sheets.schema import STARTER, fold
from k20kg.sheets.workbooks import workbook

FIRST = 4
"""The first row of a sheet below title, headings and help."""

GROUP = {
    "short name": "full-partnership",
    "full name": "Full partnership (made up)",
    "what it is": "A school district and a university wrote science units together.",
    "formed": "2020-02-01",
    "formed through": "agreement",
    "formed: says so": "E1",
    "made up?": "yes",
    "evaluated by": "A. Evaluator (made up)",
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "organizations": [
        {"short name": "district", "full name": "Example Valley Schools (made up)",
         "kind": "K-12 school district", "member?": "yes", "says so": "E1",
         "NCES LEA id": "0622710"},
        {"short name": "university", "full name": "Example State University (made up)",
         "kind": "university", "member?": "yes", "says so": "E1"},
    ],
    "people": [
        {"short name": "teachers", "who": "District teachers", "side": "K-12",
         "home organization": "district", "how many": 6, "on the roll?": "yes",
         "came regularly?": "yes", "was asked?": "yes", "says so": "E2"},
        {"short name": "faculty", "who": "University faculty", "side": "higher education",
         "home organization": "university", "how many": 3, "on the roll?": "yes",
         "came regularly?": "yes", "was asked?": "yes", "says so": "E2"},
    ],
    "agreements": [
        {"short name": "agreement", "name": "Agreement on joint science units",
         "parties": "district; university", "dated": "2020-01-15", "formed the group?": "yes",
         "says so": "E1"},
    ],
    "signed, promised": [
        {"agreement": "agreement", "organization": "district", "what it did": "signed",
         "by whom": "superintendent", "top leader?": "yes", "says so": "E1"},
        {"agreement": "agreement", "organization": "university", "what it did": "signed",
         "by whom": "provost", "top leader?": "yes", "says so": "E1"},
        {"agreement": "agreement", "organization": "district",
         "what it did": "committed a resource", "resource": "people's time", "says so": "E1"},
        {"agreement": "agreement", "organization": "university",
         "what it did": "committed a resource", "resource": "people's time; money",
         "what exactly": "Faculty time and a yearly sum", "says so": "E1"},
    ],
    "goals": [
        {"goal": "Better science units", "held by": "teachers", "by how many": "all interviewed",
         "says so": "E3"},
        {"goal": "better science  units", "held by": "faculty", "by how many": "All interviewed",
         "says so": "E3"},
    ],
    "routine": [
        {"procedure": "Draft, try out, revise", "written down?": "yes", "run": "Unit on heat",
         "how far it came": "completed", "number": 1, "says so": "E4"},
        {"procedure": "Draft, try out, revise", "run": "Unit on light",
         "how far it came": "completed", "number": 2, "says so": "E4"},
    ],
    "work": [
        {"task": "Write a unit", "serves goal": "Better science units", "who": "teachers",
         "did what": "reviews", "how the work was divided": "sequential",
         "resource used": "people's time", "whose": "district", "says so": "E5"},
        {"task": "Write a unit", "who": "faculty", "did what": "writes",
         "resource used": "people's time", "whose": "university", "says so": "E5"},
        {"task": "Write a unit", "resource used": "money", "whose": "university", "says so": "E5"},
        {"task": "Write a unit", "resource used": "material", "whose": "district", "says so": "E5"},
    ],
    "benefits": [
        {"who says so": "teachers", "benefit": "Units that the schools can keep",
         "affirms or denies": "affirms", "expected or received": "expected",
         "whose gain": "own organization", "which organization": "district",
         "by how many": "all members", "says so": "E3"},
        {"who says so": "faculty", "benefit": "Schools for student teachers",
         "affirms or denies": "affirms", "expected or received": "expected",
         "whose gain": "own organization", "which organization": "university",
         "by how many": "all members", "says so": "E3"},
    ],
    "evidence": [
        {"short name": f"E{number}", "source": "Made up for testing", "place": f"item {number}",
         "how found": "made up"}
        for number in range(1, 7)
    ],
}  # fmt: skip


@cache
def empty() -> bytes:
    """Return the empty starter."""
    return write_xlsx(workbook(STARTER), {})


class Typed:
    """A starter, empty unless it is on file, that is typed into."""

    def __init__(self, path: Path | None = None) -> None:
        self.book = openpyxl.load_workbook(path or io.BytesIO(empty()))

    def cell(self, sheet: str, heading: str, row: int = FIRST) -> Any:
        """Return the cell of a row under a heading; on a form, the answer to a question."""
        page, heading = self.book[sheet], fold(heading)
        if page["A2"].value == "question":
            return next(page.cell(r, 2) for r in range(3, page.max_row + 1)
                        if fold(str(page.cell(r, 1).value)) == heading)  # fmt: skip
        column = next(c for c in page[2] if fold(str(c.value)) == heading)
        return page.cell(row, column.column)

    def put(self, sheet: str, heading: str, value: object, row: int = FIRST) -> str:
        """Type into a cell; return its address, ``benefits!D7``."""
        cell = self.cell(sheet, heading, row)
        cell.value = value
        return f"{sheet}!{cell.coordinate}"

    def save(self, path: Path) -> Path:
        """Save it and return where."""
        self.book.save(path)
        return path


def full_partnership() -> Typed:
    """Return the made-up full partnership, typed in cell by cell."""
    typed = Typed()
    for question, answer in GROUP.items():
        typed.put("group", question, answer)
    for sheet, rows in ROWS.items():
        for number, row in enumerate(rows, FIRST):
            for heading, value in row.items():
                typed.put(sheet, heading, value, number)
    page = typed.book["complete lists"]
    for number in range(FIRST, FIRST + 11):
        assert page.cell(number, 1).value
        typed.put("complete lists", "complete?", "yes", number)
        typed.put("complete lists", "as of", "2021-06-30", number)
        typed.put("complete lists", "who says so", "the evaluator", number)
        typed.put("complete lists", "says so", "E6", number)
    return typed


def read(path: Path) -> Case:
    """Return the one case of a file."""
    (case,) = read_cases([path])
    return case


def faults_of(path: Path) -> list[tuple[str, str, str]]:
    """Return what is wrong with the cells of a workbook: address, what, what to do."""
    case = read(path)
    cells = case.documents[0].cells
    assert cells is not None
    return [(where.partition("!")[2], what, remedy) for where, what, remedy in cells.faults]


def rezip(data: bytes, **changed: bytes | None) -> bytes:
    """Return a workbook with parts of it replaced, added, or (None) left out; ``__`` is a slash."""
    parts = {name.replace("__", "/").replace("_xml", ".xml"): c for name, c in changed.items()}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()
