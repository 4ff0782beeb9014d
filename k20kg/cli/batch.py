"""Commands for corpora: `synthesize`, and what `validate` does with more than a few cases."""

from __future__ import annotations

import re
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import typer

from k20kg.cli.options import ExcelOption
from k20kg.cli.streams import refuse_for_excel, writing
from k20kg.errors import InputError, UsageError
from k20kg.rdf.text import neutralise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from k20kg.synthetic.corpus import Truth

FORMATS = ("jsonl", "csv", "parquet")
_LARGE = 4 * 1024 * 1024


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(synthesize)


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
    excel: ExcelOption = False,
) -> None:
    """Make up a corpus of synthetic cases whose verdicts are known."""
    from k20kg.synthetic.cast import SIZES
    from k20kg.synthetic.corpus import make_corpus, write_truth

    if size is not None and size not in SIZES:
        raise UsageError(f"there is no size {size!r}", remedy=f"use {', '.join(SIZES)}")
    if truth is None and out != "-":
        truth = Path(re.sub(r"\.n(?:q|quads)(?:\.gz|\.zst)?$", "", out) + ".truth.jsonl")
    if excel and (not truth or truth.suffix != ".csv"):
        raise UsageError("--excel is for CSV", remedy="say --truth FILE.csv as well")
    with writing(out, truth), ExitStack() as stack:
        quads = _open_out(out, stack)
        verdicts: Any = None
        if truth:
            encoding = "utf-8-sig" if excel else "utf-8"
            verdicts = stack.enter_context(truth.open("w", encoding=encoding, newline=""))
        kept: list[Truth] = []
        for known in make_corpus(cases, seed, quads, shuffled=shuffled, size=size):
            kept += known
            if verdicts is not None and len(kept) > 10_000:
                write_truth(kept, verdicts, "csv" if truth and truth.suffix == ".csv" else "jsonl")
                kept.clear()
            elif verdicts is None:
                kept.clear()
        if verdicts is not None:
            write_truth(kept, verdicts, "csv" if truth and truth.suffix == ".csv" else "jsonl")


def _open_out(out: str, stack: ExitStack) -> BinaryIO:
    if out == "-":
        return sys.stdout.buffer
    path = Path(out)
    try:
        file = stack.enter_context(path.open("wb"))
    except OSError as fault:
        raise InputError(
            f"it cannot be written ({fault.strerror})", where=neutralise(out)
        ) from None
    if path.suffix == ".gz":
        import gzip

        # No name and no time inside: same corpus, same bytes.
        return cast(
            BinaryIO,
            stack.enter_context(gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0)),
        )
    if path.suffix == ".zst":
        try:
            import zstandard
        except ImportError:
            raise UsageError(
                "Zstandard is not installed", remedy="pip install 'k20kg[corpus]'"
            ) from None
        return cast(BinaryIO, stack.enter_context(zstandard.ZstdCompressor().stream_writer(file)))
    return file


def is_corpus(sources: Sequence[str | Path]) -> bool:
    """Tell whether the input is better judged case by case into rows than into one report.

    So it is for globs, web addresses, stores, Zstandard, and files or folders of some size.
    """
    for source in map(str, sources):
        path = Path(source)
        if re.match(r"[a-z][a-z0-9+.-]+://", source) or source.endswith(".zst"):
            return True
        if source == "-" or not path.exists():
            if re.search(r"[*?\[]", source) and source != "-":
                return True
            continue
        if path.is_dir():
            if (path / "CURRENT").is_file():
                return True
            size = 0
            for file in path.rglob("*"):
                size += file.stat().st_size if file.is_file() else 0
                if size > _LARGE:
                    return True
        elif path.stat().st_size > _LARGE:
            return True
    return False


def validate_corpus(
    sources: Sequence[str | Path],
    *,
    readings: Sequence[str] = (),
    definition: str,
    engine: str = "shacl",
    format: str | None = None,  # noqa: A002
    out: str | None = None,
    jobs: int | None = None,
    resume: bool = False,
    strict: bool = False,
    shuffled: bool = False,
    syntax: str | None = None,
    dask: str | None = None,
    as_of: str | None = None,
    fail_on: frozenset[str] = frozenset(),
    excel: bool = False,
) -> int:
    """Judge a corpus into rows, say on stderr what it came to, and return the exit code.

    0: all judged. 1: a verdict named by `fail_on`, or cases that could not be judged. The format
    is that of the output's name where none is given, else JSON Lines.
    """
    from k20kg.background import usable_cores
    from k20kg.batch import Options
    from k20kg.batch.runner import judge_corpus
    from k20kg.batch.summary import summarize
    from k20kg.definition.metadata import load_definition
    from k20kg.judging.dates import instant_of

    known = load_definition(definition)
    names = [known.reading(r).id for r in readings] or [r.id for r in known.readings]
    ending = Path(out).suffix.removeprefix(".") if out else ""
    options = Options(
        definition=definition,
        readings=tuple(readings),
        engine=engine,
        format=format or (ending if ending in FORMATS else "jsonl"),
        syntax=syntax,
        shuffled=shuffled,
        strict=strict,
        as_of=as_of,
        excel=excel,
    )
    if as_of:
        instant_of(as_of)  # what is no date is refused before any work
    if options.format not in FORMATS:
        raise UsageError(
            f"a corpus is not written as {options.format}", remedy=f"use {', '.join(FORMATS)}"
        )
    refuse_for_excel(excel, options.format)
    began = time.monotonic()
    target: str | BinaryIO = sys.stdout.buffer if out is None or out == "-" else out
    count = usable_cores() if jobs is None else jobs
    if dask is not None:
        from k20kg.batch.cluster import judge_on_cluster

        tally = judge_on_cluster(sources, target, options, dask, jobs=count, resume=resume)
    else:
        tally = judge_corpus(sources, target, options, jobs=count, resume=resume)
    sys.stderr.write(summarize(tally, known, names, time.monotonic() - began))
    worst = {verdict for (_, key, verdict), n in tally.verdicts.items() if key == "overall" and n}
    return int(bool(tally.faulty) or bool(worst & fail_on))
