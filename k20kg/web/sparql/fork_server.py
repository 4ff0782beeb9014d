"""The process that query workers are forked from: one thread, no network, the data loaded once.

A server has threads and may not fork; this process may. It keeps a number of workers, which share
its memory until they write, and says on standard output which of them ended, and how. A worker
takes one connection from the control socket and answers the questions that come over it; the
kernel ends it at its limits: ITIMER_REAL for time, RLIMIT_AS for memory.
"""

from __future__ import annotations

import gc
import marshal
import mmap
import os
import pickle
import signal
import socket
import struct
import sys
from typing import Final, NoReturn

import pyoxigraph as ox

from k20kg.sparql.merge import merge
from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import Question, answer_question, give_back, memory_in_use

LENGTH: Final = struct.Struct("!I")
"""Before a question."""
HEAD: Final = struct.Struct("!cBI")
"""Before a reply: outcome, flags, and how long the body is; the first holds the process id."""
RECYCLE, SHARED = 1, 2
"""Flags: the worker ends after this reply; the body lies in the memory that both ends share."""
BUFFER_BYTES: Final = 1 << 20
"""The shared memory of a worker: answers of this size wake their reader only once."""
_GROWN: Final = 64 << 20
"""A worker that has grown by so many bytes ends after its answer."""
_SMALL: Final = 1 << 14

Stores = tuple[ox.Store, ox.Store]
"""The merged store, and what answers questions to its default graph alone."""


def main(control_fd: int, data_fd: int) -> None:
    """Load the data and fork workers until standard input closes."""
    import resource

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    store = ox.Store()
    with os.fdopen(data_fd, "rb") as data:
        count, limits = pickle.load(data)
        store.load(data, format=ox.RdfFormat.N_QUADS, lenient=True)
    merge(store)
    merged = ox.Store()  # the default graph alone, in which a lookup passes half as many quads
    merged.bulk_extend(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
    stores = store, merged if len(merged) else store
    give_back()
    gc.freeze()
    control = socket.socket(fileno=control_fd)
    watcher, workers = 0, set[int]()
    while True:
        if not watcher and not (watcher := os.fork()):
            _end_with_server()
        while len(workers) < count:
            if not (worker := os.fork()):
                _work(control, stores, limits)
            workers.add(worker)
        ended, status = os.wait()
        if ended == watcher:
            watcher = 0
        else:
            workers.discard(ended)
            os.write(1, b"%d %d\n" % (ended, os.waitstatus_to_exitcode(status)))


def _end_with_server() -> NoReturn:
    """Kill all processes of this group when the server, which holds standard input, is gone."""
    _be_silent()
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _be_silent() -> None:
    """Let go of the pipe that reports deaths; what runs out of memory complains to nobody."""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)


def _work(control: socket.socket, stores: Stores, limits: Limits) -> NoReturn:
    """Answer the questions of one connection."""
    import resource

    try:
        _be_silent()
        if in_use := memory_in_use():
            most = in_use + limits.memory
            resource.setrlimit(resource.RLIMIT_AS, (most, most))
        _, descriptors, *_ = socket.recv_fds(control, 1, 2)
        if descriptors:
            channel, shared = descriptors
            buffer = mmap.mmap(shared, BUFFER_BYTES)
            _serve(socket.socket(fileno=channel), buffer, stores, limits)
    finally:
        os._exit(0)


def _serve(channel: socket.socket, buffer: mmap.mmap, stores: Stores, limits: Limits) -> None:
    pid = b"%d" % os.getpid()
    channel.sendall(HEAD.pack(b"P", 0, len(pid)) + pid)
    at_first = _peak()
    recycle = False
    while not recycle and (asked := _receive(channel)):
        signal.setitimer(signal.ITIMER_REAL, limits.seconds)  # SIGALRM ends this process
        question = Question(*marshal.loads(asked))
        outcome, body = answer_question(stores[question.asks_default], question, limits)
        signal.setitimer(signal.ITIMER_REAL, 0)
        recycle = _peak() - at_first > _GROWN
        shared = _SMALL < len(body) <= BUFFER_BYTES
        head = HEAD.pack(outcome.value, recycle * RECYCLE | shared * SHARED, len(body))
        if shared:
            buffer[: len(body)] = body
            channel.sendall(head)
        elif len(body) <= _SMALL:
            channel.sendall(head + body)
        else:
            channel.sendall(head)
            channel.sendall(body)


def _receive(channel: socket.socket) -> bytes:
    """Return the next question; nothing when there will be none."""
    asked = channel.recv(_SMALL)  # most are whole
    if len(asked) < LENGTH.size:
        return b""
    missing = LENGTH.size + LENGTH.unpack_from(asked)[0] - len(asked)
    return (asked + channel.recv(missing, socket.MSG_WAITALL) if missing else asked)[LENGTH.size :]


def _peak() -> int:
    """Return the most bytes this process has ever held in memory."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
