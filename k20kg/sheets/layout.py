"""Statements of a case → which rows there are: the records that stand in each, and its name.

A row is begun by a record of its own (a membership, a contribution); the other records of the row
are those that it leads to. A record whose links to the group the case does not state gets no row,
because the row would state them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import pyoxigraph as ox

from k20kg.rdf.graph import Graph, str_of
from k20kg.sheets.schema import FULL, Record, Rule, Sheet, Workbook, fold
from k20kg.vocabulary import BASE, PREFIXES, RDF_TYPE

RowCells = dict[str, str | float]
"""Value in each column of a row, by the column's IRI."""

_LONGEST: Final = 36
"""So long may the name of a row be."""
_PREFIXES: Final = {**PREFIXES, "k20kg": BASE}


@dataclass
class LaidRow:
    """A row to be filled."""

    sheet: Sheet
    nodes: dict[str, list[str]]
    """The records that it makes, by row record."""
    key: str = ""
    lone: str = ""
    """The row record of several rows that the row is for, where it is for nothing else."""
    cells: RowCells = field(default_factory=dict)

    def of(self, records: Sequence[str]) -> list[str]:
        """Return the records of some kinds that the row makes."""
        return [node for iri in records for node in self.nodes.get(iri, ())]


class Layout:
    """The rows of a workbook that a case fills."""

    def __init__(self, book: Workbook, quads: Sequence[ox.Quad], group: str) -> None:
        self.book = book
        self.group = group
        self.graph = Graph(quads)
        self.first = book.sheets[0].records[0].iri
        self.keys: dict[tuple[str, str], str] = {}
        """By row record and node: the name of the row in which it stands."""
        self._known: dict[str, list[str]] = {}
        rules = [rule for record in book.records.values() for rule in record.rules if rule.column]
        self._named = {iri for rule in rules for iri in rule.records}
        """The row records that cells name."""
        self.rows = {sheet.iri: self._lay_out(sheet) for sheet in book.sheets}

    def ends(self, node: str, rule: Rule) -> list[str]:
        """Return the nodes that a property leads to, or that lead here by it."""
        if rule.inverse:
            return self.graph.subjects(rule.predicate, node)
        terms = self.graph.terms(node, rule.predicate)
        return sorted(str_of(t) for t in terms if isinstance(t, ox.NamedNode))

    def there(self, row: LaidRow, rule: Rule) -> list[str]:
        """Return what a property without a column leads to from a row: the row's own, the group."""
        return [*row.of(rule.records), *([self.group] if self.first in rule.records else ())]

    def _of(self, record: Record) -> list[str]:
        """Return the nodes of the classes of a record, in the order of their addresses."""
        if record.iri not in self._known:
            found = {node for kind in record.classes for node in self.graph.of_type(kind)}
            self._known[record.iri] = sorted(found, key=natural)
        return self._known[record.iri]

    def _is(self, node: str, record: Record) -> bool:
        """Tell whether a node is of a record's classes; one without a class may be of any."""
        kinds = set(self.graph.values(node, RDF_TYPE))
        return not kinds or not record.classes or bool(kinds & set(record.classes))

    def _lay_out(self, sheet: Sheet) -> list[LaidRow]:
        """Return the rows of a sheet with the records that stand in each."""
        if sheet.one_row:
            row = LaidRow(sheet, {self.first: [self.group]})
            self._gather(row)
            return [row]
        rows: list[LaidRow] = []
        placed: set[tuple[str, str]] = set()
        for record in (r for r in sheet.records if not sheet.listed(r)):
            for node in self._of(record):
                if (record.iri, node) not in placed:
                    for row in self._begun_by(record, node):
                        if self._may_stand(row):
                            placed |= {(iri, n) for iri, some in row.nodes.items() for n in some}
                            rows.append(row)
        rows = self._with_lone_rows(sheet, rows)
        if sheet.key:
            self._name(sheet, rows)
        return rows

    def _begun_by(self, record: Record, node: str) -> Iterator[LaidRow]:
        """Yield the rows of a record: one, or one for each record of several rows it belongs to."""
        sheet = self.book.sheet_of[record.iri]
        row = LaidRow(sheet, {record.iri: [node]}, lone=record.iri if record.same_words else "")
        for rule in (rule for rule in record.rules if not rule.column):
            for other in (self.book.records[iri] for iri in rule.records):
                if other.sheet == sheet.iri and other.iri not in row.nodes:
                    found = [end for end in self.ends(node, rule) if self._is(end, other)]
                    row.nodes |= {other.iri: found} if found else {}
        self._gather(row)
        several = [i for i, some in row.nodes.items()
                   if len(some) > 1 and not sheet.listed(self.book.records[i])]  # fmt: skip
        for one in row.nodes[several[0]] if several else [""]:
            yield replace(row, nodes={**row.nodes, several[0]: [one]}, cells={}) if several else row

    def _gather(self, row: LaidRow) -> None:
        """Give a row the records that lead to those it has: several, or those of its one row."""
        for record in row.sheet.records:
            several = row.sheet.listed(record)
            if record.iri in row.nodes or not (row.sheet.one_row or several):
                continue
            for rule in record.rules:
                there = set(row.of(rule.records))
                if there and not rule.column:
                    found = [n for n in self._of(record) if there & set(self.ends(n, rule))]
                    row.nodes |= {record.iri: found if several else found[:1]} if found else {}
                    break

    def _may_stand(self, row: LaidRow) -> bool:
        """Tell whether a row states no link that the case does not state."""
        if self.book.name == FULL:
            return True
        for record in map(self.book.records.__getitem__, row.nodes):
            for rule in record.rules:
                if rule.column or rule.constant or any(c.value for c in rule.when):
                    continue
                there = set(self.there(row, rule))
                other = self.book.records[rule.records[0]]
                if not there and (other.sheet != row.sheet.iri or row.sheet.listed(other)
                                  or (other.same_words and not rule.inverse)):  # fmt: skip
                    continue
                for node in row.nodes[record.iri]:
                    if not there & set(self.ends(node, rule)) and not self._else(row, rule, node):
                        return False
        return True

    def _else(self, row: LaidRow, rule: Rule, node: str) -> bool:
        """Tell whether a cell will be filled, so that a rule for an empty one does not count."""
        empty = {condition.column for condition in rule.when}
        return any(
            other.column in empty and (self.ends(node, other) or row.sheet.listed(record))
            for record in row.sheet.records if record.iri in row.nodes
            for other in record.rules
        )  # fmt: skip

    def _with_lone_rows(self, sheet: Sheet, rows: list[LaidRow]) -> list[LaidRow]:
        """Return the rows in order, with one for each record whose evidence its first row lacks."""
        shared = next((r for r in sheet.records if r.same_words and not sheet.listed(r)), None)
        if shared is None:
            return rows
        both = sheet.of_both_kinds(shared)
        by_node: dict[str, list[LaidRow]] = {}
        for row in rows:
            for node in row.nodes.get(shared.iri, ()):
                by_node.setdefault(node, []).append(row)
        ordered: list[LaidRow] = []
        for node in sorted(by_node, key=natural):
            first = by_node[node][0]
            begun = next((r for r in sheet.records if r.iri in first.nodes), shared)
            (seed, *_) = first.nodes[begun.iri]
            mine, theirs = (
                {(r.column, r.predicate): self.ends(n, r) for r in record.rules if r.column in both}
                for record, n in ((shared, node), (begun, seed))
            )
            differ = any(theirs.get(rule, ends) != ends for rule, ends in mine.items())
            if differ and begun is not shared:
                ordered.append(LaidRow(sheet, {shared.iri: [node]}, lone=shared.iri))
            ordered += by_node[node]
        return [*ordered, *(row for row in rows if shared.iri not in row.nodes)]

    def _name(self, sheet: Sheet, rows: list[LaidRow]) -> None:
        """Give each row of a sheet a name of its own, by which others refer to it."""
        taken: set[str] = set()
        for row in rows:
            records = sorted(sheet.records, key=lambda record: record.iri not in self._named)
            node = next(n for r in records for n in row.nodes.get(r.iri, ()))
            if self.book.name == FULL:
                row.key = node if node == self.group else self.short(node)
            else:
                tail = re.sub(r"[;\s]+", "-", node.rstrip("/#").rpartition("/")[2]) or "row"
                letter, number = sheet.name[0].upper(), 1
                row.key = tail = f"{letter}{tail}" if tail.isdigit() else tail
                while fold(row.key) in taken or len(row.key) > _LONGEST:
                    number += 1
                    short = len(tail) < _LONGEST - 3
                    row.key = f"{tail}-{number}" if short else f"{letter}{number}"
                taken.add(fold(row.key))
            for iri, some in row.nodes.items():
                for one in some:
                    self.keys.setdefault((iri, one), row.key)

    def short(self, iri: str) -> str:
        """Return an address as a cell of the full workbook says it."""
        rest = iri.removeprefix(f"{self.group}/")
        if rest != iri:
            plain = re.fullmatch(r"[\w.~/@!$&()*+,=%-]+", rest, re.ASCII) and rest != "-"
            return rest if plain else iri
        for prefix, namespace in _PREFIXES.items():
            if iri.startswith(namespace) and iri != namespace:
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri


def natural(text: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts numbers in text by their value."""
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts]
