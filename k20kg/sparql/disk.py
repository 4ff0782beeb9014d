"""Many files into a store on disk: all of them or none, each once, in bounded memory.

Loading goes into a copy of the store beside it, whose files are hard links, so it costs next to
nothing. The copy takes the store's place when everything is in. Other loads are kept out by a lock
file, which is there before a new store is; readers go on reading the files that they opened.

What was loaded is noted in ``k20kg-loads.json`` inside the store, by SHA-256: blank nodes get new
names with each parse, so loading a file twice would double them. Once a triple stands in two
graphs, the default graph holds the merge of all graphs; ``k20kg-default.nt`` keeps what was loaded
into no other graph. A store without that file was made by Oxigraph or an earlier version.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from k20kg.errors import InputError, UsageError
from k20kg.rdf.syntax import FORMATS
from k20kg.rdf.text import escape_controls
from k20kg.sources.byte_streams import Advance
from k20kg.sources.folders import syntax_of_file, unreadable
from k20kg.sparql import tidy
from k20kg.sparql.loading import list_files, read_quads, source_of
from k20kg.sparql.merge import has_default, is_set

_NOTES: Final = "k20kg-loads.json"
_STATED: Final = "k20kg-default.nt"
_BATCH: Final = 100_000
_PATIENCE: Final = 5.0
_DEFAULT: Final = ox.DefaultGraph()
_PASSED_OVER: Final = shutil.ignore_patterns("LOCK", "LOG*")
_DESCRIPTORS: Final = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Results of a load, by path."""

    added: tuple[str, ...]
    skipped: tuple[str, ...]
    """Files that were in the store already."""
    quads: int
    """Statements in the store now; one in two graphs is two."""


def load(
    paths: Iterable[Path], folder: Path, *, show: Callable[[str], None] = lambda _: None
) -> Loaded:
    """Add files to the store in a folder, which is made if need be; a failed load changes nothing.

    A file that is in the store already is skipped. A file of triples that has changed since
    replaces its graph; one of quads adds what is new, since its graphs may be others' too. A store
    that is not merged is merged, even if there are no files.
    """
    files = list_files(paths)
    folder = folder.resolve()
    _refuse_other_folders(folder, needed=not files)
    advance = _share(sum(path.stat().st_size for path in files), show)
    try:
        with _copy(folder) as building:
            return _fill(building, files, _read_notes(folder), advance)
    except OSError as fault:
        raise _not_writable(fault, folder) from None


