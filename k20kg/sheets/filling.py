"""Statements of a case → the rows of a workbook, and what of the case no row can carry.

A row is begun by a record of its own (a membership, a contribution); the other records of the row
are those that it leads to. What rows would say beyond the case is left out: a record whose links
to the group the case does not state gets no row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.rdf.graph import Graph, key
from k20kg.sheets.cells import CellError, Words, instant_cell, literal_cell, span_cell
from k20kg.sheets.plan import FULL, Column, Record, Rule, Sheet, Workbook, fold, vocabulary
from k20kg.sheets.reading import slug
from k20kg.vocabulary import BASE, PREFIXES, RDF_TYPE, RDFS, SKOS, shorten

RowCells = dict[str, str | float]
"""What stands in each column of a row, by the column's IRI."""

_LONGEST: Final = 36
"""So long may the name of a row be."""
_PREFIXES: Final = {**PREFIXES, "k20kg": BASE}


class Filled(NamedTuple):
    """The rows of each sheet, by its IRI, and what they do not carry."""

    rows: dict[str, list[RowCells]]
    lost: tuple[str, ...]


@dataclass
class _Row:
    sheet: Sheet
    nodes: dict[str, list[str]]
    key: str = ""
    lone: str = ""
    """The one record of several rows that the row is for, where it is for nothing else."""
    cells: RowCells = field(default_factory=dict)


def fill(book: Workbook, quads: Sequence[ox.Quad], group: str) -> Filled:
    """Return the rows that say what the statements of a case say, as far as a workbook can."""
    return _Filler(book, quads, group).fill()


