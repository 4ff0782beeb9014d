"""Who works with whom: those of one sector on the left, the others on the right, tasks between.

Two sides meet where lines from both end at one task; no position is left to chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from k20kg.web.figures.svg import Node, element, picture, words, wrap

__all__ = ["Tie", "network"]

_WIDTH, _LEFT, _MIDDLE, _RIGHT = 920.0, 252.0, 460.0, 668.0
_STEP, _TASK_WIDTH, _TASK_HEIGHT = 62.0, 164.0, 74.0


@dataclass(frozen=True, slots=True)
class Tie:
    """Somebody has a part in a task; a dashed line means a part without doing the work."""

    who: str
    task: str
    dashed: bool = False


def network(
    left: Sequence[Node],
    tasks: Sequence[Node],
    right: Sequence[Node],
    ties: Sequence[Tie],
    heads: tuple[str, str, str],
    title: str,
    said: str,
) -> Markup:
    """Return the picture; a table says the same, with the parts that everybody had."""
    rows = max(len(left), len(right), 1)
    height = max(rows * _STEP, len(tasks) * (_TASK_HEIGHT + 30)) + 44
    at: dict[str, tuple[float, float]] = {}
    for x, nodes in ((_LEFT, left), (_MIDDLE, tasks), (_RIGHT, right)):
        for node, y in zip(nodes, _spread(len(nodes), height), strict=True):
            at[node.key] = (x, y)
    parts = [
        element("text", words(heads[0]), class_="t2", x=_LEFT + 6, y=20, text_anchor="end"),
        element("text", words(heads[1]), class_="t2", x=_MIDDLE, y=20, text_anchor="middle"),
        element("text", words(heads[2]), class_="t2", x=_RIGHT - 6, y=20),
    ]
    names = {node.key: node.name for node in (*left, *tasks, *right)}
    for tie in ties:
        (x1, y1), (x2, y2) = at[tie.who], at[tie.task]
        edge = x2 - _TASK_WIDTH / 2 if x1 < x2 else x2 + _TASK_WIDTH / 2
        bend = (x1 + edge) / 2
        path = f"M{x1:.0f} {y1:.1f}C{bend:.0f} {y1:.1f} {bend:.0f} {y2:.1f} {edge:.0f} {y2:.1f}"
        title_of = f"<title>{words(names[tie.who])}: {words(names[tie.task])}</title>"
        kind = "tie tie-dashed" if tie.dashed else "tie"
        parts.append(element("path", title_of, class_=kind, d=path))
    for nodes, outward in ((left, True), (right, False)):
        for node in nodes:
            parts += _person(node, *at[node.key], start=outward)
    for node in tasks:
        parts += _task(node, *at[node.key])
    return picture("network", _WIDTH, height, title, said, parts)


def _spread(count: int, height: float) -> list[float]:
    """Return so many heights, evenly over the picture below its heads."""
    room = (height - 36) / max(count, 1)
    return [36 + room * (n + 0.5) for n in range(count)]


def _lines(node: Node, at: float, y: float, width: int, anchor: str, most: int = 2) -> str:
    lines = wrap(node.name, width, most)
    spans = [
        element("tspan", words(line), x=at, dy="0" if n == 0 else "1.15em")
        for n, line in enumerate(lines)
    ]
    if node.note:
        note = wrap(node.note, width, 1)[0]
        spans.append(element("tspan", words(note), x=at, dy="1.15em", class_="t2"))
    top = y + 5 - 8.6 * (len(spans) - 1)
    return element("text", "".join(spans), x=at, y=top, text_anchor=anchor)


def _person(node: Node, x: float, y: float, *, start: bool) -> list[str]:
    at = x - 14 if start else x + 14
    return [
        element("circle", class_="node", cx=x, cy=y, r=6),
        _lines(node, at, y, 28, "end" if start else ""),
    ]


def _task(node: Node, x: float, y: float) -> list[str]:
    return [
        element(
            "rect",
            class_="task",
            x=x - _TASK_WIDTH / 2,
            y=y - _TASK_HEIGHT / 2,
            width=_TASK_WIDTH,
            height=_TASK_HEIGHT,
        ),
        _lines(node, x, y, 20, "middle", 3),
    ]
