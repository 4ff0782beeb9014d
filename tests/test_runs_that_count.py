# ruff: noqa: E501
"""Runs that count for 1b: of a written edition, in the time of the group; by hand, as in test_ties."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from test_ties import LISTED, NOTHING, Change, judged, list_of, without

EDITION = """
case:changed k20:procedure <procedure> , <procedure/2> .
<procedure> k20:enactment <enactment/1> .
<procedure/2> a k20:Procedure ; rdfs:label "Second edition"@en ; k20:adaptedFrom <procedure> ;
    k20:enactment <enactment/2> ; k20:evidencedBy <evidence/4> {} .
"""
OVER = '<{0}> k20:earliestEnd "{1}T00:00:00Z"^^xsd:dateTime ; k20:latestEnd "{1}T00:00:00Z"^^xsd:dateTime .\n'
EARLY = '<formation> k20:earliestBegin "2020-01-01T00:00:00Z"^^xsd:dateTime .\n'
UNWRITTEN = "<procedure> k20:codified false .\n" + without("complete/enactments")
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
    Change("faculty had contributed before the group was formed", OVER.format("contribution/faculty", "2020-01-31"), "2e◌ 4✘"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: re.sub(r"\W+", "-", c.what))
def test_a_run_counts_or_does_not(change: Change, tmp_path: Path) -> None:
    assert judged(change.turtle, tmp_path) == dict.fromkeys(
        ("as-applied", "literal"), change.as_applied
    )
