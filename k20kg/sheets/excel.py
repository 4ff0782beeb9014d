"""Rows → an xlsx workbook: headings, help, drop-down lists, nothing locked, nothing hidden.

The same rows give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from openpyxl import Workbook as Xlsx
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from k20kg.sheets.cells import YES_NO
from k20kg.sheets.layout import RowCells
from k20kg.sheets.plan import FULL, CellKind, Column, Sheet, Workbook, vocabulary
from k20kg.sheets.rows import CHOICES, QUESTION, START
from k20kg.vocabulary import K20, SKOS, shorten

INK: Final = "1F3864"
_PALE, _GREEN, _GREY, _SELDOM = "DCE6F1", "E2EFDA", "F5F5F5", "EDEDED"
_EVIDENCE: Final = frozenset({K20 + "EvidenceItem"})
_LINE: Final = Side(style="thin", color="BFBFBF")
_BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_TOP: Final = Alignment(wrap_text=True, vertical="top")
_HEAD, _HELP, _FIRST, _LAST = 2, 3, 4, 503
_BLANK: Final = 20
"""So many empty rows have lines around their cells."""
_WIDTHS: Final = {"words": 34, "text": 20, "yesno": 13, "number": 10, "whole": 10, "date": 14}
_STAMP: Final = (1980, 1, 1, 0, 0, 0)
_DAY: Final = "2020-01-01T00:00:00Z"
_YES_NO_MEANS: Final = (
    "It is so.",
    "It is not so: somebody looked, and it is not.",
    "You looked, or asked, and could not find out. Counts neither way, like an empty cell.",
)


def write_xlsx(book: Workbook, rows: dict[str, list[RowCells]]) -> bytes:
    """Return a workbook with these rows, by the IRI of each sheet; empty where there are none."""
    xlsx = Xlsx()
    _start(xlsx, book)
    lists = dict(_lists(book))
    for sheet in book.sheets:
        page = xlsx.create_sheet(sheet.name)
        if sheet.one_row:
            _form(page, book, sheet, (rows.get(sheet.iri) or [{}])[0])
        else:
            filled = rows.get(sheet.iri, [])
            _table(page, book, sheet, [*filled, *_prefilled(book, sheet, filled)])
        for column in sheet.columns:
            _validate(page, book, sheet, column, lists)
    _choices(xlsx, book, lists)
    xlsx.properties.title = f"k20kg case workbook, {book.name}"
    xlsx.properties.creator = "k20kg"
    xlsx.properties.keywords = f"{book.name} {book.version}"
    return steady(xlsx)


def _prefilled(book: Workbook, sheet: Sheet, rows: Sequence[RowCells]) -> Iterator[RowCells]:
    """Yield a row for each default of a column that no row has yet."""
    for column in sheet.columns:
        there = {row.get(column.iri) for row in rows}
        for term in column.defaults if len(column.defaults) > 1 else ():
            if book.words[term] not in there:
                yield {column.iri: book.words[term]}


def steady(xlsx: Xlsx) -> bytes:
    """Return the bytes of a workbook, the same whenever it is written."""
    written, out = io.BytesIO(), io.BytesIO()
    xlsx.save(written)
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _DAY.encode(), part)
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, part)
    return out.getvalue()


def paint(
    cell: Any, value: object, *, bold: bool = False, color: str = "000000", ground: str = "",
    size: int = 10, box: bool = True,
) -> Any:  # fmt: skip
    """Write a cell with its look, and return it."""
    cell.value = value
    if isinstance(value, str) and value.startswith("="):
        cell.data_type = "s"  # never a formula
    cell.font = Font(name="Calibri", bold=bold, color=color, size=size)
    cell.alignment = _TOP
    if ground:
        cell.fill = PatternFill("solid", fgColor=ground)
    if box:
        cell.border = _BOX
    return cell


def _ground(sheet: Sheet, column: Column) -> str:
    if column.needed:
        return INK
    if any(kind.classes == _EVIDENCE for kind in sheet.kinds(column)):
        return _GREEN
    return _SELDOM if column.seldom else _PALE


def _head(cell: Any, sheet: Sheet, column: Column) -> None:
    text = column.name + " *" * column.needed
    white = "FFFFFF" if column.needed else "000000"
    paint(cell, text, bold=True, color=white, ground=_ground(sheet, column), size=11)


def _in_order(sheet: Sheet) -> Sequence[Column]:
    """Return the columns with those that are seldom needed at the end."""
    return sorted(sheet.columns, key=lambda column: column.seldom)


def _put(cell: Any, sheet: Sheet, column: Column, value: object) -> None:
    paint(cell, value)
    if sheet.kinds(column)[0].name not in ("number", "whole"):
        cell.number_format = "@"


def _table(page: Any, book: Workbook, sheet: Sheet, rows: Sequence[RowCells]) -> None:
    """Draw a sheet with a heading for each column, a line of help, and the rows."""
    columns = _in_order(sheet)
    paint(
        page.cell(1, 1), sheet.title, bold=True, color=INK, size=12, box=False
    ).alignment = Alignment()
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        _head(page.cell(_HEAD, index), sheet, column)
        text = ("# " if index == 1 else "") + column.help
        paint(page.cell(_HELP, index), text, color="404040", ground=_GREY, size=9)
        width = _width(sheet, column, rows)
        page.column_dimensions[letter].width = width
        if sheet.kinds(column)[0].name not in ("number", "whole"):
            page.column_dimensions[letter].number_format = "@"
        for number, row in enumerate(rows, _FIRST):
            if (value := row.get(column.iri)) not in (None, ""):
                _put(page.cell(number, index), sheet, column, value)
        if column.needed:
            line = f"$A{_FIRST}:${get_column_letter(len(columns))}{_FIRST}"
            empty = f'AND(COUNTA({line})>0,{letter}{_FIRST}="")'
            hatched = PatternFill("lightUp", fgColor="C00000", bgColor="FFFFFF")
            page.conditional_formatting.add(
                f"{letter}{_FIRST}:{letter}{_LAST}", FormulaRule(formula=[empty], fill=hatched)
            )
    last = len(rows) + _FIRST - 1
    for number in range(last + 1, last + 1 + (_BLANK if book.name != FULL else 0)):
        for index, column in enumerate(columns, 1):
            _put(page.cell(number, index), sheet, column, None)
    page.row_dimensions[_HEAD].height, page.row_dimensions[_HELP].height = 32, 52
    page.freeze_panes = page.cell(_FIRST, 2)
    page.auto_filter.ref = f"A{_HELP}:{get_column_letter(len(columns))}{max(_LAST, last)}"
    page.sheet_properties.tabColor = INK if sheet.columns[0].needed else "7F7F7F"
    _print(page, f"1:{_HELP}")


def _width(sheet: Sheet, column: Column, rows: Sequence[RowCells]) -> float:
    """Return a width in which what stands in a column can be read."""
    usual = _WIDTHS.get(sheet.kinds(column)[0].name, 18)
    longest = max((len(str(row.get(column.iri, ""))) for row in rows), default=0)
    return float(max(usual, min(longest + 2, 48), min(len(column.name) + 4, 24)))


def _form(page: Any, book: Workbook, sheet: Sheet, row: RowCells) -> None:
    """Draw a sheet with a question in each line."""
    paint(
        page.cell(1, 1), sheet.title, bold=True, color=INK, size=12, box=False
    ).alignment = Alignment()
    for index, (head, width) in enumerate(zip(QUESTION, (26, 56, 60), strict=True), 1):
        paint(page.cell(_HEAD, index), head, bold=True, ground=_PALE, size=11)
        page.column_dimensions[get_column_letter(index)].width = width
    for number, column in enumerate(sheet.columns, _HEAD + 1):
        _head(page.cell(number, 1), sheet, column)
        default = column.defaults[0] if column.defaults else None
        _put(page.cell(number, 2), sheet, column, row.get(column.iri, default))
        paint(page.cell(number, 3), column.help, color="404040")
        page.row_dimensions[number].height = 30
    page.freeze_panes = page.cell(_HEAD + 1, 2)
    _print(page, "")


def _print(page: Any, rows: str) -> None:
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.oddFooter.right.text = "&A, page &P of &N"
    if rows:
        page.print_title_rows = rows


# ---------------------------------------------------------------- lists to choose from


def _lists(book: Workbook) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the lists of terms to choose from, each with the name of a column that has it."""
    seen: set[tuple[str, ...]] = set()
    for sheet in book.sheets:
        for column in sheet.columns:
            for kind in sheet.kinds(column):
                if kind.choices and kind.choices not in seen:
                    seen.add(kind.choices)
                    yield (
                        kind.choices,
                        f"list_{len(seen)}_{re.sub(r'[^a-z]', '_', column.name.lower())}",
                    )


