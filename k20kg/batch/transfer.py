"""Batches on their way to another process of this machine: their bytes go by a file in memory.

A pipe would carry them too, in many small steps on both sides, which costs a quarter of judging.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from k20kg.batch.splitter import Piece

_MEMORY: Final = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Names of settings in malloc.h."""
_KEPT: Final = 32 << 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """Pieces without their data, and the file that holds it."""

    path: str
    pieces: tuple[Piece, ...]
    sizes: tuple[int, ...]


def folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for parcels, in memory where the system has such; gone when it is closed."""
    return tempfile.TemporaryDirectory(prefix="k20kg-", dir=_MEMORY)


def wrap(batch: list[Piece], path: str) -> Parcel | None:
    """Put the data of a batch into a file; None where there is no room for it.

    A file that is there already is written over and keeps its size: the system then need not find
    memory for it again.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.writelines(piece.data for piece in batch)
    except OSError:
        Path(path).unlink(missing_ok=True)
        return None
    return Parcel(
        path,
        tuple(replace(piece, data=b"") for piece in batch),
        tuple(len(piece.data) for piece in batch),
    )


def unwrap(parcel: Parcel) -> list[Piece]:
    """Return the batch."""
    with Path(parcel.path).open("rb") as data:
        return [
            replace(piece, data=data.read(size))
            for piece, size in zip(parcel.pieces, parcel.sizes, strict=True)
        ]


def keep_memory() -> None:
    """Let this process keep what memory it had for one case for the next, up to some MiB.

    With a large case after the other, glibc would hand it back and ask for it again each time,
    which takes a tenth of the time. Where there is no glibc, nothing is done.
    """
    if sys.platform != "linux":
        return
    import ctypes

    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        for setting in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            mallopt(setting, _KEPT)
