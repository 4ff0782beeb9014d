"""A corpus on a Dask cluster of separate processes: same rows, also when one of them is killed."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import k20kg.batches.runner as running
from k20kg.batches import Options
from k20kg.batches.cluster import connect, judge_with, judging_on
from k20kg.batches.runner import judge_corpus
from k20kg.errors import InputError
from k20kg.synthetic.corpus import make_corpus

pytest.importorskip("distributed", reason="Dask is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    import dask

    with dask.config.set({"distributed.comm.timeouts.connect": "20s"}):
        one = connect("local", 2)
        yield one
        cluster = one.cluster
        one.close()
        cluster.close()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    path = tmp_path_factory.mktemp("cluster") / "corpus.nq"
    with path.open("wb") as out:
        for _ in make_corpus(150, 31, out, size="thin"):
            pass
    rows = io.BytesIO()
    judge_corpus([path], rows)
    assert rows.getvalue().count(b"\n") == 150 * 18
    return path, rows.getvalue()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_BYTES_A_BATCH", 100_000)


def test_workers_are_processes_of_their_own(client: Any) -> None:
    pids = set(client.run(os.getpid).values())
    assert len(pids) == 2
    assert os.getpid() not in pids


def test_cluster_gives_the_same_rows(client: Any, corpus: tuple[Path, bytes]) -> None:
    path, expected = corpus
    rows = io.BytesIO()
    with judging_on(client.scheduler.address, Options()) as judging:
        tally = judge_corpus([path], rows, judging=judging)
    assert rows.getvalue() == expected
    assert tally.cases == 150


def test_a_killed_worker_costs_its_batches_only(client: Any, corpus: tuple[Path, bytes]) -> None:
    path, expected = corpus
    before = set(client.run(os.getpid).values())
    killed = min(before)

    def judging(batches: Iterator[running.Batch]) -> Iterator[running.Part]:
        for number, part in enumerate(judge_with(client, batches, Options())):
            if number == 1:
                os.kill(killed, signal.SIGKILL)
            yield part

    rows = io.BytesIO()
    judge_corpus([path], rows, judging=judging)
    assert rows.getvalue() == expected
    client.wait_for_workers(2, timeout=30)
    assert killed not in set(client.run(os.getpid).values())


def test_urls_are_read_and_written(client: Any, corpus: tuple[Path, bytes]) -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    path, expected = corpus
    out = "memory://cluster/rows.jsonl"
    with judging_on(client.scheduler.address, Options()) as judging:
        judge_corpus([f"file://{path}"], out, judging=judging)
    with fsspec.open(out, "rb") as rows:
        assert rows.read() == expected


def test_an_absent_scheduler_is_named() -> None:
    import dask

    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(InputError, match=r"127\.0\.0\.1:9.*no Dask scheduler answers"),
    ):
        judging_on("tcp://127.0.0.1:9", Options()).__enter__()
