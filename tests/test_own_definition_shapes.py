"""Shapes of one's own that ask nothing, or that no engine can read, are refused by both engines."""

# ruff: noqa: E501  a fault reads best on one line

from __future__ import annotations

from pathlib import Path

import pytest

from k20kg import cli

GROUP = "https://example.org/case/a"
CASE = f"""
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix source: <https://example.org/source/> .
<{GROUP}> a k20:CandidateGroup ; rdfs:label "A"@en ; k20:membership <{GROUP}/m> .
<{GROUP}/m> a k20:FirmMembership ; k20:memberFirm <{GROUP}/f> ; k20:evidencedBy <{GROUP}/e> .
<{GROUP}/f> a k20:University ; rdfs:label "F"@en .
<{GROUP}/e> a k20:EvidenceItem ; k20:source source:s ; k20:locator "page 1" ;
    k20:method k20:DocumentReview .
source:s a k20:SourceDocument ; rdfs:label "minutes"@en .
"""
HEAD = """\
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix my: <https://example.org/d/> .
my:d a k20:Definition ; rdfs:label "D"@en ; k20:affirmedAs "a d"@en ; k20:deniedAs "no d"@en ;
    k20:hasCriterion my:c ; k20:usesReading my:plain .
my:c a k20:Criterion ; rdfs:label "C"@en ; k20:code "1" ; k20:order 1 .
my:plain a k20:Reading ; rdfs:label "plain"@en ; k20:order 1 .
"""
WORDS = 'sh:message "Missing."@en ; k20:wouldSettle "x"@en ; k20:couldBeSuppliedBy "y"@en'
ROLE = f"k20:tests my:c ; k20:under my:plain ; k20:role k20:Support ; {WORDS}"
SHAPE = f"my:s a sh:NodeShape ; sh:targetClass k20:CandidateGroup ; {ROLE}"
PART = f"{SHAPE} ; sh:property my:p .\nmy:p a sh:PropertyShape ; {WORDS} ; "
PATH = f"{PART}sh:path k20:membership ; "
LINE_OF_S, LINE_OF_P = 10, 11
DECLARED = (
    'sh:prefixes [ sh:declare [ sh:prefix "k20" ; '
    'sh:namespace "https://w3id.org/k20kg/ontology#"^^xsd:anyURI ] ]'
)
QUERY = f"{SHAPE} ; sh:sparql [ {DECLARED} ; {{}} ] ."

