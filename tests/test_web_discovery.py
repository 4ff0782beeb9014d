"""Linked data as programs find it: link headers, sitemap, dumps, descriptions."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import Any
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from in_process import RDF, Answer, dataset, fetch, follow, parse, path_to

from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, RDFS
from k20kg.web.http.formats import FORMATS
from k20kg.web.linkeddata.describe import dumps
from k20kg.web.linkeddata.downloads import list_files, schema_org


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


@pytest.mark.parametrize("path", ["/", "/doc/case/lamsig", "/ontology/0.2.0", "/data/context.ttl"])
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
    assert links_of(fetch("/ontology/0.2.0"))["latest-version"] == ["/ontology"]
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
        merge = ox.DefaultGraph()  # there once a query has asked for it
        whole = [quad for quad in dataset().store if quad.graph_name != merge]
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
