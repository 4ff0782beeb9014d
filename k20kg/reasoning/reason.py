"""Reason about a case in OWL: each criterion proved, refuted or open, with explanations.

Which class says a criterion, which classes speak against it, and of which reading all that is
true, is read from the ontology.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from k20kg.definition.loader import LoadedDefinition, load
from k20kg.definition.metadata import definition_of
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.errors import UsageError
from k20kg.judging.cases import Case
from k20kg.judging.judge import Judge
from k20kg.model import Criterion, Definition, Reading, Verdict
from k20kg.rdf.graph import read_turtle, str_of
from k20kg.reasoning.axioms import axioms, logic
from k20kg.reasoning.explain import Axiom, clash, explain
from k20kg.reasoning.premises import Closing, Premises, premises
from k20kg.reasoning.reasoner import (
    REASONERS,
    Answer,
    InconsistentError,
    agreed,
    find_java,
    local,
    quiet,
    subsumptions,
)
from k20kg.sources.terms import FILES
from k20kg.vocabulary import K20, RDF_TYPE, packaged, shorten

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The conclusion on one criterion, or on the whole group."""

    criterion: Criterion | None
    """None: the whole group."""
    class_iri: str
    """The class that says it; empty where OWL has none."""
    answer: Answer = Answer.OPEN
    verdict: Verdict | None = None
    """The verdict by SHACL under the reading that the class says; None where there is no such."""
    note: str = ""
    """A note of the ontology on what OWL can and cannot say of it."""
    untied: tuple[str, ...] = ()
    """Ties that the class leaves open, in words: where one decides, nothing is compared."""
    decides: frozenset[Answer] = frozenset(Answer)
    """The answers that bear on the criterion: where a class says less or more than the criterion
    asks, to refute or to prove it decides nothing."""
    contested: bool = False
    """True: something on record speaks against what follows, so that neither is concluded."""
    explanation: tuple[Axiom, ...] = ()
    """Axioms that suffice, none of them superfluous; empty unless asked for, or where open."""
    owl_place: str = ""
    """File and class that state it in OWL, if it contradicts the verdict."""
    shacl_place: str = ""
    """File and shapes that test it, if it contradicts the verdict on a criterion."""

    @property
    def contradicts(self) -> bool:
        """True: SHACL does not find what OWL concludes."""
        denied = self.verdict is not None and contradict(self.answer, self.verdict)
        return denied and self.answer in self.decides


@dataclass(frozen=True, slots=True)
class Reasoning:
    """All that follows of one case."""

    case: str
    label: str
    definition: Definition
    reading: Reading | None
    """The reading that the classes say; None where there is none."""
    consistent: bool
    clash: tuple[Axiom, ...]
    """The axioms that clash, if the record contradicts itself."""
    conclusions: tuple[Conclusion, ...]
    """The whole group first, then each criterion."""
    closings: tuple[Closing, ...]
    """The closing axioms used, each with its licence."""
    reasoners: tuple[str, ...] = REASONERS
    as_of: str | None = None
    """The instant asked about; None for the whole record."""


def contradict(answer: Answer, verdict: Verdict) -> bool:
    """Tell whether OWL proves what SHACL does not find met, or refutes what it finds met.

    What is refuted need not be *not met*: a record of which nothing is known to speak for a
    criterion, nor against it, is *not established*.

    >>> contradict(Answer.PROVED, Verdict.NOT_ESTABLISHED)
    True
    >>> contradict(Answer.REFUTED, Verdict.NOT_ESTABLISHED)
    False
    """
    return (answer, verdict) in (
        (Answer.PROVED, Verdict.NOT_MET),
        (Answer.PROVED, Verdict.NOT_ESTABLISHED),
        (Answer.REFUTED, Verdict.MET),
    )


