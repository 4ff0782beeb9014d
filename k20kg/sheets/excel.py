"""Rows → an xlsx workbook: headings, help, drop-down lists, nothing locked, nothing hidden.

The same rows give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from math import ceil
from typing import Any, Final

from openpyxl import Workbook as Xlsx
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.formatting.rule import Rule as Look
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter as letter_of
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.writer.excel import ExcelWriter

from k20kg import archives
from k20kg.sheets.cells import YES_NO
from k20kg.sheets.layout import RowCells
from k20kg.sheets.rows import CHOICES, QUESTION, START
from k20kg.sheets.schema import FULL, GAPS, Column, Sheet, Workbook, vocabulary
from k20kg.vocabulary import K20, SKOS, shorten

INK: Final = "1F3864"
_PALE, _GREEN, _GREY, _SELDOM = "DCE6F1", "E2EFDA", "F5F5F5", "EDEDED"
_EVIDENCE: Final = frozenset({K20 + "EvidenceItem"})
_LINE: Final = Side(style="thin", color="BFBFBF")
_BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TOP: Final = Alignment(wrap_text=True, vertical="top")
_HATCHED: Final = DifferentialStyle(fill=PatternFill("lightUp", fgColor="C00000", bgColor="FFFFFF"))
_HEAD, _HELP, _FIRST, _LAST = 2, 3, 4, 503
_LINE_HEIGHT: Final = 13.5
_PAGE: Final = 195
"""So many characters go on one printed page side by side."""
_BLANK: Final = 20
"""So many empty rows have lines around their cells."""
_WIDTHS: Final = {"words": 34, "text": 20, "yesno": 13, "number": 10, "whole": 10, "date": 14}
_MEANS: Final = (
    "It is so.",
    "It is not so: somebody looked, and it is not.",
    "You looked, or asked, and could not find out. Counts neither way, like an empty cell.",
)
Lists = dict[tuple[str, ...], str]
"""The name of each list of terms to choose from; none for yes, no and unknown."""


def write_xlsx(book: Workbook, rows: dict[str, list[RowCells]]) -> bytes:
    """Return a workbook with these rows, by the IRI of each sheet; empty where there are none."""
    xlsx = Xlsx()
    there = [
        sheet
        for sheet in book.sheets
        if rows.get(sheet.iri) or not sheet.is_list or book.name == GAPS
    ]
    _start(xlsx, book, there)
    lists = _lists(book)
    for sheet in there:
        filled = rows.get(sheet.iri, [])
        page = xlsx.create_sheet(sheet.name)
        _text(page.cell(1, 1), sheet.title, 12)
        if sheet.one_row:
            _form(page, sheet, filled[0] if filled else {})
        else:
            has = {c: {row.get(c.iri) for row in filled} for c in sheet.columns}
            more: list[RowCells] = [{c.iri: word} for c, word in book.prefilled(sheet, has)]
            _table(page, book, sheet, [*filled, *more])
        for column in sheet.columns:
            _offer(page, book, sheet, column, lists)
    _choices(xlsx, book, lists)
    xlsx.properties.creator = "k20kg"
    xlsx.properties.keywords = f"{book.name} {book.version}"
    return to_bytes(xlsx)


class _InMemory(ExcelWriter):
    """A writer without temporary files, which the server's processes may not make."""

    _archive: zipfile.ZipFile

    def write_worksheet(self, ws: Any) -> None:
        """Write one sheet, as the class above does by way of a file."""
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        part = io.BytesIO()
        sheet: Any = WorksheetWriter(ws, part)
        sheet.write()
        ws._rels = sheet._rels
        self._archive.writestr(ws.path[1:], part.getvalue())
        self.manifest.append(ws)


def to_bytes(xlsx: Xlsx) -> bytes:
    """Return the bytes of a workbook, the same whenever it is written."""
    written = io.BytesIO()
    _InMemory(xlsx, zipfile.ZipFile(written, "w")).save()
    return archives.without_timestamps(written.getvalue())


def paint(cell: Any, value: object, *, bold: bool = False, color: str = "000000",
          ground: str = "", size: int = 10) -> Any:  # fmt: skip
    """Write a cell of a table with its look, and return it."""
    cell.value = value
    if isinstance(value, str) and value.startswith("="):
        cell.data_type = "s"  # never a formula
    cell.font = Font(name="Calibri", bold=bold, color=color, size=size)
    cell.alignment, cell.border = _TOP, _BOX
    if ground:
        cell.fill = PatternFill("solid", fgColor=ground)
    return cell


