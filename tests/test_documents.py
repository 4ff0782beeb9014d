"""Examples, contracts, links and paths in the documents hold."""

from __future__ import annotations

import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from k20kg.cli import main

ROOT = Path(__file__).parent.parent


def test_the_json_contract_is_what_comes_out(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    promised = json.loads(page.partition("```json\n")[2].partition("```")[0])
    assert main(["validate", "lamsig", "-r", "literal", "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (one,) = found["assessments"]
    one["criteria"] = [c for c in one["criteria"] if c["code"] == "3"]
    assert keys(found) == keys(promised)


def keys(value: Any) -> Any:
    """Return the keys of nested objects; a list stands for its first item."""
    if isinstance(value, dict):
        return {k: keys(v) for k, v in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else type(value).__name__


@pytest.mark.parametrize(
    "page", sorted(p.name for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
)
def test_links_between_the_documents_lead_somewhere(page: str) -> None:
    path = ROOT / page if (ROOT / page).exists() else ROOT / "docs" / page
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
        assert (path.parent / link).exists(), link


@pytest.fixture(scope="module")
def generate() -> Any:
    """The module that makes the reference pages."""
    spec = spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_pages_are_as_they_are_made(generate: Any) -> None:
    for name, text in generate.pages().items():
        if name.endswith(".dot"):
            picture = (ROOT / "docs" / "vocabulary.svg").read_text(encoding="utf-8")
            assert generate.digest(text) in picture, "run make docs where Graphviz is installed"
        else:
            page = (ROOT / "docs" / name).read_text(encoding="utf-8")
            assert page == text, f"docs/{name}: run make docs"


def test_links_of_the_vocabulary_lead_to_terms() -> None:
    page = (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert len(linked) > 50
    assert linked <= set(re.findall(r'<a id="([^"]+)">', page))


def test_the_verdict_in_the_readme_is_what_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = (ROOT / "README.md").read_text(encoding="utf-8").partition("```text\n")[2]
    monkeypatch.setenv("COLUMNS", "100")
    assert main(["validate", "lamsig", "--reading", "literal"]) == 0
    printed = capsys.readouterr().out
    for part in shown.partition("```")[0].split("…\n"):
        assert part.rstrip() in printed


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    assert pages <= set(re.findall(r"^[a-z-]+$", index, re.MULTILINE))


def test_the_queries_that_the_readme_names_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"k20kg query ([a-z][a-z0-9-]+)", readme)
    assert named
    for name in named:
        assert list((ROOT / "queries").glob(f"*/{name}.rq")), name
