"""Rows typed in a form ↔ the tables of the starter workbook, and the field that a fault is in.

The form is that workbook in other clothes: its sections are the sheets, its fields the cells. Rows
travel as JSON: the name of a sheet → its rows → heading → text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.errors import InputError, UsageError, install
from k20kg.rdf.text import escape_controls
from k20kg.sheets.book import Book, SheetTable, address, open_book
from k20kg.sheets.cells import YES_NO, Raw
from k20kg.sheets.document import of_reading
from k20kg.sheets.filling import fill
from k20kg.sheets.layout import RowCells
from k20kg.sheets.reading import read_book
from k20kg.sheets.rows import SheetFault, SheetRows
from k20kg.sheets.schema import FULL, STARTER, Column, Sheet, Workbook, fold
from k20kg.sheets.workbooks import workbook
from k20kg.sources.documents import OFFICE, Document

Typed = dict[str, list[dict[str, str]]]
"""By name of a sheet: its rows, each with the text under the headings that are filled."""
FieldFaults = dict[tuple[str, int, str], list[str]]
"""By sheet, number of the row from 0, and heading: what is wrong, in words."""
FORM: Final = "form"
"""Name of the form, where a workbook has that of its file."""
_MOST_ROWS: Final = 2000
_SHORT: Final = 60
"""So long may the words be by which a row goes, and a text of one line."""
_CELL: Final = re.compile(r"(at )?form!([^!]+)!([A-Z]+)(\d+)")


def read_typed(data: bytes | str) -> Typed:
    """Return the rows that a JSON text holds; `InputError` for what is no such text."""
    try:
        found = json.loads(data or "{}")
        typed = {
            sheet.name: [
                {c.name: text for c in sheet.columns if (text := str(row.get(c.name, "")).strip())}
                for row in found.get(sheet.name, ())
            ]
            for sheet in workbook().sheets
        }
    except (ValueError, AttributeError, TypeError, RecursionError):
        remedy = "load the workbook or the Turtle that you saved"
        raise InputError("what the form holds cannot be read", remedy=remedy) from None
    typed = {name: [row for row in rows if row] for name, rows in typed.items()}
    if sum(map(len, typed.values())) > _MOST_ROWS:
        what = f"the form holds more than {_MOST_ROWS} rows"
        raise InputError(what, remedy="judge it as a workbook")
    return {name: rows for name, rows in typed.items() if rows}


def merge(fields: Mapping[str, Sequence[str]]) -> Typed:
    """Return all rows that a page of the form sends: those out of sight, and its own section's.

    Of the section ``from``, a field is sent once for each row; ``remove`` is the number of one.
    """
    typed = read_typed(fields.get("rows", [""])[0])
    sheets = dict(zip(map(str, count()), workbook().sheets, strict=False))
    if sheet := sheets.get(fields.get("from", [""])[0]):
        sent = [fields.get(f"c{n}", ()) for n in range(len(sheet.columns))]
        if len(set(map(len, sent))) > 1:
            remedy = "go back one page and send it again"
            raise InputError("the form came in pieces", remedy=remedy)
        typed[sheet.name] = [
            {c.name: text for c, text in zip(sheet.columns, row, strict=True)}
            for number, row in enumerate(zip(*sent, strict=True))
            if str(number) not in fields.get("remove", ())
        ]
    return read_typed(json.dumps(typed))


def typed_document(typed: Typed) -> Document:
    """Return typed rows as a document of a case; its faults are told by field."""
    reading = read_book(Book(FORM, [_table(s, typed.get(s.name, [])) for s in workbook().sheets]))
    for sheet in (sheet for sheet in workbook().sheets if not sheet.one_row):
        for number, row in enumerate(typed.get(sheet.name, ()), 2):
            if any(text.startswith("#") for text in list(row.values())[:1]):
                what, remedy = "begins with #, so that its row is not read", "take the # away"
                where = f"{FORM}!{sheet.name}!{address(number, 1)}"
                reading.faults.append(SheetFault(where, what, remedy))
    return of_reading(reading)


def _table(sheet: Sheet, rows: Sequence[dict[str, str]]) -> SheetTable:
    heads = [column.name for column in sheet.columns]
    lines: list[list[Raw]] = [[row.get(head, "") for head in heads] for row in rows or [{}]]
    if sheet.one_row:
        return SheetTable(sheet.name, [list(pair) for pair in zip(heads, lines[0], strict=True)])
    return SheetTable(sheet.name, [[*heads], *lines])


def load(data: bytes, where: str) -> tuple[Typed, list[str]] | None:
    """Return the rows of a starter workbook as they stand, and what of it is no part of a form.

    None for what is none; `InputError` for what only looks like one.
    """
    if not data.startswith(OFFICE):
        return None
    found = SheetRows(open_book(data, where))
    if found.schema.name != STARTER:
        return None
    notes = [f"{fault.where} {fault.what}" for fault in found.faults] + found.notes
    return {
        sheet.name: [
            {c.name: row.text(c) for c in sheet.columns if c.iri in row.cells} for row in rows
        ]
        for sheet in found.schema.sheets if (rows := found.rows[sheet.iri])
    }, notes  # fmt: skip


def rows_of(quads: Sequence[ox.Quad], group: str) -> tuple[Typed, list[str]]:
    """Return the rows that say what a case says, and what of it the form cannot hold."""
    filled = fill(workbook(), quads, group)
    return {
        sheet.name: [
            {sheet.by_iri[iri].name: _as_text(value) for iri, value in row.items()} for row in rows
        ]
        for sheet in workbook().sheets if (rows := filled.rows.get(sheet.iri))
    }, list(filled.lost)  # fmt: skip


def _as_text(value: str | float) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


def write_typed(typed: Typed) -> bytes:
    """Return typed rows as a workbook: numbers as numbers, all else as it was typed."""

    def cell(sheet: Sheet, column: Column, text: str) -> str | float:
        number = sheet.kinds(column)[0].name in ("number", "whole")
        plain = number and re.fullmatch(r"-?\d{1,12}(\.\d{1,6})?", text)
        return float(text) if plain and "." in text else int(text) if plain else text

    rows: dict[str, list[RowCells]] = {
        sheet.iri: [
            {sheet.column(n).iri: cell(sheet, sheet.column(n), text) for n, text in row.items()}
            for row in typed.get(sheet.name, ())
        ]
        for sheet in workbook().sheets
    }
    return write_workbook(workbook(), rows)


def write_case(quads: Sequence[ox.Quad], group: str) -> bytes:
    """Return a case as a workbook: the starter where that holds all of it, else the full one."""
    filled = fill(workbook(), quads, group)
    book = workbook(FULL) if filled.lost else workbook()
    return write_workbook(book, fill(book, quads, group).rows if filled.lost else filled.rows)


def write_workbook(book: Workbook, rows: dict[str, list[RowCells]]) -> bytes:
    """Return rows as an xlsx file; `UsageError` where there is nothing that writes one."""
    try:
        from k20kg.sheets.excel import write_xlsx
    except ImportError:
        remedy = install("office")
        raise UsageError("workbooks are written by openpyxl", remedy=remedy) from None
    return write_xlsx(book, rows)


# ---------------------------------------------------------------- fields and their faults


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: a cell of a row that is asked for."""

    id: str
    number: int
    """Number of its column, by which it is sent."""
    column: Column
    value: str
    options: tuple[str, ...]
    """All that can be chosen; none where anything may be written."""
    long: bool
    faults: Sequence[str]


