"""Packaged files of RDF as they are published: each with what its source leaves to be derived.

A source states a thing once. Queries, the wheel and the site get the published statements: a case
in full, the labels of terms, the declarations that OWL 2 DL asks for. In a wheel the files hold
them already, and nothing is added to them.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import takewhile
from pathlib import Path

import pyoxigraph as ox

from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import ntriples, read_turtle
from k20kg.sources.ontology_files import PREF_LABEL, declarations, homes, labels, stamp
from k20kg.sources.patches import Expanded, expand
from k20kg.vocabulary import packaged


def published_files(*folders: str) -> Iterator[Path]:
    """Yield the files of packaged folders, sorted; what patches are based on is not published."""
    bases = packaged("data", "bases")
    for folder in folders:
        walk = os.walk(packaged(folder))
        found = [Path(top, name) for top, _, names in walk for name in names]
        yield from (path for path in sorted(found) if path.parent != bases)


def read_published(*paths: Path) -> list[ox.Quad]:
    """Return the published quads of packaged Turtle files; blank nodes of files stay apart."""
    published: dict[ox.Quad, None] = {}
    for path in paths:
        case = _case_of_patch(path)
        quads = case.quads if case else read_turtle(path)
        published |= dict.fromkeys([*quads, *labels(quads), *_declarations(path)])
    return list(published)


def load_published(store: ox.Store, graphs: Mapping[Path, ox.NamedNode]) -> None:
    """Load packaged files as published into an empty store; Turtle goes into the graph given.

    The store parses the files itself: that takes a third of the time.
    """
    for path, graph in graphs.items():
        form = ox.RdfFormat.from_extension(path.suffix[1:])
        assert form
        if case := _case_of_patch(path):
            store.load(case.text, format=ox.RdfFormat.N_TRIPLES, to_graph=graph)
        else:
            store.load(path=path, format=form, to_graph=None if form.supports_datasets else graph)
    store.extend(labels(store.quads_for_pattern(None, PREF_LABEL, None, None)))
    for path, graph in graphs.items():
        store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in _declarations(path))


def publish(path: Path) -> bytes:
    """Return the bytes of a packaged file as it is published.

    What a patch stands for is written in the order of its base, below the comment at the head of
    the patch. What else is derived stands below the source.
    """
    if case := _case_of_patch(path):
        return _written(path, case)
    data = path.read_bytes()
    if path.suffix != ".ttl" or (b"prefLabel" not in data and path not in _all_declarations()):
        return data
    stated = dict.fromkeys(read_turtle(path))
    derived = [q for q in (*labels(stated), *_declarations(path)) if q not in stated]
    if not derived:
        return data
    return data + b"\n# derived\n\n" + ntriples(derived).encode()


def _written(path: Path, case: Expanded) -> bytes:
    """Return the Turtle of the case that a patch stands for."""
    from k20kg.rdf.turtle import Writer, by_subject

    prefixes: dict[str, str] = {}
    for source in (*case.bases, path):
        parser = ox.parse(path=source, format=ox.RdfFormat.TURTLE)
        deque(parser, maxlen=0)  # to its end: only then is all declared
        prefixes |= parser.prefixes
    writer = Writer(dict(sorted(prefixes.items())), parser.base_iri or "")
    body = writer.graph(by_subject(case.quads), {})
    return f"{_head(path)}{writer.head()}\n{body}".encode()


def _case_of_patch(path: Path) -> Expanded | None:
    """Return what a packaged file stands for if it is a patch; where it lies tells most."""
    if path.parent != packaged("data", "counter-cases") or path.suffix != ".ttl":
        return None
    return expand(path.read_text(encoding="utf-8"), "turtle", path)


def _declarations(path: Path) -> Iterator[ox.Quad]:
    """Yield what an ontology file gets when published: declarations, homes, version, citation."""
    yield from ox.parse(_all_declarations().get(path, ""), format=ox.RdfFormat.N_TRIPLES)


@cache
def _all_declarations() -> dict[Path, str]:
    return cached_on_disk("declarations", _derive_declarations)


def _derive_declarations() -> dict[Path, str]:
    """Return the derived statements of each ontology file as N-Triples, quick to unpickle."""
    sources = {p: read_turtle(p) for p in sorted(packaged("ontology").rglob("*.ttl"))}
    stamps = {path: list(stamp(quads)) for path, quads in sources.items()}
    declared = declarations({path: [*quads, *stamps[path]] for path, quads in sources.items()})
    home = homes(sources)
    return {p: ntriples([*stamps[p], *home[p], *quads]) for p, quads in declared.items()}


def _head(path: Path) -> str:
    """Return the comment at the head of a file."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(takewhile(lambda line: line.lstrip().startswith("#"), lines)) + "\n"
