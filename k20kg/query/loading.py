"""One file of RDF into a store: its graph, in bounded memory, with progress on a terminal."""

from __future__ import annotations

import codecs
import gzip
import io
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

import pyoxigraph as ox

from k20kg.errors import InputError
from k20kg.rdf.addresses import property_fault
from k20kg.rdf.normal_form import about_a_statement
from k20kg.rdf.syntax import EXTENSIONS, FORMATS, parse, stream
from k20kg.rdf.text import decode, neutralise
from k20kg.sources.folders import syntax_of_file, walk
from k20kg.sources.patches import BASED_ON, expand
from k20kg.vocabulary import RDF_TYPE

_REIFIES: Final = ox.NamedNode(RDF_TYPE.removesuffix("type") + "reifies")
_LOOKED_AT: Final = 500
"""So many statements of a file are looked at for names that are nearly ours."""
_CHUNK: Final = 32 * 1024 * 1024
_SMALL: Final = 4 * 1024 * 1024


class Progress:
    """A line on a terminal that says how far a load is, after its first second."""

    def __init__(self, total: int, out: IO[str] | None = None) -> None:
        self._out = sys.stderr if out is None else out
        self._total = max(total, 1)
        self._done = 0
        self._next = time.monotonic() + 1 if self._out.isatty() else float("inf")
        self._shown = False

    def advance(self, count: int) -> None:
        """Tell that so many more bytes have been read."""
        self._done += count
        if (now := time.monotonic()) >= self._next:
            self._next = now + 0.2
            self._shown = True
            share = min(self._done / self._total, 1)
            self._out.write(f"\rloading {share:4.0%} of {self._total / 1e6:.0f} MB")
            self._out.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._out.write("\r\x1b[K")
            self._out.flush()


class _Counted:
    """A binary stream that tells how much has been read from it."""

    def __init__(self, file: BinaryIO, progress: Progress | None) -> None:
        self._file = file
        self._progress = progress
        self._last = b""
        self.may_nest = False
        """Whether a sign of RDF 1.2 has come by, with which a statement can be about another."""
        self.nests = False
        """Whether one may stand inside another outright."""

    def read(self, size: int = -1, /) -> bytes:
        return self._seen(self._file.read(size))

    def readline(self) -> bytes:
        return self._seen(self._file.readline())

    def _seen(self, block: bytes) -> bytes:
        if self._progress:
            self._progress.advance(len(block))
        joint = self._last + block[:1]
        self.nests = self.nests or b"<<" in block or joint == b"<<"
        self.may_nest = self.may_nest or self.nests or b"~" in block or b"|}" in block
        self.may_nest = self.may_nest or joint == b"|}" or b"reifies" in block
        self._last = block[-1:]
        return block


def list_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files of RDF that paths name, folders with all below them, each once.

    What of a folder is not read is told on stderr.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise InputError(
                "there is no such file", where=neutralise(str(path)), remedy="check the path"
            )
        inside = [f for folder in walk(path) for f in folder.files] if path.is_dir() else [path]
        found.update(dict.fromkeys(inside))
    return list(found)


def load_file(store: ox.Store, path: Path, progress: Progress | None = None) -> None:
    """Add a file to a store; its triples go into the graph ``file:///…``, its quads as they say.

    A patch is added as what it stands for. `InputError` says where the file is no RDF; part of it
    may have been added by then.
    """
    where = neutralise(str(path))
    syntax, form, graph = _kind_of(path, where)
    with _opened(path, progress) as file, _faults(path, syntax, where):
        if syntax in ("nquads", "ntriples"):
            _load_lines(store, file, form, graph, where)
        elif syntax in ("jsonld", "rdfxml"):
            text = decode(file.read(), where)
            store.bulk_extend(_into(graph, stream(text, syntax, where)))
        else:
            store.bulk_load(cast("IO[bytes]", file), form, to_graph=graph)
        _refuse_nested(store, file, graph, where)
        _tell_of_names(store.quads_for_pattern(None, None, None, graph), where)
    if graph and next(store.quads_for_pattern(None, BASED_ON, None, graph), None):
        with _opened(path, None) as file:
            found = expand(decode(file.read(), where), syntax, path)
        if found:
            store.remove_graph(graph)
            store.load(found.text, ox.RdfFormat.N_TRIPLES, to_graph=graph)


