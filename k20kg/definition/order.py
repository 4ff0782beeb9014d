"""Put the parts of blocks in order, the cheapest first, for engines that stop at the first failure.

An engine may test all conditions of a shape whatever comes of the first, but goes through the
list of an ``sh:and`` in order and stops. So a block of several conditions becomes a list of them.
A block is a node shape without a target to which other shapes refer; what holds of it says
nothing but yes or no, so that the results of a report stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from k20kg.rdf.graph import Term, key
from k20kg.vocabulary import K20, RDF_TYPE, SH

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SOME = SH + "qualifiedValueShape"
_NIL = ox.NamedNode(_RDF + "nil")
_REFERENCES = {SH + n for n in ("node", "property", "not", "qualifiedValueShape")}
_LISTS = {SH + n for n in ("and", "or", "xone")}
_MANY = {SH + n for n in ("node", "property", "not", "class", "sparql")}
"""Conditions of which a shape may have several."""
_TARGETS = {
    SH + n for n in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
} | {K20 + "role"}
_QUERY, _VALUES, _LOOK_UP, _UNKNOWN = 50.0, 3.0, 1.0, 10.0
"""Costs by rule of thumb: of a query, of how many values a path leads to, of one triple, of a
block that leads back to itself."""


def _asks_for_one(said: dict[str, list[Term]]) -> bool:
    """Tell whether a shape asks only that a path leads to some value of a kind."""
    asked = {p for p in said if p.startswith(SH)} - {SH + "severity"}
    least = said.get(SH + "qualifiedMinCount", [])
    return asked == {SH + "path", _SOME, SH + "qualifiedMinCount"} and key(least[0]) == "1"


def cheapest_first(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return shapes with the conditions of each block as a list, the cheapest first."""
    return _Blocks(quads).ordered()


