"""One question put to a store in this process: guarded, answered, written out, within limits.

Workers run this; so may anything that trusts its queries. Nothing here outlives the call:
Oxigraph's answers may be freed by the thread that made them only. The server makes of what a worker
sends an answer, or the error that says why there is none.
"""

from __future__ import annotations

import ctypes
import io
import os
import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urljoin

import pyoxigraph as ox

from k20kg.errors import K20Error, RemoteError, UsageError
from k20kg.rdf.text import escape_controls
from k20kg.sparql.columns import name_columns, number_blank_nodes, written_order
from k20kg.sparql.faults import syntax_error
from k20kg.sparql.merge import ask
from k20kg.sparql.reach import QueryReach, reach_of, refuse_oversized
from k20kg.sparql.sparql import Answer, AskResult, Rows, Triples, failure, form_of
from k20kg.vocabulary import BASE, PREFIXES
from k20kg.web.settings import Limits
from k20kg.web.wellformed import UnwritableError, well_formed

TERMS: Final = "terms"
"""The form of an answer that stays an object: pickled `Rows`, `AskResult` or `Triples`."""
ENDPOINT: Final = f"{BASE}sparql"


class Question(NamedTuple):
    """A query and the forms in which its answer may come; an empty form is not acceptable."""

    text: str
    rows: str = "json"
    triples: str = "ttl"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    shown: int = 0
    """How many rows or triples at most come back as terms; 0 is all."""
    skipped: int = 0
    """How many rows before them do not."""

    @property
    def names_graphs(self) -> bool:
        """Tell whether the graphs to ask are given beside the query."""
        return bool(self.default_graphs or self.named_graphs)

    @property
    def asks_default(self) -> bool:
        """Tell whether nothing but the default graph is asked; false in case of doubt."""
        small = self.text.casefold()
        return not (self.names_graphs or "graph" in small or "from" in small)


class QueryOutcome(Enum):
    """Result of a question: the first byte of a worker's reply."""

    ROWS = b"R"
    TRUTH = b"B"
    TRIPLES = b"T"
    FAULT = b"F"
    """The query is wrong or refused; the body is a pickled error's class, what, where, remedy."""
    NO_FORM = b"N"
    """The answer has none of the forms asked for; the body names its kind."""
    TOO_MANY = b"L"
    TOO_LARGE = b"S"
    NO_MEMORY = b"M"


class _FullError(OSError):
    """The answer is larger than it may be."""


class _Bounded(io.BytesIO):
    """Collects what is written, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def write(self, part: Any) -> int:
        if self.tell() + len(part) > self._most:
            raise _FullError
        return super().write(part)


def answer_question(
    store: ox.Store, question: Question, limits: Limits, *, where: str = "query"
) -> tuple[QueryOutcome, bytes]:
    """Return what became of a question to a merged store, and its bytes or what is wrong."""
    try:
        reach = _look(store, question.text, where)
        return _ask(store, question, limits, reach, where)
    except K20Error as fault:
        kind = UnwritableError if isinstance(fault, UnwritableError) else RefusedError
        return QueryOutcome.FAULT, pickle.dumps((kind, fault.what, fault.where, fault.remedy))
    except MemoryError:
        return QueryOutcome.NO_MEMORY, b""


def _look(store: ox.Store, text: str, where: str) -> QueryReach:
    """Refuse what would change data, leave this place or break it; return what it reaches for."""
    form_of(text, where=where)
    refuse_oversized(text, where=where)
    reach = reach_of(text, where=where)
    if reach.services:
        raise RemoteError(
            f"SERVICE would send part of the query to {escape_controls(reach.services[0])}",
            where=where,
            remedy="ask that service itself: this one sends nothing elsewhere",
        )
    for iri in reach.graphs:
        if not store.contains_named_graph(_node(urljoin(ENDPOINT, iri), where)):
            raise RemoteError(
                f"FROM names {escape_controls(iri)}, which would have to be fetched",
                where=where,
                remedy="name a graph that is here: SELECT DISTINCT ?g { GRAPH ?g {} }",
            )
    return reach


def _node(iri: str, where: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(iri)
    except ValueError:
        raise UsageError(
            f"{escape_controls(iri)} is no absolute IRI", where=where, remedy="write it in full"
        ) from None


def _ask(
    store: ox.Store, question: Question, limits: Limits, reach: QueryReach, where: str
) -> tuple[QueryOutcome, bytes]:
    graphs: dict[str, tuple[str, ...]] = {}
    if question.names_graphs:  # SPARQL 1.1 Protocol, 2.1.4: these win over FROM
        graphs = {"default": question.default_graphs, "named": question.named_graphs}
        for iri in question.default_graphs + question.named_graphs:
            _node(iri, where)
    elif reach.graphs:
        said = {"default": reach.default_graphs, "named": reach.named_graphs}
        graphs = {of: tuple(urljoin(ENDPOINT, iri) for iri in iris) for of, iris in said.items()}
    try:
        with _no_new_files():
            dataset: dict[str, Any] = {
                **graphs,
                "base_iri": ENDPOINT,
                "prefixes": {p: iri for p, iri in PREFIXES.items() if f"{p}:" in question.text},
            }
            found = ask(store, question.text, **dataset)
            if isinstance(found, ox.QuerySolutions) and "*" in question.text:
                columns = tuple(variable.value for variable in found.variables)
                if written_order(question.text, columns) != columns:
                    found = ask(store, name_columns(question.text, columns), **dataset)
            return _write(found, question, limits)
    except _FullError:
        return QueryOutcome.TOO_LARGE, b""
    except SyntaxError as fault:
        error: K20Error = syntax_error(fault, question.text, where=where)
    except (OSError, RuntimeError, ValueError) as fault:
        error = failure(fault, question.text, where=where)
    raise error


def _write(
    found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, question: Question, limits: Limits
) -> tuple[QueryOutcome, bytes]:
    if isinstance(found, ox.QueryTriples):
        outcome, form = QueryOutcome.TRIPLES, question.triples
    else:
        truth = isinstance(found, ox.QueryBoolean)
        outcome, form = (QueryOutcome.TRUTH if truth else QueryOutcome.ROWS), question.rows
    if not form:
        return QueryOutcome.NO_FORM, outcome.value
    if form == TERMS:
        terms = pickle.dumps(_collect(found, question.shown or limits.rows, question.skipped))
        if len(terms) > (limits.bytes >> 3 if question.shown else limits.bytes):
            return QueryOutcome.TOO_LARGE, b""
        return outcome, terms
    out = _Bounded(limits.bytes)
    if isinstance(found, ox.QueryTriples):
        found.serialize(out, ox.RdfFormat.from_extension(form))
    else:
        found.serialize(out, ox.QueryResultsFormat.from_extension(form))
    data = out.getvalue()
    if form in ("xml", "rdf"):
        data = well_formed(data)
    least = 2 if form in ("csv", "tsv") else 16  # bytes of the shortest row
    if len(data) > least * limits.rows and _count_rows(data, form) > limits.rows:
        return QueryOutcome.TOO_MANY, b""
    return outcome, data


def _collect(
    found: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, most: int, skipped: int
) -> Rows | AskResult | Triples:
    if isinstance(found, ox.QueryBoolean):
        return AskResult(bool(found))
    if isinstance(found, ox.QueryTriples):
        return Triples(sorted(set(islice(found, most)), key=str))
    columns = tuple(variable.value for variable in found.variables)
    rows = islice(found, skipped, skipped + most)
    return Rows(columns, number_blank_nodes([tuple(row) for row in rows]))


_QUOTED: Final = re.compile(rb'"[^"]*"')


def _count_rows(data: bytes, form: str) -> int:
    """Return how many rows were written; of triples, the lines, so JSON-LD is bound by size alone.

    Counting in the bytes leaves the writing to Oxigraph, which is many times faster than
    building each row here.
    """
    if form == "json":  # quotes in values are escaped, so this stands between two rows only
        return data.count(b'},{"') + 1
    if form == "xml":
        return data.count(b"<result>")
    if form == "csv" and data.count(b"\n") > 1 and b'"' in data:
        return _QUOTED.sub(b"", data).count(b"\n") - 1
    return data.count(b"\n") - (form in ("csv", "tsv"))


@contextmanager
def _no_new_files() -> Iterator[None]:
    """Let nothing be opened meanwhile, no file and no connection: the lock behind the guard."""
    try:
        import resource
    except ImportError:  # on Windows, where only `site` asks, and the guard alone has to do
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def memory_in_use() -> int:
    """Return the bytes of address space of this process; 0 where nobody can say."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Return memory that is free to the system; the C library would keep it (glibc)."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


