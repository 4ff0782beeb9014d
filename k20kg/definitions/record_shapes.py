"""The record check as shapes: what `shapes/record.ttl` states, and what follows from the ontology.

The ontology says of a property what its values are (`rdfs:range`, `k20:valuesFrom`), whose it is
(`rdfs:domain`) and whether it has one value at most (`owl:FunctionalProperty`). A shape of
record.ttl that leaves its values open takes them from there; a property that record.ttl does not
check gets a shape of its own. How to say it stands in record.ttl: `k20:wordingFor` a kind of value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

import pyoxigraph as ox

from k20kg.graph import Graph, Term, key, read_turtle
from k20kg.vocabulary import K20, KS, OWL, RDF_TYPE, RDFS, SH, SKOS, XSD, packaged, shorten

__all__ = ["derive_record_shapes", "record_shapes", "remedies_in"]

_MODULES = ("core.ttl", "evidence.ttl", "schemes.ttl")
"""What a case record is made of, and the values that it takes."""
_RDF = RDF_TYPE.removesuffix("type")
_READ = {
    *(RDF_TYPE, _RDF + "first", _RDF + "rest", OWL + "unionOf", SKOS + "inScheme"),
    *(RDFS + "domain", RDFS + "range", RDFS + "label", SKOS + "prefLabel", K20 + "valuesFrom"),
}
_CONCEPT, _ANY_CLASS, _ANY_DATATYPE = SKOS + "Concept", OWL + "Thing", RDFS + "Literal"
_VALUES = [SH + name for name in ("class", "datatype", "in", "nodeKind")]
"""What a shape says of the kind of its values."""
_ANYWHERE = ""
"""In place of a class, where a property is checked wherever it stands."""

_Said = dict[str, Term]
"""What is said of a shape, by predicate."""


@cache
def record_shapes() -> tuple[ox.Quad, ...]:
    """Return the shapes of the record check."""
    stated = read_turtle(packaged("shapes", "record.ttl"))
    ontology = read_turtle(*(packaged("ontology", name) for name in _MODULES))
    return derive_record_shapes(stated, ontology)


def remedies_in(shapes: Iterable[ox.Quad]) -> dict[str, str]:
    """Return the remedy of each named shape; empty where it has none."""
    found: dict[str, str] = {}
    for quad in shapes:
        if isinstance(quad.subject, ox.NamedNode):
            found.setdefault(quad.subject.value, "")
            if quad.predicate.value == K20 + "remedy":
                found[quad.subject.value] = key(quad.object)
    return found


def derive_record_shapes(
    stated: Sequence[ox.Quad], ontology: Iterable[ox.Quad]
) -> tuple[ox.Quad, ...]:
    """Return the stated shapes, completed, and a shape for each property that they do not check."""
    shapes = Graph(stated)
    wordings = {key(q.subject) for q in stated if q.predicate.value == K20 + "wordingFor"}
    terms = _Terms([q for q in ontology if q.predicate.value in _READ], shapes, wordings)
    quads = [q for q in stated if key(q.subject) not in wordings]
    checked: dict[str, set[str]] = {}
    """Of each property the classes on which record.ttl checks it."""
    for shape, classes in _property_shapes(shapes):
        path = shapes.value(shape, SH + "path")
        for name in (path, *shapes.items(path, SH + "alternativePath")):
            checked.setdefault(name, set()).update(classes)
        if not any(shapes.values(shape, predicate) for predicate in _VALUES):
            said = terms.said_of(path).items()
            quads += _quads(shape, {p: v for p, v in said if not shapes.values(shape, p)})
    for name in terms.properties:
        quads += _plain_shape(name, terms, checked.get(name, set()))
    return tuple(dict.fromkeys([*quads, *terms.lists]))


def _property_shapes(shapes: Graph) -> Iterator[tuple[str, list[str]]]:
    """Yield each property shape of the record check, and the classes on which it stands."""
    for shape in shapes.subjects(K20 + "role", K20 + "RecordCheck"):
        classes = shapes.values(shape, SH + "targetClass") or [_ANYWHERE]
        for part in shapes.values(shape, SH + "property"):
            yield part, classes


def _plain_shape(name: str, terms: _Terms, checked: set[str]) -> Iterator[ox.Quad]:
    """Yield a shape for a property, on the classes of its domain on which it is not checked."""
    domain = terms.domain(name)
    classes = [] if _ANYWHERE in checked else [c for c in domain if c not in checked]
    said = terms.said_of(name)
    if not said or (not classes and (domain or checked)):
        return
    shape = f"{KS}record-by-{name.removeprefix(K20)}"
    role = {K20 + "role": ox.NamedNode(K20 + "RecordCheck")}
    path = {RDF_TYPE: ox.NamedNode(SH + "PropertyShape"), SH + "path": ox.NamedNode(name)}
    target = {} if domain else {**role, SH + "targetSubjectsOf": ox.NamedNode(name)}
    yield from _quads(shape, {**path, **said, **target})
    for each in classes:
        whole = {RDF_TYPE: ox.NamedNode(SH + "NodeShape"), SH + "targetClass": ox.NamedNode(each)}
        part = {SH + "property": ox.NamedNode(shape)}
        yield from _quads(f"{KS}record-of-{each.removeprefix(K20)}", {**whole, **role, **part})


def _quads(shape: str, said: _Said) -> Iterator[ox.Quad]:
    for predicate, value in said.items():
        yield ox.Quad(ox.NamedNode(shape), ox.NamedNode(predicate), value)


class _Terms:
    """What the ontology says of properties, as SHACL says it."""

    def __init__(self, quads: Sequence[ox.Quad], shapes: Graph, wordings: Iterable[str]) -> None:
        self._graph, self._shapes = Graph(quads), shapes
        self._wordings = {
            (kind, bool(shapes.values(wording, SH + "maxCount"))): wording
            for wording in wordings
            for kind in shapes.values(wording, K20 + "wordingFor")
        }
        self._concepts: dict[str, list[Term]] = {}
        """The concepts of each closed scheme: any other, such as figure topics, may be added to."""
        for quad in quads:
            if quad.predicate.value == SKOS + "inScheme" and key(quad.subject).startswith(K20):
                self._concepts.setdefault(key(quad.object), []).append(quad.subject)
        kinds = ("DatatypeProperty", "ObjectProperty")
        self.properties = [p for kind in kinds for p in self._graph.of_type(OWL + kind)]
        self.lists: list[ox.Quad] = []
        """The RDF lists that `said_of` leads to."""

    def domain(self, name: str) -> list[str]:
        """Return the classes that a property belongs to; none if it is unscoped."""
        whole = self._graph.values(name, RDFS + "domain")
        return [c for d in whole for c in self._graph.items(d, OWL + "unionOf")] or whole

    def said_of(self, name: str) -> _Said:
        """Return what a shape says of a property; nothing where its values may be of any kind."""
        range_ = self._graph.value(name, RDFS + "range")
        scheme = self._graph.value(name, K20 + "valuesFrom")
        said: _Said = {}
        if scheme in self._concepts:
            kind, said[SH + "in"] = _CONCEPT, self._list(scheme)
        elif range_.startswith(XSD):
            kind, said[SH + "datatype"] = range_, ox.NamedNode(range_)
        elif range_ and range_ != _CONCEPT and not range_.startswith("_:"):
            kind, said[SH + "class"] = _ANY_CLASS, ox.NamedNode(range_)
        else:
            return {}
        once = OWL + "FunctionalProperty" in self._graph.values(name, RDF_TYPE)
        if once:
            said[SH + "maxCount"] = ox.Literal(1)
        choices = [(kind, once), (kind, False), (_ANY_DATATYPE, False)]
        wording = next(self._wordings[c] for c in choices if c in self._wordings)
        words = {
            "property": shorten(name),
            "label": self._graph.label(name),
            "one": "one" if once else "a",
            "range": shorten(range_),
            "values": self._named(scheme),
        }
        for predicate in (SH + "message", K20 + "remedy"):
            said[predicate] = ox.Literal(
                self._shapes.value(wording, predicate).format(**words), language="en"
            )
        for pattern in self._shapes.terms(wording, SH + "pattern"):
            said[SH + "pattern"] = pattern
        return said

    def _list(self, scheme: str) -> ox.BlankNode:
        """Return the head of the list of a scheme's concepts, the same for all who ask."""
        concepts = self._concepts[scheme]
        name = scheme.rsplit("/", 1)[-1]
        nodes = [ox.BlankNode(f"{name}-{n}") for n in range(len(concepts))]
        rests: list[Term] = [*nodes[1:], ox.NamedNode(_RDF + "nil")]
        for node, concept, rest in zip(nodes, concepts, rests, strict=True):
            self.lists.append(ox.Quad(node, ox.NamedNode(_RDF + "first"), concept))
            self.lists.append(ox.Quad(node, ox.NamedNode(_RDF + "rest"), rest))
        return nodes[0]

    def _named(self, scheme: str) -> str:
        """Return the names of a scheme's concepts, as a choice."""
        names = [shorten(key(c)).removeprefix("k20:") for c in self._concepts.get(scheme, ())]
        return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
