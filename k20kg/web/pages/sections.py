"""Tables that the page of a thing shows because of its class: a work's record, a note's positions.

Each maker takes a thing and returns a table or nothing; what the table tells is not told again in
the list of properties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.vocabulary import DCTERMS, K20, PREFIXES, RDF_TYPE, RDFS, SKOS
from k20kg.web.pages.facts import definitions_of, local
from k20kg.web.pages.terms import Names, Shown, names_of, show_iri

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["Section", "citations_of", "sections_of"]

BIBO: Final = PREFIXES["bibo"]
CITO: Final = PREFIXES["cito"]
_MOST_EXAMPLES: Final = 5
Cell = list[Shown]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table."""

    anchor: str
    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    intro: str = ""
    tells: frozenset[str] = field(default=frozenset())
    """IRIs of the properties that need not be told again."""
    numeric: tuple[int, ...] = ()


def sections_of(site: Site, iri: str, kinds: Iterable[str]) -> list[Section]:
    """Return the tables for a thing, those of its classes first, its notes last."""
    makers = [_MAKERS[kind] for kind in kinds if kind in _MAKERS]
    makers += [_components, _graph, _notes]
    found = [made for maker in makers for made in maker(site, names_of(site.dataset), iri)]
    return [_without_empty_columns(one) for one in found if one.rows]


def _without_empty_columns(section: Section) -> Section:
    kept = [n for n in range(len(section.heads)) if any(row[n] for row in section.rows)]
    return replace(
        section,
        heads=tuple(section.heads[n] for n in kept),
        rows=[[row[n] for n in kept] for row in section.rows],
        numeric=tuple(at for at, n in enumerate(kept) if n in section.numeric),
    )


def _text(words: str) -> Cell:
    return [Shown(words)] if words else []


def _links(site: Site, iris: Iterable[str]) -> Cell:
    return [show_iri(site, iri) for iri in iris]


# ---------------------------------------------------------------- works

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


def _work(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    rows: list[list[Cell]] = []
    if authors := sorted(facts.all(iri, "authorship"), key=names.order):
        rows.append([_text("Authors"), _links(site, authors)])
    for head, predicates in _PRINTED:
        if values := [v for p in predicates for v in facts.values(iri, p)]:
            rows.append([_text(head), [Shown(value) for value in values]])
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
                _text(facts.get(citation, "printedForm")),
                [Shown(said, note=", ".join(words_of(local(p)) for p in purposes))],
                _links(site, facts.all(citation, "aboutConstruct")),
                _links(site, facts.all(citation, "resolution")),
            ]
        )
    return rows


def words_of(name: str) -> str:
    """Return a camel-case name as words.

    >>> words_of("citesAsEvidence")
    'cites as evidence'
    """
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


# ---------------------------------------------------------------- notes and passages


