# ruff: noqa: E501
"""One change to the full partnership: what nobody wrote down speaks neither way, what a list rules out does.

The verdicts are worked out from the definition by hand, as in `test_ties`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_record_notes import words_of
from test_ties import (
    BY,
    LISTED,
    NOTHING,
    OTHER,
    SUBGROUP,
    Change,
    also,
    firm,
    judged,
    list_of,
    without,
)

RUN = "<procedure> k20:enactment <enactment/1> , <enactment/2> , <enactment/3> .\n<enactment/3> a k20:Enactment ; k20:enactmentStatus k20:{} ; k20:enactedBy <{}> ; k20:evidencedBy <evidence/4> .\n"
PARTS = """
case:changed k20:subGroup <team> .
<team> a k20:SubGroup ; rdfs:label "Team (made up)"@en ; k20:subGroup <part> {} .
<part> a k20:SubGroup ; rdfs:label "Part (made up)"@en ; k20:participation {} .
"""
USES = (
    list_of("uses", "ResourceUseList")
    + f"case:changed k20:completeness {LISTED} , <complete/uses> .\n"
)
OPEN = USES.replace(" , <complete/tasks>", "")
UNIT = '<unit> a k20:OrganizationalUnit ; rdfs:label "Unit (made up)"@en .\n'
DAY = '"{}T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>'


def ended(node: str, day: str) -> str:
    return f"<{node}> k20:earliestEnd {DAY.format(day)} ; k20:latestEnd {DAY.format(day)} .\n"


def begun(node: str, day: str) -> str:
    return f"<{node}> k20:earliestBegin {DAY.format(day)} ; k20:latestBegin {DAY.format(day)} .\n"


CYCLES = ended("enactment/1", "2020-09-15") + ended("enactment/2", "2021-03-15")
SUCCESSOR = (
    CYCLES
    + firm("second", "University")
    + ended("membership/university", "2020-12-31")
    + ended("participation/faculty", "2020-12-31")
    + begun("membership/second", "2021-01-01")
    + begun("participation/second", "2021-01-01")
    + """
    case:changed k20:membership <membership/district> , <membership/university> , <membership/second> ;
        k20:participation <participation/teachers> , <participation/faculty> , <participation/second> ;
        k20:benefitStatement <benefit-statement/teachers> , <benefit-statement/faculty> , <benefit-statement/second> .
    <membership/second> a k20:FirmMembership ; k20:memberFirm <second> ; k20:evidencedBy <evidence/1> .
    <role-group/second> a k20:RoleGroup ; k20:sector k20:HigherEducationSector ; k20:homeFirm <second> .
    <participation/second> a k20:Participation ; k20:participant <role-group/second> ; k20:sector k20:HigherEducationSector ;
        k20:homeFirm <second> ; k20:onRoll true ; k20:routine true ; k20:evidencedBy <evidence/2> .
    <benefit-statement/second> a k20:BenefitStatement ; k20:statedBy <role-group/second> ; k20:stance k20:Affirms ;
        k20:expectation k20:Expected ; k20:benefitScope k20:OwnOrganization ; k20:quantifier k20:AllMembers ; k20:evidencedBy <evidence/3> .
    <task/1> k20:contribution <contribution/teachers> , <contribution/faculty> , <contribution/second> ;
        k20:uses <use/1> , <use/2> , <use/3> , <use/4> , <use/5> , <use/6> .
    <contribution/second> a k20:Contribution ; k20:contributor <participation/second> ; k20:contributionRole k20:Writes ; k20:evidencedBy <evidence/5> .
    <use/5> a k20:ResourceUse ; k20:byFirm <second> ; k20:resourceKind k20:HumanResource ; k20:evidencedBy <evidence/5> .
    <use/6> a k20:ResourceUse ; k20:byFirm <second> ; k20:resourceKind k20:FinancialResource ; k20:evidencedBy <evidence/5> .
    """
)
COMMITS = "<pledge> a k20:ResourceCommitment ; k20:byFirm <second> ; k20:resourceKind k20:HumanResource ; k20:evidencedBy <evidence/1> .\n"
CHANGES = [
    # ---- rule 3: the group's own runs that came to their end, and the people of parts
    Change("a third run by faculty of another group", SUBGROUP.format("") + BY.format("<team>") + OTHER.format(" ; k20:participation <participation/faculty>") + RUN.format("Completed", "other"), NOTHING),
    Change("a third run that faculty departed from", SUBGROUP.format("") + BY.format("<team>") + 'case:changed k20:subGroup <team> , <team-2> .\n<team-2> a k20:SubGroup ; k20:participation <participation/faculty> .\n' + RUN.format("Departed", "team-2"), NOTHING),
    Change("cycles by a team whose part is of faculty alone", PARTS.format("", "<participation/faculty>") + BY.format("<team>"), "1b◌"),
    Change("cycles by a team of faculty with a part of teachers", PARTS.format("; k20:participation <participation/faculty>", "<participation/teachers>") + BY.format("<team>"), NOTHING),
    # ---- 2e: what a complete list of uses rules out
    Change("one of the three kinds was not used, uses complete", USES + without("use/3"), NOTHING, "2e✘"),
    Change("the kind of one is not stated, uses complete", USES + "<use/3> k20:resourceKind k20:ResourceKindNotStated .\n", NOTHING, "2e◌"),
    Change("whose some are nobody says, uses complete", USES + "<use/1> k20:byFirm () .\n<use/4> k20:byFirm () .\n", "2e◌"),
    Change("nobody of a sector is on record at work, uses and tasks complete", USES + without("contribution/teachers"), "2e✘ 4✘"),
    Change("nobody of a sector is on record at work, uses complete, tasks open", OPEN + without("complete/tasks", "contribution/teachers"), "2e◌ 4◌"),
    Change("the only task was planned, uses complete, tasks open", OPEN + without("complete/tasks") + "<task/1> k20:taskStatus k20:Planned .\n", "2e✘ 4◌"),
    Change("all were used in a part of a task that was planned, uses complete, tasks open", OPEN + without("complete/tasks") + """
        <task/1> k20:taskStatus k20:Planned ; k20:uses () ; k20:subtask <task/1a> .
        <task/1a> a k20:Task ; rdfs:label "Part"@en ; k20:evidencedBy <evidence/5> ; k20:uses <use/1> , <use/2> , <use/3> , <use/4> .
        """, "2e✘ 4◌"),
    Change("all were used in a part of the task, uses complete", USES + """
        <task/1> k20:uses () ; k20:subtask <task/1a> .
        <task/1a> a k20:Task ; rdfs:label "Part"@en ; k20:evidencedBy <evidence/5> ; k20:uses <use/1> , <use/2> , <use/3> , <use/4> .
        """, NOTHING),
    # ---- rule 6: a dispute counts where the statement is the group's own
    Change("that faculty hold it in another group, too, is disputed", OTHER.format(" ; k20:goalStatement <goal-statement/faculty-2>") + """
        <goal-statement/faculty-2> a k20:GoalStatement ; k20:aboutGoal <goal/1> ; k20:heldBy <role-group/faculty> ;
            k20:quantifier k20:AllInterviewed ; k20:evidencedBy <evidence/3> ; k20:disputedBy <evidence/2> .""", NOTHING),
    Change("that faculty hold it, as they said again, is disputed", also("goalStatement", "<goal-statement/teachers> , <goal-statement/faculty>", "<goal-statement/faculty-2>") + """
        <goal-statement/faculty-2> a k20:GoalStatement ; k20:aboutGoal <goal/1> ; k20:heldBy <role-group/faculty> ;
            k20:quantifier k20:AllInterviewed ; k20:evidencedBy <evidence/3> ; k20:disputedBy <evidence/2> .""", "1a◐"),
    # ---- a unit of which nobody says whose it is
    Change("the teachers' home is a unit of nobody", UNIT + "<participation/teachers> k20:homeFirm () ; k20:homeUnit <unit> .\n", NOTHING, "4◌"),
    Change("a leader signed for a unit of nobody", UNIT + "<signature/university> k20:onBehalfOf <unit> .\n", "2c◌"),
    Change("a unit of nobody committed", UNIT + "<commitment/university> k20:byFirm <unit> .\n", "2d◌"),
    Change("nobody says who committed", "<commitment/university> k20:byFirm () .\n", "2d◌"),
    Change("a unit of nobody gave, uses complete", USES + UNIT + "<use/1> k20:byFirm <unit> .\n<use/4> k20:byFirm <unit> .\n", "2e◌"),
    # ---- a university in place of another
    Change("another university came and committed nothing", SUCCESSOR, "2d✘"),
    Change("another university came and committed outside the agreement", SUCCESSOR + COMMITS + "case:changed k20:commitment <pledge> .\n", NOTHING, "2d✘"),
    Change("another university came and committed in the agreement", SUCCESSOR + COMMITS + "<agreement> k20:commits <commitment/district> , <commitment/university> , <pledge> .\n", NOTHING),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: re.sub(r"\W+", "-", c.what))
def test_silence_leaves_open_what_a_list_does_not_rule_out(change: Change, tmp_path: Path) -> None:
    literal = change.as_applied if change.literal is None else change.literal
    assert judged(change.turtle, tmp_path) == {"as-applied": change.as_applied, "literal": literal}


@pytest.mark.parametrize(
    ("turtle", "link"),
    [
        (UNIT + "<signature/university> k20:onBehalfOf <unit> .", "k20:unitOf"),
        (UNIT + "<use/1> k20:byFirm <unit> .", "k20:unitOf"),
        ("<commitment/university> k20:byFirm () .", "k20:byFirm"),
        ("<use/1> k20:byFirm () .", "k20:byFirm"),
    ],
)
def test_a_note_names_the_link_that_lacks(turtle: str, link: str, tmp_path: Path) -> None:
    (told,) = words_of(turtle, tmp_path)
    assert told.endswith(f"by {link}")
