"""Cache of results worked out from the packaged files, beside the code's own byte code.

The default definition takes 0.3 s to work out, longer than many cases to judge. Like byte code,
what is kept lies in ``__pycache__``, is made anew when a file that it was made from changes, and is
left out where nothing may be written or ``PYTHONDONTWRITEBYTECODE`` is set.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any, TypeVar

from k20kg.vocabulary import packaged

T = TypeVar("T")
_CODE = ("definition", "find", "judging", "rdf", "report", "sheets", "sources", "sparql")


def cached_on_disk(name: str, make: Callable[[], T], *folders: str) -> T:
    """Return what `make` makes of packaged files: from before, unless any file has changed.

    They are those of ontology and shapes, and of the further `folders`.
    """
    file = Path(cache_from_source(str(Path(__file__).with_name(f"{name}.py")))).with_suffix(".kept")
    stamp = _stamp(folders)
    try:
        found: tuple[Any, T] = pickle.loads(file.read_bytes())
        if found[0] == stamp:
            return found[1]
    except Exception:
        pass  # none yet, or of another release: whatever is wrong with it, it can be made anew
    made = make()
    if not sys.dont_write_bytecode:
        beside = file.with_suffix(f".{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(pickle.dumps((stamp, made)))
            beside.replace(file)
        except OSError:
            pass
    return made


@cache
def _stamp(more: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Return path, size and time of change of each file that anything kept can come from."""
    return sorted(_files(more))


def _files(more: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    here = Path(__file__).parent
    folders = [
        str(here),
        *(str(here / name) for name in _CODE),
    ]
    for name in ("ontology", "shapes", *more):
        folders += [folder for folder, _, _ in os.walk(packaged(name))]
    for folder in folders:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith((".py", ".ttl", ".nt", ".rq", ".trig")):
                    known = entry.stat()
                    yield entry.path, known.st_size, known.st_mtime_ns
