"""Paths and streams → decoded documents, as files and folders group them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, Protocol

import pyoxigraph as ox

from k20kg.errors import InputError, RecordError
from k20kg.rdf.syntax import parse_text, seems_to_be, syntax_named, syntax_of_path
from k20kg.rdf.text import decode, escape_controls, guess_kind, line_of, not_rdf
from k20kg.sources.folders import WORKBOOK_READER, Folder, print_unread, unreadable, walk
from k20kg.sources.patches import expand, refuse_patch

_MIB: Final = 1024 * 1024
_LARGEST_MIB: Final = 256
_LARGE: Final = 4 * _MIB
_TOKEN: Final = b"CandidateGroup"
# An escape that writes an ASCII letter: the only way to say CandidateGroup without the word.
_ESCAPED_LETTER: Final = re.compile(rb"\\u00[4-7]|\\U000000[4-7]|&#")


OFFICE: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of workbooks and other Office documents."""
_TO_WORKBOOK: Final = (
    "give the folder with one such file for each sheet, named as in the workbook that "
    "k20kg sheet -o case.xlsx writes"
)


class CellPlaces(Protocol):
    """Cells of a workbook by the statements that are from them."""

    @property
    def contents(self) -> str: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def faults(self) -> list[tuple[str, str, str]]: ...
    @property
    def lists(self) -> dict[str, list[dict[str, str | float]]]: ...
    def place(self, node: str) -> str: ...
    def cell_fault(
        self, shape: str, node: str, value: str, message: str, remedy: str
    ) -> tuple[str, str, str]: ...


@dataclass(frozen=True)
class Document:
    """One file or stream, read and decoded."""

    where: str
    text: str
    syntax: str
    patch: str = ""
    """Text of the file itself, where it is a patch and `text` is what it stands for."""
    cells: CellPlaces | None = None
    """Cells of a workbook."""

    def place(self, iri: str) -> str | None:
        """Return the file and line, or the cell, where a node stands; None if it does not."""
        if self.cells:
            return self.cells.place(iri)
        line = self.line_of(iri)
        return f"{self.where}:{line}" if line is not None else None

    def line_of(self, iri: str) -> int | None:
        """Return the line of the file on which an IRI first stands, as a subject if it does."""
        return line_of(self.patch or self.text, iri)

    @cached_property
    def quads(self) -> list[ox.Quad]:
        """The statements; `InputError` if the text is no RDF."""
        return parse_text(self.text, self.syntax, self.where)


class Unit(NamedTuple):
    """Documents that lie together: the one of a file, or all those of a folder."""

    documents: tuple[Document, ...]
    unread: tuple[str, ...] = ()
    """Parts of the folder that are not read, one line each."""


def read_source(
    source: Path | str | BinaryIO, *, syntax: str | None = None, stdin: BinaryIO | None = None
) -> Iterator[Unit]:
    """Yield the one document of a file or stream, or for each folder in a folder what it holds."""
    chosen = syntax_named(syntax) if syntax else None
    if source == "-":
        yield _alone(_read_stream(stdin or sys.stdin.buffer, "<stdin>", chosen))
    elif isinstance(source, (str, Path)):
        path = Path(source)
        if path.is_dir() and (tables := tables_in(path)):
            yield _alone(tables)
        elif path.is_dir():
            for files, unread in _with_files(walk(path)):
                unit = read_files(files, chosen)
                yield unit._replace(unread=(*unread, *unit.unread))
        else:
            yield _alone(_read_file(path, chosen))
    else:
        name = escape_controls(str(getattr(source, "name", "<stream>")))
        yield _alone(_read_stream(source, name, chosen))


def _alone(document: Document) -> Unit:
    """Return one document as all there is; what of a workbook is not read is told."""
    unread = document.cells.notes if document.cells else ()
    print_unread(unread)
    return Unit((document,), unread)


def tables_in(folder: Path) -> Document | None:
    """Return the CSV files of a folder as a document; None where it has none, or RDF as well."""
    if not any(folder.glob("*.csv")) or any(map(syntax_of_path, folder.iterdir())):
        return None
    found: Document | None = import_module(WORKBOOK_READER).folder_document(folder)
    return found


