"""Words for what a model value says: coverage, places, gaps, carriers, times, readings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from k20kg.model import (
    Assessment,
    Coverage,
    Definition,
    Evidence,
    Finding,
    Opinion,
    Reading,
    Verdict,
)

if TYPE_CHECKING:
    from datetime import datetime

    from k20kg.judging.dates import Interval
    from k20kg.judging.timeline import DatedRecord, Span, Timeline, Track

LEGEND: Final[tuple[tuple[Verdict, str], ...]] = (
    (Verdict.MET, "shown by the record, and nothing in it speaks against"),
    (Verdict.NOT_MET, "the record speaks against it"),
    (Verdict.NOT_ESTABLISHED, "the record is silent, which counts neither way"),
    (Verdict.CONTESTED, "the record speaks for and against it; both sides are shown"),
)
MADE_UP: Final = "Made-up case: invented to try the criteria; it describes no real group."
DECIDES: Final = "◆"
"""Sign of what would be otherwise without an assumption."""
DECIDES_MEANS: Final = "would be otherwise without an assumption listed here"
ASKING: Final = "Ask next, first what settles a criterion by the fewest records"
MAY_BE: Final = "may be met"
NO_GROUP: Final = "no group"

_COUNTS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_FINE = re.compile(r"(rows?|lines?|columns?|cols?|cells?|notes?)\b", re.IGNORECASE)
_NUMBERED = re.compile(r"[0-9]|Chart\b|pp?\.")


def sentence(text: str) -> str:
    """Return a text that begins and ends as a sentence does."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if not text or text[-1] in ".!?…" else f"{text}."


def number(value: Decimal) -> str:
    """Return a decimal as people write it.

    >>> number(Decimal("38.0")), number(Decimal("0.5"))
    ('38', '0.5')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_number(value: str) -> bool:
    """Tell whether a printed figure is a plain number."""
    return _NUMBER.fullmatch(value) is not None


def coverage_words(coverage: Coverage) -> str:
    """Return the coverage in words: ``0 of 38 participants; 13 to 15 of 38 asked``.

    Of what has a least number, all that is there is told: ``3 universities``.
    """
    unit, least, have = coverage.unit, coverage.required, coverage.stated
    of = "" if least is None else f" of {number(least)}"
    words: list[str] = []
    if have is not None:
        if coverage.unplaced:
            whose = f"{number(coverage.unplaced)} of them not" if have else "not"
            words.append(f"at least {number(have + coverage.unplaced)}{of} {unit}")
            words.append(f"{whose} tied to the roll")
        elif least is None or (coverage.is_least and have >= least):
            one = have == 1 and coverage.unit_of_one
            words.append(f"{number(have)} {one or unit}")
        elif have <= least:
            words.append(f"{number(have)}{of} {unit}")
        else:
            words += [f"{number(have)} {unit}", f"{number(least)} needed"]
    if coverage.asked:
        span = _span([figure.value for figure in coverage.asked]) + of
        asked = "" if unit.endswith("asked") else " asked"
        words.append(f"{span} asked" if words else f"{span} {unit}{asked}")
    if not words and least is not None:
        return f"{number(least)} {unit} needed"
    return "; ".join(words)


def share_words(coverage: Coverage) -> str:
    """Return the coverage without its unit: ``0 of 38``, ``at least 1 of 38``, ``3``."""
    least, have = coverage.required, coverage.stated or Decimal(0)
    found = number(have + (coverage.unplaced or 0))
    whole = "" if least is None or (coverage.is_least and have >= least) else f" of {number(least)}"
    return f"{'at least ' if coverage.unplaced else ''}{found}{whole}"


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


def evidence_words(item: Evidence) -> str:
    """Return what an evidence item says, or the record that it stands behind."""
    return sentence(item.statement or item.record_label)


def place(item: Evidence) -> str:
    """Return source and locator: ``paper 6.1, Chart 3, row 5``; ``slides, line 103``."""
    return _at(item.source, item.locator)


def _at(source: str, locator: str) -> str:
    return f"{source}{' ' if _NUMBERED.match(locator) else ', '}{locator}".strip(" ,")


def list_places(evidence: Iterable[Evidence]) -> str:
    """Return sections and charts by source: ``paper 6.1, Chart 3; 6.2 · slides, line 103``."""
    by_source: dict[str, dict[str, None]] = {}
    for item in evidence:
        places = by_source.setdefault(item.source, {})
        for place in item.locator.split(";"):
            parts = [part.strip() for part in place.split(",") if part.strip()]
            fine = next((n for n, part in enumerate(parts) if _FINE.match(part)), len(parts))
            later = [p for p in parts[fine:] if not _FINE.match(p) and not p[0].isdigit()]
            if coarse := parts[:fine] + later or parts:
                places[", ".join(coarse)] = None
    return " · ".join(_join_places(source, list(places)) for source, places in by_source.items())


def _join_places(source: str, places: list[str]) -> str:
    """Return one source's places; what `6.1, Chart 3` covers is not said again as `6.1`."""
    kept = [p for p in places if not any(other.startswith(f"{p}, ") for other in places)]
    kept.sort(key=_natural)
    shown = kept if len(kept) <= 6 else kept[:5]
    more = f" and {len(kept) - len(shown)} more places" if len(kept) > len(shown) else ""
    return _at(source, "; ".join(shown)) + more if kept else source


