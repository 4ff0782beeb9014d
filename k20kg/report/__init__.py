"""Reports: assessments in, one text out. Pure: same input, same bytes; no clock, no I/O.

Each format is a module of its own, imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, TypedDict, Unpack, cast

from k20kg.errors import UsageError
from k20kg.model import Assessment

__all__ = ["FORMATS", "Terminal", "load", "refuse_unknown", "render"]

_MODULES = {
    "text": "text",
    "json": "json_",
    "csv": "csv_",
    "turtle": "turtle",
    "markdown": "templates",
    "html": "templates",
}
FORMATS: tuple[str, ...] = tuple(_MODULES)


class Terminal(TypedDict, total=False):
    """Layout options of a terminal."""

    width: int
    colour: bool
    ascii_only: bool


def render(
    assessments: Sequence[Assessment], format: str, *, version: str, **terminal: Unpack[Terminal]
) -> str:
    """Return the report in one of `FORMATS`; `version` is the tool's own.

    `terminal` bears on text alone: `width` (80), `colour`, `ascii_only`. All assessments are under
    one definition. Raises `UsageError` for an unknown format.
    """
    from k20kg.rdf.text import escape_strings

    refuse_unknown(format)
    if len({one.definition.iri for one in assessments}) > 1:
        raise ValueError("the assessments are under more than one definition; render each alone")
    seen: dict[int, Any] = {}
    clean = [escape_strings(one, seen) for one in assessments]
    given: dict[str, Any] = {**terminal} if format == "text" else {}
    given |= {"format": format} if _MODULES[format] == "templates" else {}
    return cast("str", load(format).render(clean, version=version, **given))


def refuse_unknown(format: str, known: Sequence[str] = FORMATS) -> None:
    """Raise `UsageError` for a format that is none of those known."""
    from k20kg.rdf.text import escape_controls

    if format not in known:
        raise UsageError(
            f"there is no format {escape_controls(format)!r}",
            remedy=f"choose one of {', '.join(known)}",
        )


def load(format: str) -> Any:
    """Return the module of a format; importing it may be begun before there is a report."""
    return import_module(f"k20kg.report.{_MODULES[format]}")
