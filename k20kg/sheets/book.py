"""Files of spreadsheets → tables of cells, with what else is in them; what is none is refused.

xlsx and ods are read by python-calamine, a folder of CSV files by the standard library. What Excel
keeps beside values (formulas, errors, merged cells) is looked up in the file itself.
"""

from __future__ import annotations

import csv
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from k20kg.errors import InputError, install
from k20kg.rdf.text import decode, escape_controls
from k20kg.sheets.cells import Missing, Raw

_MIB: Final = 1024 * 1024
_LARGEST: Final = 64 * _MIB
_MOST_TIMES: Final = 200
_MOST_ROWS: Final = 100_000
_START: Final = "start with an empty one: k20kg sheet -o case.xlsx"
_WRITE: Final = f"write what it says into a workbook; {_START}"
_OLD: Final = b"\xd0\xcf\x11\xe0"
_OTHERS: Final = {
    "word/document.xml": ("a Word document", _WRITE),
    "ppt/presentation.xml": ("a PowerPoint file", _WRITE),
    "project.qde": (
        "a project of a program for coding texts (qdpx)",
        f"export the codings and write them into a workbook; {_START}",
    ),
    "xl/workbook.bin": ("a binary Excel workbook (xlsb)", "save it as .xlsx"),
}
_TOLD: Final = {
    "xl/vbaProject": "it has macros; they are not run",
    "xl/externalLinks/": "it has links to other files; they are not followed",
}
_CELL: Final = re.compile(rb'<c r="([A-Z]+)(\d+)"((?:\s[^>]*)?)(?:/>|>(.*?)</c>)', re.DOTALL)
_VALUE: Final = re.compile(rb"<v[^>]*>([^<]+)|<is\b")


@dataclass
class SheetTable:
    """One sheet: rows of cells from A1 on."""

    name: str
    rows: list[list[Raw]]


@dataclass
class Book:
    """A file, or a folder, of tables."""

    where: str
    tables: list[SheetTable]
    notes: list[str] = field(default_factory=list)
    """Parts that belong to no case, each with its place and what becomes of it."""


def address(row: int, column: int) -> str:
    """Return a cell's address, both from 1.

    >>> address(7, 28)
    'AB7'
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def open_book(data: bytes, where: str) -> Book:
    """Return the tables of a workbook; `InputError` for what is none, with the way on."""
    if data.startswith(_OLD) and "EncryptedPackage".encode("utf-16-le") in data:
        remedy = "save a copy without a password: File, Info, Protect Workbook"
        raise InputError("the workbook is protected by a password", where=where, remedy=remedy)
    if data.startswith(_OLD):
        what = "this is an old Office document (xls, doc)"
        raise InputError(what, where=where, remedy="open it and save it as .xlsx")
    parts = dict(_unpacked(data, where))
    kind = parts.get("mimetype", b"")
    for name in parts.keys() & _OTHERS:
        raise InputError(f"this is {_OTHERS[name][0]}", where=where, remedy=_OTHERS[name][1])
    if b"opendocument" in kind and b"spreadsheet" not in kind:
        what = "this is an OpenDocument file, and no spreadsheet"
        raise InputError(what, where=where, remedy=_START)
    if "xl/workbook.xml" not in parts and b"spreadsheet" not in kind:
        if any(name.lower().endswith(".csv") for name in parts):
            return csv_book(parts.items(), where)
        raise InputError("this is a ZIP archive, and no workbook", where=where, remedy="unpack it")
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part[:4096]:
            what = f"{escape_controls(name)} in it declares a document type, as no workbook does"
            raise InputError(what, where=where, remedy="do not open it; ask where it comes from")
    told = [t for begin, t in _TOLD.items() if any(name.startswith(begin) for name in parts)]
    return Book(where, list(_tables(data, where, parts)), [f"{where}: {note}" for note in told])


def _unpacked(data: bytes, where: str) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a ZIP file, none larger than it may be, whatever its head says."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part in archive.infolist():
                if part.flag_bits & 1:
                    remedy = "save it without one"
                    raise InputError("it is protected by a password", where=where, remedy=remedy)
                most = min(_LARGEST - total, max(_MIB, part.compress_size * _MOST_TIMES))
                content = _content(data, part, most + 1)
                total += len(content)
                if len(content) > most:
                    raise InputError(
                        f"{escape_controls(part.filename)} in it unpacks to more than "
                        f"{_MOST_TIMES} times its size, or to more than {_LARGEST // _MIB} MiB",
                        where=where,
                        remedy="copy the rows that are filled into a new workbook",
                    )
                yield part.filename, content
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as fault:
        why = escape_controls(str(fault)).rstrip(".")
        raise InputError(
            f"this is no whole ZIP archive or Office document ({why})",
            where=where,
            remedy="get the whole file, or open it and save it again",
        ) from None


def _content(data: bytes, part: zipfile.ZipInfo, most: int) -> bytes:
    """Return what a part of a ZIP file unpacks to, up to so many bytes."""
    start = part.header_offset
    begin = start + 30
    begin += sum(int.from_bytes(data[start + n : start + n + 2], "little") for n in (26, 28))
    packed = data[begin : begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return packed
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError(f"packed in a way that is not known, {part.compress_type}")
    return zlib.decompressobj(-15).decompress(packed, most)


def _tables(data: bytes, where: str, parts: dict[str, bytes]) -> Iterator[SheetTable]:
    """Yield the sheets of a workbook, with merged cells spread and empty formulas named."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        remedy = install("office")
        raise InputError(
            "workbooks are read by python-calamine", where=where, remedy=remedy
        ) from None
    files = _sheet_files(parts)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            height = sheet.end[0] + 1 if sheet.end else 0
            if height > _MOST_ROWS:
                what = f"the sheet {escape_controls(name)} has {height} rows"
                raise InputError(what, where=where, remedy=f"keep to {_MOST_ROWS} rows")
            rows = sheet.to_python(skip_empty_area=False)
            for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
                for row in rows[top + 1 : bottom + 1]:
                    row[left : left + 1] = rows[top][left : left + 1]
            _name_missing(rows, parts.get(files.get(name, ""), b""))
            yield SheetTable(name, rows)
    except CalamineError as fault:
        what = f"the workbook cannot be read ({escape_controls(str(fault))})"
        raise InputError(what, where=where, remedy="open it and save it again as .xlsx") from None


