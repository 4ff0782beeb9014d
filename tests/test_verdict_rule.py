"""Properties of the verdicts, on shipped cases and on random changes to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scale import tries
from shipped import case as read

from k20kg.errors import InputError, RecordError
from k20kg.judging.cases import Case, case_of, read_cases, write_flat
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.rdf.graph import str_of as address
from k20kg.rdf.syntax import parse_text
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import K20, RDF_TYPE, packaged

CASES = shipped_cases()
NAMES = sorted(CASES)
JUDGE = Judge(evidence=False)
RANK = {Verdict.NOT_MET: 0, Verdict.NOT_ESTABLISHED: 1, Verdict.CONTESTED: 1, Verdict.MET: 2}

names = st.sampled_from(NAMES)


def verdicts(case: Case) -> dict[tuple[str, str], Verdict]:
    return {
        (a.reading.id, f.criterion.id): f.verdict
        for a in JUDGE.assess_unchecked(case)
        for f in a.findings
    }


def without(case: Case, nodes: set[str]) -> Case:
    """Return the case without these nodes and all that is said of them."""

    def gone(term: object) -> bool:
        return isinstance(term, ox.NamedNode) and term.value in nodes

    return case_of(
        case.group, "reduced", (q for q in case.quads if not gone(q.subject) and not gone(q.object))
    )


def of_types(case: Case, *types: str) -> list[str]:
    wanted = {K20 + t for t in types}
    return sorted(
        {
            q.subject.value
            for q in case.quads
            if q.predicate.value == RDF_TYPE
            and isinstance(q.object, ox.NamedNode)
            and q.object.value in wanted
            and isinstance(q.subject, ox.NamedNode)
        }
    )


def test_the_rule_is_the_table_of_support_and_counter_evidence() -> None:
    table = {
        (True, False): Verdict.MET,
        (False, True): Verdict.NOT_MET,
        (False, False): Verdict.NOT_ESTABLISHED,
        (True, True): Verdict.CONTESTED,
    }
    for (support, counter), verdict in table.items():
        assert Verdict.of(support=support, counter=counter) is verdict


@pytest.mark.parametrize(
    ("verdicts", "overall"),
    [
        (["MET", "MET"], "MET"),
        (["MET", "NOT_ESTABLISHED"], "NOT_ESTABLISHED"),
        (["NOT_ESTABLISHED", "CONTESTED"], "CONTESTED"),
        (["CONTESTED", "NOT_MET", "NOT_ESTABLISHED"], "NOT_MET"),
    ],
)
def test_the_worst_verdict_decides(verdicts: list[str], overall: str) -> None:
    assert Verdict.all_of(Verdict[v] for v in verdicts) is Verdict[overall]


def test_a_group_of_which_nothing_is_known_is_not_established_throughout() -> None:
    group = ox.NamedNode("https://example.org/group")
    bare = case_of(
        group.value,
        "bare",
        [ox.Quad(group, ox.NamedNode(RDF_TYPE), ox.NamedNode(K20 + "CandidateGroup"))],
    )
    assert set(verdicts(bare).values()) == {Verdict.NOT_ESTABLISHED}


@settings(max_examples=tries(sample=20, prove=60), deadline=None)
@given(names, st.sampled_from(["http://example.org/", "urn:x:"]), st.text(max_size=20))
def test_an_unrelated_triple_changes_no_verdict(name: str, base: str, words: str) -> None:
    case = read(name)
    stray = ox.Quad(
        ox.NamedNode(base + "a"), ox.NamedNode(base + "b"), ox.Literal(words.replace("\x00", ""))
    )
    assert verdicts(case_of(case.group, "with stray", [*case.quads, stray])) == verdicts(case)


@pytest.mark.parametrize("name", NAMES)
def test_silence_is_never_counter_evidence(name: str) -> None:
    """Without completeness statements and without dissent, nothing can be not met."""
    case = read(name)
    dissent = [q for q in case.quads if q.predicate.value == K20 + "disputedBy"]
    denials = {
        q.subject.value
        for q in case.quads
        if isinstance(q.subject, ox.NamedNode)
        and q.object in (ox.NamedNode(K20 + "Denies"), ox.NamedNode(K20 + "CommitmentRefusal"))
    }
    open_lists = without(case, denials | set(of_types(case, "CompletenessStatement")))
    quiet = case_of(case.group, "quiet", [q for q in open_lists.quads if q not in dissent])
    assert set(verdicts(quiet).values()) <= {Verdict.MET, Verdict.NOT_ESTABLISHED}


SUPPORTING = [
    "FirmMembership", "FormalAgreement", "Signature", "OfficialSupport", "ResourceCommitment",
    "ResourceUse", "Goal", "GoalStatement", "Task", "TaskAspect", "Contribution", "Procedure",
    "Enactment", "BenefitStatement",
]  # fmt: skip
"""Kinds of record that can only help. Lists that a universal runs over, completeness statements and
dissent are another matter; so is a membership, for the criterion that asks of each partner, and
that of a firm that refused, whose refusal counts as long as it is a partner."""


def with_parts(case: Case, record: str) -> set[str]:
    """Return a record and what hangs on it alone; left behind, that would be a stray."""
    gone = {record}
    while True:
        parts = {address(q.object) for q in case.quads if address(q.subject) in gone}
        kept = {address(q.object) for q in case.quads if address(q.subject) not in gone}
        more = {p for p in parts - kept - gone if p.startswith(case.group)}
        if not more:
            return gone
        gone |= more


@settings(max_examples=tries(sample=30, prove=120), deadline=None)
@given(names, st.data())
def test_taking_a_supporting_record_away_never_raises_a_verdict(
    name: str, data: st.DataObject
) -> None:
    case = read(name)
    denials = {
        q.subject.value for q in case.quads
        if q.object == ox.NamedNode(K20 + "Denies") and isinstance(q.subject, ox.NamedNode)
    }  # fmt: skip
    disputed = {
        q.subject.value for q in case.quads
        if q.predicate.value == K20 + "disputedBy" and isinstance(q.subject, ox.NamedNode)
    }  # fmt: skip
    refusals = of_types(case, "CommitmentRefusal")
    refusing = {q.object for q in case.quads if address(q.subject) in refusals}
    dissenting = {q.subject.value for q in case.quads
                  if q.predicate.value == K20 + "memberFirm" and q.object in refusing
                  and isinstance(q.subject, ox.NamedNode)}  # fmt: skip
    records = [n for n in of_types(case, *SUPPORTING) if n not in denials | disputed | dissenting]
    if not records:
        return
    gone = data.draw(st.sampled_from(records))
    then = replace(without(case, with_parts(case, gone)), at_one_time=True)
    before, after = verdicts(replace(case, at_one_time=True)), verdicts(then)
    member = gone in of_types(case, "FirmMembership")
    for key, verdict in after.items():
        if member and key == ("literal", "joint-work"):
            continue
        assert RANK[verdict] <= RANK[before[key]], (gone, key)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_written_flat_and_read_again_is_the_same_graph(name: str) -> None:
    case = read(name)
    again = parse_text(write_flat(case), "turtle", "again")
    assert {str(q.triple) for q in again} == {str(q.triple) for q in case.quads}
    assert write_flat(case) == write_flat(read_again(name))


def read_again(name: str) -> Case:
    (case,) = read_cases([CASES[name]])
    return case


def test_many_cases_are_judged_as_each_alone_and_in_order() -> None:
    """Cases are begun ahead of one another, in threads; nothing of it shows."""
    cases = list(read_cases([packaged("data", "counter-cases")]))
    assert len(cases) > 20
    judge = Judge()
    assert list(judge.assess_all(cases)) == [judge.assess(case) for case in cases]


def test_the_first_fault_in_the_order_of_the_cases_is_told() -> None:
    (good,) = read_cases([packaged("data", "cases", "guie")])
    bad = replace(good, text=good.text.replace("k20:evidencedBy", "k20:evidenceBy"), documents=())

    def cases() -> Iterator[Case]:
        yield good
        yield bad
        raise InputError("the third cannot be read")

    judged = Judge(evidence=False).assess_all(cases())
    assert next(judged)
    with pytest.raises(RecordError):
        next(judged)
    judged = Judge(evidence=False).assess_all(case for case in cases() if case is not bad)
    assert next(judged)
    with pytest.raises(InputError):
        next(judged)
