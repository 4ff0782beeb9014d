"""Links of a record that the shapes go along, and their order.

A verdict rests on what the paths of the shapes lead to from the candidate group, step by step. What
lies elsewhere, such as the members of another group, may change as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.rdf.graph import Graph, Lookup
from k20kg.vocabulary import K20, SH

_INVERSE: Final = "^"
_TERM: Final = re.compile(r"(?:k20:|<" + re.escape(K20) + r")([a-z]\w*)")
_ON_THE_SAME: Final = tuple(
    SH + name for name in ("property", "node", "not", "qualifiedValueShape", "sparql")
)
_LISTS: Final = tuple(SH + name for name in ("and", "or", "xone"))
_REPEATED: Final = (SH + "zeroOrMorePath", SH + "oneOrMorePath")
_OPTIONAL: Final = (SH + "zeroOrMorePath", SH + "zeroOrOnePath")
_EVIDENCE: Final = frozenset(
    mark + K20 + name
    for mark in ("", _INVERSE)
    for name in ("evidencedBy", "disputedBy", "leftOpenBy")
)
"""Predicates of a record that lead to no other."""

Steps = frozenset[str]
"""Properties, with ``^`` before those that are gone along backwards."""


class Reach(NamedTuple):
    """Nodes to which the paths of some shapes lead from a group."""

    first: Steps
    """The steps that some path begins with."""
    before: dict[str, Steps]
    """For each step those that it may follow."""

    def leads_to(self, graph: Lookup, group: str, node: str) -> bool:
        """Return whether some path leads from a group to a node."""
        waiting = [(node, step) for step in {*self.first, *self.before}]
        seen = set(waiting)
        while waiting:
            at, step = waiting.pop()
            if step.startswith(_INVERSE):
                origins = graph.values(at, step[1:])
            else:
                origins = graph.subjects(step, at)
            if step in self.first and group in origins:
                return True
            for one in origins:
                for earlier in self.before.get(step, ()):
                    if (one, earlier) not in seen:
                        seen.add((one, earlier))
                        waiting.append((one, earlier))
        return False


def reach_of(shapes: Iterable[ox.Quad]) -> Reach:
    """Return where the shapes lead that have a candidate group as their target."""
    return _Paths(Graph(shapes)).reach()


class _Path(NamedTuple):
    first: Steps
    last: Steps
    may_be_empty: bool


class _Paths:
    """The paths of a shapes graph."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._before: dict[str, set[str]] = {}
        self._known: dict[str, Steps] = {}

    def reach(self) -> Reach:
        shapes = self._graph.subjects(SH + "targetClass", K20 + "CandidateGroup")
        first = frozenset[str]().union(*map(self._entered, shapes))
        before = {s: frozenset(b - _EVIDENCE) for s, b in self._before.items()}
        return Reach(first - _EVIDENCE, {s: b for s, b in before.items() if s not in _EVIDENCE})

    def _entered(self, shape: str) -> Steps:
        """Return the steps with which a shape leaves the node that it is asked of."""
        if shape not in self._known:
            self._known[shape] = frozenset()  # no shape asks for itself
            self._known[shape] = self._steps_of(shape)
        return self._known[shape]

    def _steps_of(self, shape: str) -> Steps:
        graph = self._graph
        if query := graph.value(shape, SH + "select"):
            names = {K20 + name for name in _TERM.findall(query)}
            steps = frozenset(names | {_INVERSE + name for name in names})
            self._follow(steps, steps)
            return steps
        parts = [p for name in _ON_THE_SAME for p in graph.values(shape, name)]
        parts += [p for name in _LISTS for p in graph.items(shape, name)]
        inner = frozenset[str]().union(*map(self._entered, parts))
        if not (paths := graph.values(shape, SH + "path")):
            return inner
        path = self._path(paths[0], backwards=False)
        self._follow(path.last, inner)
        return path.first | inner if path.may_be_empty else path.first

    def _follow(self, earlier: Steps, later: Steps) -> None:
        for step in later:
            self._before.setdefault(step, set()).update(earlier)

    def _path(self, path: str, *, backwards: bool) -> _Path:
        graph = self._graph
        if not path.startswith("_:"):
            step = frozenset({(_INVERSE if backwards else "") + path})
            return _Path(step, step, False)
        if inverse := graph.value(path, SH + "inversePath"):
            return self._path(inverse, backwards=not backwards)
        if choices := list(graph.items(path, SH + "alternativePath")):
            found = [self._path(one, backwards=backwards) for one in choices]
            return _Path(
                frozenset[str]().union(*(p.first for p in found)),
                frozenset[str]().union(*(p.last for p in found)),
                any(p.may_be_empty for p in found),
            )
        for name in {*_REPEATED, *_OPTIONAL}:
            if once := graph.value(path, name):
                one = self._path(once, backwards=backwards)
                if name in _REPEATED:
                    self._follow(one.last, one.first)
                return one._replace(may_be_empty=one.may_be_empty or name in _OPTIONAL)
        parts = [self._path(one, backwards=backwards) for one in graph.members(path)]
        return self._in_a_row(parts[::-1] if backwards else parts)

    def _in_a_row(self, parts: list[_Path]) -> _Path:
        whole = _Path(frozenset(), frozenset(), True)
        for part in parts:
            self._follow(whole.last, part.first)
            whole = _Path(
                whole.first | part.first if whole.may_be_empty else whole.first,
                whole.last | part.last if part.may_be_empty else part.last,
                whole.may_be_empty and part.may_be_empty,
            )
        return whole