FAULTS = {
    # nothing is asked
    "no condition": (f"{SHAPE} .", 10, "asks nothing", "add a condition"),
    "part without a condition": (f"{PATH}sh:order 1 .", 11, "asks nothing", "add a condition"),
    "block without a condition": (
        f"{PATH}sh:node my:b . my:b a sh:NodeShape ; sh:name 'b' .",
        11,
        "d/b asks nothing",
        "add a condition",
    ),
    "count of 0": (f"{PATH}sh:minCount 0 .", 11, "asks nothing", "sh:minCount 1"),
    "closed false": (f"{SHAPE} ; sh:closed false .", 10, "asks nothing", "add a condition"),
    "qualified count of 0": (
        f"{PATH}sh:qualifiedValueShape [ sh:nodeKind sh:IRI ] ; sh:qualifiedMinCount 0 .",
        11,
        "asks nothing",
        "add a condition",
    ),
    "shape deactivated": (f"{SHAPE} ; sh:deactivated true ; sh:closed true .", 10, "sh:deactivated", "take"),
    "part deactivated": (f"{PATH}sh:minCount 9 ; sh:deactivated true .", 11, "sh:deactivated", "take"),
    "deactivated by a digit": (
        f'{PATH}sh:minCount 9 ; sh:deactivated "1"^^xsd:boolean .', 11, "sh:deactivated", "true or false",
    ),
    "nameless block deactivated": (
        f"{PATH}sh:node [ sh:class k20:Task ; sh:deactivated true ] .",
        11,
        "a part without a name that has sh:deactivated",
        "take",
    ),
    "query deactivated": (
        QUERY.format('sh:deactivated true ; sh:select "SELECT $this { $this a k20:Task }"'),
        10,
        "sh:deactivated",
        "take",
    ),
    # paths
    "no path": (f"{PART}sh:minCount 1 .", 11, "has no sh:path", "which property"),
    "no path, no type": (
        f"{SHAPE} ; sh:property [ sh:minCount 1 ; {WORDS} ] .", 10, "that has no sh:path", "which",
    ),
    "two paths": (f"{PATH}sh:path k20:goal ; sh:minCount 1 .", 11, "more than one sh:path", "a list"),
    "two paths, the other way round": (
        f"{PART}sh:path k20:goal , k20:membership ; sh:minCount 1 .", 11, "more than one", "keep one",
    ),
    "literal path": (f'{PART}sh:path "membership" ; sh:minCount 1 .', 11, "the literal", "property"),
    "class as path": (f"{PART}sh:path k20:Task ; sh:minCount 1 .", 11, "the class k20:Task", "property"),
    "path of one step": (f"{PART}sh:path ( k20:goal ) ; sh:minCount 1 .", 11, "two steps", "property"),
    "literal step": (f'{PART}sh:path ( k20:goal "x" ) ; sh:minCount 1 .', 11, "literal", "property"),
    "path of nothing": (f"{PART}sh:path [] ; sh:minCount 1 .", 11, "neither", "property"),
    "alternatives without a list": (
        f"{PART}sh:path [ sh:alternativePath k20:goal ] ; sh:minCount 1 .", 11, "without a list", "forms",
    ),
    "count without a path": (f"{SHAPE} ; sh:minCount 1 .", 10, "no sh:path, which asks nothing", "sh:property"),
    # targets and classes
    "no target": (f"my:s a sh:NodeShape ; sh:closed true ; {ROLE} .", 10, "no target", "sh:targetClass"),
    "target that is no class": (
        f"my:s a sh:NodeShape ; sh:targetClass k20:membership ; sh:closed true ; {ROLE} .",
        10,
        "which is no class",
        "correct the name",
    ),
    "target of nobody's class": (
        f"my:s a sh:NodeShape ; sh:targetClass my:Group ; sh:closed true ; {ROLE} .",
        10,
        "which is no class",
        "rdfs:Class",
    ),
    "literal target": (
        f'my:s a sh:NodeShape ; sh:targetClass "k20:CandidateGroup" ; sh:closed true ; {ROLE} .',
        10,
        "which is no address",
        "name one",
    ),
    "target that is not every group": (
        f"my:s a sh:NodeShape ; sh:targetSubjectsOf k20:goal ; sh:closed true ; {ROLE} .",
        10,
        "not every candidate group",
        "sh:targetClass k20:CandidateGroup",
    ),
    "target of the tasks": (
        f"my:s a sh:NodeShape ; sh:targetClass k20:Task ; sh:closed true ; {ROLE} .",
        10,
        "not every candidate group",
        "sh:targetClass k20:CandidateGroup",
    ),
    "unknown class": (f"{PATH}sh:class my:Club .", 11, "which is no class", "rdfs:Class"),
    "property as class": (f"{PATH}sh:class k20:goal .", 11, "which is no class", "correct"),
    "unknown datatype": (f"{PATH}sh:datatype xsd:strng .", 11, "no datatype", "xsd:string"),
    "unknown kind of node": (f"{PATH}sh:nodeKind my:IRI .", 11, "no kind of node", "sh:IRI"),
    # lists
    "or without a list": (
        f"{SHAPE} ; sh:or my:a . my:a a sh:NodeShape ; sh:class k20:Task .", 10, "no list", "( … )",
    ),
    "broken list": (
        f"{SHAPE} ; sh:or [ <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> my:a ] . "
        "my:a a sh:NodeShape ; sh:class k20:Task .",
        10,
        "no list",
        "( … )",
    ),
    "empty and": (f"{SHAPE} ; sh:and () .", 10, "empty list", "what is in it"),
    "empty or": (f"{SHAPE} ; sh:or () .", 10, "empty list", "what is in it"),
    "empty xone": (f"{SHAPE} ; sh:xone () .", 10, "empty list", "what is in it"),
    "literal in or": (f'{SHAPE} ; sh:or ( "a" "b" ) .', 10, "literal in the list", "name shapes"),
    "in without a list": (f"{PATH}sh:in k20:goal .", 11, "no list", "( … )"),
    # references
    "not of nothing": (f"{SHAPE} ; sh:not [] .", 10, "is not there", "describe"),
    "not of a literal": (f'{SHAPE} ; sh:not "x" .', 10, "no shape", "name a shape"),
    "node that is not there": (f"{SHAPE} ; sh:node my:gone .", 10, "is not there", "describe"),
    "or of one that is not there": (f"{SHAPE} ; sh:or ( my:gone ) .", 10, "is not there", "describe"),
    "a shape that asks for itself": (f"{SHAPE} ; sh:node my:s .", 10, "refers to itself", "circle"),
    "a circle": (
        f"{PATH}sh:node my:b . my:b a sh:NodeShape ; sh:not [ sh:or ( my:p ) ] .",
        11,
        "refers to itself",
        "circle",
    ),
    # counts
    "count in quotes": (f'{PATH}sh:minCount "1" .', 11, "no whole number", "without quotes"),
    "count below 0": (f"{PATH}sh:minCount -1 .", 11, "no whole number", "without quotes"),
    "two counts": (f"{PATH}sh:minCount 1 , 2 .", 11, "more than one sh:minCount", "keep one"),
    "qualified shape without a count": (
        f"{PATH}sh:qualifiedValueShape [ sh:class k20:Task ] .", 11, "without sh:qualifiedM", "add",
    ),
    "qualified count without a shape": (
        f"{PATH}sh:qualifiedMinCount 1 .", 11, "without sh:qualifiedValueShape", "add",
    ),
    # texts
    "bad regex": (f'{PATH}sh:pattern "([a-z" .', 11, "no regular expression", "mend"),
    "regex of one engine only": (f'{PATH}sh:pattern "(?=x)" .', 11, "not every engine", "mend"),
    "regex with bad flags": (f'{PATH}sh:pattern "x" ; sh:flags "z" .', 11, "not every engine", "mend"),
    "flags alone": (f'{PATH}sh:flags "i" ; sh:minCount 1 .', 11, "without sh:pattern", "add"),
    "query without a prefix": (
        f'{SHAPE} ; sh:sparql [ sh:select "SELECT $this {{ $this k20:goal ?g }}" ] .',
        10,
        "the prefix k20: in a query",
        'sh:namespace "https://w3id.org/k20kg/ontology#"',
    ),
    "prefixes that are not there": (
        f'{SHAPE} ; sh:sparql [ sh:prefixes my:no ; sh:select "SELECT $this {{ $this k20:goal ?g }}" ] .',
        10,
        "sh:prefixes to https://example.org/d/no",
        "sh:declare",
    ),
    "query that is no SPARQL": (
        QUERY.format('sh:select "SELECT $this WHERE { $this k20:goal "'), 10, "no SPARQL (at line 1", "mend",
    ),
    "ASK for SELECT": (QUERY.format('sh:select "ASK { $this k20:goal ?g }"'), 10, "without $this", "select"),
    "query that selects another": (
        QUERY.format('sh:select "SELECT ?g { $this k20:goal ?g }"'), 10, "without $this", "select",
    ),
    "no query": (QUERY.format('sh:message "x"'), 10, "without one sh:select", "add sh:select"),
    "query of another machine": (
        QUERY.format('sh:select "SELECT $this { SERVICE <https://example.org/> { $this ?p ?o } }"'),
        10,
        "SERVICE",
        "without it",
    ),
    "query with MINUS": (
        QUERY.format('sh:select "SELECT $this { $this a k20:Task MINUS { $this ?p 1 } }"'), 10, "MINUS", "without",
    ),
    "coverage by another machine": (
        f'{PATH}sh:minCount 1 . my:s k20:coverageQuery "SELECT ?node {{ SERVICE <urn:x> {{ ?node ?p ?o }} }}" .',
        10,
        "SERVICE",
        "without it",
    ),
    "coverage of nobody": (
        f'{PATH}sh:minCount 1 . my:s k20:coverageQuery "SELECT ?who {{ ?who a k20:Person }}" .',
        10,
        "without ?node (k20:coverageQuery)",
        "select ?node",
    ),
    # the definition as a whole
    "no shape": ("", 9, "has no shapes", "add criterion shapes"),
    "order in words": (
        f"{PATH}sh:minCount 1 . my:plain k20:order 'one' .", 9, "k20:order", "whole number",
    ),
}  # fmt: skip

