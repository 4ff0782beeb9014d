"""A pool of processes that answer queries and can be killed.

    pool = Pool(dataset.store)
    answered = await pool.ask(Question("ASK {}"), who="192.0.2.1")

Time, memory, rows, bytes and the queue are limited. One client never holds all workers, so one
that asks much waits for itself.
"""

from __future__ import annotations

import asyncio
import marshal
import mmap
import os
import pickle
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from typing import IO, Any, Final
from weakref import WeakValueDictionary

import pyoxigraph as ox

from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import (
    BusyError,
    QueryOutcome,
    QueryReply,
    Question,
    no_memory,
    too_long,
    unwrap,
)
from k20kg.web.sparql.fork_server import BUFFER_BYTES, HEAD, LENGTH, RECYCLE, SHARED

_DEFAULT_WORKERS: Final = (os.cpu_count() or 1) + 2
_MEMORY: Final = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_SLOW_AFTER: Final = 0.5
_ATTEMPTS: Final = 12
_REPORT_SECONDS: Final = 2.0


class LostError(Exception):
    """A worker ended before its answer was whole."""


class _Worker(asyncio.Protocol):
    """The pool's end of the connection to one worker."""

    def __init__(self, buffer: mmap.mmap) -> None:
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its exit status, or minus the signal that ended it."""
        self.pid = 0
        self.recycle = False
        self._buffer = buffer
        self._got = bytearray()
        self._transport: asyncio.WriteTransport | None = None
        self._reply: asyncio.Future[tuple[bytes, bytes]] = self.ended.get_loop().create_future()

    async def connect(self, control: socket.socket, shared: int) -> None:
        """Hand the other end to whichever worker takes it, and wait for its process id."""
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        with theirs:
            self._transport, _ = await loop.create_unix_connection(lambda: self, sock=ours)
            socket.send_fds(control, [b"\0"], [theirs.fileno(), shared])
        self.pid = int((await self._reply)[1])

    async def ask(self, question: bytes) -> tuple[QueryOutcome, bytes]:
        """Return the reply to a question; `LostError` if the worker ends before."""
        assert self._transport
        if self._transport.is_closing():
            raise LostError
        loop = asyncio.get_running_loop()
        self._reply = loop.create_future()
        self._transport.write(question)
        slow = loop.call_later(_SLOW_AFTER, self._slow_down)
        try:
            outcome, body = await self._reply
        finally:
            slow.cancel()
        return QueryOutcome(outcome), body

    def _slow_down(self) -> None:
        """Let others go first; nobody can give the worker its priority back."""
        self.recycle = True
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self.pid, 10)

    def kill(self) -> None:
        """End the worker in the middle of a query."""
        if self.pid and not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Hang up; an idle worker then ends."""
        if self._transport:
            self._transport.close()

    def data_received(self, part: bytes) -> None:
        self._got += part
        if len(self._got) < HEAD.size:
            return
        kind, flags, length = HEAD.unpack_from(self._got)
        if flags & SHARED:
            body = self._buffer[:length]
        elif len(self._got) == HEAD.size + length:
            body = bytes(self._got[HEAD.size :])
        else:
            return
        self._got.clear()
        self.recycle |= bool(flags & RECYCLE)
        if not self._reply.done():
            self._reply.set_result((kind, body))

    def connection_lost(self, _: Exception | None) -> None:
        self._buffer.close()
        if not self._reply.done():
            self._reply.set_exception(LostError())


