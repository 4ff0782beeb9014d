"""The process that query workers are forked from: one thread, the data loaded once, no network.

A server has threads and may not fork; this process may. Workers share the data with it, copied
only where written, so a new one is there in two milliseconds. Over the control socket come orders
of `ORDER`'s size, a channel's descriptor beside each FORK; back go reports of a death. It and its
workers end when their sockets close.
"""

from __future__ import annotations

import gc
import marshal
import mmap
import os
import pickle
import selectors
import signal
import socket
import struct
import sys
import time
from typing import Final

import pyoxigraph as ox

from k20kg.query.merge import merge
from k20kg.web.sparql.answering import Limits, Outcome, Question, answer_into, memory_in_use

ORDER: Final = struct.Struct("!cI")
"""What to do, and with which worker."""
FORK, KILL, SLOW = b"F", b"K", b"S"
DEATH: Final = struct.Struct("!Ii")
"""Which worker ended, and its exit status or minus its signal."""
HEAD: Final = struct.Struct("!cBI")
"""Before a reply: outcome, flags, and how long the body is."""
TIRED, SHARED = 1, 2
"""Flags: the worker ends after this reply; the body lies in the memory that both ends share."""
ROOM: Final = 1 << 20
"""The shared memory of a worker, in bytes: answers of this size wake their reader once only."""
LENGTH: Final = struct.Struct("!I")
_GROWN: Final = 64 << 20
"""A worker that has grown by so many bytes ends after its answer."""
_SPARE_SECONDS: Final = 2
_QUIET_SECONDS: Final = 1.0
_SMALL: Final = 1 << 14


def main(control_fd: int, data_fd: int) -> None:
    """Load the data and the limits, then fork, kill and bury as told until the socket closes."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    store = ox.Store()
    with os.fdopen(data_fd, "rb") as data:
        limits: Limits = pickle.load(data)
        store.load(data, format=ox.RdfFormat.N_QUADS, lenient=True)
    merge(store)
    gc.freeze()
    _Nursery(socket.socket(fileno=control_fd), store, limits).run()


class _Nursery:
    def __init__(self, control: socket.socket, store: ox.Store, limits: Limits) -> None:
        self._control, self._store, self._limits = control, store, limits
        self._children: dict[int, int] = {}
        """Process id → the worker's number."""
        # A death wakes the selector through this pipe; the handler itself has nothing to do.
        self._bell, ring = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(ring, False)
        self._ring = ring
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)

    def run(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._control, selectors.EVENT_READ)
        selector.register(self._bell, selectors.EVENT_READ)
        ready = True
        try:
            while True:
                events = selector.select(_QUIET_SECONDS if ready and self._children else None)
                if not events:  # workers to come have the guard's parser from the start
                    import rdflib.plugins.sparql.parser  # noqa: F401

                    ready = False
                for key, _ in events:
                    if key.fileobj is self._control:
                        if not self._obey():
                            return
                    else:
                        os.read(self._bell, 1024)
                self._bury()
        except (BrokenPipeError, ConnectionResetError):
            return
        finally:
            for pid in self._children:
                os.kill(pid, signal.SIGKILL)

    def _obey(self) -> bool:
        """Carry out one order; False when there will be no more."""
        order, fds, _, _ = socket.recv_fds(self._control, ORDER.size, 2)
        if len(order) < ORDER.size:
            return False
        kind, number = ORDER.unpack(order)
        if kind == FORK:
            self._fork(number, *fds)
            return True
        for pid, known in self._children.items():
            if known == number and kind == KILL:
                os.kill(pid, signal.SIGKILL)
            elif known == number:
                os.setpriority(os.PRIO_PROCESS, pid, 10)
        return True

    def _fork(self, number: int, fd: int, room: int) -> None:
        try:
            pid = os.fork()
        except OSError:  # no process is left; the pool sees the channel close
            os.close(fd)
            os.close(room)
            self._control.sendall(DEATH.pack(number, -signal.SIGKILL))
            return
        if pid:
            os.close(fd)
            os.close(room)
            self._children[pid] = number
            return
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self._bell)
            os.close(self._ring)
            self._control.close()
            _serve(socket.socket(fileno=fd), room, self._store, self._limits)
        finally:
            os._exit(0)

    def _bury(self) -> None:
        """Report every worker that has ended."""
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            number = self._children.pop(pid, None)
            if number is not None:
                self._control.sendall(DEATH.pack(number, os.waitstatus_to_exitcode(status)))


def _serve(channel: socket.socket, room: int, store: ox.Store, limits: Limits) -> None:
    """Answer questions one at a time until the channel closes."""
    silence = os.open(os.devnull, os.O_WRONLY)  # a query that runs out of memory complains here
    os.dup2(silence, 2)
    shared = memoryview(mmap.mmap(room, ROOM))
    if in_use := memory_in_use():
        import resource

        most = in_use + limits.memory
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    at_first = _grown()
    wound = 0.0
    while asked := _receive(channel):
        if time.process_time() >= wound:
            wound = _wind(limits.seconds)
        question = Question(*marshal.loads(asked))
        outcome, body = answer_into(shared, store, question, limits)
        tired = _grown() - at_first > _GROWN
        apart = isinstance(body, memoryview) and len(body) > _SMALL
        head = HEAD.pack(outcome.value, tired * TIRED | apart * SHARED, len(body))
        if apart:
            channel.sendall(head)
        elif len(body) <= _SMALL:
            channel.sendall(head + body)
        else:
            channel.sendall(head)
            channel.sendall(body)
        if tired:
            return


def _receive(channel: socket.socket) -> bytes:
    head = channel.recv(LENGTH.size, socket.MSG_WAITALL)
    if len(head) < LENGTH.size:
        return b""
    (length,) = LENGTH.unpack(head)
    return channel.recv(length, socket.MSG_WAITALL)


def _wind(seconds: float) -> float:
    """Let the system end this process should nobody else be there to do it.

    Returns up to which processor time there is enough of it left for one more query.
    """
    import resource

    most = int(time.process_time() + seconds) + _SPARE_SECONDS
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (most, hard))
    return most - seconds - 1


def _grown() -> int:
    """Return the most bytes this process has ever held in memory."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def pack(question: Question) -> bytes:
    """Return a question as it goes to a worker."""
    body = marshal.dumps(
        (
            question.text,
            question.rows,
            question.triples,
            question.default_graphs,
            question.named_graphs,
            question.shown,
        )
    )
    return LENGTH.pack(len(body)) + body


OUTCOMES: Final = {outcome.value: outcome for outcome in Outcome}

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