class FormRow:
    """One row as a form shows it: its words, and a field for each column."""

    def __init__(
        self, sheet: Sheet, number: int, row: Mapping[str, str], faults: FieldFaults
    ) -> None:
        """Make the fields of a row, whose number is from 0."""
        self.words = ", ".join(text[:_SHORT] for text in list(row.values())[:2])
        self.fields = [
            _field(sheet, number, n, row.get(c.name, c.default if sheet.one_row else ""),
                   faults.get((sheet.name, number, c.name), ()))
            for n, c in enumerate(sheet.columns)
        ]  # fmt: skip
        self.wrong = any(field.faults for field in self.fields)


def _field(sheet: Sheet, number: int, n: int, value: str, faults: Sequence[str]) -> FormField:
    column = sheet.columns[n]
    kind = sheet.kinds(column)[0]
    options: tuple[str, ...] = YES_NO if kind.name == "yesno" else ()
    if kind.choices and not kind.open and not column.several:
        options = tuple(workbook().words[term] for term in kind.choices)
    if options and value:
        same = next((one for one in options if fold(one) == fold(value)), "")
        value, options = same or value, options if same else (*options, value)
    long = kind.name == "words" or len(value) > _SHORT
    return FormField(f"c{n}-{number}", n, column, value, options, long, faults)