def _with_files(folders: Iterable[Folder]) -> list[tuple[tuple[Path, ...], tuple[str, ...]]]:
    """Return the files of each folder that has some, and what is not read there or in others."""
    found: list[tuple[tuple[Path, ...], tuple[str, ...]]] = []
    before: tuple[str, ...] = ()
    for folder in folders:
        if folder.files:
            found.append((folder.files, before + folder.unread))
            before = ()
        elif found:
            found[-1] = (found[-1][0], found[-1][1] + folder.unread)
        else:
            before += folder.unread
    return found


def read_files(paths: Iterable[Path], syntax: str | None) -> Unit:
    """Return what files of one folder hold."""
    documents = tuple(_read_file(path, syntax) for path in paths)
    unread = tuple(note for one in documents if one.cells for note in one.cells.notes)
    return Unit(documents, unread)


def _read_file(path: Path, syntax: str | None) -> Document:
    where = escape_controls(str(path))
    if path.suffix.lower() == ".gz":
        from k20kg.sources.byte_streams import open_stream

        with open_stream(str(path)) as stream:
            data = _read_bounded(stream, where)
    else:
        try:
            with path.open("rb") as file:
                _refuse_large_without_candidate(file, where)
                data = _read_bounded(file, where)
        except OSError as fault:
            raise unreadable(path, fault) from None
    document = _document(data, where, syntax or syntax_of_path(path), path.suffix)
    if document.cells:
        return document
    found = expand(document.text, document.syntax, path)
    return Document(where, found.text, "ntriples", document.text) if found else document


def _read_stream(stream: BinaryIO, where: str, syntax: str | None) -> Document:
    try:
        data = _read_bounded(stream, where)
    except OSError as fault:
        raise InputError(
            f"it cannot be read ({fault.strerror})", where=where, remedy="give a file"
        ) from None
    if not isinstance(data, bytes):
        raise TypeError("a source must be a path or a stream of bytes")
    if not data.strip():
        raise InputError("nothing came in", where=where, remedy="pipe a case in RDF into it")
    document = _document(data, where, syntax, "")
    if document.cells:
        return document
    refuse_patch(document.text, document.syntax, where)
    return document


def _document(data: bytes, where: str, syntax: str | None, suffix: str) -> Document:
    if data.startswith(OFFICE):
        workbook: Document = import_module(WORKBOOK_READER).document(data, where)
        return workbook
    if (
        len(data) > _LARGE
        and b"\0" not in data[:4]
        and _TOKEN not in data
        and not _ESCAPED_LETTER.search(data)
    ):
        decode(data[:4096].rpartition(b"\n")[0] or data[:4096], where)
        raise _no_candidate_in_large(len(data), where)
    text = decode(data, where)
    syntax = syntax or seems_to_be(text)
    if syntax is None:
        if kind := guess_kind(text):
            error = not_rdf(kind, where)
            raise (
                InputError(error.what, where=where, remedy=_TO_WORKBOOK) if "CSV" in kind else error
            )
        rename = f", or give the file a known ending instead of {escape_controls(suffix)}"
        raise InputError(
            "nobody can tell which RDF syntax this is in",
            where=where,
            remedy=f"say --syntax turtle (or what it is){rename if suffix else ''}",
        )
    return Document(where, text, syntax)


def _read_bounded(stream: BinaryIO, where: str) -> bytes:
    data = stream.read(_LARGEST_MIB * _MIB + 1)
    if len(data) > _LARGEST_MIB * _MIB:
        raise InputError(
            f"this is larger than {_LARGEST_MIB} MiB",
            where=where,
            remedy="split it into one file for each case",
        )
    return data


def _refuse_large_without_candidate(file: BinaryIO, where: str) -> None:
    """Raise for a large file that cannot hold a candidate group, before reading it whole."""
    if not file.seekable() or (size := file.seek(0, 2)) <= _LARGE:
        if file.seekable():
            file.seek(0)
        return
    file.seek(0)
    head = file.read(4096)
    if head.startswith(OFFICE):
        file.seek(0)
        return
    decode(head.rpartition(b"\n")[0] or head, where)  # not text at all is the better complaint
    tail = head
    while b"\0" not in head and not (_TOKEN in tail or _ESCAPED_LETTER.search(tail)):
        block = file.read(_MIB)
        if not block:
            raise _no_candidate_in_large(size, where)
        tail = tail[-32:] + block
    file.seek(0)


def _no_candidate_in_large(size: int, where: str) -> RecordError:
    return RecordError(
        f"there is no candidate group in these {size // _MIB} MiB",
        where=where,
        remedy="say which node is judged: <…> a k20:CandidateGroup",
    )
