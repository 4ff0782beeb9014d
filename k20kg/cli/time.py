"""The commands `timeline` and `reason`: parse, call, print."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from k20kg import __version__
from k20kg.cli.options import (
    DEFAULT_DEFINITION,
    AsOf,
    DefinitionOption,
    Engine,
    EngineOption,
    ExcelOption,
    Format,
    FormatOption,
    Readings,
    Syntax,
    as_it_stood,
    csv_for_excel,
    find_sources,
    look,
    progress,
)
from k20kg.cli.streams import say, write
from k20kg.errors import UsageError


class TimelineFormat(StrEnum):
    """How a timeline is written."""

    text = "text"
    json = "json"
    csv = "csv"
    turtle = "turtle"
    markdown = "markdown"
    html = "html"
    svg = "svg"


def register(app: typer.Typer) -> None:
    """Add `timeline` and `reason` to the command line."""
    app.command()(csv_for_excel(timeline))
    app.command()(csv_for_excel(reason))


def timeline(
    cases: Annotated[list[str], typer.Argument(metavar="CASE…", help="As for validate.")],
    reading: Readings = None,
    definition: DefinitionOption = DEFAULT_DEFINITION,
    format: Annotated[  # noqa: A002
        TimelineFormat, typer.Option("--format", "-f", help="How to write the answer.")
    ] = TimelineFormat.text,
    excel: ExcelOption = False,
    engine: EngineOption = Engine.shacl,
    syntax: Syntax = None,
) -> None:
    """Say when each criterion became and ceased to be met; as a picture with --format svg."""
    from k20kg.judging.cases import read_cases
    from k20kg.judging.judge import Judge
    from k20kg.judging.timeline import timeline as judged
    from k20kg.report.timeline import render

    judge = Judge(reading or (), definition=definition, engine=engine.value, evidence=False)
    found = [judged(case, judge) for case in read_cases(find_sources(cases), syntax=syntax)]
    shown = render(found, format.value, version=__version__, **look())
    write(shown, excel=excel, format=format.value)


def reason(
    cases: Annotated[
        list[str] | None, typer.Argument(metavar="CASE…", help="As for validate.")
    ] = None,
    definition: DefinitionOption = DEFAULT_DEFINITION,
    format: FormatOption = Format.text,  # noqa: A002
    excel: ExcelOption = False,
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
    """
    from k20kg.reasoning.reason import reason as concluded
    from k20kg.report import reasoning

    if lattice:
        shown = reasoning.render_lattice(_lattice(), format.value, **look())
        write(shown, excel=excel, format=format.value)
        return
    if not cases:
        raise UsageError("nothing to reason about", remedy="name a CASE, or ask for --lattice")
    from k20kg.judging.cases import read_cases
    from k20kg.judging.dates import instant_of

    wanted = explain or (None if explained else [])
    instant = instant_of(as_of) if as_of else None
    found = []
    for case in as_it_stood(read_cases(find_sources(cases), syntax=syntax), as_of):
        with progress() as show:
            one = concluded(case, definition, explained=wanted, progress=show)
            found.append(replace(one, as_of=f"{instant:%Y-%m-%dT%H:%M:%SZ}" if instant else None))
    shown = reasoning.render(found, format.value, version=__version__, **look())
    write(shown, excel=excel, format=format.value)
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
