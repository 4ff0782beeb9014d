"""Records that try to do harm are shown, and do none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("jinja2")

from page_checks import Page

from k20kg.vocabulary import BASE
from k20kg.web.dataset import open_dataset
from k20kg.web.pages import Links, Site, case, cases, front
from k20kg.web.pages.wording import counted

HOSTILE = """
@prefix k20: <https://w3id.org/k20kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<https://w3id.org/k20kg/case/hostile> a k20:CandidateGroup ;
    rdfs:label "<script>alert(1)</script>\\u202Egnp\\u001B[31m \\"><img src=x onerror=x>"@en ;
    rdfs:comment "</script><svg onload=x>{{ 7*7 }}{% raw %}\\u2066 ]]> --> ' onmouseover='y"@en ;
    k20:membership <https://w3id.org/k20kg/case/hostile/m> ;
    k20:participation <https://w3id.org/k20kg/case/hostile/p> ;
    k20:goal <https://w3id.org/k20kg/case/hostile/g> ;
    k20:goalStatement <https://w3id.org/k20kg/case/hostile/gs> ;
    k20:benefitStatement <https://w3id.org/k20kg/case/hostile/b> ;
    k20:task <https://w3id.org/k20kg/case/hostile/t> ;
    k20:parentProject <javascript:alert(5)> , <data:text/html,x> , <vbscript:x> ;
    k20:formation <https://w3id.org/k20kg/case/hostile/f> ;
    k20:event <https://w3id.org/k20kg/case/hostile/e> .
<javascript:alert(5)> a k20:Project ; rdfs:label "project<b>"@en .
<data:text/html,x> a k20:Project ; rdfs:label "data<b>"@en .
<vbscript:x> a k20:Project ; rdfs:label "vb<b>"@en .
<https://w3id.org/k20kg/case/hostile/firm> a k20:K12SchoolDistrict ;
    rdfs:label "<i onclick=x>firm"@en .
<https://w3id.org/k20kg/case/hostile/m> a k20:FirmMembership ;
    k20:memberFirm <https://w3id.org/k20kg/case/hostile/firm> ; k20:evidencedBy <urn:e> .
<https://w3id.org/k20kg/case/hostile/r> a k20:RoleGroup ; rdfs:label "\\u202E<b>role</b>"@en ;
    k20:sector k20:K12Sector .
<https://w3id.org/k20kg/case/hostile/p> a k20:Participation ; rdfs:label "<u>p</u>"@en ;
    k20:participant <https://w3id.org/k20kg/case/hostile/r> ; k20:sector k20:K12Sector ;
    k20:onRoll true ; k20:routine true ; k20:headcount 99999.5 ; k20:evidencedBy <urn:e> .
<https://w3id.org/k20kg/case/hostile/g> a k20:Goal ; rdfs:label "</title></svg><script>"@en ;
    k20:evidencedBy <urn:e> .
<https://w3id.org/k20kg/case/hostile/gs> a k20:GoalStatement ;
    k20:aboutGoal <https://w3id.org/k20kg/case/hostile/g> ;
    k20:heldBy <https://w3id.org/k20kg/case/hostile/r> ; k20:quantifier k20:AllInterviewed ;
    k20:evidencedBy <urn:e> .
<https://w3id.org/k20kg/case/hostile/b> a k20:BenefitStatement ;
    k20:statedBy <https://w3id.org/k20kg/case/hostile/r> ;
    k20:recipient <https://w3id.org/k20kg/case/hostile/r> ;
    k20:benefitFrom <https://w3id.org/k20kg/case/hostile> ; k20:stance k20:Affirms ;
    k20:expectation k20:Expected ; k20:benefitScope k20:OwnOrganization ;
    k20:evidencedBy <urn:e> .
<https://w3id.org/k20kg/case/hostile/t> a k20:Task ; rdfs:label "</desc><script>task"@en ;
    k20:contribution <https://w3id.org/k20kg/case/hostile/c> ; k20:evidencedBy <urn:e> .
