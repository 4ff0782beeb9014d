"""A case in time: what its record dates, and the verdict on the whole group at each instant.

`k20kg timeline` tells the same criterion by criterion; here only the whole counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from k20kg.disk_cache import cached_on_disk
from k20kg.errors import K20Error
from k20kg.judging.as_of import Calendar
from k20kg.judging.dates import Interval
from k20kg.judging.judge import Judge
from k20kg.judging.timeline import DatedRecord, Span, dated_records, whole_over_time, with_may_be
from k20kg.model import Definition, Verdict
from k20kg.report.templates import Bar, Dated, Lane, draw
from k20kg.report.wording import gathered, span_words, when
from k20kg.vocabulary import shorten
from k20kg.web.dataset import JudgedCase, quick_judge
from k20kg.web.pages.names import Names, local
from k20kg.web.pages.wording import reading_words, upper_first, years


def history_of(names: Names, found: JudgedCase) -> dict[str, Any]:
    """Return a case in time: a picture, verdicts, dated records; {} where nothing is dated."""
    definition = found.assessments[0].definition
    try:
        dates = Calendar(found.case)
        turns = dates.turns()
        lanes = tuple(_lanes(dates, definition, found.shipped)) if turns else ()
    except K20Error:  # the page tells what is wrong with the record
        return {}
    if not turns:
        return {}
    entries = tuple(_entries(names, dates))
    begin, end = turns[0], turns[-1]
    pad = max((end - begin) * 0.02, timedelta(days=20))
    span = f"from {begin.year} to {end.year}" if begin.year != end.year else f"in {begin.year}"
    said = [f"{lane.name}: {'; '.join(s.words for s in lane.stretches)}." for lane in lanes]
    said.append(f"{len(entries)} dated entries follow, each in words in the list below.")
    drawn = draw(
        [("", lanes)],
        [dated for dated, *_ in entries],
        begin - pad,
        end + pad,
        title=f"What is dated, {span}, and the verdict at each time",
        said=" ".join(said),
        name="scale",
    )
    held = {
        reading.iri: [s for s in lane.stretches if s.verdict in (Verdict.MET, Verdict.NOT_MET)]
        for reading, lane in zip(definition.readings, lanes, strict=True)
    }
    return {
        "picture": Markup(drawn.rstrip()),
        "lanes": lanes,
        "entries": entries,
        "dates": {iri: years(met[0].begin, met[-1].end) for iri, met in held.items() if met},
    }


def _entries(names: Names, dates: Calendar) -> Iterator[tuple[Dated, str, str, str, str]]:
    """Yield what is dated by first bound: the mark, kind, printed date, bounds, places.

    Records of one kind and date go together.
    """
    together: dict[tuple[str, Interval], list[DatedRecord]] = {}
    for one in dated_records(dates):
        kind = names.kind(one.record)
        if one.label == shorten(one.record):
            one = replace(one, label=upper_first(kind))
        together.setdefault((kind, one.interval), []).append(one)
    for (kind, interval), found in together.items():
        ((listed, _, _, printed),) = gathered(found)
        places = dict.fromkeys(filter(None, (names.cited(one.record) for one in found)))
        dated = Dated(
            listed,
            f"{listed} ({printed or when(interval)})",
            (interval.earliest_begin, interval.latest_begin),
            (interval.earliest_end, interval.latest_end),
        )
        yield dated, kind, printed, when(interval), "; ".join(places)


def _lanes(dates: Calendar, definition: Definition, shipped: bool) -> Iterator[Lane]:
    """Yield the verdicts on the whole group, a lane a reading."""
    if shipped:  # by the definition that is compiled already
        key = f"courses-{local(dates.case.group)}"
        found = cached_on_disk(key, lambda: whole_over_time(dates, Judge()), "data")
    else:
        found = whole_over_time(dates, quick_judge(definition.id))
    for reading, one in zip(definition.readings, found, strict=True):
        stretches = (
            Bar(s.begin, s.end, s.verdict, _stretch_words(s, definition, maybe))
            for s, maybe in with_may_be(one.spans, one.may_be)
        )
        yield Lane(reading_words(reading), tuple(stretches))


def _stretch_words(span: Span, definition: Definition, may_be: bool) -> str:
    none = "group no more" if span.begin else "no group yet"
    verdict = definition.overall_words(span.verdict) if span.verdict else none
    return f"{f'may be {definition.one_affirmed}' if may_be else verdict} {span_words(span)}"
