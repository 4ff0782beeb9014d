"""The command line as its users meet it: a process, its two streams, its exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from scale import some

from k20kg.cli import main
from k20kg.judging.cases import read_cases, write_flat
from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases

ROOT = Path(__file__).parent.parent
CASES = shipped_cases()
FULL = CASES["full-partnership"]
RECORD = publish(FULL)
VENDING = CASES["vending-machine-contract"]
FORMATS = ["text", "json", "csv", "turtle", "markdown", "html"]

Captured = pytest.CaptureFixture[str]


def run(capsys: Captured, *words: str | Path) -> tuple[int, str, str]:
    code = main([str(w) for w in words])
    out, err = capsys.readouterr()
    return code, out, err


# ---------------------------------------------------------------- the main job


def test_lamsig_is_a_partnership_as_applied_and_not_established_literally(capsys: Captured) -> None:
    code, out, err = run(capsys, "validate", "lamsig")
    assert code == 0
    assert err == ""
    head = out.splitlines()[1]
    assert "✔ K-20 partnership" in head
    assert "◌ not established" in head
    for words in (
        "Shared goal",
        "Joint work",
        "Chart 3",
        "California State University, Northridge",
    ):
        assert words in out
    assert "signature" in out
    assert "k20:" not in out


def test_the_reasons_of_the_literal_reading_are_those_of_the_paper(capsys: Captured) -> None:
    code, out, _ = run(capsys, "validate", "lamsig", "-r", "literal", "-f", "json")
    assert code == 0
    (one,) = json.loads(out)["assessments"]
    verdicts = {c["id"]: c["verdict"] for c in one["criteria"]}
    assert one["verdict"] == "not established"
    met = ["shared-goal", "routine", "k12-member", "higher-ed-member"]
    assert [i for i, v in verdicts.items() if v == "met"] == met
    assert {v for i, v in verdicts.items() if i not in met} == {"not established"}


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_comes_out_whole_and_twice_the_same(kind: str, capsys: Captured) -> None:
    first = run(capsys, "validate", "lamsig", VENDING, "-f", kind)
    assert first == run(capsys, "validate", "lamsig", VENDING, "-f", kind)
    code, out, err = first
    assert (code, err) == (0, "")
    if kind == "json":
        assert len(json.loads(out)["assessments"]) == 4
    elif kind == "csv":
        assert len(list(csv.DictReader(io.StringIO(out)))) == 4 * 10
    elif kind == "turtle":
        quads = list(ox.parse(out.encode(), format=ox.RdfFormat.TURTLE))
        conforms = [q.object.value for q in quads if q.predicate.value.endswith("shacl#conforms")]
        assert sorted(conforms) == ["false", "false", "false", "true"]
    else:
        assert "Los Angeles Middle School Immersion" in out


@pytest.mark.parametrize(
    "name", some(["guie", "benefit-denied", "full-partnership", "lamsig"], sample=2)
)
def test_the_reference_engine_gives_the_same_bytes_but_for_its_name(
    name: str, capsys: Captured
) -> None:
    _, fast, _ = run(capsys, "validate", name, "-f", "json")
    _, reference, _ = run(capsys, "validate", name, "-f", "json", "--engine", "pyshacl")
    assert '"engine": "shacl"' in fast
    assert fast.replace('"engine": "shacl"', '"engine": "pyshacl"') == reference


# ---------------------------------------------------------------- what goes in


@pytest.mark.parametrize(
    ("suffix", "syntax"),
    [
        (".ttl", ox.RdfFormat.TURTLE),
        (".trig", ox.RdfFormat.TRIG),
        (".nt", ox.RdfFormat.N_TRIPLES),
        (".nq", ox.RdfFormat.N_QUADS),
        (".jsonld", ox.RdfFormat.JSON_LD),
        (".rdf", ox.RdfFormat.RDF_XML),
    ],
)
def test_the_syntax_changes_no_verdict(
    suffix: str, syntax: ox.RdfFormat, tmp_path: Path, capsys: Captured
) -> None:
    (case,) = read_cases([FULL])
    path = tmp_path / f"case{suffix}"
    path.write_bytes(ox.serialize((q.triple for q in case.quads), format=syntax))
    code, out, _ = run(capsys, "validate", path, "-f", "json", "--no-evidence")
    assert code == 0
    found = json.loads(out)["assessments"]
    assert [(a["verdict"], a["synthetic"]) for a in found] == [("met", True), ("met", True)]


def without_data(text: str) -> Any:
    """Return a report but for the files, which are named with their hashes."""
    report = json.loads(text)
    for one in report["assessments"]:
        assert one["record"].pop("data")
    return report


def test_named_graphs_and_their_merger_give_one_report(tmp_path: Path, capsys: Captured) -> None:
    (case,) = read_cases([CASES["lamsig"]])
    (tmp_path / "lamsig.ttl").write_text(write_flat(case), encoding="utf-8")
    _, whole, _ = run(capsys, "validate", "lamsig", "-f", "json")
    _, flat, _ = run(capsys, "validate", tmp_path / "lamsig.ttl", "-f", "json")
    assert without_data(whole) == without_data(flat)


def test_files_folders_names_and_standard_input_mix() -> None:
    command = [
        sys.executable,
        "-m",
        "k20kg.cli",
        "validate",
        "guie",
        str(VENDING),
        "-",
        "-f",
        "csv",
    ]
    done = subprocess.run(command, input=RECORD, capture_output=True, check=False, cwd=ROOT)
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    assert list(dict.fromkeys(r["case"].rsplit("/", 1)[-1] for r in rows)) == [
        "guie",
        "vending-machine-contract",
        "full-partnership",
    ]


# ---------------------------------------------------------------- where and when


def test_a_store_gives_the_verdicts_of_the_files(tmp_path: Path, capsys: Captured) -> None:
    lamsig = sorted(CASES["lamsig"].glob("*.trig"))
    assert run(capsys, "load", *lamsig, "--store", tmp_path / "store")[0] == 0
    _, out, err = run(capsys, "validate", "--store", tmp_path / "store", "-f", "json")
    _, files, _ = run(capsys, "validate", "lamsig", "-f", "json")
    assert err == ""
    assert without_data(out) == without_data(files)


def test_before_it_was_formed_nothing_of_a_group_is_established(capsys: Captured) -> None:
    _, out, _ = run(capsys, "validate", "lamsig", "--as-of", "2004", "-f", "json")
    found = json.loads(out)
    assert found["as_of"] == "2004-12-31T23:59:59Z"
    assert {c["verdict"] for a in found["assessments"] for c in a["criteria"]} == {
        "not established"
    }
    assert "was not there" in found["assessments"][0]["assumptions"][0]["statement"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["compare", "lamsig", "-d", "clifford-millar-2007", "-f", "json"], "not established"),
        (["sensitivity", "lamsig", "--no-what-if", "-f", "json"], "not established"),
    ],
)
def test_every_judging_command_takes_a_day(words: list[str], said: str, capsys: Captured) -> None:
    code, now, _ = run(capsys, *words)
    assert code == 0
    code, then, err = run(capsys, *words, "--as-of", "2004")
    assert code == 0
    assert then != now
    assert said in then
    assert '"met"' not in then
    assert "2004-12-31" in err


def test_rows_for_a_corpus_say_what_the_report_says(tmp_path: Path, capsys: Captured) -> None:
    rows = tmp_path / "rows.jsonl"
    code, _, err = run(capsys, "batch", FULL, VENDING, "-r", "literal", "--out", rows)
    assert code == 0
    assert "2" in err
    said = {
        (r["case"], r["criterion"]): r["verdict"]
        for r in map(json.loads, rows.read_text(encoding="utf-8").splitlines())
    }
    _, out, _ = run(capsys, "validate", FULL, VENDING, "-r", "literal", "-f", "json")
    for one in json.loads(out)["assessments"]:
        for criterion in one["criteria"]:
            assert said[one["case"], criterion["id"]] == criterion["verdict"]


# ---------------------------------------------------------------- exit codes


@pytest.mark.parametrize(
    ("case", "reading", "fail_on", "code"),
    [
        ("lamsig", "literal", "not-established", 1),
        ("lamsig", "as-applied", "not-established", 0),
        ("vending-machine-contract", "literal", "not-met", 1),
        ("vending-machine-contract", "literal", "contested", 0),
        ("disputed-membership", "literal", "contested", 1),
    ],
)
def test_fail_on_names_the_verdicts_that_fail(
    case: str, reading: str, fail_on: str, code: int, capsys: Captured
) -> None:
    found, out, _ = run(capsys, "validate", case, "-r", reading, "--fail-on", fail_on)
    assert found == code
    assert out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["validate", "no-such.ttl"], "no such file"),
        (["validate", "lamsig", "--reading", "liberal"], "as-applied, literal"),
        (["validate", "lamsig", "--definition", "mine"], "clifford-millar-2007"),
        (["validate", "lamsig", "--format", "pdf"], "pdf"),
        (["validate", "lamsig", "--engine", "jena"], "jena"),
        (["validate"], "CASE"),
        (["explain", "9z"], "1a shared-goal"),
        (["explain", "k20:tskStatus"], "did you mean k20:taskStatus?"),
        (["definitions", "goodlad", "--write", "nowhere"], "did you mean goodlad-1991?"),
        (["definitions", "quite other", "--write", "nowhere"], "known: clifford-millar-2007"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_wrong_use_exits_2_and_says_what_to_do(
    words: list[str], said: str, capsys: Captured
) -> None:
    code, out, err = run(capsys, *words)
    assert code == 2
    assert out == ""
    assert said in err
    assert "Traceback" not in err


BAD = {
    "empty.ttl": (b"", "empty"),
    "cut.ttl": (RECORD[: len(RECORD) // 2], "cut.ttl:"),
    "picture.ttl": (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "PNG"),
    "latin.ttl": ("# caf\xe9\n".encode("latin-1") + RECORD, "UTF-8"),
    "nobody.ttl": (b"<https://example.org/a> <https://example.org/b> 1 .", "candidate group"),
    "typo.ttl": (RECORD.replace(b"k20:memberFirm", b"k20:memberFrim"), "k20:memberFirm"),
    "remote.jsonld": (b'{"@context": "https://example.org/c.jsonld", "@id": "a"}', "context"),
}


@pytest.mark.parametrize("command", ["validate", "check"])
@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input_never_gets_a_verdict(
    command: str, name: str, tmp_path: Path, capsys: Captured
) -> None:
    data, said = BAD[name]
    (tmp_path / name).write_bytes(data)
    code, out, err = run(capsys, command, tmp_path / name)
    found = 1 if (command, name) == ("check", "typo.ttl") else 2
    assert code == found
    assert name in (out if found == 1 else err)
    assert said in (out if found == 1 else err)
    assert "met" not in out.split()
    assert "Traceback" not in out + err


def test_check_passes_what_is_well_formed(capsys: Captured) -> None:
    code, out, _ = run(capsys, "check", "lamsig", VENDING)
    assert code == 0
    assert out.count("well formed") == 2


# ---------------------------------------------------------------- hostile content


@pytest.mark.parametrize("kind", FORMATS)
def test_hostile_words_reach_neither_terminal_nor_page(
    kind: str, tmp_path: Path, capsys: Captured
) -> None:
    hostile = "<script>alert(1)</script>\\u001B[2J\\u202E=cmd()|`x`"
    text = RECORD.decode().replace('rdfs:label "', f'rdfs:label "{hostile} ')
    assert hostile in text
    (tmp_path / "hostile.ttl").write_text(text, encoding="utf-8")
    code, out, _ = run(capsys, "validate", tmp_path / "hostile.ttl", "-f", kind)
    assert code == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    if kind in ("html", "markdown"):
        assert "<script>" not in out


def test_no_network_is_touched(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something asked for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for engine in ("shacl", "pyshacl"):
        code, _, _ = run(capsys, "validate", "guie", "--engine", engine)
        assert code == 0


# ---------------------------------------------------------------- terminals


def test_plain_ascii_where_the_encoding_asks_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "k20kg.cli", "validate", "lamsig"],
        capture_output=True, check=True, cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "COLUMNS": "80"},
    )  # fmt: skip
    text = done.stdout.decode("ascii")
    assert "[x]" in text
    assert max(map(len, text.splitlines())) <= 80