def _sheet_files(parts: dict[str, bytes]) -> dict[str, str]:
    """Return the file of each sheet of an xlsx, by the sheet's name."""

    def tags(name: str, part: str) -> Iterator[dict[str, str]]:
        text = parts.get(part, b"").decode("utf-8", "replace")
        for tag in re.findall(rf"<{name}\s[^>]*>", text):
            yield {k: html.unescape(v) for k, v in re.findall(r'([\w:]+)="([^"]*)"', tag)}

    links = tags("Relationship", "xl/_rels/workbook.xml.rels")
    targets = {link.get("Id"): link.get("Target", "").removeprefix("/xl/") for link in links}
    sheets = tags("sheet", "xl/workbook.xml")
    return {s.get("name", ""): f"xl/{targets.get(s.get('r:id'), '')}" for s in sheets}


def _name_missing(rows: list[list[Raw]], xml: bytes) -> None:
    """Say in the cells that hold a formula without a value, or an error, what they hold."""
    if b"<f" not in xml and b't="e"' not in xml:
        return
    for letters, line, attributes, inside in _CELL.findall(xml):
        value = _VALUE.search(inside)
        error = b't="e"' in attributes
        if not error and (value or b"<f" not in inside):
            continue
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        rows += [[] for _ in range(int(line) - len(rows))]
        cells = rows[int(line) - 1]
        cells += [""] * (column - len(cells))
        shown = value[1].decode("utf-8", "replace") if value and value[1] else ""
        cells[column - 1] = Missing(f"the error {shown}" if error else "a formula without a value")


def csv_book(files: Iterable[tuple[str, bytes]], where: str) -> Book:
    """Return CSV files, each by its name, as one book; what else is there is told."""
    book = Book(where, [])
    for name, data in sorted(files):
        path = PurePosixPath(name)
        if path.suffix.lower() == ".csv":
            text = decode(data, f"{where}/{escape_controls(path.name)}")
            mark = max(",;\t", key=text.partition("\n")[0].count)
            read = csv.reader(io.StringIO(text), delimiter=mark)
            book.tables.append(SheetTable(path.stem, [list(row) for row in read]))
        elif not name.endswith("/") and "__MACOSX" not in path.parts:
            book.notes.append(f"{where}: {escape_controls(name)} in it is no table")
    return book