def reason(
    case: Case,
    definition: str = DEFAULT_DEFINITION,
    *,
    explained: Iterable[str] | None = None,
    progress: Progress = lambda _: None,
) -> Reasoning:
    """Return what OWL proves of a case that is well formed, as it stood when the verdict is best.

    `explained` names the criteria to explain by id or code; all by default, none if empty. Raises
    `UsageError` without a Java runtime, `RecordError` for a malformed record, and `K20Error` if
    the two reasoners disagree.
    """
    find_java()
    loaded = load(definition)
    said = _DefinitionInOwl(loaded)
    whole = definition_of(loaded)
    reading = next((r for r in whole.readings if r.iri == said.reading), None)
    judge = Judge([reading.id] if reading else (), definition=definition, evidence=False)
    (assessment, *_) = judge.assess(case)
    if reading:
        case = judge.deciding(case)[reading.id]
    given = premises(case, logic(*_further(loaded, definition)))
    label = given.labels.get(case.group, shorten(case.group))
    done = Reasoning(case.group, label, whole, reading, True, (), (), given.closings)
    progress("realising with HermiT and Pellet")
    try:
        given, answers, contested = _answers(given, said)
    except InconsistentError:
        progress("explaining the contradiction")
        with quiet():
            return replace(done, consistent=False, clash=tuple(clash(given)))
    conclusions = []
    for about in said.subjects:
        answer, verdict = answers.get(about.class_iri, Answer.OPEN), None
        if reading:
            criterion = about.criterion
            verdict = assessment.finding(criterion.iri).verdict if criterion else assessment.verdict
        found = replace(
            about, answer=answer, verdict=verdict, contested=about.class_iri in contested
        )
        if found.contradicts and reading:
            found = _placed(found, loaded, reading, definition)
        conclusions.append(found)
    wanted = None if explained is None else set(explained)
    return replace(done, conclusions=tuple(_explained(conclusions, given, wanted, progress)))


class _DefinitionInOwl:
    """The statements of the ontology on a definition in OWL."""

    def __init__(self, loaded: LoadedDefinition) -> None:
        terms, definition = loaded.graph, definition_of(loaded)
        undecided = {"owlProves": Answer.PROVED, "owlRefutes": Answer.REFUTED}
        self.subjects: list[Conclusion] = []
        """The whole definition, then each criterion, before anything is concluded."""
        self.counters: dict[str, list[str]] = {}
        """By class: the classes of groups that something speaks against."""
        for criterion in (None, *definition.criteria):
            iri = criterion.iri if criterion else definition.iri
            class_iri = terms.value(iri, K20 + "expressedBy")
            useless = {a for n, a in undecided.items() if terms.value(iri, K20 + n) == "false"}
            self.subjects.append(
                Conclusion(
                    criterion,
                    class_iri,
                    note=terms.value(iri, K20 + "owlNote"),
                    untied=tuple(sorted(terms.values(iri, K20 + "untiedIn"))),
                    decides=frozenset(Answer) - useless,
                )
            )
            if counters := class_iri and sorted(terms.values(iri, K20 + "counteredBy")):
                self.counters[class_iri] = [*counters]
        self.reading = terms.value(definition.iri, K20 + "expressedReading")
        self.whole = self.subjects[0].class_iri
        if not self.whole:
            raise UsageError(
                f"no class says the definition {definition.id}",
                remedy="link the definition to one by k20:expressedBy",
            )


def _further(loaded: LoadedDefinition, definition: str) -> list[Path]:
    """Return the files with classes of a definition that are not in the core files."""
    is_default = definition_of(loaded).id == DEFAULT_DEFINITION
    own = [] if is_default else [packaged("ontology", "rivals.ttl")]
    return own + [p for p in [Path(definition)] if p.is_file()]


# ---------------------------------------------------------------- where the two statements stand


def _placed(
    one: Conclusion, loaded: LoadedDefinition, reading: Reading, definition: str
) -> Conclusion:
    """Return a conclusion that contradicts the verdict with the places that state the two."""
    terms, shapes = loaded.graph, list[str]()
    for shape in terms.subjects(K20 + "tests", one.criterion.iri) if one.criterion else ():
        under, roles = terms.values(shape, K20 + "under"), terms.values(shape, K20 + "role")
        if reading.iri in under and K20 + "Support" in roles:
            shapes.append(shape)
    core = [packaged("ontology", f"{name}.ttl") for name in FILES]
    return replace(
        one,
        owl_place=_place([one.class_iri], [*core, *_further(loaded, definition)]),
        shacl_place=_place(shapes, loaded.files),
    )


