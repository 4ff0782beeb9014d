"""Shapes without their words, and classes without their detours: same results, less work.

What SHACL defines is kept: a target class stands for its subclasses, so it may as well be spelt
out as the list of them, once, instead of telling the engine anew with every case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import pyoxigraph as ox

from k20kg.definition.compact import compact
from k20kg.rdf.graph import Term
from k20kg.vocabulary import K20, KS, RDF_TYPE, RDFS, SH

_WORDS: Final = frozenset({SH + "message", SH + "severity", RDFS + "label", RDFS + "comment"})
_GROUP: Final = ox.NamedNode(K20 + "CandidateGroup")
_WITHOUT_VALUE: Final = frozenset({RDF_TYPE, SH + "path"}) | {
    SH + name for name in ("qualifiedValueShape", "qualifiedMinCount", "minCount", "maxCount")
}


def slim_shapes(shapes: str, subclasses: str) -> str:
    """Return the shapes that a target leads to, as N-Triples without messages and notes."""
    quads = [
        q
        for q in ox.parse(shapes, format=ox.RdfFormat.TURTLE)
        if q.predicate.value not in _WORDS and not q.predicate.value.startswith(K20)
    ]
    pairs = _pairs(subclasses)
    lines = []
    for quad in compact(_asked_once(quads)):
        names = [str(quad.object)]
        if quad.predicate.value == SH + "targetClass":
            names += sorted(sub for sub, _ in pairs if names[0] in _above(sub, pairs) - {sub})
        lines += [f"{quad.subject} {quad.predicate} {name} .\n" for name in names]
    return "".join(lines)


def _asked_once(quads: list[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield shapes in which what is asked of a group is a shape of its own, named as before.

    The engine takes two or three times as long for a result with a path, and a requirement that
    several criteria share is tested once. That holds for requirements whose results have no value.
    """
    said: dict[Term, dict[str, list[ox.Quad]]] = {}
    for quad in quads:
        said.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad)
    roots = {
        shape
        for shape, parts in said.items()
        if parts.keys() - {RDF_TYPE} == {SH + "targetClass", SH + "property"}
        and [q.object for q in parts[SH + "targetClass"]] == [_GROUP]
        and all(isinstance(q.object, ox.NamedNode) for q in parts[SH + "property"])
    }
    asked = dict.fromkeys(q.object for shape in roots for q in said[shape][SH + "property"])
    inner: dict[Term, Term] = {
        shape: ox.NamedNode(f"{shape.value}-path")
        for shape in asked
        if isinstance(shape, ox.NamedNode) and said[shape].keys() <= _WITHOUT_VALUE
    }
    for quad in quads:
        if quad.predicate.value != SH + "targetClass" or quad.subject not in roots:
            subject, value = (inner.get(term, term) for term in (quad.subject, quad.object))
            yield ox.Quad(subject, quad.predicate, value)  # type: ignore[arg-type]
    for shape in asked:
        of = shape if shape in inner else ox.NamedNode(KS + "asked-of-the-group")
        link = SH + ("node" if shape in inner else "property")
        yield ox.Quad(of, ox.NamedNode(SH + "targetClass"), _GROUP)  # type: ignore[arg-type]
        yield ox.Quad(of, ox.NamedNode(link), inner.get(shape, shape))  # type: ignore[arg-type]


def slim_subclasses(shapes: str, subclasses: str) -> str:
    """Return the subclass axioms that bear on a class which the slim shapes ask values to have."""
    pairs = _pairs(subclasses)
    wanted = {
        str(t.object)
        for t in ox.parse(shapes, format=ox.RdfFormat.N_TRIPLES)
        if t.predicate.value == SH + "class"
    }
    return "".join(
        f"{sub} <{RDFS}subClassOf> {sup} .\n" for sub, sup in pairs if wanted & _above(sup, pairs)
    )


def _pairs(subclasses: str) -> list[tuple[str, str]]:
    words = [line.split(" ") for line in subclasses.splitlines()]
    return [(sub, sup) for sub, _, sup, _ in words]


def _above(name: str, pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return a class and all classes above it."""
    found, ahead = {name}, [name]
    while ahead:
        one = ahead.pop()
        for sub, sup in pairs:
            if sub == one and sup not in found:
                found.add(sup)
                ahead.append(sup)
    return found
