"""A reading that differs from another in a number or a choice: its shapes, worked out.

A variant says which parameters it sets. A number is changed in a copy of every shape that leads
to it, under names of its own; a block is put in place of another in the same way; for a choice
the shapes of another reading are taken over. What is not touched is shared. No condition stands
here: all that is copied was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.rdf.graph import Graph, Term, closure, str_of
from k20kg.vocabulary import K20, RDF_TYPE, RDFS, SH, SKOS

UNDER = K20 + "under"
OF_READING = K20 + "ofReading"
_RDF = RDF_TYPE.removesuffix("type")
_LINKS = {
    _RDF + "first",
    _RDF + "rest",
    K20 + "witnessedBy",
    K20 + "coverageOf",
    K20 + "missedBy",
    K20 + "coverageFoundBy",
    K20 + "coverageRequiredBy",
    K20 + "setBy",
}
_ROLES = ("Support", "Counter", "Guard")


class Setting(NamedTuple):
    """One thing that a variant sets: a number, a criterion as in a reading, or a block."""

    parameter: str = ""
    value: ox.Literal | None = None
    criterion: str = ""
    as_in: str = ""
    """IRI of the reading whose shapes are taken for the criterion."""
    in_place_of: str = ""
    takes: str = ""
    """IRI of the block that stands in place of `in_place_of`."""


class Variant(NamedTuple):
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
            settings = tuple(read_setting(graph, node) for node in graph.values(iri, K20 + "sets"))
            found.append(Variant(iri, waiting.pop(iri), settings))
    return found


class ShapeIndex:
    """Shapes by subject, and which of them lead to which: built once for many variants."""

    def __init__(self, quads: Iterable[ox.Quad], graph: Graph) -> None:
        self.graph = graph
        self._of: dict[str, list[ox.Quad]] = {}
        self._back: dict[str, list[str]] = {}
        for quad in quads:
            subject, predicate = str_of(quad.subject), quad.predicate.value
            self._of.setdefault(subject, []).append(quad)
            if predicate in _LINKS or predicate.startswith(SH):
                self._back.setdefault(str_of(quad.object), []).append(subject)

    def of(self, subjects: Iterable[str]) -> Iterator[ox.Quad]:
        """Yield the statements on these nodes."""
        return (quad for subject in subjects for quad in self._of.get(subject, ()))

    def leading_to(self, shapes: Iterable[str], swapped: dict[str, str]) -> set[str]:
        """Return these shapes and everything from which one of them can be reached.

        A block that is taken out is itself untouched, and so is what is put in: it may build on it.
        """
        left_alone = {*swapped, *swapped.values()}

        def back(node: str) -> list[str]:
            return [one for one in self._back.get(node, ()) if one not in left_alone]

        return set(closure([*shapes, *swapped], back)) - (swapped.keys() - set(shapes))


def shapes_of_variant(
    index: ShapeIndex, variant: Variant, criterion: str | None = None
) -> list[ox.Quad]:
    """Return the statements to add so that the variant can be judged by.

    The index holds the base reading's shapes and parameters. With a criterion, only its shapes.
    """
    graph = index.graph
    roots = _choose(graph, variant, UNDER, K20 + "tests", _criterion_shapes(graph))
    parameters = _choose(
        graph, variant, OF_READING, K20 + "onCriterion", graph.of_type(K20 + "Parameter")
    )
    if criterion is not None:
        roots = {s for s in roots if criterion in graph.values(s, K20 + "tests")}
    values = _new_values(graph, variant, parameters)
    swapped = {
        old: _forms(graph, s.takes).get(family, s.takes)
        for s in variant.settings
        if s.takes
        for family, old in _forms(graph, s.in_place_of).items()
    }
    touched = index.leading_to({shape for shape, _ in values}, swapped)
    mark = "--" + variant.iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]
    rename = _renamer(touched, swapped, mark)
    added = [_quad(node, UNDER, variant.iri) for node in sorted(roots - touched)]
    added += [_quad(node, OF_READING, variant.iri) for node in sorted(parameters - touched)]
    for quad in index.of(sorted(touched)):
        subject, predicate = str_of(quad.subject), quad.predicate.value
        if predicate not in (UNDER, OF_READING) and not _is_of_another(
            graph, subject, roots | parameters
        ):
            value = values.get((subject, predicate), rename(quad.object))
            if new := swapped.get(str_of(quad.object)):
                predicate = _reference(graph, predicate, new)
            added.append(ox.Quad(rename(quad.subject), ox.NamedNode(predicate), value))  # type: ignore[arg-type]
    for node in sorted((roots | parameters) & touched):
        added.append(_quad(node + mark, UNDER if node in roots else OF_READING, variant.iri))
    return added


def read_setting(graph: Graph, node: str) -> Setting:
    """Return the setting that a node describes."""
    parameter = graph.value(node, K20 + "parameter")
    terms = graph.terms(node, K20 + "value")
    value = terms[0] if terms and isinstance(terms[0], ox.Literal) else None
    criterion = graph.value(node, K20 + "onCriterion")
    if parameter and not criterion:
        criterion = graph.value(parameter, K20 + "onCriterion")
    return Setting(
        parameter,
        value,
        criterion,
        as_in=graph.value(node, K20 + "asIn"),
        in_place_of=graph.value(node, K20 + "inPlaceOf"),
        takes=graph.value(node, K20 + "takes"),
    )


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
        for stated in graph.values(s.parameter, K20 + "setBy")
        for shape in _forms(graph, stated).values()
    }


def _forms(graph: Graph, shape: str) -> dict[str, str]:
    """Return a shape and what stands in for it, by family, where that is another shape."""
    families = {name: graph.values(shape, K20 + name) for name in ("undisputed", "perhaps")}
    return {"": shape} | {n: f for n, forms in families.items() for f in forms if f != shape}


def _reference(graph: Graph, predicate: str, shape: str) -> str:
    """Return by what to refer to a shape in place of another: it may be of the other kind."""
    if predicate not in (SH + "property", SH + "node"):
        return predicate
    return SH + ("property" if graph.values(shape, SH + "path") else "node")


def _is_of_another(graph: Graph, node: str, own: set[str]) -> bool:
    """Tell whether a node belongs to a reading, and not to this variant."""
    owned = graph.values(node, UNDER) or graph.values(node, OF_READING)
    return bool(owned) and node not in own


def _renamer(touched: set[str], swapped: dict[str, str], mark: str) -> Callable[[Term], Term]:
    def rename(term: Term) -> Term:
        if isinstance(term, ox.NamedNode) and term.value in swapped:
            return ox.NamedNode(swapped[term.value])
        if isinstance(term, ox.NamedNode) and term.value in touched:
            return ox.NamedNode(term.value + mark)
        if isinstance(term, ox.BlankNode) and str_of(term) in touched:
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
    if not graph.values(variant.iri, K20 + "order"):
        added.append(ox.Quad(iri, ox.NamedNode(K20 + "order"), ox.Literal(_next(graph))))
    for predicate in (K20 + "section", K20 + "assumes"):
        for term in graph.terms(variant.base, predicate):
            added.append(ox.Quad(iri, ox.NamedNode(predicate), term))
    if not graph.values(variant.iri, SKOS + "definition"):
        base = graph.label(variant.base)
        said = f"As the reading {base}, but for {_list_settings(graph, variant)}."
        added.append(ox.Quad(iri, ox.NamedNode(SKOS + "definition"), ox.Literal(said)))
    if not any(graph.values(variant.iri, p) for p in (RDFS + "label", SKOS + "prefLabel")):
        name = ox.Literal(variant.iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1])
        added.append(ox.Quad(iri, ox.NamedNode(RDFS + "label"), name))
    return added


def _next(graph: Graph) -> int:
    orders = [graph.value(r, K20 + "order") for r in graph.of_type(K20 + "Reading")]
    return 1 + max((int(n) for n in orders if n.isdigit()), default=0)


def _list_settings(graph: Graph, variant: Variant) -> str:
    parts = []
    for s in variant.settings:
        name = graph.value(s.parameter, K20 + "parameterName") or graph.label(s.criterion)
        if s.as_in:
            parts.append(f"{name}: as in {graph.label(s.as_in)}")
        elif s.takes:
            parts.append(f"{graph.label(s.takes)} in place of {graph.label(s.in_place_of)}")
        elif s.value is not None:
            parts.append(f"{name}: {s.value.value}")
    return "; ".join(parts) or "nothing"
