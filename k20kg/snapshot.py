"""A case as it stood at an instant: what held, what may have held, what did not.

The rule stands in docs/time.md. In short: what certainly held stays, what certainly did not is
taken out, and what may have held is left open: its evidence neither supports nor disputes it, so
that nothing is met by it and nothing follows from its absence. The verdict is then reached the
normal way; no criterion is known here.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Final

import pyoxigraph as ox

from k20kg.cases import Case, case_of
from k20kg.errors import RecordError, UsageError
from k20kg.graph import Graph, key
from k20kg.terms import temporal_kind
from k20kg.text import neutralise
from k20kg.vocabulary import K20, RDF_TYPE, shorten

__all__ = ["Calendar", "Interval", "Snapshot", "Standing", "instant_of", "snapshot"]

_DATE: Final = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")
_SECOND: Final = timedelta(seconds=1)
_BOUNDS: Final = tuple(
    K20 + name for name in ("earliestBegin", "latestBegin", "earliestEnd", "latestEnd")
)
_AS_OF: Final = K20 + "asOf"
_EVIDENCED_BY: Final = K20 + "evidencedBy"
_LEFT_OPEN_BY: Final = ox.NamedNode(K20 + "leftOpenBy")
_EVIDENCE: Final = (_EVIDENCED_BY, K20 + "leftOpenBy", K20 + "disputedBy")
_STATUS: Final = K20 + "enactmentStatus"
_UNDER_WAY: Final = ox.NamedNode(K20 + "UnderWay")

_ACT: Final = K20 + "Act"
_UP_TO_ITS_DAY: Final = K20 + "UpToItsDay"
_ABOUT_THE_RECORD: Final = K20 + "AboutTheRecord"


class Standing(Enum):
    """Whether something held at an instant."""

    HOLDS = "held"
    OPEN = "may have held"
    GONE = "did not hold"

    def __and__(self, other: Standing) -> Standing:
        """Return the weaker of two."""
        order = [Standing.HOLDS, Standing.OPEN, Standing.GONE]
        return max(self, other, key=order.index)


def instant_of(text: str) -> datetime:
    """Return the last second of a day, month or year.

    >>> instant_of("2006-06").isoformat()
    '2006-06-30T23:59:59+00:00'

    Raises `UsageError` for what is no date.
    """
    try:
        if match := _DATE.fullmatch(text):
            year, month = int(match[1]), int(match[2] or 12)
            day = int(match[3] or calendar.monthrange(year, month)[1])
            return datetime(year, month, day, 23, 59, 59, tzinfo=UTC)
        if "T" in text:
            return _parsed(text)
    except ValueError:
        pass
    raise UsageError(
        f"{neutralise(text)!r} is no date", remedy="write it like 2006, 2006-06 or 2006-06-30"
    )


def _parsed(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds on when something began and ended; None where nobody gives one."""

    earliest_begin: datetime | None = None
    latest_begin: datetime | None = None
    earliest_end: datetime | None = None
    latest_end: datetime | None = None

    @property
    def dated(self) -> bool:
        """Whether any bound is given."""
        return any((self.earliest_begin, self.latest_begin, self.earliest_end, self.latest_end))

    @property
    def has_begin(self) -> bool:
        """Whether a bound on the begin is given."""
        return bool(self.earliest_begin or self.latest_begin)

    @property
    def has_end(self) -> bool:
        """Whether a bound on the end is given."""
        return bool(self.earliest_end or self.latest_end)

    def begun(self, at: datetime) -> Standing:
        """Return whether it had begun. What ended by a date had begun by then."""
        latest = self.latest_begin or (self.latest_end if self.earliest_begin else None)
        if self.earliest_begin and at < self.earliest_begin:
            return Standing.GONE
        if not self.has_begin or (latest and at >= latest):
            return Standing.HOLDS
        return Standing.OPEN

    def ended(self, at: datetime) -> Standing:
        """Return whether it had ended; an end that nobody records has not come."""
        if not self.has_end:
            return Standing.GONE
        if self.latest_end and at >= self.latest_end:
            return Standing.HOLDS
        if self.earliest_end and at < self.earliest_end:
            return Standing.GONE
        return Standing.OPEN if self.begun(at) is not Standing.GONE else Standing.GONE

    def turns(self) -> Iterator[datetime]:
        """Yield the instants from which on an answer may be another."""
        for bound in (self.earliest_begin, self.latest_begin, self.earliest_end, self.latest_end):
            if bound:
                yield bound


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A case as it stood at an instant."""

    case: Case
    """What held, for the normal path of judging."""
    instant: datetime
    formed: Standing
    """Whether the group itself was there."""
    left_open: tuple[str, ...]
    """IRIs of the records that may have held."""
    left_out: tuple[str, ...]
    """IRIs of the records that did not hold."""

    @property
    def as_of(self) -> str:
        """The instant as `Assessment.as_of` has it: ``2006-06-30T23:59:59Z``."""
        return self.instant.isoformat().replace("+00:00", "Z")

    @property
    def note(self) -> str:
        """What a reader has to know beside the verdict; empty where there is nothing."""
        day = self.instant.date().isoformat()
        if self.formed is Standing.GONE:
            return f"{shorten(self.case.group)}: on {day} the group was not there"
        if self.formed is Standing.OPEN:
            return f"{shorten(self.case.group)}: whether the group was there on {day} is open"
        return ""


class Calendar:
    """The dates of one case, read once for many instants."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.graph = Graph(case.quads)
        self.own = {s: self._interval(s) for s in dict.fromkeys(key(q.subject) for q in case.quads)}
        self.group = self._group()
        self.reached = self._reach()
        self.intervals = {record: self._effective(record) for record in self.records()}

    def records(self) -> list[str]:
        """Return the records whose standing depends on time, in order of appearance."""
        return [
            subject
            for subject in self.own
            if self._is_record(subject)
            and (kinds := self._temporal(subject))
            and _ABOUT_THE_RECORD not in kinds
        ]

    def turns(self) -> list[datetime]:
        """Return every instant from which on the verdict may be another, in order."""
        found = set(self.group.turns())
        for interval in self.intervals.values():
            found.update(interval.turns())
        for record in self.intervals:
            if until := self._up_to(record):
                found.update((until, until + _SECOND))
        return sorted(found)

    def standing(self, record: str, at: datetime) -> Standing:
        """Return whether a record held at an instant."""
        return self._standing_alone(record, at) & (
            self.formed(at) if record in self.reached else Standing.HOLDS
        )

    def formed(self, at: datetime) -> Standing:
        """Return whether the group was there at an instant."""
        return self.group.begun(at) & _not(self.group.ended(at))

    def _standing_alone(self, record: str, at: datetime) -> Standing:
        interval = self.intervals[record]
        begun = interval.begun(at)
        if until := self._up_to(record):
            # The list was complete up to then; whether it stayed so, nobody said.
            return begun & (Standing.HOLDS if at <= until else Standing.OPEN)
        if _ACT in self._temporal(record):
            if self._ran(record) and interval.has_end and interval.ended(at) is Standing.OPEN:
                return begun & Standing.OPEN
            return begun
        return begun & _not(interval.ended(at))

    def under_way(self, record: str, at: datetime) -> bool:
        """Return whether a run that came to its end later was certainly not there yet."""
        interval = self.intervals[record]
        return self._ran(record) and interval.has_end and interval.ended(at) is Standing.GONE

    def _ran(self, record: str) -> bool:
        return K20 + "Completed" in self.graph.values(record, _STATUS)

    def _temporal(self, subject: str) -> set[str]:
        """Return how a record stands in time, by what the ontology says of its classes."""
        return {temporal_kind(kind) for kind in self.graph.values(subject, RDF_TYPE)}

    def _up_to(self, record: str) -> datetime | None:
        """Return the instant up to which a record speaks; None where it sets itself no end."""
        return self._date(record, _AS_OF) if _UP_TO_ITS_DAY in self._temporal(record) else None

    def _is_record(self, subject: str) -> bool:
        return any(self.graph.terms(subject, predicate) for predicate in _EVIDENCE)

    def _date(self, subject: str, predicate: str) -> datetime | None:
        text = self.graph.value(subject, predicate)
        if not text:
            return None
        try:
            return _parsed(text)
        except ValueError:
            raise RecordError(
                f"{neutralise(shorten(subject))} has the date {neutralise(text)!r}",
                where=self.case.origin,
                remedy='write it like "2005-01-01T00:00:00Z"^^xsd:dateTime',
            ) from None

    def _interval(self, subject: str) -> Interval:
        return Interval(*(self._date(subject, bound) for bound in _BOUNDS))

    def _group(self) -> Interval:
        """Return when the group was there: its formations' bounds, widest, and its own."""
        own = self.own.get(self.case.group, Interval())
        formations = [
            self.own[f]
            for f in self.graph.values(self.case.group, K20 + "formation")
            if f in self.own and self.own[f].has_begin
        ]
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

    def _reach(self) -> frozenset[str]:
        """Return what hangs on the group, at any depth, evidence left aside."""
        seen: set[str] = set()
        waiting = [self.case.group]
        skipped = {RDF_TYPE, *_EVIDENCE}
        links: dict[str, list[str]] = {}
        for quad in self.case.quads:
            if quad.predicate.value not in skipped and isinstance(quad.object, ox.NamedNode):
                links.setdefault(key(quad.subject), []).append(quad.object.value)
        while waiting:
            for target in links.get(waiting.pop(), ()):
                if target in self.own and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return frozenset(seen - {self.case.group})

    def _effective(self, record: str) -> Interval:
        """Return a record's own bounds, or those of the agreement that it is a part of."""
        own = self.own[record]
        if own.dated:
            return own
        for link in ("commits", "signature", "officialSupport"):
            for agreement in self.graph.subjects(K20 + link, record):
                if self.own[agreement].dated:
                    return self.own[agreement]
        return own


