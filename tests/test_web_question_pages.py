"""Pages on questions, the console and errors: complete, linked, inert."""

from __future__ import annotations

import re

import pytest
from page_checks import HOSTILE, check

from k20kg.errors import K20Error, UsageError
from k20kg.sparql.named_queries import find_query
from k20kg.sparql.sparql import AskResult, Rows, Triples, answer
from k20kg.sparql.store import Store
from k20kg.vocabulary import BASE
from k20kg.web.pages import Site, front, queries
from k20kg.web.pages.answers import marked_lines

# ---------------------------------------------------------------- questions and console


def test_every_saved_question_has_a_page_with_its_answer(site: Site) -> None:
    store = Store(site.dataset.store)
    charts = 0
    for query in queries.catalogue():
        text = queries.result(site, query, {}, answer(store, query.bound({})))
        check(text, site)
        charts += "chart bars" in text
        assert f"{BASE}query/{query.name}" in text
    assert charts > 10


def test_the_list_of_questions_names_them_all(site: Site) -> None:
    page = check(queries.listing(site), site)
    for query in queries.catalogue():
        assert site.links.query(query.name) in page.links
        assert {"format", "page"}.isdisjoint(p.name for p in query.parameters)  # the site's own


def test_the_list_of_questions_is_folded_by_subject(site: Site) -> None:
    text = queries.listing(site)
    folds = re.findall(r'<details class="fold">.*?</details>', text, re.DOTALL)
    assert 15 < len(folds) < 40
    assert sum(fold.count("<li ") for fold in folds) == len(queries.catalogue())
    query = find_query("which-listed-work-is-cited-most-often")
    page = queries.result(site, query, {}, None)
    assert '<a href="/queries#CQ071">Citations</a>' in page
    (fold,) = (fold for fold in folds if 'id="CQ071"' in fold)
    assert ">Citations</h3>" in fold


def test_a_parameter_is_chosen_and_cited(site: Site) -> None:
    query = find_query("which-events-have-no-date")
    values = {"case": "case/equal-partners"}
    found = answer(Store(site.dataset.store), query.bound(values))
    text = queries.result(site, query, values, found)
    check(text, site)
    assert '<option value="case/equal-partners" selected>' in text
    assert f"{BASE}query/{query.name}?case=case/equal-partners" in text
    assert f"/query/{query.name}.csv?case=case/equal-partners" in text


def test_a_wrong_parameter_is_told_on_the_page(site: Site) -> None:
    query = find_query("which-role-groups-have-no-mark-for-a-goal")
    with pytest.raises(UsageError) as caught:
        query.bound({"goal": "<b>nine"})
    text = queries.result(site, query, {"goal": "<b>nine"}, None, caught.value)
    check(text, site)
    assert "whole number" in text
    assert "<b>" not in text


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("SELECT ?c (COUNT(*) AS ?n) WHERE { ?x a ?c } GROUP BY ?c LIMIT 9", "chart bars"),
        (f"DESCRIBE <{BASE}case/lamsig/goal/5>", "chart links"),
        ("ASK { ?s ?p ?o }", "Yes."),
        ("SELECT ?s WHERE { ?s a <urn:none> }", "Nothing in the data answers"),
    ],
)
def test_the_console_shows_what_fits_the_answer(site: Site, text: str, sign: str) -> None:
    found = answer(Store(site.dataset.store), text)
    assert isinstance(found, Rows | AskResult | Triples)
    page = queries.console(site, text, found)
    check(page, site)
    assert sign in page
    assert "format=" in page


def test_the_console_points_at_the_place_of_a_fault(site: Site) -> None:
    text = "SELECT ?c\nWHERE { ?x a ?c . FILTR(?c) }"
    with pytest.raises(K20Error) as caught:
        answer(Store(site.dataset.store), text)
    page = queries.console(site, text, error=caught.value)
    check(page, site)
    assert "Line 2, column" in page
    assert "<mark>" in page
    assert 'data-line="2"' in page


def test_the_console_opens_with_a_question_that_has_an_answer(site: Site) -> None:
    check(queries.console(site), site)
    found = answer(Store(site.dataset.store), queries.START)
    assert isinstance(found, Rows)
    assert found.rows


def test_highlighting_changes_no_character() -> None:
    for query in queries.catalogue():
        plain = re.sub(r"<[^>]+>", "", "\n".join(marked_lines(query.text)))
        plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
        assert plain.replace("&#39;", "'").replace("&amp;", "&") == query.text


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("status", [400, 404, 405, 406, 413, 415, 422, 429, 500, 503, 418])
def test_every_status_has_a_page_that_says_what_to_do(site: Site, status: int) -> None:
    text = front.error(site, status, f"it is {HOSTILE}", "/where/it/was", "do this")
    check(text, site)
    assert f"Status {status}" in text
    assert "Do this" in text


def test_a_page_that_is_not_there_suggests_what_was_meant(site: Site) -> None:
    assert front.suggest(site, "/work/goodlad-1990")[0][0] == "/work/goodlad-1991"
    assert front.suggest(site, "/case/lamsgi/gaol/5")[0][0] == "/case/lamsig/goal/5"
    assert front.suggest(site, "/doc/organization/lasud.ttl")[0][0] == "/organization/lausd"
    assert ("/cases") in [to for to, _ in front.suggest(site, "/case")]
    assert front.suggest(site, "/" + "a/" * 5000) == []
    assert front.suggest(site, "/<script>") == []
