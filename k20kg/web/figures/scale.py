"""A case in time as a picture on a page: the verdicts on the whole group, then what is dated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from k20kg.report.timeline_svg import Dated, Lane, Stretch, draw

__all__ = ["Dated", "Lane", "Stretch", "scale"]


def scale(
    lanes: Sequence[Lane],
    events: Sequence[Dated],
    begin: datetime,
    end: datetime,
    title: str,
    said: str,
) -> Markup:
    """Return the picture between two instants, as `k20kg timeline` draws it."""
    drawn = draw([("", lanes)], events, begin, end, title=title, said=said, name="scale")
    return Markup(drawn.rstrip())
