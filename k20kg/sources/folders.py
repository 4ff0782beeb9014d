"""Folders → their files of RDF, and a word on every part that is not read."""

from __future__ import annotations

import codecs
import gzip
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

from k20kg.errors import InputError
from k20kg.rdf.syntax import EXTENSIONS, NAMES, USUAL, seems_to_be, syntax_of_path
from k20kg.rdf.text import escape_controls

_MAYBE_RDF: Final = {".json", ".xml"}
_PACKED: Final = re.compile(r"\.(?:gz|zst|zstd|bz2|xz|lz4|zip|7z|rar|tar|tgz)$", re.IGNORECASE)
_NAMED_RDF: Final = re.compile(
    rf"(?:{'|'.join(re.escape(end) for end in EXTENSIONS)})(?![a-z0-9])", re.IGNORECASE
)
_OTHERS: Final = {".md", ".html", ".htm", ".rq", ".sparql", ".py", ".sh", ".tex"}
"""Files that may quote RDF, and are none."""
_BARE: Final = re.compile(
    r"(?:#[^\n]*|@prefix[^\n]*|\s)*\S+ a k20:CandidateGroup ;\s+rdfs:label [^\n]* \.(?:\s|#[^\n]*)*"
)
"""Turtle that names a group and says nothing of it: a skeleton that nobody has touched."""
_HEAD: Final = 20_000
SPREADSHEETS: Final = (".xlsx", ".xlsm", ".ods")
WORKBOOK_READER: Final = "k20kg.sheets.document"
"""Reads workbooks; it lies above this package, and is imported where there is one."""


class Folder(NamedTuple):
    """A folder, its files of RDF in the order of their names, and what of it is not read."""

    path: Path
    files: tuple[Path, ...]
    unread: tuple[str, ...]
    """One line each: path, reason, remedy."""


def walk(top: Path, packed: Iterable[str] = (".gz",)) -> Iterator[Folder]:
    """Yield a folder and each folder in it; `packed` are the endings that can be unpacked.

    What is not read is told on stderr. Raises `InputError` if no folder holds RDF.
    """
    found = False
    for folder in _folders(top, tuple(packed)):
        found = found or bool(folder.files)
        print_unread(folder.unread)
        yield folder
    if not found:
        raise InputError(
            "the folder holds no RDF",
            where=escape_controls(str(top)),
            remedy=f"give a folder with files that end in {', '.join(EXTENSIONS)}, or a workbook",
        )


def syntax_of_file(path: Path) -> str | None:
    """Return the syntax that a file's name promises, or else that it seems to be in."""
    return syntax_of_path(path) or seems_to_be(_head(path))


def print_unread(unread: Iterable[str]) -> None:
    """Say on stderr what is not read."""
    for line in unread:
        print(f"not read: {line}", file=sys.stderr)


def unreadable(path: Path, fault: OSError) -> InputError:
    """Return the error for a path that cannot be opened, with what was perhaps meant."""
    import difflib

    where = escape_controls(str(path))
    if isinstance(fault, FileNotFoundError):
        folder = path.parent
        if not folder.is_dir():
            remedy = f"the folder {escape_controls(str(folder))} does not exist either"
        else:
            names = sorted(entry.name for entry in folder.iterdir())
            near = difflib.get_close_matches(path.name, names, n=1, cutoff=0.5)
            remedy = (
                f"did you mean {escape_controls(str(folder / near[0]))}?"
                if near
                else "check the path"
            )
        return InputError("there is no such file", where=where, remedy=remedy)
    if isinstance(fault, PermissionError):
        return InputError(
            "you may not read this", where=where, remedy="ask for the right to read it"
        )
    return InputError(f"it cannot be read ({fault.strerror})", where=where, remedy="check the path")


def _folders(top: Path, packed: tuple[str, ...]) -> Iterator[Folder]:
    try:
        entries = sorted(top.iterdir())
    except OSError as fault:
        raise unreadable(top, fault) from None
    files: list[Path] = []
    unread: list[str] = []
    inside: list[Path] = []
    for path in entries:
        if path.is_dir() and not path.is_symlink():
            inside += [path] if not path.name.startswith(".") else []
        elif reason := _why_not(path, packed):
            unread.append(f"{escape_controls(str(path))}: {reason}")
        elif (_is_named_rdf(path, packed) and not path.name.startswith(".")) or (
            path.suffix.lower() in SPREADSHEETS and not path.name.startswith((".", "~$"))
        ):
            files.append(path)
    yield Folder(top, tuple(files), tuple(unread))
    for path in inside:
        yield from _folders(path, packed)


def _why_not(path: Path, packed: tuple[str, ...]) -> str:
    """Return why a part that may be meant is not read, and what to do; empty if there is none."""
    rdf = _is_named_rdf(path, packed)
    if path.name.startswith("."):
        hidden = rdf and not path.name.startswith("._")
        return "its name begins with a dot; rename it if it is meant" if hidden else ""
    if path.is_symlink() and not path.exists():
        return "it is a link to what is not there; mend the link"
    if path.is_dir():
        return "it is a link to a folder; give that folder itself"
    if not path.is_file():
        return "it is no file; give a file" if rdf else ""
    if rdf and path.suffix.lower() in _MAYBE_RDF and not _sounds_like_rdf(path):
        return "it does not look like RDF; write JSON-LD with an @context, or RDF/XML"
    if rdf:
        return ""
    if path.suffix.lower() in SPREADSHEETS:
        return str(import_module(WORKBOOK_READER).why_not(path))
    if _PACKED.search(path.name):
        return "it is compressed; unpack it"
    if _NAMED_RDF.search(path.name):
        ending = escape_controls(path.suffix) or path.name[-1]
        return f"its name ends in {ending}; rename it if it is meant"
    kind = seems_to_be(_head(path)) if path.suffix.lower() not in _OTHERS else None
    if kind and "w3id.org/k20kg" in (head := _head(path)).lower():
        if len(head) < _HEAD and _BARE.fullmatch(head):
            return ""
        return f"it looks like {NAMES[kind]}; name it *{USUAL[kind]} if it is meant"
    return ""


def _is_named_rdf(path: Path, packed: tuple[str, ...]) -> bool:
    inner = path.with_suffix("") if path.suffix.lower() in packed else path
    return syntax_of_path(inner) is not None and inner.suffix.lower() in EXTENSIONS


def _sounds_like_rdf(path: Path) -> bool:
    head = _head(path)
    return seems_to_be(head) == "rdfxml" or re.search(r'"@(?:context|id|graph)"', head) is not None


def _head(path: Path) -> str:
    """Return the beginning of a file; nothing if it cannot be read, which reading it tells."""
    try:
        with path.open("rb") as file:
            packed = path.suffix.lower() == ".gz"
            data = (gzip.GzipFile(fileobj=file) if packed else file).read(_HEAD)
    except (OSError, EOFError, zlib.error):
        return ""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8-sig", "replace")
