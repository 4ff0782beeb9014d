"""Ontology and shapes keep the house rules, and each rule catches what it is there to catch."""

# ruff: noqa: E501  a fault reads best on one line

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyshacl
import pytest
import rdflib
from published_text import published_graph
from rdflib import RDF, SH
from scale import proof, some
from shacl import Shapes

from k20kg.definition.bundles import all_shapes

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "shapes" / "house.ttl"
KS = "https://w3id.org/k20kg/shapes#"

PREFIXES = """
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix ks: <https://w3id.org/k20kg/shapes#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

_BARE_HEADER = '<https://w3id.org/k20kg/ontology> vann:preferredNamespacePrefix "k21" .'
_BARE_CRITERION = "<https://w3id.org/k20kg/criterion/luck> a k20:Criterion ."
_BARE_DEFINITION = "<https://w3id.org/k20kg/definition/x> k20:hasCriterion <https://w3id.org/k20kg/criterion/luck> ."
_SELECT = 'ks:c sh:prefixes ks:p ; sh:select """{}""" .'
_TERM = (
    'rdfs:label "x"@en ; skos:prefLabel "x"@en ; skos:definition "An x."@en ; dcterms:source "here"'
)

FAULTS = {
    # 1  the ontology header
    "licence": "<https://w3id.org/k20kg/ontology> dcterms:license <https://example.org/mine> .",
    "version-iri": "<https://w3id.org/k20kg/ontology> owl:versionIRI <https://w3id.org/k20kg/ontology> .",
    "title": _BARE_HEADER,
    "description": _BARE_HEADER,
    "creator": '<https://w3id.org/k20kg/ontology> dcterms:title "x" ; dcterms:creator "somebody" .',
    "namespace": _BARE_HEADER,
    "prefix": _BARE_HEADER,
    "version-info": _BARE_HEADER,
    "created": '<https://w3id.org/k20kg/ontology> dcterms:title "x" ; dcterms:created "2026" .',
    "citation": _BARE_HEADER,
    "abstract": _BARE_HEADER,
    "publisher": _BARE_HEADER,
    "issued": _BARE_HEADER,
    "modified": _BARE_HEADER,
    "status": _BARE_HEADER,
    "header-source": _BARE_HEADER,
    "see-also": _BARE_HEADER,
    "own-imports": _BARE_HEADER[:-1] + "; owl:imports <http://www.w3.org/ns/org#> .",
    "persistent-iri": "<https://w3id.org/k20kg/ontology.ttl> owl:versionIRI <https://w3id.org/k20kg/ontology/0.2.0> .",
    "versions-agree": '<https://w3id.org/k20kg/ontology> owl:versionIRI <https://w3id.org/k20kg/ontology/0.1.0> ; owl:versionInfo "0.2.0" .',
    # 2  how a term is documented
    "term-label": 'k20:Luck a owl:Class ; rdfs:label "luck"@en ; skos:prefLabel "fortune"@en .',
    "term-definition": 'k20:Luck a owl:Class ; skos:definition "good fortune"@en .',
    "term-source": "k20:Luck a owl:Class .",
    "term-home": "k20:Luck a owl:Class .",
    "domain": "k20:luck a owl:ObjectProperty ; rdfs:range k20:Firm .",
    "range": "k20:luck a owl:DatatypeProperty ; rdfs:domain k20:Firm .",
    "at-most-one-domain": "k20:luck a owl:ObjectProperty ; rdfs:domain k20:Firm , k20:Person .",
    "at-most-one-range": "k20:luck a owl:ObjectProperty ; rdfs:range k20:Firm , k20:Person .",
    "class-name": "k20:good_luck a owl:Class .",
    "property-name": "k20:GoodLuck a owl:ObjectProperty .",
    "concept-placed": "k20:Luck a skos:Concept ; skos:inScheme <https://w3id.org/k20kg/scheme/x> .",
    # 3  how terms hang together
    "label-unique": f"k20:One a owl:Class ; {_TERM} . k20:Two a owl:Class ; {_TERM} .",
    "concept-label-unique": 'k20:One skos:inScheme k20:s ; skos:prefLabel "x"@en . k20:Two skos:inScheme k20:s ; skos:prefLabel "x"@en .',
    "declared": "k20:Firm rdfs:subClassOf k20:Organisation . k20:Firm a owl:Class .",
    "no-pun": "k20:Parallel a owl:Class , skos:Concept .",
    "no-orphan": f"k20:Luck a owl:Class ; {_TERM} .",
    "records-disjoint": "k20:Luck a owl:Class ; rdfs:subClassOf k20:Record .",
    "no-cycle": "k20:A rdfs:subClassOf k20:B . k20:B rdfs:subClassOf k20:C . k20:C rdfs:subClassOf k20:A .",
    "no-recursion": "k20:A owl:equivalentClass [ owl:intersectionOf ( k20:B [ owl:onProperty k20:p ; owl:someValuesFrom k20:A ] ) ] .",
    "no-self-inverse": "k20:links owl:inverseOf k20:links .",
    "inverse-fits": "k20:a owl:inverseOf k20:b ; rdfs:domain k20:Firm . k20:b rdfs:range k20:Person .",
    "no-hijack": 'org:Membership skos:definition "What we say it is."@en .',
    "outside-reuse": "k20:Firm rdfs:subClassOf k20:Organization .",
    "named-filler": "[] a owl:Restriction ; owl:onProperty k20:p ; owl:someValuesFrom [ a owl:Class ; owl:unionOf ( k20:A k20:B ) ] .",
    "simple-roles": "k20:p owl:propertyChainAxiom ( k20:q k20:r ) . [] owl:onProperty k20:p ; owl:minQualifiedCardinality 2 .",
    "no-dates": 'k20:e k20:asOf "2005-01-01"^^xsd:date .',
    # 4  the definition
    "criterion-code": '<https://w3id.org/k20kg/criterion/luck> a k20:Criterion ; k20:code "luck" .',
    "criterion-order": _BARE_CRITERION,
    "criterion-phrase": _BARE_CRITERION,
    "criterion-section": _BARE_CRITERION,
    "criterion-indicator": _BARE_CRITERION,
    "criterion-shuts-out": _BARE_CRITERION,
    "criterion-evidence": _BARE_CRITERION,
    "criterion-class": _BARE_CRITERION[:-1] + "; k20:expressedBy k20:NeverDefined .",
    "criterion-note": _BARE_CRITERION[:-1] + "; k20:expressedBy k20:NeverDefined .",
    "criterion-example": _BARE_CRITERION,
    "definition-names": _BARE_DEFINITION,
    "definition-denied": _BARE_DEFINITION,
    "definition-readings": _BARE_DEFINITION,
    "definition-phrases": _BARE_DEFINITION,
    # 5  shapes that an engine would accept and that decide nothing
    "dangling": "ks:a a sh:NodeShape ; sh:or ( ks:b ks:misspelt ) . ks:b a sh:NodeShape ; sh:minCount 1 .",
    "dangling-constraint": "ks:a a sh:NodeShape ; sh:sparql ks:misspelt .",
    "empty-shape": "ks:a a sh:NodeShape ; sh:targetClass k20:CandidateGroup .",
    "known-terms": "ks:a a sh:PropertyShape ; sh:path k20:goal ; sh:minCnt 1 .",
    "min-count": 'ks:a a sh:PropertyShape ; sh:path k20:goal ; sh:minCount "1" .',
    "max-count": "ks:a sh:path k20:goal ; sh:maxCount 1.0 .",
    "qualified-min-count": "ks:a sh:path k20:goal ; sh:qualifiedMinCount 1 , 2 .",
    "qualified-max-count": "ks:a sh:path k20:goal ; sh:qualifiedMaxCount -1 .",
    "min-length": "ks:a sh:path k20:goal ; sh:minLength true .",
    "max-length": 'ks:a sh:path k20:goal ; sh:maxLength "9" .',
    "qualified-counted": "ks:a sh:path k20:goal ; sh:qualifiedValueShape ks:b .",
    "one-path": "ks:a a sh:NodeShape ; sh:property ks:b . ks:b sh:minCount 1 .",
    "selects-this": _SELECT.format("SELECT ?group WHERE { ?group k20:goal ?goal }"),
    "select-prefixes": 'ks:c sh:select "SELECT $this WHERE { $this k20:goal ?goal }" .',
    "select-without-dates": _SELECT.format(
        "SELECT $this WHERE { $this k20:a ?a ; k20:b ?b . FILTER (xsd:date(?a) < xsd:date(?b)) }"
    ),
    "shape-tests": "ks:a k20:tests <https://w3id.org/k20kg/criterion/a> , <https://w3id.org/k20kg/criterion/b> .",
    "shape-under": "ks:a k20:tests <https://w3id.org/k20kg/criterion/a> .",
    "shape-role": "ks:a k20:tests <https://w3id.org/k20kg/criterion/a> ; k20:role k20:Supports .",
    "message": 'ks:a k20:tests k20:c ; sh:property ks:b . ks:b sh:message "it went wrong" .',
    "parameter": "k20:p a k20:Parameter ; k20:setBy ks:a ; k20:setThrough sh:minCount . ks:a sh:path k20:goal .",
    "parameter-name": "k20:p a k20:Parameter .",
    "parameter-reading": "k20:p a k20:Parameter .",
    "parameter-criterion": "k20:p a k20:Parameter .",
}  # fmt: skip


@pytest.fixture(scope="module")
def house() -> rdflib.Graph:
    """The house rules."""
    return rdflib.Graph().parse(HOUSE)


@pytest.fixture(scope="module")
def ours() -> rdflib.Graph:
    """The ontology with its alignments and all shapes: what the house rules are about."""
    ontology = sorted((ROOT / "ontology").rglob("*.ttl"))
    assert len(ontology) > 4
    return published_graph(*ontology).parse(data=all_shapes(), format="nt")


def graph_of(text: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=PREFIXES + text, format="turtle")


@cache
def rules() -> Shapes:
    return Shapes.from_file(str(HOUSE))


def faults_by_fast_engine(text: str) -> dict[str, set[str]]:
    """Return the rules that some N-Triples break, each with the nodes at fault."""
    report = rules().validate_text(text, format="ntriples")
    found: dict[str, set[str]] = {}
    for result in report.results:
        rule = (result.root_shape or "").strip("<>").removeprefix(KS + "house-")
        found.setdefault(rule, set()).add(result.value or result.focus_node)
    return found


def faults_by_pyshacl(data: rdflib.Graph, house: rdflib.Graph) -> dict[str, set[str]]:
    """Return the same from the reference engine."""
    _, report, text = pyshacl.validate(data, shacl_graph=house)
    assert isinstance(report, rdflib.Graph), text
    (root,) = report.subjects(RDF.type, SH.ValidationReport)
    found: dict[str, set[str]] = {}
    for result in report.objects(root, SH.result):
        name = str(report.value(result, SH.sourceShape)).removeprefix(KS + "house-")
        node = report.value(result, SH.value) or report.value(result, SH.focusNode)
        found.setdefault(name, set()).add(str(node))
    return found


def rules_of(house: rdflib.Graph) -> set[str]:
    """Return the names of the shapes that can stand in a result: those that carry a message."""
    direct = {
        s
        for s in house.subjects(SH.message, None)
        if (s, RDF.type, SH.SPARQLConstraint) not in house
    }
    by_query = set(house.subjects(SH.sparql, None))
    gathered = {
        s for s in direct if (s, SH.property, None) in house and (s, SH["or"], None) not in house
    }
    return {str(s).removeprefix(KS + "house-") for s in (direct | by_query) - gathered}


def test_our_ontology_and_shapes_keep_the_house_rules(ours: rdflib.Graph) -> None:
    assert faults_by_fast_engine(ours.serialize(format="nt")) == {}


@proof
@pytest.mark.slow
def test_the_reference_engine_finds_no_fault_either(
    ours: rdflib.Graph, house: rdflib.Graph
) -> None:
    assert faults_by_pyshacl(ours, house) == {}


def test_every_rule_has_a_faulty_example(house: rdflib.Graph) -> None:
    assert rules_of(house) == set(FAULTS)


def test_every_rule_with_a_target_is_labelled(house: rdflib.Graph) -> None:
    targets = (SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf)
    rules = {s for t in targets for s in house.subjects(t, None)}
    assert len(rules) > 40
    unlabelled = [str(r) for r in rules if not house.value(r, rdflib.RDFS.label)]
    assert unlabelled == []


@pytest.mark.parametrize("rule", FAULTS)
def test_the_faulty_example_of_a_rule_is_caught(rule: str) -> None:
    assert rule in faults_by_fast_engine(graph_of(FAULTS[rule]).serialize(format="nt"))


@pytest.mark.parametrize("fault", some(dict.fromkeys(FAULTS.values()), sample=3))
def test_both_engines_find_the_same_in_a_faulty_example(fault: str, house: rdflib.Graph) -> None:
    data = graph_of(fault)
    fast = faults_by_fast_engine(data.serialize(format="nt"))
    assert set(fast) == set(faults_by_pyshacl(data, house))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this WHERE { $this k20:earliestBegin ?a . ?g k20:latestBegin ?b . FILTER (?a > ?b) }",
        "SELECT $this WHERE { $this k20:order ?n . FILTER (?n < 3) }",
        "SELECT $this WHERE { $this k20:asOf ?t . FILTER (DATATYPE(?t) = xsd:dateTime && ?t < NOW()) }",
        "SELECT $this WHERE { $this a <https://example.org/Date> . FILTER (DATATYPE($this) = xsd:date) }",
    ],
)
def test_bounds_and_numbers_may_be_compared(query: str) -> None:
    text = graph_of(_SELECT.format(query)).serialize(format="nt")
    assert "select-without-dates" not in faults_by_fast_engine(text)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this WHERE { $this k20:a ?a . FILTER (?a >= '2005-01-01'^^xsd:date) }",
        "SELECT $this WHERE { $this k20:dateAsPrinted ?a , ?b . FILTER (?a<?b) }",
        "SELECT $this WHERE { $this k20:a ?a . FILTER (DATATYPE(?a) = <http://www.w3.org/2001/XMLSchema#date> && ?a < NOW()) }",
    ],
)  # fmt: skip
def test_a_bare_comparison_of_dates_is_caught(query: str) -> None:
    text = graph_of(_SELECT.format(query)).serialize(format="nt")
    assert "select-without-dates" in faults_by_fast_engine(text)
