"""Pages on cases give the verdicts of the judge and the figures of the graph."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("jinja2")

from markupsafe import escape

from k20kg.errors import UsageError
from k20kg.judging.as_of import Calendar
from k20kg.judging.judge import Judge
from k20kg.judging.timeline import timeline, with_may_be
from k20kg.sparql.store import Store
from k20kg.vocabulary import BASE
from k20kg.web.dataset import Dataset, merged
from k20kg.web.pages import Links, Site, case, cases, history
from k20kg.web.pages.names import names_of
from k20kg.web.pages.rows import Answered, ask, column, where
from k20kg.web.pages.wording import reading_words

LAMSIG = BASE + "case/lamsig"


def test_the_verdicts_shown_are_those_of_the_judge(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    for iri in dataset.judged:
        judged = dataset.judged[iri]
        assert judged.assessments, judged.fault
        for one in judged.assessments:
            said = re.escape(f"{one.words[:1].upper()}{one.words[1:]}")
            years = r"(?:, (?:as of|since|until) \d{4}(?:–\d\d(?:\d\d)?)?)?"
            assert re.search(f"<span>{said}{years}</span>", rendered[iri]), iri
        strips = re.findall(r'<ol class="strip".*?</ol>', rendered[iri], re.S)
        shown = [re.findall(r'href="#([a-z0-9-]+)">.*?: ([a-z ]+)</span>', s) for s in strips]
        assert shown == [
            [(f.criterion.id, f.verdict.value) for f in one.findings] for one in judged.assessments
        ], iri


def test_all_evidence_stands_behind_its_criterion(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    for one in dataset.judged[LAMSIG].assessments:
        for finding in one.findings:
            row = re.search(
                rf'<li id="{finding.criterion.id}">(.*?)\n</li>', rendered[LAMSIG], re.S
            )
            assert row
            for item in finding.evidence:
                assert escape(item.locator) in row[1], (finding.criterion.id, item.iri)
            for gap in finding.missing:
                assert escape(gap.statement) in row[1]


def test_made_up_cases_are_marked(rendered: dict[str, str], dataset: Dataset) -> None:
    made_up = [iri for iri, one in dataset.judged.items() if one.synthetic]
    assert len(made_up) >= 20
    for iri in made_up:
        assert "invented to try the criteria" in rendered[iri], iri
    assert "invented to try" not in rendered[LAMSIG]
    matrix = rendered["cases {}"]
    heading = matrix.index("Made up, and labelled so")
    first = re.search(r"<table.*?</table>", matrix, re.S)
    assert first
    for iri in made_up:
        assert matrix.index(f'href="/{iri.removeprefix(BASE)}"', first.start()) > heading, iri


def test_charts_without_data_are_left_out_with_a_sentence(rendered: dict[str, str]) -> None:
    thin = rendered[BASE + "case/guie"]
    assert "The record holds no goals by role group" in thin
    for anchor in ("goals", "benefits", "work", "people", "time"):
        assert f'<h2 id="{anchor}">' not in thin
        assert f'<h2 id="{anchor}">' in rendered[LAMSIG]


def test_every_picture_has_its_numbers_beside_it(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        for figure in re.finditer(
            r"<figure[^>]*>.*?</figure>\s*(<details>.*?</details>)?", text, re.S
        ):
            assert figure[1], name
            assert "<table" in figure[1], name


def asked(dataset: Dataset, name: str) -> Answered:
    return ask(dataset, name, case=LAMSIG)


def test_the_flows_are_those_of_the_graph(rendered: dict[str, str], dataset: Dataset) -> None:
    rows = Store(merged(dataset), merged=True).select(
        "SELECT ?from ?to (COUNT(DISTINCT ?s) AS ?n) "
        f"WHERE {{ <{LAMSIG}> k20:benefitStatement ?s . ?s k20:recipient ?to ; "
        "k20:benefitFrom ?from ; k20:stance k20:Affirms } "
        "GROUP BY ?from ?to"
    )
    names = names_of(dataset)
    assert len(rows.rows) > 10
    assert "Benefits ran both ways" in rendered[LAMSIG]
    for giver, taker, count in rows.rows:
        start = "Taking part in the group" if giver.value == LAMSIG else names.name(giver.value)
        told = f"{start} to {names.name(taker.value)}: {count.value}"
        assert f"<title>{escape(told)}</title>" in rendered[LAMSIG]


def test_the_goal_grid_is_that_of_the_graph(rendered: dict[str, str], dataset: Dataset) -> None:
    rows = Store(merged(dataset), merged=True).select(
        f"SELECT ?who (COUNT(?g) AS ?n) WHERE {{ <{LAMSIG}> k20:goalStatement ?s . "
        "?s k20:heldBy ?who ; k20:aboutGoal ?g ; k20:quantifier k20:AllInterviewed } GROUP BY ?who"
    )
    grid = re.search(r'<table class="grid-goals.*?</table>', rendered[LAMSIG], re.S)
    assert grid
    foot = re.search(r"<tfoot>.*?</tfoot>", grid[0], re.S)
    assert foot
    assert sorted(re.findall(r"<td>(\d+)</td>", foot[0])) == sorted(n.value for _, n in rows.rows)
    found = asked(dataset, "which-role-group-holds-which-goal").rows
    assert grid[0].count("mark-all") == len(where(found, all=True))
    shared = [row["shared"] for row in found]
    assert shared == sorted(shared, reverse=True)


def test_people_are_counted_as_the_graph_counts_them(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    rows = Store(merged(dataset), merged=True).select(
        "SELECT (SUM(?n) AS ?all) "
        f"WHERE {{ <{LAMSIG}> k20:participation ?p . ?p k20:headcount ?n }}"
    )
    found = asked(dataset, "who-took-part-by-role-and-organization").rows
    assert float(rows.rows[0][0].value) == sum(row["people"] for row in found)
    total = f"{float(rows.rows[0][0].value):g}"
    assert f'<td class="num"><strong>{total}</strong></td></tr></tfoot>' in rendered[LAMSIG]
    halves = sum(row["people"] % 1 > 0 for row in found)
    assert rendered[LAMSIG].count('class="dot-out"') == halves > 0


def test_who_works_with_whom_is_drawn_from_contributions(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    rows = Store(merged(dataset), merged=True).select(
        f"SELECT DISTINCT ?t ?who WHERE {{ <{LAMSIG}> k20:task ?t . "
        "?t k20:contribution/k20:contributor ?who }"
    )
    found = asked(dataset, "who-had-which-part-in-each-task").rows
    told = {(row["task"].iri, row["who"].iri) for row in found if row["who"]}
    assert told == {(t.value, w.value) for t, w in rows.rows}
    picture = re.search(r'<svg class="chart network".*?</svg>', rendered[LAMSIG], re.S)
    assert picture
    assert picture[0].count('class="tie') == len(told)


def test_under_a_table_stand_its_question_its_rows_and_its_address(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    name = "who-took-part-by-role-and-organization"
    for iri, given in ((LAMSIG, ""), (BASE + "case/full-partnership", "case/full-partnership")):
        tail = f"?case={given}" if given else ""
        assert f'href="/query/{name}{tail}"' in rendered[iri]
        assert f'href="/query/{name}.csv{tail}"' in rendered[iri]
        cite = f"{BASE}query/{name}?case={given or 'case/lamsig'}"
        assert f"<code>{cite}</code>" in rendered[iri]
    static = Site(dataset, Links(static_site=True), live=False)
    text = case.page(static, BASE + "case/full-partnership")
    assert f"{name}.csv" not in text, "a static site answers with the defaults only"
    assert f"{name}.csv" in case.page(static, LAMSIG)


def test_history_agrees_with_the_timeline_of_every_case(dataset: Dataset) -> None:
    judge = Judge(evidence=False)
    dated = 0
    for iri, one in dataset.judged.items():
        if not Calendar(one.case).turns():
            continue
        dated += 1
        expected = {
            reading_words(track.reading): [
                (s.begin, s.end, s.verdict, maybe)
                for s, maybe in with_may_be(track.spans, track.may_be)
            ]
            for track in timeline(one.case, judge).tracks
            if track.criterion is None
        }
        assert {
            lane.name: [(s.begin, s.end, s.verdict, "may be" in s.words) for s in lane.stretches]
            for lane in history.history_of(names_of(dataset), one)["lanes"]
        } == expected, iri
    assert dated > 20


def test_sources_that_disagree_stand_side_by_side(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    found = asked(dataset, "which-points-do-sources-tell-apart").rows
    assert found
    assert asked(dataset, "which-figures-of-a-case-differ").rows
    for note in column(found, "note"):
        sides = where(found, note=note)
        assert len(column(sides, "value")) > 1
        for row in sides:
            assert escape(row["value"]) in rendered[LAMSIG]
            locator = names_of(dataset).get(row["place"].iri, "locator")
            assert escape(locator) in rendered[LAMSIG]


def test_a_view_that_there_is_none_of_is_refused(site: Site) -> None:
    with pytest.raises(UsageError, match="no reading"):
        cases.page(site, {"reading": "strict"})
    with pytest.raises(UsageError, match="no definition"):
        cases.page(site, {"definition": "mine"})
    with pytest.raises(KeyError):
        case.page(site, BASE + "case/nobody")