class BusyError(K20Error):
    """There is no room for this query now; `retry_after` is in seconds."""

    status, retry_after = 503, 5


class RefusedError(UsageError):
    """The query is wrong, or asks for what this place does not do."""


class FormError(UsageError):
    """The answer cannot come in any form asked for; `outcome` is what kind of answer it is."""

    status = 406

    def __init__(self, outcome: QueryOutcome) -> None:
        super().__init__("the answer has none of the formats asked for")
        self.outcome = outcome


class TooLongError(K20Error):
    """The query took longer than it may."""

    status = 504


class TooMuchError(K20Error):
    """The query needed more memory, or its answer has more rows or bytes, than it may."""

    status = 422


class QueryReply(NamedTuple):
    """A worker's reply: which kind of answer it is and its bytes in the form asked for."""

    outcome: QueryOutcome
    body: bytes

    def answer(self) -> Answer:
        """Return the answer itself, where the form asked for was TERMS."""
        found: Answer = pickle.loads(self.body)  # it comes from our own worker
        return found


def unwrap(outcome: QueryOutcome, body: bytes, limits: Limits) -> QueryReply:
    """Return the answer that a worker sent, or raise the error."""
    if outcome is QueryOutcome.FAULT:
        kind, what, where, remedy = pickle.loads(body)  # it comes from our own worker
        raise kind(what, where=where, remedy=remedy)
    if outcome is QueryOutcome.NO_FORM:
        raise FormError(QueryOutcome(body))
    if outcome is QueryOutcome.NO_MEMORY:
        raise no_memory(limits)
    if outcome in (QueryOutcome.TOO_MANY, QueryOutcome.TOO_LARGE):
        many = outcome is QueryOutcome.TOO_MANY
        raise TooMuchError(
            f"the answer has more than {limits.rows} rows"
            if many
            else f"the answer is larger than {limits.bytes >> 20} MiB",
            remedy="ask for less, or add LIMIT",
        )
    return QueryReply(outcome, body)


def too_long(limits: Limits) -> TooLongError:
    """Return the error of a query that reached its limit of time."""
    return TooLongError(
        f"the query took longer than {limits.seconds:g} seconds",
        remedy="ask for less: name a subject or a property, or add LIMIT",
    )


def no_memory(limits: Limits) -> TooMuchError:
    """Return the error of a query that reached its limit of memory."""
    return TooMuchError(
        f"the query needed more than {limits.memory >> 20} MiB of memory, or too deep a stack",
        remedy="ask for less: name a subject or a property, or sort fewer rows",
    )
