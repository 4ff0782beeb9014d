"""The command line lists and explains in every format, and describes itself."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from test_cli import FORMATS, ROOT, Captured, run
from typer.main import get_command

from k20kg.cli.root import make_app

LISTINGS: list[tuple[list[str], str]] = [
    (["cases"], "lamsig"),
    (["definitions"], "clifford-millar-2007"),
    (["definitions", "clifford-millar-2007"], "2e"),
    (["explain", "2c"], "signed"),
    (["explain", "k20:ofRoleGroup"], "a role group that the person is of"),
]


@pytest.mark.parametrize(
    ("words", "said", "kind"),
    [
        *((words, said, kind) for words, said in LISTINGS for kind in FORMATS),
        (["explain", "mutual-benefit"], "gain", "text"),
    ],
)
def test_listings_come_in_every_format(
    words: list[str], said: str, kind: str, capsys: Captured
) -> None:
    code, out, _ = run(capsys, *words, "-f", kind)
    assert code == 0
    assert said in out
    if kind == "json":
        json.loads(out)
    elif kind == "turtle":
        assert list(ox.parse(out.encode(), format=ox.RdfFormat.TURTLE))


@pytest.mark.parametrize("name", ["goodlad-1991", "clifford-millar-2007", ""])
def test_the_shapes_that_are_written_are_those_of_the_named_definition(
    name: str, tmp_path: Path, capsys: Captured
) -> None:
    folder = tmp_path / "shapes"
    code, out, err = run(capsys, "definitions", *filter(None, [name]), "--write", str(folder))
    assert (code, out) == (0, "")
    assert f" of {name or 'clifford-millar-2007'} to {folder}" in err
    readings = {"goodlad-1991": {"all-three", "any-one", "with-thresholds"}}.get(
        name, {"as-applied", "literal"}
    )
    assert {p.stem for p in folder.iterdir()} == {*readings, "subclasses"}
    for reading in readings:
        text = (folder / f"{reading}.ttl").read_text(encoding="utf-8")
        assert ("ks:goodlad-" in text) is (name == "goodlad-1991")
        assert "ks:record-has-evidence" in text


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("k20:taskStatus", ["k20:Planned", "is no joint work"]),
        ("k20:exchangedWith", ["k20:FormalAgreement", "are no exchange"]),
        ("k20:throughAgreement", ["k20:Formation", "k20:formedThrough"]),
        ("k20:ofProcedure", ["k20:CompletenessStatement", "once at most"]),
        ("k20:formerMembership", ["k20:FirmMembership", "bounds of its dates"]),
        ("k20:ofRoleGroup", ["k20:Person", "k20:RoleGroup"]),
        ("k20:ResourceUseList", ["k20:uses", "k20:listKind"]),
        ("method", ["k20:Interview", "a concept of your own"]),
        ("k20:Task", ["k20:subtask"]),
    ],
)
def test_a_term_is_explained(term: str, said: list[str], capsys: Captured) -> None:
    code, out, _ = run(capsys, "explain", term, "-f", "csv")
    assert code == 0
    for words in said:
        assert words in out


def test_every_command_and_option_has_help() -> None:
    group = get_command(make_app())
    commands = group.commands  # type: ignore[attr-defined]
    assert {
        "validate",
        "check",
        "explain",
        "definitions",
        "cases",
        "query",
        "load",
        "batch",
    } <= set(commands)
    for name, command in commands.items():
        assert f"Example: k20kg {name}" in command.help, name
        for parameter in command.params:
            assert getattr(parameter, "help", None), (name, parameter.name)


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in get_command(make_app()).commands:  # type: ignore[attr-defined]
        assert name in readme, name


def test_each_command_is_found_without_building_the_others() -> None:
    every = get_command(make_app()).commands  # type: ignore[attr-defined]
    assert {"validate", "query", "reason"} <= set(every)
    for name in every:
        alone = get_command(make_app(name)).commands  # type: ignore[attr-defined]
        assert name in alone
        assert set(alone) < set(every)
