"""The commands `validate` and `check`: parse, call, print."""

from __future__ import annotations

import re
import sys
from functools import partial
from itertools import chain
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from k20kg.cli.options import (
    DEFAULT_DEFINITION,
    AsOf,
    Cases,
    DefinitionOption,
    Engine,
    FailOn,
    Readings,
    Syntax,
    failing,
    find_sources,
    needs_office,
)
from k20kg.cli.output import Output, replacing, writes
from k20kg.cli.streams import say
from k20kg.errors import K20Error, RecordError, UsageError, install
from k20kg.rdf.text import escape_controls
from k20kg.report import FORMATS
from k20kg.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from k20kg.judging.cases import Case
    from k20kg.model import Assessment
    from k20kg.report.json_ import Checked

_MOST_CASES: Final = 100
_MOST_BYTES: Final = 16 * 1024 * 1024


@writes(*FORMATS, "docx")
def validate(
    to: Output,
    cases: Cases = None,
    reading: Readings = None,
    definition: DefinitionOption = DEFAULT_DEFINITION,
    engine: Engine = "shacl",
    fail_on: FailOn = None,
    evidence: Annotated[bool, typer.Option(help="Gather the evidence behind each verdict.")] = True,
    as_of: AsOf = None,
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
    evaluator: Annotated[
        str | None, typer.Option("--evaluator", metavar="NAME", help="Evaluator, for the cover.")
    ] = None,
    period: Annotated[
        str | None, typer.Option("--period", metavar="WORDS", help="The period that was looked at.")
    ] = None,
    paper: Annotated[
        str | None, typer.Option("--paper", help="Paper of a docx: letter (the usual one), a4.")
    ] = None,
    redact: Annotated[
        bool, typer.Option("--redact", help="Put stand-ins for names, and leave out quotations.")
    ] = False,
) -> None:
    """Judge cases and write a report: verdicts, evidence, and what is missing.

    For more than a hundred cases there is batch, which writes rows.

    Example: k20kg validate my-case.ttl -o report.html
    """
    from k20kg.background import BackgroundTask
    from k20kg.judging.cases import read_cases
    from k20kg.judging.judge import Judge
    from k20kg.report import load, render

    if not (cases or store or endpoint):
        raise UsageError("nothing to judge", remedy="name a CASE, --store or --endpoint")
    sources, failed = find_sources(cases or []), failing(fail_on)
    _refuse_corpus(sources)
    _refuse_options(to, paper, redact=redact)
    if to.format == "docx":
        word = _word_writer()
    else:
        BackgroundTask(partial(load, to.format))  # while the engine is at work
    judge = Judge(reading or (), definition=definition, engine=engine, evidence=evidence)
    stored = (_stored(str(name), graph) for name in (store, endpoint) if name)
    read: list[Case] = []
    found = _collected(chain(read_cases(sources, syntax=syntax), *stored), read)
    judged = (judge.assess_at(case, as_of) for case in found) if as_of else judge.assess_all(found)
    assessments = [assessment for each in judged for assessment in each]
    for note in dict.fromkeys(note for each in assessments for note in each.notes):
        if not note.startswith("not read: "):  # which was said when it was not read
            say(f"note: {note}")
    if redact:
        from k20kg.report.content.redaction import Redaction

        assessments = Redaction(read).apply(assessments)
    assessments = [_on_the_cover(one, evaluator, period) for one in assessments]
    if to.format == "docx":
        to.write(word(assessments, version=__version__, paper=paper or "letter"))
    else:
        to.write(render(assessments, to.format, version=__version__, **to.terminal))
    if any(a.verdict.value in failed for a in assessments):
        raise typer.Exit(1)


@writes("text", "json")
def check(
    to: Output,
    cases: Cases,
    engine: Engine = "shacl",
    syntax: Syntax = None,
    mark: Annotated[
        Path | None,
        typer.Option("--mark", metavar="FILE", help="Write a copy of a workbook, faults marked."),
    ] = None,
) -> None:
    """Check that case records are well formed, without judging them.

    A note names what is seldom meant, such as a record that nothing leads to; it may be right.

    Example: k20kg check my-case.ttl
    """
    from k20kg.report.json_ import render_checked

    found: list[Checked] = []
    unreadable: K20Error | None = None
    try:
        for one in _checked(cases or [], engine, syntax):
            found.append(one)
            if to.format == "text":
                to.write(_as_text(one, to))
    except K20Error as error:
        unreadable = error
    if to.format == "json":
        not_read = [str(unreadable)] if unreadable else []
        to.write(render_checked(found, not_read, engine, version=__version__))
    if unreadable:
        raise unreadable
    if mark:
        _mark(found, mark)
    if any(one.error for one in found):
        raise typer.Exit(1)


