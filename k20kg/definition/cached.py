"""Compiled definitions: those of shipped definitions come from the disk cache.

The compiler is imported only where one has to be made.
"""

from __future__ import annotations

import re
from functools import cache

from k20kg.definition.compiled import CompiledDefinition
from k20kg.definition.shipped import shipped_definitions
from k20kg.disk_cache import cached_on_disk


def compiled_definition(
    name: str, reading_ids: tuple[str, ...], evidence: bool = True
) -> CompiledDefinition:
    """Return some readings of a definition, compiled; all of them if none is named.

    `name` is an id, an IRI or the path of a Turtle file. With `evidence` the shapes also report
    the records that bear on each criterion. Raises `UsageError` for an unknown definition or
    reading.
    """
    made = _from_disk if name in shipped_definitions() else _compile
    return made(name, reading_ids, evidence)


@cache
def _from_disk(name: str, reading_ids: tuple[str, ...], evidence: bool) -> CompiledDefinition:
    words = [f"definition-{name}", *(re.sub(r"\W", "-", r) for r in reading_ids), "e" * evidence]
    return cached_on_disk("-".join(words), lambda: _compile(name, reading_ids, evidence))


def _compile(name: str, reading_ids: tuple[str, ...], evidence: bool) -> CompiledDefinition:
    from k20kg.definition.compiler import compile_definition
    from k20kg.definition.loader import load

    return compile_definition(load(name), reading_ids, evidence)