class Pool:
    """Workers over one store, which may not change any more; for one event loop."""

    def __init__(
        self,
        store: ox.Store,
        limits: Limits | None = None,
        *,
        workers: int | None = None,
        queue: int = 64,
        patience: float = 10.0,
    ) -> None:
        """Make a pool; processes start with the first question or by `start`.

        At most `queue` questions wait, each at most `patience` seconds.
        """
        self.limits = limits or Limits()
        self._store = store
        self._count = workers or _DEFAULT_WORKERS
        self._queue, self._patience = queue, patience
        self._free = asyncio.Semaphore(self._count)
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        """For each client, the workers that it may hold."""
        self._waiting = self._running = 0
        self._starting = asyncio.Lock()
        self._server: asyncio.subprocess.Process | None = None
        self._control: socket.socket
        self._hearing: asyncio.Task[None] | None = None
        self._workers: dict[int, _Worker] = {}
        self._idle: list[_Worker] = []
        self._closed = False

    async def start(self) -> None:
        """Start the fork server; questions may come before it has read the data, and wait."""
        async with self._starting:
            if self._closed:
                raise BusyError("this server is stopping", remedy="ask again")
            if self._server:
                return
            self._control, theirs = socket.socketpair()
            with theirs, tempfile.TemporaryFile() as data:  # it has no name
                await asyncio.to_thread(self._dump, data)
                self._server = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-P", "-m", "k20kg.web.sparql.fork_server"),
                    *(str(theirs.fileno()), str(data.fileno())),
                    env={
                        "GLIBC_TUNABLES": "glibc.malloc.tcache_count=500",  # a tenth less time
                        **os.environ,
                        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                    },
                    pass_fds=(theirs.fileno(), data.fileno()),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C is for the server, which then closes the pipe
                )
            self._hearing = asyncio.create_task(self._hear(self._server, self._control))

    def _dump(self, data: IO[Any]) -> None:
        pickle.dump((self._count, self.limits), data)
        self._store.dump(data, ox.RdfFormat.N_QUADS)
        data.seek(0)

    async def _hear(self, server: asyncio.subprocess.Process, control: socket.socket) -> None:
        """Note which workers end, and how, until the fork server itself does."""
        assert server.stdin
        assert server.stdout
        while line := await server.stdout.readline():
            pid, status = map(int, line.split())
            self._reap(pid, status)
        self._server = None
        control.close()
        server.stdin.close()  # what is left of its group then ends
        for pid in list(self._workers):
            self._reap(pid, -signal.SIGKILL)
        await server.wait()

    def _reap(self, pid: int, status: int) -> None:
        worker = self._workers.pop(pid, None)
        if worker and not worker.ended.done():
            worker.ended.set_result(status)

    async def close(self, grace: float = 0.0) -> None:
        """End all processes; running questions get `grace` seconds to finish."""
        self._closed = True
        with suppress(TimeoutError):
            async with asyncio.timeout(grace):
                while self._running:
                    await asyncio.sleep(0.02)
        async with self._starting:
            for worker in self._idle:
                worker.close()
            self._idle.clear()
            if self._server and self._server.stdin:
                self._server.stdin.close()
            if self._hearing:
                await self._hearing

    async def _acquire(self, turns: asyncio.Semaphore) -> None:
        """Wait for a worker to be free, in the order of asking."""
        if not (turns.locked() or self._free.locked()):
            await turns.acquire()
            await self._free.acquire()
            return
        if self._waiting >= self._queue:
            raise BusyError(
                f"{self._queue} queries are waiting already", remedy="ask again in a few seconds"
            )
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await turns.acquire()
                try:
                    await self._free.acquire()
                except BaseException:
                    turns.release()
                    raise
        except TimeoutError:
            raise BusyError(
                f"no worker was free for {self._patience:g} seconds",
                remedy="ask again in a few seconds",
            ) from None
        finally:
            self._waiting -= 1

    async def ask(self, question: Question, *, who: str = "") -> QueryReply:
        """Return the answer, or raise one of the errors of `k20kg.errors`.

        Cancelling kills the query. `who` tells clients apart. A query whose worker is killed by
        someone else is asked again, a few times.
        """
        packed = marshal.dumps(tuple(question))
        packed = LENGTH.pack(len(packed)) + packed
        turns = self._turns.setdefault(who, asyncio.Semaphore(max(1, self._count - 1)))
        await self._acquire(turns)
        self._running += 1
        try:
            until = asyncio.get_running_loop().time() + self.limits.seconds
            for _ in range(_ATTEMPTS):
                with suppress(LostError):
                    return unwrap(*await self._ask(packed), self.limits)
                if asyncio.get_running_loop().time() > until:
                    break
        finally:
            self._running -= 1
            self._free.release()
            turns.release()
        raise BusyError(
            "the workers that had this query were lost, one after the other", remedy="ask again"
        )

    async def _ask(self, question: bytes) -> tuple[QueryOutcome, bytes]:
        """Return a worker's reply; `LostError` if another may be asked."""
        worker = self._idle.pop() if self._idle else await self._connect()
        try:
            reply = await worker.ask(question)
        except LostError:
            worker.close()
            try:
                status = await asyncio.wait_for(asyncio.shield(worker.ended), _REPORT_SECONDS)
            except TimeoutError:
                raise LostError from None
            if status == -signal.SIGALRM:
                raise too_long(self.limits) from None
            if status in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
                raise no_memory(self.limits) from None
            raise
        except BaseException:
            worker.kill()
            raise
        if worker.recycle or self._closed:
            worker.close()
        else:
            self._idle.append(worker)
        return reply

    async def _connect(self) -> _Worker:
        await self.start()
        with tempfile.TemporaryFile(dir=_MEMORY) as shared:
            shared.truncate(BUFFER_BYTES)
            worker = _Worker(mmap.mmap(shared.fileno(), BUFFER_BYTES))
            try:
                await worker.connect(self._control, shared.fileno())
            except OSError:  # the fork server is gone, which `_hear` will know in a moment
                await asyncio.sleep(_REPORT_SECONDS / 20)
                raise LostError from None
            except BaseException:
                worker.close()
                raise
        self._workers[worker.pid] = worker
        return worker
