"""Works and their citations as tables: one as printed, and all of them by field and year."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from k20kg.vocabulary import DCTERMS, K20, PREFIXES, RDFS
from k20kg.web.figures.bars import bars
from k20kg.web.pages import upper_first
from k20kg.web.pages.facts import Facts, local
from k20kg.web.pages.tables import Cell, Section, link_cells, text_cell
from k20kg.web.pages.terms import Names, Shown, show_iri

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = [
    "CITO",
    "citation_rows",
    "citations_by_work",
    "citations_of",
    "decade_bars",
    "field_bars",
    "field_rows",
    "possible_rows",
    "words_of",
    "work_rows",
    "work_sections",
]

BIBO: Final = PREFIXES["bibo"]
CITO: Final = PREFIXES["cito"]
_PRINTED: Final = (
    ("Title", (DCTERMS + "title",)),
    ("Year as printed", (K20 + "dateAsPrinted",)),
    ("In", (K20 + "containerAsPrinted",)),
    ("Volume", (BIBO + "volume",)),
    ("Issue", (BIBO + "issue",)),
    ("Pages", (BIBO + "pages",)),
    ("Editors", (K20 + "editorsAsPrinted",)),
    ("Publisher", (K20 + "publisherAsPrinted",)),
    ("Place", (K20 + "placeAsPrinted",)),
)


def work_sections(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    rows: list[list[Cell]] = []
    if authors := sorted(facts.all(iri, "authorship"), key=names.order):
        rows.append([text_cell("Authors"), link_cells(site, authors)])
    for head, predicates in _PRINTED:
        if values := [v for p in predicates for v in facts.values(iri, p)]:
            rows.append([text_cell(head), [Shown(value) for value in values]])
    told = {K20 + "authorship", *(p for _, predicates in _PRINTED for p in predicates)}
    record = Section(
        "record",
        "The work as printed",
        ("Field", "As the list has it"),
        rows,
        "Spelling, year, volume and pages stand as the source prints them.",
        frozenset(told),
    )
    cited = citations_of(site, names, facts.subjects(CITO + "hasCitedEntity", iri))
    may = citations_of(site, names, facts.subjects(K20 + "mayCite", iri))
    heads = ("Where", "As printed", "What for", "On", "Answers to the list")
    return [
        record,
        Section("cited", "Who cites it, and what for", heads, cited),
        Section(
            "maybe",
            "Citations that may mean it",
            heads,
            may,
            "The printed form fits another entry better, or none.",
        ),
    ]


def citations_of(site: Site, names: Names, citations: Iterable[str]) -> list[list[Cell]]:
    """Return a row for each citation: place, printed form, purpose, constructs, resolution."""
    facts = names.facts
    rows: list[list[Cell]] = []
    for citation in sorted(citations, key=names.order):
        places = facts.all(citation, "evidencedBy")
        said = facts.value(citation, RDFS + "comment")
        purposes = facts.values(citation, CITO + "hasCitationCharacterization")
        rows.append(
            [
                [show_iri(site, citation, names.name(place)) for place in places[:1] or [citation]],
                text_cell(facts.get(citation, "printedForm")),
                [Shown(said, note=", ".join(words_of(local(p)) for p in purposes))],
                link_cells(site, facts.all(citation, "aboutConstruct")),
                link_cells(site, facts.all(citation, "resolution")),
            ]
        )
    return rows


def words_of(name: str) -> str:
    """Return a camel-case name as words.

    >>> words_of("citesAsEvidence")
    'cites as evidence'
    """
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


# ---------------------------------------------------------------- all of them


def work_rows(
    site: Site, names: Names, works: Iterable[str], cited: Counter[str]
) -> list[list[Cell]]:
    """Return a row for each work: name, title, where it came out, field, citations, notes."""
    facts = names.facts
    rows: list[list[Cell]] = []
    for work in works:
        notes = len(facts.subjects(K20 + "regards", work))
        rows.append(
            [
                [show_iri(site, work)],
                [Shown(title) for title in facts.values(work, DCTERMS + "title")],
                [Shown(text) for text in facts.all(work, "containerAsPrinted")]
                or [Shown(text) for text in facts.all(work, "publisherAsPrinted")],
                [show_iri(site, one) for one in facts.all(work, "literatureField")],
                [Shown(str(cited[work]), numeric=True)],
                [Shown(str(notes) if notes else "", numeric=True)],
            ]
        )
    return rows


def field_bars(names: Names, listed: Iterable[str]) -> Markup:
    counts = Counter(
        upper_first(names.name(field))
        for work in listed
        for field in names.facts.all(work, "literatureField")
    )
    pairs = [(name, float(n)) for name, n in counts.most_common()]
    said = ", ".join(f"{name} {n:g}" for name, n in pairs)
    return bars(pairs, "Listed works by field", f"Listed works: {said}.", name="fields")


def field_rows(
    site: Site, names: Names, listed: Iterable[str], cited: Counter[str]
) -> list[list[Cell]]:
    works: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for work in listed:
        for field in names.facts.all(work, "literatureField"):
            works[field] += 1
            used[field] += bool(cited[work])
    return [
        [
            [show_iri(site, field)],
            [Shown(str(n), numeric=True)],
            [Shown(str(used[field]), numeric=True)],
        ]
        for field, n in works.most_common()
    ]


def decade_bars(facts: Facts, listed: Iterable[str]) -> Markup:
    """Return the listed works by decade of publication."""
    counts: Counter[int] = Counter()
    for work in listed:
        for year in facts.all(work, "publicationYear")[:1]:
            if re.fullmatch(r"[0-9]{4}", year):
                counts[int(year) // 10 * 10] += 1
    if not counts:
        return Markup("")
    decades = range(min(counts), max(counts) + 10, 10)
    pairs = [(f"{decade} to {decade + 9}", float(counts[decade])) for decade in decades]
    said = "; ".join(f"{label}: {n:g}" for label, n in pairs)
    return bars(pairs, "Listed works by decade", f"Works by year of publication. {said}.", "years")


def possible_rows(site: Site, names: Names) -> list[list[Cell]]:
    facts = names.facts
    return [
        [
            [show_iri(site, iri)],
            [Shown(form) for form in facts.all(iri, "printedForm")],
            link_cells(site, facts.all(iri, "nearestWork")),
            [Shown(facts.value(iri, RDFS + "comment"))],
        ]
        for iri in sorted(facts.of_type(K20 + "PossibleWork"), key=names.order)
    ]


def citations_by_work(facts: Facts) -> Counter[str]:
    """Return how many citations each work has."""
    citations = facts.of_type(K20 + "Citation")
    return Counter(w for one in citations for w in facts.values(one, CITO + "hasCitedEntity"))


def citation_rows(
    site: Site, names: Names, citations: Iterable[str]
) -> list[tuple[str, list[list[Cell]]]]:
    """Return the citations by the document that cites, each row with the work it leads to."""
    facts = names.facts
    by_source: dict[str, list[str]] = {}
    for one in sorted(citations, key=names.order):
        source = facts.value(one, CITO + "hasCitingEntity")
        by_source.setdefault(source, []).append(one)
    return [
        (
            names.name(source) if source else "elsewhere",
            [
                [row[0], link_cells(site, facts.values(one, CITO + "hasCitedEntity")), *row[1:]]
                for one in found
                for row in citations_of(site, names, [one])
            ],
        )
        for source, found in by_source.items()
    ]
