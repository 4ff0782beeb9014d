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
from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import Graph, Term, closure, ntriples, read_turtle, str_of
from k20kg.rdf.quads import Statements
from k20kg.sources.terms import ontology, statements
from k20kg.vocabulary import (
    K20,
    KS,
    OWL,
    PREFIXES,
    RDF_TYPE,
    RDFS,
    SH,
    SKOS,
    XSD,
    packaged,
    shorten,
)

_HEAD = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())
_VALUES = [SH + name for name in ("class", "datatype", "in", "nodeKind")]
"""Predicates by which a shape says the kind of its values."""
_REMEDY = K20 + "remedy"
_WORDING_FOR = K20 + "wordingFor"
_ANYWHERE = ""
"""In place of a class, where a property is checked wherever it stands."""


class RecordShapes(NamedTuple):
    """The record check or the notes, ready for an engine and for who reads its results."""

    shapes: str
    """The shapes as N-Triples."""
    remedies: dict[str, str]
    """Remedy of each named shape; empty where it says nothing."""
    classes: frozenset[str]
    """The classes that the shapes ask about."""
    opened_lists: dict[str, frozenset[str]]
    """The kinds of list that count as left open while a shape of a note has results."""


@cache
def record_check() -> RecordShapes:
    """Return the record check, worked out once for all that it is read from."""
    return cached_on_disk("record-check", lambda: _ready(_checks()))


@cache
def record_notes() -> RecordShapes:
    """Return the notes, worked out once for all that they are read from."""
    return cached_on_disk("record-notes", lambda: _ready(_notes()))


def _ready(quads: Sequence[ox.Quad]) -> RecordShapes:
    said = Statements(quads)
    named = [node for node in said.of if isinstance(node, ox.NamedNode)]
    remedies = {node.value: "".join(map(str_of, said.get(node, _REMEDY))) for node in named}
    opens = {node.value: frozenset(map(str_of, said.get(node, K20 + "opens"))) for node in named}
    opens = {shape: lists for shape, lists in opens.items() if lists}
    return RecordShapes(ntriples(quads), remedies, classes_in(quads), opens)


def _checks() -> tuple[ox.Quad, ...]:
    ontology = read_turtle(*(packaged("ontology", f"{name}.ttl") for name in ("core", "evidence")))
    ontology += ox.parse(subclass_slice(), ox.RdfFormat.N_TRIPLES)
    schemes = read_turtle(packaged("ontology", "schemes.ttl"))
    return derive_record_shapes(read_turtle(packaged("shapes", "record.ttl")), ontology, schemes)


def _with_turtle(quads: Iterable[ox.Quad], statements: Iterable[str]) -> tuple[ox.Quad, ...]:
    """Return quads and those of statements in Turtle, written without the last dot, each once."""
    text = _HEAD + "".join(f"{one} .\n" for one in statements)
    return tuple(dict.fromkeys([*quads, *ox.parse(text, ox.RdfFormat.TURTLE)]))


def derive_record_shapes(
    stated: Sequence[ox.Quad], ontology: Sequence[ox.Quad], schemes: Iterable[ox.Quad]
) -> tuple[ox.Quad, ...]:
    """Return the stated shapes, completed, and a shape for each property that they do not check.

    `ontology` says what properties there are, `schemes` which concepts are their values.
    """
    shapes = Graph(stated)
    wordings = set(shapes.having(_WORDING_FOR))
    terms = _Terms(ontology, schemes, (q for q in stated if str_of(q.subject) in wordings))
    checked: dict[str, set[str]] = {}
    """Of each property the classes on which record.ttl checks it."""
    derived: list[str] = []
    for whole in shapes.subjects(K20 + "role", K20 + "RecordCheck"):
        for shape in shapes.values(whole, SH + "property"):
            path = shapes.value(shape, SH + "path")
            for name in (path, *shapes.items(path, SH + "alternativePath")):
                classes = shapes.values(whole, SH + "targetClass") or [_ANYWHERE]
                checked.setdefault(name, set()).update(classes)
            if not any(shapes.values(shape, predicate) for predicate in _VALUES):
                said = terms.constraints_on(path).items()
                derived += [f"<{shape}> <{p}> {v}" for p, v in said if not shapes.values(shape, p)]
    for name in terms.properties:
        derived += _plain_shape(name, terms, checked.get(name, set()))
    derived += _disjoint_classes(terms)
    return _with_turtle((q for q in stated if str_of(q.subject) not in wordings), derived)


