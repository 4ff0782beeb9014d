"""From ontology and shapes to a definition that can be judged by.

What a definition says stands in the ontology; how it is tested stands in the shapes. This module
reads both and draws the map from one to the other: which shape, failing, means what for which
criterion under which reading. It holds no condition of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.definitions.files import DEFAULT_DEFINITION, Material, load, shipped_definitions
from k20kg.errors import UsageError
from k20kg.graph import Graph, key, read_turtle
from k20kg.kept import kept
from k20kg.model import Criterion, Definition, Parameter, Reading
from k20kg.vocabulary import K20, KS, PREFIXES, RDF_TYPE, RDFS, SH, SKOS, packaged

__all__ = [
    "DEFAULT_DEFINITION",
    "Material",
    "Plan",
    "Requirement",
    "Test",
    "bundle",
    "definition_of",
    "derive_subclass_slice",
    "load",
    "load_definition",
    "plan",
    "plan_of",
    "shipped_definitions",
    "subclass_slice",
]

WITNESSES = KS + "witnesses"
_WORDS = (K20, RDFS, SKOS, SH + "message")


class Requirement(NamedTuple):
    """One thing that a support shape asks for, with what to say when it is missing."""

    shape: str
    message: str
    settled_by: str
    supplied_by: str
    witnesses: tuple[str, ...]
    """IRIs of the shapes whose results name the records that bear on it."""


class Test(NamedTuple):
    """A shape that tests a criterion under a reading, for or against."""

    shape: str
    criterion: str
    readings: frozenset[str]
    counter: bool
    message: str
    requirements: tuple[Requirement, ...]
    witnesses: tuple[str, ...]
    when_met: str
    coverage_unit: str
    coverage_query: str
    """Gives those whom `coverage_of` runs over: node, and weight where one stands for several."""
    coverage_of: str
    """The requirement that says who of them is missing."""
    missing_named_by: frozenset[str]
    """The shapes whose results name them; their focus nodes are alternatives."""
    found_named_by: frozenset[str]
    """The shapes whose results name what counts, where there is a number to reach."""
    coverage_required: int | None
    asked_topic: str
    shapes: frozenset[str]
    """IRIs of the shapes whose failing counts as this test's."""


class Plan(NamedTuple):
    """Everything that judging cases by some readings of a definition needs."""

    definition: Definition
    readings: tuple[Reading, ...]
    tests: tuple[Test, ...]
    guards: frozenset[str]
    record_shapes: frozenset[str]
    shapes: str
    """All shapes as N-Triples, witnesses and the record check included, words left out."""
    subclasses: str


def load_definition(name: str = DEFAULT_DEFINITION) -> Definition:
    """Return a definition, with its criteria and readings in order, by id, IRI or path of a file.

    >>> [c.code for c in load_definition().criteria]
    ['1a', '1b', '2a', '2b', '2c', '2d', '2e', '3', '4']
    """
    return definition_of(load(name))


@cache
def definition_of(material: Material) -> Definition:
    """Return what material says of its definition."""
    graph, iri = material.graph, material.definition
    phrases = {p: graph.value(p, SKOS + "definition") for p in graph.values(iri, K20 + "hasPhrase")}
    criteria = [_criterion(graph, c, phrases) for c in graph.values(iri, K20 + "hasCriterion")]
    readings = [_reading(graph, r, iri) for r in graph.values(iri, K20 + "usesReading")]
    return Definition(
        iri=iri,
        id=_id(iri),
        label=_label(graph, iri),
        affirmed=graph.value(iri, K20 + "affirmedAs", "affirmed"),
        denied=graph.value(iri, K20 + "deniedAs", "denied"),
        criteria=tuple(sorted(criteria, key=lambda c: c.order)),
        readings=tuple(sorted(readings, key=lambda r: r.order)),
    )


def plan(name: str, reading_ids: tuple[str, ...], evidence: bool = True) -> Plan:
    """Return the plan for some readings of a definition; all of them if none is named.

    `name` is an id, an IRI or the path of a Turtle file. With `evidence` the shapes also report
    the records that bear on each criterion. Raises `UsageError` for an unknown definition or
    reading.
    """
    if name not in shipped_definitions():
        return plan_of(load(name), reading_ids, evidence)
    return _shipped_plan(name, reading_ids, evidence)


