"""Speed of the server; all figures are ratios within this run: same data, client and machine.

    python benchmarks/web.py [--seconds 2] [--rounds 5]

About 100 000 quads: what is packaged and made-up cases. Against rdflib-endpoint (behind the same
HTTP server) and against Oxigraph's own server, in memory:

1. a point lookup and a join of 1 000 rows, never kept: each query differs from those before it in
   a comment. A resource as Turtle: our document of a case, which may be kept, against a query for
   the same statements; and that query against itself, not kept;
2. the same GET again and again with its ETag, against Oxigraph's point lookup; here ours has a
   worker for each core but the client's, since Oxigraph's threads use them all. Both answer as
   fast as one client can ask, so the ratio is near 1 whatever either costs: read the processor
   times as well;
3. from the start of the process to the first answer, with the packaged data.

A thousand cases of one's own are in own_cases.py.

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
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pyoxigraph as ox
from servers import (
    JSON,
    RDFLIB,
    Make,
    Server,
    ask_once,
    processor_seconds,
    rate,
    report,
    running,
    script,
    serve,
    upload,
)

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
TURTLE = "text/turtle"


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
        return "k20kg, spread" if self.mine is repeated else "k20kg"


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
                "k20kg, spread",
                "/sparql",
                serve("--data", str(made), "--workers", str(max((os.cpu_count() or 1) - 1, 1))),
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
