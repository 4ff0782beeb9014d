"""The server: processes with granian's embedded server as shipped, watched by the one started.

The workers listen at one address, each with a socket of its own (SO_REUSEPORT), which stays open
while new data take the place of old ones within the process. So no request is lost meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import socket
import sys
from contextlib import suppress
from typing import Final

from k20kg.errors import K20Error, UsageError
from k20kg.rdf.text import escape_controls
from k20kg.web.settings import READY, ServerOptions

_GRACE_SECONDS: Final = 4.5
_LOOPBACK: Final = ("127.", "::1")
_RELOAD: Final = b"reload\n"


def serve(options: ServerOptions) -> int:
    """Serve until told to stop, and return the exit code.

    SIGTERM and SIGINT stop it after answering what was asked; SIGHUP reads the data anew.
    Raises `UsageError` if the address cannot be had, `K20Error` if the data cannot be read.
    """
    host, port = _free_address(options.host, options.port)
    shown = f"[{host}]" if ":" in host else host
    if not host.startswith(_LOOPBACK):
        _say(
            f"{shown} can be reached from other machines; put a proxy with TLS before it, or leave "
            "--host out"
        )
    server = _Server(options, host, port, f"http://{shown}:{port}{options.root}/")
    with suppress(asyncio.CancelledError):
        asyncio.run(server.run())
    return 0


def _free_address(host: str, port: int) -> tuple[str, int]:
    """Return the address and port to listen at; `UsageError` if another server is there."""
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )
    except (OSError, UnicodeError):
        raise UsageError(
            f"there is no address {escape_controls(host)}",
            where="--host",
            remedy="say --host 127.0.0.1",
        ) from None
    family, *_, address = found[0]
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as fault:
            raise UsageError(
                f"port {port} of {escape_controls(host)} cannot be had ({fault.strerror})",
                where="--port",
                remedy="stop what uses it, or say another, such as --port 0 for any free one",
            ) from None
        found_host, found_port, *_ = probe.getsockname()
        return found_host, found_port


class _StartError(K20Error):
    """A worker could not start."""


class _Server:
    """Starts workers, replaces those that die, has them read the data anew."""

    def __init__(self, options: ServerOptions, host: str, port: int, address: str) -> None:
        self._given = options, host, port
        self._address = address
        self._workers: list[asyncio.subprocess.Process] = []
        self._reload = asyncio.Event()
        self._on_terminal = sys.stderr.isatty()

    async def run(self) -> None:
        """Serve until this task is cancelled."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up, task)
        try:
            await asyncio.gather(*(self._start() for _ in range(self._given[0].workers)))
            while not await _listens(*self._given[1:]):
                await asyncio.sleep(0.01)
            print(self._address, flush=True)
            async with asyncio.TaskGroup() as tasks:
                for worker in self._workers:
                    tasks.create_task(self._watch(worker))
                tasks.create_task(self._reload_when_told())
        except* _StartError as group:
            raise group.exceptions[0] from None
        finally:
            await asyncio.gather(*map(_end, self._workers))

    def _hang_up(self, task: asyncio.Task[None]) -> None:
        """Read the data anew; stop if the signal is the terminal's last."""
        if self._on_terminal and not os.isatty(2):
            task.cancel()
        self._reload.set()

    async def _start(self) -> asyncio.subprocess.Process:
        """Start a worker, and wait until it has read the data."""
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "k20kg.web.worker"),
            env={
                "MALLOC_ARENA_MAX": "2",  # glibc: data read by other threads leave less behind
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for this process
        )
        self._workers.append(worker)
        if (said := await _tell(worker, pickle.dumps(self._given).hex().encode() + b"\n")) != READY:
            raise _StartError(said or "a worker could not start")
        return worker

    async def _watch(self, worker: asyncio.subprocess.Process) -> None:
        """Start another worker whenever one is lost."""
        while True:
            await worker.wait()
            _say("a worker was lost; another takes its place")
            self._workers.remove(worker)
            worker = await self._start()

    async def _reload_when_told(self) -> None:
        while await self._reload.wait():
            self._reload.clear()
            said = READY
            for worker in list(self._workers):
                said = await _tell(worker, _RELOAD)
                if said not in (READY, ""):  # one that was lost reads the new data anyway
                    _say(f"{said}; the data read before are served on")
                    break
            else:
                _say("the data have been read anew")


async def _listens(host: str, port: int) -> bool:
    with suppress(OSError):
        _, writer = await asyncio.open_connection(host, port)
        writer.close()
        return True
    return False


async def _tell(worker: asyncio.subprocess.Process, order: bytes) -> str:
    """Return what a worker says to an order; nothing if it has ended."""
    assert worker.stdin
    assert worker.stdout
    worker.stdin.write(order)
    return (await worker.stdout.readline()).decode().rstrip()


async def _end(worker: asyncio.subprocess.Process) -> None:
    """Let a worker answer what it was asked, then end it."""
    assert worker.stdin
    worker.stdin.close()
    try:
        await asyncio.wait_for(worker.wait(), _GRACE_SECONDS)
    except TimeoutError:
        worker.kill()
        await worker.wait()


def _say(words: str) -> None:
    print(f"k20kg: {escape_controls(words)}", file=sys.stderr, flush=True)
