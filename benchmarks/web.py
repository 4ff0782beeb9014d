"""Speed of the server; all figures are ratios within this run: same data, client and machine.

    python benchmarks/web.py [--seconds 2] [--rounds 5]

About 100 000 quads: what is packaged and made-up cases. Against rdflib-endpoint (behind the same
HTTP server) and against Oxigraph's own server, in memory:

1. a point lookup and a join of 1 000 rows, never kept: each query differs from those before it in
   a comment. A resource as Turtle: our document of a case, which may be kept, against a query for
   the same statements; and that query against itself, not kept;
2. the same GET again and again with its ETag, against Oxigraph's point lookup; here ours has a
   worker a core, since Oxigraph's threads use them all;
3. from the start of the process to the first answer, with the packaged data;
4. with a thousand cases of one's own: the start, the first page, and memory of all processes while
   and after all is judged, against a process that has the same data ready for queries. Seconds are
   also given as processor time of the server, which other load on the machine changes little.

The client is one process and one thread that keeps a number of connections busy and reads whole
answers. Each comparison has the number that suits the other server best: 4 for rdflib-endpoint,
whose threads get in each other's way with more, and 16 for Oxigraph, which is slower with 4. Rounds
alternate between the servers, and the best one of each counts, since whatever else the machine does
can only slow it. The point lookups of rdflib-endpoint vary by a factor of three from run to run, so
read that ratio beside its rate. A round lasts until there are 20 answers, if that takes no more
than 10 seconds.
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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox

from k20kg.synthetic.corpus import make_corpus
from k20kg.vocabulary import BASE, K20, RDFS
from k20kg.web.dataset import open_dataset

BIN = Path(sys.executable).parent
CASES = 28
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
"""The content of our document of the case: it, links to it, its evidence, labels of its links."""
FEWEST, LONGEST = 20, 10.0
"""A round has so many answers, unless it would take longer than so many seconds."""
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


Make = Callable[[], bytes]
"""Gives the next request; it must be quick, since the client takes part of the machine."""


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


def rate(server: Server, make: Make, seconds: float, connections: int) -> tuple[float, int]:
    """Return answers a second over so many connections, and how many there were."""
    selector = selectors.DefaultSelector()
    opened = [Connection(server.port) for _ in range(connections)]
    done = 0
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.socket.sendall(make())
    start = now = time.perf_counter()
    while now < start + seconds or (done < FEWEST and now < start + LONGEST):
        for key, _ in selector.select(1):
            if key.data.read():
                answer = key.data.take()
                if answer[9:12] not in (b"200", b"304"):
                    raise RuntimeError(f"{server.name}: {answer[:300]!r}")
                done += 1
                key.data.socket.sendall(make())
        now = time.perf_counter()
    for connection in opened:
        connection.socket.close()
    selector.close()
    return max(done, 1) / (now - start), done


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
        loop="asyncio", log_enabled=False).serve(target_loader=load, wrap_loader=False)
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
    """Return what a process and those it started have used so far, also ended ones; Linux only."""
    found, waiting = 0, [process]
    while waiting:
        folder = Path(f"/proc/{waiting.pop()}")
        with suppress(OSError):  # it has ended meanwhile
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            found += sum(map(int, fields[11:15]))
            for task in (folder / "task").iterdir():
                with suppress(OSError):  # a thread has
                    waiting += map(int, (task / "children").read_text().split())
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

Ask = Callable[[Server], Make]
"""Makes a request of a server, again and again."""
NUMBERS = count()


def anew(text: str, accept: str) -> Ask:
    """Ask a query that differs from all before it in a comment."""

    def prepare(server: Server) -> Make:
        before, _, after = server.request(f"{text} #NUMBER", accept).partition(b"NUMBER")
        return lambda: b"%b%d%b" % (before, next(NUMBERS), after)

    return prepare


def again(text: str, accept: str, *, tagged: bool = False) -> Ask:
    """Ask the same query each time, with the ETag of its answer if it is `tagged`."""

    def prepare(server: Server) -> Make:
        request = server.request(text, accept, etag=etag_of(server, text, accept) if tagged else "")
        return lambda: request

    return prepare


def etag_of(server: Server, text: str, accept: str) -> str:
    head = ask_once(server, server.request(text, accept)).partition(b"\r\n\r\n")[0].decode()
    return next(
        line.split(": ", 1)[1] for line in head.splitlines() if line.lower().startswith("etag:")
    )


def document(server: Server) -> Make:
    """Ask for our document of the case."""
    request = server.get("/doc/case/lamsig.ttl", TURTLE)
    return lambda: request


point, join, described = anew(POINT, JSON), anew(JOIN, JSON), anew(RESOURCE, TURTLE)
repeated, kept = again(POINT, JSON, tagged=True), again(JOIN, JSON)


@dataclass(frozen=True)
class Row:
    """A comparison: what is asked of us and of another server, and the least ratio, if any."""

    what: str
    mine: Ask
    other: str
    theirs: Ask
    bound: float | None = None

    @property
    def connections(self) -> int:
        return CONNECTIONS[self.other]

    @property
    def us(self) -> str:
        return "k20kg, all cores" if self.mine is repeated else "k20kg"


CONNECTIONS = {"rdflib-endpoint": 4, "Oxigraph": 16}
"""With how many each does best."""
ROWS = [
    Row("point lookup", point, "rdflib-endpoint", point, 8.0),
    Row("join of 1 000 rows", join, "rdflib-endpoint", join, 30.0),
    Row("resource as Turtle", document, "rdflib-endpoint", described, 40.0),
    Row("the same as a query, not kept", described, "rdflib-endpoint", described),
    Row("join of 1 000 rows", join, "Oxigraph", join, 0.6),
    Row("repeated GET with ETag / point lookup", repeated, "Oxigraph", point, 1.0),
    Row("point lookup", point, "Oxigraph", point),
    Row("the same join again, kept", kept, "Oxigraph", join),
]
NAMES = {
    point: "point lookup",
    join: "join",
    document: "document",
    described: "resource",
    repeated: "repeated",
    kept: "kept join",
}


def report(what: str, figure: float, bound: float | None, sign: str = "≥") -> None:
    if bound is None:
        verdict, shown = "    ", ""
    else:
        met = figure >= bound if sign == "≥" else figure <= bound
        verdict, shown = "ok  " if met else "MISS", f"{sign} {bound:g}"
    print(f"{verdict}  {what:<72} {figure:8.2f}   {shown}", flush=True)


def compare(servers: list[Server], seconds: float, rounds: int) -> None:
    by_name = {server.name: server for server in servers}
    makes: dict[tuple[str, Ask, int], Make] = {}
    for row in ROWS:
        for name, asked in ((row.us, row.mine), (row.other, row.theirs)):
            makes[name, asked, row.connections] = asked(by_name[name])
    rates: dict[tuple[str, Ask, int], list[float]] = {key: [] for key in makes}
    costs: dict[tuple[str, Ask, int], list[float]] = {key: [] for key in makes}
    for turn in range(rounds + 1):
        for key, make in makes.items():
            server, connections = by_name[key[0]], key[2]
            before = processor_seconds(server.process)
            found, answers = rate(server, make, seconds, connections)
            used = processor_seconds(server.process) - before
            if turn:  # the first round warms up
                rates[key].append(found)
                costs[key].append(used / max(answers, 1))
    best = {key: max(found) for key, found in rates.items()}
    for row in ROWS:
        mine = best[row.us, row.mine, row.connections]
        theirs = best[row.other, row.theirs, row.connections]
        what = f"{row.what} / {row.other}, {row.connections} connections"
        report(what, mine / theirs, row.bound)
    print(
        "\nbest round: connections, answers a second, and processor time of the server for one, "
        "in ms"
    )
    for key, figure in best.items():
        name, asked, connections = key
        cost = min(costs[key]) * 1000
        print(f"      {name:<16} {NAMES[asked]:<12} {connections:3} {figure:9.1f} {cost:9.3f}")


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
            ask_once(server, point(server)())
    report("seconds from start to first answer, packaged data", statistics.median(found), 2.0, "≤")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    start_time(3)
    with tempfile.TemporaryDirectory() as name:
        made, everything = Path(name, "made-up.nq"), Path(name, "everything.nq")
        with made.open("wb") as out:
            for _ in make_corpus(CASES, 7, out):
                pass
        store = open_dataset([made]).store
        store.dump(str(everything), ox.RdfFormat.N_QUADS)
        print(f"{len(store)} quads", flush=True)
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
            compare([ours, spread, rdflib, native], options.seconds, options.rounds)


if __name__ == "__main__":
    main()
