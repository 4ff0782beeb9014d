"""The objects that a made-up case consists of, and the property that each of their fields is.

Local names of the vocabulary stand for its terms: ``"K12Sector"`` for ``k20:K12Sector``. A field
made by `property_field` is written as that property; any other is for the draw and the oracle.
Things are compared by identity: two that look alike are two.
"""

# ruff: noqa: RUF009 - `property_field` makes a field, as `field` does
from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

K12, HIGHER_ED, OTHER = "K12Sector", "HigherEducationSector", "OtherSector"
BEGIN, END = "earliestBegin latestBegin", "earliestEnd latestEnd"


def property_field(property_: str, type_: str = "", default: Any = None, **more: Any) -> Any:
    """Return a field that is written as a property, or two, of the vocabulary.

    Its value is a term, unless `type_` names a datatype, or another object, or several. `more`:
    ``kind`` is the class of the objects where the field decides it, ``by_kind`` the property for
    objects of a class, ``only`` the class of owner that it is written of; or it is ``inverse``.
    """
    told = {"properties": property_.split(), "type": type_, **more}
    if default is list:
        return field(default_factory=list, metadata=told)
    return field(default=default, metadata=told)


class EvidenceStatus(Enum):
    """Bearing of evidence on a record: the properties that link it."""

    AFFIRMED = ("evidencedBy",)
    DISPUTED = ("evidencedBy", "disputedBy")
    REFUTED = ("disputedBy",)
    OPEN = ("leftOpenBy",)


@dataclass(eq=False, kw_only=True)
class MadeRecord:
    """Whatever needs evidence; its class is that of the vocabulary, if no ``kind`` is given."""

    bearing: EvidenceStatus = EvidenceStatus.AFFIRMED

    @property
    def affirmed(self) -> bool:
        """Say whether some evidence supports it."""
        return self.bearing in (EvidenceStatus.AFFIRMED, EvidenceStatus.DISPUTED)

    @property
    def disputed(self) -> bool:
        """Say whether some evidence speaks against it."""
        return self.bearing in (EvidenceStatus.DISPUTED, EvidenceStatus.REFUTED)

    @property
    def stands(self) -> bool:
        """Say whether it is supported and nothing speaks against it."""
        return self.bearing is EvidenceStatus.AFFIRMED

    @property
    def possible(self) -> bool:
        """Say whether it is supported or left open: it may yet count."""
        return self.bearing is not EvidenceStatus.REFUTED


@dataclass(eq=False)
class Firm:
    """An organization with legal standing, or a unit of one."""

    kind: str
    """A class of the vocabulary, such as ``K12SchoolDistrict``."""
    label: str
    unit_of: Firm | None = property_field("unitOf")
    """The body that it is part of; then it is no firm of its own."""

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


@dataclass(eq=False)
class Party:
    """A person, or the people of one role."""

    kind: str
    """``Person`` or ``RoleGroup``."""
    label: str
    sector: str = property_field("sector", only="RoleGroup")
    firm: Firm | None = None
    of: Party | None = property_field("ofRoleGroup")
    """The role group that a person is of."""


@dataclass(eq=False)
class FirmMembership(MadeRecord):
    firm: Firm = property_field("memberFirm")
    ended: str | None = property_field(END, "dateTime")
    """Its last instant, as an xsd:dateTime; None if nobody says that it ended."""


@dataclass(eq=False)
class Participation(MadeRecord):
    party: Party = property_field("participant")
    sector: str = property_field("sector")
    firm: Firm | None = property_field("homeFirm", by_kind={"OrganizationalUnit": "homeUnit"})
    on_roll: bool | None = property_field("onRoll", "boolean", True)
    routine: bool | None = property_field("routine", "boolean", True)
    took_part: bool | None = property_field("tookPart", "boolean")
    headcount: str | None = property_field("headcount", "decimal")


@dataclass(eq=False)
class Group:
    """The candidate group, a part of it, or another group."""

    kind: str
    """``CandidateGroup``, ``SubGroup`` or ``WorkingGroup``."""
    label: str
    part_of: Group | None = property_field("subGroup", inverse=True)
    people: list[Participation] = property_field("participation", default=list)
    """Those that it lists; the candidate group lists whoever has no other list."""

    @property
    def own(self) -> bool:
        """Say whether it is the candidate group or a part of it."""
        return self.kind == "CandidateGroup" or (self.part_of is not None and self.part_of.own)


@dataclass(eq=False, kw_only=True)
class Placed(MadeRecord):
    """A record that hangs on the candidate group, or on another."""

    on: Group | None = None
    """The other group; None: the candidate."""

    @property
    def own(self) -> bool:
        """Say whether it hangs on the candidate group or a part of it."""
        return self.on is None or self.on.own


@dataclass(eq=False)
class Endorsement(MadeRecord):
    """A signature, or official support."""

    kind: str
    firm: Firm = property_field("onBehalfOf")
    upper_echelon: bool | None = property_field("upperEchelon", "boolean", True)
    given: str | None = property_field(BEGIN, "dateTime")
    """Instant, as an xsd:dateTime; None if nobody wrote it down."""


@dataclass(eq=False)
class Holding(MadeRecord):
    """Resources that a firm commits, refuses or uses."""

    firm: Firm | None = property_field("byFirm")
    kinds: tuple[str, ...] = property_field("resourceKind", default=("HumanResource",))


