"""Documents over HTTP: redirects, tags, methods, encodings, and addresses that are none."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from in_process import ALL, GOAL, RUNNER, again, app, dataset, fetch
from starlette.routing import Router
from web_client import client_of

from k20kg.vocabulary import BASE, RDFS
from k20kg.web.dataset import open_dataset
from k20kg.web.http.formats import FORMATS, Format
from k20kg.web.http.response_cache import Once
from k20kg.web.linkeddata import routes
from k20kg.web.linkeddata.documents import list_documents, statements
from k20kg.web.serializer import write


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
        for other in ('"other"', tag[:-1] + 'x"'):
            assert fetch(path, "text/turtle", if_none_match=other).status == 200
    html = fetch(f"/doc/{GOAL}", "text/html").headers["etag"]
    assert fetch(f"/doc/{GOAL}", "text/turtle", if_none_match=html).status == 200


def test_the_tag_follows_the_data(tmp_path: Path) -> None:
    own = tmp_path / "more.ttl"
    own.write_text(f'<{BASE}case/lamsig> <{RDFS}comment> "more" .\n', encoding="utf-8")
    assert again().digest == dataset().digest
    changed = open_dataset([own])
    assert changed.digest != dataset().digest
    with client_of(changed) as client:
        tag = client.get("/doc/case/lamsig.ttl").headers["etag"]
    assert tag != fetch("/doc/case/lamsig.ttl").headers["etag"]


def test_the_same_data_give_the_same_bytes_each_time_they_are_loaded() -> None:
    assert write(again().store, FORMATS[-1]) == write(dataset().store, FORMATS[-1])
    for document in (d for d in list_documents(again()) if d.path in ("ontology", "doc/case/guie")):
        for form in FORMATS:
            one, other = (statements(data, document) for data in (again(), dataset()))
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
    "/dump/../k20kg-0.2.0.nq.gz": 404,
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


def test_a_document_is_made_once_however_many_ask_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    def write(quads: Any, form: Format, topic: str, replace: bool) -> bytes:
        made.append(topic.removeprefix(BASE))
        time.sleep(0.05)
        return b"a document"

    monkeypatch.setattr(routes, "write", write)
    served = httpx.ASGITransport(Router(routes.routes(routes.Published(dataset(), str), Once())))

    async def ask_often() -> list[bytes]:
        async with httpx.AsyncClient(transport=served, base_url="http://test") as client:
            many = [client.get("/shapes") for _ in range(50)]
            found = await asyncio.gather(*many, client.get("/ontology"))
            return [answer.content for answer in found]

    assert RUNNER.run(ask_often()) == [b"a document"] * 51
    assert sorted(made) == ["ontology", "shapes"]


def test_a_header_in_several_lines_is_one_header() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    lines = [(b"accept", b"text/html;q=0.1"), (b"accept", b"application/trig, text/turtle;q=0.2")]
    scope = {"type": "http", "method": "GET", "path": f"/doc/{GOAL}", "headers": lines}
    RUNNER.run(app()({**scope, "query_string": b""}, None, send))
    assert dict(sent[0]["headers"])[b"content-type"] == b"application/trig"


def test_the_page_of_the_description_is_not_the_front_page() -> None:
    front, described = fetch("/", "text/html"), fetch("/void", "text/html")
    assert (front.status, described.status) == (200, 200)
    assert front.body != described.body
    assert front.headers["etag"] != described.headers["etag"]
