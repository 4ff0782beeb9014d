"""Make shapes quick for an engine: fewer statements to read, the cheapest conditions tried first.

A compiled definition spends most of its start on reading shapes, so what no target leads to is
left out and equal parts stand once. An engine may test all conditions of a shape whatever comes of
the first, but goes through the list of an ``sh:and`` in order and stops: so a block of several
conditions becomes a list of them. A block is a node shape without a target to which other shapes
refer; it says nothing but yes or no, so that the results of a report stay the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from k20kg.rdf.graph import Term, str_of
from k20kg.rdf.quads import Statements, listed
from k20kg.vocabulary import K20, KS, RDF_TYPE, SH

TARGETS = {SH + n for n in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")}
_PREFIXES = {"sh": SH, "k20": K20, "ks": KS, "rdf": RDF_TYPE.removesuffix("type")}
_SOME = SH + "qualifiedValueShape"
_REFERENCES = {SH + n for n in ("node", "property", "not", "qualifiedValueShape")}
_LISTS = {SH + n for n in ("and", "or", "xone")}
_QUERY, _VALUES, _LOOK_UP, _UNKNOWN = 50.0, 3.0, 1.0, 10.0
"""Costs by rule of thumb: of a query, of how many values a path leads to, of one triple, of a
block that leads back to itself."""
_Properties = dict[str, list[Term]]


def turtle(quads: Iterable[ox.Quad]) -> str:
    """Return shapes as Turtle with prefixes."""
    triples = (q.triple for q in quads)
    text = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES)
    assert text is not None
    return text.decode()


def compact(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return shapes that give the same results with fewer statements."""
    shapes = Statements(q for q in quads if q.predicate.value != K20 + "remedy")
    same = _equal_parts(shapes.of)
    shapes.of = {
        same.get(subject, subject): {
            predicate: list(dict.fromkeys(same.get(value, value) for value in values))
            for predicate, values in said.items()
        }
        for subject, said in shapes.of.items()
    }
    roots = [node for node, said in shapes.of.items() if not TARGETS.isdisjoint(said)]
    return shapes.reached_from(roots)


def _equal_parts(of: dict[Term, _Properties]) -> dict[Term, Term]:
    """Return what stands for each blank node: one short label for all of which the same is said."""
    same: dict[Term, Term] = {}
    chosen: dict[frozenset[tuple[str, Term]], Term] = {}
    waiting: set[Term] = set()
    ahead: list[Term] = [node for node in of if isinstance(node, ox.BlankNode)]
    while ahead:
        node = ahead[-1]
        said = () if node in same else [(p, o) for p, values in of[node].items() for o in values]
        deeper = [
            o
            for _, o in said
            if isinstance(o, ox.BlankNode) and o in of and o not in same and o not in waiting
        ]
        if deeper:
            waiting.add(node)  # what leads back to itself is equal to nothing else
            ahead += deeper
            continue
        ahead.pop()
        if node not in same:
            alike = frozenset((p, same.get(o, o)) for p, o in said)
            same[node] = chosen.setdefault(alike, ox.BlankNode(f"b{len(chosen)}"))
    return same


