"""Shapes that refuse a node of two classes which the ontology holds disjoint: no reasoner is asked.

There is one shape for each class, on what is typed so, and each pair is said on one of its two: on
the narrower, since a target needs the axioms of all classes below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations

import pyoxigraph as ox

from k20kg.rdf.graph import Graph, Term, key
from k20kg.rdf.quads import listed, quads_of
from k20kg.vocabulary import K20, KS, OWL, RDF_TYPE, RDFS, SH, shorten

_TYPE = ox.NamedNode(RDF_TYPE)
_NODE_SHAPE = ox.NamedNode(SH + "NodeShape")


def shapes_of_disjoint_classes(
    ontology: Iterable[ox.Quad], role: Mapping[str, Term], wording: Mapping[str, Term]
) -> Iterator[ox.Quad]:
    """Yield one shape for each class that the ontology holds disjoint with another.

    Each has the `role`, and says the `wording`, message and remedy, with {range} for its class.
    """
    terms = Graph(ontology)
    pairs = set(_pairs(terms))
    below = {name: _with_subclasses(terms, name) for pair in pairs for name in pair}
    others: dict[str, list[str]] = {}
    for pair in sorted(map(sorted, pairs)):
        narrow, wide = sorted(pair, key=lambda name: (len(below[name]), name))
        others.setdefault(narrow, []).append(wide)
    for name in sorted({each for found in others.values() for each in found}):
        head, cells = listed(f"is-{name.removeprefix(K20)}", map(ox.NamedNode, below[name]))
        yield from (*cells, *quads_of(_is(name), {RDF_TYPE: _NODE_SHAPE, SH + "in": head}))
    for name, found in others.items():
        shape = f"{KS}record-only-{name.removeprefix(K20)}"
        yield from quads_of(shape, {RDF_TYPE: ox.NamedNode(SH + "PropertyShape"), **role})
        yield from quads_of(shape, {SH + "targetClass": ox.NamedNode(name), SH + "path": _TYPE})
        for other in found:
            yield from quads_of(shape, {SH + "not": ox.NamedNode(_is(other))})
        for predicate, words in wording.items():
            text = key(words).replace("{range}", shorten(name))
            yield from quads_of(shape, {predicate: ox.Literal(text, language="en")})


def _is(name: str) -> str:
    return f"{KS}record-is-{name.removeprefix(K20)}"


def _pairs(terms: Graph) -> Iterator[frozenset[str]]:
    """Yield two classes of which nothing can be both."""
    for node in terms.of_type(OWL + "AllDisjointClasses"):
        yield from map(frozenset, combinations(terms.items(node, OWL + "members"), 2))
    for name in terms.of_type(OWL + "Class"):
        for other in terms.values(name, OWL + "disjointWith"):
            yield frozenset({name, other})


def _with_subclasses(terms: Graph, name: str) -> list[str]:
    """Return a class and all that lie below it, itself first."""
    found = [name]
    for each in found:
        below = terms.subjects(RDFS + "subClassOf", each)
        found += [one for one in below if not one.startswith("_:") and one not in found]
    return found
