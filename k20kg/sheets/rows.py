"""Tables → rows: which cell stands under which heading, with its address, and what is left over.

Headings are found by name, so that columns may be moved, hidden or commented out, and rows may be
blank. The address is that of the cell itself.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final

from k20kg.sheets.book import Book, Table, address
from k20kg.sheets.cells import CellError, Missing, Raw, plain, quoted
from k20kg.sheets.plan import FULL, STARTER, Column, Sheet, Workbook, fold, workbook

START: Final = "start here"
CHOICES: Final = "choices"
FAULTS: Final = "faults"
QUESTION: Final = ("question", "answer", "help")
_DEEPEST: Final = 15
"""The headings stand in one of so many rows."""


@dataclass
class SheetFault:
    """One thing wrong with a cell: where, what, and what to do."""

    where: str
    what: str
    remedy: str
    of_many: bool = False
    """Whether it keeps a whole column or sheet from being read."""


@dataclass
class Row:
    """One row of a sheet, or the one row of a form."""

    sheet: Sheet
    table: str
    number: int
    cells: dict[str, Raw]
    """What stands in each column that is filled, by the column's IRI."""
    places: dict[str, str]
    """The address of each column's cell, filled or not."""
    nodes: dict[str, list[str]] = field(default_factory=dict)
    """The records that it makes, by record; filled by who makes them."""

    def text(self, column: Column | None) -> str:
        """Return what stands in a column as text, and nothing where it is none."""
        raw = self.cells.get(column.iri, "") if column else ""
        try:
            return plain(raw)
        except CellError:
            return str(int(raw)) if isinstance(raw, float) and raw == int(raw) else str(raw)

    def values(self, column: Column) -> list[str]:
        """Return what stands in a column, several things apart."""
        text = self.text(column)
        if not column.several:
            return [text] if text else []
        return [part.strip() for part in text.split(";") if part.strip()]

    @property
    def place(self) -> str:
        """The address of its first filled cell, or of its first."""
        return next(iter(self.places[c] for c in self.places if c in self.cells), "")


