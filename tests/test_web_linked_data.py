"""Linked data over HTTP, in process: every IRI leads somewhere, in every format.

FOOPS! (https://w3id.org/foops/) is a scanner of how findable, accessible, interoperable and
reusable an ontology is; the checks of it that need no network are made here, each under its name.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
import rdflib

from k20kg.errors import K20Error
from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, SKOS, packaged
from k20kg.web import linked, w3id
from k20kg.web.app import create_app
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.documents import Kind, list_documents, minted, statements
from k20kg.web.dump import dumps
from k20kg.web.files import list_files
from k20kg.web.formats import FORMATS, HTML, Format
from k20kg.web.linked import seal_of
from k20kg.web.pages import Links, Site
from k20kg.web.publish import schema_org
from k20kg.web.things import MOST_INCOMING
from k20kg.web.writing import write

ALL = (HTML, *FORMATS)
RDF = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
PAGES = {"", "cases", "literature", "queries", "about", "judge", "sparql", "health", "openapi.json"}
GOAL = "case/lamsig/goal/5"


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@cache
def dataset() -> Dataset:
    return open_dataset()


@cache
def app(root: str = "") -> Any:
    return create_app(dataset(), root=root)


RUNNER = asyncio.Runner()


def fetch(
    path: str, accept: str | None = None, *, method: str = "GET", root: str = "", **headers: str
) -> Answer:
    """Ask the whole application for a path, which is sent as it stands."""
    raw, _, query = path.partition("?")
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if accept is not None:
        given["accept"] = accept
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode("latin-1"),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    RUNNER.run(app(root)(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    found = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    assert len(found) == len(start["headers"]), "a header came twice"
    return Answer(start["status"], found, body)


def path_to(iri: str) -> str:
    """What a client asks our host for, for an IRI: its path, without the fragment."""
    return "/" + quote(iri.removeprefix(BASE).partition("#")[0], safe="/-._~!$'()*+,;=:@")


def follow(path: str, accept: str | None = None) -> Answer:
    """Ask for a path, and where it leads to."""
    found = fetch(path, accept)
    for _ in range(3):
        if found.status not in (302, 303, 308):
            break
        found = fetch(found.headers["location"], accept)
    return found


def parse(answer: Answer) -> list[ox.Quad]:
    form = next(form for form in FORMATS if form.media_type == answer.media_type)
    return list(ox.parse(answer.body, RDF[form.key]))


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
    """What the documents add of their own leads somewhere as well."""
    found: set[str] = set()
    for path in (f"/doc/{GOAL}", "/ontology/evidence", "/void", "/data/context.ttl"):
        for quad in parse(fetch(path, "application/n-quads")):
            for term in quad:
                if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                    found.add(path_to(term.value))
    assert {"/dump/", "/doc/" + GOAL, "/void"} <= found
    for path in sorted(found - {"/sparql"}):
        assert follow(path).status == 200, path


@cache
def sample() -> tuple[str, ...]:
    """A few things of every kind of address, and all that is no thing."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for document in list_documents(dataset()):
        parts = document.path.removeprefix("doc/").split("/")
        key = (document.kind.value, parts[0], *parts[2:3], str(len(parts)))
        kinds.setdefault(key, []).append(document.path)
    assert len(kinds) > 60
    return tuple(sorted({path for paths in kinds.values() for path in (paths[0], paths[-1])}))


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.key)
def test_documents_of_every_kind_come_in_every_format(form: Format) -> None:
    """Negotiated or by their suffix, with the same content."""
    paths = sample()[:: {"ttl": 1, "html": 6}.get(form.key, 2)]
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
    for path in (
        f"doc/{GOAL}",
        "doc/case/lamsig",
        "ontology/definition",
        "shapes",
        "data/verdicts",
    ):
        quads = parse(fetch(f"/{path}", "application/n-quads"))
        triples = {quad.triple for quad in quads}
        plain = [ox.Quad(t.subject, t.predicate, t.object) for t in triples]
        for form in FORMATS:
            there = parse(fetch(f"/{path}", form.media_type))
            assert canonical(there) == canonical(quads if form.quads else plain), (path, form.key)


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


# ---------------------------------------------------------------- HTTP


def test_a_thing_is_no_document() -> None:
    for accept in (None, "text/html", "application/ld+json", "image/png"):
        answer = fetch("/case/lamsig", accept)
        assert (answer.status, answer.headers["location"]) == (303, "/doc/case/lamsig")
        assert answer.body == b""


