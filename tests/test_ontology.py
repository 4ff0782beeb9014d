"""The ontology is OWL 2 DL, and it knows every term that shapes, data and queries use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from published_text import published_graph, published_text
from pyowl2_profiles import detect_profiles
from rdflib import OWL, RDF, RDFS, SKOS

from k20kg.rdf.graph import ntriples, read_turtle
from k20kg.sources.ontology_files import declarations, labels
from k20kg.sources.published import read_published
from k20kg.sources.terms import FILES

ROOT = Path(__file__).parent.parent
ONTOLOGY = ROOT / "ontology"
BASE = "https://w3id.org/k20kg/"
K20 = rdflib.Namespace(BASE + "ontology#")
CLIFFORD_MILLAR = rdflib.URIRef(BASE + "definition/clifford-millar-2007")
CRITERIA = [
    ("1a", "shared-goal", "GroupWithSharedGoal"),
    ("1b", "routine", "GroupWithRoutine"),
    ("2a", "k12-member", "GroupWithK12Member"),
    ("2b", "higher-ed-member", "GroupWithHigherEdMember"),
    ("2c", "formal-agreement", "GroupWithFormalAgreement"),
    ("2d", "dedicated-resources", "GroupWithDedicatedResources"),
    ("2e", "active-engagement", "GroupWithActiveEngagement"),
    ("3", "mutual-benefit", "GroupWithMutualBenefit"),
    ("4", "joint-work", "GroupWithJointWork"),
]


def find(folder: Path, *endings: str) -> list[Path]:
    """Return the files below a folder, sorted; fail rather than pass on none."""
    files = sorted(p for p in folder.rglob("*") if p.suffix in endings)
    assert files, f"no {' or '.join(endings)} file below {folder}"
    return files


ONTOLOGY_FILES = find(ONTOLOGY, ".ttl")
CORE_FILES = [ONTOLOGY / f"{name}.ttl" for name in FILES]


@pytest.fixture(scope="module")
def merged() -> rdflib.Graph:
    """The ontology with its alignments."""
    return published_graph(*ONTOLOGY_FILES)


# ---------------------------------------------------------------- OWL 2 DL


def violations_of_dl(*texts: str) -> list[str]:
    """Return what keeps some Turtle documents, merged, out of OWL 2 DL."""
    store = ox.Store()
    for text in texts:
        store.load(text.encode(), ox.RdfFormat.TURTLE)
    samples = detect_profiles(store)["dl"]["sample_violations"]
    return sorted(f"{v['axiom_type']}: {v['subject_iri']}" for v in samples)


@pytest.mark.parametrize("path", ONTOLOGY_FILES, ids=lambda p: str(p.relative_to(ONTOLOGY)))
def test_each_file_is_owl_2_dl_by_itself(path: Path) -> None:
    assert violations_of_dl(published_text(path)) == []


def test_all_files_together_are_owl_2_dl() -> None:
    assert violations_of_dl(published_text(*ONTOLOGY_FILES)) == []


PREFIXES = """
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


@pytest.mark.parametrize(
    ("fault", "axiom"),
    [
        ("k20:goal a owl:DatatypeProperty .", "punning: "),
        ("k20:Thing20 k20:neverDeclared k20:Firm .", "undeclared-property: "),
        ("owl:onProperty a owl:ObjectProperty .", "reserved-vocab: "),
    ],
)
def test_an_ontology_outside_owl_2_dl_is_caught(fault: str, axiom: str) -> None:
    core = published_text(ONTOLOGY / "core.ttl")
    found = violations_of_dl(core, PREFIXES + fault)
    assert any(v.startswith(axiom) for v in found), found


# ---------------------------------------------------------------- stated once, published in full


SOURCES = {path: read_turtle(path) for path in ONTOLOGY_FILES}
PUBLISHED = {path: read_published(path) for path in ONTOLOGY_FILES}


def test_no_term_has_its_label_or_its_declaration_stated_twice() -> None:
    everything = [q for quads in SOURCES.values() for q in quads]
    stated = {(q.subject, q.object) for q in everything if q.predicate.value == str(RDFS.label)}
    assert not {q for q in labels(everything) if (q.subject, q.object) in stated}
    kinds = {ox.NamedNode(str(k)) for k in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)}  # fmt: skip # noqa: E501
    declared = [(q.subject, q.object) for q in everything if q.object in kinds and isinstance(q.subject, ox.NamedNode)]  # fmt: skip # noqa: E501
    assert len(declared) > 300
    assert sorted({str(d) for d in declared if declared.count(d) > 1}) == []


def test_a_published_file_has_labels_and_declarations_that_its_source_leaves_out() -> None:
    said = set(violations_of_dl(ntriples(SOURCES[ONTOLOGY / "alignments" / "org.ttl"])))
    assert any("undeclared" in violation for violation in said)
    quads = {str(q) for q in PUBLISHED[ONTOLOGY / "alignments" / "org.ttl"]}
    a = f"<{RDF.type}>"
    assert f"<{K20.unitOf}> {a} <{OWL.ObjectProperty}>" in quads
    assert f"<http://www.w3.org/ns/org#unitOf> {a} <{OWL.ObjectProperty}>" in quads
    assert f"<{SKOS.closeMatch}> {a} <{OWL.AnnotationProperty}>" in quads
    core = {str(q) for q in PUBLISHED[ONTOLOGY / "core.ttl"]}
    assert f'<{K20.Firm}> <{RDFS.label}> "firm"@en' in core