def _text(cell: Any, value: str, size: int) -> None:
    """Write a line that stands outside of tables, over as many columns as it needs."""
    cell.value = value
    cell.font = Font(
        name="Calibri", bold=size > 11, color=INK if size > 11 else "000000", size=size
    )


def _head(cell: Any, sheet: Sheet, column: Column) -> None:
    evidence = any(kind.classes == _EVIDENCE for kind in sheet.kinds(column))
    ground = _GREEN if evidence else _SELDOM if column.seldom else _PALE
    color, ground = ("FFFFFF", INK) if column.needed else ("000000", ground)
    paint(cell, column.name + " *" * column.needed, bold=True, color=color, ground=ground, size=11)


def _in_order(sheet: Sheet) -> list[Column]:
    """Return the columns with those that are seldom needed at the end."""
    return sorted(sheet.columns, key=lambda column: column.seldom)


def _kind(sheet: Sheet, column: Column) -> str:
    return sheet.kinds(column)[0].name


def _put(cell: Any, sheet: Sheet, column: Column, value: object) -> None:
    paint(cell, value)
    if _kind(sheet, column) not in ("number", "whole"):
        cell.number_format = "@"


def _table(page: Any, book: Workbook, sheet: Sheet, rows: Sequence[RowCells]) -> None:
    """Draw a sheet with a heading for each column, a line of help, and the rows."""
    columns = _in_order(sheet)
    end, last = letter_of(len(columns)), max(_LAST, len(rows) + _FIRST - 1)
    widths = [_width(sheet, column, rows) for column in columns]
    for index, column in enumerate(columns, 1):
        letter = letter_of(index)
        _head(page.cell(_HEAD, index), sheet, column)
        text = ("# " if index == 1 else "") + column.help
        paint(page.cell(_HELP, index), text, color="404040", ground=_GREY, size=9)
        look = page.column_dimensions[letter]
        look.width = widths[index - 1]
        if _kind(sheet, column) not in ("number", "whole"):
            look.number_format = "@"
        if column.needed:
            begun = f'AND(COUNTA($A{_FIRST}:${end}{_FIRST})>0,{letter}{_FIRST}="")'
            rule = Look(type="expression", dxf=_HATCHED, formula=[begun])
            page.conditional_formatting.add(f"{letter}{_FIRST}:{letter}{last}", rule)
    for number, row in enumerate([*rows, *([{}] * _BLANK if book.name != FULL else [])], _FIRST):
        lines = 1
        for index, column in enumerate(columns, 1):
            if book.name != FULL or column.iri in row:
                _put(page.cell(number, index), sheet, column, row.get(column.iri))
            lines = max(lines, ceil(len(str(row.get(column.iri, ""))) / widths[index - 1] / 1.15))
        if lines > 1:
            page.row_dimensions[number].height = _LINE_HEIGHT * lines
    page.row_dimensions[_HEAD].height, page.row_dimensions[_HELP].height = 32, 52
    page.freeze_panes = page.cell(_FIRST, 2)
    page.auto_filter.ref = f"A{_HELP}:{end}{last}"
    page.print_title_rows = f"{_HEAD}:{_HELP}"
    page.print_title_cols = "A:B" if sheet.is_list else "A:A"
    page.page_setup.fitToWidth = ceil(sum(widths) / _PAGE)
    _print(page)


def _width(sheet: Sheet, column: Column, rows: Sequence[RowCells]) -> int:
    """Return how wide a column is, in characters."""
    longest = max((len(str(row.get(column.iri, ""))) for row in rows), default=0)
    usual = _WIDTHS.get(_kind(sheet, column), 18)
    if sheet.is_list:
        usual = 7 if longest else 20
    return max(usual, min(longest + 2, 48), min(len(column.name) + 4, 24))


def _form(page: Any, sheet: Sheet, row: RowCells) -> None:
    """Draw a sheet with a question in each line."""
    for index, (head, width) in enumerate(zip(QUESTION, (26, 56, 60), strict=True), 1):
        paint(page.cell(_HEAD, index), head, bold=True, ground=_PALE, size=11)
        page.column_dimensions[letter_of(index)].width = width
    for number, column in enumerate(sheet.columns, _HEAD + 1):
        _head(page.cell(number, 1), sheet, column)
        _put(page.cell(number, 2), sheet, column, row.get(column.iri, column.default or None))
        paint(page.cell(number, 3), column.help, color="404040")
    page.freeze_panes = page.cell(_HEAD + 1, 2)
    _print(page)


def _print(page: Any) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.right.text = "&A, page &P of &N"


