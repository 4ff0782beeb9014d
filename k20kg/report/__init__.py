"""Reports: assessments in, one text out. Pure: same input, same bytes; no clock, no I/O.

Each format is a module of its own, imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from k20kg.errors import UsageError
from k20kg.model import Assessment

__all__ = ["FORMATS", "render"]

FORMATS: tuple[str, ...] = ("text", "json", "csv", "turtle", "markdown", "html")


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
    match format:
        case "text":
            from k20kg.report import text

            return text.render(
                clean, version=version, width=width, colour=colour, ascii_only=ascii_only
            )
        case "json":
            from k20kg.report import json_

            return json_.render(clean, version=version)
        case "csv":
            from k20kg.report import csv_

            return csv_.render(clean, version=version)
        case "turtle":
            from k20kg.report import turtle

            return turtle.render(clean, version=version)
        case "markdown":
            from k20kg.report import markdown

            return markdown.render(clean, version=version)
        case _:
            from k20kg.report import html

            return html.render(clean, version=version)
