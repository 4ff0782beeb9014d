"""Values as trees of plain lists and objects, as JSON takes them; what goes in is told as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any

Spec = Mapping[str, "str | tuple[str, Spec] | Callable[[Any], Any]"]
"""For each key what stands there: an attribute (``criterion.id``), one with the spec of what is
found there, or a function of the value."""


def same(*names: str) -> dict[str, Any]:
    """Return the spec of attributes that are called as their keys are."""
    return {name: name for name in names}


ASSUMPTION: Spec = {
    **same("statement", "by"),
    "decides": lambda a: a.is_decisive if a.tried else None,
    "criteria": "decides",
    "overall": lambda a: a.decides_whole if a.tried else None,
}


def as_tree(value: Any, spec: Spec) -> dict[str, Any]:
    """Return an object with the keys of the spec; None where a path leads through None."""
    found = {}
    for key, how in spec.items():
        if callable(how):
            found[key] = how(value)
        else:
            path, inner = how if isinstance(how, tuple) else (how, None)
            found[key] = _plain(_follow(value, path), inner)
    return found


def stamp(at: datetime | None) -> str | None:
    """Return an instant as programs write it: ``2006-08-31T00:00:00Z``."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def _follow(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = None if value is None else getattr(value, name)
    return value


def _plain(value: Any, inner: Spec | None) -> Any:
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return [_plain(one, inner) for one in value]
    if inner and value is not None:
        return as_tree(value, inner)
    if isinstance(value, datetime):
        return stamp(value)
    return value.value if isinstance(value, Enum) else value
