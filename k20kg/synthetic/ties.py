"""Ties of a record of a made-up case: its group, partner, people and work.

Restated from the definition for the oracle, from a case's objects alone. A *level* is how much must
speak for a record: ``affirmed``, ``stands`` (affirmed and undisputed) or ``possible``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from k20kg.model import Verdict
from k20kg.synthetic.case import (
    HIGHER_ED,
    K12,
    Contribution,
    Firm,
    Group,
    Holding,
    MadeCase,
    MadeRecord,
    Participation,
    Party,
    Task,
)

SECTORS = frozenset({K12, HIGHER_ED})
NOT_BEGUN, BEGUN = ("Planned", "NotDone"), ("UnderWay", "Completed")


def counts(record: MadeRecord, level: str) -> bool:
    """Tell whether enough speaks for a record."""
    return bool(getattr(record, level))


def both(sectors: Iterable[str]) -> bool:
    """Tell whether both sectors are among these."""
    return set(sectors) >= SECTORS


def complete(case: MadeCase, kind: str) -> bool:
    """Tell whether a list of the group is declared complete and nobody disputes it."""
    return any(c.kind_of_list == kind and c.of is None and c.stands for c in case.completeness)


def own(groups: Sequence[Group]) -> bool:
    """Tell whether a record that names these groups is the candidate's: if it names any, one is."""
    return not groups or any(group.own for group in groups)


# ---------------------------------------------------------------- partners


def partner_sectors(
    case: MadeCase, firm: Firm | None, level: str, *, once: bool = False
) -> set[str]:
    """Return the sectors whose partner a body is, or is a unit of; with `once`, or was.

    What is possible includes that a firm not on an open list of members is one all the same.
    """
    if firm is None:
        return set()
    listed = "possible" if level == "possible" else "affirmed"
    unlisted = level == "possible" and not complete(case, "MemberList")
    members = [*case.memberships, *case.former] if once else case.memberships
    return {
        one.sector
        for one in firm.chain
        if one.sector in SECTORS
        and one.unit_of is None
        and (unlisted or any(m.firm is one and counts(m, listed) for m in members))
    }


# ---------------------------------------------------------------- people


def side(participation: Participation) -> str:
    """Return the sector that somebody is of: that of the home, where one is stated."""
    home = participation.firm
    if home is None:
        return participation.sector
    while home.unit_of:
        home = home.unit_of
    return home.sector


def sides(people: Iterable[Participation]) -> set[str]:
    """Return the sectors that people are of."""
    return {side(one) for one in people}


def speaker_sides(case: MadeCase, speaker: Party) -> set[str]:
    """Return the sectors that a speaker is of, as a participant or by the role group."""
    named = {p.sector for p in (speaker, speaker.of) if p and p.kind == "RoleGroup"}
    return named | sides(p for p in case.participations if p.party is speaker)


def asked(case: MadeCase) -> list[Party]:
    """Return the role groups of both sectors that were asked.

    One that is stated to have taken no part is left out where another of its sector came.
    """
    away = [p.party for p in case.participations if p.took_part is False and p.affirmed]
    those = [p for p in case.asked if p.kind == "RoleGroup" and p.sector in SECTORS]
    came = [party for party in those if party not in away]
    others = {party.sector for party in came}
    return [party for party in those if party in came or party.sector not in others]


def speaks_for(speaker: Party, group: Party) -> bool:
    """Tell whether somebody is a role group, or of it."""
    return speaker is group or speaker.of is group


# ---------------------------------------------------------------- work


class Work:
    """A task of the candidate group, or a part of one, done or under way."""

    def __init__(self, task: Task, whole: Work | None) -> None:
        self.task = task
        self.wholes: list[Work] = [whole, *whole.wholes] if whole else []
        self.parts: list[Work] = []

    @property
    def pieces(self) -> Iterator[Task]:
        """The task and its parts."""
        yield self.task
        for part in self.parts:
            yield from part.pieces

    def contributions(self, level: str) -> list[Contribution]:
        """Return what people who took part added to it."""
        return [
            c
            for task in self.pieces
            for c in task.contributions
            if counts(c, level) and c.participation.took_part is not False
        ]

    def common(self, level: str) -> bool:
        """Tell whether people of both sectors worked on it."""
        people = (c.participation for c in self.contributions(level))
        return counts(self.task, level) and both(sides(people))

    def divided(self, level: str) -> bool:
        """Tell whether the division of labour is known."""
        return any(counts(a, level) for task in self.pieces for a in task.aspects)

    @property
    def records(self) -> Iterator[MadeRecord]:
        """All that shows it to be joint work."""
        for task in self.pieces:
            yield task
            yield from task.contributions
            yield from task.aspects


def work(case: MadeCase, level: str) -> list[Work]:
    """Return the tasks of the group at this level, parts included, wholes first."""
    found: list[Work] = []

    def add(task: Task, whole: Work | None) -> None:
        if own(task.by) and not merely_planned(task) and counts(task, level):
            one = Work(task, whole)
            found.append(one)
            if whole:
                whole.parts.append(one)
            for part in task.subtasks:
                add(part, one)

    for task in own_tasks(case):
        add(task, None)
    return found


def merely_planned(task: Task) -> bool:
    """Tell whether a task was not begun, nor any part of it."""

    def begun(part: Task) -> bool:
        return part.status in BEGUN or any(map(begun, part.subtasks))

    return task.status in NOT_BEGUN and not any(map(begun, task.subtasks))


def own_tasks(case: MadeCase) -> list[Task]:
    """Return the tasks that hang on the group or a part of it, whoever performed them."""
    return [task for task in case.tasks if task.own]


def contributions(case: MadeCase) -> list[Contribution]:
    """Return all that anybody is said to have added to them."""

    def of(task: Task) -> list[Contribution]:
        return [*task.contributions, *(c for part in task.subtasks for c in of(part))]

    return [c for task in own_tasks(case) for c in of(task)]


# ---------------------------------------------------------------- shared by criteria


def weigh(
    support: bool,
    *,
    shortfall: bool,
    disputes: Iterable[MadeRecord] = (),
    undisputed: bool = True,
    against: bool = False,
) -> Verdict:
    """Return the verdict: disputes count where there is support, none of it undisputed."""
    contested = support and not undisputed and any(r.disputed for r in disputes)
    return Verdict.of(support=support, counter=shortfall or contested or against)


def givers(case: MadeCase, holdings: Iterable[Holding], level: str) -> set[str]:
    """Return the sectors whose partners these resources are."""
    given = [h for h in holdings if counts(h, level)]
    return {sector for h in given for sector in partner_sectors(case, h.firm, level)}
