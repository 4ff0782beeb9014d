"""Timeline of each criterion: the verdict at every instant at which it may change.

Verdicts can change only where a bound of some record lies, so judging one snapshot at each bound
judges all instants. Two are judged: in one what may have held is left open, in the other it is
taken to have held. Where a criterion is met by the second alone, it *may be* met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from k20kg.definition.reach import Reach
from k20kg.judging.as_of import Calendar, apply_change, snapshot
from k20kg.judging.cases import Case
from k20kg.judging.dates import Interval, Validity, after
from k20kg.judging.instants import Instants
from k20kg.judging.judge import Judge
from k20kg.model import Criterion, Definition, Reading, Verdict


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with one verdict; the end is the first instant that is no longer in it."""

    begin: datetime | None
    """None: from before the first date on record."""
    end: datetime | None
    """None: to the end of what is recorded."""
    verdict: Verdict | None
    """None: the group was not there yet, or no longer."""


@dataclass(frozen=True, slots=True)
class Track:
    """The verdicts on one criterion, or on the whole group, under one reading."""

    reading: Reading
    criterion: Criterion | None
    """None: the whole group."""
    spans: tuple[Span, ...]
    may_be: tuple[Span, ...] = ()
    """The stretches in which it may have been met: it was if what may have held did."""

    @property
    def met(self) -> tuple[Span, ...]:
        """The stretches in which it was met."""
        return tuple(span for span in self.spans if span.verdict is Verdict.MET)


@dataclass(frozen=True, slots=True)
class DatedRecord:
    """Something dated in the record."""

    record: str
    label: str
    kind: str
    """Local name of its class: ``Formation``."""
    interval: Interval
    printed: str
    """The date as a source prints it; may be empty."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """All tracks of one case under one definition."""

    case: str
    label: str
    definition: Definition
    tracks: tuple[Track, ...]
    dated_records: tuple[DatedRecord, ...]
    begin: datetime | None
    """First bound in the record; None where nothing is dated."""
    end: datetime | None
    """Last bound in the record."""

    def of_reading(self, reading: Reading) -> tuple[Track, ...]:
        """Return the tracks under a reading: the whole group first, then each criterion."""
        return tuple(t for t in self.tracks if t.reading == reading)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings, in order."""
        return tuple(dict.fromkeys(t.reading for t in self.tracks))


@dataclass(frozen=True, slots=True)
class VerdictHistory:
    """The verdicts on one thing over time, and when it may have been met without being so."""

    spans: tuple[Span, ...]
    may_be: tuple[Span, ...]


def timeline(case: Case, judge: Judge) -> Timeline:
    """Return when each criterion was met, under each reading of the judge.

    Raises `RecordError` if the record is not well formed or a date in it is none.
    """
    results = judge.results(case)
    judge.refuse_malformed(case, results)
    open_lists = judge.open_lists(results)
    dates = Calendar(case)
    turns = dates.turns()
    things: list[tuple[Reading, Criterion | None]] = [
        (reading, criterion)
        for reading in judge.compiled.readings
        for criterion in (None, *judge.compiled.definition.criteria)
    ]

    def verdicts(then: Case) -> list[Verdict]:
        found = judge.assess_unchecked(then, open_lists)
        return [v for one in found for v in (one.verdict, *(f.verdict for f in one.findings))]

    found = verdict_histories(dates, judge.compiled.reach, verdicts)
    return Timeline(
        case=case.group,
        label=dates.graph.label(case.group),
        definition=judge.compiled.definition,
        tracks=tuple(
            Track(r, c, one.spans, one.may_be) for (r, c), one in zip(things, found, strict=True)
        ),
        dated_records=tuple(dated_records(dates)),
        begin=turns[0] if turns else None,
        end=turns[-1] if turns else None,
    )


def whole_over_time(dates: Calendar, judge: Judge) -> list[VerdictHistory]:
    """Return the verdicts on the whole group over time, a course a reading."""
    compiled, open_lists = judge.compiled, judge.open_lists(judge.results(dates.case))

    def verdicts(then: Case) -> list[Verdict]:
        failing = {result.shape for result in judge.results(then, open_lists)}
        return [
            Verdict.all_of(
                judge.finding(criterion, reading, failing).verdict
                for criterion in compiled.definition.criteria
            )
            for reading in compiled.readings
        ]

    return verdict_histories(dates, compiled.reach, verdicts)


def verdict_histories(
    dates: Calendar, reach: Reach, verdicts: Callable[[Case], Sequence[Verdict]]
) -> list[VerdictHistory]:
    """Return the verdicts on several things over time; `verdicts` tells those of a snapshot."""
    instants = Instants(dates.graph, dates.case.group, dates.case.origin, reach)
    known: dict[str, Sequence[Verdict]] = {}

    def judged(then: Case) -> Sequence[Verdict]:
        if then.text not in known:
            known[then.text] = verdicts(then)
        return known[then.text]

    turns = sorted({*dates.turns(), *instants.turns()})
    certain: list[list[Span]] = []
    perhaps: list[list[Span]] = []
    for begin, end in zip([None, *turns], [*turns, None], strict=True):
        at = begin or (after(turns[0], -1) if turns else None)
        then = snapshot(dates, at) if at else None
        strict: Sequence[Verdict | None] = judged(then.case if then else dates.case)
        lenient: Sequence[Verdict | None] = [None] * len(strict)
        if then and then.formed is Validity.DOES_NOT_HOLD:
            strict = [None] * len(strict)
        if at and instants.was_there(at):
            lenient = judged(apply_change(dates.case, instants.change_at(at)))
        certain.append([Span(begin, end, v) for v in strict])
        met = Verdict.MET
        both = zip(lenient, strict, strict=True)
        perhaps.append([Span(begin, end, met if m is met is not s else None) for m, s in both])
    return [
        VerdictHistory(_joined(sure), tuple(s for s in _joined(maybe) if s.verdict))
        for sure, maybe in zip(zip(*certain, strict=True), zip(*perhaps, strict=True), strict=True)
    ]


def with_may_be(spans: Iterable[Span], may_be: Sequence[Span]) -> Iterator[tuple[Span, bool]]:
    """Yield stretches with their verdict, and whether it may have been met in them."""
    for span in spans:
        inside = [m for m in may_be if _overlap(span, m)]
        cuts = {t for m in inside for t in (m.begin, m.end) if t and _lies_in(span, t)}
        bounds = [span.begin, *sorted(cuts), span.end]
        for begin, end in pairwise(bounds):
            part = Span(begin, end, span.verdict)
            yield part, any(_overlap(part, m) for m in inside)


def _overlap(one: Span, other: Span) -> bool:
    return not (
        (one.end and other.begin and one.end <= other.begin)
        or (other.end and one.begin and other.end <= one.begin)
    )


def _lies_in(span: Span, at: datetime) -> bool:
    return (not span.begin or span.begin < at) and (not span.end or at < span.end)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return neighbours with the same verdict as one."""
    runs = (list(run) for _, run in groupby(spans, key=lambda span: span.verdict))
    return tuple(Span(run[0].begin, run[-1].end, run[0].verdict) for run in runs)


def dated_records(dates: Calendar) -> Iterator[DatedRecord]:
    """Yield what the record dates, by first bound."""
    bounds = {r: sorted(i.turns()) for r, i in dates.own.items() if r in dates.intervals}
    for record in sorted((r for r, found in bounds.items() if found), key=lambda r: (bounds[r], r)):
        yield DatedRecord(record, interval=dates.own[record], **dates.described(record)._asdict())
