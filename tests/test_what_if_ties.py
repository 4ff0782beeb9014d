"""Missing ties are named with the record that would supply them, for records of `test_ties`.

How many records, and what one of them says, is worked out by hand from the change to the record.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from test_ties import CHANGES, HEAD

from k20kg.analysis.missing_evidence import EvidenceFinder
from k20kg.definition.loader import load
from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.vocabulary import K20

# Reading, criterion, how many records meet it, a statement of theirs; the change.
MISSING = """
literal 1a | 1 | pursues goal/1 | the shared goal is pursued by no task, the task pursues another
literal 1a | 2 | askedRoleGroup role-group/faculty | nobody was asked, and all on the roll expect
literal 1b | 1 | enactmentStatus Completed | the runs of this procedure complete, procedures open
literal 1b | 2 | enactmentStatus Completed | cycles by another working group, enactments open
literal 2c | 1 | memberFirm district-2 | the same, members open
literal 2c | 1 | evidencedBy evidence | the formation says so and is left open
literal 2d | 1 | memberFirm district-2 | the same commitment, members open
as-applied 2e | 1 | byFirm district | every resource is the university's
literal 2e | 1 | contributor participation/teachers | resources only in a task done in-house
as-applied 2e | 5 | contributor participation/teachers | the task is merely planned
as-applied 2e | 5 | contributor participation/teachers | the task is another group's
as-applied 3 | 2 | statedBy role-group/faculty | the benefit statements are another programme's
literal 4 | 1 | homeFirm district | the teachers' home is not written down
literal 4 | 2 | homeFirm district-2 | the same, tasks open
"""
# Five records: a task, a contribution of either sector to it, and a resource of either used in it.


@pytest.mark.parametrize("line", MISSING.strip().splitlines())
def test_what_a_tie_lacks_is_offered(line: str, tmp_path: Path) -> None:
    criterion, records, statement, changed = line.split(" | ")
    (change,) = (c for c in CHANGES if changed in c.what)
    path = tmp_path / "changed.ttl"
    path.write_text(HEAD + change.turtle, encoding="utf-8")
    (case,) = read_cases([path])
    settled, _ = EvidenceFinder(
        load("clifford-millar-2007"), Judge(evidence=False), case
    ).settlements()
    (one,) = (
        s
        for s in settled
        if s.criterion
        and s.verdict is Verdict.MET
        and f"{s.reading.id} {s.criterion.code}" == criterion
    )
    assert one.records == int(records)
    predicate, value = statement.split()
    assert value in {
        t.object.value.removeprefix(K20).removeprefix(f"{case.group}/").removeprefix("what-if/")
        for t in one.triples
        if t.predicate.value == K20 + predicate
    }
