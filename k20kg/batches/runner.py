"""Run a corpus: pieces in, batches judged in this process or in others, rows out in input order."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache, partial
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

from k20kg.batches.inputs import expand, read_pieces, size_of
from k20kg.batches.judging import BatchJudge
from k20kg.batches.output import Sink, header, render
from k20kg.batches.splitter import Piece
from k20kg.batches.summary import BatchSummary, progress_words
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.errors import K20Error, RecordError
from k20kg.sources.byte_streams import is_url, open_out

_BYTES_A_BATCH: Final = 512 * 1024
_INLINE: Final = 3
"""So few batches are not worth starting processes for."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a run. Rows depend on these and the input alone."""

    definition: str = DEFAULT_DEFINITION
    readings: tuple[str, ...] = ()
    engine: str = "shacl"
    format: str = "jsonl"
    syntax: str | None = None
    shuffled: bool = False
    strict: bool = False
    as_of: str | None = None
    """The day as of which each case is judged; None: the whole record."""
    excel: bool = False
    """True if CSV begins with a byte order mark."""


@dataclass(frozen=True, slots=True)
class Part:
    """Result of one batch."""

    rows: bytes
    tally: BatchSummary
    faults: tuple[str, ...]


class Interrupted(K20Error):  # noqa: N818 - no error of the user's
    """The run ended early; what is written is whole."""


Batch = list[Piece]
Judging = Callable[[Iterator[Batch]], Iterator[Part]]


def judge_corpus(
    sources: Iterable[str | Path],
    out: str | BinaryIO,
    options: Options | None = None,
    *,
    jobs: int = 1,
    resume: bool = False,
    stdin: BinaryIO | None = None,
    messages: IO[str] | None = None,
    judging: Judging | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> BatchSummary:
    """Judge every case of a corpus and write its rows; return the counts.

    Faults of single cases go to `messages` (stderr) as they come, and the run goes on, unless
    `options.strict`. Raises `Interrupted` for Ctrl-C and lost workers; the rows written so far are
    whole, and a later call with `resume` goes on there.
    """
    options = options or Options()
    if isinstance(out, str) and is_url(out):
        with open_out(out) as stream:
            return judge_corpus(
                sources, stream, options, jobs=jobs, resume=resume, stdin=stdin,
                messages=messages, judging=judging, progress=progress,
            )  # fmt: skip
    messages = messages or sys.stderr
    names = expand(sources)
    read: list[int] = []
    head = header(options.format, excel=options.excel)
    sink = Sink(out, options.format, _fingerprint(names, options), resume=resume, head=head)
    pieces = read_pieces(
        names, syntax=options.syntax, shuffled=options.shuffled, stdin=stdin, advance=read.append
    )
    batches = islice(_batches(pieces), sink.done, None)
    judging = judging or partial(_judge_here if jobs < 2 else _judge_in(jobs), options=options)
    began, total, finished = time.monotonic(), size_of(names), False
    try:
        for part in judging(batches):
            for fault in part.faults:
                if options.strict:
                    raise RecordError(fault)
                progress("")
                messages.write(f"k20kg: {fault}\n")
            sink.add(part.rows, part.tally)
            read[:] = [sum(read)]
            progress(progress_words(sink.tally.cases, time.monotonic() - began, read[0], total))
        finished = True
    except KeyboardInterrupt:
        raise Interrupted(f"stopped; {sink.so_far}", remedy=sink.remedy) from None
    except BrokenProcessPool:
        what = "a worker process was lost, killed or out of memory"
        raise Interrupted(f"{what}; {sink.so_far}", remedy=sink.remedy) from None
    finally:
        sink.close(finished=finished)
    return sink.tally


def _fingerprint(names: Iterable[str], options: Options) -> str:
    """Return what tells this input and these options from others."""
    files = []
    for name in names:
        path = Path(name)
        known = path.stat() if name != "-" and path.is_file() else None
        files.append([name, known.st_size if known else None, known.st_mtime_ns if known else None])
    told = json.dumps([files, asdict(options), _BYTES_A_BATCH], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def _batches(pieces: Iterable[Piece]) -> Iterator[Batch]:
    """Yield pieces by the batch; where batches end depends on the input alone."""
    batch: Batch = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.data)
        if size >= _BYTES_A_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


_judge_of = cache(BatchJudge)


def judge_batch(batch: Batch, options: Options) -> Part:
    """Return the rows, counts and faults of a batch; the shapes are compiled once a process."""
    judge = _judge_of(options.definition, options.readings, options.engine, options.as_of)
    tally = BatchSummary()
    readings = [r.id for r in judge.judge.compiled.readings]
    cases = [judge.assess(piece) for piece in batch]
    for judged in cases:
        tally.add(judged, readings)
    faults = tuple(judged.fault for judged in cases if judged.fault)
    return Part(render(cases, options.format), tally, faults)


def _judge_here(batches: Iterator[Batch], options: Options) -> Iterator[Part]:
    return (judge_batch(batch, options) for batch in batches)


def _judge_in(jobs: int) -> Callable[..., Iterator[Part]]:
    """Return the way of judging in so many processes."""

    def judging(batches: Iterator[Batch], options: Options) -> Iterator[Part]:
        first = list(islice(batches, _INLINE))
        if len(first) < _INLINE:
            yield from _judge_here(iter(first), options)
            return
        with ProcessPoolExecutor(jobs, get_context("spawn"), _leave_ctrl_c_to_the_parent) as pool:

            def submit(batch: Batch) -> Future[Part]:
                with _ctrl_c_held_off():  # until there are enough, each call starts a worker
                    return pool.submit(judge_batch, batch, options)

            yield from in_order(chain(first, batches), submit, 2 * jobs)

    return judging


def in_order(batches: Iterable[Batch], submit: Callable[[Batch], Any], most: int) -> Iterator[Part]:
    """Yield the parts in the order of the batches; only so many are on their way."""
    waiting: deque[Any] = deque()
    try:
        for batch in batches:
            waiting.append(submit(batch))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


@contextmanager
def _ctrl_c_held_off() -> Iterator[None]:
    """Let Ctrl-C wait for a moment; processes started meanwhile never hear it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _leave_ctrl_c_to_the_parent() -> None:
    """Ignore Ctrl-C in a worker: the parent closes the output first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
