"""The outcome of a query: an answer, or the error that says why there is none."""

from __future__ import annotations

import pickle
from typing import NamedTuple

from k20kg.errors import K20Error, UsageError
from k20kg.sparql.sparql import Answer
from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import QueryOutcome
from k20kg.web.wellformed import UnwritableError


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
    if outcome in (QueryOutcome.FAULT, QueryOutcome.UNWRITABLE):
        what, where, remedy = pickle.loads(body)
        kind = RefusedError if outcome is QueryOutcome.FAULT else UnwritableError
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
