"""Classes as pictures: a tree of kinds, and boxes that properties join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from k20kg.web.figures.svg import element, picture, words, wrap

__all__ = ["boxes", "tree"]

_ROW, _STEP, _TREE_WIDTH = 26.0, 20.0, 480.0
_BOX_WIDTH, _BOX_HEIGHT, _GAP_X, _GAP_Y, _EDGE = 154.0, 52.0, 104.0, 34.0, 4.0


def tree(rows: Sequence[tuple[int, str, str]], title: str, said: str, name: str) -> Markup:
    """Return a tree of (depth, label, address), each row below the one it is a kind of."""
    parts: list[str] = []
    latest: dict[int, float] = {}
    for at, (depth, label, href) in enumerate(rows):
        x, y = depth * _STEP, at * _ROW + _ROW / 2
        if depth and depth - 1 in latest:
            above = x - _STEP + 5
            parts.append(
                element(
                    "path",
                    class_="tie",
                    d=f"M{above:.0f} {latest[depth - 1] + 6:.0f}V{y:.0f}H{x:.0f}",
                )
            )
        latest[depth] = y
        parts.append(element("circle", class_="node", cx=x + 5, cy=y, r=3.5))
        text = element("text", words(wrap(label, 44, 1)[0]), x=x + 15, y=y + 5)
        parts.append(element("a", text, href=href))
    height = max(len(rows), 1) * _ROW
    return _with_links(picture(name, _TREE_WIDTH, height, title, said, parts), "tree")


def boxes(
    columns: Sequence[Sequence[tuple[str, str, str]]],
    edges: Sequence[tuple[str, str, str, bool]],
    strong: frozenset[str],
    title: str,
    said: str,
) -> Markup:
    """Return boxes of (key, label, address) in columns, joined by edges.

    An edge is (from, to, words, whether it says that one is a kind of the other); the boxes whose
    keys are in `strong` have a thick frame.
    """
    most = max(len(column) for column in columns)
    height = most * (_BOX_HEIGHT + _GAP_Y)
    width = len(columns) * (_BOX_WIDTH + _GAP_X) - _GAP_X + 2 * _EDGE
    at: dict[str, tuple[float, float]] = {}
    for n, column in enumerate(columns):
        room = height / max(len(column), 1)
        for row, (key, _, _) in enumerate(column):
            at[key] = (_EDGE + n * (_BOX_WIDTH + _GAP_X), room * (row + 0.5))
    parts = [_edge(at, *edge) for edge in edges]
    for column in columns:
        for key, label, href in column:
            parts.append(_box(*at[key], label, href, strong=key in strong))
    return _with_links(picture("boxes", width, height, title, said, parts))


def _with_links(drawn: Markup, kind: str = "") -> Markup:
    """Return a picture as a group: what is inside an image cannot be reached by everybody."""
    plain = str(drawn).replace('role="img"', 'role="group"', 1)
    return Markup(plain.replace('class="chart ', f'class="chart {kind}'.rstrip() + " ", 1))


def _box(x: float, y: float, label: str, href: str, *, strong: bool) -> str:
    lines = wrap(label, 17)
    spans = [
        element("tspan", words(line), x=x + _BOX_WIDTH / 2, dy="0" if n == 0 else "1.15em")
        for n, line in enumerate(lines)
    ]
    top = y + 5 - 8.6 * (len(spans) - 1)
    frame = element(
        "rect",
        class_="box box-strong" if strong else "box",
        x=x,
        y=y - _BOX_HEIGHT / 2,
        width=_BOX_WIDTH,
        height=_BOX_HEIGHT,
    )
    text = element("text", "".join(spans), y=top, text_anchor="middle")
    return element("a", frame + text, href=href)


def _edge(
    at: Mapping[str, tuple[float, float]], start: str, end: str, label: str, is_a: bool
) -> str:
    (x1, y1), (x2, y2) = at[start], at[end]
    if x1 == x2:  # in one column: straight down or up
        x1 = x2 = x1 + _BOX_WIDTH / 2
        half = _BOX_HEIGHT / 2 if y1 < y2 else -_BOX_HEIGHT / 2
        y1, y2 = y1 + half, y2 - half
    else:
        x1, x2 = (x1 + _BOX_WIDTH, x2) if x1 < x2 else (x1, x2 + _BOX_WIDTH)
    bend = (x1 + x2) / 2
    path = f"M{x1:.0f} {y1:.1f}C{bend:.0f} {y1:.1f} {bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
    line = element("path", class_="tie tie-dashed" if is_a else "tie", d=path)
    tip = element("circle", class_="node", cx=x2, cy=y2, r=4)
    # Two thirds of the way, where lines from one box have parted.
    part = 0.64
    rise = part * part * (3 - 2 * part)
    said = element(
        "text",
        words(label),
        class_="t2 on-line",
        x=x1 + (x2 - x1) * 0.56,
        y=y1 + (y2 - y1) * rise + 4,
        text_anchor="middle",
    )
    return line + tip + said
