"""What every report says, before any format: cases, coverage in words, places, assumptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from k20kg.model import Assessment, Coverage, Definition, Evidence, Gap, Reading, Verdict
from k20kg.vocabulary import shorten

LEGEND: tuple[tuple[Verdict, str], ...] = (
    (Verdict.MET, "shown by the record, and nothing in it speaks against"),
    (Verdict.NOT_MET, "the record speaks against it"),
    (Verdict.NOT_ESTABLISHED, "the record is silent, which counts neither way"),
    (Verdict.CONTESTED, "the record speaks for and against it; both sides are shown"),
)
MADE_UP = "Made-up case: invented to try the criteria; it describes no real group."

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_FINE = re.compile(r"(rows?|lines?|columns?|cols?|cells?|notes?)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"[0-9]|Chart\b|pp?\.")


def case_title(one: Assessment) -> str:
    """Return the label of a case, which says so if the case is made up."""
    marked = not one.synthetic or "made up" in one.label.lower()
    return one.label if marked else f"{one.label} (made up)"


def number(value: Decimal) -> str:
    """Return a decimal as people write it.

    >>> number(Decimal("38.0")), number(Decimal("0.5"))
    ('38', '0.5')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def coverage_words(coverage: Coverage) -> str:
    """Return the coverage in words: ``0 of 38 participants; 13 to 15 of 38 asked``.

    Of what has a least number, all that is there is told: ``3 universities``.
    """
    unit = coverage.unit
    required = None if coverage.required is None else number(coverage.required)
    words: list[str] = []
    if coverage.stated is not None:
        stated = number(coverage.stated)
        enough = coverage.required is None or coverage.stated >= coverage.required
        if coverage.unplaced:
            words += _with_unplaced(coverage, coverage.stated, coverage.unplaced)
        elif coverage.required is None or (coverage.is_least and enough):
            one = coverage.stated == 1 and coverage.unit_of_one
            words.append(f"{stated} {one or unit}")
        elif coverage.stated <= coverage.required:
            words.append(f"{stated} of {required} {unit}")
        else:
            words += [f"{stated} {unit}", f"{required} needed"]
    if coverage.asked:
        of = f" of {required}" if required else ""
        span = _span([figure.value for figure in coverage.asked]) + of
        asked = "" if unit.endswith("asked") else " asked"
        words.append(f"{span} asked" if words else f"{span} {unit}{asked}")
    return "; ".join(words) if words else f"{required} {unit} needed" if required else ""


def _with_unplaced(coverage: Coverage, stated: Decimal, unplaced: Decimal) -> list[str]:
    of = "" if coverage.required is None else f" of {number(coverage.required)}"
    whose = f"{number(unplaced)} of them not" if stated else "not"
    return [
        f"at least {number(stated + unplaced)}{of} {coverage.unit}",
        f"{whose} tied to the roll",
    ]


def is_number(value: str) -> bool:
    """Tell whether a printed figure is a plain number."""
    return _NUMBER.fullmatch(value) is not None


def _span(values: Sequence[str]) -> str:
    if not all(map(is_number, values)):
        return " or ".join(dict.fromkeys(values))
    ordered = sorted({Decimal(value) for value in values})
    low, high = number(ordered[0]), number(ordered[-1])
    return low if low == high else f"{low} to {high}"


def figures_in_words(coverage: Coverage) -> str:
    """Return every figure with its source where figures differ: ``13 (paper); 14 (slides)``."""
    if len({figure.value for figure in coverage.asked}) < 2:
        return ""
    return "; ".join(f"{figure.value} ({figure.source})" for figure in coverage.asked)


def told(item: Evidence) -> str:
    """Return what an evidence item says, or the record that it stands behind."""
    return sentence(item.statement or item.record_label)


def list_places(evidence: Iterable[Evidence]) -> str:
    """Return sections and charts by source: ``paper 6.1, Chart 3; 6.2 · slides, line 103``."""
    by_source: dict[str, dict[str, None]] = {}
    for item in evidence:
        places = by_source.setdefault(item.source, {})
        for place in item.locator.split(";"):
            parts = [part.strip() for part in place.split(",") if part.strip()]
            fine = next((n for n, part in enumerate(parts) if _FINE.match(part)), len(parts))
            coarse = [p for p in parts[:fine] + parts[fine:] if not _FINE.match(p)]
            coarse = [p for p in coarse if p in parts[:fine] or not p[0].isdigit()]
            if coarse or parts:
                places[", ".join(coarse or parts)] = None
    return " · ".join(_join_places(source, list(places)) for source, places in by_source.items())


