"""What pictures measure: where an instant lies on a scale, how a text is cut to fit.

The pictures themselves are macros in ``templates/figures.html``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

__all__ = ["Axis", "px", "wrap"]

_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_LEAST: Final = 46
"""Room in pixels for the name of a tick."""


def px(value: float) -> str:
    """Return a length as short as it can be written.

    >>> px(12.0), px(3.14159)
    ('12', '3.1')
    """
    return f"{value:.1f}".removesuffix(".0")


def wrap(text: str, width: int, lines: int = 2) -> list[str]:
    """Return a text in at most so many lines of about so many characters; what is over is cut.

    >>> wrap("Instructional materials development", 16)
    ['Instructional', 'materials…']
    """
    found: list[str] = [""]
    for word in re.split(r"\s+", text.strip()):
        if found[-1] and len(found[-1]) + 1 + len(word) > width:
            found.append(word)
        else:
            found[-1] = f"{found[-1]} {word}".strip()
    kept = [line if len(line) <= width else line[: width - 1] + "…" for line in found[:lines]]
    if len(found) > lines and not kept[-1].endswith("…"):
        kept[-1] = kept[-1][: width - 1].rstrip(" ,;") + "…"
    return kept


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale of time between two instants."""

    begin: datetime
    end: datetime
    left: ClassVar[float] = 190.0
    right: ClassVar[float] = 890.0

    def at(self, instant: datetime) -> float:
        """Return where an instant lies."""
        length = (self.end - self.begin).total_seconds() or 1
        share = (instant - self.begin).total_seconds() / length
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield a tick a year, or a month where years are few; its name where there is room."""
        last = -100.0
        for instant, name in self._instants():
            x = self.at(instant)
            fits = x - last >= _LEAST
            yield x, name if fits else ""
            last = x if fits else last

    def _instants(self) -> Iterator[tuple[datetime, str]]:
        years = range(self.begin.year, self.end.year + 1)
        if len(years) > 3:
            for year in years[:: max(1, len(years) // 15)]:
                if (instant := datetime(year, 1, 1, tzinfo=UTC)) >= self.begin:
                    yield instant, str(year)
            return
        for year in years:
            for month in range(1, 13, 1 if len(years) == 1 else 3):
                instant = datetime(year, month, 1, tzinfo=UTC)
                if self.begin <= instant <= self.end:
                    name = _MONTHS[3 * month - 3 : 3 * month]
                    yield instant, f"{name} {year}" if month == 1 else name
