"""One file of RDF into a store: its graph, in bounded memory, with progress on a terminal."""

from __future__ import annotations

import gzip
import sys
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, cast

import pyoxigraph as ox

from k20kg.errors import InputError
from k20kg.patches import BASED_ON, expand
from k20kg.syntax import EXTENSIONS, parse, stream, syntax_of_path
from k20kg.text import decode, neutralise

__all__ = ["FORMATS", "Progress", "list_files", "load_file", "read_quads", "source_of"]

FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
_SUFFIXES: Final = {end for end in EXTENSIONS if end not in (".json", ".xml")}
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

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        if self._progress:
            self._progress.advance(len(block))
        return block


def list_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files of RDF that paths name, folders with all below them, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise InputError(
                "there is no such file", where=neutralise(str(path)), remedy="check the path"
            )
        if not path.is_dir():
            found[path] = None
            continue
        inside = [
            p
            for p in sorted(path.rglob("*"))
            if p.is_file() and _suffix(p) in _SUFFIXES and not p.name.startswith(".")
        ]
        if not inside:
            raise InputError(
                "the folder holds no RDF",
                where=neutralise(str(path)),
                remedy=f"give a folder with files that end in {', '.join(sorted(_SUFFIXES))}",
            )
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
        if syntax in ("jsonld", "rdfxml"):
            text = decode(file.read(), where)
            for _ in stream(text, syntax, where):  # refuses what would fetch or swell
                pass
            store.bulk_load(text, form, to_graph=graph)
        else:
            store.bulk_load(cast("IO[bytes]", file), form, to_graph=graph)
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
            data = decode(data if isinstance(data, bytes) else file.read(), where)
            for _ in stream(data, syntax, where):  # refuses what would fetch or swell
                pass
        for quad in ox.parse(data, form, rename_blank_nodes=True):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, graph) if graph else quad


def _kind_of(path: Path, where: str) -> tuple[str, ox.RdfFormat, ox.NamedNode | None]:
    """Return the syntax of a file, its format, and the graph of a file of triples."""
    syntax = syntax_of_path(path)
    if syntax is None:
        raise InputError(
            "its name does not tell which RDF syntax this is in",
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


def source_of(path: Path) -> str:
    """Return the IRI that stands for a file: its graph, if it holds triples."""
    return path.resolve().as_uri()


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
                yield _Counted(cast("BinaryIO", unpacked), None)
        else:
            yield _Counted(file, progress)


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


def _suffix(path: Path) -> str:
    ends = [end.lower() for end in path.suffixes if end.lower() != ".gz"]
    return ends[-1] if ends else ""