@cache
def _shipped_plan(name: str, reading_ids: tuple[str, ...], evidence: bool) -> Plan:
    words = [f"plan-{name}", *(re.sub(r"\W", "-", r) for r in reading_ids), "e" * evidence]
    return kept("-".join(words), lambda: plan_of(load(name), reading_ids, evidence))


@cache
def plan_of(material: Material, reading_ids: tuple[str, ...], evidence: bool = True) -> Plan:
    """Return the plan for some readings of material that was loaded; all if none is named."""
    definition = definition_of(material)
    readings = _choose(definition, reading_ids)
    wanted = frozenset(r.iri for r in readings)
    graph = material.graph
    record = read_turtle(packaged("shapes", "record.ttl"))
    quads = _awake(material, wanted)
    tests = tuple(test for test in _tests(graph) if test.readings & wanted)
    if evidence:
        quads += _witness_quads(graph, tests)
    # What the engine is not asked about stays behind: the messages of tests stand in the plan.
    quads = [q for q in quads if not q.predicate.value.startswith(_WORDS)]
    return Plan(
        definition=definition,
        readings=readings,
        tests=tests,
        guards=_guards(graph),
        record_shapes=frozenset(
            key(q.subject) for q in record if isinstance(q.subject, ox.NamedNode)
        ),
        shapes=_ntriples([*quads, *record]),
        subclasses=_slice_for([*quads, *record]),
    )


def bundle(name: str, reading_id: str) -> str:
    """Return what a stock SHACL engine is given to judge by one reading: one Turtle document.

    ``sh:conforms`` is then true exactly when the group is a partnership under that reading.
    """
    material = load(name)
    definition = definition_of(material)
    (reading,) = _choose(definition, (reading_id,))
    others = {r.id for r in definition.readings if r.id != reading.id}
    files = [f for f in material.files if f.stem not in others]
    if any(f.stem == reading.id for f in files):
        return "\n".join(f.read_text(encoding="utf-8") for f in files)
    # Where the readings share a file, those not asked for are put to sleep.
    triples = (q.triple for q in _awake(material, frozenset({reading.iri})))
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES).decode()  # type: ignore[union-attr]


@cache
def subclass_slice() -> str:
    """Return the ontology's subclass axioms between named classes, as N-Triples.

    They are kept as a file, which the tests hold to the ontology: working them out anew for each
    command would cost as much as judging a case.
    """
    return packaged("shapes", "subclasses.nt").read_text(encoding="utf-8")


def derive_subclass_slice() -> str:
    """Return what `subclass_slice` has to be, from the ontology itself."""
    quads = read_turtle(*sorted(packaged("ontology").glob("*.ttl")))
    kept = {
        (q.subject.value, q.object.value)
        for q in quads
        if q.predicate.value == RDFS + "subClassOf"
        and isinstance(q.subject, ox.NamedNode)
        and isinstance(q.object, ox.NamedNode)
    }
    return "".join(f"<{sub}> <{RDFS}subClassOf> <{sup}> .\n" for sub, sup in sorted(kept))


def _slice_for(shapes: Iterable[ox.Quad]) -> str:
    """Return the part of the subclass slice that shapes can ask about: it costs every run."""
    classes = {SH + "class", SH + "targetClass"}
    asked = {key(q.object) for q in shapes if q.predicate.value in classes}
    axioms = [(line, *line.split()[:3:2]) for line in subclass_slice().splitlines(keepends=True)]
    kept: list[str] = []
    while more := [a for a in axioms if a[0] not in kept and a[2][1:-1] in asked]:
        kept += [line for line, _, _ in more]
        asked.update(sub[1:-1] for _, sub, _ in more)
    return "".join(sorted(kept))


_TARGETS = {SH + "targetClass", SH + "targetNode"}


def _awake(material: Material, wanted: frozenset[str]) -> list[ox.Quad]:
    """Return the shapes, those of the readings not wanted without their targets."""
    idle = _shapes_of_other_readings(material.graph, wanted)
    return [
        q for q in material.shapes if not (q.predicate.value in _TARGETS and key(q.subject) in idle)
    ]


def _choose(definition: Definition, ids: Iterable[str]) -> tuple[Reading, ...]:
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


