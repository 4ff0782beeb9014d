"""Loader of definitions: the shipped ones by name, a user's own from a Turtle file.

What a definition says and how it is tested come back together, with the shapes of every variant
worked out. A user's file is checked on the way in; the shipped ones are checked by the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from k20kg.definition.expand import expand
from k20kg.definition.forms import NotStatedError
from k20kg.definition.lint import faults_in_definition, faults_in_file, raise_faults
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.definition.variants import (
    ShapeIndex,
    Variant,
    read_setting,
    read_variants,
    shapes_of_variant,
    words_of_variant,
)
from k20kg.errors import UsageError
from k20kg.rdf.graph import Graph, read_turtle, str_of
from k20kg.rdf.syntax import parse_text
from k20kg.rdf.text import decode, escape_controls
from k20kg.vocabulary import BASE, K20, packaged

_GUARD = packaged("shapes", "guard.ttl")


@dataclass(frozen=True, slots=True, eq=False)
class LoadedDefinition:
    """All that is stated of one definition."""

    definition: str
    """IRI of the definition."""
    shapes: tuple[ox.Quad, ...] = field(repr=False)
    """Its shapes and parameters, variants worked out."""
    words: tuple[ox.Quad, ...] = field(repr=False)
    """Its metadata: phrases, criteria, readings."""
    files: tuple[Path, ...]
    """The files with its shapes."""
    graph: Graph = field(repr=False)
    """An index over `words` and `shapes`."""

    def with_shapes(self, quads: Iterable[ox.Quad]) -> LoadedDefinition:
        """Return this definition with more shapes, and with what is derived of them."""
        own = Graph(quads := tuple(quads))
        settings = (read_setting(own, node) for node in own.of_type(K20 + "Setting"))
        swaps = [(s.in_place_of, s.takes) for s in settings if s.takes]
        shapes = expand([*self.shapes, *quads], swaps)
        graph = Graph([*self.words, *shapes])
        return LoadedDefinition(self.definition, tuple(shapes), self.words, self.files, graph)

    def with_variants(self, variants: list[Variant]) -> LoadedDefinition:
        """Return this definition with more readings, each with its shapes and its words."""
        shapes, words, graph = [*self.shapes], [*self.words], self.graph
        uses = ox.NamedNode(K20 + "usesReading")
        for variant in variants:
            shapes += shapes_of_variant(ShapeIndex(shapes, graph), variant)
            words += words_of_variant(graph, variant)
            words.append(ox.Quad(ox.NamedNode(self.definition), uses, ox.NamedNode(variant.iri)))
            graph = Graph([*words, *shapes])
        return LoadedDefinition(self.definition, tuple(shapes), tuple(words), self.files, graph)


def load(name: str) -> LoadedDefinition:
    """Return a definition by its id, its IRI, or the path of a Turtle file.

    Raises `UsageError` for an unknown name and for a file with faults, `InputError` for one that
    is no Turtle.
    """
    known = shipped_definitions()
    wanted = name.removeprefix(f"{BASE}definition/")
    if wanted in known:
        return _shipped(wanted)
    path = Path(name)
    if path.is_file():
        facts = path.stat()
        return _own(path, facts.st_mtime_ns, facts.st_size)
    import difflib

    near = difflib.get_close_matches(wanted.lower(), known, n=1)
    meant = f"did you mean {near[0]}? " if near else ""
    raise UsageError(
        f"there is no definition {escape_controls(name)!r}",
        remedy=f"{meant}known: {', '.join(known)}; or give the path of a Turtle file",
    )


@cache
def _shipped(name: str) -> LoadedDefinition:
    iri = f"{BASE}definition/{name}"
    loaded = _assemble(iri, _stated(name), _words(name), _shape_files(name))
    faults = faults_in_definition([*loaded.words, *loaded.shapes], iri)
    raise_faults(loaded.files, [*faults_in_file(_stated(name)), *faults])
    return loaded


@cache
def _guard() -> tuple[ox.Quad, ...]:
    """Return the shared guard, the same blank nodes each time."""
    return tuple(read_turtle(_GUARD))


@cache
def _stated(name: str) -> tuple[ox.Quad, ...]:
    """Return what the shape files of a shipped definition state."""
    return tuple(read_turtle(*_shape_files(name)))


def _words(name: str) -> list[ox.Quad]:
    file = "definition.ttl" if name == DEFAULT_DEFINITION else "rivals.ttl"
    return read_turtle(packaged("ontology", file))


def _assemble(
    iri: str, stated: Iterable[ox.Quad], words: list[ox.Quad], files: tuple[Path, ...]
) -> LoadedDefinition:
    """Return a definition with the shared blocks and the guard.

    All that is derived of the statements is in it, and the variants are worked out.
    """
    shapes = [*stated]
    for name in _bases([*words, *stated], iri):
        shapes += _blocks(_stated(name))
        files = (*_shape_files(name), *files)
    if not any(str_of(q.object) == K20 + "Guard" for q in stated):
        shapes += _guard()
        files = (_GUARD, *files)
    variants = read_variants(Graph([*words, *shapes]))
    swaps = [(s.in_place_of, s.takes) for v in variants for s in v.settings if s.takes]
    try:
        shapes = expand(shapes, swaps)
    except NotStatedError as error:
        raise_faults(files, [error.fault])
    graph = Graph([*words, *shapes])
    return LoadedDefinition(iri, tuple(shapes), tuple(words), files, graph).with_variants(variants)


def _blocks(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return what definitions share: no shape that tests a criterion, no parameter of a reading."""
    own = {K20 + n for n in ("role", "counters", "ofReading")}
    gone = {q.subject for q in quads if q.predicate.value in own}
    return [q for q in quads if q.subject not in gone]


