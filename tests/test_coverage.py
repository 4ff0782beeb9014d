"""A report counts as stated and missing just what the shapes found."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache

import pytest
from scale import some

from k20kg.definition.shipped import shipped_definitions
from k20kg.engines import ENGINES
from k20kg.judging.cases import Case, case_of, read_cases
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Finding, Verdict
from k20kg.rdf.syntax import parse_text
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.synthetic.generator import make_case
from k20kg.synthetic.nquads import write_case

CASES = shipped_cases()


def made_up(number: int) -> Case:
    case = make_case(21, number, "middling")
    return case_of(case.iri, "made up", parse_text("".join(write_case(case)), "nquads", "made up"))


@cache
def judge(definition: str, engine: str = "shacl") -> Judge:
    return Judge(definition=definition, engine=engine)


def covered(assessments: tuple[Assessment, ...]) -> Iterator[tuple[str, Finding]]:
    for one in assessments:
        for finding in one.findings:
            if finding.coverage:
                yield f"{one.case} {one.reading.id} {finding.criterion.id}", finding


def disagreements(assessments: tuple[Assessment, ...]) -> list[str]:
    """Return where the count and the verdict, or the nodes named as missing, do not go together."""
    wrong = []
    for where, finding in covered(assessments):
        assert finding.coverage is not None
        required, stated = finding.coverage.required, finding.coverage.stated
        assert required is not None
        assert stated is not None
        short = stated < required
        supported = finding.verdict in (Verdict.MET, Verdict.CONTESTED)
        if supported and short:
            wrong.append(f"{where}: {stated} of {required} and yet supported")
        if any(gap.about for gap in finding.missing) and required and not short:
            wrong.append(f"{where}: somebody is missing of {stated} of {required}")
    return wrong


@pytest.mark.parametrize("definition", shipped_definitions())
def test_coverage_goes_with_what_is_met_and_missing(definition: str) -> None:
    cases = [*read_cases(CASES.values())]
    if definition == "clifford-millar-2007":
        cases += [made_up(number) for number in range(60)]
    assert len(cases) > 20
    counted = 0
    for case in cases:
        assessments = judge(definition).assess(case)
        assert disagreements(assessments) == []
        counted += len(list(covered(assessments)))
    assert counted > len(cases)


@cache
def assessments_of(name: str, engine: str) -> tuple[Assessment, ...]:
    (case,) = read_cases([CASES[name]])
    return judge("clifford-millar-2007", engine).assess(case)


def coverage_of(name: str, reading: str, criterion: str, engine: str) -> tuple[str, str]:
    (one,) = (a for a in assessments_of(name, engine) if a.reading.id == reading)
    found = one.finding(criterion).coverage
    assert found is not None
    return str(found.stated), str(found.required)


# `test_cli` compares the whole reports of both engines.
@pytest.mark.parametrize("engine", some(ENGINES, sample=1))
@pytest.mark.parametrize(
    ("name", "reading", "criterion", "stated", "required"),
    [
        # the faculty named a gain, and it was not theirs
        ("one-sided-service", "as-applied", "mutual-benefit", 1, 2),
        ("one-sided-service", "literal", "mutual-benefit", 6, 9),
        ("benefit-denied", "literal", "mutual-benefit", 9, 10),
        ("lamsig", "literal", "mutual-benefit", 0, 38),
        ("lamsig", "literal", "joint-work", 3, 4),
        ("partner-in-no-joint-task", "literal", "joint-work", 2, 3),
        # each goal is held by one of the two role groups
        ("curriculum-purchase", "literal", "shared-goal", 1, 2),
        ("no-role-group-asked", "literal", "shared-goal", 0, 0),
        ("one-cycle-open", "literal", "routine", 1, 2),
        ("full-partnership", "literal", "routine", 2, 2),
    ],
)
def test_what_is_counted(
    name: str, reading: str, criterion: str, stated: int, required: int, engine: str
) -> None:
    found = coverage_of(name, reading, criterion, engine)
    assert [Decimal(n) for n in found] == [Decimal(stated), Decimal(required)]
