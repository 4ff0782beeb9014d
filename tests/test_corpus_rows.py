"""What a run over a corpus gives: rows, their formats, counts, progress, and an exit code."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from corpora import as_rows, rows_of

from k20kg import validate
from k20kg.batch import Options, Tally, judge_corpus, summarize, transfer
from k20kg.batch import runner as running
from k20kg.batch.splitter import Piece
from k20kg.batch.summary import Progress
from k20kg.cli import batch as cli_batch
from k20kg.definition.metadata import load_definition
from k20kg.errors import K20Error, UsageError
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


def test_a_day_that_is_none_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no date"):
        cli_batch.validate_corpus(
            [packaged("data", "counter-cases")],
            definition="clifford-millar-2007",
            out=str(tmp_path / "rows.jsonl"),
            as_of="last year",
        )
    assert not list(tmp_path.iterdir())


def test_jobs_and_batches_change_nothing(
    corpus_file: Path, corpus_rows: bytes, small_batches: None
) -> None:
    assert rows_of([corpus_file]) == corpus_rows
    assert rows_of([corpus_file], jobs=2) == corpus_rows


@pytest.mark.usefixtures("small_batches")
def test_batches_find_their_way_without_room_in_memory(
    corpus_file: Path, corpus_rows: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / "nowhere" / "0")
    monkeypatch.setattr(running, "wrap", lambda batch, _: transfer.wrap(batch, nowhere))
    assert rows_of([corpus_file], jobs=2) == corpus_rows


def test_a_parcel_holds_its_batch_and_nothing_of_the_one_before(tmp_path: Path) -> None:
    path = str(tmp_path / "0")
    for data in (b"a longer one\n", b"short\n"):
        batch = [
            Piece("a.nq", 1, "<urn:g>", data, "ntriples"),
            Piece("a.nq", 2, "", b"", "", "bad"),
        ]
        parcel = transfer.wrap(batch, path)
        assert parcel
        assert transfer.unwrap(parcel) == batch


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


def test_command_judges_a_corpus_and_says_what_it_came_to(
    corpus_file: Path, corpus_rows: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rows.jsonl"
    code = cli_batch.validate_corpus(
        [corpus_file], definition="clifford-millar-2007", out=str(out), jobs=1
    )
    assert code == 0
    assert out.read_bytes() == corpus_rows
    assert "24 cases judged" in capsys.readouterr().err


def test_command_exits_with_1_for_a_verdict_asked_for(corpus_file: Path, tmp_path: Path) -> None:
    how: dict[str, Any] = {"definition": "clifford-millar-2007", "out": str(tmp_path / "r.csv")}
    assert (
        cli_batch.validate_corpus([corpus_file], fail_on=frozenset({"not met"}), jobs=1, **how) == 1
    )
    with pytest.raises(K20Error, match="not written as html"):
        cli_batch.validate_corpus([corpus_file], format="html", **how)


def test_what_counts_as_a_corpus(corpus_file: Path, tmp_path: Path) -> None:
    assert not cli_batch.is_corpus([corpus_file, "-", packaged("data", "cases", "lamsig")])
    assert cli_batch.is_corpus([str(tmp_path / "*.nq")])
    assert cli_batch.is_corpus(["s3://bucket/corpus.nq.gz"])
    large = tmp_path / "large.nq"
    large.write_bytes(b"#" * 5_000_000)
    assert cli_batch.is_corpus([large])
