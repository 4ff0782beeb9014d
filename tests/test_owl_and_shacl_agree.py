"""The shapes of the literal reading and the classes of the criteria ask for the same.

The classes in ontology/criteria.ttl are written by hand, apart from the shapes. Here a class
expression is derived from the shapes of each criterion, and compared with the class that says it.
What one side asks and the other does not is named with file and class; differences that there have
to be are listed with their reasons.
"""

# ruff: noqa: E501  a difference reads best on one line

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

import pyoxigraph as ox
import pytest
from class_expressions import Classes, Said, Shapes, missing

from k20kg.definition.loader import load
from k20kg.definition.metadata import definition_of
from k20kg.rdf.graph import read_turtle, str_of
from k20kg.sources.terms import ontology
from k20kg.vocabulary import K20, KS, OWL, SH, packaged, shorten

SHAPES: Final = load("clifford-millar-2007").shapes
CRITERIA: Final = tuple(read_turtle(packaged("ontology", "criteria.ttl")))
SUFFICIENT: Final = {"1a": K20 + "GroupOfHoldersOfTheGoal"}
"""Classes below that of `k20:expressedBy` that say what suffices for a criterion."""

_CLOSED = "Closing axioms say it: only of a closed list does *only* follow."
_GOAL = "OWL says it of one goal after another, the shape by SPARQL of all of them."
_EDITIONS = "OWL cannot count what a chain of links leads to, and leaves procedures of several editions open."
_LETTER = "Of a letter that answers another SHACL asks too that it was written in time."
_TYPE = "OWL names the types of the paper; one of an evaluator's own proves nothing there."
_ON_ONE = "Leaders of both sides who signed or answered one agreement signed some agreement each."
_ROLL = "In an open world it does not follow from a silent roll that somebody is not on it."
TAKEN: Final = {
    "ks:OwnRun": "k20:OwnRecord",
    "ks:OwnWork": "k20:OwnRecord",
    "ks:OwnStatement": "k20:OwnRecord",
    "ks:IsMember": "k20:MemberFirm",
    "ks:WasMember": "k20:FirmOnceMember",
    "ks:home-not-stated": "k20:ParticipationWithoutHome",
    "ks:enactors-not-recorded": "k20:ProcedureEnactedByTheWhole",
    "ks:enacted-by-the-whole": "k20:ProcedureEnactedByTheWhole",
    "ks:of-edition-in-writing": "",  # a procedure of one edition is written itself
    "ks:no-task-says": "k20:GoalOfTheWork",
    "ks:pursued-by-a-task": "k20:GoalOfTheWork",
    "ks:pursued-in-another-wording": "k20:GoalOfTheWork",
    "ks:InTime": "k20:AgreementInTime",
    "not ks:SignedTooLate": "k20:SignatureInTime",
    "ks:SaidByPerson": "k20:PersonStatement",
    "not ks:GivenAway": "k20:KeptBenefitStatement",
    "ks:OfNeitherSide": "k20:ParticipationOfNeitherSide",
    "not ks:IsUnit": "",  # a unit is no firm: the ontology holds the two disjoint
    "not ks:NeverTookPart": "",  # absent participations are disjoint from those engaged or at work
    "ks:wholes-own": "",
    "ks:OwnPart": "",  # of the whole task the classes ask it; a part that says otherwise they leave
    "ks:OwnParticipation": "",
    "ks:FormedTheGroup": "",  # the path that leads to the agreement says it
}
"""Conditions of a shape that a class takes from the record by a query, or the ontology rules out."""
KNOWN: Final = {
    "1a: ks:HeldByAllAsked asks sh:sparql; k20:TheGoalOfTheWork does not": _GOAL,
    "1a: k20:TheGoal asks one of k20:theGoal; ks:HeldByAllAsked does not": _GOAL,
    "1a: k20:GroupOfHoldersOfTheGoal asks k20:askedRoleGroup only inverse k20:heldBy some ((k20:quantifier value k20:AllInterviewed or k20:quantifier value k20:AllMembers) and k20:OwnRecord and k20:aboutGoal value k20:theGoal); ks:shared-goal does not": _GOAL,
    "1a: ks:asked-complete asks k20:completeness some (k20:listKind value k20:AskedRoleGroupList and not ks:Disputed); k20:GroupOfHoldersOfTheGoal does not": _CLOSED,
    "1b: ks:completed-cycles asks k20:adaptedFrom* some k20:enactment min 2 (k20:OwnRecord and k20:enactmentStatus value k20:Completed); k20:ProcedureEnactedByTheWhole does not": _EDITIONS,
    "1b: k20:TwiceEnactedProcedure asks k20:enactment min 2 (k20:OwnRecord and k20:enactmentStatus value k20:Completed); ks:enactors-not-recorded does not": _EDITIONS,
    "2c: ks:literal-district-leader asks k20:signature some (k20:onBehalfOf some k20:unitOf* some (k20:FirmOnceMember and k20:K12SchoolDistrict) and k20:upperEchelon value true); k20:JointlySignedAgreement does not": _ON_ONE,
    "2c: ks:literal-university-leader asks k20:signature some (k20:onBehalfOf some k20:unitOf* some (k20:FirmOnceMember and k20:HigherEducationInstitution) and k20:upperEchelon value true); k20:JointlySignedAgreement does not": _ON_ONE,
    "3: ks:NotOnRoll asks not ks:OnRoll; k20:OffRollParticipation does not": _ROLL,
    "3: k20:OffRollParticipation asks k20:onRoll value false; ks:NotOnRoll does not": _ROLL,
    "3: ks:participants-complete asks k20:completeness some (k20:listKind value k20:ParticipantList and not ks:Disputed); k20:GroupWithMutualBenefit does not": _CLOSED,
    "4: ks:members-complete asks k20:completeness some (k20:listKind value k20:MemberList and not ks:Disputed); k20:GroupWithJointWork does not": _CLOSED,
    "2c: ks:InTime asks k20:AgreementInTime; k20:AgreementOfHigherEdLeader does not": _LETTER,
    "4: ks:known-division-of-labour asks k20:subtask* some k20:aspect some k20:interdependency some anything; k20:JointTask does not": _TYPE,
    "4: k20:JointTask asks k20:aspect some k20:interdependency value k20:Competitive; ks:contributed-by-k12 does not": _TYPE,
    "4: k20:JointlyWorkingFirm asks inverse k20:unitOf* some inverse k20:homeFirm some inverse k20:contributor some inverse k20:contribution some inverse k20:subtask* some ((k20:subtask* some k20:aspect some k20:interdependency value k20:Competitive or k20:subtask* some k20:aspect some k20:interdependency value k20:Facilitated or k20:subtask* some k20:aspect some k20:interdependency value k20:Parallel or k20:subtask* some k20:aspect some k20:interdependency value k20:Pooled or k20:subtask* some k20:aspect some k20:interdependency value k20:Sequential) and (k20:subtask* some k20:contribution some k20:contributor some (k20:ParticipationWithoutHome and k20:sector value k20:HigherEducationSector) or k20:subtask* some k20:contribution some k20:contributor some k20:homeFirm some k20:unitOf* some k20:HigherEducationInstitution or k20:subtask* some k20:contribution some k20:contributor some k20:homeUnit some k20:unitOf* some k20:HigherEducationInstitution) and (k20:subtask* some k20:contribution some k20:contributor some (k20:ParticipationWithoutHome and k20:sector value k20:K12Sector) or k20:subtask* some k20:contribution some k20:contributor some k20:homeFirm some k20:unitOf* some k20:K12SchoolDistrict or k20:subtask* some k20:contribution some k20:contributor some k20:homeUnit some k20:unitOf* some k20:K12SchoolDistrict) and k20:OwnRecord); ks:IsUnit does not": _TYPE,
}
"""Conditions that only one side asks for, and why that has to be."""


