"""What pictures measure: lengths, and how a text is cut to fit.

The pictures themselves are macros in ``templates/figures.html``.
"""

from __future__ import annotations

import re


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