def _plain_shape(name: str, terms: _Terms, checked: set[str]) -> Iterator[str]:
    """Yield a shape for a property, on the classes of its domain on which it is not checked."""
    domain = terms.domain(name)
    classes = [] if _ANYWHERE in checked else [c for c in domain if c not in checked]
    said = terms.constraints_on(name) if classes or not (domain or checked) else {}
    if not said:
        return
    shape = f"ks:record-by-{name.removeprefix(K20)}"
    yield f"{shape} a sh:PropertyShape ; sh:path <{name}>"
    yield from (f"{shape} <{predicate}> {value}" for predicate, value in said.items())
    if not domain:
        yield f"{shape} sh:targetSubjectsOf <{name}> ; k20:role k20:RecordCheck"
    for each in classes:
        yield (
            f"ks:record-of-{each.removeprefix(K20)} a sh:NodeShape ; k20:role k20:RecordCheck ; "
            f"sh:targetClass <{each}> ; sh:property {shape}"
        )


class _Terms:
    """Statements of the ontology on properties, as SHACL has them, in Turtle."""

    def __init__(
        self, ontology: Iterable[ox.Quad], schemes: Iterable[ox.Quad], words: Iterable[ox.Quad]
    ) -> None:
        self.graph = Graph(ontology)
        self._concepts: dict[str, list[str]] = {}
        """The concepts of each scheme that are terms of ours: others may be added to."""
        self._open: set[str] = set()
        for quad in schemes:
            if quad.predicate.value == SKOS + "inScheme" and str_of(quad.subject).startswith(K20):
                self._concepts.setdefault(str_of(quad.object), []).append(str_of(quad.subject))
            elif quad.predicate.value == K20 + "ownConcept":
                self._open.add(str_of(quad.subject))
        kinds = (OWL + "DatatypeProperty", OWL + "ObjectProperty")
        self.properties = [p for kind in kinds for p in self.graph.of_type(kind)]
        self._wordings: dict[tuple[str, bool], dict[str, Term]] = {}
        for found in Statements(words).of.values():
            said = {predicate: value for predicate, (value,) in found.items()}
            self._wordings[str_of(said.pop(_WORDING_FOR)), SH + "maxCount" in said] = said

    def domain(self, name: str) -> list[str]:
        """Return the classes that a property belongs to; none if it is unscoped."""
        whole = self.graph.values(name, RDFS + "domain")
        return [c for d in whole for c in self.graph.items(d, OWL + "unionOf")] or whole

    def constraints_on(self, name: str) -> dict[str, str]:
        """Return what a shape says of a property; nothing where its values may be of any kind."""
        range_ = self.graph.value(name, RDFS + "range")
        scheme = self.graph.value(name, K20 + "valuesFrom")
        concepts = self._concepts.get(scheme, [])
        said: dict[str, str] = {}
        if concepts and scheme in self._open:
            kind = SKOS + "ConceptScheme"
            said[SH + "or"] = f"( [ sh:in {_listed(concepts)} ] ks:record-own-concept )"
        elif concepts:
            kind, said[SH + "in"] = SKOS + "Concept", _listed(concepts)
        elif range_.startswith(XSD):
            kind, said[SH + "datatype"] = range_, f"<{range_}>"
        elif range_ and not range_.startswith("_:") and range_ != SKOS + "Concept":
            kind, said[SH + "class"] = OWL + "Thing", f"<{range_}>"
        else:
            return {}
        once = OWL + "FunctionalProperty" in self.graph.values(name, RDF_TYPE)
        if once:
            said[SH + "maxCount"] = "1"
        words = {
            "property": shorten(name),
            "label": self.graph.label(name),
            "one": "one" if once else "a",
            "range": shorten(range_),
            "values": _either(concepts).replace("k20:", ""),
        }
        return said | self.wording(kind, words, once)

    def wording(self, kind: str, words: dict[str, str], once: bool = False) -> dict[str, str]:
        """Return message and remedy for a kind of value; those that count if it is one at most."""
        for one in ((kind, once), (kind, False), (RDFS + "Literal", False)):
            if one in self._wordings:
                return {p: str(_filled(v, words)) for p, v in self._wordings[one].items()}
        return {}


