"""Workbooks in LibreOffice: they open, say the same when saved, keep their drop-down lists."""

from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typed
from office import converted, needs_libreoffice
from scale import some

from k20kg import cli

pytestmark = needs_libreoffice


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the settings of LibreOffice."""
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def lamsig(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LAMSIG in the starter, with a list of what to ask."""
    path = tmp_path_factory.mktemp("lamsig") / "lamsig.xlsx"
    gaps = path.with_name("gaps.xlsx")
    assert cli.main(["gaps", "one-cycle-open", "-o", str(gaps)]) == 0
    assert cli.main(["sheet", "lamsig", "--gaps", str(gaps), "-o", str(path)]) == 0
    return path


def lists(book: Any) -> Counter[str]:
    """Return how many cells of each sheet have a drop-down list."""
    return Counter(
        {
            page.title: sum(
                rng.size["rows"] * rng.size["columns"]
                for one in page.data_validations.dataValidation if one.type == "list"
                for rng in one.sqref.ranges
            )
            for page in book
        }
    )  # fmt: skip


@pytest.mark.parametrize("ending", some(["ods", "xlsx"], sample=1))
def test_lamsig_says_the_same_when_libreoffice_has_saved_it(
    lamsig: Path, ending: str, home: Path
) -> None:
    again = converted(lamsig, ending, home)
    assert set(typed.read(again).quads) == set(typed.read(lamsig).quads)
    assert typed.faults_of(again) == []
    (before,), (after,) = (one.documents for one in map(typed.read, (lamsig, again)))
    assert before.cells
    assert after.cells
    assert after.cells.lists == before.cells.lists


def test_drop_down_lists_survive(tmp_path: Path, home: Path) -> None:
    path = tmp_path / "starter.xlsx"
    path.write_bytes(typed.empty())
    again = openpyxl.load_workbook(converted(path, "xlsx", home))
    before = lists(openpyxl.load_workbook(io.BytesIO(typed.empty())))
    assert sum(before.values()) > 20_000
    assert lists(again) == before
    assert all(page.sheet_state == "visible" for page in again)
    assert cli.main(["check", str(path)]) == 1


def test_a_marked_copy_opens_with_its_notes_and_colours(tmp_path: Path, home: Path) -> None:
    case = typed.full_partnership()
    places = [case.put("goals", "by how many", "all interviwed"), case.put("people", "side", "K12")]
    case.save(tmp_path / "case.xlsx")
    marked = tmp_path / "marked.xlsx"
    assert cli.main(["check", str(tmp_path / "case.xlsx"), "--mark", str(marked)]) == 1
    book = openpyxl.load_workbook(converted(marked, "xlsx", home))
    assert book.sheetnames[0] == "faults"
    for place in places:
        sheet, _, cell = place.rpartition("!")
        assert book[sheet][cell].comment
        assert book[sheet][cell].fill.fgColor.rgb == "FFFFC7CE"
