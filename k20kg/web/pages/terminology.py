"""The terms of the ontology as a reference shows them: what each is, where it is used, an example.

All of it is read from the graph, the counts among the cases that are published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, SKOS, shorten
from k20kg.web.pages.facts import local
from k20kg.web.pages.terms import RDF, Names, Shown, names_of, show, show_iri

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

__all__ = ["KINDS", "Module", "Term", "modules_of", "parents_of", "terms_of"]

KINDS: Final = (
    ("class", "Classes", (OWL + "Class",)),
    ("object-property", "Properties between things", (OWL + "ObjectProperty",)),
    ("datatype-property", "Properties with plain values", (OWL + "DatatypeProperty",)),
    ("annotation-property", "Properties for documentation", (OWL + "AnnotationProperty",)),
    ("individual", "Individuals", ()),
)
"""Key, heading, and the types that make a term one of the kind; what has none is an individual."""
_MAPPED: Final = (
    RDFS + "subClassOf",
    RDFS + "subPropertyOf",
    OWL + "equivalentClass",
    OWL + "equivalentProperty",
    SKOS + "closeMatch",
    SKOS + "exactMatch",
    SKOS + "broadMatch",
    SKOS + "narrowMatch",
    SKOS + "relatedMatch",
)
_CASES: Final = (BASE + "case/", BASE + "data/cases/", BASE + "data/counter-cases/")


@dataclass(frozen=True, slots=True)
class Term:
    """A class, property or individual with all that the reference says of it."""

    iri: str
    anchor: str
    short: str
    kind: str
    label: str
    definition: str
    notes: tuple[str, ...]
    examples: tuple[str, ...]
    sources: tuple[str, ...]
    facts: tuple[tuple[str, tuple[Shown, ...]], ...]
    """What the axioms say: a heading with its values."""
    mapped: tuple[tuple[str, Shown], ...]
    """Terms elsewhere and how they relate."""
    used: int
    """Instances of a class, or statements with a property, in the published cases."""
    used_elsewhere: int
    instance: tuple[Shown, ...]
    """An example from the data: a thing, or a subject and its value."""


@dataclass(frozen=True, slots=True)
class Module:
    """An ontology document: its metadata and the terms that it declares."""

    iri: str
    title: str
    description: str
    terms: tuple[Term, ...] = field(repr=False, default=())


class _Uses:
    """How often each term is used, and the best example of each."""

    def __init__(self, store: ox.Store) -> None:
        self.in_cases: dict[str, int] = {}
        self.elsewhere: dict[str, int] = {}
        self.example: dict[str, tuple[int, str, ox.Quad]] = {}
        seen: set[ox.Triple] = set()
        for quad in store:
            graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
            if graph.startswith((BASE + "ontology/", BASE + "shapes")):
                continue
            term = quad.predicate.value
            if term == RDF_TYPE and isinstance(quad.object, ox.NamedNode):
                term = quad.object.value
            if not term.startswith(K20):
                continue
            inside = graph.startswith(_CASES)
            if quad.triple in seen:  # several graphs of a case may say the same
                continue
            seen.add(quad.triple)
            counts = self.in_cases if inside else self.elsewhere
            counts[term] = counts.get(term, 0) + 1
            if not isinstance(quad.subject, ox.NamedNode):
                continue
            rank = 0 if inside and "counter-cases" not in graph else 1 if not inside else 2
            candidate = (rank, str(quad.subject), quad)
            known = self.example.get(term)
            if known is None or candidate[:2] < known[:2]:
                self.example[term] = candidate


@lru_cache(maxsize=2)
def _uses(dataset: Dataset) -> _Uses:
    return _Uses(dataset.store)


def modules_of(site: Site) -> list[Module]:
    """Return the ontology documents with their terms: those with terms of their own first."""
    names = names_of(site.dataset)
    homes = _homes(site.dataset)
    terms: dict[str, list[Term]] = {}
    for term in terms_of(site):
        terms.setdefault(homes[term.iri], []).append(term)
    found = [
        Module(
            iri,
            names.name(iri),
            names.facts.value(iri, DCTERMS + "abstract")
            or names.facts.value(iri, DCTERMS + "description"),
            tuple(terms.get(iri, ())),
        )
        for iri in names.facts.of_type(OWL + "Ontology")
    ]
    return sorted(found, key=lambda m: (not m.terms, m.iri))


@lru_cache(maxsize=2)
def _homes(dataset: Dataset) -> Mapping[str, str]:
    """Return the ontology document that defines each of our terms."""
    documents: dict[str, str] = {}
    for quad in dataset.store.quads_for_pattern(
        None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OWL + "Ontology"), None
    ):
        documents[quad.graph_name.value] = quad.subject.value  # type: ignore[union-attr]
    homes: dict[str, str] = {}
    for predicate in (SKOS + "definition", SKOS + "prefLabel", RDFS + "label"):
        for quad in dataset.store.quads_for_pattern(None, ox.NamedNode(predicate), None, None):
            if not isinstance(quad.subject, ox.NamedNode) or not quad.subject.value.startswith(K20):
                continue
            graph = quad.graph_name
            if isinstance(graph, ox.NamedNode) and graph.value in documents:
                homes.setdefault(quad.subject.value, documents[graph.value])
    return homes


@lru_cache(maxsize=4)
def terms_of(site: Site) -> tuple[Term, ...]:
    """Return every term that the ontology defines, by label."""
    names = names_of(site.dataset)
    found = [_term(site, names, iri) for iri in _homes(site.dataset)]
    return tuple(sorted(found, key=lambda t: (t.label.lower(), t.anchor)))


def _kind(names: Names, iri: str) -> str:
    types = names.facts.values(iri, RDF_TYPE)
    return next((key for key, _, wanted in KINDS if set(wanted) & set(types)), "individual")


def _term(site: Site, names: Names, iri: str) -> Term:
    facts, uses = names.facts, _uses(site.dataset)
    kind = _kind(names, iri)
    example = uses.example.get(iri)
    return Term(
        iri=iri,
        anchor=iri.removeprefix(K20),
        short=shorten(iri),
        kind=kind,
        label=names.name(iri),
        definition=facts.value(iri, SKOS + "definition"),
        notes=tuple(
            note
            for name in (SKOS + "scopeNote", K20 + "unscopedBecause", K20 + "owlNote")
            for note in facts.values(iri, name)
        ),
        examples=tuple(facts.values(iri, SKOS + "example")),
        sources=tuple(facts.values(iri, DCTERMS + "source")),
        facts=tuple(_facts(site, names, iri, kind)),
        mapped=tuple(_mapped(site, names, iri)),
        used=uses.in_cases.get(iri, 0),
        used_elsewhere=uses.elsewhere.get(iri, 0),
        instance=_instance(site, example[2]) if example else (),
    )


def _instance(site: Site, quad: ox.Quad) -> tuple[Shown, ...]:
    subject = show(site, quad.subject)
    return (subject,) if quad.predicate.value == RDF_TYPE else (subject, show(site, quad.object))


def _facts(
    site: Site, names: Names, iri: str, kind: str
) -> Iterable[tuple[str, tuple[Shown, ...]]]:
    """Yield what the axioms say of a term, headings first."""
    facts = names.facts
    if kind == "class":
        rows: Sequence[tuple[str, list[Any]]] = (
            ("Kind of", _ours(facts.terms(iri, RDFS + "subClassOf"))),
            ("Kinds", _iris(facts.subjects(RDFS + "subClassOf", iri))),
            ("The same as", list(facts.terms(iri, OWL + "equivalentClass"))),
            ("Never also", list(facts.terms(iri, OWL + "disjointWith"))),
            ("Has", _iris(_through(names, RDFS + "domain", iri))),
            ("Is the value of", _iris(_through(names, RDFS + "range", iri))),
        )
    elif kind == "individual":
        types = facts.values(iri, RDF_TYPE)
        rows = (
            ("A", _iris(t for t in types if not t.startswith(OWL))),
            ("In the list", list(facts.terms(iri, SKOS + "inScheme"))),
            ("Narrower than", list(facts.terms(iri, SKOS + "broader"))),
        )
    else:
        rows = (
            ("Kind of", _ours(facts.terms(iri, RDFS + "subPropertyOf"))),
            ("Kinds", _iris(facts.subjects(RDFS + "subPropertyOf", iri))),
            ("Leads from", list(facts.terms(iri, RDFS + "domain"))),
            ("Leads to", list(facts.terms(iri, RDFS + "range"))),
            ("Inverse", [
                *facts.terms(iri, OWL + "inverseOf"),
                *_iris(facts.subjects(OWL + "inverseOf", iri)),
            ]),
            ("Values from", list(facts.terms(iri, K20 + "valuesFrom"))),
        )  # fmt: skip
    for head, values in rows:
        shown = tuple(show(site, value) for value in dict.fromkeys(values))
        if shown:
            yield head, shown
    if OWL + "FunctionalProperty" in facts.values(iri, RDF_TYPE):
        yield "Values", (Shown("one at most"),)


def _ours(terms: Iterable[Any]) -> list[Any]:
    return [t for t in terms if not isinstance(t, ox.NamedNode) or t.value.startswith(BASE)]


def _iris(iris: Iterable[str]) -> list[Any]:
    return [ox.NamedNode(iri) for iri in sorted(iris) if not iri.startswith("_:")]


def _through(names: Names, predicate: str, iri: str) -> list[str]:
    """Return the properties that name a class as domain or range, alone or in a union."""
    facts = names.facts
    found = set(facts.subjects(predicate, iri))
    for cell in facts.subjects(RDF + "first", iri):
        head = cell
        while above := facts.subjects(RDF + "rest", head):
            head = above[0]
        for union in facts.subjects(OWL + "unionOf", head):
            found.update(facts.subjects(predicate, union))
    return sorted(found)


def _mapped(site: Site, names: Names, iri: str) -> Iterable[tuple[str, Shown]]:
    """Yield the terms elsewhere that one of ours is set beside."""
    for predicate in _MAPPED:
        for term in names.facts.terms(iri, predicate):
            if isinstance(term, ox.NamedNode) and not term.value.startswith(BASE):
                yield _words(local(predicate)), show_iri(site, term.value, shorten(term.value))


_HOW: Final = {
    "subClassOf": "kind of",
    "subPropertyOf": "kind of",
    "equivalentClass": "same as",
    "equivalentProperty": "same as",
    "closeMatch": "close to",
    "exactMatch": "same meaning as",
    "broadMatch": "narrower than",
    "narrowMatch": "broader than",
    "relatedMatch": "related to",
}


def _words(name: str) -> str:
    return _HOW.get(name, name)


def parents_of(names: Names, iri: str) -> list[str]:
    """Return the named classes that a class is a kind of, stated or as part of its definition."""
    facts = names.facts
    found = [p for p in facts.values(iri, RDFS + "subClassOf") if p.startswith(K20)]
    for same in facts.values(iri, OWL + "equivalentClass"):
        found += [p for p in facts.items(same, OWL + "intersectionOf") if p.startswith(K20)]
    return list(dict.fromkeys(found))
