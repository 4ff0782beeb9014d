"""How fast is the server? All figures are ratios within this run: same data, client and machine.

    python benchmarks/web.py [--seconds 2] [--rounds 5] [--connections 4]

About 100 000 quads: what is packaged and made-up cases. Against rdflib-endpoint (behind the same
HTTP server) and against Oxigraph's own server, in memory:

1. a point lookup and a join of 1 000 rows, never kept: each query differs from those before it in
   a comment. A resource as Turtle: our document of a case, which may be kept, against a query for
   the same statements; and that query against itself, not kept;
2. the same GET again and again with its ETag, against Oxigraph's point lookup; here ours has a
   worker a core, since Oxigraph's threads use them all;
3. from the start of the process to the first answer, with the packaged data.

The client is one process and one thread that keeps `--connections` sockets busy and reads whole
answers. Rounds alternate between the servers, and the median round counts.
"""

from __future__ import annotations

import argparse
import http.client
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from k20kg.synthetic.corpus import make_corpus
from k20kg.vocabulary import BASE, K20, RDFS
from k20kg.web.dataset import open_dataset

BIN = Path(sys.executable).parent
CASES = 70
THING = f"<{BASE}case/lamsig>"
POINT = f"SELECT ?property ?value WHERE {{ <{BASE}case/lamsig/goal/5> ?property ?value }}"
JOIN = f"""SELECT ?record ?label ?item ?source ?place WHERE {{
    ?record <{K20}evidencedBy> ?item ; <{RDFS}label> ?label .
    ?item <{K20}source> ?source ; <{K20}locator> ?place .
}} LIMIT 1000"""
RESOURCE = f"""CONSTRUCT {{ ?s ?p ?o }} WHERE {{
    {{ BIND({THING} AS ?s) ?s ?p ?o }}
    UNION {{ BIND({THING} AS ?o) ?s ?p ?o }}
    UNION {{ {THING} <{K20}evidencedBy> ?s . ?s ?p ?o }}
    UNION {{ BIND(<{RDFS}label> AS ?p) {THING} ?any ?s . ?s ?p ?o }}
}}"""
"""What our document of the case holds: it, what leads to it, its evidence, labels of its links."""
JSON = "application/sparql-results+json"
TURTLE = "text/turtle"


@dataclass
class Server:
    """A server under test: where it listens, and how it is asked."""

    name: str
    port: int
    path: str
    process: int = 0

    def request(self, text: str, accept: str, *, etag: str = "") -> bytes:
        """Return one GET of a query, as bytes that can be sent."""
        return self.get(f"{self.path}?query={quote(text)}", accept, etag=etag)

    def get(self, path: str, accept: str, *, etag: str = "") -> bytes:
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Accept: {accept}"]
        if etag:
            lines.append(f"If-None-Match: {etag}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


# ---------------------------------------------------------------- the client


class Connection:
    """A socket kept alive that asks again as soon as it has a whole answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.parts: list[bytes] = []
        self.left = -1

    def read(self) -> bool:
        """Take what has come; tell whether an answer is whole."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server hung up")
        self.parts.append(part)
        if self.left >= 0:
            self.left -= len(part)
            return self.left <= 0
        data = b"".join(self.parts) if len(self.parts) > 1 else part
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = data[:end].lower()
        at = head.find(b"content-length:")
        if at >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            self.left = length - (len(data) - end - 4)
            return self.left <= 0
        if b"transfer-encoding: chunked" in head:
            return b"".join(self.parts[-2:])[-5:] == b"0\r\n\r\n"
        return True  # 304 has no body

    def take(self) -> bytes:
        """Return the answer, and be ready for the next."""
        whole = b"".join(self.parts)
        self.parts, self.left = [], -1
        return whole


def ask_once(server: Server, request: bytes) -> bytes:
    connection = Connection(server.port)
    with connection.socket:
        connection.socket.sendall(request)
        while not connection.read():
            pass
        return connection.take()


