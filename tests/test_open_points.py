"""Rules of the definition that the shapes do not keep yet: the smallest case of each.

Changes to the full partnership, as in `test_ties`, with the verdicts that follow from the rules.
`open_points` says where made-up cases run into the same. A shape that is mended makes its case here
pass, and the test tells: then the case moves to `test_ties`, and its entry there is deleted.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_ties import (
    GROUP,
    LETTERS,
    NOTHING,
    OTHER,
    SUBGROUP,
    Change,
    also,
    judged,
)

SAID = """a k20:BenefitStatement ; k20:stance k20:Denies ; k20:expectation k20:Expected ;
    k20:benefitScope k20:OwnOrganization ; k20:evidencedBy <evidence/3> ."""
DENIAL = also(
    "benefitStatement", "<benefit-statement/teachers> , <benefit-statement/faculty>", "<denial>"
)
PART = """<task/1> k20:subtask <task/1a> ; k20:contribution <contribution/faculty> .
<task/1a> a k20:Task ; rdfs:label "Part"@en ; k20:contribution <contribution/teachers> ; {} .
"""
CLERK = """
<clerk> a k20:Person ; rdfs:label "A clerk (made up)"@en .
<participation/clerk> a k20:Participation ; k20:participant <clerk> ; k20:sector k20:K12Sector ; k20:evidencedBy <evidence/2> .
"""
CHANGES = [
    # ---- rule 7: a role group that is stated to take no part does not count among those asked
    Change(
        "that clerks never came is disputed by all and affirmed by nobody",
        also(
            "askedRoleGroup", "<role-group/teachers> , <role-group/faculty>", "<role-group/clerks>"
        )
        + also(
            "participation",
            "<participation/teachers> , <participation/faculty>",
            "<participation/clerks>",
        )
        + """
        <role-group/clerks> a k20:RoleGroup ; k20:sector k20:K12Sector .
        <participation/clerks> a k20:Participation ; k20:participant <role-group/clerks> ; k20:sector k20:K12Sector ;
            k20:onRoll false ; k20:tookPart false ; k20:disputedBy <evidence/2> .""",
        "1a✘",
    ),
    # ---- ruling: goals that are the same, with evidence, are one goal
    Change(
        "faculty hold a wording that has no evidence",
        """
        case:changed k20:goal <goal/1> , <goal/2> .
        <goal/2> a k20:Goal ; rdfs:label "In other words"@en ; skos:exactMatch <goal/1> ; k20:disputedBy <evidence/3> .
        <goal-statement/faculty> k20:aboutGoal <goal/2> .""",
        "1a✘",
    ),
    Change(
        "that faculty hold the other wording is disputed",
        """
        case:changed k20:goal <goal/1> , <goal/2> .
        <goal/2> a k20:Goal ; rdfs:label "In other words"@en ; skos:exactMatch <goal/1> ; k20:evidencedBy <evidence/3> .
        <goal-statement/faculty> k20:aboutGoal <goal/2> ; k20:disputedBy <evidence/2> .""",
        "1a◐",
    ),
    # ---- rules 1 and 5: what another group's task pursues is not what the group's work pursues
    Change(
        "a task of another group pursues the goal, the task of the group another one",
        OTHER.format("")
        + """
        case:changed k20:goal <goal/1> , <goal/2> ; k20:task <task/1> , <task/2> .
        <goal/2> a k20:Goal ; rdfs:label "Another goal"@en ; k20:evidencedBy <evidence/3> .
        <task/1> k20:pursues <goal/2> .
        <task/2> a k20:Task ; rdfs:label "Theirs"@en ; k20:performedBy <other> ; k20:pursues <goal/1> ; k20:evidencedBy <evidence/5> .""",
        "1a◌",
    ),
    # ---- rules 1 and 3: who ran through a cycle is presumed to be the group where nobody says
    Change(
        "a cycle by faculty, and a cycle by nobody knows whom",
        SUBGROUP.format(" ; k20:participation <participation/faculty>")
        + "<enactment/1> k20:enactedBy <team> .\n",
        NOTHING,
    ),
    Change(
        "both cycles by faculty, and one that the group began and did not end",
        SUBGROUP.format(" ; k20:participation <participation/faculty>")
        + "<procedure> k20:enactment <enactment/1> , <enactment/2> , <enactment/3> .\n<enactment/1> k20:enactedBy <team> .\n<enactment/2> k20:enactedBy <team> .\n"
        + f"<enactment/3> a k20:Enactment ; k20:enactmentStatus k20:UnderWay ; k20:enactedBy {GROUP} ; k20:evidencedBy <evidence/4> .\n",
        "1b◌",
    ),
    # ---- rules 1 and 4: a part of a task is the group's, done, and on record
    Change(
        "the teachers' part of the task has no evidence",
        PART.format("k20:disputedBy <evidence/5>"),
        "2e◌ 4✘",
    ),
    Change(
        "a part was done jointly, of a task that is another group's",
        OTHER.format("")
        + """
        <task/1> k20:performedBy <other> ; k20:subtask <task/1a> ; k20:contribution () ; k20:aspect () ; k20:uses () .
        <task/1a> a k20:Task ; rdfs:label "Part"@en ; k20:evidencedBy <evidence/5> ; k20:aspect <aspect/1> ;
            k20:contribution <contribution/teachers> , <contribution/faculty> ; k20:uses <use/1> , <use/2> , <use/3> , <use/4> .""",
        "2e◌ 4✘",
    ),
    # ---- rule 8: a letter of an exchange is in time and has evidence
    Change(
        "the answer was written a year after the formation",
        LETTERS.format(
            through="",
            link="; k20:exchangedWith <letter>",
            back='; k20:earliestBegin "2021-02-01T00:00:00Z"^^xsd:dateTime ; k20:latestBegin "2021-02-01T00:00:00Z"^^xsd:dateTime',
        ),
        "2c✘",
    ),
    Change(
        "the answer has no evidence",
        LETTERS.format(through="", link="; k20:exchangedWith <letter>", back="").replace(
            " ; k20:evidencedBy <evidence/1>", " ; k20:disputedBy <evidence/1>"
        ),
        "2c✘",
    ),
    # ---- rule 7: on the roll and routinely there
    Change(
        "the teachers on the roll did not come routinely",
        "<participation/teachers> k20:routine false .\n",
        "2e✘",
        "2e✘ 3✘",
    ),
    Change(
        "the teachers on the roll never came",
        "<participation/teachers> k20:tookPart false .\n",
        "2e✘ 4✘",
        "2e✘ 3✘ 4✘",
    ),
    # ---- rule 6: denials and affirmations by the same path, of another benefit
    Change(
        "a teacher who was not on the roll denies any gain",
        DENIAL
        + """
        <teacher> a k20:Person ; rdfs:label "A teacher (made up)"@en ; k20:ofRoleGroup <role-group/teachers> .
        <denial> k20:statedBy <teacher> . <denial> """
        + SAID,
        "3◐",
    ),
    Change(
        "teachers deny the benefit that they affirm",
        DENIAL
        + "<denial> k20:statedBy <role-group/teachers> ; k20:aboutBenefit <benefit/1> . <denial> "
        + SAID,
        "3◐",
    ),
    # ---- literal 4: each partner firm, by evidence
    Change(
        "a unit of the university is listed as a member too",
        also(
            "membership", "<membership/district> , <membership/university>", "<membership/college>"
        )
        + """
        <college> a k20:OrganizationalUnit ; rdfs:label "College of education (made up)"@en ; k20:unitOf <university> .
        <membership/college> a k20:FirmMembership ; k20:memberFirm <college> ; k20:evidencedBy <evidence/1> .""",
        NOTHING,
    ),
    Change(
        "a second district's membership is left open, and nobody of it is at work",
        also(
            "membership",
            "<membership/district> , <membership/university>",
            "<membership/district-2>",
        )
        + """
        <district-2> a k20:K12SchoolDistrict ; rdfs:label "Another (made up)"@en .
        <membership/district-2> a k20:FirmMembership ; k20:memberFirm <district-2> ; k20:leftOpenBy <evidence/1> .""",
        NOTHING,
        "4◌",
    ),
    Change(
        "that anybody of the district contributed has no evidence",
        also(
            "participation",
            "<participation/teachers> , <participation/faculty>",
            "<participation/clerk>",
        )
        + CLERK
        + """
        <task/1> k20:contribution <contribution/teachers> , <contribution/faculty> , <contribution/clerk> .
        <contribution/teachers> k20:evidencedBy () ; k20:leftOpenBy <evidence/5> .
        <contribution/clerk> a k20:Contribution ; k20:contributor <participation/clerk> ; k20:contributionRole k20:Writes ; k20:evidencedBy <evidence/5> .""",
        NOTHING,
        "4◌",
    ),
]


@pytest.mark.xfail(strict=True, reason="the shapes do not keep the rule yet")
@pytest.mark.parametrize("change", CHANGES, ids=lambda c: re.sub(r"\W+", "-", c.what))
def test_rule_is_kept(change: Change, tmp_path: Path) -> None:
    literal = change.as_applied if change.literal is None else change.literal
    assert judged(change.turtle, tmp_path) == {"as-applied": change.as_applied, "literal": literal}
