"""The verdicts of a made-up case on the criteria of work done and gains expected: 2e, 3 and 4."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k20kg.model import Verdict
from k20kg.synthetic.case import (
    HIGHER_ED,
    K12,
    BenefitStatement,
    Firm,
    Holding,
    MadeCase,
    Participation,
    Party,
    Task,
)
from k20kg.synthetic.ties import (
    SECTORS,
    Work,
    asked,
    both,
    complete,
    contributions,
    counts,
    givers,
    own_tasks,
    side,
    sides,
    speaker_sides,
    speaks_for,
    weigh,
    work,
)

NAMED_KINDS = frozenset({"HumanResource", "FinancialResource", "MaterialResource"})


# ---------------------------------------------------------------- 2e


def active_engagement(case: MadeCase, literal: bool) -> Verdict:
    def used(level: str) -> list[Holding]:
        # Whether the work was done together is disputed under joint work, not here.
        done = "possible" if level == "possible" else "affirmed"
        open_tasks = level == "possible" and not complete(case, "TaskList")
        kinds = NAMED_KINDS | ({"ResourceKindNotStated"} if level == "possible" else set())
        return [
            u
            for w in work(case, done)
            if open_tasks or any(whole.common(done) for whole in [w, *w.wholes])
            for u in w.task.uses
            if counts(u, level) and kinds & set(u.kinds)
        ]

    def from_both(level: str) -> bool:
        return both(givers(case, used(level), level))

    def of_all_kinds(level: str) -> bool:
        partners = [u for u in used(level) if givers(case, [u], level)]
        kinds = {kind for u in partners for kind in u.kinds}
        unsaid = level == "possible" and "ResourceKindNotStated" in kinds
        return unsaid or kinds >= NAMED_KINDS

    # The list is not complete, with whose they were, while one is nobody's.
    uses_complete = complete(case, "ResourceUseList") and all(u.firm for u in _uses(case.tasks))

    def enough(level: str) -> bool:
        return from_both(level) and (not literal or of_all_kinds(level))

    def engaged(level: str) -> bool:
        people = [p for p in case.participations if _takes_part(p) and counts(p, level)]
        return both(sides(people)) and enough(level)

    return weigh(
        engaged("affirmed"),
        shortfall=(complete(case, "TaskList") and not any(t.possible for t in own_tasks(case)))
        or (uses_complete and not enough("possible")),
        disputes=[*case.participations, *used("affirmed")],
        undisputed=engaged("stands"),
        against=_leaves_out_a_sector(
            case,
            (p for p in case.participations if False not in (p.on_roll, p.routine, p.took_part)),
        ),
    )


def _uses(tasks: Sequence[Task]) -> list[Holding]:
    return [use for task in tasks for use in (*task.uses, *_uses(task.subtasks))]


def _takes_part(participation: Participation) -> bool:
    """Tell whether somebody is on the roll and takes part routinely."""
    regular = bool(participation.on_roll and participation.routine)
    return regular and participation.took_part is not False


def _leaves_out_a_sector(case: MadeCase, people: Iterable[Participation]) -> bool:
    """Tell whether, by a complete list of participants, people of a sector cannot be there."""
    return complete(case, "ParticipantList") and not both(sides(p for p in people if p.possible))


# ---------------------------------------------------------------- 3


def mutual_benefit(case: MadeCase, literal: bool) -> Verdict:
    statements = [s for s in case.benefit_statements if s.own]
    gains = [s for s in statements if _names_gain(case, s)]
    roll = _roll(case)

    def holds(level: str) -> bool:
        named = [s for s in gains if counts(s, level)]
        by_the_letter = _each_on_roll_gains(case, named, level)
        return by_the_letter or (not literal and _each_asked_gains(case, named))

    there = [p for p in case.participations if not literal or p.on_roll is not False]
    return weigh(
        holds("affirmed"),
        shortfall=complete(case, "BenefitStatementList")
        and not both(x for s in gains if s.possible for x in speaker_sides(case, s.speaker)),
        disputes=[*statements, *roll],
        undisputed=holds("stands"),
        against=any(_denies(case, s, gains) for s in statements)
        or _leaves_out_a_sector(case, there),
    )


def _names_gain(case: MadeCase, statement: BenefitStatement) -> bool:
    """Tell whether a gain is stated that does not go to the other side alone."""
    other = {K12: HIGHER_ED, HIGHER_ED: K12}
    recipients = statement.recipients
    given_away = any(
        all(r.sector == other.get(one) and r.unit_of is None for r in recipients)
        for one in speaker_sides(case, statement.speaker)
    )
    return statement.stance == "Affirms" and not (recipients and given_away)


def _denies(case: MadeCase, statement: BenefitStatement, gains: Sequence[BenefitStatement]) -> bool:
    """Tell whether somebody of either sector says that the organization gains nothing."""
    names_another = statement.about is not None and any(
        s.speaker is statement.speaker and s.affirmed and s.about is not statement.about
        for s in gains
    )
    return (
        statement.stands
        and statement.stance == "Denies"
        and not SECTORS.isdisjoint(speaker_sides(case, statement.speaker))
        and statement.scope != "OwnPerson"
        and not names_another
    )


def _each_asked_gains(case: MadeCase, named: Sequence[BenefitStatement]) -> bool:
    def gains(party: Party) -> bool:
        names = [party, *(m.target for m in case.mappings if m.source is party)]
        return any(speaks_for(s.speaker, name) for s in named for name in names)

    those = asked(case)
    both_there = both(p.sector for p in those) and complete(case, "AskedRoleGroupList")
    return both_there and all(map(gains, those))


def _roll(case: MadeCase) -> list[Participation]:
    """Return who of both sectors is on the roll."""
    return [p for p in case.participations if p.on_roll and side(p) in SECTORS]


def _each_on_roll_gains(case: MadeCase, named: Sequence[BenefitStatement], level: str) -> bool:
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
    regulars = (p for p in roll if False not in (p.routine, p.took_part))
    sectors = sides(p for p in roll if counts(p, level) and expects(p))
    return complete(case, "ParticipantList") and both(sectors) and all(map(expects, regulars))


# ---------------------------------------------------------------- 4


def joint_work(case: MadeCase, literal: bool) -> Verdict:
    joint = [w for w in work(case, "affirmed") if _is_joint(w)]
    sure = any(not any(r.disputed for r in w.records) for w in joint)
    partners = [m for m in case.memberships if not m.firm.unit_of]
    everyone = (
        complete(case, "MemberList")
        and any(m.affirmed and m.firm.sector in SECTORS for m in partners)
        and all(m.firm in _homes(joint, "affirmed") for m in partners)
    )
    perhaps = [w for w in work(case, "possible") if not w.wholes and w.common("possible")]
    at_hand = [p for p in case.participations if p.took_part is not False]
    return weigh(
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
            and any(m.affirmed and m.firm not in _homes(perhaps, "possible") for m in partners)
        ),
    )


def _is_joint(one: Work) -> bool:
    """Tell whether people of both sectors did a task together, with labour known to be divided."""
    return not one.wholes and one.common("affirmed") and one.divided("affirmed")


def _homes(works: Iterable[Work], level: str) -> list[Firm]:
    """Return the firms, and units, that those at work come from."""
    people = [c.participation for w in works for c in w.contributions(level)]
    return [firm for p in people if p.firm for firm in p.firm.chain]


def _somebody_from_elsewhere(case: MadeCase) -> bool:
    """Tell whether somebody contributed who may be of any partner: of none that is known."""
    members = [m.firm for m in case.memberships if m.affirmed]
    homes = [c.participation.firm for c in contributions(case)]
    return any(not (h and any(f in members for f in h.chain)) for h in homes)
