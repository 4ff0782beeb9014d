"""Two engines, one answer: on every shipped case and on random mutations of them."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from mutants import mutate
from scale import proof, some, tries
from shipped import case as read

from k20kg.judging.cases import Case
from k20kg.judging.judge import Judge
from k20kg.sources.shipped_cases import shipped_cases

CASES = shipped_cases()
SMALL = sorted(n for n, p in CASES.items() if p.is_file())
ROUNDS, EACH = tries(sample=1, prove=26), tries(sample=6, prove=20)
"""26 × 20 = 520 mutants prove it."""


@cache
def judge(engine: str, evidence: bool = False, reading: str = "") -> Judge:
    return Judge([reading] if reading else [], engine=engine, evidence=evidence)


def verdicts(case: Case) -> list[str]:
    """Return the verdicts of a case; the record check is left aside so that all mutants count."""
    return [f.verdict.value for a in judge("shacl").assess_unchecked(case) for f in a.findings]


def outcome(
    case: Case, engine: str, evidence: bool = False, reading: str = ""
) -> set[tuple[str, str, str | None]]:
    return {(r.shape, r.focus, r.value) for r in judge(engine, evidence, reading).results(case)}


@pytest.mark.parametrize("name", some(sorted(CASES), sample=1, always=["guie"]))
def test_engines_agree_on_every_result_for_a_shipped_case(name: str) -> None:
    fast, reference = (outcome(read(name), e, evidence=True) for e in ("shacl", "pyshacl"))
    assert fast == reference


@proof  # `test_cli` compares their whole reports on it
def test_engines_agree_on_lamsig_by_the_letter() -> None:
    fast, reference = (outcome(read("lamsig"), e, reading="literal") for e in ("shacl", "pyshacl"))
    assert fast == reference


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_engines_agree_on_mutants(seed: int) -> None:
    chance = random.Random(seed)
    changed = 0
    for _ in range(EACH):
        original = read(chance.choice(SMALL))
        mutant = mutate(original, chance)
        # Verdicts are folded from these results alone, by the same code for both engines. One
        # reading a mutant: the reference engine takes its time.
        reading = chance.choice(["as-applied", "literal"])
        found = [outcome(mutant, engine, reading=reading) for engine in ("shacl", "pyshacl")]
        assert found[0] == found[1]
        changed += verdicts(mutant) != verdicts(original)
    assert changed, "not one mutant of this round changed a verdict: the mutations are too tame"


def test_there_are_enough_cases_and_mutants() -> None:
    assert len(SMALL) >= 15
    assert tries(sample=3, prove=500) <= ROUNDS * EACH
    assert all(isinstance(p, Path) and p.exists() for p in CASES.values())
