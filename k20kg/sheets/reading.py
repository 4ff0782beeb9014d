"""Rows → statements: what each record of a row says, and the cell that each statement is from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from k20kg.rdf.text import escape_controls
from k20kg.sheets.book import Book, csv_book, open_book
from k20kg.sheets.cells import CellError, quoted, slug, suggestion
from k20kg.sheets.contents import contents_of
from k20kg.sheets.record_maker import BookReading, RecordMaker
from k20kg.sheets.rows import SheetRow, SheetRows
from k20kg.sheets.schema import FULL, STARTER, Column, Record, Rule, Sheet, fold
from k20kg.sheets.workbooks import workbook
from k20kg.vocabulary import RDF_TYPE, SKOS


def read_workbook(data: bytes, where: str) -> BookReading:
    """Return what a workbook says; `InputError` for what is none."""
    return read_book(open_book(data, where))


def read_folder(folder: Path) -> BookReading | None:
    """Return what a folder of CSV files says; None if it has none named like a sheet."""
    names = {name for book in (STARTER, FULL) for name in workbook(book).by_name}
    paths = [path for path in folder.glob("*.csv") if fold(path.stem) in names]
    files = ((path.name, path.read_bytes()) for path in paths)
    return read_book(csv_book(files, escape_controls(str(folder)))) if paths else None


def read_book(book: Book) -> BookReading:
    """Return what a book says."""
    rows = SheetRows(book)
    reading = _Reader(rows).read()
    reading.contents = contents_of(rows)
    reading.lists = rows.lists
    return reading


class _Reader(RecordMaker):
    """Says what the records of a book say."""

    def read(self) -> BookReading:
        self.first = self._rows_of_shared()
        self.used: set[tuple[int, str]] = set()
        self.named: dict[str, dict[str, str]] = {}
        for row in self.all:
            for record in row.sheet.records:
                for node in row.nodes.get(record.iri, ()):
                    self._describe(row, record, node)
            self._left_over(row)
        return self.out

    def _rows_of_shared(self) -> dict[str, int]:
        """Return of each record of several rows the row whose shared cells speak of it.

        That is a row which makes nothing else, or else the first.
        """
        found: dict[str, tuple[bool, int]] = {}
        for row in self.all:
            lone = not any(r.iri in row.nodes for r in row.sheet.records if not r.same_words)
            for record in (r for r in row.sheet.records if r.same_words):
                both = row.sheet.of_both_kinds(record)
                best = lone and any(column in row.cells for column in both)
                for node in row.nodes.get(record.iri, ()):
                    if node not in found or (best and not found[node][0]):
                        found[node] = (best, id(row))
        return {node: number for node, (_, number) in found.items()}

    # ------------------------------------------------------------ what is said of a record

    def _describe(self, row: SheetRow, record: Record, node: str) -> None:
        """Say of a record what its row says of it."""
        self.out.cells.setdefault((node,), self._place_of(row, record))
        self.out.words.setdefault(node, row.text(row.sheet.columns[0]))
        elsewhere = set()
        if record.same_words and self.first.get(node, id(row)) != id(row):
            own = {row.sheet.column(name).iri for name in record.names}
            elsewhere = own | row.sheet.of_both_kinds(record)
            self.used |= {(id(row), column) for column in own}
        for rule in (rule for rule in record.rules if rule.column not in elsewhere):
            if rule.column:
                place = row.places.get(rule.column, "")
                self.out.cells.setdefault((node, rule.predicate), place)
            if all(self.holds(row, condition) for condition in rule.when):
                self._state(row, record, rule, node)

    def _state(self, row: SheetRow, record: Record, rule: Rule, node: str) -> None:
        """State the values of a property, and keep the cell that each is from."""
        siblings = [r for r in record.rules if r.column and r.column == rule.column and r.records]
        for value in self._values(row, rule, self.own.get((id(row), node), {})):
            if isinstance(value, ox.Literal):
                self.add(node, rule.predicate, value)
                end = value.value
            else:
                kinds = self.types.get(value, set())
                fitting = [one for one in siblings if kinds & one.kind.classes] or siblings[:1]
                if fitting and rule not in fitting:
                    continue  # the value of another property with the same column
                subject, end = (value, node) if rule.inverse else (node, value)
                self.add(subject, rule.predicate, end)
            if rule.column:
                self.out.cells.setdefault(
                    (node, rule.predicate, end), row.places.get(rule.column, "")
                )

    def _place_of(self, row: SheetRow, record: Record) -> str:
        """Return the place of a record: of the first filled cell that is its own, or of its row."""
        others = {c for o in row.sheet.records if o is not record for c in o.columns}
        own = [c for c in row.places if c in record.columns - others and c in row.cells]
        return row.places[own[0]] if own and row.sheet.key is None else row.place

    def _values(self, row: SheetRow, rule: Rule, own: dict[str, str]) -> Iterator[str | ox.Literal]:
        """Yield the values that a row gives a property; those that are nodes by their address."""
        if rule.constant or not rule.column:
            yield from [rule.constant] if rule.constant else self._in_row(row, rule)
            return
        if rule.column not in row.cells:
            return
        self.used.add((id(row), rule.column))
        column, raw = row.sheet.by_iri[rule.column], row.cells[rule.column]
        links = rule.kind.name in ("link", "choice", "class")
        texts = [own[rule.column]] if rule.column in own else row.values(column) if links else [raw]
        for text in texts:
            try:
                said = (
                    self._named(row, rule, column, str(text))
                    if links
                    else self.words.literal(rule.kind, text)
                )
            except CellError as wrong:
                self.fault(row.places[rule.column], wrong.what, wrong.remedy)
            else:
                if said is not None:
                    yield said

    def _in_row(self, row: SheetRow, rule: Rule) -> list[str]:
        """Return the other records of a row, or the one record of a sheet with one row."""
        for iri in rule.records:
            sheet = self.schema.sheet_of[iri]
            if found := row.nodes.get(iri):
                return found
            if sheet.iri == self.schema.sheets[0].iri and (sheet.one_row or rule.when):
                return (
                    [self._single(iri)] if sheet is not row.sheet or len(rule.records) == 1 else []
                )
        return []

    def _single(self, iri: str) -> str:
        """Return the one record of a sheet that has one row, which is made if it has to be."""
        record, sheet = self.schema.records[iri], self.schema.sheet_of[iri]
        if record is self.schema.sheets[0].records[0]:
            return self.out.group
        row = self.rows.rows[sheet.iri][0]
        if iri not in row.nodes:
            self.place(row, record, self.address(row, record, {}) or self.out.group, {})
            self._describe(row, record, row.nodes[iri][0])
        return row.nodes[iri][0]

    # ------------------------------------------------------------ what words name

    def _named(self, row: SheetRow, rule: Rule, column: Column, text: str) -> str | None:
        """Return what a word of a cell names: a term of a list, or a record."""
        if text == "-":
            return None
        if rule.kind.name != "link":
            return self.words.term(rule.kind, text) or self._concept(row, column, text)
        return self._record(rule, text) if rule.records else self._at_address(row, column, text)

    def _concept(self, row: SheetRow, column: Column, text: str) -> str | None:
        """Return a term of the record's own: at an address, or with these words as its label."""
        if self.schema.name == FULL and (f"{self.out.group}/{text}" in self.types or ":" in text):
            return self.stated(text, row, column)
        own = f"{self.out.group}/own/{slug(text)}"
        self.out.cells.setdefault((own,), row.places[column.iri])
        self.add(own, RDF_TYPE, SKOS + "Concept")
        self.add(own, SKOS + "prefLabel", ox.Literal(text, language=self.words.language))
        return own

    def _at_address(self, row: SheetRow, column: Column, text: str) -> str | None:
        """Return the node at an address; one below the group's that no row has is a fault."""
        if fold(text) == "group":
            return self.out.group
        found = self.stated(text, row, column)
        if found and ":" not in text and found not in self.types:
            names = [key for rows in self.keys.values() for key in rows]
            raise CellError(f"names {quoted(text)}, which has no row",
                            suggestion(text, names) or "add a row with that address")  # fmt: skip
        return found

    def _record(self, rule: Rule, text: str) -> str | None:
        """Return the record that a word names; one that no row makes is a fault."""
        found: list[str] = []
        for record in map(self.schema.records.__getitem__, rule.records):
            sheet = self.schema.sheet_of[record.iri]
            there = self.keys.get(sheet.iri, {}).get(fold(text))
            if sheet.one_row:
                names = self._names(sheet, record)
                found += [self._single(record.iri)] if fold(text) in names else []
            elif record.same_words:
                found += self._by_words(sheet, record, text)
            else:
                found += there.nodes.get(record.iri, []) if there else []
            if there and not found and record.iri == rule.records[-1]:
                if {fault.where for fault in self.rows.faults} & {*there.places.values()}:
                    return None  # its own fault is told
                raise CellError(f"names {quoted(text)}, whose row does not say what is needed here",
                                f"fill in the row at {there.place}")  # fmt: skip
        if not found:
            raise self._nobody(text, rule)
        return next((f for f in found if self.types.get(f, set()) & rule.kind.classes), found[0])

    def _names(self, sheet: Sheet, record: Record) -> dict[str, str]:
        """Return the words by which the records of a sheet can be named, by these words folded."""
        if record.iri not in self.named:
            rows = self.rows.rows[sheet.iri]
            if sheet.one_row:
                words = [sheet.name, f"the {sheet.name}"]
                words += [row.text(c) for row in rows for c in sheet.columns[:2]]
            elif record.same_words:
                column = sheet.column(record.placeholders[-1][0])
                words = [value for row in rows for value in row.values(column)]
            else:
                words = [row.text(sheet.key) for row in self.keys.get(sheet.iri, {}).values()]
            self.named[record.iri] = {fold(word): word for word in reversed(words)}
        return self.named[record.iri]

    def _by_words(self, sheet: Sheet, record: Record, text: str) -> list[str]:
        """Return the record that has these words; one that is named in passing is made."""
        column = sheet.column(record.placeholders[-1][0])
        row = SheetRow(sheet, {column.iri: text}, {})
        address = self.address(row, record, {column.iri: text}) or ""
        if fold(text) not in (words := self._names(sheet, record)):
            if not sheet.listed(record):
                return []
            if suggestion(text, words.values(), 0.8):
                raise CellError(f"says {quoted(text)}", suggestion(text, words.values()))
            self.place(row, record, address, {column.iri: text})
            self._describe(row, record, address)
        return [address]

    def _nobody(self, text: str, rule: Rule) -> CellError:
        """Return the fault of a word that names nothing, with what was perhaps meant."""
        records = [self.schema.records[iri] for iri in rule.records]
        sheets = {self.schema.sheet_of[record.iri].name: None for record in records}
        here = " or ".join(sheets)
        for sheet in self.schema.sheets:
            if fold(text) in self.keys.get(sheet.iri, {}):
                return CellError(
                    f"names {quoted(text)}, which stands on {sheet.name} and not on {here}",
                    f"choose from {here}, or leave it empty",
                )
        names = [n for r in records for n in self._names(self.schema.sheet_of[r.iri], r).values()]
        remedy = suggestion(text, names) or f"add it to {here}, or choose from there"
        return CellError(f"names {quoted(text)}, which is not on {here}", remedy)

    # ------------------------------------------------------------ what nothing is made of

    def _left_over(self, row: SheetRow) -> None:
        """Tell of needed cells that are empty, and of filled ones that nothing is made of."""
        made = [record for record in row.sheet.records if row.nodes.get(record.iri)]
        lone = made and all(record.same_words for record in made)
        idle: list[str] = []
        for column in (c for c in row.sheet.columns if c.iri in row.places):
            users = row.sheet.users(column.iri)
            place = row.places[column.iri]
            if column.iri not in row.cells:
                if column.needed and not (lone and not any(r in made for r in users)):
                    remedy = column.help[:1].lower() + column.help[1:].rstrip(".")
                    self.fault(place, f"is empty, and {column.name} is needed", remedy)
            elif users and (id(row), column.iri) not in self.used:
                waiting = [u.when.column for u in users if u.when and u not in made]
                if all(one in row.places for one in waiting):
                    idle.append(place if not idle else place.rpartition("!")[2])
        if idle:
            said = "nothing in the row needs what is written there"
            self.out.notes.append(f"{', '.join(idle)}: {said}")
