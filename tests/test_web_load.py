"""The server under fire: killed workers, data swapped, slow and broken clients, a graceful end."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from scale import some, tries
from served import Served

from k20kg.cli import main
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.vocabulary import BASE

HOSTILE = "SELECT (COUNT(*) AS ?n) {?a ?b ?c . ?d ?e ?f . ?g ?h ?i}"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with Served("--workers", "2", "--query-workers", "2", "--time-limit", "3") as server:
        yield server


# ---------------------------------------------------------------- load


@dataclass
class Shot:
    """A request that has to be answered, and what tells that the answer is right."""

    path: str
    accept: str
    holds: bytes


def _shots(number: int) -> list[Shot]:
    asked = quote(f"SELECT (COUNT(*) + {number} AS ?n) {{?s a ?o}}")
    return [
        Shot("/", "text/html", b"K-20 partnership"),
        Shot("/doc/case/lamsig", "text/turtle", b"lamsig"),
        Shot(f"/sparql?query={asked}", "application/sparql-results+json", b'"bindings"'),
        Shot(f"/sparql?query={asked}", "text/csv", b"n"),
        Shot("/query/which-goals-are-shared-by-all-who-were-asked", "text/csv", b"goal"),
        Shot("/cases", "text/html", b"matrix"),
    ]


@dataclass
class Tally:
    """Counts of answered, refused and lost requests."""

    answered: int = 0
    busy: int = 0
    cut_off: list[float] = field(default_factory=list)
    """Times of connections broken before an answer: GET may be sent again (RFC 9110, 9.2.2)."""
    lost: list[str] = field(default_factory=list)


def _fire(server: Served, until: float, seed: int, tally: Tally, lock: threading.Lock) -> None:
    chance = random.Random(seed)
    while time.monotonic() < until:
        shot = chance.choice(_shots(chance.randrange(10_000)))
        words = ""
        for _ in range(30):
            try:
                connection = server.connect()
                connection.request("GET", shot.path, headers={"accept": shot.accept})
                found = connection.getresponse()
                body = found.read()
            except (OSError, http.client.HTTPException) as fault:
                words = f"{shot.path}: {fault!r}"
                with lock:
                    tally.cut_off.append(time.monotonic())
                continue
            finally:
                connection.close()
            if found.status == 503 and found.headers["retry-after"]:
                words = f"{shot.path}: 503"
                with lock:
                    tally.busy += 1
                time.sleep(0.2)
                continue
            good = found.status == 200 and shot.holds in body
            words = "" if good else f"{shot.path}: {found.status} {body[:200]!r}"
            break
        with lock:
            tally.answered += not words
            if words:
                tally.lost.append(words)


def test_no_good_request_is_lost_while_workers_are_killed_and_replaced(server: Served) -> None:
    tally, lock = Tally(), threading.Lock()
    server.get("/cases")
    until = time.monotonic() + tries(sample=4, prove=9)
    clients = [
        threading.Thread(target=_fire, args=(server, until, seed, tally, lock)) for seed in range(6)
    ]
    for client in clients:
        client.start()
    time.sleep(0.5)
    before = server.workers
    for _ in range(3):
        for pid in server.query_workers:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.5)
    server.signal(signal.SIGHUP)
    server.wait_for("read anew")
    assert server.workers == before
    with lock:
        assert tally.cut_off == []
        assert tally.lost == []
    os.kill(server.workers[0], signal.SIGKILL)
    server.wait_for("a worker was lost")
    for client in clients:
        client.join()
    assert tally.lost == []
    assert tally.answered > 2 * len(clients)
    assert len(tally.cut_off) <= len(clients)  # what the killed worker was answering
    assert len(server.workers) == 2


def test_a_hostile_query_does_not_hold_up_others(server: Served) -> None:
    hostile = [
        threading.Thread(target=server.get, args=(f"/sparql?query={quote(HOSTILE)}",))
        for _ in range(3)
    ]
    for one in hostile:
        one.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert server.get("/doc/case/lamsig", accept="text/turtle")[0] == 200
    assert server.get("/health")[0] == 200
    assert time.monotonic() - began < 2.5
    for one in hostile:
        one.join()


# ---------------------------------------------------------------- broken clients


def _raw(server: Served, data: bytes, *, wait: float = 10) -> bytes:
    with socket.create_connection((server.host, server.port), timeout=wait) as link:
        found = b""
        try:
            link.sendall(data)
            while part := link.recv(65536):
                found += part
        except (ConnectionError, TimeoutError):
            pass
        return found


def _request(head: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((head, b"host: localhost", b"connection: close", *headers, b"", b""))


@pytest.mark.parametrize(
    ("data", "statuses"),
    [
        (_request(b"GET /" + b"x" * 20_000 + b" HTTP/1.1"), (414,)),
        (_request(b"GET /?" + b"x" * 100_000 + b" HTTP/1.1"), (414, 431)),
        (_request(b"GET / HTTP/1.1", b"x: " + b"y" * 40_000), (431,)),
        (_request(b"GET / HTTP/1.1", b"x: " + b"y" * 500_000), (431,)),
        (_request(b"GET / HTTP/1.1", *[b"x%d: y" % n for n in range(99)]), (400, 431)),
        (_request(b"GET / HTTP/1.1", *[b"x%d: y" % n for n in range(5000)]), (400, 431)),
        (_request(b"POST /sparql HTTP/1.1", b"content-length: 99999999999"), (413,)),
        (_request(b"POST /judge HTTP/1.1", b"content-length: 99999999999"), (413,)),
        (_request(b"POST /judge HTTP/1.1", b"content-length: -1"), (400,)),
        (
            _request(b"POST / HTTP/1.1", b"content-length: 5", b"transfer-encoding: chunked"),
            (400, 405),
        ),
        (_request(b"GET /static/../../pyproject.toml HTTP/1.1"), (400, 404)),
        (_request(b"GET /static/%2e%2e%2f%2e%2e%2fpyproject.toml HTTP/1.1"), (400, 404)),
        (_request(b"GET /dump/..%5c..%5cx HTTP/1.1"), (400, 404)),
        (_request(b"GET /doc/%00 HTTP/1.1"), (400,)),
        (_request(b"GET /doc/%ff%fe HTTP/1.1"), (400, 404)),
        (_request(b"GET http://evil.example/ HTTP/1.1"), (200, 400, 404)),
        (_request(b"TRACE / HTTP/1.1"), (405,)),
        (_request(b"BREW /cases HTTP/1.1"), (405,)),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, (400, 0)),
        (b"GET / HTTP/9.9\r\n\r\n", (400, 0)),
        (b"\r\n\r\n\r\n\x00", (400, 0)),
    ],
)
def test_what_is_malformed_or_too_large_is_refused(
    data: bytes, statuses: tuple[int, ...], server: Served
) -> None:
    found = _raw(server, data)
    status = int(found[9:12]) if found.startswith(b"HTTP/1.") else 0
    assert status in statuses, found[:300]
    assert b"[project]" not in found
    assert server.get("/health")[0] == 200


def test_clients_that_dribble_do_not_keep_others_waiting(server: Served) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = min(before[1], 4096)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(most, before[0]), before[1]))
    count = min(1500, max(most, before[0]) // 2)
    slow = [socket.create_connection((server.host, server.port), timeout=30) for _ in range(count)]
    try:
        for link in slow:
            link.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ")
        began = time.monotonic()
        for _ in range(5):
            assert server.get("/health")[0] == 200
        assert time.monotonic() - began < 3
        if os.environ.get("CI"):  # the wait is long
            assert slow[0].recv(1000)[:12] in (b"", b"HTTP/1.1 408")
    finally:
        for link in slow:
            link.close()


# ---------------------------------------------------------------- life


def test_it_says_where_it_is_and_ends_when_told(server: Served) -> None:
    assert server.url.startswith("http://127.0.0.1:")
    assert json.loads(server.get("/health")[1])["status"] == "ok"


@pytest.mark.parametrize("how", some([signal.SIGTERM, signal.SIGINT], sample=1))
def test_what_was_asked_is_answered_before_the_end(how: signal.Signals) -> None:
    with Served("--time-limit", "2", "--query-workers", "1") as server:
        answers: list[int] = []
        assert server.get(f"/sparql?query={quote('ASK {}')}")[0] == 200  # its workers are there
        path = f"/sparql?query={quote(HOSTILE)}"
        asking = threading.Thread(target=lambda: answers.append(server.get(path)[0]))
        asking.start()
        time.sleep(0.7)
        server.signal(how)
        asking.join()
        assert answers == [504]
        assert server.process.wait(30) == 0
        with pytest.raises(ConnectionRefusedError):
            server.get("/health")
        assert server.errors == []


def test_an_endless_query_does_not_hold_up_the_end() -> None:
    with Served("--time-limit", "3600", "--query-workers", "1") as server:
        asking = server.connect()
        asking.request("GET", f"/sparql?query={quote(HOSTILE)}")
        idle = server.connect()
        idle.request("GET", "/health")
        idle.getresponse().read()
        server.signal(signal.SIGTERM)
        assert server.process.wait(60) == 0
        asking.close()
        idle.close()


def test_new_data_are_read_on_a_signal_and_bad_data_are_not(tmp_path: Path) -> None:
    more = tmp_path / "more.ttl"
    iri = f"{BASE}note/1"
    more.write_text(f'<{iri}> <http://www.w3.org/2000/01/rdf-schema#label> "first" .\n')

    def label(server: Served) -> bytes:
        return server.get("/doc/note/1", accept="application/n-triples")[1]

    with Served("--data", more) as server:
        assert b'"first"' in label(server)
        more.write_text("this is no Turtle <")
        server.signal(signal.SIGHUP)
        server.wait_for("served on")
        assert b'"first"' in label(server)
        more.write_text(f'<{iri}> <http://www.w3.org/2000/01/rdf-schema#label> "second" .\n')
        server.signal(signal.SIGHUP)
        server.wait_for("read anew")
        assert b'"second"' in label(server)


def _refused(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "k20kg.cli", "serve", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


def test_what_keeps_it_from_starting_is_said(server: Served, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("no Turtle <")
    for options, words in (
        (("--port", str(server.port)), f"port {server.port}"),
        (("--port", "0", "--host", "no.such.host.invalid"), "no address"),
        (("--port", "0", "--data", str(broken)), "broken.ttl"),
        (("--port", "0", "--data", str(tmp_path / "none")), "none"),
        (("--port", "0", "--root", "/../x"), "--root"),
        (("--port", "0", "--time-limit", "-1"), "--time-limit"),
    ):
        code, err = _refused(*options)
        assert code == 2, err
        assert words in err


def test_whoever_lacks_the_extra_is_told_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import importlib.util

    find: Callable[[str], object] = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "granian" else find(name)
    )
    assert main(["serve"]) == 2
    assert "pip install -e '.[web]'" in capsys.readouterr().err


def test_a_case_of_ones_own_is_published_too_and_to_other_machines_with_a_remark() -> None:
    case = shipped_cases()["full-partnership"]
    with Served("--host", "0.0.0.0", "--data", case, "--root", "/at/home") as server:
        assert any("other machines" in line for line in server.errors)
        assert server.url.endswith("/at/home/")
        status, body = server.get("/at/home/case/full-partnership", accept="text/html")
        assert (status, body) == (303, b"")
