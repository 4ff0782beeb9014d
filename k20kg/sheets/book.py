"""Files of spreadsheets → tables of cells, with what else is in them; what is none is refused.

xlsx and ods are read by python-calamine, a folder of CSV files by the standard library. What Excel
keeps beside values (formulas, errors, merged cells) is looked up in the file itself.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from k20kg.errors import InputError
from k20kg.rdf.text import decode, neutralise
from k20kg.sheets.cells import Missing, Raw

_MIB: Final = 1024 * 1024
_LARGEST: Final = 64 * _MIB
_MOST_TIMES: Final = 200
_MOST_ROWS: Final = 100_000
_START: Final = "start with an empty one: k20kg sheet -o case.xlsx"
_OTHERS: Final = (
    ("word/document.xml", "a Word document", f"write what it says into a workbook; {_START}"),
    ("ppt/presentation.xml", "a PowerPoint file", f"write what it says into a workbook; {_START}"),
    ("project.qde", "a project of a program for coding texts (qdpx)",
     f"export the codings and write them into a workbook; {_START}"),
    ("xl/workbook.bin", "a binary Excel workbook (xlsb)", "save it as .xlsx"),
)  # fmt: skip
_CELL: Final = re.compile(rb'<c r="([A-Z]+)(\d+)"((?:\s[^>]*)?)(?:/>|>(.*?)</c>)', re.DOTALL)
_VALUE: Final = re.compile(rb"<v[^>]*>[^<]|<is\b")


@dataclass
class Table:
    """One sheet: rows of cells from A1 on."""

    name: str
    rows: list[list[Raw]]


@dataclass
class Book:
    """A file, or a folder, of tables."""

    where: str
    tables: list[Table]
    notes: list[str] = field(default_factory=list)
    """What is no part of a case, each with its place and what becomes of it."""


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
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _refused("the workbook is protected by a password", where,
                           "save a copy without a password: File, Info, Protect Workbook")  # fmt: skip
        raise _refused("this is an old Office document (xls, doc)", where,
                       "open it and save it as .xlsx")  # fmt: skip
    parts = dict(_unpacked(data, where))
    for name, what, remedy in _OTHERS:
        if name in parts:
            raise _refused(f"this is {what}", where, remedy)
    kind = parts.get("mimetype", b"")
    if b"opendocument" in kind and b"spreadsheet" not in kind:
        raise _refused("this is an OpenDocument file, and no spreadsheet", where, _START)
    if "xl/workbook.xml" not in parts and b"spreadsheet" not in kind:
        raise _refused("this is a ZIP archive, and no workbook", where, "unpack it")
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in part[:4096]:
            raise _refused(f"{neutralise(name)} in it declares a document type, as no workbook does",
                           where, "do not open it; ask where it comes from")  # fmt: skip
    return _read(data, where, parts)


def _refused(what: str, where: str, remedy: str) -> InputError:
    return InputError(what, where=where, remedy=remedy)


def _unpacked(data: bytes, where: str) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of a ZIP file, none larger than it may be, whatever its head says."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for part in archive.infolist():
                if part.flag_bits & 1:
                    raise _refused("it is protected by a password", where, "save it without one")
                content = _content(data, part, where)
                total += len(content)
                if total > _LARGEST:
                    raise _bomb(where, part.filename)
                yield part.filename, content
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as fault:
        raise _refused(
            f"this is no whole ZIP archive or Office document ({neutralise(str(fault)).rstrip('.')})",
            where,
            "get the whole file, or open it and save it again",
        ) from None


def _content(data: bytes, part: zipfile.ZipInfo, where: str) -> bytes:
    start = part.header_offset
    name, extra = (int.from_bytes(data[start + n : start + n + 2], "little") for n in (26, 28))
    begin = start + 30 + name + extra
    packed = data[begin : begin + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        return packed
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise NotImplementedError(f"packed in a way that is not known, {part.compress_type}")
    most = min(_LARGEST, max(_MIB, part.compress_size * _MOST_TIMES))
    content = zlib.decompressobj(-15).decompress(packed, most + 1)
    if len(content) > most:
        raise _bomb(where, part.filename)
    return content


def _bomb(where: str, name: str) -> InputError:
    return _refused(
        f"{neutralise(name)} in it unpacks to more than {_MOST_TIMES} times its size, or to more "
        f"than {_LARGEST // _MIB} MiB",
        where,
        "copy the rows that are filled into a new workbook",
    )


def _read(data: bytes, where: str, parts: dict[str, bytes]) -> Book:
    from python_calamine import CalamineError, CalamineWorkbook

    book = Book(where, [])
    if any("vbaProject" in name for name in parts):
        book.notes.append(f"{where}: it has macros; they are not run")
    if any(name.startswith("xl/externalLinks/") for name in parts):
        book.notes.append(f"{where}: it has links to other files; they are not followed")
    files = _sheet_files(parts)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            height = sheet.end[0] + 1 if sheet.end else 0
            if height > _MOST_ROWS:
                what = f"the sheet {neutralise(name)} has {height} rows"
                raise _refused(what, where, f"keep to {_MOST_ROWS} rows")
            table = Table(name, sheet.to_python(skip_empty_area=False))
            _without_value(table, parts.get(files.get(name, ""), b""))
            for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
                _spread(table, top, left, bottom)
            book.tables.append(table)
    except CalamineError as fault:
        raise _refused(f"the workbook cannot be read ({neutralise(str(fault))})", where,
                       "open it and save it again as .xlsx") from None  # fmt: skip
    return book


def _sheet_files(parts: dict[str, bytes]) -> dict[str, str]:
    """Return the file of each sheet of an xlsx, by the sheet's name."""
    import html

    links = parts.get("xl/_rels/workbook.xml.rels", b"").decode("utf-8", "replace")
    targets: dict[str, str] = {}
    for tag in re.findall(r"<Relationship\s[^>]*>", links):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        target = found.get("Target", "")
        targets[found.get("Id", "")] = target[1:] if target[:1] == "/" else f"xl/{target}"
    names: dict[str, str] = {}
    for tag in re.findall(
        r"<sheet\s[^>]*>", parts.get("xl/workbook.xml", b"").decode("utf-8", "replace")
    ):
        found = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        names[html.unescape(found.get("name", ""))] = targets.get(found.get("r:id", ""), "")
    return names


