"""N-Quads as bytes → one piece for each case, without parsing them.

The lines of a case that stand together are cut out whole and handed to the SHACL engine as they
are, less the graph's name at the end of each. Lines that are written in an unusual way (comments,
tabs, statements outside every graph) are left as they are, and their case is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from k20kg.errors import InputError
from k20kg.rdf.text import escape_controls

_LARGEST: Final = 256 * 1024 * 1024
_IRI: Final = rb"<[^<>\s]*>"
_NODE: Final = rb"(?:" + _IRI + rb"|_:[^\s<>\"]+)"
_LITERAL: Final = rb'"(?:[^"\\]|\\.)*"(?:\^\^' + _IRI + rb"|@[A-Za-z0-9-]+)?"
_LINE: Final = re.compile(
    rb"[ \t]*(" + _NODE + rb")[ \t]*" + _IRI + rb"[ \t]*(?:" + _NODE + rb"|" + _LITERAL + rb")"
    rb"[ \t]*(" + _NODE + rb")?[ \t]*\.[ \t\r]*(?:#[^\n]*)?"
)
_ENDING: Final = re.compile(rb"[ \t](" + _NODE + rb")[ \t]*\.[ \t\r]*$")
_BLANK: Final = re.compile(rb"[ \t\r]*(?:#[^\n]*)?")


class NotGroupedError(InputError):
    """The quads of one case do not stand together."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A case before anybody parses it."""

    where: str
    """File or other place."""
    line: int
    """Its first line there; 0 where lines say nothing."""
    graph: str
    """The graph's name in N-Quads syntax; empty where a file is one case."""
    data: bytes
    syntax: str
    fault: str = ""
    """Reason why there is nothing to judge; then `data` is empty."""

    @property
    def place(self) -> str:
        """Return the place of the case, for people."""
        line = f":{self.line}" if self.line else ""
        graph = f" ({escape_controls(self.graph)})" if self.graph else ""
        return f"{self.where}{line}{graph}"


def cut(
    chunks: Iterable[bytes], where: str, begin: Callable[[bytes, int], None]
) -> Iterator[Piece]:
    """Yield the pieces of N-Quads, read in chunks, in which the lines of each graph stand together.

    `begin` is told each graph's name when its lines begin, with the line; it may refuse one that
    came before.
    """
    line = first = 1
    at_hand, held = b"", 0
    lines: list[bytes] = []
    stray: list[bytes] = []  # the last of them, if nobody can tell which case they belong to
    for rows in _rows(chunks):
        start = 0
        while start < len(rows):
            graph = name_graph(rows[start])
            stop = start + 1
            if graph:
                ending = b" %b ." % graph
                while stop < len(rows) and rows[stop].endswith(ending):
                    stop += 1
            if graph and graph != at_hand:
                if at_hand:
                    yield from _piece(where, first, at_hand, lines)
                    # Both neighbours get what may be either's, so that neither is judged wrongly.
                    lines = [] if all(map(_BLANK.fullmatch, stray)) else stray
                begin(graph, line)
                at_hand, held, first = graph, 0, line - len(lines)
            lines += (run := rows[start:stop])
            stray = [] if graph else stray + run
            line += len(run)
            held += sum(map(len, run))
            if held > _LARGEST:
                raise InputError(
                    f"the case that begins here is larger than {_LARGEST >> 20} MiB",
                    where=f"{where}:{first}",
                    remedy="give each case a graph of its own",
                )
            start = stop
    yield from _piece(where, first, at_hand, lines)


def _rows(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the lines of chunks that are whole, without line breaks."""
    rest = b""
    for chunk in chunks:
        rows = (rest + chunk).split(b"\n")
        rest = rows.pop()
        if len(rest) > _LARGEST:
            break
        yield rows
    if rest:
        yield [rest]


def _piece(where: str, line: int, graph: bytes, rows: list[bytes]) -> Iterator[Piece]:
    """Yield the piece that rows make, unless they hold no statement."""
    if not all(map(_BLANK.fullmatch, rows)):
        yield piece_of(where, line, graph, rows)


def piece_of(where: str, line: int, graph: bytes, rows: list[bytes]) -> Piece:
    """Return the piece that the rows of a graph make: as N-Triples if each ends in its name."""
    name = graph.decode("utf-8", "replace")
    ending = b" %b ." % graph
    text = b" .\n".join(map(bytes.removesuffix, rows, repeat(ending))) + b" .\n"
    less = len(ending) - len(b" .\n")  # of each row, if it ended so
    if graph and len(text) == sum(map(len, rows)) - less * len(rows):
        return Piece(where, line, name, text, "ntriples")
    return Piece(where, line, name, b"\n".join(rows) + b"\n", "nquads")


def name_graph(row: bytes) -> bytes:
    """Return the graph that a row of N-Quads belongs to; empty if it does not say.

    What is said of a named graph outside every graph belongs to that graph.
    """
    # Written the usual way, the last of five words is the dot and the one before it the graph; a
    # line with fewer has none, and a literal with blanks in it makes for more.
    if row.endswith(b"> .") and row.count(b" ") > 3:
        word = row[row.rfind(b" ", 0, -2) + 1 : -2]
        if word.startswith(b"<") and not row.startswith(b"#"):
            return word
    if found := _LINE.fullmatch(row):
        return found[2] or found[1]
    broken = None if row.lstrip().startswith(b"#") else _ENDING.search(row)
    return broken[1] if broken else b""


def restore(data: bytes, graph: str) -> bytes:
    """Return N-Triples with the graph's name put back to each line."""
    return data.replace(b" .\n", f" {graph} .\n".encode())
