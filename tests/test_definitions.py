"""The definition as data: criteria, readings, bundles, and what a stock engine makes of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from scale import proof

from k20kg.definition.bundles import bundle
from k20kg.definition.cached import compiled_definition
from k20kg.definition.metadata import load_definition
from k20kg.definition.record_shapes import record_check
from k20kg.definition.subclasses import derive_subclass_slice, subclass_slice
from k20kg.disk_cache import _stamp, cached_on_disk
from k20kg.engines import compile_shapes
from k20kg.errors import UsageError
from k20kg.judging.cases import read_cases, write_flat
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.rdf.graph import read_turtle
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import K20, KS, OWL, SH, packaged

PYSHACL = (sys.executable, "-m", "pyshacl", "--max-depth", "30")

CODES = ["1a", "1b", "2a", "2b", "2c", "2d", "2e", "3", "4"]
IDS = [
    "shared-goal", "routine", "k12-member", "higher-ed-member", "formal-agreement",
    "dedicated-resources", "active-engagement", "mutual-benefit", "joint-work",
]  # fmt: skip


def test_the_nine_criteria_come_in_the_order_of_the_paper() -> None:
    definition = load_definition()
    assert [c.code for c in definition.criteria] == CODES
    assert [c.id for c in definition.criteria] == IDS
    assert [c.phrase_order for c in definition.criteria] == [1, 1, 2, 2, 2, 2, 2, 3, 4]
    for criterion in definition.criteria:
        assert criterion.label
        assert criterion.phrase
        assert criterion.section
        assert criterion.indicator
        assert criterion.shuts_out
        assert criterion.counts
        assert criterion.example


def test_both_readings_test_every_criterion_for_and_against() -> None:
    definition = load_definition()
    assert [r.id for r in definition.readings] == ["as-applied", "literal"]
    tests = compiled_definition(definition.id, ()).tests
    for reading in definition.readings:
        for criterion in definition.criteria:
            mine = [t for t in tests if t.criterion == criterion.iri and reading.iri in t.readings]
            assert any(not t.counter for t in mine), (reading.id, criterion.id)
            assert any(t.counter for t in mine), (reading.id, criterion.id)


def test_every_gap_says_what_would_settle_it_and_who_could_have_it() -> None:
    asked = [r for t in compiled_definition("clifford-millar-2007", ()).tests if not t.counter
             for r in t.requirements]  # fmt: skip
    assert len(asked) > 20
    for requirement in asked:
        assert requirement.message.endswith(".")
        assert requirement.settled_by, requirement.shape
        assert requirement.supplied_by, requirement.shape
        assert "must" not in requirement.message
        assert "http" not in requirement.message


def test_parameters_are_read_from_the_shapes_that_hold_them() -> None:
    literal = load_definition().reading("literal")
    cycles = next(p for p in literal.parameters if "cycles" in p.name)
    assert cycles.value == "2"  # paper 5.0, line 207: at least two cycles
    assert {p.criterion.rsplit("/", 1)[-1] for p in literal.parameters} == set(IDS)


def test_the_subclass_slice_is_the_ontologys() -> None:
    assert subclass_slice() == derive_subclass_slice()


def test_an_unknown_reading_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="as-applied, literal"):
        compiled_definition("clifford-millar-2007", ("liberal",))


@pytest.mark.parametrize("reading", ["as-applied", "literal"])
def test_the_bundle_of_a_reading_conforms_exactly_for_a_partnership(reading: str) -> None:
    """sh:conforms of a standard engine, fed bundle, slice and case, is the overall verdict."""
    run = compile_shapes(bundle("clifford-millar-2007", reading), subclass_slice())
    judge = Judge([reading], evidence=False)
    seen = set()
    for path in shipped_cases().values():
        (case,) = read_cases([path])
        (assessment,) = judge.assess(case)
        partnership = assessment.verdict is Verdict.MET
        then = judge.deciding(case)[reading]
        assert (not run(write_flat(then), "turtle")) == partnership, case.group
        seen.add(partnership)
    assert seen == {True, False}


def test_the_bundle_of_a_reading_refuses_a_malformed_record() -> None:
    (case,) = read_cases([shipped_cases()["full-partnership"]])
    text = write_flat(case)
    broken = text.replace("k20:headcount 6.0", "k20:headcount -6.0")
    assert broken != text
    run = compile_shapes(bundle("clifford-millar-2007", "literal"), subclass_slice())
    assert not run(text, "turtle")
    assert run(broken, "turtle")


def test_an_empty_file_does_not_conform() -> None:
    run = compile_shapes(bundle("clifford-millar-2007", "literal"), subclass_slice())
    assert any(r.shape.endswith("#one-candidate") for r in run("", "turtle"))


@pytest.mark.parametrize(
    ("reading", "case", "conforms"),
    [
        pytest.param("as-applied", "lamsig", True, marks=proof),
        pytest.param("literal", "lamsig", False, marks=proof),
        ("literal", "full-partnership", True),
        ("literal", "guie", False),
        pytest.param("as-applied", "vending-machine-contract", False, marks=proof),
    ],
)
def test_pyshacls_own_command_line_gives_the_verdict(
    reading: str, case: str, conforms: bool, tmp_path: Path
) -> None:
    (one,) = read_cases([shipped_cases()[case]])
    (tmp_path / "case.ttl").write_text(write_flat(one), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(bundle("clifford-millar-2007", reading), encoding="utf-8")
    (tmp_path / "slice.ttl").write_text(subclass_slice(), encoding="utf-8")
    run = subprocess.run(
        [*PYSHACL, "-s", "shapes.ttl", "-e", "slice.ttl", "case.ttl"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert f"Conforms: {conforms}" in run.stdout
    assert run.returncode == (0 if conforms else 1)


def test_the_record_check_names_every_kind_of_record() -> None:
    """It lists them one by one, so that a run need not carry the whole class tree."""
    pairs = [line.split()[:3:2] for line in subclass_slice().splitlines()]
    kinds, grew = {f"<{K20}Record>"}, True
    while grew:
        more = {sub for sub, sup in pairs if sup in kinds} - kinds
        kinds |= more
        grew = bool(more)
    quads = ox.parse(record_check().shapes, format=ox.RdfFormat.N_TRIPLES)
    listed = {
        str(q.object)
        for q in quads
        if q.subject == ox.NamedNode(KS + "record-evidence")
        and q.predicate == ox.NamedNode(SH + "targetClass")
    }
    worked_out = {  # no record says that it is of these
        str(q.subject)
        for q in read_turtle(packaged("ontology", "criteria.ttl"))
        if q.predicate.value in (K20 + "membersFoundBy", K20 + "othersFoundBy", OWL + "deprecated")
    }
    assert worked_out
    assert listed == kinds - worked_out - {f"<{K20}Record>"}


def test_what_is_kept_is_made_anew_when_a_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.pycache_prefix", str(tmp_path))
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    stamps = [("a.ttl", 1, 1)]
    monkeypatch.setattr("k20kg.disk_cache._stamp", lambda _: list(stamps))
    made = iter(["first", "second", "third"])
    assert cached_on_disk("trial", lambda: next(made)) == "first"
    assert cached_on_disk("trial", lambda: next(made)) == "first"
    stamps[0] = ("a.ttl", 1, 2)
    assert cached_on_disk("trial", lambda: next(made)) == "second"
    (file,) = tmp_path.rglob("*.kept")
    file.write_bytes(file.read_bytes()[:-4])
    assert cached_on_disk("trial", lambda: next(made)) == "third"


def test_every_shape_and_the_ontology_bear_on_what_is_kept() -> None:
    seen = {Path(path) for path, _, _ in _stamp(())}
    assert {*packaged("shapes").rglob("*.ttl"), *packaged("ontology").glob("*.ttl")} <= seen
    assert packaged("shapes", "subclasses.nt") in seen