def snapshot(case: Case | Calendar, at: datetime) -> Snapshot:
    """Return a case as it stood at an instant. Raises `RecordError` for a date that is none."""
    dates = case if isinstance(case, Calendar) else Calendar(case)
    standing = {record: dates.standing(record, at) for record in dates.intervals}
    gone = {r for r, s in standing.items() if s is Standing.GONE}
    opened = {r for r, s in standing.items() if s is Standing.OPEN}
    under_way = {r for r in dates.intervals if r not in gone and dates.under_way(r, at)}
    kept = _rewritten(dates.case.quads, gone, opened, under_way)
    return Snapshot(
        case=case_of(dates.case.group, dates.case.origin, kept, dates.case.documents),
        instant=at,
        formed=dates.formed(at),
        left_open=tuple(sorted(opened)),
        left_out=tuple(sorted(gone)),
    )


def _rewritten(
    quads: Iterable[ox.Quad], gone: set[str], opened: set[str], under_way: set[str]
) -> Iterator[ox.Quad]:
    for quad in quads:
        subject, predicate = key(quad.subject), quad.predicate.value
        if subject in gone or (isinstance(quad.object, ox.NamedNode) and quad.object.value in gone):
            continue
        if subject in opened and predicate == _EVIDENCED_BY:
            yield ox.Quad(quad.subject, _LEFT_OPEN_BY, quad.object, quad.graph_name)
        elif subject in opened and predicate == K20 + "tookPart":
            continue  # a finding of absence, which counts without evidence of its own
        elif subject in under_way and predicate == _STATUS:
            yield ox.Quad(quad.subject, quad.predicate, _UNDER_WAY, quad.graph_name)
        else:
            yield quad


def _not(standing: Standing) -> Standing:
    return {Standing.HOLDS: Standing.GONE, Standing.GONE: Standing.HOLDS}.get(standing, standing)