def _place(names: list[str], files: Iterable[Path]) -> str:
    """Return where terms are stated: ``ontology/core.ttl (k20:Firm)``."""
    found: dict[str, list[str]] = {}
    for path in files:
        told = {str_of(q.subject) for q in read_turtle(path) if q.predicate.value != RDF_TYPE}
        if stated := [shorten(name) for name in names if name in told]:
            inside = path.is_relative_to(packaged())
            shown = path.relative_to(packaged()).as_posix() if inside else str(path)
            found[shown] = stated
    return ", ".join(f"{shown} ({', '.join(terms)})" for shown, terms in found.items())


# ---------------------------------------------------------------- for and against


def _answers(
    given: Premises, said: _DefinitionInOwl
) -> tuple[Premises, dict[str, Answer], set[str]]:
    """Return what was told, what follows of each class, and the classes that are contested.

    What speaks against a criterion is told as an axiom: no group of such a class belongs to the
    criterion's. That would contradict a record that shows both; then, as in the verdict rule, both
    sides are seen and neither is concluded. Raises `InconsistentError` where the record
    contradicts itself without such axioms too.
    """
    classes, against = [s.class_iri for s in said.subjects if s.class_iri], said.counters
    try:
        full = _with_counters(given, against)
        return full, agreed(full, classes), set()
    except InconsistentError:
        if not against:
            raise
    bare = agreed(given, [*classes, *(c for found in against.values() for c in found)])
    contested = {
        c
        for c, counters in against.items()
        if bare[c] is Answer.PROVED and any(bare[k] is Answer.PROVED for k in counters)
    }
    given = _with_counters(given, {c: k for c, k in against.items() if c not in contested})
    answers = agreed(given, classes)
    for iri in contested | ({said.whole} if answers[said.whole] is Answer.PROVED else set()):
        answers[iri] = Answer.OPEN
    return given, answers, contested


def _with_counters(given: Premises, against: dict[str, list[str]]) -> Premises:
    pairs = ((k, c) for c, counters in against.items() for k in counters)
    apart = axioms(*(f"<{k}> owl:disjointWith <{c}>" for k, c in pairs))
    return replace(given, triples=(*given.triples, *apart))


# ---------------------------------------------------------------- explaining


def _explained(
    conclusions: list[Conclusion], given: Premises, wanted: set[str] | None, progress: Progress
) -> Iterator[Conclusion]:
    """Yield the conclusions with explanations; the whole follows from the parts by definition."""
    parts = [
        c.class_iri
        for c in conclusions
        if c.criterion
        and c.answer is not Answer.OPEN
        and (wanted is None or wanted & {c.criterion.id, c.criterion.code})
    ]
    answers = {c.class_iri: c.answer for c in conclusions}
    with quiet(), ThreadPoolExecutor(max_workers=2) as pool:
        runs = {iri: pool.submit(explain, given, iri, answers[iri]) for iri in parts}
        found = {}
        for at, (iri, one) in enumerate(runs.items(), start=1):
            progress(f"explaining {at} of {len(runs)}: {local(iri)}")
            found[iri] = one.result()
    for each in conclusions:
        because = found.get(each.class_iri, ())
        if each.criterion is None and each.answer is not Answer.OPEN and wanted is None:
            because = tuple(_of_the_whole(each, conclusions))
        yield replace(each, explanation=because)


def _of_the_whole(whole: Conclusion, conclusions: list[Conclusion]) -> Iterator[Axiom]:
    """Yield why the whole holds or fails: all of its parts, or the first refuted one."""
    parts = [c for c in conclusions if c.criterion and c.answer is whole.answer]
    if whole.answer is Answer.REFUTED:
        parts = parts[:1]
    for part in parts:
        assert part.criterion
        said = "is" if part.answer is Answer.PROVED else "is not"
        words = f"the group {said} a {local(part.class_iri)} ({part.criterion.code})"
        yield Axiom(words, "conclusion")
    yield Axiom(f"{local(whole.class_iri)} is the conjunction of its criteria", "ontology")


# ---------------------------------------------------------------- definitions among themselves


def lattice(reasoner: str) -> set[tuple[str, str]]:
    """Return which class of a definition or criterion lies below which other, rivals included."""
    told = logic(packaged("ontology", "rivals.ttl"))
    subjects = [*told.terms.of_type(K20 + "Definition"), *told.terms.of_type(K20 + "Criterion")]
    said = sorted({c for s in subjects for c in told.terms.values(s, K20 + "expressedBy")})
    return subsumptions(told, said, reasoner)
