"""Assessments as text for a terminal: readable, and defensible, without knowing RDF.

One block a case with the readings side by side; the layout follows the width. No line is wider
than the width, counted in terminal cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from k20kg.model import Assessment, Evidence, Finding, Gap, Verdict
from k20kg.report.escape import to_ascii
from k20kg.report.grounds import (
    announce,
    authors_of_whole,
    authors_words,
    carried_by_reading,
    carried_words,
    decides_words,
    list_assumptions,
)
from k20kg.report.outline import (
    LEGEND,
    MADE_UP,
    Row,
    about_run,
    case_title,
    concerned,
    coverage_by_reading,
    coverage_words,
    figures_in_words,
    findings_by_reading,
    group_by_case,
    list_choices,
    list_evidence,
    list_places,
    list_times,
    place,
    reading_title,
    rows,
    sentence,
    told,
)
from k20kg.report.sheet import BOLD, GAP, Cell, Sheet, clip, columns

__all__ = ["render"]

_COLOURS = {
    Verdict.MET: "34",
    Verdict.NOT_MET: "31",
    Verdict.NOT_ESTABLISHED: "2",
    Verdict.CONTESTED: "35",
}
_CODE = 4
_LEADS = {"supports": "For:", "disputes": "Against:", "leaves open": "Open:"}
_AGAINST = (Verdict.NOT_MET, Verdict.CONTESTED)
_SILENT = (Verdict.NOT_ESTABLISHED,)


def render(
    assessments: Sequence[Assessment],
    *,
    version: str,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the report; `colour` adds ANSI codes, `ascii_only` keeps to ASCII throughout."""
    sheet = Sheet(max(width, 20), colour, ascii_only)
    cases = group_by_case(assessments)
    for case in cases:
        _write_case(sheet, case)
        sheet.blank()
    if len(cases) > 1:
        _write_summary(sheet, cases)
    if cases:
        _write_readings(sheet, assessments)
        _write_legend(sheet, assessments[0])
    else:
        sheet.write("No case was given.")
    sheet.blank()
    sheet.write(about_run(assessments, version))
    return "\n".join(sheet.lines) + "\n"


def _write_case(sheet: Sheet, case: Sequence[Assessment]) -> None:
    _write_table(sheet, case)
    for verdicts, write in ((_AGAINST, _write_sides), (_SILENT, _write_gaps)):
        for findings, ids in findings_by_reading(case, verdicts):
            write(sheet, findings, f"the {' and the '.join(ids)} reading")
    assumptions = list_assumptions(case)
    if assumptions:
        sheet.heading("Assumptions")
    for assumption, only_in in assumptions:
        whose = f" ({assumption.by})" if assumption.by else ""
        readings = f" [{', '.join(only_in)} only]" if only_in else ""
        text = sentence(assumption.statement.strip().rstrip(".") + whose) + readings
        decides = decides_words(assumption, case)
        text += f" Decides ({decides})." if decides else ""
        sheet.write(text, lead="  *" if assumption.decides else "  -", indent=4)
    sheet.blank()
    sheet.write(f"Case address: {case[0].case}", indent=0)


class Widths(NamedTuple):
    """Widths of a case's table; without `verdict` the readings stand one a line."""

    label: int
    verdict: int
    coverage: int = 0
    places: int = 0


