"""A server of one's own, as its users start it, and a look at its processes."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

_PATIENCE = 60.0


def children(parent: int) -> list[int]:
    """Return the processes that a process has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            state, ppid = status.rpartition(")")[2].split()[:2]
            if int(ppid) == parent and state != "Z":
                found.append(int(entry.name))
    return sorted(found)


def free_port() -> int:
    """Return the number of a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Served:
    """`k20kg serve` on a free port, ended with the block."""

    def __init__(self, *options: str | Path) -> None:
        self._options = [str(option) for option in options]
        self.errors: list[str] = []

    def __enter__(self) -> Served:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "k20kg.cli", "serve", "--port", "0", *self._options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            self.process.wait()
            self._reader.join()
            raise AssertionError(f"no server: {''.join(self.errors)}")
        self.host, self.port = (
            self.url.split("/")[2].rsplit(":", 1)[0],
            int(self.url.split("/")[2].rsplit(":", 1)[1]),
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join()
        assert self.process.stdout
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stderr
        with self.process.stderr as stream:
            for line in stream:
                self.errors.append(line)

    @property
    def workers(self) -> list[int]:
        """Processes that answer requests."""
        return children(self.process.pid)

    @property
    def query_workers(self) -> list[int]:
        """Processes that answer queries."""
        fork_servers = [child for worker in self.workers for child in children(worker)]
        return [child for server in fork_servers for child in children(server)]

    def signal(self, number: signal.Signals) -> None:
        """Send the main process a signal."""
        self.process.send_signal(number)

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until a remark has been made so many times."""
        until = time.monotonic() + _PATIENCE
        while sum(words in line for line in self.errors) < times:
            assert time.monotonic() < until, f"nobody said {words!r}: {self.errors}"
            time.sleep(0.02)

    def connect(self, timeout: float = _PATIENCE) -> http.client.HTTPConnection:
        """Return a connection of one's own."""
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body, over a connection of its own."""
        connection = self.connect()
        try:
            connection.request(
                "GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )
            found = connection.getresponse()
            return found.status, found.read()
        finally:
            connection.close()
