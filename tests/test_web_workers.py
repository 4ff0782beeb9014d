"""Queries run in processes that can be killed, and a hostile one hurts nobody but itself."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
import pytest

from k20kg.errors import K20Error
from k20kg.query.sparql import Rows
from k20kg.web.answering import TERMS, Limits, Outcome, Question, answer_question
from k20kg.web.fate import (
    BusyError,
    FormError,
    TooLongError,
    TooMuchError,
)
from k20kg.web.workers import Pool

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
            nursery = pool._nursery
            return await work(pool)
        finally:
            await pool.close()
            assert nursery
            assert nursery.returncode is not None

    return asyncio.run(asyncio.wait_for(run(), 40))


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(one) for one in found.split()]


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to hold")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
    except OSError:
        return False
    return state.split()[0] != "Z"


@pytest.fixture(autouse=True)
def _no_orphans() -> Iterator[None]:
    yield
    found = subprocess.run(
        ["ps", "-o", "pid,args", "--ppid", str(os.getpid())], capture_output=True, text=True
    ).stdout
    assert "k20kg.web.nursery" not in found


# ---------------------------------------------------------------- answers


def test_an_answer_comes_in_the_form_asked_for() -> None:
    async def work(pool: Pool) -> None:
        answered = await pool.ask(PING)
        assert answered.outcome is Outcome.ROWS
        assert b"urn:thing:8" in answered.body
        csv = await pool.ask(Question(PING.text, rows="csv"))
        assert csv.body == b"o\r\nurn:thing:8\r\n"
        terms = await pool.ask(Question(PING.text, rows=TERMS))
        assert terms.answer() == Rows(("o",), [(ox.NamedNode("urn:thing:8"),)])
        with pytest.raises(FormError):
            await pool.ask(Question(PING.text, rows=""))

    with_pool(work)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("SELECT ?o WHERE { ?s ?p", "breaks off"),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", "changes data"),
        ("CLEAR ALL", "changes data"),
        ("", "no SPARQL query"),
        ("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }", "FROM names"),
        ("SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }", "FROM names"),
        ("ASK { " + "{" * 500 + "}" * 500 + " }", "nested"),
        ("ASK { FILTER(" + "!" * 2000 + "true) }", "operators"),
    ],
)
def test_what_is_wrong_or_reaches_elsewhere_is_refused(text: str, says: str) -> None:
    outcome, body = answer_question(STORE, Question(text), LIMITS)
    assert outcome is Outcome.FAULT
    assert says in body.decode("utf-8", "replace")


def test_nothing_can_be_opened_while_oxigraph_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock behind the guard: even a service that the guard overlooked is not reached."""
    import socket

    from k20kg.web import answering

    monkeypatch.setattr(answering, "_look", lambda *_: False)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        service = f"http://127.0.0.1:{server.getsockname()[1]}/"
        text = f"SELECT * {{ SERVICE SILENT <{service}> {{ ?s ?p ?o }} }}"
        answer_question(STORE, Question(text), LIMITS)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(("form", "most"), [("json", 7), ("xml", 7), ("csv", 7), ("tsv", 7)])
def test_rows_are_counted_whatever_their_text_holds(form: str, most: int) -> None:
    nasty = '},{"x"\\n<result>\\n,\\"\\"'
    text = f'SELECT ?s ("{nasty}" AS ?t) WHERE {{ ?s <urn:next> ?o }} LIMIT {{}}'.replace(
        '"x"', '\\"x\\"'
    )
    for rows, outcome in ((most, Outcome.ROWS), (most + 1, Outcome.TOO_MANY)):
        query = text.replace("LIMIT {}", f"LIMIT {rows}")
        found, body = answer_question(STORE, Question(query, rows=form), Limits(rows=most))
        assert found is outcome, body


# ---------------------------------------------------------------- hostile queries

