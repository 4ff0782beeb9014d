"""Records that decide or carry a verdict, worked out by hand, for made-up cases and LAMSIG."""

from __future__ import annotations

from functools import cache

import pyoxigraph as ox
import pytest
from shipped import case as read

from k20kg.judging.cases import Case, case_of
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Verdict
from k20kg.vocabulary import K20, RDF_TYPE

SAID = "Read by us."


@cache
def judge() -> Judge:
    return Judge()


def assess(case: Case) -> dict[str, Assessment]:
    return {a.reading.id: a for a in judge().assess(case)}


@cache
def shipped(name: str) -> dict[str, Assessment]:
    return assess(read(name))


def read_by_us(name: str, *records: str, statement_of: str = "", beside: bool = False) -> Case:
    """Return a made-up case in which these records rest on a reading of the curators.

    `statement_of`: the item is evidence for what the records say by this property alone; `beside`:
    what was their evidence before stays.
    """
    case = read(name)
    item = ox.NamedNode(f"{case.group}/evidence/ours")
    link = ox.NamedNode(K20 + "evidencedBy")
    moved = {ox.NamedNode(f"{case.group}/{record}") for record in records}
    quads = [q for q in case.quads if beside or not (q.subject in moved and q.predicate == link)]
    said = {
        K20 + "source": ox.NamedNode("https://w3id.org/k20kg/source/curators"),
        K20 + "method": ox.NamedNode(K20 + "CuratorsReading"),
        K20 + "locator": ox.Literal("paper, line 1"),
        K20 + "statement": ox.Literal(SAID),
        RDF_TYPE: ox.NamedNode(K20 + "EvidenceItem"),
    }
    if statement_of:
        said[K20 + "evidenceFor"] = ox.NamedNode(K20 + statement_of)
    quads += [ox.Quad(item, ox.NamedNode(p), o) for p, o in said.items()]
    quads += [ox.Quad(record, link, item) for record in sorted(moved, key=str)]
    return case_of(case.group, "test", quads)


def decided(case: Case, reading: str) -> tuple[tuple[str, ...], bool]:
    (found,) = (a for a in assess(case)[reading].assumptions if a.statement == SAID)
    return found.decides, found.decides_whole


def test_a_list_that_we_alone_call_complete_decides_what_rests_on_it() -> None:
    case = read_by_us("full-partnership", "complete/asked")
    # 3 is mutual by the letter too, whoever was asked.
    assert decided(case, "as-applied") == (("1a",), True)
    assert decided(case, "literal") == (("1a",), True)


def test_what_a_source_says_too_does_not_decide() -> None:
    case = read_by_us("full-partnership", "complete/asked", beside=True)
    assert decided(case, "as-applied") == ((), False)


def test_of_a_record_with_other_evidence_only_what_we_read_goes() -> None:
    enactments = [
        q.subject.value.removeprefix(read("full-partnership").group + "/")
        for q in read("full-partnership").quads
        if q.predicate.value == K20 + "enactmentStatus" and isinstance(q.subject, ox.NamedNode)
    ]
    assert enactments
    status = read_by_us(
        "full-partnership", *enactments, statement_of="enactmentStatus", beside=True
    )
    assert decided(status, "literal") == (("1b",), True)
    order = read_by_us("full-partnership", *enactments, statement_of="sequenceNumber", beside=True)
    assert decided(order, "literal") == ((), False)


def test_a_reading_of_ours_may_decide_against_a_group() -> None:
    case = read_by_us("one-cycle-closed", "complete/enactments")
    assert assess(case)["literal"].finding("1b").verdict is Verdict.NOT_MET
    assert decided(case, "literal") == (("1b",), True)


