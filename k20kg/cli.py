"""The command line: parse, call, print. The answer goes to stdout, all else to stderr.

Exit 0: done, whatever the verdict. 1: a verdict named by ``--fail-on``, or faults found by
``check``. 2: wrong use or input that cannot be read.
"""

from __future__ import annotations

import os
import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from k20kg import __version__, cli_query
from k20kg.errors import K20Error, RecordError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k20kg.model import Assessment

__all__ = ["app", "main"]


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


class FailOn(StrEnum):
    """A verdict that makes the command exit with 1."""

    not_met = "not-met"
    not_established = "not-established"
    contested = "contested"


app = typer.Typer(
    name="k20kg",
    help="Says whether a group is a K-20 partnership, criterion by criterion, on what evidence.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="CASE…", help="Files or folders of RDF, - for standard input, or a shipped case."
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to write the answer.")]
Readings = Annotated[
    list[str] | None,
    typer.Option("--reading", "-r", help="A reading; repeat for several. All by default."),
]
DefinitionOption = Annotated[
    str, typer.Option("--definition", "-d", help="The definition to judge by.")
]
EngineOption = Annotated[Engine, typer.Option("--engine", help="The SHACL engine.")]
Syntax = Annotated[
    str | None,
    typer.Option("--syntax", help="Syntax of the input, where name and content do not tell."),
]
DEFAULT = "clifford-millar-2007"


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error arose.")] = False,
) -> None:
    """Says whether a group is a K-20 partnership, criterion by criterion, on what evidence."""
    if version:
        typer.echo(f"k20kg {__version__}")
        raise typer.Exit


@app.command()
def validate(
    cases: Paths,
    reading: Readings = None,
    definition: DefinitionOption = DEFAULT,
    format: FormatOption = Format.text,  # noqa: A002
    engine: EngineOption = Engine.shacl,
    fail_on: Annotated[
        list[FailOn] | None, typer.Option("--fail-on", help="Exit 1 on this overall verdict.")
    ] = None,
    evidence: Annotated[bool, typer.Option(help="Gather the evidence behind each verdict.")] = True,
    syntax: Syntax = None,
) -> None:
    """Judge cases: overall verdict, each criterion with its evidence, and what is missing."""
    from k20kg.cases import read_cases
    from k20kg.judge import Judge

    judge = Judge(reading or (), definition=definition, engine=engine.value, evidence=evidence)
    assessments = [
        a for case in read_cases(_sources(cases), syntax=syntax) for a in judge.assess(case)
    ]
    _print(_render(assessments, format))
    wanted = {f.value.replace("-", " ") for f in fail_on or ()}
    if any(a.verdict.value in wanted for a in assessments):
        raise typer.Exit(1)


@app.command()
def check(cases: Paths, engine: EngineOption = Engine.shacl, syntax: Syntax = None) -> None:
    """Check that case records are well formed, without judging them."""
    from k20kg.cases import read_cases
    from k20kg.judge import Judge

    judge = Judge(engine=engine.value, evidence=False)
    faulty = 0
    for case in read_cases(_sources(cases), syntax=syntax):
        try:
            judge.check(case)
        except RecordError as error:
            faulty += 1
            _print("\n".join(error.faults or [str(error)]) + "\n")
        else:
            _print(f"{case.origin}: well formed\n")
    if faulty:
        raise typer.Exit(1)


@app.command()
def explain(
    criterion: Annotated[str, typer.Argument(help="A code or name: 2c, formal-agreement.")],
    definition: DefinitionOption = DEFAULT,
    format: FormatOption = Format.text,  # noqa: A002
) -> None:
    """Explain a criterion: phrase, section, what counts, what would settle it, example."""
    from k20kg.report import listing

    _print(listing.explain(criterion, definition, format.value, **_look()))


@app.command()
def definitions(
    name: Annotated[
        str | None, typer.Argument(help="One definition, to see its criteria and readings.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write one shapes file a reading here, for any SHACL engine."),
    ] = None,
) -> None:
    """List the definitions; with a name, its criteria and what each reading chooses."""
    from k20kg.report import listing

    if write:
        _say(listing.write_bundles(write))
    else:
        _print(listing.definitions(name, format.value, **_look()))


@app.command()
def cases(
    format: FormatOption = Format.text,  # noqa: A002
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write each case here as one Turtle file."),
    ] = None,
) -> None:
    """List the shipped cases; those that are made up say so."""
    from k20kg.report import listing

    if write:
        _say(listing.write_cases(write))
    else:
        _print(listing.cases(format.value, **_look()))


cli_query.register(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; nothing but Ctrl-C gets past it."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = app(args=list(arguments), standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except K20Error as error:
        if "--debug" in arguments:
            raise
        _say(f"k20kg: {error}")
        return 2
    except Exception as error:
        if "--debug" in arguments:
            raise
        if usage := getattr(error, "format_message", None):
            _say(f"k20kg: {usage()}; see k20kg --help")
        else:
            _say(f"k20kg: unexpected {type(error).__name__}: {error}; --debug shows where")
        return 2


def _sources(names: Sequence[str]) -> list[str | Path]:
    """Return paths; the bare name of a shipped case stands for its file or folder."""
    from k20kg.shipped import shipped_cases

    known = shipped_cases()
    return [
        n if n == "-" else known[n] if not Path(n).exists() and n in known else Path(n)
        for n in names
    ]


def _render(assessments: Sequence[Assessment], format: Format) -> str:  # noqa: A002
    from k20kg.report import render

    return render(assessments, format.value, version=__version__, **_look())


class Look(TypedDict):
    """How the terminal wants its text."""

    width: int
    colour: bool
    ascii_only: bool


def _look() -> Look:
    encoding = (sys.stdout.encoding or "ascii").lower()
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return {
        "width": shutil.get_terminal_size((100, 24)).columns,
        "colour": colour and os.environ.get("TERM") != "dumb",
        "ascii_only": not encoding.startswith("utf"),
    }


def _print(text: str) -> None:
    sys.stdout.write(text)


def _say(text: str) -> None:
    from k20kg.text import neutralise

    print(neutralise(text), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
