"""What further evidence would settle a criterion: the smallest additions, each judged.

For each thing that is missing the least is added by which it would be there; what turns out to be
superfluous is left out; the case with the rest is judged, and the outcome is what the report says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.analysis.additions import Planner
from k20kg.analysis.templates import Addition, count_records, with_additions
from k20kg.definition.compiled import Requirement, Test
from k20kg.definition.loader import Material
from k20kg.errors import RecordError
from k20kg.judging.cases import Case
from k20kg.judging.judge import Judge
from k20kg.model import Criterion, Reading, Verdict

_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Effect:
    """A verdict that an addition changes; without a criterion, the one on the whole."""

    reading: str
    code: str
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Settlement:
    """Evidence that would settle a criterion, and all that it would change."""

    criterion: Criterion | None
    """None: all criteria of the reading at once."""
    reading: Reading
    verdict: Verdict
    """What the criterion, or the whole, would be."""
    statements: tuple[str, ...]
    """What would have to be found, in words."""
    supplied_by: tuple[str, ...]
    records: int
    effects: tuple[Effect, ...]
    additions: tuple[Addition, ...] = field(repr=False)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Sort key: what decides most comes first, and of that what asks least."""
        whole = sum(not e.code for e in self.effects)
        settled = sum(bool(e.code) and e.before is Verdict.NOT_ESTABLISHED for e in self.effects)
        return -whole, -settled, self.records


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A criterion that no addition on offer would settle this way."""

    criterion: Criterion
    reading: Reading
    towards: Verdict
    reason: str


class _Outcome(NamedTuple):
    """What the shapes answer with some additions."""

    failed: dict[str, frozenset[str]]
    """By IRI of the reading: those at the instant that decides."""
    verdicts: dict[tuple[str, str], Verdict]
    """By IRI of the reading and of the criterion; without a criterion, on the whole."""


class Settler:
    """One case, and what could be added to it."""

    def __init__(self, material: Material, judge: Judge, case: Case) -> None:
        self._judge = judge
        self._case = case
        self._material = material
        self._tests = {
            (reading, test.criterion): [
                t
                for t in judge.plan.tests
                if t.criterion == test.criterion and reading in t.readings
            ]
            for test in judge.plan.tests
            for reading in test.readings
        }
        self._known: dict[frozenset[ox.Triple], _Outcome | None] = {}
        self.runs = 1
        """How many times the case was validated."""
        self.base = judge.assess(case)

    @cached_property
    def _planner(self) -> Planner:
        return Planner(self._material, self._case)

    def settle(self) -> tuple[list[Settlement], list[Unsettled]]:
        """Return what would settle each criterion that is not established, ranked, and the rest."""
        found: list[Settlement] = []
        left: list[Unsettled] = []
        for one in self.base:
            for finding in one.findings:
                if finding.verdict is Verdict.NOT_ESTABLISHED:
                    for way in (self._for, self._against):
                        settled = way(finding.criterion, one.reading)
                        if isinstance(settled, Unsettled):
                            left.append(settled)
                        else:
                            found += settled
        return sorted(found, key=lambda s: s.rank), left

    def complete(self, reading: Reading) -> Settlement | None:
        """Return what would establish the whole under a reading, where that can be done."""
        whole = next(a for a in self.base if a.reading.iri == reading.iri)
        if whole.verdict is not Verdict.NOT_ESTABLISHED:
            return None
        tests = [t for (r, _), ts in self._tests.items() if r == reading.iri for t in ts]
        return self._reach(None, reading, tests)

    def _for(self, criterion: Criterion, reading: Reading) -> list[Settlement] | Unsettled:
        tests = self._tests[reading.iri, criterion.iri]
        if found := self._reach(criterion, reading, tests):
            return [found]
        bare = [r for r in self._missing(tests, (), reading) if not self._planner.addition(r.shape)]
        said = " ".join(r.message for r in bare)
        why = f"No addition is on offer for this: {said}" if bare else "Nothing establishes it."
        return Unsettled(criterion, reading, Verdict.MET, why)

    def _against(self, criterion: Criterion, reading: Reading) -> list[Settlement] | Unsettled:
        found = []
        for test in self._tests[reading.iri, criterion.iri]:
            if not test.counter or not (more := self._planner.addition(test.shape, against=True)):
                continue
            if self._verdict([more], reading, criterion) is Verdict.NOT_MET:
                found.append(self._settlement(criterion, reading, [more], test.requirements))
        if not found:
            return Unsettled(
                criterion,
                reading,
                Verdict.NOT_MET,
                "None of the additions on offer (a list declared complete, a refusal, a denial) "
                "would by itself speak against it.",
            )
        least = min(s.records for s in found)
        return [s for s in found if s.records == least]

    def _reach(
        self, criterion: Criterion | None, reading: Reading, tests: Sequence[Test]
    ) -> Settlement | None:
        """Return the settlement that is met with additions, more being added as it is missed.

        Where what is on record does not lend itself to it, records are made up beside it.
        """
        for invent in (False, True):
            chosen: list[Addition] = []
            for _ in range(_ROUNDS):
                if self._verdict(chosen, reading, criterion) is Verdict.MET:
                    chosen = self._without_superfluous(chosen, reading, criterion)
                    asked = [r for t in tests for r in t.requirements]
                    of_use = {a.shape for a in chosen}
                    parts = [r for r in asked if r.shape in of_use]
                    return self._settlement(criterion, reading, chosen, parts)
                before = len(chosen)
                for missing in self._missing(tests, chosen, reading):
                    if more := self._planner.addition(missing.shape, chosen, invent=invent):
                        chosen.append(more)
                if len(chosen) == before:
                    break
        return None

    def _missing(
        self, tests: Iterable[Test], additions: Sequence[Addition], reading: Reading
    ) -> Iterator[Requirement]:
        """Yield the requirements that fail under a reading with these additions."""
        outcome = self._judged(additions)
        for test in tests:
            for part in test.requirements:
                if not test.counter and outcome and part.shape in outcome.failed[reading.iri]:
                    yield part

    def _without_superfluous(
        self, additions: Sequence[Addition], reading: Reading, criterion: Criterion | None
    ) -> list[Addition]:
        """Return the additions without the records that it can be settled without.

        What was added for one requirement may do for another as well.
        """
        chosen = list(additions)
        for node in sorted({n for a in additions for n in a.made_up}):
            fewer = [b for a in chosen if (b := a.without(node)).is_of_use]
            if fewer and self._verdict(fewer, reading, criterion) is Verdict.MET:
                chosen = fewer
        return chosen

    def _settlement(
        self,
        criterion: Criterion | None,
        reading: Reading,
        additions: Sequence[Addition],
        parts: Sequence[Requirement],
    ) -> Settlement:
        outcome = self._judged(additions)
        assert outcome
        return Settlement(
            criterion,
            reading,
            outcome.verdicts[reading.iri, criterion.iri if criterion else ""],
            tuple(dict.fromkeys(p.settled_by or p.message for p in parts)),
            tuple(dict.fromkeys(p.supplied_by for p in parts if p.supplied_by)),
            count_records({t for a in additions for t in a.triples}, self._case.group),
            tuple(self._effects(outcome)),
            tuple(additions),
        )

    def _verdict(
        self, additions: Sequence[Addition], reading: Reading, criterion: Criterion | None
    ) -> Verdict | None:
        """Return the verdict with the additions; None where they make no well-formed record."""
        outcome = self._judged(additions)
        return outcome and outcome.verdicts[reading.iri, criterion.iri if criterion else ""]

    def _judged(self, additions: Sequence[Addition]) -> _Outcome | None:
        added = frozenset(t for a in additions for t in a.triples)
        if added not in self._known:
            self._known[added] = self._validate(with_additions(self._case, additions))
        return self._known[added]

    def _validate(self, case: Case) -> _Outcome | None:
        self.runs += 1
        results = self._judge.results(case)
        try:
            self._judge.refuse_malformed(case, results)
        except RecordError:
            return None  # a later addition builds on one that was left out
        best = self._judge.over_time(case, results)
        runs = [one.outcome for one in best] if best else [results] * len(self.base)
        failed: dict[str, frozenset[str]] = {}
        verdicts: dict[tuple[str, str], Verdict] = {}
        for one, run in zip(self.base, runs, strict=True):
            shapes = failed[one.reading.iri] = frozenset(r.shape for r in run)
            each = {
                f.criterion.iri: self._judge.finding(f.criterion, one.reading, shapes).verdict
                for f in one.findings
            }
            verdicts |= {(one.reading.iri, iri): verdict for iri, verdict in each.items()}
            verdicts[one.reading.iri, ""] = Verdict.all_of(each.values())
        return _Outcome(failed, verdicts)

    def _effects(self, outcome: _Outcome) -> Iterator[Effect]:
        for one in self.base:
            reading = one.reading
            pairs = [("", "", one.verdict)]
            pairs += [(f.criterion.iri, f.criterion.code, f.verdict) for f in one.findings]
            for iri, code, was in pairs:
                if (now := outcome.verdicts[reading.iri, iri]) is not was:
                    yield Effect(reading.id, code, was, now)
