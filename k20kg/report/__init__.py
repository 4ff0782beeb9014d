"""Reports: assessments in, one text out. Pure: same input, same bytes; no clock, no I/O.

Each format is a module of its own, imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from k20kg.errors import UsageError
from k20kg.model import Assessment

__all__ = ["FORMATS", "load", "render"]

_MODULES = {
    "text": "text",
    "json": "json_",
    "csv": "csv_",
    "turtle": "turtle",
    "markdown": "markdown",
    "html": "html",
}
FORMATS: tuple[str, ...] = tuple(_MODULES)


def render(
    assessments: Sequence[Assessment],
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
    version: str,
) -> str:
    """Return the report in one of `FORMATS`; `version` is the tool's own.

    `width`, `colour` and `ascii_only` bear on text alone. All assessments are under one
    definition. Raises `UsageError` for an unknown format.
    """
    from k20kg.report.escape import cleanse
    from k20kg.text import neutralise

    if format not in FORMATS:
        raise UsageError(
            f"there is no format {neutralise(format)!r}",
            remedy=f"choose one of {', '.join(FORMATS)}",
        )
    if len({one.definition.iri for one in assessments}) > 1:
        raise ValueError("the assessments are under more than one definition; render each alone")
    seen: dict[int, Any] = {}
    clean = [cleanse(one, seen) for one in assessments]
    look = {"width": width, "colour": colour, "ascii_only": ascii_only}
    return cast(
        "str", load(format).render(clean, version=version, **(look if format == "text" else {}))
    )


def load(format: str) -> Any:  # noqa: A002
    """Return the module of a format; importing it may be begun before there is a report."""
    return import_module(f"k20kg.report.{_MODULES[format]}")
