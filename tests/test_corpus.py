"""Corpora: how the input comes changes nothing, and whatever happens what is written is whole."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import k20kg.corpus.run as running
from k20kg.cases import read_cases
from k20kg.cli import corpus as cli_corpus
from k20kg.corpus import Interrupted, Options, Tally, judge_corpus, summarize
from k20kg.corpus.pieces import NotGroupedError, cut
from k20kg.corpus.tally import Progress
from k20kg.definitions import load_definition
from k20kg.errors import K20Error, RecordError, UsageError
from k20kg.judge import Judge, validate
from k20kg.synthetic.corpus import make_corpus
from k20kg.synthetic.invent import invent
from k20kg.synthetic.nquads import write_case
from k20kg.vocabulary import K20, packaged

CASES = 24
LINUX = sys.platform == "linux"


def corpus(cases: int = CASES, *, shuffled: bool = False) -> bytes:
    out = io.BytesIO()
    for _ in make_corpus(cases, 21, out, shuffled=shuffled, size="thin"):
        pass
    return out.getvalue()


def text_of(number: int) -> str:
    return "".join(write_case(invent(21, number, "thin")))


def rows_of(sources: list[Path | str], **how: Any) -> bytes:
    """Return the rows of a corpus as JSON Lines; fail if a case was bad."""
    out = io.BytesIO()
    said = io.StringIO()
    judge_corpus(sources, out, messages=said, **how)
    assert said.getvalue() == ""
    return out.getvalue()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("corpus") / "plain.nq"
    path.write_bytes(corpus())
    return path


@pytest.fixture(scope="module")
def expected(plain: Path) -> bytes:
    rows = rows_of([plain])
    assert rows.count(b"\n") == CASES * 18
    return rows


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_BYTES_A_BATCH", 40_000)


def as_rows(data: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in data.splitlines()]


# ---------------------------------------------------------------- the input


def test_compression_changes_nothing(plain: Path, expected: bytes, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard", reason="zstandard is not installed")
    data = plain.read_bytes()
    (tmp_path / "a.nq.gz").write_bytes(gzip.compress(data))
    (tmp_path / "a.nq.zst").write_bytes(zstandard.compress(data))
    assert rows_of([tmp_path / "a.nq.gz"]) == expected
    assert rows_of([tmp_path / "a.nq.zst"]) == expected


def test_standard_input_changes_nothing(plain: Path, expected: bytes) -> None:
    with plain.open("rb") as stream:
        assert rows_of(["-"], stdin=stream) == expected
    packed = io.BytesIO(gzip.compress(plain.read_bytes()))
    assert rows_of(["-"], stdin=packed) == expected


def test_trig_changes_nothing(plain: Path, expected: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.trig"
    quads = ox.parse(plain.read_bytes(), format=ox.RdfFormat.N_QUADS)
    path.write_bytes(cast(bytes, ox.serialize(quads, format=ox.RdfFormat.TRIG)))
    assert rows_of([path]) == expected


def test_parts_folders_and_globs_change_nothing(expected: bytes, tmp_path: Path) -> None:
    for part in range(3):
        numbers = range(part * 8, part * 8 + 8)
        (tmp_path / f"part-{part}.nq").write_text("".join(map(text_of, numbers)))
    assert rows_of([tmp_path]) == expected
    assert rows_of([str(tmp_path / "part-*.nq")]) == expected
    assert rows_of(sorted(tmp_path.glob("*.nq"))) == expected


def test_a_folder_of_one_case_files_is_that_many_cases(expected: bytes, tmp_path: Path) -> None:
    for number in range(CASES):
        quads = ox.parse(text_of(number), format=ox.RdfFormat.N_QUADS)
        turtle = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.TURTLE)
        (tmp_path / f"{number:03}.ttl").write_bytes(cast(bytes, turtle))
    assert rows_of([tmp_path]) == expected


def test_a_folder_that_is_one_case_stays_one() -> None:
    rows = as_rows(rows_of([packaged("data", "cases", "lamsig")]))
    assert {row["case"] for row in rows} == {"https://w3id.org/k20kg/case/lamsig"}
    assert len(rows) == 18


def test_rows_say_what_the_judge_says() -> None:
    folder = packaged("data", "counter-cases")
    found = {
        (r["case"], r["reading"], r["criterion"]): (
            r["verdict"], r["case_verdict"], r["missing"], r["about"],
        )
        for r in as_rows(rows_of([folder]))
    }  # fmt: skip
    judged = validate(folder, evidence=False)
    assert len(judged) > 30
    assert found == {
        (a.case, a.reading.id, f.criterion.id): (
            f.verdict.value,
            a.verdict.value,
            [gap.statement for gap in f.missing],
            [list(gap.about) for gap in f.missing],
        )
        for a in judged
        for f in a.findings
    }


@pytest.mark.parametrize("day", ["2019", "2021-06-29"])
def test_cases_are_judged_as_they_stood_on_a_day(day: str) -> None:
    folder = packaged("data", "counter-cases")
    rows = as_rows(rows_of([folder], options=Options(as_of=day)))
    found = {(r["case"], r["reading"], r["criterion"]): r["verdict"] for r in rows}
    judge = Judge(evidence=False)
    judged = [a for case in read_cases([folder]) for a in judge.assess_at(case, day)]
    assert len(judged) > 30
    assert found == {
        (a.case, a.reading.id, f.criterion.id): f.verdict.value for a in judged for f in a.findings
    }
    assert (set(found.values()) == {"not established"}) is (day == "2019")


def test_a_day_that_is_none_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no date"):
        cli_corpus.validate_corpus(
            [packaged("data", "counter-cases")],
            definition="clifford-millar-2007",
            out=str(tmp_path / "rows.jsonl"),
            as_of="last year",
        )
    assert not list(tmp_path.iterdir())


def test_a_store_on_disk_gives_the_same_verdicts(
    plain: Path, expected: bytes, tmp_path: Path
) -> None:
    store = ox.Store(str(tmp_path / "store"))
    store.bulk_load(path=str(plain), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store
    found = {
        (r["case"], r["reading"], r["criterion"], r["verdict"])
        for r in as_rows(rows_of([tmp_path / "store"]))
    }
    assert found == {
        (r["case"], r["reading"], r["criterion"], r["verdict"]) for r in as_rows(expected)
    }


def test_fsspec_reads_and_writes_urls(plain: Path, expected: bytes) -> None:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")
    with fsspec.open("memory://in/corpus.nq", "wb") as out:
        out.write(plain.read_bytes())
    judge_corpus(["memory://in/corpus.nq"], "memory://out/rows.jsonl")
    with fsspec.open("memory://out/rows.jsonl", "rb") as rows:
        assert rows.read() == expected


# ---------------------------------------------------------------- order


@pytest.mark.parametrize("told", [True, False])
def test_shuffled_quads_are_gathered(expected: bytes, tmp_path: Path, told: bool) -> None:
    path = tmp_path / "mixed.nq"
    path.write_bytes(corpus(shuffled=True))
    rows = rows_of([path], options=Options(shuffled=told))
    assert sorted(rows.splitlines()) == sorted(expected.splitlines())
    first = list(dict.fromkeys(line.split()[-2] for line in path.read_bytes().splitlines()))
    names = list(dict.fromkeys(row["case"] for row in as_rows(rows)))
    assert [f"<{name}/record>".encode() for name in names] == first


def test_cases_spread_over_files_are_gathered_when_told(expected: bytes, tmp_path: Path) -> None:
    lines = corpus().splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    for part in range(3):
        (tmp_path / f"{part}.nq").write_bytes(b"".join(lines[part::3]))
    rows = rows_of([tmp_path], options=Options(shuffled=True))
    assert sorted(rows.splitlines()) == sorted(expected.splitlines())


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

    class Dripping:
        def __init__(self) -> None:
            self.at, self.turn = 0, 0

        def read(self, size: int = -1) -> bytes:
            part = data[self.at : self.at + sizes[self.turn % len(sizes)]]
            self.at, self.turn = self.at + len(part), self.turn + 1
            return part

    pieces = list(cut(cast(BinaryIO, Dripping()), "drip", lambda *_: None))
    assert [p.graph for p in pieces] == [f"<{invent(21, n).iri}/record>" for n in range(cases)]
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


def test_unusual_writing_changes_nothing(plain: Path, expected: bytes) -> None:
    lines = plain.read_text().splitlines()
    unusual = "# a comment\n\n" + "\r\n".join(
        line.replace("> <", ">\t<", 1) if number % 7 else line + " # so"
        for number, line in enumerate(lines)
    )
    assert rows_of(["-"], stdin=io.BytesIO(unusual.encode())) == expected


# ---------------------------------------------------------------- jobs and formats


def test_jobs_and_batches_change_nothing(plain: Path, expected: bytes, small_batches: None) -> None:
    assert rows_of([plain]) == expected
    assert rows_of([plain], jobs=2) == expected


def test_one_reading_is_half_the_rows(plain: Path, expected: bytes) -> None:
    rows = rows_of([plain], options=Options(readings=("literal",)))
    assert as_rows(rows) == [row for row in as_rows(expected) if row["reading"] == "literal"]


def test_formats_hold_the_same_rows(plain: Path, expected: bytes, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    told = as_rows(expected)
    judge_corpus([plain], str(tmp_path / "r.csv"), Options(format="csv"))
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as table:
        read = list(csv.DictReader(table))
    assert [row["verdict"] for row in read] == [row["verdict"] for row in told]
    assert [row["missing"] for row in read] == ["; ".join(row["missing"]) for row in told]
    judge_corpus([plain], str(tmp_path / "r.parquet"), Options(format="parquet"))
    assert parquet.read_table(tmp_path / "r.parquet").to_pylist() == told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.csv", "r.parquet"]


def test_summary_counts_verdicts_and_reasons(plain: Path, expected: bytes) -> None:
    tally = judge_corpus([plain], io.BytesIO())
    for row in as_rows(expected):
        assert tally.verdicts[row["reading"], row["criterion"], row["verdict"]]
    text = summarize(tally, load_definition(), ["as-applied", "literal"], 2.0)
    assert text.startswith("24 cases judged, 12 cases a second\n")
    assert "What was missing most often (literal)" in text
    assert Tally.from_json(json.loads(json.dumps(tally.to_json()))) == tally


def test_progress_tells_rate_and_time_left() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = [0.0]
    out = Terminal()
    progress = Progress(1000, lambda: 250, out, clock=lambda: now[0])
    progress.show(10)
    assert out.getvalue() == ""
    now[0] = 20.0
    progress.show(100)
    assert "100 cases, 5 a second, 25 %, 1:00 left" in out.getvalue()


# ---------------------------------------------------------------- bad cases


BAD = {
    "no evidence": (lambda t: t.replace(f"<{K20}evidencedBy>", "<urn:x:evidence>"), "no evidence"),
    "misspelt": (lambda t: t.replace("onRoll>", "onRol>"), "onRol, which the vocabulary"),
    "not canonical": (lambda t: t.replace('"true"^^', '"1"^^'), "not in canonical form"),
    "script": (lambda t: t.replace("<https://w3id.org/k20kg/source/", "<javascript:"), "script"),
    "no candidate": (lambda t: t.replace("CandidateGroup>", "SubGroup>"), "no candidate group"),
    "cut off": (lambda t: t.replace(" <", " ", 1), "cannot be parsed"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_is_reported_with_its_place_and_passed_over(name: str, tmp_path: Path) -> None:
    spoil, says = BAD[name]
    good = [text_of(n) for n in range(3)]
    bad = spoil(text_of(1))
    assert bad != good[1]
    (tmp_path / "c.nq").write_text(good[0] + bad + good[2])
    said, out = io.StringIO(), io.BytesIO()
    tally = judge_corpus([tmp_path / "c.nq"], out, messages=said)
    assert (tally.cases, tally.faulty) == (2, 1)
    assert says in said.getvalue()
    first = good[0].count("\n") + 1
    place = said.getvalue().partition("c.nq:")[2]
    line = int(place[: len(place) - len(place.lstrip("0123456789"))])
    assert first <= line < first + bad.count("\n")
    assert out.getvalue() == rows_of(["-"], stdin=io.BytesIO((good[0] + good[2]).encode()))
    with pytest.raises(RecordError, match=r"c\.nq"):
        judge_corpus([tmp_path / "c.nq"], io.BytesIO(), Options(strict=True), messages=said)


def test_two_candidates_in_one_graph_are_reported(tmp_path: Path) -> None:
    two = text_of(1).replace(invent(21, 1).iri + "/record> .", invent(21, 0).iri + "/record> .")
    said = io.StringIO()
    data = (text_of(0) + two + text_of(2)).encode()
    tally = judge_corpus(["-"], io.BytesIO(), stdin=io.BytesIO(data), messages=said)
    assert (tally.cases, tally.faulty) == (1, 1)
    assert "2 candidate groups" in said.getvalue()


def test_a_file_that_cannot_be_read_does_not_hide_the_others(plain: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.nq.gz").write_bytes(gzip.compress(plain.read_bytes())[:-300])
    said = io.StringIO()
    tally = judge_corpus(
        [tmp_path / "missing.nq", tmp_path / "broken.nq.gz", plain], io.BytesIO(), messages=said
    )
    assert tally.faulty >= 2
    assert tally.cases >= CASES - 1 or "goes on here" in said.getvalue()
    assert "missing.nq" in said.getvalue()


# ---------------------------------------------------------------- interruption


def stop_after(parts: int, error: type[BaseException]) -> Any:
    """Return a way of judging that is interrupted after so many batches."""

    def judging(batches: Iterator[running.Batch]) -> Iterator[running.Part]:
        for number, batch in enumerate(batches):
            if number == parts:
                raise error
            yield running.judge_batch(batch, Options())

    return judging


@pytest.mark.parametrize("parts", [0, 1, 3])
def test_resumed_run_gives_the_same_bytes(
    plain: Path, expected: bytes, tmp_path: Path, small_batches: None, parts: int
) -> None:
    out = tmp_path / "rows.jsonl"
    with pytest.raises(Interrupted, match="--resume"):
        judge_corpus([plain], str(out), judging=stop_after(parts, KeyboardInterrupt))
    partial = out.read_bytes()
    assert expected.startswith(partial)
    assert len(partial) < len(expected)
    assert not partial or partial.endswith(b"\n")
    out.write_bytes(partial + b'{"case": "half a li')  # as if it had been killed while writing
    tally = judge_corpus([plain], str(out), resume=True)
    assert out.read_bytes() == expected
    assert tally.cases == CASES
    assert sorted(p.name for p in tmp_path.iterdir()) == ["rows.jsonl"]


def test_resumed_parquet_gives_the_same_bytes(
    plain: Path, tmp_path: Path, small_batches: None
) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    whole, parts = tmp_path / "whole.parquet", tmp_path / "parts.parquet"
    options = Options(format="parquet")
    judge_corpus([plain], str(whole), options)
    with pytest.raises(Interrupted):
        judge_corpus([plain], str(parts), options, judging=stop_after(2, KeyboardInterrupt))
    assert 0 < parquet.read_table(parts).num_rows < CASES * 18
    judge_corpus([plain], str(parts), options, resume=True)
    assert parts.read_bytes() == whole.read_bytes()


def test_resume_refuses_other_input_and_other_options(
    plain: Path, tmp_path: Path, small_batches: None
) -> None:
    out = str(tmp_path / "rows.jsonl")
    with pytest.raises(Interrupted):
        judge_corpus([plain], out, judging=stop_after(1, KeyboardInterrupt))
    with pytest.raises(UsageError, match="another input or other options"):
        judge_corpus([plain], out, Options(readings=("literal",)), resume=True)
    with pytest.raises(UsageError, match="--out FILE"):
        judge_corpus([plain], io.BytesIO(), resume=True)


SCRIPT = """
import sys
import k20kg.corpus.run as running
from k20kg.corpus import judge_corpus
from k20kg.errors import K20Error
if __name__ == "__main__":
    running._BYTES_A_BATCH = 100_000
    try:
        judge_corpus([sys.argv[1]], sys.argv[2], jobs=int(sys.argv[3]))
    except K20Error as error:
        sys.exit(str(error))
