"""A definition or reading in Turtle alone: the guide as it stands, and the faults found."""

from __future__ import annotations

import re
import shlex
from itertools import product
from pathlib import Path

import pyoxigraph as ox
import pytest
from scale import some

import k20kg
from k20kg import cli
from k20kg.definition.bundles import bundle
from k20kg.definition.loader import load
from k20kg.definition.metadata import load_definition
from k20kg.engines import compile_shapes
from k20kg.judging.cases import Case, case_of, read_cases
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import K20, RDF_TYPE, XSD

GUIDE = Path(__file__).parents[1] / "docs" / "your-own-definition.md"
TEXT = GUIDE.read_text(encoding="utf-8")
FILES = {
    match[1]: match[0]
    for match in re.finditer(r"(?<=```turtle\n)# (\S+\.ttl)\n.*?(?=```)", TEXT, re.S)
}
COMMANDS = [
    (line, output.strip("\n").splitlines() if output else [])
    for console, output in re.findall(r"```console\n(.*?)```\n(?:\n```\n(.*?)```)?", TEXT, re.S)
    for line in console.strip().splitlines()
]
HEAD = "\n".join(
    [
        "@prefix k20: <https://w3id.org/k20kg/ontology#> .",
        "@prefix ks: <https://w3id.org/k20kg/shapes#> .",
        "@prefix sh: <http://www.w3.org/ns/shacl#> .",
        "@prefix reading: <https://w3id.org/k20kg/reading/> .",
        "@prefix parameter: <https://w3id.org/k20kg/parameter/> .",
        "@prefix my: <https://example.org/my/> .",
        "",
    ]
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


def test_the_guide_has_examples_and_commands() -> None:
    assert len(FILES) >= 5
    assert len(COMMANDS) >= 6
    assert sum(bool(output) for _, output in COMMANDS) >= 5


@pytest.mark.parametrize(("line", "shown"), COMMANDS, ids=[c for c, _ in COMMANDS])
def test_the_guide_shows_what_its_commands_print(
    line: str, shown: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *arguments = shlex.split(line.removeprefix("$ "))
    assert program == "k20kg"
    code = cli.main(arguments)
    printed = capsys.readouterr()
    said = [x.rstrip() for x in (printed.out + printed.err).splitlines()]
    assert code == (2 if "faulty" in line else 0), printed.err
    assert said
    for wanted in shown:
        assert wanted.rstrip() in said


def test_bundle_of_an_own_definition_needs_no_help_from_us(folder: Path) -> None:
    for name, conforms in (("lamsig", True), ("curriculum-purchase", False)):
        (case,) = k20kg.validate(shipped_cases()[name], definition="funded.ttl", evidence=False)
        run = compile_shapes(bundle("funded.ttl", "plain"), load_slice())
        text, syntax = text_of(name)
        assert (not run(text, syntax)) is conforms is (case.words == "funded project")
    assert run("<urn:x> <urn:y> <urn:z> .", "turtle"), "a file without a group conforms"


def test_a_variant_leaves_the_shipped_readings_as_they_are(folder: Path) -> None:
    plain = k20kg.validate(shipped_cases()["lamsig"], evidence=False)
    beside = k20kg.validate(
        shipped_cases()["lamsig"], definition="three-cycles.ttl", evidence=False
    )
    assert [a.reading.id for a in beside] == ["as-applied", "literal", "three-cycles"]
    for one, other in zip(plain, beside, strict=False):
        assert [f.verdict for f in one.findings] == [f.verdict for f in other.findings]


def test_a_variant_states_its_number_and_what_it_varies(folder: Path) -> None:
    reading = load_definition("three-cycles.ttl").reading("three-cycles")
    values = {p.name: p.value for p in reading.parameters}
    assert values["completed cycles of one written procedure"] == "3"
    assert reading.definition.startswith("As the reading literal")


@pytest.mark.parametrize("case", some(["one-cycle-closed", "lamsig"], sample=1))
@pytest.mark.parametrize(
    "name", some(sorted({*FILES} - {"faulty.ttl"}), sample=1, always=["funded.ttl"])
)
def test_both_engines_agree_on_the_guides_files(name: str, case: str, folder: Path) -> None:
    path = shipped_cases()[case]
    fast, reference = (
        [
            f.verdict
            for a in k20kg.validate(path, definition=name, engine=engine, evidence=False)
            for f in a.findings
        ]
        for engine in ("shacl", "pyshacl")
    )
    assert fast == reference


def test_a_changed_file_is_read_anew(folder: Path) -> None:
    path = folder / "three-cycles.ttl"
    load(str(path))
    path.write_text(path.read_text().replace("k20:value 3", "k20:value 12"))
    reading = load_definition(str(path)).reading("three-cycles")
    assert "12" in {p.value for p in reading.parameters}


# ---------------------------------------------------------------- one block and its forms

MET, NOT, OPEN = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_ESTABLISHED
VALUE = """
my:r a k20:Reading ; k20:variantOf reading:literal ;
    k20:sets [ k20:inPlaceOf {block} ; k20:takes my:Block ] .
my:Block a sh:NodeShape ; {builds_on} ; sh:property my:value .
my:value a sh:PropertyShape ; sh:path {path} ; sh:hasValue true ;
    k20:ruledOutBy [ sh:path {path} ; sh:hasValue false ] .
"""
BLOCKS = {
    # one that has forms of its own, and two property shapes that are their own possible form;
    # last, what has to be unsaid: the sector of people decides only where their home is not stated
    "ks:SignedForBoth": ("sh:node ks:SignedForBoth", "FormalAgreement", "formal-agreement", ""),
    "ks:OfDistrict": ("sh:property ks:OfDistrict", "FirmMembership", "k12-member", ""),
    "ks:InK12": ("sh:property ks:InK12", "Participation", "active-engagement", "homeFirm"),
}


def with_value(kind: str, path: str, value: str | None, unsaid: str = "") -> Case:
    """Return the full partnership with a boolean on all records of a kind, or without it."""
    (full,) = read_cases([shipped_cases()["full-partnership"]])
    typed = [q for q in full.quads if q.predicate.value == RDF_TYPE]
    records = {q.subject for q in typed if q.object == ox.NamedNode(K20 + kind)}
    assert records
    gone = {path, K20 + unsaid}
    quads = [q for q in full.quads if q.subject not in records or q.predicate.value not in gone]
    if value:
        boolean = ox.Literal(value, datatype=ox.NamedNode(XSD + "boolean"))
        quads += [ox.Quad(record, ox.NamedNode(path), boolean) for record in records]
    return case_of(full.group, "varied", quads)


@pytest.mark.parametrize(
    ("engine", "block"),
    some(
        product(["shacl", "pyshacl"], BLOCKS), sample=len(BLOCKS), always=product(["shacl"], BLOCKS)
    ),
)
def test_a_block_that_asks_for_a_value_tells_no_from_silence(
    block: str, engine: str, tmp_path: Path
) -> None:
    """The property is of nobody's vocabulary, so that nothing else in a record turns on it."""
    builds_on, kind, criterion, unsaid = BLOCKS[block]
    path = tmp_path / "own.ttl"
    path.write_text(HEAD + VALUE.format(block=block, builds_on=builds_on, path="my:said"))
    judge = Judge(["r"], definition=str(path), engine=engine, evidence=False)
    said = "https://example.org/my/said"
    found = {}
    for value in ("true", "false", None):
        (one,) = judge.assess_unchecked(with_value(kind, said, value, unsaid))
        found[value] = one.finding(criterion).verdict
    assert found == {"true": MET, "false": NOT, None: OPEN}


@pytest.mark.parametrize("engine", some(["shacl", "pyshacl"], sample=1))
def test_the_guides_value_tells_no_from_silence(engine: str, folder: Path) -> None:
    judge = Judge(["who-was-there"], definition="who-was-there.ttl", engine=engine, evidence=False)
    for value, verdict in (("true", MET), ("false", NOT), (None, OPEN)):
        (one,) = judge.assess(with_value("Participation", K20 + "tookPart", value))
        assert one.finding("mutual-benefit").verdict is verdict


def test_only_the_forms_that_are_needed_have_to_be_stated(tmp_path: Path) -> None:
    """Nothing asks if a division of labour may yet be known, so its kinds need no word on it."""
    path = tmp_path / "own.ttl"
    path.write_text(
        HEAD
        + "my:r a k20:Reading ; k20:variantOf reading:literal ; "
        + "k20:sets [ k20:inPlaceOf ks:KnownType ; k20:takes my:Pooled ] .\n"
        + "my:Pooled a sh:NodeShape ; sh:in ( k20:Pooled ) .\n"
    )
    assert load_definition(str(path)).reading("r")


def load_slice() -> str:
    from k20kg.definition.subclasses import subclass_slice

    return subclass_slice()


def text_of(name: str) -> tuple[str, str]:
    (case,) = read_cases([shipped_cases()[name]])
    return case.text, case.syntax
