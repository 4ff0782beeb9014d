"""The tutorials, done block by block: what they show is what comes out."""

from __future__ import annotations

from pathlib import Path

import pytest
import tutorial

from k20kg import cli

DOCS = Path(__file__).parent.parent / "docs"
FILES = {"turtle": Path("river-city.ttl"), "sheet": Path("river-city/river-city.xlsx")}


@pytest.mark.parametrize("page", ["your-own-case.md", "your-own-workbook.md"])
def test_a_case_goes_from_nothing_to_nine_criteria_of_nine(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")  # as wide as what the pages show

    def run(words: list[str]) -> str:
        assert words[0] == "k20kg"
        assert cli.main(words[1:]) == 0
        return "".join(capsys.readouterr())

    assert tutorial.do(DOCS / page, FILES, run) >= 10
    case = str(next(path for path in reversed(FILES.values()) if path.exists()))
    assert run(["k20kg", "compare", case, "-d", "clifford-millar-2007"]).count(" ✔\n") == 2


def test_both_tutorials_are_as_far_after_the_same_steps() -> None:
    shown = [
        [lines for language, text in tutorial.blocks(DOCS / page) if language == "console"
         for words, lines in tutorial.commands(text) if words[1] == "compare"]
        for page in ("your-own-case.md", "your-own-workbook.md")
    ]  # fmt: skip
    assert shown[0] == shown[1]
    assert len(shown[0]) == 8


def test_a_link_that_was_forgotten_is_told_as_the_tutorial_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")  # as wide as what the pages show
    found = list(tutorial.blocks(DOCS / "your-own-case.md"))
    record = "".join(text for language, text in found if language == "turtle")
    Path("river-city.ttl").write_text(record.replace(" , :task-camp", ""), encoding="utf-8")
    assert cli.main(["check", "river-city.ttl"]) == 0
    out = capsys.readouterr().out
    (shown,) = (text for language, text in found if language == "text")
    for line in shown.splitlines():
        assert line in out