def _natural(place: str) -> list[tuple[int, str]]:
    pieces = re.findall(r"[0-9]+|[^0-9]+", place)
    return [(int(p), "") if p.isascii() and p.isdigit() else (-1, p) for p in pieces]


def authors_words(findings: Iterable[Finding]) -> str:
    """Return what the sources' authors concluded on a criterion: ``met, paper 6.2``."""
    return opinion_words((o for f in findings for o in f.authors), lambda o: o.verdict.value)


def opinion_words(opinions: Iterable[Opinion], words: Callable[[Opinion], str]) -> str:
    """Return opinions with their places, each verdict once; `words` says a verdict."""
    by_verdict: dict[str, list[Evidence]] = {}
    for opinion in dict.fromkeys(opinions):
        by_verdict.setdefault(words(opinion), []).extend(opinion.evidence)
    return "; ".join(
        ", ".join(filter(None, (verdict, list_places(items))))
        for verdict, items in by_verdict.items()
    )


# ---------------------------------------------------------------- words on an assessment


def case_title(one: Assessment) -> str:
    """Return the label of a case, which says so if the case is made up."""
    marked = not one.synthetic or "made up" in one.label.lower()
    return one.label if marked else f"{one.label} (made up)"


def deciding(one: Assessment) -> list[str]:
    """Return the codes of the criteria that keep the whole from being met."""
    if one.verdict is Verdict.MET:
        return []
    return [f.criterion.code for f in one.findings if f.verdict is one.verdict]


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
        all_of_them = _COUNTS[count] if count < len(_COUNTS) else count
        said += f" Each criterion is met at some time, all {all_of_them} never at once."
    return said


def in_section(reading: Reading) -> str:
    """Return where the source states a reading: `` (sections 6.1, 6.2)``; nothing if unknown."""
    many = "s" if "," in reading.section else ""
    return f" (section{many} {reading.section})" if reading.section else ""


def list_chosen(assessments: Iterable[Assessment]) -> list[tuple[Assessment, list[str]]]:
    """Return an assessment by each reading that chooses something, and what it chooses."""
    readings = {one.reading.iri: one for one in assessments}
    chosen = [(one, list_choices(one.reading, one.definition)) for one in readings.values()]
    return [(one, choices) for one, choices in chosen if choices]


