"""Packaged Turtle files as they are published: each with what its source leaves to be derived.

A source file states a thing once. The wheel, the site and queries get the published statements; in
a wheel the files hold them already, and nothing is added to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from k20kg.graph import ntriples, read_turtle
from k20kg.kept import kept
from k20kg.ontology_files import PREF_LABEL, declarations, labels
from k20kg.vocabulary import packaged

__all__ = ["load_published", "read_published"]


def read_published(*paths: Path) -> list[ox.Quad]:
    """Return the published quads of packaged Turtle files; blank nodes of files stay apart."""
    published: dict[ox.Quad, None] = {}
    for path in paths:
        quads = read_turtle(path)
        published |= dict.fromkeys([*quads, *labels(quads), *_declarations(path)])
    return list(published)


def load_published(store: ox.Store, graphs: Mapping[Path, ox.NamedNode]) -> None:
    """Load packaged Turtle files as published into an empty store, each into a graph.

    The store parses the files itself: that takes a third of the time.
    """
    for path, graph in graphs.items():
        store.load(path=path, format=ox.RdfFormat.TURTLE, to_graph=graph)
    store.extend(labels(store.quads_for_pattern(None, PREF_LABEL, None, None)))
    for path, graph in graphs.items():
        store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in _declarations(path))


def _declarations(path: Path) -> Iterator[ox.Quad]:
    """Yield what an ontology file has to declare beside what its source declares."""
    yield from ox.parse(_all_declarations().get(path, ""), format=ox.RdfFormat.N_TRIPLES)


@cache
def _all_declarations() -> dict[Path, str]:
    return kept("declarations", _derive_declarations)


def _derive_declarations() -> dict[Path, str]:
    """Return by ontology file what it has to declare, as N-Triples, which is quick to unpickle."""
    sources = {p: read_turtle(p) for p in sorted(packaged("ontology").rglob("*.ttl"))}
    return {path: ntriples(quads) for path, quads in declarations(sources).items()}
