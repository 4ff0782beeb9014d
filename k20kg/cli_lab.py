"""The commands `compare` and `sensitivity`: parse, call, print."""

from __future__ import annotations

import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from k20kg import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["register"]


class LabFormat(StrEnum):
    """How an answer is written."""

    text = "text"
    json = "json"
    csv = "csv"
    turtle = "turtle"
    markdown = "markdown"
    html = "html"


class LabEngine(StrEnum):
    """Which SHACL engine judges: the fast one, or the reference."""

    shacl = "shacl"
    pyshacl = "pyshacl"


FormatOption = Annotated[LabFormat, typer.Option("--format", "-f", help="How to write the answer.")]
EngineOption = Annotated[LabEngine, typer.Option("--engine", help="The SHACL engine.")]
Syntax = Annotated[
    str | None,
    typer.Option("--syntax", help="Syntax of the input, where name and content do not tell."),
]


def register(app: typer.Typer) -> None:
    """Add `compare` and `sensitivity` to the command line."""
    app.command()(compare)
    app.command()(sensitivity)


def compare(
    cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CASE…]", help="As for validate; all shipped cases if left out."),
    ] = None,
    definition: Annotated[
        list[str] | None,
        typer.Option(
            "--definition",
            "-d",
            help="A definition, or a Turtle file with one; repeat for several. All by default.",
        ),
    ] = None,
    reading: Annotated[
        list[str] | None,
        typer.Option("--reading", "-r", help="A reading, where a definition has it; repeatable."),
    ] = None,
    witness: Annotated[
        tuple[str, str] | None,
        typer.Option(
            "--witness",
            metavar="A B",
            help="The smallest case on which two definitions, or readings (A/READING), differ.",
        ),
    ] = None,
    format: FormatOption = LabFormat.text,  # noqa: A002
    engine: EngineOption = LabEngine.shacl,
    syntax: Syntax = None,
) -> None:
    """Judge cases by several definitions: a matrix of verdicts, and where the definitions part."""
    from k20kg.cases import read_cases
    from k20kg.errors import UsageError
    from k20kg.lab.compare import compare as compare_cases
    from k20kg.lab.compare import find_witness, sides_of
    from k20kg.report.matrix import render_matrix, render_witness

    read = read_cases(_sources(cases), syntax=syntax)
    if witness is not None:
        if definition or reading:
            raise UsageError(
                "--witness names its own definitions",
                remedy="leave out --definition and --reading; A/READING names one reading",
            )
        found = find_witness(read, *witness, engine=engine.value)
        _print(render_witness(found, witness, format.value, version=__version__, **_look()))
        return
    sides = sides_of(definition or (), reading or ())
    matrix = compare_cases(read, sides, engine=engine.value)
    _print(render_matrix(matrix, format.value, version=__version__, **_look()))


def sensitivity(
    case: Annotated[str, typer.Argument(metavar="CASE", help="One case, as for validate.")],
    definition: Annotated[
        str, typer.Option("--definition", "-d", help="A definition, or a Turtle file with one.")
    ] = "clifford-millar-2007",
    what_if: Annotated[
        bool, typer.Option(help="Look for further evidence that would settle open criteria.")
    ] = True,
    format: FormatOption = LabFormat.text,  # noqa: A002
    engine: EngineOption = LabEngine.shacl,
    syntax: Syntax = None,
) -> None:
    """Show what a case's verdicts hang on: parameters, missing evidence, open questions."""
    from k20kg.cases import read_cases
    from k20kg.errors import UsageError
    from k20kg.lab.sensitivity import find_sensitivity
    from k20kg.report.sensitivity import render_sensitivity

    found = list(read_cases(_sources([case]), syntax=syntax))
    if len(found) != 1:
        raise UsageError(
            f"{case} holds {len(found)} cases", remedy="name one; sensitivity takes one at a time"
        )
    result = find_sensitivity(found[0], definition, what_if=what_if, engine=engine.value)
    _print(render_sensitivity(result, format.value, version=__version__, **_look()))


def _sources(names: Sequence[str] | None) -> list[str | Path]:
    """Return paths; the bare name of a shipped case stands for it, and no name for all of them."""
    from k20kg.shipped import shipped_cases

    known = shipped_cases()
    if not names:
        return list(known.values())
    return [
        n if n == "-" else known[n] if not Path(n).exists() and n in known else Path(n)
        for n in names
    ]


def _look() -> dict[str, Any]:
    """Return how the terminal wants its text: width, colour, plain ASCII."""
    encoding = (sys.stdout.encoding or "ascii").lower()
    on_terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return {
        "width": shutil.get_terminal_size((100, 24)).columns,
        "colour": on_terminal and "NO_COLOR" not in os.environ,
        "ascii_only": not encoding.startswith("utf"),
    }


def _print(text: str) -> None:
    sys.stdout.write(text)
