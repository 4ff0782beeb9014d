"""Rows as JSON Lines, CSV or Parquet; and a file that can be taken up where it was left.

Results go to the file batch by batch, and a checkpoint beside it says how far it is whole. Parquet
cannot be continued, so rows are kept as JSON Lines beside it and written as Parquet at the end.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from k20kg.batch.judging import Judged
from k20kg.batch.summary import Tally
from k20kg.errors import InputError, UsageError
from k20kg.rdf.text import disarm, neutralise

FORMATS: Final = ("jsonl", "csv", "parquet")
COLUMNS: Final = (
    "case", "reading", "criterion", "code", "verdict", "case_verdict", "missing", "about",
)  # fmt: skip
_ROWS_A_GROUP: Final = 100_000


def header(format_: str, *, excel: bool = False) -> bytes:
    """Return what a file of this format begins with; for Excel, a byte order mark."""
    head = ",".join(COLUMNS) + "\r\n" if format_ == "csv" else ""
    return ("\ufeff" * excel + head).encode()


def render(cases: Iterable[Judged], format_: str) -> bytes:
    """Return the rows of cases: one for each reading and criterion; none for a faulty case.

    `missing` lists what is missing and `about`, in step with it, the IRIs of those whom it
    concerns. In CSV lists are joined by semicolons, and those of one gap by blanks.
    """
    return (_csv(cases) if format_ == "csv" else _jsonl(cases)).encode()


_tails: dict[Any, str] = {}


def _jsonl(cases: Iterable[Judged]) -> str:
    lines = []
    for judged in cases:
        if judged.fault:
            continue
        start = f'{{"case": {json.dumps(judged.case, ensure_ascii=False)}, '
        step = len(judged.rows) // len(judged.whole)
        for number, row in enumerate(judged.rows):
            whole = judged.whole[number // step]
            # Most rows come up again and again; those that name nodes do not.
            key = (row.reading, row.criterion, row.verdict, whole, row.missing)
            tail = _tails.get(key)
            if tail is None:
                tail = _tail(row, whole)
                if not any(about for _, about in row.missing):
                    _tails[key] = tail
            lines.append(start + tail)
    return "".join(lines)


def _tail(row: Any, whole: str) -> str:
    values = {
        "reading": row.reading,
        "criterion": row.criterion,
        "code": row.code,
        "verdict": row.verdict,
        "case_verdict": whole,
        "missing": [statement for statement, _ in row.missing],
        "about": [list(about) for _, about in row.missing],
    }
    return json.dumps(values, ensure_ascii=False)[1:] + "\n"


def _csv(cases: Iterable[Judged]) -> str:
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    for judged in cases:
        step = len(judged.rows) // max(1, len(judged.whole))
        for number, row in enumerate(judged.rows):
            whole = judged.whole[number // step]
            cells = [judged.case, row.reading, row.criterion, row.code, row.verdict, whole]
            cells.append("; ".join(statement for statement, _ in row.missing))
            cells.append("; ".join(" ".join(about) for _, about in row.missing))
            writer.writerow(map(disarm, cells))
    return table.getvalue()


class Sink:
    """Where the rows of a run go, whole batches at a time."""

    def __init__(
        self, out: str | BinaryIO, format_: str, run: str, *, resume: bool, head: bytes
    ) -> None:
        """Open the output, which begins with `head`; `run` tells input and options from others.

        With `resume`, what an earlier run of the same kind wrote is kept and `done` says how many
        batches that is.
        """
        self.format = format_
        self.done = 0
        self.tally = Tally()
        self._run = run
        self._path = Path(out) if isinstance(out, str) else None
        self._checkpoint: Path | None = None
        if self._path is None:
            if resume or format_ == "parquet":
                what = "--resume" if resume else "Parquet"
                raise UsageError(f"{what} needs a file to write to", remedy="say --out FILE")
            assert not isinstance(out, str)
            self._file: BinaryIO = out
            self._write(head)
            return
        self._checkpoint = self._path.with_name(self._path.name + ".checkpoint")
        self._rows_path = (
            self._path.with_name(self._path.name + ".jsonl") if format_ == "parquet" else self._path
        )
        if format_ == "parquet":
            _pyarrow()
        if resume and self._checkpoint.exists():
            self._take_up()
        elif resume and self._path.exists():
            raise UsageError(
                f"{neutralise(str(self._path))} was finished, or not begun by this command",
                remedy="leave --resume away to write it anew",
            )
        else:
            self._file = _unbuffered(self._rows_path, "wb")
            self._write(head)
            self._keep()

    def _take_up(self) -> None:
        assert self._checkpoint
        assert self._path
        known = json.loads(self._checkpoint.read_text(encoding="utf-8"))
        if known["run"] != self._run:
            raise UsageError(
                f"{neutralise(str(self._path))} is of another input or other options",
                remedy="give the same ones, or leave --resume away to start over",
            )
        self.done = known["batches"]
        self.tally = Tally.from_json(known["tally"])
        self._file = _unbuffered(self._rows_path, "r+b")
        self._file.truncate(known["bytes"])
        self._file.seek(known["bytes"])

    def add(self, rows: bytes, tally: Tally) -> None:
        """Write one batch; afterwards the file is whole up to here."""
        self._write(rows)
        self.done += 1
        self.tally.merge(tally)
        if self._checkpoint:
            self._keep()

    def _write(self, data: bytes) -> None:
        start = self._file.tell() if self._checkpoint else 0
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
            self._file.flush()
        except BrokenPipeError:
            raise
        except OSError as fault:
            if self._checkpoint:
                with suppress(OSError):  # of what is no file
                    self._file.truncate(start)
                    self._file.seek(start)
            raise self._full(fault) from None

    def _keep(self) -> None:
        """Write the checkpoint so that it is never seen half written."""
        assert self._checkpoint
        state = {
            "run": self._run,
            "batches": self.done,
            "bytes": self._file.tell(),
            "tally": self.tally.to_json(),
        }
        beside = self._checkpoint.with_name(self._checkpoint.name + ".new")
        try:
            beside.write_text(json.dumps(state), encoding="utf-8")
            beside.replace(self._checkpoint)
        except OSError as fault:
            raise self._full(fault) from None

    def _full(self, fault: OSError) -> InputError:
        where = neutralise(str(self._path)) if self._path else "<stdout>"
        return InputError(
            f"it cannot be written ({fault.strerror}); it holds {self.tally.cases:,} cases so far",
            where=where,
            remedy="make room and go on with --resume" if self._path else "make room",
        )

    def close(self, *, finished: bool) -> None:
        """Leave a valid file: of all rows if `finished`, else of those so far, to be resumed."""
        if self._path is None:
            return
        self._file.close()
        assert self._checkpoint
        if self.format == "parquet":
            try:
                _write_parquet(self._rows_path, self._path)
            except OSError as fault:
                raise self._full(fault) from None
        if finished:
            self._checkpoint.unlink(missing_ok=True)
            if self.format == "parquet":
                self._rows_path.unlink()


def _unbuffered(path: Path, mode: str) -> BinaryIO:
    """Open a file that holds nothing back, so that it can be cut where it is whole."""
    try:
        return cast(BinaryIO, path.open(mode, buffering=0))
    except OSError as fault:
        raise InputError(
            f"it cannot be written ({fault.strerror})", where=neutralise(str(path))
        ) from None


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.json
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet is written by pyarrow", remedy="pip install 'k20kg[corpus]'"
        ) from None
    return pyarrow


def _write_parquet(rows: Path, path: Path) -> None:
    """Write rows of JSON Lines as Parquet, so many at a time; the same rows give the same bytes."""
    pa = _pyarrow()
    word = pa.string()
    schema = pa.schema(
        [(name, word) for name in COLUMNS[:-2]]
        + [("missing", pa.list_(word)), ("about", pa.list_(pa.list_(word)))]
    )
    options = pa.json.ParseOptions(explicit_schema=schema)
    with rows.open("rb") as lines, pa.parquet.ParquetWriter(path, schema) as writer:
        while batch := b"".join(line for _, line in zip(range(_ROWS_A_GROUP), lines, strict=False)):
            reading = pa.json.ReadOptions(block_size=max(len(batch), 1 << 20), use_threads=False)
            writer.write_table(pa.json.read_json(io.BytesIO(batch), reading, options))
