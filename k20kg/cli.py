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

from k20kg import __version__, cli_corpus, cli_lab, cli_query
from k20kg.errors import K20Error, RecordError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from k20kg.cases import Case
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


_ROWS = (ReportFormat.jsonl, ReportFormat.parquet)


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
    cases: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CASE…", help="Files or folders of RDF, - for standard input, or shipped cases."
        ),
    ] = None,
    reading: Readings = None,
    definition: DefinitionOption = DEFAULT,
    format: Annotated[  # noqa: A002
        ReportFormat | None, typer.Option("--format", "-f", help="How to write the answer.")
    ] = None,
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
    sources = _sources(cases or [])
    in_bulk = bool(jobs or out or resume or strict or shuffled or dask)
    if not sources and not (store or endpoint):
        raise UsageError("nothing to judge", remedy="name a CASE, --store or --endpoint")
    if in_bulk or format in _ROWS or cli_corpus.is_corpus(sources):
        if as_of or graph or not evidence:
            raise UsageError(
                "a corpus takes neither --as-of nor --graph nor --no-evidence",
                remedy="judge the cases one by one for that",
            )
        code = cli_corpus.validate_corpus(
            [*sources, *map(str, filter(None, (store, endpoint)))],
            readings=reading or (), definition=definition, engine=engine.value,
            format=format.value if format else None, out=out, jobs=jobs, resume=resume,
            strict=strict, shuffled=shuffled, syntax=syntax, dask=dask, fail_on=wanted,
        )  # fmt: skip
        raise typer.Exit(code)
    from k20kg.judge import Judge

    judge = Judge(reading or (), definition=definition, engine=engine.value, evidence=evidence)
    assessments = [
        assessment
        for case in _cases(sources, syntax, store, endpoint, graph)
        for assessment in (judge.assess_at(case, as_of) if as_of else judge.assess(case))
    ]
    _print(_render(assessments, Format(format.value) if format else Format.text))
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
cli_lab.register(app)
cli_corpus.register(app)


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


def _cases(
    sources: Sequence[str | Path],
    syntax: str | None,
    store: Path | None,
    endpoint: str | None,
    graph: str | None,
) -> Iterator[Case]:
    """Yield the cases of files, then those of a store, then those of an endpoint."""
    from k20kg.cases import read_cases

    yield from read_cases(sources, syntax=syntax)
    if store:
        from k20kg.query.fetch import iter_cases
        from k20kg.query.store import open_store

        yield from iter_cases(open_store(store), graph, origin=str(store))
    if endpoint:
        from k20kg.query.fetch import iter_cases
        from k20kg.query.remote import Endpoint

        yield from iter_cases(Endpoint(endpoint), graph, origin=endpoint)


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
