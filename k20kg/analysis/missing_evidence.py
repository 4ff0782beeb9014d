"""Missing evidence: the smallest additions that would settle a criterion, each judged.

For each thing that is missing the least is added by which it would be there; what turns out to be
superfluous is left out; the case with the rest is judged, and the outcome is what the report says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.analysis.additions import AdditionFinder
from k20kg.analysis.templates import Addition, count_records, with_additions
from k20kg.definition.compiled import Requirement, Test
from k20kg.definition.loader import LoadedDefinition
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


class Needed(NamedTuple):
    """One thing to be found, in words, and the made-up statements that stand for it."""

    statement: str
    supplied_by: str
    triples: frozenset[ox.Triple]


@dataclass(frozen=True, slots=True)
class Settlement:
    """Evidence that would settle a criterion, and all that it would change."""

    criterion: Criterion | None
    """None: all criteria of the reading at once."""
    reading: Reading
    verdict: Verdict
    """The verdict that the criterion, or the whole, would have."""
    parts: tuple[Needed, ...] = field(repr=False)
    records: int
    effects: tuple[Effect, ...]

    @property
    def statements(self) -> tuple[str, ...]:
        """The records that would have to be found, in words."""
        return tuple(part.statement for part in self.parts)

    @property
    def supplied_by(self) -> tuple[str, ...]:
        """Those who could have them, each once."""
        return tuple(dict.fromkeys(p.supplied_by for p in self.parts if p.supplied_by))

    @property
    def triples(self) -> frozenset[ox.Triple]:
        """All made-up statements."""
        return frozenset().union(*(part.triples for part in self.parts))

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
    """The answers of the shapes with some additions."""

    failed: dict[str, frozenset[str]]
    """By IRI of the reading: those at the instant that decides."""
    verdicts: dict[tuple[str, str], Verdict]
    """By IRI of the reading and of the criterion; without a criterion, on the whole."""


class _Aim(NamedTuple):
    """A criterion, or the whole, under one reading, and the tests of it."""

    criterion: Criterion | None
    reading: Reading
    tests: list[Test]

    @property
    def key(self) -> tuple[str, str]:
        return self.reading.iri, self.criterion.iri if self.criterion else ""


class EvidenceFinder:
    """One case, and what could be added to it."""

    def __init__(self, loaded: LoadedDefinition, judge: Judge, case: Case) -> None:
        self._judge = judge
        self._case = case
        self._loaded = loaded
        self._known: dict[frozenset[ox.Triple], _Outcome | None] = {}
        self.runs = 1
        """Number of validations of the case."""
        self.base = judge.assess(case)

    @cached_property
    def _additions(self) -> AdditionFinder:
        return AdditionFinder(self._loaded, self._case)

    def _aim(self, criterion: Criterion | None, reading: Reading) -> _Aim:
        tests = [
            t
            for t in self._judge.compiled.tests
            if reading.iri in t.readings and (not criterion or t.criterion == criterion.iri)
        ]
        return _Aim(criterion, reading, tests)

    def settlements(self) -> tuple[list[Settlement], list[Unsettled]]:
        """Return what would settle each criterion that is not established, ranked, and the rest."""
        found: list[Settlement] = []
        left: list[Unsettled] = []
        for one in self.base:
            for finding in one.findings:
                if finding.verdict is Verdict.NOT_ESTABLISHED:
                    aim = self._aim(finding.criterion, one.reading)
                    for towards, find in (
                        (Verdict.MET, self._for),
                        (Verdict.NOT_MET, self._against),
                    ):
                        settled = find(aim)
                        if isinstance(settled, str):
                            left.append(Unsettled(finding.criterion, one.reading, towards, settled))
                        else:
                            found += settled
        return sorted(found, key=lambda s: s.rank), left

    def complete(self, reading: Reading) -> Settlement | None:
        """Return what would establish the whole under a reading, where that can be done."""
        whole = next(a for a in self.base if a.reading.iri == reading.iri)
        return self.reach(None, reading) if whole.verdict is Verdict.NOT_ESTABLISHED else None

    def reach(self, criterion: Criterion | None, reading: Reading) -> Settlement | None:
        """Return what would meet a criterion, or all, under a reading: nothing if it is met.

        None if no addition on offer meets it.
        """
        return self._reach(self._aim(criterion, reading))

    def _for(self, aim: _Aim) -> list[Settlement] | str:
        """Return what would meet a criterion, or the reason why nothing would."""
        if found := self._reach(aim):
            return [found]
        bare = [r for r in self._missing(aim, ()) if not self._additions.addition(r.shape)]
        said = " ".join(r.message for r in bare)
        return f"No addition is on offer for this: {said}" if bare else "Nothing establishes it."

    def _against(self, aim: _Aim) -> list[Settlement] | str:
        """Return what would speak against a criterion, or the reason why nothing would."""
        found = []
        for test in aim.tests:
            if not test.counter or not (more := self._additions.addition(test.shape, against=True)):
                continue
            if self._verdict(aim, [more]) is Verdict.NOT_MET:
                found.append(self._settlement(aim, [more], test.requirements))
        least = min((s.records for s in found), default=0)
        return [s for s in found if s.records == least] or (
            "None of the additions on offer (a list declared complete, a refusal, a denial) "
            "would by itself speak against it."
        )

    def _reach(self, aim: _Aim) -> Settlement | None:
        """Return the settlement that is met with additions, more being added as it is missed.

        Where what is on record does not lend itself to it, records are made up beside it.
        """
        for beside_records in (False, True):
            chosen: list[Addition] = []
            for _ in range(_ROUNDS):
                if self._verdict(aim, chosen) is Verdict.MET:
                    chosen = self._without_superfluous(aim, chosen)
                    of_use = {a.shape for a in chosen}
                    parts = [r for t in aim.tests for r in t.requirements if r.shape in of_use]
                    return self._settlement(aim, chosen, parts)
                before = len(chosen)
                for missing in self._missing(aim, chosen):
                    if more := self._additions.addition(
                        missing.shape, chosen, beside_records=beside_records
                    ):
                        chosen.append(more)
                if len(chosen) == before:
                    break
        return None

    def _missing(self, aim: _Aim, additions: Sequence[Addition]) -> Iterator[Requirement]:
        """Yield the requirements that fail with these additions."""
        if outcome := self._judged(additions):
            for test in aim.tests:
                for part in test.requirements:
                    if not test.counter and part.shape in outcome.failed[aim.reading.iri]:
                        yield part

    def _without_superfluous(self, aim: _Aim, additions: Sequence[Addition]) -> list[Addition]:
        """Return the additions without the records that it can be settled without.

        What was added for one requirement may do for another as well.
        """
        chosen = list(additions)
        for node in sorted({n for a in additions for n in a.made_up}):
            fewer = [b for a in chosen if (b := a.without(node)).is_of_use]
            if fewer and self._verdict(aim, fewer) is Verdict.MET:
                chosen = fewer
        return chosen

    def _settlement(
        self, aim: _Aim, additions: Sequence[Addition], parts: Sequence[Requirement]
    ) -> Settlement:
        outcome = self._judged(additions)
        assert outcome
        found: dict[str, Needed] = {}
        for one in parts:
            words = one.settled_by or one.message
            said = found.setdefault(words, Needed(words, one.supplied_by, frozenset()))
            mine = (a.triples for a in additions if len(additions) == 1 or a.shape == one.shape)
            found[words] = said._replace(triples=said.triples.union(*mine))
        return Settlement(
            aim.criterion,
            aim.reading,
            outcome.verdicts[aim.key],
            tuple(found.values()),
            count_records({t for a in additions for t in a.triples}, self._case.group),
            tuple(self._effects(outcome)),
        )

    def _verdict(self, aim: _Aim, additions: Sequence[Addition]) -> Verdict | None:
        """Return the verdict with the additions; None where they make no well-formed record."""
        outcome = self._judged(additions)
        return outcome and outcome.verdicts[aim.key]

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
