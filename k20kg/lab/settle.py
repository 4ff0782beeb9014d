"""What further evidence would settle a criterion: the smallest additions, each judged.

The additions come from the templates beside the shapes. For each thing that is missing one is
chosen; what turns out to be superfluous is left out; the case with the rest is judged, and the
outcome is what the report says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from k20kg.cases import Case
from k20kg.definitions import Material, Test
from k20kg.errors import RecordError
from k20kg.judge import Judge
from k20kg.lab.whatif import Addition, Templates, count_records, with_additions
from k20kg.model import Assessment, Criterion, Reading, Verdict

__all__ = ["Effect", "Settlement", "Settler", "Unsettled"]

_ROUNDS = 5
_ALTERNATIVES = 4


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


class Settler:
    """One case, and the templates to add to it."""

    def __init__(self, material: Material, judge: Judge, case: Case) -> None:
        self._judge = judge
        self._case = case
        self._templates = Templates(material, case)
        self._tests = {
            (reading, test.criterion): [
                t
                for t in judge.plan.tests
                if t.criterion == test.criterion and reading in t.readings
            ]
            for test in judge.plan.tests
            for reading in test.readings
        }
        self.runs = 0
        """How many times the case was validated."""
        self.base = self._assess(())

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
        if self._of(self.base, reading).verdict is not Verdict.NOT_ESTABLISHED:
            return None
        additions: list[Addition] = []
        for _ in range(_ROUNDS):
            tests = [
                t
                for (r, _), ts in self._tests.items()
                if r == reading.iri
                for t in ts
                if not t.counter
            ]
            more = [a[0] for a in self._missing(tests, additions).values() if a]
            if not more:
                break
            additions += more
        if not additions or not self._suffices(additions, reading, None):
            return None
        additions = self._without_superfluous(additions, reading, None)
        return self._settlement(None, reading, additions, self._assess(additions))

    def _for(self, criterion: Criterion, reading: Reading) -> list[Settlement] | Unsettled:
        tests = [t for t in self._tests[reading.iri, criterion.iri] if not t.counter]
        missing = self._missing(tests, ())
        choices = list(product(*filter(None, missing.values())))[:_ALTERNATIVES]
        found = [s for c in choices if (s := self._reach(criterion, reading, tests, c))]
        if not found:
            bare = [s for s, options in missing.items() if not options]
            said = " ".join(r.message for t in tests for r in t.requirements if r.shape in bare)
            why = f"No addition is on offer for this: {said}" if bare else "Nothing establishes it."
            return Unsettled(criterion, reading, Verdict.MET, why)
        least = min(s.records for s in found)
        return [s for s in found if s.records == least]

    def _against(self, criterion: Criterion, reading: Reading) -> list[Settlement] | Unsettled:
        tests = [t for t in self._tests[reading.iri, criterion.iri] if t.counter]
        shapes = dict.fromkeys(s for t in tests for s in (*sorted(t.shapes), t.shape))
        found = []
        for addition in self._templates.fill(self._case, shapes):
            assessments = self._assess([addition])
            if self._of(assessments, reading).finding(criterion.iri).verdict is Verdict.NOT_MET:
                found.append(self._settlement(criterion, reading, [addition], assessments))
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
        self,
        criterion: Criterion,
        reading: Reading,
        tests: Sequence[Test],
        start: Iterable[Addition],
    ) -> Settlement | None:
        """Return the settlement that these additions lead to, more being added as it is missed."""
        chosen = list(start)
        for _ in range(_ROUNDS):
            if self._verdict(chosen, reading, criterion) is Verdict.MET:
                break
            more = [options[0] for options in self._missing(tests, chosen).values() if options]
            if not more:
                return None
            chosen += more
        else:
            return None
        for addition in sorted(chosen, key=lambda a: -a.records):
            fewer = [a for a in chosen if a is not addition]
            if fewer and self._suffices(fewer, reading, criterion):
                chosen = fewer
        chosen = self._without_superfluous(chosen, reading, criterion)
        return self._settlement(criterion, reading, chosen, self._assess(chosen))

    def _without_superfluous(
        self, additions: Sequence[Addition], reading: Reading, criterion: Criterion | None
    ) -> list[Addition]:
        """Return the additions without the records that it can be settled without.

        Two templates, each for its own requirement, may make up what one record could do for both.
        """
        chosen = list(additions)
        for node in sorted({n for a in additions for n in a.made_up}):
            fewer = [b for a in chosen if (b := a.without(node)).made_up]
            if fewer and self._suffices(fewer, reading, criterion):
                chosen = fewer
        return chosen

    def _missing(
        self, tests: Iterable[Test], additions: Iterable[Addition]
    ) -> dict[str, list[Addition]]:
        """Return, for each requirement that fails with these additions, what is on offer."""
        case = with_additions(self._case, additions)
        self.runs += 1
        failed = {r.shape for r in self._judge.results(case)}
        shapes = [r.shape for t in tests for r in t.requirements if r.shape in failed]
        offers: dict[str, list[Addition]] = {shape: [] for shape in shapes}
        for addition in self._templates.fill(case, offers):
            offers[addition.shape].append(addition)
        return offers

    def _settlement(
        self,
        criterion: Criterion | None,
        reading: Reading,
        additions: Sequence[Addition],
        assessments: Sequence[Assessment],
    ) -> Settlement:
        said = self._said()
        words = [said[a.shape] for a in additions if a.shape in said]
        one = self._of(assessments, reading)
        return Settlement(
            criterion,
            reading,
            one.finding(criterion.iri).verdict if criterion else one.verdict,
            tuple(dict.fromkeys(w for w, _ in words)),
            tuple(dict.fromkeys(by for _, by in words if by)),
            count_records({t for a in additions for t in a.triples}, self._case.group),
            tuple(_effects(self.base, assessments)),
            tuple(additions),
        )

    def _said(self) -> dict[str, tuple[str, str]]:
        said = {t.shape: (t.message, "") for t in self._judge.plan.tests if t.message}
        for test in self._judge.plan.tests:
            for part in test.requirements:
                said[part.shape] = (part.settled_by or part.message, part.supplied_by)
        return said

    def _suffices(
        self, additions: Sequence[Addition], reading: Reading, criterion: Criterion | None
    ) -> bool:
        try:
            if criterion is None:
                return self._of(self._assess(additions), reading).verdict is Verdict.MET
            return self._verdict(additions, reading, criterion) is Verdict.MET
        except RecordError:
            return False  # a later addition builds on the one that was left out

    def _verdict(
        self, additions: Sequence[Addition], reading: Reading, criterion: Criterion
    ) -> Verdict:
        return self._of(self._assess(additions), reading).finding(criterion.iri).verdict

    def _assess(self, additions: Sequence[Addition]) -> tuple[Assessment, ...]:
        self.runs += 1
        case = with_additions(self._case, additions) if additions else self._case
        return self._judge.assess(case)

    @staticmethod
    def _of(assessments: Sequence[Assessment], reading: Reading) -> Assessment:
        return next(a for a in assessments if a.reading.iri == reading.iri)


def _effects(before: Sequence[Assessment], after: Sequence[Assessment]) -> Iterable[Effect]:
    for old, new in zip(before, after, strict=True):
        if old.verdict is not new.verdict:
            yield Effect(old.reading.id, "", old.verdict, new.verdict)
        for was, now in zip(old.findings, new.findings, strict=True):
            if was.verdict is not now.verdict:
                yield Effect(old.reading.id, was.criterion.code, was.verdict, now.verdict)