def test_lamsig_rests_on_eight_readings_each_alone() -> None:
    found = shipped("lamsig")
    assert found["as-applied"].announced == (
        "as the authors judged this very case (8 assumptions decide)"
    )
    # Not established either way by the letter: no single reading decides the whole.
    assert found["literal"].announced == "close to the letter of the indicators"
    assert [f.verdict for f in found["as-applied"].findings] == [Verdict.MET] * 9
    silent = [f.criterion.code for f in found["literal"].findings if f.verdict is not Verdict.MET]
    assert silent == ["2c", "2d", "2e", "3", "4"]
    assert found["literal"].verdict is Verdict.NOT_ESTABLISHED


def test_the_record_of_the_documents_alone_leaves_four_criteria_open() -> None:
    case = read("lamsig")
    own = [q for q in case.quads if not str(q.graph_name).endswith("/record/curators>")]
    found = assess(case_of(case.group, "test", own))["as-applied"]
    silent = [f.criterion.code for f in found.findings if f.verdict is not Verdict.MET]
    assert silent == ["1a", "1b", "2d", "3"]


def test_the_state_on_a_day_is_told_apart_in_the_same_way() -> None:
    (found, _) = judge().assess_at(read("lamsig"), "2006-09")
    deciding = [a.decides for a in found.assumptions if a.decides]
    assert ("1b",) in deciding
    assert ("2d",) in deciding


# ---------------------------------------------------------------- choices of a reading


@pytest.mark.parametrize(
    ("case", "used"),
    [
        ("full-partnership", set()),
        ("agreement-of-parent-project", {"A parent project's agreement"}),
        # Both agreements are linked to the group itself (329); no signature, no commitment in them.
        ("lamsig", {"Leaders' official support", "Resources committed", "Benefits received"}),
    ],
)
def test_a_choice_is_listed_where_it_was_used(case: str, used: set[str]) -> None:
    choices = {
        start
        for a in shipped(case)["as-applied"].assumptions
        for start in (
            "A parent project's agreement",
            "Leaders' official support",
            "Resources committed",
            "Benefits received",
        )
        if a.statement.startswith(start)
    }
    assert choices == used


# ---------------------------------------------------------------- carriers, authors


def carried(case: str, reading: str, code: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for carrier in shipped(case)[reading].finding(code).carried_by:
        found.setdefault(carrier.kind, set()).add(carrier.label)
    return found


def test_what_carries_a_criterion_is_named() -> None:
    assert carried("lamsig", "literal", "2a") == {
        "K-12 school district": {"Los Angeles Unified School District"}
    }
    assert carried("lamsig", "literal", "2b")["university"] == {
        "California State University, Dominguez Hills",
        "California State University, Northridge",
        "University of Wisconsin-Madison",
    }
    # Chart 3: rows 5 to 7 are marked in all four columns.
    assert carried("lamsig", "as-applied", "1a")["goal"] == {
        "Increase student learning",
        "Increase K-12 instructional quality",
        "Develop immersion unit examples",
    }
    assert carried("lamsig", "literal", "1b")["enactment"] == {
        "Design of the unit Density & Buoyancy",
        "Design of the unit Plate Tectonics",
    }
    assert carried("lamsig", "literal", "2c") == {}


def test_the_authors_own_conclusions_stand_beside() -> None:
    found = shipped("lamsig")["literal"]
    places = {
        f.criterion.code: [e.locator for o in f.authors for e in o.evidence] for f in found.findings
    }
    assert places["2c"] == ["6.2, lines 323–327"]
    assert places["2d"] == []
    assert "7.0, lines 492–494" in places["3"]
    assert "7.0, lines 492–494" in places["4"]
    assert {o.verdict for f in found.findings for o in f.authors} == {Verdict.MET}
    assert [o.verdict for o in found.authors] == [Verdict.MET]
    assert shipped("full-partnership")["literal"].authors == ()


def test_one_person_expects_a_benefit_and_is_tied_to_no_row() -> None:
    coverage = shipped("lamsig")["literal"].finding("3").coverage
    assert coverage is not None
    assert (coverage.stated, coverage.unplaced, coverage.required) == (0, 1, 38)
    places = [e.locator for e in shipped("lamsig")["literal"].finding("3").evidence]
    assert "6.4, quotation, line 444" in places
    assert "6.4, line 446" in places
