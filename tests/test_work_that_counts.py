# ruff: noqa: E501
"""Runs and tasks that count: of a written edition, begun, in the time of the group; as in test_ties."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_ties import LISTED, NOTHING, Change, also, firm, judged, list_of, people, without

EDITION = """
case:changed k20:procedure <procedure> , <procedure/2> .
<procedure> k20:enactment <enactment/1> .
<procedure/2> a k20:Procedure ; rdfs:label "Second edition"@en ; k20:adaptedFrom <procedure> ;
    k20:enactment <enactment/2> ; k20:evidencedBy <evidence/4> {} .
"""
OVER = '<{0}> k20:earliestEnd "{1}T00:00:00Z"^^xsd:dateTime ; k20:latestEnd "{1}T00:00:00Z"^^xsd:dateTime .\n'
EARLY = '<formation> k20:earliestBegin "2020-01-01T00:00:00Z"^^xsd:dateTime .\n'
UNWRITTEN = "<procedure> k20:codified false .\n" + without("complete/enactments")
PART = """
<task/1> k20:taskStatus k20:Planned ; k20:subtask <task/1a> ; k20:contribution () ; k20:aspect () ; k20:uses () .
<task/1a> a k20:Task ; rdfs:label "Part"@en {} ; k20:aspect <aspect/1> ; k20:evidencedBy <evidence/5> ;
    k20:contribution <contribution/teachers> , <contribution/faculty> ; k20:uses <use/1> , <use/2> , <use/3> , <use/4> .
"""
SECOND_DISTRICT = (
    firm("district-2")
    + also(
        "membership", "<membership/district> , <membership/university>", "<membership/district-2>"
    )
    + also(
        "participation",
        "<participation/teachers> , <participation/faculty>",
        "<participation/aides>",
    )
    + people("aides", "K12Sector", "k20:homeFirm <district-2> ; k20:tookPart true")
    + """
<membership/district-2> a k20:FirmMembership ; k20:memberFirm <district-2> ; k20:evidencedBy <evidence/1> .
case:changed k20:task <task/1> , <task/2> .
<task/2> a k20:Task ; rdfs:label "Camp"@en ; k20:taskStatus k20:Planned ; k20:subtask <task/2a> ; k20:evidencedBy <evidence/5> .
<task/2a> a k20:Task ; rdfs:label "Songs"@en {} ; k20:aspect <aspect/1> ; k20:evidencedBy <evidence/5> ;
    k20:contribution <contribution/aides> , <contribution/faculty> .
<contribution/aides> a k20:Contribution ; k20:contributor <participation/aides> ; k20:contributionRole k20:TakesPart ; k20:evidencedBy <evidence/5> .
"""
)
CHANGES = [
    Change("the second cycle is of an edition that is not written", EDITION.format("; k20:codified false"), "1b✘"),
    Change("the second cycle is of an edition of which nobody says it", EDITION.format(""), NOTHING),
    Change("the second cycle is of an edition in dispute", EDITION.format("; k20:codified true ; k20:disputedBy <evidence/6>"), "1b◐"),
    Change("the second cycle is of an edition left open", EDITION.format("; k20:codified true").replace("evidencedBy", "leftOpenBy"), "1b◌"),
    Change("the only procedure is not written, its runs open", UNWRITTEN, "1b◌"),
    Change("the same, procedures complete", UNWRITTEN + f"case:changed k20:completeness {LISTED.replace('enactments', 'procedures')} .\n" + list_of("procedures", "ProcedureList"), "1b✘"),
    Change("the first cycle was over before the group was formed", OVER.format("enactment/1", "2020-01-31"), "1b✘"),
    Change("the first cycle was over on the day on which the group was formed", OVER.format("enactment/1", "2020-02-01"), NOTHING),
    Change("the first cycle may have been over before the group was formed", OVER.format("enactment/1", "2020-01-31") + EARLY, NOTHING),
    Change("a task is called planned, of which a part was done", PART.format("; k20:taskStatus k20:Completed"), NOTHING),
    Change("the same, of the part nobody says how far it came", PART.format(""), "2e◌ 4✘"),
    Change("a second district works in a part, begun, of what is called planned", SECOND_DISTRICT.format("; k20:taskStatus k20:UnderWay"), NOTHING),
    Change("the same, of the part nobody says how far it came", SECOND_DISTRICT.format(""), NOTHING, "4✘"),
    Change("faculty had contributed before the group was formed", OVER.format("contribution/faculty", "2020-01-31"), "2e◌ 4✘"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: re.sub(r"\W+", "-", c.what))
def test_work_counts_or_does_not(change: Change, tmp_path: Path) -> None:
    literal = change.as_applied if change.literal is None else change.literal
    assert judged(change.turtle, tmp_path) == {"as-applied": change.as_applied, "literal": literal}
