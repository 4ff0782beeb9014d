"""Every case against every criterion, and the same cases by every definition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.errors import K20Error, UsageError
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Criterion, Definition, Verdict
from k20kg.rdf.text import neutralise
from k20kg.report.wording import LEGEND
from k20kg.web.http.formats import INDEX_FORMATS
from k20kg.web.pages import Site, reading_words
from k20kg.web.pages.definition import phrases_of
from k20kg.web.pages.facts import Judged, definitions_of, judged_all
from k20kg.web.pages.terms import names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset


def page(site: Site, reading: str | None = None, definition: str | None = None) -> str:
    """Return the matrix of verdicts by a definition, under one reading or all.

    Raises `UsageError` for a definition or reading that there is none of.
    """
    plain = not (reading or definition)
    return site.render(
        "cases.html",
        here="/cases",
        alternates=INDEX_FORMATS if plain else (),
        **_model(site.dataset, reading, definition),
    )


def verdicts(
    dataset: Dataset, reading: str | None, definition_id: str | None
) -> tuple[Definition, list[Judged]]:
    """Return a definition and the cases with their verdicts, under one reading or all.

    Raises `UsageError` for a definition or reading that there is none of.
    """
    definition = _chosen(definition_id)
    chosen = _reading(definition, reading)
    return definition, [
        replace(one, assessments=tuple(_under(one, chosen)))
        for one in judged_all(dataset, definition.id)
    ]


def _under(one: Judged, reading: str) -> Iterator[Assessment]:
    return (a for a in one.assessments if reading in ("", a.reading.id))


def variants() -> list[dict[str, str]]:
    """Return the parameters of every view of this page, the plain one first."""
    found: list[dict[str, str]] = []
    for definition in definitions_of():
        own = {} if definition.id == DEFAULT_DEFINITION else {"definition": definition.id}
        found.append(own)
        if len(definition.readings) > 1:
            found += [{**own, "reading": reading.id} for reading in definition.readings]
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the matrix: the readings that agree on everything, and their verdicts."""

    readings: str
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class _Row:
    """A case with its lines; a record that is not well formed has a fault instead."""

    iri: str
    label: str
    lines: tuple[_Line, ...]
    fault: str


@lru_cache(maxsize=64)
def _model(dataset: Dataset, reading: str | None, definition_id: str | None) -> dict[str, Any]:
    definition = _chosen(definition_id)
    chosen = _reading(definition, reading)
    cases = judged_all(dataset, definition.id)
    groups = [
        ("Real, from the sources named on each page", [c for c in cases if not c.synthetic]),
        ("Made up, and labelled so in the data: none describes a real group",
         [c for c in cases if c.synthetic]),
    ]  # fmt: skip
    plain = definition.id == DEFAULT_DEFINITION and not chosen
    return {
        "title": "Cases against criteria",
        "description": f"The verdict on each case on each criterion of {definition.label}.",
        "definition": definition,
        "definitions": definitions_of(),
        "default": DEFAULT_DEFINITION,
        "chosen": chosen,
        "heads": [(p.label, p.criteria) for p in phrases_of(names_of(dataset), definition)],
        "groups": [
            (words, [_row(dataset, one, chosen) for one in found])
            for words, found in groups
            if found
        ],
        "counts": [len(found) for _, found in groups],
        "legend": LEGEND,
        "compared": _compared(dataset, cases) if plain else None,
        "telling": _telling(cases) if plain else [],
    }


def _chosen(definition_id: str | None) -> Definition:
    wanted = definition_id or DEFAULT_DEFINITION
    for definition in definitions_of():
        if definition.id == wanted:
            return definition
    known = ", ".join(d.id for d in definitions_of())
    raise UsageError(
        f"there is no definition {neutralise(wanted)!r}", remedy=f"choose one of {known}"
    )


def _reading(definition: Definition, reading: str | None) -> str:
    if not reading:
        return ""
    try:
        return definition.reading(reading).id
    except KeyError:
        known = ", ".join(r.id for r in definition.readings)
        raise UsageError(
            f"the definition {definition.id} has no reading {neutralise(reading)!r}",
            remedy=f"choose one of {known}",
        ) from None


def _row(dataset: Dataset, one: Judged, chosen: str) -> _Row:
    return _Row(
        one.iri,
        one.assessments[0].label if one.assessments else names_of(dataset).name(one.iri),
        tuple(_lines(_under(one, chosen))),
        one.fault,
    )


def _lines(assessments: Iterable[Assessment]) -> list[_Line]:
    """Return a line a reading; readings with the same verdicts share one."""
    under: dict[tuple[Verdict, ...], list[Assessment]] = {}
    for one in assessments:
        under.setdefault(tuple(f.verdict for f in one.findings), []).append(one)
    return [
        _Line(", ".join(reading_words(a.reading).lower() for a in found), found[0])
        for found in under.values()
    ]


# ---------------------------------------------------------------- other definitions


@dataclass(frozen=True, slots=True)
class _Compared:
    """The verdict on each case as a whole, by every definition under every reading."""

    columns: tuple[tuple[Definition, int], ...]
    """Each definition with the number of its readings."""
    readings: tuple[tuple[str, str], ...]
    """Definition's id and name of each reading."""
    rows: tuple[tuple[Judged, str, tuple[Verdict | None, ...]], ...]


def _compared(dataset: Dataset, cases: list[Judged]) -> _Compared:
    columns = definitions_of()
    judges = [Judge(definition=d.id, evidence=False) for d in columns[1:]]
    rows = []
    for one in cases:
        known: list[Verdict | None] = [a.verdict for a in one.assessments]
        found = known or [None] * len(columns[0].readings)
        for judge in judges:
            try:
                found += [a.verdict for a in judge.assess(one.case)]
            except K20Error:
                found += [None] * len(judge.plan.readings)
        label = one.assessments[0].label if one.assessments else names_of(dataset).name(one.iri)
        rows.append((one, label, tuple(found)))
    return _Compared(
        tuple((d, len(d.readings)) for d in columns),
        tuple((d.id, reading_words(r)) for d in columns for r in d.readings),
        tuple(rows),
    )


def _telling(cases: list[Judged]) -> list[tuple[Judged, Judged, Criterion, Verdict, Verdict]]:
    """Return pairs of made-up cases that differ on one criterion alone, both against and open.

    The pair shows that silence and a stated end of a list are not the same.
    """
    found = []
    made_up = [(c, c.assessments[0]) for c in cases if c.synthetic and c.assessments]
    for one, open_ in made_up:
        for other, closed in made_up:
            apart = [
                (f, g)
                for f, g in zip(open_.findings, closed.findings, strict=True)
                if f.verdict is not g.verdict
            ]
            if len(apart) != 1:
                continue
            ((f, g),) = apart
            if (f.verdict, g.verdict) == (Verdict.NOT_ESTABLISHED, Verdict.NOT_MET):
                found.append((one, other, f.criterion, f.verdict, g.verdict))
    return found[:1]
