"""Servers under test, and the client that asks them: one process, one thread, whole answers."""

from __future__ import annotations

import http.client
import os
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

FEWEST, LONGEST = 20, 10.0
"""A round has so many answers, unless it would take longer than so many seconds."""
JSON = "application/sparql-results+json"


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


def report(what: str, figure: float, bound: float | None, sign: str = "≥") -> None:
    if bound is None:
        verdict, shown = "    ", ""
    else:
        met = figure >= bound if sign == "≥" else figure <= bound
        verdict, shown = "ok  " if met else "MISS", f"{sign} {bound:g}"
    print(f"{verdict}  {what:<72} {figure:8.2f}   {shown}", flush=True)