def _shape_files(name: str) -> tuple[Path, ...]:
    folder = packaged("shapes", name)
    return tuple(sorted(folder.glob("*.ttl"))) if folder.is_dir() else (folder.with_suffix(".ttl"),)


@cache
def _own(path: Path, _modified: int, _size: int) -> LoadedDefinition:
    text = decode(path.read_bytes(), str(path))
    try:
        quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True))
    except SyntaxError:
        parse_text(text, "turtle", str(path))  # it says the same in plain words
        raise
    own = Graph(quads)
    iri, base = _definition_in(quads, own, path)
    shared = _shipped(base) if base else None
    raise_faults([path], faults_in_file(quads, shared.graph if shared else None))
    words = _words(base) if base else []
    if own.of_type(K20 + "Definition"):
        loaded = _assemble(iri, quads, words, (path,))
    else:
        stated = [*_stated(base), *quads]
        loaded = _assemble(iri, stated, words, (*_shape_files(base), path))
    whole = [*loaded.words, *loaded.shapes]
    raise_faults([path], faults_in_definition(whole, iri, quads))
    return loaded


def _bases(quads: Iterable[ox.Quad], definition: str) -> list[str]:
    """Return the ids of the definitions whose blocks a definition shares."""
    found = (q for q in quads if q.predicate.value == K20 + "sharesBlocksOf")
    return [str_of(q.object).rsplit("/", 1)[-1] for q in found if str_of(q.subject) == definition]


def _definition_in(quads: Sequence[ox.Quad], own: Graph, path: Path) -> tuple[str, str]:
    """Return the IRI of the file's definition, and the id of the shipped one that it builds on."""
    found = own.of_type(K20 + "Definition")
    if len(found) > 1:
        raise UsageError(
            f"the file holds {len(found)} definitions", where=str(path), remedy="keep one a file"
        )
    if found:
        bases = _bases(quads, found[0])
        known = [b for b in bases if b in shipped_definitions()]
        if bases and not known:
            raise UsageError(
                f"k20:sharesBlocksOf names no shipped definition: {escape_controls(bases[0])}",
                where=str(path),
                remedy=f"known: {', '.join(shipped_definitions())}",
            )
        return found[0], known[0] if known else ""
    varied = [own.value(r, K20 + "variantOf") for r in own.of_type(K20 + "Reading")]
    for name in shipped_definitions() if any(varied) else ():
        loaded = _shipped(name)
        if set(varied) & set(loaded.graph.values(loaded.definition, K20 + "usesReading")):
            return loaded.definition, name
    raise UsageError(
        "the file holds no k20:Definition, and no k20:Reading that is k20:variantOf a shipped one",
        where=str(path),
        remedy="see the guide to a definition of your own",
    )
