"""Assessments as a Word document for people who decide: the verdicts first, then why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from k20kg.model import Assessment, Evidence, Finding
from k20kg.rdf.text import cleanse
from k20kg.report import wording
from k20kg.report.content.course import periods, periods_note
from k20kg.report.content.cover import cover_rows, method_notes, tally_sentences, verdict_sentence
from k20kg.report.content.grounds import columns, grounds_of
from k20kg.report.presentation import CaseAssessments, CriterionRow, group_by_case
from k20kg.report.terminal import SIGNS
from k20kg.report.word.document import Note, Strong, Text, WordDocument

_SPEAKS: Final = {"supports": "+ for", "disputes": "– against", "leaves open": "? leaves open"}
_MOST_PLACES: Final = 8
"""So many exact places stand in a footnote; of more, sections and charts."""
_TICK: Final = "☐ "


def write(assessments: Sequence[Assessment], *, version: str, paper: str = "letter") -> bytes:
    """Return the report as a Word file; several cases are parts of one document."""
    seen: dict[int, object] = {}
    cases = group_by_case([cleanse(one, seen) for one in assessments])
    alone = len(cases) == 1
    title = _title(cases[0]) if alone else f"Verdicts on {len(cases)} cases"
    definition = cases[0][0].definition.label if cases else ""
    word = WordDocument(
        title, subject=definition, paper=paper, running=title, foot=f"k20kg {version}"
    )
    word.title(title, f"By the definition {definition}, criterion by criterion")
    if not alone:
        _write_matrix(word, cases)
    for case in cases:
        if not alone:
            word.heading(_title(case), new_page=True)
        _CaseWriter(word, case, 1 if alone else 2).write(version)
    return word.save()


def _title(case: Sequence[Assessment]) -> str:
    return f"Is {wording.case_title(case[0])} a {case[0].definition.affirmed}?"


def _sign(finding: Finding | None, *, decided: bool = False) -> str:
    if finding is None:
        return ""
    mark = f" {wording.DECIDES}" if decided else ""
    return f"{SIGNS[finding.verdict]} {finding.verdict.value}{mark}"


def _write_matrix(word: WordDocument, cases: Sequence[CaseAssessments]) -> None:
    rows = [
        (wording.case_title(one), one.reading.id, f"{SIGNS[one.verdict]} {one.words}",
         ", ".join(wording.deciding(one)))
        for case in cases
        for one in case
    ]  # fmt: skip
    heads = ("Case", "Reading", "Verdict", "Decided by")
    word.table(heads, rows, (3, 1, 2, 1.5), caption="The verdict on every case")


class _CaseWriter:
    """One case on its way into a document; its sections are headings of one level."""

    def __init__(self, word: WordDocument, case: CaseAssessments, level: int) -> None:
        self._word = word
        self._case = case
        self._level = level
        self._rows = case.rows
        self._numbers = case.numbers
        self._titles = dict(case[0].record.sources)

    def write(self, version: str) -> None:
        word, case = self._word, self._case
        about = [(name, said) for name, said in cover_rows(case, version)]
        word.table(("About this report", "Entry"), about, (1, 4.6), caption="About this report")
        word.heading("Summary", self._level)
        word.paragraph(Strong(verdict_sentence(case)))
        if case[0].synthetic:
            word.paragraph(wording.MADE_UP)
        word.paragraph(" ".join(tally_sentences(case)))
        self._write_verdicts()
        word.heading("Findings by criterion", self._level)
        for row in self._rows:
            self._write_criterion(row)
        self._write_asks()
        self._write_assumptions()
        self._write_disagreements()
        self._write_periods()
        word.heading("Method and limits", self._level)
        word.bullets(method_notes(case))
        for one, choices in wording.list_chosen(case):
            title = f"The reading {one.reading.id} chooses{wording.in_section(one.reading)}:"
            word.paragraph(Strong(title), keep=True)
            word.bullets(choices)
        self._write_evidence()

    def _write_verdicts(self) -> None:
        case = self._case
        with_authors = bool(case.authors) or any(row.authors for row in self._rows)
        heads = ["Criterion", *(f"{one.reading.id}" for one in case)]
        heads += ["The authors"] if with_authors else []
        rows: list[list[Text]] = []
        for row in self._rows:
            cells: list[Text] = [f"{row.criterion.code} {row.criterion.label}"]
            for finding, decided in zip(row.findings, row.decided, strict=True):
                said = _sign(finding, decided=decided)
                if finding and finding.coverage:
                    said += f" ({wording.share_words(finding.coverage)})"
                cells.append(said)
            rows.append(cells + ([_capital(row.authors)] if with_authors else []))
        whole: list[Text] = [f"All {len(rows)}"]
        for one in case:
            said = ", ".join(filter(None, (one.words, one.announced)))
            whole.append(Strong(f"{SIGNS[one.verdict]} {said}"))
        rows.append(whole + ([Strong(_capital(case.authors))] if with_authors else []))
        widths = [1.5, *[2.0] * (len(heads) - 1)]
        word = self._word
        word.table(heads, rows, widths, caption="Verdicts by criterion and reading")
        legend = [f"{SIGNS[v]} {v.value}: {said}." for v, said in wording.LEGEND]
        if any(a.is_decisive for one in case for a in one.assumptions):
            legend.append(f"{wording.DECIDES} {wording.DECIDES_MEANS}.")
        word.paragraph("  ".join(legend), "Table Text")

    def _write_criterion(self, row: CriterionRow) -> None:
        word, criterion = self._word, row.criterion
        word.heading(f"{criterion.code} {criterion.label}", self._level + 1)
        verdicts = [
            f"{one.reading.id}: {_sign(finding, decided=decided)}"
            for one, finding, decided in zip(row.case, row.findings, row.decided, strict=True)
            if finding
        ]
        verdicts += [f"the authors: {row.authors}"] if row.authors else []
        word.paragraph(Strong(".  ".join(map(_capital, verdicts)) + "."), keep=True)
        place = "; ".join(filter(None, (row.case[0].definition.label, criterion.source)))
        asked = wording.sentence(criterion.indicator or criterion.definition)
        word.paragraph((Strong("Asked. "), asked, Note(f"In our words, after {place}.")))
        for message, ids in row.found:
            word.paragraph((Strong(f"Found{_whose(ids)}. "), wording.sentence(message)))
        for coverage, ids in row.coverage:
            figures = wording.figures_in_words(coverage)
            reported = f" Asked, as reported: {figures}." if figures else ""
            said = wording.sentence(wording.coverage_words(coverage))
            word.paragraph((Strong(f"Counted{_whose(ids)}. "), said + reported))
        named = [(g, ids) for carriers, ids in row.carriers for g in grounds_of(carriers)]
        word.bullets(
            (_capital(f"{ground.words}{_whose(ids)}."), *self._note(ground.evidence))
            for ground, ids in named
        )
        for near, ids in row.near:
            word.paragraph(f"Of this kind, tied to nobody counted{_whose(ids)}: {near.label}.")
        if shown := row.shown:
            count = len(row.evidence)
            part = "the evidence" if len(shown) == count else f"{len(shown)} of {count} items"
            self._write_items(shown, f"{criterion.code} {criterion.label}: {part}")
        word.bullets(
            (Strong(f"Missing{_whose(ids)}. "), *_request(columns(gap))) for gap, ids in row.gaps
        )

    def _write_items(self, items: Iterable[Evidence], caption: str) -> None:
        heads = (
            "No.",
            "What the source says, as recorded",
            "Place",
            "How found",
            "Speaks",
        )
        rows = [
            (self._numbers[e.iri], wording.told(e), wording.place(e), e.method,
             _SPEAKS.get(e.direction, e.direction))
            for e in items
        ]  # fmt: skip
        self._word.table(heads, rows, (0.5, 3.4, 1.6, 0.9, 0.8), caption=caption)

    def _note(self, items: Sequence[Evidence]) -> list[Note]:
        """Return the footnote with sources and places; none where there is no evidence."""
        if len(items) > _MOST_PLACES:
            return [Note(f"{wording.list_places(items)}. Line by line in the appendix.")]
        by_source: dict[str, list[str]] = {}
        for item in items:
            by_source.setdefault(item.source, []).append(item.locator)
        parts = [
            f"{self._titles.get(source, source)}: {'; '.join(dict.fromkeys(places))}"
            for source, places in by_source.items()
        ]
        return [Note(". ".join(parts) + ".")] if parts else []

    def _write_asks(self) -> None:
        asks = self._case.asks
        if not asks:
            return
        self._word.heading("Whom to ask for what", self._level)
        self._word.paragraph(
            "First what settles a criterion by the fewest records. An answer may also speak "
            "against the group."
        )
        rows = []
        for number, ask in enumerate(asks, start=1):
            stated, settled, supplied = columns(ask.gap)
            of = f"{ask.criterion.code} {ask.criterion.label}{_whose(ask.readings)}"
            rows.append((str(number), supplied, _TICK + (settled or stated), of, stated))
        heads = ("No.", "Ask", "For", "Settles", "Now missing")
        self._word.table(heads, rows, (0.4, 1.5, 2.2, 1.2, 2.2), caption="Requests")

    def _write_assumptions(self) -> None:
        rows = [
            (
                f"{wording.DECIDES} {decides}" if decides else "–",
                wording.sentence(one.statement) + (f" ({', '.join(ids)} only)" if ids else ""),
                one.by,
                wording.list_places(one.evidence),
            )
            for one, ids, decides in self._case.assumptions
        ]
        if not rows:
            return
        self._word.heading("Assumptions on which the verdicts rest", self._level)
        self._word.paragraph(
            f"{wording.DECIDES} marks an assumption without which a verdict would be another, and "
            "says which. A dash: it decides nothing by itself, or is a choice of a reading."
        )
        heads = ("Decides", "Assumption", "Whose", "Read from")
        self._word.table(heads, rows, (1.2, 3.6, 1, 1.5), caption="Assumptions")

    def _write_disagreements(self) -> None:
        rows = [
            (_capital(one.label), one.comment, wording.list_places(one.evidence),
             ", ".join(one.criteria))
            for one in self._case.disagreements
        ]  # fmt: skip
        if rows:
            self._word.heading("Where the sources disagree", self._level)
            heads = ("Matter", "What stands against what", "Where", "Bears on")
            self._word.table(heads, rows, (2, 2.6, 1.6, 0.7), caption="Disagreements on record")

    def _write_periods(self) -> None:
        if rows := periods(self._case):
            self._word.heading("When each criterion was met", self._level)
            self._word.paragraph(periods_note(self._case), keep=True)
            heads = ("When", "Met", "Begins with", "Ends with")
            caption = "When each criterion was met, by what the record dates"
            self._word.table(heads, rows, (1.2, 1.6, 2.4, 1.6), caption=caption)

    def _write_evidence(self) -> None:
        bears: dict[str, dict[str, None]] = {}
        items: dict[str, Evidence] = {}
        for row in self._rows:
            for item, _ in row.evidence:
                items.setdefault(item.iri, item)
                bears.setdefault(item.iri, {})[row.criterion.code] = None
        if not items:
            return
        self._word.heading("Appendix: evidence", self._level)
        rows = [
            (self._numbers[iri], wording.place(e), wording.told(e), e.method, ", ".join(bears[iri]))
            for iri, e in items.items()
        ]
        heads = ("No.", "Place", "What it says, as recorded", "How found", "Criteria")
        self._word.table(heads, rows, (0.5, 1.6, 3.4, 0.9, 0.8), caption="All evidence")


def _whose(ids: Sequence[str]) -> str:
    return f" ({', '.join(ids)})" if ids else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _request(said: Sequence[str]) -> list[str]:
    stated, settled, supplied = said
    parts: list[str] = [stated]
    parts += [Strong(" Settled by: "), settled] if settled else []
    return [*parts, Strong(" Ask: "), supplied] if supplied else parts
