"""What every report says of a case, before any format: rows, grounds, gaps, assumptions.

Where readings differ, a value comes with the ids of the readings that have it; with none where
all have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from k20kg.model import (
    Assessment,
    Assumption,
    Carrier,
    Coverage,
    Criterion,
    Evidence,
    Finding,
    Gap,
    Opinion,
    Verdict,
)
from k20kg.report.outline import list_places, time_words
from k20kg.vocabulary import shorten

T = TypeVar("T")
Told = list[tuple[T, tuple[str, ...]]]
"""Values with the ids of their readings; no ids where all readings agree."""

_MOST_NAMES = 4
"""So many things of a kind are named in a report for people; JSON names all."""
_DIRECTIONS = ("supports", "disputes", "leaves open")


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
    def messages(self) -> Told[str]:
        """What the shapes say."""
        return self._told(lambda finding: [finding.message] if finding.message else [])

    @property
    def coverage(self) -> Told[Coverage]:
        """How much is on record."""
        return self._told(lambda finding: [finding.coverage] if finding.coverage else [])

    @property
    def carriers(self) -> Told[tuple[Carrier, ...]]:
        """What carries the criterion."""
        return self._told(lambda finding: [finding.carried_by] if finding.carried_by else [])

    @property
    def gaps(self) -> Told[Gap]:
        """What is missing."""
        return self._told(lambda finding: finding.missing)

    @property
    def evidence(self) -> Told[Evidence]:
        """The evidence once each: supporting, disputing, then open."""
        first: dict[tuple[str, str, str], Evidence] = {}
        for finding in filter(None, self.findings):
            for item in finding.evidence:
                first.setdefault((item.iri, item.record, item.direction), item)
        told = self._told(
            lambda finding: [first[e.iri, e.record, e.direction] for e in finding.evidence]
        )
        return sorted(told, key=lambda cited: _rank(cited[0]))

    @property
    def places(self) -> str:
        """Where the evidence stands."""
        return list_places(item for item, _ in self.evidence)

    @property
    def authors(self) -> str:
        """What the sources' authors concluded: ``met, paper 6.2``."""
        return authors_words(filter(None, self.findings))

    def _told(self, values: Callable[[Finding], Iterable[T]]) -> Told[T]:
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
        """What the sources' authors concluded on the whole."""
        words = self[0].definition.overall_words
        return _opinions((o for one in self for o in one.authors), lambda o: words(o.verdict))

    @property
    def times(self) -> Told[str]:
        """When it was as the verdicts say."""
        return _by_reading(self, [filter(None, [time_words(one)]) for one in self])

    @property
    def assumptions(self) -> list[Assumed]:
        """What the verdicts assume, each once; what it decides is told for all readings."""
        under: dict[tuple[str, str], list[Assumption]] = {}
        for one in self:
            for assumption in dict.fromkeys(one.assumptions):
                under.setdefault(assumption[:2], []).append(assumption)
        found = []
        for key, ids in _by_reading(self, [[a[:2] for a in one.assumptions] for one in self]):
            alike = under[key]
            whole = alike[0]._replace(
                decides=tuple(dict.fromkeys(code for a in alike for code in a.decides)),
                decides_whole=any(a.decides_whole for a in alike),
                tried=all(a.tried for a in alike),
            )
            found.append(Assumed(whole, ids, self._decided(key)))
        return found

    @property
    def against(self) -> Told[tuple[Finding, ...]]:
        """The criteria that the record speaks against, with all their readings."""
        return self._findings(lambda f: f.verdict in (Verdict.NOT_MET, Verdict.CONTESTED))

    @property
    def silent(self) -> Told[tuple[Finding, ...]]:
        """The criteria on which the record is silent, with all their readings."""
        return self._findings(lambda f: f.verdict is Verdict.NOT_ESTABLISHED)

    @property
    def lacking(self) -> Told[tuple[Finding, ...]]:
        """The criteria for which something is missing, with all their readings."""
        return self._findings(lambda f: bool(f.missing))

    def _decided(self, key: tuple[str, str]) -> str:
        """Return what an assumption decides: ``as-applied: 1a, 3, the whole; literal: 1a``."""
        decided = [
            [
                ", ".join([*a.decides, *(["the whole"] if a.decides_whole else [])])
                for a in one.assumptions
                if a[:2] == key
            ]
            for one in self
        ]
        return "; ".join(
            f"{', '.join(ids)}: {words}" if ids else words
            for words, ids in _by_reading(self, decided)
            if words
        )

    def _findings(self, wanted: Callable[[Finding], bool]) -> Told[tuple[Finding, ...]]:
        found = [tuple(filter(wanted, one.findings)) for one in self]
        return _by_reading(self, [[f] if f else [] for f in found], name_all=True)


