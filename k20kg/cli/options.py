"""Options and types that several commands share, and how a terminal wants its text."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k20kg.cli.streams import refuse_for_excel, say

if TYPE_CHECKING:
    from k20kg.judging.cases import Case
    from k20kg.report import Look

DEFAULT_DEFINITION = "clifford-millar-2007"


class Format(StrEnum):
    """How an answer is written."""

    text = "text"
    json = "json"
    csv = "csv"
    turtle = "turtle"
    markdown = "markdown"
    html = "html"


class Engine(StrEnum):
    """Which SHACL engine judges: the fast one, or the reference."""

    shacl = "shacl"
    pyshacl = "pyshacl"


ExcelOption = Annotated[
    bool, typer.Option("--excel", help="Begin CSV so that Excel takes it for UTF-8.")
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to write the answer.")]
EngineOption = Annotated[Engine, typer.Option("--engine", help="The SHACL engine.")]
DefinitionOption = Annotated[
    str, typer.Option("--definition", "-d", help="A definition, or a Turtle file with your own.")
]
Readings = Annotated[
    list[str] | None,
    typer.Option("--reading", "-r", help="A reading; repeat for several. All by default."),
]
Syntax = Annotated[
    str | None,
    typer.Option("--syntax", help="Syntax of the input, where name and content do not tell."),
]


AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Take what held on that day.")
]


def look() -> Look:
    """Return the width, whether colour is wanted, and whether only ASCII can be shown."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    asked = os.environ.get("PYTHONIOENCODING", "").lower()
    on_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return {
        "width": shutil.get_terminal_size((100, 24)).columns,
        "colour": on_terminal and "NO_COLOR" not in os.environ,
        "ascii_only": not encoding.startswith("utf") or asked.startswith("ascii"),
    }


def csv_for_excel(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command refuse ``--excel`` with another format before it does any work."""

    @wraps(command)
    def checked(**options: Any) -> None:
        if options["format"] is not None:
            refuse_for_excel(options["excel"], options["format"].value)
        command(**options)

    return checked


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Give a function that tells a terminal what is being done, in a line wiped at the end."""
    out = sys.stderr  # as it is now: what runs meanwhile may be kept from stderr

    def show(text: str) -> None:
        if out.isatty():
            out.write(f"\r\x1b[K{text} …")
            out.flush()

    try:
        yield show
    finally:
        if out.isatty():
            out.write("\r\x1b[K")


def find_sources(names: Sequence[str]) -> list[str | Path]:
    """Return paths; the bare name of a shipped case stands for its file or folder."""
    from k20kg.sources.shipped_cases import shipped_cases

    known = shipped_cases()
    return [
        n if n == "-" else known[n] if not Path(n).exists() and n in known else Path(n)
        for n in names
    ]


def as_it_stood(cases: Iterable[Case], day: str | None) -> Iterator[Case]:
    """Yield cases as they stood on a day, and say so; as they are if no day is given."""
    if day is None:
        yield from cases
        return
    from k20kg.judging.as_of import snapshot
    from k20kg.judging.dates import instant_of

    instant = instant_of(day)
    for case in cases:
        then = snapshot(case, instant)
        say(then.note or f"{case.group}: as of {then.as_of}")
        yield then.case