def _without_value(table: Table, xml: bytes) -> None:
    """Say in the cells that hold a formula without a value, or an error, what they hold."""
    if b"<f" not in xml and b't="e"' not in xml:
        return
    for letters, row, attributes, inside in _CELL.findall(xml):
        if b't="e"' in attributes:
            error = re.search(rb"<v>(.*?)</v>", inside)
            held = f"the error {error[1].decode('utf-8', 'replace')}" if error else "an error"
        elif b"<f" in inside and not _VALUE.search(inside):
            held = "a formula without a value"
        else:
            continue
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        table.rows += [[] for _ in range(int(row) - len(table.rows))]
        cells = table.rows[int(row) - 1]
        cells += [""] * (column - len(cells))
        cells[column - 1] = Missing(held)


def _spread(table: Table, top: int, left: int, bottom: int) -> None:
    """Give what stands in merged cells to each row that they reach over."""
    if top >= len(table.rows) or left >= len(table.rows[top]):
        return
    for row in table.rows[top + 1 : bottom + 1]:
        if left < len(row):
            row[left] = table.rows[top][left]


def csv_book(folder: Path, names: set[str]) -> Book | None:
    """Return the CSV files of a folder that have names of sheets; None if it has none."""
    from k20kg.sheets.plan import fold

    files = sorted(path for path in folder.glob("*.csv") if fold(path.stem) in names)
    if not files:
        return None
    tables = []
    for path in files:
        text = decode(path.read_bytes(), neutralise(str(path)))
        first = text.partition("\n")[0]
        mark = max(",;\t", key=first.count)
        rows: list[list[Raw]] = [list(row) for row in csv.reader(io.StringIO(text), delimiter=mark)]
        tables.append(Table(path.stem, rows))
    return Book(neutralise(str(folder)), tables)
