"""Notes on a record as shapes: what `shapes/notes.ttl` states, and what follows from the ontology.

A class says by `k20:reachedBy` which links lead to its records; one that none leads to is noted,
and leaves the lists open that close those links (`k20:closes`). A scheme says by `k20:ownConcept`
that a record may add to it; a concept that one adds is noted. What notes.ttl states of a shape
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.definition.subclasses import classes_in
from k20kg.disk_cache import kept
from k20kg.rdf.graph import Graph, key, ntriples, read_turtle
from k20kg.rdf.quads import listed, quads_of
from k20kg.sources.terms import statements
from k20kg.vocabulary import K20, KS, RDF_TYPE, SH, SKOS, packaged, shorten

_REMEDY = K20 + "remedy"
_OPENS = K20 + "opens"
_ONE = ox.Literal(1)
_node = cache(ox.NamedNode)
_INVERSE = _node(SH + "inversePath")
_ALTERNATIVE = _node(SH + "alternativePath")


class RecordNotes(NamedTuple):
    """The notes, ready for an engine and for who reads its results."""

    shapes: str
    """The shapes as N-Triples."""
    remedies: dict[str, str]
    """What each shape with a note says to do."""
    opens: dict[str, frozenset[str]]
    """The kinds of list that count as left open while a shape has results."""
    classes: frozenset[str]
    """The classes that the shapes ask about."""


@cache
def record_notes() -> RecordNotes:
    """Return the notes, worked out once for all that they are read from."""
    return kept("record-notes", lambda: _work_out(read_turtle(packaged("shapes", "notes.ttl"))))


def _work_out(stated: Sequence[ox.Quad]) -> RecordNotes:
    words = Graph(stated)
    quads = list(dict.fromkeys([*stated, *_strays(words), *_own_concepts(words)]))
    quads = [q for q in quads if "#note-wording-" not in key(q.subject)]
    remedies = {key(q.subject): key(q.object) for q in quads if q.predicate.value == _REMEDY}
    opens: dict[str, set[str]] = {}
    for quad in quads:
        if quad.predicate.value == _OPENS:
            opens.setdefault(key(quad.subject), set()).add(key(quad.object))
    return RecordNotes(
        ntriples(quads),
        remedies,
        {shape: frozenset(lists) for shape, lists in opens.items()},
        classes_in(quads),
    )


def _strays(stated: Graph) -> Iterator[ox.Quad]:
    """Yield a shape for each class of whose records it is stated which links lead to them."""
    terms, lists = Graph(statements()), _by(K20 + "closes", back=True)
    for name, links in _by(K20 + "reachedBy").items():
        local = name.removeprefix(K20)
        shape = f"{KS}note-stray-{local}"
        words = {**_label(terms.label(name)), "links": _either(links)}
        yield from _note(stated, shape, "reachedBy", words)
        yield from quads_of(shape, {RDF_TYPE: _node(SH + "PropertyShape")})
        yield from quads_of(shape, {SH + "targetClass": _node(name), SH + "minCount": _ONE})
        for one in dict.fromkeys(one for link in links for one in lists.get(link, ())):
            yield from quads_of(shape, {_OPENS: _node(one)})
        if stated.values(shape, SH + "path"):
            continue
        back = [ox.BlankNode(f"inverse-{link.removeprefix(K20)}") for link in links]
        yield from (ox.Quad(b, _INVERSE, _node(n)) for b, n in zip(back, links, strict=True))
        path, (head, cells) = ox.BlankNode(f"to-{local}"), listed(f"to-each-{local}", back)
        yield from (*cells, ox.Quad(path, _ALTERNATIVE, head)) if len(back) > 1 else ()
        yield from quads_of(shape, {SH + "path": path if len(back) > 1 else back[0]})


def _own_concepts(stated: Graph) -> Iterator[ox.Quad]:
    """Yield a shape for each property of a scheme that a record may add to."""
    terms, concepts = Graph(statements()), _by(SKOS + "inScheme", back=True)
    for name, (scheme,) in _by(K20 + "valuesFrom").items():
        if not (counts := terms.value(scheme, K20 + "ownConcept")):
            continue
        local = name.removeprefix(K20)
        shape = f"{KS}note-own-{local}"
        known = concepts[scheme]
        words = {**_label(terms.label(name)), "values": _either(known), "counts": counts}
        yield from _note(stated, shape, "ownConcept", words)
        head, cells = listed(f"own-{local}", map(_node, known))
        said = {RDF_TYPE: _node(SH + "NodeShape"), SH + "targetObjectsOf": _node(name)}
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
            text = stated.value(wording, predicate).format(**words)
            yield from quads_of(shape, {predicate: ox.Literal(text, language="en")})


def _label(label: str) -> dict[str, str]:
    return {"label": label, "a": "an" if label[0] in "aeiou" else "a"}


def _either(names: Sequence[str]) -> str:
    short = [shorten(name) for name in names]
    return " or ".join(filter(None, (", ".join(short[:-1]), short[-1])))
