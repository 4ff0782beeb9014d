"""Bars, one a label: lengths are numbers from zero, the words say each number."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from k20kg.web.figures.svg import element, picture, words, wrap

__all__ = ["bars"]

_WIDTH, _LENGTH, _LINE, _BAR = 736.0, 620.0, 26.0, 28.0


def bars(pairs: Sequence[tuple[str, float]], title: str, said: str, name: str = "bars") -> Markup:
    """Return a picture of labels with their numbers; below zero a bar is drawn as an outline."""
    longest = max((abs(number) for _, number in pairs), default=0) or 1
    parts: list[str] = []
    top = 0.0
    for label, number in pairs:
        lines = wrap(label or "without a label", 54, 2)
        for line in lines:
            parts.append(element("text", words(line), x=0, y=top + 20))
            top += _LINE
        length = max(abs(number) / longest * _LENGTH, 1.5)
        kind = "bar" if number >= 0 else "bar bar-below"
        parts.append(element("rect", class_=kind, x=0, y=top + 6, width=length, height=14))
        parts.append(element("text", words(f"{number:g}"), class_="t2", x=length + 8, y=top + 19))
        top += _BAR
    return picture(name, _WIDTH, top, title, said, parts)
