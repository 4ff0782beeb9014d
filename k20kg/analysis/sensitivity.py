"""Sensitivity of a verdict: numbers and choices of a reading, missing evidence, open questions."""

from __future__ import annotations

from dataclasses import dataclass

from k20kg.analysis.additions import sensitivity_quads
from k20kg.analysis.missing_evidence import EvidenceFinder, Settlement, Unsettled
from k20kg.analysis.thresholds import ValueRange, VariantJudge, VariedReading, is_number
from k20kg.definition.loader import load
from k20kg.definition.variants import Setting, read_setting
from k20kg.judging.cases import Case
from k20kg.judging.evidence import CaseFile
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Criterion, Definition, Parameter, Reading, Verdict
from k20kg.rdf.graph import Graph
from k20kg.vocabulary import DCTERMS, K20, RDFS


@dataclass(frozen=True, slots=True)
class Threshold:
    """A parameter that is a number, and the verdicts at all its values under one reading."""

    parameter: Parameter
    criterion: Criterion
    reading: Reading
    now: int
    spans: tuple[ValueRange, ...]


@dataclass(frozen=True, slots=True)
class ChoiceEffect:
    """A parameter that is a choice, and the verdicts if it were made as in another reading."""

    parameter: Parameter
    criterion: Criterion
    reading: Reading
    other: Reading
    as_it_is: Verdict
    verdict: Verdict
    overall: Verdict

    @property
    def flips(self) -> bool:
        """True: the criterion has another verdict then."""
        return self.verdict is not self.as_it_is


@dataclass(frozen=True, slots=True)
class ReadingOutcome:
    """The verdicts under one reading, and up to which number of the criterion it is met."""

    reading: Reading
    verdict: Verdict
    overall: Verdict
    met_up_to: int | None
    """The largest value of the criterion's number at which it is met; None: there is no number."""


