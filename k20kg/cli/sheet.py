"""The commands `sheet` and `convert`: parse, call, write files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k20kg.cli.options import Syntax, find_sources
from k20kg.cli.output import replacing
from k20kg.cli.streams import say
from k20kg.errors import RecordError, UsageError

if TYPE_CHECKING:
    from k20kg.judging.cases import Case

_FullOption = Annotated[bool, typer.Option("--full", help="A sheet for every kind of record.")]


def sheet(
    case: Annotated[
        str | None, typer.Argument(metavar="[CASE]", help="A case to fill it with; else empty.")
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FILE", help="Where the workbook goes.")
    ] = Path("case.xlsx"),
    full: _FullOption = False,
    syntax: Syntax = None,
) -> None:
    """Write a workbook to enter a case in, empty or filled; no file is ever overwritten.

    What the workbook cannot carry of a case is told on stderr.

    Example: k20kg sheet -o my-case.xlsx
    """
    if out.exists():
        raise UsageError(f"there is a file {out} already", remedy="give another name by -o")
    _write_workbook(_only_case(case, syntax) if case else None, out, full)


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
    found = _only_case(case, syntax)
    if out.suffix.lower() == ".xlsx":
        _write_workbook(found, out, full)
        return
    from k20kg.judging.cases import write_flat

    with replacing(out) as file:
        file.write(write_flat(found).encode())


def _only_case(name: str, syntax: str | None) -> Case:
    """Return the one case of a source; raise if it is faulty as a workbook, or not one."""
    from k20kg.judging.cases import read_cases
    from k20kg.judging.record_check import cell_faults

    cases = list(read_cases(find_sources([name]), syntax=syntax))
    if len(cases) != 1:
        raise UsageError(
            f"{name} holds {len(cases)} cases", remedy="give one at a time: a file of its own"
        )
    if faults := cell_faults(cases[0]):
        raise RecordError.of(cases[0].origin, faults)
    return cases[0]


def _write_workbook(case: Case | None, out: Path, full: bool) -> None:
    from k20kg.sheets.filling import Filled, fill
    from k20kg.sheets.form import write_workbook
    from k20kg.sheets.plan import FULL, STARTER
    from k20kg.sheets.workbooks import workbook

    book = workbook(FULL if full else STARTER)
    filled = fill(book, case.quads, case.group) if case else Filled({}, ())
    data = write_workbook(book, filled.rows)
    with replacing(out) as file:
        file.write(data)
    for line in filled.lost:
        say(f"not in the workbook: {line}")
    if filled.lost and not full:
        say("--full writes a sheet for every kind of record")
