"""The definitions that come with the tool, by their ids."""

from __future__ import annotations

from functools import cache

from k20kg.vocabulary import packaged

DEFAULT_DEFINITION = "clifford-millar-2007"
_NO_DEFINITIONS = {"record", "notes", "house", "guard", "sheets"}


@cache
def shipped_definitions() -> tuple[str, ...]:
    """Return the ids of the definitions that come with the tool, the default first.

    >>> shipped_definitions()[0]
    'clifford-millar-2007'
    """
    names = {p.stem for p in packaged("shapes").iterdir() if p.is_dir() or p.suffix == ".ttl"}
    rest = sorted(n for n in names - _NO_DEFINITIONS - {DEFAULT_DEFINITION} if n[0].isalnum())
    return (DEFAULT_DEFINITION, *rest)