DOUBLING = "".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1}) " for n in range(34))
HOSTILE = {
    "cross product": CROSS,
    "cross product of distinct rows": "SELECT DISTINCT ?a ?d WHERE { ?a ?b ?c . ?d ?e ?f }",
    "cross product sorted": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "cross product as rows": "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }",
    "cross product constructed": "CONSTRUCT { ?a <urn:x> ?d } WHERE { ?a ?b ?c . ?d ?e ?f }",
    "paths from everywhere": "SELECT (COUNT(*) AS ?n) WHERE { ?a (<urn:next>|!<urn:x>)* ?b }",
    "paths of paths": "SELECT * WHERE { ?a (<urn:next>+/^<urn:next>*)+ ?b } ORDER BY ?b",
    "strings that double": f'SELECT ?v34 WHERE {{ BIND("aaaaaaaaaaaaaaaa" AS ?v0) {DOUBLING}}}',
    "aggregated strings": "SELECT (GROUP_CONCAT(CONCAT(?c, ?f)) AS ?t) { ?a ?b ?c . ?d ?e ?f }",
    "replacing": (
        f'SELECT (REPLACE(REPLACE(?v12, "a", ?v12), "a", ?v12) AS ?r) '
        f'WHERE {{ BIND("aaaaaaaaaaaaaaaa" AS ?v0) {DOUBLING} }}'
    ),
    "a regex of many": (
        "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i "
        'FILTER(REGEX(CONCAT(STR(?c), STR(?f)), "(a|b|ab)*[^x]{20,200}t.*t.*t$")) }'
    ),
    "optional cascade": "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c "
    + "".join(f"OPTIONAL {{ ?x{n} ?y{n} ?z{n} }} " for n in range(9))
    + "}",
    "exists within": (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER NOT EXISTS "
        "{ ?g ?h ?i FILTER(?c = ?i && ?f = ?i) } }"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_ends_in_time_and_others_are_answered_meanwhile(name: str) -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING, who="friend")
        start = time.perf_counter()
        hostile = [
            asyncio.create_task(pool.ask(Question(HOSTILE[name]), who="foe")) for _ in range(2)
        ]
        waits = []
        for _ in range(5):
            before = time.perf_counter()
            assert b"urn:thing:8" in (await pool.ask(PING, who="friend")).body
            waits.append(time.perf_counter() - before)
            await asyncio.sleep(0.03)
        found = await asyncio.gather(*hostile, return_exceptions=True)
        assert all(isinstance(one, TooLongError | TooMuchError) for one in found), found
        assert time.perf_counter() - start < LIMITS.seconds + 8
        assert sorted(waits)[2] < 1.0
        assert b"urn:thing:8" in (await pool.ask(PING, who="foe")).body

    with_pool(work, workers=3)


def test_an_answer_of_too_many_rows_is_refused_with_the_number() -> None:
    async def work(pool: Pool) -> None:
        text = "SELECT * WHERE { ?a <urn:next> ?b . ?c <urn:label> ?d } LIMIT 20001"
        with pytest.raises(TooMuchError, match="20000 rows"):
            await pool.ask(Question(text, rows="csv"))

    with_pool(work, Limits(rows=20_000))


# ---------------------------------------------------------------- the queue


def test_one_client_never_holds_all_workers() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        foes = [asyncio.create_task(pool.ask(Question(CROSS), who="foe")) for _ in range(20)]
        await asyncio.sleep(0.1)
        start = time.perf_counter()
        await pool.ask(PING, who="friend")
        assert time.perf_counter() - start < 2.0
        for foe in foes:
            foe.cancel()
        await asyncio.gather(*foes, return_exceptions=True)

    with_pool(work, Limits(seconds=5), workers=2)


def test_the_queue_is_served_by_turns() -> None:
    async def work(pool: Pool) -> None:
        order: list[str] = []

        async def ask(who: str) -> None:
            await pool.ask(PING, who=who)
            order.append(who)

        blocker = asyncio.create_task(pool.ask(Question(CROSS), who="blocker"))
        await asyncio.sleep(0.05)
        many = [asyncio.create_task(ask("many")) for _ in range(10)]
        await asyncio.sleep(0)
        await asyncio.gather(*many, asyncio.create_task(ask("one")))
        assert order.index("one") <= 2
        await asyncio.gather(blocker, return_exceptions=True)

    with_pool(work, workers=1)


def test_a_full_queue_is_busy_and_says_when_to_come_again() -> None:
    async def work(pool: Pool) -> None:
        running = [asyncio.create_task(pool.ask(Question(CROSS), who=str(n))) for n in range(4)]
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError) as caught:
            await pool.ask(PING)
        assert caught.value.retry_after > 0
        await asyncio.gather(*running, return_exceptions=True)
        await pool.ask(PING)

    with_pool(work, workers=1, queue=3)


