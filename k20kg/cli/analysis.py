"""The commands `compare`, `sensitivity`, `timeline` and `reason`: parse, call, print."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from k20kg.cli.options import (
    DEFAULT_DEFINITION,
    AsOf,
    Cases,
    DefinitionOption,
    Engine,
    Readings,
    Syntax,
    as_it_stood,
    find_sources,
    needs_office,
    only_case,
    progress,
    read_gaps,
)
from k20kg.cli.output import Output, writes
from k20kg.cli.streams import say
from k20kg.errors import UsageError
from k20kg.report import FORMATS
from k20kg.version import __version__


@writes(*FORMATS)
def compare(
    to: Output,
    cases: Cases = None,
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
    engine: Engine = "shacl",
    as_of: AsOf = None,
    syntax: Syntax = None,
) -> None:
    """Judge cases by several definitions: a matrix of verdicts, and where the definitions part.

    All shipped cases are judged if none is named.

    Example: k20kg compare lamsig -d clifford-millar-2007 -d goodlad-1991
    """
    from k20kg.analysis.compare import compare as compare_cases
    from k20kg.analysis.compare import find_witness, sides_of
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
        found = find_witness(read, *witness, engine=engine)
        to.write(render_witness(found, witness, to.format, version=__version__, **to.terminal))
        return
    sides = sides_of(definition or (), reading or ())
    matrix = compare_cases(read, sides, engine=engine)
    to.write(render_matrix(matrix, to.format, version=__version__, **to.terminal))


@writes(*FORMATS)
def sensitivity(
    to: Output,
    case: Annotated[str, typer.Argument(metavar="CASE", help="One case, as for validate.")],
    definition: DefinitionOption = DEFAULT_DEFINITION,
    what_if: Annotated[
        bool, typer.Option(help="Look for further evidence that would settle open criteria.")
    ] = True,
    engine: Engine = "shacl",
    as_of: AsOf = None,
    syntax: Syntax = None,
) -> None:
    """Show what a case's verdicts hang on: parameters, missing evidence, open questions.

    Example: k20kg sensitivity lamsig
    """
    from k20kg.analysis.sensitivity import find_sensitivity
    from k20kg.report.sensitivity import render_sensitivity

    one = only_case(case, syntax, as_of)
    result = find_sensitivity(one, definition, what_if=what_if, engine=engine)
    to.write(render_sensitivity(result, to.format, version=__version__, **to.terminal))


@writes("text", "json", "csv", "markdown", "html", "xlsx", "docx")
def gaps(
    to: Output,
    case: Annotated[str, typer.Argument(metavar="CASE", help="One case, as for validate.")],
    definition: DefinitionOption = DEFAULT_DEFINITION,
    earlier: Annotated[
        Path | None,
        typer.Option("--earlier", metavar="FILE", help="A list whose owners and answers to keep."),
    ] = None,
    engine: Engine = "shacl",
    as_of: AsOf = None,
    syntax: Syntax = None,
) -> None:
    """List what to ask and look for next, and whom to ask: what decides most comes first.

    As xlsx and docx with columns for owner, date and answer; sheet --gaps keeps them with a case.

    Example: k20kg gaps lamsig -o gaps.xlsx
    """
    from k20kg.analysis.gaps import find_gaps
    from k20kg.judging.cases import lists_of
    from k20kg.report.own_case.gaps import render_gaps

    one = only_case(case, syntax, as_of)
    lists = (*read_gaps(earlier).values(), *lists_of(one).values())
    found = find_gaps(one, definition, engine=engine)
    with needs_office():
        to.write(
            render_gaps(found, to.format, [*chain(*lists)], version=__version__, **to.terminal)
        )


@writes(*FORMATS, "svg")
def timeline(
    to: Output,
    cases: Annotated[list[str], typer.Argument(metavar="CASE…", help="As for validate.")],
    reading: Readings = None,
    definition: DefinitionOption = DEFAULT_DEFINITION,
    engine: Engine = "shacl",
    syntax: Syntax = None,
) -> None:
    """Say when each criterion became and ceased to be met; as a picture with --format svg.

    Example: k20kg timeline lamsig -o lamsig.svg
    """
    from k20kg.judging.cases import read_cases
    from k20kg.judging.judge import Judge
    from k20kg.judging.timeline import timeline as judged
    from k20kg.report.timeline import render

    judge = Judge(reading or (), definition=definition, engine=engine, evidence=False)
    found = [judged(case, judge) for case in read_cases(find_sources(cases), syntax=syntax)]
    to.write(render(found, to.format, version=__version__, **to.terminal))


@writes(*FORMATS)
def reason(
    to: Output,
    cases: Cases = None,
    definition: DefinitionOption = DEFAULT_DEFINITION,
    explain: Annotated[
        list[str] | None,
        typer.Option("--explain", help="Explain this criterion; repeat for several."),
    ] = None,
    explained: Annotated[
        bool, typer.Option("--explanations/--no-explanations", help="Explain all, or nothing.")
    ] = True,
    lattice: Annotated[
        bool, typer.Option("--lattice", help="Say which definitions imply which, of all cases.")
    ] = False,
    as_of: AsOf = None,
    syntax: Syntax = None,
) -> None:
    """Say what OWL proves of a case: each criterion proved, refuted or open, and why.

    Exit code 1 says that the definition in OWL and that in SHACL disagree on a case.

    Example: k20kg reason lamsig --explain 2c
    """
    from k20kg.judging.cases import read_cases
    from k20kg.judging.dates import instant_of
    from k20kg.reasoning.reason import reason as concluded
    from k20kg.report import reasoning

    if lattice:
        to.write(reasoning.render_lattice(_lattice(), to.format))
        return
    if not cases:
        raise UsageError("nothing to reason about", remedy="name a CASE, or ask for --lattice")
    wanted = explain or (None if explained else [])
    day = f"{instant_of(as_of):%Y-%m-%dT%H:%M:%SZ}" if as_of else None
    found = []
    for case in as_it_stood(read_cases(find_sources(cases), syntax=syntax), as_of):
        with progress() as show:
            one = concluded(case, definition, explained=wanted, progress=show)
            found.append(replace(one, as_of=day))
    to.write(reasoning.render(found, to.format, version=__version__, **to.terminal))
    if any(c.contradicts for one in found for c in one.conclusions):
        say("k20kg: the definition in OWL and that in SHACL disagree; the report says where")
        raise typer.Exit(1)


def _lattice() -> list[tuple[str, str]]:
    from k20kg.reasoning.reason import lattice
    from k20kg.reasoning.reasoner import REASONERS
    from k20kg.vocabulary import shorten

    with progress() as show:
        found = []
        for name in REASONERS:
            show(f"classifying with {name}")
            found.append(lattice(name))
    if found[0] != found[1]:
        raise UsageError(
            "HermiT and Pellet disagree on the order of the classes",
            remedy="trust neither, and report it",
        )
    return sorted((shorten(a), shorten(b)) for a, b in found[0])
