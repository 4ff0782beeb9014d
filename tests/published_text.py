"""Packaged Turtle files as they are published, as N-Triples."""

from __future__ import annotations

from pathlib import Path

import rdflib

from k20kg.rdf.graph import ntriples
from k20kg.sources.published import read_published


def published_text(*paths: Path) -> str:
    """Return the published statements of some files."""
    return ntriples(read_published(*paths))


def published_graph(*paths: Path) -> rdflib.Graph:
    """Return the same as an rdflib graph."""
    return rdflib.Graph().parse(data=published_text(*paths), format="nt")
