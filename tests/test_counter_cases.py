"""Every counter-case gets the verdicts that its own file expects, under each reading and engine."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Triple
from scale import PROVE

import k20kg
from k20kg.engines import ENGINES
from k20kg.model import Assessment, Verdict
from k20kg.sources.published import read_published
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, RDFS, packaged

FOLDER = packaged("data", "counter-cases")
FILES = sorted(FOLDER.glob("*.ttl"))
GUIE = packaged("data", "cases", "guie", "guie.ttl")
READINGS = ("as-applied", "literal")
CRITERIA = (
    "shared-goal",
    "routine",
    "k12-member",
    "higher-ed-member",
    "formal-agreement",
    "dedicated-resources",
    "active-engagement",
    "mutual-benefit",
    "joint-work",
)
CODES = dict(zip(CRITERIA, ("1a", "1b", "2a", "2b", "2c", "2d", "2e", "3", "4"), strict=True))
WORDS = {
    "Met": Verdict.MET,
    "NotMet": Verdict.NOT_MET,
    "NotEstablished": Verdict.NOT_ESTABLISHED,
    "Contested": Verdict.CONTESTED,
    "IsK20Partnership": Verdict.MET,
    "IsNotK20Partnership": Verdict.NOT_MET,
}
SIGNS = {
    Verdict.MET: "✔",
    Verdict.NOT_MET: "✘",
    Verdict.NOT_ESTABLISHED: "◌",
    Verdict.CONTESTED: "◐",
}
ON_CRITERION = {"Met", "NotMet", "NotEstablished", "Contested"}
OVERALL = {"IsK20Partnership", "IsNotK20Partnership", "NotEstablished", "Contested"}

each_file = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


@cache
def triples(path: Path) -> tuple[tuple[str, str, str], ...]:
    """Return a file's triples with every term as text, without its RDF syntax."""
    quads = read_published(path)
    return tuple((bare(q.subject), q.predicate.value, bare(q.object)) for q in quads)


def bare(term: NamedNode | BlankNode | Literal | Triple) -> str:
    return str(term) if isinstance(term, Triple) else term.value


def group(path: Path) -> str:
    return f"{BASE}case/{path.stem}"


def objects(path: Path, subject: str, property_: str) -> list[str]:
    return [o for s, p, o in triples(path) if s == subject and p == property_]


def of_type(path: Path, *kinds: str) -> list[str]:
    types = {K20 + kind for kind in kinds}
    return [s for s, p, o in triples(path) if p == RDF_TYPE and o in types]


@cache
def expectations(path: Path) -> dict[tuple[str, str], str]:
    """Return the local name of the verdict expected, by reading and criterion (or ``overall``)."""
    expected: dict[tuple[str, str], str] = {}
    for node in objects(path, group(path), K20 + "expectedVerdict"):
        (reading,) = objects(path, node, K20 + "onReading")
        (verdict,) = objects(path, node, K20 + "verdict")
        criterion = "".join(objects(path, node, K20 + "onCriterion")) or "overall"
        key = (
            reading.removeprefix(f"{BASE}reading/"),
            criterion.removeprefix(f"{BASE}criterion/"),
        )
        assert node == f"{group(path)}/expected/{key[0]}/{key[1]}"
        expected[key] = verdict.removeprefix(K20)
    return expected


@cache
def assessments(engine: str) -> dict[tuple[str, str], Assessment]:
    """Return the assessments of all files by case and reading; the shapes are compiled once."""
    found = k20kg.validate(*FILES, reading=READINGS, engine=engine, evidence=False)
    return {(a.case, a.reading.id): a for a in found}


def expected_and_found() -> Iterator[object]:
    # Where both engines give the same results, test_engines_agree.py, they give the same verdicts.
    for path, reading, engine in product(FILES, READINGS, ENGINES if PROVE else ENGINES[:1]):
        verdicts = {c: v for (r, c), v in expectations(path).items() if r == reading}
        codes = [code for criterion, code in CODES.items() if verdicts.get(criterion) != "Met"]
        name = "-".join([path.stem, reading, engine, *codes])
        yield pytest.param(path, reading, engine, id=name)


def test_there_are_counter_cases() -> None:
    assert len(FILES) >= 15


@pytest.mark.parametrize(("path", "reading", "engine"), expected_and_found())
def test_verdicts_are_those_the_file_expects(path: Path, reading: str, engine: str) -> None:
    assessment = assessments(engine)[group(path), reading]
    found = {f.criterion.id: f.verdict for f in assessment.findings}
    found["overall"] = assessment.verdict
    expected = {c: WORDS[v] for (r, c), v in expectations(path).items() if r == reading}
    assert found == expected


