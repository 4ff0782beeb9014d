"""When each criterion became and ceased to be met: the verdict at every instant that matters.

Verdicts can change only where a bound of some record lies, so judging one snapshot at each bound
judges all instants.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from k20kg.cases import Case
from k20kg.judge import Judge
from k20kg.model import Criterion, Definition, Reading, Verdict
from k20kg.snapshot import Calendar, Interval, Standing, snapshot
from k20kg.vocabulary import K20, RDF_TYPE

__all__ = ["Happening", "Span", "Timeline", "Track", "timeline"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with one verdict; the end is the first instant that is no longer in it."""

    begin: datetime | None
    """None: since ever."""
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

    @property
    def met(self) -> tuple[Span, ...]:
        """The stretches in which it was met."""
        return tuple(span for span in self.spans if span.verdict is Verdict.MET)


@dataclass(frozen=True, slots=True)
class Happening:
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
    happenings: tuple[Happening, ...]
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


def timeline(case: Case, judge: Judge) -> Timeline:
    """Return when each criterion was met, under each reading of the judge.

    Raises `RecordError` if the record is not well formed or a date in it is none.
    """
    results = judge.results(case)
    judge.refuse_malformed(case, results)
    opened = judge.opened(results)
    dates = Calendar(case)
    turns = dates.turns()
    before = [turns[0] - timedelta(seconds=1)] if turns else []
    found: dict[tuple[Reading, Criterion | None], list[Span]] = {}
    for begin, end in _stretches(turns):
        at = begin or (before[0] if before else None)
        for reading, criterion, verdict in _verdicts(judge, dates, at, opened):
            found.setdefault((reading, criterion), []).append(Span(begin, end, verdict))
    return Timeline(
        case=case.group,
        label=dates.graph.label(case.group),
        definition=judge.plan.definition,
        tracks=tuple(Track(r, c, _joined(spans)) for (r, c), spans in found.items()),
        happenings=tuple(_happenings(dates)),
        begin=turns[0] if turns else None,
        end=turns[-1] if turns else None,
    )


def _stretches(turns: list[datetime]) -> Iterator[tuple[datetime | None, datetime | None]]:
    starts: list[datetime | None] = [None, *turns]
    yield from zip(starts, [*turns, None], strict=True)


def _verdicts(
    judge: Judge, dates: Calendar, at: datetime | None, opened: Collection[str]
) -> Iterator[tuple[Reading, Criterion | None, Verdict | None]]:
    """Yield what each reading says at an instant, or of the whole record without one."""
    taken = snapshot(dates, at) if at else None
    gone = taken is not None and taken.formed is Standing.GONE
    for one in judge.assess_unchecked(taken.case if taken else dates.case, opened):
        yield one.reading, None, None if gone else one.verdict
        for finding in one.findings:
            yield one.reading, finding.criterion, None if gone else finding.verdict


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return neighbours with the same verdict as one."""
    joined: list[Span] = []
    for span in spans:
        if joined and joined[-1].verdict is span.verdict:
            joined[-1] = Span(joined[-1].begin, span.end, span.verdict)
        else:
            joined.append(span)
    return tuple(joined)


def _happenings(dates: Calendar) -> Iterator[Happening]:
    """Yield what the record dates, by first bound."""
    graph = dates.graph
    bounds = {r: sorted(i.turns()) for r, i in dates.own.items() if r in dates.intervals}
    for record in sorted((r for r, found in bounds.items() if found), key=lambda r: (bounds[r], r)):
        kind = min(graph.values(record, RDF_TYPE)).removeprefix(K20)
        yield Happening(
            record=record,
            label=_name(dates, record),
            kind=kind,
            interval=dates.own[record],
            printed="; ".join(sorted(graph.values(record, K20 + "dateAsPrinted"))),
        )


def _name(dates: Calendar, record: str) -> str:
    """Return a record's label; a membership is named by its firm, and by a group not judged."""
    firm = dates.graph.value(record, K20 + "memberFirm")
    if not firm:
        return dates.graph.label(record)
    groups = [g for g in dates.graph.subjects(K20 + "membership", record) if g != dates.case.group]
    return " in ".join(map(dates.graph.label, [firm, *groups[:1]]))
