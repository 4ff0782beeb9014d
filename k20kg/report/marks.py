"""The bar that shows how much of what is required is on record."""

from __future__ import annotations

from k20kg.model import Coverage
from k20kg.report.outline import is_number

_BOXES = 12


def bar(coverage: Coverage) -> str:
    """Return the coverage as a bar: shown, between the lowest and highest figure, the rest."""
    if not coverage.required or not 0 < coverage.required <= 1_000_000:
        return "<span></span>"
    total = float(coverage.required)
    have = min(float(coverage.stated or 0), total)
    asked = [min(float(f.value), total) for f in coverage.asked if is_number(f.value)]
    low, high = (max(min(asked), have), max(max(asked), have)) if asked else (have, have)
    scale = 10 / total * min(total, _BOXES)
    parts: list[str] = []
    if total <= _BOXES and total == int(total):
        for at in range(int(total)):
            kind = "have" if at < have else "maybe" if low <= at < high else "track"
            parts.append(
                f'<rect class="{kind}" x="{at * 10 + 0.4:g}" y="1" width="9.2" height="8"/>'
            )
    else:
        for kind, x, end in (("have", 0.0, have), ("maybe", low, high), ("track", 0.0, total)):
            if end > x:
                parts.append(
                    f'<rect class="{kind}" x="{x * scale:g}" y="1" '
                    f'width="{(end - x) * scale:g}" height="8"/>'
                )
    box = f'viewBox="0 0 {total * scale:g} 10" preserveAspectRatio="none"'
    return f'<svg {box} aria-hidden="true">{"".join(parts)}</svg>'
