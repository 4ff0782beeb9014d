"""A run over a corpus gives rows in several formats, counts, progress and an exit code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from corpora import as_rows, corpus, rows_of

from k20kg import validate
from k20kg.batches import Options
from k20kg.batches.runner import judge_corpus
from k20kg.batches.summary import BatchSummary, progress_words, summarize
from k20kg.cli import main
from k20kg.definition.metadata import load_definition
from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge
from k20kg.vocabulary import packaged


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


def test_jobs_and_batches_change_nothing(
    corpus_file: Path, corpus_rows: bytes, small_batches: None
) -> None:
    assert rows_of([corpus_file]) == corpus_rows
    assert rows_of([corpus_file], jobs=2) == corpus_rows


def test_one_reading_is_half_the_rows(corpus_file: Path, corpus_rows: bytes) -> None:
    rows = rows_of([corpus_file], options=Options(readings=("literal",)))
    assert as_rows(rows) == [row for row in as_rows(corpus_rows) if row["reading"] == "literal"]


def test_formats_hold_the_same_rows(corpus_file: Path, corpus_rows: bytes, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    told = as_rows(corpus_rows)
    judge_corpus([corpus_file], str(tmp_path / "r.csv"), Options(format="csv"))
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as table:
        read = list(csv.DictReader(table))
    assert [row["verdict"] for row in read] == [row["verdict"] for row in told]
    assert [row["missing"] for row in read] == ["; ".join(row["missing"]) for row in told]
    judge_corpus([corpus_file], str(tmp_path / "r.parquet"), Options(format="parquet"))
    assert parquet.read_table(tmp_path / "r.parquet").to_pylist() == told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.csv", "r.parquet"]


def test_summary_counts_verdicts_and_reasons(corpus_file: Path, corpus_rows: bytes) -> None:
    tally = judge_corpus([corpus_file], io.BytesIO())
    for row in as_rows(corpus_rows):
        assert tally.verdicts[row["reading"], row["criterion"], row["verdict"]]
    text = summarize(tally, load_definition(), ["as-applied", "literal"], 2.0)
    assert text.startswith("24 cases judged, 12 cases a second\n")
    assert "What was missing most often (literal)" in text
    assert BatchSummary.from_json(json.loads(json.dumps(tally.to_json()))) == tally


def test_progress_tells_rate_and_time_left(corpus_file: Path) -> None:
    assert progress_words(100, 20, 250, 1000) == "100 cases, 5 a second, 25 %, 1:00 left"
    assert progress_words(100, 20, 0, 0) == "100 cases, 5 a second"
    shown: list[str] = []
    judge_corpus([corpus_file], io.BytesIO(), progress=shown.append)
    assert shown[-1].startswith("24 cases, ")
    assert shown[-1].endswith(" a second, 100 %, 0:00 left")


# ---------------------------------------------------------------- the command


def test_command_judges_a_corpus_and_says_what_it_came_to(
    corpus_file: Path, corpus_rows: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.jsonl"
    assert main(["batch", str(corpus_file), "-o", str(out), "-j", "1"]) == 0
    assert out.read_bytes() == corpus_rows
    assert "24 cases judged" in capsys.readouterr().err
    assert main(["batch", str(corpus_file)]) == 0
    assert capsys.readouterr().out.encode() == corpus_rows


def test_command_exits_with_1_for_a_verdict_asked_for(corpus_file: Path, tmp_path: Path) -> None:
    line = ["batch", str(corpus_file), "-o", str(tmp_path / "r.csv"), "--fail-on"]
    assert main([*line, "not-met"]) == 1
    assert main([*line, "badly"]) == 2


def test_a_day_that_is_none_is_refused_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.jsonl"
    assert main(["batch", "lamsig", "-o", str(out), "--as-of", "last year"]) == 2
    assert "is no date" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["corpus.nq", "-f", "jsonl"], "--format: there is no format 'jsonl' here; k20kg batch"),
        (["corpus.nq", "-o", "rows.parquet"], "rows.parquet: there is no format 'parquet' here"),
        (["corpus.nq", "--jobs", "2"], "--jobs is for many cases; say k20kg batch"),
        (["part-*.nq"], "part-*.nq: this is a pattern for many files"),
        (["s3://bucket/corpus.nq.gz"], "validate reads no web addresses"),
        (["corpus.nq.zst"], "no Zstandard"),
        (["large.nq"], "large.nq: there is more than 16 MiB to read"),
        (["many.nq"], "there are more than 3 cases"),
    ],
)
def test_validate_tells_a_corpus_to_use_batch(
    words: list[str],
    said: str,
    corpus_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("k20kg.cli.judge._MOST_CASES", 3)
    (tmp_path / "corpus.nq").write_bytes(corpus_file.read_bytes())
    if words == ["large.nq"]:
        (tmp_path / "large.nq").write_bytes(b"#" * (1 + (16 << 20)))
    if words == ["many.nq"]:
        (tmp_path / "many.nq").write_bytes(corpus(4))
    before = sorted(tmp_path.iterdir())
    assert main(["validate", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "k20kg batch" in err
    assert sorted(tmp_path.iterdir()) == before
