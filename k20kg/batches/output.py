"""Rows as JSON Lines, CSV or Parquet; and a file that can be taken up where it was left.

Results go batch by batch to a file beside the output (``rows.jsonl.part``), and a checkpoint says
how far that is whole; it takes its place when the run is finished. Parquet cannot be continued, so
its rows are JSON Lines until then.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from k20kg.batches.judging import Judged, Row
from k20kg.batches.summary import BatchSummary
from k20kg.errors import InputError, UsageError, install
from k20kg.rdf.text import escape_controls, escape_formula

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
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    for judged in cases:
        name = json.dumps(judged.case, ensure_ascii=False)
        for number, row in enumerate(judged.rows):
            whole = judged.whole[number * len(judged.whole) // len(judged.rows)]
            if format_ == "csv":
                table.writerow(map(escape_formula, (judged.case, *_cells(row, whole))))
            else:
                text.write(f'{{"case": {name}, {_members(row, whole)}')
    return text.getvalue().encode()


def _cells(row: Row, whole: str) -> list[str]:
    return [
        *(row.reading, row.criterion, row.code, row.verdict, whole),
        "; ".join(statement for statement, _ in row.missing),
        "; ".join(" ".join(about) for _, about in row.missing),
    ]


_members_of: dict[tuple[Row, str], str] = {}


def _members(row: Row, whole: str) -> str:
    """Return a row as JSON but for the case; most come up again and again."""
    if found := _members_of.get((row, whole)):
        return found
    values = (
        *(row.reading, row.criterion, row.code, row.verdict, whole),
        [statement for statement, _ in row.missing],
        [about for _, about in row.missing],
    )
    found = json.dumps(dict(zip(COLUMNS[1:], values, strict=True)), ensure_ascii=False)[1:] + "\n"
    if not any(about for _, about in row.missing):
        _members_of[row, whole] = found
    return found


class Sink:
    """Target of the rows of a run, written in whole batches."""

    def __init__(
        self, out: str | BinaryIO, format_: str, run: str, *, resume: bool, head: bytes
    ) -> None:
        """Open the output, which begins with `head`; `run` tells input and options from others.

        With `resume`, what an earlier run of the same kind wrote is kept and `done` says how many
        batches that is.
        """
        self.done = 0
        self.tally = BatchSummary()
        self.where = escape_controls(out) if isinstance(out, str) else "<stdout>"
        self._run = run
        self._parquet = format_ == "parquet"
        self._path: Path | None = None
        if isinstance(out, str):
            path = Path(out).resolve()
            if path.is_file() or not path.exists():
                self._path = path
                self._part = path.with_name(f"{path.name}.part")
                self._checkpoint = path.with_name(f"{path.name}.checkpoint")
        if self._parquet:
            _pyarrow()
        if self._path is None and (resume or self._parquet):
            what = "--resume" if resume else "Parquet"
            raise UsageError(f"{what} needs a file to write to", remedy="say --out FILE")
        if resume and self._path and self._checkpoint.exists():
            self._take_up()
            return
        if resume and self._path and self._path.exists():
            raise UsageError(
                f"{self.where} was finished, or not begun by this command",
                remedy="leave --resume away to write it anew",
            )
        self._file = _unbuffered(self._part if self._path else out, "wb", self.where)
        self._write(head)
        self._keep()

    def _take_up(self) -> None:
        known = json.loads(self._checkpoint.read_text(encoding="utf-8"))
        if known["run"] != self._run:
            raise UsageError(
                f"{self.where} is of another input or other options",
                remedy="give the same ones, or leave --resume away to start over",
            )
        self.done = known["batches"]
        self.tally = BatchSummary.from_json(known["tally"])
        self._file = _unbuffered(self._part, "r+b", self.where)
        self._file.truncate(known["bytes"])
        self._file.seek(known["bytes"])

    def add(self, rows: bytes, tally: BatchSummary) -> None:
        """Write one batch; afterwards the file is whole up to here."""
        self._write(rows)
        self.done += 1
        self.tally.merge(tally)
        self._keep()

    def _write(self, data: bytes) -> None:
        start = self._file.tell() if self._path else 0
        try:
            while data:
                data = data[self._file.write(data) or 0 :]
            self._file.flush()
        except BrokenPipeError:
            raise
        except OSError as fault:
            if self._path:
                with suppress(OSError):
                    self._file.truncate(start)
                    self._file.seek(start)
            raise self._full(fault) from None

    def _keep(self) -> None:
        """Write the checkpoint so that it is never seen half written."""
        if not self._path:
            return
        state = {
            "run": self._run,
            "batches": self.done,
            "bytes": self._file.tell(),
            "tally": self.tally.to_json(),
        }
        beside = self._checkpoint.with_name(f"{self._checkpoint.name}.new")
        try:
            beside.write_text(json.dumps(state), encoding="utf-8")
            beside.replace(self._checkpoint)
        except OSError as fault:
            raise self._full(fault) from None

    def _full(self, fault: OSError) -> InputError:
        return InputError(
            f"it cannot be written ({fault.strerror}); {self.so_far}",
            where=self.where,
            remedy="make room and go on with --resume" if self._path else "make room",
        )

    @property
    def so_far(self) -> str:
        """Say how much is written and, if it can be taken up, where."""
        place = f" to {self.where}.part" if self._path else ""
        return f"the rows of {self.tally.cases:,} cases are written{place}"

    @property
    def remedy(self) -> str:
        """Say how to go on after an interruption."""
        return "go on with --resume" if self._path else "start over, with --out FILE"

    def close(self, *, finished: bool) -> None:
        """Put the file in its place if `finished`; else leave its rows so far, to be resumed."""
        if self._path is None:
            return
        self._file.close()
        if not finished:
            return
        try:
            if self._parquet:
                beside = self._path.with_name(f"{self._path.name}.new")
                _write_parquet(self._part, beside)
                beside.replace(self._path)
                self._part.unlink()
            else:
                self._part.replace(self._path)
        except OSError as fault:
            raise self._full(fault) from None
        self._checkpoint.unlink()


def _unbuffered(path: str | Path | BinaryIO, mode: str, where: str) -> BinaryIO:
    """Open a file that holds nothing back, so that it can be cut where it is whole."""
    if not isinstance(path, str | Path):
        return path
    try:
        return cast(BinaryIO, Path(path).open(mode, buffering=0))
    except OSError as fault:
        raise InputError(f"it cannot be written ({fault.strerror})", where=where) from None


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.json
        import pyarrow.parquet
    except ImportError:
        raise UsageError("Parquet is written by pyarrow", remedy=install("corpus")) from None
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
        while batch := b"".join(islice(lines, _ROWS_A_GROUP)):
            reading = pa.json.ReadOptions(block_size=max(len(batch), 1 << 20), use_threads=False)
            writer.write_table(pa.json.read_json(io.BytesIO(batch), reading, options))