def _join_places(source: str, places: list[str]) -> str:
    """Return one source's places; what `6.1, Chart 3` covers is not said again as `6.1`."""
    kept = sorted(
        (p for p in places if not any(other.startswith(f"{p}, ") for other in places)),
        key=_natural,
    )
    if not kept:
        return source
    shown, more = (kept, 0) if len(kept) <= 6 else (kept[:5], len(kept) - 5)
    return _at(source, "; ".join(shown)) + (f" and {more} more places" if more else "")


def place(item: Evidence) -> str:
    """Return source and locator: ``paper 6.1, Chart 3, row 5``; ``slides, line 103``."""
    return _at(item.source, item.locator)


def _at(source: str, locator: str) -> str:
    return f"{source}{' ' if _NUMBERED.match(locator) else ', '}{locator}".strip(" ,")


def _natural(place: str) -> list[tuple[int, str]]:
    pieces = re.findall(r"[0-9]+|[^0-9]+", place)
    return [(int(p), "") if p.isascii() and p.isdigit() else (-1, p) for p in pieces]


def concerned(gap: Gap) -> str:
    """Return whom a gap is about, in a sentence; nothing if it names nobody."""
    return f"About: {'; '.join(map(shorten, gap.about))}." if gap.about else ""


def gap_words(gap: Gap) -> list[str]:
    """Return whom a gap is about, what would settle it and who could have that, as sentences."""
    found = [concerned(gap)]
    found += [f"Would settle it: {sentence(gap.settled_by)}"] if gap.settled_by else []
    found += [f"Who could have it: {sentence(gap.supplied_by)}"] if gap.supplied_by else []
    return [words for words in found if words]


def deciding(one: Assessment) -> list[str]:
    """Return the codes of the criteria that keep the whole from being met."""
    if one.verdict is Verdict.MET:
        return []
    return [f.criterion.code for f in one.findings if f.verdict is one.verdict]


def list_choices(reading: Reading, definition: Definition) -> list[str]:
    """Return what a reading chooses otherwise than another, by criterion; all of it if alone."""
    codes = {criterion.iri: criterion.code for criterion in definition.criteria}
    shared = set.intersection(
        *({(p.name, p.value) for p in one.parameters} for one in definition.readings)
    )
    alone = len(definition.readings) == 1
    return [
        f"{codes.get(p.criterion, '')} {p.name}: {p.value}".strip()
        for p in reading.parameters
        if alone or (p.name, p.value) not in shared
    ]


def list_chosen(assessments: Iterable[Assessment]) -> list[tuple[Assessment, list[str]]]:
    """Return an assessment by each reading that chooses something, and what it chooses."""
    readings = {one.reading.iri: one for one in assessments}
    chosen = [(one, list_choices(one.reading, one.definition)) for one in readings.values()]
    return [(one, choices) for one, choices in chosen if choices]


def reading_title(reading: Reading) -> str:
    """Return a reading with its place in the source: ``literal (section 5.0)``."""
    return reading.id + in_section(reading)


def in_section(reading: Reading) -> str:
    """Return where the source states a reading: `` (sections 6.1, 6.2)``; nothing if unknown."""
    many = "s" if "," in reading.section else ""
    return f" (section{many} {reading.section})" if reading.section else ""


def sentence(text: str) -> str:
    """Return a text that begins and ends as a sentence does."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?…" else f"{text}."


def tally(one: Assessment) -> str:
    """Return how many criteria came out how: ``4 met, 5 not established``."""
    counts = [(sum(f.verdict is v for f in one.findings), v.value) for v, _ in LEGEND]
    return ", ".join(f"{count} {word}" for count, word in counts if count)


_COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def time_words(one: Assessment) -> str:
    """Return when it was as the verdict says, of a record that changes; else nothing."""
    if not (moment := one.moment):
        return ""
    begin, end = moment.begin and moment.begin[:10], moment.end and moment.end[:10]
    span = f"since {begin}" if begin else f"until {end}" if end else "at all times"
    if begin and end:
        span = "on that day alone" if begin == end else f"from {begin} to {end}"
    said = f"As it stood on {moment.instant[:10]}; the overall verdict is so {span}."
    if moment.never_at_once:
        count = len(one.findings)
        number_of = _COUNTS[count] if count < len(_COUNTS) else str(count)
        said += f" Each criterion is met at some time, all {number_of} never at once."
    return said


def about_run(assessments: Sequence[Assessment], version: str) -> str:
    """Return by what the report was made, with no clock and no host."""
    definitions = list(dict.fromkeys(one.definition.label for one in assessments))
    engines = list(dict.fromkeys(one.engine for one in assessments if one.engine))
    dates = list(dict.fromkeys(one.as_of for one in assessments if one.as_of))
    parts = [f"Definition: {', '.join(definitions)}."] if definitions else []
    parts += [f"Records as of {', '.join(dates)}."] if dates else []
    parts += [f"Made by k20kg {version}" + (f" with {', '.join(engines)}." if engines else ".")]
    return " ".join(parts)