def rate(server: Server, make: Callable[[], bytes], seconds: float, connections: int) -> float:
    """Return answers a second over so many connections."""
    selector = selectors.DefaultSelector()
    opened = [Connection(server.port) for _ in range(connections)]
    done = 0
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.socket.sendall(make())
    start = time.perf_counter()
    end = start + seconds
    while time.perf_counter() < end:
        for key, _ in selector.select(1):
            if key.data.read():
                answer = key.data.take()
                if answer[9:12] not in (b"200", b"304"):
                    raise RuntimeError(f"{server.name}: {answer[:300]!r}")
                done += 1
                key.data.socket.sendall(make())
    taken = time.perf_counter() - start
    for connection in opened:
        connection.socket.close()
    selector.close()
    return max(done, 1) / taken


# ---------------------------------------------------------------- the servers

RDFLIB = """
import sys
from granian import Granian

def load(*_):
    from rdflib import Dataset
    from rdflib_endpoint import SparqlEndpoint
    graph = Dataset(default_union=True)
    graph.parse(sys.argv[2], format="nquads")
    return SparqlEndpoint(graph=graph)

Granian("theirs", address="127.0.0.1", port=int(sys.argv[1]), interface="asgi",
        log_enabled=False).serve(target_loader=load, wrap_loader=False)
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def running(
    name: str, path: str, line: Callable[[int], list[str]], *, wait: float = 180
) -> Iterator[Server]:
    """Start a server, wait until it answers, and stop it in the end."""
    server = Server(name, free_port(), path)
    with subprocess.Popen(
        line(server.port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        server.process = process.pid
        try:
            until = time.monotonic() + wait
            while True:
                try:
                    if ask_once(server, server.request("ASK {}", JSON)):
                        break
                except OSError:
                    if time.monotonic() > until or process.poll() is not None:
                        raise RuntimeError(f"{name} does not answer") from None
                    time.sleep(0.005)
            yield server
        finally:
            process.terminate()
            process.wait()


def processor_seconds(process: int) -> float:
    """Return what a process and those it started have used so far; Linux only."""
    found, waiting = 0, [process]
    while waiting:
        folder = Path(f"/proc/{waiting.pop()}")
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            for task in (folder / "task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except OSError:  # it has ended meanwhile
            continue
        found += int(fields[11]) + int(fields[12])
    return found / os.sysconf("SC_CLK_TCK")


def upload(port: int, quads: Path) -> None:
    """Give Oxigraph's server its data; in memory it has none to start with."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request(
        "POST", "/store?no_transaction", quads.read_bytes(), {"content-type": "application/n-quads"}
    )
    answer = connection.getresponse()
    if answer.status >= 300:
        raise RuntimeError(f"Oxigraph took no data: {answer.status} {answer.read()[:200]!r}")
    connection.close()


def script(code: str, *words: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, "-c", code, str(port), *words]


def serve(*words: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, "-m", "k20kg.cli", "serve", "--port", str(port), *words]


# ---------------------------------------------------------------- what is asked

NUMBERS = count()


def point(server: Server) -> bytes:
    return server.request(f"{POINT} #{next(NUMBERS)}", JSON)


def join(server: Server) -> bytes:
    return server.request(f"{JOIN} #{next(NUMBERS)}", JSON)


def resource(server: Server) -> bytes:
    if server.name == "k20kg":
        return server.get("/doc/case/lamsig.ttl", TURTLE)
    return server.request(f"{RESOURCE} #{next(NUMBERS)}", TURTLE)


def described(server: Server) -> bytes:
    return server.request(f"{RESOURCE} #{next(NUMBERS)}", TURTLE)


def repeated(server: Server) -> bytes:
    return server.request(POINT, JSON, etag=TAGS["k20kg"])


def kept(server: Server) -> bytes:
    return server.request(JOIN, JSON)


TAGS: dict[str, str] = {}
BOUNDS = [
    ("point lookup", point, "rdflib-endpoint", point, 8.0),
    ("join of 1 000 rows", join, "rdflib-endpoint", join, 30.0),
    ("resource as Turtle", resource, "rdflib-endpoint", described, 40.0),
    ("the same as a query, not kept", described, "rdflib-endpoint", described, None),
    ("join of 1 000 rows", join, "Oxigraph", join, 0.6),
    ("repeated GET with ETag / point lookup", repeated, "Oxigraph", point, 1.0),
    ("point lookup", point, "Oxigraph", point, None),
    ("the same join again, kept", kept, "Oxigraph", join, None),
]


