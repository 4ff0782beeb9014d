"""Parameters of the named queries: which values there are, and how headings say what was asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from shipped import with_verdicts as store

from k20kg.cli.root import main
from k20kg.errors import InputError
from k20kg.sparql.named_queries import Query, QueryParameter, find_query, list_queries, parse_text
from k20kg.sparql.parameters import NoSuchValueError, check, heading, list_values
from k20kg.sparql.sparql import answer
from k20kg.sparql.store import Store
from k20kg.vocabulary import BASE, K20
from k20kg.web.pages import Site, queries

GOAL = "which-role-groups-have-no-mark-for-a-goal"
NOBODY_HAS = {"iri": "case/no-such-thing", "integer": "98765", "string": "no such text"}
EVERY = [(query, parameter) for query in list_queries() for parameter in query.parameters]


@pytest.mark.parametrize(("query", "parameter"), EVERY, ids=lambda one: one.name)
def test_every_parameter_knows_its_values(query: Query, parameter: QueryParameter) -> None:
    assert parameter.default is not None
    check(query, {parameter.name: parameter.default}, store())
    known = list_values(query, parameter, store())
    assert not known or parameter.default in known
    assert known or parameter.name in ("line", "number"), "only a range has no list"
    if parameter.type != "boolean":
        with pytest.raises(NoSuchValueError, match="in the data"):
            check(query, {parameter.name: NOBODY_HAS[parameter.type]}, store())
    for value in known[:: max(1, len(known) // 3)]:
        settings = {parameter.name: value}
        check(query, settings, store())
        answer(store(), query.bound(settings))
        title = heading(query, settings, store())
        assert (title == query.summary) == (value == parameter.default)
        assert "{" not in title


@pytest.mark.parametrize(
    ("name", "settings", "title"),
    [
        (GOAL, {}, "Which role groups have no X for goal 9?"),
        (GOAL, {"goal": "09"}, "Which role groups have no X for goal 9?"),
        (GOAL, {"goal": "+3"}, "Which role groups have no X for goal 3?"),
        (
            "how-is-work-distributed",
            {"case": f"{BASE}case/lamsig"},
            "Who of which sector does what in each task (Q4)?",
        ),
        (GOAL, {"goal": "3"}, "Which role groups have no X for goal 3?"),
        (
            "how-many-goals-are-marked-for-so-many-role-groups",
            {"groups": "4"},
            "How many goals are marked for exactly 4 of the groups?",
        ),
        (
            "which-tasks-have-an-interdependency",
            {"type": "k20:Pooled"},
            "Which tasks have pooled interdependency in Chart 6?",
        ),
        (
            "who-took-which-part-in-a-task",
            {"role": "k20:Leads", "case": "case/full-partnership"},
            "Who took the part “leads”, and in what? (case: Full partnership (made up))",
        ),
        (
            "which-records-rest-on-a-line",
            {"line": "20"},
            "Which records of the case rest on line 20 of the paper?",
        ),
        (
            "who-cites-a-work-and-what-for",
            {"thing": "work/amaldoss-meyer-2000"},
            "Who cites Amaldoss & Meyer 2000, and what for?",
        ),
        (
            "what-share-of-chart-4-comes-from-an-organization",
            {"firm": "organization/csun"},
            "What share of the Chart 4 total comes from California State University, Northridge?",
        ),
    ],
)
def test_a_heading_says_what_was_asked(name: str, settings: dict[str, str], title: str) -> None:
    assert heading(find_query(name), settings, store()) == title


def test_the_command_line_says_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["query", GOAL, "--set", "goal=3"]) == 0
    assert capsys.readouterr().out.startswith("Which role groups have no X for goal 3?\n")
    assert main(["query", GOAL, "--set", "goal=11"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "there is no goal 11 in the data; say one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10" in said.err
    assert main(["query", "which-records-rest-on-a-line", "--set", "line=98765"]) == 2
    assert "there is no line 98765" in capsys.readouterr().err


OWN = f"""@prefix k20: <{K20}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<{BASE}case/own> a k20:CandidateGroup ; rdfs:label "Ours"@en .
"""


def test_own_data_have_their_own_values_and_the_vocabulary_s(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(OWN, encoding="utf-8")
    name = "who-took-which-part-in-a-task"
    here = ["query", name, "--data", str(path)]
    assert main([*here, "--set", "case=case/own", "--set", "role=k20:Leads"]) == 0
    assert "(case: Ours)" in capsys.readouterr().out
    assert main(here) == 0
    assert "there is no case case/lamsig in the data; say --set case=…" in capsys.readouterr().err
    assert main([*here, "--set", "case=case/lamsig"]) == 2
    assert "say one of case/own" in capsys.readouterr().err
    assert main([*here, "--set", "role=k20:Laeds"]) == 2
    assert main(["load", str(path), "--store", str(tmp_path / "store")]) == 0
    stored = ["query", name, "--store", str(tmp_path / "store"), "--set"]
    assert main([*stored, "case=case/own"]) == 0
    assert main([*stored, "case=case/none"]) == 2


def test_the_page_of_a_question_is_headed_by_what_was_asked(site: Site) -> None:
    query = find_query(GOAL)
    found = answer(Store(site.dataset.store), query.bound({"goal": "3"}))
    page = queries.result(site, query, {"goal": "3"}, found)
    assert "goal 9" not in page.partition("Close by")[0]
    assert '<h1 class="question">Which role groups have no X for goal 3?</h1>' in page


@pytest.mark.parametrize(
    "head", ["nobody: ?x a ?y", "x: ?z a ?y", "x ?x a ?y"], ids=["unknown", "unused", "no colon"]
)
def test_a_wrong_pattern_in_a_head_is_told(head: str) -> None:
    text = f"#+ parameters: x iri k20:Task\n#+ values: {head}\nASK {{ ?s a ?x }}"
    with pytest.raises(InputError, match="there are values"):
        parse_text(text, "mine.rq")
