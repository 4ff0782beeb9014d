"""Rows of a timeline: from when to when criteria were met, and which dated records decide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from k20kg.model import Dating
from k20kg.report.presentation import CaseAssessments
from k20kg.report.wording import noun

_MOST_NAMES: Final = 3


class Period(NamedTuple):
    """A stretch of time, what was met in it, and what decides its begin and its end, in words."""

    when: str
    met: str
    since: str = ""
    until: str = ""


def periods(case: CaseAssessments) -> list[Period]:
    """Return when criteria were met, those with the same dates together; none without dates."""
    whole = case[0].definition.affirmed if case else ""
    rows: dict[tuple[str, str, str], dict[tuple[str, ...], list[str]]] = {}
    for period, ids in case.met_periods:
        key = (_days(period.begin, period.end), _listed(period.since), _listed(period.until))
        rows.setdefault(key, {}).setdefault(ids, []).append(period.code or whole)
    found = [Period(when, _grouped(met), *by) for (when, *by), met in rows.items()]
    never: dict[tuple[str, ...], list[str]] = {}
    for code, ids in case.never_met:
        never.setdefault(ids, []).append(code or whole)
    return [*found, *([Period("at no time", _grouped(never))] if found and never else [])]


def periods_note(case: CaseAssessments) -> str:
    """Return how the stretches are to be understood."""
    if any(one.moment for one in case):
        return "As far as dates allow: what may have held is taken to have held."
    return "From the day on which, for certain, all was there that carries the criterion."


def decided_by(period: Period) -> str:
    """Return in a sentence what decides a stretch; nothing where nothing is known of it."""
    parts = [f"begins with {period.since}" if period.since else ""]
    parts += [f"ends with {period.until}" if period.until else ""]
    return "; ".join(filter(None, parts))


def _days(begin: str | None, end: str | None) -> str:
    first, last = (begin or "")[:10], (end or "")[:10]
    if first and last:
        return f"on {first}" if first == last else f"{first} to {last}"
    if begin == "":
        return "not certain since when" + (f", until {last}" if last else "")
    return f"since {first}" if first else f"until {last}"


def _grouped(met: dict[tuple[str, ...], list[str]]) -> str:
    """Return codes by reading: ``1a, 2a; 3 (as-applied)``."""
    return "; ".join(
        ", ".join(codes) + (f" ({', '.join(ids)})" if ids else "") for ids, codes in met.items()
    )


def _listed(records: Iterable[Dating]) -> str:
    """Return records by kind and printed date: ``enactment: Unit on light (spring)``."""
    alike: dict[tuple[str, str], list[str]] = {}
    for one in records:
        names = alike.setdefault((one.kind, one.printed), [])
        names += [one.label] if one.label and not one.kind.endswith("List") else []
    parts = []
    for (kind, printed), names in alike.items():
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        listed = f": {'; '.join(names[:_MOST_NAMES])}{more}" if names else ""
        complete = ", complete up to then" if kind.endswith("List") else ""
        parts.append(f"{noun(kind)}{complete}{listed}" + (f" ({printed})" if printed else ""))
    return "; ".join(parts)
