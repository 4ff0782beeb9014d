"""The web application in this process: what is guarded, how answers are sent, what is judged."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from k20kg.shipped import shipped_cases
from k20kg.vocabulary import BASE, K20
from k20kg.web.answering import Limits
from k20kg.web.app import create_app
from k20kg.web.coding import accepts_gzip
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.guard import Guard
from k20kg.web.pages import Links, Site
from k20kg.web.settings import Settings, UploadLimits

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PAGES = ["/", "/cases", "/literature", "/queries", "/about", "/judge", "/sparql"]
FULL = shipped_cases()["full-partnership"]
SETTINGS = Settings(query=Limits(seconds=3), query_workers=2)


class Client:
    """A client of an application that runs in this process, used from outside the loop."""

    def __init__(self, app: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://testserver",
            headers={"accept-encoding": "identity"},
        )
        self._app = app

    def __enter__(self) -> Client:
        self._told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._said: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._life = self._runner.get_loop().create_task(
            self._app({"type": "lifespan"}, self._told.get, self._said.put)
        )
        self._runner.run(self._tell("lifespan.startup"))
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._tell("lifespan.shutdown"))
        self._runner.run(self._client.aclose())
        self._runner.close()

    async def _tell(self, what: str) -> None:
        await self._told.put({"type": what})
        assert (await self._said.get())["type"] == f"{what}.complete"

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def head(self, path: str, **more: Any) -> httpx.Response:
        return self.request("HEAD", path, **more)

    def options(self, path: str, **more: Any) -> httpx.Response:
        return self.request("OPTIONS", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return open_dataset()


@pytest.fixture(scope="module")
def client(dataset: Dataset) -> Iterator[Client]:
    with Client(create_app(dataset, settings=SETTINGS)) as client:
        yield client


Make = Callable[..., Client]


@pytest.fixture
def make(dataset: Dataset) -> Iterator[Make]:
    """Make clients of applications of one's own."""
    with ExitStack() as stack:
        yield lambda root="", **settings: stack.enter_context(
            Client(create_app(dataset, root=root, settings=replace(SETTINGS, **settings)))
        )


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


# ---------------------------------------------------------------- limits


def test_addresses_headers_and_bodies_have_a_size(client: Client) -> None:
    long = "x" * (SETTINGS.target_bytes + 1)
    assert client.get(f"/cases?reading={long}").status_code == 414
    assert client.get("/cases", headers={"x-much": "y" * SETTINGS.header_bytes}).status_code == 431
    many = {f"x-{n}": "1" for n in range(SETTINGS.header_count + 1)}
    assert client.get("/cases", headers=many).status_code == 431
    large = b"x" * (SETTINGS.body_bytes + 1)
    assert client.post("/judge", content=large).status_code == 413
    assert client.post("/judge", content=_slowly(large[:100], large)).status_code in (413, 415)
    assert client.get("/cases", headers={"content-length": "many"}).status_code == 400
    assert client.get("/cases", headers={"content-length": "9" * 30}).status_code == 400
    assert client.get("/ca%00ses").status_code == 400