def report(what: str, figure: float, bound: float | None, sign: str = "≥") -> None:
    if bound is None:
        verdict, shown = "    ", ""
    else:
        met = figure >= bound if sign == "≥" else figure <= bound
        verdict, shown = "ok  " if met else "MISS", f"{sign} {bound:g}"
    print(f"{verdict}  {what:<66} {figure:8.2f}   {shown}", flush=True)


def compare(servers: list[Server], seconds: float, rounds: int, connections: int) -> None:
    by_name = {server.name: server for server in servers}
    ours, spread = by_name["k20kg"], by_name["k20kg, all cores"]
    head = ask_once(ours, ours.request(POINT, JSON)).partition(b"\r\n\r\n")[0].decode()
    TAGS["k20kg"] = next(
        line.split(": ", 1)[1] for line in head.splitlines() if line.lower().startswith("etag:")
    )
    work: dict[tuple[str, str], tuple[Server, Callable[[Server], bytes]]] = {}
    for _, mine, other, theirs, _ in BOUNDS:
        us = spread if mine is repeated else ours
        work[us.name, mine.__name__] = (us, mine)
        work[other, theirs.__name__] = (by_name[other], theirs)
    rates: dict[tuple[str, str], list[float]] = {key: [] for key in work}
    costs: dict[tuple[str, str], list[float]] = {key: [] for key in work}
    for turn in range(rounds + 1):
        for key, (server, make) in work.items():
            before = processor_seconds(server.process)
            found = rate(server, lambda s=server, m=make: m(s), seconds, connections)  # type: ignore[misc]
            used = processor_seconds(server.process) - before
            if turn:  # the first round warms up
                rates[key].append(found)
                costs[key].append(used / max(found * seconds, 1))
    middle = {key: statistics.median(found) for key, found in rates.items()}
    for what, mine, other, theirs, bound in BOUNDS:
        us = spread if mine is repeated else ours
        ratio = middle[us.name, mine.__name__] / middle[other, theirs.__name__]
        report(f"{what} / {other}", ratio, bound)
    print("\nmedian round: answers a second, and processor time of the server for one, in ms")
    for (name, what), figure in middle.items():
        cost = statistics.median(costs[name, what]) * 1000
        print(f"      {name:<16} {what:<12} {figure:9.1f} {cost:9.3f}")


def check_same(servers: list[Server]) -> None:
    """See that all give the same answers to what is measured."""
    for text in (POINT, JOIN):
        counts = {}
        for server in servers:
            body = ask_once(server, server.request(text, JSON))
            counts[server.name] = body.count(b'"type"')
        if len(set(counts.values())) != 1:
            raise RuntimeError(f"the servers disagree: {counts}")


def start_time(runs: int) -> None:
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        with running("k20kg", "/sparql", serve()) as server:
            found.append(time.perf_counter() - start)
            ask_once(server, point(server))
    report("seconds from start to first answer, packaged data", statistics.median(found), 2.0, "≤")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=4)
    options = parser.parse_args()
    start_time(3)
    with tempfile.TemporaryDirectory() as name:
        made, everything = Path(name, "made-up.nq"), Path(name, "everything.nq")
        with made.open("wb") as out:
            for _ in make_corpus(CASES, 7, out):
                pass
        store = open_dataset([made]).store
        store.dump(str(everything), ox.RdfFormat.N_QUADS)
        print(f"{len(store)} quads, {options.connections} connections", flush=True)
        oxigraph = str(BIN / "oxigraph")
        with (
            running("k20kg", "/sparql", serve("--data", str(made))) as ours,
            running(
                "k20kg, all cores",
                "/sparql",
                serve("--data", str(made), "--workers", str(os.cpu_count() or 1)),
            ) as spread,
            running("rdflib-endpoint", "/", script(RDFLIB, str(everything))) as rdflib,
            running(
                "Oxigraph",
                "/query",
                lambda port: [
                    oxigraph,
                    "serve",
                    "--union-default-graph",
                    "-b",
                    f"127.0.0.1:{port}",
                ],
            ) as native,
        ):
            upload(native.port, everything)
            check_same([ours, rdflib, native])
            compare(
                [ours, spread, rdflib, native], options.seconds, options.rounds, options.connections
            )


if __name__ == "__main__":
    main()
