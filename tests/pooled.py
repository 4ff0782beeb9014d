"""A pool of processes that answer queries, with a small store, for as long as one test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox

from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import Question
from k20kg.web.sparql.pool import Pool

__all__ = [
    "CROSS",
    "LIMITS",
    "PING",
    "STORE",
    "THINGS",
    "alive",
    "children_of",
    "until",
    "with_pool",
    "workers_of",
]

T = TypeVar("T")
THINGS = 3000
LIMITS = Limits(seconds=0.6, memory=192 << 20, rows=20_000, bytes=8 << 20)
PING = Question("SELECT ?o WHERE { <urn:thing:7> <urn:next> ?o }")
CROSS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def make_store() -> ox.Store:
    store = ox.Store()
    graph, label, after = (ox.NamedNode(f"urn:{name}") for name in ("graph", "label", "next"))
    for n in range(THINGS):
        thing = ox.NamedNode(f"urn:thing:{n}")
        other = ox.NamedNode(f"urn:thing:{(n + 1) % THINGS}")
        store.add(ox.Quad(thing, label, ox.Literal(f"thing number {n}"), graph))
        store.add(ox.Quad(thing, after, other, graph))
    return store


STORE = make_store()


def with_pool(work: Callable[[Pool], Awaitable[T]], limits: Limits = LIMITS, **more: Any) -> T:
    """Return what comes of work with a pool of its own, and see that nothing is left of it."""

    async def run() -> T:
        pool = Pool(STORE, limits, **more)
        try:
            await pool.start()
            server = pool._server
            return await work(pool)
        finally:
            await pool.close()
            assert server
            assert server.returncode is not None

    return asyncio.run(asyncio.wait_for(run(), 40))


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started, in order, those that ended too."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(one) for one in found.split()]


def workers_of(pool: Pool) -> list[int]:
    """Return the processes of a pool but its fork server: workers, and one that watches."""
    assert pool._server
    return children_of(pool._server.pid)


async def until(holds: Callable[[], bool]) -> None:
    """Wait, not for ever, until something holds."""
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to hold")


def alive(pid: int) -> bool:
    """Say whether a process runs still."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"