# ---------------------------------------------------------------- where the two part


@cache
def place(name: str) -> str:
    """Return a shape or class with the file that states it; one that is derived is in none."""
    files = [packaged("ontology", f"{name}.ttl") for name in ("criteria", "core")]
    for path in (*files, *load("clifford-millar-2007").files):
        if name in {shorten(str_of(q.subject)) for q in read_turtle(path)}:
            return f"{path.relative_to(packaged()).as_posix()} ({name})"
    return f"shapes/clifford-millar-2007 ({name}, derived)"


class Difference(NamedTuple):
    """A condition that one side asks for and the other does not."""

    criterion: str
    asked: Said
    lacking: str
    """Name of the shape or class that does not ask for it."""

    def __str__(self) -> str:
        return f"{self.criterion}: {self.asked.by} asks {self.asked}; {self.lacking} does not"

    def told(self) -> str:
        """Return it with the files that either side stands in."""
        asked, lacking = place(self.asked.by), place(self.lacking)
        return f"{self.criterion}: {asked} asks {self.asked}; {lacking} does not"


def differences(shapes: Iterable[ox.Quad], classes: Iterable[ox.Quad]) -> list[Difference]:
    """Return all that one side asks for and the other does not, criterion by criterion."""
    definition = definition_of(load("clifford-millar-2007"))
    asked, said = Shapes(shapes, TAKEN), Classes(classes)
    found = []
    for c in definition.criteria:
        one = asked.of(c.iri, definition.reading("literal").iri)
        other = said.asked(SUFFICIENT.get(c.code) or ontology().value(c.iri, K20 + "expressedBy"))
        found += [Difference(c.code, *each) for each in missing(one, other) + missing(other, one)]
    return list(dict.fromkeys(found))


