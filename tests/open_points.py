"""Where the oracle of made-up cases and the shapes are known to differ, until it is settled.

Each entry is a rule of the definition that the oracle keeps and the shapes do not yet. Once a shape
is mended, its entry is deleted and the corpus tests it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from k20kg.synthetic.case import Case, Standing, Task

GOAL, ROUTINE, AGREEMENT = "shared-goal", "routine", "formal-agreement"
ENGAGEMENT, BENEFIT, WORK = "active-engagement", "mutual-benefit", "joint-work"


def stayed_away_without_evidence(case: Case) -> bool:
    """That a role group took no part takes evidence."""
    return any(
        p.took_part is False and not p.affirmed and any(p.party is one for one in case.asked)
        for p in case.participations
    )


def wording_without_evidence_or_disputed(case: Case) -> bool:
    """Another wording of a goal takes evidence, and a dispute about it is one about the goal."""
    reworded = [g for g in case.goals if g.same_as or any(o.same_as is g for o in case.goals)]
    return any(g.standing is not Standing.AFFIRMED for g in reworded) or any(
        s.disputed and any(s.goal is g for g in reworded) for s in case.goal_statements
    )


def pursued_by_others(case: Case) -> bool:
    """What a task of another group, or one without evidence, pursues is not the group's."""
    return any(
        task.pursues and (not task.affirmed or any(not g.own for g in task.by))
        for task in every_task(case)
    )


def some_enactor_unstated(case: Case) -> bool:
    """Where nobody says who ran through a cycle, the group did, and its people need no proof."""
    return any(
        not e.by and any(g.people for o in case.procedures for r in o.enactments for g in r.by)
        for p in case.procedures
        for e in p.enactments
    )


def enactor_of_a_run_that_does_not_count(case: Case) -> bool:
    """Who ran through a cycle matters for cycles that are completed and have evidence."""
    return any(
        e.by and not (e.affirmed and e.status == "Completed")
        for p in case.procedures
        for e in p.enactments
    )


def part_of_a_task_not_ones_own(case: Case) -> bool:
    """Work on a part that is another's, is planned, or has no evidence, does not count; nor does
    that on a part of such a task."""
    return any(
        one.standing is not Standing.AFFIRMED
        or one.status in ("Planned", "NotDone")
        or any(not g.own for g in one.by)
        for task in case.tasks
        for one in (task, *task.subtasks)
        if task.subtasks
    )


def late_or_unproved_letter(case: Case) -> bool:
    """A letter of an exchange counts if it is affirmed and not written after the formation."""
    day = case.formation and case.formation.day
    letters = [x for a in case.agreements if a.answers for x in (a, a.answers)]
    return any(
        x.standing is not Standing.AFFIRMED or (day and x.agreed and x.agreed > day)
        for x in letters
    )


def irregular_on_the_roll(case: Case) -> bool:
    """Somebody who is known not to come is no participant of the sector, on the roll or not."""
    return any(
        p.on_roll is not False and False in (p.routine, p.took_part) for p in case.participations
    )


def speaker_placed_by_a_role_group(case: Case) -> bool:
    """A person speaks for the sector of the role group that the person is of."""
    there = [p.party for p in case.participations]
    return any(
        s.speaker.of and not any(s.speaker is one for one in there) for s in case.benefit_statements
    )


def denial_of_what_is_affirmed(case: Case) -> bool:
    """That the speaker affirms the very benefit that is denied takes nothing from the denial."""
    return any(
        s.about and s.stance == "Denies" and o.about is s.about and o is not s
        for s in case.benefit_statements
        for o in case.benefit_statements
    )


def unit_or_unproved_member(case: Case) -> bool:
    """A unit is no partner that somebody has to come from, nor is a firm that is not affirmed."""
    return any(m.firm.unit_of or not m.affirmed for m in case.memberships)


def contribution_without_evidence(case: Case) -> bool:
    """That somebody of a partner contributed takes evidence of the contribution."""
    return any(not c.affirmed for task in every_task(case) for c in task.contributions)


def every_task(case: Case) -> Iterator[Task]:
    for task in case.tasks:
        yield task
        yield from task.subtasks


OPEN: list[tuple[Callable[[Case], bool], tuple[str, ...], tuple[str, ...]]] = [
    (stayed_away_without_evidence, ("as-applied", "literal"), (GOAL, BENEFIT)),
    (wording_without_evidence_or_disputed, ("as-applied", "literal"), (GOAL,)),
    (pursued_by_others, ("as-applied", "literal"), (GOAL,)),
    (some_enactor_unstated, ("as-applied", "literal"), (ROUTINE,)),
    (enactor_of_a_run_that_does_not_count, ("as-applied", "literal"), (ROUTINE,)),
    (part_of_a_task_not_ones_own, ("as-applied", "literal"), (GOAL, ENGAGEMENT, WORK)),
    (late_or_unproved_letter, ("as-applied", "literal"), (AGREEMENT,)),
    (irregular_on_the_roll, ("as-applied", "literal"), (BENEFIT,)),
    (speaker_placed_by_a_role_group, ("as-applied", "literal"), (BENEFIT,)),
    (denial_of_what_is_affirmed, ("as-applied", "literal"), (BENEFIT,)),
    (contribution_without_evidence, ("literal",), (WORK,)),
    (unit_or_unproved_member, ("literal",), (WORK,)),
]


def open_points(case: Case) -> set[tuple[str, str]]:
    """Return the readings and criteria on which a case is not compared."""
    return {
        (reading, criterion)
        for differs, readings, criteria in OPEN
        if differs(case)
        for reading in readings
        for criterion in criteria
    }