def test_nothing_is_added_to_what_is_published_already() -> None:
    assert not any(declarations(PUBLISHED).values())
    for quads in PUBLISHED.values():
        assert set(labels(quads)) <= set(quads)


# ---------------------------------------------------------------- what it says


def test_the_nine_criteria_stand_in_the_order_of_the_definition(merged: rdflib.Graph) -> None:
    found = sorted(
        (
            int(str(merged.value(c, K20.order))),
            str(merged.value(c, K20.code)),
            str(c).removeprefix(BASE + "criterion/"),
            str(merged.value(c, K20.expressedBy)).removeprefix(str(K20)),
        )
        for c in merged.objects(CLIFFORD_MILLAR, K20.hasCriterion)
    )
    assert [row[1:] for row in found] == CRITERIA
    assert [row[0] for row in found] == list(range(1, 10))


def test_the_digit_of_a_code_is_the_number_of_its_phrase(merged: rdflib.Graph) -> None:
    phrases = {
        str(merged.value(c, K20.code)): str(merged.value(merged.value(c, K20.ofPhrase), K20.order))
        for c in merged.objects(CLIFFORD_MILLAR, K20.hasCriterion)
    }
    assert len(phrases) == 9
    assert all(code[0] == phrase for code, phrase in phrases.items())


def test_the_verdict_rule_in_the_ontology_is_the_one_the_tool_applies(
    merged: rdflib.Graph,
) -> None:
    from k20kg.model import Verdict

    rows = {
        str(merged.value(v, SKOS.prefLabel)): (
            str(merged.value(v, K20.givenSupport)) == "true",
            str(merged.value(v, K20.givenCounter)) == "true",
            int(str(merged.value(v, K20.precedence))),
        )
        for v in merged.subjects(K20.precedence, None)
    }
    assert set(rows) == {v.value for v in Verdict}
    for words, (support, counter, _) in rows.items():
        assert Verdict.of(support=support, counter=counter).value == words
    ranked = sorted(Verdict, key=lambda v: rows[v.value][2])
    for first, then in pairwise(ranked):
        assert Verdict.all_of([then, first]) is first


def test_a_concept_is_never_a_class(merged: rdflib.Graph) -> None:
    concepts = set(merged.subjects(RDF.type, SKOS.Concept))
    assert len(concepts) > 50
    assert not concepts & set(merged.subjects(RDF.type, OWL.Class))


def test_properties_with_values_from_a_scheme_name_one_that_has_concepts(
    merged: rdflib.Graph,
) -> None:
    literature = ROOT / "data" / "literature" / "schemes.ttl"
    known = rdflib.Graph() + merged
    if literature.exists():
        known.parse(literature)
    schemes = set(merged.objects(None, K20.valuesFrom))
    assert len(schemes) > 10
    empty = [str(s) for s in schemes if not list(known.subjects(SKOS.inScheme, s))]
    assert empty == []


def test_every_completeness_list_says_what_it_closes(merged: rdflib.Graph) -> None:
    kinds = set(merged.subjects(SKOS.inScheme, rdflib.URIRef(BASE + "scheme/list-kinds")))
    assert len(kinds) == 11
    for kind in kinds:
        closed = set(merged.objects(kind, K20.closes))
        assert closed, kind
        assert closed <= set(merged.subjects(RDF.type, OWL.ObjectProperty))


@pytest.mark.parametrize("path", CORE_FILES, ids=lambda p: p.stem)
def test_the_alignments_are_kept_out_of_the_core(path: Path) -> None:
    graph = rdflib.Graph().parse(path)
    outside = {
        str(o)
        for p in (RDFS.subClassOf, RDFS.subPropertyOf, OWL.equivalentClass)
        for o in graph.objects(None, p)
        if isinstance(o, rdflib.URIRef) and not str(o).startswith(BASE)
    }
    assert outside == set()


# ---------------------------------------------------------------- terms in use

# What a shape or a data file writes, prefixed or in full, inside a query string or out of one.
_TERM = re.compile(r"(?:\bk20:|https://w3id\.org/k20kg/ontology#)([A-Za-z][A-Za-z0-9]*)")


def terms_used(path: Path) -> set[str]:
    """Return the local names of our terms in a file, comments left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {t for line in lines if not line.lstrip().startswith("#") for t in _TERM.findall(line)}


def undeclared(paths: Iterable[Path], graph: rdflib.Graph) -> dict[str, list[str]]:
    """Return the terms of ours that some files use and the ontology does not declare."""
    declared = {str(s).removeprefix(str(K20)) for s in graph.subjects(RDF.type, None)}
    found = {p.name: sorted(terms_used(p) - declared) for p in paths}
    return {name: terms for name, terms in found.items() if terms}


@pytest.mark.parametrize(
    ("folder", "endings"),
    [("shapes", (".ttl",)), ("data", (".ttl", ".trig")), ("queries", (".rq",))],
)
def test_every_term_in_use_is_declared(
    folder: str, endings: tuple[str, ...], merged: rdflib.Graph
) -> None:
    place = ROOT / folder
    if not any(p.suffix in endings for p in place.rglob("*")):
        pytest.skip(f"{folder}/ has no files yet")
    assert undeclared(find(place, *endings), merged) == {}


def test_an_undeclared_term_is_found_in_a_query_string_too(
    tmp_path: Path, merged: rdflib.Graph
) -> None:
    path = tmp_path / "shape.ttl"
    path.write_text('ks:x sh:select "SELECT $this WHERE { $this k20:gaol ?g }" .\n')
    assert undeclared([path], merged) == {"shape.ttl": ["gaol"]}