SOUND = {
    "count": f"{PATH}sh:minCount 2 .",
    "sequence": f"{PART}sh:path ( k20:membership k20:memberFirm ) ; sh:minCount 2 .",
    "inverse": f"{PART}sh:path [ sh:inversePath k20:goal ] ; sh:minCount 1 .",
    "alternatives": f"{PART}sh:path [ sh:alternativePath ( k20:goal k20:task ) ] ; sh:minCount 1 .",
    "kind": f"{PATH}sh:qualifiedValueShape [ sh:class k20:Task ] ; sh:qualifiedMinCount 1 .",
    "own class": f"{PATH}sh:class my:Club . my:Club a rdfs:Class .",
    "pattern": f'{PART}sh:path rdfs:label ; sh:pattern "^b" ; sh:flags "i" .',
    "nothing passes": f"{PATH}sh:in () .",
    "or": f"{SHAPE} ; sh:or ( [ sh:class k20:Task ] [ sh:property [ sh:path k20:goal ; sh:minCount 1 ] ] ) .",
    "not": f"{SHAPE} ; sh:not [ sh:class k20:CandidateGroup ] .",
    "query": QUERY.format('sh:select "SELECT $this { $this a k20:CandidateGroup }"'),
    "query of full addresses": f'{SHAPE} ; sh:sparql [ sh:select "SELECT $this {{ $this a ?t }}" ] .',
}  # fmt: skip


