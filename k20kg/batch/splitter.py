"""N-Quads as bytes → one piece for each case, without parsing them.

The lines of a case that stand together are cut out whole and handed to the SHACL engine as they
are, less the graph's name at the end of each. Where a file is written in an unusual way (comments,
tabs, statements outside every graph) each line is looked at by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Final

from k20kg.errors import InputError
from k20kg.rdf.text import neutralise

_LARGEST: Final = 256 * 1024 * 1024
_IRI: Final = rb"<[^<>\s]*>"
_NODE: Final = rb"(?:" + _IRI + rb"|_:[^\s<>\"]+)"
_LITERAL: Final = rb'"(?:[^"\\]|\\.)*"(?:\^\^' + _IRI + rb"|@[A-Za-z0-9-]+)?"
_LINE: Final = re.compile(
    rb"[ \t]*(" + _NODE + rb")[ \t]*" + _IRI + rb"[ \t]*(?:" + _NODE + rb"|" + _LITERAL + rb")"
    rb"[ \t]*(" + _NODE + rb")?[ \t]*\.[ \t\r]*(?:#[^\n]*)?"
)
_ENDING: Final = re.compile(rb"[ \t](" + _NODE + rb")[ \t]*\.[ \t\r]*$")
_BLANK: Final = re.compile(rb"(?:[ \t\r]*(?:#[^\n]*)?\n)*")


class NotGroupedError(InputError):
    """The quads of one case do not stand together."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of one case before anybody parses it."""

    where: str
    """File or other place."""
    line: int
    """Its first line there; 0 where lines say nothing."""
    graph: str
    """The graph's name in N-Quads syntax; empty where a file is one case."""
    data: bytes
    syntax: str
    fault: str = ""
    """Why there is nothing to judge; then `data` is empty."""

    @property
    def place(self) -> str:
        """Where the case stands, for people."""
        line = f":{self.line}" if self.line else ""
        graph = f" ({neutralise(self.graph)})" if self.graph else ""
        return f"{self.where}{line}{graph}"


def cut(
    chunks: Iterable[bytes], where: str, begin: Callable[[bytes, int], None]
) -> Iterator[Piece]:
    """Yield the pieces of N-Quads, read in chunks, in which the lines of each graph stand together.

    `begin` is told each graph's name when its lines begin, with the line; it may refuse one that
    came before.
    """
    line, held = 1, 0
    rows: list[bytes] = []
    rest = b""  # a row that is not whole yet
    at_hand: bytes | None = None
    parts: list[Piece] = []  # of the case at hand; more than one where it is written unusually
    stray: list[Piece] = []  # the last rows, if nobody can tell which case they belong to
    for more in chain(chunks, [b""]):
        at_end = not more
        rows += (rest + more).split(b"\n")
        rest = rows.pop()
        if at_end and rest:
            rows.append(rest)
        start = 0
        while start < len(rows):
            graph, stop = _run(rows, start)
            if stop == len(rows) and not at_end and graph:
                break  # the case may go on in what is not read yet
            for name, text, syntax in _texts(rows[start:stop], graph):
                owner = name or at_hand or b""
                piece = Piece(where, line, owner.decode("utf-8", "replace"), text, syntax)
                if owner != at_hand:
                    yield from _joined(parts)
                    begin(owner, line)
                    # Both neighbours get what may be either's, so that neither is judged wrongly.
                    parts, at_hand = [replace(p, graph=piece.graph) for p in stray], owner
                parts.append(piece)
                if name:
                    stray = []
                elif not _BLANK.fullmatch(text):
                    stray.append(piece)
                line += stop - start if graph and syntax == "ntriples" else 1
            start = stop
        if start:
            rows, held = rows[start:], 0
        held += len(more)
        if held > _LARGEST:
            raise InputError(
                f"the case that begins here is larger than {_LARGEST >> 20} MiB",
                where=f"{where}:{line}",
                remedy="give each case a graph of its own",
            )
    yield from _joined(parts)


def _run(rows: list[bytes], start: int) -> tuple[bytes, int]:
    """Return the graph of the row at `start` and where its rows stop, if they stand together.

    Only a few rows are looked at: strides grow until they overshoot, then the gap is halved. The
    graph is empty where the row is not written the usual way.
    """
    found = _LINE.fullmatch(rows[start])
    if not (found and found[2]) or not rows[start].endswith(ending := b" %b ." % found[2]):
        return b"", start + 1
    low, stride, high = start + 1, 32, len(rows)
    while low + stride < high:
        if not rows[low + stride].endswith(ending):
            high = low + stride
            break
        low, stride = low + stride + 1, stride * 2
    while low < high:
        middle = (low + high) // 2
        if rows[middle].endswith(ending):
            low = middle + 1
        else:
            high = middle
    return found[2], low


def _texts(rows: list[bytes], graph: bytes) -> Iterator[tuple[bytes | None, bytes, str]]:
    """Yield graph, text and syntax of rows: all at once where they are written the usual way."""
    if graph and (text := strip(rows, graph)):
        yield graph, text, "ntriples"
    else:
        yield from map(_one_line, rows)


def strip(rows: list[bytes], graph: bytes) -> bytes:
    """Return the rows as N-Triples; nothing unless each ends in the graph's name."""
    ending = b" %b ." % graph
    text = b" .\n".join(map(bytes.removesuffix, rows, repeat(ending))) + b" .\n"
    less = len(ending) - len(b" .\n")  # of each row, if it ended so
    return text if len(text) == sum(map(len, rows)) - less * len(rows) else b""


def _one_line(row: bytes) -> tuple[bytes | None, bytes, str]:
    """Return the graph that a row belongs to, and the row; None if it does not say.

    What is said of a named graph outside every graph belongs to that graph.
    """
    found = _LINE.fullmatch(row)
    if found:
        return found[2] or found[1], row + b"\n", "nquads"
    broken = None if row.lstrip().startswith(b"#") else _ENDING.search(row)
    return (broken[1] if broken else None), row + b"\n", "nquads"


def name_graph(row: bytes) -> bytes:
    """Return the graph that a row of N-Quads belongs to; empty if it does not say."""
    # Written the usual way, the last of five words is the dot and the one before it the graph; a
    # line with fewer has none, and a literal with blanks in it makes for more.
    if row.endswith(b"> .") and row.count(b" ") > 3:
        word = row[row.rfind(b" ", 0, -2) + 1 : -2]
        if word.startswith(b"<") and not row.startswith(b"#"):
            return word
    return _one_line(row)[0] or b""


def restore(data: bytes, graph: str) -> bytes:
    """Return N-Triples with the graph's name put back to each line."""
    return data.replace(b" .\n", f" {graph} .\n".encode())


def _joined(parts: list[Piece]) -> Iterator[Piece]:
    """Yield the one piece that the parts of a case make, unless they hold no statement."""
    if len(parts) == 1 and parts[0].syntax == "ntriples":
        yield parts[0]
    elif parts:
        first = parts[0]
        data = b"".join(
            restore(p.data, p.graph) if p.syntax == "ntriples" else p.data for p in parts
        )
        if not _BLANK.fullmatch(data):
            yield Piece(first.where, first.line, first.graph, data, "nquads")
