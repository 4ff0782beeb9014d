"""Assessments as text for a terminal: readable, and defensible, without knowing RDF.

One block a case with the readings side by side; the layout follows the width. No line is wider
than the width, counted in terminal cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Unpack

from k20kg.model import Assessment, Finding, Gap, Verdict
from k20kg.report import Terminal
from k20kg.report.content.cover import cover_rows, method_notes
from k20kg.report.content.grounds import carried_words, gap_words
from k20kg.report.content.periods import decided_by, periods, periods_note
from k20kg.report.presentation import Ask, CaseAssessments, CriterionRow, about_run, group_by_case
from k20kg.report.terminal import BOLD, GAP, Cell, TextLayout, columns
from k20kg.report.wording import (
    ASKING,
    DECIDES,
    DECIDES_MEANS,
    LEGEND,
    MADE_UP,
    case_title,
    coverage_words,
    deciding,
    evidence_words,
    figures_in_words,
    in_section,
    list_chosen,
    list_places,
    place,
    sentence,
)

_COLOURS = {
    Verdict.MET: "34",
    Verdict.NOT_MET: "31",
    Verdict.NOT_ESTABLISHED: "2",
    Verdict.CONTESTED: "35",
}
_CODE = 4
_LEADS = {"supports": "For:", "disputes": "Against:", "leaves open": "Open:"}


def render(assessments: Sequence[Assessment], *, version: str, **terminal: Unpack[Terminal]) -> str:
    """Return the report; `colour` adds ANSI codes, `ascii_only` keeps to ASCII throughout."""
    sheet = TextLayout.of(terminal, 80)
    cases = group_by_case(assessments)
    for case in cases:
        _write_case(sheet, case, version)
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
    return sheet.text()


def _write_case(sheet: TextLayout, case: CaseAssessments, version: str) -> None:
    _write_table(sheet, case)
    for findings, ids in case.against:
        _write_sides(sheet, findings, f"the {' and the '.join(ids)} reading")
    _write_asks(sheet, case.asks)
    _write_disagreements(sheet, case)
    _write_periods(sheet, case)
    assumptions = case.assumptions
    if assumptions:
        sheet.heading("Assumptions")
    for one, ids, decides in assumptions:
        by = "; ".join(filter(None, (one.by, list_places(one.evidence))))
        by = f" ({by})" if by else ""
        text = sentence(one.statement.strip().rstrip(".") + by)
        text += f" [{', '.join(ids)} only]" if ids else ""
        text += f" Decides ({decides})." if decides else ""
        sheet.write(text, lead=f"  {DECIDES if decides else '-'}", indent=4)
    sheet.heading("About this report")
    for name, said in cover_rows(case, version):
        sheet.write(said, lead=f"  {name}:", indent=4)
    for said in method_notes(case):
        sheet.write(said, lead="  -", indent=4)
    if ":" in case[0].case:
        sheet.write(f"Case address: {case[0].case}", indent=2)


class Widths(NamedTuple):
    """Widths of a case's table; without `verdict` the readings stand one a line."""

    label: int
    verdict: int
    coverage: int = 0
    places: int = 0
    authors: int = 0


