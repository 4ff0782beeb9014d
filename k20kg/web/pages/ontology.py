"""The reference of the ontology: every term with anchor, meaning, use and example.

All of it is read from the graph; the template looks up what it shows of a term.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.rdf.graph import key
from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, SKOS, shorten
from k20kg.web.http.formats import FORMATS
from k20kg.web.pages import upper_first
from k20kg.web.pages.resource import properties_of
from k20kg.web.pages.terms import Names, Shown, local, names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

ONTOLOGY: Final = BASE + "ontology"
KINDS: Final = (
    ("class", "Classes", OWL + "Class"),
    ("object-property", "Properties between things", OWL + "ObjectProperty"),
    ("datatype-property", "Properties with plain values", OWL + "DatatypeProperty"),
    ("annotation-property", "Properties for documentation", OWL + "AnnotationProperty"),
    ("individual", "Individuals", ""),
)
"""Key, heading, and the type that makes a term one of the kind; without one, an individual."""
_HOW: Final = {
    RDFS + "subClassOf": "kind of",
    RDFS + "subPropertyOf": "kind of",
    OWL + "equivalentClass": "same as",
    OWL + "equivalentProperty": "same as",
    SKOS + "closeMatch": "close to",
    SKOS + "exactMatch": "same meaning as",
    SKOS + "broadMatch": "narrower than",
    SKOS + "narrowMatch": "broader than",
    SKOS + "relatedMatch": "related to",
}
"""Property that sets one of our terms beside another → words."""
_FROM: Final = ("^rdfs:domain", "^rdf:first/^rdf:rest*/^owl:unionOf/^rdfs:domain")
"""Paths from a class to the properties that lead from it, alone or in a union."""
_COLUMNS: Final = (
    ("WorkingGroup",),
    ("FirmMembership", "Participation", "Procedure", "Task", "BenefitStatement"),
    ("Firm", "RoutineProcedure", "Enactment", "TaskAspect", "Benefit"),
    ("Organization",),
)
"""The six constructs and what joins them, in columns; the joints are read from the ontology."""
_SIX: Final = frozenset(
    ("Firm", "Organization", "FirmMembership", "RoutineProcedure", "TaskAspect", "Benefit")
)
_CASES: Final = (BASE + "case/", BASE + "data/cases/", BASE + "data/counter-cases/")


@dataclass(frozen=True, slots=True)
class _Module:
    """An ontology document with the terms that it declares."""

    iri: str
    title: str
    description: str
    terms: tuple[str, ...] = field(repr=False, default=())


def page(site: Site, iri: str = ONTOLOGY) -> str:
    """Return the page of an ontology document; that of the namespace holds every term.

    A version is shown by the page of the document that it is a version of.
    """
    names = names_of(site.dataset)
    documents = names.subjects(OWL + "versionIRI", iri)
    document = documents[0] if documents else iri
    modules = _modules(site.dataset)
    shared = {
        "here": "/ontology",
        "iri": document,
        "formats": FORMATS,
        "uses": _uses(site.dataset),
        "jsonld": _schema(names, document),
    }
    if document == ONTOLOGY:
        with_terms = [module for module in modules if module.terms]
        boxes, edges, joints = _constructs(site.dataset)
        return site.render(
            "ontology.html",
            title="Ontology reference",
            description="Every class and property with definition, source, scope, use and example.",
            modules=modules,
            groups=_groups(site.dataset),
            boxes=boxes,
            edges=edges,
            strong=_SIX,
            joints=joints,
            trees=[(module, _tree(names, module)) for module in with_terms],
            beside=partial(_beside, names),
            functional=lambda term: OWL + "FunctionalProperty" in names.values(term, RDF_TYPE),
            leads_from=_FROM,
            **shared,
        )
    module = next((m for m in modules if m.iri == document), None)
    return site.render(
        "ontology_module.html",
        title=names.name(document),
        description=names.value(document, DCTERMS + "description"),
        module=module,
        mappings=_mappings(names, document),
        rest=[] if module else properties_of(names, document),
        **shared,
    )


def _schema(names: Names, iri: str) -> str:
    said = {
        "@context": "https://schema.org",
        "@type": "DefinedTermSet",
        "@id": iri,
        "name": names.name(iri),
        "description": names.value(iri, DCTERMS + "description"),
        "version": names.value(iri, OWL + "versionInfo"),
        "license": names.value(iri, DCTERMS + "license"),
        "url": iri,
    }
    return json.dumps({k: v for k, v in said.items() if v}, ensure_ascii=False, sort_keys=True)


# ---------------------------------------------------------------- terms


@lru_cache(maxsize=2)
def _homes(dataset: Dataset) -> Mapping[str, str]:
    """Return our terms, by label, each with the ontology document that defines it."""
    names = names_of(dataset)
    documents = {
        quad.graph_name: quad.subject.value
        for quad in dataset.store.quads_for_pattern(
            None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OWL + "Ontology"), None
        )
        if isinstance(quad.subject, ox.NamedNode)
    }
    homes: dict[str, str] = {}
    for predicate in (SKOS + "definition", SKOS + "prefLabel", RDFS + "label"):
        for quad in dataset.store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
            term = key(quad.subject)
            if term.startswith(K20) and quad.graph_name in documents:
                homes.setdefault(term, documents[quad.graph_name])
    return dict(sorted(homes.items(), key=lambda pair: (names.name(pair[0]).lower(), pair[0])))


@lru_cache(maxsize=2)
def _modules(dataset: Dataset) -> tuple[_Module, ...]:
    """Return the ontology documents with their terms: those with terms of their own first."""
    names = names_of(dataset)
    homes = _homes(dataset)
    found = [
        _Module(
            iri,
            names.name(iri),
            names.value(iri, DCTERMS + "abstract") or names.value(iri, DCTERMS + "description"),
            tuple(term for term, home in homes.items() if home == iri),
        )
        for iri in names.of_type(OWL + "Ontology")
    ]
    return tuple(sorted(found, key=lambda m: (not m.terms, m.iri)))


def _groups(dataset: Dataset) -> list[tuple[str, str, list[str]]]:
    """Return the kinds of terms that there are: key, heading, terms."""
    names = names_of(dataset)
    found: dict[str, list[str]] = {key: [] for key, _, _ in KINDS}
    for term in _homes(dataset):
        types = names.values(term, RDF_TYPE)
        found[next(key for key, _, wanted in KINDS if not wanted or wanted in types)].append(term)
    return [(key, heading, found[key]) for key, heading, _ in KINDS if found[key]]


@dataclass(slots=True)
class _Use:
    """How often a term is used, and the best example: a thing, or a subject and its value."""

    cases: int = 0
    """Instances of a class, or statements with a property, in the published cases."""
    elsewhere: int = 0
    rank: tuple[int, str] = (9, "")
    example: tuple[Shown, ...] = ()


@lru_cache(maxsize=2)
def _uses(dataset: Dataset) -> Mapping[str, _Use]:
    """Return the use of each of our terms outside ontology and shapes."""
    names = names_of(dataset)
    found: dict[str, _Use] = {}
    best: dict[str, ox.Quad] = {}
    seen: set[ox.Triple] = set()
    for quad in dataset.store:
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        term = quad.predicate.value
        if term == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
            term = quad.object.value
        # Several graphs of a case may say the same.
        if not term.startswith(K20) or graph.startswith((BASE + "ontology/", BASE + "shapes")):
            continue
        if quad.triple in seen:
            continue
        seen.add(quad.triple)
        use = found.setdefault(term, _Use())
        inside = graph.startswith(_CASES)
        use.cases += inside
        use.elsewhere += not inside
        rank = 0 if inside and "counter-cases" not in graph else 2 if inside else 1
        if isinstance(quad.subject, ox.NamedNode) and (rank, str(quad.subject)) < use.rank:
            use.rank, best[term] = (rank, str(quad.subject)), quad
    for term, quad in best.items():
        ends = (quad.subject,) if quad.predicate.value == RDF_TYPE else (quad.subject, quad.object)
        found[term].example = tuple(map(names.show, ends))
    return found


def _beside(names: Names, term: str) -> list[Shown]:
    """Return the terms elsewhere that one of ours is set beside, and how."""
    return [
        Shown("", parts=(Shown(f"{how} "), names.link(other.value, shorten(other.value))))
        for predicate, how in _HOW.items()
        for other in names.terms(term, predicate)
        if isinstance(other, ox.NamedNode) and not other.value.startswith(BASE)
    ]


# ---------------------------------------------------------------- pictures


Box = tuple[str, str, str]
"""Key, words and address."""
Edge = tuple[str, str, str, bool]
"""From, to, words, and whether one is a kind of the other."""


def _constructs(
    dataset: Dataset,
) -> tuple[list[list[Box]], list[Edge], list[tuple[Shown, Shown, Shown]]]:
    """Return the six constructs in columns, what joins them in the picture, and all that does."""
    names = names_of(dataset)
    uses = _uses(dataset)
    known = [[k for k in column if K20 + k in names] for column in _COLUMNS]
    keys = {k: n for n, column in enumerate(known) for k in column}
    edges: list[Edge] = []
    rows: list[tuple[Shown, Shown, Shown]] = []
    for start in keys:
        joints: dict[str, list[str]] = {}
        for prop in sorted(map(key, names.reach(K20 + start, *_FROM))):
            for end in map(local, names.values(prop, RDFS + "range")):
                if end in keys and keys[end] == keys[start] + 1:
                    joints.setdefault(end, []).append(prop)
                    rows.append((names.link(K20 + start), names.link(prop), names.link(K20 + end)))
        for end, through in joints.items():  # the picture has room for one, the table has all
            most = max(through, key=lambda p: (uses[p].cases if p in uses else 0, p))
            edges.append((start, end, names.name(most), False))
    for start in keys:
        if parent := _nearest(names, K20 + start, {K20 + k for k in keys}):
            edges.append((start, local(parent), "is a", True))
            rows.append((names.link(K20 + start), Shown("is a kind of"), names.link(parent)))
    boxes = [[(k, upper_first(names.name(K20 + k)), f"#{k}") for k in column] for column in known]
    return boxes, edges, rows


def _parents(names: Names, iri: str) -> list[str]:
    """Return the named classes that a class is a kind of, stated or as part of its definition."""
    found = names.values(iri, RDFS + "subClassOf")
    for same in names.values(iri, OWL + "equivalentClass"):
        found += names.items(same, OWL + "intersectionOf")
    return list(dict.fromkeys(parent for parent in found if parent.startswith(K20)))


def _nearest(names: Names, iri: str, wanted: set[str]) -> str:
    """Return the closest class among some that a class is a kind of, or ""."""
    level = [iri]
    for _ in range(8):
        level = [above for one in level for above in _parents(names, one)]
        if found := next((one for one in level if one in wanted and one != iri), ""):
            return found
    return ""


def _tree(names: Names, module: _Module) -> list[tuple[int, str, str]]:
    """Return depth, words and address of the classes of a module, each below its first parent."""
    classes = [t for t in module.terms if OWL + "Class" in names.values(t, RDF_TYPE)]
    if len(classes) < 3:
        return []
    below: dict[str, list[str]] = {}
    for iri in classes:
        parents = [p for p in _parents(names, iri) if p != iri]
        inside = next((p for p in parents if p in classes), "")
        below.setdefault(inside or next(iter(parents), ""), []).append(iri)
    rows: list[tuple[int, str, str]] = []
    roots = list(below.get("", [])) + [p for p in below if p and p not in classes]

    def walk(iri: str, depth: int) -> None:
        rows.append((depth, upper_first(names.name(iri)), f"#{iri.removeprefix(K20)}"))
        for child in sorted(below.get(iri, []), key=names.name):
            if depth < 12:
                walk(child, depth + 1)

    for root in sorted(roots, key=names.name):
        walk(root, 0)
    return rows


def _mappings(names: Names, document: str) -> list[tuple[Shown, str, str, str]]:
    """Return what a document sets our terms beside: ours, how, theirs, a note."""
    rows: list[tuple[Shown, str, str, str]] = []
    declared = (ox.NamedNode(document), ox.NamedNode(RDF_TYPE), ox.NamedNode(OWL + "Ontology"))
    for graph in {quad.graph_name for quad in names.store.quads_for_pattern(*declared, None)}:
        for quad in names.store.quads_for_pattern(None, None, None, graph):
            ours, theirs = quad.subject, quad.object
            how = _HOW.get(quad.predicate.value, "")
            if (
                how
                and isinstance(ours, ox.NamedNode)
                and isinstance(theirs, ox.NamedNode)
                and not theirs.value.startswith((OWL, BASE))
            ):
                scope = ox.NamedNode(SKOS + "scopeNote")
                notes = names.store.quads_for_pattern(ours, scope, None, graph)
                note = next((q.object.value for q in notes if isinstance(q.object, ox.Literal)), "")
                rows.append((names.link(ours.value), how, theirs.value, note))
    return sorted(rows, key=lambda row: (row[0].words.lower(), shorten(row[2])))
