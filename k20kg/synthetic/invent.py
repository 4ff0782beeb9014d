"""Draw a made-up case at random: the same seed and number give the same case, whatever came before.

Each draw has a *care*, the chance that any one thing is as a partnership would have it. Careful
cases come out affirmed but for a flaw or two, careless ones anyhow, so that all verdicts occur.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeVar

from k20kg.synthetic.case import (
    HIGHER_ED,
    K12,
    OTHER,
    Agreement,
    Asides,
    Aspect,
    BenefitStatement,
    Case,
    Completeness,
    Contribution,
    Enactment,
    Endorsement,
    Firm,
    Goal,
    GoalStatement,
    Holding,
    Mapping,
    Membership,
    Participation,
    Party,
    Procedure,
    Standing,
    Task,
)
from k20kg.vocabulary import BASE

__all__ = ["LISTS", "SIZES", "invent"]


class Size(NamedTuple):
    """How much there is in a case, at most; a case has two thirds of it at least."""

    share: int
    """So many of a hundred cases are of this size."""
    firms: int
    parties: int
    """The people of one firm."""
    asked: int
    """So many of them may have been asked."""
    agreements: int
    goals: int
    procedures: int
    steps: int
    tasks: int
    joins: float
    """The chance that somebody takes part in a task that is not the first."""
    asides: Asides


SIZES: Final = {
    "thin": Size(60, 1, 1, 1, 1, 1, 1, 0, 1, 0.6, Asides()),
    "middling": Size(20, 1, 2, 2, 1, 2, 1, 2, 2, 0.6, Asides(figures=3, notes=3)),
    "large": Size(20, 6, 4, 2, 3, 10, 5, 2, 20, 0.03, Asides(76, 128, 28, 17)),
}
"""A passage in a report, a described case, a case study. Large cases are as long as the record of
LAMSIG, and of the same things; middling ones are like the counter-cases."""
LISTS: Final = (
    "MemberList",
    "ParticipantList",
    "AskedRoleGroupList",
    "EnactmentList",
    "AgreementList",
    "CommitmentList",
    "TaskList",
    "GoalStatementList",
    "BenefitStatementList",
)
_STEP: Final = 61
"""Has no factor in common with a hundred."""
_CARES: Final = (0.995, 0.97, 0.9, 0.7, 0.4)
_FORMED: Final = "2005-01-31T23:59:59Z"
_MOMENTS: Final = ("2004-11-01T00:00:00Z", "2003-01-01T00:00:00Z", _FORMED)
_AFTERWARDS: Final = "2006-09-01T00:00:00Z"
_KINDS: Final = ("HumanResource", "FinancialResource", "MaterialResource")
_OTHER_KINDS: Final = ("KnowledgeResource", "PoliticalResource", "ResourceKindNotStated")
_PATTERNS: Final = ("Pooled", "Sequential", "Parallel", "Competitive", "Facilitated")
_ROLES: Final = ("Leads", "Writes", "Reviews", "Facilitates", "TakesPart", "Decides")

T = TypeVar("T")


def invent(seed: int, number: int, size: str | None = None) -> Case:
    """Return the case with this number of the corpus with this seed."""
    return _Draw(random.Random(f"{seed}/{number}"), size or _size_of(number)).case(
        f"{BASE}case/synthetic-{seed}-{number:07}", f"Group {number} (made up)"
    )


def _size_of(number: int) -> str:
    """Return the size whose turn it is: any hundred cases in a row have the same shares."""
    turn = number * _STEP % 100
    for name, size in SIZES.items():
        turn -= size.share
        if turn < 0:
            return name
    raise AssertionError("the shares are less than a hundred")


class _Draw:
    """One case in the making."""

    def __init__(self, chance: random.Random, size: str) -> None:
        self.chance = chance
        self.name, self.size = size, SIZES[size]
        self.care = chance.choice(_CARES)

    def case(self, iri: str, label: str) -> Case:
        case = Case(iri, label, self.name, self.size.asides)
        case.formed = self.pick(_FORMED, [None])
        self.firms(case)
        self.people(case)
        for part in (self.agreements, self.goals, self.procedures, self.tasks, self.benefits):
            if self.name != "thin" or self.luck(0.7):  # a passage is silent on much
                part(case)
        for kind in LISTS:
            if self.luck(self.care if self.name != "thin" else self.care / 2):
                case.completeness.append(Completeness(standing=self.standing(), kind=kind))
        return case

    # ------------------------------------------------------------ chances

    def luck(self, share: float) -> bool:
        return self.chance.random() < share

    def pick(self, good: T, others: Sequence[T]) -> T:
        """Return what a partnership would have, or with too little care something else."""
        return good if self.luck(self.care) else self.chance.choice(others)

    def standing(self) -> Standing:
        others = [Standing.DISPUTED, Standing.REFUTED, Standing.OPEN]
        return Standing.AFFIRMED if self.luck((1 + self.care) / 2) else self.chance.choice(others)

    def count(self, most: int) -> int:
        return max(1, most - self.chance.randint(0, most // 3))

    # ------------------------------------------------------------ parts

    def firms(self, case: Case) -> None:
        if self.luck((1 + self.care) / 2):
            case.firms.append(Firm("K12SchoolDistrict", "District (made up)"))
        if self.luck((1 + self.care) / 2):
            kind = self.chance.choice(["University", "College"])
            case.firms.append(Firm(kind, f"{kind} (made up)"))
        for _ in range(self.count(self.size.firms) - 1):
            kind = self.chance.choice(["K12SchoolDistrict", "University", "College"])
            case.firms.append(Firm(kind, f"Another {kind} (made up)"))
        if not case.firms or self.luck(0.15):
            kind = self.chance.choice(["Company", "NonprofitOrganization"])
            case.firms.append(Firm(kind, f"{kind} (made up)"))
        case.memberships = [
            Membership(standing=self.standing(), firm=firm)
            for firm in case.firms
            if self.luck((1 + self.care) / 2)
        ]

    def people(self, case: Case) -> None:
        for firm in case.firms:
            for number in range(self.count(self.size.parties)):
                kind = self.chance.choice(["RoleGroup", "RoleGroup", "Person"])
                party = Party(kind, f"{kind} {number + 1} of a firm (made up)", firm.sector, firm)
                case.parties.append(party)
                if kind == "Person" or self.luck((1 + self.care) / 2):
                    case.participations.append(self.participation(party))
                if kind != "RoleGroup" or number >= self.size.asked:
                    continue
                if self.luck((2 + self.care) / 3):
                    case.asked.append(party)
        if self.luck(0.1):
            case.parties.append(Party("RoleGroup", "Facilitators (made up)", OTHER))
            case.participations.append(self.participation(case.parties[-1]))

    def participation(self, party: Party) -> Participation:
        alone = party.kind == "Person"
        count = None if alone else f"{self.chance.randint(1, 12)}.{self.chance.choice('05')}"
        return Participation(
            standing=self.standing(),
            party=party,
            firm=self.pick(party.firm, [None]),
            on_roll=self.pick(True, [False, None]),
            routine=self.pick(True, [False, None]),
            took_part=self.pick(None, [False, False, True]),
            headcount=count,
        )

    def agreements(self, case: Case) -> None:
        for _ in range(self.count(self.size.agreements)):
            if not self.luck((1 + self.care) / 2):
                continue
            agreement = Agreement(
                standing=self.standing(),
                of_project=not self.luck((1 + self.care) / 2),
                agreed=self.pick(self.chance.choice(_MOMENTS), [None, _AFTERWARDS]),
            )
            for firm in case.firms:
                if firm.sector != OTHER and self.luck((1 + self.care) / 2):
                    agreement.endorsements.append(self.endorsement(firm))
                if firm.sector != OTHER and self.luck((1 + self.care) / 2):
                    agreement.commits.append(self.holding(firm))
            case.agreements.append(agreement)
        for firm in case.firms:
            if self.luck(0.1):
                case.commitments.append(self.holding(firm))
            if self.luck((1 - self.care) / 6):
                case.refusals.append(self.holding(firm))

    def endorsement(self, firm: Firm) -> Endorsement:
        return Endorsement(
            standing=self.standing(),
            kind=self.pick("Signature", ["OfficialSupport"]),
            firm=firm,
            upper_echelon=self.pick(True, [False, None]),
        )

    def holding(self, firm: Firm | None, kind: str | None = None) -> Holding:
        wanted = kind or self.chance.choice(_KINDS)
        kinds = (self.pick(wanted, _OTHER_KINDS),)
        return Holding(standing=self.standing(), firm=firm, kinds=kinds)

    def goals(self, case: Case) -> None:
        for number in range(self.count(self.size.goals)):
            goal = Goal(standing=self.standing(), label=f"Aim {number + 1} (made up)")
            case.goals.append(goal)
            for party in case.asked:
                # Later goals are those of some only.
                if self.luck((2 + self.care) / 3 if number == 0 else 0.7):
                    others = ["AllMembers", "NotAllInterviewed", "SomeInterviewed",
                              "QuantifierNotStated"]  # fmt: skip
                    case.goal_statements.append(
                        GoalStatement(
                            standing=self.standing(),
                            goal=goal,
                            holder=party,
                            quantifier=self.pick("AllInterviewed", others),
                        )
                    )

    def procedures(self, case: Case) -> None:
        for _ in range(self.count(self.size.procedures)):
            if not self.luck((1 + self.care) / 2):
                continue
            procedure = Procedure(
                standing=self.standing(),
                codified=self.pick(True, [False, None]),
                steps=self.size.steps,
            )
            for _ in range(self.pick(2, [0, 1, 3])):
                unfinished = ["UnderWay", "Departed", "StatusNotStated", None]
                procedure.enactments.append(
                    Enactment(standing=self.standing(), status=self.pick("Completed", unfinished))
                )
            case.procedures.append(procedure)

    def tasks(self, case: Case) -> None:
        for number in range(self.count(self.size.tasks)):
            task = Task(standing=self.standing(), label=f"Job {number + 1} (made up)")
            for participation in case.participations:
                if self.luck((1 + self.care) / 2 if number == 0 else self.size.joins):
                    task.contributions.append(
                        Contribution(
                            standing=self.standing(),
                            participation=participation,
                            role=self.chance.choice(_ROLES),
                        )
                    )
            if self.luck((1 + self.care) / 2):
                pattern = self.chance.choice(_PATTERNS)
                task.aspects.append(Aspect(standing=self.standing(), interdependency=pattern))
            task.uses = self.uses(case, number)
            case.tasks.append(task)

    def uses(self, case: Case, number: int) -> list[Holding]:
        """Return what a task uses: in the first one, some of each kind."""
        partners = [f for f in case.firms if f.sector != OTHER]
        if not partners or not self.luck((1 + self.care) / 2):
            return []
        kinds = list(_KINDS) if number == 0 else [self.chance.choice(_KINDS)]
        firms = [partners[n % len(partners)] for n in range(len(kinds))]
        return [
            self.holding(firm if self.luck((3 + self.care) / 4) else None, kind)
            for firm, kind in zip(firms, kinds, strict=True)
        ]

    def benefits(self, case: Case) -> None:
        speakers = [p for p in case.parties if p.kind == "RoleGroup"]
        speakers += [p.party for p in case.participations if p.party.kind == "Person"]
        for speaker in speakers:
            if self.luck((1 + self.care) / 2):
                case.benefit_statements.append(self.benefit(case, speaker))
        groups = [p for p in case.parties if p.kind == "RoleGroup" and p.sector in (K12, HIGHER_ED)]
        if groups and self.luck(0.15):
            # Another list has these people under another name, which a mapping bridges.
            source = self.chance.choice(groups)
            target = Party("RoleGroup", "As another list has it (made up)", source.sector)
            case.parties.append(target)
            case.mappings.append(Mapping(standing=Standing.AFFIRMED, source=source, target=target))
            case.benefit_statements.append(self.benefit(case, target))

    def benefit(self, case: Case, speaker: Party) -> BenefitStatement:
        own = [speaker.firm] if speaker.firm and self.luck(0.7) else []
        recipients = self.pick(own, [[], [self.chance.choice(case.firms)], list(case.firms)])
        return BenefitStatement(
            standing=self.standing(),
            speaker=speaker,
            stance="Affirms" if self.luck((4 + self.care) / 5) else "Denies",
            expectation=self.pick("Expected", ["Received", "ExpectationNotStated", None]),
            scope=self.pick("OwnOrganization", ["OwnPerson", "ScopeNotStated", None]),
            quantifier=self.pick("AllMembers", ["AllInterviewed", "SomeInterviewed", None]),
            recipients=recipients,
        )
