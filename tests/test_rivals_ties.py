# ruff: noqa: E501
"""One change to the full partnership, and the verdicts of rival definitions, by hand as in test_ties.

Rivals ask for other things, of records that are tied to the group in the same way: what hangs on a
part of it is its, work merely planned or another group's is none, a record in dispute is contested.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from test_ties import HEAD, OTHER, SIGNS, SUBGROUP, without

from k20kg.judging.cases import read_cases
from k20kg.judging.judge import Judge

AIMS = "3a◌ 3b◌ 3c◌"
"""Of aims nothing is said."""
UNEQUAL = "catelli-2000/equal-shares"
THRESHOLDS = "goodlad-1991/with-thresholds"
ALONE, TWO, SLIDES = "individuals/as-stated", "two-organizations/as-stated", "slides-2006/as-stated"
HUNG = "k20:participation <participation/teachers> , <participation/faculty> ; k20:benefitStatement <benefit-statement/teachers> , <benefit-statement/faculty> ; k20:task <task/1>"
TAKEN = "case:changed k20:participation () ; k20:benefitStatement () ; k20:task () .\n"
DISPUTED = "<{}> k20:disputedBy <evidence/6> .\n"
LETTER = """
<agreement> k20:commits <commitment/university> ; k20:exchangedWith <letter> .
<letter> a k20:FormalAgreement ; k20:commits <commitment/district> ; k20:evidencedBy <evidence/1> .
"""
CHANGES: list[tuple[str, str, dict[str, str]]] = [
    ("nothing", "", {ALONE: "", TWO: "", SLIDES: "", THRESHOLDS: "", UNEQUAL: "1✘ " + AIMS}),
    ("all hangs on a part of the group", SUBGROUP.format(" ; " + HUNG) + TAKEN, {ALONE: "", TWO: "", SLIDES: "", THRESHOLDS: "", UNEQUAL: "1✘ " + AIMS}),
    ("the task was never done", "<task/1> k20:taskStatus k20:NotDone .\n", {ALONE: "2✘", TWO: "1✘", SLIDES: "1✘ 3✘", UNEQUAL: "1✘ 2b✘ " + AIMS}),
    ("the task is another group's", OTHER.format("") + "<task/1> k20:performedBy <other> .\n", {ALONE: "2✘", TWO: "1✘", SLIDES: "1✘ 3✘"}),
    ("the formation alone names the agreement", "case:changed k20:formedThrough () .\n<formation> k20:throughAgreement <agreement> .\n", {THRESHOLDS: "", UNEQUAL: "1✘ " + AIMS}),
    ("each committed in a letter of an exchange", LETTER, {THRESHOLDS: ""}),
    ("the district commits nothing", without("commitment/district"), {THRESHOLDS: "3✘"}),
    ("no district is a member", without("membership/district"), {THRESHOLDS: "3✘"}),
    ("the task is in dispute", DISPUTED.format("task/1"), {ALONE: "2◐", TWO: "1◐", SLIDES: "1◐ 3◐", UNEQUAL: "1✘ 2b◐ " + AIMS}),
    ("a membership is in dispute", DISPUTED.format("membership/district"), {TWO: "", SLIDES: "1◐", THRESHOLDS: "3◐"}),
    ("the agreement is in dispute", DISPUTED.format("agreement"), {THRESHOLDS: "1b◐", UNEQUAL: "1✘ 2a◐ " + AIMS}),
    ("that teachers took part is in dispute", DISPUTED.format("participation/teachers"), {ALONE: "1a◐"}),
    ("what teachers gain is in dispute", DISPUTED.format("benefit-statement/teachers"), {THRESHOLDS: "2◐", SLIDES: ""}),
]  # fmt: skip


@cache
def judge(definition: str) -> Judge:
    return Judge(definition=definition, evidence=False)


@pytest.mark.parametrize(
    ("turtle", "expected"), [c[1:] for c in CHANGES], ids=[re.sub(r"\W+", "-", c[0]) for c in CHANGES]
)  # fmt: skip
def test_a_change_has_its_effect_on_rivals(
    turtle: str, expected: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "changed.ttl"
    path.write_text(HEAD + turtle, encoding="utf-8")
    (case,) = read_cases([path])
    for column, told in expected.items():
        definition, reading = column.split("/")
        (one,) = (a for a in judge(definition).assess(case) if a.reading.id.endswith(reading))
        signs = {f.criterion.code: SIGNS[f.verdict] for f in one.findings}
        assert " ".join(f"{c}{sign}" for c, sign in sorted(signs.items()) if sign != "✔") == told
