"""Removal of the files that a load leaves beside a store: by the next load, or a process.

As a process it waits until its standard input ends, which it does when a load ends, however that
is: a load that is killed cannot clear up itself. Whoever calls `tidy` holds the lock.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def lock_of(folder: Path) -> Path:
    """Return the file that is locked while a load runs."""
    return folder.with_name(f".{folder.name}.loading.lock")


def old_of(folder: Path) -> Path:
    """Return where the store lies that a new one is about to replace."""
    return folder.with_name(f"{copies_of(folder)}old")


def copies_of(folder: Path) -> str:
    """Return how the names of folders begin that are loaded into, and of the one replaced."""
    return f".{folder.name}.loading-"


def tidy(folder: Path) -> None:
    """Remove all that is not the store; put back a store that nothing has replaced.

    A store that is still read stays, under another name, until it is tidied again.
    """
    old = old_of(folder)
    if old.exists():
        kept = folder.with_name(f"{copies_of(folder)}read-{time.time_ns()}")
        old.rename(kept if folder.exists() else folder)
    for path in [p for p in folder.parent.iterdir() if p.name.startswith(copies_of(folder))]:
        with suppress(BlockingIOError), held(path, alone=True):
            for _ in range(40):  # a store that was just closed may still write to it for a moment
                shutil.rmtree(path, ignore_errors=True)
                if not path.exists():
                    break
                time.sleep(0.05)


@contextmanager
def held(folder: Path, *, alone: bool) -> Iterator[int | None]:
    """Keep a folder as it is while it is read; `BlockingIOError` if `alone` and others read it.

    Gives a descriptor of the folder; None on Windows, where an open file keeps its folder.
    """
    if sys.platform == "win32":
        yield None
        return
    import fcntl

    found = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
        yield found
    finally:
        os.close(found)


if __name__ == "__main__":
    sys.stdin.read()
    store, *made = map(Path, sys.argv[1:])
    with suppress(OSError):
        tidy(store)
    with suppress(OSError):
        lock_of(store).unlink()
    with suppress(OSError):
        for empty in made:  # folders made for a store that did not come to be
            empty.rmdir()
