"""The verdicts of a made-up case, worked out from its objects.

This restates the definition a second time on purpose, and only for made-up cases: it is what the
shapes are tested against. It never reads a shape, and real cases are never judged by it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from k20kg.model import Verdict
from k20kg.synthetic.case import (
    HIGHER_ED,
    K12,
    Enactment,
    Endorsement,
    FormalAgreement,
    Goal,
    GoalStatement,
    MadeCase,
    Procedure,
)
from k20kg.synthetic.oracle_of_work import active_engagement, joint_work, mutual_benefit
from k20kg.synthetic.ties import (
    asked,
    both,
    complete,
    counts,
    givers,
    own,
    own_tasks,
    partner_sectors,
    sides,
    speaks_for,
    weigh,
)

READINGS = ("as-applied", "literal")
ALL = ("AllInterviewed", "AllMembers")
_ORDER = (Verdict.NOT_MET, Verdict.CONTESTED, Verdict.NOT_ESTABLISHED, Verdict.MET)
NOT_ALL = ("NotAllInterviewed", "SomeInterviewed")


def judge(case: MadeCase) -> dict[str, dict[str, Verdict]]:
    """Return the verdict on each criterion by reading, in the order of the definition.

    All criteria are judged at one time: the latest at which most are met, of those at which the
    verdict on the whole is best.
    """
    times = [_judge_now(then) for then in _in_time(case)]
    return {reading: max((t[reading] for t in times), key=_rank) for reading in READINGS}


def _in_time(case: MadeCase) -> list[MadeCase]:
    """Return the case as it stood after all and at each instant at which something ended."""
    ends = sorted({m.ended for m in case.memberships if m.ended})
    if not ends:
        return [case]
    return [
        replace(
            case,
            memberships=[m for m in case.memberships if not m.ended or (at and m.ended >= at)],
            former=[m for m in case.memberships if m.ended and not (at and m.ended >= at)],
        )
        for at in (None, *reversed(ends))
    ]


def _rank(found: dict[str, Verdict]) -> tuple[int, int]:
    verdicts = list(found.values())
    return _ORDER.index(Verdict.all_of(verdicts)), verdicts.count(Verdict.MET)


def _judge_now(case: MadeCase) -> dict[str, dict[str, Verdict]]:
    alike = {criterion: ask(case) for criterion, ask in _ALIKE.items()}
    return {
        reading: alike | {c: ask(case, reading == "literal") for c, ask in _BY_READING.items()}
        for reading in READINGS
    }


# ---------------------------------------------------------------- 1a


def _shared_goal(case: MadeCase) -> Verdict:
    those = asked(case)
    statements = [s for s in case.goal_statements if s.own]

    def held(goal: Goal, level: str, quantifies: Callable[[GoalStatement], bool]) -> bool:
        wordings = _same(case, goal, level)
        about = [s for s in statements if s.goal in wordings and counts(s, level) and quantifies(s)]
        # What a person of a role group holds, all of it may hold.
        speaks = speaks_for if level == "possible" else operator.is_
        return all(any(speaks(s.holder, party) for s in about) for party in those)

    pursued = [g for t in own_tasks(case) for one in (t, *t.subtasks) for g in one.pursues]

    def of_the_work(goal: Goal) -> bool:
        wordings = _same(case, goal, "affirmed")
        return not pursued or any(g in pursued for g in wordings)

    common = [
        g
        for g in case.goals
        if g.affirmed and of_the_work(g) and held(g, "affirmed", lambda s: s.quantifier in ALL)
    ]
    perhaps = [
        g
        for g in case.goals
        if g.possible and held(g, "possible", lambda s: s.quantifier not in NOT_ALL)
    ]

    def disputed(goal: Goal) -> bool:
        wordings = _same(case, goal, "affirmed")
        about = [s for s in statements if s.goal in wordings]
        return any(r.disputed for r in [*wordings, *about])

    return weigh(
        bool(common) and both(p.sector for p in those) and complete(case, "AskedRoleGroupList"),
        # Whoever else was not asked: no goal is common to those who were.
        shortfall=complete(case, "GoalStatementList") and not perhaps,
        # A disputed common goal counts even while the list of those asked is open.
        against=bool(common) and all(map(disputed, common)),
    )


def _same(case: MadeCase, goal: Goal, level: str) -> list[Goal]:
    """Return a goal and the other wordings of it."""
    others = [g for g in case.goals if g.same_as is goal or goal.same_as is g]
    return [goal, *(g for g in others if counts(g, level))]


# ---------------------------------------------------------------- 1b


def _routine(case: MadeCase) -> Verdict:
    return weigh(
        any(_cycled(e, "affirmed") for e in _editions(case, "affirmed")),
        shortfall=_too_few_runs(case),
        disputes=[
            *case.procedures,
            *(e for p in case.procedures for e in p.enactments),
            *(p for group in case.groups for p in group.people),
        ],
        undisputed=any(_cycled(e, "stands") for e in _editions(case, "stands")),
    )


def _editions(case: MadeCase, level: str) -> Iterator[list[Procedure]]:
    """Yield the written procedures of the group, each with the other editions of it."""
    codified = (True, None) if level == "possible" else (True,)
    for one in case.procedures:
        if one.own and counts(one, level) and one.codified in codified:
            yield [p for p in case.procedures if one in _line(p) or p in _line(one)]


def _line(procedure: Procedure) -> list[Procedure]:
    """Return a procedure and those that it was adapted from."""
    former = procedure.adapted_from
    return [procedure, *(_line(former) if isinstance(former, Procedure) else ())]


def _runs(editions: Sequence[Procedure], level: str) -> list[Enactment]:
    unfinished = ("UnderWay", "Departed")
    return [
        e
        for p in editions
        if counts(p, level) and p.codified is not False
        for e in p.enactments
        if counts(e, level)
        and (own(e.by) if e.by else p.own)
        and (e.status not in unfinished if level == "possible" else e.status == "Completed")
    ]


def _cycled(editions: Sequence[Procedure], level: str) -> bool:
    """Tell whether there are two cycles, and people of both sectors went through them.

    The group is presumed to have gone through what nobody says who did, and needs no such proof.
    """
    runs = _runs(editions, level)
    if len(runs) < 2:
        return False
    teams = [g for e in runs for g in e.by if g.own]
    whole = any(not e.by for e in runs) or any(g.kind == "CandidateGroup" for g in teams)
    people = [p for g in teams for p in g.people]
    came = [p for p in people if counts(p, level) and p.took_part is not False]
    return whole or not people or both(sides(came))


def _too_few_runs(case: MadeCase) -> bool:
    """Tell whether complete lists leave no procedure that can have been gone through twice."""
    listed = [c.of for c in case.completeness if c.of and c.stands]
    mine = [p for p in case.procedures if p.own]
    each = complete(case, "ProcedureList") and all(p in listed or p.codified is False for p in mine)
    short = all(len(_runs(e, "possible")) < 2 for e in _editions(case, "possible"))
    return short and (complete(case, "EnactmentList") or each)


# ---------------------------------------------------------------- 2a to 2d


def _member(sector: str, case: MadeCase) -> Verdict:
    firms = [m for m in case.memberships if m.firm.sector == sector and not m.firm.unit_of]
    return weigh(
        any(m.affirmed for m in firms),
        shortfall=complete(case, "MemberList") and not any(m.possible for m in firms),
        disputes=case.memberships,
        undisputed=any(m.stands for m in firms),
    )


def _letters(case: MadeCase, agreement: FormalAgreement) -> list[FormalAgreement]:
    """Return an agreement and, if it is a letter, those that it answers or is answered by."""
    answers = [a for a in case.agreements if a.answers is agreement or agreement.answers is a]
    return [agreement, *answers]


def _exchange(case: MadeCase, agreement: FormalAgreement) -> list[FormalAgreement]:
    """Return all letters of the exchange that an agreement is part of."""
    found = [agreement]
    for letter in found:
        found += [x for x in _letters(case, letter) if x not in found]
    return found


def _formed_through(case: MadeCase, *, literal: bool) -> list[FormalAgreement]:
    """Return the agreements that the group, or as applied its project, was formed through."""
    ways = ("group", "formation") if literal else ("group", "formation", "project")
    return [a for a in case.agreements if a.through in ways]


def _closed(case: MadeCase, kind: str) -> bool:
    """Tell whether a list says what there was not: it is complete, and nothing stands beside it.

    An agreement that formed nothing, and is no letter of an exchange with one that did, may belong
    on the list of agreements, and what it commits on that of commitments. Nor is that list all
    there was while nobody says whose a commitment is.
    """
    listed = [x for a in _formed_through(case, literal=False) for x in _exchange(case, a)]
    strays = [a for a in case.agreements if a not in listed]
    if kind == "CommitmentList":
        strays = [a for a in strays if a.commits]
        given = [*case.commitments, *(c for a in case.agreements for c in a.commits)]
        return complete(case, kind) and not strays and all(c.firm for c in given)
    return complete(case, kind) and not strays


def _formal_agreement(case: MadeCase, literal: bool) -> Verdict:
    starts = _formed_through(case, literal=literal)
    day = case.formation.day if case.formation else None

    def in_time(moment: str | None) -> bool:
        return not (day and moment and moment > day)

    def backers(agreement: FormalAgreement) -> list[Endorsement]:
        return [e for e in agreement.endorsements if not literal or e.kind == "Signature"]

    def leaders(agreement: FormalAgreement, level: str) -> set[str]:
        if not (counts(agreement, level) and in_time(agreement.agreed)):
            return set()
        upper = (True, None) if level == "possible" else (True,)
        return {
            sector
            for e in backers(agreement)
            if counts(e, level) and e.upper_echelon in upper and in_time(e.given)
            for sector in partner_sectors(case, e.firm, level, once=True)
        }

    def agreed(level: str) -> bool:
        return any(
            both(leaders(one, level) | leaders(other, level))
            for start in starts
            if start.through != "formation" or (case.formation and counts(case.formation, level))
            for one in _exchange(case, start)
            for other in _letters(case, one)
        )

    letters = [x for a in starts for x in _exchange(case, a)]
    formed = [case.formation] if case.formation else []
    return weigh(
        agreed("affirmed"),
        shortfall=_closed(case, "AgreementList") and not agreed("possible"),
        disputes=[*formed, *letters, *(e for a in letters for e in backers(a))],
        undisputed=agreed("stands"),
    )


def _dedicated_resources(case: MadeCase, literal: bool) -> Verdict:
    behind = _formed_through(case, literal=literal)
    pool = [h for a in behind for x in _exchange(case, a) for h in x.commits]
    if not literal:
        pool += case.commitments
    left = [m.firm for m in case.former]
    # What a firm committed ends with its membership.
    pool = [h for h in pool if not (h.firm and any(f in left for f in h.firm.chain))]

    def dedicated(level: str) -> bool:
        return both(givers(case, pool, level))

    refused = [r for r in case.refusals if r.stands]
    return weigh(
        dedicated("affirmed"),
        shortfall=_closed(case, "CommitmentList") and not dedicated("possible"),
        disputes=pool,
        undisputed=dedicated("stands"),
        against=any(partner_sectors(case, r.firm, "affirmed") for r in refused)
        or (literal and _closed(case, "AgreementList") and not behind),
    )


_ALIKE: dict[str, Callable[[MadeCase], Verdict]] = {
    "shared-goal": _shared_goal,
    "routine": _routine,
    "k12-member": partial(_member, K12),
    "higher-ed-member": partial(_member, HIGHER_ED),
}
"""Criteria that all readings judge alike."""
_BY_READING: dict[str, Callable[[MadeCase, bool], Verdict]] = {
    "formal-agreement": _formal_agreement,
    "dedicated-resources": _dedicated_resources,
    "active-engagement": active_engagement,
    "mutual-benefit": mutual_benefit,
    "joint-work": joint_work,
}
CRITERIA = (*_ALIKE, *_BY_READING)
