"""The commands `sheet`, `new` and `convert`: parse, call, write files."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Annotated

import typer

from k20kg.cli.options import (
    DEFAULT_DEFINITION,
    DefinitionOption,
    Syntax,
    needs_office,
    only_case,
    read_gaps,
)
from k20kg.cli.output import naming, replacing
from k20kg.cli.streams import say
from k20kg.errors import K20Error, RecordError, UsageError

if TYPE_CHECKING:
    from k20kg.judging.cases import Case

    Lists = dict[str, list[dict[str, str | float]]]

_FullOption = Annotated[bool, typer.Option("--full", help="A sheet for every kind of record.")]


def sheet(
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help="A case to fill it with; else empty.")
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where the workbook goes.")
    ] = Path("case.xlsx"),
    full: _FullOption = False,
    gaps: Annotated[
        Path | None,
        typer.Option("--gaps", metavar="FILE", help="A list that `gaps` wrote, to keep with it."),
    ] = None,
    syntax: Syntax = None,
) -> None:
    """Write a workbook to enter a case in, empty or filled; no file is ever overwritten.

    What the workbook cannot carry of a case is told on stderr.

    Example: k20kg sheet -o my-case.xlsx
    """
    if out.suffix.lower() != ".xlsx":
        raise UsageError(f"{out} is no *.xlsx", remedy="give it this end; others are only read")
    if out.exists():
        raise UsageError(f"there is a file {out} already", remedy="give another name by -o")
    found = only_case(case, syntax) if case else None
    _write_workbook(found, out, full, read_gaps(gaps))


def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder to make.")],
    definition: DefinitionOption = DEFAULT_DEFINITION,
) -> None:
    """Make a folder for a case of your own: a workbook, a Turtle skeleton, and a README.

    Example: k20kg new my-case
    """
    if folder.exists():
        raise UsageError(f"there is {folder} already", remedy="give another name")
    with needs_office():
        from k20kg.report.own_case.new_case import new_case
    files = new_case(folder.resolve().name, definition)
    with naming(folder):
        beside = folder.resolve().with_name(f".{folder.resolve().name}.{os.getpid()}.new")
        beside.mkdir()
        try:
            for name, content in files.items():
                (beside / name).write_bytes(content)
            beside.rename(folder)
        finally:
            rmtree(beside, ignore_errors=True)
    say(f"made {folder}: {', '.join(files)}; next: k20kg check {folder}")


def convert(
    case: Annotated[
        str, typer.Argument(metavar="CASE", help="A workbook, a file or folder of RDF, or -.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="What to write: *.xlsx or *.ttl.")
    ],
    full: _FullOption = False,
    syntax: Syntax = None,
) -> None:
    """Turn a workbook into Turtle, or a case into a workbook; the same bytes each time.

    Example: k20kg convert my-case.xlsx -o my-case.ttl
    """
    if out.suffix.lower() not in (".xlsx", ".ttl"):
        raise UsageError(f"{out} is neither *.xlsx nor *.ttl", remedy="give it one of these ends")
    found = only_case(case, syntax)
    if out.suffix.lower() == ".xlsx":
        _write_workbook(found, out, full, {})
        return
    from k20kg.judging.cases import lists_of, write_flat

    with replacing(out) as file:
        file.write(write_flat(found).encode())
    for rows in lists_of(found).values():
        say(f"not in {out}: the list of what to ask ({len(rows)} rows)")


def _write_workbook(case: Case | None, out: Path, full: bool, lists: Lists) -> None:
    from k20kg.judging.cases import contents_of, lists_of
    from k20kg.sheets.filling import Filled, fill
    from k20kg.sheets.form import write_workbook
    from k20kg.sheets.schema import FULL, STARTER
    from k20kg.sheets.workbooks import workbook

    book = workbook(FULL if full else STARTER)
    filled = fill(book, case.quads, case.group) if case else Filled({}, ())
    rows = filled.rows | (lists_of(case) if case else {}) | lists
    data = write_workbook(book, rows)
    with replacing(out) as file:
        file.write(data)
    if case and contents_of(case):
        say("not in the workbook: colours, and notes that begin with #")
    for line in filled.lost:
        say(f"not in the workbook: {line}")
    if filled.lost and not full:
        say("--full writes a sheet for every kind of record")
        if case and (warning := _other_verdicts(case, out)):
            say(warning)


def _other_verdicts(case: Case, out: Path) -> str:
    """Return what to say where a workbook is judged otherwise than the case that it was made of."""
    from k20kg.judging.cases import read_cases
    from k20kg.judging.judge import Judge

    judge = Judge(evidence=False)
    try:
        before = judge.assess(case)
    except RecordError:
        return ""  # the case has no verdict either
    try:
        (again,) = read_cases([out])
        after = judge.assess(again)
    except K20Error:
        return f"{out} cannot be judged as it is, and the case can: use --full"
    both = ([f for one in judged for f in one.findings] for judged in (before, after))
    pairs = zip(*both, strict=True)
    others = sorted({f.criterion.code for f, g in pairs if f.verdict is not g.verdict})
    return f"{out} gives other verdicts on {', '.join(others)}: use --full" if others else ""
