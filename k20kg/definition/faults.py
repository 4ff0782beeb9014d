"""Faults of a definition as an error: each with the file and line that describe the node."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from k20kg.errors import UsageError
from k20kg.rdf.text import decode, line_of, neutralise
from k20kg.vocabulary import shorten

Fault = tuple[str, str, str]
"""The node at fault, what is wrong with it, and what to do."""


def raise_faults(files: Sequence[Path], faults: Iterable[Fault]) -> None:
    """Raise `UsageError` if there are faults, each with file and line as far as they are known."""
    found = dict.fromkeys(faults)
    if not found:
        return
    lines = [
        f"{_place(files, node, what)}: {_shown(node)} {neutralise(what)}; {remedy}"
        for node, what, remedy in found
    ]
    if len(lines) == 1:
        raise UsageError(lines[0])
    where = str(files[0]) if len(files) == 1 else str(files[0].parent)
    raise UsageError(f"{len(lines)} faults in the definition\n" + "\n".join(lines), where=where)


def _shown(node: str) -> str:
    return "a node without a name" if node.startswith("_:") else neutralise(shorten(node))


def _place(files: Sequence[Path], node: str, what: str) -> str:
    """Return the file and line that describe a node, else that name it, as far as is known.

    Of a node without a name it is the line that has the term at fault.
    """
    named = str(files[0]) if len(files) == 1 else str(files[0].parent)
    term = re.search(r"\b(?:k20|sh):\w+", what)
    if node.startswith("_:") and not term:
        return named
    local = re.split(r"[#/]", node)[-1]
    for file in files:
        text = decode(file.read_bytes(), str(file))
        if node.startswith("_:") and term:
            if found := re.search(rf"(?<![\w:]){term[0]}\b", text):
                return f"{file}:{text.count(chr(10), 0, found.start()) + 1}"
        elif line := line_of(text, node):
            place = f"{file}:{line}"
            if local in text.splitlines()[line - 1].split(maxsplit=1)[0]:
                return place
            named = place
    return named
