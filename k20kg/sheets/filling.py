"""Statements of a case → the cells of a workbook, and what of the case no cell can carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyoxigraph as ox

from k20kg.rdf.graph import str_of
from k20kg.sheets.cells import CellError, Words, instant_cell, literal_cell, slug, span_cell
from k20kg.sheets.layout import LaidRow, Layout, RowCells, natural
from k20kg.sheets.schema import FULL, Record, Rule, Workbook, vocabulary
from k20kg.vocabulary import RDF_TYPE, RDFS, SKOS, shorten


class Filled(NamedTuple):
    """The rows of each sheet, by its IRI, and what they do not carry."""

    rows: dict[str, list[RowCells]]
    lost: tuple[str, ...]


def fill(book: Workbook, quads: Sequence[ox.Quad], group: str) -> Filled:
    """Return the rows that say what the statements of a case say, as far as a workbook can."""
    return _Filler(book, quads, group).fill()


class _Filler:
    """The work of filling one workbook."""

    def __init__(self, book: Workbook, quads: Sequence[ox.Quad], group: str) -> None:
        self.book = book
        self.group = group
        self.full = book.name == FULL
        self.layout = Layout(book, quads, group)
        self.graph = self.layout.graph
        self.triples = {(str_of(q.subject), q.predicate.value, q.object) for q in quads}
        self.carried: set[tuple[str, str, Any]] = set()
        label = next(iter(self.graph.terms(group, RDFS + "label")), None)
        self.words = Words(book, getattr(label, "language", None) or "en")
        self.names: dict[str, dict[str, str]] = {}
        """By record: the words of each node that goes by words."""

    def fill(self) -> Filled:
        rows = self.layout.rows
        for row in (row for some in rows.values() for row in some):
            if row.sheet.key:
                row.cells[row.sheet.key.iri] = row.key
            for record in row.sheet.records:
                for node in row.nodes.get(record.iri, ()):
                    self._say(row, record, node)
            if self.book.language in row.sheet.by_iri:
                row.cells[self.book.language] = self.words.language
        found = {iri: [row.cells for row in some] for iri, some in rows.items()}
        return Filled(found, tuple(self._lost()))

    def _say(self, row: LaidRow, record: Record, node: str) -> None:
        """Fill the cells that say what a record is and what is said of it."""
        for kind in record.classes:
            self.carried.add((node, RDF_TYPE, ox.NamedNode(kind)))
        if record.when:
            self._answer(row, record.when)
        self._address_cells(row, record, node)
        others = set()
        silent = False
        if record.same_words and not row.lone and not row.sheet.listed(record):
            others = row.sheet.of_both_kinds(record)
            rows = self.layout.rows[row.sheet.iri]
            silent = next(r for r in rows if node in r.nodes.get(record.iri, ())) is not row
        for rule in record.rules:
            if not rule.column:
                self._links(row, rule, node)
            elif record.same_words and row.sheet.by_iri[rule.column].name in record.names:
                self._put(row, rule.column, self._words_of(record, node))
                self._carry(node, rule)
            elif rule.column in others and not silent:
                self._carry(node, rule)  # the row says the same of its own record
            elif not silent:
                self._fill_cell(row, rule, node)
        if self.full:
            self._belongs(row, record)

    def _carry(self, node: str, rule: Rule) -> None:
        self.carried |= {(node, rule.predicate, t) for t in self.graph.terms(node, rule.predicate)}

    def _answer(self, row: LaidRow, condition: Any) -> None:
        """Fill the cell that a record or a property depends on."""
        if condition.value and not condition.negated:
            said = "yes" if condition.value == "true" else self.book.words[condition.value]
            row.cells[condition.column] = said

    def _address_cells(self, row: LaidRow, record: Record, node: str) -> None:
        """Fill what an address is made of, where it is not made of the row's name or words."""
        for template, names in zip(record.addresses, record.placeholders, strict=True):
            columns = [row.sheet.column(name) for name in names]
            if "}{" in template:
                head, slash, last = node.rpartition("/")
                row.cells |= {columns[0].iri: head + slash, columns[1].iri: last}
            elif names and template == f"{{{names[0]}}}" and not self.full:
                words = self._words_of(record, node) if record.same_words else row.key
                made = record.addresses[-1].replace(
                    f"{{{record.placeholders[-1][0]}}}", slug(words)
                )
                if node != f"{self.group}/{made}":
                    row.cells[columns[0].iri] = node
            elif len(columns) == 1 and row.sheet.is_repeat(record, columns[0]):
                earlier = self.layout.keys.get((record.iri, node), row.key)
                if earlier != row.key:
                    row.cells[columns[0].iri] = earlier

    def _words_of(self, record: Record, node: str) -> str:
        """Return the words that a record goes by, which no other of its kind has."""
        names = self.names.setdefault(record.iri, {})
        if node not in names:
            sheet = self.book.sheet_of[record.iri]
            columns = {sheet.column(name).iri for name in record.placeholders[-1]}
            rule = next(r for r in record.rules if r.column in columns)
            term = next(iter(self.graph.terms(node, rule.predicate)), None)
            said = (
                literal_cell(term, rule.kind, self.words.language)
                if isinstance(term, ox.Literal)
                else node.rstrip("/#").rpartition("/")[2]
            )
            text = found = str(said).replace(";", ",")
            taken, number = {slug(name) for name in names.values()}, 1
            while slug(found) in taken:
                number += 1
                found = f"{text} ({number})"
            names[node] = found
        return names[node]

    def _links(self, row: LaidRow, rule: Rule, node: str) -> None:
        """Carry what a rule without a column states, and answer the question it depends on."""
        if rule.constant:
            self.carried.add((node, rule.predicate, ox.NamedNode(rule.constant)))
            return
        for end in set(self.layout.ends(node, rule)) & set(self.layout.there(row, rule)):
            subject, value = (end, node) if rule.inverse else (node, end)
            self.carried.add((subject, rule.predicate, ox.NamedNode(value)))
            for condition in rule.when:
                self._answer(row, condition)

    def _fill_cell(self, row: LaidRow, rule: Rule, node: str) -> None:
        """Fill a cell with the values of a property, as far as it can hold them."""
        if rule.kind.name == "date":
            self._date(row, rule, node)
            return
        values: list[Any] = list(self.graph.terms(node, rule.predicate))
        if rule.inverse:
            values = [ox.NamedNode(end) for end in self.layout.ends(node, rule)]
        said: list[tuple[str | float, Any]] = []
        for value in sorted(values, key=lambda value: natural(str_of(value))):
            if (text := self._text(rule, value)) is not None:
                said.append((text, value))
        if not row.sheet.by_iri[rule.column].several:
            said = said[:1]
        text = said[0][0] if len(said) == 1 else "; ".join(str(text) for text, _ in said)
        if not values and row.sheet.by_iri[rule.column].needed and rule.predicate == RDFS + "label":
            row.cells.setdefault(rule.column, node.rstrip("/#").rpartition("/")[2])  # else refused
        if said and self._put(row, rule.column, text):
            self.carried |= {
                (str_of(value), rule.predicate, ox.NamedNode(node)) if rule.inverse
                else (node, rule.predicate, value)
                for _, value in said
            }  # fmt: skip

    def _put(self, row: LaidRow, column: str, said: str | float) -> bool:
        """Fill a cell; several things are joined, else what is there already stays."""
        there = row.cells.get(column)
        if there is not None and row.sheet.by_iri[column].several:
            parts = [*str(there).split("; "), *str(said).split("; ")]
            row.cells[column] = "; ".join(dict.fromkeys(parts))
            return True
        return row.cells.setdefault(column, said) == said

    def _text(self, rule: Rule, value: Any) -> str | float | None:
        """Return how a cell says one value; None where it cannot."""
        to_node = rule.kind.name in ("link", "choice", "class")
        if isinstance(value, ox.Literal):
            if to_node:
                return None
            said = literal_cell(value, rule.kind, self.words.language)
            try:
                raw = float(said) if rule.kind.name in ("number", "whole") else said
                same = self.words.literal(rule.kind, raw) == value
            except (CellError, ValueError):
                return None
            return said if same or not self.full else None
        node = str_of(value)
        if not to_node:
            return None
        if rule.kind.name != "link":
            return self._chosen(rule, node)
        if not rule.records:
            known = node in self.graph or not node.startswith(f"{self.group}/")
            return "group" if node == self.group else self.layout.short(node) if known else node
        for record in map(self.book.records.__getitem__, rule.records):
            sheet = self.book.sheet_of[record.iri]
            if node == self.group and record is sheet.records[0] and sheet.one_row:
                return f"the {sheet.name}"
            if not record.same_words and (found := self.layout.keys.get((record.iri, node))):
                return found
            rows = self.layout.rows[sheet.iri]
            of_kind = set(self.graph.values(node, RDF_TYPE)) & set(record.classes)
            in_row = any(node in row.nodes.get(record.iri, ()) for row in rows)
            if record.same_words and (of_kind if sheet.listed(record) else in_row):
                return self._words_of(record, node)
        return None

    def _chosen(self, rule: Rule, node: str) -> str | None:
        """Return the word of a list for a term, or the label of a term of the record's own."""
        if node in rule.kind.choices:
            return self.book.words[node]
        if self.full:
            return self.layout.short(node)
        terms = self.graph.terms(node, SKOS + "prefLabel") or self.graph.terms(node, RDFS + "label")
        if not rule.kind.open or not terms:
            return None
        self.carried.add((node, RDF_TYPE, ox.NamedNode(SKOS + "Concept")))
        self.carried.add((node, SKOS + "prefLabel", terms[0]))
        return str_of(terms[0])

    def _date(self, row: LaidRow, rule: Rule, node: str) -> None:
        """Fill a cell with one instant, or with the two bounds of a begin or an end."""
        record = next(
            r for r in row.sheet.records if node in row.nodes.get(r.iri, ()) and rule in r.rules
        )
        rules = [one for one in record.rules if one.column == rule.column]
        first, *last = (
            self.graph.value(node, one.predicate)
            for one in sorted(rules, key=lambda one: one.kind.last)
        )
        text = span_cell(first, *last) if last else first and instant_cell(first, rule.kind)
        if text and self._put(row, rule.column, text):
            for one in rules:
                self._carry(node, one)

    def _belongs(self, row: LaidRow, record: Record) -> None:
        """Say that a record belongs to nothing, where an empty cell would say to the group."""
        for rule in (rule for rule in record.rules if rule.when and not rule.column):
            columns = [condition.column for condition in rule.when]
            own = next(r.column for r in record.rules
                       if r.column in columns and r.predicate == rule.predicate)  # fmt: skip
            filled = [column for column in columns if column in row.cells]
            if filled == [own] and row.cells[own] == "group":
                del row.cells[own]
            elif not filled:
                row.cells[own] = "-"

    def _lost(self) -> Iterator[str]:
        """Yield what the rows do not carry: whole records by kind, then single properties."""
        terms = vocabulary()
        there = {subject for subject, _, _ in self.carried}
        whole: Counter[str] = Counter()
        single: Counter[str] = Counter()
        for subject, predicate, value in self.triples - self.carried:
            if subject in there:
                kinds = sorted(self.graph.values(subject, RDF_TYPE))
                kind = terms.label(kinds[0]) if kinds else "other node"
                said = shorten(str_of(value)) if predicate == RDF_TYPE else terms.label(predicate)
                single[f"of {kind}: {said}"] += 1
            elif predicate == RDF_TYPE:
                whole[terms.label(str_of(value))] += 1
        yield from (f"{n} × {kind}" for kind, n in sorted(whole.items(), key=_most))
        yield from (f"{said} ({n})" for said, n in sorted(single.items(), key=_most))


def _most(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
