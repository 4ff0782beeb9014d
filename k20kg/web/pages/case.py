"""The page of a case, and what any page shows of a case's assessments.

What the record says of goals, benefits, labour, work, people and conflicts are answers of named
queries, which the template asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from markupsafe import Markup

from k20kg.model import Assessment, Verdict
from k20kg.report.content.grounds import carried_words
from k20kg.report.content.periods import periods, periods_note
from k20kg.report.presentation import ByReading, CaseAssessments, CriterionRow
from k20kg.report.templates import bar
from k20kg.report.wording import coverage_words, figures_in_words, time_words
from k20kg.vocabulary import DCTERMS, LICENCE, RDFS
from k20kg.web.dataset import Dataset, judge_case
from k20kg.web.pages import Site
from k20kg.web.pages.history import history_of
from k20kg.web.pages.names import local, names_of
from k20kg.web.pages.wording import reading_words, spelled, upper_first, years

T = TypeVar("T")


def page(site: Site, iri: str) -> str:
    """Return the page of a case; `KeyError` if the dataset holds none of this IRI."""
    return site.render("case.html", iri=iri, **model(site.dataset, iri))


@lru_cache(maxsize=512)
def model(dataset: Dataset, iri: str) -> dict[str, Any]:
    """Return what the page of a case shows, by the names that templates use."""
    found = dataset.judged[iri]
    found = found if found.whole and not found.waiting else judge_case(found)
    names = names_of(dataset)
    case = found.assessments
    label = case[0].label if case else names.name(iri)
    graphs = {getattr(quad.graph_name, "value", "") for quad in found.case.quads}
    ours = "" if graphs & dataset.own else LICENCE  # our licence is for what comes with us
    return {
        "label": label,
        "name": _short_name(label),
        "about": names.value(iri, RDFS + "comment"),
        "fault": found.fault,
        "synthetic": found.synthetic,
        "statements": len({quad.triple for quad in found.case.quads}),
        "licence": names.value(iri, DCTERMS + "license") or ours,
        "history": history_of(names, found) if case else {},
        "cite_key": re.sub(r"[^a-z0-9]+", "-", f"k20kg-{local(iri)}".lower()).strip("-"),
        "cite_title": re.sub(r"([&%$#_])", r"\\\1", re.sub(r"[{}\\~^]", " ", label)),
        **findings_of(case),
    }


def _short_name(label: str) -> str:
    """Return the short name that a label gives in brackets at its end, else the label.

    >>> _short_name("Los Angeles Middle School Immersion Group (LAMSIG)")
    'LAMSIG'
    """
    found = re.search(r"\(([A-Z0-9][A-Za-z0-9-]{1,15})\)$", label)
    return found[1] if found else re.sub(r" \(made up\)$", "", label)


def findings_of(assessments: Sequence[Assessment]) -> dict[str, Any]:
    """Return what a page shows of a case's assessments, by the names that templates use."""
    case = CaseAssessments(assessments)
    phrases: dict[int, tuple[str, list[dict[str, Any]]]] = {}
    for row in case.rows:
        start: tuple[str, list[dict[str, Any]]] = (row.criterion.phrase, [])
        phrases.setdefault(row.criterion.phrase_order, start)[1].append(_criterion(row))
    return {
        "case": case,
        "criteria": [(order, phrase, found) for order, (phrase, found) in phrases.items()],
        "missing": [
            {"readings": _whose(ids, case), "findings": findings} for findings, ids in case.lacking
        ],
        "assumptions": [(a, _whose(ids, case)) for a, ids, _ in case.assumptions],
        "periods": periods(case),
        "periods_note": periods_note(case),
        "dates": {a.reading.iri: _when_met(a) for a in case},
        "tallies": {a.reading.iri: f"{_tally(a)} {time_words(a)}".strip() for a in case},
    }


def _whose(ids: Sequence[str], case: Sequence[Assessment]) -> str:
    """Return the names of some readings; nothing where all are meant."""
    return ", ".join(reading_words(a.reading) for a in case if a.reading.id in ids)


def _when_met(one: Assessment) -> str:
    """Return the years in which the whole was met by the dates of the record; empty if never."""
    ends = [(period.begin, period.end) for period in one.met_periods if not period.code]
    first, last = (ends[0][0], ends[-1][1]) if ends else ("", "")
    parsed = (datetime.fromisoformat(at) if at else None for at in (first, last))
    return years(*parsed)


def _tally(one: Assessment) -> str:
    """Return in a sentence how many criteria came out how."""
    if one.verdict is Verdict.MET:
        return f"All {spelled(len(one.findings))} criteria are met."
    counts = {
        verdict: sum(f.verdict is verdict for f in one.findings)
        for verdict in (Verdict.MET, Verdict.NOT_ESTABLISHED, Verdict.CONTESTED, Verdict.NOT_MET)
    }
    parts = ", ".join(f"{spelled(n)} {verdict.value}" for verdict, n in counts.items() if n)
    against = counts[Verdict.NOT_MET] or counts[Verdict.CONTESTED]
    return upper_first(f"{parts}{'' if against else '; none is contradicted'}.")


def _criterion(row: CriterionRow) -> dict[str, Any]:
    """Return a criterion, its verdicts and what they rest on, each with the readings meant."""

    def told(values: ByReading[T]) -> list[tuple[T, str]]:
        return [(value, _whose(ids, row.case)) for value, ids in values]

    return {
        "row": row,
        "said": told(row.messages),
        "covered": [
            {
                "whose": whose,
                "words": coverage_words(coverage),
                "bar": Markup(bar(coverage)),
                "figures": figures_in_words(coverage),
            }
            for coverage, whose in told(row.coverage)
        ],
        "cited": told(row.evidence),
        "gaps": told(row.gaps),
        "carried": [(carried_words(carriers), whose) for carriers, whose in told(row.carriers)],
        "authors": row.authors,
    }
