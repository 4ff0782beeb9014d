"""The presentation model: the rows, gaps and assumptions that reports show of a case.

Where readings differ, a value comes with the ids of the readings that have it; with none where
all have it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from k20kg.model import (
    Assessment,
    Assumption,
    Carrier,
    Coverage,
    Criterion,
    Disagreement,
    Evidence,
    Finding,
    Gap,
    MetPeriod,
    Verdict,
)
from k20kg.report.wording import authors_words, list_places, opinion_words, time_words

T = TypeVar("T")
ByReading = list[tuple[T, tuple[str, ...]]]
"""Values with the ids of their readings; no ids where all readings agree."""

_MOST_SHOWN = 3
_DIRECTIONS = {"supports": 0, "disputes": 1, "leaves open": 2}


class Ask(NamedTuple):
    """Something to ask for, and the readings under which it is missing; none where under all."""

    criterion: Criterion
    gap: Gap
    readings: tuple[str, ...]
    records: int
    """Number of records that would settle the criterion, this one among them."""


class Assumed(NamedTuple):
    """An assumption, the readings that need it, and what it decides, reading by reading."""

    assumption: Assumption
    readings: tuple[str, ...]
    decides: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """One criterion of a case with its finding under each reading, in the readings' order."""

    case: tuple[Assessment, ...]
    criterion: Criterion
    findings: tuple[Finding | None, ...]

    @property
    def messages(self) -> ByReading[str]:
        """Messages of the shapes."""
        return self._of_each(lambda finding: [finding.message] if finding.message else [])

    @property
    def found(self) -> ByReading[str]:
        """Messages on what is on record; where it is silent the gaps say the same."""
        silent = Verdict.NOT_ESTABLISHED
        return self._of_each(lambda f: [f.message] if f.message and f.verdict is not silent else [])

    @property
    def coverage(self) -> ByReading[Coverage]:
        """Coverage: how much is on record."""
        return self._of_each(lambda finding: [finding.coverage] if finding.coverage else [])

    @property
    def carriers(self) -> ByReading[tuple[Carrier, ...]]:
        """Things that carry the criterion."""
        return self._of_each(lambda finding: [finding.carried_by] if finding.carried_by else [])

    @property
    def gaps(self) -> ByReading[Gap]:
        """Gaps: evidence that is missing."""
        return self._of_each(lambda finding: finding.missing)

    @property
    def evidence(self) -> ByReading[Evidence]:
        """The evidence once each: supporting, disputing, then open."""
        first: dict[tuple[str, str, str], Evidence] = {}

        def cited(finding: Finding) -> list[Evidence]:
            return [first.setdefault((e.iri, e.record, e.direction), e) for e in finding.evidence]

        return sorted(self._of_each(cited), key=lambda e: _DIRECTIONS.get(e[0].direction, 3))

    @property
    def places(self) -> str:
        """Places of the evidence."""
        return list_places(item for item, _ in self.evidence)

    @property
    def shown(self) -> list[Evidence]:
        """Evidence that stands beside the criterion: what is against or open, then the first."""
        items = [item for item, _ in self.evidence]
        return sorted(items, key=lambda item: item.direction == "supports")[:_MOST_SHOWN]

    @property
    def authors(self) -> str:
        """Conclusion of the sources' authors: ``met, paper 6.2``."""
        return authors_words(filter(None, self.findings))

    @property
    def opinions(self) -> list[Verdict]:
        """Verdicts of the sources' authors, each once."""
        return list(dict.fromkeys(o.verdict for f in self.findings if f for o in f.authors))

    @property
    def decided(self) -> list[bool]:
        """For each finding, whether some assumption decides it."""
        code = self.criterion.code
        return [any(code in a.decides for a in one.assumptions) for one in self.case]

    @property
    def near(self) -> ByReading[Carrier]:
        """Records of the right kind that are tied to nobody who is counted."""
        return self._of_each(lambda finding: finding.near)

    def _of_each(self, values: Callable[[Finding], Iterable[T]]) -> ByReading[T]:
        return _by_reading(self.case, [values(f) if f else () for f in self.findings])


