"""The ending of `-o` chooses the format; no output is half-written, and none is an input."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from k20kg.cli import main
from k20kg.cli.output import replacing
from k20kg.errors import InputError
from k20kg.sources.shipped_cases import shipped_cases

FULL = shipped_cases()["full-partnership"]
Captured = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("line", "ending", "format_"),
    [
        (f"validate {FULL} --no-evidence", ".html", "html"),
        (f"validate {FULL} --no-evidence", ".CSV", "csv"),
        (f"validate {FULL} --no-evidence", "", "text"),
        (f"check {FULL}", ".json", "json"),
        (f"check {FULL}", ".txt", "text"),
        ("query --list", ".md", "markdown"),
        ("query --list", ".txt", "table"),
        ("explain 2c", ".ttl", "turtle"),
        ("cases", ".csv", "csv"),
        ("definitions goodlad-1991", ".json", "json"),
        (f"timeline {FULL} -d goodlad-1991", ".svg", "svg"),
        (f"sensitivity {FULL} -d goodlad-1991 --no-what-if", ".md", "markdown"),
        (f"compare {FULL} -d goodlad-1991", ".html", "html"),
        (f"batch {FULL}", ".jsonl", "jsonl"),
    ],
)
def test_the_ending_chooses_the_format(
    line: str,
    ending: str,
    format_: str,
    tmp_path: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    out = tmp_path / f"answer{ending}"
    assert main([*line.split(), "-o", str(out)]) == 0
    assert capsys.readouterr().out == ""
    assert main([*line.split(), "-f", format_]) == 0
    assert out.read_bytes().decode().split() == capsys.readouterr().out.split()
    assert list(tmp_path.iterdir()) == [out]


def test_the_option_overrules_the_ending(tmp_path: Path) -> None:
    out = tmp_path / "cases.txt"
    assert main(["cases", "-o", str(out), "-f", "json"]) == 0
    json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cases", "-o", "cases.pdf"], "cases.pdf: there is no format '.pdf' here; choose one of"),
        (["check", "lamsig", "-o", "x.html"], "no format 'html' here; choose one of text, json"),
        (["explain", "2c", "-f", "yaml"], "--format: there is no format 'yaml' here"),
        (["batch", "lamsig", "-o", "rows.jsonl.gz"], "there is no format '.gz' here"),
        (
            ["cases", "-o", "nowhere/cases.json"],
            "nowhere/cases.json: it cannot be written (No such",
        ),
    ],
)
def test_what_cannot_be_written_is_told(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "line",
    [
        "validate case.ttl -o case.ttl",
        "validate case.ttl -o ./link.ttl",
        "validate . -o report.ttl",
        "check case.ttl -f text -o case.ttl",
        "batch case.ttl -f csv -o case.ttl",
        "batch *.ttl -f csv -o case.ttl",
        "query --sparql ASK{} --data case.ttl -f csv -o case.ttl",
    ],
)
def test_the_input_is_not_written_over(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(FULL, "case.ttl")
    Path("link.ttl").symlink_to("case.ttl")
    before = Path("case.ttl").read_bytes()
    assert main(line.split()) == 2
    assert "write to another file" in capsys.readouterr().err
    assert Path("case.ttl").read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.ttl", "link.ttl"]


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "answer.txt"
    out.write_text("before")
    with suppress(ZeroDivisionError), replacing(out) as file:
        file.write(b"half")
        raise ZeroDivisionError
    assert out.read_text() == "before"
    with replacing(out) as file:
        file.write(b"whole")
        assert out.read_text() == "before"
    assert out.read_text() == "whole"
    with pytest.raises(InputError, match="it cannot be written"), replacing(tmp_path / "a" / "b"):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["answer.txt"]


def test_what_points_elsewhere_goes_on_doing_so(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "answer.json"
    link.symlink_to(tmp_path / "there" / "answer.json")
    assert main(["cases", "-o", str(link)]) == 0
    assert link.is_symlink()
    json.loads((tmp_path / "there" / "answer.json").read_text(encoding="utf-8"))


def test_check_writes_as_far_as_it_came(tmp_path: Path) -> None:
    out = tmp_path / "checked.json"
    assert main(["check", str(FULL), str(tmp_path / "no-such.ttl"), "-o", str(out)]) == 2
    found = json.loads(out.read_text(encoding="utf-8"))
    assert len(found["cases"]) == 1
    assert "no such file" in found["not_read"][0]
