"""However a run over a corpus ends, what is written is whole, and the run can be taken up."""

from __future__ import annotations

import io
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from corpora import CASES, corpus, rows_of

import k20kg.batches.runner as running
from k20kg.batches import Options
from k20kg.batches.runner import Interrupted, judge_corpus
from k20kg.errors import UsageError

LINUX = sys.platform == "linux"
SCRIPT = """
import sys
import k20kg.batches.runner as running
from k20kg.batches import judge_corpus
from k20kg.errors import K20Error
if __name__ == "__main__":
    running._BYTES_A_BATCH = 100_000
    try:
        judge_corpus([sys.argv[1]], sys.argv[2], jobs=int(sys.argv[3]))
    except K20Error as error:
        sys.exit(str(error))
"""


def stop_after(parts: int, error: type[BaseException]) -> Any:
    """Return a way of judging that is interrupted after so many batches."""

    def judging(batches: Iterator[running.Batch]) -> Iterator[running.Part]:
        for number, batch in enumerate(batches):
            if number == parts:
                raise error
            yield running.judge_batch(batch, Options())

    return judging


def part_of(out: Path) -> Path:
    """Return the file that holds the rows until all are there."""
    return out.with_name(f"{out.name}.part")


@pytest.mark.parametrize("parts", [0, 1, 3])
def test_resumed_run_gives_the_same_bytes(
    corpus_file: Path, corpus_rows: bytes, tmp_path: Path, small_batches: None, parts: int
) -> None:
    out = tmp_path / "rows.jsonl"
    with pytest.raises(Interrupted, match="--resume"):
        judge_corpus([corpus_file], str(out), judging=stop_after(parts, KeyboardInterrupt))
    part = part_of(out)
    partial = part.read_bytes()
    assert corpus_rows.startswith(partial)
    assert len(partial) < len(corpus_rows)
    assert not partial or partial.endswith(b"\n")
    assert not out.exists()
    part.write_bytes(partial + b'{"case": "half a li')  # as if it had been killed while writing
    tally = judge_corpus([corpus_file], str(out), resume=True)
    assert out.read_bytes() == corpus_rows
    assert tally.cases == CASES
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rows.jsonl"]


def test_resumed_parquet_gives_the_same_bytes(
    corpus_file: Path, tmp_path: Path, small_batches: None
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    whole, parts = tmp_path / "whole.parquet", tmp_path / "parts.parquet"
    options = Options(format="parquet")
    judge_corpus([corpus_file], str(whole), options)
    with pytest.raises(Interrupted):
        judge_corpus([corpus_file], str(parts), options, judging=stop_after(2, KeyboardInterrupt))
    assert 0 < part_of(parts).read_bytes().count(b"\n") < CASES * 18
    judge_corpus([corpus_file], str(parts), options, resume=True)
    assert parts.read_bytes() == whole.read_bytes()
    assert parquet.read_table(parts).num_rows == CASES * 18
    assert sorted(p.name for p in tmp_path.iterdir()) == ["parts.parquet", "whole.parquet"]


def test_what_was_there_stays_until_the_new_rows_are_whole(
    corpus_file: Path, corpus_rows: bytes, tmp_path: Path, small_batches: None
) -> None:
    out = tmp_path / "rows.jsonl"
    out.write_text("of a former run\n")
    with pytest.raises(Interrupted):
        judge_corpus([corpus_file], str(out), judging=stop_after(1, KeyboardInterrupt))
    assert out.read_text() == "of a former run\n"
    judge_corpus([corpus_file], str(out), resume=True)
    assert out.read_bytes() == corpus_rows


def test_resume_refuses_other_input_and_other_options(
    corpus_file: Path, tmp_path: Path, small_batches: None
) -> None:
    out = str(tmp_path / "rows.jsonl")
    with pytest.raises(Interrupted):
        judge_corpus([corpus_file], out, judging=stop_after(1, KeyboardInterrupt))
    with pytest.raises(UsageError, match="another input or other options"):
        judge_corpus([corpus_file], out, Options(readings=("literal",)), resume=True)
    with pytest.raises(UsageError, match="--out FILE"):
        judge_corpus([corpus_file], io.BytesIO(), resume=True)


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Return a corpus that takes a second or two, and its rows."""
    path = tmp_path_factory.mktemp("longer") / "corpus.nq"
    path.write_bytes(corpus(300))
    return path, rows_of([path])


def start(folder: Path, source: Path, out: Path, jobs: int, **how: Any) -> subprocess.Popen[str]:
    script = folder / "run.py"
    script.write_text(SCRIPT)
    line = [sys.executable, script, source, out, str(jobs)]
    here = str(Path(running.__file__).parents[2])
    how["env"] = {**os.environ, "PYTHONPATH": here}
    return subprocess.Popen(list(map(str, line)), stderr=subprocess.PIPE, text=True, **how)


def wait_for(out: Path, size: int) -> None:
    """Wait until so much is written."""
    end = time.monotonic() + 60
    part = part_of(out)
    while not part.exists() or part.stat().st_size < size:
        assert time.monotonic() < end
        time.sleep(0.005)


def finish(source: Path, out: Path, whole: bytes) -> None:
    """Check what an ended run left, and take it up."""
    patch = pytest.MonkeyPatch()
    patch.setattr(running, "_BYTES_A_BATCH", 100_000)
    partial = part_of(out).read_bytes()
    assert whole.startswith(partial)
    assert partial.endswith(b"\n")
    assert len(partial) < len(whole)
    judge_corpus([source], str(out), resume=True)
    patch.undo()
    assert out.read_bytes() == whole


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_leaves_whole_rows(longer: tuple[Path, bytes], tmp_path: Path, jobs: int) -> None:
    source, whole = longer
    out = tmp_path / "rows.jsonl"
    process = start(tmp_path, source, out, jobs, start_new_session=True)
    wait_for(out, 50_000)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
    _, said = process.communicate(timeout=90)
    assert process.returncode == 1
    assert said.startswith("stopped; the rows of ")
    assert said.endswith("go on with --resume\n")
    finish(source, out, whole)


@pytest.mark.skipif(not LINUX, reason="children are found in /proc")
def test_a_killed_worker_leaves_whole_rows(longer: tuple[Path, bytes], tmp_path: Path) -> None:
    source, whole = longer
    out = tmp_path / "rows.jsonl"
    process = start(tmp_path, source, out, 2)
    wait_for(out, 50_000)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [c for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]
    os.kill(int(workers[-1]), signal.SIGKILL)
    _, said = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "a worker process was lost" in said
    assert "go on with --resume" in said
    finish(source, out, whole)


@pytest.mark.skipif(not LINUX, reason="stands in for a full disk by a limit on file size")
def test_a_full_disk_leaves_whole_rows(longer: tuple[Path, bytes], tmp_path: Path) -> None:
    source, whole = longer
    out = tmp_path / "rows.jsonl"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    process = start(tmp_path, source, out, 1, preexec_fn=limit)
    _, said = process.communicate(timeout=90)
    assert process.returncode == 1
    assert "it cannot be written" in said
    assert "go on with --resume" in said
    finish(source, out, whole)
