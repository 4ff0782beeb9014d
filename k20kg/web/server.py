"""The server: granian's workers around the application, replaced without losing a request.

All workers accept from one listening socket, which this process opens and keeps. So no connection
is refused while a worker is replaced, and the old one goes only when the new one has read the data.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer, WorkerProcess
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from k20kg.errors import K20Error, UsageError
from k20kg.rdf.text import neutralise
from k20kg.web.settings import Settings

_BACKLOG: Final = 1024
_GRACE_SECONDS: Final = 30
_HEAD_MILLISECONDS: Final = 10_000
_POLL_SECONDS: Final = 0.1
_LOOK_UP_SECONDS: Final = 2.0
_LOOPBACK: Final = ("127.", "::1")


@dataclass(frozen=True, slots=True)
class Options:
    """Where to serve what."""

    host: str = "127.0.0.1"
    port: int = 8020
    workers: int = 1
    root: str = ""
    data: tuple[Path, ...] = ()
    settings: Settings = field(default_factory=Settings)


def serve(options: Options) -> int:
    """Serve until told to stop, and return the exit code.

    SIGTERM and SIGINT stop it after answering what was asked; SIGHUP reads the data anew.
    Raises `UsageError` if the address cannot be had, `K20Error` if the data cannot be read.
    """
    listener = _listen(options.host, options.port)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    if not host.startswith(_LOOPBACK):
        _say(
            f"{shown} can be reached from other machines; put a proxy with TLS before it, or leave "
            "--host out"
        )
    server = _Server(listener, options, f"http://{shown}:{port}{options.root}/")
    return server.run()


def _listen(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICSERV
        )
    except (OSError, UnicodeError):
        raise UsageError(
            f"there is no address {neutralise(host)}", where="--host", remedy="say --host 127.0.0.1"
        ) from None
    family, *_, address = found[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as fault:
        listener.close()
        raise UsageError(
            f"port {port} of {neutralise(host)} cannot be had ({fault.strerror})",
            where="--port",
            remedy="stop what uses it, or say another, such as --port 0 for any free one",
        ) from None
    return listener


class _StartError(K20Error):
    """A worker could not start."""


class _StoppedError(Exception):
    """The server was told to stop while it waited."""


class _Server(MPServer):
    """Granian's server on a socket of ours, whose new workers say when they are ready."""

    def __init__(self, listener: socket.socket, options: Options, address: str) -> None:
        super().__init__(
            target="",
            interface=Interfaces.ASGI,
            workers=options.workers,
            backlog=_BACKLOG,
            http=HTTPModes.http1,
            websockets=False,
            http1_settings=HTTP1Settings(
                header_read_timeout=_HEAD_MILLISECONDS,
                max_buffer_size=max(8192, 4 * options.settings.header_bytes),
            ),
            log_enabled=False,
            workers_kill_timeout=_GRACE_SECONDS,
        )
        self._listener, self._address = listener, address
        self._loader = partial(_load, options)
        self._on_terminal = sys.stderr.isatty()

    def run(self) -> int:
        """Serve until told to stop."""
        try:
            self.serve(target_loader=self._loader, wrap_loader=False)
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    # ------------------------------------------------------------ what granian calls

    def _init_shared_socket(self) -> None:
        # Granian would let each worker open a socket of its own with SO_REUSEPORT. Closing one
        # resets the connections that wait in it; this one stays open while workers come and go.
        self._listener.setblocking(False)
        self._listener.set_inheritable(True)
        self._sso, self._ssp = self._listener, None
        self._shd: Any = SocketHolder(  # type: ignore[call-arg]
            self._listener.fileno(), False, _BACKLOG
        )

    def signal_handler_reload(self, *_: Any) -> None:
        """Read the data anew; stop if the signal is the terminal's last."""
        if self._on_terminal and not os.isatty(2):
            self.interrupt_signal = True
        self.reload_signal = True
        self.main_loop_interrupt.set()

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:
        started = [self._launch(n, spawn_target, target_loader) for n in range(self.workers)]
        try:
            for worker, ready in started:
                self._await(worker, ready)
        except (_StartError, _StoppedError) as fault:
            for worker, _ in started:
                _end(worker, 0)
            if isinstance(fault, _StoppedError):
                return
            raise
        for worker, _ in started:
            worker._watch()  # type: ignore[no-untyped-call]
            self.wrks.append(worker)
        try:
            print(self._address, flush=True)
        except OSError:
            for worker, _ in started:
                _end(worker, 0)
            raise

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        while True:
            self.main_loop_interrupt.wait()
            self.main_loop_interrupt.clear()
            if self.interrupt_signal:
                return
            lost, self.interrupt_children[:] = sorted(set(self.interrupt_children)), []
            if lost:
                _say("a worker was lost; another takes its place")
            try:
                if self.reload_signal:
                    self.reload_signal = False
                    self._replace(range(self.workers), spawn_target, target_loader)
                    _say("the data have been read anew")
                elif lost:
                    self._replace(lost, spawn_target, target_loader)
            except _StoppedError:
                return
            except _StartError as fault:
                if not all(worker.inner.is_alive() for worker in self.wrks):
                    raise
                _say(f"{fault.what}; the data read before are served on")

    # ------------------------------------------------------------ workers

    def _replace(self, numbers: Iterable[int], target: Any, loader: Any) -> None:
        """Put new workers in the place of old ones, each when it is ready."""
        for number in numbers:
            worker, ready = self._launch(number, target, loader)
            try:
                self._await(worker, ready)
            except (_StartError, _StoppedError):
                _end(worker, 0)
                raise
            worker._watch()  # type: ignore[no-untyped-call]
            old, self.wrks[number] = self.wrks[number], worker
            _end(old, _GRACE_SECONDS)

    def _launch(self, number: int, target: Any, loader: Any) -> tuple[WorkerProcess, Connection]:
        """Start a worker, and return it with the pipe on which it will say that it is ready."""
        ready, tell = Pipe(duplex=False)
        worker = self._spawn_worker(number, target, partial(loader, tell))
        worker.inner.start()
        tell.close()
        return worker, ready

    def _await(self, worker: WorkerProcess, ready: Connection) -> None:
        """Wait until a worker is ready; `_StartError` if it ends instead."""
        with ready:
            while not wait([ready, worker.inner.sentinel], _POLL_SECONDS):
                if self.interrupt_signal:
                    raise _StoppedError
            try:
                fault = ready.recv() if ready.poll(_POLL_SECONDS) else "a worker could not start"
            except EOFError:
                fault = "a worker could not start"
        if fault:
            raise _StartError(fault)


