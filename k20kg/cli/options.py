"""Options that several commands share, and what they stand for: sources, a day, progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from k20kg.cli.streams import say
from k20kg.errors import UsageError, install
from k20kg.rdf.text import escape_controls

if TYPE_CHECKING:
    from k20kg.judging.cases import Case

DEFAULT_DEFINITION = "clifford-millar-2007"

Cases = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CASE…",
        help="Workbooks, files or folders of RDF, - for standard input, or shipped cases.",
    ),
]
Engine = Annotated[Literal["shacl", "pyshacl"], typer.Option("--engine", help="The SHACL engine.")]
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
FailOn = Annotated[
    list[str] | None,
    typer.Option(
        "--fail-on",
        metavar="VERDICT",
        help="Exit 1 on this overall verdict: not-met, not-established, contested.",
    ),
]


def failing(fail_on: Iterable[str] | None) -> frozenset[str]:
    """Return the verdicts that ``--fail-on`` names; raise `UsageError` for one that is none."""
    known = ("not-met", "not-established", "contested")
    for verdict in fail_on or ():
        if verdict not in known:
            raise UsageError(
                f"there is no verdict {escape_controls(verdict)!r} to fail on",
                where="--fail-on",
                remedy=f"choose one of {', '.join(known)}",
            )
    return frozenset(verdict.replace("-", " ") for verdict in fail_on or ())


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Give a function that shows on a terminal how far it is, in a line wiped at the end."""
    out = sys.stderr  # as it is now: what runs meanwhile may be kept from stderr

    def show(text: str) -> None:
        if out.isatty():
            out.write(f"\r\x1b[K{text} …" if text else "\r\x1b[K")
            out.flush()

    try:
        yield show
    finally:
        show("")


def find_sources(names: Sequence[str]) -> list[str | Path]:
    """Return paths; the bare name of a shipped case stands for its file or folder.

    ``-`` and web addresses stay as they are.
    """
    from k20kg.sources.shipped_cases import shipped_cases

    known = shipped_cases()
    found: list[str | Path] = []
    for name in names:
        path = Path(name)
        if name == "-" or "://" in name:
            found.append(name)
        elif path.exists() or name not in known:
            found.append(path)
        else:
            found.append(known[name])
        if found[-1] == path and not (path.exists() or path.suffix):
            _refuse_misspelt(name, known)
    return found


def _refuse_misspelt(name: str, known: Iterable[str]) -> None:
    """Raise `UsageError` for the name of no file that is nearly that of a shipped case."""
    from difflib import get_close_matches

    if near := get_close_matches(name, known, n=1, cutoff=0.7):
        raise UsageError(
            "there is no such file, and no shipped case of that name",
            where=escape_controls(name),
            remedy=f"did you mean {near[0]}? see k20kg cases",
        )


@contextmanager
def needs_office() -> Iterator[None]:
    """Say how to install what workbooks and Word documents are written with, where it lacks."""
    try:
        yield
    except ImportError:
        raise UsageError(
            "workbooks and Word documents are written by openpyxl and python-docx",
            remedy=install("office"),
        ) from None


def read_gaps(path: Path | None) -> dict[str, list[dict[str, str | float]]]:
    """Return the rows of a list of gaps, by the IRI of its sheet; none if no file is named."""
    from k20kg.sheets.document import gaps_of
    from k20kg.sources.folders import unreadable

    try:
        return gaps_of(path.read_bytes(), escape_controls(str(path))) if path else {}
    except OSError as fault:
        assert path
        raise unreadable(path, fault) from None


def only_case(name: str, syntax: str | None, day: str | None = None) -> Case:
    """Return the one case of a source; raise if it is faulty as a workbook, or not one."""
    from k20kg.errors import RecordError
    from k20kg.judging.cases import read_cases
    from k20kg.judging.record_check import cell_faults

    cases = list(as_it_stood(read_cases(find_sources([name]), syntax=syntax), day))
    if len(cases) != 1:
        raise UsageError(
            f"{name} holds {len(cases)} cases", remedy="give one at a time: a file of its own"
        )
    if faults := cell_faults(cases[0]):
        raise RecordError.of(cases[0].origin, faults)
    return cases[0]


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
