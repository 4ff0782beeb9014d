"""The cases with their verdicts, and the page that sets every case against every criterion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import permutations
from typing import TYPE_CHECKING, Any, NamedTuple

from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.errors import UsageError
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Criterion, Definition, Verdict
from k20kg.rdf.text import neutralise
from k20kg.report.wording import LEGEND
from k20kg.web.dataset import JudgedCase, judge_case
from k20kg.web.http.formats import INDEX_FORMATS
from k20kg.web.pages import Site
from k20kg.web.pages.names import Names, names_of
from k20kg.web.pages.wording import reading_words

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset


# ---------------------------------------------------------------- definitions and verdicts


@lru_cache(maxsize=1)
def definitions_of() -> tuple[Definition, ...]:
    """Return the definitions that cases are judged by, the default first."""
    return tuple(load_definition(name) for name in shipped_definitions())


class Phrase(NamedTuple):
    """One phrase of a definition with its criteria."""

    order: int
    label: str
    text: str
    criteria: list[Criterion]


def phrases_of(names: Names, definition: Definition) -> list[Phrase]:
    """Return the phrases of a definition in order, each with its criteria."""
    labels = {names.get(p, "order"): names.name(p) for p in names.all(definition.iri, "hasPhrase")}
    found: dict[int, list[Criterion]] = {}
    for criterion in definition.criteria:
        found.setdefault(criterion.phrase_order, []).append(criterion)
    return [
        Phrase(order, labels.get(str(order), ""), criteria[0].phrase, criteria)
        for order, criteria in sorted(found.items())
    ]


@lru_cache(maxsize=16)
def judged_all(dataset: Dataset, definition: str = DEFAULT_DEFINITION) -> tuple[JudgedCase, ...]:
    """Return the verdicts on all cases by a definition: real ones first, then by name.

    By another definition than the default one they come without evidence.
    """
    judged: Iterable[JudgedCase] = dataset.judged.values()
    if definition != DEFAULT_DEFINITION:
        judge = Judge(definition=definition, evidence=False)
        judged = (judge_case(one, judge) for one in judged)
    names = names_of(dataset)
    return tuple(sorted(judged, key=lambda c: (c.synthetic, names.name(c.iri).lower(), c.iri)))


def verdicts(
    dataset: Dataset, reading: str | None, definition_id: str | None
) -> tuple[Definition, list[JudgedCase]]:
    """Return a definition and the cases with their verdicts, under one reading or all.

    Raises `UsageError` for a definition or reading that there is none of.
    """
    wanted = definition_id or DEFAULT_DEFINITION
    definition: Definition = _known(wanted, definitions_of(), "there is no definition")
    if reading:
        _known(reading, definition.readings, f"the definition {definition.id} has no reading")

    def under(one: JudgedCase) -> tuple[Assessment, ...]:
        return tuple(a for a in one.assessments if reading in (None, "", a.reading.id))

    cases = judged_all(dataset, definition.id)
    return definition, [replace(one, assessments=under(one)) for one in cases]


def _known(wanted: str, known: Sequence[Any], what: str) -> Any:
    """Return the one with this id; `UsageError` if there is none."""
    for one in known:
        if one.id == wanted:
            return one
    remedy = f"choose one of {', '.join(one.id for one in known)}"
    raise UsageError(f"{what} {neutralise(wanted)!r}", remedy=remedy)


def variants() -> list[dict[str, str]]:
    """Return the parameters of every view of the matrix, the plain one first."""
    found: list[dict[str, str]] = []
    for definition in definitions_of():
        own = {} if definition.id == DEFAULT_DEFINITION else {"definition": definition.id}
        found.append(own)
        if len(definition.readings) > 1:
            found += [{**own, "reading": reading.id} for reading in definition.readings]
    return found


# ---------------------------------------------------------------- the page


def page(site: Site, reading: str | None = None, definition: str | None = None) -> str:
    """Return the matrix of verdicts by a definition, under one reading or all.

    Raises `UsageError` for a definition or reading that there is none of.
    """
    chosen, cases = verdicts(site.dataset, reading, definition)
    plain = chosen.id == DEFAULT_DEFINITION and not reading
    judged = [one for one in cases if one.assessments]
    groups = [
        ("Real, from the sources named on each page", [c for c in judged if not c.synthetic]),
        ("Made up, and labelled so in the data: none describes a real group",
         [c for c in judged if c.synthetic]),
        ("Not judged: the record is not well formed", [c for c in cases if not c.assessments]),
    ]  # fmt: skip
    return site.render(
        "cases.html",
        title="Cases against criteria",
        description=f"The verdict on each case on each criterion of {chosen.label}.",
        here="/cases",
        alternates=() if reading or definition else INDEX_FORMATS,
        given={"definition": "" if chosen.id == DEFAULT_DEFINITION else chosen.id,
               "reading": reading or ""},
        definition=chosen,
        definitions=definitions_of(),
        default=DEFAULT_DEFINITION,
        chosen=reading or "",
        phrases=phrases_of(site.names, chosen),
        groups=[(words, [(one, _lines(one)) for one in found]) for words, found in groups if found],
        counts=[len(found) for _, found in groups],
        legend=LEGEND,
        compared=[{c.iri: c for c in judged_all(site.dataset, d.id)} for d in definitions_of()]
        if plain else [],
        telling=_telling(judged) if plain else None,
    )  # fmt: skip


def _lines(case: JudgedCase) -> list[tuple[str, Assessment]]:
    """Return a line a reading: its name and the verdicts; readings that agree share one."""
    under: dict[tuple[Verdict, ...], list[Assessment]] = {}
    for one in case.assessments:
        under.setdefault(tuple(f.verdict for f in one.findings), []).append(one)
    return [
        (", ".join(reading_words(a.reading).lower() for a in found), found[0])
        for found in under.values()
    ]


def _telling(cases: Sequence[JudgedCase]) -> tuple[JudgedCase, JudgedCase, Criterion] | None:
    """Return two made-up cases that differ on one criterion alone: open here, not met there.

    The pair shows that silence and a stated end of a list are not the same.
    """
    for one, other in permutations([case for case in cases if case.synthetic], 2):
        pairs = zip(one.assessments[0].findings, other.assessments[0].findings, strict=True)
        apart = [(f, g) for f, g in pairs if f.verdict is not g.verdict]
        if [(f.verdict, g.verdict) for f, g in apart] == [
            (Verdict.NOT_ESTABLISHED, Verdict.NOT_MET)
        ]:
            return one, other, apart[0][0].criterion
    return None
