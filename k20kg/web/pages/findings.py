"""What was found of a case: criteria with their evidence, gaps, assumptions.

The page of a published case shows it, and the report on a record that was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from markupsafe import Markup

from k20kg.model import Assessment, Verdict
from k20kg.report.presentation import CaseAssessments, CriterionRow, Told
from k20kg.report.templates import bar
from k20kg.report.wording import carried_words, coverage_words, figures_in_words, time_words
from k20kg.web.pages import reading_words, spelled, upper_first

T = TypeVar("T")


def findings_of(assessments: Sequence[Assessment]) -> dict[str, Any]:
    """Return what a page shows of a case's assessments, by the names that templates use."""
    case = CaseAssessments(assessments)
    return {
        "case": case,
        "criteria": _phrases(case),
        "missing": [
            {"readings": _whose(ids, case), "findings": findings} for findings, ids in case.lacking
        ],
        "assumptions": [(a, _whose(ids, case)) for a, ids, _ in case.assumptions],
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


def _phrases(case: CaseAssessments) -> list[tuple[int, str, list[dict[str, Any]]]]:
    """Return the rows, phrase by phrase."""
    found: list[tuple[int, str, list[dict[str, Any]]]] = []
    for row in case.rows:
        criterion = row.criterion
        if not found or found[-1][0] != criterion.phrase_order:
            found.append((criterion.phrase_order, criterion.phrase, []))
        found[-1][2].append(_criterion(row))
    return found


def _criterion(row: CriterionRow) -> dict[str, Any]:
    """Return a criterion, its verdicts and what they rest on, each with the readings meant."""

    def told(values: Told[T]) -> list[tuple[T, str]]:
        return [(value, _whose(ids, row.case)) for value, ids in values]

    return {
        "row": row,
        "said": told(row.messages),
        "covered": [
            {
                "whose": whose,
                "words": coverage_words(coverage),
                "bar": Markup(bar(coverage)),
                "figures": figures_in_words(coverage),
            }
            for coverage, whose in told(row.coverage)
        ],
        "cited": told(row.evidence),
        "gaps": told(row.gaps),
        "carried": [(carried_words(carriers), whose) for carriers, whose in told(row.carriers)],
        "authors": row.authors,
    }
