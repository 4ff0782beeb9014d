"""The whole dataset as files to download, with checksums."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.web.formats import Format, format_of
from k20kg.web.writing import write

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["KEYS", "Dump", "checksums", "dump_names", "dumps"]

KEYS: Final = ("nq", "trig", "ttl")
_LOCK: Final = Lock()


@dataclass(frozen=True, slots=True)
class Dump:
    """The dataset in one file, compressed."""

    name: str
    """Its file name; its path is ``dump/`` and this."""
    form: Format
    body: bytes = field(repr=False)
    sha256: str
    unpacked: int
    """Bytes before compression."""


def dump_names(dataset: Dataset) -> dict[str, str]:
    """Return the file name of each dump with the key of its format; nothing is written yet."""
    return {f"k20kg-{dataset.version}.{key}.gz": key for key in KEYS}


def dumps(dataset: Dataset) -> tuple[Dump, ...]:
    """Return all dumps, the most faithful first; the first call takes seconds."""
    with _LOCK:  # whoever asks at the same time waits for the one that makes them
        return _dumps(dataset)


@lru_cache(maxsize=2)
def _dumps(dataset: Dataset) -> tuple[Dump, ...]:
    quads = list(dataset.store)
    return tuple(_dump(name, key, quads) for name, key in dump_names(dataset).items())


def _dump(name: str, key: str, quads: list[ox.Quad]) -> Dump:
    form = format_of(key)
    assert form
    plain = write(quads, form)
    body = gzip.compress(plain, mtime=0)
    return Dump(name, form, body, sha256(body).hexdigest(), len(plain))


def checksums(dataset: Dataset) -> str:
    """Return a file that ``sha256sum --check`` reads."""
    return "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps(dataset))
