"""The commands `compare` and `sensitivity`: parse, call, print."""

from __future__ import annotations

from typing import Annotated

import typer

from k20kg import __version__
from k20kg.cli.options import (
    AsOf,
    Engine,
    EngineOption,
    ExcelOption,
    Format,
    FormatOption,
    Syntax,
    as_it_stood,
    csv_for_excel,
    find_sources,
    look,
)
from k20kg.cli.streams import write


def register(app: typer.Typer) -> None:
    """Add `compare` and `sensitivity` to the command line."""
    app.command()(csv_for_excel(compare))
    app.command()(csv_for_excel(sensitivity))


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
    format: FormatOption = Format.text,  # noqa: A002
    excel: ExcelOption = False,
    engine: EngineOption = Engine.shacl,
    as_of: AsOf = None,
    syntax: Syntax = None,
) -> None:
    """Judge cases by several definitions: a matrix of verdicts, and where the definitions part."""
    from k20kg.analysis.compare import compare as compare_cases
    from k20kg.analysis.compare import find_witness, sides_of
    from k20kg.errors import UsageError
    from k20kg.judging.cases import read_cases
    from k20kg.report.matrix import render_matrix, render_witness
    from k20kg.sources.shipped_cases import shipped_cases

    named = find_sources(cases) if cases else list(shipped_cases().values())
    read = as_it_stood(read_cases(named, syntax=syntax), as_of)
    if witness is not None:
        if definition or reading:
            raise UsageError(
                "--witness names its own definitions",
                remedy="leave out --definition and --reading; A/READING names one reading",
            )
        found = find_witness(read, *witness, engine=engine.value)
        shown = render_witness(found, witness, format.value, version=__version__, **look())
        write(shown, excel=excel, format=format.value)
        return
    sides = sides_of(definition or (), reading or ())
    matrix = compare_cases(read, sides, engine=engine.value)
    shown = render_matrix(matrix, format.value, version=__version__, **look())
    write(shown, excel=excel, format=format.value)


def sensitivity(
    case: Annotated[str, typer.Argument(metavar="CASE", help="One case, as for validate.")],
    definition: Annotated[
        str, typer.Option("--definition", "-d", help="A definition, or a Turtle file with one.")
    ] = "clifford-millar-2007",
    what_if: Annotated[
        bool, typer.Option(help="Look for further evidence that would settle open criteria.")
    ] = True,
    format: FormatOption = Format.text,  # noqa: A002
    excel: ExcelOption = False,
    engine: EngineOption = Engine.shacl,
    as_of: AsOf = None,
    syntax: Syntax = None,
) -> None:
    """Show what a case's verdicts hang on: parameters, missing evidence, open questions."""
    from k20kg.analysis.sensitivity import find_sensitivity
    from k20kg.errors import UsageError
    from k20kg.judging.cases import read_cases
    from k20kg.report.sensitivity import render_sensitivity

    found = list(as_it_stood(read_cases(find_sources([case]), syntax=syntax), as_of))
    if len(found) != 1:
        raise UsageError(
            f"{case} holds {len(found)} cases", remedy="name one; sensitivity takes one at a time"
        )
    result = find_sensitivity(found[0], definition, what_if=what_if, engine=engine.value)
    shown = render_sensitivity(result, format.value, version=__version__, **look())
    write(shown, excel=excel, format=format.value)
