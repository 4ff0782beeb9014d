"""The whole dataset as files to download, with checksums."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Final

import pyoxigraph as ox

from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import FORMATS, Format
from k20kg.web.serializer import write

_KEYS: Final = ("nq", "trig", "ttl")
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


def dump_forms(dataset: Dataset) -> dict[str, Format]:
    """Return the file name of each dump with its format; nothing is written yet."""
    forms = (next(form for form in FORMATS if form.key == key) for key in _KEYS)
    return {f"k20kg-{dataset.version}.{form.suffix}.gz": form for form in forms}


def dumps(dataset: Dataset) -> tuple[Dump, ...]:
    """Return all dumps, the most faithful first; the first call takes seconds."""
    with _LOCK:  # whoever asks at the same time waits for the one that makes them
        return _dumps(dataset)


@lru_cache(maxsize=2)
def _dumps(dataset: Dataset) -> tuple[Dump, ...]:
    merge = ox.DefaultGraph()  # there once a query has asked for it
    quads, found = [quad for quad in dataset.store if quad.graph_name != merge], []
    for name, form in dump_forms(dataset).items():
        plain = write(quads, form)
        body = gzip.compress(plain, mtime=0)
        found.append(Dump(name, form, body, sha256(body).hexdigest(), len(plain)))
    return tuple(found)


def checksums(dataset: Dataset) -> str:
    """Return a file that ``sha256sum --check`` reads."""
    return "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps(dataset))
