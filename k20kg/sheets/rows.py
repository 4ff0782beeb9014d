"""Tables → rows: which cell stands under which heading, with its address, and what is left over.

Headings are found by name, so that columns may be moved, hidden or commented out, and rows may be
blank. The address is that of the cell itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Final, NamedTuple, NoReturn

from k20kg.errors import InputError
from k20kg.sheets.book import Book, SheetTable, address
from k20kg.sheets.cells import CellError, Missing, Raw, plain, quoted, suggestion
from k20kg.sheets.schema import FULL, STARTER, Column, Sheet, Workbook, fold
from k20kg.sheets.workbooks import workbook

START: Final = "start here"
CHOICES: Final = "choices"
FAULTS: Final = "faults"
QUESTION: Final = ("question", "answer", "help")
_DEEPEST: Final = 15
"""The headings stand in one of so many rows."""


class SheetFault(NamedTuple):
    """One thing wrong with a cell: where, what, and what to do."""

    where: str
    what: str
    remedy: str
    of_many: bool = False
    """True if it keeps a whole column or sheet from being read."""


@dataclass
class SheetRow:
    """One row of a sheet, or the one row of a form."""

    sheet: Sheet
    cells: dict[str, Raw]
    """Value in each column that is filled, by the column's IRI."""
    places: dict[str, str]
    """The address of each column's cell, filled or not."""
    nodes: dict[str, list[str]] = field(default_factory=dict)
    """The records that it makes, by row record; filled by who makes them."""

    def text(self, column: Column | None) -> str:
        """Return what stands in a column as text, whatever it is."""
        raw = self.cells.get(column.iri, "") if column else ""
        try:
            return plain(raw)
        except CellError:
            return quoted(raw)[1:-1]

    def values(self, column: Column) -> list[str]:
        """Return what stands in a column, several things apart."""
        text = self.text(column)
        parts = text.split(";") if column.several else [text]
        return [part.strip() for part in parts if part.strip()]

    @property
    def place(self) -> str:
        """The address of its first filled cell."""
        return next((where for column, where in self.places.items() if column in self.cells), "")