def read_quads(path: Path, progress: Progress | None = None) -> Iterator[ox.Quad]:
    """Yield what `load_file` adds, statement by statement; blank nodes get names of their own."""
    where = neutralise(str(path))
    syntax, form, graph = _kind_of(path, where)
    with _opened(path, progress) as file, _faults(path, syntax, where):
        data: Any = file
        if graph and path.stat().st_size <= _SMALL:
            data = file.read()
            if b"basedOn" in data and (found := expand(decode(data, where), syntax, path)):
                data, form = found.text, ox.RdfFormat.N_TRIPLES
        if form in (ox.RdfFormat.JSON_LD, ox.RdfFormat.RDF_XML):
            text = decode(data if isinstance(data, bytes) else file.read(), where)
            quads = iter(stream(text, syntax, where))
        else:
            quads = ox.parse(data, form, rename_blank_nodes=True)
        first = list(islice(quads, _LOOKED_AT))
        _tell_of_names(first, where)
        for quad in _into(graph, chain(first, quads)):
            if isinstance(quad.object, ox.Triple):
                raise about_a_statement(quad.object, where)
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
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise InputError(
            f"this is no whole gzip file ({neutralise(str(fault))})",
            where=where,
            remedy="get the whole file",
        ) from None
    except OSError as fault:
        raise InputError(
            f"it cannot be loaded ({neutralise(str(fault))})",
            where=where,
            remedy="check the file and the space on the disk",
        ) from None


def _into(graph: ox.NamedNode | None, quads: Iterable[ox.Quad]) -> Iterable[ox.Quad]:
    """Return quads, those in the default graph put into a graph."""
    if graph is None:
        return quads
    return (ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads)


def _refuse_nested(store: ox.Store, file: _Counted, graph: ox.NamedNode | None, where: str) -> None:
    """Raise if statements about statements have come in, of which no question would know."""
    if not file.may_nest:
        return
    reified = store.quads_for_pattern(None, _REIFIES, None, graph)
    for quad in reified if not file.nests else store.quads_for_pattern(None, None, None, graph):
        if isinstance(quad.object, ox.Triple):
            raise about_a_statement(quad.object, where)


def _tell_of_names(quads: Iterable[ox.Quad], where: str) -> None:
    """Say on stderr if a property is nearly one of ours: no question of ours would find it."""
    for name in sorted({quad.predicate.value for quad in islice(quads, _LOOKED_AT)}):
        if fault := property_fault(name):
            print(f"note: {where}: it {fault[0]}; {fault[1]}", file=sys.stderr)
            return


def source_of(path: Path) -> str:
    """Return the IRI that stands for a file: its graph, if it holds triples."""
    return path.resolve().as_uri()


def _load_lines(
    store: ox.Store, file: _Counted, form: ox.RdfFormat, graph: ox.NamedNode | None, where: str
) -> None:
    """Add N-Triples or N-Quads in chunks of whole lines, which bounds memory.

    A blank node's name holds for one parse, so from the first blank node on the rest is one chunk.
    """
    lines = 0
    while chunk := file.read(_CHUNK) + file.readline():
        try:
            if b"_:" in chunk:
                rest = cast("IO[bytes]", _Chained(chunk, file))
                store.bulk_load(rest, form, to_graph=graph)
                return
            store.bulk_load(chunk, form, to_graph=graph)
        except SyntaxError as fault:
            if fault.lineno:
                fault.lineno += lines
            raise
        lines += chunk.count(b"\n")


class _Chained:
    """A chunk that has been read and the stream behind it, as one stream."""

    def __init__(self, chunk: bytes, file: _Counted) -> None:
        self._chunk = memoryview(chunk)
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        if not self._chunk:
            return self._file.read(size)
        size = len(self._chunk) if size < 0 else size
        block, self._chunk = bytes(self._chunk[:size]), self._chunk[size:]
        return block


@contextmanager
def _opened(path: Path, progress: Progress | None) -> Iterator[_Counted]:
    """Open a file, unpacked if it is gzip; progress counts the bytes on the disk."""
    try:
        file = path.open("rb")
    except OSError as fault:
        raise InputError(
            f"it cannot be read ({fault.strerror})",
            where=neutralise(str(path)),
            remedy="check the path and your rights",
        ) from None
    with file:
        if path.suffix.lower() == ".gz":
            packed = cast("BinaryIO", _Counted(file, progress))
            with gzip.GzipFile(fileobj=packed) as unpacked:
                _pass_mark(unpacked)
                yield _Counted(cast("BinaryIO", unpacked), None)
        else:
            _pass_mark(file)
            yield _Counted(file, progress)


def _pass_mark(file: io.BufferedReader | gzip.GzipFile) -> None:
    """Read the byte order mark of UTF-8, if there is one."""
    if file.peek(3)[:3] == codecs.BOM_UTF8:
        file.read(3)


def _no_rdf(fault: SyntaxError, path: Path, syntax: str, where: str) -> InputError:
    """Return the error for a file that does not parse: the full one where the file is small."""
    if path.stat().st_size <= _SMALL and path.suffix.lower() != ".gz":
        try:
            parse(path.read_bytes(), syntax, where)
        except InputError as better:
            return better
    place = f"{where}:{fault.lineno}:{fault.offset}" if fault.lineno else where
    what = str(fault.msg).partition(": ")[2] or str(fault.msg)
    return InputError(
        f"this does not parse: {neutralise(what)}", where=place, remedy="mend the file there"
    )