class _Filler:
    """The work of filling one workbook."""

    def __init__(self, book: Workbook, quads: Sequence[ox.Quad], group: str) -> None:
        self.book = book
        self.group = group
        self.base = f"{group}/"
        self.graph = Graph(quads)
        self.triples = {(key(q.subject), q.predicate.value, q.object) for q in quads}
        self.carried: set[tuple[str, str, ox.NamedNode | ox.Literal]] = set()
        self.typed: dict[str, list[str]] = {}
        for subject, predicate, value in self.triples:
            if predicate == RDF_TYPE:
                self.typed.setdefault(key(value), []).append(subject)
        labels = [t for t in self.graph.terms(group, RDFS + "label") if isinstance(t, ox.Literal)]
        self.words = Words(book, (labels[0].language if labels else "") or "en")
        self.rows: dict[str, list[_Row]] = {}
        self.keys: dict[tuple[str, str], str] = {}
        """The key of the row in which a record of a sheet stands."""
        self.names: dict[str, dict[str, str]] = {}
        """By record: the words of each node that goes by words."""

    def fill(self) -> Filled:
        for sheet in self.book.sheets:
            self.rows[sheet.iri] = self._lay_out(sheet)
        for rows in self.rows.values():
            for row in rows:
                self._fill(row)
        found = {iri: [row.cells for row in rows] for iri, rows in self.rows.items()}
        return Filled(found, tuple(self._lost()))

    # ------------------------------------------------------------ which rows there are

    def _of(self, record: Record) -> list[str]:
        """Return the nodes of the classes of a record, in the order of their addresses."""
        found = {node for kind in record.classes for node in self.typed.get(kind, ())}
        return sorted(found, key=_natural)

    def _ends(self, node: str, rule: Rule) -> list[str]:
        """Return the nodes that a rule leads to from a node."""
        if rule.inverse:
            return self.graph.subjects(rule.predicate, node)
        return sorted(
            key(t) for t in self.graph.terms(node, rule.predicate) if isinstance(t, ox.NamedNode)
        )

    def _lay_out(self, sheet: Sheet) -> list[_Row]:
        """Return the rows of a sheet with the records that stand in each."""
        if sheet.one_row:
            return [self._join(_Row(sheet, {}))]
        rows: list[_Row] = []
        placed: set[tuple[str, str]] = set()
        for record in sheet.records:
            if sheet.listed(record):
                continue
            for node in self._of(record):
                if (record.iri, node) in placed:
                    continue
                row = self._join(_Row(sheet, {record.iri: [node]}), record, node)
                if record.same_words:
                    row.lone = record.iri
                for each in self._apart(row):
                    if self._may_stand(each):
                        placed |= {(iri, n) for iri, nodes in each.nodes.items() for n in nodes}
                        rows.append(each)
        rows = self._with_lone_rows(sheet, rows)
        self._name(sheet, rows)
        return rows

    def _join(self, row: _Row, record: Record | None = None, node: str = "") -> _Row:
        """Give a row what its records lead to, and what leads to them."""
        sheet = row.sheet
        if sheet.one_row and sheet is self.book.sheets[0]:
            row.nodes[sheet.records[0].iri] = [self.group]
        for rule in record.rules if record else ():
            for other in (r for r in rule.records if not rule.column):
                if other not in row.nodes and self.book.sheet_of[other] is sheet:
                    ends = [e for e in self._ends(node, rule) if self._is(e, other)]
                    if ends:
                        row.nodes[other] = ends
        for other in sheet.records:
            if other.iri in row.nodes or not (sheet.one_row or sheet.listed(other)):
                continue
            for rule in other.rules:
                there = [n for iri in rule.records for n in row.nodes.get(iri, ())]
                if rule.column or not there:
                    continue
                linked = [n for n in self._of(other) if set(self._ends(n, rule)) & set(there)]
                if linked:
                    row.nodes[other.iri] = linked if sheet.listed(other) else linked[:1]
                break
        return row

    def _apart(self, row: _Row) -> Iterator[_Row]:
        """Yield a row for each record of several rows that one record belongs to."""
        several = next((
            iri for iri, nodes in row.nodes.items()
            if len(nodes) > 1 and not row.sheet.listed(self.book.records[iri])
        ), None)  # fmt: skip
        if several is None:
            yield row
            return
        for node in row.nodes[several]:
            yield from self._apart(_Row(row.sheet, {**row.nodes, several: [node]}))

    def _is(self, node: str, record: str) -> bool:
        """Tell whether a node is of a record's classes; one without a class may be of any."""
        kinds = set(self.graph.values(node, RDF_TYPE))
        classes = set(self.book.records[record].classes)
        return not kinds or not classes or bool(kinds & classes)

    def _may_stand(self, row: _Row) -> bool:
        """Tell whether a row states no link that the case does not state."""
        for iri, nodes in row.nodes.items():
            record = self.book.records[iri]
            for rule in record.rules:
                if rule.column or rule.constant or any(c.value for c in rule.when):
                    continue
                if self.book.name == FULL:
                    continue
                for node in nodes:
                    ends = set(self._ends(node, rule))
                    there = {n for r in rule.records for n in row.nodes.get(r, ())}
                    if self.book.records[rule.records[0]] is self.book.sheets[0].records[0]:
                        there = {self.group}
                    elif not there and self._optional(rule, record):
                        continue
                    if not ends & there and not self._else(row, record, rule, node):
                        return False
        return True

    def _optional(self, rule: Rule, record: Record) -> bool:
        """Tell whether a row may lack what a rule leads to: several things, or another sheet's."""
        first = rule.records[0]
        sheet = self.book.sheet_of[first]
        return (
            sheet.iri != record.sheet
            or sheet.listed(self.book.records[first])
            or (self.book.records[first].same_words and not rule.inverse)
        )

    def _else(self, row: _Row, record: Record, rule: Rule, node: str) -> bool:
        """Tell whether a cell will be filled, so that a rule for an empty one does not count."""
        empty = {condition.column for condition in rule.when}
        by_rule = any(r.column in empty and self._ends(node, r) for r in record.rules)
        listed = (r for r in row.sheet.records if row.sheet.listed(r) and r.columns & empty)
        return by_rule or any(row.nodes.get(r.iri) for r in listed)

    def _with_lone_rows(self, sheet: Sheet, rows: list[_Row]) -> list[_Row]:
        """Return the rows in order, with one for each record whose evidence no first row has."""
        shared = next((r for r in sheet.records if r.same_words and not sheet.listed(r)), None)
        if shared is None:
            return rows
        others = [r for r in sheet.records if not r.same_words]
        both = {c for r in others for c in r.columns} & shared.columns
        by_node: dict[str, list[_Row]] = {}
        for row in rows:
            for node in row.nodes.get(shared.iri, ()):
                by_node.setdefault(node, []).append(row)
        ordered: list[_Row] = []
        for node in sorted(by_node, key=_natural):
            first = by_node[node][0]
            if first.lone != shared.iri and both:
                (seed,) = (n for r in others for n in first.nodes.get(r.iri, ()))
                seeder = next(r for r in others if first.nodes.get(r.iri))
                same = all(
                    self._ends(node, rule) == self._ends(seed, other)
                    for rule in shared.rules
                    for other in seeder.rules
                    if rule.column in both
                    and rule.column == other.column
                    and rule.predicate == other.predicate
                )
                if not same:
                    ordered.append(_Row(sheet, {shared.iri: [node]}, lone=shared.iri))
            ordered += by_node[node]
        return [*ordered, *(row for row in rows if not row.nodes.get(shared.iri))]

    def _name(self, sheet: Sheet, rows: Iterable[_Row]) -> None:
        """Give each row of a sheet a name of its own, by which others refer to it."""
        taken: set[str] = set()
        for row in rows:
            if sheet.key is None:
                continue
            nodes = [n for r in sheet.records for n in row.nodes.get(r.iri, ())]
            if self.book.name == FULL:
                row.key = nodes[0] if nodes[0] == self.group else self._short(nodes[0])
            else:
                tail = re.sub(r"[;\s]+", "-", nodes[0].rstrip("/#").rpartition("/")[2]) or "row"
                letter, number = sheet.name[0].upper(), 1
                name = tail = f"{letter}{tail}" if tail.isdigit() else tail
                while fold(name) in taken or len(name) > _LONGEST:
                    number += 1
                    name = f"{tail}-{number}" if len(tail) < _LONGEST - 3 else f"{letter}{number}"
                taken.add(fold(name))
                row.key = name
            for iri, some in row.nodes.items():
                for node in some:
                    self.keys.setdefault((iri, node), row.key)

    # ------------------------------------------------------------ what stands in a row

    def _fill(self, row: _Row) -> None:
        sheet = row.sheet
        if sheet.key is not None:
            row.cells[sheet.key.iri] = row.key
        for record in sheet.records:
            for node in row.nodes.get(record.iri, ()):
                self._say(row, record, node)
        for column in sheet.columns:
            if len(column.defaults) == 1:
                row.cells.setdefault(column.iri, column.defaults[0])
        if sheet.one_row and self.book.language in sheet.by_iri:
            row.cells[self.book.language] = self.words.language

    def _say(self, row: _Row, record: Record, node: str) -> None:
        """Fill the cells that say what a record is and what is said of it."""
        for kind in record.classes:
            self._carry(node, RDF_TYPE, ox.NamedNode(kind))
        if record.when and record.when.value and not record.when.negated:
            self._answer(row, record.when.column, record.when.value)
        self._address_cells(row, record, node)
        identity = {name for names in record.placeholders for name in names}
        speaks = (
            not record.same_words or row.lone == record.iri or self._is_first(row, record, node)
        )
        if row.sheet.listed(record):
            speaks = True
        both = set()
        if record.same_words and not row.lone and not row.sheet.listed(record):
            both = {c for r in row.sheet.records if not r.same_words for c in r.columns}
        for rule in record.rules:
            if not rule.column:
                self._links(row, rule, node)
            elif row.sheet.by_iri[rule.column].name in identity:
                self._carry_values(row, rule, node) if not self._by_words(record) else self._word(
                    row, record, rule, node
                )
            elif speaks and rule.column not in both:
                self._carry_values(row, rule, node)
            elif speaks:
                for term in self.graph.terms(node, rule.predicate):
                    self._carry(node, rule.predicate, term)  # as the row's own record has it
        if self.book.name == FULL:
            self._belongs(row, record)

    def _by_words(self, record: Record) -> bool:
        return record.same_words

    def _is_first(self, row: _Row, record: Record, node: str) -> bool:
        """Tell whether a row is the first that has a record of several rows."""
        rows = self.rows[row.sheet.iri]
        return next(r for r in rows if node in r.nodes.get(record.iri, ())) is row

    def _answer(self, row: _Row, column: str, value: str) -> None:
        row.cells[column] = "yes" if value == "true" else self.book.words[value]

    def _address_cells(self, row: _Row, record: Record, node: str) -> None:
        """Fill what an address is made of, where it is not made of the row's name or words."""
        for template, names in zip(record.addresses, record.placeholders, strict=True):
            begin, joined, _ = template.partition("}{")
            columns = [row.sheet.by_name[fold(name)] for name in names]
            if joined:
                head, slash, last = node.rpartition("/")
                row.cells[columns[0].iri], row.cells[columns[1].iri] = head + slash, last
            elif begin == f"{{{names[0]}}}" if names else False:
                if self.book.name != FULL and node != self._made_of_name(row, record):
                    row.cells[columns[0].iri] = node
            elif len(names) == 1 and row.sheet.key and columns[0] is not row.sheet.key:
                if columns[0].several or record.columns & {columns[0].iri}:
                    continue
                earlier = self.keys.get((record.iri, node))
                if earlier and earlier != row.key:
                    row.cells[columns[0].iri] = earlier

    def _made_of_name(self, row: _Row, record: Record) -> str:
        """Return the address that a record would have by the name of its row, or by its words."""
        (name,) = record.placeholders[-1]
        node = row.nodes[record.iri][0]
        words = self._words_of(record, node) if record.same_words else row.key
        return self.base + record.addresses[-1].replace(f"{{{name}}}", slug(words))

    def _word(self, row: _Row, record: Record, rule: Rule, node: str) -> None:
        """Fill the cell that tells a record by its words."""
        self._put(row, rule.column, self._words_of(record, node))
        for term in self.graph.terms(node, rule.predicate)[:1]:
            self._carry(node, rule.predicate, term)

    def _words_of(self, record: Record, node: str) -> str:
        """Return the words that a record goes by, which no other of its kind has."""
        names = self.names.setdefault(record.iri, {})
        if node not in names:
            (rule,) = (
                r for r in record.rules
                if r.column and self.book.sheet_of[record.iri].by_iri[r.column].name
                in record.placeholders[-1]
            )  # fmt: skip
            term = next(iter(self.graph.terms(node, rule.predicate)), None)
            said = (
                literal_cell(term, rule.kind, self.words.language)
                if isinstance(term, ox.Literal)
                else ""
            )
            text = found = str(said or node.rstrip("/#").rpartition("/")[2]).replace(";", ",")
            taken, number = {slug(name) for name in names.values()}, 1
            while slug(found) in taken:
                number += 1
                found = f"{text} ({number})"
            names[node] = found
        return names[node]

    def _links(self, row: _Row, rule: Rule, node: str) -> None:
        """Carry what a rule without a column states, and answer the question it depends on."""
        if rule.constant:
            self._carry(node, rule.predicate, ox.NamedNode(rule.constant))
            return
        there = {n for iri in rule.records for n in row.nodes.get(iri, ())}
        if self.book.sheets[0].records[0].iri in rule.records:
            there.add(self.group)
        ends = [end for end in self._ends(node, rule) if end in there]
        for end in ends:
            subject, value = (end, node) if rule.inverse else (node, end)
            self._carry(subject, rule.predicate, ox.NamedNode(value))
            for condition in rule.when:
                if condition.value and not condition.negated:
                    self._answer(row, condition.column, condition.value)

    def _carry_values(self, row: _Row, rule: Rule, node: str) -> None:
        """Fill a cell with the values of a property, as far as it can hold them."""
        column = row.sheet.by_iri[rule.column]
        if rule.kind.name == "date":
            self._dates(row, column, node)
            return
        texts: list[str | float] = []
        carried: list[tuple[str, str, ox.NamedNode | ox.Literal]] = []
        values = self._ends(node, rule) if rule.inverse else self.graph.terms(node, rule.predicate)
        for value in sorted(
            values, key=lambda v: _natural(key(v) if not isinstance(v, str) else v)
        ):
            end = value if isinstance(value, str) else key(value)
            said = self._text(rule, value)
            if said is None or (texts and not column.several):
                continue
            texts.append(said)
            carried.append(
                (end, rule.predicate, ox.NamedNode(node)) if rule.inverse
                else (node, rule.predicate, value)
            )  # fmt: skip
        if texts and self._put(
            row, rule.column, texts[0] if len(texts) == 1 else "; ".join(map(str, texts))
        ):
            for triple in carried:
                self._carry(*triple)

    def _put(self, row: _Row, column: str, said: str | float) -> bool:
        """Fill a cell; several things are joined, and what is there already stays."""
        there = row.cells.get(column)
        if (
            row.sheet.by_iri[column].several
            and there is not None
            and row.sheet.by_iri[column].several
        ):
            parts = str(there).split("; ")
            row.cells[column] = "; ".join(dict.fromkeys([*parts, *str(said).split("; ")]))
            return True
        row.cells.setdefault(column, said)
        return row.cells[column] == said

    def _text(self, rule: Rule, value: object) -> str | float | None:
        """Return how a cell says one value; None where it cannot."""
        if isinstance(value, ox.Literal):
            if rule.kind.name in ("link", "choice", "class"):
                return None
            said = literal_cell(value, rule.kind, self.words.language)
            try:
                raw = float(said) if rule.kind.name in ("number", "whole") else said
                back = self.words.literal(rule.kind, raw)
            except (CellError, ValueError):
                return None
            return said if back == value or self.book.name != FULL else None
        node = value if isinstance(value, str) else key(value)  # type: ignore[arg-type]
        if rule.kind.name in ("choice", "class"):
            return self._chosen(rule, node)
        if rule.kind.name != "link":
            return None
        if not rule.records:
            known = node in self.graph or not node.startswith(self.base)
            return "group" if node == self.group else self._short(node) if known else node
        for iri in rule.records:
            record, sheet = self.book.records[iri], self.book.sheet_of[iri]
            if sheet.one_row and node == self.group and record is sheet.records[0]:
                return f"the {sheet.name}"
            if not record.same_words and (found := self.keys.get((iri, node))):
                return found
            if record.same_words and self._of_kind(record, node):
                return self._words_of(record, node)
        return None

    def _of_kind(self, record: Record, node: str) -> bool:
        sheet = self.book.sheet_of[record.iri]
        if sheet.listed(record):
            return bool(set(self.graph.values(node, RDF_TYPE)) & set(record.classes))
        return any(node in r.nodes.get(record.iri, ()) for r in self.rows.get(sheet.iri, ())) or (
            sheet.iri not in self.rows and node in self._of(record)
        )

    def _chosen(self, rule: Rule, node: str) -> str | None:
        if node in rule.kind.choices:
            return self.book.words[node]
        if not rule.kind.open:
            return self._short(node) if self.book.name == FULL else None
        if self.book.name == FULL:
            return self._short(node)
        terms = self.graph.terms(node, SKOS + "prefLabel") or self.graph.terms(node, RDFS + "label")
        for term in terms[:1]:
            self._carry(node, RDF_TYPE, ox.NamedNode(SKOS + "Concept"))
            self._carry(node, SKOS + "prefLabel", term)
        return key(terms[0]) if terms else None

    def _dates(self, row: _Row, column: Column, node: str) -> None:
        """Fill a cell with one instant, or with the two bounds of a begin or an end."""
        rules = [
            rule for record in row.sheet.records for rule in record.rules
            if rule.column == column.iri and node in row.nodes.get(record.iri, ())
        ]  # fmt: skip
        terms = {rule: next(iter(self.graph.terms(node, rule.predicate)), None) for rule in rules}
        said = {rule: key(term) if term is not None else "" for rule, term in terms.items()}
        if len(rules) == 1:
            text = instant_cell(said[rules[0]], rules[0].kind) if said[rules[0]] else ""
        else:
            first, last = (
                next(said[r] for r in rules if r.kind.last is end) for end in (False, True)
            )
            text = span_cell(first, last)
        if text and self._put(row, column.iri, text):
            for rule, term in terms.items():
                if term is not None:
                    self._carry(node, rule.predicate, term)

    def _belongs(self, row: _Row, record: Record) -> None:
        """Say that a record belongs to nothing, where an empty cell would say to the group."""
        for rule in record.rules:
            if rule.when and not rule.column:
                columns = [condition.column for condition in rule.when]
                (own,) = (r.column for r in record.rules if r.inverse and r.column in columns
                          and r.predicate == rule.predicate)  # fmt: skip
                filled = [column for column in columns if column in row.cells]
                if filled == [own] and row.cells[own] == "group":
                    del row.cells[own]
                elif not filled:
                    row.cells[own] = "-"

    def _short(self, iri: str) -> str:
        """Return an address as a cell of the full workbook says it."""
        if iri.startswith(self.base):
            rest = iri.removeprefix(self.base)
            return (
                rest
                if re.fullmatch(r"[\w.~/@!$&()*+,=%-]+", rest, re.ASCII) and rest != "-"
                else iri
            )
        for prefix, namespace in _PREFIXES.items():
            if iri.startswith(namespace) and iri != namespace:
                return f"{prefix}:{iri.removeprefix(namespace)}"
        return iri

    # ------------------------------------------------------------ the rest

    def _carry(self, subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> None:
        self.carried.add((subject, predicate, value))

    def _lost(self) -> Iterator[str]:
        """Yield what the rows do not carry: whole records by kind, then single properties."""
        terms = vocabulary()
        lost = self.triples - self.carried
        there = {subject for subject, _, _ in self.carried}
        whole: Counter[str] = Counter()
        single: Counter[tuple[str, str]] = Counter()
        for subject, predicate, value in lost:
            kinds = sorted(k for k in self.graph.values(subject, RDF_TYPE))
            kind = terms.label(kinds[0]) if kinds else "other node"
            if subject in there:
                said = terms.label(predicate)
                single[kind, said if predicate != RDF_TYPE else shorten(key(value))] += 1
            elif predicate == RDF_TYPE:
                whole[terms.label(key(value))] += 1
        yield from (f"{count} × {kind}" for kind, count in sorted(whole.items(), key=_most))
        yield from (
            f"of {kind}: {said} ({count})"
            for (kind, said), count in sorted(single.items(), key=_most)
        )


def _most(item: tuple[object, int]) -> tuple[int, str]:
    return -item[1], str(item[0])


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Return a key that sorts numbers in text by their value."""
    parts = re.findall(r"\d+|\D+", text)
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts]
