"""Draw a made-up case at random: the same seed and number give the same case, whatever came before.

Nothing in a case begins after its lists, and all lists bear one day. Nothing ends, if not wanted:
then some memberships do.
"""

from __future__ import annotations

import random
from typing import Final

from k20kg.synthetic import case as made
from k20kg.synthetic.actors import SIZES, Actors
from k20kg.synthetic.case import HIGHER_ED, K12, OTHER, Firm, MadeCase
from k20kg.vocabulary import BASE

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
_FORMED: Final = "2005-01-31T23:59:59Z"
_MOMENTS: Final = ("2004-11-01T00:00:00Z", "2003-01-01T00:00:00Z", _FORMED)
_AFTERWARDS: Final = "2005-09-01T00:00:00Z"
_ENDS: Final = ("2005-10-31T00:00:00Z", "2006-02-28T00:00:00Z")
_KINDS: Final = ("HumanResource", "FinancialResource", "MaterialResource")
_OTHER_KINDS: Final = ("KnowledgeResource", "PoliticalResource", "ResourceKindNotStated")
_PATTERNS: Final = ("Pooled", "Sequential", "Parallel", "Competitive", "Facilitated")
_ROLES: Final = ("Leads", "Writes", "Reviews", "Facilitates", "TakesPart", "Decides")


def make_case(seed: int, number: int, size: str | None = None, *, ends: bool = False) -> MadeCase:
    """Return the case with this number of the corpus with this seed.

    With `ends` some memberships end before the day of the lists; else the case is the same.
    """
    case = _Draw(random.Random(f"{seed}/{number}"), size or _size_of(number)).case(
        f"{BASE}case/synthetic-{seed}-{number:07}", f"Group {number} (made up)"
    )
    if ends:
        chance = random.Random(f"{seed}/{number}/ends")
        for membership in case.memberships:
            if chance.random() < 0.3:
                membership.ended = chance.choice(_ENDS)
    return case


def _size_of(number: int) -> str:
    """Return the size whose turn it is: any hundred cases in a row have the same shares."""
    turn = number * _STEP % 100
    for name, size in SIZES.items():
        turn -= size.share
        if turn < 0:
            return name
    raise AssertionError("the shares are less than a hundred")


