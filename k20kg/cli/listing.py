"""The commands `explain`, `definitions` and `cases`: parse, call, print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from k20kg.cli.options import (
    DEFAULT_DEFINITION,
    DefinitionOption,
    ExcelOption,
    Format,
    FormatOption,
    csv_for_excel,
    look,
)
from k20kg.cli.streams import say, write, writing
from k20kg.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add `explain`, `definitions` and `cases` to the command line."""
    app.command()(csv_for_excel(explain))
    app.command()(csv_for_excel(definitions))
    app.command()(csv_for_excel(cases))


def explain(
    criterion: Annotated[
        str, typer.Argument(help="A code or name: 2c, formal-agreement; or a term: k20:Task.")
    ],
    definition: DefinitionOption = DEFAULT_DEFINITION,
    format: FormatOption = Format.text,  # noqa: A002
    excel: ExcelOption = False,
) -> None:
    """Explain a criterion: phrase, section, what counts, what would settle it, example.

    Of a term of the vocabulary: what it means, where it stands, which values it takes.
    """
    from k20kg.report import listing

    shown = listing.explain(criterion, definition, format.value, **look())
    write(shown, excel=excel, format=format.value)


def definitions(
    name: Annotated[
        str | None, typer.Argument(help="One definition, to see its criteria and readings.")
    ] = None,
    format: FormatOption = Format.text,  # noqa: A002
    excel: ExcelOption = False,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--write",
            help="Write its shapes here, one file a reading, for any SHACL engine.",
        ),
    ] = None,
) -> None:
    """List the definitions; with a name, its criteria and what each reading chooses."""
    from k20kg.report import listing

    if folder:
        with writing(folder):
            say(listing.write_bundles(name or DEFAULT_DEFINITION, folder))
    else:
        shown = listing.definitions(name, format.value, **look())
        write(shown, excel=excel, format=format.value)


def cases(
    format: FormatOption = Format.text,  # noqa: A002
    excel: ExcelOption = False,
    folder: Annotated[
        Path | None,
        typer.Option("--write", help="Write each case here as one Turtle file."),
    ] = None,
    deciding: Annotated[
        bool,
        typer.Option(
            "--deciding",
            help="With --write: the case at the instant that decides, a file a reading.",
        ),
    ] = False,
) -> None:
    """List the shipped cases; those that are made up say so."""
    from k20kg.report import listing

    if deciding and not folder:
        raise UsageError("--deciding chooses what is written", remedy="say --write DIR as well")
    if folder:
        with writing(folder):
            say(listing.write_cases(folder, deciding=deciding))
    else:
        write(listing.cases(format.value, **look()), excel=excel, format=format.value)
