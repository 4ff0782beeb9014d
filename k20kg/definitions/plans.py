"""What judging by some readings of a definition needs, for an engine and for who reads its results.

The readings that were not asked for are put to sleep: their shapes stay, without targets.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pyoxigraph as ox

from k20kg.definitions.expand import DERIVING
from k20kg.definitions.files import Material, load, shipped_definitions
from k20kg.definitions.requirements import Test, tests_in, witness_quads
from k20kg.definitions.subclasses import slice_for
from k20kg.definitions.words import definition_of
from k20kg.errors import UsageError
from k20kg.graph import Graph, key, name_blank_nodes, read_turtle
from k20kg.kept import kept
from k20kg.model import Definition, Reading
from k20kg.vocabulary import K20, PREFIXES, RDFS, SH, SKOS, packaged

__all__ = ["Plan", "all_shapes", "bundle", "plan", "plan_of"]

_WORDS = (K20, RDFS, SKOS, SH + "message")
_TARGETS = {SH + "targetClass", SH + "targetNode"}


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
    tests = tuple(test for test in tests_in(graph) if test.readings & wanted)
    if evidence:
        quads += witness_quads(graph, tests)
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
        subclasses=slice_for([*quads, *record]),
    )


def bundle(name: str, reading_id: str) -> str:
    """Return what a stock SHACL engine is given to judge by one reading: one Turtle document.

    All shapes are in it as they are after derivation, those of other readings left out.
    ``sh:conforms`` is then true exactly when the group is a partnership under that reading.
    """
    import rdflib

    material = load(name)
    (reading,) = _choose(definition_of(material), (reading_id,))
    quads = [*name_blank_nodes(_reached(_awake(material, frozenset({reading.iri}))), "")]
    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    blank = {t.value for q in quads for t in (q.subject, q.object) if isinstance(t, ox.BlankNode)}
    names = {label: rdflib.BNode(label) for label in blank}  # else each run has its own order
    graph.parse(data=_ntriples(quads), format="nt", bnode_context=names)
    return graph.serialize(format="turtle")


def _reached(quads: list[ox.Quad]) -> list[ox.Quad]:
    """Return the statements on shapes with a target, and on all that these refer to."""
    of: dict[ox.NamedNode | ox.BlankNode | ox.Triple, list[ox.Quad]] = {}
    for quad in quads:
        if quad.predicate.value not in DERIVING:
            of.setdefault(quad.subject, []).append(quad)
    waiting: list[object] = [q.subject for q in quads if q.predicate.value in _TARGETS]
    found: dict[object, None] = {}
    while waiting:
        if (node := waiting.pop()) not in found and node in of:
            found[node] = None
            waiting += [q.object for q in of[node]]  # type: ignore[index]
    return [quad for node, said in of.items() if node in found for quad in said]


def all_shapes() -> bytes:
    """Return the shapes of all shipped definitions as derived, and all others, as N-Triples."""
    return kept("all-shapes", _all_shapes)


def _all_shapes() -> bytes:
    quads = [quad for name in shipped_definitions() for quad in load(name).shapes]
    known = {file for name in shipped_definitions() for file in load(name).files}
    others = [f for f in sorted(packaged("shapes").rglob("*.ttl")) if f not in known]
    quads += read_turtle(*others)
    return _ntriples(dict.fromkeys(quads)).encode()


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


def _guards(graph: Graph) -> frozenset[str]:
    guards = set(graph.subjects(K20 + "role", K20 + "Guard"))
    return frozenset(guards | {p for g in guards for p in graph.values(g, SH + "property")})


def _shapes_of_other_readings(graph: Graph, wanted: frozenset[str]) -> set[str]:
    """Return the criterion shapes to put to sleep: those under none of the wanted readings."""
    under = [s for role in ("Support", "Counter") for s in graph.subjects(K20 + "role", K20 + role)]
    return {s for s in under if not wanted & set(graph.values(s, K20 + "under"))}


def _ntriples(quads: Iterable[ox.Quad]) -> str:
    triples = (q.triple for q in quads)
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES).decode()  # type: ignore[union-attr]
