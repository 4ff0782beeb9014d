"""The record check and the notes as shapes: what is stated, and what follows from the ontology.

Of a property the ontology says what its values are (`rdfs:range`, `k20:valuesFrom`), whose it is
and whether it has one at most: a shape of record.ttl that leaves its values open takes them from
there, and what is not checked gets a shape of its own, as does a class disjoint with others.
A class says by `k20:reachedBy` which links lead to its records; one that none leads to is noted,
and leaves the lists open that close those links (`k20:closes`). A concept that a record adds to a
scheme with `k20:ownConcept` is noted. The words stand at `k20:wordingFor`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.definition.subclasses import classes_in, subclass_slice
from k20kg.disk_cache import kept
from k20kg.rdf.graph import Graph, Term, closure, key, ntriples, read_turtle
from k20kg.rdf.quads import Statements, listed, quads_of
from k20kg.sources.terms import statements
from k20kg.vocabulary import K20, KS, OWL, RDF_TYPE, RDFS, SH, SKOS, XSD, packaged, shorten

_node = cache(ox.NamedNode)  # which looks at each character of an address
_VALUES = [SH + name for name in ("class", "datatype", "in", "nodeKind")]
"""Predicates by which a shape says the kind of its values."""
_REMEDY = K20 + "remedy"
_OPENS = K20 + "opens"
_WORDING_FOR = K20 + "wordingFor"
_CHECK = {K20 + "role": _node(K20 + "RecordCheck")}
_NODE_SHAPE = {RDF_TYPE: _node(SH + "NodeShape")}
_PROPERTY_SHAPE = {RDF_TYPE: _node(SH + "PropertyShape")}
_ONE = ox.Literal(1)
_ANYWHERE = ""
"""In place of a class, where a property is checked wherever it stands."""

_Said = dict[str, Term]
"""Objects stated of a shape, by predicate."""


class RecordShapes(NamedTuple):
    """The record check or the notes, ready for an engine and for who reads its results."""

    shapes: str
    """The shapes as N-Triples."""
    remedies: dict[str, str]
    """Remedy of each named shape; empty where it says nothing."""
    classes: frozenset[str]
    """The classes that the shapes ask about."""
    opens: dict[str, frozenset[str]]
    """The kinds of list that count as left open while a shape of a note has results."""


@cache
def record_check() -> RecordShapes:
    """Return the record check, worked out once for all that it is read from."""
    return kept("record-check", lambda: _ready(_checks()))


@cache
def record_notes() -> RecordShapes:
    """Return the notes, worked out once for all that they are read from."""
    return kept("record-notes", lambda: _ready(_notes()))


def _ready(quads: Sequence[ox.Quad]) -> RecordShapes:
    said = Statements(quads)
    named = [node for node in said.of if isinstance(node, ox.NamedNode)]
    remedies = {node.value: "".join(map(key, said.get(node, _REMEDY))) for node in named}
    opens = {node.value: frozenset(map(key, said.get(node, _OPENS))) for node in named}
    opens = {shape: lists for shape, lists in opens.items() if lists}
    return RecordShapes(ntriples(quads), remedies, classes_in(quads), opens)


def _checks() -> tuple[ox.Quad, ...]:
    ontology = read_turtle(*(packaged("ontology", f"{name}.ttl") for name in ("core", "evidence")))
    ontology += ox.parse(subclass_slice(), ox.RdfFormat.N_TRIPLES)
    schemes = read_turtle(packaged("ontology", "schemes.ttl"))
    return derive_record_shapes(read_turtle(packaged("shapes", "record.ttl")), ontology, schemes)


def derive_record_shapes(
    stated: Sequence[ox.Quad], ontology: Sequence[ox.Quad], schemes: Iterable[ox.Quad]
) -> tuple[ox.Quad, ...]:
    """Return the stated shapes, completed, and a shape for each property that they do not check.

    `ontology` says what properties there are, `schemes` which concepts are their values.
    """
    shapes = Graph(stated)
    wordings = set(shapes.having(_WORDING_FOR))
    quads = [q for q in stated if key(q.subject) not in wordings]
    terms = _Terms(ontology, schemes, (q for q in stated if key(q.subject) in wordings))
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
    quads += _disjoint_classes(terms)
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
    yield from quads_of(shape, {**_PROPERTY_SHAPE, **said})
    yield from quads_of(shape, {SH + "path": _node(name)})
    if not domain:
        yield from quads_of(shape, {SH + "targetSubjectsOf": _node(name), **_CHECK})
    for each in classes:
        whole = f"{KS}record-of-{each.removeprefix(K20)}"
        yield from quads_of(whole, {**_NODE_SHAPE, **_CHECK})
        yield from quads_of(whole, {SH + "targetClass": _node(each)})
        yield from quads_of(whole, {SH + "property": _node(shape)})


class _Terms:
    """Statements of the ontology on properties, as SHACL has them."""

    def __init__(
        self, ontology: Iterable[ox.Quad], schemes: Iterable[ox.Quad], words: Iterable[ox.Quad]
    ) -> None:
        self.graph = Graph(ontology)
        self._concepts: dict[str, list[Term]] = {}
        """The concepts of each scheme that are terms of ours: others may be added to."""
        self._open: set[str] = set()
        for quad in schemes:
            if quad.predicate.value == SKOS + "inScheme" and key(quad.subject).startswith(K20):
                self._concepts.setdefault(key(quad.object), []).append(quad.subject)
            elif quad.predicate.value == K20 + "ownConcept":
                self._open.add(key(quad.subject))
        kinds = (OWL + "DatatypeProperty", OWL + "ObjectProperty")
        self.properties = [p for kind in kinds for p in self.graph.of_type(kind)]
        self.lists: list[ox.Quad] = []
        """The RDF lists that `said_of` leads to."""
        self._wordings: dict[tuple[str, bool], _Said] = {}
        for found in Statements(words).of.values():
            said = {predicate: value for predicate, (value,) in found.items()}
            self._wordings[key(said.pop(_WORDING_FOR)), SH + "maxCount" in said] = said

    def domain(self, name: str) -> list[str]:
        """Return the classes that a property belongs to; none if it is unscoped."""
        whole = self.graph.values(name, RDFS + "domain")
        return [c for d in whole for c in self.graph.items(d, OWL + "unionOf")] or whole

    def said_of(self, name: str) -> _Said:
        """Return what a shape says of a property; nothing where its values may be of any kind."""
        range_ = self.graph.value(name, RDFS + "range")
        scheme = self.graph.value(name, K20 + "valuesFrom")
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
        once = OWL + "FunctionalProperty" in self.graph.values(name, RDF_TYPE)
        if once:
            said[SH + "maxCount"] = _ONE
        words = {
            "property": shorten(name),
            "label": self.graph.label(name),
            "one": "one" if once else "a",
            "range": shorten(range_),
            "values": _either(list(map(key, concepts))).replace("k20:", ""),
        }
        for predicate, value in self.wording(kind, once).items():
            spoken = isinstance(value, ox.Literal) and value.language
            said[predicate] = _filled(key(value), words) if spoken else value
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


def _disjoint_classes(terms: _Terms) -> Iterator[ox.Quad]:
    """Yield a shape for each class that the ontology holds disjoint with another.

    Each pair is said on one of its two, the narrower: a target needs the axioms of all classes
    below it.
    """
    graph = terms.graph

    def subclasses(name: str) -> list[str]:
        return [c for c in graph.subjects(RDFS + "subClassOf", name) if not c.startswith("_:")]

    pairs = {
        frozenset({c, o})
        for c in graph.having(OWL + "disjointWith")
        for o in graph.values(c, OWL + "disjointWith")
    }
    for node in graph.of_type(OWL + "AllDisjointClasses"):
        pairs.update(map(frozenset, combinations(graph.items(node, OWL + "members"), 2)))
    below = {name: closure([name], subclasses) for pair in pairs for name in pair}
    others: dict[str, list[str]] = {}
    for pair in sorted(map(sorted, pairs)):
        narrow, wide = sorted(pair, key=lambda name: (len(below[name]), name))
        others.setdefault(narrow, []).append(wide)
    for name in sorted({each for found in others.values() for each in found}):
        head, cells = listed(f"is-{name.removeprefix(K20)}", map(ox.NamedNode, below[name]))
        yield from (*cells, *quads_of(_is(name), {**_NODE_SHAPE, SH + "in": head}))
    for name, found in others.items():
        shape = f"{KS}record-only-{name.removeprefix(K20)}"
        yield from quads_of(shape, {**_PROPERTY_SHAPE, **_CHECK})
        yield from quads_of(shape, {SH + "targetClass": _node(name), SH + "path": _node(RDF_TYPE)})
        for other in found:
            yield from quads_of(shape, {SH + "not": _node(_is(other))})
        for predicate, words in terms.wording(OWL + "disjointWith").items():
            yield from quads_of(shape, {predicate: _filled(key(words), {"range": shorten(name)})})


def _is(name: str) -> str:
    return f"{KS}record-is-{name.removeprefix(K20)}"


def _filled(wording: str, words: dict[str, str]) -> ox.Literal:
    """Return the words of a message or a remedy, with those of a term in their places."""
    return ox.Literal(wording.format(**words), language="en")


def _either(terms: Sequence[str]) -> str:
    names = [shorten(term) for term in terms]
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _notes() -> list[ox.Quad]:
    stated = read_turtle(packaged("shapes", "notes.ttl"))
    words = Graph(stated)
    quads = dict.fromkeys([*stated, *_strays(words), *_own_concepts(words)])
    return [q for q in quads if "#note-wording-" not in key(q.subject)]


def _strays(stated: Graph) -> Iterator[ox.Quad]:
    """Yield a shape for each class of whose records it is stated which links lead to them."""
    terms, lists = Graph(statements()), _by(K20 + "closes", back=True)
    for name, links in _by(K20 + "reachedBy").items():
        local = name.removeprefix(K20)
        shape = f"{KS}note-stray-{local}"
        words = {**_label(terms.label(name)), "links": _either(links)}
        yield from _note(stated, shape, "reachedBy", words)
        yield from quads_of(shape, _PROPERTY_SHAPE)
        yield from quads_of(shape, {SH + "targetClass": _node(name), SH + "minCount": _ONE})
        for one in dict.fromkeys(one for link in links for one in lists.get(link, ())):
            yield from quads_of(shape, {_OPENS: _node(one)})
        if stated.values(shape, SH + "path"):
            continue
        back = {ox.BlankNode(f"inverse-{link.removeprefix(K20)}"): link for link in links}
        yield from (ox.Quad(b, _node(SH + "inversePath"), _node(n)) for b, n in back.items())
        path = next(iter(back))
        if len(back) > 1:
            path = ox.BlankNode(f"to-{local}")
            head, cells = listed(f"to-each-{local}", back)
            yield from (*cells, ox.Quad(path, _node(SH + "alternativePath"), head))
        yield from quads_of(shape, {SH + "path": path})


def _own_concepts(stated: Graph) -> Iterator[ox.Quad]:
    """Yield a shape for each property of a scheme that a record may add to."""
    terms, concepts = Graph(statements()), _by(SKOS + "inScheme", back=True)
    for name, (scheme,) in _by(K20 + "valuesFrom").items():
        if not (counts := terms.value(scheme, K20 + "ownConcept")):
            continue
        local = name.removeprefix(K20)
        shape = f"{KS}note-own-{local}"
        known = concepts[scheme]
        words = {
            **_label(terms.label(name)),
            "values": _either(list(map(shorten, known))),
            "counts": counts,
        }
        yield from _note(stated, shape, "ownConcept", words)
        head, cells = listed(f"own-{local}", map(_node, known))
        said = {**_NODE_SHAPE, SH + "targetObjectsOf": _node(name)}
        yield from (*cells, *quads_of(shape, {**said, SH + "in": head}))


def _by(predicate: str, *, back: bool = False) -> dict[str, list[str]]:
    """Return the values of a property by subject, or its subjects by value, in order."""
    found: dict[str, list[str]] = {}
    for quad in statements():
        if quad.predicate.value == predicate:
            one, other = key(quad.subject), key(quad.object)
            found.setdefault(other if back else one, []).append(one if back else other)
    return found


def _note(stated: Graph, shape: str, kind: str, words: dict[str, str]) -> Iterator[ox.Quad]:
    """Yield what all notes have; messages and remedies only as far as notes.ttl states none."""
    yield from quads_of(shape, {K20 + "role": _node(K20 + "RecordNote")})
    yield from quads_of(shape, {SH + "severity": _node(SH + "Warning")})
    (wording,) = stated.subjects(K20 + "wordingFor", K20 + kind)
    for predicate in (SH + "message", _REMEDY, K20 + "cellRemedy"):
        if not stated.values(shape, predicate):
            yield from quads_of(
                shape, {predicate: _filled(stated.value(wording, predicate), words)}
            )


def _label(label: str) -> dict[str, str]:
    return {"label": label, "a": "an" if label[0] in "aeiou" else "a"}
