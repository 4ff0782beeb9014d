"""Operators get an access rule, a log, counters, health and readiness, and parts of dumps."""

from __future__ import annotations

import base64
import json
import re

import pytest
from web_client import HTML, Client, Make

from k20kg.cli import main
from k20kg.version import __version__

DUMP = "/dump/"


def _basic(words: str) -> dict[str, str]:
    return {"authorization": f"Basic {base64.b64encode(words.encode()).decode()}"}


# ---------------------------------------------------------------- who may ask


def test_nothing_but_health_is_told_without_the_password(make: Make) -> None:
    client = make(passwords=("anna:secret", "bo:ü:x"))
    for path in ("/", "/case/lamsig", "/sparql?query=ASK%7B%7D", "/static/style.css", "/nowhere"):
        refused = client.get(path)
        assert refused.status_code == 401, path
        assert refused.headers["www-authenticate"].startswith("Basic ")
        assert "k20kg 0" not in refused.text
        assert client.get(path, headers=_basic("anna:wrong")).status_code == 401
        assert client.get(path, headers={"authorization": "Basic ???"}).status_code == 401
    assert client.post("/judge", content=b"x", headers=_basic("anna:")).status_code == 401
    assert client.get("/health").status_code == 200
    for known in ("anna:secret", "bo:ü:x"):
        assert client.get("/", headers={**HTML, **_basic(known)}).status_code == 200


def test_a_proxy_tells_by_a_header_who_is_let_in(make: Make) -> None:
    client = make(trusted_header="X-Remote-User")
    assert client.get("/", headers=HTML).status_code == 401
    assert client.get("/", headers={**HTML, "x-remote-user": ""}).status_code == 401
    assert client.get("/", headers={**HTML, "x-remote-user": "anna"}).status_code == 200


@pytest.mark.parametrize("text", ["", "# nobody\n", "anna\n", ":x\n", "anna:\n"])
def test_a_password_file_that_lets_nobody_in_is_refused(
    text: str, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path_factory.mktemp("passwords") / "file"
    file.write_text(text, encoding="utf-8")
    assert main(["serve", "--password-file", str(file)]) == 2
    assert "name:password" in capsys.readouterr().err


# ---------------------------------------------------------------- log and counters


def test_requests_are_logged_only_if_it_is_asked_for(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "/cases?reading=none&x=%22%1b%0a"
    make().get(address)
    assert capsys.readouterr().err == ""
    make(log="common").get(address)
    line = capsys.readouterr().err
    assert re.fullmatch(
        r'\S+ - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /cases\?reading=none&x=%22%1b%0a '
        r'HTTP/1\.1" 400 \d+\n',
        line,
    ), line
    make(log="json", behind_proxy=True).get("/nowhere", headers={"x-forwarded-for": "a, 192.0.2.7"})
    told = json.loads(capsys.readouterr().err)
    assert (told["client"], told["method"], told["address"]) == ("192.0.2.7", "GET", "/nowhere")
    assert told["status"] == 404
    assert told["ms"] >= 0


def test_counters_are_off_unless_it_is_asked_for(make: Make) -> None:
    assert make().get("/metrics").status_code == 404
    client = make("/k", metrics=True)
    client.get("/k/nowhere")
    client.get("/k/health")
    client.get("/k/health")
    found = client.get("/k/metrics")
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert re.search(
        r'k20kg_requests_total\{worker="\d+",method="GET",status="200"\} 2\n', found.text
    )
    assert re.search(
        r'k20kg_requests_total\{worker="\d+",method="GET",status="404"\} 1\n', found.text
    )
    assert re.search(r'k20kg_request_seconds_bucket\{worker="\d+",le="\+Inf"\} 3\n', found.text)
    assert re.search(r'k20kg_cases\{worker="\d+"\} \d\d', found.text)
    for line in found.text.splitlines():
        assert re.fullmatch(r"# TYPE \w+ (counter|gauge|histogram)|\w+\{[^{}]+\} [0-9.]+", line), (
            line
        )


def test_readiness_asks_a_query(client: Client) -> None:
    found = client.get("/ready")
    assert (found.status_code, found.json()) == (200, {"status": "ready", "waiting": 0})


# ---------------------------------------------------------------- parts of dumps


@pytest.fixture(scope="module")
def dump() -> str:
    return f"{DUMP}k20kg-{__version__}.nq.gz"
