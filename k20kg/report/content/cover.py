"""Cover of a report on a case: the verdicts in one sentence, by whom, of what, made with what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from k20kg.model import Assessment, Finding, Verdict
from k20kg.report.wording import case_title, in_section, sentence, time_words

TO_FILL_IN: Final = "[to be filled in]"
_HEX: Final = 12  # digits of a hash that are enough to tell files apart


def verdict_sentence(case: Sequence[Assessment]) -> str:
    """Return the verdicts under all readings as one sentence to paste."""
    parts = []
    for one in case:
        name, group = case_title(one), one.definition.one_affirmed
        said = {
            Verdict.MET: f"{name} is {group}",
            Verdict.NOT_MET: f"{name} is {one.definition.denied}",
            Verdict.NOT_ESTABLISHED: f"it is not established that {name} is {group}",
            Verdict.CONTESTED: f"it is contested whether {name} is {group}",
        }[one.verdict]
        aside = f", {one.announced}," if one.announced else ""
        parts.append(f"under the reading {one.reading.id}{aside} {said}")
    return sentence("; ".join(parts))


def tally_sentences(case: Sequence[Assessment]) -> Iterator[str]:
    """Yield how the criteria came out: met under every reading, open, and spoken against."""
    count = len(case[0].findings)
    met = [set(_codes(one.findings, Verdict.MET)) for one in case]
    of_all = [f.criterion.code for f in case[0].findings if all(f.criterion.code in m for m in met)]
    under = "" if len(case) == 1 else f" under {'both' if len(case) == 2 else 'all'} readings"
    listed = f": {', '.join(of_all)}" if of_all else ""
    yield f"Of {count} criteria {len(of_all) or 'none'} {_are(len(of_all))} met{under}{listed}."
    for verdict, words in (
        (Verdict.NOT_ESTABLISHED, "open, because the record is silent"),
        (Verdict.CONTESTED, "contested: the record speaks for and against"),
        (Verdict.NOT_MET, "not met: the record speaks against"),
    ):
        told = [
            f"{', '.join(codes)} (the reading {one.reading.id})"
            for one in case
            if (codes := _codes(one.findings, verdict))
        ]
        if told:
            yield f"{words[:1].upper()}{words[1:]}: {'; '.join(told)}."
    if not any(f.verdict in (Verdict.NOT_MET, Verdict.CONTESTED) for a in case for f in a.findings):
        yield "Nothing in the record speaks against the group."
    yield from dict.fromkeys(filter(None, map(time_words, case)))


def _codes(findings: Sequence[Finding], verdict: Verdict) -> list[str]:
    return [f.criterion.code for f in findings if f.verdict is verdict]


def _are(count: int) -> str:
    return "is" if count < 2 else "are"


def cover_rows(case: Sequence[Assessment], version: str) -> list[tuple[str, str]]:
    """Return what a report says of itself; what nobody told is left to be filled in."""
    first = case[0]
    record, definition = first.record, first.definition
    readings = [
        f"{one.reading.id}{in_section(one.reading)}: {one.reading.definition}" for one in case
    ]
    made = [f"k20kg {version}", f"engine {first.engine}" if first.engine else ""]
    made += [f"record as of {first.as_of}" if first.as_of else ""]
    made += [f"{name} {digest[:_HEX]}" for name, digest in record.data]
    return [
        row
        for row in (
            (
                "Case",
                sentence(case_title(first)) + (f" {record.comment}" if record.comment else ""),
            ),
            ("Evaluated by", ", ".join(record.by) or TO_FILL_IN),
            ("Evaluated on", record.created[:10] or TO_FILL_IN),
            ("Period looked at", record.period or TO_FILL_IN),
            ("Definition", sentence(definition.label) + " " + sentence(definition.wording)),
            ("Readings", " ".join(map(sentence, readings))),
            ("Sources", "; ".join(f"{n}: {t}" if n != t else n for n, t in record.sources)),
            ("Made with", "; ".join(filter(None, made))),
        )
        if row[1].strip()
    ]


def method_notes(case: Sequence[Assessment]) -> Iterator[str]:
    """Yield how the verdicts were reached and how far they go."""
    yield (
        "Every fact was read from a place in a source and coded; the verdicts follow from the "
        "record by machine, so the same record gives the same verdicts."
    )
    yield "Silence counts neither way: what is open may turn out for or against the group."
    yield (
        f"A group is {case[0].definition.one_affirmed} only if every criterion is met; none "
        "outweighs another. Met says that the least that is asked was shown, and nothing about "
        "how good the work was or what it achieved."
    )
    for one in case:
        if one.authors and one.reading.words_of_own_case:
            yield (
                f"The reading {one.reading.id} repeats how the authors judged this very case. That "
                "it comes out as they say checks the coding; it does not test the group."
            )
    if any(a.is_decisive for one in case for a in one.assumptions):
        yield (
            "Assumptions are what no source says outright. Each that the curators of the record "
            "made was withdrawn alone, and the case judged again; ◆ marks those that decide."
        )
