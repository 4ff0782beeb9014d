"""Tables that the page of a thing shows because of its class: a work's record, a note's positions.

Each maker takes a thing and returns a table or nothing; what the table tells is not told again in
the list of properties.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.vocabulary import K20, RDF_TYPE, RDFS, SKOS
from k20kg.web.pages.facts import definitions_of
from k20kg.web.pages.tables import Section, link_cells, text_cell
from k20kg.web.pages.terms import Names, Shown, names_of, show_iri
from k20kg.web.pages.works import work_sections

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["sections_of"]

_MOST_EXAMPLES: Final = 5


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


# ---------------------------------------------------------------- notes and passages


def _notes(site: Site, names: Names, iri: str) -> list[Section]:
    facts = names.facts
    notes = {*facts.subjects(K20 + "regards", iri), *facts.all(iri, "readingNote")}
    rows = [
        [
            link_cells(site, [note]),
            text_cell(facts.value(note, RDFS + "comment")),
            link_cells(site, facts.all(note, "noteKind")),
            link_cells(site, facts.all(note, "noteBasis")),
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
            link_cells(site, facts.all(one, "source")),
            text_cell(facts.get(one, "valueRead")),
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
            link_cells(site, [part]),
            link_cells(site, facts.all(part, "componentForce")),
            link_cells(site, facts.all(part, "aboutConstruct")),
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
            link_cells(site, [kind]),
            [Shown(str(len(found)), numeric=True)],
            link_cells(site, sorted(found, key=names.order)[:_MOST_EXAMPLES]),
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
        uses = {
            quad.triple
            for quad in site.dataset.store.quads_for_pattern(None, None, _node(concept), None)
            if not quad.predicate.value.startswith(SKOS)
        }
        rows.append(
            [
                link_cells(site, [concept]),
                text_cell(facts.value(concept, SKOS + "definition")),
                [Shown(str(len(uses)), numeric=True)],
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
    records: dict[str, set[str]] = {}
    sections: Counter[str] = Counter()
    for item in facts.subjects(K20 + "source", iri):
        sections[facts.get(item, "section") or "not stated"] += 1
        for record in facts.subjects(K20 + "evidencedBy", item):
            records.setdefault(next(iter(names.kinds(record)), ""), set()).add(record)
    counts = Counter({kind: len(found) for kind, found in records.items()})
    rows = [
        [link_cells(site, [kind]) if kind else text_cell("other"), [Shown(str(n), numeric=True)]]
        for kind, n in counts.most_common()
    ]
    where = [
        [text_cell(section), [Shown(str(n), numeric=True)]]
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
            link_cells(site, [use]),
            text_cell(facts.get(use, "nameAsPrinted")),
            link_cells(site, facts.all(use, "nameRole")),
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
            ("", p.name, p.value, r.iri)
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
        [link_cells(site, [criterion]) if criterion else [], text_cell(name), text_cell(value),
         link_cells(site, [reading])]
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
    K20 + "Work": work_sections,
    K20 + "ReadingNote": _positions,
    SKOS + "ConceptScheme": _scheme,
    K20 + "SourceDocument": _source,
    K20 + "Person": _person,
    K20 + "Reading": _reading,
    K20 + "Criterion": _criterion,
}
