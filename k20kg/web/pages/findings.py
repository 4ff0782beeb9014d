"""What was found of a case: criteria with their evidence, gaps, assumptions.

The page of a published case shows it, and the report on a record that was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from k20kg.model import Assessment, Coverage, Finding, Gap, Verdict
from k20kg.report.grounds import (
    authors_words,
    carried_by_reading,
    carried_words,
    list_assumptions,
)
from k20kg.report.marks import bar
from k20kg.report.outline import (
    Cited,
    Row,
    coverage_by_reading,
    coverage_words,
    figures_in_words,
    list_evidence,
    only,
    rows,
    time_words,
)
from k20kg.web.pages import reading_words, spelled, upper_first

__all__ = ["findings_of"]


@dataclass(frozen=True, slots=True)
class _Covered:
    """How much is on record, in words and as a bar, for some readings or for all."""

    whose: str
    words: str
    bar: Markup
    figures: str


@dataclass(frozen=True, slots=True)
class _Missing:
    """What one set of readings lacks: a row a gap."""

    readings: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Criterion:
    """A row of the page: a criterion, its verdicts, and what they rest on."""

    row: Row
    said: tuple[tuple[str, str], ...]
    """Each message with the readings that give it; none named where all do."""
    covered: tuple[_Covered, ...]
    cited: tuple[tuple[Cited, str], ...]
    """Each evidence item with the words for the readings that take it."""
    gaps: tuple[tuple[Gap, str], ...]
    carried: tuple[tuple[str, str], ...]
    """What carries it, with the readings under which it does."""
    authors: str
    """What the sources' authors concluded."""


def findings_of(case: Sequence[Assessment]) -> dict[str, Any]:
    """Return what a page shows of a case's assessments, by the names that templates use."""
    return {
        "case": case,
        "criteria": _phrases(case),
        "missing": _missing(case),
        "assumptions": [(a, _whose(ids, case)) for a, ids in list_assumptions(case)],
        "tallies": {a.reading.iri: f"{_tally(a)} {time_words(a)}".strip() for a in case},
    }


def _whose(ids: Sequence[str], case: Sequence[Assessment]) -> str:
    """Return the names of some readings; nothing where all are meant."""
    return ", ".join(reading_words(a.reading) for a in case if a.reading.id in ids)


def _tally(one: Assessment) -> str:
    """Return in a sentence how many criteria came out how."""
    count = len(one.findings)
    if one.verdict is Verdict.MET:
        return f"All {spelled(count)} criteria are met."
    parts = []
    for verdict in (Verdict.MET, Verdict.NOT_ESTABLISHED, Verdict.CONTESTED, Verdict.NOT_MET):
        if number := sum(f.verdict is verdict for f in one.findings):
            parts.append(f"{spelled(number)} {verdict.value}")
    against = any(f.verdict in (Verdict.NOT_MET, Verdict.CONTESTED) for f in one.findings)
    tail = "" if against else "; none is contradicted"
    return upper_first(f"{', '.join(parts)}{tail}.")


def _phrases(case: Sequence[Assessment]) -> list[tuple[int, str, list[_Criterion]]]:
    """Return the rows, phrase by phrase."""
    found: list[tuple[int, str, list[_Criterion]]] = []
    for row in rows(case):
        criterion = row.criterion
        if not found or found[-1][0] != criterion.phrase_order:
            found.append((criterion.phrase_order, criterion.phrase, []))
        found[-1][2].append(_criterion(row, case))
    return found


def _criterion(row: Row, case: Sequence[Assessment]) -> _Criterion:
    said: dict[str, list[str]] = {}
    gaps: dict[Gap, list[str]] = {}
    for one, finding in zip(case, row.findings, strict=True):
        if finding and finding.message:
            said.setdefault(finding.message, []).append(one.reading.id)
        for gap in finding.missing if finding else ():
            gaps.setdefault(gap, []).append(one.reading.id)
    return _Criterion(
        row,
        tuple((text, _whose(only(ids, case), case)) for text, ids in said.items()),
        tuple(
            _covered(coverage, _whose(ids, case))
            for ids, coverage in coverage_by_reading(row, case)
        ),
        tuple((item, _whose(item.readings, case)) for item in list_evidence(row, case)),
        tuple((gap, _whose(only(ids, case), case)) for gap, ids in gaps.items()),
        tuple(
            (carried_words(carriers), _whose(ids, case))
            for ids, carriers in carried_by_reading(row, case)
        ),
        authors_words(row),
    )


def _covered(coverage: Coverage, whose: str) -> _Covered:
    return _Covered(
        whose, coverage_words(coverage), Markup(bar(coverage)), figures_in_words(coverage)
    )


def _missing(case: Sequence[Assessment]) -> list[_Missing]:
    """Return what is missing, readings that lack the same told together."""
    under: dict[tuple[Finding, ...], list[str]] = {}
    for one in case:
        lacking = tuple(f for f in one.findings if f.missing)
        if lacking:
            under.setdefault(lacking, []).append(one.reading.id)
    return [_Missing(_whose(ids, case), findings) for findings, ids in under.items()]
