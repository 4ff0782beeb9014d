"""Stretches of time in which criteria are met, and the dates that bound them.

Nothing is judged for it. Of a record that changes over time the verdicts of all its snapshots are
known: what may have held is taken to have held. Of any other it is known what carries a criterion,
which is met for certain from the last bound of all that on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from k20kg.definition.compiled import Test
from k20kg.engines import Result
from k20kg.judging.dates import ACT, after, end_of_day, stamp
from k20kg.judging.instants import Instants, Phase
from k20kg.judging.outcome import Outcome
from k20kg.model import Assessment, Dating, MetPeriod, Verdict
from k20kg.vocabulary import K20, shorten

Tests = Mapping[tuple[str, str], Sequence[Test]]
"""The tests by reading and criterion."""
Phases = Sequence[Phase[list[Result]]]


def with_met_periods(
    assessments: Iterable[Assessment],
    dates: Instants,
    phases: Iterable[Phases],
    whole: Outcome,
    tests: Tests,
) -> tuple[Assessment, ...]:
    """Return assessments of one case with the stretches in which the whole and criteria were met.

    `phases` are those of a record that changes, by reading; of another, which has none, `whole` is
    the outcome of its one run. Where no date bears on what is met, nothing is said of it.
    """
    return tuple(
        one._replace(met_periods=tuple(_met_periods(one, dates, its, whole, tests)))
        for one, its in zip(assessments, phases, strict=True)
    )


def _met_periods(
    one: Assessment, dates: Instants, phases: Phases, whole: Outcome, tests: Tests
) -> Iterator[MetPeriod]:
    criteria = [f.criterion for f in one.findings]
    every = range(len(criteria))
    supports = [[t for t in tests[one.reading.iri, c.iri] if not t.counter] for c in criteria]

    def behind(outcome: Outcome, numbers: Iterable[int]) -> set[str]:
        return {r for n in numbers for r in outcome.bearing(supports[n])}

    for code, numbers in [("", every), *((criteria[n].code, [n]) for n in every)]:
        if not phases and _all_met([f.verdict for f in one.findings], numbers):
            yield from _certain(code, dates, behind(whole, numbers))
        for met, run in groupby(phases, key=lambda p: _all_met(p.verdicts, numbers)):
            first, *_, last = [*run] * 2
            begin, end = first.stretch.begin, last.stretch.end
            if met and (begin or end):
                yield MetPeriod(
                    code,
                    _stamp(begin),
                    _stamp(end and after(end, -1)),
                    _described(
                        dates, _beginning(dates, begin), behind(Outcome(first.outcome), numbers)
                    ),
                    _described(dates, _ending(dates, end), behind(Outcome(last.outcome), numbers)),
                )


def _all_met(verdicts: Sequence[Verdict], numbers: Iterable[int]) -> bool:
    return all(verdicts[n] is Verdict.MET for n in numbers)


def _certain(code: str, dates: Instants, records: Collection[str]) -> Iterator[MetPeriod]:
    """Yield since when all these records certainly were there, and how far lists reach."""
    bounds: dict[str, datetime | None] = {}
    for record in records:
        interval = dates.effective(record)
        if dates.ran(record) and interval.has_end:
            bounds[record] = interval.latest_end
        elif interval.has_begin:
            till = interval.latest_end if interval.earliest_begin else None
            bounds[record] = interval.latest_begin or till
    formed = _formations(dates)
    bounds |= dict.fromkeys(formed, dates.group.latest_begin)
    known = [at for at in bounds.values() if at]
    unsure = [r for r, at in bounds.items() if not at]
    last = max(known, default=None)
    deciding = unsure or [r for r, at in bounds.items() if at == last]
    lists = {r: dates.lists[r] for r in records if r in dates.lists}
    until = min(lists.values(), default=None)
    never_sure = last and until and last > until
    if bounds or lists:
        yield MetPeriod(
            code,
            "" if unsure or never_sure else _stamp(last),
            _stamp(until),
            _described(dates, deciding, formed),
            _described(dates, [r for r, at in lists.items() if at == until], lists),
        )


def _stamp(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def _formations(dates: Instants) -> list[str]:
    found = dates.graph.values(dates.iri, K20 + "formation")
    return [f for f in found if dates.group.has_begin and dates.bounds(f).has_begin]


def _beginning(dates: Instants, at: datetime | None) -> list[str]:
    """Return what began, or came to its end, at an instant."""
    if at and at == dates.group.earliest_begin:
        return _formations(dates) or [dates.iri]
    return [
        record
        for record, i in dates.records.items()
        if at and at in (i.earliest_begin, i.earliest_end if dates.ran(record) else None)
    ]


def _ending(dates: Instants, at: datetime | None) -> list[str]:
    """Return what was over from an instant on, acts aside; the group, if it was."""
    states = (r for r in dates.records if ACT not in dates.temporal(r))
    ends = {r: dates.records[r].latest_end for r in states}
    ends |= {**dates.lists, dates.iri: dates.group.latest_end}
    return [r for r, end in ends.items() if at and end and at == after(end_of_day(end))]


def _described(
    dates: Instants, records: Iterable[str], first: Collection[str]
) -> tuple[Dating, ...]:
    """Return some records by name: those among the `first`, else the group, else all."""
    found = sorted(records)
    chosen = [r for r in found if r in first] or [r for r in found if r == dates.iri] or found
    told = ((r, dates.described(r)) for r in chosen)
    unnamed = (one._replace(label="") if one.label == shorten(r) else one for r, one in told)
    return tuple(dict.fromkeys(unnamed))