def _share(total: int, show: Callable[[str], None]) -> Advance:
    """Return a function that counts bytes and shows each per cent of them."""
    done, shown = 0, -1

    def advance(count: int) -> None:
        nonlocal done, shown
        done += count
        if (share := min(100 * done // max(total, 1), 100)) > shown:
            shown = share
            show(f"loading {share}% of {total / 1e6:.0f} MB")

    return advance


def open_as_it_is(folder: Path) -> tuple[ox.Store, bool, ExitStack]:
    """Return a store for reading, whether it is merged, and what keeps its files until closed.

    Oxigraph opens some files of a store when it needs them only, by their path. Where a path can
    name a folder by descriptor, they are those of this store even if a load has replaced it.
    """
    folder = folder.resolve()
    while folder.exists() or tidy.old_of(folder).exists():
        if not folder.exists():
            with _locked(folder):  # a load that is about to end, or was killed there
                tidy.tidy(folder)
                tidy.lock_of(folder).unlink()
        with ExitStack() as stack:
            try:
                found = stack.enter_context(tidy.held(folder, alone=False))
                if found is not None and not os.path.samestat(os.fstat(found), folder.stat()):
                    continue
            except FileNotFoundError:  # a load puts another in its place at this moment
                continue
            path = _DESCRIPTORS / str(found) if found and _DESCRIPTORS.exists() else folder
            store = ox.Store.read_only(str(path))
            return store, (path / _STATED).exists(), stack.pop_all()
    raise FileNotFoundError(folder)


# ---------------------------------------------------------------- filling


def _fill(building: Path, files: list[Path], notes: dict[str, str], advance: Advance) -> Loaded:
    """Add files to the store in a folder; it is closed when this returns."""
    store, stated = ox.Store(str(building)), building / _STATED
    merged = stated.exists() and has_default(store)
    if not stated.exists():
        store.dump(stated, ox.RdfFormat.N_TRIPLES, from_graph=_DEFAULT)
    added, skipped, replaced = [], [], []
    for path in files:
        source, digest = source_of(path), _digest(path)
        syntax = syntax_of_file(path)
        holds_quads = syntax is not None and FORMATS[syntax].supports_datasets
        known = notes.get(source)
        if known == digest or (holds_quads and digest in notes.values()):
            skipped.append(path)
            advance(path.stat().st_size)
            continue
        if known and not holds_quads:
            replaced.append(ox.NamedNode(source))
        notes[source] = digest
        added.append(path)
    _remove(store, replaced, stated, merged)
    _add(store, chain.from_iterable(read_quads(path, advance) for path in added), stated, merged)
    store.flush()
    text = json.dumps({"sources": notes}, indent=1)
    (building / _NOTES).write_text(text, encoding="utf-8")
    return Loaded(tuple(map(str, added)), tuple(map(str, skipped)), _size(store, stated))


def _add(store: ox.Store, quads: Iterator[ox.Quad], stated: Path, merged: bool) -> None:
    """Add quads; if a triple stands in two graphs then, all triples to the default graph too.

    That is looked for in the end, and before the second batch, when merging costs little yet.
    """
    batches = iter(lambda: list(islice(quads, _BATCH)), [])
    with stated.open("a", encoding="utf-8") as notes:
        for number, batch in enumerate(batches):
            merged = merged or (number == 1 and _merge(store))
            alone = [quad for quad in batch if quad.graph_name == _DEFAULT]
            notes.writelines(f"{quad.triple} .\n" for quad in alone)
            store.bulk_extend(chain(batch, _bare(batch)) if merged else batch)
    if not merged:
        _merge(store)


def _merge(store: ox.Store) -> bool:
    """Add all triples to the default graph unless the union of graphs is right; tell if so."""
    if is_set(store):
        return False
    store.bulk_extend(_bare(store))
    return True


def _bare(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield triples in the default graph."""
    return (ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads)


def _remove(store: ox.Store, graphs: list[ox.NamedNode], stated: Path, merged: bool) -> None:
    """Remove graphs, and from a merged default graph what stands nowhere else."""
    for graph in graphs:
        if merged:
            store.update(
                f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} "
                f"FILTER NOT EXISTS {{ GRAPH ?h {{ ?s ?p ?o }} FILTER (?h != {graph}) }} }}"
            )
        store.remove_graph(graph)
    if graphs:
        store.extend(ox.parse(path=stated, format=ox.RdfFormat.N_TRIPLES))


def _size(store: ox.Store, stated: Path) -> int:
    """Return how many statements there are, without those that the merge has added."""
    found = store.query("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert isinstance(found, ox.QuerySolutions)
    with stated.open(encoding="utf-8") as lines:
        return int(next(found)["n"].value) + len(set(lines))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise unreadable(path, fault) from None


def _read_notes(folder: Path) -> dict[str, str]:
    """Return what was loaded before: source → digest; a store of Oxigraph's own has no notes."""
    path = folder / _NOTES
    if not path.exists():
        return {}
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        return {str(k): str(v) for k, v in notes["sources"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            "the notes on what was loaded cannot be read",
            where=escape_controls(str(path)),
            remedy="delete them; files that are in the store may then be loaded again",
        ) from None


def _refuse_other_folders(folder: Path, *, needed: bool) -> None:
    """Raise if a folder holds something else, or no store where one is needed."""
    where, remedy = escape_controls(str(folder)), "name a new or empty folder"
    if folder.exists() and not folder.is_dir():
        raise UsageError("this is a file", where=where, remedy=remedy)
    if (folder / "CURRENT").exists():
        return
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("this folder holds other files and no store", where=where, remedy=remedy)
    if needed:
        raise UsageError("there are no files to load", remedy="name files or folders of RDF")


# ---------------------------------------------------------------- in place


@contextmanager
def _copy(folder: Path) -> Iterator[Path]:
    """Give a copy of the store to load into; it takes the store's place unless something fails.

    Other loads are kept out until that is done, other writers until just before it: an open
    store must not find another one under its own path.
    """
    made = [path for path in folder.parents if not path.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder) as lock, _tidied(folder, made, lock):
        tidy.tidy(folder)
        copies = tempfile.mkdtemp(prefix=tidy.copies_of(folder), dir=folder.parent)
        building = Path(copies) / "store"
        with ExitStack() as stack:
            if (folder / "CURRENT").exists():
                stack.enter_context(_without_writers(folder))
                shutil.copytree(folder, building, ignore=_PASSED_OVER, copy_function=_link)
            yield building
            if folder.exists():
                if not _DESCRIPTORS.exists():
                    stack.enter_context(tidy.held(folder, alone=True))
                folder.rename(tidy.old_of(folder))
            building.rename(folder)


def _link(source: str, target: str) -> None:
    """Copy a file; those that hold data never change, so a hard link will do."""
    if source.endswith(".sst"):
        with suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)


@contextmanager
def _without_writers(folder: Path) -> Iterator[None]:
    """Keep Oxigraph from writing to a store elsewhere; `BlockingIOError` if it does."""
    if sys.platform == "win32":  # there an open file keeps its folder
        yield
        return
    import fcntl

    with (folder / "LOCK").open("ab") as file:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


@contextmanager
def _tidied(folder: Path, made: list[Path], lock: int) -> Iterator[None]:
    """Start a process that clears up in the end, also if this one is killed; it holds the lock."""
    line = [sys.executable, "-I", "-S", tidy.__file__, *map(str, (folder, *made))]
    fds = (lock,) if os.name == "posix" else ()
    none = subprocess.DEVNULL
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=none, stderr=none, pass_fds=fds, start_new_session=True
    ):
        yield  # its input ends here, and it is waited for


@contextmanager
def _locked(folder: Path) -> Iterator[int]:
    """Hold the lock file of a store; `BlockingIOError` if another load does for seconds."""
    path, until = tidy.lock_of(folder), time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with path.open("ab") as file:
            if _lock(file.fileno(), path):
                yield file.fileno()
                return
        time.sleep(0.05)
    raise BlockingIOError


def _lock(descriptor: int, path: Path) -> bool:
    """Lock a file; tell whether that could be done and the file is still there."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def _not_writable(fault: OSError, folder: Path) -> UsageError:
    busy = isinstance(fault, BlockingIOError) or "lock" in str(fault).lower()
    what = "another process writes to it" if busy else escape_controls(str(fault))
    return UsageError(
        f"the store is as it was: {what}",
        where=escape_controls(str(folder)),
        remedy="wait for that load, or stop that server" if busy else "check the disk and rights",
    )