def test_nothing_acceptable_is_told_with_all_that_there_is() -> None:
    answer = fetch(f"/doc/{GOAL}", "image/png")
    assert answer.status == 406
    assert "Accept" in answer.headers["vary"]
    told = json.loads(answer.body)
    for form in ALL:
        assert f"{form.media_type} (/doc/{GOAL}.{form.suffix})" in told["detail"]
        assert (
            f'</doc/{GOAL}.{form.suffix}>; rel="alternate"; type="{form.media_type}"'
            in (answer.headers["link"])
        )
    assert fetch(f"/doc/{GOAL}", "*/*;q=0").status == 406


def test_a_tag_is_strong_and_one_for_each_format_and_path() -> None:
    tags = set()
    for path in (f"/doc/{GOAL}", "/doc/case/lamsig", "/ontology"):
        for form in ALL:
            answer = fetch(path, form.media_type, method="HEAD")
            assert re.fullmatch(r'"[^"]+"', answer.headers["etag"])
            tags.add(answer.headers["etag"])
    assert len(tags) == 3 * len(ALL)


def test_who_has_it_already_is_told_so_without_a_body() -> None:
    for path in (f"/doc/{GOAL}", f"/doc/{GOAL}.ttl", "/ontology", "/linkset.json", "/"):
        full = fetch(path, "text/turtle")
        tag = full.headers["etag"]
        for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
            answer = fetch(path, "text/turtle", if_none_match=known)
            assert (answer.status, answer.body) == (304, b""), (path, known)
            for name in ("etag", "cache-control", "content-location", "vary"):
                assert answer.headers.get(name) == full.headers.get(name), name
        for other in ('"other"', tag[:-1] + 'x"', tag.replace("-", "_")):
            assert fetch(path, "text/turtle", if_none_match=other).status == 200
    html = fetch(f"/doc/{GOAL}", "text/html").headers["etag"]
    assert fetch(f"/doc/{GOAL}", "text/turtle", if_none_match=html).status == 200


def test_the_tag_follows_the_data(tmp_path: Path) -> None:
    own = tmp_path / "more.ttl"
    own.write_text(f'<{BASE}case/lamsig> <{RDFS}comment> "more" .\n', encoding="utf-8")
    assert open_dataset().digest == dataset().digest
    changed = open_dataset([own])
    assert changed.digest != dataset().digest
    assert seal_of(Site(changed)) != seal_of(Site(dataset()))
    assert seal_of(Site(dataset(), Links("/k"))) != seal_of(Site(dataset()))


def test_the_same_data_give_the_same_bytes_each_time_they_are_loaded() -> None:
    again = open_dataset()
    assert write(again.store, FORMATS[-1]) == write(dataset().store, FORMATS[-1])
    for document in (d for d in list_documents(again) if d.path in ("ontology", "doc/case/guie")):
        for form in FORMATS:
            one, other = (statements(data, document) for data in (again, dataset()))
            assert write(one, form) == write(reversed(other), form), (document, form)


def test_head_is_get_without_its_body() -> None:
    for path in (f"/doc/{GOAL}", "/case/lamsig", "/ontology.nt", "/nothing", "/sitemap.xml"):
        get, head = fetch(path, "text/turtle"), fetch(path, "text/turtle", method="HEAD")
        assert head.body == b""
        assert (head.status, head.headers) == (get.status, get.headers)
        assert int(get.headers["content-length"]) == len(get.body)


