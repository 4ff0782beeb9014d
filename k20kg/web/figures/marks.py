"""Small marks that stand in tables: whole or part of a role group, people, kinds of work."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

from k20kg.model import Coverage
from k20kg.report.marks import bar
from k20kg.web.figures.svg import element, number

__all__ = ["cover", "glyph", "goal_mark", "people"]

_MOST = 60
_GLYPHS = {
    "pooled": '<path d="M4 5H16L32 14M4 14H32M4 23H16L32 14"/><circle class="g-fill" cx="38" '
    'cy="14" r="6"/>',
    "sequential": '<path d="M10 14H42"/><circle class="g-fill" cx="8" cy="14" r="5"/><circle '
    'class="g-fill" cx="26" cy="14" r="5"/><circle class="g-fill" cx="44" cy="14" r="5"/>',
    "parallel": '<path d="M4 5H40M4 14H40M4 23H40"/><circle class="g-fill" cx="42" cy="5" r="3.5"/>'
    '<circle class="g-fill" cx="42" cy="14" r="3.5"/><circle class="g-fill" cx="42" cy="23" '
    'r="3.5"/>',
    "competitive": '<path d="M4 5L24 14M4 23L24 14M28 14H44"/><circle class="g-fill" cx="26" '
    'cy="14" r="3"/><circle cx="44" cy="14" r="5"/>',
    "facilitated": '<path d="M8 5L26 14L44 5M8 23L26 14L44 23"/><circle class="g-fill" cx="26" '
    'cy="14" r="5.5"/><circle cx="8" cy="5" r="3"/><circle cx="44" cy="5" r="3"/><circle cx="8" '
    'cy="23" r="3"/><circle cx="44" cy="23" r="3"/>',
}
"""Drawings for the kinds of interdependency, by label; a kind without one has its word alone."""


def cover(coverage: Coverage) -> Markup:
    """Return how much of what is required is on record, as a bar."""
    return Markup(bar(coverage))


def goal_mark(kind: str) -> Markup:
    """Return the mark of a goal for a role group: ``all``, ``some`` or ``unsaid``."""
    shape = {
        "all": element("rect", class_="mark-all", x=1, y=1, width=16, height=16),
        "some": element("circle", class_="mark-some", cx=9, cy=9, r=2.6),
        "unsaid": element("circle", class_="mark-unsaid", cx=9, cy=9, r=6),
    }[kind]
    return Markup(f'<svg viewBox="0 0 18 18" aria-hidden="true">{shape}</svg>')


def glyph(label: str) -> Markup:
    """Return the drawing of a kind of interdependency; nothing for one that has none."""
    drawn = _GLYPHS.get(label.strip().lower(), "")
    if not drawn:
        return Markup("")
    return Markup(f'<svg class="glyph" viewBox="0 0 52 28" aria-hidden="true">{drawn}</svg>')


def people(count: Decimal) -> Markup:
    """Return one mark a person, a half mark for a half; many people become a bar."""
    if count > _MOST:
        rest = element("rect", class_="dot", x=0, y=3, width=480, height=10)
        return Markup(
            f'<svg class="dots" viewBox="0 0 480 16" width="480" height="16" aria-hidden="true">'
            f"{rest}</svg>"
        )
    whole, half = int(count), count % 1
    parts = [element("circle", class_="dot", cx=8 + 16 * at, cy=8, r=6) for at in range(whole)]
    if half:
        x = 16 * whole
        parts.append(element("path", class_="dot", d=f"M{x + 8} 2a6 6 0 0 0 0 12z"))
        parts.append(element("path", class_="dot-out", d=f"M{x + 8} 2.8a5.2 5.2 0 0 1 0 10.4"))
    width = 16 * (whole + (1 if half else 0)) or 1
    size = f'width="{number(width)}" height="16"'
    return Markup(
        f'<svg class="dots" viewBox="0 0 {width} 16" {size} aria-hidden="true">'
        f"{''.join(parts)}</svg>"
    )
