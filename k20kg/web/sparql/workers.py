"""A pool of processes that answer queries and can be killed.

    pool = Pool(dataset.store)
    answered = await pool.ask(Question("ASK {}"), who="192.0.2.1")

Time, memory, rows, bytes and the queue are limited. One client never holds all workers, and the
queue serves clients in turn, so one that asks much waits for itself.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter, OrderedDict, deque
from typing import IO, Any, Final

import pyoxigraph as ox

from k20kg.web.sparql.answering import Limits, Outcome, Question
from k20kg.web.sparql.fork_server import DEATH, FORK, KILL, ORDER, ROOM, SLOW, pack
from k20kg.web.sparql.query_errors import (
    Answered,
    BusyError,
    judge,
    no_memory,
    too_long,
)
from k20kg.web.sparql.worker_connection import LostError, Worker

_DEFAULT_WORKERS: Final = (os.cpu_count() or 1) + 2
_MEMORY: Final = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_SLOW_AFTER: Final = 0.5
_ATTEMPTS: Final = 12
_BURIAL_SECONDS: Final = 2.0


class Pool:
    """Workers over one store, which may not change any more; for one event loop."""

    def __init__(
        self,
        store: ox.Store,
        limits: Limits | None = None,
        *,
        workers: int = _DEFAULT_WORKERS,
        queue: int = 64,
        patience: float = 10.0,
    ) -> None:
        """Make a pool; processes start with the first question or by `start`.

        At most `queue` questions wait, each at most `patience` seconds.
        """
        self.limits = limits or Limits()
        self._store = store
        self._size, self._queue, self._patience = workers, queue, patience
        self._each = max(1, workers - 1)
        """How many workers one client may hold."""
        self._nursery: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._starting: asyncio.Task[None] | None = None
        self._workers: dict[int, Worker] = {}
        self._idle: list[Worker] = []
        self._held: Counter[str] = Counter()
        self._waiting: OrderedDict[str, deque[asyncio.Future[Worker]]] = OrderedDict()
        self._waiters = 0
        self._count = 0
        self._reports = b""
        self._closed = False

    # ------------------------------------------------------------ life

    async def start(self) -> None:
        """Start the processes; questions may come before this is done, and wait."""
        if self._closed:
            raise BusyError("this server is stopping", remedy="ask again")
        if self._control:
            return
        if not self._starting or self._starting.done():
            self._starting = asyncio.create_task(self._start())
        await asyncio.shield(self._starting)

    async def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._nursery = await asyncio.to_thread(_spawn, self._store, self.limits, theirs)
        ours.setblocking(False)
        self._control, self._reports = ours, b""
        asyncio.get_running_loop().add_reader(ours, self._hear)
        self._fill()

    async def close(self, grace: float = 0.0) -> None:
        """End all processes; running questions get `grace` seconds to finish."""
        self._closed = True
        until = asyncio.get_running_loop().time() + grace
        while self._held.total() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)
        if self._starting and not self._starting.done():
            await self._starting
        nursery = self._nursery
        self._hang_up()
        for waiting in self._waiting.values():
            for future in waiting:
                if not future.done():
                    future.set_exception(BusyError("this server is stopping", remedy="ask again"))
        self._waiting.clear()
        if nursery:
            await asyncio.to_thread(nursery.wait)

    def _hang_up(self) -> None:
        """Let go of the nursery, which then kills its workers and ends."""
        if self._control:
            asyncio.get_running_loop().remove_reader(self._control)
            self._control.close()
        self._control = self._nursery = None
        for worker in list(self._workers.values()):
            worker.close()
            if not worker.ended.done():
                worker.ended.set_result(-signal.SIGKILL)
        self._workers.clear()
        self._idle.clear()

    def _hear(self) -> None:
        """Take reports of deaths; a silent end is the nursery's own."""
        assert self._control
        try:
            part = self._control.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            nursery = self._nursery
            self._hang_up()
            if nursery:
                nursery.kill()
                nursery.wait()
            if self._waiters and not self._closed:
                self._starting = asyncio.create_task(self._start())
            return
        self._reports += part
        while len(self._reports) >= DEATH.size:
            number, status = DEATH.unpack_from(self._reports)
            self._reports = self._reports[DEATH.size :]
            worker = self._workers.pop(number, None)
            if worker:
                self._drop(worker)
                if not worker.ended.done():
                    worker.ended.set_result(status)
        self._fill()

    def _fill(self) -> None:
        """Have as many usable workers as there should be, and serve who waits."""
        while self._control and sum(w.usable for w in self._workers.values()) < self._size:
            ours, theirs = socket.socketpair()
            self._count += 1
            order = ORDER.pack(FORK, self._count)
            with theirs, tempfile.TemporaryFile(dir=_MEMORY) as shared:
                shared.truncate(ROOM)
                room = mmap.mmap(shared.fileno(), ROOM)
                try:
                    socket.send_fds(self._control, [order], [theirs.fileno(), shared.fileno()])
                except OSError:  # it is gone or far behind; `_hear` finds out
                    ours.close()
                    room.close()
                    return
            worker = Worker(self._count, ours, room)
            self._workers[self._count] = worker
            self._idle.append(worker)
        self._serve_waiting()

    def _order(self, what: bytes, worker: Worker) -> None:
        if self._control and worker.number in self._workers:
            try:
                self._control.send(ORDER.pack(what, worker.number))
            except OSError:
                return  # the nursery is gone, and its workers with it

    def _drop(self, worker: Worker) -> None:
        worker.close()
        if worker in self._idle:
            self._idle.remove(worker)

    def _kill(self, worker: Worker) -> None:
        self._order(KILL, worker)
        self._drop(worker)

    # ------------------------------------------------------------ queue

    async def _acquire(self, who: str) -> Worker:
        if not self._waiters and self._held[who] < self._each:
            while self._idle:
                worker = self._idle.pop()
                if worker.usable:
                    self._held[who] += 1
                    return worker
        if self._waiters >= self._queue:
            raise BusyError(
                f"{self._queue} queries are waiting already", remedy="ask again in a few seconds"
            )
        future: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(future)
        self._waiters += 1
        try:
            self._serve_waiting()
            if not self._control:
                await self.start()
            return await asyncio.wait_for(future, self._patience)
        except (TimeoutError, asyncio.CancelledError) as fault:
            if future.done() and not future.cancelled() and not future.exception():
                self._release(who, future.result())
            if isinstance(fault, asyncio.CancelledError):
                raise
            raise BusyError(
                f"no worker was free for {self._patience:g} seconds",
                remedy="ask again in a few seconds",
            ) from None
        finally:
            self._waiters -= 1
            mine = self._waiting.get(who)
            if mine and future in mine:
                mine.remove(future)
            if mine is not None and not mine:
                self._waiting.pop(who, None)

    def _serve_waiting(self) -> None:
        """Hand idle workers to those who wait, to each client in turn."""
        turns = len(self._waiting)
        while self._idle and turns:
            who = next(iter(self._waiting))
            self._waiting.move_to_end(who)
            turns -= 1
            mine = self._waiting[who]
            while mine and mine[0].done():
                mine.popleft()
            if not mine or self._held[who] >= self._each:
                continue
            worker = self._idle.pop()
            if not worker.usable:
                turns += 1
                continue
            self._held[who] += 1
            mine.popleft().set_result(worker)
            turns = len(self._waiting)

    def _release(self, who: str, worker: Worker) -> None:
        self._held[who] -= 1
        if not self._held[who]:
            del self._held[who]
        if worker.usable and worker.number in self._workers:
            self._idle.append(worker)
            if self._waiters:
                self._serve_waiting()
        else:
            worker.close()
            self._fill()

    # ------------------------------------------------------------ asking

    async def ask(self, question: Question, *, who: str = "") -> Answered:
        """Return the answer, or raise one of the five errors of `fate`.

        Cancelling kills the query. `who` tells clients apart. A query whose worker is killed by
        someone else is asked again, a few times.
        """
        packed = pack(question)
        until = asyncio.get_running_loop().time() + self.limits.seconds
        for attempt in range(_ATTEMPTS):
            if attempt and asyncio.get_running_loop().time() > until:
                break
            worker = await self._acquire(who)
            try:
                outcome, body = await self._run(worker, packed)
            except LostError:
                await self._say_why(worker)
                continue
            except asyncio.CancelledError:
                self._kill(worker)
                raise
            finally:
                self._release(who, worker)
            return judge(outcome, body, self.limits)
        raise BusyError(
            "the workers that had this query were lost, one after the other", remedy="ask again"
        )

    async def _run(self, worker: Worker, packed: bytes) -> tuple[Outcome, bytes]:
        loop = asyncio.get_running_loop()
        end = loop.time() + self.limits.seconds
        slow = overdue = False
        timer: asyncio.TimerHandle

        def stop() -> None:
            nonlocal overdue
            overdue = True
            self._kill(worker)

        def slow_down() -> None:  # few queries get here, so only those set a second timer
            nonlocal slow, timer
            slow = True
            self._order(SLOW, worker)
            timer = loop.call_at(end, stop)

        timer = loop.call_later(min(_SLOW_AFTER, self.limits.seconds), slow_down)
        try:
            reply = await worker.ask(packed)
        except LostError:
            if overdue:
                raise too_long(self.limits) from None
            raise
        finally:
            timer.cancel()
        if slow:
            worker.usable = False  # nobody can give it its priority back
        return reply

    async def _say_why(self, worker: Worker) -> None:
        """Raise where a worker's end was the query's fault; return if it may be asked again."""
        try:
            status = await asyncio.wait_for(asyncio.shield(worker.ended), _BURIAL_SECONDS)
        except TimeoutError:
            self._order(KILL, worker)
            return
        if status in (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS):
            raise no_memory(self.limits)
        if status == -signal.SIGXCPU:
            raise too_long(self.limits)


def _spawn(store: ox.Store, limits: Limits, control: socket.socket) -> subprocess.Popen[bytes]:
    """Start a nursery and hand it the data in an open file that has no name."""
    data: IO[Any]
    with tempfile.TemporaryFile() as data:
        pickle.dump(limits, data)
        store.dump(data, ox.RdfFormat.N_QUADS)
        data.seek(0)
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "k20kg.web.sparql.fork_server",
                str(control.fileno()),
                str(data.fileno()),
            ],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            pass_fds=(control.fileno(), data.fileno()),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the server, which then closes the socket
        )