"""


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """Return a corpus that takes a second or two, and its rows."""
    path = tmp_path_factory.mktemp("longer") / "corpus.nq"
    path.write_bytes(corpus(600))
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
    end = time.monotonic() + 20
    while not out.exists() or out.stat().st_size < size:
        assert time.monotonic() < end
        time.sleep(0.005)


def finish(source: Path, out: Path, whole: bytes) -> None:
    """Check what an ended run left, and take it up."""
    patch = pytest.MonkeyPatch()
    patch.setattr(running, "_BYTES_A_BATCH", 100_000)
    partial = out.read_bytes()
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
    _, said = process.communicate(timeout=30)
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
    _, said = process.communicate(timeout=30)
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
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "it cannot be written" in said
    assert "go on with --resume" in said
    finish(source, out, whole)


# ---------------------------------------------------------------- what the command does


def test_command_judges_a_corpus_and_says_what_it_came_to(
    plain: Path, expected: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.jsonl"
    code = cli_corpus.validate_corpus(
        [plain], definition="clifford-millar-2007", out=str(out), jobs=1
    )
    assert code == 0
    assert out.read_bytes() == expected
    assert "24 cases judged" in capsys.readouterr().err


def test_command_exits_with_1_for_a_verdict_asked_for(plain: Path, tmp_path: Path) -> None:
    how: dict[str, Any] = {"definition": "clifford-millar-2007", "out": str(tmp_path / "r.csv")}
    assert cli_corpus.validate_corpus([plain], fail_on=frozenset({"not met"}), jobs=1, **how) == 1
    with pytest.raises(K20Error, match="not written as html"):
        cli_corpus.validate_corpus([plain], format="html", **how)


def test_what_counts_as_a_corpus(plain: Path, tmp_path: Path) -> None:
    assert not cli_corpus.is_corpus([plain, "-", packaged("data", "cases", "lamsig")])
    assert cli_corpus.is_corpus([str(tmp_path / "*.nq")])
    assert cli_corpus.is_corpus(["s3://bucket/corpus.nq.gz"])
    large = tmp_path / "large.nq"
    large.write_bytes(b"#" * 5_000_000)
    assert cli_corpus.is_corpus([large])
