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
    Benefit,
    BenefitStatement,
    Case,
    Completeness,
    Contribution,
    Enactment,
    Endorsement,
    Firm,
    Formation,
    Goal,
    GoalStatement,
    Group,
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
    "ResourceUseList",
    "ProcedureList",
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
        if day := self.pick(_FORMED, [None]):
            case.formation = Formation(standing=self.standing(), day=day)
        self.firms(case)
        self.people(case)
        self.groups(case)
        for part in (self.agreements, self.goals, self.procedures, self.tasks, self.benefits):
            if self.name != "thin" or self.luck(0.7):  # a passage is silent on much
                part(case)
        self.lists(case)
        return case

    def lists(self, case: Case) -> None:
        for kind in LISTS:
            share = self.care if self.name != "thin" else self.care / 2
            if kind in ("ResourceUseList", "ProcedureList", "EnactmentList"):
                share *= 0.6
            if self.luck(share):
                case.completeness.append(Completeness(standing=self.standing(), kind=kind))
        for procedure in case.procedures:
            if self.luck(0.4):
                case.completeness.append(
                    Completeness(standing=self.standing(), kind="EnactmentList", of=procedure)
                )

    # ------------------------------------------------------------ chances

    def luck(self, share: float) -> bool:
        return self.chance.random() < share

    def pick(self, good: T, others: Sequence[T]) -> T:
        """Return what a partnership would have, or with too little care something else."""
        return good if self.luck(self.care) else self.chance.choice(others)

    def slip(self, share: float = 0.25) -> bool:
        """Tell whether something goes another way: seldom where there is care."""
        return self.luck(share * (1.02 - self.care))

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
        self.units(case)

    def units(self, case: Case) -> None:
        """Add bodies that are no members: units of firms, other firms; or make a firm a unit."""
        for firm in tuple(case.firms):
            if self.luck(0.1):
                case.others.append(Firm("OrganizationalUnit", "Unit (made up)", unit_of=firm))
                if self.slip(0.1):
                    case.memberships.append(
                        Membership(standing=self.standing(), firm=case.others[-1])
                    )
        if self.slip():
            kind = self.chance.choice(["K12SchoolDistrict", "University", "Company"])
            case.others.append(Firm(kind, "Another one (made up)"))
        parts = [f for f in case.firms if f.kind != "College"]
        if parts and self.slip(0.15):
            part = self.chance.choice(parts)
            wholes = [f for f in (*case.firms, *case.others) if part not in f.chain]
            if wholes:
                part.unit_of = self.chance.choice(wholes)

    def stand_in(self, case: Case, firm: Firm) -> Firm:
        """Return the firm, or now and then a unit of it, or with too little care another body."""
        units = [u for u in case.others if u.unit_of is firm]
        if units and self.luck(0.3):
            return units[0]
        return self.chance.choice([*case.firms, *case.others]) if self.slip(0.1) else firm

    def people(self, case: Case) -> None:
        for firm in case.firms:
            for number in range(self.count(self.size.parties)):
                kind = self.chance.choice(["RoleGroup", "RoleGroup", "Person"])
                party = Party(kind, f"{kind} {number + 1} of a firm (made up)", firm.sector, firm)
                case.parties.append(party)
                if kind == "Person" and self.luck(0.3):
                    party.of = next((p for p in case.asked if p.firm is firm), None)
                if kind == "Person" or self.luck((1 + self.care) / 2):
                    case.participations.append(self.participation(case, party))
                if kind != "RoleGroup" or number >= self.size.asked:
                    continue
                if self.luck((2 + self.care) / 3):
                    case.asked.append(party)
                if self.luck(0.1):
                    case.parties.append(
                        Party("Person", "One of them (made up)", firm.sector, of=party)
                    )
        if self.luck(0.1):
            case.parties.append(Party("RoleGroup", "Facilitators (made up)", OTHER))
            case.participations.append(self.participation(case, case.parties[-1]))
            if self.luck(0.3):
                case.asked.append(case.parties[-1])

    def participation(self, case: Case, party: Party) -> Participation:
        alone = party.kind == "Person"
        home = party.firm and self.stand_in(case, party.firm)
        count = None if alone else f"{self.chance.randint(1, 12)}.{self.chance.choice('05')}"
        return Participation(
            standing=self.standing(),
            party=party,
            firm=self.pick(home, [None]) if not self.luck(0.03) else None,
            on_roll=self.pick(True, [False, None]),
            routine=self.pick(True, [False, None]),
            took_part=self.pick(None, [False, False, True]),
            headcount=count,
        )

    def groups(self, case: Case) -> None:
        """Add sub-groups, with people of both sectors, of one or unknown, and other groups."""
        for number in range(2):
            if self.luck(0.2):
                whole = case.groups[0] if case.groups and self.luck(0.5) else case.itself
                team = Group("SubGroup", f"Team {number + 1} (made up)", whole)
                sectors = self.chance.choice([(K12, HIGHER_ED), (K12, HIGHER_ED), (K12,), ()])
                team.people = [p for p in case.participations if p.sector in sectors]
                case.groups.append(team)
        listed = [p for team in case.groups for p in team.people if self.luck(0.1)]
        case.itself.people = [p for p in case.participations if not any(p is one for one in listed)]
        if self.luck(0.2):
            case.groups.append(Group("WorkingGroup", "Another group (made up)"))

    def somebody(self, case: Case) -> list[Group]:
        """Return who did something: nobody says, the group or a part of it; or another group."""
        mine = [case.itself, *(g for g in case.groups if g.own)]
        others = [g for g in case.groups if not g.own]
        if others and self.slip(0.5):
            return others
        return [self.chance.choice(mine)] if self.luck(0.4) else []

    def place(self, case: Case) -> Group | None:
        """Return what a record hangs on, if not on the candidate group."""
        if not case.groups or not self.luck(0.1):
            return None
        group = self.chance.choice(case.groups)
        return group if group.own or self.slip() else None

    def agreements(self, case: Case) -> None:
        for _ in range(self.count(self.size.agreements)):
            if not self.luck((1 + self.care) / 2):
                continue
            agreement = Agreement(
                standing=self.standing(),
                through=self.way(case),
                agreed=self.pick(self.chance.choice(_MOMENTS), [None, _AFTERWARDS]),
            )
            case.agreements.append(agreement)
            letters = [agreement]
            if self.luck(0.15):
                day = self.pick(agreement.agreed, [None, _AFTERWARDS])
                answer = Agreement(standing=self.standing(), through="nothing", agreed=day)
                answer.answers = self.pick(agreement, [None])
                case.agreements.append(answer)
                letters.append(answer)
            for firm in case.firms:
                letter = self.chance.choice(letters)
                if firm.sector != OTHER and self.luck((1 + self.care) / 2):
                    letter.endorsements.append(self.endorsement(case, firm))
                if firm.sector != OTHER and self.luck((1 + self.care) / 2):
                    letter.commits.append(self.holding(self.stand_in(case, firm)))
        for firm in case.firms:
            if self.luck(0.1):
                case.commitments.append(self.holding(self.stand_in(case, firm)))
            if self.luck((1 - self.care) / 6):
                case.refusals.append(self.holding(self.stand_in(case, firm)))

    def way(self, case: Case) -> str:
        """Return what an agreement is linked from."""
        if case.formation and self.luck(0.2):
            return "formation"
        return "group" if self.luck((1 + self.care) / 2) else "project"

    def endorsement(self, case: Case, firm: Firm) -> Endorsement:
        return Endorsement(
            standing=self.standing(),
            kind=self.pick("Signature", ["OfficialSupport"]),
            firm=self.stand_in(case, firm),
            upper_echelon=self.pick(True, [False, None]),
            given=self.pick(None, [_MOMENTS[0], _AFTERWARDS]),
        )

    def holding(self, firm: Firm | None, kind: str | None = None) -> Holding:
        wanted = kind or self.chance.choice(_KINDS)
        kinds = (self.pick(wanted, _OTHER_KINDS),)
        return Holding(standing=self.standing(), firm=firm, kinds=kinds)

    def goals(self, case: Case) -> None:
        for number in range(self.count(self.size.goals)):
            goal = Goal(standing=self.standing(), label=f"Aim {number + 1} (made up)")
            case.goals.append(goal)
            wordings = [goal]
            if self.luck(0.1):
                other = Goal(standing=self.standing(), label="The same (made up)", same_as=goal)
                case.goals.append(other)
                wordings.append(other)
            for party in case.asked:
                holders = [party, *(p for p in case.parties if p.of is party)]
                # Later goals are those of some only.
                if self.luck((2 + self.care) / 3 if number == 0 else 0.7):
                    others = ["AllMembers", "NotAllInterviewed", "SomeInterviewed",
                              "QuantifierNotStated"]  # fmt: skip
                    case.goal_statements.append(
                        GoalStatement(
                            standing=self.standing(),
                            goal=self.chance.choice(wordings),
                            holder=self.chance.choice(holders),
                            quantifier=self.pick("AllInterviewed", others),
                            on=self.place(case),
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
                on=self.place(case),
            )
            if self.luck(0.15):
                former = case.procedures[-1] if case.procedures else None
                firm = self.chance.choice(case.firms)
                procedure.adapted_from = self.chance.choice([former or firm, firm])
            for _ in range(self.pick(2, [0, 1, 3])):
                unfinished = ["UnderWay", "Departed", "StatusNotStated", None]
                procedure.enactments.append(
                    Enactment(
                        standing=self.standing(),
                        status=self.pick("Completed", unfinished),
                        by=self.somebody(case),
                    )
                )
            case.procedures.append(procedure)

    def tasks(self, case: Case) -> None:
        for number in range(self.count(self.size.tasks)):
            task = Task(standing=self.standing(), label=f"Job {number + 1} (made up)")
            for participation in case.participations:
                if participation.took_part is not False and self.luck(
                    (1 + self.care) / 2 if number == 0 else self.size.joins
                ):
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
            task.by, task.on = self.somebody(case) or [case.itself], self.place(case)
            if self.luck(0.1):
                task.by = []
            task.status = self.pick(
                self.chance.choice([None, "Completed", "UnderWay"]), ["Planned", "NotDone", None]
            )
            if case.goals and self.luck(0.2):
                task.pursues.append(self.pick(case.goals[0], case.goals))
            if self.luck(0.1):
                self.split(case, task)
            case.tasks.append(task)

    def split(self, case: Case, task: Task) -> None:
        """Move some of what a task holds to a part of it."""
        part = Task(standing=self.standing(), label="Part (made up)")
        part.by = self.somebody(case)
        if task.status not in ("Planned", "NotDone"):
            part.status = self.pick(None, ["Planned"])
        for whole, piece in (
            (task.contributions, part.contributions),
            (task.aspects, part.aspects),
            (task.uses, part.uses),
            (task.pursues, part.pursues),
        ):
            for one in tuple(whole):
                if self.luck(0.4):
                    whole.remove(one)  # type: ignore[attr-defined]
                    piece.append(one)  # type: ignore[attr-defined]
        task.subtasks.append(part)

    def uses(self, case: Case, number: int) -> list[Holding]:
        """Return what a task uses: in the first one, some of each kind."""
        partners = [f for f in case.firms if f.sector != OTHER]
        if not partners or not self.luck((1 + self.care) / 2):
            return []
        kinds = list(_KINDS) if number == 0 else [self.chance.choice(_KINDS)]
        firms = [partners[n % len(partners)] for n in range(len(kinds))]
        return [
            self.holding(
                self.stand_in(case, firm) if self.luck((3 + self.care) / 4) else None, kind
            )
            for firm, kind in zip(firms, kinds, strict=True)
        ]

    def benefits(self, case: Case) -> None:
        speakers = [p for p in case.parties if p.kind == "RoleGroup"]
        speakers += [p.party for p in case.participations if p.party.kind == "Person"]
        for speaker in speakers:
            for one in [speaker, *(p for p in case.parties if p.of is speaker)]:
                if self.luck((1 + self.care) / 2):
                    case.benefit_statements.append(self.benefit(case, one))
            if self.luck(0.03):
                denial = self.benefit(case, speaker)
                denial.stance = "Denies"
                if case.benefit_statements and self.luck(0.4):
                    denial.about = case.benefit_statements[-1].about
                case.benefit_statements.append(denial)
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
        place = self.place(case)
        return BenefitStatement(
            about=self.chance.choice([None, Benefit()]),
            on=[place] if place else [],
            standing=self.standing(),
            speaker=speaker,
            stance="Affirms" if self.luck((4 + self.care) / 5) else "Denies",
            expectation=self.pick("Expected", ["Received", "ExpectationNotStated", None]),
            scope=self.pick("OwnOrganization", ["OwnPerson", "ScopeNotStated", None]),
            quantifier=self.pick("AllMembers", ["AllInterviewed", "SomeInterviewed", None]),
            recipients=recipients,
        )
