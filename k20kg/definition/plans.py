"""Plans of definitions, compiled or taken from the cache.

Those of shipped definitions are kept from one run to the next, so that the compiler is imported
only to make one.
"""

from __future__ import annotations

import re
from functools import cache

from k20kg.definition.compiled import Plan
from k20kg.definition.shipped import shipped_definitions
from k20kg.disk_cache import cached_on_disk


def plan(name: str, reading_ids: tuple[str, ...], evidence: bool = True) -> Plan:
    """Return the plan for some readings of a definition; all of them if none is named.

    `name` is an id, an IRI or the path of a Turtle file. With `evidence` the shapes also report
    the records that bear on each criterion. Raises `UsageError` for an unknown definition or
    reading.
    """
    if name in shipped_definitions():
        return _shipped_plan(name, reading_ids, evidence)
    return _made(name, reading_ids, evidence)


@cache
def _shipped_plan(name: str, reading_ids: tuple[str, ...], evidence: bool) -> Plan:
    words = [f"plan-{name}", *(re.sub(r"\W", "-", r) for r in reading_ids), "e" * evidence]
    return cached_on_disk("-".join(words), lambda: _made(name, reading_ids, evidence))


def _made(name: str, reading_ids: tuple[str, ...], evidence: bool) -> Plan:
    from k20kg.definition.compiler import plan_of
    from k20kg.definition.loader import load

    return plan_of(load(name), reading_ids, evidence)