# ---------------------------------------------------------------- lists to choose from


def _lists(book: Workbook) -> Lists:
    """Return the lists of terms, each with a name after the first column that has it."""
    found: Lists = {(): "list_yes_no"}
    for sheet in book.sheets:
        for column in sheet.columns:
            for choices in (kind.choices for kind in sheet.kinds(column)):
                name = re.sub("[^a-z]+", "_", column.name.lower())
                found.setdefault(choices, f"list_{len(found)}_{name}")
    return found


def _choices(xlsx: Xlsx, book: Workbook, lists: Lists) -> None:
    """Draw the sheet that says what each word to choose means."""
    page, terms, number = xlsx.create_sheet(CHOICES), vocabulary(), 2
    heads = (("list", 24), ("choose", 34), ("means", 76), ("term of the vocabulary", 34))
    for index, (head, width) in enumerate(heads, 1):
        paint(page.cell(1, index), head, bold=True, color="FFFFFF", ground=INK)
        page.column_dimensions[letter_of(index)].width = width
    for choices, name in lists.items():
        items = [(book.words[t], terms.value(t, SKOS + "definition"), shorten(t)) for t in choices]
        items = items or [(word, means, "") for word, means in zip(YES_NO, _MEANS, strict=True)]
        where = f"{CHOICES}!$B${number}:$B${number + len(items) - 1}"
        xlsx.defined_names[name] = DefinedName(name, attr_text=where)
        shown = re.sub(r"^list_\d*_?", "", name).replace("_", " ").strip()
        for number, item in enumerate(items, number):  # noqa: B020
            for index, value in enumerate((shown, *item), 1):
                paint(page.cell(number, index), value)
        number += 1
    page.freeze_panes = "A2"
    _print(page)


def _offer(page: Any, book: Workbook, sheet: Sheet, column: Column, lists: Lists) -> None:
    """Offer what a column may hold; what is not on the list is warned of, never refused."""
    if not (formula := _source(book, sheet, column, lists)):
        return
    offer = DataValidation(type="list", formula1=formula, allow_blank=True)
    offer.showErrorMessage = formula.startswith("=list_") and not column.several
    offer.errorStyle, offer.errorTitle = "warning", column.name[:32]
    offer.error = f"This is not on the list; the check will name it. See the sheet {CHOICES}."
    if column.several:
        offer.promptTitle, offer.showInputMessage = column.name[:32], True
        offer.prompt = "Choose one, or type several with ; between them"
    letter = letter_of(_in_order(sheet).index(column) + 1)
    line = _HEAD + 1 + sheet.columns.index(column)
    offer.add(f"B{line}" if sheet.one_row else f"{letter}{_FIRST}:{letter}{_LAST}")
    page.add_data_validation(offer)


def _source(book: Workbook, sheet: Sheet, column: Column, lists: Lists) -> str:
    """Return where the words of a drop-down list stand; nothing for a column without one."""
    for kind in sheet.kinds(column):
        if kind.choices or kind.name == "yesno":
            return f"={lists[kind.choices]}"
    for there, named in book.named_in(sheet, column):
        letter = letter_of(_in_order(there).index(named) + 1)
        return f"='{there.name}'!${letter}${_FIRST}:${letter}${_LAST}"
    return ""


def _start(xlsx: Xlsx, book: Workbook, there: Sequence[Sheet]) -> None:
    """Draw the first page: what to do, the rules, the sheets, and the stamp."""
    page = xlsx.active
    assert page is not None
    page.title = START
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 26, 90
    number = 0
    for number, line in enumerate(book.text.splitlines(), 1):
        heading = bool(line) and not re.match(r"\d+\. |• ", line) and not line.endswith(".")
        _text(page.cell(number, 1), line, 16 if number == 1 else 12 if heading else 11)
        page.merge_cells(start_row=number, start_column=1, end_row=number, end_column=2)
        page.cell(number, 1).alignment = _TOP
        page.row_dimensions[number].height = (22 if number == 1 else 15.5) * (1 + len(line) // 126)
    rows = [(sheet.name, sheet.title) for sheet in there]
    rows += [("template", f"{book.name} {book.version}"), ("vocabulary", K20.rstrip("#"))]
    for number, (name, value) in enumerate(rows, number + 2):  # noqa: B020
        paint(page.cell(number, 1), name, bold=True)
        paint(page.cell(number, 2), value)
        if name in (sheet.name for sheet in there):
            page.cell(number, 1).hyperlink = f"#'{name}'!A1"
    page.sheet_view.showGridLines = False
    _print(page)
