"""Judge cases: run the shapes, fold the results by the verdict rule, gather the evidence.

For each criterion the shapes answer two closed-world questions: is there support, and is there
evidence against it? The verdict follows from the two; the overall verdict is the worst of the
nine. Of a record that changes over time it is the best that any instant
gives (`k20kg.judging.instants`).
Which shape says what is read from the shapes; no condition stands here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from k20kg.background import BackgroundTask, LazyValue, pool
from k20kg.definition.cached import compiled_definition
from k20kg.definition.compiled import verdict_on
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.engines import Result, Validator, compile_shapes
from k20kg.errors import InputError, K20Error
from k20kg.judging.assumptions import CriterionValidators, choices_of, with_curators_readings
from k20kg.judging.cases import Case
from k20kg.judging.change_over_time import may_change
from k20kg.judging.coverage import coverage_of
from k20kg.judging.evidence import CaseFile
from k20kg.judging.outcome import (
    Outcome,
    bearing_notes,
    evidence_for,
    message_of,
    with_lists_left_open,
)
from k20kg.judging.record_check import (
    Fault,
    check_statements,
    faults_from_results,
    notes_on_text,
    refuse,
)
from k20kg.judging.record_head import disagreements_in, head_of
from k20kg.model import Assessment, Assumption, Criterion, Finding, Moment, Reading, Verdict
from k20kg.rdf.graph import Graph

if TYPE_CHECKING:
    from k20kg.background import FutureValue, Submit
    from k20kg.judging.instants import BestSnapshot, Instants, Phase

    Best = list[BestSnapshot[list[Result]]] | None

Lists = Collection[str] | None
"""Kinds of list that count as left open; None: by what the record says."""
_IN_FLIGHT = 16
"""So many cases are begun before the first of them is finished."""


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
        self.compiled = compiled_definition(definition, tuple(readings), evidence)
        whole = self.compiled.readings == self.compiled.definition.readings
        self._name = None if whole else definition
        self._tests = {
            (r.iri, c.iri): [
                t for t in self.compiled.tests if t.criterion == c.iri and r.iri in t.readings
            ]
            for r in self.compiled.readings
            for c in self.compiled.definition.criteria
        }
        compiling = partial(compile_shapes, self.compiled.shapes, self.compiled.subclasses, engine)
        # pySHACL keeps to one thread: rdflib has switches for all threads at once.
        self._start: Submit = BackgroundTask if engine == "shacl" else LazyValue
        self._validator: FutureValue[Validator] = self._start(compiling)
        self._validators = CriterionValidators(self.compiled)

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
                    case = next(source)
                    if begun and start is BackgroundTask:  # threads for each case would cost more
                        start = threads.enter_context(pool()).submit
                    begun.append(self._begin(case, start))
                except StopIteration:
                    break
                except K20Error as error:
                    fault = error
                if len(begun) > _IN_FLIGHT:
                    yield self._finish(begun.popleft())
            while begun:
                yield self._finish(begun.popleft())
        if fault:
            raise fault

    def _begin(self, case: Case, start: Submit, open_lists: Lists = None) -> _Begun:
        results = start(partial(self.results, case, open_lists))
        file = start(partial(CaseFile, case)) if self.evidence else None
        timed = not case.at_one_time and (file or may_change(case.text, case.syntax))
        dates = start(partial(self._instants, case, file)) if timed else None
        return _Begun(case, results, file, dates)

    def _finish(self, begun: _Begun) -> tuple[Assessment, ...]:
        faults = check_statements(begun.case)
        results = begun.results.result()
        refuse(begun.case, faults, results, self.compiled)
        return self._assess_run(begun, results)

    def assess_at(self, case: Case, day: str) -> tuple[Assessment, ...]:
        """Return the assessments of a case as it stood on a day: ``2006``, ``2006-06-30``."""
        from k20kg.judging.as_of import snapshot
        from k20kg.judging.dates import instant_of

        results = self.results(case)
        self.refuse_malformed(case, results)
        notes = self._report_notes(case, results)
        then = snapshot(case, instant_of(day))
        note = (Assumption(then.note, "the dates of the record"),) if then.note else ()
        return tuple(
            a._replace(as_of=then.as_of, assumptions=(*note, *a.assumptions), notes=notes)
            for a in self.assess_unchecked(then.case, self.open_lists(results))
        )

    def assess_unchecked(self, case: Case, open_lists: Lists = None) -> tuple[Assessment, ...]:
        """Return the assessments of a record, well formed or not."""
        begun = self._begin(case, self._start, open_lists)
        return self._assess_run(begun, begun.results.result())

    def over_time(self, case: Case, results: list[Result]) -> Best:
        """Return the snapshot that decides, for each reading, given the results on the whole case.

        None if the whole decides, because nothing in the case changes over time.
        """
        if case.at_one_time or not may_change(case.text, case.syntax):
            return None
        return self._best(case, results, self._instants(case))

    def _best(self, case: Case, results: list[Result], dates: Instants | None) -> Best:
        if dates is None or not dates.change:
            return None
        if every := self._every:
            found = every._best(case, every.results(case), dates) or ()
            both = zip(every.compiled.readings, found, strict=True)
            return [best for reading, best in both if reading in self.compiled.readings]
        from k20kg.judging.instants import best_over_time

        run = partial(self.results, open_lists=self.open_lists(results))
        return best_over_time(dates, case, results, run, self._verdicts, together=True)

    @cached_property
    def _every(self) -> Judge | None:
        """Judge of all readings, which decide together at which instant a case is shown."""
        if self._name is None:
            return None
        return Judge(definition=self._name, engine=self.engine, evidence=self.evidence)

    def _instants(self, case: Case, file: FutureValue[CaseFile] | None = None) -> Instants:
        from k20kg.judging.instants import Instants

        graph = file.result().graph if file else Graph(case.quads)
        return Instants(graph, case.group, case.origin, self.compiled.reach)

    def deciding(self, case: Case) -> dict[str, Case]:
        """Return the case as it stood at the instant that decides, by the id of each reading.

        Raises `RecordError` if the record is not well formed.
        """
        results = self.results(case)
        self.refuse_malformed(case, results)
        best = self.over_time(case, results)
        cases = [one.case for one in best] if best else [case] * len(self.compiled.readings)
        return dict(zip((r.id for r in self.compiled.readings), cases, strict=True))

    def _verdicts(self, results: Iterable[Result]) -> list[list[Verdict]]:
        failed = {result.shape for result in results}
        criteria = self.compiled.definition.criteria
        return [
            [verdict_on(self._tests[r.iri, c.iri], failed) for c in criteria]
            for r in self.compiled.readings
        ]

    def _assess_run(self, begun: _Begun, results: list[Result]) -> tuple[Assessment, ...]:
        file = begun.file.result() if begun.file else None
        notes = self._report_notes(begun.case, results, file)
        head = head_of(begun.case, file)
        readings = self.compiled.readings
        dates = begun.dates.result() if begun.dates else None
        best = self._best(begun.case, results, dates)
        decided: Sequence[tuple[Case, list[Result], Moment | None, Sequence[Phase[list[Result]]]]]
        decided = best or [(begun.case, results, None, ())] * len(readings)
        found: dict[str, Assessment] = {}
        for case in {id(one[0]): one[0] for one in decided}.values():
            if self.evidence and case is not begun.case:
                file = CaseFile(case)
            some = [
                self._assess(case, reading, Outcome(run), file)._replace(moment=at, record=head)
                for reading, (then, run, at, _) in zip(readings, decided, strict=True)
                if then is case
            ]
            if file:
                how = (self._validators, self._verdict_if, self._start)
                some = list(with_curators_readings(some, file, *how))
            found |= {one.reading.iri: one._replace(notes=notes) for one in some}
        judged = tuple(found[reading.iri] for reading in readings)
        if not (dates and self.evidence):
            return judged
        from k20kg.judging.met_periods import with_met_periods

        phases = [one[-1] for one in decided]
        return with_met_periods(judged, dates, phases, Outcome(results), self._tests)

    def _verdict_if(self, one: Assessment, criterion: str, failing: Collection[str]) -> Verdict:
        return verdict_on(self._tests[one.reading.iri, criterion], failing)

    def check(self, case: Case) -> tuple[Fault, ...]:
        """Return the notes on a record; raise `RecordError`, with every fault, if it has any."""
        results = self.results(case)
        self.refuse_malformed(case, results)
        return self.notes(case, results)

    def notes(self, case: Case, results: Iterable[Result]) -> tuple[Fault, ...]:
        """Return what in a well-formed record is seldom meant, by these results."""
        noted = [r for r in results if r.shape in self.compiled.notes]
        return notes_on_text(case) + faults_from_results(case, noted, self.compiled.notes)

    def _report_notes(
        self, case: Case, results: Iterable[Result], file: CaseFile | None = None
    ) -> tuple[str, ...]:
        """Return what was not read, and the notes but strays of a list not declared complete."""
        noted = [r for r in results if r.shape in self.compiled.notes]
        bearing = bearing_notes(noted, self.compiled.opened_lists, case, file)
        told = map(str, self.notes(case, bearing))
        return (*(f"not read: {part}" for part in case.unread), *told)

    def open_lists(self, results: Iterable[Result]) -> frozenset[str]:
        """Return the kinds of list that the whole record leaves open, by the results on it."""
        opened = self.compiled.opened_lists
        return frozenset(kind for r in results for kind in opened.get(r.shape, ()))

    def results(self, case: Case, open_lists: Lists = None) -> list[Result]:
        """Return what the engine reports on a case, record check and witnesses included.

        No list left open speaks against the group; of a snapshot, those of the whole record.
        """
        results = self._run(case)
        kinds = self.open_lists(results) if open_lists is None else open_lists
        return with_lists_left_open(case, results, kinds, self.compiled.against, self._run)

    def _run(self, case: Case) -> list[Result]:
        try:
            return self._validator.result()(case.text, case.syntax)
        except InputError:
            # Parsing it ourselves tells the line; the engine's word is the last resort.
            _ = case.quads
            raise

    def refuse_malformed(self, case: Case, results: Sequence[Result]) -> None:
        """Raise `RecordError` if the record is not well formed by its statements or results."""
        refuse(case, check_statements(case), results, self.compiled)

    def finding(self, criterion: Criterion, reading: Reading, failing: Iterable[str]) -> Finding:
        """Return the finding that follows when just these shapes fail, each for its own IRI."""
        outcome = Outcome([Result(shape, "", f"<{shape}>", "") for shape in sorted(failing)])
        return self._judge(criterion, reading, outcome, None)

    def _assess(
        self, case: Case, reading: Reading, outcome: Outcome, file: CaseFile | None
    ) -> Assessment:
        findings = tuple(
            self._judge(criterion, reading, outcome, file)
            for criterion in self.compiled.definition.criteria
        )
        return Assessment(
            case=case.group,
            label=file.label if file else case.group,
            definition=self.compiled.definition,
            reading=reading,
            verdict=Verdict.all_of(f.verdict for f in findings),
            findings=findings,
            assumptions=tuple(choices_of(reading, self.compiled, findings, outcome.by_shape)),
            engine=self.engine,
            synthetic=case.made_up,
            authors=file.opinions(self.compiled.definition.iri) if file else (),
            disagreements=disagreements_in(file, findings),
        )

    def _judge(
        self, criterion: Criterion, reading: Reading, outcome: Outcome, file: CaseFile | None
    ) -> Finding:
        tests = self._tests[reading.iri, criterion.iri]
        supports = [t for t in tests if not t.counter]
        against = [t for t in tests if t.counter and outcome.failed(t)]
        verdict = verdict_on(tests, outcome.by_shape)
        supported = verdict in (Verdict.MET, Verdict.CONTESTED)
        carrying = outcome.bearing(supports) if file and supported else ()
        kinds, counted = self.compiled.kinds, file if self.coverage else None
        missing = tuple(g for t in supports for g in outcome.gaps(t, file, kinds))
        near = outcome.nodes(s for t in supports for s in t.unplaced_named_by)
        return Finding(
            criterion=criterion,
            verdict=verdict,
            message=message_of(verdict, supports, missing, outcome.objections(against)),
            missing=missing,
            coverage=coverage_of(counted, supports, outcome.by_shape),
            evidence=evidence_for(criterion, supports, against, outcome, file) if file else (),
            carried_by=file.carriers(carrying, kinds) if file else (),
            near=file.carriers(near, kinds) if file else (),
            authors=file.opinions(self.compiled.definition.iri, criterion.iri) if file else (),
        )


class _Begun(NamedTuple):
    """A case that the engine is at work on."""

    case: Case
    results: FutureValue[list[Result]]
    file: FutureValue[CaseFile] | None
    dates: FutureValue[Instants | None] | None
