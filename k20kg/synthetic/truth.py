"""The verdicts of a made-up case, worked out from its objects.

This restates the definition a second time on purpose, and only for made-up cases: it is what the
shapes are tested against. It never reads a shape, and real cases are never judged by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from k20kg.model import Verdict
from k20kg.synthetic.case import (
    HIGHER_ED,
    K12,
    OTHER,
    Agreement,
    BenefitStatement,
    Case,
    Endorsement,
    Goal,
    GoalStatement,
    Holding,
    Participation,
    Party,
    Procedure,
    Record,
    Task,
)

__all__ = ["CRITERIA", "READINGS", "judge"]

READINGS = ("as-applied", "literal")
SECTORS = (K12, HIGHER_ED)
ALL = ("AllInterviewed", "AllMembers")
NOT_ALL = ("NotAllInterviewed", "SomeInterviewed")
NAMED_KINDS = ("HumanResource", "FinancialResource", "MaterialResource")


def judge(case: Case, reading: str) -> dict[str, Verdict]:
    """Return the verdict on each criterion, in the order of the definition."""
    literal = reading == "literal"
    return {criterion: ask(case, literal) for criterion, ask in _QUESTIONS.items()}


def _verdict(
    support: bool, *, shortfall: bool, disputes: Iterable[Record], undisputed: bool, against: bool
) -> Verdict:
    """Return the verdict: disputes count where there is support, none of it undisputed."""
    contested = support and not undisputed and any(r.disputed for r in disputes)
    return Verdict.of(support=support, counter=shortfall or contested or against)


def _complete(case: Case, kind: str) -> bool:
    return any(c.kind == kind and c.stands for c in case.completeness)


def _both_asked(case: Case) -> bool:
    return {K12, HIGHER_ED} <= {p.sector for p in case.asked if p.kind == "RoleGroup"}


def _shared_goal(case: Case, literal: bool) -> Verdict:
    def held(goal: Goal, counts: Callable[[GoalStatement], bool]) -> bool:
        about = [s for s in case.goal_statements if s.goal is goal and counts(s)]
        return all(any(s.holder is asked for s in about) for asked in case.asked)

    common = [
        g
        for g in case.goals
        if g.affirmed and held(g, lambda s: s.affirmed and s.quantifier in ALL)
    ]
    perhaps = [
        g
        for g in case.goals
        if g.possible and held(g, lambda s: s.possible and s.quantifier not in NOT_ALL)
    ]
    return _verdict(
        bool(common) and _both_asked(case) and _complete(case, "AskedRoleGroupList"),
        # Whoever else was not asked: no goal is common to those who were.
        shortfall=_complete(case, "GoalStatementList") and not perhaps,
        disputes=(),
        undisputed=True,
        # A disputed common goal counts even while the list of those asked is open.
        against=bool(common) and all(_goal_disputed(case, g) for g in common),
    )


def _goal_disputed(case: Case, goal: Goal) -> bool:
    return goal.disputed or any(s.disputed for s in case.goal_statements if s.goal is goal)


def _routine(case: Case, literal: bool) -> Verdict:
    def cycled(procedure: Procedure) -> bool:
        done = [e for e in procedure.enactments if e.affirmed and e.status == "Completed"]
        return procedure.affirmed and procedure.codified is True and len(done) >= 2

    def cycled_undisputed(procedure: Procedure) -> bool:
        done = [e for e in procedure.enactments if e.stands and e.status == "Completed"]
        return procedure.stands and procedure.codified is True and len(done) >= 2

    def perhaps(procedure: Procedure) -> bool:
        unfinished = ("UnderWay", "Departed")
        left = [e for e in procedure.enactments if e.possible and e.status not in unfinished]
        return procedure.possible and procedure.codified is not False and len(left) >= 2

    return _verdict(
        any(map(cycled, case.procedures)),
        shortfall=_complete(case, "EnactmentList") and not any(map(perhaps, case.procedures)),
        disputes=[*case.procedures, *(e for p in case.procedures for e in p.enactments)],
        undisputed=any(map(cycled_undisputed, case.procedures)),
        against=False,
    )


def _member(sector: str) -> Callable[[Case, bool], Verdict]:
    def ask(case: Case, literal: bool) -> Verdict:
        own = [m for m in case.memberships if m.firm.sector == sector]
        return _verdict(
            any(m.affirmed for m in own),
            shortfall=_complete(case, "MemberList") and not any(m.possible for m in own),
            disputes=case.memberships,
            undisputed=any(m.stands for m in own),
            against=False,
        )

    return ask


def _formal_agreement(case: Case, literal: bool) -> Verdict:
    agreements = [a for a in case.agreements if not (literal and a.of_project)]

    def backers(agreement: Agreement) -> list[Endorsement]:
        return [e for e in agreement.endorsements if not literal or e.kind == "Signature"]

    def for_both(agreement: Agreement, counts: Callable[[Endorsement], bool]) -> bool:
        if case.formed and agreement.agreed and agreement.agreed > case.formed:
            return False
        return set(SECTORS) <= {e.firm.sector for e in backers(agreement) if counts(e)}

    one = any(
        a.affirmed and for_both(a, lambda e: e.affirmed and e.upper_echelon is True)
        for a in agreements
    )
    sure = any(
        a.stands and for_both(a, lambda e: e.stands and e.upper_echelon is True) for a in agreements
    )
    perhaps = any(
        a.possible and for_both(a, lambda e: e.possible and e.upper_echelon is not False)
        for a in agreements
    )
    return _verdict(
        one,
        shortfall=_complete(case, "AgreementList") and not perhaps,
        disputes=[*agreements, *(e for a in agreements for e in backers(a))],
        undisputed=sure,
        against=False,
    )


def _dedicated_resources(case: Case, literal: bool) -> Verdict:
    own_agreements = [a for a in case.agreements if not a.of_project]
    pool = [h for a in (own_agreements if literal else case.agreements) for h in a.commits]
    if not literal:
        pool += case.commitments
    return _verdict(
        _from_both(h for h in pool if h.affirmed),
        shortfall=_complete(case, "CommitmentList")
        and not _from_both(h for h in pool if h.possible),
        disputes=pool,
        undisputed=_from_both(h for h in pool if h.stands),
        against=any(r.stands and _of_partner(r) for r in case.refusals)
        or (literal and _complete(case, "AgreementList") and not own_agreements),
    )


def _from_both(holdings: Iterable[Holding]) -> bool:
    return set(SECTORS) <= {h.firm.sector for h in holdings if h.firm}


def _of_partner(holding: Holding) -> bool:
    return holding.firm is not None and holding.firm.sector in SECTORS


def _active_engagement(case: Case, literal: bool) -> Verdict:
    uses = [u for t in case.tasks for u in t.uses]

    def engaged(counts: Callable[[Record], bool]) -> bool:
        active = {
            p.sector
            for p in case.participations
            if p.on_roll is True and p.routine is True and counts(p)
        }
        used = [u for u in uses if counts(u)]
        if literal:
            kinds = {kind for u in used if _of_partner(u) for kind in u.kinds}
            resources = set(NAMED_KINDS) <= kinds
        else:
            resources = _from_both(u for u in used if set(u.kinds) & set(NAMED_KINDS))
        return set(SECTORS) <= active and resources

    return _verdict(
        engaged(lambda r: r.affirmed),
        shortfall=_complete(case, "TaskList") and not any(t.possible for t in case.tasks),
        disputes=[*case.participations, *uses],
        undisputed=engaged(lambda r: r.stands),
        against=_leaves_out_a_sector(
            case,
            (p for p in case.participations if False not in (p.on_roll, p.routine, p.took_part)),
        ),
    )


def _leaves_out_a_sector(case: Case, people: Iterable[Participation]) -> bool:
    """Tell whether, by a complete list of participants, people of a sector cannot be there."""
    there = {p.sector for p in people if p.possible}
    return _complete(case, "ParticipantList") and not set(SECTORS) <= there


def _at_hand(case: Case) -> list[Participation]:
    """Return all who took part: those listed, and those who contributed to a task."""
    return [*case.participations, *(c.participation for t in case.tasks for c in t.contributions)]


def _mutual_benefit(case: Case, literal: bool) -> Verdict:
    named = [s for s in case.benefit_statements if s.affirmed and _names_gain(s)]
    perhaps = [s for s in case.benefit_statements if s.possible and _names_gain(s)]
    holds = _each_on_roll_gains if literal else _each_asked_gains
    support = holds(case, named)
    there = (
        [p for p in case.participations if p.on_roll is not False] if literal else _at_hand(case)
    )
    return _verdict(
        support,
        shortfall=_complete(case, "BenefitStatementList")
        and not set(SECTORS) <= {s.speaker.sector for s in perhaps},
        disputes=case.benefit_statements,
        undisputed=holds(case, [s for s in named if s.stands]),
        against=any(s.stands and s.stance == "Denies" for s in case.benefit_statements)
        or _leaves_out_a_sector(case, there),
    )


def _names_gain(statement: BenefitStatement) -> bool:
    """Tell whether a gain is stated that does not go to the other side alone."""
    other = {K12: HIGHER_ED, HIGHER_ED: K12}.get(statement.speaker.sector)
    given_away = bool(statement.recipients) and all(r.sector == other for r in statement.recipients)
    return statement.stance == "Affirms" and not given_away


def _each_asked_gains(case: Case, named: Sequence[BenefitStatement]) -> bool:
    def gains(party: Party) -> bool:
        names = [party, *(m.target for m in case.mappings if m.source is party)]
        return any(s.speaker is name for s in named for name in names)

    complete = _complete(case, "AskedRoleGroupList")
    return complete and _both_asked(case) and all(map(gains, case.asked))


def _each_on_roll_gains(case: Case, named: Sequence[BenefitStatement]) -> bool:
    def expects(participation: Participation) -> bool:
        return any(
            s.speaker is participation.party
            and (s.speaker.kind == "Person" or s.quantifier == "AllMembers")
            and s.expectation == "Expected"
            and s.scope == "OwnOrganization"
            for s in named
        )

    roll = [p for p in case.participations if p.on_roll is True and p.sector != OTHER]
    sectors = {p.sector for p in roll if p.affirmed}
    complete = _complete(case, "ParticipantList")
    return complete and set(SECTORS) <= sectors and all(map(expects, roll))


def _joint_work(case: Case, literal: bool) -> Verdict:
    def shared(task: Task, counts: Callable[[Record], bool]) -> bool:
        by = {c.participation.sector for c in task.contributions if counts(c)}
        return counts(task) and set(SECTORS) <= by

    joint = [
        t
        for t in case.tasks
        if shared(t, lambda r: r.affirmed) and any(a.affirmed for a in t.aspects)
    ]
    parts = [[t, *t.contributions, *t.aspects] for t in case.tasks]
    sure = any(not any(r.disputed for r in [t, *t.contributions, *t.aspects]) for t in joint)
    there = {id(c.participation.firm) for t in joint for c in t.contributions}
    everyone = (
        _complete(case, "MemberList")
        and any(m.affirmed and m.firm.sector in SECTORS for m in case.memberships)
        and all(id(m.firm) in there for m in case.memberships)
    )
    perhaps = any(shared(t, lambda r: r.possible) for t in case.tasks)
    disputed = any(r.disputed for part in parts for r in part)
    return _verdict(
        bool(joint) and (everyone or not literal),
        shortfall=_complete(case, "TaskList") and not perhaps,
        disputes=(),
        undisputed=True,
        # The dispute is about joint work as such, whoever else may still be missing from it.
        against=(bool(joint) and disputed and not sure)
        or _leaves_out_a_sector(case, (p for p in _at_hand(case) if p.took_part is not False))
        or (
            literal
            and _complete(case, "MemberList")
            and not any(m.possible and m.firm.sector in SECTORS for m in case.memberships)
        ),
    )


_QUESTIONS: dict[str, Callable[[Case, bool], Verdict]] = {
    "shared-goal": _shared_goal,
    "routine": _routine,
    "k12-member": _member(K12),
    "higher-ed-member": _member(HIGHER_ED),
    "formal-agreement": _formal_agreement,
    "dedicated-resources": _dedicated_resources,
    "active-engagement": _active_engagement,
    "mutual-benefit": _mutual_benefit,
    "joint-work": _joint_work,
}
CRITERIA = tuple(_QUESTIONS)
