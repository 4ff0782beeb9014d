"""A reading that differs from another in a number or a choice: its shapes, worked out.

A variant says which parameters it sets. A number is changed in a copy of every shape that leads
to it, under names of its own; for a choice the shapes of another reading are taken over. What is
not touched is shared. No condition stands here: all that is copied was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox

from k20kg.graph import Graph, Term, key
from k20kg.vocabulary import K20, RDF_TYPE, RDFS, SH, SKOS

__all__ = ["Setting", "Variant", "read_variants", "shapes_of_variant", "words_of_variant"]

UNDER = K20 + "under"
OF_READING = K20 + "ofReading"
_RDF = RDF_TYPE.removesuffix("type")
_LINKS = {
    _RDF + "first",
    _RDF + "rest",
    K20 + "witnessedBy",
    K20 + "coverageRequiredBy",
    K20 + "setBy",
}
_ROLES = ("Support", "Counter", "Guard")


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a variant sets: a parameter to a value, or a criterion as in a reading."""

    parameter: str = ""
    value: ox.Literal | None = None
    criterion: str = ""
    as_in: str = ""
    """IRI of the reading whose shapes are taken for the criterion."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A reading that is another one but for its settings."""

    iri: str
    base: str
    settings: tuple[Setting, ...]


def read_variants(graph: Graph) -> list[Variant]:
    """Return the variants that a graph describes, each after the one that it varies."""
    waiting = {v: graph.value(v, K20 + "variantOf") for v in _subjects_with(graph, "variantOf")}
    found: list[Variant] = []
    while ready := [v for v, base in waiting.items() if base not in waiting]:
        for iri in sorted(ready):
            settings = tuple(_setting(graph, node) for node in graph.values(iri, K20 + "sets"))
            found.append(Variant(iri, waiting.pop(iri), settings))
    return found


def shapes_of_variant(quads: Iterable[ox.Quad], graph: Graph, variant: Variant) -> list[ox.Quad]:
    """Return the statements to add so that the variant can be judged by.

    `graph` is an index over `quads`, which hold the base reading's shapes and parameters.
    """
    quads = list(quads)
    roots = _choose(graph, variant, UNDER, K20 + "tests", _criterion_shapes(graph))
    parameters = _choose(
        graph, variant, OF_READING, K20 + "onCriterion", graph.of_type(K20 + "Parameter")
    )
    values = _new_values(graph, variant, parameters)
    touched = _leading_to({shape for shape, _ in values}, quads)
    mark = "--" + variant.iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]
    rename = _renamer(touched, mark)
    added = [_quad(node, UNDER, variant.iri) for node in sorted(roots - touched)]
    added += [_quad(node, OF_READING, variant.iri) for node in sorted(parameters - touched)]
    for quad in quads:
        subject, predicate = key(quad.subject), quad.predicate.value
        if subject not in touched or predicate in (UNDER, OF_READING):
            continue
        if not _is_of_another(graph, subject, roots | parameters):
            value = values.get((subject, predicate), rename(quad.object))
            added.append(ox.Quad(rename(quad.subject), quad.predicate, value))  # type: ignore[arg-type]
    for node in sorted((roots | parameters) & touched):
        added.append(_quad(node + mark, UNDER if node in roots else OF_READING, variant.iri))
    return added


def _setting(graph: Graph, node: str) -> Setting:
    parameter = graph.value(node, K20 + "parameter")
    terms = graph.terms(node, K20 + "value")
    value = terms[0] if terms and isinstance(terms[0], ox.Literal) else None
    criterion = graph.value(node, K20 + "onCriterion")
    if parameter and not criterion:
        criterion = graph.value(parameter, K20 + "onCriterion")
    return Setting(parameter, value, criterion, graph.value(node, K20 + "asIn"))


def _choose(
    graph: Graph, variant: Variant, link: str, about: str, nodes: Iterable[str]
) -> set[str]:
    """Return the base reading's nodes, those of another reading where the variant says so."""
    taken = {s.criterion: s.as_in for s in variant.settings if s.as_in}
    chosen = set()
    for node in nodes:
        reading = taken.get(graph.value(node, about), variant.base)
        if reading in graph.values(node, link):
            chosen.add(node)
    return chosen


def _criterion_shapes(graph: Graph) -> list[str]:
    return [s for role in _ROLES for s in graph.subjects(K20 + "role", K20 + role)]


def _new_values(
    graph: Graph, variant: Variant, parameters: set[str]
) -> dict[tuple[str, str], ox.Literal]:
    return {
        (shape, graph.value(s.parameter, K20 + "setThrough")): s.value
        for s in variant.settings
        if s.value is not None and s.parameter in parameters
        for shape in graph.values(s.parameter, K20 + "setBy")
    }


def _leading_to(shapes: set[str], quads: Iterable[ox.Quad]) -> set[str]:
    """Return these shapes and everything from which one of them can be reached."""
    back: dict[str, list[str]] = {}
    for quad in quads:
        predicate = quad.predicate.value
        if predicate in _LINKS or predicate.startswith(SH):
            back.setdefault(key(quad.object), []).append(key(quad.subject))
    reached = set(shapes)
    queue = list(shapes)
    while queue:
        for node in back.get(queue.pop(), ()):
            if node not in reached:
                reached.add(node)
                queue.append(node)
    return reached


def _is_of_another(graph: Graph, node: str, own: set[str]) -> bool:
    """Tell whether a node belongs to a reading, and not to this variant."""
    owned = graph.values(node, UNDER) or graph.values(node, OF_READING)
    return bool(owned) and node not in own


def _renamer(touched: set[str], mark: str) -> Callable[[Term], Term]:
    def rename(term: Term) -> Term:
        if isinstance(term, ox.NamedNode) and term.value in touched:
            return ox.NamedNode(term.value + mark)
        if isinstance(term, ox.BlankNode) and key(term) in touched:
            return ox.BlankNode(term.value + mark.replace("-", ""))
        return term

    return rename


def _subjects_with(graph: Graph, name: str) -> Iterator[str]:
    for reading in graph.of_type(K20 + "Reading"):
        if graph.values(reading, K20 + name):
            yield reading


def _quad(subject: str, predicate: str, value: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value))


def words_of_variant(graph: Graph, variant: Variant) -> list[ox.Quad]:
    """Return what a variant takes over from its base where it says nothing itself."""
    iri = ox.NamedNode(variant.iri)
    added = []
    for predicate in (K20 + "section", K20 + "assumes"):
        for term in graph.terms(variant.base, predicate):
            added.append(ox.Quad(iri, ox.NamedNode(predicate), term))
    if not graph.values(variant.iri, SKOS + "definition"):
        base = graph.label(variant.base)
        said = f"As the reading {base}, but for {_list_settings(graph, variant)}."
        added.append(ox.Quad(iri, ox.NamedNode(SKOS + "definition"), ox.Literal(said)))
    if not graph.values(variant.iri, RDFS + "label"):
        name = ox.Literal(variant.iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1])
        added.append(ox.Quad(iri, ox.NamedNode(RDFS + "label"), name))
    return added


def _list_settings(graph: Graph, variant: Variant) -> str:
    parts = []
    for s in variant.settings:
        name = graph.value(s.parameter, K20 + "parameterName") or graph.label(s.criterion)
        if s.as_in:
            parts.append(f"{name}: as in {graph.label(s.as_in)}")
        elif s.value is not None:
            parts.append(f"{name}: {s.value.value}")
    return "; ".join(parts) or "nothing"
