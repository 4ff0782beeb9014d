"""Files that are no workbook, or more than one: named, with the way on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import openpyxl
import pytest
import typed

from k20kg import cli
from k20kg.errors import InputError

WORD = {"[Content_Types].xml": b"", "word/document.xml": b"<w/>"}
QDPX = {"project.qde": b"<Project/>", "sources/1.txt": b""}
ODT = {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b""}


def zipped(parts: dict[str, bytes]) -> bytes:
    """Return a ZIP file of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


@cache
def starter() -> bytes:
    """Return the full partnership as a workbook."""
    out = io.BytesIO()
    typed.full_partnership().book.save(out)
    return out.getvalue()


def bomb(size: int) -> bytes:
    """Return a workbook one part of which unpacks to so many bytes."""
    return typed.rezip(starter(), xl__media__a_xml=b"\0" * size)


def lying(size: int) -> bytes:
    """Return the same with a head that says it is small."""
    data = bomb(size)
    return data.replace(size.to_bytes(4, "little"), (100).to_bytes(4, "little"))


def foreign() -> bytes:
    """Return a workbook that is not ours."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "income"  # type: ignore[index]
    book.save(out)
    return out.getvalue()


def other_version() -> bytes:
    """Return a starter of another version."""
    typed_in, out = typed.full_partnership(), io.BytesIO()
    for row in typed_in.book["start here"].iter_rows():
        for cell in row:
            if cell.value == "starter 1.0":
                cell.value = "starter 9.0"
    typed_in.book.save(out)
    return out.getvalue()


ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
REFUSED: dict[str, tuple[bytes | Callable[[], bytes], str, str]] = {
    "case.xls": (OLD, "this is an old Office document (xls, doc)", "open it and save it as .xlsx"),
    "locked.xlsx": (OLD + "EncryptedPackage".encode("utf-16-le"),
        "the workbook is protected by a password", "save a copy without a password"),
    "report.docx": (zipped(WORD), "this is a Word document", "k20kg sheet -o case.xlsx"),
    "project.qdpx": (zipped(QDPX), "this is a project of a program for coding texts (qdpx)",
        "export the codings and write them into a workbook"),
    "text.odt": (zipped(ODT), "this is an OpenDocument file, and no spreadsheet", "k20kg sheet"),
    "case.zip": (zipped({"case.ttl": b""}), "this is a ZIP archive, and no workbook", "unpack it"),
    "cut.xlsx": (lambda: starter()[:20000], "this is no whole ZIP archive or Office document",
        "get the whole file"),
    "budget.xlsx": (foreign, "it is no k20kg workbook: it has no sheet group",
        "write it into a workbook of ours: k20kg sheet -o case.xlsx"),
    "newer.xlsx": (other_version,
        "it was made as starter 9.0, and this k20kg reads starter 1.0", "k20kg sheet -o case.xlsx"),
    "bomb.xlsx": (lambda: bomb(8 << 20),
        "xl/media/a.xml in it unpacks to more than 200 times its size",
        "copy the rows that are filled into a new workbook"),
    "lying.xlsx": (lambda: lying(8 << 20),
        "in it unpacks to more than 200 times its size", "new workbook"),
    "entity.xlsx": (lambda: typed.rezip(starter(), xl__workbook_xml=ENTITY),
        "xl/workbook.xml in it declares a document type", "ask where it comes from"),
    "people.csv": (b"short name,who\nteachers,District teachers\n",
        "it looks like a table with comma-separated values (CSV)",
        "give the folder with one such file for each sheet"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_workbook_is_named_with_the_way_on(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, what, remedy = REFUSED[name]
    (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data())
    assert cli.main(["validate", str(tmp_path / name)]) == 2
    told = capsys.readouterr().err
    assert what in told
    assert remedy in told
    assert str(tmp_path / name) in told


def test_macros_and_links_to_other_files_are_told_and_left_alone(tmp_path: Path) -> None:
    data = typed.rezip(
        starter(), **{"xl__vbaProject.bin": b"x", "xl__externalLinks__externalLink1_xml": b"<a/>"}
    )
    path = tmp_path / "case.xlsm"
    path.write_bytes(data)
    assert typed.read(path).unread == (
        f"{path}: it has macros; they are not run",
        f"{path}: it has links to other files; they are not followed",
    )


def test_a_million_empty_rows_are_passed_over(tmp_path: Path) -> None:
    data = starter()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next(n for n in archive.namelist() if n.endswith("sheet8.xml"))
        page = archive.read(name)
    rows = b"".join(b'<row r="%d" ht="15"/>' % n for n in range(100, 1_000_000, 1))
    part = page.replace(b"</sheetData>", rows + b"</sheetData>")
    path = tmp_path / "case.xlsx"
    path.write_bytes(typed.rezip(data, **{name.replace("/", "__"): part}))
    assert typed.faults_of(path) == []


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    case = typed.full_partnership()
    case.book["work"].cell(100_001, 1).value = "x"
    with pytest.raises(InputError, match="the sheet work has 100001 rows"):
        typed.read(case.save(tmp_path / "case.xlsx"))


def test_a_workbook_of_two_groups_beside_another_is_no_muddle(tmp_path: Path) -> None:
    (tmp_path / "~$case.xlsx").write_bytes(b"lock")
    typed.full_partnership().save(tmp_path / "case.xlsx")
    assert typed.read(tmp_path).group == "https://example.org/case/full-partnership"
