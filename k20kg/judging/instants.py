"""The instants of a record that changes over time, and the verdicts at the best of them.

The rule stands in docs/time.md. All criteria have to be met at one time. What may have held is
taken to have held, lists excepted; states end, a state holds through its last instant, acts stay
done. An instant after the last day on which a list is complete counts only for what is met then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from k20kg.judging.dates import ACT, AS_OF, BOUNDS, Dates, Interval, after, end_of_day, stamp
from k20kg.model import Moment, Verdict
from k20kg.rdf.graph import closure
from k20kg.vocabulary import K20

if TYPE_CHECKING:
    from k20kg.definition.reach import Reach
    from k20kg.judging.as_of import Change
    from k20kg.judging.cases import Case
    from k20kg.rdf.graph import Lookup

R = TypeVar("R")
Verdicts = Sequence[Verdict]
"""The verdicts on the criteria of one column: of one reading, or of a variant of one."""
_RANK: Final = (Verdict.NOT_MET, Verdict.CONTESTED, Verdict.NOT_ESTABLISHED, Verdict.MET)


class Stretch(NamedTuple):
    """A stretch of time in which nothing changes; the end is the first instant after it."""

    begin: datetime | None
    end: datetime | None


class Phase(NamedTuple, Generic[R]):
    """One stretch of time, the result of the run on it, and the verdicts that follow."""

    stretch: Stretch
    outcome: R
    verdicts: Verdicts


class BestSnapshot(NamedTuple, Generic[R]):
    """The snapshot with the best overall verdict of one column."""

    case: Case
    outcome: R
    """Result of the run on that snapshot."""
    moment: Moment | None
    """Instant and period of it; None where the record was judged as a whole."""
    phases: tuple[Phase[R], ...] = ()
    """All stretches, each with its result and the verdicts of the column."""


class Instants(Dates):
    """The dates of a case that a verdict can rest on."""

    def __init__(self, graph: Lookup, group: str, origin: str, reach: Reach) -> None:
        super().__init__(graph, group, origin)
        self._reach = reach
        self._bearing: dict[str, bool] = {}
        self._groups = closure([group], lambda one: graph.values(one, K20 + "subGroup"))
        """The group and its sub-groups."""
        self.lists = {
            record: until
            for record in graph.having(AS_OF)
            if (until := self.up_to(record)) and self._bears(record)
        }
        self.horizon = max(self.lists.values(), default=None)
        """The end of the latest day on which a list is complete."""

    @property
    def change(self) -> bool:
        """Say whether one run on the whole record is not enough."""
        return (
            self.group.has_end
            or len(set(self.lists.values())) > 1
            or any(self._changes(r, i) and self._bears(r) for r, i in self._candidates())
        )

    @cached_property
    def records(self) -> dict[str, Interval]:
        """The dated records that a verdict can rest on, with their bounds; lists aside."""
        return {r: interval for r, interval in self._candidates() if self._bears(r)}

    def _candidates(self) -> Iterator[tuple[str, Interval]]:
        """Yield what may be such a record; what lies in an agreement may have its dates."""
        graph = self.graph
        for subject in sorted({s for bound in BOUNDS for s in graph.having(bound)}):
            if subject not in self.lists and subject != self.iri:
                yield subject, self.bounds(subject)
            for link in ("commits", "signature", "officialSupport"):
                for part in graph.values(subject, K20 + link):
                    if not self.bounds(part).dated:
                        yield part, self.effective(part)

    def _changes(self, record: str, interval: Interval) -> bool:
        """Return whether the whole record is not what held while the lists were complete."""
        if ACT not in self.temporal(record):
            ends = interval.has_end
        else:
            ends = bool(
                self.ran(record)
                and self.horizon
                and interval.earliest_end
                and interval.earliest_end > self.horizon
            ) or self.is_not_the_group_s(record)
        first = interval.earliest_begin
        return ends or bool(self.horizon and first and first > self.horizon)

    def _bears(self, record: str) -> bool:
        if record not in self._bearing:
            self._bearing[record] = (
                self.is_timed(record)
                and not self._is_another_s(record)
                and self._reach.leads_to(self.graph, self.iri, record)
            )
        return self._bearing[record]

    def _is_another_s(self, record: str) -> bool:
        """Return whether a membership or participation is in a group that is no part of this."""
        links = (K20 + "membership", K20 + "participation")
        groups = {g for link in links for g in self.graph.subjects(link, record)}
        return bool(groups) and groups.isdisjoint(self._groups)

    def was_there(self, at: datetime) -> bool:
        """Return whether the group may have been there at an instant."""
        begin, end = self.group.earliest_begin, self.group.latest_end
        return not ((begin and at < begin) or (end and at > end_of_day(end)))

    def turns(self) -> list[datetime]:
        """Return the instants from which on something is another, in order."""
        found = {after(until) for until in self.lists.values()}
        found.update(filter(None, (self.group.earliest_begin,)))
        ends = [self.group.latest_end]
        for interval in self.records.values():
            ends.append(interval.latest_end)
            found.update(filter(None, (interval.earliest_begin, interval.earliest_end)))
        found.update(after(end_of_day(end)) for end in ends if end)
        return sorted(found)

    def stretches(self) -> list[Stretch]:
        """Return the time of the group, cut where something changes."""
        turns = self.turns()
        cut = zip([None, *turns], [*turns, None], strict=True)
        return [s for s in (Stretch(*each) for each in cut) if self.was_there(self.instant_in(s))]

    def instant_in(self, stretch: Stretch) -> datetime:
        """Return the last instant of a stretch, or the first one if it has no end."""
        at = after(stretch.end, -1) if stretch.end else stretch.begin
        assert at
        return at

    def change_at(self, at: datetime) -> Change:
        """Return what a snapshot at an instant changes."""
        from k20kg.judging.as_of import change_of

        records = self.records
        commitments = self.graph.of_type(K20 + "ResourceCommitment")
        removed = {r for r, i in records.items() if self._is_removed(r, i, at)}
        removed.update(c for c in commitments if self._left_with_firm(c, at))
        left_open = {r for r, until in self.lists.items() if at > until}
        under_way = {
            r
            for r, i in records.items()
            if r not in removed and self.ran(r) and i.earliest_end and at < i.earliest_end
        }
        return change_of(self, at, removed, left_open, under_way, removed)

    def _is_removed(self, record: str, interval: Interval, at: datetime) -> bool:
        """Return whether a record certainly did not hold at an instant."""
        if interval.earliest_begin and at < interval.earliest_begin:
            return True
        if ACT in self.temporal(record):
            return self.is_not_the_group_s(record)
        return self._is_over(interval, at) or self._left_with_firm(record, at)

    def _left_with_firm(self, record: str, at: datetime) -> bool:
        memberships = self.ends_with(record)
        return bool(memberships) and all(self._is_over(self.effective(m), at) for m in memberships)

    def _is_over(self, interval: Interval, at: datetime) -> bool:
        return bool(interval.latest_end and at > end_of_day(interval.latest_end))


def best_over_time(
    dates: Instants,
    case: Case,
    whole: R,
    run: Callable[[Case], R],
    verdicts: Callable[[R], Sequence[Verdicts]],
    *,
    together: bool = False,
) -> list[BestSnapshot[R]]:
    """Return, for each column, the snapshot with the best overall verdict; `whole` is the record's.

    Where several are best, it is the one at which most criteria are met, the latest of those. With
    `together`, columns that are met nowhere are shown at one instant that is best for all of them,
    where there is one, and criteria are counted over all of them. Each snapshot that differs from
    others is run once.
    """
    from k20kg.judging.as_of import Change, apply_change

    cases = {Change(): case}
    runs = {Change(): whole}
    stretches = dates.stretches()
    changes = [dates.change_at(dates.instant_in(s)) for s in stretches]
    for change in changes:
        if change not in runs:
            cases[change] = apply_change(case, change)
            runs[change] = run(cases[change])
    found = {change: verdicts(outcome) for change, outcome in runs.items()}
    columns = [[found[change][n] for change in changes] for n in range(len(found[Change()]))]
    at_best = [_at_best(dates, stretches, by_stretch) for by_stretch in columns]
    unmet = [n for n, own in enumerate(at_best) if not _is_met(columns[n][own[0]])]
    common = set.intersection(*(set(at_best[n]) for n in unmet)) if together and unmet else None
    best = []
    for n, (by_stretch, own) in enumerate(zip(columns, at_best, strict=True)):
        shared = common if n in unmet else None
        counted = [columns[other] for other in unmet] if shared else [by_stretch]
        at = max(shared or own, key=lambda day: (sum(_met(each[day]) for each in counted), day))
        every = tuple(map(Phase, stretches, map(runs.__getitem__, changes), by_stretch))
        moment = _moment(dates, stretches, by_stretch, at)
        best.append(BestSnapshot(cases[changes[at]], runs[changes[at]], moment, every))
    return best


def _met(verdicts: Verdicts) -> int:
    return sum(v is Verdict.MET for v in verdicts)


def _is_met(verdicts: Verdicts) -> bool:
    return Verdict.all_of(verdicts) is Verdict.MET


def _counts(
    dates: Instants, stretches: Sequence[Stretch], by_stretch: Sequence[Verdicts]
) -> list[bool]:
    """Return which stretches count: of those after the lists, those where all is met."""
    known = [not dates.horizon or dates.instant_in(s) <= dates.horizon for s in stretches]
    every = not any(known)
    return [k or every or _is_met(each) for k, each in zip(known, by_stretch, strict=True)]


def _at_best(
    dates: Instants, stretches: Sequence[Stretch], by_stretch: Sequence[Verdicts]
) -> list[int]:
    """Return the stretches that count and have the best overall verdict."""
    ranks = [_RANK.index(Verdict.all_of(each)) for each in by_stretch]
    counted = [n for n, counts in enumerate(_counts(dates, stretches, by_stretch)) if counts]
    highest = max(ranks[n] for n in counted)
    return [n for n in counted if ranks[n] == highest]


def _moment(
    dates: Instants, stretches: Sequence[Stretch], by_stretch: Sequence[Verdicts], at: int
) -> Moment:
    """Return what there is to say of the stretch that is shown."""
    overall = [Verdict.all_of(each) for each in by_stretch]
    counts = _counts(dates, stretches, by_stretch)
    first = last = at
    while first and counts[first - 1] and overall[first - 1] is overall[at]:
        first -= 1
    while last + 1 < len(by_stretch) and counts[last + 1] and overall[last + 1] is overall[at]:
        last += 1
    begin, end = stretches[first].begin, stretches[last].end
    return Moment(
        instant=stamp(dates.instant_in(stretches[at])),
        begin=stamp(begin) if begin else None,
        end=stamp(after(end, -1)) if end else None,
        never_at_once=overall[at] is not Verdict.MET
        and all(Verdict.MET in each for each in zip(*by_stretch, strict=True)),
    )
