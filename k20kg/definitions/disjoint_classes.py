"""Shapes that refuse a node of two classes which the ontology holds disjoint: no reasoner is asked.

Classes of one `owl:AllDisjointClasses` share one list, each with its subclasses after those of the
class before, and the shape of a class forbids the rest of the list. So each pair is said once, and
the list is no longer than the classes are many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from k20kg.graph import Graph, Term, key
from k20kg.vocabulary import K20, KS, OWL, RDF_TYPE, RDFS, SH, shorten

__all__ = ["shapes_of_disjoint_classes"]

_RDF = RDF_TYPE.removesuffix("type")


def shapes_of_disjoint_classes(
    ontology: Iterable[ox.Quad], wording: Mapping[str, Term]
) -> Iterator[ox.Quad]:
    """Yield one shape for each class that the ontology holds disjoint with another.

    `wording` is what each shape says: message and remedy, with {range} for its class.
    """
    terms = Graph(ontology)
    forbidden: dict[str, list[ox.BlankNode]] = {}
    for number, group in enumerate(_groups(terms)):
        below = {name: _with_subclasses(terms, name) for name in group}
        # The widest class comes last and has no shape: a target needs all axioms below it.
        ordered = sorted(group, key=lambda name: (len(below[name]), name))
        rest: Term = ox.NamedNode(_RDF + "nil")
        for name in reversed(ordered):
            if isinstance(rest, ox.BlankNode):
                forbidden.setdefault(name, []).append(rest)
            for each in reversed(below[name]):
                cell = ox.BlankNode(f"disjoint-{number}-{each.removeprefix(K20)}")
                yield _quad(cell, _RDF + "first", ox.NamedNode(each))
                yield _quad(cell, _RDF + "rest", rest)
                rest = cell
    for name, lists in sorted(forbidden.items()):
        shape = ox.NamedNode(f"{KS}record-only-{name.removeprefix(K20)}")
        yield _quad(shape, RDF_TYPE, ox.NamedNode(SH + "PropertyShape"))
        yield _quad(shape, K20 + "role", ox.NamedNode(K20 + "RecordCheck"))
        yield _quad(shape, SH + "targetClass", ox.NamedNode(name))
        yield _quad(shape, SH + "path", ox.NamedNode(RDF_TYPE))
        for cell in lists:
            among = ox.BlankNode(f"among-{cell.value}")
            yield _quad(shape, SH + "not", among)
            yield _quad(among, SH + "in", cell)
        for predicate, words in wording.items():
            text = key(words).replace("{range}", shorten(name))
            yield _quad(shape, predicate, ox.Literal(text, language="en"))


def _groups(terms: Graph) -> Iterator[set[str]]:
    """Yield sets of classes of which nothing can be two, each class once a set."""
    for node in terms.of_type(OWL + "AllDisjointClasses"):
        yield set(terms.items(node, OWL + "members"))
    for name in terms.of_type(OWL + "Class"):
        for other in terms.values(name, OWL + "disjointWith"):
            yield {name, other}


def _with_subclasses(terms: Graph, name: str) -> list[str]:
    """Return a class and all that lie below it, itself first."""
    found = [name]
    for each in found:
        below = terms.subjects(RDFS + "subClassOf", each)
        found += [one for one in below if not one.startswith("_:") and one not in found]
    return found


def _quad(subject: Term, predicate: str, value: Term) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value)  # type: ignore[arg-type]
