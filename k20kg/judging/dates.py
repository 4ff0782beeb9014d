"""Begin and end of the things of a case, as its record dates them.

The rule stands in docs/time.md. Records are looked up as they are asked for: most of a case bears
no date. How records of a class stand in time the ontology says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final, NamedTuple

from k20kg.errors import RecordError, UsageError
from k20kg.model import Dating
from k20kg.rdf.graph import Lookup, closure
from k20kg.rdf.text import escape_controls
from k20kg.sources.terms import temporal_kind
from k20kg.vocabulary import K20, RDF_TYPE, shorten

_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
BOUNDS: Final = tuple(
    K20 + name for name in ("earliestBegin", "latestBegin", "earliestEnd", "latestEnd")
)
AS_OF: Final = K20 + "asOf"
EVIDENCE: Final = (K20 + "evidencedBy", K20 + "leftOpenBy", K20 + "disputedBy")
SPEAKERS: Final = (K20 + "heldBy", K20 + "statedBy")
"""Lead from a statement to who made it."""

ACT: Final = K20 + "Act"
_LIST_KIND: Final = K20 + "listKind"
_UP_TO_ITS_DAY: Final = K20 + "UpToItsDay"
_ABOUT_THE_RECORD: Final = K20 + "AboutTheRecord"


class Validity(Enum):
    """Answer to whether something held at an instant."""

    HOLDS = "held"
    MAY_HOLD = "may have held"
    DOES_NOT_HOLD = "did not hold"

    def __and__(self, other: Validity) -> Validity:
        """Return the weaker of two."""
        return max(self, other, key=list(Validity).index)

    def __invert__(self) -> Validity:
        """Return whether it did not hold."""
        return list(Validity)[::-1][list(Validity).index(self)]


def instant_of(text: str) -> datetime:
    """Return the last second of a day, month or year.

    >>> instant_of("2006-06").isoformat()
    '2006-06-30T23:59:59+00:00'

    Raises `UsageError` for what is no date.
    """
    from calendar import monthrange  # takes as long to load as all the rest

    try:
        if match := _DATE.fullmatch(text):
            year, month = int(match[1]), int(match[2] or 12)
            day = int(match[3] or monthrange(year, month)[1])
            return datetime(year, month, day, 23, 59, 59, tzinfo=UTC)
        if "T" in text:
            return _parsed(text)
    except ValueError:
        pass
    raise UsageError(
        f"{escape_controls(text)!r} is no date", remedy="write it like 2006, 2006-06 or 2006-06-30"
    )


def _parsed(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Interval(NamedTuple):
    """Bounds on when something began and ended; None where nobody gives one."""

    earliest_begin: datetime | None = None
    latest_begin: datetime | None = None
    earliest_end: datetime | None = None
    latest_end: datetime | None = None

    @property
    def dated(self) -> bool:
        """Say whether any bound is given."""
        return any(self)

    @property
    def has_begin(self) -> bool:
        """Say whether a bound on the begin is given."""
        return bool(self.earliest_begin or self.latest_begin)

    @property
    def has_end(self) -> bool:
        """Say whether a bound on the end is given."""
        return bool(self.earliest_end or self.latest_end)

    def begun(self, at: datetime) -> Validity:
        """Return whether it had begun. What ended by a date had begun by then."""
        latest = self.latest_begin or (self.latest_end if self.earliest_begin else None)
        if self.earliest_begin and at < self.earliest_begin:
            return Validity.DOES_NOT_HOLD
        if not self.has_begin or (latest and at >= latest):
            return Validity.HOLDS
        return Validity.MAY_HOLD

    def ended(self, at: datetime) -> Validity:
        """Return whether it had ended; an end that nobody records has not come."""
        if not self.has_end:
            return Validity.DOES_NOT_HOLD
        if self.latest_end and at >= self.latest_end:
            return Validity.HOLDS
        if self.earliest_end and at < self.earliest_end:
            return Validity.DOES_NOT_HOLD
        return (
            Validity.MAY_HOLD
            if self.begun(at) is not Validity.DOES_NOT_HOLD
            else Validity.DOES_NOT_HOLD
        )

    def turns(self) -> Iterator[datetime]:
        """Return the instants from which on an answer may be another."""
        return filter(None, self)


def end_of_day(at: datetime) -> datetime:
    """Return an instant; of a day without a time, which is written as its midnight, the end."""
    midnight = (at.hour, at.minute, at.second) == (0, 0, 0)
    return at.replace(hour=23, minute=59, second=59) if midnight else at


def after(at: datetime, seconds: int = 1) -> datetime:
    """Return an instant a second later, or before; the first and last there are stay."""
    try:
        return at + timedelta(seconds=seconds)
    except OverflowError:
        return at


def stamp(at: datetime) -> str:
    """Return an instant as reports write it: ``2006-06-30T23:59:59Z``."""
    return at.isoformat().replace("+00:00", "Z")


class Dates:
    """The dates of one case."""

    def __init__(self, graph: Lookup, group: str, origin: str) -> None:
        self.graph = graph
        self.iri = group
        self.origin = origin
        self._known: dict[str, Interval] = {}
        self.group = self._of_group()

    def bounds(self, subject: str) -> Interval:
        """Return the bounds that are stated of a subject."""
        if subject not in self._known:
            self._known[subject] = Interval(*(self._date(subject, bound) for bound in BOUNDS))
        return self._known[subject]

    def effective(self, record: str) -> Interval:
        """Return a record's own bounds, or those of the agreement that it is a part of."""
        own = self.bounds(record)
        if own.dated:
            return own
        for link in ("commits", "signature", "officialSupport"):
            for agreement in self.graph.subjects(K20 + link, record):
                if self.bounds(agreement).dated:
                    return self.bounds(agreement)
        return own

    def is_timed(self, subject: str) -> bool:
        """Return whether it is a record whose validity depends on time."""
        return (
            any(self.graph.values(subject, predicate) for predicate in EVIDENCE)
            and bool(kinds := self.temporal(subject))
            and _ABOUT_THE_RECORD not in kinds
        )

    def temporal(self, subject: str) -> set[str]:
        """Return how a record stands in time, by what the ontology says of its classes."""
        return {temporal_kind(kind) for kind in self.graph.values(subject, RDF_TYPE)}

    def up_to(self, record: str) -> datetime | None:
        """Return the instant up to which a record speaks; None where it sets itself no end.

        A bare day counts to its end: what is complete as of a day is so on that day.
        """
        if _UP_TO_ITS_DAY not in self.temporal(record):
            return None
        at = self._date(record, AS_OF)
        return at and end_of_day(at)

    def ran(self, record: str) -> bool:
        """Return whether a record is a run that came to its end."""
        return K20 + "Completed" in self.graph.values(record, K20 + "enactmentStatus")

    def is_a(self, record: str, kind: str) -> bool:
        """Return whether a record is of this class, by its local name."""
        return K20 + kind in self.graph.values(record, RDF_TYPE)

    def ends_with(self, record: str) -> list[str]:
        """Return the memberships with the last of which a record ends: a firm's commitment does."""
        if not self.is_a(record, "ResourceCommitment"):
            return []
        return self._memberships(self.graph.values(record, K20 + "byFirm"))

    def is_not_the_group_s(self, act: str) -> bool:
        """Return whether an act was certainly work before the group, or said by who had left it."""
        is_work = self.is_a(act, "Enactment") or self.is_a(act, "Contribution")
        before = is_work and self._was_over(act, self.group.earliest_begin)
        return before or self._made_by_departed(act)

    def _made_by_departed(self, statement: str) -> bool:
        """Return whether all who made a statement had certainly left the group by then."""
        made = self.bounds(statement).earliest_begin
        speakers = [s for link in SPEAKERS for s in self.graph.values(statement, link)]
        return bool(made and speakers) and all(self._had_left(s, made) for s in speakers)

    def _had_left(self, speaker: str, at: datetime | None) -> bool:
        """Return whether a person or a role group, or its home firm, had left by then."""
        found = self.graph.subjects(K20 + "participant", speaker)
        taking_part = [p for p in found if self._is_of_group("participation", p)]
        homes = {h for s in (speaker, *taking_part) for h in self.graph.values(s, K20 + "homeFirm")}
        return any(
            bool(records) and all(self._was_over(r, at) for r in records)
            for records in (taking_part, self._memberships(homes))
        )

    def _was_over(self, record: str, at: datetime | None) -> bool:
        end = self.effective(record).latest_end
        return bool(end and at and end_of_day(end) < at)

    def _memberships(self, firms: Iterable[str]) -> list[str]:
        """Return the group's memberships of firms, and of the firms that they are units of."""
        whole = sorted(closure(firms, lambda firm: self.graph.values(firm, K20 + "unitOf")))
        found = (m for firm in whole for m in self.graph.subjects(K20 + "memberFirm", firm))
        return [m for m in found if self._is_of_group("membership", m)]

    def _is_of_group(self, link: str, record: str) -> bool:
        return self.iri in self.graph.subjects(K20 + link, record)

    def described(self, record: str) -> Dating:
        """Return a record's kind, name and printed date.

        A membership is named by its firm, and by a group that is not the one judged; a complete
        list is of its own kind.
        """
        graph = self.graph
        firm = graph.value(record, K20 + "memberFirm")
        groups = [g for g in graph.subjects(K20 + "membership", record) if g != self.iri]
        kinds = graph.values(record, _LIST_KIND) or graph.values(record, RDF_TYPE)
        return Dating(
            kind=min(kinds, default="record").removeprefix(K20),
            label=" in ".join(map(graph.label, [firm, *groups[:1]] if firm else [record])),
            printed="; ".join(sorted(graph.values(record, K20 + "dateAsPrinted"))),
        )

    def _date(self, subject: str, predicate: str) -> datetime | None:
        text = self.graph.value(subject, predicate)
        if not text:
            return None
        try:
            return _parsed(text)
        except ValueError:
            raise RecordError(
                f"{escape_controls(shorten(subject))} has the date {escape_controls(text)!r}",
                where=self.origin,
                remedy='write it like "2005-01-01T00:00:00Z"^^xsd:dateTime',
            ) from None

    def _of_group(self) -> Interval:
        """Return when the group was there: its formations' bounds, widest, and its own."""
        own = self.bounds(self.iri)
        found = map(self.bounds, self.graph.values(self.iri, K20 + "formation"))
        formations = [bounds for bounds in found if bounds.has_begin]
        if not formations:
            return own
        firsts = [f.earliest_begin for f in formations]
        lasts = [f.latest_begin for f in formations]
        return Interval(
            min((f for f in firsts if f), default=None) if all(firsts) else None,
            max((f for f in lasts if f), default=None) if all(lasts) else None,
            own.earliest_end,
            own.latest_end,
        )
