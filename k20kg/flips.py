"""At which values of a parameter the verdict flips: variants of a reading, judged many at once.

A value is tried by changing the shapes graph and validating the case with it. To search is cheap,
for only the shapes of one criterion are changed; what is reported is confirmed with all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise

import pyoxigraph as ox

from k20kg.cases import Case
from k20kg.definitions import Material, definition_of, plan_of
from k20kg.engines import compile_shapes
from k20kg.graph import Graph
from k20kg.model import Criterion, Definition, Parameter, Reading, Verdict
from k20kg.variants import Setting, ShapeIndex, Variant, shapes_of_variant
from k20kg.vocabulary import K20, XSD

__all__ = ["Bench", "Span", "Tried", "is_number"]

Verdicts = dict[str, Verdict]
"""The verdict on each criterion, by IRI."""
_FIRST_TRY = 6


@dataclass(frozen=True, slots=True)
class Span:
    """Values of a parameter, first to last, under which the verdict is the same."""

    first: int
    last: int | None
    """None: from `first` on."""
    verdict: Verdict
    overall: Verdict


@dataclass(frozen=True, slots=True)
class Tried:
    """A reading with settings, and the criterion that they bear on."""

    reading: str
    criterion: str
    settings: tuple[Setting, ...] = ()


@dataclass(slots=True)
class _Search:
    """One parameter under one reading, and the verdicts at the values tried so far."""

    tried: Tried
    parameter: str
    found: dict[int, Verdict] = field(default_factory=dict)

    def at(self, value: int) -> Tried:
        number = ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))
        setting = Setting(self.parameter, number, self.tried.criterion)
        return Tried(self.tried.reading, self.tried.criterion, (*self.tried.settings, setting))

    def next(self, ceiling: int) -> list[int]:
        """Return the values to try next; none once every flip is known."""
        if not self.found:
            return list(range(1, _FIRST_TRY + 1))
        top = max(self.found)
        if self.found[top] in (Verdict.MET, Verdict.CONTESTED) and top < ceiling:
            # A count that more records than there are would have to reach fails for certain.
            return sorted({min(top * n, ceiling) for n in (2, 4, 8)} | {ceiling})
        known = sorted(self.found)
        return [
            (low + high) // 2
            for low, high in pairwise(known)
            if self.found[low] is not self.found[high] and high - low > 1
        ]


class Bench:
    """One case under many variants of a definition's readings."""

    def __init__(self, material: Material, case: Case, engine: str = "shacl") -> None:
        self.material = material
        self.definition: Definition = definition_of(material)
        self.runs = 0
        """How many times the case was validated."""
        self._case = case
        self._engine = engine
        self._index = ShapeIndex(material.shapes, material.graph)
        self._ceiling = len(set(case.quads)) + 1
        self._base = self.judge([Tried(r.iri, "") for r in self.definition.readings])

    def judge(self, tried: Sequence[Tried], *, whole: bool = True) -> list[Verdicts]:
        """Return the verdicts under each; with `whole` on all criteria, else on its own alone."""
        names = [f"{t.reading}/try-{n}" for n, t in enumerate(tried)]
        shapes, words = [*self.material.shapes], [*self.material.words]
        for name, one in zip(names, tried, strict=True):
            variant = Variant(name, one.reading, one.settings)
            only = None if whole or not one.criterion else one.criterion
            shapes += shapes_of_variant(self._index, variant, only)
            words.append(_quad(self.material.definition, K20 + "usesReading", name))
        graph = Graph([*words, *shapes])
        material = Material(
            self.material.definition, tuple(shapes), tuple(words), self.material.files, graph
        )
        plan = plan_of.__wrapped__(material, tuple(names), False)
        run = compile_shapes(plan.shapes, plan.subclasses, self._engine)
        failed = {r.shape for r in run(self._case.text, self._case.syntax)}
        self.runs += 1
        sides: dict[tuple[str, str], list[bool]] = {}
        for test in plan.tests:
            for reading in test.readings:
                side = sides.setdefault((reading, test.criterion), [True, False])
                if test.shapes & failed:
                    side[test.counter] = test.counter
        return [
            {
                criterion: Verdict.of(support=support, counter=counter)
                for (reading, criterion), (support, counter) in sides.items()
                if reading == name
            }
            for name in names
        ]

    def on(self, material: Material) -> Bench:
        """Return a bench for the same case and readings, with more shapes to take from."""
        other = copy(self)
        other.material = material
        other._index = ShapeIndex(material.shapes, material.graph)
        return other

    def base(self, reading: str, criterion: str) -> Verdict:
        """Return the verdict on a criterion under a reading as it stands."""
        at = next(n for n, r in enumerate(self.definition.readings) if r.iri == reading)
        return self._base[at][criterion]

    def spans(self, wanted: Sequence[tuple[Tried, str]]) -> list[tuple[Span, ...]]:
        """Return, for each reading with settings and parameter, the verdicts at all values.

        Raises `RuntimeError` if validating with all shapes does not bear out a flip.
        """
        searches = [_Search(tried, parameter) for tried, parameter in wanted]
        while todo := [(s, v) for s in searches for v in s.next(self._ceiling)]:
            found = self.judge([s.at(v) for s, v in todo], whole=False)
            for (search, value), verdicts in zip(todo, found, strict=True):
                search.found[value] = verdicts[search.tried.criterion]
        edges = [(s, v) for s in searches for v in _edges(s.found)]
        confirmed = iter(self.judge([s.at(v) for s, v in edges])) if edges else iter(())
        spans: list[tuple[Span, ...]] = []
        for search in searches:
            starts = _edges(search.found)
            ends = [*(n - 1 for n in starts[1:]), None]
            parts = []
            for first, last in zip(starts, ends, strict=True):
                whole = next(confirmed)
                verdict = whole[search.tried.criterion]
                if verdict is not search.found[first]:
                    raise RuntimeError(f"a flip of {search.parameter} at {first} was not borne out")
                parts.append(Span(first, last, verdict, Verdict.all_of(whole.values())))
            spans.append(tuple(parts))
        return spans

    def numbers(self, reading: Reading, criterion: str | None = None) -> list[Parameter]:
        """Return the reading's parameters that are numbers, of one criterion or of all."""
        return [
            p
            for p in reading.parameters
            if is_number(p) and (criterion is None or p.criterion == criterion)
        ]

    def parameter_iri(self, parameter: Parameter, reading: Reading) -> str:
        """Return the IRI of a reading's parameter."""
        graph = self.material.graph
        return next(
            node
            for node in graph.subjects(K20 + "ofReading", reading.iri)
            if graph.value(node, K20 + "parameterName") == parameter.name
            and graph.value(node, K20 + "onCriterion") == parameter.criterion
        )

    def criterion(self, iri: str) -> Criterion:
        """Return a criterion by IRI."""
        return self.definition.criterion(iri)


def is_number(parameter: Parameter) -> bool:
    """Tell whether a parameter is a count, and not a choice."""
    return parameter.value.isascii() and parameter.value.isdigit()


def _edges(found: dict[int, Verdict]) -> list[int]:
    """Return the values at which a verdict begins, the lowest first."""
    known = sorted(found)
    return [v for n, v in enumerate(known) if n == 0 or found[known[n - 1]] is not found[v]]


def _quad(subject: str, predicate: str, value: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value))
