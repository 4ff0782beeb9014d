"""Judge cases: run the shapes, fold the results by the verdict rule, gather the evidence.

For each criterion the shapes answer two closed-world questions: is there support, and is there
evidence against it? The verdict follows from the two; the overall verdict is the
worst of the nine. Which shape says what is read from the shapes; no condition stands here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from k20kg.ahead import Ahead, Put, pool
from k20kg.assumptions import choices_of, with_curators_readings
from k20kg.cases import Case, read_cases
from k20kg.definitions import DEFAULT_DEFINITION, Plan, Test, plan
from k20kg.engines import Result, Validator, compile_shapes
from k20kg.errors import InputError, K20Error, RecordError
from k20kg.evidence import CaseFile
from k20kg.model import Assessment, Assumption, Criterion, Evidence, Finding, Gap, Reading, Verdict
from k20kg.record import Fault, check_text, faults_of

if TYPE_CHECKING:
    from k20kg.ahead import Promise, Start

__all__ = ["Judge", "validate"]

Source = str | Path
_IN_FLIGHT = 16
"""So many cases are begun before the first of them is finished."""


def validate(
    *sources: Source,
    reading: str | Sequence[str] = (),
    definition: str = DEFAULT_DEFINITION,
    engine: str = "shacl",
    evidence: bool = True,
) -> list[Assessment]:
    """Return one assessment per case and reading, in the order of the input and of the readings.

    `sources` are files, folders or ``-`` for standard input; `reading` names one or several
    readings, all by default. Without `evidence` only verdicts and what is missing are worked out,
    and nodes are named by their address. Raises `InputError` for what cannot be read and
    `RecordError` for RDF that is no well-formed case record: never a verdict on either.
    """
    names = (reading,) if isinstance(reading, str) else tuple(reading)
    judge = Judge(names, definition=definition, engine=engine, evidence=evidence)
    return [a for assessments in judge.assess_all(read_cases(sources)) for a in assessments]


class Judge:
    """Readings of a definition, compiled once for many cases."""

    def __init__(
        self,
        readings: Iterable[str] = (),
        *,
        definition: str = DEFAULT_DEFINITION,
        engine: str = "shacl",
        evidence: bool = True,
        coverage: bool = True,
    ) -> None:
        """Compile the shapes; `coverage` is worked out only along with `evidence`."""
        self.engine = engine
        self.evidence = evidence
        self.coverage = coverage
        self.plan: Plan = plan(definition, tuple(readings), evidence)
        self._tests = {
            (r.iri, c.iri): [
                t for t in self.plan.tests if t.criterion == c.iri and r.iri in t.readings
            ]
            for r in self.plan.readings
            for c in self.plan.definition.criteria
        }
        compiling = partial(compile_shapes, self.plan.shapes, self.plan.subclasses, engine)
        # pySHACL keeps to one thread: rdflib has switches for all threads at once.
        self._start: Start = Ahead if engine == "shacl" else Put
        self._validator: Promise[Validator] = self._start(compiling)
        # By the fast engine whichever was asked for: the two agree, and it takes many runs.
        bare = partial(compile_shapes, self.plan.bare_shapes, self.plan.subclasses)
        self._bare: Promise[Validator] = Put(bare)

    def assess(self, case: Case) -> tuple[Assessment, ...]:
        """Return the assessments of one case, one per reading.

        Raises `RecordError` if the record is not well formed.
        """
        return self._finish(self._begin(case, self._start))

    def assess_all(self, cases: Iterable[Case]) -> Iterator[tuple[Assessment, ...]]:
        """Yield the assessments of each case, one per reading; the next cases are begun meanwhile.

        Raises `RecordError` at the first record that is not well formed, and what `cases` raises
        where its turn comes.
        """
        begun: deque[_Begun] = deque()
        fault: K20Error | None = None
        source = iter(cases)
        with ExitStack() as threads:
            start = self._start
            while not fault:
                try:
                    begun.append(self._begin(next(source), start))
                except StopIteration:
                    break
                except K20Error as error:
                    fault = error
                if start is Ahead:  # a second case: threads for each would cost more than they give
                    start = threads.enter_context(pool()).submit
                if len(begun) > _IN_FLIGHT:
                    yield self._finish(begun.popleft())
            while begun:
                yield self._finish(begun.popleft())
        if fault:
            raise fault

    def _begin(self, case: Case, start: Start) -> _Begun:
        results = start(partial(self.results, case))
        return _Begun(case, results, start(partial(self._open, case)) if self.evidence else None)

    def _open(self, case: Case) -> CaseFile:
        """Return the index of a case; while the engine is at work, all that marking takes."""
        file = CaseFile(case)
        if file.has_curators_readings:
            file.slim(self.plan.asked_about)
            self._bare.result()
        return file

    def _finish(self, begun: _Begun) -> tuple[Assessment, ...]:
        faults = check_text(begun.case)
        results = begun.results.result()
        self._refuse(begun.case, faults, results)
        return self._fold(begun, results)

    def assess_at(self, case: Case, day: str) -> tuple[Assessment, ...]:
        """Return the assessments of a case as it stood on a day: ``2006``, ``2006-06-30``."""
        from k20kg.snapshot import instant_of, snapshot

        self.refuse_malformed(case, self.results(case))
        then = snapshot(case, instant_of(day))
        note = (Assumption(then.note, "the dates of the record"),) if then.note else ()
        return tuple(
            a._replace(as_of=then.as_of, assumptions=(*note, *a.assumptions))
            for a in self.assess_unchecked(then.case)
        )

    def assess_unchecked(self, case: Case) -> tuple[Assessment, ...]:
        """Return the assessments without asking whether the record is well formed."""
        begun = self._begin(case, self._start)
        return self._fold(begun, begun.results.result())

    def _fold(self, begun: _Begun, results: Sequence[Result]) -> tuple[Assessment, ...]:
        outcome = _Outcome(results)
        file = begun.file.result() if begun.file else None
        found = [self._assess(begun.case, reading, outcome, file) for reading in self.plan.readings]
        if not file:
            return tuple(found)
        return with_curators_readings(
            found, file, self.plan, self._bare, self._verdicts, self._start
        )

    def _verdicts(self, one: Assessment, failing: Iterable[str]) -> dict[str, Verdict]:
        criteria = (f.criterion for f in one.findings)
        return {c.iri: self.finding(c, one.reading, failing).verdict for c in criteria}

    def check(self, case: Case) -> None:
        """Raise `RecordError`, with every fault, if the record is not well formed."""
        self.refuse_malformed(case, self.results(case))

    def results(self, case: Case) -> list[Result]:
        """Return what the engine reports on a case, record check and witnesses included."""
        try:
            return self._validator.result()(case.text, case.syntax)
        except InputError:
            # Parsing it ourselves tells the line; the engine's word is the last resort.
            _ = case.quads
            raise

    def refuse_malformed(self, case: Case, results: Sequence[Result]) -> None:
        """Raise `RecordError` if the record is not well formed by its text or these results."""
        self._refuse(case, check_text(case), results)

    def _refuse(self, case: Case, faults: tuple[Fault, ...], results: Sequence[Result]) -> None:
        remedies = self.plan.record_shapes
        of_record = [r for r in results if r.shape in remedies]
        if faults := faults_of(case, faults, of_record, remedies):
            raise RecordError.of(str(case.origin), [str(f) for f in faults])
        if any(r.shape in self.plan.guards for r in results):
            raise RecordError(
                "the record does not describe exactly one candidate group",
                where=str(case.origin),
                remedy="type exactly one node as k20:CandidateGroup",
            )

    def finding(self, criterion: Criterion, reading: Reading, failing: Iterable[str]) -> Finding:
        """Return the finding that follows when just these shapes fail; it names no nodes."""
        outcome = _Outcome([Result(shape, "", None, "") for shape in failing])
        return self._judge(criterion, reading, outcome, None)

    def _assess(
        self, case: Case, reading: Reading, outcome: _Outcome, file: CaseFile | None
    ) -> Assessment:
        findings = tuple(
            self._judge(criterion, reading, outcome, file)
            for criterion in self.plan.definition.criteria
        )
        return Assessment(
            case=case.group,
            label=file.label if file else case.group,
            definition=self.plan.definition,
            reading=reading,
            verdict=Verdict.all_of(f.verdict for f in findings),
            findings=findings,
            assumptions=tuple(choices_of(reading, self.plan, findings, outcome.by_shape)),
            engine=self.engine,
            synthetic=file.synthetic if file else False,
            authors=file.opinions(self.plan.definition.iri) if file else (),
        )

    def _judge(
        self, criterion: Criterion, reading: Reading, outcome: _Outcome, file: CaseFile | None
    ) -> Finding:
        tests = self._tests[reading.iri, criterion.iri]
        supports = [t for t in tests if not t.counter]
        against = [t for t in tests if t.counter and outcome.failed(t)]
        support = not any(outcome.failed(t) for t in supports)
        verdict = Verdict.of(support=support, counter=bool(against))
        carrying = outcome.bearing(supports) if file and support else ()
        missing = tuple(g for t in supports for g in outcome.gaps(t, file))
        return Finding(
            criterion=criterion,
            verdict=verdict,
            message=_message(verdict, supports, missing, outcome.objections(against)),
            missing=missing,
            coverage=file.coverage(supports, outcome.by_shape) if file and self.coverage else None,
            evidence=_evidence(criterion, supports, against, outcome, file) if file else (),
            carried_by=file.carriers(carrying, self.plan.kinds) if file else (),
            authors=file.opinions(self.plan.definition.iri, criterion.iri) if file else (),
        )


class _Begun(NamedTuple):
    """A case that the engine is at work on."""

    case: Case
    results: Promise[list[Result]]
    file: Promise[CaseFile] | None


class _Outcome:
    """The results of one run, by shape."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.by_shape: dict[str, list[Result]] = {}
        for result in results:
            self.by_shape.setdefault(result.shape, []).append(result)

    def failed(self, test: Test) -> bool:
        return any(shape in self.by_shape for shape in test.shapes)

    def nodes(self, shapes: Iterable[str]) -> list[str]:
        """Return the IRIs that the results of these shapes name, sorted."""
        values = {r.value for s in shapes for r in self.by_shape.get(s, ()) if r.value}
        return sorted(v[1:-1] for v in values if v.startswith("<"))

    def bearing(self, supports: Iterable[Test]) -> list[str]:
        """Return the records that the witnesses of the supporting tests name."""
        return self.nodes(w for t in supports for r in t.requirements for w in r.witnesses)

    def gaps(self, test: Test, file: CaseFile | None) -> Iterator[Gap]:
        for part in test.requirements:
            if part.shape in self.by_shape:
                nodes = self.nodes([part.shape]) if part.shape != test.shape else []
                about = [file.name(n) if file else n for n in nodes]
                yield Gap(part.message, tuple(about), part.settled_by, part.supplied_by)

    def objections(self, counters: Iterable[Test]) -> list[str]:
        parts = [p for t in counters for p in t.requirements if p.shape in self.by_shape]
        return list(dict.fromkeys(p.message for p in parts))


def _message(
    verdict: Verdict, supports: Sequence[Test], missing: Sequence[Gap], objections: Sequence[str]
) -> str:
    if verdict is Verdict.NOT_ESTABLISHED:
        return " ".join(dict.fromkeys(g.statement for g in missing))
    if verdict is Verdict.NOT_MET:
        return " ".join(objections)
    met = [t.when_met for t in supports if t.when_met]
    return " ".join(met if verdict is Verdict.MET else [*met, *objections])


def _evidence(
    criterion: Criterion,
    supports: Sequence[Test],
    against: Sequence[Test],
    outcome: _Outcome,
    file: CaseFile,
) -> tuple[Evidence, ...]:
    bearing = outcome.bearing(supports)
    counter = outcome.nodes(s for t in against for s in [*t.witnesses, *(t.shapes - {t.shape})])
    return file.evidence(bearing, counter, notes_on=criterion.iri)
