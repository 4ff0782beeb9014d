"""The ontology's logic as a reasoner sees it, and the classes to repeat for each thing of a kind.

OWL cannot say that one and the same goal is held by everybody; of one given goal it can. So a
class may mention a placeholder, an individual that `k20:standsForEach` value of a property of the
group. Such classes are told once for each value, with the value in its stead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from k20kg.rdf.graph import Graph, read_turtle, str_of
from k20kg.sources.terms import statements
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS

_RDF: Final = RDF_TYPE.removesuffix("type")
_LOGICAL: Final = tuple(RDFS + n for n in ("subClassOf", "subPropertyOf", "domain", "range"))
_QUERIES: Final = (K20 + "membersFoundBy", K20 + "othersFoundBy")
_LISTS: Final = (_RDF + "first", _RDF + "rest")


@dataclass(frozen=True, slots=True)
class ClassTemplate:
    """Classes that mention a placeholder."""

    placeholder: str
    stands_for: str
    """IRI of the property of the group whose values take its place."""
    classes: tuple[str, ...]
    triples: tuple[ox.Triple, ...] = field(repr=False)

    def told_of(self, value: str, number: int) -> Iterator[ox.Triple]:
        """Yield the axioms with a value in place of the placeholder."""
        names = {c: f"{c}_{number}" for c in self.classes} | {self.placeholder: value}

        def new(term: Any) -> Any:
            if isinstance(term, ox.BlankNode):
                return ox.BlankNode(f"t{number}{term.value}")
            known = isinstance(term, ox.NamedNode) and names.get(term.value)
            return ox.NamedNode(known) if known else term

        for one in self.triples:
            yield ox.Triple(new(one.subject), one.predicate, new(one.object))


@dataclass(frozen=True, eq=False)
class Logic:
    """The axioms that a reasoner is told whatever the case."""

    triples: tuple[ox.Triple, ...] = field(repr=False)
    templates: tuple[ClassTemplate, ...]
    queried: tuple[str, ...]
    """IRIs of the classes whose members are found by a query, for OWL cannot work them out."""
    subclasses: tuple[ox.Quad, ...] = field(repr=False)
    """Pairs of named classes, the first below the second, for those queries."""
    terms: Graph = field(repr=False)
    """All that the files state, annotations included."""

    @cached_property
    def decisive(self) -> frozenset[str]:
        """The properties that a class expression mentions, or that tell two things apart."""
        named = {
            p
            for restriction in self.terms.of_type(OWL + "Restriction")
            for p in self.terms.values(restriction, OWL + "onProperty")
        }
        inverse = {i for p in named for i in self.terms.values(p, OWL + "inverseOf")}
        functional = self.terms.of_type(OWL + "FunctionalProperty")
        apart = {p for p in functional if p in self.terms.of_type(OWL + "DatatypeProperty")}
        return frozenset(named | inverse | apart)


@cache
def logic(*further: Path) -> Logic:
    """Return the logic of the ontology's core files, and of further files.

    Annotations and the documents' own individuals are left out: no reasoner looks at them, and
    they would take most of its time. So are dates, which HermiT refuses and no axiom compares.
    """
    quads = [*statements(), *read_turtle(*further)]
    terms = Graph(quads)
    spoken = set(terms.of_type(OWL + "AnnotationProperty"))
    told = _with_lists(quads, [q.triple for q in quads if _is_logical(q, spoken)])
    placeholders = {
        str_of(q.subject): str_of(q.object)
        for q in quads
        if q.predicate.value == K20 + "standsForEach"
    }
    templates = [_template(told, p, placeholders[p]) for p in sorted(placeholders)]
    repeated = {t for template in templates for t in template.triples}
    return Logic(
        triples=tuple(t for t in told if t not in repeated),
        templates=tuple(templates),
        queried=tuple(sorted({str_of(q.subject) for q in quads if q.predicate.value in _QUERIES})),
        subclasses=tuple(q for q in quads if q.predicate.value == RDFS + "subClassOf"),
        terms=terms,
    )


def _is_logical(quad: ox.Quad, spoken: set[str]) -> bool:
    subject, predicate, value = str_of(quad.subject), quad.predicate.value, str_of(quad.object)
    if subject in spoken or predicate in spoken or predicate == OWL + "versionInfo":
        return False
    if predicate == OWL + "versionIRI" or value == OWL + "Ontology":
        return False
    if predicate == RDF_TYPE:
        return value.startswith(OWL) and value != OWL + "NamedIndividual"
    return predicate.startswith((OWL, *_LOGICAL))


def _with_lists(quads: Iterable[ox.Quad], told: list[ox.Triple]) -> list[ox.Triple]:
    """Return axioms with the lists that they mention, and no others."""
    cells: dict[str, list[ox.Triple]] = {}
    for quad in quads:
        if quad.predicate.value in _LISTS:
            cells.setdefault(str_of(quad.subject), []).append(quad.triple)
    reached = _reached(
        (str_of(t.object) for t in told),
        lambda node: [str_of(c.object) for c in cells.get(node, ())],
    )
    return list(dict.fromkeys([*told, *(c for node in reached for c in cells.get(node, ()))]))


def _template(told: list[ox.Triple], placeholder: str, stands_for: str) -> ClassTemplate:
    """Return the classes that mention a placeholder, or a class that does, and their axioms."""
    mention: dict[str, list[str]] = {}
    about: dict[str, list[ox.Triple]] = {}
    for one in told:
        mention.setdefault(str_of(one.object), []).append(str_of(one.subject))
        about.setdefault(str_of(one.subject), []).append(one)
    users = _reached([placeholder], lambda node: mention.get(node, ()))
    classes = sorted(u for u in users if u != placeholder and not u.startswith("_:"))
    parts = _reached(classes, lambda n: [str(t.object) for t in about.get(n, ()) if _is_blank(t)])
    axioms = dict.fromkeys(t for node in parts for t in about.get(node, ()))
    return ClassTemplate(placeholder, stands_for, tuple(classes), tuple(axioms))


def _is_blank(one: ox.Triple) -> bool:
    return isinstance(one.object, ox.BlankNode)


def _reached(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> list[str]:
    """Return some nodes and all that follow from one of them, each once."""
    found, waiting = dict[str, None](), list(start)
    while waiting:
        node = waiting.pop()
        if node not in found:
            found[node] = None
            waiting += following(node)
    return list(found)


def axioms(*statements: str) -> tuple[ox.Triple, ...]:
    """Return axioms written as Turtle without the last dots; the prefix ``owl`` is known."""
    text = f"@prefix owl: <{OWL}> .\n" + "".join(f"{one} .\n" for one in statements)
    return tuple(dict.fromkeys(q.triple for q in ox.parse(text, ox.RdfFormat.TURTLE)))


def complement(class_iri: str) -> str:
    """Return the class of what is not of another one, in Turtle."""
    return f"[ a owl:Class ; owl:complementOf <{class_iri}> ]"
