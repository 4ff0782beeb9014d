"""A workbook sent to the page that judges, in a real browser: xlsx, ods, tables in a ZIP file."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
import typed
from office import SOFFICE, converted
from scale import some
from test_web_browser import Browser, _await_report, _open, browser
from test_web_browser import pytestmark as in_browser

pytestmark = in_browser
__all__ = ["browser"]
KINDS = {"xlsx": "the workbook", "ods": "as LibreOffice saves it", "zip": "a table for each sheet"}


def send(page: object, path: Path) -> None:
    """Choose a file on the page, and send it."""
    _open(page, "/judge")
    page.locator("input[type=file]").first.set_input_files(path)  # type: ignore[attr-defined]
    page.get_by_role("button", name="Judge it").first.click()  # type: ignore[attr-defined]


def tables(case: typed.Typed, path: Path) -> Path:
    """Write a workbook as a ZIP file of CSV files."""
    with zipfile.ZipFile(path, "w") as packed:
        for sheet in case.book:
            text = io.StringIO()
            csv.writer(text).writerows([c.value for c in row] for row in sheet.iter_rows())
            packed.writestr(f"my case/{sheet.title}.csv", text.getvalue())
    return path


@pytest.mark.parametrize("kind", some(KINDS, sample=2, always=["xlsx", "zip"]))
def test_a_workbook_is_judged_and_its_faults_are_told_by_cell(
    kind: str, browser: Browser, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if kind == "ods" and SOFFICE is None:
        pytest.skip("Debian's package libreoffice-calc is not installed")
    page, watch = browser.page(expect_status=True)
    for fault in (False, True):
        case = typed.full_partnership()
        if fault:
            places = [case.put("goals", "by how many", "all interviwed"),
                      case.put("benefits", "says so", None)]  # fmt: skip
        path = case.save(tmp_path / "case.xlsx")
        if kind == "ods":
            path = converted(path, "ods", tmp_path_factory.getbasetemp() / "office")
        path = tables(case, tmp_path / "case.zip") if kind == "zip" else path
        send(page, path)
        if not fault:
            _await_report(page)
            assert "K-20 partnership" in page.locator("main").inner_text()
            continue
        page.wait_for_selector("[role=alert]")
        said = page.locator("main").inner_text()
        assert all(f"{path.name}!{place}: " in said for place in places)
        assert "says ‘all interviwed’; did you mean ‘all interviewed’?" in said
        assert "write the short name of an evidence row" in said
        assert "k20:" not in page.locator("[role=alert]").inner_text()
        assert page.locator("textarea#text").first.input_value() == ""
    assert watch.quiet, watch
    page.context.close()
