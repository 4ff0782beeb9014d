"""What a verdict assumes: choices that its reading used, and readings of the curators.

Each reading of the curators that bears on a decided criterion is withdrawn, and the case is judged
again on that criterion alone, to tell which of them decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from k20kg.definition.compiled import Plan
from k20kg.engines import Result, Validator, compile_shapes
from k20kg.judging.evidence import CURATORS_READING, LEAVES_OPEN, CaseFile
from k20kg.model import Assessment, Assumption, Evidence, Finding, Reading, Verdict

if TYPE_CHECKING:
    from k20kg.background import Start

Results = Mapping[str, Sequence[Result]]
"""The results of a run, by shape."""
VerdictIf = Callable[[Assessment, str, frozenset[str]], Verdict]
"""Returns the verdict on a criterion under an assessment's reading when shapes fail."""

_MOST_RUNS = 64
"""So many runs at most are spent on one case; what is left is marked as not tried."""
_SUPPORTED = (Verdict.MET, Verdict.CONTESTED)


class Trials:
    """The shapes of each criterion alone, compiled once for many cases.

    They run on the fast engine whichever was asked for: the two agree, and it takes many runs.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._compiled: dict[str, Validator] = {}

    def on(self, criterion: str) -> tuple[Validator, frozenset[str]]:
        """Return a validator of a criterion, and the properties and classes it asks about."""
        bare = self._plan.bare[criterion]
        if criterion not in self._compiled:
            self._compiled[criterion] = compile_shapes(bare.shapes, self._plan.subclasses)
        return self._compiled[criterion], bare.asked_about


class _Withdrawal:
    """A reading of the curators: its evidence items, and the criteria on which it bears."""

    def __init__(self) -> None:
        self.items: set[str] = set()
        self.criteria: set[str] = set()


def choices_of(
    reading: Reading, plan: Plan, findings: Iterable[Finding], results: Results
) -> Iterator[Assumption]:
    """Yield what the reading itself takes for granted, but for choices that were not needed.

    A choice of which the shapes can tell is needed where its criterion is supported and fails the
    stricter shape.
    """
    verdicts = {f.criterion.iri: f.verdict for f in findings}
    needed: dict[str, bool] = {}
    for choice in plan.choices:
        if reading.iri in choice.readings:
            used = verdicts.get(choice.criterion) in _SUPPORTED and choice.shape in results
            needed[choice.statement] = needed.get(choice.statement, False) or used
    for statement in reading.assumptions:
        if needed.get(statement, True):
            yield Assumption(statement, f"the reading {reading.id}", tried=False)


def with_curators_readings(
    assessments: Sequence[Assessment],
    file: CaseFile,
    trials: Trials,
    verdict: VerdictIf,
    start: Start,
) -> tuple[Assessment, ...]:
    """Return the assessments with the curators' readings they rest on, those marked that decide."""
    cited = [_cited(one, file) for one in assessments]
    withdrawn: dict[Assumption, _Withdrawal] = {}
    for one in cited:
        for assumption, finding, evidence in one:
            known = withdrawn.setdefault(assumption, _Withdrawal())
            known.items.add(evidence.iri)
            if finding.verdict is not Verdict.NOT_ESTABLISHED:
                known.criteria.add(finding.criterion.iri)
    if not withdrawn:
        return tuple(assessments)
    order = sorted(withdrawn, key=lambda a: (a.statement, a.by))
    tried = [(a, c) for a in order for c in sorted(withdrawn[a].criteria)][:_MOST_RUNS]
    gone = {a: file.resting_on(withdrawn[a].items) for a, _ in tried}
    runs = {}
    for a, criterion in tried:
        validator, about = trials.on(criterion)
        lines = file.slim(about)
        runs[a, criterion] = start(partial(_failing, validator, lines, gone[a]))
    failing = {pair: run.result() for pair, run in runs.items()}
    return tuple(
        one._replace(
            assumptions=(
                *one.assumptions,
                *(
                    _marked(
                        a,
                        one,
                        withdrawn[a].criteria,
                        {
                            c: verdict(one, c, failed)
                            for (b, c), failed in failing.items()
                            if a == b
                        },
                    )
                    for a in order
                    if any(a == other for other, _, _ in its)
                ),
            )
        )
        for one, its in zip(assessments, cited, strict=True)
    )


def _cited(one: Assessment, file: CaseFile) -> list[tuple[Assumption, Finding, Evidence]]:
    """Return the readings of the curators among the evidence: what no source says outright."""
    return [
        (Assumption(*file.curators_statement(evidence)), finding, evidence)
        for finding in one.findings
        for evidence in finding.evidence
        if evidence.method == CURATORS_READING and evidence.direction != LEAVES_OPEN
    ]


def _failing(validator: Validator, lines: list[str], gone: set[str]) -> frozenset[str]:
    """Return the shapes that fail without some lines of a case."""
    text = "".join(line for line in lines if line not in gone)
    return frozenset(r.shape for r in validator(text, "ntriples"))


def _marked(
    assumption: Assumption,
    one: Assessment,
    criteria: set[str],
    then: Mapping[str, Verdict],
) -> Assumption:
    """Return an assumption with the criteria that it decides under the reading of an assessment.

    `then` are the verdicts without it, by criterion, of all `criteria` on which it bears.
    """
    if criteria - then.keys():
        return assumption._replace(tried=False)
    before = {f.criterion.iri: f.verdict for f in one.findings}
    after = {**before, **then}
    return assumption._replace(
        decides=tuple(
            f.criterion.code
            for f in one.findings
            if after[f.criterion.iri] is not before[f.criterion.iri]
        ),
        decides_whole=Verdict.all_of(after.values()) is not one.verdict,
    )
