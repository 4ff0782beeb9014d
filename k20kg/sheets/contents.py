"""Contents of a workbook, in one sentence, before anything is judged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from k20kg.rdf.text import plural
from k20kg.sheets.cells import CellError, Words
from k20kg.sheets.rows import SheetRow, SheetRows
from k20kg.sheets.schema import FULL, Sheet, vocabulary


def contents_of(rows: SheetRows) -> str:
    """Return how many rows of each sheet a book has: ``2 organizations (1 university, …), …``."""
    parts = [
        part for sheet in rows.schema.sheets if (part := _part(rows, sheet, rows.rows[sheet.iri]))
    ]
    nothing = "nothing yet; its first sheet says what to fill in"
    return f"{rows.name} contains: {', '.join(parts) or nothing}"


def _part(rows: SheetRows, sheet: Sheet, some: list[SheetRow]) -> str:
    if sheet.one_row or not some:
        return ""
    counted: float = len(some)
    if sheet.counted_by:
        numbers = [str(row.cells.get(sheet.counted_by, 1)) for row in some]
        counted = sum(float(n) if re.fullmatch(r"\d+(\.\d+)?", n) else 1 for n in numbers)
    name = sheet.counted_as or sheet.name
    if rows.schema.name == FULL:  # its sheets are called as one record is
        name = name if counted == 1 else plural(name)
    elif counted == 1 and not sheet.counted_by:
        name = re.sub(r"^(complete )?(\w+)s\b", r"\1\2", name)
    kinds = next((c for c in sheet.columns if c.choices), None)
    return f"{counted:g} {name}{_kinds(rows, sheet, some) if kinds else ''}"


def grouped(faults: Iterable[tuple[str, str, str, str]]) -> list[str]:
    """Return a line for each fault of a workbook, those of one kind together under their count."""
    kinds: dict[str, list[str]] = {}
    for where, _, what, remedy in faults:
        kind = re.sub(r"‘[^’]*’|\b\d[\d.,-]*\b", "…", what)
        kinds.setdefault(kind, []).append(f"{where}: {what}; {remedy}")
    total = sum(map(len, kinds.values()))
    lines = [f"{total} faults of {len(kinds)} kinds, the worst first:"] if total > 1 else []
    for kind, some in kinds.items():
        lines += [f"{len(some)} × {kind}"] if len(some) > 1 else []
        lines += some
    return lines


def _kinds(rows: SheetRows, sheet: Sheet, some: list[SheetRow]) -> str:
    """Return how many rows there are of each kind, in the order of the list to choose from."""
    words = Words(rows.schema, "")
    column = next(c for c in sheet.columns if c.choices)
    kind = next(k for k in sheet.kinds(column) if k.name == "class")
    found: Counter[str] = Counter()
    for row in some:
        try:
            term = words.term(kind, row.text(column)) if row.text(column) else None
        except CellError:
            continue
        if term:
            found[rows.schema.words[term]] += 1
    listed = [rows.schema.words[t] for t in kind.choices if rows.schema.words[t] in found]
    if listed == [sheet.name]:
        return ""  # it is the only kind there is
    nouns = {
        rows.schema.words[t] for t in kind.choices if vocabulary().label(t) == rows.schema.words[t]
    }

    def named(word: str) -> str:
        is_noun = word in nouns or " of " in word  # others tell what was done: signed
        return f"{found[word]} {plural(word) if is_noun and found[word] > 1 else word}"

    return f" ({', '.join(map(named, listed))})" if listed else ""
