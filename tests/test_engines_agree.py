"""Two engines, one answer: on every shipped case and on random mutations of them."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from k20kg.cases import Case, case_of, read_cases
from k20kg.judge import Judge
from k20kg.shipped import shipped_cases
from k20kg.vocabulary import K20, RDF_TYPE

CASES = shipped_cases()
SMALL = sorted(n for n, p in CASES.items() if p.is_file())
ROUNDS, EACH = 26, 20
"""26 × 20 = 520 mutants."""


@cache
def judge(engine: str, evidence: bool = False) -> Judge:
    return Judge(engine=engine, evidence=evidence)


@cache
def read(name: str) -> Case:
    (case,) = read_cases([CASES[name]])
    return case


def verdicts(case: Case) -> list[str]:
    """Return the verdicts of a case; the record check is left aside so that all mutants count."""
    return [f.verdict.value for a in judge("shacl").assess_unchecked(case) for f in a.findings]


def outcome(case: Case, engine: str, evidence: bool = False) -> set[tuple[str, str, str | None]]:
    return {(r.shape, r.focus, r.value) for r in judge(engine, evidence).results(case)}


@pytest.mark.parametrize("name", sorted(CASES))
def test_engines_agree_on_every_result_for_a_shipped_case(name: str) -> None:
    fast, reference = (outcome(read(name), e, evidence=True) for e in ("shacl", "pyshacl"))
    assert fast == reference


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_engines_agree_on_mutants(seed: int) -> None:
    chance = random.Random(seed)
    changed = 0
    for _ in range(EACH):
        original = read(chance.choice(SMALL))
        mutant = mutate(original, chance)
        # Verdicts are folded from these results alone, by the same code for both engines.
        assert outcome(mutant, "shacl") == outcome(mutant, "pyshacl")
        changed += verdicts(mutant) != verdicts(original)
    assert changed, "not one mutant of this round changed a verdict: the mutations are too tame"


def mutate(case: Case, chance: random.Random) -> Case:
    """Return the case after one to four random changes that keep its candidate group."""
    quads = sorted(set(case.quads), key=str)
    for _ in range(chance.randint(1, 4)):
        quads = chance.choice([drop_one, drop_node, redirect, flip, retype, dispute])(quads, chance)
    candidate = ox.Quad(
        ox.NamedNode(case.group), ox.NamedNode(RDF_TYPE), ox.NamedNode(K20 + "CandidateGroup")
    )
    return case_of(case.group, "mutant", dict.fromkeys([*quads, candidate]))


def drop_one(quads: list[ox.Quad], chance: random.Random) -> list[ox.Quad]:
    gone = chance.choice(quads)
    return [q for q in quads if q != gone]


def drop_node(quads: list[ox.Quad], chance: random.Random) -> list[ox.Quad]:
    gone = chance.choice(quads).subject
    return [q for q in quads if gone not in (q.subject, q.object)]


def redirect(quads: list[ox.Quad], chance: random.Random) -> list[ox.Quad]:
    """Point one link at what another link of the same property points at."""
    one = chance.choice(quads)
    other = chance.choice([q for q in quads if q.predicate == one.predicate])
    return [q for q in quads if q != one] + [ox.Quad(one.subject, one.predicate, other.object)]


def flip(quads: list[ox.Quad], chance: random.Random) -> list[ox.Quad]:
    """Turn a true into a false, or a term of a list of terms into another."""
    terms = ["Completed", "UnderWay", "Affirms", "Denies", "Expected", "Received", "K12Sector",
             "HigherEducationSector", "AllInterviewed", "NotAllInterviewed", "MaterialResource",
             "HumanResource", "MemberList", "TaskList", "EnactmentList"]  # fmt: skip
    known = {K20 + t for t in terms}
    fit = [
        q
        for q in quads
        if (isinstance(q.object, ox.Literal) and q.object.value in ("true", "false"))
        or (isinstance(q.object, ox.NamedNode) and q.object.value in known)
    ]
    one = chance.choice(fit)
    if isinstance(one.object, ox.Literal):
        new: ox.Literal | ox.NamedNode = ox.Literal(one.object.value == "false")
    else:
        new = ox.NamedNode(K20 + chance.choice(terms))
    return [q for q in quads if q != one] + [ox.Quad(one.subject, one.predicate, new)]


def retype(quads: list[ox.Quad], chance: random.Random) -> list[ox.Quad]:
    typed = [q for q in quads if q.predicate.value == RDF_TYPE]
    one, other = chance.choice(typed), chance.choice(typed)
    return [q for q in quads if q != one] + [ox.Quad(one.subject, one.predicate, other.object)]


def dispute(quads: list[ox.Quad], chance: random.Random) -> list[ox.Quad]:
    """Let an item that supported a record dispute it, or both."""
    backed = [q for q in quads if q.predicate.value == K20 + "evidencedBy"]
    one = chance.choice(backed)
    against = ox.Quad(one.subject, ox.NamedNode(K20 + "disputedBy"), one.object)
    kept = quads if chance.random() < 0.5 else [q for q in quads if q != one]
    return [*kept, against]


def test_there_are_enough_cases_and_mutants() -> None:
    assert len(SMALL) >= 15
    assert ROUNDS * EACH >= 500
    assert all(isinstance(p, Path) and p.exists() for p in CASES.values())
