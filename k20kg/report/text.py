"""Assessments as text for a terminal: readable, and defensible, without knowing RDF.

One block a case with the readings side by side; the layout follows the width. No line is wider
than the width, counted in terminal cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from unicodedata import combining, east_asian_width

from k20kg.model import Assessment, Evidence, Finding, Gap, Verdict
from k20kg.report.escape import to_ascii
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
    list_assumptions,
    list_choices,
    list_evidence,
    list_places,
    place,
    reading_title,
    rows,
    sentence,
    told,
)

__all__ = ["SIGNS", "render"]

SIGNS = {
    Verdict.MET: "✔",
    Verdict.NOT_MET: "✘",
    Verdict.NOT_ESTABLISHED: "◌",
    Verdict.CONTESTED: "◐",
}
ASCII_SIGNS = {
    Verdict.MET: "[x]",
    Verdict.NOT_MET: "[-]",
    Verdict.NOT_ESTABLISHED: "[ ]",
    Verdict.CONTESTED: "[?]",
}
_COLOURS = {
    Verdict.MET: "34",
    Verdict.NOT_MET: "31",
    Verdict.NOT_ESTABLISHED: "2",
    Verdict.CONTESTED: "35",
}
_BOLD = "1"
_CODE = 4
_GAP = 2
_LEADS = {"supports": "For:", "disputes": "Against:", "leaves open": "Open:"}
_AGAINST = (Verdict.NOT_MET, Verdict.CONTESTED)
_SILENT = (Verdict.NOT_ESTABLISHED,)


@dataclass(frozen=True, slots=True)
class Cell:
    """Text for a column: each paragraph wraps on its own; `style` is an ANSI code."""

    paragraphs: tuple[str, ...]
    width: int
    style: str = ""


@dataclass(slots=True)
class Sheet:
    """Lines of at most `width` terminal cells, in the making."""

    width: int
    colour: bool
    ascii_only: bool
    lines: list[str] = field(default_factory=list)

    def sign(self, verdict: Verdict) -> str:
        """Return the sign of a verdict."""
        return (ASCII_SIGNS if self.ascii_only else SIGNS)[verdict]

    def blank(self) -> None:
        """Add an empty line."""
        self.lines.append("")

    def write(self, text: str, *, lead: str = "", indent: int = 0, style: str = "") -> None:
        """Add a paragraph; what follows the lead hangs at the indent."""
        lead_width = max(indent - 1, _columns(lead)) + 1 if lead else indent
        room = max(self.width - indent, 1)
        lines = self._fold(text, room, first=self.width - lead_width)
        for at, line in enumerate(lines):
            left = f"{self._plain(lead):<{lead_width}}" if not at else " " * indent
            self.lines.append((left + self._paint(line, style)).rstrip())

    def heading(self, text: str) -> None:
        """Add an empty line and a heading."""
        self.blank()
        self.write(text, style=_BOLD)

    def row(self, cells: Sequence[Cell]) -> None:
        """Add cells side by side, each wrapped in its own width."""
        folded = [
            [line for text in cell.paragraphs for line in self._fold(text, cell.width)]
            for cell in cells
        ]
        for line in zip_longest(*folded, fillvalue=""):
            parts = [
                self._paint(part, cell.style) + " " * (cell.width - _columns(part))
                for part, cell in zip(line, cells, strict=True)
            ]
            self.lines.append((" " * _GAP).join(parts).rstrip())

    def _plain(self, text: str) -> str:
        return to_ascii(text) if self.ascii_only else text

    def _paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if text and style and self.colour else text

    def _fold(self, text: str, width: int, *, first: int | None = None) -> list[str]:
        """Return the text in lines; a word that fits on no line is broken."""
        width = max(width, 2)
        lines, room, line = [], max(width if first is None else first, 2), ""
        for word in self._plain(text).split(" "):
            joined = f"{line} {word}" if line else word
            if _columns(joined) <= room:
                line = joined
                continue
            if line:
                lines.append(line)
                room = width
            while _columns(word) > room:
                head = _fitting(word, room)
                lines.append(word[:head])
                word, room = word[head:], width
            line = word
        if line or not lines:
            lines.append(line)
        return lines


def _columns(text: str) -> int:
    """Return how many terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in ("W", "F") else 1 for c in text)


def _fitting(word: str, room: int) -> int:
    head = 1
    while head < len(word) and _columns(word[: head + 1]) <= room:
        head += 1
    return head


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
        sheet.write(text, lead="  -", indent=4)
    sheet.blank()
    sheet.write(f"Case address: {case[0].case}", indent=0)


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths of a case's table; without `verdict` the readings stand one a line."""

    label: int
    verdict: int
    coverage: int = 0
    places: int = 0