def _fit_widths(sheet: TextLayout, case: CaseAssessments, table: Sequence[CriterionRow]) -> Widths:
    sign = len(sheet.sign(Verdict.MET)) + 1
    least = sign + max(len(v.value) for v in Verdict)
    least = max(least, *(columns(one.reading.id) for one in case))
    longest = max((columns(row.criterion.label) for row in table), default=14)
    # Overall words may wrap where that keeps the readings side by side.
    verdicts = max(least, *(sign + columns(one.words) for one in case)), max(least, sign + 16)
    rooms = {v: sheet.width - _CODE - len(case) * (v + GAP) for v in verdicts}
    said = [columns(v.value) + sign for row in table for v in row.opinions]
    authors = max(len("authors"), *said) if said else 0
    for verdict, room in rooms.items():
        spare = room - longest - 2 * GAP - (authors + GAP if authors else 0)
        if spare >= 42:
            return Widths(longest, verdict, (spare + 2) // 2, spare - (spare + 2) // 2, authors)
        if spare >= 24:
            return Widths(longest, verdict, spare + GAP, authors=authors)
    for verdict, room in rooms.items():
        beside = authors if room - authors - GAP >= 14 else 0
        if room >= 14:
            return Widths(room - (beside + GAP if beside else 0), verdict, authors=beside)
    return Widths(sheet.width - _CODE, 0)


def _write_table(sheet: TextLayout, case: CaseAssessments) -> None:
    table, first = case.rows, case[0]
    widths = _fit_widths(sheet, case, table)
    label = case_title(first)
    if widths.verdict:
        wide = _CODE + widths.label + (widths.coverage + GAP if widths.coverage else 0)
        heads = [Cell((label,), wide, BOLD)]
        for one in case:
            overall = f"{sheet.sign(one.verdict)} {one.words}"
            heads.append(Cell((one.reading.id, overall), widths.verdict, _COLOURS[one.verdict]))
        heads += [Cell(("authors",), widths.authors)] if widths.authors else []
        sheet.row(heads)
    else:
        sheet.write(label, style=BOLD)
        for one in case:
            _write_verdict(sheet, one.reading.id, one.verdict, one.words)
    for one in case:
        if one.announced:
            sheet.write(f"{one.reading.id}: {one.words}, {one.announced}")
    if case.authors:
        sheet.write(f"authors: {case.authors}")
    if first.synthetic:
        sheet.write(MADE_UP)
    for when, ids in case.times:
        sheet.write(when, lead=f"{', '.join(ids)}:" if ids else "")
    sheet.blank()
    for row in table:
        _write_row(sheet, row, widths)


def _write_row(sheet: TextLayout, row: CriterionRow, widths: Widths) -> None:
    covered = [
        (f"{', '.join(ids)}: " if ids else "") + coverage_words(coverage)
        for coverage, ids in row.coverage
    ]
    if widths.verdict:
        # The code stands apart so that a long label hangs beside it.
        cells = [Cell((row.criterion.code,), _CODE - GAP)]
        cells.append(Cell((row.criterion.label,), widths.label))
        cells += [Cell(tuple(covered), widths.coverage)] if widths.coverage else []
        for finding, decided in zip(row.findings, row.decided, strict=True):
            cells.append(_verdict_cell(sheet, finding, widths.verdict, decided=decided))
        if widths.authors:
            signs = [f"{sheet.sign(verdict)} {verdict.value}" for verdict in row.opinions]
            cells.append(Cell(tuple(signs) or ("",), widths.authors))
        cells += [Cell((row.places,), widths.places)] if widths.places else []
        sheet.row(cells)
    else:
        sheet.write(row.criterion.label, lead=row.criterion.code, indent=_CODE)
        for one, finding in zip(row.case, row.findings, strict=True):
            if finding:
                _write_verdict(sheet, one.reading.id, finding.verdict, finding.verdict.value)
    more = [] if widths.coverage else covered
    more += [f"carried by{_whose(ids)}: {carried_words(found)}" for found, ids in row.carriers]
    for near, ids in row.near:
        more.append(f"of this kind{_whose(ids)}, tied to nobody counted: {near.label}")
    more += [] if widths.places else [row.places]
    more += [f"authors: {row.authors}"] if row.authors else []
    for coverage, ids in row.coverage:
        if figures := figures_in_words(coverage):
            more.append(f"Asked{_whose(ids)}, as reported: {figures}")
    for text in filter(None, more):
        sheet.write(text, indent=_CODE + 2)


def _whose(ids: Sequence[str]) -> str:
    return f" ({', '.join(ids)})" if ids else ""


def _verdict_cell(sheet: TextLayout, finding: Finding | None, width: int, *, decided: bool) -> Cell:
    if finding is None:
        return Cell(("",), width)
    words = f"{sheet.sign(finding.verdict)} {finding.verdict.value}"
    words += f" {DECIDES}" if decided else ""
    return Cell((words,), width, _COLOURS[finding.verdict])


def _write_verdict(sheet: TextLayout, reading: str, verdict: Verdict, words: str) -> None:
    text = f"{sheet.sign(verdict)} {words}"
    sheet.write(text, lead=f"    {reading}:", indent=8, style=_COLOURS[verdict])


def _write_sides(sheet: TextLayout, findings: Sequence[Finding], readings: str) -> None:
    """Show both sides of every criterion that the record speaks against."""
    sheet.heading(f"What speaks for and against under {readings}")
    for finding in findings:
        criterion = finding.criterion
        title = f"{criterion.label}: {finding.verdict.value}. {sentence(finding.message)}"
        sheet.write(title, lead=criterion.code, indent=_CODE)
        for direction, lead in _LEADS.items():
            for item in finding.evidence:
                if item.direction == direction:
                    where = "; ".join(part for part in (place(item), item.method) if part)
                    lead_in = f"{'':{_CODE}}{lead}"
                    sheet.write(f"{evidence_words(item)} ({where})", lead=lead_in, indent=_CODE + 2)
        for gap in finding.missing:
            _write_gap(sheet, gap, lead=f"{'':{_CODE}}Shortfall:", indent=_CODE + 2)


def _write_asks(sheet: TextLayout, asks: Sequence[Ask]) -> None:
    """Say what is missing, what would settle it, and who could have it."""
    if asks:
        sheet.heading(ASKING)
    for number, ask in enumerate(asks, start=1):
        lead = f"{number:>2}  {ask.criterion.code}"
        _write_gap(sheet, ask.gap, lead=lead, indent=_CODE + 4, more=_whose(ask.readings))


def _write_disagreements(sheet: TextLayout, case: CaseAssessments) -> None:
    if case.disagreements:
        sheet.heading("Where the sources disagree")
    for one in case.disagreements:
        places = f"({list_places(one.evidence)})" if one.evidence else ""
        text = " ".join(filter(None, (sentence(one.label), one.comment, places)))
        sheet.write(text, lead=f"  {', '.join(one.criteria)}", indent=_CODE + 4)


def _write_periods(sheet: TextLayout, case: CaseAssessments) -> None:
    """Say from when to when criteria were met; nothing where nothing is dated."""
    found = periods(case)
    if found:
        sheet.heading("Timeline")
        sheet.write(periods_note(case), indent=2)
    for one in found:
        by = sentence(decided_by(one))
        sheet.write(f"{one.met}. {by}".strip(), lead=f"  {one.when}:", indent=6)


def _write_gap(sheet: TextLayout, gap: Gap, *, lead: str, indent: int, more: str = "") -> None:
    sheet.write(sentence(gap.statement) + more, lead=lead, indent=indent)
    for words in gap_words(gap):
        sheet.write(words, indent=indent + 2)


def _write_summary(sheet: TextLayout, cases: Sequence[CaseAssessments]) -> None:
    """Add one line a case: the overall verdict under each reading, and what decided it."""
    every = [one for case in cases for one in case]
    ids = list(dict.fromkeys(one.reading.id for one in every))
    words = len(sheet.sign(Verdict.MET)) + 1 + max(columns(one.words) for one in every)
    words = max(words, *map(columns, ids))
    codes = max(columns(" ".join(deciding(one))) for one in every)
    verdict = words + 1 + codes
    if sheet.width - len(ids) * (verdict + GAP) < 24:
        verdict = words
    if only_signs := sheet.width - len(ids) * (words + GAP) < 12:
        verdict = max(map(columns, ids))
    label = max(sheet.width - len(ids) * (verdict + GAP), 8)
    sheet.write(f"Summary of {len(cases)} cases", style=BOLD)
    sheet.row([Cell(("",), label), *(Cell((i,), verdict) for i in ids)])
    for case in cases:
        cells = [Cell((case_title(case[0]),), label)]
        found = {one.reading.id: one for one in case}
        for one in map(found.get, ids):
            if one is None:
                cells.append(Cell(("",), verdict))
                continue
            said = [sheet.sign(one.verdict), *([] if only_signs else [one.words])]
            said += deciding(one) if verdict > words else []
            cells.append(Cell((" ".join(said),), verdict, _COLOURS[one.verdict]))
        sheet.row(cells)
    sheet.blank()


def _write_readings(sheet: TextLayout, assessments: Sequence[Assessment]) -> None:
    if chosen := list_chosen(assessments):
        sheet.write("What each reading chooses", style=BOLD)
        for one, choices in chosen:
            sheet.write(one.reading.id + in_section(one.reading), indent=2)
            for choice in choices:
                sheet.write(choice, lead="    -", indent=6)
        sheet.blank()


def _write_legend(sheet: TextLayout, first: Assessment) -> None:
    sheet.write("Signs", style=BOLD)
    words = [f"{sheet.sign(verdict)} {verdict.value}: {meaning}" for verdict, meaning in LEGEND]
    words.append(f"{DECIDES} {DECIDES_MEANS}")
    words.append(f"A group is {first.definition.one_affirmed} only if every criterion is met.")
    for text in words:
        sheet.write(text, indent=2)
