"""Pages on things, literature and ontology: complete, linked, inert."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from page_checks import HOSTILE, Inspected, check

from k20kg.sparql.named_queries import find_query
from k20kg.sparql.sparql import Rows, answer
from k20kg.sparql.store import Store
from k20kg.vocabulary import BASE, K20, KS, RDF_TYPE
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.http.responses import RefusalError
from k20kg.web.pages import Links, Site, front, ontology, queries
from k20kg.web.pages import resource as resources
from k20kg.web.pages.names import names_of


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
    link = re.search(r'href="/query/([a-z-]+)\?thing=([^"]+)">List all', text)
    assert link
    found = answer(Store(site.dataset.store), find_query(link[1]).bound({"thing": link[2]}))
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
    found = [iri for iri in names.of_type(K20 + "University") if names.all(iri, "rorId")]
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
    check(front.literature(below, {}), below)
    check(queries.listing(below), below)


def test_a_static_site_leads_to_files_and_to_no_form(dataset: Dataset) -> None:
    static = Site(dataset, Links(static_site=True), live=False)
    query = find_query("which-works-are-criticised")
    found = answer(Store(dataset.store), query.bound({}))
    for text in (
        resources.page(static, BASE + "work/goodlad-1991"),
        front.literature(static, {}),
        queries.listing(static),
        queries.result(static, query, {}, found),
    ):
        page = Inspected(text)
        assert not page.fields
        for link in page.links:
            path = urlsplit(link)
            assert path.scheme or not path.path.startswith("/sparql"), link
            assert path.scheme or not path.query, link


# ---------------------------------------------------------------- literature and ontology


# ---------------------------------------------------------------- literature and ontology


def test_the_literature_is_all_there(site: Site) -> None:
    text = front.literature(site, {})
    parts = "works patterns questions definitions fields unlisted possible citations apart saved"
    assert [one for one in check(text, site).ids if one in parts.split()] == parts.split()
    facts = names_of(site.dataset)
    listed = text + front.literature(site, {"page": "2"}) + front.literature(site, {"page": "3"})
    for kind in ("Work", "PossibleWork", "DefinitionPattern", "ReviewQuestion", "Citation"):
        members = facts.of_type(K20 + kind)
        assert members
        for iri in members:
            assert f'href="{site.links.page(iri)}"' in listed, iri
    assert "The paper lists 98 works and cites 6 more" in text
    assert "99 citations" in text


def test_every_term_of_the_ontology_has_an_entry_at_its_fragment(site: Site) -> None:
    page = check(ontology.page(site), site)
    terms = {iri.removeprefix(K20) for iri in names_of(site.dataset).ours if iri.startswith(K20)}
    assert len(terms) > 400
    assert terms <= set(page.ids), sorted(terms - set(page.ids))[:20]


def test_a_term_says_what_it_is_where_it_comes_from_and_where_it_is_used(site: Site) -> None:
    text = ontology.term(site, "benefitFrom")
    check(text, site)
    for words in ("Leads from", "Leads to", "Source", "times in the cases; for example"):
        assert words in text
    assert "org:FormalOrganization" in ontology.term(site, "Firm")
    with pytest.raises(RefusalError, match="no such term"):
        ontology.term(site, "nothing")


def test_every_ontology_document_and_version_has_a_page(site: Site) -> None:
    facts = names_of(site.dataset)
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
    shapes = {i.removeprefix(KS) for i in names_of(site.dataset).ours if i.startswith(KS)}
    assert len(shapes) > 300
    assert shapes <= set(page.ids)
    text = ontology.shapes_of(site, "clifford-millar-2007", "joint-work")
    of_joint_work = {one for one in check(text, site).ids if one in shapes}
    assert len(of_joint_work) > 3
    for name in of_joint_work:
        check(ontology.shape(site, name), site)


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
        page = Inspected(text)
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "\x1b" not in text
        assert not page.inline
        assert not page.handlers
        assert not any(link.startswith(("javascript:", "data:")) for link in page.links)
    text = front.literature(spoiled, {})
    assert "<script>alert" not in text
    query = f"SELECT ?s ?o WHERE {{ <{BASE}work/evil> ?s ?o }}"
    found = answer(Store(spoiled.dataset.store), query)
    text = queries.console(spoiled, query + f" # {HOSTILE}", found)
    assert "<script>alert" not in text
    assert not any(link.startswith(("javascript:", "data:")) for link in Inspected(text).links)
