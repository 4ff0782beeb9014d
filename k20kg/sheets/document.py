"""A workbook as a document of a case: its statements as text, and faults told by cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.definition.record_shapes import record_check, record_notes
from k20kg.errors import InputError
from k20kg.rdf.graph import Graph, ntriples
from k20kg.sheets.book import open_book
from k20kg.sheets.reading import read_folder, read_workbook
from k20kg.sheets.record_maker import BookReading
from k20kg.sheets.rows import SheetRows
from k20kg.sheets.schema import GAPS, fold, vocabulary
from k20kg.sheets.workbooks import workbook
from k20kg.sources.documents import Document
from k20kg.vocabulary import K20, SH

_Fault = tuple[str, str, str]
"""Place, fault, and what to do."""


class FaultWords(NamedTuple):
    """Words for cells in the messages of a check's shapes."""

    remedies: dict[str, str]
    """Remedy of each shape, in words for who fills cells."""
    properties: dict[str, list[str]]
    """The properties that each shape looks at."""


@dataclass(frozen=True)
class WorkbookCells:
    """Cell of each record and each statement, to report faults."""

    reading: BookReading

    @property
    def contents(self) -> str:
        """Return the workbook's contents, in one sentence."""
        return self.reading.contents

    @property
    def lists(self) -> dict[str, list[dict[str, str | float]]]:
        """Return the rows of sheets that are no part of a case, by the sheet's IRI."""
        return self.reading.lists

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what is no part of a case, one line each."""
        return tuple(self.reading.notes)

    @property
    def faults(self) -> list[_Fault]:
        """Return the faults of cells; those that keep whole columns from being read first."""
        found = sorted(self.reading.faults, key=lambda fault: not fault.of_many)
        return [(fault.where, fault.what, fault.remedy) for fault in found]

    def place(self, node: str, shape: str = "", value: str = "") -> str:
        """Return the cell that a fault is in: of a value, of a property, or of the record."""
        known = self.reading.cells
        properties = _fault_words().properties.get(shape, [])
        for one in properties:
            for found in ((node, one, value), (value, one, node)):
                if place := known.get(found):
                    return place
        for one in properties:
            if place := known.get((node, one)):
                return place
        return known.get((node,), "") or known.get((value,), "") or self.reading.where

    def cell_fault(self, shape: str, node: str, value: str, message: str, remedy: str) -> _Fault:
        """Return a fault that a shape finds in the record, as one of a cell."""
        place = self.place(node, shape, value)
        what = _in_words(message.removeprefix("It ").rstrip("."))
        if value and value != node and (words := self.reading.words.get(value)):
            what += f" (‘{words}’)"
        return place, what, _fault_words().remedies.get(shape) or _in_words(remedy)


def document(data: bytes, where: str) -> Document:
    """Return a workbook as a document; `InputError` for what is none."""
    return of_reading(read_workbook(data, where))


def gaps_of(data: bytes, where: str) -> dict[str, list[dict[str, str | float]]]:
    """Return the rows of a list of gaps; `InputError` for what is none, or has other headings."""
    book = open_book(data, where)
    schema = workbook(GAPS)
    (sheet,) = schema.sheets
    tables = [table for table in book.tables if fold(table.name) == sheet.name]
    rows = SheetRows(replace(book, tables=tables), schema)
    if not tables:
        remedy = "give a list that k20kg gaps CASE -o gaps.xlsx wrote"
        raise InputError(f"it has no sheet {sheet.name}", where=where, remedy=remedy)
    if rows.faults:
        lines = "\n".join(f"{at}: {what}; {remedy}" for at, what, remedy, _ in rows.faults)
        raise InputError(f"the list cannot be kept whole\n{lines}", where=where)
    return rows.lists


def why_not(path: Path) -> str:
    """Return why a spreadsheet is no workbook of ours, and what to do; empty if it is one."""
    try:
        SheetRows(open_book(path.read_bytes(), path.name))
    except InputError as fault:
        return f"{fault.what}; {fault.remedy}"
    return ""


def folder_document(folder: Path) -> Document | None:
    """Return a folder of CSV files as a document; None if it has none named like a sheet."""
    reading = read_folder(folder)
    return of_reading(reading) if reading else None


def of_reading(reading: BookReading) -> Document:
    """Return what a book says as a document."""
    text = ntriples(reading.quads)
    return Document(reading.where, text, "ntriples", cells=WorkbookCells(reading))


@cache
def _fault_words() -> FaultWords:
    checks = Graph(
        quad for text in (record_check().shapes, record_notes().shapes)
        for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    )  # fmt: skip
    remedies = {s: checks.value(s, K20 + "cellRemedy") for s in checks.having(K20 + "cellRemedy")}
    properties: dict[str, list[str]] = {}
    for shape in {*checks.having(SH + "path"), *checks.having(SH + "message")}:
        path = checks.value(shape, SH + "path")
        steps = [path, *checks.items(path, SH + "alternativePath")]
        found = [checks.value(step, SH + "inversePath") or step for step in steps]
        named = [one for one in found if one and not one.startswith("_:")]
        properties[shape] = named or checks.values(shape, SH + "targetSubjectsOf")
    return FaultWords(remedies, properties)


def _in_words(text: str) -> str:
    """Return a sentence with labels in place of terms: ``k20:headcount`` is the head count."""
    text = re.sub(r"k20:\w+ \(([^)]*)\)", r"\1", text)
    text = re.sub(r"(\w[^()]*?) \(k20:\w+(?: (?:true|false))?\)", r"\1", text)
    text = re.sub(r"k20:(\w+)", lambda term: vocabulary().label(K20 + term[1]), text)
    return text.replace(" by by ", " by ")