class _Blocks:
    """Shapes by subject and predicate, and what it costs to test each."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._of: dict[Term, dict[str, list[Term]]] = {}
        for quad in quads:
            said = self._of.setdefault(quad.subject, {})
            said.setdefault(quad.predicate.value, []).append(quad.object)
        self._costs: dict[Term, float] = {}

    def ordered(self) -> list[ox.Quad]:
        for shape in list(self._of):
            self._inline(shape)
        for shape in list(self._of):
            self._flatten(shape)
        referred = {
            value
            for said in self._of.values()
            for predicate, values in said.items()
            for value in (
                values
                if predicate in _REFERENCES
                else [i for v in values for i in self._items(v)]
                if predicate in _LISTS
                else ()
            )
        }
        added: dict[Term, dict[str, list[Term]]] = {}
        for number, block in enumerate(sorted(referred, key=key)):
            said = self._of.get(block)
            if not said or SH + "path" in said or said.keys() & _TARGETS:
                continue
            parts = list(self._parts(block))
            if len(parts) > 1:
                self._replace(block, parts, f"part-{number}", added)
        return [
            ox.Quad(subject, ox.NamedNode(predicate), value)  # type: ignore[arg-type]
            for subject, said in (self._of | added).items()
            for predicate, values in said.items()
            for value in values
        ]

    def _inline(self, shape: Term) -> None:
        """Let a node shape state what the blocks state that it refers to by ``sh:node``."""
        said = self._of[shape]
        if SH + "path" in said:
            return
        for block in list(said.get(SH + "node", ())):
            if block not in self._of:
                continue
            self._inline(block)
            stated = {p: v for p, v in self._of[block].items() if p != RDF_TYPE}
            if not stated.keys() <= _MANY | _LISTS:
                continue
            said[SH + "node"].remove(block)
            for predicate, values in stated.items():
                known = said.setdefault(predicate, [])
                known += [v for v in values if v not in known]
        if SH + "node" in said and not said[SH + "node"]:
            del said[SH + "node"]

    def _flatten(self, shape: Term) -> None:
        """Let a property shape that asks for a node with some value ask for that value itself.

        ``path p, some value with (path q, some value that is V)`` is ``path (p q), some V``.
        """
        said = self._of[shape]
        while inner := self._asked_of_a_node_with(said):
            path = ox.BlankNode(f"path-{len(self._of)}")
            steps = [*self._steps(said[SH + "path"][0]), *self._steps(inner[SH + "path"][0])]
            self._list(path, steps)
            self._of[shape] = said = {**said, SH + "path": [path], _SOME: inner[_SOME]}

    def _asked_of_a_node_with(self, said: dict[str, list[Term]]) -> dict[str, list[Term]] | None:
        if not _asks_for_one(said):
            return None
        block = self._of.get(said[_SOME][0], {})
        parts = [v for p, vs in block.items() if p != RDF_TYPE for v in vs]
        if len(parts) != 1 or SH + "property" not in block:
            return None
        inner = self._of.get(parts[0], {})
        return inner if _asks_for_one(inner) else None

    def _steps(self, path: Term) -> list[Term]:
        return list(self._items(path)) or [path]

    def _list(self, head: ox.BlankNode, items: list[Term]) -> None:
        for number, item in enumerate(items):
            cell = ox.BlankNode(f"{head.value}-{number}") if number else head
            last = number == len(items) - 1
            rest = _NIL if last else ox.BlankNode(f"{head.value}-{number + 1}")
            self._of[cell] = {_RDF + "first": [item], _RDF + "rest": [rest]}

    def _parts(self, block: Term) -> Iterator[tuple[float, Term | None, dict[str, list[Term]]]]:
        """Yield cost and shape of each condition; without a shape, what a new one has to say."""
        plain: dict[str, list[Term]] = {}
        for predicate, values in self._of[block].items():
            for value in values:
                if predicate in (SH + "node", SH + "property"):
                    yield self._cost(value), value, {}
                elif predicate == SH + "and":
                    yield from ((self._cost(item), item, {}) for item in self._items(value))
                elif predicate in _LISTS or predicate == SH + "not":
                    said = {predicate: [value]}
                    yield self._cost_of(said), None, said
                elif predicate == SH + "sparql":
                    yield _QUERY, None, {predicate: [value]}
                elif predicate != RDF_TYPE:
                    plain.setdefault(predicate, []).append(value)
        if plain:
            yield _LOOK_UP, None, plain

    def _replace(
        self,
        block: Term,
        parts: list[tuple[float, Term | None, dict[str, list[Term]]]],
        name: str,
        added: dict[Term, dict[str, list[Term]]],
    ) -> None:
        head: Term = _NIL
        ranked = sorted(enumerate(parts), key=lambda part: (part[1][0], part[0]), reverse=True)
        for number, (_, shape, said) in ranked:
            if shape is None:
                shape = ox.BlankNode(f"{name}-{number}")
                added[shape] = {RDF_TYPE: [ox.NamedNode(SH + "NodeShape")], **said}
            cell = ox.BlankNode(f"{name}-{number}-cell")
            added[cell] = {_RDF + "first": [shape], _RDF + "rest": [head]}
            head = cell
        kept = {RDF_TYPE: self._of[block].get(RDF_TYPE, [])}
        self._of[block] = {p: v for p, v in kept.items() if v} | {SH + "and": [head]}

    def _cost(self, shape: Term) -> float:
        if shape not in self._costs:
            self._costs[shape] = _UNKNOWN
            self._costs[shape] = self._cost_of(self._of.get(shape, {}))
        return self._costs[shape]

    def _cost_of(self, said: dict[str, list[Term]]) -> float:
        path = said.get(SH + "path")
        inside = _LOOK_UP
        for predicate, values in said.items():
            for value in values:
                if predicate in _REFERENCES:
                    inside += self._cost(value)
                elif predicate in _LISTS:
                    inside += sum(map(self._cost, self._items(value)))
                elif predicate == SH + "sparql":
                    inside += _QUERY
        return self._path_cost(path[0]) * inside if path else inside

    def _path_cost(self, path: Term) -> float:
        """Return what it costs to follow a path, in triples looked up."""
        said = self._of.get(path, {})
        if items := list(self._items(path)):
            return sum(map(self._path_cost, items)) + _VALUES * (len(items) > 1)
        steps = [v for p, vs in said.items() if p.startswith(SH) for v in vs]
        if not isinstance(path, ox.BlankNode) or not steps:
            return _LOOK_UP
        if alternatives := said.get(SH + "alternativePath"):
            return sum(map(self._path_cost, self._items(alternatives[0])))
        one = self._path_cost(steps[0])
        return one if SH + "inversePath" in said else one * _VALUES

    def _items(self, cell: Term) -> Iterator[Term]:
        while first := self._of.get(cell, {}).get(_RDF + "first"):
            yield first[0]
            (cell,) = self._of[cell][_RDF + "rest"]