@each_file
def test_public_validate_judges_a_file_on_its_own(path: Path) -> None:
    (assessment,) = k20kg.validate(path, reading="literal")
    assert assessment.case == group(path)
    assert assessment.synthetic
    assert assessment.verdict is WORDS[expectations(path)["literal", "overall"]]


@each_file
def test_expectations_are_complete(path: Path) -> None:
    expected = expectations(path)
    assert set(expected) == set(product(READINGS, (*CRITERIA, "overall")))
    for (_, criterion), verdict in expected.items():
        assert verdict in (OVERALL if criterion == "overall" else ON_CRITERION)


@each_file
def test_expected_overall_verdict_follows_from_the_criteria(path: Path) -> None:
    expected = expectations(path)
    for reading in READINGS:
        worst = Verdict.all_of(WORDS[expected[reading, c]] for c in CRITERIA)
        assert WORDS[expected[reading, "overall"]] is worst


@each_file
def test_file_says_that_it_is_synthetic(path: Path) -> None:
    node = f"{group(path)}/record"
    assert "SYNTHETIC" in path.read_text(encoding="utf-8").split("\n\n")[0]
    assert objects(path, node, K20 + "recordOf") == [group(path)]
    assert objects(path, node, K20 + "synthetic") == ["true"]
    assert objects(path, node, DCTERMS + "source") == [f"{BASE}source/synthetic"]


@each_file
def test_all_evidence_is_an_invention(path: Path) -> None:
    items = of_type(path, "EvidenceItem")
    assert items
    for item in items:
        assert objects(path, item, K20 + "source") == [f"{BASE}source/synthetic"]
        assert objects(path, item, K20 + "method") == [K20 + "Invention"]
        (locator,) = objects(path, item, K20 + "locator")
        assert locator.startswith("made up, item ")


@each_file
def test_whoever_has_a_name_is_said_to_be_made_up(path: Path) -> None:
    named = of_type(path, "K12SchoolDistrict", "University", "Company", "Project", "Person")
    assert named
    for node in (group(path), *named, *of_type(path, "OrganizationalUnit")):
        (label,) = objects(path, node, RDFS + "label")
        assert label.endswith("(made up)")


@each_file
def test_no_part_is_left_out_of_the_group(path: Path) -> None:
    pointed_at = {o for _, _, o in triples(path)}
    assert {s for s, _, _ in triples(path)} - pointed_at == {f"{group(path)}/record"}


@each_file
def test_only_declared_vocabulary_is_used(path: Path) -> None:
    assert used(path) <= declared()


def test_readme_shows_every_expected_verdict() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| [")]
    assert rows == [readme_row(path) for path in FILES]


def test_guie_is_not_established_and_nothing_counts_against_it() -> None:
    for assessment in k20kg.validate(GUIE, reading=READINGS, evidence=False):
        assert not assessment.synthetic
        assert assessment.verdict is Verdict.NOT_ESTABLISHED
        verdicts = {f.verdict for f in assessment.findings}
        assert verdicts <= {Verdict.MET, Verdict.NOT_ESTABLISHED}
        assert assessment.finding("k12-member").verdict is Verdict.NOT_ESTABLISHED


def test_guie_cites_the_paper_for_everything_it_says() -> None:
    items = of_type(GUIE, "EvidenceItem")
    assert items
    for item in items:
        assert objects(GUIE, item, K20 + "source") == [f"{BASE}source/paper"]
        (locator,) = objects(GUIE, item, K20 + "locator")
        assert "line 128" in locator
    assert used(GUIE) <= declared()


def readme_row(path: Path) -> str:
    cells = [f"[{path.stem}]({path.name})"]
    for criterion in (*CRITERIA, "overall"):
        signs = [SIGNS[WORDS[expectations(path)[reading, criterion]]] for reading in READINGS]
        cells.append(" ".join(dict.fromkeys(signs)))
    return f"| {' | '.join(cells)} |"


def used(path: Path) -> set[str]:
    return {t for triple in triples(path) for t in triple if t.startswith(K20)}


@cache
def declared() -> frozenset[str]:
    """Return the k20 terms that the ontology types."""
    files = sorted(packaged("ontology").glob("*.ttl"))
    assert files
    found = {s for path in files for s, p, _ in triples(path) if p == RDF_TYPE}
    return frozenset(s for s in found if s.startswith(K20))
