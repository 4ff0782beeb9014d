"""The one way in which pictures make elements: attributes and words escaped, no style."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from k20kg.text import neutralise

__all__ = ["Node", "element", "number", "picture", "words", "wrap"]


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody or something that a picture has a place for: its key, its name, a second line."""

    key: str
    name: str
    note: str = ""


def words(text: str) -> str:
    """Return a text that is safe in an element or an attribute."""
    return escape(neutralise(text))


def number(value: float) -> str:
    """Return a length as short as it can be written.

    >>> number(12.0), number(3.14159)
    ('12', '3.1')
    """
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, content: str = "", /, **attributes: str | float) -> str:
    """Return an element; `class_` gives ``class``, an underscore a hyphen. `content` is markup."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{words(_shown(value))}"'
        for key, value in attributes.items()
        if value != ""
    )
    return f"<{name}{given}>{content}</{name}>" if content else f"<{name}{given}/>"


def _shown(value: str | float) -> str:
    return value if isinstance(value, str) else number(value)


def picture(
    name: str, width: float, height: float, title: str, description: str, parts: Iterable[str]
) -> Markup:
    """Return a picture with its title and description; `name` keeps ids on a page apart."""
    box = f"0 0 {number(width)} {number(height)}"
    return Markup(
        f'<svg class="chart {words(name)}" viewBox="{box}" role="img" '
        f'aria-labelledby="{words(name)}-t {words(name)}-d">'
        f'<title id="{words(name)}-t">{words(title)}</title>'
        f'<desc id="{words(name)}-d">{words(description)}</desc>\n' + "\n".join(parts) + "\n</svg>"
    )


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
