"""Shapes without their words, and classes without their detours: same results, less work.

What SHACL defines is kept: a target class stands for its subclasses, so it may as well be spelt
out as the list of them, once, instead of telling the engine anew with every case.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyoxigraph as ox

from k20kg.vocabulary import K20, RDFS, SH

__all__ = ["slim_shapes", "slim_subclasses"]

_WORDS: Final = frozenset({SH + "message", SH + "severity", RDFS + "label", RDFS + "comment"})
_TARGETS: Final = frozenset(
    SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)


def slim_shapes(shapes: str, subclasses: str) -> str:
    """Return the shapes that a target leads to, as N-Triples without messages and notes."""
    triples = [
        t
        for t in ox.parse(shapes, format=ox.RdfFormat.TURTLE)
        if t.predicate.value not in _WORDS and not t.predicate.value.startswith(K20)
    ]
    by_subject: dict[object, list[ox.Quad]] = {}
    for triple in triples:
        by_subject.setdefault(triple.subject, []).append(triple)
    reached = {t.subject for t in triples if t.predicate.value in _TARGETS}
    ahead = list(reached)
    while ahead:
        for triple in by_subject.get(ahead.pop(), ()):
            if triple.object in by_subject and triple.object not in reached:
                reached.add(triple.object)
                ahead.append(triple.object)
    pairs = _pairs(subclasses)
    lines = []
    for triple in triples:
        if triple.subject in reached:
            names = [str(triple.object)]
            if triple.predicate.value == SH + "targetClass":
                names += sorted(sub for sub, _ in pairs if names[0] in _above(sub, pairs) - {sub})
            lines += [f"{triple.subject} {triple.predicate} {name} .\n" for name in names]
    return "".join(lines)


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