def _end(worker: WorkerProcess, seconds: float) -> None:
    """End a worker: let it answer what it was asked for so many seconds, then kill it."""
    worker.interrupt_by_parent = True
    if seconds:
        worker.inner.terminate()
        worker.inner.join(seconds)
    if worker.inner.is_alive():
        worker.inner.kill()
        worker.inner.join()


def _load(options: Options, tell: Connection) -> ASGIApp:
    """Return the application; runs in a worker, and reports what keeps it from starting."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # else the parent's, which stop nothing here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from k20kg.web.app import create_app
    from k20kg.web.dataset import open_dataset

    try:
        dataset = open_dataset(options.data)
    except K20Error as fault:
        tell.send(str(fault))
        raise SystemExit(2) from None
    app = create_app(dataset, root=options.root, settings=options.settings)
    return _announced(app, tell)


def _announced(app: ASGIApp, tell: Connection) -> ASGIApp:
    """Return an application that says when it has started, and ends when its parent is gone."""
    parent = os.getppid()
    tasks: list[asyncio.Task[None]] = []

    async def mind_the_parent() -> None:
        while os.getppid() == parent:
            await asyncio.sleep(_LOOK_UP_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    def answer(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "lifespan":
            return app(scope, receive, send)

        async def heard(message: Message) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                tell.send("")
                tell.close()
                tasks.append(asyncio.create_task(mind_the_parent()))

        return app(scope, receive, heard)

    return answer


def _say(words: str) -> None:
    print(f"k20kg: {neutralise(words)}", file=sys.stderr, flush=True)
