"""Many files into a store on disk: all of them or none, each once, in bounded memory.

Loading goes into a sibling of the store: a backup whose files are hard links, so it costs next to
nothing. The sibling takes the store's place in one step when everything is in. Until then the
store is locked against other writers, and readers go on reading the files that they opened.

What was loaded is noted in ``k20kg-loads.json`` inside the store, by SHA-256: blank nodes get new
names with each parse, so loading a file twice would double them.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from k20kg.errors import InputError, UsageError
from k20kg.folders import syntax_of_file
from k20kg.query.loading import Progress, list_files, load_file, source_of
from k20kg.syntax import FORMATS
from k20kg.text import neutralise

__all__ = ["Loaded", "load"]

_NOTES: Final = "k20kg-loads.json"
_RENAME_EXCHANGE: Final = 2


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did, by path."""

    added: tuple[str, ...]
    skipped: tuple[str, ...]
    """Files that were in the store already."""
    quads: int
    """Statements in the store now."""


def load(paths: Iterable[Path], folder: Path) -> Loaded:
    """Add files to the store in a folder, which is made if need be; a failed load changes nothing.

    A file that is in the store already is skipped. A file of triples that has changed since
    replaces its graph; one of quads adds what is new, since its graphs may be others' too.
    """
    files = list_files(paths)
    folder = folder.resolve()
    _refuse_other_folders(folder)
    progress = Progress(sum(path.stat().st_size for path in files))
    try:
        with _sibling(folder) as building:
            return _fill(building, files, _read_notes(folder), progress)
    finally:
        progress.clear()


def _fill(
    building: Path, files: list[Path], notes: dict[str, dict[str, str]], progress: Progress
) -> Loaded:
    """Add files to the store in a folder; it is closed when this returns."""
    store = ox.Store(str(building))
    added, skipped = [], []
    for path in files:
        if _load_once(store, path, notes, progress):
            added.append(str(path))
        else:
            skipped.append(str(path))
            progress.advance(path.stat().st_size)
    store.flush()
    (building / _NOTES).write_text(json.dumps(notes, indent=1), encoding="utf-8")
    return Loaded(tuple(added), tuple(skipped), len(store))


def _load_once(
    store: ox.Store, path: Path, notes: dict[str, dict[str, str]], progress: Progress
) -> bool:
    """Add a file unless it is there; tell whether it was added."""
    source, digest = source_of(path), _digest(path)
    syntax = syntax_of_file(path)
    holds_quads = syntax is not None and FORMATS[syntax].supports_datasets
    known = notes["sources"].get(source)
    if known == digest or (holds_quads and digest in notes["sources"].values()):
        return False
    if known and not holds_quads:
        store.remove_graph(ox.NamedNode(source))
    load_file(store, path, progress)
    notes["sources"][source] = digest
    return True


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise InputError(
            f"it cannot be read ({fault.strerror})",
            where=neutralise(str(path)),
            remedy="check your rights",
        ) from None


def _read_notes(folder: Path) -> dict[str, dict[str, str]]:
    """Return what was loaded before: source → digest; a store of Oxigraph's own has no notes."""
    path = folder / _NOTES
    if not path.exists():
        return {"sources": {}}
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        return {"sources": {str(k): str(v) for k, v in notes["sources"].items()}}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            "the notes on what was loaded cannot be read",
            where=neutralise(str(path)),
            remedy="delete them; files that are in the store may then be loaded again",
        ) from None


def _refuse_other_folders(folder: Path) -> None:
    """Raise if a folder holds something else: Oxigraph would build its store in between."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "CURRENT").exists():
        raise UsageError(
            "this folder holds other files and no store",
            where=neutralise(str(folder)),
            remedy="name a new or empty folder",
        )
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            "this is a file", where=neutralise(str(folder)), remedy="name a new or empty folder"
        )


@contextmanager
def _sibling(folder: Path) -> Iterator[Path]:
    """Give a copy of the store to load into; it takes the store's place unless something fails.

    Other loads are kept out until the swap is done, other writers until just before it: an open
    store must not find another one under its own path.
    """
    held: ox.Store | None = None
    with ExitStack() as stack:
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            if (folder / "CURRENT").exists():
                lock = stack.enter_context((folder / "LOCK").open("ab"))
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held = ox.Store(str(folder))
            name = tempfile.mkdtemp(prefix=f".{folder.name}.loading-", dir=folder.parent)
        except OSError as fault:
            raise _not_writable(fault, folder) from None
        stack.callback(_remove, Path(name))
        building = Path(name) / "store"
        try:
            if held is not None:
                for stale in folder.parent.glob(f".{folder.name}.loading-*"):
                    if stale != building.parent:  # of a load that was killed: nobody else is here
                        shutil.rmtree(stale, ignore_errors=True)
                held.backup(str(building))
            yield building
            held = None
            _put_in_place(building, folder)
        except OSError as fault:
            raise _not_writable(fault, folder) from None
        finally:
            held = None


def _remove(folder: Path) -> None:
    """Remove a folder; a store that was just closed may still write to it for a moment."""
    for _ in range(40):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def _not_writable(fault: OSError, folder: Path) -> UsageError:
    busy = isinstance(fault, BlockingIOError) or "lock" in str(fault).lower()
    what = "another process writes to it" if busy else neutralise(str(fault))
    return UsageError(
        f"the store is as it was: {what}",
        where=neutralise(str(folder)),
        remedy="wait for that load, or stop that server" if busy else "check the disk and rights",
    )


def _put_in_place(building: Path, folder: Path) -> None:
    """Swap two folders in one step, or move the new one where none was."""
    if not folder.exists() or not any(folder.iterdir()):
        building.rename(folder)
        return
    with suppress(AttributeError, OSError):
        rename = ctypes.CDLL(None, use_errno=True).renameat2
        if rename(-100, os.fsencode(building), -100, os.fsencode(folder), _RENAME_EXCHANGE) == 0:
            return
    # No exchange on this system: two steps, and back again if the second fails.
    aside = building.with_name("old")
    folder.rename(aside)
    try:
        building.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
