"""Assessments as CSV (RFC 4180): one row for each case, reading and criterion, plus the overall.

The overall verdict has ``overall`` in the column ``criterion``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from k20kg.model import Assessment, Assumption, Finding
from k20kg.report.content.grounds import carried_words
from k20kg.report.presentation import CaseAssessments
from k20kg.report.table import Table, render_table
from k20kg.report.wording import list_places, number, sentence, time_words

COLUMNS: tuple[str, ...] = (
    "case", "label", "synthetic", "definition", "reading", "criterion", "code", "name", "section",
    "verdict", "message", "stated", "required", "unit", "asked", "missing", "settled_by",
    "supplied_by", "evidence", "as_of", "engine", "tool", "carried_by", "authors",
    "assumptions_that_decide", "unplaced",
)  # fmt: skip


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the table with a header line; lines end in CR LF."""
    rows: list[Sequence[str]] = []
    for one in assessments:
        case = CaseAssessments([one])
        starts = [one.case, one.label, str(one.synthetic).lower(), one.definition.id]
        starts.append(one.reading.id)
        ends = [one.as_of or "", one.engine, f"k20kg {version}"]
        said = f"{sentence(one.words)} {time_words(one)}".strip()
        overall = ["overall", "", "", "", one.verdict.value, said, *[""] * 8]
        deciding = _deciding(a for a in one.assumptions if a.decides_whole)
        rows.append([*starts, *overall, *ends, "", case.authors, deciding, ""])
        for row in case.rows:
            if finding := row.findings[0]:
                code = finding.criterion.code
                deciding = _deciding(a for a in one.assumptions if code in a.decides)
                carried = carried_words(finding.carried_by, len(finding.carried_by))
                unplaced = finding.coverage and finding.coverage.unplaced
                grounds = [carried, row.authors, deciding, number(unplaced) if unplaced else ""]
                rows.append([*starts, *_cells(finding), *ends, *grounds])
    return render_table(Table("", COLUMNS, rows), "csv")


def _cells(finding: Finding) -> list[str]:
    criterion, coverage, gaps = finding.criterion, finding.coverage, finding.missing
    counts = ["", "", "", ""]
    if coverage is not None:
        counts = [
            "" if coverage.stated is None else number(coverage.stated),
            "" if coverage.required is None else number(coverage.required),
            coverage.unit,
            "; ".join(f"{figure.value} ({figure.source})" for figure in coverage.asked),
        ]
    return [
        *(criterion.id, criterion.code, criterion.label, criterion.section),
        finding.verdict.value,
        finding.message,
        *counts,
        "; ".join(g.statement + (f" ({', '.join(g.about)})" if g.about else "") for g in gaps),
        "; ".join(dict.fromkeys(g.settled_by for g in gaps if g.settled_by)),
        "; ".join(dict.fromkeys(g.supplied_by for g in gaps if g.supplied_by)),
        list_places(finding.evidence),
    ]


def _deciding(assumptions: Iterable[Assumption]) -> str:
    return " ".join(sentence(a.statement) for a in assumptions)