class _Draw(Actors):
    """One case in the making."""

    def case(self, iri: str, label: str) -> MadeCase:
        case = MadeCase(iri, label, self.name, self.size.asides)
        if day := self.pick(_FORMED, [None]):
            case.formation = self.make(made.Formation, day=day)
        self.firms(case)
        self.people(case)
        self.groups(case)
        for part in (self.agreements, self.goals, self.procedures, self.tasks, self.benefits):
            if self.name != "thin" or self.luck(0.7):  # a passage is silent on much
                part(case)
        self.lists(case)
        return case

    def lists(self, case: MadeCase) -> None:
        for kind in LISTS:
            share = self.care if self.name != "thin" else self.care / 2
            if kind in ("ResourceUseList", "ProcedureList", "EnactmentList"):
                share *= 0.6
            if self.luck(share):
                case.completeness.append(self.make(made.CompletenessStatement, kind_of_list=kind))
        for procedure in case.procedures:
            if self.luck(0.4):
                case.completeness.append(
                    self.make(
                        made.CompletenessStatement, kind_of_list="EnactmentList", of=procedure
                    )
                )

    # ------------------------------------------------------------ parts

    def agreements(self, case: MadeCase) -> None:
        for _ in range(self.count(self.size.agreements)):
            if not self.mostly():
                continue
            agreement = self.make(
                made.FormalAgreement,
                through=self.way(case),
                agreed=self.pick(self.chance.choice(_MOMENTS), [None, _AFTERWARDS]),
            )
            case.agreements.append(agreement)
            letters = [agreement]
            while len(letters) < 3 and self.luck(0.15):
                day = self.pick(agreement.agreed, [None, _AFTERWARDS])
                answer = self.make(made.FormalAgreement, through="nothing", agreed=day)
                answer.answers = self.pick(letters[-1], [None])
                case.agreements.append(answer)
                letters.append(answer)
            for firm in case.firms:
                letter = self.chance.choice(letters)
                if firm.sector != OTHER and self.mostly():
                    letter.endorsements.append(self.endorsement(case, firm))
                if firm.sector != OTHER and self.mostly():
                    letter.commits.append(self.holding(self.stand_in(case, firm)))
        for firm in case.firms:
            if self.luck(0.1):
                case.commitments.append(self.holding(self.stand_in(case, firm)))
            if self.luck((1 - self.care) / 6):
                case.refusals.append(self.holding(self.stand_in(case, firm)))

    def way(self, case: MadeCase) -> str:
        """Return what an agreement is linked from."""
        if case.formation and self.luck(0.2):
            return "formation"
        return "group" if self.mostly() else "project"

    def endorsement(self, case: MadeCase, firm: Firm) -> made.Endorsement:
        return self.make(
            made.Endorsement,
            kind=self.pick("Signature", ["OfficialSupport"]),
            firm=self.stand_in(case, firm),
            upper_echelon=self.pick(True, [False, None]),
            given=self.pick(None, [_MOMENTS[0], _AFTERWARDS]),
        )

    def holding(self, firm: Firm | None, kind: str | None = None) -> made.Holding:
        wanted = kind or self.chance.choice(_KINDS)
        kinds = (self.pick(wanted, _OTHER_KINDS),)
        return self.make(made.Holding, firm=firm, kinds=kinds)

    def goals(self, case: MadeCase) -> None:
        for number in range(self.count(self.size.goals)):
            goal = self.make(made.Goal, label=f"Aim {number + 1} (made up)")
            case.goals.append(goal)
            wordings = [goal]
            if self.luck(0.1):
                other = self.make(made.Goal, label="The same (made up)", same_as=goal)
                case.goals.append(other)
                wordings.append(other)
            for party in case.asked:
                holders = [party, *(p for p in case.parties if p.of is party)]
                # Later goals are those of some only.
                if self.luck((2 + self.care) / 3 if number == 0 else 0.7):
                    others = ["AllMembers", "NotAllInterviewed", "SomeInterviewed",
                              "QuantifierNotStated"]  # fmt: skip
                    case.goal_statements.append(
                        self.make(
                            made.GoalStatement,
                            goal=self.chance.choice(wordings),
                            holder=self.chance.choice(holders),
                            quantifier=self.pick("AllInterviewed", others),
                            on=self.place(case),
                        )
                    )

    def procedures(self, case: MadeCase) -> None:
        for _ in range(self.count(self.size.procedures)):
            if not self.mostly():
                continue
            procedure = self.make(
                made.Procedure,
                codified=self.pick(True, [False, None]),
                steps=[self.make(made.ProcedureStep, order=n + 1) for n in range(self.size.steps)],
                on=self.place(case),
            )
            if self.luck(0.15):
                former = case.procedures[-1] if case.procedures else None
                firm = self.chance.choice(case.firms)
                procedure.adapted_from = self.chance.choice([former or firm, firm])
            for _ in range(self.pick(2, [0, 1, 3])):
                unfinished = ["UnderWay", "Departed", "StatusNotStated", None]
                procedure.enactments.append(
                    self.make(
                        made.Enactment,
                        status=self.pick("Completed", unfinished),
                        by=self.somebody(case),
                    )
                )
            case.procedures.append(procedure)

    def tasks(self, case: MadeCase) -> None:
        for number in range(self.count(self.size.tasks)):
            task = self.make(made.Task, label=f"Job {number + 1} (made up)")
            for participation in case.participations:
                if participation.took_part is not False and self.luck(
                    (1 + self.care) / 2 if number == 0 else self.size.joins
                ):
                    task.contributions.append(
                        self.make(
                            made.Contribution,
                            participation=participation,
                            role=self.chance.choice(_ROLES),
                        )
                    )
            if self.mostly():
                pattern = self.chance.choice(_PATTERNS)
                task.aspects.append(self.make(made.TaskAspect, interdependency=pattern))
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

    def split(self, case: MadeCase, task: made.Task) -> None:
        """Move some of what a task holds to a part of it."""
        part = self.make(made.Task, label="Part (made up)")
        part.by = self.somebody(case)
        planned = task.status in ("Planned", "NotDone")
        part.status = self.pick(None, ["Completed" if planned else "Planned"])
        for name in ("contributions", "aspects", "uses", "pursues"):
            held = [(one, self.luck(0.4)) for one in getattr(task, name)]
            setattr(part, name, [one for one, moved in held if moved])
            setattr(task, name, [one for one, moved in held if not moved])
        task.subtasks.append(part)

    def uses(self, case: MadeCase, number: int) -> list[made.Holding]:
        """Return what a task uses: in the first one, some of each kind."""
        partners = [f for f in case.firms if f.sector != OTHER]
        if not partners or not self.mostly():
            return []
        kinds = list(_KINDS) if number == 0 else [self.chance.choice(_KINDS)]
        firms = [partners[n % len(partners)] for n in range(len(kinds))]
        return [
            self.holding(
                self.stand_in(case, firm) if self.luck((3 + self.care) / 4) else None, kind
            )
            for firm, kind in zip(firms, kinds, strict=True)
        ]

    def benefits(self, case: MadeCase) -> None:
        speakers = [p for p in case.parties if p.kind == "RoleGroup"]
        speakers += [p.party for p in case.participations if p.party.kind == "Person"]
        for speaker in speakers:
            for one in [speaker, *(p for p in case.parties if p.of is speaker)]:
                if self.mostly():
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
            target = made.Party("RoleGroup", "As another list has it (made up)", source.sector)
            case.parties.append(target)
            case.mappings.append(made.RoleGroupMapping(source=source, target=target))
            case.benefit_statements.append(self.benefit(case, target))

    def benefit(self, case: MadeCase, speaker: made.Party) -> made.BenefitStatement:
        own = [speaker.firm] if speaker.firm and self.luck(0.7) else []
        recipients = self.pick(own, [[], [self.chance.choice(case.firms)], list(case.firms)])
        return self.make(
            made.BenefitStatement,
            about=self.chance.choice([None, made.Benefit()]),
            on=self.place(case),
            source=case.itself if self.name != "thin" else None,
            speaker=speaker,
            stance="Affirms" if self.luck((4 + self.care) / 5) else "Denies",
            expectation=self.pick("Expected", ["Received", "ExpectationNotStated", None]),
            scope=self.pick("OwnOrganization", ["OwnPerson", "ScopeNotStated", None]),
            quantifier=self.pick("AllMembers", ["AllInterviewed", "SomeInterviewed", None]),
            recipients=recipients,
        )
