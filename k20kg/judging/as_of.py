"""A case as it stood at an instant: what held, what may have held, what did not.

The rule stands in docs/time.md. In short: what certainly held stays, what certainly did not is
taken out, and what may have held is left open: its evidence neither supports nor disputes it, so
that nothing is met by it and nothing follows from its absence. The verdict is then reached the
normal way; no criterion is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.judging.cases import Case, case_of
from k20kg.judging.dates import ACT, EVIDENCE, SPEAKERS, Dates, Validity, after, stamp
from k20kg.rdf.graph import Graph, Lookup, closure, str_of
from k20kg.vocabulary import K20, RDF_TYPE, shorten

_EVIDENCED_BY: Final = K20 + "evidencedBy"
_LEFT_OPEN_BY: Final = ox.NamedNode(K20 + "leftOpenBy")
_STATUS: Final = K20 + "enactmentStatus"
_UNDER_WAY: Final = ox.NamedNode(K20 + "UnderWay")
_FORMER: Final = ox.NamedNode(K20 + "formerMembership")
_NEEDS: Final = (*SPEAKERS, K20 + "aboutGoal", K20 + "contributor", K20 + "participant")
"""Links without which a record says nothing: it goes with all that they lead to."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A case as it stood at an instant."""

    case: Case
    """The record as it held, for the normal path of judging."""
    instant: datetime
    formed: Validity
    """True if the group itself was there."""
    left_open: tuple[str, ...]
    """IRIs of the records that may have held."""
    left_out: tuple[str, ...]
    """IRIs of the records that did not hold."""

    @property
    def as_of(self) -> str:
        """The instant as `Assessment.as_of` has it: ``2006-06-30T23:59:59Z``."""
        return stamp(self.instant)

    @property
    def note(self) -> str:
        """Return the caveat that goes with the verdict; empty where there is none."""
        day = self.instant.date().isoformat()
        if self.formed is Validity.DOES_NOT_HOLD:
            return f"{shorten(self.case.group)}: on {day} the group was not there"
        if self.formed is Validity.MAY_HOLD:
            return f"{shorten(self.case.group)}: whether the group was there on {day} is open"
        return ""


class Calendar(Dates):
    """The dates of all records of one case, read once for many instants."""

    def __init__(self, case: Case) -> None:
        super().__init__(Graph(case.quads), case.group, case.origin)
        self.case = case
        self.own = {s: self.bounds(s) for s in dict.fromkeys(str_of(q.subject) for q in case.quads)}
        self.reached = self._reach()
        self.intervals = {record: self.effective(record) for record in self.records()}

    def records(self) -> list[str]:
        """Return the records whose validity depends on time, in order of appearance."""
        return [subject for subject in self.own if self.is_timed(subject)]

    def turns(self) -> list[datetime]:
        """Return every instant from which on the verdict may be another, in order."""
        found = set(self.group.turns())
        for interval in self.intervals.values():
            found.update(interval.turns())
        for record in self.intervals:
            if until := self.up_to(record):
                found.update((until, after(until)))
        return sorted(found)

    def validity(self, record: str, at: datetime) -> Validity:
        """Return whether a record held at an instant."""
        return self._own_validity(record, at) & (
            self.formed(at) if record in self.reached else Validity.HOLDS
        )

    def formed(self, at: datetime) -> Validity:
        """Return whether the group was there at an instant."""
        return self.group.begun(at) & ~self.group.ended(at)

    def _own_validity(self, record: str, at: datetime) -> Validity:
        interval = self.intervals[record]
        begun = interval.begun(at)
        if until := self.up_to(record):
            # The list was complete up to then; whether it stayed so, nobody said.
            return begun & (Validity.HOLDS if at <= until else Validity.MAY_HOLD)
        if ACT in self.temporal(record):
            if self.is_not_the_group_s(record):
                return Validity.DOES_NOT_HOLD
            if self.ran(record) and interval.has_end and interval.ended(at) is Validity.MAY_HOLD:
                return begun & Validity.MAY_HOLD
            return begun
        ends = (~self.effective(m).ended(at) for m in self.ends_with(record))
        longest = min(ends, key=list(Validity).index, default=Validity.HOLDS)
        return begun & ~interval.ended(at) & longest

    def under_way(self, record: str, at: datetime) -> bool:
        """Return whether a run that came to its end later was certainly not there yet."""
        interval = self.intervals[record]
        return (
            self.ran(record) and interval.has_end and interval.ended(at) is Validity.DOES_NOT_HOLD
        )

    def _reach(self) -> frozenset[str]:
        """Return what hangs on the group, at any depth, evidence left aside."""
        skipped = {RDF_TYPE, *EVIDENCE}
        links: dict[str, list[str]] = {}
        for quad in self.case.quads:
            if quad.predicate.value not in skipped and isinstance(quad.object, ox.NamedNode):
                links.setdefault(str_of(quad.subject), []).append(str_of(quad.object))
        reached = closure([self.case.group], lambda node: links.get(node, ()))
        return frozenset(reached[1:])


