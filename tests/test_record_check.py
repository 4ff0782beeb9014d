"""The record check: every fault is found, by both engines alike, and sound records pass."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from scale import some

from k20kg.definition.record_shapes import record_check
from k20kg.definition.subclasses import subclass_slice
from k20kg.engines import Result, Validator, compile_shapes
from k20kg.judging.cases import Case, read_cases
from k20kg.judging.record_check import Fault, check_statements, faults_from_results
from k20kg.rdf.addresses import declared_terms
from k20kg.vocabulary import K20, KS, SH, packaged

HERE = Path(__file__).parent
RECORDS = sorted((HERE / "bad-input" / "record").glob("*.ttl"))
TEXTS = sorted((HERE / "bad-input" / "text").glob("*.ttl"))
SOUND = [
    *sorted(packaged("data", "counter-cases").glob("*.ttl")),
    packaged("data", "cases", "lamsig"),
]
STATED = packaged("shapes", "record.ttl")


def test_there_are_fixtures() -> None:
    assert len(RECORDS) >= 40
    assert len(TEXTS) >= 15
    assert len(SOUND) >= 20


@cache
def engine(name: str) -> Validator:
    return compile_shapes(record_check().shapes, subclass_slice(), name)


def only_case(path: Path) -> Case:
    (case,) = read_cases([path])
    return case


def expected(path: Path) -> list[str]:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("# expect: ").split(" | ")


def signatures(results: list[Result]) -> list[tuple[str, str, str]]:
    """Return results without what engines name or write each in their own way."""
    return sorted(
        (r.shape, _common(r.focus), _common(r.value or "").replace("+00:00", "Z")) for r in results
    )


def _common(term: str) -> str:
    return "_:" if term.startswith("_:") else term


def faults_of(case: Case, name: str = "shacl") -> tuple[Fault, ...]:
    results = engine(name)(case.text, case.syntax)
    return check_statements(case) + faults_from_results(case, results, record_check().remedies)


def assert_tells(faults: tuple[Fault, ...], path: Path) -> None:
    report = "\n".join(map(str, faults))
    for fragment in expected(path):
        assert fragment in report
    for fault in faults:
        place = re.escape(str(path)) + ("" if fault.node == "a blank node" else r":\d+")
        assert re.fullmatch(place, fault.where), fault
        assert fault.remedy
        assert not fault.remedy.endswith(".")
        assert str(fault) == f"{fault.where}: {fault.node} {fault.what}; {fault.remedy}"


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_faulty_record_is_told_with_line_node_and_remedy(path: Path) -> None:
    case = only_case(path)
    assert check_statements(case) == (), "this fault is meant for the shapes"
    faults = faults_of(case)
    assert faults
    assert_tells(faults, path)


@pytest.mark.parametrize("path", RECORDS, ids=lambda p: p.stem)
def test_a_fixture_has_one_fault_only(path: Path) -> None:
    case = only_case(path)
    shapes = {r.shape for r in engine("shacl")(case.text, case.syntax)}
    assert len(shapes) == 1, shapes


@pytest.mark.parametrize(
    "path", [*some(RECORDS, sample=4), *some(TEXTS, sample=2)], ids=lambda p: p.stem
)
def test_both_engines_agree_on_what_is_faulty(path: Path) -> None:
    case = only_case(path)
    fast, reference = (
        signatures(engine(name)(case.text, case.syntax)) for name in ("shacl", "pyshacl")
    )
    if path in RECORDS:
        assert fast == reference
        assert faults_of(case, "shacl") == faults_of(case, "pyshacl")
    else:
        # A literal that is not canonical is read in two ways: the reason why it is refused.
        assert {r[:2] for r in fast} <= {r[:2] for r in reference} | {
            (r[0], r[1]) for r in fast if faults_of(case)
        }


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: p.stem)
def test_what_shapes_cannot_say_is_told_with_line_node_and_remedy(path: Path) -> None:
    faults = faults_of(only_case(path))
    assert faults
    assert_tells(faults, path)


@pytest.mark.parametrize("path", SOUND, ids=lambda p: p.stem)
def test_shipped_cases_are_well_formed(path: Path) -> None:
    assert [str(fault) for fault in faults_of(only_case(path))] == []


def shapes_of_the_record_check() -> list[ox.Quad]:
    return list(ox.parse(record_check().shapes, format=ox.RdfFormat.N_TRIPLES))


def test_every_shape_that_can_fail_is_named_and_says_what_to_do() -> None:
    quads = shapes_of_the_record_check()
    by_subject: dict[object, dict[str, list[str]]] = {}
    for q in quads:
        by_subject.setdefault(q.subject, {}).setdefault(q.predicate.value, []).append(
            getattr(q.object, "value", "")
        )
    roots = {s for s, said in by_subject.items() if K20 + "role" in said}
    parts = {q.object for q in quads if q.subject in roots and q.predicate.value == SH + "property"}
    conditions = {SH + name for name in ("path", "not", "or", "sparql")}
    failing = parts | {s for s in roots if conditions & set(by_subject[s])}
    assert len(failing) > 150
    for shape in failing:
        assert isinstance(shape, ox.NamedNode)
        assert shape.value.startswith(KS + "record-")
        (message,) = by_subject[shape][SH + "message"]
        (remedy,) = by_subject[shape][K20 + "remedy"]
        assert re.fullmatch(r"It [^<>]+\.", message), message
        assert remedy
        assert not remedy.endswith(".")
    for subject, said in by_subject.items():
        if SH + "targetClass" in said or SH + "targetSubjectsOf" in said:
            assert said[K20 + "role"] == [K20 + "RecordCheck"], subject
            assert {SH + "path", SH + "property", SH + "or", SH + "sparql"} & set(said), subject


def test_no_shape_of_the_record_check_is_left_hanging() -> None:
    quads = shapes_of_the_record_check()
    described = {q.subject for q in quads}
    pointed_at = {
        q.object
        for q in quads
        if isinstance(q.object, ox.NamedNode) and q.object.value.startswith(KS)
    }
    assert pointed_at <= described
    roots = {q.subject for q in quads if q.predicate.value.startswith(SH + "target")}
    named = {s for s in described if isinstance(s, ox.NamedNode)}
    assert named <= pointed_at | roots


def test_every_shape_of_the_record_check_fails_on_some_fixture_or_guards_a_link() -> None:
    failing: set[str] = set()
    for path in RECORDS:
        case = only_case(path)
        failing |= {r.shape for r in engine("shacl")(case.text, case.syntax)}
    assert len(failing) >= 30


def test_terms_used_by_the_record_check_are_declared() -> None:
    words = set(re.findall(r"k20:([A-Za-z]\w*)", STATED.read_text(encoding="utf-8")))
    assert words - declared_terms() == set()


def test_declared_terms_are_those_that_a_parser_finds() -> None:
    found: set[str] = set()
    for path in packaged("ontology").glob("*.ttl"):
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(K20):
                found.add(quad.subject.value.removeprefix(K20))
    assert found
    assert declared_terms() == found


def test_a_fault_of_many_records_is_told_for_each(tmp_path: Path) -> None:
    records = "".join(f"c:e{n} a k20:Enactment .\n" for n in range(200))
    path = tmp_path / "many.ttl"
    path.write_text(
        f"@prefix k20: <{K20}> .\n@prefix c: <https://w3id.org/k20kg/case/bad/> .\n"
        f"<https://w3id.org/k20kg/case/bad> a k20:CandidateGroup .\n{records}",
        encoding="utf-8",
    )
    faults = faults_of(only_case(path))
    assert len(faults) == 200
    assert faults[-1].where == str(path) or faults[0].where.startswith(str(path))
