"""Every record is checked for what the ontology says of its properties, which stands only there."""

# ruff: noqa: E501  a statement and its fault read best on one line

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest

from k20kg.definition.record_shapes import derive_record_shapes, record_check
from k20kg.definition.subclasses import subclass_slice
from k20kg.engines import ENGINES, compile_shapes
from k20kg.rdf.graph import Graph, read_turtle, str_of
from k20kg.vocabulary import K20, KS, OWL, RDF_TYPE, RDFS, SH, SKOS, XSD, packaged

ROOT = Path(__file__).parent.parent
PREFIXES = f"""
@prefix k20: <{K20}> .
@prefix owl: <{OWL}> .
@prefix rdfs: <{RDFS}> .
@prefix skos: <{SKOS}> .
@prefix xsd: <{XSD}> .
@prefix c: <https://w3id.org/k20kg/case/full-partnership/> .
"""
NAMES_DURATION = """
k20:namesDuration a owl:DatatypeProperty , owl:FunctionalProperty ;
    rdfs:label "names a duration"@en ;
    rdfs:domain k20:FormalAgreement ;
    rdfs:range xsd:boolean .
"""
STATED = packaged("shapes", "record.ttl")


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tool whose core ontology has one property more."""
    root = tmp_path_factory.mktemp("tool")
    for name in ("k20kg", "ontology", "shapes"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "data").symlink_to(ROOT / "data")
    with (root / "ontology" / "core.ttl").open("a", encoding="utf-8") as core:
        core.write(NAMES_DURATION)
    return root


def validate(tool: Path, folder: Path, value: str) -> subprocess.CompletedProcess[str]:
    """Judge a full partnership whose agreement also says whether it names a duration."""
    text = packaged("data", "counter-cases", "full-partnership.ttl").read_text(encoding="utf-8")
    more = f"{PREFIXES}c:agreement k20:namesDuration {value} .\n"
    (folder / "case.ttl").write_text(text + more, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-P", "-m", "k20kg.cli", "validate", "case.ttl"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(tool)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_property_added_to_the_ontology_may_be_used(tool: Path, tmp_path: Path) -> None:
    run = validate(tool, tmp_path, "true")
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize(("value", "shown"), [('"yes"', ' ("yes")'), ("true , false", "")])
def test_a_property_added_to_the_ontology_is_checked(
    tool: Path, tmp_path: Path, value: str, shown: str
) -> None:
    run = validate(tool, tmp_path, value)
    assert run.returncode == 2
    assert run.stdout == ""
    assert re.search(r"\bcase\.ttl:\d+: ", run.stderr)
    assert (
        "case/full-partnership/agreement does not say true or false by k20:namesDuration"
        f" (names a duration){shown}; write true or false, once, without quotes"
    ) in run.stderr


# ---------------------------------------------------------------- what is derived, kind by kind

TERMS = """
k20:note a owl:DatatypeProperty ; rdfs:label "note"@en ; rdfs:range xsd:string .
k20:length a owl:DatatypeProperty , owl:FunctionalProperty ; rdfs:label "length"@en ;
    rdfs:domain k20:Task ; rdfs:range xsd:integer .
k20:width a owl:DatatypeProperty ; rdfs:label "width"@en ;
    rdfs:domain [ owl:unionOf ( k20:Task k20:Goal ) ] ; rdfs:range xsd:decimal .
k20:page a owl:DatatypeProperty ; rdfs:label "page"@en ; rdfs:range xsd:anyURI .
k20:owner a owl:ObjectProperty ; rdfs:label "owner"@en ;
    rdfs:domain k20:Task ; rdfs:range k20:Firm .
k20:head a owl:ObjectProperty , owl:FunctionalProperty ; rdfs:label "head"@en ;
    rdfs:domain k20:Task ; rdfs:range k20:Person .
k20:colour a owl:ObjectProperty ; rdfs:label "colour"@en ; rdfs:range skos:Concept ;
    k20:valuesFrom <https://example.org/colours> .
k20:topic a owl:ObjectProperty ; rdfs:label "topic"@en ; rdfs:range skos:Concept ;
    k20:valuesFrom <https://example.org/topics> .
