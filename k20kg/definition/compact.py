"""Shorten shapes for an engine: what no target leads to is left out, equal parts stand once.

A compiled definition spends most of its start on reading shapes, so that fewer bytes are less time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from k20kg.rdf.graph import Term
from k20kg.vocabulary import K20, KS, RDF_TYPE, SH

_PREFIXES = {"sh": SH, "k20": K20, "ks": KS, "rdf": RDF_TYPE.removesuffix("type")}
_TARGETS = {SH + n for n in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")}
_Said = list[tuple[ox.NamedNode, Term]]


def compact(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return shapes that give the same results with fewer statements."""
    said: dict[Term, _Said] = {}
    for quad in quads:
        if quad.predicate.value != K20 + "remedy":
            said.setdefault(quad.subject, []).append((quad.predicate, quad.object))
    same = _equal_parts(said)
    merged = {
        same.get(subject, subject): list(dict.fromkeys((p, same.get(o, o)) for p, o in parts))
        for subject, parts in said.items()
    }
    roots = [s for s, parts in merged.items() if any(p.value in _TARGETS for p, _ in parts)]
    short = [
        ox.Quad(s, p, o)  # type: ignore[arg-type]
        for s, parts in merged.items()
        for p, o in parts
    ]
    return reached_from(roots, short)


def reached_from(roots: Iterable[Term], quads: Sequence[ox.Quad]) -> list[ox.Quad]:
    """Return what is said of some shapes and of all that they lead to."""
    leads: dict[Term, list[Term]] = {}
    for quad in quads:
        leads.setdefault(quad.subject, []).append(quad.object)
    reached: set[Term] = set()
    ahead = list(roots)
    while ahead:
        node = ahead.pop()
        if node not in reached and node in leads:
            reached.add(node)
            ahead += leads[node]
    return [q for q in quads if q.subject in reached]


def turtle(quads: Iterable[ox.Quad]) -> str:
    """Return shapes as Turtle with prefixes."""
    triples = (q.triple for q in quads)
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
    assert text is not None
    return text.decode()


def _equal_parts(said: dict[Term, _Said]) -> dict[Term, Term]:
    """Return what stands for each blank node: one short label for all of which the same is said."""
    same: dict[Term, Term] = {}
    chosen: dict[frozenset[tuple[Term, Term]], Term] = {}
    waiting: set[Term] = set()
    ahead: list[Term] = [node for node in said if isinstance(node, ox.BlankNode)]
    while ahead:
        node = ahead[-1]
        parts = () if node in same else said[node]
        deeper = [
            o
            for _, o in parts
            if isinstance(o, ox.BlankNode) and o in said and o not in same and o not in waiting
        ]
        if deeper and node not in same:
            waiting.add(node)  # what leads back to itself is equal to nothing else
            ahead += deeper
            continue
        ahead.pop()
        if node not in same:
            alike = frozenset((p, same.get(o, o)) for p, o in parts)
            same[node] = chosen.setdefault(alike, ox.BlankNode(f"b{len(chosen)}"))
    return same