def unexpected(shapes: Iterable[ox.Quad], classes: Iterable[ox.Quad]) -> list[str]:
    """Return the differences that are not known."""
    return [d.told() for d in differences(shapes, classes) if str(d) not in KNOWN]


def test_the_shapes_ask_for_what_the_classes_ask_for() -> None:
    assert unexpected(SHAPES, CRITERIA) == []


def test_each_known_difference_is_still_there() -> None:
    assert KNOWN.keys() - set(map(str, differences(SHAPES, CRITERIA))) == set()


def test_a_condition_that_the_shapes_alone_ask_for_is_named() -> None:
    node, prop = ox.NamedNode(KS + "SignedForBoth"), ox.NamedNode(KS + "duration-named")
    more = [
        ox.Quad(node, ox.NamedNode(SH + "property"), prop),
        ox.Quad(prop, ox.NamedNode(SH + "path"), ox.NamedNode(K20 + "namesDuration")),
        ox.Quad(prop, ox.NamedNode(SH + "hasValue"), ox.Literal(True)),
    ]
    (found,) = unexpected([*SHAPES, *more], CRITERIA)
    assert found.startswith("2c: shapes/clifford-millar-2007")
    assert found.endswith(
        "asks k20:namesDuration value true; "
        "ontology/criteria.ttl (k20:JointlySignedAgreement) does not"
    )


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("Codified", "1b: ontology/criteria.ttl (k20:CodifiedProcedure) asks k20:codified value true"),
        ("UpperEchelon", "2c: ontology/criteria.ttl (k20:UpperEchelonSignature) asks k20:upperEchelon value true"),
        ("engaged-k12", "2e: ontology/core.ttl (k20:K12SchoolDistrict) asks k20:K12SchoolDistrict"),
        ("ForOwnOrganization", "3: ontology/criteria.ttl (k20:OwnBenefitStatement) asks k20:benefitScope value"),
    ],
)  # fmt: skip
def test_a_condition_dropped_from_the_shapes_is_named(shape: str, said: str) -> None:
    less = [q for q in SHAPES if str_of(q.object) != KS + shape]
    assert len(less) < len(SHAPES)
    assert any(one.startswith(said) for one in unexpected(less, CRITERIA))


@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("codified", "1b: shapes/clifford-millar-2007/.* asks k20:codified value true; ontology/"),
        ("enactmentStatus", "1b: .*TwiceEnactedProcedure.* asks k20:enactment min 2 k20:OwnRecord; shapes/"),
        ("upperEchelon", "2c: shapes/.*UpperEchelon.* asks k20:upperEchelon value true; ontology/"),
        ("benefitScope", "3: shapes/.*ForOwnOrganization.* asks k20:benefitScope value .*; ontology/"),
    ],
)  # fmt: skip
def test_a_condition_dropped_from_the_classes_is_named(on: str, said: str) -> None:
    on_property, thing = ox.NamedNode(OWL + "onProperty"), ox.NamedNode(OWL + "Thing")
    dropped = {
        q.subject for q in CRITERIA if q.predicate == on_property and str_of(q.object) == K20 + on
    }
    less = [ox.Quad(q.subject, q.predicate, thing) if q.object in dropped else q for q in CRITERIA]
    assert less != list(CRITERIA)
    assert any(re.match(said, one) for one in unexpected(SHAPES, less))
