"""Batches on their way to another process of this machine: their bytes go by a file in memory.

A pipe would carry them too, in many small steps on both sides, which costs a quarter of judging.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final

from k20kg.corpus.pieces import Piece

__all__ = ["Parcel", "folder", "unwrap", "wrap"]

_MEMORY: Final = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_NUMBERS: Final = count()


@dataclass(frozen=True, slots=True)
class Parcel:
    """Pieces without their data, and the file that holds it."""

    path: str
    pieces: tuple[Piece, ...]
    sizes: tuple[int, ...]


def folder() -> tempfile.TemporaryDirectory[str]:
    """Return a folder for parcels, in memory where the system has such; gone when it is closed."""
    return tempfile.TemporaryDirectory(prefix="k20kg-", dir=_MEMORY)


def wrap(batch: list[Piece], place: str) -> Parcel | None:
    """Put the data of a batch into a file of a folder; None where there is no room for it."""
    path = Path(place, str(next(_NUMBERS)))
    try:
        with path.open("wb") as out:
            out.writelines(piece.data for piece in batch)
    except OSError:
        path.unlink(missing_ok=True)
        return None
    return Parcel(
        str(path),
        tuple(replace(piece, data=b"") for piece in batch),
        tuple(len(piece.data) for piece in batch),
    )


def unwrap(parcel: Parcel) -> list[Piece]:
    """Return the batch, and remove the file."""
    path = Path(parcel.path)
    with path.open("rb") as data:
        path.unlink()
        return [
            replace(piece, data=data.read(size))
            for piece, size in zip(parcel.pieces, parcel.sizes, strict=True)
        ]
