"""What a made-up case consists of: plain objects, named by the vocabulary's words.

Local names of the vocabulary stand for its terms: ``"K12Sector"`` for ``k20:K12Sector``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

__all__ = [
    "Agreement",
    "Asides",
    "Aspect",
    "BenefitStatement",
    "Case",
    "Completeness",
    "Contribution",
    "Enactment",
    "Endorsement",
    "Firm",
    "Goal",
    "GoalStatement",
    "Holding",
    "Mapping",
    "Membership",
    "Participation",
    "Party",
    "Procedure",
    "Standing",
    "Task",
]

K12, HIGHER_ED, OTHER = "K12Sector", "HigherEducationSector", "OtherSector"


class Standing(Enum):
    """What the evidence behind a record does to it."""

    AFFIRMED = "affirmed"
    DISPUTED = "affirmed and disputed"
    REFUTED = "disputed only"
    OPEN = "left open"


@dataclass(slots=True, kw_only=True)
class Record:
    """Whatever needs evidence."""

    standing: Standing = Standing.AFFIRMED

    @property
    def affirmed(self) -> bool:
        """Whether some evidence supports it."""
        return self.standing in (Standing.AFFIRMED, Standing.DISPUTED)

    @property
    def disputed(self) -> bool:
        """Whether some evidence speaks against it."""
        return self.standing in (Standing.DISPUTED, Standing.REFUTED)

    @property
    def stands(self) -> bool:
        """Whether it is supported and nothing speaks against it."""
        return self.standing is Standing.AFFIRMED

    @property
    def possible(self) -> bool:
        """Whether it is supported or left open: it may yet count."""
        return self.standing is not Standing.REFUTED


@dataclass(slots=True)
class Firm:
    """An organization with legal standing."""

    kind: str
    """A class of the vocabulary, such as ``K12SchoolDistrict``."""
    label: str

    @property
    def sector(self) -> str:
        """The sector that it belongs to."""
        if self.kind == "K12SchoolDistrict":
            return K12
        return HIGHER_ED if self.kind in ("University", "College") else OTHER


@dataclass(slots=True)
class Party:
    """A person, or the people of one role."""

    kind: str
    """``Person`` or ``RoleGroup``."""
    label: str
    sector: str
    firm: Firm | None = None


@dataclass(slots=True)
class Membership(Record):
    firm: Firm


@dataclass(slots=True)
class Participation(Record):
    party: Party
    firm: Firm | None
    on_roll: bool | None = True
    routine: bool | None = True
    took_part: bool | None = None
    headcount: str | None = None

    @property
    def sector(self) -> str:
        """The sector it takes part for: that of the party."""
        return self.party.sector


@dataclass(slots=True)
class Endorsement(Record):
    """A signature, or official support."""

    kind: str
    firm: Firm
    upper_echelon: bool | None = True


@dataclass(slots=True)
class Holding(Record):
    """Resources that a firm commits, refuses or uses."""

    firm: Firm | None
    kinds: tuple[str, ...] = ("HumanResource",)


@dataclass(slots=True)
class Agreement(Record):
    of_project: bool = False
    """Whether it stands behind the parent project and not behind the group itself."""
    agreed: str | None = None
    """When it was made, as an xsd:dateTime; None if nobody knows."""
    endorsements: list[Endorsement] = field(default_factory=list)
    commits: list[Holding] = field(default_factory=list)


@dataclass(slots=True)
class Goal(Record):
    label: str


@dataclass(slots=True)
class GoalStatement(Record):
    goal: Goal
    holder: Party
    quantifier: str = "AllInterviewed"


@dataclass(slots=True)
class Enactment(Record):
    status: str | None = "Completed"


@dataclass(slots=True)
class Procedure(Record):
    codified: bool | None = True
    enactments: list[Enactment] = field(default_factory=list)
    steps: int = 0


@dataclass(slots=True)
class BenefitStatement(Record):
    speaker: Party
    stance: str = "Affirms"
    expectation: str | None = "Expected"
    scope: str | None = "OwnOrganization"
    quantifier: str | None = "AllMembers"
    recipients: list[Firm] = field(default_factory=list)


@dataclass(slots=True)
class Mapping(Record):
    """That a role group of one list answers to one of another list."""

    source: Party
    target: Party


@dataclass(slots=True)
class Contribution(Record):
    participation: Participation
    role: str = "TakesPart"


@dataclass(slots=True)
class Aspect(Record):
    interdependency: str = "Pooled"


@dataclass(slots=True)
class Task(Record):
    label: str
    contributions: list[Contribution] = field(default_factory=list)
    aspects: list[Aspect] = field(default_factory=list)
    uses: list[Holding] = field(default_factory=list)


@dataclass(slots=True)
class Completeness(Record):
    """A statement that one kind of list is complete."""

    kind: str


@dataclass(frozen=True, slots=True)
class Asides:
    """How many records a case has that no criterion looks at."""

    figures: int = 0
    notes: int = 0
    names: int = 0
    events: int = 0


@dataclass(slots=True)
class Case:
    """A made-up candidate group and all that is recorded of it."""

    iri: str
    label: str
    size: str
    """``thin``, ``middling`` or ``large``."""
    asides: Asides = field(default_factory=Asides)
    firms: list[Firm] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    formed: str | None = None
    memberships: list[Membership] = field(default_factory=list)
    participations: list[Participation] = field(default_factory=list)
    agreements: list[Agreement] = field(default_factory=list)
    commitments: list[Holding] = field(default_factory=list)
    refusals: list[Holding] = field(default_factory=list)
    asked: list[Party] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    goal_statements: list[GoalStatement] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    benefit_statements: list[BenefitStatement] = field(default_factory=list)
    mappings: list[Mapping] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    completeness: list[Completeness] = field(default_factory=list)