def _checked(names: Sequence[str], engine: str, syntax: str | None) -> Iterator[Checked]:
    from k20kg.judging.cases import contents_of, read_cases
    from k20kg.judging.judge import Judge
    from k20kg.report.json_ import Checked

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
    with needs_office():
        from k20kg.sheets.marking import mark
    details = found[0].error.details if found[0].error else ()
    faults = [(where, what, remedy) for where, _, what, remedy in details]
    data = Path(found[0].origin).read_bytes()
    with replacing(out) as file:
        file.write(mark(data, found[0].origin, faults))


def _as_text(one: Checked, to: Output) -> str:
    """Return what was found; a line is folded only where a terminal shows it."""
    lines = [one.contains] if one.contains else []
    if one.error and one.contains:
        from k20kg.sheets.contents import grouped

        lines += grouped(one.error.details) or [str(one.error)]
    elif one.error:
        lines += list(one.error.faults or [str(one.error)])
    else:
        lines += [f"{one.origin}: well formed", *(f"note: {note}" for note in one.notes)]
    lines += [f"not read: {part}" for part in one.not_read]
    if sys.stdout.isatty() and not to.out:
        whole: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
        lines = [fill(x, to.terminal["width"], subsequent_indent="  ", **whole) for x in lines]
    return "".join(f"{line}\n" for line in lines)


def _collected(cases: Iterable[Case], read: list[Case]) -> Iterator[Case]:
    """Yield as many cases as a report can hold, and keep them; say what workbooks contain."""
    from k20kg.judging.cases import contents_of

    for case in cases:
        if len(read) == _MOST_CASES:
            raise _corpus(f"there are more than {_MOST_CASES} cases", case.origin)
        if contents := contents_of(case):
            say(contents)
        read.append(case)
        yield case


def _refuse_options(to: Output, paper: str | None, *, redact: bool) -> None:
    """Raise `UsageError` for an option that means nothing to a format, or Word on a terminal."""
    if to.format == "docx" and not to.out and sys.stdout.isatty():
        raise UsageError("a Word document is nothing to read here", remedy="say -o report.docx")
    if paper and to.format != "docx":
        raise UsageError("--paper is for Word", remedy="say --format docx as well")
    if paper not in (None, "letter", "a4"):
        raise UsageError(
            f"there is no paper {escape_controls(paper)!r}", remedy="choose letter or a4"
        )
    if redact and to.format in ("json", "csv", "turtle"):
        raise UsageError(
            f"{to.format} gives the address of each record, and addresses have names in them",
            where="--redact",
            remedy="choose one of text, markdown, html, docx by --format",
        )


def _word_writer() -> Callable[..., bytes]:
    try:
        from k20kg.report.word.assessments import write
    except ImportError:
        raise UsageError(
            "Word documents are written by python-docx", remedy=install("office")
        ) from None
    return write


def _on_the_cover(one: Assessment, evaluator: str | None, period: str | None) -> Assessment:
    """Return an assessment with what was said of the evaluation on the command line."""
    by = (evaluator,) if evaluator else one.record.by
    return one._replace(record=one.record._replace(by=by, period=period or one.record.period))


def _stored(name: str, graph: str | None) -> Iterator[Case]:
    from k20kg.batches.inputs import stored_cases

    yield from stored_cases(name, graph)


# ---------------------------------------------------------------- what is for `batch`


def _refuse_corpus(sources: Iterable[str | Path]) -> None:
    """Raise `UsageError` for input that only `batch` reads, or that is large."""
    size = 0
    for source in sources:
        name, path = str(source), Path(source)
        if re.match(r"[a-z][a-z0-9+.-]+:/", name) or name.endswith(".zst"):
            raise _corpus("validate reads no web addresses and no Zstandard", name)
        if (path / "CURRENT").is_file():
            raise UsageError("this is a store", where=name, remedy=f"say --store {name}")
        if re.search(r"[*?\[]", name) and not path.exists():
            raise _corpus("this is a pattern for many files", name)
        files = path.rglob("*") if path.is_dir() else [path]
        size += sum(file.stat().st_size for file in files if file.is_file())
        if size > _MOST_BYTES:
            raise _corpus(f"there is more than {_MOST_BYTES >> 20} MiB to read", name)


def _corpus(what: str, where: str) -> UsageError:
    return UsageError(
        f"{what}, which is too much for a report",
        where=where,
        remedy="k20kg batch … -o rows.jsonl writes a row for each verdict",
    )
