"""Queries run in processes that can be killed, and a hostile one hurts nobody but itself."""

from __future__ import annotations

import asyncio
import time

import pyoxigraph as ox
import pytest
from pooled import CROSS, LIMITS, PING, STORE, with_pool

from k20kg.sparql.reach import QueryReach
from k20kg.sparql.sparql import Rows
from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import (
    TERMS,
    BusyError,
    FormError,
    QueryOutcome,
    Question,
    TooLongError,
    TooMuchError,
    answer_question,
)
from k20kg.web.sparql.pool import Pool

pytestmark = pytest.mark.usefixtures("no_orphans")


# ---------------------------------------------------------------- answers


def test_an_answer_comes_in_the_form_asked_for() -> None:
    async def work(pool: Pool) -> None:
        answered = await pool.ask(PING)
        assert answered.outcome is QueryOutcome.ROWS
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
    assert outcome is QueryOutcome.FAULT
    assert says in body.decode("utf-8", "replace")


def test_nothing_can_be_opened_while_oxigraph_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock behind the guard: even a service that the guard overlooked is not reached."""
    import socket

    from k20kg.web.sparql import answering

    monkeypatch.setattr(answering, "_look", lambda *_: QueryReach())
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
    for rows, outcome in ((most, QueryOutcome.ROWS), (most + 1, QueryOutcome.TOO_MANY)):
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


def test_a_question_that_names_no_graph_asks_the_default_graph_alone() -> None:
    assert Question("ASK { ?s ?p ?o }").asks_default
    for text in ("ASK { Graph ?g { ?s ?p ?o } }", "ask from <urn:g> { ?s ?p ?o }"):
        assert not Question(text).asks_default
    for graphs in ({"default_graphs": ("urn:g",)}, {"named_graphs": ("urn:g",)}):
        assert not Question("ASK {}", **graphs).asks_default