def _by_reading(
    case: Sequence[Assessment], values: Iterable[Iterable[T]], *, name_all: bool = False
) -> Told[T]:
    """Return each different value with the ids of its readings; `values` come in their order."""
    under: dict[T, dict[str, None]] = {}
    for one, found in zip(case, values, strict=True):
        for value in found:
            under.setdefault(value, {})[one.reading.id] = None
    return [
        (value, tuple(ids) if name_all or len(ids) < len(case) else ())
        for value, ids in under.items()
    ]


def _rank(item: Evidence) -> int:
    return _DIRECTIONS.index(item.direction) if item.direction in _DIRECTIONS else 3


def group_by_case(assessments: Iterable[Assessment]) -> list[CaseAssessments]:
    """Return the assessments case by case, in the order of first appearance.

    A case that comes twice under one reading, as from two files, makes two groups.
    """
    groups: list[list[Assessment]] = []
    latest: dict[str, list[Assessment]] = {}
    for one in assessments:
        group = latest.get(one.case)
        if group is None or any(one.reading.iri == other.reading.iri for other in group):
            group = latest[one.case] = []
            groups.append(group)
        group.append(one)
    return [CaseAssessments(group) for group in groups]


def carried_words(carriers: Iterable[Carrier], most: int = _MOST_NAMES) -> str:
    """Return what carries a verdict, counted by kind.

    >>> carried_words([Carrier("goal", "g/1", "Learn"), Carrier("goal", "g/2", "Teach")])
    '2 goals: Learn; Teach'
    """
    by_kind: dict[str, list[Carrier]] = {}
    for carrier in carriers:
        by_kind.setdefault(carrier.kind, []).append(carrier)
    parts = []
    for kind, found in by_kind.items():
        count = len(found)
        names = list(dict.fromkeys(c.label for c in found if c.label != shorten(c.iri)))
        shown = names if len(names) <= most else names[: most - 1]
        more = f"; and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        words = f"{count} {kind if count == 1 else _plural(kind)}"
        parts.append(f"{words}: {'; '.join(shown)}{more}" if names else words)
    return ". ".join(parts)


def _plural(kind: str) -> str:
    if kind == "person":
        return "people"
    if kind.endswith("y") and kind[-2:-1] not in "aeiou":
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith(("s", "x", "ch", "sh")) else f"{kind}s"


def authors_words(findings: Iterable[Finding]) -> str:
    """Return what the sources' authors concluded on a criterion: ``met, paper 6.2``."""
    return _opinions((o for f in findings for o in f.authors), lambda o: o.verdict.value)


def _opinions(opinions: Iterable[Opinion], words: Callable[[Opinion], str]) -> str:
    by_verdict: dict[str, list[Evidence]] = {}
    for opinion in dict.fromkeys(opinions):
        by_verdict.setdefault(words(opinion), []).extend(opinion.evidence)
    return "; ".join(
        ", ".join(part for part in (verdict, list_places(items)) if part)
        for verdict, items in by_verdict.items()
    )