class CaseAssessments(tuple[Assessment, ...]):
    """The assessments of one case, one a reading."""

    __slots__ = ()

    @property
    def rows(self) -> list[CriterionRow]:
        """One row a criterion, in the definition's order."""
        by_reading = [{f.criterion.iri: f for f in one.findings} for one in self]
        criteria = {f.criterion.iri: f.criterion for one in self for f in one.findings}
        return [
            CriterionRow(self, one, tuple(found.get(one.iri) for found in by_reading))
            for one in sorted(criteria.values(), key=lambda c: (c.order, c.code))
        ]

    @property
    def authors(self) -> str:
        """Conclusion of the sources' authors on the whole."""
        words = self[0].definition.overall_words
        return opinion_words((o for one in self for o in one.authors), lambda o: words(o.verdict))

    @property
    def times(self) -> ByReading[str]:
        """Times at which it was as the verdicts say."""
        return _by_reading(self, [filter(None, [time_words(one)]) for one in self])

    @property
    def met_periods(self) -> ByReading[MetPeriod]:
        """Stretches of time in which the whole or a criterion was met, by their begin.

        What dates the whole its criteria say.
        """

        def short(one: MetPeriod) -> MetPeriod:
            return one if one.code else one._replace(since=(), until=())

        every = _by_reading(self, [map(short, a.met_periods) for a in self])
        return sorted(every, key=lambda e: (bool(e[0].code), e[0].begin or ""))

    @property
    def never_met(self) -> ByReading[str]:
        """Codes of what was met at no time; the empty one is the whole."""
        found = []
        for one in self:
            met, silent = {period.code for period in one.met_periods}, (Verdict.NOT_ESTABLISHED,)
            open_ = [v for v in Verdict if v is not Verdict.MET] if one.moment else silent
            every = [("", one.verdict), *((f.criterion.code, f.verdict) for f in one.findings)]
            found.append([code for code, v in every if v in open_ and code not in met])
        return _by_reading(self, found)

    @property
    def assumptions(self) -> list[Assumed]:
        """Assumptions of the verdicts, each once, with what it decides under all readings."""
        found = []
        for said, ids in _by_reading(self, [[a.statement for a in o.assumptions] for o in self]):
            under = [[a for a in one.assumptions if a.statement == said] for one in self]
            alike = [a for each in under for a in each]
            whole = alike[0]._replace(
                by=" and ".join(dict.fromkeys(a.by for a in alike)),
                decides=tuple(dict.fromkeys(code for a in alike for code in a.decides)),
                decides_whole=any(a.decides_whole for a in alike),
                tried=all(a.tried for a in alike),
            )
            decided = [
                [", ".join([*a.decides, *["the whole"] * a.decides_whole]) for a in each]
                for each in under
            ]
            words = [
                f"{', '.join(readings)}: {codes}" if readings else codes
                for codes, readings in _by_reading(self, decided)
                if codes
            ]
            found.append(Assumed(whole, ids, "; ".join(words)))
        return sorted(found, key=lambda one: not one.decides)

    @property
    def asks(self) -> list[Ask]:
        """Evidence to ask for, each once: what settles a criterion by the fewest records first.

        Of those alike, first what is missing under all readings.
        """
        counts: dict[tuple[Criterion, Gap], int] = {}
        lacking: list[list[tuple[Criterion, Gap]]] = []
        for one in self:
            lacking.append([])
            for f in (f for f in one.findings if f.verdict is Verdict.NOT_ESTABLISHED):
                gaps = f.missing or (Gap(f.message or "No evidence is recorded."),)
                count = sum(max(1, len(gap.about)) for gap in gaps)
                for key in ((f.criterion, gap) for gap in gaps):
                    counts[key] = min(count, counts.get(key, count))
                    lacking[-1].append(key)
        asks = [Ask(*key, ids, counts[key]) for key, ids in _by_reading(self, lacking)]
        return sorted(asks, key=lambda a: (a.records, len(a.readings), a.criterion.order))

    @property
    def disagreements(self) -> list[Disagreement]:
        """Disagreements that bear on any criterion under any reading, each once."""
        found: dict[str, Disagreement] = {}
        for one in (d for assessment in self for d in assessment.disagreements):
            codes = dict.fromkeys([*found.get(one.label, one).criteria, *one.criteria])
            found[one.label] = one._replace(criteria=tuple(sorted(codes)))
        return sorted(found.values(), key=lambda d: d.criteria)

    @property
    def numbers(self) -> dict[str, str]:
        """Number of each evidence item, in the order of the criteria: ``E1``."""
        cited = dict.fromkeys(item.iri for row in self.rows for item, _ in row.evidence)
        return {iri: f"E{number}" for number, iri in enumerate(cited, start=1)}

    @property
    def against(self) -> ByReading[tuple[Finding, ...]]:
        """The criteria that the record speaks against, with all their readings."""
        return self._findings(lambda f: f.verdict in (Verdict.NOT_MET, Verdict.CONTESTED))

    @property
    def lacking(self) -> ByReading[tuple[Finding, ...]]:
        """The criteria for which something is missing, with all their readings."""
        return self._findings(lambda f: bool(f.missing))

    def _findings(self, wanted: Callable[[Finding], bool]) -> ByReading[tuple[Finding, ...]]:
        found = [tuple(filter(wanted, one.findings)) for one in self]
        return _by_reading(self, [[f] if f else [] for f in found], name_all=True)


def _by_reading(
    case: Sequence[Assessment], values: Iterable[Iterable[T]], *, name_all: bool = False
) -> ByReading[T]:
    """Return each different value with the ids of its readings; `values` come in their order."""
    under: dict[T, dict[str, None]] = {}
    for one, found in zip(case, values, strict=True):
        for value in found:
            under.setdefault(value, {})[one.reading.id] = None
    return [
        (value, tuple(ids) if name_all or len(ids) < len(case) else ())
        for value, ids in under.items()
    ]


def group_by_case(assessments: Iterable[Assessment]) -> list[CaseAssessments]:
    """Return the assessments case by case, in the order of first appearance.

    A case that comes twice under one reading, as from two files, makes two groups.
    """
    groups: dict[tuple[str, int], list[Assessment]] = {}
    times: Counter[tuple[str, str]] = Counter()
    for one in assessments:
        times[one.case, one.reading.iri] += 1
        groups.setdefault((one.case, times[one.case, one.reading.iri]), []).append(one)
    return [CaseAssessments(group) for group in groups.values()]


def about_run(assessments: Sequence[Assessment], version: str) -> str:
    """Return by what the report was made, with no clock and no host."""
    definitions = list(dict.fromkeys(one.definition.label for one in assessments))
    engines = list(dict.fromkeys(one.engine for one in assessments if one.engine))
    dates = list(dict.fromkeys(one.as_of for one in assessments if one.as_of))
    parts = [f"Definition: {', '.join(definitions)}."] if definitions else []
    parts += [f"Records as of {', '.join(dates)}."] if dates else []
    parts += [f"Made by k20kg {version}" + (f" with {', '.join(engines)}." if engines else ".")]
    return " ".join(parts)
