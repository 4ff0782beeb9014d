"""Assumptions of a verdict: choices that its reading used, and readings of the curators.

Each reading of the curators that bears on a decided criterion is withdrawn, and the case is judged
again on that criterion alone, to tell which of them decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from k20kg.definition.compiled import CompiledDefinition
from k20kg.engines import Result, Validator, compile_shapes
from k20kg.judging.evidence import CURATORS_READING, LEAVES_OPEN, CaseFile
from k20kg.model import Assessment, Assumption, Evidence, Finding, Reading, Verdict

if TYPE_CHECKING:
    from k20kg.background import FutureValue, Submit

Results = Mapping[str, Sequence[Result]]
"""The results of a run, by shape."""
VerdictIf = Callable[[Assessment, str, frozenset[str]], Verdict]
"""Returns the verdict on a criterion under an assessment's reading when shapes fail."""

_MOST_RUNS = 64
"""So many runs at most are spent on one case; what is left is marked as not tried."""
_SUPPORTED = (Verdict.MET, Verdict.CONTESTED)


class CriterionValidators:
    """The shapes of each criterion alone, compiled once for many cases.

    They run on the fast engine whichever was asked for: the two agree, and it takes many runs.
    """

    def __init__(self, compiled: CompiledDefinition) -> None:
        self._compiled = compiled
        self._validators: dict[str, Validator] = {}

    def validator_of(self, criterion: str) -> tuple[Validator, frozenset[str]]:
        """Return a validator of a criterion, and the properties and classes it asks about."""
        alone = self._compiled.by_criterion[criterion]
        if criterion not in self._validators:
            self._validators[criterion] = compile_shapes(alone.shapes, self._compiled.subclasses)
        return self._validators[criterion], alone.asked_about


def choices_of(
    reading: Reading, compiled: CompiledDefinition, findings: Iterable[Finding], results: Results
) -> Iterator[Assumption]:
    """Yield what the reading itself takes for granted, but for choices that were not needed.

    A choice of which the shapes can tell is needed where its criterion is supported and fails the
    stricter shape.
    """
    verdicts = {f.criterion.iri: f.verdict for f in findings}
    needed: dict[str, bool] = {}
    for choice in compiled.choices:
        if reading.iri in choice.readings:
            used = verdicts.get(choice.criterion) in _SUPPORTED and choice.shape in results
            needed[choice.statement] = needed.get(choice.statement, False) or used
    for statement in reading.assumptions:
        if needed.get(statement, True):
            yield Assumption(statement, f"the reading {reading.id}", tried=False)


def with_curators_readings(
    assessments: Sequence[Assessment],
    file: CaseFile,
    validators: CriterionValidators,
    verdict: VerdictIf,
    start: Submit,
) -> tuple[Assessment, ...]:
    """Return the assessments with the curators' readings they rest on, those marked that decide."""
    items: defaultdict[Assumption, dict[str, Evidence]] = defaultdict(dict)
    """The evidence items of each reading of the curators."""
    criteria: defaultdict[Assumption, set[str]] = defaultdict(set)
    """The decided criteria on which it bears."""
    resting: list[set[Assumption]] = []
    for one in assessments:
        resting.append(set())
        for finding, evidence in _curators_evidence(one):
            assumption = Assumption(*file.curators_statement(evidence))
            resting[-1].add(assumption)
            items[assumption].setdefault(evidence.iri, evidence)
            if finding.verdict is not Verdict.NOT_ESTABLISHED:
                criteria[assumption].add(finding.criterion.iri)
    order = sorted(items, key=lambda a: (a.statement, a.by))
    tried = [(a, c) for a in order for c in sorted(criteria[a])][:_MOST_RUNS]
    gone = {a: file.resting_on(items[a]) for a, _ in tried}
    runs: dict[Assumption, dict[str, FutureValue[frozenset[str]]]] = {}
    for a, criterion in tried:
        validator, about = validators.validator_of(criterion)
        run = partial(_failing, validator, file.lines_about(about), gone[a])
        runs.setdefault(a, {})[criterion] = start(run)
    failing = {a: {c: run.result() for c, run in its.items()} for a, its in runs.items()}

    def marked(one: Assessment, assumption: Assumption) -> Assumption:
        its = failing.get(assumption, {})
        then = {c: verdict(one, c, failed) for c, failed in its.items()}
        behind = tuple(items[assumption][iri] for iri in sorted(items[assumption]))
        return _marked(assumption, one, criteria[assumption], then)._replace(evidence=behind)

    return tuple(
        one._replace(assumptions=(*one.assumptions, *(marked(one, a) for a in order if a in its)))
        for one, its in zip(assessments, resting, strict=True)
    )


def _curators_evidence(one: Assessment) -> Iterator[tuple[Finding, Evidence]]:
    """Yield the readings of the curators among the evidence: what no source says outright."""
    for finding in one.findings:
        for evidence in finding.evidence:
            if evidence.method == CURATORS_READING and evidence.direction != LEAVES_OPEN:
                yield finding, evidence


def _failing(validator: Validator, lines: list[str], gone: set[str]) -> frozenset[str]:
    """Return the shapes that fail without some lines of a case."""
    text = "".join(line for line in lines if line not in gone)
    return frozenset(r.shape for r in validator(text, "ntriples"))


def _marked(
    assumption: Assumption, one: Assessment, criteria: set[str], then: Mapping[str, Verdict]
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
