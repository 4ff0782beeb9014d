"""Every IRI leads somewhere, in every format, and every format says the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from urllib.parse import quote

import pyoxigraph as ox
import pytest
import rdflib
from in_process import ALL, GOAL, Answer, dataset, fetch, follow, parse, path_to, sample
from scale import PROVE, some

from k20kg.vocabulary import BASE, K20, RDF_TYPE, RDFS, packaged
from k20kg.web.http.formats import FORMATS, Format
from k20kg.web.linkeddata.documents import minted


@cache
def names_in_files() -> frozenset[str]:
    """Every IRI of ours that stands in a packaged file, wherever in it."""
    found: set[str] = set(minted(dataset()))
    files = [
        path
        for folder in ("ontology", "shapes", "queries", "data")
        for path in sorted(packaged(folder).rglob("*"))
        if path.suffix in (".ttl", ".trig", ".nt", ".rq", ".csv")
    ]
    assert len(files) > 200
    for path in files:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".nt":
            found |= set(re.findall(rf"<({re.escape(BASE)}[^<>\s]+)>", text))
        for iri in re.findall(rf"<({re.escape(BASE)}[^<>\s]*)>", text):
            prefix = re.search(rf"(?i)(?:prefix\s+[\w-]*:|@?base)\s+<{re.escape(iri)}>", text)
            if not prefix:
                found.add(iri)
        if path.suffix == ".rq":
            for prefix, name in re.findall(r"(?<![\w?$:/<])(k20|ks):([A-Za-z][\w-]*)", text):
                space = {"k20": "ontology#", "ks": "shapes#"}[prefix]
                found.add(f"{BASE}{space}{name}")
        if path.suffix == ".csv":
            found |= set(re.findall(rf"{re.escape(BASE)}[^\s,;\"|]+", text))
    return frozenset(found)


# ---------------------------------------------------------------- every IRI leads somewhere


def test_every_iri_that_occurs_anywhere_leads_to_turtle() -> None:
    names = sorted(names_in_files())
    assert len(names) > 5000
    answers: dict[str, Answer] = {}
    for path in {path_to(iri) for iri in names}:
        first = fetch(path, "text/turtle")
        assert first.status in (200, 303), (path, first.status)
        if first.status == 303:
            assert first.headers["location"] == "/doc" + path
            first = fetch(first.headers["location"], "text/turtle")
        answers[path] = first
    for path, answer in answers.items():
        assert (answer.status, answer.media_type) == (200, "text/turtle"), path
        assert answer.body, path


def test_a_document_describes_the_thing_that_led_to_it() -> None:
    """Hash IRIs too: the term must be in the document that its IRI leads to."""
    subjects: dict[str, set[str]] = {}
    spoken_of = [
        iri
        for iri in names_in_files()
        if dataset().store.contains_named_graph(ox.NamedNode(iri))
        or next(dataset().store.quads_for_pattern(ox.NamedNode(iri), None, None, None), None)
    ]
    assert len(spoken_of) > 5000
    for number, iri in enumerate(sorted(spoken_of)):
        path = path_to(iri)
        if "#" not in iri and number % 7:
            continue
        if path not in subjects:
            quads = parse(follow(path, "application/n-triples"))
            subjects[path] = {quad.subject.value for quad in quads}
        if not (iri.endswith((".ttl", "/verdicts")) or iri == BASE + "shapes"):
            assert iri in subjects[path], iri


def test_no_iri_of_ours_is_spoken_of_in_a_document_and_leads_nowhere() -> None:
    """IRIs that only documents name lead somewhere as well."""
    found: set[str] = set()
    for path in (f"/doc/{GOAL}", "/ontology/evidence", "/void", "/data/context.ttl"):
        for quad in parse(fetch(path, "application/n-quads")):
            for term in quad:
                if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                    found.add(path_to(term.value))
    assert {"/dump/", "/doc/" + GOAL, "/void"} <= found
    for path in some(sorted(found - {"/sparql"}), sample=40):
        assert follow(path).status == 200, path


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.key)
def test_documents_of_every_kind_come_in_every_format(form: Format) -> None:
    """Negotiated or by their suffix, with the same content."""
    step = 1 if PROVE else {"ttl": 2, "html": 6}.get(form.key, 5)
    paths = sample()[::step]
    assert len(paths) > 20
    for path in paths:
        answer = fetch(f"/{quote(path)}", form.media_type)
        assert (answer.status, answer.media_type) == (200, form.media_type), path
        assert answer.headers["vary"].split(", ")[0] == "Accept"
        where = answer.headers["content-location"]
        assert where.endswith(f".{form.suffix}") or where == "/"
        if where != "/":
            plain = fetch(where, "image/png")
            assert (plain.status, plain.media_type) == (200, form.media_type), where
            assert plain.body == answer.body
            assert "Accept" not in plain.headers.get("vary", "").split(", ")


def test_the_formats_of_a_document_say_the_same() -> None:
    paths = [f"doc/{GOAL}", "doc/case/lamsig", "ontology/definition", "shapes", "data/verdicts"]
    for path in some(paths, sample=3, always=paths[:3]):
        quads = parse(fetch(f"/{path}", "application/n-quads"))
        triples = {quad.triple for quad in quads}
        plain = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
        expected = {True: canonical(quads), False: canonical(plain)}
        for form in FORMATS:
            there = parse(fetch(f"/{path}", form.media_type))
            assert canonical(there) == expected[form.quads], (path, form.key)


def canonical(quads: Iterable[ox.Quad]) -> ox.Dataset:
    found = ox.Dataset(quads)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


@pytest.mark.filterwarnings("ignore")
def test_another_library_reads_the_same() -> None:
    names = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld", "rdf": "xml"}
    for path in (f"doc/{GOAL}", "ontology/evidence", "void"):
        sizes = set()
        for form in FORMATS:
            body = fetch(f"/{path}", form.media_type).body
            held = rdflib.Dataset(default_union=True)
            held.parse(
                data=body, format=names.get(form.key, {"nq": "nquads"}.get(form.key, "trig"))
            )
            sizes.add(len(set(held.triples((None, None, None)))))
        assert sizes == {len({quad.triple for quad in parse(fetch(f"/{path}"))})}, path


def test_a_thing_comes_with_its_evidence_and_with_what_refers_to_it() -> None:
    quads = parse(fetch(f"/doc/{GOAL}", "text/turtle"))
    goal = ox.NamedNode(BASE + GOAL)
    evidence = [q.object for q in quads if q.predicate.value == K20 + "evidencedBy"]
    assert evidence
    for item in evidence:
        assert any(q.subject == item and q.predicate.value == K20 + "source" for q in quads)
    assert any(q.object == goal and q.predicate.value == K20 + "goal" for q in quads)
    kinds = [q.object for q in quads if q.subject == goal and q.predicate.value == RDF_TYPE]
    assert any(q.subject in kinds and q.predicate.value == RDFS + "label" for q in quads)


def test_a_named_graph_comes_whole_and_by_its_name() -> None:
    for name in ("data/context.ttl", "case/lamsig/record/slides", "ontology/core.ttl"):
        node = ox.NamedNode(BASE + name)
        held = list(dataset().store.quads_for_pattern(None, None, None, node))
        assert len(held) > 100
        accept = "text/turtle" if name.startswith("ontology") else "application/trig"
        there = {quad.triple for quad in parse(follow(f"/{name}", accept)) if _plain(quad)}
        assert {quad.triple for quad in held if _plain(quad)} <= there


def _plain(quad: ox.Quad) -> bool:
    return not isinstance(quad.subject, ox.BlankNode) and not isinstance(quad.object, ox.BlankNode)


def test_a_link_with_a_suffix_to_a_thing_leads_to_that_format() -> None:
    answer = fetch("/case/lamsig.ttl", "text/html")
    assert (answer.status, answer.headers["location"]) == (303, "/doc/case/lamsig.ttl")
