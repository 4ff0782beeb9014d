"""One file of RDF into a store: its graph, in bounded memory, with progress on a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, cast

import pyoxigraph as ox

from k20kg.errors import InputError
from k20kg.rdf.addresses import property_fault
from k20kg.rdf.normal_form import about_a_statement
from k20kg.rdf.syntax import EXTENSIONS, FORMATS, parse_text, stream
from k20kg.rdf.text import decode, escape_controls
from k20kg.sources.byte_streams import Advance, open_stream
from k20kg.sources.folders import syntax_of_file, unreadable, walk
from k20kg.sources.patches import expand

_CHECKED: Final = (ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML)
"""Formats of which a parser alone passes over too much."""
_TWO_OPENED: Final = re.compile(b"<<")  # found thrice as fast as by `in`
_NESTED: Final = "SELECT ?o { ?s ?p ?o FILTER isTRIPLE(?o) } LIMIT 1"
_LOOKED_AT: Final = 500
"""So many statements of a file are looked at for names that are nearly ours."""
_SMALL: Final = 4 * 1024 * 1024


def list_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files of RDF that paths name, folders with all below them, each once.

    What of a folder is not read is told on stderr.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise unreadable(path, FileNotFoundError())
        inside = [f for folder in walk(path) for f in folder.files] if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)


def load_file(store: ox.Store, path: Path) -> None:
    """Add to a store in memory what `read_quads` yields; the store parses most files itself.

    That takes half the time. Part of a file that is no RDF may have been added.
    """
    where = escape_controls(str(path))
    syntax, form, graph = _kind_of(path, where)
    with _faults(path, syntax, where), open_stream(str(path)) as file:
        data = file.read()
        if form in _CHECKED or (graph and b"basedOn" in data):
            store.bulk_extend(read_quads(path))
            return
        store.bulk_load(data, form, to_graph=graph)
        if b"~" in data or b"|}" in data or _TWO_OPENED.search(data):
            nested = store.query(_NESTED, use_default_graph_as_union=True)
            assert isinstance(nested, ox.QuerySolutions)
            for (triple,) in nested:
                raise about_a_statement(cast("ox.Triple", triple), where)
        _tell_of_names(store.quads_for_pattern(None, None, None, graph), where)


def read_quads(path: Path, advance: Advance = lambda _: None) -> Iterator[ox.Quad]:
    """Yield the statements of a file; its triples are in the graph ``file:///…``.

    A patch is read as what it stands for. Blank nodes get names of their own. `InputError` says
    where the file is no RDF.
    """
    where = escape_controls(str(path))
    syntax, form, graph = _kind_of(path, where)
    with _faults(path, syntax, where), open_stream(str(path), advance=advance) as file:
        data: Any = file
        if form in _CHECKED or (graph and path.stat().st_size <= _SMALL):
            data = file.read()
            if graph and b"basedOn" in data:
                case = expand(decode(data, where), syntax, path)
                data, form = (case.text, ox.RdfFormat.N_TRIPLES) if case else (data, form)
        if form in _CHECKED:
            quads = iter(stream(decode(data, where), syntax, where))
        else:
            quads = ox.parse(data, form, rename_blank_nodes=True)
        first = list(islice(quads, _LOOKED_AT))
        _tell_of_names(first, where)
        for quad in chain(first, quads):
            if isinstance(quad.object, ox.Triple):
                raise about_a_statement(quad.object, where)
            if graph:
                quad = ox.Quad(quad.subject, quad.predicate, quad.object, graph)
            yield quad


def _kind_of(path: Path, where: str) -> tuple[str, ox.RdfFormat, ox.NamedNode | None]:
    """Return the syntax of a file, its format, and the graph of a file of triples."""
    syntax = syntax_of_file(path)
    if syntax is None:
        raise InputError(
            "nothing tells which RDF syntax this is in",
            where=where,
            remedy=f"name the file *{', *'.join(EXTENSIONS)}",
        )
    form = FORMATS[syntax]
    return syntax, form, None if form.supports_datasets else ox.NamedNode(source_of(path))


@contextmanager
def _faults(path: Path, syntax: str, where: str) -> Iterator[None]:
    """Turn what goes wrong while a file is read into `InputError`."""
    try:
        yield
    except SyntaxError as fault:
        raise _no_rdf(fault, path, syntax, where) from None
    except OSError as fault:
        raise InputError(
            f"it cannot be loaded ({escape_controls(str(fault))})",
            where=where,
            remedy="check the file and the space on the disk",
        ) from None


def _tell_of_names(quads: Iterable[ox.Quad], where: str) -> None:
    """Say on stderr if a property is nearly one of ours: no question of ours would find it."""
    for name in sorted({quad.predicate.value for quad in islice(quads, _LOOKED_AT)}):
        if fault := property_fault(name):
            print(f"note: {where}: it {fault[0]}; {fault[1]}", file=sys.stderr)
            return


def source_of(path: Path) -> str:
    """Return the IRI that stands for a file: its graph, if it holds triples."""
    return path.resolve().as_uri()


def _no_rdf(fault: SyntaxError, path: Path, syntax: str, where: str) -> InputError:
    """Return the error for a file that does not parse: the full one where the file is small."""
    if path.stat().st_size <= _SMALL and path.suffix.lower() != ".gz":
        try:
            parse_text(decode(path.read_bytes(), where), syntax, where)
        except InputError as better:
            return better
    place = f"{where}:{fault.lineno}:{fault.offset}" if fault.lineno else where
    what = str(fault.msg).partition(": ")[2] or str(fault.msg)
    return InputError(
        f"this does not parse: {escape_controls(what)}", where=place, remedy="mend the file there"
    )
