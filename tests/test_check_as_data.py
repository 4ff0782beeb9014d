"""`check -f json` says what `check` says, as data."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from k20kg import cli
from k20kg.sources.shipped_cases import shipped_cases

CASE = """\
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix : <https://example.org/case/> .
:g a k20:CandidateGroup ; rdfs:label "Group"@en .
"""
FAULTY = CASE + ":m a k20:FirmMembership ; k20:membrFirm :f .\n"
NOTED = CASE.replace("@en .", "@en ; :number 4,5 .")


def checked(
    capsys: pytest.CaptureFixture[str], *names: Path
) -> tuple[int, str, dict[str, Any], str]:
    """Return the exit code, the text, the data, and what is said on stderr."""
    words = ["check", *map(str, names)]
    code = cli.main(words)
    text = capsys.readouterr().out
    assert cli.main([*words, "-f", "json"]) == code
    out, err = capsys.readouterr()
    return code, text, json.loads(out), err


def as_text(data: dict[str, Any]) -> str:
    """Return the lines that the data stand for."""
    lines = []
    for one in data["cases"]:
        assert one["well_formed"] is not bool(one["faults"])
        for fault in one["faults"]:
            parts = f"{fault['where']}: {fault['node']} {fault['what']}; {fault['remedy']}"
            assert fault["text"] == parts.replace(":  ", ": ")
            lines.append(fault["text"])
        if one["well_formed"]:
            lines.append(f"{one['origin']}: well formed")
        lines += [f"note: {note}" for note in one["notes"]]
        lines += [f"not read: {part}" for part in one["not_read"]]
    return "".join(f"{line}\n" for line in lines)


def test_the_data_say_what_the_text_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    faulty, noted = tmp_path / "faulty.ttl", tmp_path / "noted.ttl"
    faulty.write_text(FAULTY, encoding="utf-8")
    noted.write_text(NOTED, encoding="utf-8")
    code, text, data, err = checked(capsys, faulty, noted, shipped_cases()["full-partnership"])
    assert (code, err) == (1, "")
    assert as_text(data) == text
    assert (data["version"], data["tool"]["name"], data["engine"]) == (2, "k20kg", "shacl")
    bad, good, _ = data["cases"]
    assert bad["case"] == good["case"] == "https://example.org/case/g"
    assert {f["node"] for f in bad["faults"]} == {"https://example.org/case/m"}
    assert any("did you mean k20:memberFirm?" in f["remedy"] for f in bad["faults"])
    assert len(good["notes"]) == 1
    assert data["not_read"] == []
    assert cli.main(["check", str(faulty), "--engine", "pyshacl", "-f", "json"]) == 1
    again = json.loads(capsys.readouterr().out)
    assert again["engine"] == "pyshacl"
    assert again["cases"] == data["cases"][:1]


def test_what_cannot_be_read_is_said_in_the_data_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, broken = tmp_path / "good.ttl", tmp_path / "broken.ttl"
    good.write_text(CASE, encoding="utf-8")
    broken.write_text(CASE + ":m a True .\n", encoding="utf-8")
    code, text, data, err = checked(capsys, good, broken)
    assert code == 2
    assert text == f"{good}: well formed\n" == as_text(data)
    assert data["not_read"] == [err.removeprefix("k20kg: ").strip()]
    assert data["not_read"][0].startswith(f"{broken}:5:6: ")
    code, _, data, _ = checked(capsys, tmp_path / "nowhere.ttl")
    assert (code, data["cases"], len(data["not_read"])) == (2, [], 1)


def test_a_terminal_gets_no_line_that_is_wider(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = tmp_path / "noted.ttl"
    noted.write_text(NOTED, encoding="utf-8")
    assert cli.main(["check", str(noted)]) == 0
    whole = capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert cli.main(["check", str(noted)]) == 0
    folded = capsys.readouterr().out
    assert folded.split() == whole.split()
    assert max(map(len, whole.splitlines())) > 100
    assert all(len(line) <= 60 or " " not in line.strip() for line in folded.splitlines())