class Rows:
    """All rows of a book that a workbook knows, with what is wrong and what is no part of it."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.faults: list[SheetFault] = []
        self.notes = list(book.notes)
        self.plan = self._plan()
        self.rows: dict[str, list[Row]] = {sheet.iri: [] for sheet in self.plan.sheets}
        for table in book.tables:
            self._table(table)

    @property
    def name(self) -> str:
        """The file's name without its folders, as places are told."""
        return self.book.where.rstrip("/").rpartition("/")[2]

    def at(self, table: str, row: int, column: int) -> str:
        """Return the place of a cell: ``case.xlsx!benefits!D7``."""
        return f"{self.name}!{table}!{address(row, column)}"

    def fault(self, where: str, what: str, remedy: str, of_many: bool = False) -> None:
        """Keep a fault, each once."""
        found = SheetFault(where, what, remedy, of_many)
        if found not in self.faults:
            self.faults.append(found)

    def _plan(self) -> Workbook:
        names = {fold(table.name) for table in self.book.tables}
        plans = [workbook(STARTER), workbook(FULL)]
        best = max(plans, key=lambda plan: len(names & plan.by_name.keys()))
        if fold(best.sheets[0].name) not in names:
            first = best.sheets[0].name if names & best.by_name.keys() else "group"
            self._another(f"it is no k20kg workbook: it has no sheet {first}")
        for table in self.book.tables:
            if fold(table.name) == START:
                self._refuse_version(table, best)
        return best

    def _another(self, what: str) -> None:
        from k20kg.errors import InputError

        raise InputError(
            what,
            where=self.book.where,
            remedy="write it into a workbook of ours: k20kg sheet -o case.xlsx",
        )

    def _refuse_version(self, table: Table, plan: Workbook) -> None:
        """Raise for a workbook whose stamp is of another version."""
        for row in table.rows:
            for cell in row:
                stamp = re.fullmatch(rf"{plan.name} (\d+)\.(\d+)", str(cell).strip())
                if stamp and stamp[1] != plan.version.partition(".")[0]:
                    self._another(
                        f"it was made as {plan.name} {stamp[1]}.{stamp[2]}, and this k20kg reads "
                        f"{plan.name} {plan.version}"
                    )

    def _table(self, table: Table) -> None:
        name = fold(table.name)
        sheet = self.plan.by_name.get(name)
        filled = any(cell != "" for row in table.rows for cell in row)
        if sheet:
            self._form(table, sheet) if sheet.one_row else self._rows(table, sheet)
        elif filled and not name.startswith("#") and name not in (START, CHOICES, FAULTS):
            if near := get_close_matches(name, self.plan.by_name, 1, 0.75):
                self.fault(f"{self.name}!{table.name}", "is a sheet that the workbook does not have",
                           f"did you mean {quoted(self.plan.by_name[near[0]].name)}?", True)  # fmt: skip
            else:
                self.notes.append(f"{self.name}!{table.name}: no sheet of the workbook")

    def _rows(self, table: Table, sheet: Sheet) -> None:
        head, columns = self._headings(table, sheet)
        if head < 0:
            self.fault(self.at(table.name, 1, 1), f"the sheet {sheet.name} has no line of headings",
                       f"write them into one row: {', '.join(c.name for c in sheet.columns[:4])}, …",
                       True)  # fmt: skip
            return
        ours = {fold(column.name) for column in sheet.columns}
        for number, cells in enumerate(table.rows[head + 1 :], head + 2):
            texts = [fold(str(cell)) for cell in cells]
            begin = [next((str(c) for c in cells if c != ""), "#"), *(
                str(cells[i]) for i, column in columns.items()
                if column is sheet.columns[0] and i < len(cells)
            )]  # fmt: skip
            if any(text.lstrip().startswith("#") for text in begin):
                continue  # blank, or a note
            again = sum(text in ours and texts[i] == fold(columns[i].name) for i, text in
                        enumerate(texts) if i in columns)  # fmt: skip
            if again >= min(3, len(columns)):
                continue  # the headings once more
            row = self._row(table, sheet, number, {i: (number, i + 1) for i in columns}, columns)
            if any(iri not in self._prefilled(sheet) for iri in row.cells):
                self.rows[sheet.iri].append(row)

    @staticmethod
    def _prefilled(sheet: Sheet) -> set[str]:
        return {column.iri for column in sheet.columns if len(column.defaults) > 1}

    def _headings(self, table: Table, sheet: Sheet) -> tuple[int, dict[int, Column]]:
        """Return the row of headings, from 0, and the column of each position."""
        best, found = -1, 1
        for number, cells in enumerate(table.rows[:_DEEPEST]):
            known = sum(fold(str(cell)) in sheet.by_name for cell in cells)
            if known > found or (known and len(sheet.columns) == 1):
                best, found = number, known
        columns: dict[int, Column] = {}
        for position, cell in enumerate(table.rows[best] if best >= 0 else ()):
            text = fold(str(cell))
            if not text or text.startswith("#"):
                continue
            column = sheet.by_name.get(text)
            where = self.at(table.name, best + 1, position + 1)
            if column is None:
                near = get_close_matches(text, sheet.by_name, 1, 0.7)
                self.fault(where, f"says {quoted(cell)}, which is no heading of {sheet.name}",
                           f"did you mean {quoted(sheet.by_name[near[0]].name)}?" if near else
                           "put # before it to have the column left alone", True)  # fmt: skip
            elif column in columns.values():
                self.fault(where, f"gives the heading {quoted(cell)} a second time",
                           "put # before it to have the column left alone", True)  # fmt: skip
            else:
                columns[position] = column
        return best, columns

    def _form(self, table: Table, sheet: Sheet) -> None:
        """Read a sheet that has a column in each line."""
        positions = [
            i for cells in table.rows for i, cell in enumerate(cells)
            if fold(str(cell)) in sheet.by_name
        ]  # fmt: skip
        left = max(set(positions), key=positions.count, default=0)
        places: dict[int, tuple[int, int]] = {}
        columns: dict[int, Column] = {}
        for number, cells in enumerate(table.rows, 1):
            text = fold(str(cells[left])) if left < len(cells) else ""
            if column := sheet.by_name.get(text):
                columns[number], places[number] = column, (number, left + 2)
            elif text and text not in QUESTION and not text.startswith("#") and number > 1:
                near = get_close_matches(text, sheet.by_name, 1, 0.7)
                self.fault(self.at(table.name, number, left + 1),
                           f"says {quoted(cells[left])}, which is no question of {sheet.name}",
                           f"did you mean {quoted(sheet.by_name[near[0]].name)}?" if near else
                           "put # before it to have the line left alone", True)  # fmt: skip
        self.rows[sheet.iri].append(self._row(table, sheet, 0, places, columns))

    def _row(
        self, table: Table, sheet: Sheet, number: int,
        places: dict[int, tuple[int, int]], columns: dict[int, Column],
    ) -> Row:  # fmt: skip
        """Return one row; a formula without a value in it is a fault."""
        row = Row(sheet, table.name, number, {}, {})
        for position, (line, column) in places.items():
            iri, where = columns[position].iri, self.at(table.name, line, column)
            row.places[iri] = where
            cells = table.rows[line - 1]
            raw = cells[column - 1] if column <= len(cells) else ""
            if isinstance(raw, Missing):
                self.fault(where, f"holds {raw}", "open the workbook, let it calculate and save "
                           "it again, or write the value itself")  # fmt: skip
            elif isinstance(raw, str) and not raw.strip():
                continue
            row.cells[iri] = raw.date() if isinstance(raw, dt.datetime) else raw
        return row
