"""The LAMSIG record holds what the charts of the paper and the table of the slides print."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from lamsig import CASE, last, open_record, rows
from pyoxigraph import RdfFormat, Store

from k20kg.vocabulary import BASE, packaged

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


@pytest.fixture(scope="module")
def store() -> Store:
    return open_record()


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


@pytest.mark.parametrize(
    ("table", "columns", "stands_for"),
    [
        (1, 2, ["curriculum-design/1", "curriculum-design/2", "curriculum-design/5"]),
        (2, 5, ["strategic-planning", "curriculum-design", "professional-development-design"]),
        (
            3,
            4,
            [
                "arms-length",
                "strategic-alliance",
                "coalition",
                "collaborative",
                "professional-community",
            ],
        ),
    ],
)
def test_tables_of_the_slides_are_things(table: int, columns: int, stands_for: list[str]) -> None:
    # Slides, lines 135 to 138, 155 to 158 and 198 to 203.
    charts = Store()
    charts.load(path=packaged("data", "literature", "charts.ttl"), format=RdfFormat.TURTLE)
    part = f"<{BASE}source/slides/chart/{table}> k20:chartPart ?part . ?part k20:order ?n ; a "
    assert len(rows(charts, part + "k20:ChartColumn", "part")) == columns
    found = rows(charts, part + "k20:ChartRow ; k20:standsFor ?thing", "n", "thing")
    things = [thing for _, thing in sorted(found)]
    assert len(things) == len(stands_for)
    assert all(thing.endswith(name) for thing, name in zip(things, stands_for, strict=True))


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
