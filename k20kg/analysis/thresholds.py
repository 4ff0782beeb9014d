"""Thresholds: the values of a parameter at which a verdict flips, many variants judged at once.

A value is tried by changing the shapes graph and validating the case with it. To search is cheap,
for only the shapes of one criterion are changed; what is reported is confirmed with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.definition.compiled import verdict_on
from k20kg.definition.loader import LoadedDefinition
from k20kg.definition.metadata import definition_of
from k20kg.definition.reach import reach_of
from k20kg.definition.subclasses import subclass_slice
from k20kg.definition.variants import Setting, ShapeIndex, Variant, shapes_of_variant
from k20kg.engines import compile_shapes
from k20kg.judging.cases import Case
from k20kg.judging.change_over_time import may_change
from k20kg.judging.instants import Instants, best_over_time
from k20kg.model import Definition, Parameter, Reading, Verdict
from k20kg.rdf.graph import Graph, ntriples, str_of
from k20kg.vocabulary import K20, SH, XSD

Verdicts = dict[str, Verdict]
"""The verdict on each criterion, by IRI."""
_FIRST_TRY = 6
_TARGETS = {SH + "targetClass", SH + "targetNode"}


@dataclass(frozen=True, slots=True)
class ValueRange:
    """Values of a parameter, first to last, under which the verdict is the same."""

    first: int
    last: int | None
    """None: from `first` on."""
    verdict: Verdict
    overall: Verdict


@dataclass(frozen=True, slots=True)
class VariedReading:
    """A reading with settings, and the criterion that they bear on."""

    reading: str
    criterion: str
    settings: tuple[Setting, ...] = ()


@dataclass(slots=True)
class _Search:
    """One parameter under one reading, and the verdicts at the values tried so far."""

    tried: VariedReading
    parameter: str
    found: dict[int, Verdict] = field(default_factory=dict)

    def at(self, value: int) -> VariedReading:
        number = ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))
        setting = Setting(self.parameter, number, self.tried.criterion)
        return VariedReading(
            self.tried.reading, self.tried.criterion, (*self.tried.settings, setting)
        )

    def next(self, ceiling: int) -> list[int]:
        """Return the values to try next; none once every flip is known."""
        if not self.found:
            return list(range(1, _FIRST_TRY + 1))
        top = max(self.found)
        if self.found[top] in (Verdict.MET, Verdict.CONTESTED) and top < ceiling:
            # A count that more records than there are would have to reach fails for certain.
            return sorted({min(top * n, ceiling) for n in (2, 4, 8)} | {ceiling})
        known = pairwise(sorted(self.found))
        flips = [(a, b) for a, b in known if self.found[a] is not self.found[b]]
        return [(low + high) // 2 for low, high in flips if high - low > 1]

    def starts(self) -> list[int]:
        """Return the values at which a verdict begins, the lowest first."""
        known = sorted(self.found)
        flips = [b for a, b in pairwise(known) if self.found[a] is not self.found[b]]
        return [*known[:1], *flips]

    def spans(self, confirmed: Iterator[Verdicts]) -> tuple[ValueRange, ...]:
        """Return the spans, with the verdicts at their starts by all shapes."""
        starts, spans = self.starts(), []
        for first, then in zip(starts, [*starts[1:], None], strict=True):
            whole = next(confirmed)
            verdict = whole[self.tried.criterion]
            if verdict is not self.found[first]:
                raise RuntimeError(f"a flip of {self.parameter} at {first} was not borne out")
            last = None if then is None else then - 1
            spans.append(ValueRange(first, last, verdict, Verdict.all_of(whole.values())))
        return tuple(spans)


class _Test(NamedTuple):
    """A shape that tests a criterion for or against, and those whose failing counts as its own."""

    counter: bool
    shapes: frozenset[str]


class _Compiled:
    """The criterion shapes of one variant, and how to read verdicts off those that fail."""

    def __init__(self, variant: str, quads: list[ox.Quad], base: Graph) -> None:
        copies = Graph(quads)
        self._tests: dict[str, list[_Test]] = {}
        self.shapes = copies.subjects(K20 + "under", variant)
        for shape in self.shapes:
            # A shape that the settings do not touch stands in the base alone.
            graph = copies if copies.values(shape, K20 + "role") else base
            roles = graph.values(shape, K20 + "role")
            parts = frozenset(graph.values(shape, SH + "property"))
            if graph.values(shape, SH + "message"):
                parts |= {shape}
            if K20 + "Guard" not in roles:
                criterion = graph.value(shape, K20 + "tests")
                test = _Test(K20 + "Counter" in roles, parts)
                self._tests.setdefault(criterion, []).append(test)

    def verdicts(self, failed: set[str]) -> Verdicts:
        """Return the verdict on each criterion."""
        return {c: verdict_on(tests, failed) for c, tests in self._tests.items()}


class VariantJudge:
    """One case under many variants of a definition's readings."""

    def __init__(self, loaded: LoadedDefinition, case: Case, engine: str = "shacl") -> None:
        self.loaded = loaded
        self.definition: Definition = definition_of(loaded)
        self.runs = 0
        """Number of validations of the case."""
        self._case = case
        self._engine = engine
        self._index = ShapeIndex(loaded.shapes, loaded.graph)
        self._ceiling = len(set(case.quads)) + 1
        self._inactive: str | None = None
        self._dates = self._instants()
        self._base = self.judge([VariedReading(r.iri, "") for r in self.definition.readings])

    def judge(self, tried: Sequence[VariedReading], *, whole: bool = True) -> list[Verdicts]:
        """Return the verdicts under each; with `whole` on all criteria, else on its own alone.

        Of a case that changes over time all criteria decide which instant is shown.
        """
        whole = whole or self._dates is not None
        run_on: list[_Compiled] = []
        added: list[ox.Quad] = []
        for n, one in enumerate(tried):
            variant = Variant(f"{one.reading}/try-{n}", one.reading, one.settings)
            only = None if whole or not one.criterion else one.criterion
            quads = shapes_of_variant(self._index, variant, only)
            run_on.append(_Compiled(variant.iri, quads, self.loaded.graph))
            added += quads
        run = self._run(added, {s for w in run_on for s in w.shapes})
        failed = run(self._case)
        if self._dates is None:
            return [w.verdicts(failed) for w in run_on]
        best = best_over_time(
            self._dates,
            self._case,
            failed,
            run,
            lambda failed: [list(w.verdicts(failed).values()) for w in run_on],
        )
        return [w.verdicts(one.outcome) for w, one in zip(run_on, best, strict=True)]

    def _run(self, added: list[ox.Quad], active: set[str]) -> Callable[[Case], set[str]]:
        """Return what tells the shapes that fail: of those added and of the `active` ones."""
        if self._inactive is None:
            quads = [q for q in self.loaded.shapes if q.predicate.value not in _TARGETS]
            self._inactive = ntriples(quads)
        own = [q for q in added if str_of(q.subject) in active or q.predicate.value not in _TARGETS]
        own += [q for q in self._index.of(active) if q.predicate.value in _TARGETS]
        validate = compile_shapes(self._inactive + ntriples(own), subclass_slice(), self._engine)

        def run(case: Case) -> set[str]:
            self.runs += 1
            return {r.shape for r in validate(case.text, case.syntax)}

        return run

    def with_shapes_of(self, loaded: LoadedDefinition) -> VariantJudge:
        """Return a judge of the same case and readings, with more shapes to take from."""
        other = copy(self)
        other.loaded = loaded
        other._index = ShapeIndex(loaded.shapes, loaded.graph)
        other._inactive = None
        other._dates = other._instants()
        return other

    def _instants(self) -> Instants | None:
        """Return the instants of the case; None if nothing that the shapes ask for changes."""
        case = self._case
        if case.at_one_time or not may_change(case.text, case.syntax):
            return None
        reach = reach_of(self.loaded.shapes)
        dates = Instants(Graph(case.quads), case.group, case.origin, reach)
        return dates if dates.change else None

    def base(self, reading: str, criterion: str) -> Verdict:
        """Return the verdict on a criterion under a reading as it stands."""
        at = next(n for n, r in enumerate(self.definition.readings) if r.iri == reading)
        return self._base[at][criterion]

    def spans(self, wanted: Sequence[tuple[VariedReading, str]]) -> list[tuple[ValueRange, ...]]:
        """Return, for each reading with settings and parameter, the verdicts at all values.

        Raises `RuntimeError` if validating with all shapes does not bear out a flip.
        """
        searches = [_Search(tried, parameter) for tried, parameter in wanted]
        while todo := [(s, v) for s in searches for v in s.next(self._ceiling)]:
            found = self.judge([s.at(v) for s, v in todo], whole=False)
            for (search, value), verdicts in zip(todo, found, strict=True):
                search.found[value] = verdicts[search.tried.criterion]
        starts = [(s, v) for s in searches for v in s.starts()]
        confirmed = iter(self.judge([s.at(v) for s, v in starts]) if starts else ())
        return [search.spans(confirmed) for search in searches]

    def numbers(self, reading: Reading, criterion: str | None = None) -> list[Parameter]:
        """Return the reading's parameters that are numbers, of one criterion or of all."""
        return [
            p
            for p in reading.parameters
            if is_number(p) and (criterion is None or p.criterion == criterion)
        ]

    def parameter_iri(self, parameter: Parameter, reading: Reading) -> str:
        """Return the IRI of a reading's parameter."""
        graph = self.loaded.graph
        return next(
            node
            for node in graph.subjects(K20 + "ofReading", reading.iri)
            if graph.value(node, K20 + "parameterName") == parameter.name
            and graph.value(node, K20 + "onCriterion") == parameter.criterion
        )


def is_number(parameter: Parameter) -> bool:
    """Tell whether a parameter is a count, and not a choice."""
    return parameter.value.isascii() and parameter.value.isdigit()