@dataclass(frozen=True, slots=True)
class QuestionOption:
    """One way to answer an open question, and what follows for the case."""

    label: str
    outcomes: tuple[ReadingOutcome, ...]


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """An open question of the definition's authors, and what the case in hand says to it."""

    question: str
    note: str
    source: str
    criterion: Criterion
    unit: str
    """The unit of `ReadingOutcome.met_up_to`."""
    options: tuple[QuestionOption, ...]

    @property
    def decides(self) -> bool:
        """True: the criterion's verdict hangs on the answer."""
        first = self.options[0].outcomes
        return any(
            a.verdict is not b.verdict
            for option in self.options[1:]
            for a, b in zip(first, option.outcomes, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All that the verdicts on one case hang on."""

    case: str
    label: str
    definition: Definition
    assessments: tuple[Assessment, ...]
    """With what they assume, and which of it decides."""
    numbers: tuple[Threshold, ...]
    choices: tuple[ChoiceEffect, ...]
    answers: tuple[QuestionAnswer, ...]
    settlements: tuple[Settlement, ...]
    unsettled: tuple[Unsettled, ...]
    completions: tuple[Settlement, ...]
    runs: int
    """Number of validations of the case, assumptions aside."""
    idle: tuple[str, ...] = ()
    """Readings of the curators that bear on no criterion as it was judged."""
    synthetic: bool = False


def find_sensitivity(
    case: Case,
    definition: str = "clifford-millar-2007",
    *,
    what_if: bool = True,
    engine: str = "shacl",
) -> Sensitivity:
    """Return what the verdicts on a case hang on, every flip confirmed by validating.

    Without `what_if` no further evidence is tried. Raises `RecordError` for a malformed record.
    """
    loaded = load(definition)
    judge = Judge(definition=definition, engine=engine, evidence=False)
    finder = EvidenceFinder(loaded, judge, case)
    variants = VariantJudge(loaded, case, engine)
    settlements, unsettled = finder.settlements() if what_if else ([], [])
    readings = variants.definition.readings
    completions = [finder.complete(r) for r in readings] if what_if else []
    file = CaseFile(case)
    assessments = Judge(definition=definition, engine=engine).assess(case)
    cited = {e.iri for a in assessments for f in a.findings for e in f.evidence}
    return Sensitivity(
        case=case.group,
        label=file.label,
        definition=variants.definition,
        assessments=assessments,
        numbers=_numbers(variants),
        choices=_choices(variants),
        answers=_answers(variants),
        settlements=tuple(settlements),
        unsettled=tuple(unsettled),
        completions=tuple(c for c in completions if c),
        runs=finder.runs + variants.runs,
        synthetic=case.made_up,
        idle=tuple(
            sorted(said for item, said in file.curators_readings().items() if item not in cited)
        ),
    )


def _numbers(variants: VariantJudge) -> tuple[Threshold, ...]:
    wanted = [(r, p) for r in variants.definition.readings for p in variants.numbers(r)]
    spans = variants.spans(
        [(VariedReading(r.iri, p.criterion), variants.parameter_iri(p, r)) for r, p in wanted]
    )
    found = [
        Threshold(p, variants.definition.criterion(p.criterion), r, int(p.value), each)
        for (r, p), each in zip(wanted, spans, strict=True)
    ]
    return tuple(sorted(found, key=lambda n: (n.criterion.order, n.parameter.name)))


def _choices(variants: VariantJudge) -> tuple[ChoiceEffect, ...]:
    readings = variants.definition.readings
    wanted = [
        (p, reading, other)
        for reading in readings
        for p in reading.parameters
        if not is_number(p)
        for other in readings
        if other is not reading and _differs(p, other)
    ]
    if not wanted:
        return ()
    tried = [
        VariedReading(r.iri, p.criterion, (Setting(criterion=p.criterion, as_in=other.iri),))
        for p, r, other in wanted
    ]
    return tuple(
        ChoiceEffect(
            p,
            variants.definition.criterion(p.criterion),
            reading,
            other,
            variants.base(reading.iri, p.criterion),
            verdicts[p.criterion],
            Verdict.all_of(verdicts.values()),
        )
        for (p, reading, other), verdicts in zip(wanted, variants.judge(tried), strict=True)
    )


def _differs(parameter: Parameter, other: Reading) -> bool:
    """Tell whether another reading makes the same choice otherwise."""
    values = {
        p.value
        for p in other.parameters
        if p.name == parameter.name and p.criterion == parameter.criterion
    }
    return bool(values) and parameter.value not in values


def _answers(variants: VariantJudge) -> tuple[QuestionAnswer, ...]:
    stated = sensitivity_quads(variants.loaded)
    graph = Graph([*stated, *variants.loaded.words])
    questions = [
        q
        for q in graph.of_type(K20 + "OpenQuestion")
        if graph.value(q, K20 + "onCriterion") in {c.iri for c in variants.definition.criteria}
    ]
    if not questions:
        return ()
    loaded = variants.loaded.with_shapes(stated)
    graph = loaded.graph
    variants = variants.with_shapes_of(loaded)
    answers = []
    for question in sorted(questions, key=lambda q: int(graph.value(q, K20 + "order", "0"))):
        criterion = variants.definition.criterion(graph.value(question, K20 + "onCriterion"))
        nodes = sorted(
            graph.values(question, K20 + "considers"),
            key=lambda n: int(graph.value(n, K20 + "order", "0")),
        )
        options, unit = _options(variants, criterion, [(n, read_setting(graph, n)) for n in nodes])
        answers.append(
            QuestionAnswer(
                graph.label(question),
                graph.value(question, RDFS + "comment"),
                graph.value(question, DCTERMS + "source"),
                criterion,
                unit,
                options,
            )
        )
    return tuple(answers)


def _options(
    variants: VariantJudge, criterion: Criterion, settings: list[tuple[str, Setting]]
) -> tuple[tuple[QuestionOption, ...], str]:
    """Return what follows from each setting, and what the criterion's number counts.

    A setting that sets that number itself is tried as it is; no number is then told.
    """
    graph = variants.loaded.graph
    readings = variants.definition.readings
    tried = [
        VariedReading(
            r.iri, criterion.iri, (s,) if s.value is not None or s.takes or s.as_in else ()
        )
        for _, s in settings
        for r in readings
    ]
    verdicts = variants.judge(tried)
    swaps = any(s.takes for _, s in settings)
    numbers = variants.numbers(readings[0], criterion.iri) if swaps else []
    most: list[int | None] = [None] * len(tried)
    if numbers:
        iri = variants.parameter_iri(numbers[0], readings[0])
        most = [_met_up_to(spans) for spans in variants.spans([(t, iri) for t in tried])]
    found = iter(zip(tried, verdicts, most, strict=True))
    options = []
    for node, _ in settings:
        outcomes = []
        for reading in readings:
            _, each, up_to = next(found)
            outcomes.append(
                ReadingOutcome(reading, each[criterion.iri], Verdict.all_of(each.values()), up_to)
            )
        options.append(QuestionOption(graph.label(node), tuple(outcomes)))
    return tuple(options), numbers[0].name if numbers else ""


def _met_up_to(spans: tuple[ValueRange, ...]) -> int:
    return max((s.last or s.first for s in spans if s.verdict is Verdict.MET), default=0)
