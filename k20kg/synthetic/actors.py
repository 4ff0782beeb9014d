"""Actors of a made-up case, drawn at random: firms and units, people, groups; and the chances.

Each draw has a *care*, the chance that any one thing is as a partnership would have it. Careful
cases come out affirmed but for a flaw or two, careless ones anyhow, so that all verdicts occur.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeVar

from k20kg.synthetic.case import (
    HIGHER_ED,
    K12,
    OTHER,
    EvidenceStatus,
    Firm,
    FirmMembership,
    Group,
    MadeCase,
    MadeRecord,
    Participation,
    Party,
)


class Size(NamedTuple):
    """Size of a case, at most; a case has two thirds of it at least."""

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
    asides: dict[str, int]


_MANY: Final = {"ReportedFigure": 76, "ReadingNote": 152, "NameUse": 28, "Event": 17}
SIZES: Final = {
    "thin": Size(60, 1, 1, 1, 1, 1, 1, 0, 1, 0.6, {}),
    "middling": Size(20, 1, 2, 2, 1, 2, 1, 2, 2, 0.6, {"ReportedFigure": 2, "ReadingNote": 2}),
    "large": Size(20, 6, 5, 2, 3, 10, 5, 2, 20, 0.03, _MANY),
}
"""A passage in a report, a described case, a case study. Large cases are as long as the record of
LAMSIG, and of the same things; middling ones are like the counter-cases."""
_CARES: Final = (0.995, 0.97, 0.9, 0.7, 0.4)

T = TypeVar("T")
R = TypeVar("R", bound=MadeRecord)


class Actors:
    """Firms, people and groups of one case in the making."""

    def __init__(self, chance: random.Random, size: str) -> None:
        self.chance = chance
        self.name, self.size = size, SIZES[size]
        self.care = chance.choice(_CARES)

    # ------------------------------------------------------------ chances

    def luck(self, share: float) -> bool:
        return self.chance.random() < share

    def mostly(self) -> bool:
        return self.luck((1 + self.care) / 2)

    def pick(self, good: T, others: Sequence[T]) -> T:
        """Return what a partnership would have, or with too little care something else."""
        return good if self.luck(self.care) else self.chance.choice(others)

    def slip(self, share: float = 0.25) -> bool:
        """Tell whether something goes another way: seldom where there is care."""
        return self.luck(share * (1.02 - self.care))

    def bearing(self) -> EvidenceStatus:
        others = [EvidenceStatus.DISPUTED, EvidenceStatus.REFUTED, EvidenceStatus.OPEN]
        return EvidenceStatus.AFFIRMED if self.mostly() else self.chance.choice(others)

    def make(self, kind: type[R], /, **known: Any) -> R:
        """Return a record with evidence as it may be."""
        return kind(bearing=self.bearing(), **known)

    def count(self, most: int) -> int:
        return max(1, most - self.chance.randint(0, most // 3))

    # ------------------------------------------------------------ who

    def firms(self, case: MadeCase) -> None:
        if self.mostly():
            case.firms.append(Firm("K12SchoolDistrict", "District (made up)"))
        if self.mostly():
            kind = self.chance.choice(["University", "College"])
            case.firms.append(Firm(kind, f"{kind} (made up)"))
        for _ in range(self.count(self.size.firms) - 1):
            kind = self.chance.choice(["K12SchoolDistrict", "University", "College"])
            case.firms.append(Firm(kind, f"Another {kind} (made up)"))
        if not case.firms or self.luck(0.15):
            kind = self.chance.choice(["Company", "NonprofitOrganization"])
            case.firms.append(Firm(kind, f"{kind} (made up)"))
        case.memberships = [
            self.make(FirmMembership, firm=firm) for firm in case.firms if self.mostly()
        ]
        self.units(case)

    def units(self, case: MadeCase) -> None:
        """Add bodies that are no members: units of firms, other firms; or make a firm a unit."""
        for firm in tuple(case.firms):
            if self.luck(0.1):
                case.others.append(Firm("OrganizationalUnit", "Unit (made up)", unit_of=firm))
                if self.slip(0.1):
                    case.memberships.append(self.make(FirmMembership, firm=case.others[-1]))
        if self.slip():
            kind = self.chance.choice(["K12SchoolDistrict", "University", "Company"])
            case.others.append(Firm(kind, "Another one (made up)"))
        parts = [f for f in case.firms if f.kind != "College"]
        if parts and self.slip(0.15):
            part = self.chance.choice(parts)
            wholes = [f for f in (*case.firms, *case.others) if part not in f.chain]
            if wholes:
                part.unit_of = self.chance.choice(wholes)

    def stand_in(self, case: MadeCase, firm: Firm) -> Firm:
        """Return the firm, or now and then a unit of it, or with too little care another body."""
        units = [u for u in case.others if u.unit_of is firm]
        if units and self.luck(0.3):
            return units[0]
        return self.chance.choice([*case.firms, *case.others]) if self.slip(0.1) else firm

    def people(self, case: MadeCase) -> None:
        for firm in case.firms:
            for number in range(self.count(self.size.parties)):
                kind = self.chance.choice(["RoleGroup", "RoleGroup", "Person"])
                party = Party(kind, f"{kind} {number + 1} of a firm (made up)", firm.sector, firm)
                case.parties.append(party)
                if kind == "Person" and self.luck(0.3):
                    party.of = next((p for p in case.asked if p.firm is firm), None)
                if kind == "Person" or self.mostly():
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

    def participation(self, case: MadeCase, party: Party) -> Participation:
        alone = party.kind == "Person"
        home = party.firm and self.stand_in(case, party.firm)
        count = None if alone else f"{self.chance.randint(1, 12)}.{self.chance.choice('05')}"
        return self.make(
            Participation,
            party=party,
            sector=party.sector,
            firm=self.pick(home, [None]) if not self.luck(0.03) else None,
            on_roll=self.pick(True, [False, None]),
            routine=self.pick(True, [False, None]),
            took_part=self.pick(None, [False, False, True]),
            headcount=count,
        )

    def groups(self, case: MadeCase) -> None:
        """Add sub-groups, with people of both sectors, of one or unknown, and other groups."""
        for number in range(2):
            if self.luck(0.2):
                whole = case.groups[0] if case.groups and self.luck(0.5) else case.itself
                team = Group("SubGroup", f"Team {number + 1} (made up)", whole)
                sectors = self.chance.choice([(K12, HIGHER_ED), (K12, HIGHER_ED), (K12,), ()])
                team.people = [p for p in case.participations if p.sector in sectors]
                case.groups.append(team)
        listed = [p for team in case.groups for p in team.people if self.luck(0.1)]
        case.itself.people = [p for p in case.participations if p not in listed]
        if self.luck(0.2):
            case.groups.append(Group("WorkingGroup", "Another group (made up)"))

    def somebody(self, case: MadeCase) -> list[Group]:
        """Return who did something: nobody says, the group or a part of it; or another group."""
        mine = [case.itself, *(g for g in case.groups if g.own)]
        others = [g for g in case.groups if not g.own]
        if others and self.slip(0.5):
            return others
        return [self.chance.choice(mine)] if self.luck(0.4) else []

    def place(self, case: MadeCase) -> Group | None:
        """Return what a record hangs on, if not on the candidate group."""
        if not case.groups or not self.luck(0.1):
            return None
        group = self.chance.choice(case.groups)
        return group if group.own or self.slip() else None