def list_choices(reading: Reading, definition: Definition) -> list[str]:
    """Return what a reading chooses otherwise than another, by criterion; all of it if alone."""
    codes = {criterion.iri: criterion.code for criterion in definition.criteria}
    others = [{(p.name, p.value) for p in one.parameters} for one in definition.readings]
    shared = set.intersection(*others) if len(others) > 1 else set()
    return [
        f"{codes.get(p.criterion, '')} {p.name}: {p.value}".strip()
        for p in reading.parameters
        if (p.name, p.value) not in shared
    ]


# ---------------------------------------------------------------- words on time


def name_of(track: Track, one: Timeline) -> str:
    """Return what a track is about: ``2c Formal agreement``, or what the group may be."""
    if track.criterion is None:
        return one.definition.affirmed
    return f"{track.criterion.code} {track.criterion.label}"


def span_verdict(track: Track, span: Span, one: Timeline) -> str:
    """Return the verdict of a span in words."""
    if span.verdict is None:
        return NO_GROUP
    return one.definition.overall_words(span.verdict) if not track.criterion else span.verdict.value


def may_be_words(track: Track, one: Timeline) -> str:
    """Return what a track may be where it is not so for certain: ``may be a K-20 partnership``."""
    return MAY_BE if track.criterion else f"may be {one.definition.one_affirmed}"


def verdicts(track: Track, one: Timeline) -> list[tuple[str, str]]:
    """Return the verdicts of a track in words, and when it may be met, each with its dates."""
    found = [(span_verdict(track, span, one), span_words(span)) for span in track.spans]
    return found + [(may_be_words(track, one), span_words(span)) for span in track.may_be]


def met_words(track: Track) -> str:
    """Return when a track was met and may have been, or that it was at no time."""
    met = "met " + "; ".join(map(span_words, track.met)) if track.met else ""
    may_be = f"{MAY_BE} {'; '.join(map(span_words, track.may_be))}" if track.may_be else ""
    return "; ".join(filter(None, (met, may_be))) or "at no time"


def _day(at: datetime) -> str:
    return at.date().isoformat()


def span_words(span: Span) -> str:
    """Return a span's dates: ``2005-01-31 to 2006-08-30``, ``since 2006-08-31``, ``always``."""
    from k20kg.judging.dates import after

    last = after(span.end, -1) if span.end else None
    if span.begin and last:
        first, final = _day(span.begin), _day(last)
        return f"on {final}" if first == final else f"{first} to {final}"
    if last:
        return f"until {_day(last)}"
    return f"since {_day(span.begin)}" if span.begin else "always"


def when(interval: Interval) -> str:
    """Return bounds in words: ``begin 2005-01-01 to 2005-01-31``."""
    found = []
    for word, first, last in (
        ("begin", interval.earliest_begin, interval.latest_begin),
        ("end", interval.earliest_end, interval.latest_end),
    ):
        if first and last:
            to = "" if _day(first) == _day(last) else f" to {_day(last)}"
            found.append(f"{word} {_day(first)}{to}")
        elif first:
            found.append(f"{word} not before {_day(first)}")
        elif last:
            found.append(f"{word} by {_day(last)}")
    return ", ".join(found)


def gathered(records: Sequence[DatedRecord]) -> Iterator[tuple[str, str, Interval, str]]:
    """Yield label, kind, bounds and printed date; many of one kind and date become one line."""
    alike: dict[tuple[str, Interval], list[DatedRecord]] = {}
    for one in records:
        alike.setdefault((one.kind, one.interval), []).append(one)
    for (kind, interval), found in alike.items():
        printed = "; ".join(dict.fromkeys(h.printed for h in found if h.printed))
        labels = list(dict.fromkeys(h.label for h in found))
        listed = "; ".join(labels[:3]) + (f" and {len(labels) - 3} more" if labels[3:] else "")
        yield listed, noun(kind), interval, printed


def noun(kind: str) -> str:
    """Return the local name of a class in words: ``firm membership``."""
    return re.sub(r"(?<=.)([A-Z])", r" \1", kind).lower()