def _criterion(graph: Graph, iri: str, phrases: dict[str, str]) -> Criterion:
    phrase = graph.value(iri, K20 + "ofPhrase")
    return Criterion(
        iri=iri,
        id=_id(iri),
        code=graph.value(iri, K20 + "code"),
        label=_label(graph, iri),
        order=int(graph.value(iri, K20 + "order", "0")),
        phrase=phrases.get(phrase, ""),
        phrase_order=int(graph.value(phrase, K20 + "order", "0")),
        section=graph.value(iri, K20 + "section"),
        definition=graph.value(iri, SKOS + "definition"),
        indicator=graph.value(iri, K20 + "minimalIndicator"),
        shuts_out=graph.value(iri, K20 + "shutsOut"),
        counts=tuple(sorted(graph.values(iri, K20 + "countsAsEvidence"))),
        example=graph.value(iri, SKOS + "example"),
    )


def _reading(graph: Graph, iri: str, definition: str) -> Reading:
    parameters = [
        Parameter(
            name=graph.value(node, K20 + "parameterName"),
            value=_parameter_value(graph, node),
            criterion=graph.value(node, K20 + "onCriterion"),
            shape=graph.value(node, K20 + "setBy"),
            through=graph.value(node, K20 + "setThrough"),
        )
        for node in graph.subjects(K20 + "ofReading", iri)
    ]
    order = {c: int(graph.value(c, K20 + "order", "0")) for c in {p.criterion for p in parameters}}
    return Reading(
        iri=iri,
        id=_id(iri),
        label=_label(graph, iri),
        definition=graph.value(iri, SKOS + "definition"),
        section=graph.value(iri, K20 + "section"),
        order=int(graph.value(iri, K20 + "order", "0")),
        assumptions=tuple(sorted(graph.values(iri, K20 + "assumes"))),
        parameters=tuple(sorted(parameters, key=lambda p: (order[p.criterion], p.name))),
    )


def _parameter_value(graph: Graph, node: str) -> str:
    """Return the number where it stands in the shape; for a choice, the words for it."""
    if choice := graph.value(node, K20 + "choice"):
        return choice
    through = graph.value(node, K20 + "setThrough")
    return graph.value(graph.value(node, K20 + "setBy"), through)


def _guards(graph: Graph) -> frozenset[str]:
    guards = set(graph.subjects(K20 + "role", K20 + "Guard"))
    return frozenset(guards | {p for g in guards for p in graph.values(g, SH + "property")})


def _shapes_of_other_readings(graph: Graph, wanted: frozenset[str]) -> set[str]:
    """Return the criterion shapes to put to sleep: those under none of the wanted readings."""
    under = [s for role in ("Support", "Counter") for s in graph.subjects(K20 + "role", K20 + role)]
    return {s for s in under if not wanted & set(graph.values(s, K20 + "under"))}


def _tests(graph: Graph) -> Iterable[Test]:
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
                coverage_query=graph.value(shape, K20 + "coverageQuery"),
                coverage_of=covered,
                missing_named_by=_named_by(graph, covered, "missedBy") or frozenset({covered}),
                found_named_by=_named_by(graph, shape, "coverageFoundBy"),
                coverage_required=sum(
                    int(graph.value(s, SH + "qualifiedMinCount")) for s in counted
                )
                if counted
                else None,
                asked_topic=graph.value(shape, K20 + "askedTopic"),
                shapes=frozenset(parts),
            )


def _named_by(graph: Graph, shape: str, how: str) -> frozenset[str]:
    """Return the shapes that give results on behalf of a named one: its parts, or itself."""
    return frozenset(
        part
        for one in graph.values(shape, K20 + how)
        for part in graph.values(one, SH + "property") or [one]
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


def _witness_quads(graph: Graph, tests: Iterable[Test]) -> list[ox.Quad]:
    """Return shapes that report, as information, the nodes that bear on each requirement.

    SHACL reports only failures, so a witness negates the block that a requirement asks for: each
    of its results names one node that has what is asked.
    """
    names = {w for t in tests for w in t.witnesses}
    names |= {w for t in tests for r in t.requirements for w in r.witnesses}
    names |= {s for t in tests for s in graph.values(t.coverage_of, K20 + "missedBy")}
    names |= {s for t in tests for s in graph.values(t.shape, K20 + "coverageFoundBy")}
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


def _ntriples(quads: Iterable[ox.Quad]) -> str:
    triples = (q.triple for q in quads)
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES).decode()  # type: ignore[union-attr]


def _id(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


def _label(graph: Graph, iri: str) -> str:
    return graph.value(iri, SKOS + "prefLabel") or graph.label(iri)
