"""Compile a definition: from its shapes to what an engine is given and what its results mean.

The readings that were not asked for are put to sleep: their shapes stay, without targets.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache

import pyoxigraph as ox

from k20kg.definition.compact import TARGETS, cheapest_first, compact, turtle
from k20kg.definition.compiled import Choice, CompiledDefinition, CriterionShapes, Requirement, Test
from k20kg.definition.loader import LoadedDefinition
from k20kg.definition.metadata import definition_of
from k20kg.definition.reach import reach_of
from k20kg.definition.record_shapes import record_check, record_notes
from k20kg.definition.subclasses import classes_in, kinds, slice_for
from k20kg.errors import UsageError
from k20kg.model import Definition, Reading
from k20kg.rdf.graph import Graph, Term, str_of
from k20kg.rdf.quads import Statements
from k20kg.vocabulary import K20, KS, RDF_TYPE, RDFS, SH, SKOS

WITNESSES = KS + "witnesses"
_WORDS = (K20, RDFS, SKOS, SH + "message")


@cache
def compile_definition(
    loaded: LoadedDefinition, reading_ids: tuple[str, ...], evidence: bool = True
) -> CompiledDefinition:
    """Compile some readings of a loaded definition; all if none is named."""
    definition = definition_of(loaded)
    readings = choose_readings(definition, reading_ids)
    wanted = frozenset(r.iri for r in readings)
    graph = loaded.graph
    record, notes = record_check(), record_notes()
    quads = active_shapes(loaded, wanted)
    every = frozenset(r.iri for r in definition.readings)
    reach = reach_of(active_shapes(loaded, every))  # alike for each reading, asked alone or not
    tests = tuple(test for test in tests_in(graph) if test.readings & wanted)
    bare = _asked(quads)
    quads = _asked([*quads, *witness_quads(graph, tests)]) if evidence else bare
    return CompiledDefinition(
        definition=definition,
        readings=readings,
        tests=tests,
        guards=_guards(graph),
        record_shapes=record.remedies,
        notes={shape: remedy for shape, remedy in notes.remedies.items() if remedy},
        opened_lists=notes.opened_lists,
        against=frozenset(s for t in tests if t.counter for s in t.shapes),
        shapes=turtle(compact([*cheapest_first(quads), *_parsed(record.shapes + notes.shapes)])),
        subclasses=slice_for(classes_in(quads) | record.classes | notes.classes),
        by_criterion=_by_criterion(compact(cheapest_first(bare)), tests) if evidence else {},
        choices=tuple(choices_in(graph)) if evidence else (),
        kinds=kinds() if evidence else {},
        reach=reach,
    )


def _parsed(shapes: str) -> Iterable[ox.Quad]:
    return ox.parse(shapes, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)


def _by_criterion(quads: list[ox.Quad], tests: Iterable[Test]) -> dict[str, CriterionShapes]:
    shapes: dict[str, list[Term]] = {}
    for test in tests:
        shapes.setdefault(test.criterion, []).append(ox.NamedNode(test.shape))
    said = Statements(quads)
    parts = {criterion: said.reached_from(roots) for criterion, roots in shapes.items()}
    return {c: CriterionShapes(turtle(part), _asked_about(part)) for c, part in parts.items()}


def _asked_about(quads: list[ox.Quad]) -> frozenset[str]:
    """Return the IRIs that shapes speak of, in paths, values and queries."""
    objects = [q.object for q in quads]
    spaces = {str_of(q.object) for q in quads if q.predicate.value == SH + "namespace"} | {K20}
    texts = " ".join(str_of(o) for o in objects if isinstance(o, ox.Literal))
    local = set(re.findall(r"[:#/]([\w.-]+)", texts))
    named = {o.value for o in objects if isinstance(o, ox.NamedNode)}
    about = named | {space + name for space in spaces for name in local}
    about |= {line.split()[0][1:-1] for line in slice_for(about).splitlines()}
    return frozenset(iri for iri in about if not iri.startswith((KS, SH)))


def _asked(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return what the engine is asked: the messages of tests stand in their `Requirement`."""
    return [q for q in quads if not q.predicate.value.startswith(_WORDS)]


def active_shapes(loaded: LoadedDefinition, wanted: frozenset[str]) -> list[ox.Quad]:
    """Return the shapes, those of the readings not wanted without their targets."""
    idle = _shapes_of_other_readings(loaded.graph, wanted)
    return [
        q for q in loaded.shapes if not (q.predicate.value in TARGETS and str_of(q.subject) in idle)
    ]


def choose_readings(definition: Definition, ids: Iterable[str]) -> tuple[Reading, ...]:
    """Return the readings of these ids, in the definition's order; all of them if none is named."""
    wanted = list(ids)
    if not wanted:
        return definition.readings
    for name in wanted:
        try:
            definition.reading(name)
        except KeyError:
            known = ", ".join(r.id for r in definition.readings)
            raise UsageError(
                f"the definition {definition.id} has no reading {name!r}", remedy=f"known: {known}"
            ) from None
    chosen = {definition.reading(name).iri for name in wanted}
    return tuple(r for r in definition.readings if r.iri in chosen)


def _guards(graph: Graph) -> frozenset[str]:
    guards = set(graph.subjects(K20 + "role", K20 + "Guard"))
    return frozenset(guards | {p for g in guards for p in graph.values(g, SH + "property")})


