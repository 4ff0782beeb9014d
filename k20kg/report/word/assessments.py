"""Assessments as a Word document for people who decide: the verdicts first, then why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from k20kg.model import Assessment, Evidence, Finding, Gap
from k20kg.rdf.text import escape_strings
from k20kg.report import wording
from k20kg.report.content.cover import cover_rows, method_notes, tally_sentences, verdict_sentence
from k20kg.report.content.grounds import columns, concerned, summed_up
from k20kg.report.content.items import collapsed, ranges
from k20kg.report.content.periods import periods, periods_note
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
    cases = group_by_case([escape_strings(one, seen) for one in assessments])
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
    return f"Is {wording.case_title(case[0])} {case[0].definition.one_affirmed}?"


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
        self._bears: dict[str, dict[str, None]] = {}
        """The codes of the criteria that each item of evidence bears on."""
        for row in self._rows:
            for item, _ in row.evidence:
                self._bears.setdefault(item.iri, {})[row.criterion.code] = None
        self._requests = {(a.criterion.code, a.gap): n for n, a in enumerate(case.asks, start=1)}
        self._named: list[tuple[str, str]] = []
        """Lists that are summed up, which the appendix tells in full."""

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
            word.paragraph((Strong(f"{title} "), " ".join(map(wording.sentence, choices))))
        self._write_appendix()

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
        name = f"{criterion.code} {criterion.label}"
        word.heading(name, self._level + 1)
        verdicts: list[str] = []
        for one, finding, decided in zip(row.case, row.findings, row.decided, strict=True):
            if finding:
                verdicts.append(
                    Strong(_capital(f"{one.reading.id}: {_sign(finding, decided=decided)}"))
                )
                counted = wording.coverage_words(finding.coverage) if finding.coverage else ""
                verdicts.append(f", {counted}.  " if counted else ".  ")
        verdicts += [Strong("The authors"), f": {row.authors}."] if row.authors else []
        word.paragraph(tuple(verdicts), keep=True)
        place = "; ".join(filter(None, (row.case[0].definition.label, criterion.source)))
        asked = wording.sentence(criterion.indicator or criterion.definition)
        word.paragraph((Strong("Asked. "), asked, Note(f"In our words, after {place}.")))
        found: dict[tuple[str, ...], list[str]] = {}
        for message, ids in row.found:
            found.setdefault(ids, []).append(wording.sentence(message))
        for coverage, ids in row.coverage:
            if said := wording.figures_in_words(coverage):
                found.setdefault(ids, []).append(f"Asked, as reported: {said}.")
        for near, ids in row.near:
            said = f"Of this kind, tied to nobody counted{_whose(ids)}: {near.label}."
            found.setdefault(ids, []).append(said)
        for ids, sentences in found.items():
            word.paragraph((Strong(f"Found{_whose(ids)}. "), " ".join(sentences)))
        bullets: list[tuple[str, ...]] = []
        for carriers, ids in row.carriers:
            for ground, whole in summed_up(carriers):
                said = _capital(f"{ground.words}{_whose(ids)}.")
                bullets.append((said, *self._note(ground.evidence)))
                self._named += [(name, _capital(f"{whole}{_whose(ids)}."))] if whole else []
        word.bullets(bullets)
        if shown := row.shown:
            count = len(row.evidence)
            part = "the evidence" if len(shown) == count else f"{len(shown)} of {count} items"
            self._write_items(shown, f"{name}: {part}")
        word.bullets(self._missing(row))

    def _write_items(self, items: Iterable[Evidence], caption: str) -> None:
        heads = ("No.", "What the source says, as recorded", "Place", "How found", "Speaks")
        rows = [
            (one.numbers, one.statement, one.place, one.items[0].method,
             _SPEAKS.get(one.items[0].direction, one.items[0].direction))
            for one in collapsed(items, self._numbers, lambda e: e.direction)
        ]  # fmt: skip
        widths = (0.55, 3.3, 1.6, 1.1, 0.7)
        self._word.table(heads, rows, widths, caption=caption, together=True)

    def _missing(self, row: CriterionRow) -> Iterator[tuple[str, ...]]:
        """Yield what is missing and whom to ask, once for what the same people could have."""
        alike: dict[tuple[tuple[str, ...], str], list[Gap]] = {}
        for gap, ids in row.gaps:
            alike.setdefault((ids, wording.sentence(gap.supplied_by)), []).append(gap)
        for (ids, supplied), gaps in alike.items():
            asks = [self._requests.get((row.criterion.code, gap)) for gap in gaps]
            stated = " ".join(columns(gap, few=True)[0] for gap in gaps)
            parts: list[str] = [Strong(f"Missing{_whose(ids)}. "), stated]
            if not all(asks):
                settled = dict.fromkeys(wording.sentence(gap.settled_by) for gap in gaps)
                parts += [Strong(" Settled by: "), " ".join(settled)] if any(settled) else []
            parts += [Strong(" Ask: "), supplied] if supplied else []
            numbers = [str(n) for n in asks if n]
            requests = "Request" if len(numbers) == 1 else "Requests"
            parts += [f" {requests} {', '.join(numbers)}."] if numbers else []
            yield tuple(parts)

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
            stated, settled, supplied = columns(ask.gap, few=True)
            few, whole = concerned(ask.gap, few=True), concerned(ask.gap)
            self._named += [(f"Request {number}", whole)] if few != whole else []
            wanted = f"{settled} {few}".strip() if settled else stated
            of = f"{ask.criterion.code} {ask.criterion.label}{_whose(ask.readings)}"
            rows.append((str(number), supplied, _TICK + wanted, of))
        heads = ("No.", "Ask", "For", "Settles")
        self._word.table(heads, rows, (0.4, 1.9, 3.6, 1.5), caption="Requests")

    def _write_assumptions(self) -> None:
        """Write what the curators read into the record, then what readings choose by themselves."""
        tried: list[tuple[str, str, str]] = []
        chosen: dict[str, list[str]] = {}
        for one, ids, decides in self._case.assumptions:
            said = wording.sentence(one.statement)
            only = f" ({', '.join(ids)} only)" if ids else ""
            if decides or one.evidence:
                whose = "; ".join(map(self._cited, one.evidence)) or one.by
                mark = f"{wording.DECIDES} {decides}" if decides else "–"
                tried.append((mark, said + only, whose))
            else:
                chosen.setdefault(one.by, []).append(said)
        if tried or chosen:
            self._word.heading("Assumptions on which the verdicts rest", self._level)
        if tried:
            self._word.paragraph(
                f"{wording.DECIDES} marks an assumption without which a verdict would be another, "
                "and says which. A dash: it decides nothing by itself.",
                keep=True,
            )
            heads = ("Decides", "Assumption", "Whose, and read from")
            self._word.table(heads, tried, (1.1, 3.9, 1.9), caption="Assumptions")
        for by, taken in chosen.items():
            self._word.paragraph((Strong(f"Taken for granted by {by}. "), " ".join(taken)))

    def _write_disagreements(self) -> None:
        rows = [
            (", ".join(one.criteria), (Strong(wording.sentence(one.label)), f" {one.comment}"),
             wording.list_places(one.evidence))
            for one in self._case.disagreements
        ]  # fmt: skip
        if rows:
            self._word.heading("Where the sources disagree", self._level)
            heads = ("Bears on", "Matter, and what stands against what", "Where")
            self._word.table(heads, rows, (0.7, 4.5, 2.2), caption="Disagreements on record")

    def _write_periods(self) -> None:
        if rows := periods(self._case):
            self._word.heading("When each criterion was met", self._level)
            self._word.paragraph(periods_note(self._case), keep=True)
            heads = ("When", "Met", "Begins with", "Ends with")
            caption = "When each criterion was met, by what the record dates"
            self._word.table(heads, rows, (1.6, 1.9, 2.4, 1.4), caption=caption)

    def _cited(self, item: Evidence) -> str:
        """Return an item by number, the criteria it bears on, and place."""
        number = self._numbers.get(item.iri, "")
        bears = f" ({', '.join(self._bears[item.iri])})" if number else ""
        return f"{number}{bears} {wording.place(item)}".strip()

    def _write_appendix(self) -> None:
        """Write what is summed up above in full, and all evidence but what assumptions tell."""
        every = {item.iri: item for row in self._rows for item, _ in row.evidence}
        if not every:
            return
        word = self._word
        word.heading("Appendix: evidence", self._level)
        if named := dict.fromkeys(self._named):
            word.table(("Of", "In full"), named, (1.1, 6), caption="Summed up above")
        above = {e.iri for a, *_ in self._case.assumptions for e in a.evidence} & every.keys()
        if above:
            which = ranges((int(self._numbers[iri][1:]) for iri in above), "E")
            word.paragraph(f"{which} stand in full among the assumptions.", keep=True)
        rows = [
            (one.numbers, f"{one.place} · {one.items[0].method}", one.statement,
             ", ".join(self._bears[one.items[0].iri]))
            for one in collapsed(
                (item for iri, item in every.items() if iri not in above),
                self._numbers,
                lambda e: ", ".join(self._bears[e.iri]),
            )
        ]  # fmt: skip
        heads = ("No.", "Place, and how found", "What it says, as recorded", "Criteria")
        word.table(heads, rows, (0.6, 2.1, 4.1, 0.6), caption="All evidence")


def _whose(ids: Sequence[str]) -> str:
    return f" ({', '.join(ids)})" if ids else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
