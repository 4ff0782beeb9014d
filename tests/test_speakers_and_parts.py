# ruff: noqa: E501
"""One change to the full partnership more: whose people speak, and what hangs on a part or on others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_ties import DENIAL, NOTHING, OTHER, SAID, SUBGROUP, Change, firm, judged, without

ASIDE = """
<benefit/3> a k20:Benefit ; rdfs:label "A third gain (made up)"@en ; k20:evidencedBy <evidence/3> .
<aside> a k20:BenefitStatement ; k20:statedBy <role-group/teachers> ; k20:aboutBenefit <benefit/3> ; k20:stance k20:Affirms ;
    k20:expectation k20:Expected ; k20:benefitScope k20:OwnOrganization ; {} <evidence/3> .
"""
TUTORS = """
case:changed k20:participation <participation/teachers> , <participation/faculty> , <participation/tutors> .
<participation/tutors> a k20:Participation ; k20:participant <tutors> ; k20:sector k20:{1} ; k20:homeFirm <{0}> ;
    k20:onRoll true ; k20:routine true ; k20:evidencedBy <evidence/2> .
<tutors> a k20:RoleGroup ; rdfs:label "Tutors (made up)"@en ; k20:sector k20:{1} ; k20:homeFirm <{0}> .
<denial> k20:statedBy <tutors> .
<denial> """
CHANGES = [
    # ---- rule 6: another gain is affirmed for this group, on evidence
    Change("teachers deny what they affirm, and affirm another gain from another programme", DENIAL + OTHER.format(" ; k20:benefitStatement <aside>")
        + "<denial> k20:statedBy <role-group/teachers> ; k20:aboutBenefit <benefit/1> . <denial> " + SAID + ASIDE.format("k20:evidencedBy"), "3◐"),
    Change("teachers deny what they affirm, and that they affirm another gain is disputed",
        "case:changed k20:benefitStatement <benefit-statement/teachers> , <benefit-statement/faculty> , <denial> , <aside> .\n<denial> k20:statedBy <role-group/teachers> ; k20:aboutBenefit <benefit/1> . <denial> " + SAID + ASIDE.format("k20:disputedBy"), "3◐"),
    # ---- ruling: a home firm that is stated decides whose people they are, whatever the role is called
    Change("the faculty are called K-12", "<participation/faculty> k20:sector k20:K12Sector .\n<role-group/faculty> k20:sector k20:K12Sector .\n", NOTHING),
    Change("the faculty are called outsiders", "<participation/faculty> k20:sector k20:OtherSector .\n<role-group/faculty> k20:sector k20:OtherSector .\n", NOTHING),
    Change("role groups have homes and no sector", "<role-group/teachers> k20:sector () .\n<role-group/faculty> k20:sector () .\n", NOTHING),
    Change("tutors of a company who are called K-12 deny any gain", DENIAL + firm("company", "Company") + TUTORS.format("company", "K12Sector") + SAID, NOTHING),
    Change("fellows of the university who are called outsiders deny any gain", DENIAL + TUTORS.format("university", "OtherSector") + SAID, "3◐", "3✘"),
    # ---- 1a: what a person of a role group holds, all of it may hold
    Change("a teacher holds the goal", """
        <teacher> a k20:Person ; rdfs:label "A teacher (made up)"@en ; k20:ofRoleGroup <role-group/teachers> .
        <goal-statement/teachers> k20:heldBy <teacher> .""", "1a◌"),
    # ---- rule 1: people of another group, and what hangs on a sub-group
    Change("the teachers are on another group's list, tasks open", OTHER.format(" ; k20:participation <participation/teachers>")
        + "case:changed k20:participation <participation/faculty> .\n" + without("complete/tasks"), "2e✘ 3◐ 4✘", "2e✘ 3✘ 4✘"),
    Change("the district refuses to commit to a sub-group", SUBGROUP.format(" ; k20:refusal <refusal>")
        + "<refusal> a k20:CommitmentRefusal ; k20:byFirm <district> ; k20:resourceKind k20:HumanResource ; k20:evidencedBy <evidence/1> .\n", "2d◐"),
    Change("the district is listed as a member of a sub-group", SUBGROUP.format(" ; k20:membership <membership/district>")
        + "case:changed k20:membership <membership/university> .\n", "2a◌ 2c◌ 2d◌ 2e◌"),
    Change("the district committed to a sub-group", SUBGROUP.format(" ; k20:commitment <commitment/district>") + "<agreement> k20:commits <commitment/university> .\n", "2d◌"),
    Change("a sub-group was formed through the agreement", SUBGROUP.format(" ; k20:formedThrough <agreement>") + "case:changed k20:formedThrough () .\n", "2c◌ 2d◌"),
    Change("the goal is a sub-group's", SUBGROUP.format(" ; k20:goal <goal/1>") + "case:changed k20:goal () .\n", "1a◌"),
    Change("a sub-group lists a member that the group lists, and a college signs for neither", SUBGROUP.format(" ; k20:membership <membership/again>")
        + "<membership/again> a k20:FirmMembership ; k20:memberFirm <district> ; k20:evidencedBy <evidence/1> .\n<signature/district> k20:onBehalfOf <college> .\n"
        + firm("college", "College"), "2c✘"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: re.sub(r"\W+", "-", c.what))
def test_one_change_has_its_effect(change: Change, tmp_path: Path) -> None:
    literal = change.as_applied if change.literal is None else change.literal
    assert judged(change.turtle, tmp_path) == {"as-applied": change.as_applied, "literal": literal}
