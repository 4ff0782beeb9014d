"""Rows → statements: the records that each row makes, and the cell that each statement is from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox

from k20kg.sheets.book import Book, csv_book, open_book
from k20kg.sheets.cells import CellError, Words, quoted, slug
from k20kg.sheets.contents import contents_of
from k20kg.sheets.plan import FULL, STARTER, Column, Condition, Record, Rule, Sheet, fold, workbook
from k20kg.sheets.rows import SheetFault, Row, Rows, all_rows
from k20kg.sources.terms import with_superclasses
from k20kg.vocabulary import BASE, PREFIXES, RDF_TYPE, SKOS

_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_OURS: Final = {"k20kg": BASE, **PREFIXES}


@dataclass
class BookReading:
    """What a book says: statements, where each stands, what is wrong, what was left out."""

    where: str
    group: str = ""
    quads: dict[ox.Quad, None] = field(default_factory=dict)
    cells: dict[tuple[str, ...], str] = field(default_factory=dict)
    """The place of a record, of a property of it, or of one of its values."""
    words: dict[str, str] = field(default_factory=dict)
    """What people call a record: the words in the first cell of its row."""
    faults: list[SheetFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    contents: str = ""


def read_workbook(data: bytes, where: str) -> BookReading:
    """Return what a workbook says; `InputError` for what is none."""
    return read_book(open_book(data, where))


def read_folder(folder: Path) -> BookReading | None:
    """Return what a folder of CSV files says; None if it has none named like a sheet."""
    names = {name for book in (STARTER, FULL) for name in workbook(book).by_name}
    book = csv_book(folder, names)
    return read_book(book) if book else None


def read_book(book: Book) -> BookReading:
    """Return what a book says."""
    rows = Rows(book)
    reading = _Reader(rows).read()
    reading.contents = contents_of(rows)
    return reading


class _Reader:
    """The work of reading one book."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.plan = rows.plan
        self.out = BookReading(rows.book.where, faults=rows.faults, notes=rows.notes)
        self.keys: dict[str, dict[str, Row]] = {}
        """By sheet: its rows, by what stands in their first column."""
        self.types: dict[str, set[str]] = {}
        self.taken: set[str] = set()
        self.own: dict[tuple[int, str], dict[str, str]] = {}
        """Of a row and a record that it makes several of: the value that each stands for."""
        self.used: set[tuple[int, str]] = set()

    def read(self) -> BookReading:
        self._begin()
        for row in all_rows(self.rows.rows):
            self._index(row)
        for row in all_rows(self.rows.rows):
            for record in row.sheet.records:
                self._make(row, record)
        self._first = self._rows_of_shared()
        for row in all_rows(self.rows.rows):
            for record in row.sheet.records:
                for node in row.nodes.get(record.iri, ()):
                    self._describe(row, record, node)
            self._left_over(row)
        return self.out

    # ------------------------------------------------------------ addresses

    def _begin(self) -> None:
        """Find the group, whose address all others begin with, and the language of the text."""
        first = self.plan.sheets[0]
        rows = self.rows.rows[first.iri]
        self.words = Words(self.plan, "en")
        language = first.by_iri.get(self.plan.language)
        if rows and language and (text := rows[0].text(language)):
            self.words = Words(self.plan, text)
        group = self._address(rows[0], first.records[0], {}) if rows else None
        if group is None:
            self.out.group = "https://example.org/case/nameless"
            key = first.columns[0]
            place = rows[0].places.get(key.iri, "") if rows else ""
            if not (key.needed and place):  # else told as any needed cell that is empty
                self.rows.fault(place or self.rows.at(first.name, 2, 1),
                                f"gives the group no {key.name}", f"fill in {quoted(key.name)}")  # fmt: skip
            self._add(self.out.group, RDF_TYPE, ox.NamedNode(first.records[0].classes[0]))
        else:
            self.out.group = group

    def _address(self, row: Row, record: Record, own: dict[str, str]) -> str | None:
        """Return the address that a row gives a record; None where it lacks what it is made of."""
        for template, names in zip(record.addresses, record.placeholders, strict=True):
            values = {}
            for name in names:
                column = row.sheet.by_name[fold(name)]
                default = column.defaults[0] if len(column.defaults) == 1 else ""
                values[name] = own.get(column.iri) or row.text(column) or default
            if not all(values.values()):
                continue
            if names and template == f"{{{names[0]}}}":
                return self._resolve(values[names[0]], row, row.sheet.by_name[fold(names[0])])
            begin, joined, last = template.partition("}{")
            if joined:
                return values[begin[1:]] + slug(values[last[:-1]])
            text = template
            for name, value in values.items():
                text = text.replace(f"{{{name}}}", slug(value))
            return f"{self.out.group}/{text}"
        return None

    def _resolve(self, text: str, row: Row, column: Column) -> str | None:
        """Return the address that a cell states: a whole one, by a prefix, or below the group's."""
        prefix, colon, rest = text.partition(":")
        if colon and prefix in _OURS:
            text = _OURS[prefix] + rest
        elif not _ADDRESS.fullmatch(text) and self.plan.name != FULL:
            text = ""
        elif not _ADDRESS.fullmatch(text):
            if not self.out.group:
                self.rows.fault(row.places[column.iri], f"says {quoted(text)}, which is no address",
                                "write a whole one: https://example.org/case/mine")  # fmt: skip
                return None
            text = f"{self.out.group}/{quote(text.replace(' ', '-'), safe='/._~-@!$&()*+,;=:%')}"
        try:
            return ox.NamedNode(text).value
        except ValueError:
            said = quoted(row.text(column))
            self.rows.fault(row.places[column.iri], f"says {said}, which is no web address",
                            "leave it empty, or write one such as https://example.org/a")  # fmt: skip
            return None

    # ------------------------------------------------------------ which records there are

    def _index(self, row: Row) -> None:
        """Keep a row by its name, which no other row of the sheet may have."""
        if row.sheet.key is None or not (name := fold(row.text(row.sheet.key))):
            return
        rows = self.keys.setdefault(row.sheet.iri, {})
        if other := rows.get(name):
            self.rows.fault(
                row.places[row.sheet.key.iri],
                f"gives the {row.sheet.key.name} {quoted(row.text(row.sheet.key))} a second time",
                f"it stands at {other.places[row.sheet.key.iri]} already; give each its own",
            )
        else:
            rows[name] = row

    def holds(self, row: Row, condition: Condition) -> bool:
        """Tell whether what a record or a property depends on holds in a row."""
        raw = row.cells.get(condition.column)
        column = row.sheet.by_iri[condition.column]
        if not condition.value:
            return (raw is None) != condition.negated
        if raw is None:
            return condition.negated
        try:
            if condition.value == "true":
                found = self.words.literal(row.sheet.kinds(column)[-1], raw)
                return (found is not None and found.value == "true") != condition.negated
            kind = next(k for k in row.sheet.kinds(column) if condition.value in k.choices)
            return (self.words.term(kind, row.text(column)) == condition.value) != condition.negated
        except CellError as wrong:
            self.rows.fault(row.places[condition.column], wrong.what, wrong.remedy)
            return False

    def _make(self, row: Row, record: Record) -> None:
        """Give a row the records of one kind that it makes, each with an address and a class."""
        if record.when and not self.holds(row, record.when):
            return
        names = record.placeholders[-1]
        columns = [row.sheet.by_name[fold(name)] for name in names]
        if row.sheet.listed(record):
            several = next(column for column in columns if column.several)
            owns = [{several.iri: value} for value in row.values(several)]
        elif record.when or self._has_own(row, record, columns):
            owns = [{}]
        else:
            return
        for own in owns:
            address = self._address(row, record, own)
            if address is None:
                continue
            if not record.same_words and not (
                row.sheet.one_row or len(record.addresses) > 1 and row.sheet.key
            ):
                address = self._untaken(address)
            nodes = row.nodes.setdefault(record.iri, [])
            if address not in nodes:
                nodes.append(address)
            self.own[id(row), address] = own
            self.types.setdefault(address, set()).update(self._classes(row, record))
            if any(rule.predicate == RDF_TYPE for rule in record.rules):
                continue
            for kind in record.classes:
                self._add(address, RDF_TYPE, ox.NamedNode(kind))

    def _has_own(self, row: Row, record: Record, columns: list[Column]) -> bool:
        """Tell whether a row has something that this record alone is made of."""
        if record.same_words:
            return all(column.iri in row.cells for column in columns)
        others = {
            column for other in row.sheet.records if other is not record
            and not row.sheet.listed(other) for column in other.columns
        }  # fmt: skip
        return any(column in row.cells for column in record.columns - others)

    def _untaken(self, address: str) -> str:
        number, found = 1, address
        while found in self.taken:
            number += 1
            found = f"{address}-{number}"
        self.taken.add(found)
        return found

    def _classes(self, row: Row, record: Record) -> set[str]:
        """Return the classes of a record with those above; those of its cell where it has one."""
        rule = next((rule for rule in record.rules if rule.predicate == RDF_TYPE), None)
        if rule is None:
            return with_superclasses(record.classes)
        column = row.sheet.by_iri[rule.column]
        found = []
        for text in row.values(column):
            try:
                found += filter(None, [self.words.term(rule.kind, text)])
            except CellError:
                pass  # told where the property is filled
        return with_superclasses(found)

    def _rows_of_shared(self) -> dict[str, int]:
        """Return of each record of several rows the row whose shared cells speak of it.

        That is a row which makes nothing else, or else the first.
        """
        found: dict[str, tuple[bool, int]] = {}
        for row in all_rows(self.rows.rows):
            lone = not any(
                row.nodes.get(record.iri) for record in row.sheet.records if not record.same_words
            )
            for record in row.sheet.records:
                for node in row.nodes.get(record.iri, ()) if record.same_words else ():
                    filled = any(c in row.cells for c in self._shared(row.sheet, record))
                    known = found.get(node)
                    if known is None or (filled and lone and not known[0]):
                        found[node] = (filled and lone, id(row))
        return {node: number for node, (_, number) in found.items()}

    @staticmethod
    def _shared(sheet: Sheet, record: Record) -> set[str]:
        """Return the columns of a record of several rows that records of one row have too."""
        return {c for o in sheet.records if not o.same_words for c in o.columns} & record.columns

    # ------------------------------------------------------------ what is said of them

    def _add(self, subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        self.out.quads[ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), value)] = None

    def _describe(self, row: Row, record: Record, node: str) -> None:
        """Say of a record what its row says of it."""
        self.out.cells.setdefault((node,), self._place_of(row, record))
        self.out.words.setdefault(node, row.text(row.sheet.columns[0]))
        names = {name for names in record.placeholders for name in names}
        for rule in record.rules:
            if rule.column:
                self.out.cells.setdefault((node, rule.predicate), row.places.get(rule.column, ""))
            if record.same_words and rule.column:
                by_words = row.sheet.by_iri[rule.column].name in names
                shared = rule.column in self._shared(row.sheet, record)
                if (by_words or shared) and self._first[node] != id(row):
                    if by_words:
                        self.used.add((id(row), rule.column))
                    continue
            if all(self.holds(row, condition) for condition in rule.when):
                values = self._values(row, rule, self.own[id(row), node])
                for value in self._fitting(record, rule, values):
                    self._state(node, rule, value, row)

    def _fitting(
        self, record: Record, rule: Rule, values: Iterable[ox.NamedNode | ox.Literal]
    ) -> Iterator[ox.NamedNode | ox.Literal]:
        """Yield the values that are for this property, where a column fills several."""
        rules = [r for r in record.rules if r.column and r.column == rule.column and r.records]
        for value in values:
            kinds = self.types.get(value.value, set())
            fits = [one for one in rules if kinds & one.kind.classes]
            if len(rules) < 2 or rule in fits or (not fits and rule == rules[0]):
                yield value

    def _state(self, node: str, rule: Rule, value: ox.NamedNode | ox.Literal, row: Row) -> None:
        """State one value of a property, and keep the cell that it is from."""
        subject, object_ = node, value
        if rule.inverse:
            assert isinstance(value, ox.NamedNode)
            subject, object_ = value.value, ox.NamedNode(node)
        self._add(subject, rule.predicate, object_)
        if rule.column:
            place = row.places.get(rule.column, "")
            self.out.cells.setdefault((subject, rule.predicate, object_.value), place)

    def _place_of(self, row: Row, record: Record) -> str:
        """Return the place of a record: of the first filled cell that is its own, or of its row."""
        others = {c for o in row.sheet.records if o is not record for c in o.columns}
        own = [c for c in row.places if c in record.columns - others and c in row.cells]
        return row.places[own[0]] if own and row.sheet.key is None else row.place

    def _values(
        self, row: Row, rule: Rule, own: dict[str, str]
    ) -> Iterator[ox.NamedNode | ox.Literal]:
        """Yield the values that a row gives a property."""
        if rule.constant:
            yield ox.NamedNode(rule.constant)
        elif not rule.column:
            yield from map(ox.NamedNode, self._in_row(row, rule))
        elif rule.column in row.cells:
            column, raw = row.sheet.by_iri[rule.column], row.cells[rule.column]
            self.used.add((id(row), rule.column))
            if rule.kind.name in ("link", "choice", "class"):
                texts = [own[rule.column]] if rule.column in own else row.values(column)
                for text in texts:
                    yield from self._named(row, rule, column, text)
                if not texts and not isinstance(raw, str):
                    self.rows.fault(row.places[rule.column], f"says {quoted(raw)}", "choose again")
                return
            try:
                literal = self.words.literal(rule.kind, own.get(rule.column, raw))
            except CellError as wrong:
                self.rows.fault(row.places[rule.column], wrong.what, wrong.remedy)
                return
            if literal is not None:
                yield literal

    def _in_row(self, row: Row, rule: Rule) -> Iterable[str]:
        """Return the other records of a row, or the one record of a sheet with one row."""
        for iri in rule.records:
            if found := row.nodes.get(iri):
                return found
            sheet = self.plan.sheet_of[iri]
            if (
                sheet.one_row
                and sheet is not row.sheet
                or rule.records == (self.plan.sheets[0].records[0].iri,)
            ):
                return [self._single(iri)]
        return ()

    def _single(self, iri: str) -> str:
        """Return the one record of a sheet that has one row, which is made if it has to be."""
        record, sheet = self.plan.records[iri], self.plan.sheet_of[iri]
        if iri == self.plan.sheets[0].records[0].iri:
            return self.out.group
        row = self.rows.rows[sheet.iri][0]
        if not row.nodes.get(iri):
            address = self._address(row, record, {}) or self.out.group
            row.nodes[iri], self.own[id(row), address] = [address], {}
            for kind in record.classes:
                self._add(address, RDF_TYPE, ox.NamedNode(kind))
            self._first.setdefault(address, id(row))
            self._describe(row, record, address)
        return row.nodes[iri][0]

    def _named(self, row: Row, rule: Rule, column: Column, text: str) -> Iterator[ox.NamedNode]:
        """Yield what a word of a cell names: a term of a list, or a record."""
        if text == "-":
            return
        place = row.places[column.iri]
        try:
            if rule.kind.name != "link":
                term = self.words.term(rule.kind, text)
                yield ox.NamedNode(term or self._concept(text))
            elif rule.records:
                yield ox.NamedNode(self._record(row, rule, text))
            elif found := self._listed_address(row, column, text):
                yield ox.NamedNode(found)
        except CellError as wrong:
            self.rows.fault(place, wrong.what, wrong.remedy)

    def _concept(self, text: str) -> str:
        """Return a term of the record's own, with the words of a cell as its label."""
        if self.plan.name == FULL or _ADDRESS.fullmatch(text):
            row = self.keys.get("", {}).get(fold(text))
            if row is None and (":" in text or "/" in text):
                prefix, _, rest = text.partition(":")
                if prefix in _OURS:
                    return _OURS[prefix] + rest
                return text if _ADDRESS.fullmatch(text) else f"{self.out.group}/{text}"
        own = f"{self.out.group}/own/{slug(text)}"
        self._add(own, RDF_TYPE, ox.NamedNode(SKOS + "Concept"))
        self._add(own, SKOS + "prefLabel", ox.Literal(text, language=self.words.language))
        return own

    def _listed_address(self, row: Row, column: Column, text: str) -> str | None:
        """Return the address of the full workbook that a cell states; one without a row is a fault."""
        first = self.plan.sheets[0]
        if fold(text) == "group":
            return self.out.group
        found = self._resolve(text, row, column)
        below = found is not None and found.startswith(self.out.group + "/")
        if below and found not in self.types:
            names = {r.text(s.key): r for s in self.plan.sheets for r in self.rows.rows[s.iri]}
            near = get_close_matches(text, names, 1, 0.7)
            raise CellError(
                f"names {quoted(text)}, which has no row",
                f"did you mean {quoted(near[0])}?"
                if near
                else f"add a row with that {first.columns[0].name}",
            )
        return found

    def _record(self, row: Row, rule: Rule, text: str) -> str:
        """Return the record that a word names; one that no row makes is a fault."""
        known: dict[str, str] = {}
        fitting: list[str] = []
        elsewhere = ""
        for iri in rule.records:
            record, sheet = self.plan.records[iri], self.plan.sheet_of[iri]
            if sheet.one_row:
                names = (sheet.name, f"the {sheet.name}", *self._names_of_single(sheet))
                known |= {fold(name): name for name in names if name}
                found = [self._single(iri)] if fold(text) in map(fold, names) else []
            elif record.same_words:
                found, names = self._by_words(record, sheet, text)
                for name in names:
                    known.setdefault(fold(name), name)
            else:
                rows = self.keys.get(sheet.iri, {})
                known |= {name: r.text(sheet.key) for name, r in rows.items()}
                there = rows.get(fold(text))
                found = there.nodes.get(iri, []) if there else []
                if there and not found:
                    elsewhere = there.place
            fitting += found
        if not fitting and elsewhere:
            raise CellError(
                f"names {quoted(text)}, whose row does not say what is needed here",
                f"fill in the row at {elsewhere}",
            )
        if not fitting:
            raise self._nobody(rule, text, known)
        return next(
            (f for f in fitting if self.types.get(f, set()) & rule.kind.classes), fitting[0]
        )

    def _names_of_single(self, sheet: Sheet) -> list[str]:
        rows = self.rows.rows[sheet.iri]
        return [rows[0].text(column) for column in sheet.columns[:2]] if rows else []

    def _by_words(self, record: Record, sheet: Sheet, text: str) -> tuple[list[str], list[str]]:
        """Return the record of several rows that has these words, and the words of all."""
        (name,) = record.placeholders[-1]
        column = sheet.by_name[fold(name)]
        address = f"{self.out.group}/{record.addresses[-1].replace(f'{{{name}}}', slug(text))}"
        words = [v for r in self.rows.rows[sheet.iri] for v in r.values(column)]
        if fold(text) in map(fold, words):
            return [address], words
        if not sheet.listed(record):
            return [], words
        if near := get_close_matches(fold(text), map(fold, words), 1, 0.8):
            raise CellError(f"says {quoted(text)}", f"did you mean {quoted(near[0])}?")
        row = Row(sheet, "", 0, {column.iri: text}, {})
        self._make(row, record)
        for rule in record.rules:
            if rule.column in ("", column.iri):
                for value in self._values(row, rule, {column.iri: text}):
                    self._state(address, rule, value, row)
        return [address], words

    def _nobody(self, rule: Rule, text: str, known: dict[str, str]) -> CellError:
        sheets = list(dict.fromkeys(self.plan.sheet_of[iri].name for iri in rule.records))
        here = " or ".join(sheets)
        for iri, rows in self.keys.items():
            if fold(text) in rows:
                other = next(s.name for s in self.plan.sheets if s.iri == iri)
                return CellError(f"names {quoted(text)}, which stands on {other} and not on {here}",
                                 f"choose from {here}, or leave it empty")  # fmt: skip
        near = get_close_matches(fold(text), known, 1, 0.7)
        return CellError(
            f"names {quoted(text)}, which is not on {here}",
            f"did you mean {quoted(known[near[0]])}?"
            if near
            else f"add it to {here}, or choose from there",
        )

    # ------------------------------------------------------------ what nothing is made of

    def _left_over(self, row: Row) -> None:
        """Tell of needed cells that are empty, and of filled ones that nothing is made of."""
        made = [record for record in row.sheet.records if row.nodes.get(record.iri)]
        idle: list[str] = []
        for column in row.sheet.columns:
            users = row.sheet.users(column.iri)
            if column.needed and column.iri not in row.cells and column.iri in row.places:
                lone = (
                    made and all(r.same_words for r in made) and not any(r in made for r in users)
                )
                if not lone:
                    self.rows.fault(row.places[column.iri], f"is empty, and {column.name} is needed",
                                    column.help[:1].lower() + column.help[1:].rstrip(".") or "fill it in")  # fmt: skip
            elif users and column.iri in row.cells and (id(row), column.iri) not in self.used:
                waiting = [u.when.column for u in users if u.when and u not in made]
                if all(column in row.places for column in waiting):
                    idle.append(row.places[column.iri])
        if idle:
            self.out.notes.append(
                f"{', '.join([idle[0], *(one.rpartition('!')[2] for one in idle[1:])])}: nothing in "
                "the row needs what is written there"
            )