def cheapest_first(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return shapes with the conditions of each block as a list, the cheapest first."""
    blocks = _Blocks(quads)
    blocks.order()
    return blocks.quads()


class _Blocks(Statements):
    """Shapes, and what it costs to test each."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        super().__init__(quads)
        self._costs: dict[Term, float] = {}

    def order(self) -> None:
        for node in list(self.of):
            self._flatten(node)
        referred = {part for said in self.of.values() for part in self._referred(said)}
        replaced: dict[Term, _Properties] = {}
        cells: list[ox.Quad] = []
        for number, block in enumerate(sorted(referred, key=str_of)):
            said = self.of.get(block, {})
            if SH + "path" in said or said.keys() & {*TARGETS, K20 + "role"}:
                continue
            parts = sorted(self._parts(said), key=lambda part: part[0])  # equal costs as they stand
            if len(parts) < 2:
                continue
            shapes: list[Term] = []
            for place, (_, shape, own) in enumerate(parts):
                shapes.append(shape or ox.BlankNode(f"part-{number}-{place}-own"))
                if not shape:
                    replaced[shapes[-1]] = {RDF_TYPE: [ox.NamedNode(SH + "NodeShape")], **own}
            head, more = listed(f"part-{number}", shapes)
            cells += more
            kept = {RDF_TYPE: said[RDF_TYPE]} if RDF_TYPE in said else {}
            replaced[block] = kept | {SH + "and": [head]}
        self.of |= replaced
        self.extend(cells)

    def _referred(self, said: _Properties) -> Iterator[Term]:
        """Yield the shapes that what is said of one refers to."""
        for predicate, values in said.items():
            if predicate in _REFERENCES:
                yield from values
            elif predicate in _LISTS:
                for value in values:
                    yield from self.items(value)

    def _flatten(self, shape: Term) -> None:
        """Let a property shape that asks for a node with some value ask for that value itself.

        ``path p, some value with (path q, some value that is V)`` is ``path (p q), some V``.
        """
        said = self.of[shape]
        while inner := self._asked_of_a_node_with(said):
            paths = (said[SH + "path"][0], inner[SH + "path"][0])
            steps = [step for path in paths for step in list(self.items(path)) or [path]]
            head, cells = listed(f"path-{len(self.of)}", steps)
            self.extend(cells)
            self.of[shape] = said = {**said, SH + "path": [head], _SOME: inner[_SOME]}

    def _asked_of_a_node_with(self, said: _Properties) -> _Properties | None:
        if not _asks_for_one(said):
            return None
        block = self.of.get(said[_SOME][0], {})
        parts = [v for p, vs in block.items() if p != RDF_TYPE for v in vs]
        if len(parts) != 1 or SH + "property" not in block:
            return None
        inner = self.of.get(parts[0], {})
        return inner if _asks_for_one(inner) else None

    def _parts(self, said: _Properties) -> Iterator[tuple[float, Term | None, _Properties]]:
        """Yield cost and shape of each condition; without a shape, what a new one has to say."""
        plain: _Properties = {}
        for predicate, values in said.items():
            for value in values:
                if predicate in (SH + "node", SH + "property"):
                    yield self._cost(value), value, {}
                elif predicate == SH + "and":
                    yield from ((self._cost(item), item, {}) for item in self.items(value))
                elif predicate in {*_LISTS, SH + "not", SH + "sparql"}:
                    own = {predicate: [value]}
                    yield self._cost_of(own), None, own
                elif predicate != RDF_TYPE:
                    plain.setdefault(predicate, []).append(value)
        if plain:
            yield _LOOK_UP, None, plain

    def _cost(self, shape: Term) -> float:
        if shape not in self._costs:
            self._costs[shape] = _UNKNOWN
            self._costs[shape] = self._cost_of(self.of.get(shape, {}))
        return self._costs[shape]

    def _cost_of(self, said: _Properties) -> float:
        inside = _LOOK_UP + sum(map(self._cost, self._referred(said)))
        inside += _QUERY * len(said.get(SH + "sparql", ()))
        path = said.get(SH + "path")
        return self._path_cost(path[0]) * inside if path else inside

    def _path_cost(self, path: Term) -> float:
        """Return what it costs to follow a path, in triples looked up."""
        if items := list(self.items(path)):
            return sum(map(self._path_cost, items)) + _VALUES * (len(items) > 1)
        said = self.of.get(path, {})
        steps = [v for p, vs in said.items() if p.startswith(SH) for v in vs]
        if not isinstance(path, ox.BlankNode) or not steps:
            return _LOOK_UP
        if alternatives := said.get(SH + "alternativePath"):
            return sum(map(self._path_cost, self.items(alternatives[0])))
        one = self._path_cost(steps[0])
        return one if SH + "inversePath" in said else one * _VALUES


def _asks_for_one(said: _Properties) -> bool:
    """Tell whether a shape asks only that a path leads to some value of a kind."""
    asked = {p for p in said if p.startswith(SH)} - {SH + "severity"}
    least = said.get(SH + "qualifiedMinCount", [])
    return asked == {SH + "path", _SOME, SH + "qualifiedMinCount"} and str_of(least[0]) == "1"
