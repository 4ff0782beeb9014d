"""What would have to be on record where a tie is missing, for records of `test_ties`.

How many records, and what one of them says, is worked out by hand from the change to the record.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from test_ties import CHANGES, HEAD

from k20kg.cases import read_cases
from k20kg.definitions import load
from k20kg.judge import Judge
from k20kg.lab.settle import Settler
from k20kg.model import Verdict
from k20kg.vocabulary import K20


class Missing(NamedTuple):
    """What meets a criterion under a reading: how many records, and a statement among them."""

    change: str
    reading: str
    code: str
    records: int
    predicate: str
    value: str


MISSING = [
    Missing(
        "the shared goal is pursued by no task, the task pursues another",
        "literal",
        "1a",
        1,
        "pursues",
        "goal/1",
    ),
    Missing(
        "nobody was asked, and all on the roll expect a gain",
        "literal",
        "1a",
        2,
        "askedRoleGroup",
        "role-group/faculty",
    ),
    Missing(
        "one cycle, the runs of this procedure complete, procedures open",
        "literal",
        "1b",
        1,
        "enactmentStatus",
        "Completed",
    ),
    Missing(
        "cycles by another working group, enactments open",
        "literal",
        "1b",
        2,
        "enactmentStatus",
        "Completed",
    ),
    Missing("the same, members open", "literal", "2c", 1, "memberFirm", "district-2"),
    Missing(
        "the formation says so and is left open", "literal", "2c", 1, "evidencedBy", "evidence"
    ),
    Missing("the same commitment, members open", "literal", "2d", 1, "memberFirm", "district-2"),
    Missing("every resource is the university's", "as-applied", "2e", 1, "byFirm", "district"),
    Missing(
        "resources only in a task done in-house",
        "literal",
        "2e",
        1,
        "contributor",
        "participation/teachers",
    ),
    # A task, a contribution of either sector to it, and a resource of either side used in it.
    Missing(
        "the task is merely planned", "as-applied", "2e", 5, "contributor", "participation/teachers"
    ),
    Missing(
        "the task is another group's",
        "as-applied",
        "2e",
        5,
        "contributor",
        "participation/teachers",
    ),
    Missing(
        "the benefit statements are another programme's",
        "as-applied",
        "3",
        2,
        "statedBy",
        "role-group/faculty",
    ),
    Missing("the teachers' home is not written down", "literal", "4", 1, "homeFirm", "district"),
    # Somebody of the second district, and the contribution.
    Missing("the same, tasks open", "literal", "4", 2, "homeFirm", "district-2"),
]


@pytest.mark.parametrize("missing", MISSING, ids=lambda m: f"{m.code}-{m.change}")
def test_what_a_tie_lacks_is_offered(missing: Missing, tmp_path: Path) -> None:
    (change,) = (c for c in CHANGES if c.what == missing.change)
    path = tmp_path / "changed.ttl"
    path.write_text(HEAD + change.turtle, encoding="utf-8")
    (case,) = read_cases([path])
    settled, _ = Settler(load("clifford-millar-2007"), Judge(evidence=False), case).settle()
    (one,) = (
        s
        for s in settled
        if s.criterion
        and s.verdict is Verdict.MET
        and (s.reading.id, s.criterion.code) == (missing.reading, missing.code)
    )
    assert one.records == missing.records
    said = {
        str(t.object).strip("<>").removeprefix(f"{case.group}/").removeprefix("what-if/")
        for a in one.additions
        for t in a.triples
        if t.predicate.value == K20 + missing.predicate
    }
    assert missing.value in {s.removeprefix(K20) for s in said}
