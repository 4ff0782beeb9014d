"""Streams that are closed or full are told in one line; what is redirected is UTF-8 everywhere."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from scale import some

from k20kg import cli
from k20kg.sources.shipped_cases import shipped_cases

ROOT = Path(__file__).parent.parent
FULL = str(shipped_cases()["full-partnership"])
PROGRAM = f"'{sys.executable}' -m k20kg.cli"
COMMANDS = {
    "help": "--help",
    "version": "--version",
    "validate": "validate full-partnership --no-evidence",
    "rows": "batch full-partnership",
    "check": "check full-partnership",
    "explain": "explain 2c",
    "definitions": "definitions",
    "cases": "cases",
    "query": "query --sparql 'ASK {{}}' --data {case}",
    "query list": "query --list",
    "load": "load {case} --store {folder}/store",
    "compare": "compare full-partnership -d goodlad-1991",
    "sensitivity": "sensitivity full-partnership -d goodlad-1991 --no-what-if",
    "timeline": "timeline full-partnership -d goodlad-1991",
    "reason": "reason full-partnership --no-explanations -d two-organizations",
    "synthesize": "synthesize -n 2",
    "serve": "serve --port 0",
}
NO_UTF8 = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of shell in which ``k20kg`` is this program."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line.replace("k20kg ", f"{PROGRAM} ", 1)],
        capture_output=True, cwd=ROOT, timeout=120, env={**os.environ, **environment},
    )  # fmt: skip


ENDS = {
    ">/dev/full": "k20kg: <stdout>: {} cannot be written (No space left on device)",
    ">&-": "k20kg: standard output is closed",
}


@pytest.mark.parametrize(("end", "name"), some(product(ENDS, COMMANDS), sample=9))
def test_an_answer_that_nobody_takes_is_told_in_one_line(
    name: str, end: str, tmp_path: Path
) -> None:
    line = COMMANDS[name].format(case=FULL, folder=tmp_path)
    done = shell(f"k20kg {line} {end}")
    assert done.returncode == 2
    (told,) = done.stderr.decode().splitlines()
    if name == "rows":  # it says how many rows are written
        assert told.startswith("k20kg: <stdout>: it cannot be written (")
    else:
        assert told == ENDS[end].format("the answer")


@pytest.mark.parametrize("line", ["validate lamsig", "batch lamsig", "query --list"])
def test_a_pipe_that_nobody_reads_is_told_in_one_line(line: str) -> None:
    done = shell(f"k20kg {line} | true")
    assert done.returncode == 2
    assert done.stderr == b"k20kg: <stdout>: the answer was not read to its end\n"


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("batch full-partnership -o rows.jsonl", "rows.jsonl"),
        ("validate full-partnership -o report.html", "report.html"),
        ("explain 2c -o 2c.json", "2c.json"),
        ("synthesize -n 2 -o corpus.nq --truth truth.jsonl", "corpus.nq"),
        ("synthesize -n 2 --truth truth.csv", "truth.csv"),
    ],
)
def test_a_full_disk_is_told_with_the_file(line: str, where: str, tmp_path: Path) -> None:
    for name in where.split(", "):
        (tmp_path / name).symlink_to("/dev/full")
    done = shell(f"cd '{tmp_path}'; PYTHONPATH='{ROOT}' {PROGRAM} {line} >/dev/null")
    assert done.returncode == 2
    (told,) = done.stderr.decode().splitlines()
    assert told.startswith(f"k20kg: {where}: it cannot be written (No space left on device)")


def test_a_closed_or_full_stderr_changes_nothing_but_what_is_said() -> None:
    for end in ("2>&-", "2>/dev/full"):
        done = shell(f"k20kg validate nowhere.ttl {end}")
        assert (done.returncode, done.stdout) == (2, b"")
    assert shell("k20kg definitions 2>&-").stdout == shell("k20kg definitions").stdout


def test_a_closed_stdin_is_an_empty_one() -> None:
    done = shell("k20kg validate - <&-")
    assert done.returncode == 2
    assert done.stderr.startswith(b"k20kg: <stdin>: nothing came in; ")


@pytest.mark.parametrize(
    "environment",
    some(
        [
            {**NO_UTF8, "PYTHONIOENCODING": "latin-1:strict"},
            NO_UTF8,
            {"PYTHONIOENCODING": "cp1252"},
        ],
        sample=1,
    ),
)
def test_what_is_redirected_is_utf_8_whatever_the_locale(
    environment: dict[str, str], tmp_path: Path
) -> None:
    lines = {
        "text": "validate lamsig",
        "csv": "cases -f csv --excel",
        "error": "query - <<< 'SELECT “'",
    }
    for name, line in lines.items():
        here = shell(f"k20kg {line}", **environment, COLUMNS="100")
        there = shell(f"k20kg {line}", PYTHONUTF8="1", COLUMNS="100")
        assert here.stdout == there.stdout, name
        assert here.stderr == there.stderr, name
        assert (here.stdout + here.stderr).decode()
    (tmp_path / "own").mkdir()
    shell(f"k20kg cases --write '{tmp_path}/own'", **environment).check_returncode()
    shell(f"k20kg cases --write '{tmp_path}'", PYTHONUTF8="1").check_returncode()
    for file in (tmp_path / "own").iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()


def test_no_file_is_opened_in_the_encoding_of_the_locale(tmp_path: Path) -> None:
    strict = "error::EncodingWarning"
    for line in (
        "validate lamsig -f html",
        f"validate lamsig -o '{tmp_path}/report.csv'",
        f"batch lamsig -o '{tmp_path}/rows.csv'",
        f"synthesize -n 1 -o '{tmp_path}/c.nq'",
        f"load '{FULL}' --store '{tmp_path}/store'",
        "query --list",
    ):
        done = shell(f"k20kg {line}", PYTHONWARNDEFAULTENCODING="1", PYTHONWARNINGS=strict)
        assert done.returncode == 0, done.stderr.decode()


# ---------------------------------------------------------------- for Excel

CSV = (
    "validate full-partnership",
    "compare full-partnership -d goodlad-1991",
    "compare full-partnership --witness two-organizations goodlad-1991",
    "sensitivity full-partnership -d goodlad-1991 --no-what-if",
    "timeline full-partnership -d goodlad-1991",
    "explain 2c",
    "definitions",
    "cases",
    "query --list",
    "query --sparql SELECT(1AS?x){}",
)


@pytest.mark.parametrize("line", CSV)
def test_csv_for_excel_begins_with_a_byte_order_mark(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (
        line.replace("1AS", "1 AS ").split(" ") if "--sparql" not in line else line.split(" ", 2)
    )
    words[-1] = words[-1].replace("1AS?", "1 AS ?")
    assert cli.main([*words, "-f", "csv"]) == 0
    plain = capsys.readouterr().out
    assert cli.main([*words, "-f", "csv", "--excel"]) == 0
    assert capsys.readouterr().out == "\ufeff" + plain
    assert cli.main([*words, "-f", "json", "--excel"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--excel is for CSV; say --format csv" in err


def test_rows_and_known_verdicts_for_excel_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, truth = tmp_path / "rows.csv", tmp_path / "truth.csv"
    for mark in ([], ["--excel"]):
        assert cli.main(["batch", FULL, "-o", str(rows), *mark]) == 0
        out = ["-o", str(tmp_path / "c.nq"), "--truth", str(truth)]
        assert cli.main(["synthesize", "-n", "2", *out, *mark]) == 0
        assert rows.read_bytes().startswith(b"\xef\xbb\xbfcase,reading," if mark else b"case,")
        assert truth.read_bytes().startswith(b"\xef\xbb\xbfcase," if mark else b"case,")
        assert (
            rows.read_bytes().count(b"\xef\xbb\xbf")
            == truth.read_bytes().count(b"\xef\xbb\xbf")
            == len(mark)
        )
    assert cli.main(["batch", FULL, "-f", "jsonl", "--excel"]) == 2
    assert cli.main(["synthesize", "-n", "1", "--excel"]) == 2
    capsys.readouterr()