<https://w3id.org/k20kg/case/hostile/c> a k20:Contribution ; rdfs:label "<script>"@en ;
    k20:contributor <https://w3id.org/k20kg/case/hostile/p> ; k20:contributionRole k20:Leads ;
    k20:evidencedBy <urn:e> .
<https://w3id.org/k20kg/case/hostile/f> a k20:Formation ;
    k20:dateAsPrinted "<script>\\u2028"; k20:evidencedBy <urn:e> ;
    k20:earliestBegin "2005-01-01T00:00:00Z"^^xsd:dateTime .
<https://w3id.org/k20kg/case/hostile/e> a k20:Event ; rdfs:label "<script>event"@en ;
    k20:latestBegin "9999-01-01T00:00:00Z"^^xsd:dateTime ; k20:evidencedBy <urn:e> .
<urn:e> a k20:EvidenceItem ; k20:source <https://w3id.org/k20kg/source/paper> ;
    k20:locator "<script>locator" ; k20:statement "<script>said\\u202E" ; k20:method k20:Interview .
"""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Site:
    path = tmp_path_factory.mktemp("data") / "hostile.ttl"
    path.write_text(HOSTILE, encoding="utf-8")
    return Site(open_dataset([path]))


def test_a_hostile_record_is_shown_and_does_nothing(attacked: Site) -> None:
    iri = BASE + "case/hostile"
    assert iri in attacked.dataset.judged
    judged = attacked.dataset.judged[iri]
    for text in (
        case.page(attacked, iri),
        cases.page(attacked),
        front.home(attacked),
        front.about(attacked),
    ):
        page = Page(text)
        tags = {tag for tag, _ in page.elements}
        assert not tags & {"img", "i", "u", "iframe", "style"}, tags
        scripts = re.findall(r"(?s)<script(.*?)>(.*?)</script>", text)
        assert all(about == ' type="application/ld+json"' for about, _ in scripts)
        assert all(json.loads(told) for _, told in scripts)
        assert text.count("<script") == len(scripts)
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u2028\x1b]", text)
        for tag, attrs in page.elements:
            assert not [a for a in attrs if a.startswith("on")], (tag, attrs)
            if tag == "a":
                assert attrs["href"].startswith(("/", "#", "https://")), attrs
    shown = case.page(attacked, iri)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "{{ 7*7 }}" in shown
    assert "project&lt;b&gt;" in shown
    assert judged.assessments or "The record cannot be judged" in shown


def test_a_record_that_is_not_well_formed_gets_a_page_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "bad.ttl"
    path.write_text(
        "@prefix k20: <https://w3id.org/k20kg/ontology#> .\n"
        "<https://w3id.org/k20kg/case/bad> a k20:CandidateGroup ; k20:goal <urn:g> .\n"
        "<urn:g> a k20:Goal .\n",
        encoding="utf-8",
    )
    site = Site(open_dataset([path]))
    text = case.page(site, BASE + "case/bad")
    Page(text)
    assert "The record cannot be judged" in text
    assert "evidence" in text
    matrix = cases.page(site)
    assert "Not judged: the record is not well formed" in matrix
    assert "One record is not well formed and not judged" in matrix
    assert f">{len(site.dataset.judged)} records: as" in matrix
    real = sum(bool(a.assessments) and not a.synthetic for a in site.dataset.judged.values())
    assert f"{counted(real, 'real case')} and".lower() in front.home(site).lower()
    assert f"{counted(real, 'real case')} and".lower() in matrix.lower()


def test_links_lead_nowhere_unless_they_are_web_addresses() -> None:
    links = Links("/k")
    for iri in (
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "urn:x",
        "//host/x",
    ):
        assert links.safe(iri) == "", iri
    assert links.safe('https://example.org/a b"<') == "https://example.org/a%20b%22%3C"
    assert links.safe(BASE + "case/x") == "/k/case/x"


def test_what_is_told_to_machines_cannot_leave_its_element(attacked: Site) -> None:
    text = case.page(attacked, BASE + "case/hostile")
    assert text.count("</script>") == 1
    assert "\\u003c/script\\u003e\\u003csvg onload=x" in text
