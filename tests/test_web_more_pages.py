"""Pages on things, literature, ontology, queries, judging, errors: complete, linked, inert."""

from __future__ import annotations

import pickle
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pyoxigraph as ox
import pytest

from k20kg.errors import K20Error, UsageError
from k20kg.query.catalogue import find_query
from k20kg.query.sparql import Rows, Triples, Truth, answer
from k20kg.query.store import Store
from k20kg.vocabulary import BASE, K20, KS, RDF_TYPE, packaged
from k20kg.web import things
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.pages import Links, Site, console, errors, judge, literature, ontology, queries
from k20kg.web.pages import resource as resources
from k20kg.web.pages.highlight import markup
from k20kg.web.pages.terms import names_of

HOSTILE = "<script>alert(1)</script>\"'&\u202e\x1b[31m"
_PATHS = {
    *("", "cases", "judge", "literature", "ontology", "shapes", "queries", "sparql", "about"),
    *("dump/", "definition"),
}


class _Page(HTMLParser):
    """What a page holds that could do harm or lead astray."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.handlers: list[str] = []
        self.inline: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[str] = []
        self.headings: list[int] = []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._open = tag
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "label" and "for" in given:
            self.labels.add(given["for"])
        out_of_sight = "hidden" in given or given.get("type") == "hidden"
        if tag in ("input", "select", "textarea") and not out_of_sight:
            self.fields.append(given.get("id", ""))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name in ("src", "srcset", "poster", "data"):
            if name in given and not name.startswith("data-"):
                self.loaded.append(given[name])
        if tag == "link" and given.get("rel") == "stylesheet":
            self.loaded.append(given["href"])
        if tag == "script" and "src" not in given and given.get("type") != "application/ld+json":
            self.inline.append(tag)
        if tag == "style" or "style" in given:
            self.inline.append(tag)
        self.handlers += [name for name in given if name.startswith("on")]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return open_dataset()


@pytest.fixture(scope="module")
def site(dataset: Dataset) -> Site:
    return Site(dataset)


def check(text: str, site: Site) -> _Page:
    """Return a page after the checks that hold for all."""
    page = _Page(text)
    assert text.startswith("<!doctype html>")
    assert not page.inline
    assert not page.handlers
    assert all(one.startswith(f"{site.links.root}/static/") for one in page.loaded), page.loaded
    assert len(page.ids) == len(set(page.ids)), sorted(
        one for one in set(page.ids) if page.ids.count(one) > 1
    )
    assert page.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(page.headings))
    assert set(page.fields) <= page.labels, set(page.fields) - page.labels
    assert "\x1b" not in text
    assert "\u202e" not in text
    for link in page.links:
        check_link(link, page, site)
    return page


def check_link(link: str, page: _Page, site: Site) -> None:
    """Fail for a link to an address that we do not have."""
    parts = urlsplit(link)
    if parts.scheme:
        assert parts.scheme in ("http", "https"), link
        return
    path = unquote(parts.path)
    if not path:
        assert unquote(parts.fragment) in page.ids, link
        return
    assert path.startswith(f"{site.links.root}/"), link
    path = path.removeprefix(f"{site.links.root}/")
    if path in _PATHS or path.startswith("static/"):
        if parts.fragment and path in ("ontology", "shapes"):
            assert things.exists(site.dataset, f"{BASE}{path}#{unquote(parts.fragment)}"), link
        return
    if path.startswith("query/"):
        name = path.removeprefix("query/").partition(".")[0]
        find_query(name).bound({k: v[0] for k, v in parse_qs(parts.query).items() if k != "format"})
        return
    bare = re.sub(r"\.(html|ttl|nt|jsonld|rdf|trig|nq)$", "", path.removeprefix("doc/"))
    found = (bare, path.removeprefix("doc/"))
    assert any(things.exists(site.dataset, BASE + one) for one in found), link


def _sample(dataset: Dataset) -> list[str]:
    """Return a few things of each class, the first, middle and last by address."""
    by_class: dict[str, set[str]] = {}
    typed = ox.NamedNode(RDF_TYPE)
    for quad in dataset.store.quads_for_pattern(None, typed, None, None):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            iri = quad.subject.value
            if iri.startswith(BASE) and "#" not in iri:
                by_class.setdefault(quad.object.value, set()).add(iri)
    assert len(by_class) > 50
    chosen: set[str] = set()
    for members in by_class.values():
        ordered = sorted(members)
        chosen |= {ordered[0], ordered[len(ordered) // 2], ordered[-1]}
    return sorted(chosen)


# ---------------------------------------------------------------- things


def test_every_kind_of_thing_has_a_page_whose_links_lead_somewhere(site: Site) -> None:
    sample = _sample(site.dataset)
    assert len(sample) > 120
    for iri in sample:
        page = check(resources.page(site, iri), site)
        assert page.ids, iri


def test_a_record_shows_who_says_it_and_where(site: Site) -> None:
    text = resources.page(site, BASE + "case/lamsig/goal/5")
    assert "6.1, Chart 3, row 5, line 307" in text
    assert "interview" in text
    assert "Goal 5, CSU faculty: all interviewed named it" in text
    assert f'href="{site.links.page(K20 + "Goal")}"' in text


def test_many_referrers_are_counted_and_led_to_by_a_query(site: Site) -> None:
    text = resources.page(site, BASE + "source/paper")
    assert re.search(r"List all \d{3,}", text)
    query = re.search(r'href="/sparql\?query=([^"]+)">List all', text)
    assert query
    found = answer(Store(site.dataset.store), unquote(query[1].replace("+", " ")))
    assert isinstance(found, Rows)
    assert len(found.rows) > 8


def test_a_work_shows_its_record_its_citations_and_its_irregularities(site: Site) -> None:
    text = resources.page(site, BASE + "work/goodlad-1991")
    for words in ("Goodlad, J. I.", "The Education Digest", "critiques", "includes quotation from"):
        assert words in text
    assert "@article{goodlad-1991" in text
    assert "Who cites it" in text
    assert "Notes on it" in text


def test_identifiers_are_links_to_their_registers(site: Site) -> None:
    names = names_of(site.dataset)
    found = [
        iri for iri in names.facts.of_type(K20 + "University") if names.facts.all(iri, "rorId")
    ]
    assert found
    assert 'href="https://ror.org/' in resources.page(site, found[0])


def test_an_address_of_which_nothing_is_said_says_so(site: Site) -> None:
    assert "Nothing is said of it" in resources.page(site, BASE + "case/nobody/knows")


def test_pages_are_the_same_each_time(site: Site) -> None:
    iri = BASE + "organization/lausd"
    assert resources.page(site, iri) == resources.page(Site(site.dataset), iri)
    assert ontology.page(site) == ontology.page(Site(site.dataset))


def test_a_prefix_of_paths_goes_before_every_link(dataset: Dataset) -> None:
    below = Site(dataset, Links("/k20kg"))
    check(resources.page(below, BASE + "work/goodlad-1991"), below)
    check(literature.page(below), below)
    check(queries.listing(below), below)


def test_a_static_site_leads_to_files_and_to_no_form(dataset: Dataset) -> None:
    static = Site(dataset, Links(static_site=True), live=False)
    query = find_query("which-works-are-criticised")
    found = answer(Store(dataset.store), query.bound({}))
    for text in (
        resources.page(static, BASE + "work/goodlad-1991"),
        literature.page(static),
        queries.listing(static),
        queries.result(static, query, {}, found),
    ):
        page = _Page(text)
        assert not page.fields
        for link in page.links:
            path = urlsplit(link)
            assert path.scheme or not path.path.startswith("/sparql"), link
            assert path.scheme or not path.query, link


# ---------------------------------------------------------------- literature and ontology


def test_the_literature_is_all_there(site: Site) -> None:
    text = literature.page(site)
    check(text, site)
    facts = names_of(site.dataset).facts
    for kind in ("Work", "PossibleWork", "DefinitionPattern", "ReviewQuestion", "Citation"):
        members = facts.of_type(K20 + kind)
        assert members
        for iri in members:
            assert f'href="{site.links.page(iri)}"' in text, iri
    assert "The paper lists 98 works and cites 6 more" in text
    assert "99 citations" in text


def test_every_term_of_the_ontology_has_an_entry_at_its_fragment(site: Site) -> None:
    page = check(ontology.page(site), site)
    terms = {
        iri.removeprefix(K20) for iri in names_of(site.dataset).subjects if iri.startswith(K20)
    }
    assert len(terms) > 400
    assert terms <= set(page.ids), sorted(terms - set(page.ids))[:20]


def test_a_term_says_what_it_is_where_it_comes_from_and_where_it_is_used(site: Site) -> None:
    text = ontology.page(site)
    entry = text[text.index('id="benefitFrom"') :].partition("</article>")[0]
    for words in ("Leads from", "Leads to", "Source", "times in the cases; for example"):
        assert words in entry
    entry = text[text.index('id="Firm"') :].partition("</article>")[0]
    assert "org:FormalOrganization" in entry


def test_every_ontology_document_and_version_has_a_page(site: Site) -> None:
    facts = names_of(site.dataset).facts
    owl = "http://www.w3.org/2002/07/owl#"
    documents = facts.of_type(owl + "Ontology")
    assert len(documents) > 5
    for iri in documents:
        check(ontology.page(site, iri), site)
        for version in facts.values(iri, owl + "versionIRI"):
            assert ontology.page(site, version) == ontology.page(site, iri)
    assert "org:Membership" in ontology.page(site, BASE + "ontology/alignments/org")


def test_every_shape_has_an_entry_at_its_fragment(site: Site) -> None:
    page = check(ontology.shapes(site), site)
    shapes = {i.removeprefix(KS) for i in names_of(site.dataset).subjects if i.startswith(KS)}
    assert len(shapes) > 300
    assert shapes <= set(page.ids)


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


def test_a_parameter_is_chosen_and_cited(site: Site) -> None:
    query = find_query("which-events-have-no-date")
    values = {"case": "case/equal-partners"}
    found = answer(Store(site.dataset.store), query.bound(values))
    text = queries.result(site, query, values, found)
    check(text, site)
    assert '<option value="case/equal-partners" selected>' in text
    assert f"{BASE}query/{query.name}?case=case%2Fequal-partners" in text
    assert f"/query/{query.name}.csv?case=case%2Fequal-partners" in text


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
    assert isinstance(found, Rows | Truth | Triples)
    page = console.page(site, text, found)
    check(page, site)
    assert sign in page
    assert "format=" in page


def test_the_console_points_at_the_place_of_a_fault(site: Site) -> None:
    text = "SELECT ?c\nWHERE { ?x a ?c . FILTR(?c) }"
    with pytest.raises(K20Error) as caught:
        answer(Store(site.dataset.store), text)
    page = console.page(site, text, error=caught.value)
    check(page, site)
    assert "Line 2, column" in page
    assert "<mark>" in page
    assert 'data-line="2"' in page


def test_the_console_opens_with_a_question_that_has_an_answer(site: Site) -> None:
    check(console.page(site), site)
    found = answer(Store(site.dataset.store), console.START)
    assert isinstance(found, Rows)
    assert found.rows


def test_highlighting_changes_no_character() -> None:
    for query in queries.catalogue():
        plain = re.sub(r"<[^>]+>", "", markup(query.text))
        plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"')
        assert plain.replace("&#39;", "'").replace("&amp;", "&") == query.text


# ---------------------------------------------------------------- judging


def _record(name: str = "benefit-denied") -> bytes:
    return packaged("data", "counter-cases", f"{name}.ttl").read_bytes()


def test_a_record_that_is_sent_gets_a_report(site: Site) -> None:
    outcome = judge.assess(_record(), "mine.ttl")
    assert outcome.status == 200
    assert pickle.loads(pickle.dumps(outcome)) == outcome
    text = judge.report(site, outcome, _record().decode())
    check(text, site)
    assert "The nine criteria" in text
    assert "Made-up case" in text


def test_a_report_comes_in_other_formats() -> None:
    outcome = judge.assess(_record(), "mine.ttl", reading="literal")
    for key, _, media_type in judge.FORMATS[1:]:
        data, kind = judge.download(outcome, key)
        assert data
        assert kind.startswith(media_type)


def test_definition_reading_and_day_can_be_chosen() -> None:
    lamsig = packaged("data", "cases", "guie", "guie.ttl").read_bytes()
    outcome = judge.assess(lamsig, "guie.ttl", definition="goodlad-1991")
    assert {a.definition.id for a in outcome.assessments} == {"goodlad-1991"}
    outcome = judge.assess(_record(), "a.ttl", reading="literal", as_of="2006")
    assert [a.reading.id for a in outcome.assessments] == ["literal"]
    assert outcome.assessments[0].as_of
    assert judge.assess(_record(), "a.ttl", as_of="yesterday").status == 400
    assert judge.assess(_record(), "a.ttl", definition="/etc/passwd").status == 400
    assert judge.assess(_record(), "a.ttl", reading="no such").status == 400


def test_the_form_offers_all_that_can_be_chosen(site: Site) -> None:
    page = check(judge.form(site), site)
    assert {"file", "text", "definition", "reading", "as_of", "syntax", "format"} <= set(
        page.fields
    )
    samples = [link for link in page.links if link.startswith("/data/counter-cases/")]
    assert samples


_BOMB = '<!DOCTYPE r [<!ENTITY a "' + "x" * 3000 + '"><!ENTITY b "&a;&a;">]><rdf:RDF/>'
_OUTSIDE = '<!DOCTYPE r SYSTEM "file:///etc/passwd"><rdf:RDF/>'
_CONTEXT = '{"@context": "http://198.51.100.1/c.jsonld", "@id": "urn:x"}'


@pytest.mark.parametrize(
    ("data", "name", "status", "says"),
    [
        (b" \n", "a.ttl", 400, "nothing came in"),
        (b"<html><script>alert(1)</script></html>", "a.html", 415, "an HTML page"),
        (b"PK\x03\x04" + b"\0" * 100, "a.zip", 415, "ZIP"),
        (b"\x1f\x8b\x08" + b"\0" * 100, "a.ttl.gz", 415, "gzip"),
        (b"\x89PNG\r\n", "a.png", 415, "PNG"),
        (b"x" * (judge.MOST_BYTES + 1), "a.ttl", 413, "larger than 2 MiB"),
        (_BOMB.encode(), "a.rdf", 400, "grow without bound"),
        (_OUTSIDE.encode(), "a.rdf", 422, "nothing is fetched"),
        (_CONTEXT.encode(), "a.jsonld", 422, "have to be fetched"),
        (b"<urn:a> <urn:b> <urn:c> .", "a.ttl", 422, "no candidate group"),
        (_record()[:3000], "a.ttl", 400, "unexpected end"),
    ],
)
def test_what_cannot_be_judged_is_refused_with_a_reason(
    site: Site, data: bytes, name: str, status: int, says: str
) -> None:
    outcome = judge.assess(data, name)
    assert outcome.status == status, outcome
    assert says in outcome.what
    page = judge.report(site, outcome, data[:5000].decode("utf-8", "replace"))
    check(page, site)
    assert "could not be judged" in page
    assert "<script>" not in page


def test_faults_of_a_record_are_told_with_their_lines(site: Site) -> None:
    text = _record().decode().replace("k20:evidencedBy", "k20:evidencedBi", 2)
    outcome = judge.assess(text.encode(), "mine.ttl")
    assert outcome.status == 422
    assert len(outcome.faults) > 1
    assert all(re.match(r"mine\.ttl:\d+: ", fault) for fault in outcome.faults)
    page = judge.report(site, outcome, text)
    check(page, site)
    assert "did you mean k20:evidencedBy" in page


def test_a_hostile_record_makes_an_inert_page(site: Site) -> None:
    text = _record().decode()
    spoiled = re.sub(
        r'(rdfs:label|k20:statement|k20:locator) "[^"]*"',
        r'\1 "<script>alert(1)</script>‮\\u001B[31m javascript:alert(1)"',
        text,
    )
    spoiled = spoiled.replace("case/benefit-denied/", "case/x'><img src=x onerror=alert(1)>/")
    assert spoiled != text
    for record in (spoiled, spoiled.replace("x'><img src=x onerror=alert(1)>", "harm")):
        outcome = judge.assess(record.encode(), HOSTILE)
        page = judge.report(site, outcome, record)
        checked = check(page, site)
        assert "<script>alert" not in page
        assert "<img" not in page
        assert not any(link.startswith("javascript:") for link in checked.links)


def test_a_file_name_is_shown_short_and_without_its_folders() -> None:
    outcome = judge.assess(b"<urn:a", "../../etc/" + "a" * 500 + ".ttl")
    assert "/" not in outcome.where
    assert len(outcome.where) < 100


# ---------------------------------------------------------------- hostile data


def test_hostile_data_in_the_graph_make_inert_pages(tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    said = ox.Literal(HOSTILE)
    bad.write_text(
        f"@prefix k20: <{K20}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        f"<{BASE}work/evil> a k20:Work ; rdfs:label {said} ; rdfs:comment {said} ;\n"
        f"  rdfs:seeAlso <javascript:alert(1)> , <data:text/html,x> , <{BASE}case/'onx=> ;\n"
        f"  k20:rorId {said} ; k20:evidencedBy <{BASE}work/evil/e> .\n"
        f"<{BASE}work/evil/e> a k20:EvidenceItem ; k20:locator {said} ; k20:statement {said} .\n",
        encoding="utf-8",
    )
    spoiled = Site(open_dataset([bad]))
    for iri in (BASE + "work/evil", BASE + "work/evil/e"):
        text = resources.page(spoiled, iri)
        page = _Page(text)
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert not page.inline
        assert not page.handlers
        assert not any(link.startswith(("javascript:", "data:")) for link in page.links)
    text = literature.page(spoiled)
    assert "<script>alert" not in text
    query = f"SELECT ?s ?o WHERE {{ <{BASE}work/evil> ?s ?o }}"
    found = answer(Store(spoiled.dataset.store), query)
    text = console.page(spoiled, query + f" # {HOSTILE}", found)
    assert "<script>alert" not in text
    assert not any(link.startswith(("javascript:", "data:")) for link in _Page(text).links)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("status", [400, 404, 405, 406, 413, 415, 422, 429, 500, 503, 418])
def test_every_status_has_a_page_that_says_what_to_do(site: Site, status: int) -> None:
    text = errors.page(site, status, f"it is {HOSTILE}", "/where/it/was", "do this")
    check(text, site)
    assert f"Status {status}" in text
    assert "Do this" in text


def test_a_page_that_is_not_there_suggests_what_was_meant(site: Site) -> None:
    assert errors.suggest(site, "/work/goodlad-1990")[0][0] == "/work/goodlad-1991"
    assert errors.suggest(site, "/case/lamsgi/gaol/5")[0][0] == "/case/lamsig/goal/5"
    assert errors.suggest(site, "/doc/organization/lasud.ttl")[0][0] == "/organization/lausd"
    assert ("/cases") in [to for to, _ in errors.suggest(site, "/case")]
    assert errors.suggest(site, "/" + "a/" * 5000) == []
    assert errors.suggest(site, "/<script>") == []
