"""What a made-up case consists of: plain objects, named by the vocabulary's words.

Local names of the vocabulary stand for its terms: ``"K12Sector"`` for ``k20:K12Sector``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

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
    """An organization with legal standing, or a unit of one."""

    kind: str
    """A class of the vocabulary, such as ``K12SchoolDistrict``."""
    label: str
    unit_of: Firm | None = None
    """What it is part of, if it is: then it is no firm of its own."""

    @property
    def chain(self) -> list[Firm]:
        """Itself and all that it is part of."""
        return [self, *(self.unit_of.chain if self.unit_of else ())]

    @property
    def sector(self) -> str:
        """The sector of its class."""
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
    of: Party | None = None
    """The role group that a person is of."""


@dataclass(slots=True)
class Membership(Record):
    firm: Firm
    ended: str | None = None
    """Its last instant, as an xsd:dateTime; None if nobody says that it ended."""


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
class Group:
    """The candidate group, a part of it, or another group."""

    kind: str
    """``CandidateGroup``, ``SubGroup`` or ``WorkingGroup``."""
    label: str
    part_of: Group | None = None
    people: list[Participation] = field(default_factory=list)
    """Those that it lists; the candidate group lists whoever has no other list."""

    @property
    def own(self) -> bool:
        """Whether it is the candidate group or a part of it."""
        return self.kind == "CandidateGroup" or (self.part_of is not None and self.part_of.own)


@dataclass(slots=True)
class Endorsement(Record):
    """A signature, or official support."""

    kind: str
    firm: Firm
    upper_echelon: bool | None = True
    given: str | None = None
    """When, as an xsd:dateTime; None if nobody wrote it down."""


@dataclass(slots=True)
class Holding(Record):
    """Resources that a firm commits, refuses or uses."""

    firm: Firm | None
    kinds: tuple[str, ...] = ("HumanResource",)


@dataclass(slots=True)
class Agreement(Record):
    through: str = "group"
    """What was formed through it, by a link: the ``group``, its ``project``; or the ``formation``
    says so, with its evidence; or ``nothing`` was."""
    answers: Agreement | None = None
    """The letter of an exchange that it answers."""
    agreed: str | None = None
    """When it was made, as an xsd:dateTime; None if nobody knows."""
    endorsements: list[Endorsement] = field(default_factory=list)
    commits: list[Holding] = field(default_factory=list)


@dataclass(slots=True)
class Goal(Record):
    label: str
    same_as: Goal | None = None
    """Another wording of it."""


@dataclass(slots=True)
class GoalStatement(Record):
    goal: Goal
    holder: Party
    quantifier: str = "AllInterviewed"
    on: Group | None = None
    """The group that it hangs on; None: the candidate."""


@dataclass(slots=True)
class Enactment(Record):
    status: str | None = "Completed"
    by: list[Group] = field(default_factory=list)


@dataclass(slots=True)
class Procedure(Record):
    codified: bool | None = True
    enactments: list[Enactment] = field(default_factory=list)
    steps: int = 0
    on: Group | None = None
    adapted_from: Procedure | Firm | None = None


@dataclass(slots=True)
class BenefitStatement(Record):
    speaker: Party
    stance: str = "Affirms"
    expectation: str | None = "Expected"
    scope: str | None = "OwnOrganization"
    quantifier: str | None = "AllMembers"
    recipients: list[Firm] = field(default_factory=list)
    about: Benefit | None = None
    on: list[Group] = field(default_factory=list)
    """The groups that it hangs on, if not on the candidate."""


@dataclass(slots=True)
class Benefit(Record):
    """What somebody gains."""


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
    on: Group | None = None
    by: list[Group] = field(default_factory=list)
    status: str | None = None
    subtasks: list[Task] = field(default_factory=list)
    pursues: list[Goal] = field(default_factory=list)


@dataclass(slots=True)
class Completeness(Record):
    """A statement that one kind of list is complete."""

    kind: str
    of: Procedure | None = None
    """The procedure whose runs it speaks of, if not of all."""


@dataclass(slots=True)
class Formation(Record):
    """That the group came about, and when."""

    day: str | None = None


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
    others: list[Firm] = field(default_factory=list)
    """Units of them, and firms from outside."""
    parties: list[Party] = field(default_factory=list)
    formation: Formation | None = None
    memberships: list[Membership] = field(default_factory=list)
    former: list[Membership] = field(default_factory=list)
    """Those that are over, in a case as it stood at an instant."""
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
    itself: Group = field(default_factory=lambda: Group("CandidateGroup", ""))
    groups: list[Group] = field(default_factory=list)
    """Its sub-groups, and other groups."""
