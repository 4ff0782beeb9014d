"""The workbook as data: sheets, columns and the records that a row makes.

What a cell may hold follows from the ontology: the range of a property, the scheme that its values
are from, the classes below a class.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

from k20kg.rdf.graph import Graph, read_turtle
from k20kg.sources.terms import vocabulary as vocabulary  # for all who fill or read a sheet
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH, SKOS, XSD, packaged

STARTER = "starter"
FULL = "full"
GAPS = "gaps"
_SIMPLE = {"boolean": "yesno", "decimal": "number", "integer": "whole", "string": "text"}


@dataclass(frozen=True)
class CellKind:
    """Kind of the cells of a property."""

    name: str
    """``text``, ``words`` (in some language), ``yesno``, ``number``, ``whole``, ``date``,
    ``choice``, ``class`` or ``link``."""
    choices: tuple[str, ...] = ()
    """The terms to choose from."""
    open: bool = False
    """True if a term of one's own may be given."""
    classes: frozenset[str] = frozenset()
    """The classes of what a link leads to; none if it may lead anywhere."""
    last: bool = False
    """True if a date stands for the last instant of its day, month or year."""


@dataclass(frozen=True)
class Column:
    """One column of a sheet."""

    iri: str
    name: str
    help: str = ""
    needed: bool = False
    seldom: bool = False
    several: bool = False
    choices: tuple[str, ...] = ()
    """Classes to choose from, where they are stated."""
    defaults: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    """The row records that it names, where none is filled from it."""

    @property
    def default(self) -> str:
        """Return the value where nothing is written; several defaults are rows to be filled."""
        return self.defaults[0] if len(self.defaults) == 1 else ""


@dataclass(frozen=True)
class Condition:
    """On what cell a record or a property depends: its value, or that it is empty."""

    column: str
    value: str = ""
    """An IRI, or ``true``; empty: the cell has to be empty."""
    negated: bool = False


@dataclass(frozen=True)
class Rule:
    """Source of a property of a record: a column, or another record of the row."""

    predicate: str
    kind: CellKind
    inverse: bool = False
    column: str = ""
    records: tuple[str, ...] = ()
    """The records that the value may be; none for a plain value or any address."""
    when: tuple[Condition, ...] = ()
    """All of these have to hold."""
    constant: str = ""


@dataclass(frozen=True)
class Record:
    """A record that a row of a sheet makes."""

    iri: str
    sheet: str
    classes: tuple[str, ...]
    addresses: tuple[str, ...]
    """Templates, of which the first counts whose columns are all filled."""
    rules: tuple[Rule, ...]
    when: Condition | None = None
    same_words: bool = False
    """True if rows with the same words mean one record."""

    @cached_property
    def placeholders(self) -> list[list[str]]:
        """The columns that each template names, by heading."""
        return [re.findall(r"{(.*?)}", template) for template in self.addresses]

    @cached_property
    def names(self) -> set[str]:
        """All columns that its address is made of, by heading."""
        return {name for names in self.placeholders for name in names}

    @cached_property
    def columns(self) -> set[str]:
        """The columns that its properties are filled from."""
        return {rule.column for rule in self.rules if rule.column}