def snapshot(case: Case | Calendar, at: datetime) -> Snapshot:
    """Return a case as it stood at an instant. Raises `RecordError` for a date that is none."""
    dates = case if isinstance(case, Calendar) else Calendar(case)
    validity = {record: dates.validity(record, at) for record in dates.intervals}
    removed = {r for r, s in validity.items() if s is Validity.DOES_NOT_HOLD}
    left_open = {r for r, s in validity.items() if s is Validity.MAY_HOLD}
    under_way = {r for r in dates.intervals if r not in removed and dates.under_way(r, at)}
    formed = dates.formed(at)
    over = removed if formed is not Validity.DOES_NOT_HOLD else ()
    change = change_of(dates, at, removed, left_open, under_way, over)
    return Snapshot(
        case=apply_change(dates.case, change),
        instant=at,
        formed=formed,
        left_open=tuple(sorted(left_open)),
        left_out=tuple(sorted(removed)),
    )


class Change(NamedTuple):
    """Changes that a snapshot makes to the records of a case, by IRI."""

    removed: frozenset[str] = frozenset()
    """They are taken out, with every link to them."""
    left_open: frozenset[str] = frozenset()
    """Their evidence leaves them open."""
    under_way: frozenset[str] = frozenset()
    """Runs that had not come to their end."""
    former: frozenset[str] = frozenset()
    """Memberships that are over: the firm is a former member."""
    off_the_roll: frozenset[str] = frozenset()
    """Participations that are over: whoever it was is off the roll; what they did stays done."""


def change_of(
    dates: Dates,
    at: datetime,
    removed: set[str],
    left_open: Iterable[str],
    under_way: Iterable[str],
    over: Iterable[str],
) -> Change:
    """Return what a snapshot changes; of the records removed, those `over` may leave a trace.

    A record goes too if all that it is about is gone.
    """
    ended = {r for r in over if _had_been(dates, r, at)}
    former = {r for r in ended if dates.is_a(r, "FirmMembership")}
    people = (r for r in ended if dates.is_a(r, "Participation"))
    off_the_roll = {r for r in people if _acted(dates.graph, r, removed)}
    lost = removed - former - off_the_roll
    waiting = list(lost)
    while waiting:
        one = waiting.pop()
        for link in _NEEDS:
            for record in dates.graph.subjects(link, one):
                if record not in lost and lost.issuperset(dates.graph.values(record, link)):
                    lost.add(record)
                    waiting.append(record)
    return Change(*map(frozenset, (lost, left_open, under_way, former, off_the_roll)))


def _had_been(dates: Dates, record: str, at: datetime) -> bool:
    """Return whether a record held before, and not only before the group was formed."""
    interval, formed = dates.effective(record), dates.group.latest_begin
    return (
        interval.begun(at) is not Validity.DOES_NOT_HOLD
        and interval.ended(at) is Validity.HOLDS
        and not (formed and interval.latest_end and interval.latest_end < formed)
    )


def _acted(graph: Lookup, participation: str, removed: set[str]) -> bool:
    """Return whether somebody did or said something of which the record is not removed."""
    acts = set(graph.subjects(K20 + "contributor", participation))
    for who in graph.values(participation, K20 + "participant"):
        acts.update(a for link in SPEAKERS for a in graph.subjects(link, who))
    return not acts <= removed


def apply_change(case: Case, change: Change) -> Case:
    """Return the case that a change makes of one."""
    quads = _rewritten(case.quads, change)
    then = case_of(case.group, case.origin, quads, case.documents)
    return replace(then, at_one_time=True)


def _rewritten(quads: Iterable[ox.Quad], change: Change) -> Iterator[ox.Quad]:
    removed, left_open, under_way, former, off_the_roll = change
    for quad in quads:
        subject, predicate = str_of(quad.subject), quad.predicate.value
        value = quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
        if subject in removed or value in removed:
            continue
        if value in former and predicate == K20 + "membership":
            yield ox.Quad(quad.subject, _FORMER, quad.object, quad.graph_name)
        elif value in off_the_roll and predicate == K20 + "participation":
            continue
        elif subject in left_open and predicate == _EVIDENCED_BY:
            yield ox.Quad(quad.subject, _LEFT_OPEN_BY, quad.object, quad.graph_name)
        elif subject in left_open and predicate == K20 + "tookPart":
            continue  # a finding of absence, which counts without evidence of its own
        elif subject in under_way and predicate == _STATUS:
            yield ox.Quad(quad.subject, quad.predicate, _UNDER_WAY, quad.graph_name)
        else:
            yield quad
