"""The literature: how it defines partnership, what it was asked, and every work with its citations.

One page, all of it read from the graph: patterns, questions, definitions by their parts, works.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from k20kg.vocabulary import BASE, K20, RDF_TYPE, RDFS, SKOS
from k20kg.web.formats import FORMATS, INDEX_FORMATS
from k20kg.web.pages.facts import Facts, local
from k20kg.web.pages.queries import catalogue
from k20kg.web.pages.tables import Cell
from k20kg.web.pages.terms import Names, Shown, names_of, show_iri
from k20kg.web.pages.works import (
    CITO,
    citation_rows,
    citations_by_work,
    decade_bars,
    field_bars,
    field_rows,
    possible_rows,
    work_rows,
)

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["is_listed", "page"]

_MOST_CLAIMS: Final = 8


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way in which the literature deals with defining partnership."""

    anchor: str
    shown: Shown
    words: str
    said: str
    example: str
    places: tuple[Shown, ...]
    works: tuple[Shown, ...]
    definitions: tuple[Shown, ...]
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that the review put to the literature."""

    anchor: str
    shown: Shown
    question: str
    citations: int
    works: tuple[Shown, ...]
    claims: tuple[Shown, ...]
    claims_in_all: int


@dataclass(frozen=True, slots=True)
class Quoted:
    """A definition or quoted passage by its parts."""

    anchor: str
    shown: Shown
    kind: str
    origin: tuple[Shown, ...]
    pages: str
    parts: tuple[tuple[Shown, tuple[Shown, ...], tuple[Shown, ...]], ...]
    judged: bool
    """Whether cases can be judged by it."""


def page(site: Site) -> str:
    """Return the page of the literature."""
    names = names_of(site.dataset)
    facts = names.facts
    works = sorted(facts.of_type(K20 + "Work"), key=names.name)
    listed = {work for work in works if is_listed(facts, work)}
    citations = facts.of_type(K20 + "Citation")
    cited = citations_by_work(facts)
    return site.render(
        "literature.html",
        title="The literature",
        description="How research defines partnership: patterns, definitions, works, citations.",
        here="/literature",
        alternates=INDEX_FORMATS,
        counts=(len(listed), len(works) - len(listed), len(citations)),
        uncited=len([work for work in listed if not cited[work]]),
        patterns=_patterns(site, names),
        questions=_questions(site, names),
        quoted=_quoted(site, names),
        fields=field_bars(names, listed),
        field_rows=field_rows(site, names, listed, cited),
        years=decade_bars(facts, listed),
        listed=work_rows(site, names, [w for w in works if w in listed], cited),
        unlisted=work_rows(site, names, [w for w in works if w not in listed], cited),
        possible=possible_rows(site, names),
        citations=citation_rows(site, names, citations),
        disputes=_disputes(site, names),
        disputed=_severities(names),
        saved=[q for q in catalogue() if q.group == "literature"],
        formats=FORMATS,
    )


def is_listed(facts: Facts, work: str) -> bool:
    """Tell whether a work stands in a list of references."""
    return any(
        K20 + "ListEntry" in facts.values(item, RDF_TYPE) for item in facts.all(work, "evidencedBy")
    )


def _ordered(names: Names, kind: str) -> list[str]:
    return sorted(names.facts.of_type(K20 + kind), key=names.order)


def _shown(site: Site, iris: Iterable[str]) -> tuple[Shown, ...]:
    return tuple(show_iri(site, iri) for iri in iris)


def _anchor(iri: str) -> str:
    return iri.removeprefix(BASE).replace("/", "-").replace("#", "-")


def _places(site: Site, names: Names, iri: str) -> tuple[Shown, ...]:
    items = sorted(names.facts.all(iri, "evidencedBy"), key=lambda i: names.order(i))
    return tuple(show_iri(site, item, names.name(item)) for item in items)


# ---------------------------------------------------------------- patterns and questions


def _patterns(site: Site, names: Names) -> list[Pattern]:
    facts = names.facts
    found = []
    for iri in _ordered(names, "DefinitionPattern"):
        illustrations = facts.subjects(K20 + "illustratesPattern", iri)
        works = {
            work
            for one in illustrations
            for work in [
                *facts.values(one, CITO + "hasCitedEntity"),
                *facts.all(one, "quotedFrom"),
            ]
        }
        passages = [one for one in illustrations if facts.all(one, "quotedFrom")]
        definitions = [*facts.subjects(K20 + "ofPattern", iri), *passages]
        figures = [
            f"{names.name(figure)}: {facts.get(figure, 'valueAsPrinted')}"
            for figure in facts.all(iri, "reportedFigure")
            if facts.get(figure, "valueAsPrinted")
        ]
        found.append(
            Pattern(
                _anchor(iri),
                show_iri(site, iri),
                facts.value(iri, SKOS + "definition"),
                facts.value(iri, RDFS + "comment"),
                facts.value(iri, SKOS + "example"),
                _places(site, names, iri),
                _shown(site, sorted(works, key=names.name)),
                _shown(site, definitions),
                tuple(figures),
            )
        )
    return found


def _questions(site: Site, names: Names) -> list[Asked]:
    facts = names.facts
    found = []
    for iri in _ordered(names, "ReviewQuestion"):
        bearing = facts.subjects(K20 + "bearsOn", iri)
        citations = [one for one in bearing if facts.values(one, CITO + "hasCitedEntity")]
        claims = [one for one in bearing if K20 + "Claim" in facts.values(one, RDF_TYPE)]
        works = {w for one in citations for w in facts.values(one, CITO + "hasCitedEntity")}
        found.append(
            Asked(
                _anchor(iri),
                show_iri(site, iri),
                facts.value(iri, SKOS + "definition") or facts.value(iri, RDFS + "comment"),
                len(citations),
                _shown(site, sorted(works, key=names.name)),
                _shown(site, sorted(claims, key=names.order)[:_MOST_CLAIMS]),
                len(claims),
            )
        )
    return found


def _quoted(site: Site, names: Names) -> list[Quoted]:
    facts = names.facts
    found = []
    for kind, words in (("Definition", "Definition"), ("Passage", "Quoted passage")):
        for iri in _ordered(names, kind):
            parts = sorted(facts.all(iri, "component"), key=names.order)
            if not parts:
                continue
            found.append(
                Quoted(
                    _anchor(iri),
                    show_iri(site, iri),
                    words,
                    _shown(site, [*facts.all(iri, "definedIn"), *facts.all(iri, "quotedFrom")]),
                    facts.get(iri, "pageAsPrinted"),
                    tuple(
                        (
                            show_iri(site, part),
                            _shown(site, facts.all(part, "componentForce")),
                            _shown(site, facts.all(part, "aboutConstruct")),
                        )
                        for part in parts
                    ),
                    bool(facts.all(iri, "hasCriterion")),
                )
            )
    return found


# ---------------------------------------------------------------- disagreement


def _disputes(site: Site, names: Names) -> list[list[Cell]]:
    """Return the notes on which the documents part most, with what each place says."""
    facts = names.facts
    grave = sorted(
        (n for n in facts.of_type(K20 + "ReadingNote") if _weight(names, n) == 0),
        key=names.order,
    )
    return [
        [
            [show_iri(site, note)],
            [show_iri(site, p) for p in sorted(facts.all(note, "position"), key=names.order)],
            list(_shown(site, facts.all(note, "noteCategory"))),
        ]
        for note in grave
    ]


def _severities(names: Names) -> list[tuple[str, str, int]]:
    """Return severity, category and number of notes."""
    facts = names.facts
    counts: Counter[tuple[int, str, str]] = Counter()
    for note in facts.of_type(K20 + "ReadingNote"):
        for severity in facts.all(note, "severity"):
            for category in facts.all(note, "noteCategory"):
                key = (_weight(names, note), names.name(severity), names.name(category))
                counts[key] += 1
    return [(severity, category, n) for (_, severity, category), n in sorted(counts.items())]


def _weight(names: Names, note: str) -> int:
    """Return 0 for what weighs most: by the order of the scheme, else by name."""
    severity = next(iter(names.facts.all(note, "severity")), "")
    if not severity:
        return 99
    order: Any = {"high": 0, "medium": 1, "low": 2}
    return int(order.get(local(severity), 50))
