"""The record check as shapes: what `shapes/record.ttl` states, and what follows from the ontology.

The ontology says of a property what its values are (`rdfs:range`, `k20:valuesFrom`), whose it is
(`rdfs:domain`) and whether it has one value at most (`owl:FunctionalProperty`). A shape of
record.ttl that leaves its values open takes them from there; a property that record.ttl does not
check gets a shape of its own. A scheme that a record may add to says so by `k20:ownConcept`. How to
say it stands in record.ttl: `k20:wordingFor` a kind of value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.definition.disjoint_classes import shapes_of_disjoint_classes
from k20kg.definition.subclasses import classes_in, subclass_slice
from k20kg.disk_cache import kept
from k20kg.rdf.graph import Graph, Term, key, read_turtle
from k20kg.rdf.quads import listed, quads_of
from k20kg.vocabulary import K20, KS, OWL, RDF_TYPE, RDFS, SH, SKOS, XSD, packaged, shorten

_node = cache(ox.NamedNode)  # which looks at each character of an address
_MODULES = ("core.ttl", "evidence.ttl")
"""What a case record is made of."""
_RDF = RDF_TYPE.removesuffix("type")
_READ = {
    *map(_node, (RDF_TYPE, RDFS + "domain", RDFS + "range", K20 + "valuesFrom", OWL + "unionOf")),
    *map(_node, (RDFS + "label", SKOS + "prefLabel", _RDF + "first", _RDF + "rest")),
}
_KINDS = [_node(OWL + "DatatypeProperty"), _node(OWL + "ObjectProperty")]
_VALUES = [SH + name for name in ("class", "datatype", "in", "nodeKind")]
"""What a shape says of the kind of its values."""
_REMEDY = _node(K20 + "remedy")
_WORDING_FOR = K20 + "wordingFor"
_ROLE = {K20 + "role": _node(K20 + "RecordCheck")}
_ANYWHERE = ""
"""In place of a class, where a property is checked wherever it stands."""

_Said = dict[str, Term]
"""What is said of a shape, by predicate."""


class RecordCheck(NamedTuple):
    """The record check, ready for an engine and for who reads its results."""

    shapes: str
    """The shapes as N-Triples."""
    remedies: dict[str, str]
    """What each named shape says to do; empty where it says nothing."""
    classes: frozenset[str]
    """The classes that the shapes ask about."""


@cache
def record_check() -> RecordCheck:
    """Return the record check, worked out once for all that it is read from."""
    return kept("record-check", _work_out)


def _work_out() -> RecordCheck:
    stated = read_turtle(packaged("shapes", "record.ttl"))
    ontology = read_turtle(*(packaged("ontology", name) for name in _MODULES))
    ontology += ox.parse(subclass_slice(), ox.RdfFormat.N_TRIPLES)
    schemes = read_turtle(packaged("ontology", "schemes.ttl"))
    quads = derive_record_shapes(stated, ontology, schemes)
    triples = (q.triple for q in quads)
    shapes = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    remedies = {q.subject.value: "" for q in quads if isinstance(q.subject, ox.NamedNode)}
    told = {key(q.subject): key(q.object) for q in quads if q.predicate == _REMEDY}
    return RecordCheck(shapes.decode(), remedies | told, classes_in(quads))  # type: ignore[union-attr]


def derive_record_shapes(
    stated: Sequence[ox.Quad], ontology: Sequence[ox.Quad], schemes: Iterable[ox.Quad]
) -> tuple[ox.Quad, ...]:
    """Return the stated shapes, completed, and a shape for each property that they do not check.

    `ontology` says what properties there are, `schemes` which concepts are their values.
    """
    shapes = Graph(stated)
    wordings = {key(q.subject) for q in stated if q.predicate.value == _WORDING_FOR}
    quads = [q for q in stated if key(q.subject) not in wordings]
    worded = (q for q in stated if key(q.subject) in wordings)
    terms = _Terms(_properties(ontology), schemes, worded)
    checked: dict[str, set[str]] = {}
    """Of each property the classes on which record.ttl checks it."""
    for shape, classes in _property_shapes(shapes):
        path = shapes.value(shape, SH + "path")
        for name in (path, *shapes.items(path, SH + "alternativePath")):
            checked.setdefault(name, set()).update(classes)
        if not any(shapes.values(shape, predicate) for predicate in _VALUES):
            said = terms.said_of(path).items()
            quads += quads_of(shape, {p: v for p, v in said if not shapes.values(shape, p)})
    for name in terms.properties:
        quads += _plain_shape(name, terms, checked.get(name, set()))
    quads += shapes_of_disjoint_classes(ontology, _ROLE, terms.wording(OWL + "disjointWith"))
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
    said = terms.said_of(name) if classes or not (domain or checked) else {}
    if not said:
        return
    shape = f"{KS}record-by-{name.removeprefix(K20)}"
    yield from quads_of(shape, {RDF_TYPE: _node(SH + "PropertyShape"), **said})
    yield from quads_of(shape, {SH + "path": _node(name)})
    if not domain:
        yield from quads_of(shape, {SH + "targetSubjectsOf": _node(name), **_ROLE})
    for each in classes:
        whole = f"{KS}record-of-{each.removeprefix(K20)}"
        yield from quads_of(whole, {RDF_TYPE: _node(SH + "NodeShape"), **_ROLE})
        yield from quads_of(whole, {SH + "targetClass": _node(each)})
        yield from quads_of(whole, {SH + "property": _node(shape)})


def _properties(ontology: Sequence[ox.Quad]) -> Graph:
    """Return what is said of properties, with the lists that it leads to."""
    properties = {q.subject for q in ontology if q.object in _KINDS}
    return Graph(
        q
        for q in ontology
        if q.predicate in _READ and (q.subject in properties or isinstance(q.subject, ox.BlankNode))
    )


class _Terms:
    """What the ontology says of properties, as SHACL says it."""

    def __init__(
        self, ontology: Graph, schemes: Iterable[ox.Quad], wordings: Iterable[ox.Quad]
    ) -> None:
        self._graph = ontology
        self._concepts: dict[str, list[Term]] = {}
        """The concepts of each scheme that are terms of ours: others may be added to."""
        self._open: set[str] = set()
        for quad in schemes:
            if quad.predicate.value == SKOS + "inScheme" and key(quad.subject).startswith(K20):
                self._concepts.setdefault(key(quad.object), []).append(quad.subject)
            elif quad.predicate.value == K20 + "ownConcept":
                self._open.add(key(quad.subject))
        self.properties = [p for kind in _KINDS for p in ontology.of_type(kind.value)]
        self.lists: list[ox.Quad] = []
        """The RDF lists that `said_of` leads to."""
        by_name: dict[str, _Said] = {}
        for quad in wordings:
            by_name.setdefault(key(quad.subject), {})[quad.predicate.value] = quad.object
        self._wordings = {
            (key(said.pop(_WORDING_FOR)), SH + "maxCount" in said): said
            for said in by_name.values()
        }

    def domain(self, name: str) -> list[str]:
        """Return the classes that a property belongs to; none if it is unscoped."""
        whole = self._graph.values(name, RDFS + "domain")
        return [c for d in whole for c in self._graph.items(d, OWL + "unionOf")] or whole

    def said_of(self, name: str) -> _Said:
        """Return what a shape says of a property; nothing where its values may be of any kind."""
        range_ = self._graph.value(name, RDFS + "range")
        scheme = self._graph.value(name, K20 + "valuesFrom")
        concepts = self._concepts.get(scheme, [])
        said: _Said = {}
        if concepts and scheme in self._open:
            kind, said[SH + "or"] = SKOS + "ConceptScheme", self._list_or_own(scheme)
        elif concepts:
            kind, said[SH + "in"] = SKOS + "Concept", self._list(scheme)
        elif range_.startswith(XSD):
            kind, said[SH + "datatype"] = range_, _node(range_)
        elif range_ and not range_.startswith("_:") and range_ != SKOS + "Concept":
            kind, said[SH + "class"] = OWL + "Thing", _node(range_)
        else:
            return {}
        once = OWL + "FunctionalProperty" in self._graph.values(name, RDF_TYPE)
        if once:
            said[SH + "maxCount"] = ox.Literal(1)
        names = [shorten(key(c)).removeprefix("k20:") for c in concepts]
        words = {
            "property": shorten(name),
            "label": self._graph.label(name),
            "one": "one" if once else "a",
            "range": shorten(range_),
            "values": " or ".join([", ".join(names[:-1]), *names[-1:]]),
        }
        for predicate, value in self.wording(kind, once).items():
            spoken = isinstance(value, ox.Literal) and value.language
            said[predicate] = _filled(value, words) if spoken else value
        return said

    def wording(self, kind: str, once: bool = False) -> _Said:
        """Return message and remedy for a kind of value; those that count if it is one at most."""
        for one in ((kind, once), (kind, False)):
            if one in self._wordings:
                return self._wordings[one]
        return self._wordings[RDFS + "Literal", False]

    def _list(self, scheme: str) -> ox.BlankNode:
        """Return the head of the list of a scheme's concepts, the same for all who ask."""
        return self._listed(scheme.rsplit("/", 1)[-1], self._concepts[scheme])

    def _listed(self, name: str, items: Iterable[Term]) -> ox.BlankNode:
        head, quads = listed(name, items)
        self.lists += quads
        return head

    def _list_or_own(self, scheme: str) -> ox.BlankNode:
        """Return the head of a list of shapes: of the scheme's concepts, or of the record's own."""
        name = scheme.rsplit("/", 1)[-1]
        known = ox.BlankNode(f"in-{name}")
        self.lists.append(ox.Quad(known, _node(SH + "in"), self._list(scheme)))
        return self._listed(f"either-{name}", [known, _node(KS + "record-own-concept")])


def _filled(wording: Term, words: dict[str, str]) -> ox.Literal:
    """Return the words of a message or a remedy, with those of a property in their places."""
    return ox.Literal(key(wording).format(**words), language="en")