def judged(shapes: str, engine: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Return the exit code and what is said on stderr, or the verdicts."""
    definition, case = folder / "own.ttl", folder / "case.ttl"
    definition.write_text(HEAD + shapes, encoding="utf-8")
    case.write_text(CASE, encoding="utf-8")
    code = cli.main(["validate", str(case), "-d", str(definition), "--engine", engine, "-f", "csv"])
    out, err = capsys.readouterr()
    return [str(code), *(out.splitlines()[1:] if not code else err.splitlines())]


@pytest.mark.parametrize("fault", FAULTS)
def test_what_asks_nothing_or_cannot_be_read_is_refused_by_both_engines(
    fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shapes, line, what, remedy = FAULTS[fault]
    code, *said = judged(shapes, "shacl", tmp_path, capsys)
    assert code == "2"
    assert any(f"own.ttl:{line}: " in one and what in one and remedy in one for one in said), said
    assert judged(shapes, "pyshacl", tmp_path, capsys) == [code, *said]


@pytest.mark.parametrize("name", SOUND)
def test_what_asks_something_is_judged_alike_by_both_engines(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, *rows = judged(SOUND[name], "shacl", tmp_path, capsys)
    assert code == "0"
    assert all("not established" in row for row in rows), rows
    code, *others = judged(SOUND[name], "pyshacl", tmp_path, capsys)
    assert [row.replace("pyshacl", "shacl") for row in others] == rows
