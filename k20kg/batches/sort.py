"""Quads in any order → the lines of each graph together, by way of an embedded database on disk.

SQLite does the sorting: it keeps within its cache and spills to a temporary file. Lines are first
put together within a block of the input, so that a row holds several lines of a case.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import groupby
from typing import Final

from k20kg.batches.splitter import Piece, name_graph, piece_of

_BLOCK: Final = 48 * 1024 * 1024
_CACHE_KIB: Final = 32 * 1024
_READ: Final = (
    "SELECT name, place, at, text FROM part JOIN graph ON graph.rowid = part.graph "
    "ORDER BY part.graph, number"
)
Lines = Iterable[tuple[str, int, bytes]]
"""Place, line number, and the line without its line break."""


def group_by_graph(lines: Lines) -> Iterator[Piece]:
    """Yield a piece for each graph, in the order in which the graphs first appear.

    Lines keep their order within a graph. Needs free room for about two copies of the lines where
    SQLite puts its temporary files (``SQLITE_TMPDIR``).
    """
    with closing(_database()) as database:
        database.execute("CREATE TABLE graph (name BLOB PRIMARY KEY, place INTEGER, at TEXT)")
        database.execute("CREATE TABLE part (graph INTEGER, number INTEGER, text BLOB)")
        for number, block in enumerate(_blocks(lines)):
            database.execute("BEGIN")
            database.executemany(
                "INSERT OR IGNORE INTO graph VALUES (?, ?, ?)",
                ((name, line, where) for name, (line, where, _) in block.items()),
            )
            database.executemany(
                "INSERT INTO part SELECT rowid, ?, ? FROM graph WHERE name = ?",
                ((number, b"\n".join(rows), name) for name, (_, _, rows) in block.items()),
            )
            database.execute("COMMIT")
        for (name, line, where), parts in groupby(database.execute(_READ), lambda row: row[:3]):
            rows = [row for *_, text in parts for row in text.split(b"\n")]
            yield piece_of(where, line, name, rows)


def _database() -> sqlite3.Connection:
    """Return a private database on disk that is gone when it is closed."""
    database = sqlite3.connect("", isolation_level=None)
    for setting in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
        database.execute(f"PRAGMA {setting}")
    return database


def _blocks(lines: Lines) -> Iterator[dict[bytes, tuple[int, str, list[bytes]]]]:
    """Yield by graph: first line, where it stands, and the lines, for so much of the input."""
    block: dict[bytes, tuple[int, str, list[bytes]]] = {}
    size = 0
    for where, number, line in lines:
        graph = name_graph(line)
        if graph in block:
            block[graph][2].append(line)
        else:
            block[graph] = (number, where, [line])
        size += len(line)
        if size > _BLOCK:
            yield block
            block, size = {}, 0
    yield block


class Seen:
    """The graphs that came before, kept on disk; bounded memory however many there are."""

    def __init__(self) -> None:
        self._database = _database()
        self._database.execute("CREATE TABLE seen (name BLOB PRIMARY KEY) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def add(self, name: bytes) -> bool:
        """Record a name; tell whether it is new."""
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (name,)).rowcount > 0

    def close(self) -> None:
        """Give the disk back."""
        self._database.close()
