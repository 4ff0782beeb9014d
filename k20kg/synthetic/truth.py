"""The verdicts of a made-up case, worked out from its objects.

This restates the definition a second time on purpose, and only for made-up cases: it is what the
shapes are tested against. It never reads a shape, and real cases are never judged by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from k20kg.model import Verdict
from k20kg.synthetic.case import (
    HIGHER_ED,
    K12,
    Agreement,
    BenefitStatement,
    Case,
    Enactment,
    Endorsement,
    Firm,
    Goal,
    GoalStatement,
    Holding,
    Participation,
    Party,
    Procedure,
    Record,
)
from k20kg.synthetic.ties import (
    SECTORS,
    Work,
    asked,
    both,
    complete,
    contributions,
    counts,
    own,
    own_tasks,
    partner_sectors,
    side,
    sides,
    speaks_for,
    work,
)

__all__ = ["CRITERIA", "READINGS", "judge"]

READINGS = ("as-applied", "literal")
ALL = ("AllInterviewed", "AllMembers")
NOT_ALL = ("NotAllInterviewed", "SomeInterviewed")
NAMED_KINDS = frozenset({"HumanResource", "FinancialResource", "MaterialResource"})


def judge(case: Case, reading: str) -> dict[str, Verdict]:
    """Return the verdict on each criterion, in the order of the definition."""
    literal = reading == "literal"
    return {criterion: ask(case, literal) for criterion, ask in _QUESTIONS.items()}


def _verdict(
    support: bool,
    *,
    shortfall: bool,
    disputes: Iterable[Record] = (),
    undisputed: bool = True,
    against: bool = False,
) -> Verdict:
    """Return the verdict: disputes count where there is support, none of it undisputed."""
    contested = support and not undisputed and any(r.disputed for r in disputes)
    return Verdict.of(support=support, counter=shortfall or contested or against)


def _among(thing: object, things: Iterable[object]) -> bool:
    """Tell whether this very thing is one of these; things that look alike are not the same."""
    return any(thing is one for one in things)


# ---------------------------------------------------------------- 1a


def _shared_goal(case: Case, literal: bool) -> Verdict:
    those = asked(case)
    statements = [s for s in case.goal_statements if s.on is None or s.on.own]

    def held(goal: Goal, level: str, quantifies: Callable[[GoalStatement], bool]) -> bool:
        about = [
            s
            for s in statements
            if any(s.goal is g for g in _same(case, goal, level))
            and counts(s, level)
            and quantifies(s)
        ]
        return all(any(s.holder is party for s in about) for party in those)

    pursued = [g for w in work(case, "affirmed") for g in w.task.pursues]

    def of_the_work(goal: Goal) -> bool:
        wordings = _same(case, goal, "affirmed")
        return not pursued or any(g is p for g in wordings for p in pursued)

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
        about = [s for s in statements if any(s.goal is g for g in wordings)]
        return any(r.disputed for r in [*wordings, *about])

    return _verdict(
        bool(common) and both(p.sector for p in those) and complete(case, "AskedRoleGroupList"),
        # Whoever else was not asked: no goal is common to those who were.
        shortfall=complete(case, "GoalStatementList") and not perhaps,
        # A disputed common goal counts even while the list of those asked is open.
        against=bool(common) and all(map(disputed, common)),
    )


def _same(case: Case, goal: Goal, level: str) -> list[Goal]:
    """Return a goal and the other wordings of it."""
    others = [g for g in case.goals if g.same_as is goal or goal.same_as is g]
    return [goal, *(g for g in others if counts(g, level))]


# ---------------------------------------------------------------- 1b


def _routine(case: Case, literal: bool) -> Verdict:
    return _verdict(
        any(_cycled(e, "affirmed") for e in _editions(case, "affirmed")),
        shortfall=_too_few_runs(case),
        disputes=[*case.procedures, *(e for p in case.procedures for e in p.enactments)],
        undisputed=any(_cycled(e, "stands") for e in _editions(case, "stands")),
    )


def _editions(case: Case, level: str) -> Iterator[list[Procedure]]:
    """Yield the written procedures of the group, each with the other editions of it."""
    codified = (True, None) if level == "possible" else (True,)
    for one in case.procedures:
        if (one.on is None or one.on.own) and counts(one, level) and one.codified in codified:
            yield [p for p in case.procedures if _among(one, _line(p)) or _among(p, _line(one))]


def _line(procedure: Procedure) -> list[Procedure]:
    """Return a procedure and those that it was adapted from."""
    former = procedure.adapted_from
    return [procedure, *(_line(former) if isinstance(former, Procedure) else ())]


def _runs(editions: Sequence[Procedure], level: str) -> list[Enactment]:
    unfinished = ("UnderWay", "Departed")
    return [
        e
        for p in editions
        for e in p.enactments
        if counts(e, level)
        and (own(e.by) if e.by else p.on is None or p.on.own)
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
    return whole or not people or both(sides(p for p in people if p.affirmed))


def _too_few_runs(case: Case) -> bool:
    """Tell whether complete lists leave no procedure that can have been gone through twice."""
    listed = [c.of for c in case.completeness if c.of and c.stands]
    mine = [p for p in case.procedures if p.on is None or p.on.own]
    each = complete(case, "ProcedureList") and all(_among(p, listed) for p in mine)
    short = all(len(_runs(e, "possible")) < 2 for e in _editions(case, "possible"))
    return short and (complete(case, "EnactmentList") or each)


# ---------------------------------------------------------------- 2a to 2d


def _member(sector: str) -> Callable[[Case, bool], Verdict]:
    def ask(case: Case, literal: bool) -> Verdict:
        firms = [m for m in case.memberships if m.firm.sector == sector and not m.firm.unit_of]
        return _verdict(
            any(m.affirmed for m in firms),
            shortfall=complete(case, "MemberList") and not any(m.possible for m in firms),
            disputes=case.memberships,
            undisputed=any(m.stands for m in firms),
        )

    return ask


def _letters(case: Case, agreement: Agreement) -> list[Agreement]:
    """Return an agreement and, if it is a letter, those that it answers or is answered by."""
    answers = [a for a in case.agreements if a.answers is agreement or agreement.answers is a]
    return [agreement, *answers]


def _formed_through(case: Case, *, literal: bool) -> list[Agreement]:
    """Return the agreements that the group, or as applied its project, was formed through."""
    ways = ("group", "formation") if literal else ("group", "formation", "project")
    return [a for a in case.agreements if a.through in ways]


def _formal_agreement(case: Case, literal: bool) -> Verdict:
    starts = _formed_through(case, literal=literal)
    day = case.formation.day if case.formation else None

    def in_time(moment: str | None) -> bool:
        return not (day and moment and moment > day)

    def backers(agreement: Agreement) -> list[Endorsement]:
        return [e for e in agreement.endorsements if not literal or e.kind == "Signature"]

    def leaders(agreement: Agreement, level: str) -> set[str]:
        if not (counts(agreement, level) and in_time(agreement.agreed)):
            return set()
        upper = (True, None) if level == "possible" else (True,)
        return {
            sector
            for e in backers(agreement)
            if counts(e, level) and e.upper_echelon in upper and in_time(e.given)
            for sector in partner_sectors(case, e.firm, level)
        }

    def agreed(level: str) -> bool:
        return any(
            both(leaders(one, level) | leaders(other, level))
            for start in starts
            if start.through != "formation" or (case.formation and counts(case.formation, level))
            for one in _letters(case, start)
            for other in _letters(case, one)
        )

    letters = [x for a in starts for x in _letters(case, a)]
    return _verdict(
        agreed("affirmed"),
        shortfall=complete(case, "AgreementList") and not agreed("possible"),
        disputes=[*letters, *(e for a in letters for e in backers(a))],
        undisputed=agreed("stands"),
    )


def _dedicated_resources(case: Case, literal: bool) -> Verdict:
    behind = _formed_through(case, literal=literal)
    pool = [h for a in behind for x in _letters(case, a) for h in x.commits]
    if not literal:
        pool += case.commitments

    def dedicated(level: str) -> bool:
        return both(_givers(case, pool, level))

    refused = [r for r in case.refusals if r.stands]
    return _verdict(
        dedicated("affirmed"),
        shortfall=complete(case, "CommitmentList") and not dedicated("possible"),
        disputes=pool,
        undisputed=dedicated("stands"),
        against=any(partner_sectors(case, r.firm, "affirmed") for r in refused)
        or (literal and complete(case, "AgreementList") and not behind),
    )


def _givers(case: Case, holdings: Iterable[Holding], level: str) -> set[str]:
    """Return the sectors whose partners these resources are."""
    given = [h for h in holdings if counts(h, level)]
    return {sector for h in given for sector in partner_sectors(case, h.firm, level)}


# ---------------------------------------------------------------- 2e


def _active_engagement(case: Case, literal: bool) -> Verdict:
    def used(level: str) -> list[Holding]:
        # Whether the work was done together is disputed under joint work, not here.
        done = "possible" if level == "possible" else "affirmed"
        kinds = NAMED_KINDS | ({"ResourceKindNotStated"} if level == "possible" else set())
        return [
            u
            for w in work(case, done)
            if any(whole.common(done) for whole in [w, *w.wholes])
            for u in w.task.uses
            if counts(u, level) and kinds & set(u.kinds)
        ]

    def from_both(level: str) -> bool:
        return both(_givers(case, used(level), level))

    def of_all_kinds(level: str) -> bool:
        partners = [u for u in used(level) if _givers(case, [u], level)]
        return {kind for u in partners for kind in u.kinds} >= NAMED_KINDS

    def engaged(level: str) -> bool:
        people = [p for p in case.participations if _takes_part(p) and counts(p, level)]
        return both(sides(people)) and from_both(level) and (not literal or of_all_kinds(level))

    return _verdict(
        engaged("affirmed"),
        shortfall=(complete(case, "TaskList") and not any(t.possible for t in own_tasks(case)))
        or (complete(case, "ResourceUseList") and not from_both("possible")),
        disputes=[*case.participations, *used("affirmed")],
        undisputed=engaged("stands"),
        against=_leaves_out_a_sector(
            case,
            (p for p in case.participations if False not in (p.on_roll, p.routine, p.took_part)),
        ),
    )


def _takes_part(participation: Participation) -> bool:
    """Tell whether somebody is on the roll and takes part routinely."""
    regular = bool(participation.on_roll and participation.routine)
    return regular and participation.took_part is not False


def _leaves_out_a_sector(case: Case, people: Iterable[Participation]) -> bool:
    """Tell whether, by a complete list of participants, people of a sector cannot be there."""
    return complete(case, "ParticipantList") and not both(sides(p for p in people if p.possible))


# ---------------------------------------------------------------- 3


def _mutual_benefit(case: Case, literal: bool) -> Verdict:
    statements = [s for s in case.benefit_statements if own(s.on)]
    gains = [s for s in statements if _names_gain(s)]
    roll = _roll(case)

    def holds(level: str) -> bool:
        named = [s for s in gains if counts(s, level)]
        by_the_letter = _each_on_roll_gains(case, named, level)
        return by_the_letter or (not literal and _each_asked_gains(case, named))

    there = [
        p
        for p in case.participations
        if not literal or False not in (p.on_roll, p.routine, p.took_part)
    ]
    return _verdict(
        holds("affirmed"),
        shortfall=complete(case, "BenefitStatementList")
        and not both(s.speaker.sector for s in gains if s.possible),
        disputes=[*statements, *roll],
        undisputed=holds("stands"),
        against=any(_denies(s, gains) for s in statements) or _leaves_out_a_sector(case, there),
    )


def _names_gain(statement: BenefitStatement) -> bool:
    """Tell whether a gain is stated that does not go to the other side alone."""
    other = {K12: HIGHER_ED, HIGHER_ED: K12}.get(statement.speaker.sector)
    recipients = statement.recipients
    given_away = all(r.sector == other and r.unit_of is None for r in recipients)
    return statement.stance == "Affirms" and not (recipients and given_away)


def _denies(statement: BenefitStatement, gains: Sequence[BenefitStatement]) -> bool:
    """Tell whether somebody of either sector says that the organization gains nothing."""
    names_another = statement.about is not None and any(
        s.speaker is statement.speaker and s.affirmed and s.about is not statement.about
        for s in gains
    )
    return (
        statement.stands
        and statement.stance == "Denies"
        and statement.speaker.sector in SECTORS
        and statement.scope != "OwnPerson"
        and not names_another
    )


def _each_asked_gains(case: Case, named: Sequence[BenefitStatement]) -> bool:
    def gains(party: Party) -> bool:
        names = [party, *(m.target for m in case.mappings if m.source is party)]
        return any(speaks_for(s.speaker, name) for s in named for name in names)

    those = asked(case)
    both_there = both(p.sector for p in those) and complete(case, "AskedRoleGroupList")
    return both_there and all(map(gains, those))


def _roll(case: Case) -> list[Participation]:
    """Return who of both sectors is on the roll, but for those who are known not to come."""
    return [
        p
        for p in case.participations
        if p.on_roll and False not in (p.routine, p.took_part) and side(p) in SECTORS
    ]


def _each_on_roll_gains(case: Case, named: Sequence[BenefitStatement], level: str) -> bool:
    def expects(participation: Participation) -> bool:
        who = participation.party
        return any(
            (s.speaker is who or s.speaker is who.of)
            and (s.speaker.kind == "Person" or s.quantifier == "AllMembers")
            and s.expectation == "Expected"
            and s.scope == "OwnOrganization"
            for s in named
        )

    roll = _roll(case)
    sectors = sides(p for p in roll if counts(p, level))
    return complete(case, "ParticipantList") and both(sectors) and all(map(expects, roll))


# ---------------------------------------------------------------- 4


def _joint_work(case: Case, literal: bool) -> Verdict:
    joint = [w for w in work(case, "affirmed") if _is_joint(w)]
    sure = any(not any(r.disputed for r in w.records) for w in joint)
    partners = [m for m in case.memberships if not m.firm.unit_of]
    everyone = (
        complete(case, "MemberList")
        and any(m.affirmed and m.firm.sector in SECTORS for m in partners)
        and all(_among(m.firm, _homes(joint, "affirmed")) for m in partners)
    )
    perhaps = [w for w in work(case, "possible") if not w.wholes and w.common("possible")]
    at_hand = [p for p in case.participations if p.took_part is not False]
    return _verdict(
        bool(joint) and (everyone or not literal),
        shortfall=complete(case, "TaskList") and not perhaps,
        # The dispute is about joint work as such, whoever else may still be missing from it.
        against=(bool(joint) and not sure)
        or _leaves_out_a_sector(case, at_hand)
        or (
            literal
            and complete(case, "MemberList")
            and not any(m.possible and m.firm.sector in SECTORS for m in partners)
        )
        or (
            literal
            and complete(case, "TaskList")
            and complete(case, "ParticipantList")
            and not _somebody_from_elsewhere(case)
            and any(
                m.affirmed and not _among(m.firm, _homes(perhaps, "possible")) for m in partners
            )
        ),
    )


def _is_joint(one: Work) -> bool:
    """Tell whether people of both sectors did a task together, with labour known to be divided."""
    return not one.wholes and one.common("affirmed") and one.divided("affirmed")


def _homes(works: Iterable[Work], level: str) -> list[Firm]:
    """Return the firms, and units, that those at work come from."""
    people = [c.participation for w in works for c in w.contributions(level)]
    return [firm for p in people if p.firm for firm in p.firm.chain]


def _somebody_from_elsewhere(case: Case) -> bool:
    """Tell whether somebody contributed who may be of any partner: of none that is known."""
    members = [m.firm for m in case.memberships if m.affirmed]
    homes = [c.participation.firm for c in contributions(case)]
    return any(not (h and any(_among(f, members) for f in h.chain)) for h in homes)


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