def _disjoint_classes(terms: _Terms) -> Iterator[str]:
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
    parted = [sorted(pair, key=lambda name: (len(below[name]), name)) for pair in pairs]
    for name in sorted({wide for _, wide in parted}):
        local = name.removeprefix(K20)
        yield f"ks:record-is-{local} a sh:NodeShape ; sh:in {_listed(below[name])}"
    for narrow, wide in sorted(parted):
        shape = f"ks:record-only-{narrow.removeprefix(K20)}"
        other = f"ks:record-is-{wide.removeprefix(K20)}"
        yield f"{shape} a sh:PropertyShape ; k20:role k20:RecordCheck ; sh:not {other}"
        yield f"{shape} sh:targetClass <{narrow}> ; sh:path rdf:type"
        words = terms.wording(OWL + "disjointWith", {"range": shorten(narrow)})
        yield from (f"{shape} <{predicate}> {value}" for predicate, value in words.items())


def _listed(iris: Iterable[str]) -> str:
    return f"( {' '.join(f'<{iri}>' for iri in iris)} )"


def _filled(wording: Term, words: dict[str, str]) -> Term:
    """Return the words of a message or a remedy, with those of a term in their places."""
    if not isinstance(wording, ox.Literal) or not wording.language:
        return wording
    return ox.Literal(wording.value.format(**words), language=wording.language)


def _either(terms: Sequence[str]) -> str:
    names = [shorten(term) for term in terms]
    return " or ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def _notes() -> tuple[ox.Quad, ...]:
    stated = read_turtle(packaged("shapes", "notes.ttl"))
    words = Graph(stated)
    kept = (q for q in stated if "#note-wording-" not in str_of(q.subject))
    return _with_turtle(kept, [*_strays(words), *_own_concepts(words)])


def _strays(stated: Graph) -> Iterator[str]:
    """Yield a shape for each class of whose records it is stated which links lead to them."""
    terms, lists = ontology(), _by(K20 + "closes", back=True)
    for name, links in _by(K20 + "reachedBy").items():
        shape = f"{KS}note-stray-{name.removeprefix(K20)}"
        words = {**_label(terms.label(name)), "links": _either(links)}
        yield from _note(stated, shape, "reachedBy", words)
        yield f"<{shape}> a sh:PropertyShape ; sh:targetClass <{name}> ; sh:minCount 1"
        for one in dict.fromkeys(one for link in links for one in lists.get(link, ())):
            yield f"<{shape}> k20:opens <{one}>"
        if not stated.values(shape, SH + "path"):
            path = " ".join(f"[ sh:inversePath <{link}> ]" for link in links)
            either = f"[ sh:alternativePath ( {path} ) ]" if len(links) > 1 else path
            yield f"<{shape}> sh:path {either}"


def _own_concepts(stated: Graph) -> Iterator[str]:
    """Yield a shape for each property of a scheme that a record may add to."""
    terms, concepts = ontology(), _by(SKOS + "inScheme", back=True)
    for name, (scheme,) in _by(K20 + "valuesFrom").items():
        if not (counts := terms.value(scheme, K20 + "ownConcept")):
            continue
        shape = f"{KS}note-own-{name.removeprefix(K20)}"
        known = concepts[scheme]
        words = {**_label(terms.label(name)), "values": _either(known), "counts": counts}
        yield from _note(stated, shape, "ownConcept", words)
        yield f"<{shape}> a sh:NodeShape ; sh:targetObjectsOf <{name}> ; sh:in {_listed(known)}"


def _by(predicate: str, *, back: bool = False) -> dict[str, list[str]]:
    """Return the values of a property by subject, or its subjects by value, in order."""
    found: dict[str, list[str]] = {}
    for quad in statements():
        if quad.predicate.value == predicate:
            one, other = str_of(quad.subject), str_of(quad.object)
            found.setdefault(other if back else one, []).append(one if back else other)
    return found


def _note(stated: Graph, shape: str, kind: str, words: dict[str, str]) -> Iterator[str]:
    """Yield what all notes have; messages and remedies only as far as notes.ttl states none."""
    yield f"<{shape}> k20:role k20:RecordNote ; sh:severity sh:Warning"
    (wording,) = stated.subjects(_WORDING_FOR, K20 + kind)
    for predicate in (SH + "message", _REMEDY, K20 + "cellRemedy"):
        if not stated.values(shape, predicate):
            (term,) = stated.terms(wording, predicate)
            yield f"<{shape}> <{predicate}> {_filled(term, words)}"


def _label(label: str) -> dict[str, str]:
    return {"label": label, "a": "an" if label[0] in "aeiou" else "a"}