@dataclass(frozen=True)
class Sheet:
    """One sheet of the workbook."""

    iri: str
    name: str
    title: str
    columns: tuple[Column, ...]
    records: tuple[Record, ...]
    one_row: bool = False
    counted_by: str = ""
    counted_as: str = ""
    """Name of its rows when they are counted, where that is not its name."""

    @cached_property
    def by_iri(self) -> dict[str, Column]:
        """Its columns, by their IRI."""
        return {column.iri: column for column in self.columns}

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Its columns, by their folded heading."""
        return {fold(column.name): column for column in self.columns}

    @cached_property
    def key(self) -> Column | None:
        """The column of the names by which other sheets refer to its rows."""
        first = self.columns[0]
        return None if self.one_row or self.is_list or self.users(first.iri) else first

    @property
    def is_list(self) -> bool:
        """True: its rows are no part of a case, and are kept as they are."""
        return not self.records

    def column(self, name: str) -> Column:
        """Return the column of a heading."""
        return self.by_name[fold(name)]

    def is_repeat(self, record: Record, column: Column) -> bool:
        """Tell whether a column names another row that makes the same record."""
        return not (column is self.key or column.several or column.iri in record.columns)

    def of_both_kinds(self, record: Record) -> set[str]:
        """Return the columns of a record of several rows that records of one row have too."""
        return {c for r in self.records if not r.same_words for c in r.columns} & record.columns

    def users(self, column: str) -> list[Record]:
        """Return the records that are filled from a column."""
        return [record for record in self.records if column in record.columns]

    def listed(self, record: Record) -> bool:
        """Tell whether a row makes one such record for each of several values of a cell."""
        columns = [self.column(name) for name in record.names]
        several = any(column.several for column in columns)
        return several and all(column.several or column is self.key for column in columns)

    def kinds(self, column: Column) -> list[CellKind]:
        """Return what the cells of a column may hold, by each property filled from it."""
        rules = [rule for record in self.records for rule in record.rules]
        found = [rule.kind for rule in rules if rule.column == column.iri]
        tested = [c for rule in rules for c in rule.when] + [r.when for r in self.records if r.when]
        if any((c.column, c.value) == (column.iri, "true") for c in tested):
            found.append(CellKind("yesno"))
        elif column.choices:
            found.append(CellKind("class", column.choices))
        return list(dict.fromkeys(found)) or [CellKind("text")]


@dataclass(frozen=True)
class Workbook:
    """Parts of a workbook."""

    name: str
    version: str
    text: str
    """The first page."""
    sheets: tuple[Sheet, ...]
    words: dict[str, str] = field(compare=False)
    """The word of each term that can be chosen."""
    language: str = ""
    """The column that says in which language words are."""

    @cached_property
    def records(self) -> dict[str, Record]:
        """All records, by IRI."""
        return {record.iri: record for sheet in self.sheets for record in sheet.records}

    @cached_property
    def sheet_of(self) -> dict[str, Sheet]:
        """The sheet of each record, by the record's IRI."""
        return {record.iri: sheet for sheet in self.sheets for record in sheet.records}

    @cached_property
    def by_name(self) -> dict[str, Sheet]:
        """The sheets, by folded name."""
        return {fold(sheet.name): sheet for sheet in self.sheets}

    def prefilled(
        self, sheet: Sheet, has: Mapping[Column, Collection[object]]
    ) -> Iterator[tuple[Column, str]]:
        """Yield each default, of a column of several, that no row `has`."""
        for column in (c for c in sheet.columns if len(c.defaults) > 1):
            for word in map(self.words.__getitem__, column.defaults):
                if word not in has[column]:
                    yield column, word

    def named_in(self, sheet: Sheet, column: Column) -> Iterator[tuple[Sheet, Column]]:
        """Yield the columns in which the names stand that a column refers to."""
        rules = [rule for r in sheet.records for rule in r.rules if rule.column == column.iri]
        for record in (self.records[iri] for rule in rules for iri in rule.records):
            there = self.sheet_of[record.iri]
            if not there.one_row and not there.listed(record):
                yield there, there.column(record.placeholders[-1][0])


@lru_cache(4096)
def fold(text: str) -> str:
    """Return text as headings and words are compared: no case, no doubled or outer blanks."""
    return " ".join(text.casefold().rstrip(" *").split())


@cache
def kind_of(predicate: str) -> CellKind:
    """Return what the ontology says that the values of a property are."""
    terms = vocabulary()
    range_ = terms.value(predicate, RDFS + "range")
    local = range_.removeprefix(XSD)
    if scheme := terms.value(predicate, K20 + "valuesFrom"):
        choices = tuple(terms.values(scheme, SKOS + "hasTopConcept"))
        closed = all(choice.startswith(K20) for choice in choices)
        open_ = not closed or bool(terms.value(scheme, K20 + "ownConcept"))
        return CellKind("choice", choices, open_)
    if local in _SIMPLE:
        return CellKind(_SIMPLE[local])
    if local == "dateTime":
        return CellKind("date", last=predicate not in _first_instants())
    if OWL + "ObjectProperty" in terms.values(predicate, RDF_TYPE):
        classes = [*terms.items(range_, OWL + "unionOf")] or [range_]
        return CellKind("link", classes=frozenset(filter(None, classes)))
    return CellKind(_stated_kinds().get(predicate, "text"))


@cache
def _stated_kinds() -> dict[str, str]:
    """Return what sheets.ttl says that values are, of properties whose range says nothing."""
    graph = Graph(read_turtle(packaged("shapes", "sheets.ttl")))
    words = {graph.value(s, SH + "path"): "words" for s in graph.having(SH + "datatype")}
    return words | {graph.value(s, SH + "path"): "link" for s in graph.having(SH + "nodeKind")}


@cache
def _first_instants() -> set[str]:
    """Return the dates that the record check holds to be no later than another."""
    graph = Graph(read_turtle(packaged("shapes", "record.ttl")))
    return {graph.value(one, SH + "path") for one in graph.having(SH + "lessThanOrEquals")}
