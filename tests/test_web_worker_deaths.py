"""Processes that answer queries die or are killed, and no good question is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time

import pytest
from pooled import CROSS, PING, STORE, THINGS, alive, children_of, until, with_pool, workers_of
from scale import tries

from k20kg.errors import K20Error
from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import BusyError, Question
from k20kg.web.sparql.pool import Pool

pytestmark = pytest.mark.usefixtures("no_orphans")


def test_a_cancelled_query_is_killed_at_once() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        before = set(workers_of(pool))
        running = asyncio.create_task(pool.ask(Question(CROSS)))
        await asyncio.sleep(0.1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await until(lambda: len(before - set(workers_of(pool))) == 1)
        await until(lambda: len(workers_of(pool)) == len(before))
        await pool.ask(PING)

    with_pool(work, Limits(seconds=20), workers=2)


def test_a_question_whose_worker_is_killed_is_asked_once_more() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        slow = Question("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }", rows="csv")
        running = asyncio.create_task(pool.ask(slow))
        await asyncio.sleep(0.1)
        for pid in workers_of(pool):
            os.kill(pid, signal.SIGKILL)
        assert (await running).body == b"n\r\n%d\r\n" % (4 * THINGS * THINGS)

    with_pool(work, Limits(seconds=30))


def test_a_question_whose_workers_are_always_killed_is_answered_busy() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        running = asyncio.create_task(pool.ask(Question(CROSS)))
        while not running.done():
            await asyncio.sleep(0.05)
            for pid in workers_of(pool):
                os.kill(pid, signal.SIGKILL)
        with pytest.raises(BusyError, match="lost"):
            await running
        await pool.ask(PING)

    with_pool(work, Limits(seconds=30), workers=2)


def test_no_good_question_is_lost_while_workers_are_killed_under_fire() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        text = "SELECT * WHERE { ?a <urn:label> ?b } ORDER BY DESC(?b) LIMIT 50"
        expected = (await pool.ask(Question(text))).body
        lost = 0
        done = False

        async def client(who: str) -> None:
            nonlocal lost
            for _ in range(tries(sample=15, prove=40)):
                try:
                    assert (await pool.ask(Question(text), who=who)).body == expected
                except BusyError:
                    lost += 1

        async def killer() -> None:
            while not done:
                for pid in workers_of(pool)[:1]:
                    os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.1)

        killing = asyncio.create_task(killer())
        await asyncio.gather(*(client(f"c{n}") for n in range(8)))
        done = True
        await killing
        assert lost == 0

    with_pool(work, Limits(seconds=30))


def test_the_pool_starts_anew_when_its_fork_server_is_killed() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        workers = workers_of(pool)
        running = asyncio.create_task(pool.ask(Question(CROSS)))
        await asyncio.sleep(0.05)
        assert pool._server
        pool._server.kill()
        with pytest.raises(K20Error):
            await running
        assert b"urn:thing:8" in (await pool.ask(PING)).body
        for _ in range(200):
            if not any(alive(pid) for pid in workers):
                break
            await asyncio.sleep(0.1)
        assert not any(alive(pid) for pid in workers), "an orphan works on"

    with_pool(work)


def test_processes_end_with_a_server_that_is_killed() -> None:
    """Workers in the middle of a query do too."""
    script = f"""
import asyncio, sys
import pyoxigraph as ox
from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import Question
from k20kg.web.sparql.pool import Pool
store = ox.Store()
for n in range(2000):
    store.add(ox.Quad(ox.NamedNode(f"urn:{{n}}"), ox.NamedNode("urn:p"), ox.Literal(str(n))))
async def main():
    pool = Pool(store, Limits(seconds=60))
    await pool.start()
    asyncio.create_task(pool.ask(Question({CROSS!r})))
    await pool.ask(Question("ASK {{}}"))
    await asyncio.sleep(0.2)
    print(pool._server.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    import sys

    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as server:
        assert server.stdout
        fork_server = int(server.stdout.readline())
        family = [fork_server, *children_of(fork_server)]
        assert len(family) > 2
        server.kill()
    until = time.monotonic() + 5
    while time.monotonic() < until and any(alive(pid) for pid in family):
        time.sleep(0.02)
    assert not any(alive(pid) for pid in family)


def test_closing_lets_running_queries_finish_within_the_grace() -> None:
    async def run() -> None:
        pool = Pool(STORE, Limits(seconds=30))
        await pool.ask(PING)
        slow = Question("SELECT (COUNT(*) AS ?n) { ?a <urn:next> ?c . ?d ?e ?f }")
        running = asyncio.create_task(pool.ask(slow))
        await asyncio.sleep(0.02)
        await pool.close(grace=20)
        assert b"18000000" in (await running).body
        with pytest.raises(BusyError, match="stopping"):
            await pool.ask(PING)

    asyncio.run(asyncio.wait_for(run(), 40))


def test_a_worker_that_has_grown_is_replaced() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        before = workers_of(pool)
        # About 100 MiB of strings, of which a few bytes are the answer.
        text = (
            'SELECT (STRLEN(?v23) AS ?n) WHERE { BIND("aaaaaaaa" AS ?v0) '
            + "".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1}) " for n in range(23))
            + "}"
        )
        assert b"67108864" in (await pool.ask(Question(text))).body
        await until(lambda: len(set(before) & set(workers_of(pool))) == 1)  # who watches stays

    with_pool(work, Limits(memory=1 << 30), workers=1)
