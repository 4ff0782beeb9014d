"""The LAMSIG record holds what the charts of the paper and the table of the slides print."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store, parse

HERE = Path(__file__).parent.parent
FOLDER = HERE / "data" / "cases" / "lamsig"
K20 = "https://w3id.org/k20kg/ontology#"
CASE = "https://w3id.org/k20kg/case/lamsig"
TYPE = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
XSD = "http://www.w3.org/2001/XMLSchema#"

# Chart 3 of the paper, lines 303 to 312: X is "all interviewed named it".
# K12 teacher, K12 administrator, CSU faculty, UW-Madison faculty & staff
CHART_3_COLUMNS = (
    "k12-teacher",
    "k12-administrator",
    "csu-faculty",
    "uw-madison-faculty-and-staff",
)
CHART_3 = {
    1: "X . . X",
    2: ". X . X",
    3: ". . . X",
    4: ". X . X",
    5: "X X X X",
    6: "X X X X",
    7: "X X X X",
    8: ". X . X",
    9: ". X . .",
    10: ". X . X",
}

# Chart 4, lines 345 to 355: printed row, sector, home firm where one is stated, people.
CHART_4 = {
    345: ("K12Sector", "lausd", Decimal("6.0")),
    346: ("K12Sector", "lausd", Decimal("9.0")),
    347: ("K12Sector", "lausd", Decimal("3.0")),
    348: ("HigherEducationSector", "uw-madison", Decimal("5.0")),
    349: ("HigherEducationSector", "uw-madison", Decimal("0.5")),
    350: ("HigherEducationSector", "uw-madison", Decimal("0.5")),
    351: ("HigherEducationSector", "", Decimal("8.0")),
    352: ("HigherEducationSector", "", Decimal("5.0")),
    353: ("HigherEducationSector", "", Decimal("1.0")),
    354: ("OtherSector", "wested", Decimal("2.0")),
    355: ("OtherSector", "", Decimal("1.0")),
}

# Chart 6, lines 422 to 424. Row 2 prints "pooled or sequential".
CHART_6 = {
    422: {"Pooled", "Parallel"},
    423: {"Parallel", "Pooled", "Sequential"},
    424: {"Pooled", "Parallel"},
}

# Chart 7: who received, how many rows, how many sources in the third column.
CHART_7 = {
    "k12-teachers": (5, 7),
    "k12-administrators": (10, 11),
    "stem-faculty": (7, 8),
    "uw-madison-science-immersion-team": (4, 4),
}

# Where each section begins and ends, notes at its foot included.
PAPER_SECTIONS = {
    "front matter": (1, 38),
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
    "View from the Field: Case Methods": (69, 91),
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
    """All graphs of the case, in one store; the query helper reads them as one."""
    files = sorted(FOLDER.glob("*.trig"))
    assert [f.name for f in files] == ["curators.trig", "paper.trig", "slides.trig"]
    store = Store()
    for file in files:
        store.bulk_load(path=str(file), format=RdfFormat.TRIG)
    return store


def rows(store: Store, where: str, *names: str) -> list[tuple[str, ...]]:
    """Return the named variables of a pattern, one tuple a solution; unbound ones are empty."""
    found = store.query(
        f"PREFIX k20: <{K20}> PREFIX dcterms: <http://purl.org/dc/terms/> "
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        f"SELECT {' '.join('?' + n for n in names)} WHERE {{ {where} }}",
        base_iri=CASE + "/",
        use_default_graph_as_union=True,
    )
    assert isinstance(found, QuerySolutions)
    return [tuple(s[n].value if s[n] is not None else "" for n in names) for s in found]


def last(iri: str) -> str:
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


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


def test_chart_3_has_all_forty_cells_as_printed(store: Store) -> None:
    found = {
        (int(order), last(group)): last(how)
        for order, group, how in rows(
            store,
            f"<{CASE}> k20:goalStatement ?s . ?s k20:aboutGoal/k20:order ?order ; "
            "k20:heldBy ?group ; k20:quantifier ?how",
            "order",
            "group",
            "how",
        )
    }
    printed = {
        (goal, group): "AllInterviewed" if mark == "X" else "NotAllInterviewed"
        for goal, marks in CHART_3.items()
        for group, mark in zip(CHART_3_COLUMNS, marks.split(), strict=True)
    }
    assert len(printed) == 40
    assert found == printed


def test_those_asked_are_the_columns_of_chart_3(store: Store) -> None:
    asked = rows(store, f"<{CASE}> k20:askedRoleGroup ?g . ?g a k20:RoleGroup", "g")
    assert {last(g) for (g,) in asked} == set(CHART_3_COLUMNS)
    complete = rows(
        store,
        f"<{CASE}> k20:completeness ?c . ?c k20:listKind ?kind ; k20:assertedBy ?who",
        "kind",
        "who",
    )
    assert [(last(kind), last(who)) for kind, who in complete] == [
        ("AskedRoleGroupList", "curators")
    ]


def test_chart_4_has_eleven_rows_that_sum_to_41(store: Store) -> None:
    found = rows(
        store,
        f"<{CASE}> k20:participation ?p . ?p k20:headcount ?n ; k20:sector ?sector ; "
        "k20:onRoll true ; k20:routine true ; k20:evidencedBy/k20:firstLine ?line . "
        "FILTER(?line >= 345) "
        "OPTIONAL { ?p k20:homeFirm ?firm }",
        "line",
        "sector",
        "firm",
        "n",
    )
    assert {int(line): (last(s), last(f), Decimal(n)) for line, s, f, n in found} == CHART_4
    assert sum(Decimal(n) for _, _, _, n in found) == 41


def test_the_two_halves_of_chart_4_are_one_person(store: Store) -> None:
    halves = rows(
        store, "?p k20:headcount 0.5 ; k20:participant ?who . ?who a k20:Person", "p", "who"
    )
    assert len(halves) == 2
    assert len({who for _, who in halves}) == 1


def test_chart_6_types_are_as_printed(store: Store) -> None:
    found: dict[int, set[str]] = {}
    for line, kind in rows(
        store,
        f"<{CASE}> k20:task/k20:aspect ?a . ?a k20:interdependency ?kind ; k20:evidencedBy ?e . "
        "?e k20:firstLine ?line . FILTER(?line >= 422 && ?line <= 424)",
        "line",
        "kind",
    ):
        found.setdefault(int(line), set()).add(last(kind))
    assert found == CHART_6


def test_chart_7_has_26_benefits_from_30_sources(store: Store) -> None:
    statements = set(
        rows(
            store,
            f"<{CASE}> k20:benefitStatement ?s . ?s k20:recipient ?to ; k20:statedBy ?to ; "
            "k20:expectation k20:Received ; k20:benefitScope k20:ScopeNotStated ; "
            "k20:stance k20:Affirms ; k20:benefitFrom ?from . ?to a k20:RoleGroup",
            "s",
            "to",
            "from",
        )
    )
    received = Counter(last(to) for _, to in {(s, to) for s, to, _ in statements})
    mentioned = Counter(last(to) for _, to, _ in statements)
    assert {g: (received[g], mentioned[g]) for g in received} == CHART_7
    assert (received.total(), mentioned.total()) == (26, 30)
    assert sum(source == CASE for _, _, source in statements) == 11


def test_the_slides_task_table_is_whole(store: Store) -> None:
    cells: dict[tuple[str, str], list[str]] = {}
    for task, topic, printed in rows(
        store,
        "?t k20:reportedFigure ?f ; rdfs:label ?task . "
        "?f k20:figureTopic ?topic ; k20:valueAsPrinted ?printed . "
        f"FILTER(STRSTARTS(STR(?t), '{CASE}/task/slides/'))",
        "task",
        "topic",
        "printed",
    ):
        cells.setdefault((task, last(topic)), []).append(printed)
    assert {key: sorted(values) for key, values in cells.items()} == {
        ("Strategic Planning", "task-configuration"): ["Coordinated"],
        ("Strategic Planning", "team-size"): ["10"],
        ("Strategic Planning", "effect-on-group"): ["Knowledge exchange", "Org Integration"],
        ("Strategic Planning", "leaders"): ["Intermediary"],
        ("Curriculum design", "task-configuration"): ["Parallel"],
        ("Curriculum design", "team-size"): ["20"],
        ("Curriculum design", "effect-on-group"): [
            "Integration",
            "Knowledge exchange",
            "Small cross-org communities",
        ],
        ("Curriculum design", "leaders"): ["Multiple, but separate Coordinated by intermediary"],
        ("Professional Development design", "task-configuration"): ["Collaborative"],
        ("Professional Development design", "team-size"): ["38"],
        ("Professional Development design", "effect-on-group"): [
            "Integration",
            "Knowledge exchange",
            "Large community",
            "Part of movement",
        ],
        ("Professional Development design", "leaders"): [
            "Multiple with intermediary fading from view"
        ],
    }


def test_chart_1_has_the_method_and_sample_of_each_question(store: Store) -> None:
    found = rows(
        store,
        "?q a k20:CaseQuestion ; k20:order ?n ; k20:reportedFigure ?f . "
        "?f k20:figureTopic ?topic ; k20:valueAsPrinted ?printed",
        "n",
        "topic",
        "printed",
    )
    meetings = "8 audio-recorded, observed meetings spanning 46 hours of group work"
    assert {(int(n), last(topic)): printed for n, topic, printed in found} == {
        (1, "data-gathering-method"): "Interview",
        (1, "sample"): "13 interviews (approximately half of group participants)",
        (2, "data-gathering-method"): "Interview",
        (2, "sample"): "Interviews",
        (3, "data-gathering-method"): "Observation, document review, interview",
        (3, "sample"): f"Document review; {meetings}; interviews",
        (4, "data-gathering-method"): "Observation, document review, interview",
        (4, "sample"): f"Document review; {meetings}; interviews",
    }


def test_every_reported_number_of_interviews_is_kept(store: Store) -> None:
    found = rows(
        store,
        f"<{CASE}> k20:reportedFigure ?f . ?f k20:figureTopic ?t ; k20:value ?n ; "
        "k20:evidencedBy/k20:source ?source . FILTER(STRENDS(STR(?t), '/interviews'))",
        "n",
        "source",
    )
    assert {(int(Decimal(n)), last(s)) for n, s in found} == {
        (13, "paper"),
        (14, "slides"),
        (15, "paper"),
    }


def test_only_the_departed_enactment_has_its_status_from_the_paper(store: Store) -> None:
    found = rows(
        store,
        "GRAPH ?g { ?e k20:enactmentStatus ?status } "
        f"<{CASE}/procedure/instructional-materials-design> k20:enactment ?e",
        "g",
        "e",
        "status",
    )
    assert {(last(g), last(e), last(s)) for g, e, s in found} == {
        ("curators", "density-and-buoyancy", "Completed"),
        ("curators", "plate-tectonics", "Completed"),
        ("paper", "variation-and-natural-selection", "Departed"),
    }


def test_no_signature_refusal_or_denial_is_recorded(store: Store) -> None:
    for forbidden in (
        "?x a k20:Signature",
        "?x a k20:CommitmentRefusal",
        "?x k20:stance k20:Denies",
        "?x k20:disputedBy ?y",
        "?x k20:contributor/k20:homeFirm <https://w3id.org/k20kg/organization/csun>",
    ):
        assert rows(store, forbidden, "x") == []


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