def test_a_body_without_length_is_cut_off_where_it_is_too_large(client: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 65536

    for kind in ("text/turtle", "application/x-www-form-urlencoded"):
        found = client.post("/judge", content=endless(), headers={"content-type": kind})
        assert found.status_code == 413
    form = {"content-type": "multipart/form-data; boundary=x"}

    async def file() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.ttl"\r\n\r\n'
        async for part in endless():
            yield part

    assert client.post("/judge", content=file(), headers=form).status_code == 413


async def _slowly(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def _exchange(app: Any, receive: Callable[[], Awaitable[Any]], **scope: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    given = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [],
        "client": ("127.0.0.1", 1),
        **scope,
    }
    await app(given, receive, send)
    return sent


async def _never() -> Any:
    await asyncio.sleep(60)


async def _nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def _guarded(dataset: Dataset, app: Any, **settings: Any) -> Guard:
    return Guard(app, Site(dataset, Links()), Settings(**settings))


def test_a_body_that_trickles_in_is_given_up(dataset: Dataset) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass

    guard = _guarded(dataset, app, body_seconds=0.05)
    start, _ = asyncio.run(_exchange(guard, _never, method="POST"))
    assert start["status"] == 408


def test_a_request_that_takes_too_long_is_given_up(dataset: Dataset) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await _never()

    start, _ = asyncio.run(_exchange(_guarded(dataset, app, request_seconds=0.05), _nothing))
    assert start["status"] == 503
    assert b"retry-after" in dict(start["headers"])


def test_a_fault_of_ours_is_told_without_what_the_client_sent(
    dataset: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError(scope["query_string"])

    start, body = asyncio.run(_exchange(_guarded(dataset, app), _nothing, query_string=b"secret"))
    assert start["status"] == 500
    err = capsys.readouterr().err
    assert "ValueError in the server" in err
    assert "secret" not in err + body["body"].decode()


def test_a_proxy_is_believed_about_the_client_only_if_told_so(dataset: Dataset) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["client"])

    headers = [(b"x-forwarded-for", b"203.0.113.9, 192.0.2.1")]
    for believed in (True, False):
        guard = _guarded(dataset, app, behind_proxy=believed)
        asyncio.run(_exchange(guard, _nothing, headers=headers))
    assert seen == [("192.0.2.1", 0), ("127.0.0.1", 1)]


# ---------------------------------------------------------------- compression


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (b"", False),
        (b"gzip", True),
        (b"GZIP", True),
        (b"br;q=1, gzip;q=0.1", True),
        (b"gzip;q=0", False),
        (b"gzip;q=0.000, *;q=1", False),
        (b"*", True),
        (b"*;q=0", False),
        (b"identity", False),
        (b"identity;q=1, gzip;q=0.5", False),
        (b"x-gzip", True),
        (b"gzip;q=nonsense", False),
        (b"deflate, br", False),
    ],
)
def test_gzip_is_used_where_it_is_taken(said: bytes, taken: bool) -> None:
    assert accepts_gzip(said) is taken


@pytest.mark.parametrize("path", ["/cases", "/static/style.css"])
def test_each_encoding_has_a_tag_of_its_own(path: str, client: Client) -> None:
    plain = client.get(path, headers={"accept-encoding": "identity"})
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    assert packed.content == plain.content  # the client has unpacked it
    assert packed.headers["content-encoding"] == "gzip"
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
    assert status(tags[1], "gzip") == (304, tags[1])
    assert status(f'"other", {tags[1]}', "gzip") == (304, tags[1])
    assert status(tags[1], "identity") == (200, tags[0])
    assert status('"other"', "gzip") == (200, tags[1])


def test_what_is_small_is_left_as_it_is(client: Client) -> None:
    found = client.get("/health", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in found.headers


# ---------------------------------------------------------------- judging


def _send(client: Client, how: str, record: bytes, **fields: str) -> Any:
    if how == "file":
        return client.post("/judge", files={"file": ("case.ttl", record)}, data=fields)
    if how == "text":
        return client.post("/judge", data={"text": record.decode(), **fields})
    if how == "multipart text":
        parts = {"text": (None, record.decode())}
        return client.post("/judge", files=parts, data=fields)
    return client.post(
        "/judge", content=record, params=fields, headers={"content-type": "text/turtle"}
    )


@pytest.mark.parametrize("how", ["file", "text", "multipart text", "body"])
def test_a_record_is_judged_however_it_is_sent(how: str, client: Client) -> None:
    found = _send(client, how, FULL.read_bytes(), format="json")
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert [a["verdict"] for a in found.json()["assessments"]] == ["met", "met"]
    page = _send(client, how, FULL.read_bytes(), format="html", reading="literal")
    assert page.headers["content-type"].startswith("text/html")
    assert "K-20 partnership" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html", "text/html"),
        ("application/json", "application/json"),
        ("text/turtle", "text/turtle"),
        ("text/csv", "text/csv"),
        ("text/markdown", "text/markdown"),
        ("*/*", "text/html"),
    ],
)
def test_a_report_comes_in_the_format_that_is_taken(accept: str, kind: str, client: Client) -> None:
    files = {"file": ("case.ttl", FULL.read_bytes())}
    found = client.post("/judge", files=files, headers={"accept": accept})
    assert found.status_code == 200
    assert found.headers["content-type"].partition(";")[0] == kind
    refused = client.post("/judge", files=files, headers={"accept": "image/png"})
    assert refused.status_code == 406


