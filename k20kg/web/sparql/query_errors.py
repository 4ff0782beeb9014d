"""What becomes of a question that is put to a worker: an answer, or the error that says why not."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

from k20kg.errors import K20Error, UsageError
from k20kg.query.sparql import Answer
from k20kg.web.sparql.answering import Limits, Outcome
from k20kg.web.sparql.fork_server import OUTCOMES
from k20kg.web.sparql.wellformed import UnwritableError


class BusyError(K20Error):
    """There is no room for this query now; `retry_after` is in seconds."""

    retry_after = 5


class RefusedError(UsageError):
    """The query is wrong, or asks for what this place does not do."""


class FormError(UsageError):
    """The answer cannot come in any form asked for; `outcome` is what kind of answer it is."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__("the answer has none of the formats asked for")
        self.outcome = outcome


class TooLongError(K20Error):
    """The query took longer than it may."""


class TooMuchError(K20Error):
    """The query needed more memory, or its answer has more rows or bytes, than it may."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a worker gave: which kind of answer it is and its bytes in the form asked for."""

    outcome: Outcome
    body: bytes

    def answer(self) -> Answer:
        """Return the answer itself, where the form asked for was TERMS."""
        found: Answer = pickle.loads(self.body)  # it comes from our own worker
        return found


def judge(outcome: Outcome, body: bytes, limits: Limits) -> Answered:
    if outcome in (Outcome.FAULT, Outcome.UNWRITABLE):
        what, where, remedy = pickle.loads(body)
        kind = RefusedError if outcome is Outcome.FAULT else UnwritableError
        raise kind(what, where=where, remedy=remedy)
    if outcome is Outcome.NO_FORM:
        raise FormError(OUTCOMES[body])
    if outcome is Outcome.NO_MEMORY:
        raise no_memory(limits)
    if outcome is Outcome.TOO_MANY:
        raise TooMuchError(
            f"the answer has more than {limits.rows} rows", remedy="ask for less, or add LIMIT"
        )
    if outcome is Outcome.TOO_LARGE:
        raise TooMuchError(
            f"the answer is larger than {limits.bytes >> 20} MiB",
            remedy="ask for less, or add LIMIT",
        )
    return Answered(outcome, body)


def too_long(limits: Limits) -> TooLongError:
    return TooLongError(
        f"the query took longer than {limits.seconds:g} seconds",
        remedy="ask for less: name a subject or a property, or add LIMIT",
    )


def no_memory(limits: Limits) -> TooMuchError:
    return TooMuchError(
        f"the query needed more than {limits.memory >> 20} MiB of memory, or too deep a stack",
        remedy="ask for less: name a subject or a property, or sort fewer rows",
    )


def say_limits(limits: Limits) -> str:
    """Return in a sentence what a query may take."""
    return (
        f"A query may take {limits.seconds:g} seconds and {limits.memory >> 20} MiB of memory, and "
        f"give {limits.rows:,} rows or {limits.bytes >> 20} MiB."
    )
