"""The two readings are in order, and asking more people never hurts: mutants and made-up cases.

For each criterion: met by the letter is met as applied too, and not met as applied is not met by
the letter. Asking outsiders as well lowers no verdict. So for any record, well formed or not.
"""

from __future__ import annotations

import random

import pyoxigraph as ox
import pytest
from mutants import k20, made_up, mutate
from scale import tries
from shipped import case as read

from k20kg.judging.cases import Case, case_of
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.synthetic.generator import make_case
from k20kg.synthetic.nquads import write_case
from k20kg.synthetic.oracle import judge

CASES = shipped_cases()
NAMES = sorted(CASES)
ROUNDS, EACH = tries(sample=1, prove=15), tries(sample=60, prove=100)
"""15 × 100 = 1 500 mutants prove it."""
RANK = {Verdict.NOT_MET: 0, Verdict.CONTESTED: 1, Verdict.NOT_ESTABLISHED: 2, Verdict.MET: 3}
JUDGE = Judge(evidence=False)
Verdicts = dict[str, dict[str, Verdict]]


def verdicts(case: Case) -> Verdicts:
    """Return the verdicts by reading and code, whether the record is well formed or not."""
    return {
        a.reading.id: {f.criterion.code: f.verdict for f in a.findings}
        for a in JUDGE.assess_unchecked(case)
    }


def out_of_order(found: Verdicts) -> list[str]:
    """Return the criteria on which the readings are not in order."""
    return [
        f"{code}: as applied {applied.value}, literal {literal.value}"
        for code, applied in found["as-applied"].items()
        if (literal := found["literal"][code])
        if (literal is Verdict.MET and applied is not Verdict.MET)
        or (applied is Verdict.NOT_MET and literal is not Verdict.NOT_MET)
    ]


def asking_outsiders(case: Case) -> Case:
    """Return the case with a role group of no sector of ours asked too, which said nothing."""
    outsiders, more = made_up("silent-outsiders", "RoleGroup")
    asked = ox.Quad(ox.NamedNode(case.group), k20("askedRoleGroup"), outsiders)
    sector = ox.Quad(outsiders, k20("sector"), k20("OtherSector"))
    return case_of(case.group, "outsiders asked", [*case.quads, *more, asked, sector])


def lowered(before: Verdicts, after: Verdicts) -> list[str]:
    return [
        f"{reading} {code}: {was.value}, with outsiders asked {after[reading][code].value}"
        for reading, by_code in before.items()
        for code, was in by_code.items()
        if RANK[after[reading][code]] < RANK[was]
    ]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_readings_are_in_order_on_mutants_and_outsiders_never_hurt(seed: int) -> None:
    chance = random.Random(1000 + seed)
    changed = 0
    for number in range(EACH):
        name = chance.choice(NAMES)
        mutant = mutate(read(name), chance)
        found = verdicts(mutant)
        faults = out_of_order(found)
        if number % 4 == 0:
            faults += lowered(found, verdicts(asking_outsiders(mutant)))
        assert not faults, (name, number, faults)
        changed += found != verdicts(read(name))
    assert changed > EACH / 4, "the mutations are too tame"


@pytest.mark.parametrize(
    ("size", "cases"),
    [
        ("thin", tries(sample=60, prove=600)),
        ("middling", tries(sample=30, prove=300)),
        ("large", tries(sample=4, prove=20)),
    ],
)
def test_readings_are_in_order_on_made_up_cases_and_outsiders_never_hurt(
    size: str, cases: int
) -> None:
    for number in range(cases):
        made = make_case(17, number, size)
        quads = ox.parse("".join(write_case(made)), format=ox.RdfFormat.N_QUADS)
        case = case_of(made.iri, "made up", quads)
        found = verdicts(case)
        faults = out_of_order(found)
        if number % 4 == 0:
            faults += lowered(found, verdicts(asking_outsiders(case)))
        assert not faults, (number, faults)
        # The oracle's verdicts are in order too.
        assert not out_of_order(judge(made)), number


def test_a_reading_judged_alone_is_judged_as_beside_others() -> None:
    """Of readings that are met at no instant all decide at which of them a case is shown."""
    chance = random.Random(1003)
    names = [name for name in NAMES if any(a.moment for a in JUDGE.assess(read(name)))]
    alone = [Judge([reading.id], evidence=False) for reading in JUDGE.compiled.readings]
    over_time = 0
    for _ in range(tries(sample=30, prove=400)):
        mutant = mutate(read(chance.choice(names)), chance)
        together = JUDGE.assess_unchecked(mutant)
        over_time += any(one.moment for one in together)
        assert sum((one.assess_unchecked(mutant) for one in alone), ()) == together
        at = {one.moment.instant for one in together if one.moment}
        assert len(at) < 2 or not out_of_order(verdicts(mutant))
    assert over_time > 10