def test_who_waits_too_long_is_told_so() -> None:
    async def work(pool: Pool) -> None:
        running = asyncio.create_task(pool.ask(Question(CROSS), who="foe"))
        await asyncio.sleep(0.1)
        with pytest.raises(BusyError, match="no worker was free"):
            await pool.ask(PING)
        await asyncio.gather(running, return_exceptions=True)
        await pool.ask(PING)

    with_pool(work, workers=1, patience=0.2)


# ---------------------------------------------------------------- death


def test_a_cancelled_query_is_killed_at_once() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        assert pool._nursery
        before = set(children_of(pool._nursery.pid))
        running = asyncio.create_task(pool.ask(Question(CROSS)))
        await asyncio.sleep(0.1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await until(lambda: len(before - set(children_of(pool._nursery.pid))) == 1)
        await until(lambda: len(children_of(pool._nursery.pid)) == 2)
        await pool.ask(PING)

    with_pool(work, Limits(seconds=20), workers=2)


def test_a_question_whose_worker_is_killed_is_asked_once_more() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        assert pool._nursery
        slow = Question("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }", rows="csv")
        running = asyncio.create_task(pool.ask(slow))
        await asyncio.sleep(0.1)
        for pid in children_of(pool._nursery.pid):
            os.kill(pid, signal.SIGKILL)
        assert (await running).body == b"n\r\n%d\r\n" % (4 * THINGS * THINGS)

    with_pool(work, Limits(seconds=30))


def test_a_question_whose_workers_are_always_killed_is_answered_busy() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        assert pool._nursery
        running = asyncio.create_task(pool.ask(Question(CROSS)))
        while not running.done():
            await asyncio.sleep(0.05)
            for pid in children_of(pool._nursery.pid):
                os.kill(pid, signal.SIGKILL)
        with pytest.raises(BusyError, match="lost"):
            await running
        await pool.ask(PING)

    with_pool(work, Limits(seconds=30), workers=2)


def test_no_good_question_is_lost_while_workers_are_killed_under_fire() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        assert pool._nursery
        text = "SELECT * WHERE { ?a <urn:label> ?b } ORDER BY DESC(?b) LIMIT 50"
        expected = (await pool.ask(Question(text))).body
        lost = 0
        done = False

        async def client(who: str) -> None:
            nonlocal lost
            for _ in range(40):
                try:
                    assert (await pool.ask(Question(text), who=who)).body == expected
                except BusyError:
                    lost += 1

        async def killer() -> None:
            while not done:
                for pid in children_of(pool._nursery.pid)[:1]:
                    os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.1)

        killing = asyncio.create_task(killer())
        await asyncio.gather(*(client(f"c{n}") for n in range(8)))
        done = True
        await killing
        assert lost == 0

    with_pool(work, Limits(seconds=30))


def test_the_pool_starts_anew_when_its_nursery_is_killed() -> None:
    async def work(pool: Pool) -> None:
        await pool.ask(PING)
        assert pool._nursery
        workers = children_of(pool._nursery.pid)
        running = asyncio.create_task(pool.ask(Question(CROSS)))
        await asyncio.sleep(0.05)
        pool._nursery.kill()
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
from k20kg.web.answering import Limits, Question
from k20kg.web.workers import Pool
store = ox.Store()
for n in range(2000):
    store.add(ox.Quad(ox.NamedNode(f"urn:{{n}}"), ox.NamedNode("urn:p"), ox.Literal(str(n))))
async def main():
    pool = Pool(store, Limits(seconds=60))
    await pool.start()
    asyncio.create_task(pool.ask(Question({CROSS!r})))
    await pool.ask(Question("ASK {{}}"))
    await asyncio.sleep(0.2)
    print(pool._nursery.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    import sys

    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as server:
        assert server.stdout
        nursery = int(server.stdout.readline())
        family = [nursery, *children_of(nursery)]
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
        assert pool._nursery
        before = children_of(pool._nursery.pid)
        # About 100 MiB of strings, of which a few bytes are the answer.
        text = (
            'SELECT (STRLEN(?v23) AS ?n) WHERE { BIND("aaaaaaaa" AS ?v0) '
            + "".join(f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1}) " for n in range(23))
            + "}"
        )
        assert b"67108864" in (await pool.ask(Question(text))).body
        await until(lambda: not set(before) & set(children_of(pool._nursery.pid)))

    with_pool(work, Limits(memory=1 << 30), workers=1)
