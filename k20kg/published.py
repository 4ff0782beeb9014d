"""Packaged Turtle files as they are published: each with what its source leaves to be derived.

A source file states a thing once. Readers of the packaged files, the wheel and the site get the
published statements; in a wheel the files hold them already, and nothing is added to them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import pyoxigraph as ox

from k20kg.patches import Expanded, expand
from k20kg.vocabulary import packaged

__all__ = ["derived", "publish", "published_files", "read_published"]


def published_files(*folders: str) -> Iterator[Path]:
    """Yield the files of packaged folders, sorted; what patches are based on is not published."""
    bases = packaged("data", "bases")
    for folder in folders:
        walk = os.walk(packaged(folder))
        found = [Path(top, name) for top, _, names in walk for name in names]
        yield from (path for path in sorted(found) if path.parent != bases)


def read_published(*paths: Path) -> list[ox.Quad]:
    """Return the published quads of packaged Turtle files; blank nodes of files stay apart."""
    from k20kg.graph import read_turtle

    quads: list[ox.Quad] = []
    for path in paths:
        found = derived(path)
        quads += found.quads if found else read_turtle(path)
    return quads


def publish(path: Path) -> bytes:
    """Return the bytes of a packaged file as it is published.

    They are those of the file itself, unless it is Turtle that leaves something to be derived. Then
    the comment at its head is kept, and what it says stands in the order of the source.
    """
    if not (found := derived(path)):
        return path.read_bytes()
    from k20kg.turtle import Writer, by_subject

    prefixes: dict[str, str] = {}
    for source in (*found.bases, path):
        parser = ox.parse(path=source, format=ox.RdfFormat.TURTLE)
        deque(parser, maxlen=0)  # to its end: only then is all declared
        prefixes |= parser.prefixes
    writer = Writer(dict(sorted(prefixes.items())), parser.base_iri or "")
    body = writer.graph(by_subject(found.quads), {})
    return f"{_head(path)}{writer.head()}\n{body}".encode()


def derived(path: Path) -> Expanded | None:
    """Return what a packaged Turtle file says when published; None if it says all of it itself."""
    if path.parent != packaged("data", "counter-cases") or path.suffix != ".ttl":
        return None  # for most files, where they lie tells it without reading them
    return expand(path.read_text(encoding="utf-8"), "turtle", path)


def _head(path: Path) -> str:
    """Return the comment at the head of a file."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(takewhile(lambda line: line.lstrip().startswith("#"), lines)) + "\n"