def test_options_say_what_may_be_done_and_other_hosts_may_read() -> None:
    answer = fetch("/doc/case/lamsig", method="OPTIONS")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    for path in ("/doc/case/lamsig", "/case/lamsig", "/ontology", "/dump/", "/nothing"):
        answer = fetch(path, "text/turtle", origin="https://elsewhere.example")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]
    for method in ("POST", "PUT", "DELETE", "PATCH", "TRACE"):
        answer = fetch("/doc/case/lamsig", method=method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_compressed_answer_has_a_tag_of_its_own() -> None:
    plain = fetch("/ontology", "text/turtle")
    packed = fetch("/ontology", "text/turtle", accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]
    known = packed.headers["etag"]
    again = fetch("/ontology", "text/turtle", accept_encoding="gzip", if_none_match=known)
    assert (again.status, again.headers["etag"]) == (304, known)


def test_under_a_prefix_links_have_it_and_names_do_not() -> None:
    answer = fetch("/k/case/lamsig", root="/k")
    assert answer.headers["location"] == "/k/doc/case/lamsig"
    answer = fetch("/k/doc/case/lamsig", "text/html", root="/k")
    assert answer.headers["content-location"] == "/k/doc/case/lamsig.html"
    assert f'<{BASE}case/lamsig>; rel="cite-as"' in answer.headers["link"]
    assert '</k/doc/case/lamsig.ttl>; rel="describedby"' in answer.headers["link"]


HOSTILE = {
    "/%2e%2e/%2e%2e/etc/passwd": 404,
    "/../../etc/passwd": 404,
    "/doc/..%2f..%2fetc%2fpasswd": 404,
    "/static/%2e%2e/app.py": 404,
    "/dump/../k20kg-0.1.0.nq.gz": 404,
    "/data/%2e%2e/ontology/core.ttl": 404,
    "/doc/%00": 400,
    "/case/lamsig%00.ttl": 400,
    "/case/lam%0d%0aSet-Cookie:x=1": 400,
    "/%ff%fe": 400,
    "/case/%c3%28": 400,
    "/case/%ed%a0%80": 400,
    "/case/%22%3e%3cscript%3e": 404,
    "/case/a%20b": 404,
    "/case/%7B%7D%5E%60%7C%5C": 404,
    "/case/lamsig%23goal": 404,
    "/case/%": 404,
    "/case/%zz": 404,
    "/ontology/9.9.9": 404,
    "/ontology/": 308,
    "/dump/k20kg-9.9.9.nq.gz": 404,
    "/sitemap-1.xml": 404,
    "/sitemap-0.xml": 404,
    "/data/": 308,
    "/doc/": 308,
    "/doc": 404,
    "/doc/ontology": 404,
    "//case/lamsig": 404,
    "/doc//case/lamsig": 404,
    "/case//lamsig": 404,
    "/doc/doc/case/lamsig": 404,
    "/.ttl": 404,
    "/doc/.ttl": 404,
    "/case/lamsig.ttl.ttl": 404,
    "/" + "a" * 9000: 404,
    "/doc/" + "a/" * 4000 + "b": 404,
    "/%E2%80%AE": 404,
}


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path[:40])
def test_a_hostile_address_is_turned_away_in_words(path: str, accept: str) -> None:
    answer = fetch(path, accept)
    assert answer.status == HOSTILE[path]
    if answer.status >= 400:
        wanted = "text/html" if accept == "text/html" else "application/problem+json"
        assert answer.media_type == wanted
        text = answer.body.decode()
        assert 20 < len(text) < 20_000
        assert "<script>" not in text or accept != "text/html"
        assert "\u202e" not in text
        assert "Traceback" not in text


# ---------------------------------------------------------------- found by programs


def links_of(answer: Answer) -> dict[str, list[str]]:
    """The links of an answer: relation → targets with types."""
    found: dict[str, list[str]] = {}
    for target, relation, kind in re.findall(
        r'<([^>]*)>; rel="([^"]*)"(?:; type="([^"]*)")?', answer.headers["link"]
    ):
        found.setdefault(relation, []).append(f"{target} {kind}".strip())
    return found