def _choices(xlsx: Xlsx, book: Workbook, lists: dict[tuple[str, ...], str]) -> None:
    """Draw the sheet that says what each word to choose means."""
    page = xlsx.create_sheet(CHOICES)
    for index, (head, width) in enumerate(
        (("list", 24), ("choose", 34), ("means", 76), ("term of the vocabulary", 34)), 1
    ):
        paint(page.cell(1, index), head, bold=True, color="FFFFFF", ground=INK)
        page.column_dimensions[get_column_letter(index)].width = width
    terms = vocabulary()
    number = 2

    def add(name: str, items: list[tuple[str, str, str]]) -> None:
        nonlocal number
        shown = re.sub(r"^list_\d*_?", "", name).replace("_", " ").strip()
        where = f"{CHOICES}!$B${number}:$B${number + len(items) - 1}"
        xlsx.defined_names[name] = DefinedName(name, attr_text=where)
        for item in items:
            for index, value in enumerate((shown, *item), 1):
                paint(page.cell(number, index), value)
            number += 1

    add(
        "list_yes_no",
        [(word, means, "") for word, means in zip(YES_NO, _YES_NO_MEANS, strict=True)],
    )
    for choices, name in lists.items():
        add(
            name,
            [(book.words[t], terms.value(t, SKOS + "definition"), shorten(t)) for t in choices],
        )
    page.freeze_panes = "A2"
    _print(page, "1:1")