k20:anybody a owl:ObjectProperty ; rdfs:range [ owl:unionOf ( k20:Firm k20:Person ) ] .
"""
SCHEMES = """
k20:Red skos:inScheme <https://example.org/colours> .
k20:Blue skos:inScheme <https://example.org/colours> .
<https://example.org/tea> skos:inScheme <https://example.org/topics> .
"""


def turtle(text: str) -> list[ox.Quad]:
    return list(ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE))


def told(statements: str, stated: str = "", engine: str = "shacl") -> list[str]:
    """Return what the record check derived from a small ontology says of a task, sorted."""
    words = [q for q in read_turtle(STATED) if str_of(q.subject).startswith(f"{KS}record-wording-")]
    quads = derive_record_shapes([*words, *turtle(stated)], turtle(TERMS), turtle(SCHEMES))
    shapes = ox.serialize([q.triple for q in quads], format=ox.RdfFormat.N_TRIPLES)
    assert shapes is not None
    run = compile_shapes(shapes.decode(), subclass_slice(), engine)
    results = run(f"{PREFIXES}c:task a k20:Task ; {statements} .", "turtle")
    return sorted({r.message.removeprefix("It ") for r in results})


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("statements", "fault"),
    [
        ('k20:note "a" , "b"', ""),
        ("k20:note 1", "does not give its k20:note (note) as a piece of plain text."),
        ("k20:length 1", ""),
        ("k20:length 1.0", "does not give its k20:length (length) as one whole number."),
        ("k20:length 1 , 2", "does not give its k20:length (length) as one whole number."),
        ("k20:width 1.0 , 2.0", ""),
        ("k20:width 1", "does not give its k20:width (width) as a decimal number."),
        ('k20:page "x"^^xsd:anyURI', ""),
        ('k20:page "x"', "does not give its k20:page (page) as a xsd:anyURI."),
        ("k20:owner c:u . c:u a k20:University", ""),
        ("k20:owner c:u . c:u a k20:Task", "points by k20:owner to what is not described as a k20:Firm."),
        ("k20:head c:p . c:p a k20:Person", ""),
        ("k20:head c:p", "does not name by k20:head (head) one k20:Person."),
        ("k20:head c:p , c:q . c:p a k20:Person . c:q a k20:Person", "does not name by k20:head (head) one k20:Person."),
        ("k20:colour k20:Red , k20:Blue", ""),
        ("k20:colour k20:Green", "does not give its k20:colour (colour) as a value of the vocabulary."),
        ("k20:topic <https://example.org/coffee>", ""),
        ("k20:anybody c:x", ""),
    ],
)  # fmt: skip
def test_what_the_ontology_says_of_a_property_is_checked(
    statements: str, fault: str, engine: str
) -> None:
    assert told(statements, engine=engine) == [fault] * bool(fault)


def test_the_pattern_of_a_kind_of_value_is_checked() -> None:
    assert told("k20:length 01") == ["does not give its k20:length (length) as one whole number."]


def test_a_domain_of_several_classes_is_checked_on_each() -> None:
    fault = "does not give its k20:width (width) as a decimal number."
    assert told('k20:width 1.0 . c:goal a k20:Goal ; k20:width "wide"') == [fault]
    assert told('k20:width 1.0 . c:firm a k20:Firm ; k20:width "wide"') == []


def test_a_stated_shape_gets_what_it_leaves_open_and_keeps_what_it_says() -> None:
    stated = """@prefix sh: <http://www.w3.org/ns/shacl#> .
    c:task-shape a sh:NodeShape ; k20:role k20:RecordCheck ; sh:targetClass k20:Task ;
        sh:property c:length , c:width .
    c:length a sh:PropertyShape ; sh:path k20:length ; sh:minCount 1 ; sh:message "It is short."@en .
    c:width a sh:PropertyShape ; sh:path k20:width ; sh:nodeKind sh:Literal ;
        sh:message "It has no width."@en .
    """
    assert told("k20:length 5", stated) == []
    assert told("k20:note 'a'", stated) == ["is short."]
    assert told("k20:length 'five'", stated) == ["is short."]
    assert told("k20:length 5 , 6", stated) == ["is short."]
    assert told("k20:length 5 ; k20:width 'wide'", stated) == []
    assert told("k20:length 5 ; k20:width c:wide", stated) == ["has no width."]


# ---------------------------------------------------------------- the record check as a whole


@cache
def checked() -> dict[str, set[str]]:
    """Return the properties that the record check looks at, by class; '' is any node."""
    shapes = Graph(ox.parse(record_check().shapes, format=ox.RdfFormat.N_TRIPLES))
    found: dict[str, list[str]] = {}
    for shape in shapes.subjects(K20 + "role", K20 + "RecordCheck"):
        parts = shapes.values(shape, SH + "property") or [shape]
        paths = [p for part in parts for p in shapes.values(part, SH + "path")]
        paths += [n for p in paths for n in shapes.items(p, SH + "alternativePath")]
        for each in shapes.values(shape, SH + "targetClass") or [""]:
            found.setdefault(each, []).extend(p for p in paths if p.startswith(K20))
    twice = {p for paths in found.values() for p in paths if paths.count(p) > 1}
    assert twice == {K20 + "earliestBegin"}  # with its own latest, and with the end
    return {each: set(paths) for each, paths in found.items()}


def test_no_property_is_checked_twice_on_a_node() -> None:
    pairs = re.findall(r"<(\S+)> \S+ <(\S+)>", subclass_slice())
    above: dict[str, set[str]] = {sub: set() for sub, _ in pairs}
    for _ in range(5):
        for sub, sup in pairs:
            above[sub] |= {sup} | above.get(sup, set())
    assert above[K20 + "Signature"] >= {K20 + "Endorsement", K20 + "Record"}
    evidence = {K20 + name for name in ("evidencedBy", "disputedBy", "leftOpenBy")}
    for each, paths in checked().items():
        for other in {"", *above.get(each, set())} - {each}:
            assert paths & checked().get(other, set()) <= evidence, (each, other)


def test_every_property_of_the_record_with_values_of_one_kind_is_checked() -> None:
    ontology = Graph(
        read_turtle(*(packaged("ontology", f"{n}.ttl") for n in ("core", "evidence", "schemes")))
    )
    looked_at = set().union(*checked().values())
    kinds = [OWL + "DatatypeProperty", OWL + "ObjectProperty"]
    left = [p for k in kinds for p in ontology.of_type(k) if p not in looked_at]
    for name in left:
        values = ontology.value(name, RDFS + "range", "_:")
        concepts = ontology.subjects(SKOS + "inScheme", ontology.value(name, K20 + "valuesFrom"))
        assert values.startswith("_:") or (concepts and not concepts[0].startswith(K20)), name
    assert len(looked_at) > 90


def test_what_record_ttl_states_stays_as_it_is() -> None:
    stated = Graph(q for q in read_turtle(STATED))
    whole = Graph(ox.parse(record_check().shapes, format=ox.RdfFormat.N_TRIPLES))
    shapes = stated.subjects(RDF_TYPE, SH + "PropertyShape")
    assert len(shapes) > 30
    for shape in shapes:
        for name in ("minCount", "maxCount", "nodeKind", "class", "minInclusive", "message"):
            if said := stated.values(shape, SH + name):
                assert whole.values(shape, SH + name) == said


# ---------------------------------------------------------------- classes of which nothing can be both


def disjoint_pairs() -> set[frozenset[str]]:
    """Return the classes of the record that the ontology holds disjoint, subclasses included."""
    quads = read_turtle(*(packaged("ontology", f"{n}.ttl") for n in ("core", "evidence")))
    terms = Graph(quads)
    stated = [
        (a, b) for a in terms.of_type(OWL + "Class") for b in terms.values(a, OWL + "disjointWith")
    ]
    for node in terms.of_type(OWL + "AllDisjointClasses"):
        stated += combinations(terms.items(node, OWL + "members"), 2)

    def below(name: str) -> set[str]:
        return {name}.union(*(below(s) for s in terms.subjects(RDFS + "subClassOf", name)))

    return {frozenset({a, b}) for one, other in stated for a in below(one) for b in below(other)}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_node_of_two_classes_that_are_disjoint_is_refused(engine: str) -> None:
    pairs = sorted(map(sorted, disjoint_pairs()))
    assert [K20 + "Company", K20 + "K12SchoolDistrict"] in pairs
    assert [K20 + "Person", K20 + "Task"] in pairs
    assert len(pairs) > 400
    if engine != "shacl":
        pairs = pairs[::12]  # it takes its time
    both = "".join(f"c:n{n} a <{a}> , <{b}> .\n" for n, (a, b) in enumerate(pairs))
    names = sorted({name for pair in pairs for name in pair})
    alone = "".join(f"c:one{n} a <{name}> .\n" for n, name in enumerate(names))
    results = compile_shapes(record_check().shapes, subclass_slice(), engine)(
        PREFIXES + both + alone, "turtle"
    )
    refused = {r.focus.rsplit("/", 1)[-1][:-1] for r in results if "that no k20:" in r.message}
    assert refused == {f"n{n}" for n in range(len(pairs))}


def test_what_may_be_both_is_not_refused() -> None:
    text = (
        PREFIXES
        + """
    c:a a k20:University , k20:HigherEducationInstitution , k20:NonprofitOrganization .
    c:b a k20:Signature , k20:Endorsement , k20:Record .
    c:c a k20:Product , k20:Procedure .
        c:d a k20:Event , k20:Enactment .
    """
    )
    results = compile_shapes(record_check().shapes, subclass_slice())(text, "turtle")
    assert {r.focus for r in results if "that no k20:" in r.message} == set()