def _notes(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    notes = {*facts.subjects(K20 + "regards", iri), *facts.all(iri, "readingNote")}
    rows = [
        [
            _links(site, [note]),
            _text(facts.value(note, RDFS + "comment")),
            _links(site, facts.all(note, "noteKind")),
            _links(site, facts.all(note, "noteBasis")),
        ]
        for note in sorted(notes, key=names.order)
    ]
    return [
        Section(
            "notes",
            "Notes on it",
            ("Note", "What it says", "Kind", "Basis"),
            rows[:60],
            "Nothing printed is put right; what looks odd or disagrees is noted."
            + (f" The first 60 of {len(rows)} are shown." if len(rows) > 60 else ""),
            frozenset({K20 + "readingNote"}),
        )
    ]


def _positions(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    rows = [
        [
            [show_iri(site, one, facts.get(one, "locator") or names.name(one))],
            _links(site, facts.all(one, "source")),
            _text(facts.get(one, "valueRead")),
        ]
        for one in sorted(facts.all(iri, "position"), key=names.order)
        if facts.get(one, "valueRead")
    ]
    return [
        Section(
            "positions",
            "What stands where",
            ("Place", "Source", "What it says"),
            rows,
            "Side by side, without ranking and without a mean.",
            frozenset({K20 + "position"}) if rows else frozenset(),
        )
    ]


def _components(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    parts = sorted(facts.all(iri, "component"), key=names.order)
    rows = [
        [
            _links(site, [part]),
            _links(site, facts.all(part, "componentForce")),
            _links(site, facts.all(part, "aboutConstruct")),
            [
                show_iri(site, item, facts.get(item, "locator"))
                for item in facts.all(part, "evidencedBy")
            ],
        ]
        for part in parts
    ]
    return [
        Section(
            "parts",
            "Its parts",
            ("Part, in our words", "Force", "Construct", "Place"),
            rows,
            tells=frozenset({K20 + "component"}),
        )
    ]


# ---------------------------------------------------------------- schemes, sources, people


def _graph(site: Site, names: Names, iri: str) -> list[Section]:
    """Return what a named graph holds, by class."""
    node = ox.NamedNode(iri)
    if not site.dataset.store.contains_named_graph(node):
        return []
    members: dict[str, set[str]] = {}
    typed = ox.NamedNode(RDF_TYPE)
    for quad in site.dataset.store.quads_for_pattern(None, typed, None, node):
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode):
            members.setdefault(quad.object.value, set()).add(quad.subject.value)
    rows = [
        [
            _links(site, [kind]),
            [Shown(str(len(found)), numeric=True)],
            _links(site, sorted(found, key=names.order)[:_MOST_EXAMPLES]),
        ]
        for kind, found in sorted(members.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]
    statements = sum(1 for _ in site.dataset.store.quads_for_pattern(None, None, None, node))
    return [
        Section(
            "holds",
            "What the graph holds",
            ("Kind", "Things", "The first of them"),
            rows,
            f"{statements} statements.",
            numeric=(1,),
        )
    ]


def _scheme(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    rows = []
    for concept in sorted(facts.subjects(SKOS + "inScheme", iri), key=names.order):
        uses = sum(
            1
            for quad in site.dataset.store.quads_for_pattern(None, None, _node(concept), None)
            if not quad.predicate.value.startswith(SKOS)
        )
        rows.append(
            [
                _links(site, [concept]),
                _text(facts.value(concept, SKOS + "definition")),
                [Shown(str(uses), numeric=True)],
            ]
        )
    return [
        Section(
            "concepts",
            "Its concepts",
            ("Concept", "Definition", "Uses"),
            rows,
            tells=frozenset({SKOS + "hasTopConcept"}),
            numeric=(2,),
        )
    ]


def _source(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    counts: Counter[str] = Counter()
    sections: Counter[str] = Counter()
    for item in facts.subjects(K20 + "source", iri):
        sections[facts.get(item, "section") or "not stated"] += 1
        for record in facts.subjects(K20 + "evidencedBy", item):
            counts[next(iter(names.kinds(record)), "")] += 1
    rows = [
        [_links(site, [kind]) if kind else _text("other"), [Shown(str(n), numeric=True)]]
        for kind, n in counts.most_common()
    ]
    where = [
        [_text(section), [Shown(str(n), numeric=True)]]
        for section, n in sorted(sections.items(), key=lambda pair: (-pair[1], pair[0]))[:25]
    ]
    return [
        Section("rests", "What rests on it", ("Kind of record", "Records"), rows, numeric=(1,)),
        Section(
            "places",
            "Where in it the evidence lies",
            ("Section", "Evidence items"),
            where,
            numeric=(1,),
        ),
    ]


def _person(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    rows = [
        [
            _links(site, [use]),
            _text(facts.get(use, "nameAsPrinted")),
            _links(site, facts.all(use, "nameRole")),
            [
                show_iri(site, item, facts.get(item, "locator") or names.name(item))
                for item in facts.all(use, "evidencedBy")
            ],
        ]
        for use in sorted(facts.all(iri, "nameUse"), key=names.order)
    ]
    return [
        Section(
            "names",
            "Where the name stands",
            ("Use", "As printed", "As", "Place"),
            rows,
            tells=frozenset({K20 + "nameUse"}),
        )
    ]


def _reading(site: Site, names: Names, iri: str) -> list[Section]:
    return _choices(
        site,
        [
            (p.criterion, p.name, p.value, r.iri)
            for d in definitions_of()
            for r in d.readings
            if r.iri == iri
            for p in r.parameters
        ],
        names,
    )


def _criterion(site: Site, names: Names, iri: str) -> list[Section]:
    return _choices(
        site,
        [
            (p.criterion, p.name, p.value, r.iri)
            for d in definitions_of()
            for r in d.readings
            for p in r.parameters
            if p.criterion == iri
        ],
        names,
    )


def _choices(
    site: Site, chosen: Sequence[tuple[str, str, str, str]], names: Names
) -> list[Section]:
    rows = [
        [_links(site, [criterion]) if criterion else [], _text(name), _text(value),
         _links(site, [reading])]
        for criterion, name, value, reading in dict.fromkeys(chosen)
    ]  # fmt: skip
    return [
        Section(
            "choices",
            "What is chosen for it",
            ("Criterion", "Parameter", "Value", "Under the reading"),
            rows,
            "Each value stands in one shape, from which it is read.",
        )
    ]


def _node(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


Maker = Callable[["Site", Names, str], list[Section]]
_MAKERS: Final[Mapping[str, Maker]] = {
    K20 + "Work": _work,
    K20 + "ReadingNote": _positions,
    SKOS + "ConceptScheme": _scheme,
    K20 + "SourceDocument": _source,
    K20 + "Person": _person,
    K20 + "Reading": _reading,
    K20 + "Criterion": _criterion,
}
