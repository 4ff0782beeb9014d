"""The LAMSIG record says where all of it comes from, and is well formed."""

from __future__ import annotations

import re

import pytest
from lamsig import CASE, FOLDER, HERE, K20, TYPE, XSD, last, open_record, rows
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, parse

# Where each section begins and ends, notes at its foot included.
PAPER_SECTIONS = {
    "Title page": (1, 14),
    "Acknowledgements": (15, 16),
    "1.0": (39, 49),
    "3.2": (75, 84),
    "3.21": (85, 97),
    "3.22": (98, 117),
    "6.0": (259, 284),
    "6.1": (286, 320),
    "6.2": (321, 358),
    "6.3": (359, 376),
    "6.3.1": (377, 398),
    "6.3.2": (399, 437),
    "6.4": (438, 481),
    "7.0": (482, 499),
}
SLIDES_SECTIONS = {
    "Introduction": (11, 22),
    "Our work": (28, 36),
    "View from the Field: Case Methods": (69, 76),
    "Multi-case development overview": (77, 91),
    "View from the field: The Case of Middle School Immersion Science Partnership in LA": (92, 97),
    "Case overview": (98, 119),
    "Step 2: Work practices": (120, 132),
    "Work Practice #2: Curriculum Development": (133, 152),
    "Case Findings: Partnership Changes with Tasks": (153, 163),
    "Initial Conclusions": (164, 175),
    "Questions for consideration": (176, 192),
}

RECORD_CLASSES = (
    *("FirmMembership", "Participation", "Formation", "FormalAgreement", "OfficialSupport"),
    *("ResourceCommitment", "ResourceUse", "Goal", "GoalStatement", "Task", "TaskAspect"),
    *("Contribution", "Procedure", "ProcedureStep", "Enactment", "Benefit", "BenefitStatement"),
    *("Product", "Event", "CompletenessStatement", "ReportedFigure", "RoleGroupMapping"),
    *("AttributedVerdict", "ReadingNote", "NameUse", "CaseQuestion"),
)


@pytest.fixture(scope="module")
def store() -> Store:
    return open_record()


def test_each_file_is_one_graph_that_says_whose_record_it_is(store: Store) -> None:
    said = rows(
        store,
        "GRAPH ?graph { ?graph a k20:CaseRecord ; k20:recordOf ?group ; dcterms:source ?source }",
        "graph",
        "group",
        "source",
    )
    assert sorted(said) == [
        (f"{CASE}/record/{name}", CASE, f"https://w3id.org/k20kg/source/{name}")
        for name in ("curators", "paper", "slides")
    ]
    assert {g.value for g in store.named_graphs()} == {graph for graph, _, _ in said}


def test_there_is_exactly_one_candidate_group(store: Store) -> None:
    assert set(rows(store, "?group a k20:CandidateGroup", "group")) == {(CASE,)}


def test_every_record_has_evidence_with_source_locator_and_method(store: Store) -> None:
    records = set(
        rows(
            store,
            f"VALUES ?class {{ {' '.join('k20:' + c for c in RECORD_CLASSES)} }} ?r a ?class",
            "r",
        )
    )
    assert len(records) > 400
    evidenced = set(
        rows(
            store,
            "?r k20:evidencedBy|k20:disputedBy|k20:leftOpenBy ?item . ?item a k20:EvidenceItem ; "
            "k20:source ?source ; k20:locator ?locator ; k20:method ?method",
            "r",
        )
    )
    assert records - evidenced == set()


def test_every_evidence_item_is_used_and_lies_in_its_section(store: Store) -> None:
    items = rows(
        store,
        "?item a k20:EvidenceItem ; k20:source ?source ; k20:locator ?locator . "
        "OPTIONAL { ?item k20:section ?section ; k20:firstLine ?first ; k20:lastLine ?last }",
        "item",
        "source",
        "locator",
        "section",
        "first",
        "last",
    )
    used = set(rows(store, "?r k20:evidencedBy|k20:disputedBy|k20:leftOpenBy ?item", "item"))
    assert {(item,) for item, *_ in items} == used
    sections = {"paper": PAPER_SECTIONS, "slides": SLIDES_SECTIONS}
    outside = [
        (item, section, first, final)
        for item, source, _, section, first, final in items
        if last(source) != "curators"
        and not (
            section in sections[last(source)]
            and sections[last(source)][section][0] <= int(first) <= int(final)
            and int(final) <= sections[last(source)][section][1]
        )
    ]
    assert outside == []
    assert all(str(first) in locator for _, _, locator, _, first, _ in items if first)


def test_curators_readings_name_the_lines_they_read(store: Store) -> None:
    locators = rows(
        store,
        "?item a k20:EvidenceItem ; k20:source <https://w3id.org/k20kg/source/curators> ; "
        "k20:locator ?locator ; k20:method k20:CuratorsReading",
        "locator",
    )
    assert len(locators) > 50
    assert [
        text
        for (text,) in locators
        if "line" not in text or not text.startswith(("paper", "slides"))
    ] == []


def test_dates_and_decimals_are_canonical_and_no_record_is_blank() -> None:
    # Read with the parser: a store would put literals into canonical form by itself.
    quads = [
        quad
        for file in sorted(FOLDER.glob("*.trig"))
        for quad in parse(path=str(file), format=RdfFormat.TRIG)
    ]
    assert quads
    for quad in quads:
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, (NamedNode, Literal))
        if isinstance(quad.object, Literal):
            kind, text = quad.object.datatype.value.removeprefix(XSD), quad.object.value
            assert kind not in {"date", "gYear"}
            assert kind != "dateTime" or (len(text) == 20 and text.endswith("Z"))
            assert kind != "decimal" or re.fullmatch(r"(0|[1-9]\d*)\.(0|\d*[1-9])", text)
            assert kind != "integer" or re.fullmatch(r"0|[1-9]\d*", text)
            assert kind != "boolean" or text in {"true", "false"}


def test_nothing_of_the_case_dangles(store: Store) -> None:
    subjects = {quad.subject for quad in store}
    dangling = {
        quad.object.value
        for quad in store
        if isinstance(quad.object, NamedNode)
        and quad.object.value.startswith(CASE)
        and quad.object not in subjects
    }
    assert dangling == set()


def test_every_topic_and_kind_of_note_is_a_declared_concept(store: Store) -> None:
    declared = Store()
    for file in (HERE / "data" / "context.ttl", HERE / "ontology" / "schemes.ttl"):
        declared.bulk_load(path=str(file), format=RdfFormat.TURTLE)
    concept = NamedNode("http://www.w3.org/2004/02/skos/core#Concept")
    known = {
        quad.subject.value
        for quad in declared.quads_for_pattern(None, TYPE, concept)
        if isinstance(quad.subject, NamedNode)
    }
    used = {value for (value,) in rows(store, "?x k20:figureTopic|k20:noteKind ?value", "value")}
    assert len(used) > 20
    assert used - known == set()


def test_every_k20_term_used_is_declared(store: Store) -> None:
    files = sorted((HERE / "ontology").glob("*.ttl"))
    assert files
    ontology = Store()
    for file in files:
        ontology.bulk_load(path=str(file), format=RdfFormat.TURTLE)
    declared = {
        quad.subject.value
        for quad in ontology.quads_for_pattern(None, TYPE, None)
        if isinstance(quad.subject, NamedNode)
    }
    used = {
        term.value
        for quad in store
        for term in (quad.predicate, quad.object)
        if isinstance(term, NamedNode) and term.value.startswith(K20)
    }
    assert used
    assert used - declared == set()
