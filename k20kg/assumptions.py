"""What a verdict assumes: choices that its reading used, and readings of the curators.

Each reading of the curators that bears on a decided criterion is withdrawn, and the case is judged
again by the shapes of the readings alone, to tell which of them decide. Several that share no
criterion are withdrawn at once, and each is told by its own criteria.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from k20kg.definitions import Plan
from k20kg.engines import Result, Validator
from k20kg.evidence import CURATORS_READING, LEAVES_OPEN, CaseFile
from k20kg.model import Assessment, Assumption, Evidence, Finding, Reading, Verdict

if TYPE_CHECKING:
    from k20kg.ahead import Promise, Start

__all__ = ["choices_of", "with_curators_readings"]

Results = Mapping[str, Sequence[Result]]
"""The results of a run, by shape."""
Verdicts = Callable[[Assessment, frozenset[str]], dict[str, Verdict]]
"""Returns the verdicts by the criteria's IRIs under an assessment's reading when shapes fail."""

_MOST_RUNS = 32
"""So many runs at most are spent on one case; what is left is marked as not tried."""
_SUPPORTED = (Verdict.MET, Verdict.CONTESTED)


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
    plan: Plan,
    validator: Promise[Validator],
    verdicts: Verdicts,
    start: Start,
) -> tuple[Assessment, ...]:
    """Return the assessments with the curators' readings on which they rest; it marks what decides.

    `validator` runs the plan's bare shapes.
    """
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
    rounds = _rounds({a: w.criteria for a, w in withdrawn.items() if w.criteria}, order)
    lines = file.slim(plan.asked_about) if rounds else []
    runs = []
    for tried in rounds[:_MOST_RUNS]:
        gone = file.resting_on({item for a in tried for item in withdrawn[a].items})
        runs.append((tried, start(partial(_failing, validator.result(), lines, gone))))
    then: dict[Assumption, list[dict[str, Verdict]]] = {}
    for tried, run in runs:
        failing = run.result()
        found = [verdicts(one, failing) for one in assessments]
        then |= dict.fromkeys(tried, found)
    return tuple(
        one._replace(
            assumptions=(
                *one.assumptions,
                *(
                    _marked(a, one, withdrawn[a].criteria, then[a][n] if a in then else None)
                    for a in order
                    if any(a == other for other, _, _ in cited[n])
                ),
            )
        )
        for n, one in enumerate(assessments)
    )


def _cited(one: Assessment, file: CaseFile) -> list[tuple[Assumption, Finding, Evidence]]:
    """Return the readings of the curators among the evidence: what no source says outright."""
    return [
        (Assumption(*file.curators_statement(evidence)), finding, evidence)
        for finding in one.findings
        for evidence in finding.evidence
        if evidence.method == CURATORS_READING and evidence.direction != LEAVES_OPEN
    ]


def _rounds(
    criteria: Mapping[Assumption, set[str]], order: Iterable[Assumption]
) -> list[list[Assumption]]:
    """Return what is withdrawn at once: no two that bear on one criterion."""
    rounds: list[tuple[list[Assumption], set[str]]] = []
    for one in order:
        if one in criteria:
            free = (r for r in rounds if not r[1] & criteria[one])
            chosen = next(free, None)
            if chosen is None:
                rounds.append(chosen := ([], set()))
            chosen[0].append(one)
            chosen[1].update(criteria[one])
    return [tried for tried, _ in rounds]


def _failing(validator: Validator, lines: list[str], gone: set[str]) -> frozenset[str]:
    """Return the shapes that fail without some lines of a case."""
    text = "".join(line for line in lines if line not in gone)
    return frozenset(r.shape for r in validator(text, "ntriples"))


def _marked(
    assumption: Assumption,
    one: Assessment,
    criteria: set[str],
    then: dict[str, Verdict] | None,
) -> Assumption:
    """Return an assumption with the criteria that it decides under the reading of an assessment.

    `then` are the verdicts without it, by criterion.
    """
    if then is None:
        return assumption._replace(tried=not criteria)
    before = {f.criterion.iri: f.verdict for f in one.findings}
    after = {c: then[c] if c in criteria else verdict for c, verdict in before.items()}
    return assumption._replace(
        decides=tuple(
            f.criterion.code
            for f in one.findings
            if after[f.criterion.iri] is not before[f.criterion.iri]
        ),
        decides_whole=Verdict.all_of(after.values()) is not one.verdict,
    )
