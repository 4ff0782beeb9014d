"""A small record for tests, from the tutorial, and ways to write it in other words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pyoxigraph as ox
import rdflib

RIVER = "\n".join(
    re.findall(
        r"(?ms)^```turtle\n(.*?)^```$",
        (Path(__file__).parent.parent / "docs" / "your-own-case.md").read_text(encoding="utf-8"),
    )
)
"""The record of docs/your-own-case.md."""

FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def quads_of(text: str | bytes) -> list[ox.Quad]:
    """Return the statements of Turtle."""
    return list(ox.parse(text, ox.RdfFormat.TURTLE))


def written(quads: Iterable[ox.Quad], ending: str) -> bytes:
    """Return statements in the syntax of a file's ending."""
    return ox.serialize(quads, format=FORMATS[ending]) or b""


def by_rdflib(text: bytes, kind: str) -> bytes:
    """Return Turtle as rdflib writes it: ``turtle``, ``xml``, ``json-ld``, ``nt``."""
    return rdflib.Graph().parse(data=text, format="turtle").serialize(format=kind).encode()


def with_literals(
    quads: Iterable[ox.Quad], spell: Callable[[ox.Literal], ox.Literal]
) -> list[ox.Quad]:
    """Return statements with their literals in other words."""
    return [
        ox.Quad(q.subject, q.predicate, spell(q.object), q.graph_name)
        if isinstance(q.object, ox.Literal)
        else q
        for q in quads
    ]
