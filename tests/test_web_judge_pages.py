"""Pages on records that are sent in: a report, or why there is none."""

from __future__ import annotations

import pickle
import re

import pytest
from page_checks import HOSTILE, Inspected, check

from k20kg.sources.published import publish
from k20kg.vocabulary import packaged
from k20kg.web.pages import Site, judge


def _record(name: str = "benefit-denied") -> bytes:
    return publish(packaged("data", "counter-cases", f"{name}.ttl"))


def test_a_record_that_is_sent_gets_a_report(site: Site) -> None:
    outcome = judge.assess(_record(), "mine.ttl")
    assert outcome.status == 200
    assert pickle.loads(pickle.dumps(outcome)) == outcome
    text = judge.report(site, outcome, _record().decode())
    check(text, site)
    assert "The nine criteria" in text
    assert "Made-up case" in text


def test_the_headline_of_a_report_says_when_it_was_so(site: Site) -> None:
    record = _record("ended-with-second-cycle")
    text = judge.report(site, judge.assess(record, "mine.ttl"), record.decode())
    assert "K-20 partnership, as of 2021" in text


def test_a_report_comes_in_other_formats() -> None:
    outcome = judge.assess(_record(), "mine.ttl", reading="literal")
    for key, *_ in judge.FORMATS[1:]:
        assert judge.download(outcome, key)
    assert b"<style" in judge.download(outcome, "file")


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
    starts = {link for link in page.links if re.fullmatch("/judge/.*(xlsx|ttl)", link)}
    files = {
        f"/judge/case/{n}.{end}" for n in ("lamsig", "full-partnership") for end in ("xlsx", "ttl")
    }
    assert starts == {"/judge/starter.xlsx", *files}
    assert "/judge/form" in page.links


_BOMB = '<!DOCTYPE r [<!ENTITY a "' + "x" * 3000 + '"><!ENTITY b "&a;&a;">]><rdf:RDF/>'
_OUTSIDE = '<!DOCTYPE r SYSTEM "file:///etc/passwd"><rdf:RDF/>'
_CONTEXT = '{"@context": "http://198.51.100.1/c.jsonld", "@id": "urn:x"}'


@pytest.mark.parametrize(
    ("data", "name", "status", "says"),
    [
        (b" \n", "a.ttl", 400, "nothing came in"),
        (b"<html><script>alert(1)</script></html>", "a.html", 415, "an HTML page"),
        (b"PK\x03\x04" + b"\0" * 100, "a.zip", 400, "no whole ZIP archive"),
        (b"\x1f\x8b\x08" + b"\0" * 100, "a.ttl.gz", 415, "gzip"),
        (b"\x89PNG\r\n", "a.png", 415, "PNG"),
        (b"x" * (judge.MOST_BYTES + 1), "a.ttl", 413, "larger than 2 MiB"),
        (_BOMB.encode(), "a.rdf", 400, "grow without bound"),
        (_OUTSIDE.encode(), "a.rdf", 422, "nothing is fetched"),
        (_CONTEXT.encode(), "a.jsonld", 422, "have to be fetched"),
        (b"<urn:a> <urn:b> <urn:c> .", "a.ttl", 422, "no candidate group"),
        (_record()[:-40], "a.ttl", 400, "unexpected end"),
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
    assert {"/judge/form", "/judge/starter.xlsx"} <= set(Inspected(page).links)
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