class FormSection(NamedTuple):
    """One section as a form shows it, and what it has to carry along."""

    sheet: Sheet
    at: int
    """Its number, from 0."""
    rows: list[FormRow]
    offers: dict[int, list[str]]
    """By number of a column: the words that its fields, which take any text, are offered."""
    sections: list[tuple[Sheet, int, int]]
    """All sections, each with the numbers of its rows and its faults."""
    hidden: str
    """Rows of all other sections, as they travel."""


def show(typed: Typed, said: str, faults: FieldFaults, *, fresh: bool, mend: bool) -> FormSection:
    """Return the section of a number from 0; to `mend`, the first that has a fault.

    It has the rows that are typed, those to be filled, which are one for each default of a column
    of several, and an empty one if it is to have a `fresh` one, or has no other.
    """
    sheets = [one for one in workbook().sheets if not one.is_list or one.name in typed]
    counted = Counter(name for (name, _, _), some in faults.items() for _ in some)
    at = next((n for n in range(len(sheets)) if str(n) == said), 0)
    at = next((n for n, s in enumerate(sheets) if mend and counted[s.name]), at)
    rows = typed.get((sheet := sheets[at]).name, [])
    has = {column: {row.get(column.name) for row in rows} for column in sheet.columns}
    here = [*rows, *({c.name: w} for c, w in workbook().prefilled(sheet, has))]
    here += [{}] * (fresh or not here)
    others = {name: some for name, some in typed.items() if name != sheet.name}
    return FormSection(
        sheet,
        at,
        [FormRow(sheet, number, row, faults) for number, row in enumerate(here)],
        {n: words for n, c in enumerate(sheet.columns) if (words := _offers(typed, sheet, c))},
        [(one, len(typed.get(one.name, ())), counted[one.name]) for one in sheets],
        json.dumps(others, ensure_ascii=False),
    )


def _offers(typed: Typed, sheet: Sheet, column: Column) -> list[str]:
    """Return what a field that takes any text is offered: terms, or names in other sections."""
    book, kind = workbook(), sheet.kinds(column)[0]
    words = [book.words[term] for term in kind.choices if kind.open or column.several]
    named = [
        row.get(there.name, "")
        for other, there in book.named_in(sheet, column)
        for row in typed.get(other.name, ())
    ]
    return list(dict.fromkeys(filter(None, [*words, *named])))


def faults_by_field(faults: Iterable[tuple[str, str, str, str]]) -> tuple[FieldFaults, list[str]]:
    """Return faults (place, node, what, what to do) by the field they are in, and all others."""
    known = workbook().by_name
    fields: FieldFaults = {}
    others: list[str] = []
    for where, _, what, remedy in faults:
        text = _CELL.sub(_in_words, f"{what}; {remedy}")
        found = _CELL.fullmatch(where)
        sheet = known.get(found[2].casefold()) if found else None
        if not found or not sheet:
            others.append(text)
            continue
        row, number = int(found[4]), 0
        for letter in found[3]:
            number = number * 26 + ord(letter) - 64
        at = (0, row) if sheet.one_row else (row - 2, number)
        fields.setdefault((sheet.name, at[0], sheet.columns[at[1] - 1].name), []).append(text)
    return fields, others


def _in_words(cell: re.Match[str]) -> str:
    return f"{'in ' if cell[1] else ''}row {int(cell[4]) - 1} of {escape_controls(cell[2])}"