def test_what_is_no_record_gets_no_verdict_but_a_reason(client: Client) -> None:
    broken = FULL.read_bytes()[:-40]
    found = _send(client, "body", broken)
    assert found.status_code == 400
    assert re.search(r":\d+", found.json()["where"])
    page = client.post("/judge", data={"text": broken.decode()}, headers=HTML)
    assert page.status_code == 400
    assert "could not be judged" in page.text
    unfounded = f"<{BASE}case/x> a <{K20}CandidateGroup> ; <{K20}goal> <{BASE}case/x/goal/1> ."
    assert _send(client, "body", unfounded.encode()).status_code in (200, 422)
    assert _send(client, "body", b" \n").status_code == 400
    assert _send(client, "text", b"").status_code == 400
    kinds = {"content-type": "application/pdf"}
    refused = client.post("/judge", content=b"%PDF", headers=kinds)
    assert refused.status_code == 415
    assert "multipart/form-data" in refused.headers["accept-post"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=", b"x"),
        ("multipart/form-data; boundary=x", b"nothing of the kind"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--",
        ),
        ("multipart/form-data; boundary=x", b""),
        ("application/x-www-form-urlencoded", b"text=%ff%fe"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 500)),
        ("application/x-www-form-urlencoded", b"text=a&format=exe"),
        ("application/x-www-form-urlencoded", b"text=a&definition=../../etc/passwd"),
        ("application/x-www-form-urlencoded", b"text=a&reading=" + b"x" * 500),
        ("text/turtle", b"\xff\xfe\x00"),
        ("application/ld+json", b'{"@context": "http://127.0.0.1:9/context"}'),
        (
            "application/rdf+xml",
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        ),
    ],
)
def test_a_broken_form_is_the_clients_fault(kind: str, body: bytes, client: Client) -> None:
    found = client.post("/judge", content=body, headers={"content-type": kind})
    assert found.status_code in (400, 415, 422), found.text
    assert "root:" not in found.text


def test_many_fields_and_files_are_refused(client: Client) -> None:
    fields = {f"f{n}": "x" for n in range(50)}
    files = [("file", ("a.ttl", b"x")), ("file", ("b.ttl", b"x"))]
    assert client.post("/judge", files=files).status_code == 400
    assert client.post("/judge", data=fields, files=files[:1]).status_code == 400


def test_a_record_of_markup_is_shown_as_text(client: Client) -> None:
    evil = (
        FULL.read_text(encoding="utf-8")
        .replace("Full partnership", "<script>alert(1)</script>\u202e\\u001b[31m")
        .encode()
    )
    page = _send(client, "file", evil, format="html")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    assert "\u202e" not in page.text
    assert "\x1b" not in page.text


def test_nothing_of_a_record_is_stored(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened: list[object] = []
    rollover = tempfile.SpooledTemporaryFile.rollover
    monkeypatch.setattr(
        tempfile.SpooledTemporaryFile,
        "rollover",
        lambda self: (opened.append(self), rollover(self))[1],
    )
    large = FULL.read_bytes() + b"\n#" + b"x" * (3 << 19)
    assert _send(client, "file", large, format="json").status_code == 200
    assert not opened
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("limits", [UploadLimits(seconds=0.01), UploadLimits(memory=1 << 20)])
def test_judging_has_limits(limits: UploadLimits, make: Make) -> None:
    found = _send(make(upload=limits), "body", FULL.read_bytes())
    assert found.status_code == 422
    assert "record" in found.json()["title"]


def test_too_many_records_at_a_time_are_asked_to_come_back(make: Make) -> None:
    found = _send(make(upload=UploadLimits(waiting=0)), "body", FULL.read_bytes())
    assert found.status_code == 503
    assert int(found.headers["retry-after"]) > 0


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
