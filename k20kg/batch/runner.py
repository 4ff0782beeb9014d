"""Run a corpus: pieces in, batches judged in this process or in others, rows out in input order."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import IO, BinaryIO, Final

from k20kg.batch.byte_streams import Counted, is_url, open_out
from k20kg.batch.inputs import expand, read_pieces, size_of
from k20kg.batch.judging import Bench
from k20kg.batch.output import Sink, header, render
from k20kg.batch.splitter import Piece
from k20kg.batch.summary import Progress, Tally
from k20kg.batch.transfer import Parcel, folder, keep_memory, unwrap, wrap
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.errors import K20Error, RecordError

_BYTES_A_BATCH: Final = 512 * 1024
_INLINE: Final = 3
"""So few batches are not worth starting processes for."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a corpus is judged. Rows depend on these and the input alone."""

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
    """Whether CSV begins with a byte order mark."""


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one batch."""

    rows: bytes
    tally: Tally
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
) -> Tally:
    """Judge every case of a corpus and write its rows; return the counts.

    Faults of single cases go to `messages` (stderr) as they come, and the run goes on, unless
    `options.strict`. Raises `Interrupted` for Ctrl-C and lost workers; the output is then whole
    as far as it goes, and a later call with `resume` goes on there.
    """
    options = options or Options()
    if isinstance(out, str) and is_url(out):
        with open_out(out) as stream:
            return judge_corpus(
                sources, stream, options, jobs=jobs, resume=resume, stdin=stdin,
                messages=messages, judging=judging,
            )  # fmt: skip
    messages = messages or sys.stderr
    names = expand(sources)
    streams: list[Counted] = []
    head = header(options.format, excel=options.excel)
    sink = Sink(out, options.format, _fingerprint(names, options), resume=resume, head=head)
    progress = Progress(size_of(names), lambda: sum(s.count for s in streams), messages)
    pieces = read_pieces(
        names, syntax=options.syntax, shuffled=options.shuffled, stdin=stdin, progress=streams
    )
    batches = islice(_batches(pieces), sink.done, None)
    judging = judging or (
        lambda b: _judge_here(b, options) if jobs < 2 else _judge_in(b, options, jobs)
    )
    finished = False
    try:
        for part in judging(batches):
            for fault in part.faults:
                if options.strict:
                    raise RecordError(fault)
                progress.clear()
                messages.write(f"k20kg: {fault}\n")
            sink.add(part.rows, part.tally)
            progress.show(sink.tally.cases)
        finished = True
    except KeyboardInterrupt:
        raise Interrupted(_so_far("stopped", sink), remedy=_remedy(out)) from None
    except BrokenProcessPool:
        raise Interrupted(
            _so_far("a worker process was lost, killed or out of memory", sink),
            remedy=_remedy(out),
        ) from None
    finally:
        progress.clear()
        sink.close(finished=finished)
    return sink.tally


def _so_far(what: str, sink: Sink) -> str:
    return f"{what}; the rows of {sink.tally.cases:,} cases are written"


def _remedy(out: str | BinaryIO) -> str:
    return "go on with --resume" if isinstance(out, str) else "start over, with --out FILE"


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


# ---------------------------------------------------------------- in this process


_benches: dict[tuple[str, tuple[str, ...], str, str | None], Bench] = {}


def judge_batch(batch: Batch, options: Options) -> Part:
    """Return the rows, counts and faults of a batch; the shapes are compiled once a process."""
    key = (options.definition, options.readings, options.engine, options.as_of)
    bench = _benches.get(key)
    if bench is None:
        bench = _benches[key] = Bench(*key)
    tally = Tally()
    readings = [r.id for r in bench.judge.plan.readings]
    cases = [bench.assess(piece) for piece in batch]
    for judged in cases:
        tally.add(judged, readings)
    faults = tuple(judged.fault for judged in cases if judged.fault)
    return Part(render(cases, options.format), tally, faults)


def _judge_here(batches: Iterator[Batch], options: Options) -> Iterator[Part]:
    return (judge_batch(batch, options) for batch in batches)


# ---------------------------------------------------------------- in several processes


def _judge_in(batches: Iterator[Batch], options: Options, jobs: int) -> Iterator[Part]:
    """Yield the parts in the order of the batches; only so many are in flight."""
    first = list(islice(batches, _INLINE))
    if len(first) < _INLINE:
        yield from _judge_here(iter(first), options)
        return
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_settle_in)
    waiting: deque[tuple[Future[Part], str]] = deque()
    with folder() as place:
        spare = [str(Path(place, str(number))) for number in range(2 * jobs + 1)]

        def finish() -> Part:
            future, path = waiting.popleft()
            spare.append(path)
            return future.result()

        try:
            for batch in chain(first, batches):
                parcel = wrap(batch, path := spare.pop())
                with _ctrl_c_held_off():  # until there are enough, each call starts a worker
                    if parcel:
                        waiting.append((pool.submit(_judge_parcel, parcel, options), path))
                    else:
                        waiting.append((pool.submit(judge_batch, batch, options), path))
                if not spare:
                    yield finish()
            while waiting:
                yield finish()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _judge_parcel(parcel: Parcel, options: Options) -> Part:
    return judge_batch(unwrap(parcel), options)


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


def _settle_in() -> None:
    """Make a worker of this process: Ctrl-C is for the parent, which closes the output first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_memory()