class SheetRows:
    """All rows of a book that a workbook knows, with what is wrong and what is no part of it."""

    def __init__(self, book: Book, schema: Workbook | None = None) -> None:
        self.book = book
        self.faults: list[SheetFault] = []
        self.notes = list(book.notes)
        self.name = book.where.rstrip("/").rpartition("/")[2]
        """The file's name without its folders, as places are told."""
        self.schema = schema or self._find_schema()
        self.rows: dict[str, list[SheetRow]] = {sheet.iri: [] for sheet in self.schema.sheets}
        for table in book.tables:
            self._table(table)

    @property
    def lists(self) -> dict[str, list[dict[str, str | float]]]:
        """The rows of sheets that are no part of a case, by the sheet's IRI."""
        return {
            sheet.iri: [
                {c: raw if isinstance(raw, (str, float, int)) else str(raw)
                 for c, raw in row.cells.items()}
                for row in self.rows[sheet.iri]
            ]
            for sheet in self.schema.sheets if sheet.is_list and self.rows[sheet.iri]
        }  # fmt: skip

    def fault(self, where: str, what: str, remedy: str, of_many: bool = False) -> None:
        """Keep a fault, each once."""
        found = SheetFault(where, what, remedy, of_many)
        if found not in self.faults:
            self.faults.append(found)

    def at(self, table: str, row: int, column: int) -> str:
        """Return the place of a cell, both from 1: ``case.xlsx!benefits!D7``."""
        return f"{self.name}!{table}!{address(row, column)}"

    def _find_schema(self) -> Workbook:
        """Return the workbook that a book is filled from; raise if it is of none, or another."""
        names = {fold(table.name) for table in self.book.tables}
        schemas = [workbook(STARTER), workbook(FULL)]
        schema = max(schemas, key=lambda schema: len(names & schema.by_name.keys()))
        first = (
            schema.sheets[0].name if names & schema.by_name.keys() else schemas[0].sheets[0].name
        )
        if first not in names:
            if any(sheet.is_list and fold(sheet.name) in names for sheet in schema.sheets):
                remedy = "keep it with its case: k20kg sheet CASE --gaps FILE -o next.xlsx"
                raise InputError("it is a list, and no case", where=self.book.where, remedy=remedy)
            self._refuse(f"it is no k20kg workbook: it has no sheet {first}")
        begin = [
            cell for t in self.book.tables if fold(t.name) == START for r in t.rows for cell in r
        ]
        for cell in begin:
            stamp = re.fullmatch(rf"{schema.name} (\d+)\.\d+", str(cell).strip())
            if stamp and stamp[1] != schema.version.partition(".")[0]:
                reads = f"{schema.name} {schema.version}"
                self._refuse(f"it was made as {stamp[0]}, and this k20kg reads {reads}")
        return schema

    def _refuse(self, what: str) -> NoReturn:
        remedy = "write it into a workbook of ours: k20kg sheet -o case.xlsx"
        raise InputError(what, where=self.book.where, remedy=remedy)

    def _table(self, table: SheetTable) -> None:
        name = fold(table.name)
        sheet = self.schema.by_name.get(name)
        filled = any(cell != "" for row in table.rows for cell in row)
        if sheet:
            self._form(table, sheet) if sheet.one_row else self._rows(table, sheet)
        elif filled and not name.startswith("#") and name not in (START, CHOICES, FAULTS):
            where = f"{self.name}!{table.name}"
            if near := suggestion(name, (sheet.name for sheet in self.schema.sheets)):
                self.fault(where, "is a sheet that the workbook does not have", near, True)
            else:
                self.notes.append(f"{where}: no sheet of the workbook")

    def _column(
        self, sheet: Sheet, cell: Raw, where: str, known: Iterable[Column]
    ) -> Column | None:
        """Return the column of a heading; None, and a fault, for what is none or stands twice."""
        text = fold(str(cell))
        if not text or text.startswith("#"):
            return None
        column = sheet.by_name.get(text)
        alone = "put # before it to have it left alone"
        if column is None:
            near = suggestion(text, (column.name for column in sheet.columns))
            what = f"says {quoted(cell)}, which is no heading of {sheet.name}"
            self.fault(where, what, near or alone, True)
        elif column in known:
            self.fault(where, f"gives the heading {quoted(cell)} a second time", alone, True)
            return None
        return column

    def _rows(self, table: SheetTable, sheet: Sheet) -> None:
        """Read a sheet that has a column for each heading."""
        hits = [sum(fold(str(c)) in sheet.by_name for c in row) for row in table.rows[:_DEEPEST]]
        if max(hits, default=0) < min(2, len(sheet.columns)):
            first = ", ".join(column.name for column in sheet.columns[:4])
            self.fault(self.at(table.name, 1, 1), f"the sheet {sheet.name} has no line of headings",
                       f"write them into one row: {first}, …", True)  # fmt: skip
            return
        head = hits.index(max(hits))
        columns: dict[int, Column] = {}
        for i, cell in enumerate(table.rows[head]):
            where = self.at(table.name, head + 1, i + 1)
            if column := self._column(sheet, cell, where, columns.values()):
                columns[i] = column
        prefilled = {column.iri for column in sheet.columns if len(column.defaults) > 1}
        for number, cells in enumerate(table.rows[head + 1 :], head + 2):
            found = {i: c for i, c in columns.items() if i < len(cells) and cells[i] != ""}
            begin = [str(c) for c in cells if c != ""][:1]
            begin += [str(cells[i]) for i, c in found.items() if c is sheet.columns[0]]
            again = sum(fold(str(cells[i])) == fold(c.name) for i, c in found.items())
            if not any(text.lstrip().startswith("#") for text in begin) and again < min(
                3, len(columns)
            ):
                row = SheetRow(sheet, {}, {})
                for i, column in columns.items():
                    self._cell(row, column, table, number, i + 1)
                if row.cells.keys() - prefilled:
                    self.rows[sheet.iri].append(row)

    def _form(self, table: SheetTable, sheet: Sheet) -> None:
        """Read a sheet that has a column in each line."""
        known = [
            i for row in table.rows for i, c in enumerate(row) if fold(str(c)) in sheet.by_name
        ]
        left = max(set(known), key=known.count, default=0)
        row = SheetRow(sheet, {}, {})
        seen: list[Column] = []
        for number, cells in enumerate(table.rows, 1):
            cell = cells[left] if left < len(cells) else ""
            title = number == 1 and fold(str(cell)) not in sheet.by_name
            if (
                not title
                and fold(str(cell)) not in QUESTION
                and (
                    column := self._column(sheet, cell, self.at(table.name, number, left + 1), seen)
                )
            ):
                seen.append(column)
                self._cell(row, column, table, number, left + 2)
        self.rows[sheet.iri].append(row)

    def _cell(
        self, row: SheetRow, column: Column, table: SheetTable, line: int, position: int
    ) -> None:
        """Give a row one of its cells; one that holds no value is a fault."""
        where = row.places[column.iri] = self.at(table.name, line, position)
        cells = table.rows[line - 1]
        raw = cells[position - 1] if position <= len(cells) else ""
        if isinstance(raw, Missing):
            remedy = (
                "open the workbook, let it calculate and save it again, or write the value itself"
            )
            self.fault(where, f"holds {raw}", remedy)
        elif isinstance(raw, float):
            whole = abs(raw) < 1e15 and raw.is_integer()
            row.cells[column.iri] = int(raw) if whole else raw if isfinite(raw) else str(raw)
        elif not isinstance(raw, str) or raw.strip():
            row.cells[column.iri] = raw.date() if isinstance(raw, dt.datetime) else raw