def test_a_page_says_where_its_data_licence_and_name_are() -> None:
    links = links_of(fetch("/doc/case/lamsig", "text/html"))
    assert links["cite-as"] == [BASE + "case/lamsig"]
    assert links["describedby"] == [
        f"/doc/case/lamsig.{form.suffix} {form.media_type}" for form in FORMATS
    ]
    assert links["type"] == ["https://schema.org/AboutPage", "https://schema.org/Dataset"]
    assert links["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert links["author"] == [BASE + "agent/curators"]
    assert links["collection"] == ["/ text/html"]
    assert links["linkset"] == ["/linkset.json application/linkset+json"]
    assert len(links["item"]) == 3


def test_data_say_which_page_describes_them() -> None:
    links = links_of(fetch("/doc/case/lamsig.ttl"))
    assert links["describes"] == ["/doc/case/lamsig.html text/html"]
    assert len(links["alternate"]) == len(FORMATS) - 1
    assert links["cite-as"] == [BASE + "case/lamsig"]


@pytest.mark.parametrize("path", ["/", "/doc/case/lamsig", "/ontology/0.1.0", "/data/context.ttl"])
def test_every_link_in_a_head_leads_to_what_it_promises(path: str) -> None:
    for accept in ("text/html", "application/ld+json"):
        for targets in links_of(fetch(path, accept)).values():
            for target, _, kind in (target.partition(" ") for target in targets):
                if target.startswith((BASE, "/")):
                    answer = follow(path_to(target) if target.startswith(BASE) else target)
                    assert answer.status == 200, target
                    if kind and target != "/":
                        assert answer.media_type == kind, target


def test_a_version_leads_to_the_latest() -> None:
    assert links_of(fetch("/ontology/0.1.0"))["latest-version"] == ["/ontology"]
    assert "latest-version" not in links_of(fetch("/ontology"))


def test_the_linkset_is_one_and_leads_somewhere() -> None:
    answer = fetch("/linkset.json")
    assert answer.media_type == "application/linkset+json"
    contexts = json.loads(answer.body)["linkset"]
    assert {BASE, BASE + "ontology.html", BASE + "doc/case/lamsig.html"} <= {
        context["anchor"] for context in contexts
    }
    checked = 0
    for context in contexts:
        assert all(
            isinstance(targets, list) for name, targets in context.items() if name != "anchor"
        )
        for targets in (context.get("describedby", []), context.get("item", [])):
            for target in targets[:2]:
                path = path_to(target["href"])
                assert fetch(path, method="HEAD").media_type == target["type"], path
                checked += 1
    assert checked > 100


def test_the_sitemap_lists_every_page_once() -> None:
    root = ElementTree.fromstring(fetch("/sitemap.xml").body)
    found = [
        loc.text or "" for loc in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")
    ]
    assert len(found) == len(set(found)) > 5000
    assert BASE in found
    for address in [*found[:12], *found[12::500]]:
        answer = fetch(path_to(address), "text/html")
        assert (answer.status, answer.media_type) == (200, "text/html"), address


def test_robots_are_shown_the_sitemap_and_kept_from_what_computes() -> None:
    text = fetch("/robots.txt").body.decode()
    assert f"Sitemap: {BASE}sitemap.xml" in text
    assert "Disallow: /sparql" in text
    assert "Disallow: /k/sparql" in fetch("/k/robots.txt", root="/k").body.decode()


def test_dumps_hold_everything_and_their_checksums_are_true() -> None:
    sums = dict(
        reversed(line.split("  ")) for line in fetch("/dump/SHA256SUMS").body.decode().splitlines()
    )
    index = json.loads(fetch("/dump/", "application/json").body)
    assert len(sums) == len(index["dumps"]) == 3
    for entry in index["dumps"]:
        name = entry["href"].removeprefix(BASE + "dump/")
        answer = fetch(f"/dump/{name}")
        assert answer.media_type == "application/gzip"
        assert "content-encoding" not in answer.headers
        digest = hashlib.sha256(answer.body).hexdigest()
        assert digest == entry["sha256"] == sums[name]
        assert digest in fetch("/dump/", "text/html").body.decode()
        assert len(answer.body) == entry["bytes"]
        unpacked = gzip.decompress(answer.body)
        form = next(form for form in FORMATS if form.media_type == entry["type"])
        count = sum(1 for _ in ox.parse(unpacked, RDF[form.key]))
        whole = list(dataset().store)
        assert count == len(whole if form.quads else {quad.triple for quad in whole})


def test_the_dataset_is_described_with_licence_counts_and_checksums() -> None:
    moved = fetch("/.well-known/void")
    assert (moved.status, moved.headers["location"]) == (302, "/void")
    quads = parse(fetch("/void", "text/turtle"))
    assert not any(isinstance(quad.subject, ox.BlankNode) for quad in quads)
    void, dcat, spdx = (
        "http://rdfs.org/ns/void#",
        "http://www.w3.org/ns/dcat#",
        "http://spdx.org/rdf/terms#",
    )
    about = ox.NamedNode(BASE + "void#dataset")

    def values(subject: Any, predicate: str) -> list[str]:
        return [
            quad.object.value
            for quad in quads
            if quad.subject == subject and quad.predicate.value == predicate
        ]

    assert set(values(about, RDF_TYPE)) == {void + "Dataset", dcat + "Dataset"}
    assert values(about, DCTERMS + "license") == ["https://creativecommons.org/licenses/by/4.0/"]
    assert values(about, void + "sparqlEndpoint") == [BASE + "sparql"]
    triples = {quad.triple for quad in dataset().store}
    assert values(about, void + "triples") == [str(len(triples))]
    assert values(about, void + "exampleResource") == [BASE + "case/guie", BASE + "case/lamsig"]
    stated = dict.fromkeys(values(about, dcat + "distribution"))
    assert len(stated) == 3
    known = {BASE + "dump/" + dump.name: dump for dump in dumps(dataset())}
    for node in map(ox.NamedNode, stated):
        dump = known[values(node, dcat + "downloadURL")[0]]
        checksum = ox.NamedNode(values(node, spdx + "checksum")[0])
        assert values(checksum, spdx + "checksumValue") == [dump.sha256]
        assert values(node, dcat + "byteSize") == [str(len(dump.body))]
        assert values(node, DCTERMS + "license")
    goals = [
        int(values(quad.subject, void + "entities")[0])
        for quad in quads
        if quad.predicate.value == void + "class" and quad.object.value == K20 + "Goal"
    ]
    held = dataset().store.quads_for_pattern(
        None, ox.NamedNode(RDF_TYPE), ox.NamedNode(K20 + "Goal")
    )
    assert goals == [len({quad.subject for quad in held})]


def test_the_context_makes_plain_json_into_a_record() -> None:
    context = json.loads(fetch("/context.jsonld").body)["@context"]
    case = {
        "@context": context,
        "id": BASE + "case/mine",
        "type": "CandidateGroup",
        "label": "Mine",
        "goal": {"id": BASE + "case/mine/goal/1", "type": "Goal", "order": "1"},
        "formedThrough": BASE + "case/mine/agreement",
    }
    found = set(ox.parse(json.dumps(case), ox.RdfFormat.JSON_LD))
    expected = set(
        ox.parse(
            f"""@prefix k20: <{K20}> . @base <{BASE}> .
            <case/mine> a k20:CandidateGroup ; <{RDFS}label> "Mine"@en ;
                k20:goal <case/mine/goal/1> ; k20:formedThrough <case/mine/agreement> .
            <case/mine/goal/1> a k20:Goal ; k20:order 1 .""",
            ox.RdfFormat.TURTLE,
        )
    )
    assert found == expected
    terms = {
        quad.predicate.value for quad in dataset().store if quad.predicate.value.startswith(K20)
    }
    assert terms <= {f"{K20}{name}" for name in context}


def test_search_engines_are_told_of_the_dataset() -> None:
    about = json.loads(schema_org(dataset()))
    assert about["@type"] == "Dataset"
    assert about["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert len(about["distribution"]) == 3
    for one in about["distribution"]:
        assert fetch(path_to(one["contentUrl"]), method="HEAD").status == 200


def test_every_file_has_its_type_and_a_tag() -> None:
    paths = list(list_files(dataset()))
    assert len(paths) > 8
    for path in paths:
        answer = fetch(f"/{path}")
        assert answer.status == 200, path
        assert answer.headers["etag"]
        assert answer.body
        assert answer.headers["x-content-type-options"] == "nosniff"


# ---------------------------------------------------------------- data of one's own


OWN = f"""@prefix k20: <{K20}> .
<{BASE}case/own> a k20:CandidateGroup ; <{RDFS}label> "Ours"@en ; k20:goal [ a k20:Goal ] .
<{BASE}case/own/é> <{RDFS}label> "<script>alert(1)</script>" .
<{BASE}case/100%25> <{RDFS}label> "percent" .
"""


def test_own_files_are_published_beside_and_not_under_our_licence(tmp_path: Path) -> None:
    path = tmp_path / "own case.ttl"
    path.write_text(OWN, encoding="utf-8")
    held = open_dataset([path])
    assert held.own == {BASE + "data/own-case.ttl"}
    served = create_app(held)
    get = with_app(served)
    assert get("/case/own").headers["location"] == "/doc/case/own"
    assert get("/case/own/%C3%A9").headers["location"] == "/doc/case/own/%C3%A9"
    assert get("/doc/case/own/%C3%A9", "text/turtle").status == 200
    assert get("/case/100%25").headers["location"] == "/doc/case/100%25"
    assert get("/doc/case/100%25", "text/turtle").status == 200
    assert get("/doc/case/100%2525", "text/turtle").status == 200
    assert get("/data/own-case.ttl", "text/turtle").status == 200
    for where in ("/doc/case/own", "/data/own-case.ttl", "/"):
        assert 'rel="license"' not in get(where, "text/turtle").headers["link"]
    assert 'rel="license"' in get("/doc/case/lamsig", "text/turtle").headers["link"]
    page = get("/doc/case/own/%C3%A9", "text/html")
    assert page.status == 200
    assert b"<script>alert" not in page.body


def test_a_document_that_leaves_links_out_says_so(tmp_path: Path) -> None:
    path = tmp_path / "many.nt"
    hub, near = f"<{BASE}organization/hub>", f"<{BASE}organization/near>"
    rows = [f"<{BASE}x/{n}> <{RDFS}seeAlso> {hub} ." for n in range(MOST_INCOMING + 1)]
    rows += [f"<{BASE}y/{n}> <{RDFS}seeAlso> {near} ." for n in range(3)]
    path.write_text("\n".join(rows), encoding="utf-8")
    get = with_app(create_app(open_dataset([path])))
    quads = parse(get("/doc/organization/hub", "text/turtle"))
    assert sum(quad.predicate.value == RDFS + "seeAlso" for quad in quads) == MOST_INCOMING
    notes = [quad.object.value for quad in quads if quad.predicate.value == RDFS + "comment"]
    assert notes == [f"More than {MOST_INCOMING} statements link to the topic; as many are given."]
    assert b"More than" not in get("/doc/organization/near", "text/turtle").body


def test_files_of_one_name_become_graphs_of_different_names(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        text = f'<{BASE}t/{folder}> <{RDFS}label> "{folder}" .\n'
        (tmp_path / folder / "case.nt.gz").write_bytes(gzip.compress(text.encode()))
    held = open_dataset([tmp_path])
    assert held.own == {BASE + "data/case.nt", BASE + "data/case-2.nt"}
    get = with_app(create_app(held))
    assert b"/t/a" in get("/data/case.nt", "text/turtle").body
    assert b"/t/b" in get("/data/case-2.nt", "text/turtle").body


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.jsonld", '{"@context": "https://elsewhere.example/c", "@id": "x:y"}', "fetched"),
        ("a.rdf", '<!DOCTYPE r SYSTEM "http://elsewhere.example/d"><r/>', "fetched"),
        ("a.ttl", "<x:y> <x:z> .", "no Turtle"),
        ("a.ttl.gz", "this is not gzip", "cannot be read"),
        ("a.odd", "<x:y> <x:z> 1 .", "name does not tell"),
    ],
)
def test_files_that_cannot_be_published_are_refused(
    name: str, text: str, what: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(K20Error, match=what):
        open_dataset([path])


def test_a_document_is_made_once_however_many_ask_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def render(site: Any, document: Any, form: Format) -> bytes:
        made.append(document.path)
        time.sleep(0.05)
        return b"a document"

    monkeypatch.setattr(linked, "render", render)
    served = linked.LinkedData(Site(dataset()))
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask(path: str) -> None:
        scope = {"method": "GET", "path": path, "headers": [(b"accept", b"text/turtle")]}
        await served(scope, None, send)  # type: ignore[arg-type]

    async def ask_often() -> None:
        await asyncio.gather(*(ask("/shapes") for _ in range(50)), ask("/ontology"))
        await ask("/shapes.ttl")

    RUNNER.run(ask_often())
    assert sorted(made) == ["ontology", "shapes"]
    assert sum(message.get("body") == b"a document" for message in sent) == 52


def test_documents_are_kept_up_to_a_number_of_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def render(site: Any, document: Any, form: Format) -> bytes:
        made.append(document.path)
        return b"x" * 400

    monkeypatch.setattr(linked, "render", render)
    served = linked.LinkedData(Site(dataset()), cache=1000)

    async def send(message: Any) -> None:
        pass

    def ask(path: str) -> None:
        scope = {"method": "GET", "path": f"/{path}", "headers": []}
        RUNNER.run(served(scope, None, send))  # type: ignore[arg-type]

    one, two, three = (f"doc/case/lamsig/goal/{n}" for n in (1, 2, 3))
    for path in (one, two, one, three, one, two):
        ask(path)
    assert made == [one, two, three, two]


def test_a_header_in_several_lines_is_one_header() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    lines = [(b"accept", b"text/html;q=0.1"), (b"accept", b"application/trig, text/turtle;q=0.2")]
    scope = {"method": "HEAD", "path": f"/doc/{GOAL}", "headers": lines}
    RUNNER.run(linked.LinkedData(Site(dataset()))(scope, None, send))  # type: ignore[arg-type]
    assert dict(sent[0]["headers"])[b"content-type"] == b"application/trig"


def with_app(served: Any) -> Callable[..., Answer]:
    """Return `fetch` for another application."""

    def get(path: str, accept: str | None = None) -> Answer:
        global app
        kept = app
        app = lambda root="": served  # noqa: E731
        try:
            return fetch(path, accept)
        finally:
            app = kept

    return get


# ---------------------------------------------------------------- w3id.org


class Redirects:
    """As much of Apache's mod_rewrite as the redirects use."""

    def __init__(self, text: str) -> None:
        self.rules: list[tuple[list[re.Pattern[str]], re.Pattern[str], str, int]] = []
        conditions: list[re.Pattern[str]] = []
        for line in text.splitlines():
            words = line.split()
            if line.startswith("RewriteCond %{HTTP_ACCEPT} "):
                pattern = line.removeprefix("RewriteCond %{HTTP_ACCEPT} ").removesuffix(" [NC]")
                assert " " not in pattern
                conditions.append(re.compile(pattern, re.IGNORECASE))
            elif line.startswith("RewriteRule "):
                _, pattern, target, flags = words
                status = int(re.fullmatch(r"\[R=(30[23]),L\]", flags)[1])  # type: ignore[index]
                self.rules.append((conditions, re.compile(pattern), target, status))
                conditions = []
            else:
                assert not line or line.startswith(("#", "Options ", "RewriteEngine on"))

    def lead(self, path: str, accept: str) -> tuple[int, str]:
        for conditions, pattern, target, status in self.rules:
            found = pattern.search(path)
            if found and all(condition.search(accept) for condition in conditions):
                return status, target.replace("$1", found[1])
        raise AssertionError(path)


def test_the_redirects_in_the_repository_are_those_that_are_made() -> None:
    held = packaged().joinpath("w3id", ".htaccess")
    if not held.exists():
        pytest.skip("an installed package has no redirects")
    assert held.read_text(encoding="utf-8") == w3id.htaccess()


@pytest.mark.parametrize("form", ALL, ids=lambda form: form.key)
def test_w3id_leads_every_kind_of_address_to_the_format_asked_for(form: Format) -> None:
    redirects = Redirects(w3id.htaccess("https://host.example/k/"))
    for path in sample()[:: 3 if form is not HTML else 9]:
        bare = path.removeprefix("doc/")
        status, target = redirects.lead(bare, form.media_type)
        assert target.startswith("https://host.example/k/")
        answer = fetch("/" + quote(target.removeprefix("https://host.example/k/")), form.media_type)
        assert (answer.status, answer.media_type) == (200, form.media_type), (path, target)
        assert status == 303 or bare.endswith(".ttl"), path


def test_w3id_leads_files_pages_and_suffixes_to_the_same_path() -> None:
    redirects = Redirects(w3id.htaccess("https://host.example"))
    paths = [*list_files(dataset()), *PAGES - {""}, "query/some-question", "doc/case/lamsig.ttl"]
    for path in [*paths, "ontology.ttl", "static/style.css", ".well-known/void", "void.jsonld"]:
        assert redirects.lead(path, "text/html")[1] == f"https://host.example/{path}"
    assert redirects.lead("", "text/html,*/*;q=0.8")[1] == "https://host.example/"
    assert redirects.lead("case/lamsig", "text/html;q=0, text/turtle")[1].endswith(".ttl")
    assert redirects.lead("case/lamsig", "*/*")[1] == "https://host.example/doc/case/lamsig.ttl"


@pytest.mark.parametrize("host", ["ftp://x/", "https://x/ [L]\nRewriteRule", "", "https://x/$1"])
def test_redirects_are_not_made_for_what_is_no_host(host: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        w3id.htaccess(host)


# ---------------------------------------------------------------- FOOPS!


ONTOLOGY = BASE + "ontology"
ONTOLOGIES = sorted({d.about for d in list_documents(dataset()) if d.kind is Kind.ONTOLOGY})
VANN = "http://purl.org/vocab/vann/"
NOT_ON_LOOPBACK = {
    "FIND2": "asks prefix.cc and LOV for the prefix",
    "FIND3": "asks LOV, unless the ontology names a catalogue that lists it; that is checked",
    "OM4.2": "fetches the licence from creativecommons.org; its address is checked",
    "OM3": "wants a DOI and a logo besides; no DOI has been minted, and none is invented",
}


@cache
def header(iri: str) -> dict[str, list[str]]:
    """What the header of an ontology says, read from its RDF/XML as FOOPS! does."""
    quads = parse(fetch(path_to(iri), "application/rdf+xml"))
    found: dict[str, list[str]] = {}
    for quad in quads:
        if quad.subject == ox.NamedNode(iri):
            found.setdefault(quad.predicate.value, []).append(quad.object.value)
    headers = {q.subject.value for q in quads if q.object == ox.NamedNode(OWL + "Ontology")}
    assert headers == {iri}, "a document has one ontology header"
    return found


@cache
def vocabulary() -> frozenset[str]:
    """Every class and property of ours."""
    kinds = {ox.NamedNode(OWL + k) for k in ("Class", "ObjectProperty", "DatatypeProperty")}
    store = dataset().store
    found = {
        q.subject.value
        for k in kinds
        for q in store.quads_for_pattern(None, None, k, None)
        if isinstance(q.subject, ox.NamedNode)
    }
    return frozenset(term for term in found if term.startswith(K20))


@cache
def terms(iri: str) -> dict[str, set[str]]:
    """The terms of ours that an ontology speaks of, with the predicates that it uses on each."""
    quads = parse(fetch(path_to(iri), "text/turtle"))
    spoken_of = {term.value for q in quads for term in q.triple if isinstance(term, ox.NamedNode)}
    found: dict[str, set[str]] = {term: set() for term in spoken_of & vocabulary()}
    for quad in quads:
        if quad.subject.value in found:
            found[quad.subject.value].add(quad.predicate.value)
    assert found
    return found


FOOPS: dict[str, Callable[[str], object]] = {
    "PURL1": lambda iri: "w3id.org" in iri,
    "HTTP1": lambda iri: iri.startswith("http"),
    "URI1": lambda iri: all(
        follow(path_to(iri), kind).status == 200
        for kind in ("application/rdf+xml", "text/turtle", "text/n3", "application/ld+json")
    ),
    "URI2": lambda iri: header(iri)[RDF_TYPE] == [OWL + "Ontology"],
    "VER1": lambda iri: header(iri)[OWL + "versionIRI"][0] not in ("", iri),
    "VER2": lambda iri: all(
        follow(path_to(header(iri)[OWL + "versionIRI"][0]), kind).status == 200
        for kind in (None, "text/html", "application/rdf+xml")
    ),
    "CN1": lambda iri: (
        follow(path_to(iri), "text/html").media_type == "text/html"
        and follow(path_to(iri), "application/rdf+xml").media_type == "application/rdf+xml"
    ),
    "RDF1": lambda iri: parse(fetch(path_to(iri), "application/rdf+xml")),
    "DOC1": lambda iri: b"<html" in fetch(path_to(iri), "text/html").body,
    "OM1": lambda iri: all(
        header(iri)[name]
        for name in (
            DCTERMS + "title",
            DCTERMS + "description",
            DCTERMS + "license",
            OWL + "versionIRI",
            DCTERMS + "creator",
            VANN + "preferredNamespaceUri",
        )
    ),
    "OM2": lambda iri: all(
        header(iri)[name]
        for name in (
            VANN + "preferredNamespacePrefix",
            OWL + "versionInfo",
            DCTERMS + "created",
            DCTERMS + "bibliographicCitation",
            DCTERMS + "contributor",
        )
    ),
    "OM3": lambda iri: all(
        header(iri)[name]
        for name in (
            DCTERMS + "publisher",
            "http://purl.org/ontology/bibo/status",
            DCTERMS + "source",
            DCTERMS + "issued",
            DCTERMS + "modified",
        )
    ),
    "OM4.1": lambda iri: header(iri)[DCTERMS + "license"],
    "OM4.2": lambda iri: header(iri)[DCTERMS + "license"][0].startswith("https://creativecommons"),
    "OM5.1": lambda iri: header(iri)[DCTERMS + "created"] and header(iri)[DCTERMS + "creator"],
    "OM5.2": lambda iri: header(iri)[DCTERMS + "issued"] and header(iri)[DCTERMS + "publisher"],
    "VOC1": lambda iri: any(name.startswith(DCTERMS) for name in header(iri)),
    "VOC2": lambda _: any(
        quad.predicate.value == RDFS + "subClassOf"
        and isinstance(quad.object, ox.NamedNode)
        and not quad.object.value.startswith((BASE, "http://www.w3.org/2002/07/owl#"))
        for alignment in ONTOLOGIES
        for quad in parse(fetch(path_to(alignment), "text/turtle"))
    ),
    "VOC3": lambda iri: all(RDFS + "label" in used for used in terms(iri).values()),
    "VOC4": lambda iri: all(
        {SKOS + "definition", RDFS + "comment"} & used for used in terms(iri).values()
    ),
    "FIND1": lambda iri: header(iri)[VANN + "preferredNamespacePrefix"] == ["k20"],
    "FIND3": lambda iri: header(iri)["https://schema.org/includedInDataCatalog"],
    "FIND3-BIS": lambda iri: header(iri)["https://schema.org/includedInDataCatalog"],
}


@pytest.mark.parametrize("check", FOOPS)
def test_foops(check: str) -> None:
    """Each ontology passes each check; `NOT_ON_LOOPBACK` says what a check would ask elsewhere."""
    assert len(ONTOLOGIES) > 10
    for iri in ONTOLOGIES:
        assert FOOPS[check](iri), iri


def test_the_top_ontology_declares_every_term_of_the_modules() -> None:
    assert len(terms(ONTOLOGY)) > 150
    for iri in ONTOLOGIES:
        if "/alignments/" not in iri:
            assert terms(iri).keys() <= terms(ONTOLOGY).keys()