@dataclass(eq=False)
class FormalAgreement(MadeRecord):
    through: str = "group"
    """The thing formed through it, by a link: the ``group``, its ``project``; or the ``formation``
    says so, with its evidence; or ``nothing`` was."""
    answers: FormalAgreement | None = property_field("exchangedWith")
    """The letter of an exchange that it answers."""
    agreed: str | None = property_field(BEGIN, "dateTime")
    """Instant at which it was made, as an xsd:dateTime; None if nobody knows."""
    endorsements: list[Endorsement] = property_field(
        "signature", default=list, by_kind={"OfficialSupport": "officialSupport"}
    )
    commits: list[Holding] = property_field("commits", default=list, kind="ResourceCommitment")


@dataclass(eq=False)
class Goal(MadeRecord):
    label: str
    same_as: Goal | None = property_field("exactMatch")
    """Another wording of it."""


@dataclass(eq=False)
class GoalStatement(Placed):
    goal: Goal = property_field("aboutGoal")
    holder: Party = property_field("heldBy")
    quantifier: str = property_field("quantifier")


@dataclass(eq=False)
class Enactment(MadeRecord):
    status: str | None = property_field("enactmentStatus", default="Completed")
    by: list[Group] = property_field("enactedBy", default=list)


@dataclass(eq=False)
class ProcedureStep(MadeRecord):
    order: int = property_field("order", "integer")


@dataclass(eq=False)
class Procedure(Placed):
    codified: bool | None = property_field("codified", "boolean", True)
    enactments: list[Enactment] = property_field("enactment", default=list)
    steps: list[ProcedureStep] = property_field("step", default=list)
    adapted_from: Procedure | Firm | None = property_field("adaptedFrom")


@dataclass(eq=False)
class Benefit(MadeRecord):
    """A gain of somebody."""


@dataclass(eq=False)
class BenefitStatement(Placed):
    speaker: Party = property_field("statedBy")
    stance: str = property_field("stance", default="Affirms")
    expectation: str | None = property_field("expectation", default="Expected")
    scope: str | None = property_field("benefitScope", default="OwnOrganization")
    quantifier: str | None = property_field("quantifier", default="AllMembers")
    recipients: list[Firm] = property_field("recipient", default=list)
    about: Benefit | None = property_field("aboutBenefit")
    source: Group | None = property_field("benefitFrom")


@dataclass(eq=False)
class RoleGroupMapping(MadeRecord):
    """A mapping by which a role group of one list answers to one of another list."""

    source: Party = property_field("mapsFrom")
    target: Party = property_field("mapsTo")
    by: str = property_field("assertedBy", "agent", "curators")


@dataclass(eq=False)
class Contribution(MadeRecord):
    participation: Participation = property_field("contributor")
    role: str = property_field("contributionRole", default="TakesPart")


@dataclass(eq=False)
class TaskAspect(MadeRecord):
    interdependency: str = property_field("interdependency", default="Pooled")


@dataclass(eq=False)
class Task(Placed):
    label: str
    contributions: list[Contribution] = property_field("contribution", default=list)
    aspects: list[TaskAspect] = property_field("aspect", default=list)
    uses: list[Holding] = property_field("uses", default=list, kind="ResourceUse")
    by: list[Group] = property_field("performedBy", default=list)
    status: str | None = property_field("taskStatus")
    subtasks: list[Task] = property_field("subtask", default=list)
    pursues: list[Goal] = property_field("pursues", default=list)


@dataclass(eq=False)
class CompletenessStatement(MadeRecord):
    """A statement that one kind of list is complete."""

    kind_of_list: str = property_field("listKind")
    of: Procedure | None = property_field("ofProcedure")
    """The procedure whose runs it speaks of, if not of all."""
    day: str = property_field("asOf", "dateTime", "2006-06-30T00:00:00Z")
    by: str = property_field("assertedBy", "agent", "curators")


@dataclass(eq=False)
class Formation(MadeRecord):
    """The forming of the group, with its date."""

    day: str | None = property_field("latestBegin", "dateTime")


@dataclass(eq=False)
class MadeCase:
    """A made-up candidate group and all that is recorded of it."""

    iri: str
    label: str
    size: str
    """``thin``, ``middling`` or ``large``."""
    asides: dict[str, int] = field(default_factory=dict)
    """Number of records of classes that no criterion looks at."""
    itself: Group = field(default_factory=lambda: Group("CandidateGroup", ""))
    groups: list[Group] = field(default_factory=list)
    """Its sub-groups, and other groups."""
    firms: list[Firm] = field(default_factory=list)
    others: list[Firm] = field(default_factory=list)
    """Units of them, and firms from outside."""
    parties: list[Party] = field(default_factory=list)
    former: list[FirmMembership] = field(default_factory=list)
    """Those that are over, in a case as it stood at an instant."""
    participations: list[Participation] = field(default_factory=list)
    agreements: list[FormalAgreement] = field(default_factory=list)
    mappings: list[RoleGroupMapping] = field(default_factory=list)
    formation: Formation | None = property_field("formation")
    memberships: list[FirmMembership] = property_field("membership", default=list)
    asked: list[Party] = property_field("askedRoleGroup", default=list)
    commitments: list[Holding] = property_field(
        "commitment", default=list, kind="ResourceCommitment"
    )
    refusals: list[Holding] = property_field("refusal", default=list, kind="CommitmentRefusal")
    goals: list[Goal] = property_field("goal", default=list)
    goal_statements: list[GoalStatement] = property_field("goalStatement", default=list)
    procedures: list[Procedure] = property_field("procedure", default=list)
    tasks: list[Task] = property_field("task", default=list)
    benefit_statements: list[BenefitStatement] = property_field("benefitStatement", default=list)
    completeness: list[CompletenessStatement] = property_field("completeness", default=list)