def _fit_columns(sheet: Sheet, case: Sequence[Assessment], table: Sequence[Row]) -> Columns:
    sign = len(sheet.sign(Verdict.MET)) + 1
    words = [sign + _columns(one.words) for one in case]
    least = max(
        sign + max(len(v.value) for v in Verdict), *(_columns(one.reading.id) for one in case)
    )
    longest = max((_columns(row.criterion.label) for row in table), default=14)
    # Overall words may wrap where that keeps the readings side by side.
    for verdict in (max(least, *words), max(least, sign + 16)):
        readings = len(case) * (verdict + _GAP)
        spare = sheet.width - _CODE - longest - readings - 2 * _GAP
        if spare >= 42:
            return Columns(longest, verdict, (spare + 2) // 2, spare - (spare + 2) // 2)
        if spare >= 24:
            return Columns(longest, verdict, spare + _GAP)
    for verdict in (max(least, *words), max(least, sign + 16)):
        label = sheet.width - _CODE - len(case) * (verdict + _GAP)
        if label >= 14:
            return Columns(label, verdict)
    return Columns(sheet.width - _CODE, 0)


def _write_table(sheet: Sheet, case: Sequence[Assessment]) -> None:
    table = rows(case)
    columns = _fit_columns(sheet, case, table)
    first = case[0]
    label = case_title(first)
    if columns.verdict:
        wide = _CODE + columns.label + (columns.coverage + _GAP if columns.coverage else 0)
        heads = [Cell((label,), wide, _BOLD)]
        for one in case:
            overall = f"{sheet.sign(one.verdict)} {one.words}"
            heads.append(Cell((one.reading.id, overall), columns.verdict, _COLOURS[one.verdict]))
        sheet.row(heads)
    else:
        sheet.write(label, style=_BOLD)
        for one in case:
            _write_verdict(sheet, one.reading.id, one.verdict, one.words)
    if first.synthetic:
        sheet.write(MADE_UP)
    sheet.blank()
    for row in table:
        _write_row(sheet, row, case, columns)


def _write_row(sheet: Sheet, row: Row, case: Sequence[Assessment], columns: Columns) -> None:
    coverages = coverage_by_reading(row, case)
    covered = [
        (f"{', '.join(ids)}: " if ids else "") + coverage_words(coverage)
        for ids, coverage in coverages
    ]
    places = list_places(cited.evidence for cited in list_evidence(row, case))
    if not columns.verdict:
        sheet.write(row.criterion.label, lead=row.criterion.code, indent=_CODE)
        for one, finding in zip(case, row.findings, strict=True):
            if finding:
                _write_verdict(sheet, one.reading.id, finding.verdict, finding.verdict.value)
    else:
        verdicts = [_verdict_cell(sheet, finding, columns.verdict) for finding in row.findings]
        # The code stands apart so that a long label hangs beside it.
        code = Cell((row.criterion.code,), _CODE - _GAP)
        name = Cell((row.criterion.label,), columns.label)
        if columns.coverage:
            more = [Cell(tuple(covered), columns.coverage), *verdicts]
            sheet.row(
                [code, name, *more, Cell((places if columns.places else "",), columns.places)]
            )
        else:
            sheet.row([code, name, *verdicts])
    if not columns.coverage:
        for text in covered:
            sheet.write(text, indent=_CODE + 2)
    if places and not columns.places:
        sheet.write(places, indent=_CODE + 2)
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
    words = max(_columns(one.words) for case in cases for one in case)
    words = max(len(sheet.sign(Verdict.MET)) + 1 + words, *map(_columns, ids))
    codes = max(_columns(_deciding(one)) for case in cases for one in case)
    full = sheet.width - len(ids) * (words + 1 + codes + _GAP)
    narrow = sheet.width - len(ids) * (words + _GAP)
    verdict = words + 1 + codes if full >= 24 else words
    if narrow < 12:
        verdict = max(map(_columns, ids))
    label = max(sheet.width - len(ids) * (verdict + _GAP), 8)
    sheet.write(f"Summary of {len(cases)} cases", style=_BOLD)
    sheet.row([Cell(("",), label), *(Cell((_clip(i, verdict),), verdict) for i in ids)])
    for case in cases:
        name = case_title(case[0])
        cells = [Cell((_clip(to_ascii(name) if sheet.ascii_only else name, label),), label)]
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


def _clip(text: str, width: int) -> str:
    if _columns(text) <= width:
        return text
    return text[: max(_fitting(text, width - 2), 1)].rstrip() + ".."


def _write_readings(sheet: Sheet, assessments: Sequence[Assessment]) -> None:
    readings = {one.reading.iri: one for one in assessments}
    chosen = [(one.reading, list_choices(one.reading, one.definition)) for one in readings.values()]
    if any(choices for _, choices in chosen):
        sheet.write("What each reading chooses", style=_BOLD)
    for reading, choices in chosen:
        if choices:
            sheet.write(reading_title(reading), indent=2)
        for choice in choices:
            sheet.write(choice, lead="    -", indent=6)
    if any(choices for _, choices in chosen):
        sheet.blank()


def _write_legend(sheet: Sheet, first: Assessment) -> None:
    sheet.write("Signs", style=_BOLD)
    for verdict, meaning in LEGEND:
        text = f"{sheet.sign(verdict)} {verdict.value}: {meaning}"
        sheet.write(text, indent=2)
    sheet.write(
        f"A group is a {first.definition.affirmed} only if every criterion is met.", indent=2
    )
