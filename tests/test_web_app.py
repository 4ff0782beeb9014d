"""The web application as a whole, in process: pages, addresses, methods, compression."""

from __future__ import annotations

import json
import re
import sys

import pytest
from in_process import dataset
from starlette.routing import Match, Route
from web_client import HTML, Client, Make

from k20kg.web.app import create_router
from k20kg.web.indexes import INDEXES
from k20kg.web.linkeddata.downloads import openapi
from k20kg.web.pages import Site
from k20kg.web.search import SEARCH
from k20kg.web.settings import Settings

PAGES = ["/", "/cases", "/literature", "/queries", "/about", "/judge", "/sparql"]


# ---------------------------------------------------------------- pages


@pytest.mark.parametrize("path", PAGES)
def test_pages_come_whole_and_can_be_revalidated(path: str, client: Client) -> None:
    found = client.get(path, headers=HTML)
    assert found.status_code == 200
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert found.text.startswith("<!doctype html>")
    assert found.text.count("<h1") == 1
    if path != "/sparql":
        again = client.get(path, headers={**HTML, "if-none-match": found.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == found.headers["etag"]


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/cases?reading=none"])
def test_pages_may_do_nothing_but_be_shown(path: str, client: Client) -> None:
    found = client.get(path, headers=HTML)
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*(\ssrc=|application/ld\+json))", found.text)
    assert not re.search(r"<[^>]*\s(?:style|on\w+)\s*=", found.text)
    assert "<style" not in found.text
    loaded = re.findall(
        r"<(?:link[^>]*stylesheet|script|img|iframe)[^>]*(?:href|src)=\"([^\"]+)", found.text
    )
    assert loaded
    assert all(address.startswith("/static/") for address in loaded)
    for address in loaded:
        asset = client.get(address)
        assert asset.status_code == 200
        assert "immutable" in asset.headers["cache-control"]


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/", "text/html"), ("/nowhere", "*/*"), ("/sparql?query=ASK{}", "*/*"), ("/health", "*/*")],
)
def test_every_answer_has_the_headers_that_keep_browsers_quiet(
    path: str, accept: str, client: Client
) -> None:
    headers = client.get(path, headers={"accept": accept}).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["access-control-allow-origin"] == "*"


def test_who_asks_for_nothing_wrong_is_told_what_is(client: Client) -> None:
    page = client.get("/nowhere", headers=HTML)
    assert page.status_code == 404
    assert "<h1" in page.text
    data = client.get("/nowhere", headers={"accept": "text/turtle"})
    assert data.status_code == 404
    assert data.headers["content-type"] == "application/problem+json"
    assert data.json()["status"] == 404
    assert data.json()["title"]


def test_the_description_for_programs_names_what_is_there(client: Client) -> None:
    found = client.get("/openapi.json")
    assert found.headers["content-type"] == "application/json"
    paths = found.json()["paths"]
    assert {"/sparql", "/judge", "/query/{name}", "/doc/{kind}/{name}"} <= set(paths)
    assert client.get("/health").json()["contents"]


def test_the_description_for_programs_has_every_route() -> None:
    router = create_router(Site(dataset()), Settings())
    described = json.loads(openapi(dataset()))["paths"]
    assert "/metrics" in described  # stands before the router
    led: dict[str, set[str]] = {}
    for path, methods in described.items():
        scope = {"type": "http", "path": re.sub(r"\{\w+\}", "x", path), "method": "GET"}
        route = next(r for r in router.routes if r.matches(scope)[0] is Match.FULL)
        assert isinstance(route, Route)
        led.setdefault(route.path, set()).update(map(str.upper, methods))
        assert led[route.path] <= (route.methods or set())
    every = {r.path: (r.methods or set()) - {"HEAD"} for r in router.routes if isinstance(r, Route)}
    assert every.pop("/static/{name}") == {"GET"}  # for pages alone
    assert led == every


def test_the_description_for_programs_has_the_parameters_of_lists() -> None:
    document = json.loads(openapi(dataset()))
    shared = document["components"]["parameters"]
    for index in (*INDEXES, SEARCH):
        for path in (f"/{index.path}", f"/{index.path}.{{suffix}}"):
            told = document["paths"][path]["get"].get("parameters", [])
            told = [shared.get(one.get("$ref", "").rpartition("/")[2], one) for one in told]
            assert [one["name"] for one in told if one["in"] == "query"] == list(index.parameters)


# ---------------------------------------------------------------- methods and addresses


@pytest.mark.parametrize(
    "path", ["/", "/cases", "/health", "/sparql", "/judge", "/static/style.css"]
)
def test_options_and_wrong_methods_say_what_is_allowed(path: str, client: Client) -> None:
    options = client.options(path)
    assert options.status_code == 204
    assert {"GET", "HEAD", "OPTIONS"} <= set(options.headers["allow"].split(", "))
    for method in ("DELETE", "PUT", "PATCH"):
        refused = client.request(method, path)
        assert refused.status_code == 405
        assert refused.headers["allow"] == options.headers["allow"]


def test_a_preflight_lets_pages_of_other_hosts_ask(client: Client) -> None:
    asked = {"origin": "https://example.org", "access-control-request-method": "POST"}
    found = client.options("/sparql", headers=asked).headers
    assert found["access-control-allow-origin"] == "*"
    assert "POST" in found["access-control-allow-methods"]
    assert "Content-Type" in found["access-control-allow-headers"]
    assert "access-control-allow-origin" not in client.options("/judge", headers=asked).headers


def test_cors_can_be_left_out(make: Make) -> None:
    assert "access-control-allow-origin" not in make(cors=False).get("/health").headers


@pytest.mark.parametrize("path", ["/", "/cases", "/health", "/static/style.css", "/nowhere"])
def test_head_is_get_without_its_body(path: str, client: Client) -> None:
    for encoding in ("gzip", "identity"):
        given = {**HTML, "accept-encoding": encoding}
        get = client.get(path, headers=given)
        head = client.head(path, headers=given)
        assert head.content == b""
        assert head.status_code == get.status_code
        assert head.headers == get.headers


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/cases/", "/cases"),
        ("/cases/?reading=literal", "/cases?reading=literal"),
        ("//evil.example/", "/evil.example"),
        ("/%2F/evil.example//", "/evil.example"),
    ],
)
def test_a_slash_too_many_leads_to_the_address_without(
    path: str, target: str, client: Client
) -> None:
    found = client.get(f"http://testserver{path}")
    assert (found.status_code, found.headers["location"]) == (308, target)


def test_all_is_found_under_a_root(make: Make) -> None:
    client = make("/at/k20kg")
    assert client.get("/at/k20kg").headers["location"] == "/at/k20kg/"
    assert client.get("/at/k20kg/cases/").headers["location"] == "/at/k20kg/cases"
    page = client.get("/at/k20kg/", headers=HTML)
    assert page.status_code == 200
    local = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
    assert local
    assert all(address.startswith("/at/k20kg/") for address in local)
    for address in set(local):
        found = client.get(address.partition("#")[0], headers=HTML)
        assert found.status_code in (200, 303), address
    # A proxy may have stripped the prefix already.
    assert client.get("/cases", headers=HTML).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/doc/../../../../etc/passwd",
        "/doc/%2e%2e/%2e%2e/etc/passwd",
        "/data/..%2f..%2fpyproject.toml",
        "/dump/..%2f..%2fetc%2fpasswd",
        "/query/..%2f..%2fcase%2fx.rq",
        "/query/%2e%2e/lamsig",
        "/static//etc/passwd",
        "/static/C:%5Cwindows",
    ],
)
def test_no_address_leads_out_of_what_is_published(path: str, client: Client) -> None:
    found = client.get(f"http://testserver{path}", headers={"accept": "*/*"})
    assert found.status_code in (400, 404)
    assert "root:" not in found.text
    assert "[project]" not in found.text


# ---------------------------------------------------------------- compression


@pytest.mark.parametrize("path", ["/cases", "/static/style.css"])
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_each_encoding_has_a_tag_of_its_own(path: str, coding: str, client: Client) -> None:
    plain = client.get(path, headers={"accept-encoding": "identity"})
    packed = client.get(path, headers={"accept-encoding": coding})
    assert packed.content == plain.content  # the client has unpacked it
    assert packed.headers["content-encoding"] == coding
    assert "content-encoding" not in plain.headers
    assert int(packed.headers["content-length"]) < len(plain.content)
    tags = plain.headers["etag"], packed.headers["etag"]
    assert tags[0] != tags[1]
    for found in (plain, packed):
        assert "accept-encoding" in found.headers["vary"].lower()

    def status(tag: str, encoding: str) -> tuple[int, str]:
        found = client.get(path, headers={"if-none-match": tag, "accept-encoding": encoding})
        return found.status_code, found.headers["etag"]

    assert status(tags[0], "identity") == (304, tags[0])
    assert status(tags[1], coding) == (304, tags[1])
    assert status(f'"other", {tags[1]}', coding) == (304, tags[1])
    assert status(tags[1], "identity") == (200, tags[0])
    assert status('"other"', coding) == (200, tags[1])


@pytest.mark.parametrize("path", ["/cases", "/doc/case/lamsig.html", "/sparql?query=ASK+%7B%7D"])
def test_not_modified_replaces_no_header_of_the_kept_answer(path: str, client: Client) -> None:
    whole = client.get(path)
    known = {"if-none-match": whole.headers["etag"]}
    told = [ask(path, headers=known) for ask in (client.get, client.get, client.head)]
    for one in told:  # the second comes from memory, the third does not
        assert (one.status_code, one.headers) == (304, told[0].headers)
    assert told[0].headers.items() <= whole.headers.items()
    named = {"cache-control", "etag", "vary", "content-location"}
    allowed = {"access-control-allow-origin", "access-control-expose-headers"}
    assert set(told[0].headers) <= named | allowed


def test_what_is_small_is_left_as_it_is(client: Client) -> None:
    found = client.get("/health", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in found.headers


# ---------------------------------------------------------------- queries through it all


def test_a_query_that_takes_too_long_is_ended_and_others_are_answered(client: Client) -> None:
    hostile = "SELECT (COUNT(*) AS ?n) {?a ?b ?c . ?d ?e ?f . ?g ?h ?i}"
    found = client.post("/sparql", data={"query": hostile})
    assert found.status_code == 504
    assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_answers_are_compressed_too(client: Client) -> None:
    query = "SELECT ?s ?p ?o {?s ?p ?o} ORDER BY ?s ?p ?o LIMIT 500"
    given = {"accept-encoding": "gzip", "accept": "application/sparql-results+json"}
    found = client.get("/sparql", params={"query": query}, headers=given)
    assert found.headers["content-encoding"] == "gzip"
    assert len(found.json()["results"]["bindings"]) == 500
    again = client.get(
        "/sparql",
        params={"query": query},
        headers={**given, "if-none-match": found.headers["etag"]},
    )
    assert (again.status_code, again.headers["etag"]) == (304, found.headers["etag"])


def test_the_server_is_not_imported_by_other_commands() -> None:
    import subprocess

    code = (
        "import sys; from k20kg.cli import main; main(['definitions']); "
        "print(sorted({'starlette', 'granian', 'jinja2', 'k20kg.web'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
