"""The cases with their verdicts, and the page that sets every case against every criterion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import permutations
from typing import Final, NamedTuple

from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.errors import K20Error
from k20kg.model import Assessment, Criterion, Definition, Verdict
from k20kg.web.dataset import Dataset, JudgedCase, judge_case, quick_judge
from k20kg.web.pages import Site
from k20kg.web.pages.names import Names, names_of
from k20kg.web.pages.rows import PAGE, ListChoice, ListPart, choose, part
from k20kg.web.pages.wording import reading_words

_MOST_COMPARED: Final = 100
"""So many cases are set against all definitions at once."""


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
        judged = (judge_case(one, quick_judge(definition)) for one in judged)
    names = names_of(dataset)
    return tuple(sorted(judged, key=lambda c: (c.synthetic, names.name(c.iri).lower(), c.iri)))


class Selection(NamedTuple):
    """The cases that parameters of an address choose."""

    definition: Definition
    criteria: Sequence[Criterion]
    """Those that are shown."""
    choices: Sequence[ListChoice]
    found: ListPart


def select(dataset: Dataset, given: Mapping[str, str], page: str = "") -> Selection:
    """Return the cases that parameters choose, each with the assessments that fit, and a page.

    Without a page it is all of them. Raises `UsageError` for a value that there is none of.
    """
    known = {one.id: one for one in definitions_of()}
    wanted = choose({"definition": DEFAULT_DEFINITION, **given}, "definition",
                    {key: one.label for key, one in known.items()})  # fmt: skip
    definition = known[wanted.value]
    criteria = {one.id: f"{one.code} {one.label}" for one in definition.criteria}
    codes = {one.code: one.id for one in definition.criteria}
    asked = given.get("criterion", "")
    reading, criterion, verdict, kind, sort = choices = (
        choose(given, "reading",
               {"": "All", **{r.id: reading_words(r) for r in definition.readings}}),
        choose({"criterion": codes.get(asked, asked)}, "criterion", {"": "All", **criteria}),
        choose(given, "verdict",
               {"": "Any", **{v.value.replace(" ", "-"): v.value for v in Verdict}}),
        choose(given, "kind", {"": "All", "real": "real", "made-up": "made up"}),
        choose(given, "sort", {"": "real first, by name", "verdict": "by verdict"}, "In order"),
    )  # fmt: skip
    shown = [one for one in definition.criteria if criterion.value in ("", one.id)]

    def fits(one: Assessment) -> bool:
        found = one.finding(criterion.value).verdict if criterion.value else one.verdict
        same = not verdict.value or found.value == verdict.options[verdict.value]
        return same and reading.value in ("", one.reading.id)

    found = []
    for one in judged_all(dataset, definition.id):
        kept = tuple(filter(fits, one.assessments))
        same = not kind.value or (one.assessments and one.synthetic == (kind.value == "made-up"))
        if same and (kept or not (one.assessments or verdict.value)):
            found.append(replace(one, assessments=kept))
    if sort.value:
        order = list(Verdict)
        found.sort(key=lambda one: [order.index(a.verdict) for a in one.assessments] or [9])
    return Selection(definition, shown, choices, part(found, page))


def variants(dataset: Dataset) -> list[dict[str, str]]:
    """Return the parameters of every page that a static site has, the plain one first."""
    pages = -(-len(dataset.judged) // PAGE)
    found: list[dict[str, str]] = []
    for definition in definitions_of():
        own = {} if definition.id == DEFAULT_DEFINITION else {"definition": definition.id}
        views = [own]
        if len(definition.readings) > 1:
            views += [{**own, "reading": reading.id} for reading in definition.readings]
        found += [
            *views,
            *({**view, "page": str(n + 1)} for view in views for n in range(1, pages)),
        ]
    return found


def page(site: Site, given: Mapping[str, str] | None = None, fault: K20Error | None = None) -> str:
    """Return the matrix of verdicts that parameters choose; with a fault, the plain one.

    Raises `UsageError` for a value that there is none of.
    """
    given = given or {}
    found = select(site.dataset, given, given.get("page") or "1")
    chosen, cases = found.definition, found.found.entries
    plain = not given and found.found.total <= _MOST_COMPARED
    judged = [one for one in cases if one.assessments]
    groups = [
        ("Real, from the sources named on each page", [c for c in judged if not c.synthetic]),
        ("Made up, and labelled so in the data: none describes a real group",
         [c for c in judged if c.synthetic]),
        ("Not judged: the record is not well formed", [c for c in cases if c.fault]),
        ("Not judged yet: ask again in a minute", [c for c in cases if c.waiting]),
    ]  # fmt: skip
    phrases = phrases_of(site.names, chosen)
    return site.render(
        "cases.html",
        asked=given,
        fault=fault,
        part=found.found,
        choices=found.choices,
        hidden={"definition": given.get("definition", "")},
        definition=chosen,
        definitions=definitions_of(),
        default=DEFAULT_DEFINITION,
        chosen=given.get("reading", ""),
        phrases=[p._replace(criteria=c) for p in phrases
                 if (c := [one for one in p.criteria if one in found.criteria])],
        shown=[criterion.iri for criterion in found.criteria],
        groups=[(words, [(one, _lines(one)) for one in found]) for words, found in groups if found],
        counts=[len(found) for _, found in groups],
        compared=[{c.iri: c for c in judged_all(site.dataset, d.id)} for d in definitions_of()]
        if plain else [],
        telling=_telling([one for one in judged if one.whole]) if plain else None,
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