def _fit_widths(sheet: Sheet, case: Sequence[Assessment], table: Sequence[Row]) -> Widths:
    sign = len(sheet.sign(Verdict.MET)) + 1
    words = [sign + columns(one.words) for one in case]
    least = max(
        sign + max(len(v.value) for v in Verdict), *(columns(one.reading.id) for one in case)
    )
    longest = max((columns(row.criterion.label) for row in table), default=14)
    # Overall words may wrap where that keeps the readings side by side.
    for verdict in (max(least, *words), max(least, sign + 16)):
        readings = len(case) * (verdict + GAP)
        spare = sheet.width - _CODE - longest - readings - 2 * GAP
        if spare >= 42:
            return Widths(longest, verdict, (spare + 2) // 2, spare - (spare + 2) // 2)
        if spare >= 24:
            return Widths(longest, verdict, spare + GAP)
    for verdict in (max(least, *words), max(least, sign + 16)):
        label = sheet.width - _CODE - len(case) * (verdict + GAP)
        if label >= 14:
            return Widths(label, verdict)
    return Widths(sheet.width - _CODE, 0)


def _write_table(sheet: Sheet, case: Sequence[Assessment]) -> None:
    table = rows(case)
    widths = _fit_widths(sheet, case, table)
    first = case[0]
    label = case_title(first)
    if widths.verdict:
        wide = _CODE + widths.label + (widths.coverage + GAP if widths.coverage else 0)
        heads = [Cell((label,), wide, BOLD)]
        for one in case:
            overall = f"{sheet.sign(one.verdict)} {one.words}"
            heads.append(Cell((one.reading.id, overall), widths.verdict, _COLOURS[one.verdict]))
        sheet.row(heads)
    else:
        sheet.write(label, style=BOLD)
        for one in case:
            _write_verdict(sheet, one.reading.id, one.verdict, one.words)
    for one in case:
        if one.announced:
            sheet.write(f"{one.reading.id}: {announce(one)}")
    if authors := authors_of_whole(case):
        sheet.write(f"authors: {authors}")
    if first.synthetic:
        sheet.write(MADE_UP)
    for when, only_in in list_times(case):
        sheet.write(when, lead=f"{', '.join(only_in)}:" if only_in else "", indent=0)
    sheet.blank()
    for row in table:
        _write_row(sheet, row, case, widths)


def _write_row(sheet: Sheet, row: Row, case: Sequence[Assessment], widths: Widths) -> None:
    coverages = coverage_by_reading(row, case)
    covered = [
        (f"{', '.join(ids)}: " if ids else "") + coverage_words(coverage)
        for ids, coverage in coverages
    ]
    places = list_places(cited.evidence for cited in list_evidence(row, case))
    if not widths.verdict:
        sheet.write(row.criterion.label, lead=row.criterion.code, indent=_CODE)
        for one, finding in zip(case, row.findings, strict=True):
            if finding:
                _write_verdict(sheet, one.reading.id, finding.verdict, finding.verdict.value)
    else:
        verdicts = [_verdict_cell(sheet, finding, widths.verdict) for finding in row.findings]
        # The code stands apart so that a long label hangs beside it.
        code = Cell((row.criterion.code,), _CODE - GAP)
        name = Cell((row.criterion.label,), widths.label)
        if widths.coverage:
            more = [Cell(tuple(covered), widths.coverage), *verdicts]
            sheet.row([code, name, *more, Cell((places if widths.places else "",), widths.places)])
        else:
            sheet.row([code, name, *verdicts])
    if not widths.coverage:
        for text in covered:
            sheet.write(text, indent=_CODE + 2)
    for ids, carriers in carried_by_reading(row, case):
        whose = f" ({', '.join(ids)})" if ids else ""
        sheet.write(f"carried by{whose}: {carried_words(carriers)}", indent=_CODE + 2)
    if places and not widths.places:
        sheet.write(places, indent=_CODE + 2)
    if authors := authors_words(row):
        sheet.write(f"authors: {authors}", indent=_CODE + 2)
    for ids, coverage in coverages:
        if figures := figures_in_words(coverage):
            whose = f" ({', '.join(ids)})" if ids else ""
            sheet.write(f"Asked{whose}, as reported: {figures}", indent=_CODE + 2)


def _verdict_cell(sheet: Sheet, finding: Finding | None, width: int) -> Cell:
    if finding is None:
        return Cell(("",), width)
    words = f"{sheet.sign(finding.verdict)} {finding.verdict.value}"
    return Cell((words,), width, _COLOURS[finding.verdict])


def _write_verdict(sheet: Sheet, reading: str, verdict: Verdict, words: str) -> None:
    text = f"{sheet.sign(verdict)} {words}"
    sheet.write(text, lead=f"    {reading}:", indent=8, style=_COLOURS[verdict])


def _write_sides(sheet: Sheet, findings: Sequence[Finding], readings: str) -> None:
    """Show both sides of every criterion that the record speaks against."""
    sheet.heading(f"What speaks for and against under {readings}")
    for finding in findings:
        criterion = finding.criterion
        title = f"{criterion.label}: {finding.verdict.value}. {sentence(finding.message)}"
        sheet.write(title, lead=criterion.code, indent=_CODE)
        for direction, lead in _LEADS.items():
            for item in finding.evidence:
                if item.direction == direction:
                    _write_evidence(sheet, item, lead)
        for gap in finding.missing:
            _write_gap(sheet, gap, lead=f"{'':{_CODE}}Shortfall:", indent=_CODE + 2)


def _write_evidence(sheet: Sheet, item: Evidence, lead: str) -> None:
    where = "; ".join(part for part in (place(item), item.method) if part)
    sheet.write(f"{told(item)} ({where})", lead=f"{'':{_CODE}}{lead}", indent=_CODE + 2)


def _write_gaps(sheet: Sheet, findings: Sequence[Finding], readings: str) -> None:
    """Say what is missing, what would settle it, and who could have it."""
    sheet.heading(f"What would settle {readings}")
    for finding in findings:
        lead = finding.criterion.code
        for gap in finding.missing or (Gap(finding.message or "No evidence is recorded."),):
            _write_gap(sheet, gap, lead=lead, indent=_CODE)
            lead = ""


def _write_gap(sheet: Sheet, gap: Gap, *, lead: str, indent: int) -> None:
    sheet.write(sentence(gap.statement), lead=lead, indent=indent)
    if gap.about:
        sheet.write(concerned(gap), indent=indent + 2)
    if gap.settled_by:
        sheet.write(f"Would settle it: {sentence(gap.settled_by)}", indent=indent + 2)
    if gap.supplied_by:
        sheet.write(f"Who could have it: {sentence(gap.supplied_by)}", indent=indent + 2)


def _write_summary(sheet: Sheet, cases: Sequence[Sequence[Assessment]]) -> None:
    """Add one line a case: the overall verdict under each reading, and what decided it."""
    ids = list(dict.fromkeys(one.reading.id for case in cases for one in case))
    words = max(columns(one.words) for case in cases for one in case)
    words = max(len(sheet.sign(Verdict.MET)) + 1 + words, *map(columns, ids))
    codes = max(columns(_deciding(one)) for case in cases for one in case)
    full = sheet.width - len(ids) * (words + 1 + codes + GAP)
    narrow = sheet.width - len(ids) * (words + GAP)
    verdict = words + 1 + codes if full >= 24 else words
    if narrow < 12:
        verdict = max(map(columns, ids))
    label = max(sheet.width - len(ids) * (verdict + GAP), 8)
    sheet.write(f"Summary of {len(cases)} cases", style=BOLD)
    sheet.row([Cell(("",), label), *(Cell((clip(i, verdict),), verdict) for i in ids)])
    for case in cases:
        name = case_title(case[0])
        cells = [Cell((clip(to_ascii(name) if sheet.ascii_only else name, label),), label)]
        found = {one.reading.id: one for one in case}
        for reading in ids:
            one = found.get(reading)
            text = ""
            if one:
                text = sheet.sign(one.verdict) + (f" {one.words}" if narrow >= 12 else "")
                text += f" {_deciding(one)}" if verdict > words else ""
            cells.append(Cell((text.rstrip(),), verdict, _COLOURS[one.verdict] if one else ""))
        sheet.row(cells)
    sheet.blank()


def _deciding(one: Assessment) -> str:
    """Return the codes of the criteria that decided against the group."""
    if one.verdict is Verdict.MET:
        return ""
    return " ".join(f.criterion.code for f in one.findings if f.verdict is one.verdict)


def _write_readings(sheet: Sheet, assessments: Sequence[Assessment]) -> None:
    readings = {one.reading.iri: one for one in assessments}
    chosen = [(one.reading, list_choices(one.reading, one.definition)) for one in readings.values()]
    if any(choices for _, choices in chosen):
        sheet.write("What each reading chooses", style=BOLD)
    for reading, choices in chosen:
        if choices:
            sheet.write(reading_title(reading), indent=2)
        for choice in choices:
            sheet.write(choice, lead="    -", indent=6)
    if any(choices for _, choices in chosen):
        sheet.blank()


def _write_legend(sheet: Sheet, first: Assessment) -> None:
    sheet.write("Signs", style=BOLD)
    for verdict, meaning in LEGEND:
        text = f"{sheet.sign(verdict)} {verdict.value}: {meaning}"
        sheet.write(text, indent=2)
    sheet.write(
        f"A group is a {first.definition.affirmed} only if every criterion is met.", indent=2
    )