def _shapes_of_other_readings(graph: Graph, wanted: frozenset[str]) -> set[str]:
    """Return the criterion shapes to put to sleep: those under none of the wanted readings."""
    under = [s for role in ("Support", "Counter") for s in graph.subjects(K20 + "role", K20 + role)]
    return {s for s in under if not wanted & set(graph.values(s, K20 + "under"))}


def tests_in(graph: Graph) -> Iterator[Test]:
    """Yield the tests of a definition's shapes, for and against."""
    for role in ("Support", "Counter"):
        for shape in graph.subjects(K20 + "role", K20 + role):
            counted = graph.values(shape, K20 + "coverageRequiredBy")
            covered = graph.value(shape, K20 + "coverageOf")
            parts = list(graph.values(shape, SH + "property"))
            if graph.values(shape, SH + "message"):
                parts.append(shape)
            yield Test(
                shape=shape,
                criterion=graph.value(shape, K20 + "tests"),
                readings=frozenset(graph.values(shape, K20 + "under")),
                counter=role == "Counter",
                message=graph.value(shape, SH + "message"),
                requirements=tuple(
                    Requirement(
                        shape=part,
                        message=graph.value(part, SH + "message"),
                        settled_by=graph.value(part, K20 + "wouldSettle"),
                        supplied_by=graph.value(part, K20 + "couldBeSuppliedBy"),
                        witnesses=_witnesses(graph, part),
                    )
                    for part in parts
                ),
                witnesses=tuple(
                    w
                    for s in graph.values(shape, K20 + "witnessedBy")
                    for w in _witnesses(graph, s)
                ),
                when_met=graph.value(shape, K20 + "whenMet"),
                coverage_unit=graph.value(shape, K20 + "coverageUnit"),
                coverage_unit_of_one=graph.value(shape, K20 + "coverageUnitOfOne"),
                coverage_query=graph.value(shape, K20 + "coverageQuery"),
                coverage_of=covered,
                missing_named_by=_named_by(graph, covered, "missedBy") or frozenset({covered}),
                found_named_by=_named_by(graph, shape, "coverageFoundBy"),
                unplaced_named_by=_named_by(graph, shape, "unplacedFoundBy"),
                coverage_required=sum(
                    int(graph.value(s, SH + "qualifiedMinCount")) for s in counted
                )
                if counted
                else None,
                asked_topic=graph.value(shape, K20 + "askedTopic"),
                shapes=frozenset(parts),
            )


def _named_by(graph: Graph, shape: str, how: str) -> frozenset[str]:
    """Return the shapes that give results on behalf of a named one: parts, witnesses, or itself."""
    return frozenset(
        part
        for one in graph.values(shape, K20 + how)
        for part in graph.values(one, SH + "property") or _witnesses(graph, one) or [one]
    )


def _witnesses(graph: Graph, shape: str) -> tuple[str, ...]:
    """Return the witness shapes of a requirement: named ones, else its own block turned round."""
    if named := graph.values(shape, K20 + "witnessedBy"):
        return tuple(w for n in named for w in _witnesses(graph, n))
    if not graph.values(shape, SH + "path"):
        return ()
    if graph.values(shape, SH + "not"):
        return (shape,)
    if graph.values(shape, SH + "qualifiedValueShape") or graph.values(shape, SH + "node"):
        return (shape + "-witness",)
    return ()


def choices_in(graph: Graph) -> Iterator[Choice]:
    """Yield the choices of readings of which a shape says whether they were needed."""
    for criterion in graph.of_type(K20 + "Criterion"):
        for shape in graph.subjects(K20 + "onCriterion", criterion):
            for choice in graph.values(shape, K20 + "sparesChoice"):
                readings = frozenset(graph.values(shape, K20 + "choiceOf"))
                yield Choice(shape, choice, criterion, readings)


def witness_quads(graph: Graph, tests: Collection[Test]) -> list[ox.Quad]:
    """Return shapes that report, as information, the nodes that bear on each requirement.

    SHACL reports only failures, so a witness negates the block that a requirement asks for: each
    of its results names one node that has what is asked.
    """
    names = {w for t in tests for w in t.witnesses}
    names |= {w for t in tests for r in t.requirements for w in r.witnesses}
    names |= {s for t in tests for s in graph.values(t.coverage_of, K20 + "missedBy")}
    for how in ("coverageFoundBy", "unplacedFoundBy"):
        found = {s for t in tests for s in graph.values(t.shape, K20 + how)}
        names |= {w for s in found for w in _witnesses(graph, s) or [s]}
    wanted = frozenset[str]().union(*(t.readings for t in tests))
    names |= {c.shape for c in choices_in(graph) if c.readings & wanted}
    parent = ox.NamedNode(WITNESSES)
    quads = [
        _quad(parent, RDF_TYPE, ox.NamedNode(SH + "NodeShape")),
        _quad(parent, SH + "targetClass", ox.NamedNode(K20 + "CandidateGroup")),
    ]
    for name in sorted(names):
        node = ox.NamedNode(name)
        quads.append(_quad(parent, SH + "property", node))
        if name in graph:
            continue
        asked = name.removesuffix("-witness")
        (path,) = graph.terms(asked, SH + "path")
        (block,) = graph.terms(asked, SH + "qualifiedValueShape") or graph.terms(asked, SH + "node")
        quads += [
            _quad(node, RDF_TYPE, ox.NamedNode(SH + "PropertyShape")),
            _quad(node, SH + "path", path),
            _quad(node, SH + "not", block),
            _quad(node, SH + "severity", ox.NamedNode(SH + "Info")),
        ]
    return quads


def _quad(subject: ox.NamedNode, predicate: str, value: object) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), value)  # type: ignore[arg-type]
