"""The commands `validate` and `check`: parse, call, print."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from k20kg import __version__
from k20kg.cli.batch import is_corpus, validate_corpus
from k20kg.cli.options import (
    DEFAULT_DEFINITION,
    DefinitionOption,
    Engine,
    EngineOption,
    ExcelOption,
    Readings,
    Syntax,
    csv_for_excel,
    find_sources,
    look,
)
from k20kg.cli.streams import say, write, writing
from k20kg.errors import K20Error, RecordError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from k20kg.judging.cases import Case
    from k20kg.report.checked import Checked


class ReportFormat(StrEnum):
    """How verdicts are written: a report, or rows."""

    text = "text"
    json = "json"
    csv = "csv"
    turtle = "turtle"
    markdown = "markdown"
    html = "html"
    jsonl = "jsonl"
    parquet = "parquet"


class CheckFormat(StrEnum):
    """How `check` answers."""

    text = "text"
    json = "json"


_ROWS = (ReportFormat.jsonl, ReportFormat.parquet)


class FailOn(StrEnum):
    """A verdict that makes the command exit with 1."""

    not_met = "not-met"
    not_established = "not-established"
    contested = "contested"


def register(app: typer.Typer) -> None:
    """Add `validate` and `check` to the command line."""
    app.command()(csv_for_excel(validate))
    app.command()(check)


def validate(
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CASE…", help="Files or folders of RDF, - for standard input, or shipped cases."
        ),
    ] = None,
    reading: Readings = None,
    definition: DefinitionOption = DEFAULT_DEFINITION,
    format: Annotated[  # noqa: A002
        ReportFormat | None, typer.Option("--format", "-f", help="How to write the answer.")
    ] = None,
    excel: ExcelOption = False,
    engine: EngineOption = Engine.shacl,
    fail_on: Annotated[
        list[FailOn] | None, typer.Option("--fail-on", help="Exit 1 on this overall verdict.")
    ] = None,
    evidence: Annotated[bool, typer.Option(help="Gather the evidence behind each verdict.")] = True,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Judge what held on that day.")
    ] = None,
    syntax: Syntax = None,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Judge the cases of a store.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option("--endpoint", metavar="URL", help="Judge those of an endpoint.")
    ] = None,
    graph: Annotated[
        str | None, typer.Option("--graph", metavar="IRI", help="Only the case of this graph.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes, for a corpus.")
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", "-o", metavar="FILE", help="Where a corpus' rows go.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run cut short.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad case.")] = False,
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="The quads of a case do not lie together.")
    ] = False,
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS", help="A Dask scheduler, or local.")
    ] = None,
) -> None:
    """Judge cases: overall verdict, each criterion with its evidence, and what is missing.

    A corpus (a large file, a glob, --jobs, --out, --format jsonl or parquet) gives one row for
    each case and criterion instead of a report.
    """
    wanted = frozenset(f.value.replace("-", " ") for f in fail_on or ())
    sources = find_sources(cases or [])
    in_bulk = bool(jobs or out or resume or strict or shuffled or dask)
    if not sources and not (store or endpoint):
        raise UsageError("nothing to judge", remedy="name a CASE, --store or --endpoint")
    if in_bulk or format in _ROWS or is_corpus(sources):
        if graph or not evidence:
            raise UsageError(
                "a corpus takes neither --graph nor --no-evidence",
                remedy="judge the cases one by one for that",
            )
        code = validate_corpus(
            [*sources, *map(str, filter(None, (store, endpoint)))],
            readings=reading or (), definition=definition, engine=engine.value,
            format=format.value if format else None, out=out, jobs=jobs, resume=resume,
            strict=strict, shuffled=shuffled, syntax=syntax, dask=dask, as_of=as_of, fail_on=wanted,
            excel=excel,
        )  # fmt: skip
        raise typer.Exit(code)
    from k20kg.background import Ahead
    from k20kg.judging.judge import Judge
    from k20kg.report import load, render

    Ahead(partial(load, format.value if format else "text"))  # while the engine is at work
    judge = Judge(reading or (), definition=definition, engine=engine.value, evidence=evidence)
    found = _cases(sources, syntax, store, endpoint, graph)
    judged = (judge.assess_at(case, as_of) for case in found) if as_of else judge.assess_all(found)
    assessments = [assessment for each in judged for assessment in each]
    for note in dict.fromkeys(note for each in assessments for note in each.notes):
        if not note.startswith("not read: "):  # which was said when it was not read
            say(f"note: {note}")
    chosen = format.value if format else "text"
    answer = render(assessments, chosen, version=__version__, **look())
    write(answer, excel=excel, format=chosen)
    if any(a.verdict.value in wanted for a in assessments):
        raise typer.Exit(1)


def check(
    cases: Annotated[
        list[str],
        typer.Argument(
            metavar="CASE…", help="Files or folders of RDF, - for standard input, or shipped cases."
        ),
    ],
    format: Annotated[  # noqa: A002
        CheckFormat, typer.Option("--format", "-f", help="How to write the answer.")
    ] = CheckFormat.text,
    engine: EngineOption = Engine.shacl,
    syntax: Syntax = None,
    mark: Annotated[
        Path | None,
        typer.Option("--mark", metavar="FILE", help="Write a copy of a workbook, faults marked."),
    ] = None,
) -> None:
    """Check that case records are well formed, without judging them.

    A note names what is seldom meant, such as a record that nothing leads to; it may be right.
    """
    from k20kg.report import checked

    found: list[checked.Checked] = []
    unreadable: K20Error | None = None
    try:
        for one in _checked(cases, engine.value, syntax):
            found.append(one)
            if format is CheckFormat.text:
                write(_as_text(one))
    except K20Error as error:
        unreadable = error
    if format is CheckFormat.json:
        not_read = [str(unreadable)] if unreadable else []
        write(checked.render(found, not_read, engine.value, version=__version__))
    if unreadable:
        raise unreadable
    if mark:
        _mark(found, mark)
    if any(one.error for one in found):
        raise typer.Exit(1)


def _checked(names: Sequence[str], engine: str, syntax: str | None) -> Iterator[Checked]:
    from k20kg.judging.cases import contents_of, read_cases
    from k20kg.judging.judge import Judge
    from k20kg.report.checked import Checked

    judge = Judge(engine=engine, evidence=False)
    for case in read_cases(find_sources(names), syntax=syntax):
        error: RecordError | None = None
        notes: tuple[str, ...] = ()
        try:
            notes = tuple(map(str, judge.check(case)))
        except RecordError as found:
            error = found
        contents = contents_of(case)
        yield Checked(case.group, case.origin, error, notes, case.unread, contents)


def _mark(found: Sequence[Checked], out: Path) -> None:
    """Write a copy of the one workbook that was checked, with its faults marked."""
    if len(found) != 1 or not found[0].contains or not Path(found[0].origin).is_file():
        raise UsageError("--mark takes one workbook", remedy="check one *.xlsx at a time")
    try:
        from k20kg.sheets.marking import mark
    except ImportError:
        raise UsageError(
            "workbooks are marked by openpyxl", remedy="pip install 'k20kg[office]'"
        ) from None
    details = found[0].error.details if found[0].error else ()
    faults = [(where, what, remedy) for where, _, what, remedy in details]
    data = Path(found[0].origin).read_bytes()
    with writing(out):
        out.write_bytes(mark(data, found[0].origin, faults))


def _as_text(one: Checked) -> str:
    lines = [one.contains] if one.contains else []
    if one.error and one.contains:
        from k20kg.sheets.contents import grouped

        lines += grouped(one.error.details) or [str(one.error)]
    elif one.error:
        lines += list(one.error.faults or [str(one.error)])
    else:
        lines += [f"{one.origin}: well formed", *(f"note: {note}" for note in one.notes)]
    lines += [f"not read: {part}" for part in one.not_read]
    return "".join(f"{line}\n" for line in lines)


def _cases(
    sources: Sequence[str | Path],
    syntax: str | None,
    store: Path | None,
    endpoint: str | None,
    graph: str | None,
) -> Iterator[Case]:
    """Yield the cases of files, then those of a store, then those of an endpoint."""
    from k20kg.judging.cases import contents_of, read_cases

    for case in read_cases(sources, syntax=syntax):
        if contents := contents_of(case):
            say(contents)
        yield case
    if store:
        from k20kg.query.fetch import iter_cases
        from k20kg.query.store import open_store

        yield from iter_cases(open_store(store), graph, origin=str(store))
    if endpoint:
        from k20kg.query.fetch import iter_cases
        from k20kg.query.remote import Endpoint

        yield from iter_cases(Endpoint(endpoint), graph, origin=endpoint)
