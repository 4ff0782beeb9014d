"""Write shapes for others: as derived, for other SHACL engines and for publication."""

from __future__ import annotations

import pyoxigraph as ox

from k20kg.definition.compact import TARGETS
from k20kg.definition.compiler import active_shapes, choose_readings
from k20kg.definition.expand import DERIVING
from k20kg.definition.loader import load
from k20kg.definition.metadata import definition_of
from k20kg.definition.record_shapes import record_check, record_notes
from k20kg.definition.shipped import shipped_definitions
from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import ntriples, numbered_blank_nodes, read_turtle
from k20kg.rdf.quads import Statements
from k20kg.rdf.turtle import by_subject, turtle
from k20kg.vocabulary import RDF_TYPE, SH, packaged

_FIRST = ox.NamedNode(RDF_TYPE.removesuffix("type") + "first")
_PATH = ox.NamedNode(SH + "path")


def bundle(name: str, reading_id: str) -> str:
    """Return what a stock SHACL engine is given to judge by one reading: one Turtle document.

    All shapes are in it as they are after derivation, those of other readings left out, and the
    record check. ``sh:conforms`` is then true exactly when the record, as it stood at one time, is
    well formed and the group is a partnership under that reading.
    Notes are left out: they would be results.
    """
    loaded = load(name)
    (reading,) = choose_readings(definition_of(loaded), (reading_id,))
    shapes = [*active_shapes(loaded, frozenset({reading.iri})), *_record_check()]
    targets = [q.subject for q in shapes if q.predicate.value in TARGETS]
    stated = Statements(q for q in shapes if q.predicate.value not in DERIVING)
    reached = stated.reached_from(targets)
    return turtle(by_subject(map(numbered_blank_nodes("").quad, _with_node_alternatives(reached))))


def all_shapes() -> bytes:
    """Return the shapes of all shipped definitions as derived, and all others, as N-Triples."""
    return cached_on_disk("all-shapes", _all_shapes)


def _all_shapes() -> bytes:
    known = {packaged("shapes", f"{name}.ttl") for name in ("record", "notes")}
    quads: list[ox.Quad] = []
    for name in shipped_definitions():
        loaded = load(name)
        questions = sorted(packaged("shapes", name, "sensitivity").glob("*.ttl"))
        known.update(loaded.files, questions)
        if questions:
            loaded = loaded.with_shapes(read_turtle(*questions))
        quads += loaded.shapes
    quads += read_turtle(*(f for f in sorted(packaged("shapes").rglob("*.ttl")) if f not in known))
    quads += _record_check()
    quads += ox.parse(record_notes().shapes, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    return ntriples(map(numbered_blank_nodes("").quad, dict.fromkeys(quads))).encode()


def _record_check() -> list[ox.Quad]:
    text = record_check().shapes
    return list(ox.parse(text, ox.RdfFormat.N_TRIPLES, rename_blank_nodes=True))


def _with_node_alternatives(quads: list[ox.Quad]) -> list[ox.Quad]:
    """Return shapes with a node shape around each alternative that is a shape of a complex path.

    The W3C shapes for shapes (``pyshacl --metashacl``) go too deep for pySHACL otherwise.
    """
    complex_paths = {
        q.subject for q in quads if q.predicate == _PATH and isinstance(q.object, ox.BlankNode)
    }
    changed: dict[ox.Quad, None] = {}
    for quad in quads:
        if quad.predicate != _FIRST or quad.object not in complex_paths:
            changed[quad] = None
            continue
        assert isinstance(quad.object, ox.NamedNode)
        around = ox.NamedNode(quad.object.value + "--holds")
        changed[ox.Quad(quad.subject, quad.predicate, around)] = None
        changed[ox.Quad(around, ox.NamedNode(RDF_TYPE), ox.NamedNode(SH + "NodeShape"))] = None
        changed[ox.Quad(around, ox.NamedNode(SH + "property"), quad.object)] = None
    return list(changed)
