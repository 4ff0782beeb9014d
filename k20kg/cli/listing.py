"""The commands `explain`, `definitions` and `cases`: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from k20kg.cli.options import DEFAULT_DEFINITION, DefinitionOption
from k20kg.cli.output import Output, naming, writes
from k20kg.cli.streams import say
from k20kg.errors import UsageError
from k20kg.report import FORMATS


@writes(*FORMATS)
def explain(
    to: Output,
    criterion: Annotated[
        str, typer.Argument(help="A code or name: 2c, formal-agreement; or a term: k20:Task.")
    ],
    definition: DefinitionOption = DEFAULT_DEFINITION,
) -> None:
    """Explain a criterion: phrase, section, what counts, what would settle it, example.

    Of a term of the vocabulary: what it means, where it stands, which values it takes.

    Example: k20kg explain 2c
    """
    from k20kg.report import listing

    to.write(listing.explain(criterion, definition, to.format, **to.terminal))


@writes(*FORMATS)
def definitions(
    to: Output,
    name: Annotated[
        str | None, typer.Argument(help="One definition, to see its criteria and readings.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--write", help="Write its shapes here, one file a reading, for any SHACL engine."
        ),
    ] = None,
) -> None:
    """List the definitions; with a name, its criteria and what each reading chooses.

    Example: k20kg definitions clifford-millar-2007
    """
    from k20kg.report import listing

    if folder:
        with naming(folder):
            say(listing.write_bundles(name or DEFAULT_DEFINITION, folder))
    else:
        to.write(listing.definitions(name, to.format, **to.terminal))


@writes(*FORMATS)
def cases(
    to: Output,
    folder: Annotated[
        Path | None, typer.Option("--write", help="Write each case here as one Turtle file.")
    ] = None,
    deciding: Annotated[
        bool,
        typer.Option(
            "--deciding",
            help="With --write: the case at the instant that decides, a file a reading.",
        ),
    ] = False,
) -> None:
    """List the shipped cases; those that are made up say so.

    Example: k20kg cases
    """
    from k20kg.report import listing

    if deciding and not folder:
        raise UsageError("--deciding chooses what is written", remedy="say --write DIR as well")
    if folder:
        with naming(folder):
            say(listing.write_cases(folder, deciding=deciding))
    else:
        to.write(listing.cases(to.format, **to.terminal))
