"""Lines of text for a terminal: wrapping, cells side by side, signs, colour, plain ASCII."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import NamedTuple
from unicodedata import combining, east_asian_width, normalize

from k20kg.model import Verdict
from k20kg.report import Terminal

BOLD = "1"
GAP = 2
"""Blanks between cells."""
SIGNS = {
    Verdict.MET: "✔",
    Verdict.NOT_MET: "✘",
    Verdict.NOT_ESTABLISHED: "◌",
    Verdict.CONTESTED: "◐",
}
WAVE = "~"
"""The sign of what may be met."""
ASCII_SIGNS = {
    Verdict.MET: "[x]",
    Verdict.NOT_MET: "[-]",
    Verdict.NOT_ESTABLISHED: "[ ]",
    Verdict.CONTESTED: "[?]",
}

_BREAK = re.compile(r".*/|.*[-–_:;,.#=&]")
"""A part of a word after which a line may end."""
_ASCII = str.maketrans(
    {
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "‘": "'", "’": "'", "“": '"', "”": '"',
        "…": "...", "·": "|", "•": "*", "×": "x", "→": "->", "≥": ">=", "≤": "<=", "\xa0": " ",
        "◆": "*", "ß": "ss", "æ": "ae", "ø": "o", "Æ": "AE", "Ø": "O",
    }
)  # fmt: skip


def signs(terminal: Terminal) -> dict[Verdict, str]:
    """Return the sign of each verdict."""
    return ASCII_SIGNS if terminal.get("ascii_only") else SIGNS


class Cell(NamedTuple):
    """Text for a column: each paragraph wraps on its own; `style` is an ANSI code."""

    paragraphs: tuple[str, ...]
    width: int
    style: str = ""


@dataclass(slots=True)
class TextLayout:
    """Lines of at most `width` terminal cells, in the making."""

    width: int
    colour: bool
    ascii_only: bool
    lines: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, terminal: Terminal, width: int = 100) -> TextLayout:
        """Return an empty layout for a terminal; `width` is that of one that tells none."""
        width = max(terminal.get("width", width), 20)
        return cls(width, terminal.get("colour", False), terminal.get("ascii_only", False))

    def text(self) -> str:
        """Return what was written."""
        return "\n".join(self.lines) + "\n"

    def sign(self, verdict: Verdict) -> str:
        """Return the sign of a verdict."""
        return (ASCII_SIGNS if self.ascii_only else SIGNS)[verdict]

    def blank(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def write(self, text: str, *, lead: str = "", indent: int = 0, style: str = "") -> None:
        """Add a paragraph; what follows the lead hangs at the indent."""
        lead_width = max(indent - 1, columns(lead)) + 1 if lead else indent
        room = max(self.width - indent, 1)
        lines = self._fold(text, room, first=self.width - lead_width)
        for at, line in enumerate(lines):
            left = f"{self.plain(lead):<{lead_width}}" if not at else " " * indent
            self.lines.append((left + self._paint(line, style)).rstrip())

    def heading(self, text: str) -> None:
        """Add an empty line and a heading."""
        self.blank()
        self.write(text, style=BOLD)

    def row(self, cells: Sequence[Cell]) -> None:
        """Add cells side by side, each wrapped in its own width."""
        folded = [
            [line for text in cell.paragraphs for line in self._fold(text, cell.width)]
            for cell in cells
        ]
        for line in zip_longest(*folded, fillvalue=""):
            parts = [
                self._paint(part, cell.style) + " " * (cell.width - columns(part))
                for part, cell in zip(line, cells, strict=True)
            ]
            self.lines.append((" " * GAP).join(parts).rstrip())

    def plain(self, text: str) -> str:
        """Return a text in ASCII where nothing else can be shown."""
        return to_ascii(text) if self.ascii_only else text

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if text and style and self.colour else text

    def _fold(self, text: str, width: int, *, first: int | None = None) -> list[str]:
        """Return the text in lines; a word that fits on no line is broken, after a sign in it."""
        width = max(width, 2)
        lines, room, line, taken = [], max(width if first is None else first, 2), "", 0
        for word in self.plain(text).split(" "):
            after = taken + bool(line) + columns(word)
            if after <= room:
                line, taken = f"{line} {word}" if line else word, after
                continue
            if line:
                lines.append(line)
                room = width
            while columns(word) > room:
                head = _fitting(word, room)
                head = sign.end() if (sign := _BREAK.match(word, 0, head)) else head
                lines.append(word[:head])
                word, room = word[head:], width
            line, taken = word, columns(word)
        if line or not lines:
            lines.append(line)
        return lines


def to_ascii(text: str) -> str:
    r"""Return a text in plain ASCII; what has no near letter is spelled out.

    >>> to_ascii("Université — 東")
    'Universite - \\u6771'
    """
    if text.isascii():
        return text
    plain = "".join(
        c for c in normalize("NFKD", text.translate(_ASCII)) if not "\u0300" <= c <= "\u036f"
    )
    return plain.encode("ascii", "backslashreplace").decode("ascii")


def columns(text: str) -> int:
    """Return how many terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in ("W", "F") else 1 for c in text)


def _fitting(word: str, room: int) -> int:
    head = 1
    while head < len(word) and columns(word[: head + 1]) <= room:
        head += 1
    return head


def clip(text: str, width: int) -> str:
    """Return the text cut to a width, with two dots where it was cut."""
    if columns(text) <= width:
        return text
    return text[: max(_fitting(text, width - 2), 1)].rstrip() + ".."


def clip_names(text: str, width: int) -> str:
    """Return names cut to a width: the first whole and how many more, if that fits.

    >>> clip_names("Guides for grades 4 to 8; Rollout of the guides", 40)
    'Guides for grades 4 to 8 and 1 more'
    """
    more = 0 if text.endswith(" more") else text.count("; ")
    short = f"{text.partition('; ')[0]} and {more} more"
    return short if more and len(short) <= width < len(text) else clip(text, width)
