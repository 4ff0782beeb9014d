"""SVG → PNG, where resvg and the font DejaVu are installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Final

_FONT: Final = "DejaVu Sans"
_EMPTY: Final = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{}</svg>'


@cache
def painter() -> Callable[[str], bytes] | None:
    """Return what makes a PNG of SVG; None without resvg or a font, since text would be lost."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        return None
    fonts = partial(svg_to_bytes, font_family=_FONT, sans_serif_family=_FONT)
    paint = partial(fonts, monospace_family=f"{_FONT} Mono", background="#fff", zoom=2)
    letter, nothing = (_EMPTY.format(each) for each in ('<text y="8">A</text>', ""))
    found = paint(svg_string=letter) != paint(svg_string=nothing)
    return (lambda svg: bytes(paint(svg_string=svg))) if found else None


def picture_forms() -> tuple[str, ...]:
    """Return the formats in which pictures can be had: svg, and png where it can be made."""
    return ("svg", "png") if painter() else ("svg",)
