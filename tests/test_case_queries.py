"""Questions on the case and across cases: all are covered, and answers hold without luck."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from shipped import with_verdicts as stored

from k20kg.errors import UsageError
from k20kg.sparql import named_queries
from k20kg.sparql.named_queries import Query, find_query
from k20kg.sparql.sparql import Rows, answer
from k20kg.sparql.store import Store
from k20kg.vocabulary import BASE, packaged

FILES = sorted(
    [*packaged("queries", "case").glob("*.rq"), *packaged("queries", "compare").glob("*.rq")]
)
QUESTIONS = {f"CQ{number:03}" for number in range(1, 152, 2)}
"""The 76 questions of the competency list: odd numbers only."""


@cache
def restated() -> Store:
    """The packaged data with every triple stated once more, in another graph."""
    twice = ox.Store()
    copy = ox.NamedNode(BASE + "copy")
    for quad in stored().raw:
        twice.add(quad)
        twice.add(ox.Quad(quad.subject, quad.predicate, quad.object, copy))
    return Store(twice)


def cells(query: Query, store: Store, **settings: str) -> list[list[str]]:
    found = answer(store, query.bound(settings), where=query.name)
    assert isinstance(found, Rows)
    return [[str(getattr(term, "value", "")) for term in row] for row in found.rows]


def ask(name: str, **settings: str) -> list[list[str]]:
    return cells(find_query(name), stored(), **settings)


def beside(path: Path) -> list[list[str]]:
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


# ---------------------------------------------------------------- what is covered


def test_each_of_the_76_questions_has_exactly_one_query() -> None:
    ids = [named_queries.parse(path).id for path in packaged("queries").glob("*/*.rq")]
    numbered = [identifier for identifier in ids if identifier.startswith("CQ")]
    assert len(QUESTIONS) == 76
    assert set(numbered) == QUESTIONS
    assert len(numbered) == len(QUESTIONS)


def test_there_are_queries_on_the_case_and_across_cases() -> None:
    groups = [path.parent.name for path in FILES]
    assert groups.count("case") >= 70
    assert groups.count("compare") >= 20


@pytest.mark.parametrize("identifier", ["CASE01", "CASE02", "CASE03", "CASE04"])
def test_each_question_of_the_study_has_a_broad_query(identifier: str) -> None:
    query = find_query(identifier)
    assert f"(Q{identifier[-1]})" in query.summary
    assert len(cells(query, stored())) > 10


# ---------------------------------------------------------------- rows


ON_GRAPHS = {path for path in FILES if "GRAPH ?graph" in path.read_text(encoding="utf-8")}
"""Queries that ask in which graph a statement stands."""


@pytest.mark.parametrize("path", sorted({*FILES} - ON_GRAPHS), ids=lambda path: path.stem)
def test_a_triple_stated_in_two_graphs_counts_once(path: Path) -> None:
    assert cells(named_queries.parse(path), restated()) == beside(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_row_comes_twice(path: Path) -> None:
    rows = beside(path)
    assert len({tuple(row) for row in rows}) == len(rows)


def test_answers_hold_without_the_made_up_cases() -> None:
    """Answers on LAMSIG do not depend on the cases that lie beside it."""
    alone = ox.Store()
    for quad in stored().raw:
        if f"{BASE}data/counter-cases/" not in str(quad.graph_name):
            alone.add(quad)
    assert len(alone) < len(stored().raw)
    store = Store(alone)
    for path in FILES:
        if path.parent.name == "case":
            assert cells(named_queries.parse(path), store) == beside(path), path.stem


# ---------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    ("goal", "without"),
    [
        ("3", ["CSU faculty", "K12 administrator", "K12 teacher"]),
        ("10", ["CSU faculty", "K12 teacher"]),
        ("5", []),
    ],
)
def test_another_goal_can_be_asked_for(goal: str, without: list[str]) -> None:
    rows = ask("which-role-groups-have-no-mark-for-a-goal", goal=goal)
    assert [row[2] for row in rows] == without


@pytest.mark.parametrize(("groups", "goals"), [("1", "2"), ("2", "5"), ("4", "3")])
def test_goals_are_counted_for_any_number_of_groups(groups: str, goals: str) -> None:
    assert ask("how-many-goals-are-marked-for-so-many-role-groups", groups=groups) == [
        [groups, goals]
    ]


def test_no_goal_is_marked_for_exactly_three_groups() -> None:
    assert ask("how-many-goals-are-marked-for-so-many-role-groups", groups="3") == []


def test_the_share_of_another_firm_can_be_asked_for() -> None:
    rows = ask("what-share-of-chart-4-comes-from-an-organization", firm="organization/uw-madison")
    assert rows == [["University of Wisconsin-Madison", "6", "41", "14.6"]]


@pytest.mark.parametrize(
    ("kind", "tasks"),
    [
        (
            "k20:Pooled",
            ["Leading", "Instructional materials design", "Professional development design"],
        ),
        ("k20:Sequential", ["Instructional materials design"]),
        ("k20:Facilitated", []),
        ("k20:Competitive", []),
    ],
)
def test_another_interdependency_can_be_asked_for(kind: str, tasks: list[str]) -> None:
    assert [row[1] for row in ask("which-tasks-have-an-interdependency", type=kind)] == tasks


@pytest.mark.parametrize(
    ("giver", "lines"),
    [
        ("stem-faculty", ["455", "456", "458", "464", "465"]),
        ("k12-administrators", ["453", "468"]),
        ("uw-madison-science-immersion-team", ["454", "460", "461", "462", "470"]),
    ],
)
def test_what_another_group_gave_can_be_asked_for(giver: str, lines: list[str]) -> None:
    rows = ask(
        "which-benefits-did-others-receive-from-a-role-group",
        giver=f"case/lamsig/role-group/chart-7/{giver}",
    )
    assert [row[2] for row in rows] == lines


def test_an_effect_is_bound_as_text() -> None:
    name = "for-which-task-is-an-effect-given"
    assert len(ask(name, effect="Knowledge exchange")) == 3
    assert [row[0] for row in ask(name, effect="Integration")] == [
        "Curriculum design",
        "Professional Development design",
    ]
    assert ask(name, effect='" } ?a ?b ?c . { "') == []


def test_materials_development_connects_five_of_one_side_with_five_of_the_other() -> None:
    rows = ask("who-connects-to-whom-in-a-task", task="case/lamsig/task/instructional-materials")
    assert len(rows) == 25
    assert (len({row[1] for row in rows}), len({row[2] for row in rows})) == (5, 5)


@pytest.mark.parametrize(
    "criterion",
    [
        *("shared-goal", "routine", "k12-member", "higher-ed-member", "formal-agreement"),
        *("dedicated-resources", "active-engagement", "mutual-benefit", "joint-work"),
    ],
)
@pytest.mark.parametrize("case", ["lamsig", "full-partnership"])
def test_every_criterion_has_evidence_to_show(criterion: str, case: str) -> None:
    rows = ask(
        "on-what-evidence-does-a-criterion-rest",
        criterion=f"criterion/{criterion}",
        case=f"case/{case}",
    )
    assert rows
    made_up = {row[2] == "invention" for row in rows}
    assert made_up == {case != "lamsig"}


@pytest.mark.parametrize(
    ("criterion", "verdict", "names"),
    [
        ("mutual-benefit", "k20:Contested", ["benefit-denied", "benefit-denied-and-affirmed"]),
        ("k12-member", "k20:Contested", ["disputed-membership"]),
        (
            "dedicated-resources",
            "k20:NotMet",
            ["agreement-lapsed", "refusal-to-commit", "resources-of-one-sector"],
        ),
    ],
)
def test_cases_can_be_found_by_criterion_and_verdict(
    criterion: str, verdict: str, names: list[str]
) -> None:
    rows = ask(
        "which-made-up-cases-fail-a-criterion",
        criterion=f"criterion/{criterion}",
        verdict=verdict,
    )
    assert [row[0] for row in rows] == names


def test_a_question_on_one_case_can_be_put_to_another() -> None:
    asked = 0
    for path in FILES:
        query = named_queries.parse(path)
        if [parameter.name for parameter in query.parameters] == ["case"]:
            asked += bool(cells(query, stored(), case="case/full-partnership"))
    assert asked >= 12


def test_a_wrong_goal_is_refused() -> None:
    with pytest.raises(UsageError, match="is no integer"):
        ask("which-role-groups-have-no-mark-for-a-goal", goal="nine")
