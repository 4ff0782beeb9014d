"""Pages on cases and definitions: well formed, linked, and true to the graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

pytest.importorskip("jinja2")

from markupsafe import escape
from page_checks import INDEX, Page

from k20kg.errors import UsageError
from k20kg.judging.as_of import Calendar
from k20kg.judging.judge import Judge
from k20kg.judging.timeline import banded, timeline
from k20kg.query.named_queries import find_query
from k20kg.query.store import Store
from k20kg.vocabulary import BASE
from k20kg.web import pages
from k20kg.web.dataset import Dataset, merged, open_dataset
from k20kg.web.linkeddata import describe
from k20kg.web.pages import (
    Links,
    Site,
    about,
    case,
    cases,
    definition,
    facts,
    figures,
    findings,
    history,
    home,
)
from k20kg.web.pages.rows import Answered, ask, column, where
from k20kg.web.pages.terms import names_of

LAMSIG = BASE + "case/lamsig"
DOCUMENTS = {
    "", "cases", "judge", "literature", "ontology", "shapes", "queries", "sparql", "about", "void",
    "dump/",
}  # fmt: skip
SVG_LEAVES = {"path", "rect", "circle", "use", "line"}


def every_page(site: Site) -> Iterator[tuple[str, str]]:
    yield "home", home.page(site)
    yield "about", about.page(site)
    for found in facts.definitions_of():
        yield found.id, definition.page(site, found.iri)
    for given in cases.variants():
        yield f"cases {given}", cases.page(site, given.get("reading"), given.get("definition"))
    for iri in facts.cases_of(site.dataset):
        yield iri, case.page(site, iri)


@pytest.fixture(scope="module")
def rendered(site: Site) -> dict[str, str]:
    return dict(every_page(site))


# ---------------------------------------------------------------- every page


def test_there_is_a_page_for_every_case_definition_and_view(rendered: dict[str, str]) -> None:
    assert len(rendered) > 40
    assert LAMSIG in rendered
    assert sum(name.startswith(BASE) for name in rendered) >= 27


def test_pages_are_well_formed(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        page = Page(text)
        assert text.startswith('<!doctype html>\n<html lang="en">'), name
        doubled = {i for i in page.ids if page.ids.count(i) > 1}
        assert not doubled, (name, doubled)
        assert "{{" not in re.sub(r"(?s)<pre.*?</pre>", "", text), name


def test_pages_can_be_found_one_s_way_in(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        page = Page(text)
        assert len(page.of("h1")) == len(page.of("main")) == 1, name
        assert page.of("main")[0]["id"] == "main", name
        assert ("a", {"class": "skip", "href": "#main"}) in page.elements, name
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
        # The foot begins anew; what stands before it goes down one step at a time.
        steps = [(a, b) for a, b in pairwise(levels) if b > a + 1]
        assert not steps, (name, steps)
        assert len(page.of("caption")) == len(page.of("table")), name
        for attrs in page.of("svg"):
            assert (
                attrs.get("aria-hidden") == "true" or attrs.get("role") == "img" or ("x" in attrs)
            ), (name, attrs)
        for _, attrs in page.elements:
            for reference in ("aria-labelledby", "aria-describedby"):
                for target in attrs.get(reference, "").split():
                    assert target in page.ids, (name, target)


def test_pages_obey_their_security_policy(rendered: dict[str, str]) -> None:
    for name, text in rendered.items():
        for tag, attrs in Page(text).elements:
            assert "style" not in attrs, (name, tag)
            assert not [a for a in attrs if a.startswith("on")], (name, tag)
            assert tag not in {"style", "iframe", "object", "embed", "base", "img"}, (name, tag)
            if tag == "script":
                assert attrs.get("type") == "application/ld+json", name
            if tag == "link" and attrs["rel"] == "stylesheet":
                assert attrs["href"].startswith("/static/"), (name, attrs)
            if tag == "use":
                assert attrs["href"].startswith("#"), (name, attrs)
            for place in ("src", "srcset", "action", "formaction", "poster", "data"):
                assert place not in attrs, (name, tag)


def test_every_link_leads_somewhere(rendered: dict[str, str], dataset: Dataset) -> None:
    ids = {name: set(Page(text).ids) for name, text in rendered.items()}
    seen = 0
    known: dict[str, bool] = {}
    for name, text in rendered.items():
        for tag, attrs in Page(text).elements:
            href = attrs.get("href", "")
            if tag not in {"a", "link"} or not href:
                continue
            seen += 1
            if href.startswith("#"):
                assert href[1:] in ids[name], (name, href)
            elif href.startswith("/"):
                if href not in known:
                    known[href] = leads_somewhere(href, dataset)
                assert known[href], (name, href)
            else:
                assert href.startswith("https://"), (name, href)
    assert seen > 3000


def leads_somewhere(href: str, dataset: Dataset) -> bool:
    parts = urlsplit(href)
    path = unquote(parts.path).removeprefix("/")
    given = dict(parse_qsl(parts.query))
    if path == "cases":
        wanted = {key: value for key, value in given.items() if value}
        return not wanted or wanted in cases.variants()
    if path in DOCUMENTS:
        target = BASE + path + (f"#{parts.fragment}" if parts.fragment else "")
        return not parts.fragment or path == "cases" or describe.exists(dataset, target)
    if INDEX.fullmatch(path):
        return True
    if path.startswith("static/"):
        return (Path(pages.__file__).parent.parent / path).is_file()
    if path.startswith("query/"):
        name = path.removeprefix("query/").removesuffix(".csv")
        return bool(find_query(name).bound(given))
    iri = BASE + path
    found = re.fullmatch(r"(?:doc/)?(.+)\.(ttl|nt|jsonld|rdf|trig|nq)", path)
    if found and not describe.exists(dataset, iri):
        return describe.exists(dataset, BASE + found[1])
    if parts.fragment and path.startswith("definition/"):
        meant = next(d for d in facts.definitions_of() if d.iri == iri)
        anchors = {"steps", "crits", "readings", "rule", "aside", "rivals", "reuse"}
        return parts.fragment in anchors | {c.id for c in meant.criteria}
    return describe.exists(dataset, iri)


def test_a_page_is_the_same_whenever_it_is_made(dataset: Dataset) -> None:
    for caches in (case._model, cases._model, definition._model):
        caches.cache_clear()
    facts.judged.cache_clear()
    once = dict(every_page(Site(dataset)))
    again = open_dataset()
    assert dict(every_page(Site(again))) == once


def test_a_static_site_links_to_files_below_its_root(dataset: Dataset) -> None:
    site = Site(dataset, Links("/k20kg", static_site=True), live=False)
    for name, text in every_page(site):
        for tag, attrs in Page(text).elements:
            href = attrs.get("href", "")
            if tag in {"a", "link"} and href.startswith("/"):
                path = urlsplit(href).path
                assert path.startswith("/k20kg/"), (name, href)
                assert path.endswith("/") or "." in path.rsplit("/", 1)[-1], (name, href)
                assert "/judge" not in path, name
                assert "/sparql" not in path, name


# ---------------------------------------------------------------- what the pages say


# ---------------------------------------------------------------- what the pages say


def test_the_verdicts_shown_are_those_of_the_judge(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    for iri in facts.cases_of(dataset):
        judged = facts.judged(dataset, iri)
        assert judged.assessments, judged.fault
        for one in judged.assessments:
            assert f"<span>{one.words[:1].upper()}{one.words[1:]}</span>" in rendered[iri], iri
        strips = re.findall(r'<ol class="strip".*?</ol>', rendered[iri], re.S)
        shown = [re.findall(r'href="#([a-z0-9-]+)">.*?: ([a-z ]+)</span>', s) for s in strips]
        assert shown == [
            [(f.criterion.id, f.verdict.value) for f in one.findings] for one in judged.assessments
        ], iri


def test_all_evidence_stands_behind_its_criterion(
    rendered: dict[str, str], dataset: Dataset
) -> None:
    for one in facts.judged(dataset, LAMSIG).assessments:
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
    made_up = [iri for iri in facts.cases_of(dataset) if facts.judged(dataset, iri).synthetic]
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
        for figure in re.finditer(r"<figure>.*?</figure>\s*(<details>.*?</details>)?", text, re.S):
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
    """What no shape asks about is left out of the snapshots: the verdicts are the same."""
    judge = Judge(evidence=False)
    found = facts.definitions_of()[0]
    names = {reading.iri: reading.id for reading in found.readings}
    dated = 0
    for iri in facts.cases_of(dataset):
        whole = facts.case_of(dataset, iri)
        slim = Calendar(history._slim(whole, found))
        if not slim.turns():
            continue
        dated += 1
        lanes = list(history._lanes(slim, found, names))
        expected = {
            track.reading.id: [
                (s.begin, s.end, s.verdict, maybe) for s, maybe in banded(track.spans, track.may_be)
            ]
            for track in timeline(whole, judge).tracks
            if track.criterion is None
        }
        assert {
            lane.name: [(s.begin, s.end, s.verdict, "may be" in s.words) for s in lane.stretches]
            for lane in lanes
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
        cases.page(site, "strict")
    with pytest.raises(UsageError, match="no definition"):
        cases.page(site, None, "mine")
    with pytest.raises(KeyError):
        case.page(site, BASE + "case/nobody")


def test_no_case_criterion_or_figure_stands_in_code_or_templates(dataset: Dataset) -> None:
    folder = Path(pages.__file__).parent.parent
    mine = [
        folder / "templates" / f"{n}.html"
        for n in ("base", "home", "definition", "cases", "case", "findings", "about", "figures")
    ]
    mine += [
        Path(m.__file__)
        for m in (home, case, cases, findings, definition, about, history, facts, figures)
    ]
    assert len(mine) > 15
    names = {c.id for d in facts.definitions_of() for c in d.criteria if "-" in c.id}
    names |= {c.label for d in facts.definitions_of() for c in d.criteria}
    names |= {iri.rsplit("/", 1)[-1] for iri in facts.cases_of(dataset)} - {"lamsig"}
    for path in mine:
        text = re.sub(r'(?s)""".*?"""', "", path.read_text(encoding="utf-8"))
        for name in (*names, "lamsig", "Clifford", "Millar", "SCALE"):
            assert name not in text, (path.name, name)
