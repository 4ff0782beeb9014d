"""The commands `batch` and `synthesize`: parse, call, print."""

from __future__ import annotations

import re
import sys
import time
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import typer

from k20kg.cli.options import (
    DEFAULT_DEFINITION,
    AsOf,
    DefinitionOption,
    Engine,
    FailOn,
    Readings,
    Syntax,
    failing,
    progress,
)
from k20kg.cli.output import Output, refuse_input, replacing, writes
from k20kg.errors import UsageError, install

if TYPE_CHECKING:
    from collections.abc import Iterator


@writes("jsonl", "csv", "parquet")
def batch(
    to: Output,
    cases: Annotated[
        list[str],
        typer.Argument(
            metavar="CASE…",
            help="Files, folders, 'patterns*.nq', stores, endpoints, URLs, - or shipped cases.",
        ),
    ],
    reading: Readings = None,
    definition: DefinitionOption = DEFAULT_DEFINITION,
    engine: Engine = "shacl",
    fail_on: FailOn = None,
    as_of: AsOf = None,
    syntax: Syntax = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, help="Processes; one a core by default.")
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
    """Judge many cases and write a row for each case, reading and criterion.

    Exit code 1 says that a case could not be judged, or that a verdict of --fail-on came up.

    Example: k20kg batch corpus.nq.gz -o rows.parquet
    """
    from k20kg.background import usable_cores
    from k20kg.batches.inputs import expand
    from k20kg.batches.runner import Options, judge_corpus
    from k20kg.batches.summary import summarize
    from k20kg.cli.options import find_sources
    from k20kg.definition.metadata import load_definition
    from k20kg.judging.dates import instant_of

    known = load_definition(definition)
    names = [known.reading(r).id for r in reading or ()] or [r.id for r in known.readings]
    failed = failing(fail_on)
    if as_of:
        instant_of(as_of)  # what is no date is refused before any work
    sources = expand(find_sources(cases))
    if to.out:
        refuse_input(to.out, [sources])
    options = Options(
        definition, tuple(reading or ()), engine, to.format, syntax, shuffled, strict, as_of,
        to.excel,
    )  # fmt: skip
    began = time.monotonic()
    count = usable_cores() if jobs is None else jobs
    with ExitStack() as stack:
        how: dict[str, Any] = {"resume": resume, "progress": stack.enter_context(progress())}
        if dask is not None:
            from k20kg.batches.cluster import judging_on

            how["judging"] = stack.enter_context(judging_on(dask, options, count))
        target = to.out or sys.stdout.buffer
        tally = judge_corpus(sources, target, options, jobs=count, **how)
    sys.stderr.write(summarize(tally, known, names, time.monotonic() - began))
    worst = {verdict for (_, key, verdict), n in tally.verdicts.items() if key == "overall" and n}
    if tally.faulty or worst & failed:
        raise typer.Exit(1)


def synthesize(
    cases: Annotated[int, typer.Option("--cases", "-n", min=1, help="How many cases to make up.")],
    seed: Annotated[int, typer.Option("--seed", help="Same seed, same corpus.")] = 0,
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="Mix the quads of all cases at random.")
    ] = False,
    size: Annotated[
        str | None, typer.Option("--size", help="Only thin, middling or large cases.")
    ] = None,
    out: Annotated[
        str, typer.Option("--out", "-o", help="File for the N-Quads; .gz and .zst are compressed.")
    ] = "-",
    truth: Annotated[
        Path | None,
        typer.Option(
            "--truth",
            help="File for the known verdicts, .jsonl or .csv; beside the corpus by default.",
        ),
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="Begin CSV so that Excel takes it for UTF-8.")
    ] = False,
) -> None:
    """Make up a corpus of synthetic cases whose verdicts are known.

    Example: k20kg synthesize --cases 1000 --seed 1 -o corpus.nq.gz
    """
    from k20kg.synthetic.actors import SIZES
    from k20kg.synthetic.corpus import COLUMNS, make_corpus, write_known_verdicts

    if size is not None and size not in SIZES:
        raise UsageError(f"there is no size {size!r}", remedy=f"use {', '.join(SIZES)}")
    if truth is None and out != "-":
        truth = Path(re.sub(r"\.n(?:q|quads)(?:\.gz|\.zst)?$", "", out) + ".truth.jsonl")
    as_csv = truth is not None and truth.suffix == ".csv"
    if excel and not as_csv:
        raise UsageError("--excel is for CSV", remedy="say --truth FILE.csv as well")
    with ExitStack() as stack:
        table: Any = None
        if truth:
            file = stack.enter_context(replacing(truth))
            encoding = "utf-8-sig" if excel else "utf-8"
            table = stack.enter_context(TextIOWrapper(file, encoding, newline=""))
            if as_csv:
                write_known_verdicts([COLUMNS], table, as_csv=True)
        quads = sys.stdout.buffer if out == "-" else stack.enter_context(_packed(out))
        for known in make_corpus(cases, seed, quads, shuffled=shuffled, size=size):
            if table:
                write_known_verdicts(known, table, as_csv=as_csv)


@contextmanager
def _packed(out: str) -> Iterator[BinaryIO]:
    """Open a file that is compressed if its ending says so: same corpus, same bytes."""
    with replacing(out) as file:
        if out.endswith(".gz"):
            import gzip

            # No name and no time inside.
            with gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed:
                yield cast(BinaryIO, packed)
        elif out.endswith(".zst"):
            try:
                import zstandard
            except ImportError:
                raise UsageError("Zstandard is not installed", remedy=install("corpus")) from None
            with zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed:
                yield cast(BinaryIO, packed)
        else:
            yield cast(BinaryIO, file)
