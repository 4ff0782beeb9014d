"""Rows → records: which records each row makes, of which class, and at which address."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from k20kg.sheets.cells import CellError, Words, quoted, slug
from k20kg.sheets.rows import SheetFault, SheetRow, SheetRows
from k20kg.sheets.schema import FULL, Column, Condition, Record, fold
from k20kg.sources.terms import with_superclasses
from k20kg.vocabulary import BASE, PREFIXES, RDF_TYPE

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_OURS: Final = {"k20kg": BASE, **PREFIXES}
_NAMELESS: Final = "https://example.org/case/nameless"


@dataclass
class BookReading:
    """Contents of a book: statements, place of each, faults, parts left out."""

    where: str
    group: str = ""
    quads: dict[ox.Quad, None] = field(default_factory=dict)
    cells: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The place of a record, of a property of it, or of one of its values."""
    words: dict[str, str] = field(default_factory=dict)
    """Name of a record for people: the words in the first cell of its row."""
    faults: list[SheetFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    contents: str = ""
    lists: dict[str, list[dict[str, str | float]]] = field(default_factory=dict)
    """Rows of sheets that are no part of a case, by the sheet's IRI."""


class RecordMaker:
    """Makes the records of a book; what they say is said by who reads them."""

    def __init__(self, rows: SheetRows) -> None:
        self.rows = rows
        self.schema = rows.schema
        self.all = [row for some in rows.rows.values() for row in some]
        self.out = BookReading(rows.book.where, faults=rows.faults, notes=rows.notes)
        self.keys: dict[str, dict[str, SheetRow]] = {}
        """By sheet: its rows, by what stands in their first column."""
        self.types: dict[str, set[str]] = {}
        """The classes of each record, with those above."""
        self.own: dict[tuple[int, str], dict[str, str]] = {}
        """Of a row and a record that it makes several of: the value that each stands for."""
        self._taken: set[str] = set()
        self._begin()
        for row in self.all:
            self._index(row)
        for row in self.all:
            for record in row.sheet.records:
                self.make(row, record)

    def _begin(self) -> None:
        """Find the group, whose address all others begin with, and the language of the text."""
        first = self.schema.sheets[0]
        rows = self.rows.rows[first.iri]
        language = rows[0].text(first.by_iri.get(self.schema.language)) if rows else ""
        self.words = Words(self.schema, language or "en")
        self.out.group = (rows and self.address(rows[0], first.records[0], {})) or _NAMELESS
        if self.out.group == _NAMELESS:
            key = first.columns[0]
            if (
                not rows or key.iri not in rows[0].places
            ):  # else told as a needed cell that is empty
                where = self.rows.at(first.name, 2, 1)
                self.fault(where, f"gives the group no {key.name}", f"fill in {quoted(key.name)}")
        self.add(self.out.group, RDF_TYPE, first.records[0].classes[0])

    def fault(self, where: str, what: str, remedy: str) -> None:
        """Keep a fault of a cell."""
        self.rows.fault(where, what, remedy)

    def add(self, subject: str, predicate: str, value: str | ox.Literal) -> None:
        """State something; a text is the address of a node."""
        term = ox.NamedNode(value) if isinstance(value, str) else value
        self.out.quads[ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), term)] = None

    # ------------------------------------------------------------ addresses

    def address(self, row: SheetRow, record: Record, own: dict[str, str]) -> str | None:
        """Return the address that a row gives a record; None where it lacks what it is made of."""
        for template, names in zip(record.addresses, record.placeholders, strict=True):
            columns = {name: row.sheet.column(name) for name in names}
            values = {n: own.get(c.iri) or row.text(c) or c.default for n, c in columns.items()}
            if not all(values.values()):
                continue
            if names and template == f"{{{names[0]}}}":
                return self.stated(values[names[0]], row, columns[names[0]])
            begin, joined, last = template.partition("}{")
            if joined:
                return values[begin[1:]] + slug(values[last[:-1]])
            for name, value in values.items():
                template = template.replace(f"{{{name}}}", slug(value))
            return f"{self.out.group}/{template}"
        return None

    def stated(self, text: str, row: SheetRow, column: Column) -> str | None:
        """Return the address that a cell states: a whole one, by a prefix, or below the group's."""
        prefix, colon, rest = text.partition(":")
        found = text if _ADDRESS.fullmatch(text) else ""
        if colon and prefix in _OURS:
            found = _OURS[prefix] + rest
        elif not found and self.schema.name == FULL and self.out.group:
            found = f"{self.out.group}/{quote(text.replace(' ', '-'), safe='/._~-@!$&()*+,;=:%')}"
        try:
            return ox.NamedNode(found).value
        except ValueError:
            remedy = "write one such as https://example.org/a" + ", or nothing" * column.seldom
            self.fault(
                row.places[column.iri], f"says {quoted(text)}, which is no web address", remedy
            )
            return None

    def _index(self, row: SheetRow) -> None:
        """Keep a row by its name, which no other row of the sheet may have."""
        key = row.sheet.key
        if key is None or not row.text(key):
            return
        other = self.keys.setdefault(row.sheet.iri, {}).setdefault(fold(row.text(key)), row)
        if other is not row:
            self.fault(
                row.places[key.iri],
                f"gives the {key.name} {quoted(row.text(key))} a second time",
                f"it stands at {other.places[key.iri]} already; give each its own",
            )

    # ------------------------------------------------------------ records

    def holds(self, row: SheetRow, condition: Condition) -> bool:
        """Tell whether what a record or a property depends on holds in a row."""
        raw = row.cells.get(condition.column)
        if raw is None or not condition.value:
            return (raw is None and not condition.value) != condition.negated
        column = row.sheet.by_iri[condition.column]
        try:
            if condition.value == "true":
                literal = self.words.literal(row.sheet.kinds(column)[-1], raw)
                found = literal.value if literal else ""
            else:
                kind = next(k for k in row.sheet.kinds(column) if condition.value in k.choices)
                found = self.words.term(kind, row.text(column)) or ""
        except CellError as wrong:
            self.fault(row.places[condition.column], wrong.what, wrong.remedy)
            return False
        return (found == condition.value) != condition.negated

    def make(self, row: SheetRow, record: Record) -> None:
        """Give a row the records of one kind that it makes, each with an address and a class."""
        if record.when and not self.holds(row, record.when):
            return
        for own in self._owns(row, record):
            if address := self.address(row, record, own):
                self.place(row, record, address, own)

    def place(self, row: SheetRow, record: Record, address: str, own: dict[str, str]) -> None:
        """Give a row a record at an address, which is another's if that is taken by another row."""
        named = row.sheet.one_row or (row.sheet.key and len(record.addresses) > 1)
        number, whole = 1, address
        while not record.same_words and not named and address in self._taken:
            number += 1
            address = f"{whole}-{number}"
        self._taken.add(address)
        nodes = row.nodes.setdefault(record.iri, [])
        if address not in nodes:
            nodes.append(address)
        self.own[id(row), address] = own
        kinds = list(self._kinds(row, record))
        self.types.setdefault(address, set()).update(with_superclasses(kinds))
        for kind in kinds:
            self.add(address, RDF_TYPE, kind)

    def _owns(self, row: SheetRow, record: Record) -> list[dict[str, str]]:
        """Return what each record of a kind stands for: one for each value of a cell, or all."""
        columns = [row.sheet.column(name) for name in record.placeholders[-1]]
        if row.sheet.listed(record):
            several = next(column for column in columns if column.several)
            return [{several.iri: value} for value in row.values(several)]
        if record.same_words:
            made = all(column.iri in row.cells for column in columns)
        else:
            others = {
                column for other in row.sheet.records
                if other is not record and not row.sheet.listed(other) for column in other.columns
            }  # fmt: skip
            made = bool(record.when) or any(c in row.cells for c in record.columns - others)
        return [{}] if made else []

    def _kinds(self, row: SheetRow, record: Record) -> Iterator[str]:
        """Yield the classes of a record: those of its cell, where there is a column for them."""
        rule = next((rule for rule in record.rules if rule.predicate == RDF_TYPE), None)
        if rule is None:
            yield from record.classes
            return
        for text in row.values(row.sheet.by_iri[rule.column]):
            with suppress(CellError):  # told where the property is filled
                yield self.words.term(rule.kind, text) or ""