def _validate(
    page: Any, book: Workbook, sheet: Sheet, column: Column, lists: dict[tuple[str, ...], str]
) -> None:
    """Offer what a column may hold; what is not on the list is warned of, never refused."""
    formula = _source(book, sheet, sheet.kinds(column), column, lists)
    if not formula:
        return
    offer = DataValidation(type="list", formula1=formula, allow_blank=True)
    offer.showErrorMessage = formula.startswith("=list_") and not column.several
    offer.errorStyle, offer.errorTitle = "warning", column.name[:32]
    offer.error = f"This is not on the list; the check will name it. See the sheet {CHOICES}."
    if column.several:
        offer.promptTitle, offer.showInputMessage = column.name[:32], True
        offer.prompt = "Choose one, or type several with ; between them"
    if sheet.one_row:
        line = _HEAD + 1 + sheet.columns.index(column)
        offer.add(f"B{line}")
    else:
        letter = get_column_letter(list(_in_order(sheet)).index(column) + 1)
        offer.add(f"{letter}{_FIRST}:{letter}{_LAST}")
    page.add_data_validation(offer)


def _source(
    book: Workbook, sheet: Sheet, kinds: Sequence[CellKind], column: Column,
    lists: dict[tuple[str, ...], str],
) -> str:  # fmt: skip
    for kind in kinds:
        if kind.name == "yesno":
            return "=list_yes_no"
        if kind.choices:
            return f"={lists[kind.choices]}"
    rules = [rule for r in sheet.records for rule in r.rules if rule.column == column.iri]
    for iri in (iri for rule in rules for iri in rule.records):
        record, there = book.records[iri], book.sheet_of[iri]
        if there.one_row or there.listed(record):
            continue
        names = record.placeholders[-1]
        index = next(i for i, c in enumerate(_in_order(there), 1) if c.name == names[0])
        letter = get_column_letter(index)
        return f"='{there.name}'!${letter}${_FIRST}:${letter}${_LAST}"
    return ""


def _start(xlsx: Xlsx, book: Workbook) -> None:
    """Draw the first page: what to do, the rules, the sheets, and the stamp."""
    page = xlsx.active
    assert page is not None
    page.title = START
    for letter, width in (("A", 26), ("B", 90)):
        page.column_dimensions[letter].width = width
    title, *lines = book.text.splitlines()
    paint(page.cell(1, 1), title, bold=True, color=INK, size=16, box=False).alignment = Alignment()
    number = 2
    for line in lines:
        heading = bool(line) and not re.match(r"\d+\. |• ", line) and not line.endswith(".")
        cell = paint(page.cell(number, 1), line or None, bold=heading, size=12 if heading else 11,
                     color=INK if heading else "000000", box=False)  # fmt: skip
        page.merge_cells(start_row=number, start_column=1, end_row=number, end_column=2)
        page.row_dimensions[number].height = 15.5 * (1 + len(line) // 118)
        cell.alignment = _TOP
        number += 1
    number += 1
    for sheet in book.sheets:
        link = paint(page.cell(number, 1), sheet.name, color="0563C1")
        link.hyperlink = f"#'{sheet.name}'!A1"
        paint(page.cell(number, 2), sheet.title)
        number += 1
    stamp = (("template", f"{book.name} {book.version}"), ("vocabulary", K20.rstrip("#")))
    for number, (name, value) in enumerate(stamp, number + 1):  # noqa: B020
        paint(page.cell(number, 1), name, bold=True)
        paint(page.cell(number, 2), value)
    page.sheet_view.showGridLines = False
    _print(page, "")
