"""Reports in every format: the same bytes each time, no harm, and as agreed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from assessments import BASE, DEFINITION, read_all, read_hostile, read_lamsig, read_vending, show

from k20kg.errors import UsageError
from k20kg.report import FORMATS

GOLDEN = Path(__file__).parent / "golden"


# ---------------------------------------------------------------- all formats


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_input_gives_the_same_bytes(kind: str) -> None:
    assert show(read_all(), kind) == show(read_all(), kind)


def test_bytes_depend_on_no_hash_seed_and_no_locale() -> None:
    program = (
        "import json, sys; sys.path[:0] = sys.argv[1:3]; import assessments as t;"
        "json.dump([t.show(t.read_all(), kind) for kind in sys.argv[3:]], sys.stdout)"
    )
    here = Path(__file__).parent
    for seed in ("1", "2"):
        shown = subprocess.run(
            [sys.executable, "-c", program, str(here), str(here.parent), *FORMATS],
            env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "PATH": ""},
            capture_output=True,
            check=True,
        ).stdout
        assert json.loads(shown) == [show(read_all(), kind) for kind in FORMATS]


@pytest.mark.parametrize("kind", FORMATS)
def test_no_control_or_bidi_character_gets_through(kind: str) -> None:
    text = show(read_hostile(), kind)
    if kind == "json":
        text += "".join(strings(json.loads(text)))
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "alert(1)" in text, "the words themselves are kept"


@pytest.mark.parametrize("kind", FORMATS)
def test_no_assessment_is_a_report_too(kind: str) -> None:
    assert show([], kind).endswith("\n")


@pytest.mark.parametrize("kind", FORMATS)
def test_made_up_cases_are_marked(kind: str) -> None:
    text = show(read_vending(), kind)
    assert re.search(r'made up|Made-up|"synthetic": true|,true,', text)


def test_an_unknown_format_is_named_with_the_choices() -> None:
    with pytest.raises(UsageError, match=r"no format 'pdf'.*text, json"):
        show([], "pdf")


def test_two_definitions_do_not_share_a_report() -> None:
    other = DEFINITION._replace(iri=f"{BASE}definition/other")
    mixed = [read_lamsig()[0], read_lamsig()[1]._replace(definition=other)]
    with pytest.raises(ValueError, match="more than one definition"):
        show(mixed, "text")


def test_reports_import_no_library_and_only_the_format_asked_for() -> None:
    program = (
        "import sys; from k20kg.report import render; render([], 'text', version='1');"
        "print(sorted(set(sys.modules) & {'rdflib', 'pyoxigraph', 'jinja2', 'csv', 'json',"
        "'html', 'hashlib', 'k20kg.report.templates', 'k20kg.report.turtle'}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=True,
        text=True,
    )
    assert run.stdout.strip() == "[]"


def strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [s for part in value.values() for s in strings(part)]
    if isinstance(value, list):
        return [s for part in value for s in strings(part)]
    return [value] if isinstance(value, str) else []


# ---------------------------------------------------------------- golden


@pytest.mark.parametrize(
    ("name", "format", "width"),
    [
        ("report-60.txt", "text", 60),
        ("report-80.txt", "text", 80),
        ("report-120.txt", "text", 120),
        ("report.md", "markdown", 80),
    ],
)
def test_the_report_is_as_agreed(name: str, format: str, width: int) -> None:  # noqa: A002
    expected = (GOLDEN / name).read_text(encoding="utf-8")
    assert show([*read_lamsig(), *read_vending()], format, width=width) == expected
