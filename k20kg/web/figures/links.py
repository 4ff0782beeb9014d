"""Triples as nodes and links: what is spoken of on the left, what is said of it on the right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from k20kg.web.figures.svg import element, picture, words, wrap

__all__ = ["links"]

_WIDTH, _LEFT, _RIGHT, _STEP = 920.0, 340.0, 580.0, 50.0


def links(
    triples: Sequence[tuple[str, str, str]], title: str, said: str, name: str = "links"
) -> Markup:
    """Return a picture of (subject, property, object), all by their names.

    A property stands at its object where only one link leads there; every link tells its own when
    pointed at, and the table beside the picture holds them all.
    """
    subjects = list(dict.fromkeys(s for s, _, _ in triples))
    objects = list(dict.fromkeys(o for _, _, o in triples if o not in subjects))
    height = max(len(subjects), len(objects), 1) * _STEP + 16
    places = {
        **_column(subjects, _LEFT, height),
        **_column(objects, _RIGHT, height),
    }
    comes = Counter(o for _, _, o in triples)
    through = {o: p for _, p, o in triples}
    parts: list[str] = []
    for subject, prop, value in triples:
        (x1, y1), (x2, y2) = places[subject], places[value]
        bend = (x1 + x2) / 2 if x2 != x1 else x1 + 60
        path = f"M{x1:.0f} {y1:.1f}C{bend:.0f} {y1:.1f} {bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
        about = f"<title>{words(f'{subject}: {prop}: {value}')}</title>"
        parts.append(element("path", about, class_="tie", d=path))
    for node in (*subjects, *objects):
        x, y = places[node]
        right = x == _RIGHT
        parts.append(element("circle", class_="node", cx=x, cy=y, r=5))
        note = through[node] if right and comes[node] == 1 else ""
        parts.append(_name(node, note, x + 12 if right else x - 12, y, right=right))
    return picture(name, _WIDTH, height, title, said, parts)


def _column(nodes: Sequence[str], x: float, height: float) -> dict[str, tuple[float, float]]:
    room = height / max(len(nodes), 1)
    return {node: (x, room * (n + 0.5)) for n, node in enumerate(nodes)}


def _name(node: str, note: str, x: float, y: float, *, right: bool) -> str:
    lines = wrap(node, 29, 1 if note else 2)
    spans = [element("tspan", words(note[:29]), class_="t2", x=x)] if note else []
    spans += [
        element("tspan", words(line), x=x, dy="1.1em" if n or note else "0")
        for n, line in enumerate(lines)
    ]
    top = y + 5 - 8.2 * (len(spans) - 1)
    return element("text", "".join(spans), x=x, y=top, text_anchor="" if right else "end")
