"""A corpus gives the same rows packed, in parts and in any order."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import cast

import pyoxigraph as ox
import pytest
from corpora import CASES, as_rows, corpus, rows_of, text_of
from hypothesis import given, settings
from hypothesis import strategies as st

from k20kg.batches import Options
from k20kg.batches.runner import judge_corpus
from k20kg.batches.splitter import NotGroupedError, cut
from k20kg.cli import main
from k20kg.synthetic.generator import make_case
from k20kg.vocabulary import packaged


def test_compression_changes_nothing(corpus_file: Path, corpus_rows: bytes, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard", reason="zstandard is not installed")
    data = corpus_file.read_bytes()
    (tmp_path / "a.nq.gz").write_bytes(gzip.compress(data))
    (tmp_path / "a.nq.zst").write_bytes(zstandard.compress(data))
    assert rows_of([tmp_path / "a.nq.gz"]) == corpus_rows
    assert rows_of([tmp_path / "a.nq.zst"]) == corpus_rows


def test_standard_input_changes_nothing(corpus_file: Path, corpus_rows: bytes) -> None:
    with corpus_file.open("rb") as stream:
        assert rows_of(["-"], stdin=stream) == corpus_rows
    packed = io.BytesIO(gzip.compress(corpus_file.read_bytes()))
    assert rows_of(["-"], stdin=packed) == corpus_rows


def test_trig_changes_nothing(corpus_file: Path, corpus_rows: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.trig"
    quads = ox.parse(corpus_file.read_bytes(), format=ox.RdfFormat.N_QUADS)
    path.write_bytes(cast(bytes, ox.serialize(quads, format=ox.RdfFormat.TRIG)))
    assert rows_of([path]) == corpus_rows


def test_parts_folders_and_globs_change_nothing(corpus_rows: bytes, tmp_path: Path) -> None:
    for part in range(3):
        numbers = range(part * 8, part * 8 + 8)
        (tmp_path / f"part-{part}.nq").write_text("".join(map(text_of, numbers)))
    assert rows_of([tmp_path]) == corpus_rows
    assert rows_of([str(tmp_path / "part-*.nq")]) == corpus_rows
    assert rows_of(sorted(tmp_path.glob("*.nq"))) == corpus_rows


def test_a_folder_of_one_case_files_is_that_many_cases(corpus_rows: bytes, tmp_path: Path) -> None:
    for number in range(CASES):
        quads = ox.parse(text_of(number), format=ox.RdfFormat.N_QUADS)
        turtle = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.TURTLE)
        (tmp_path / f"{number:03}.ttl").write_bytes(cast(bytes, turtle))
    assert rows_of([tmp_path]) == corpus_rows


def test_a_folder_that_is_one_case_stays_one() -> None:
    rows = as_rows(rows_of([packaged("data", "cases", "lamsig")]))
    assert {row["case"] for row in rows} == {"https://w3id.org/k20kg/case/lamsig"}
    assert len(rows) == 18


def test_a_store_on_disk_gives_the_same_verdicts(
    corpus_file: Path, corpus_rows: bytes, tmp_path: Path
) -> None:
    store = ox.Store(str(tmp_path / "store"))
    store.bulk_load(path=str(corpus_file), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    found = {
        (r["case"], r["reading"], r["criterion"], r["verdict"])
        for r in as_rows(rows_of([tmp_path / "store"]))
    }
    assert found == {
        (r["case"], r["reading"], r["criterion"], r["verdict"]) for r in as_rows(corpus_rows)
    }


def test_fsspec_reads_and_writes_urls(corpus_file: Path, corpus_rows: bytes) -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    with fsspec.open("memory://in/corpus.nq", "wb") as out:
        out.write(corpus_file.read_bytes())
    judge_corpus(["memory://in/corpus.nq"], "memory://out/rows.jsonl")
    with fsspec.open("memory://out/rows.jsonl", "rb") as rows:
        assert rows.read() == corpus_rows
    line = ["batch", "memory://in/corpus.nq", "-o", "memory://out/by-command.jsonl", "-j", "1"]
    assert main(line) == 0
    with fsspec.open("memory://out/by-command.jsonl", "rb") as rows:
        assert rows.read() == corpus_rows


@pytest.mark.parametrize("told", [True, False])
def test_shuffled_quads_are_gathered(corpus_rows: bytes, tmp_path: Path, told: bool) -> None:
    path = tmp_path / "mixed.nq"
    path.write_bytes(corpus(shuffled=True))
    rows = rows_of([path], options=Options(shuffled=told))
    assert sorted(rows.splitlines()) == sorted(corpus_rows.splitlines())
    first = list(dict.fromkeys(line.split()[-2] for line in path.read_bytes().splitlines()))
    names = list(dict.fromkeys(row["case"] for row in as_rows(rows)))
    assert [f"<{name}/record>".encode() for name in names] == first


def test_cases_spread_over_files_are_gathered_when_told(corpus_rows: bytes, tmp_path: Path) -> None:
    lines = corpus().splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    for part in range(3):
        (tmp_path / f"{part}.nq").write_bytes(b"".join(lines[part::3]))
    rows = rows_of([tmp_path], options=Options(shuffled=True))
    assert sorted(rows.splitlines()) == sorted(corpus_rows.splitlines())


def test_a_case_that_goes_on_later_stops_the_run(tmp_path: Path) -> None:
    """Its first part was judged by then, so going on would leave a wrong row behind."""
    one, two = text_of(0).splitlines(keepends=True), text_of(1)
    (tmp_path / "a.nq").write_text("".join(one[:20]) + two)
    (tmp_path / "b.nq").write_text("".join(one[20:]) + text_of(2))
    with pytest.raises(NotGroupedError, match=r"b\.nq:1: .*--shuffled"):
        judge_corpus([tmp_path], io.BytesIO(), messages=io.StringIO())


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 9000), min_size=1, max_size=30), cases=st.integers(1, 4))
def test_how_a_stream_arrives_changes_no_piece(sizes: list[int], cases: int) -> None:
    data = "".join(map(text_of, range(cases))).encode()

    def chunks() -> Iterator[bytes]:
        stream = io.BytesIO(data)
        for size in cycle(sizes):
            if not (part := stream.read(size)):
                return
            yield part

    pieces = list(cut(chunks(), "drip", lambda *_: None))
    assert [p.graph for p in pieces] == [f"<{make_case(21, n).iri}/record>" for n in range(cases)]
    whole = b"".join(p.data.replace(b" .\n", f" {p.graph} .\n".encode()) for p in pieces)
    assert whole == data
    starts = [data[: data.find(p.graph.encode())].count(b"\n") + 1 for p in pieces]
    assert [p.line for p in pieces] == starts


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_lines_changes_no_verdict(chance: random.Random) -> None:
    texts = [text_of(number) for number in range(3)]
    lines = [line for text in texts for line in text.splitlines(keepends=True)]
    chance.shuffle(lines)
    plain = rows_of(["-"], stdin=io.BytesIO("".join(texts).encode()))
    mixed = rows_of(
        ["-"], stdin=io.BytesIO("".join(lines).encode()), options=Options(syntax="nquads")
    )
    assert sorted(plain.splitlines()) == sorted(mixed.splitlines())


def test_unusual_writing_changes_nothing(corpus_file: Path, corpus_rows: bytes) -> None:
    lines = corpus_file.read_text().splitlines()
    unusual = "# a comment\n\n" + "\r\n".join(
        line.replace("> <", ">\t<", 1) if number % 7 else line + " # so"
        for number, line in enumerate(lines)
    )
    assert rows_of(["-"], stdin=io.BytesIO(unusual.encode())) == corpus_rows
