"""Small parts of the page: verdict signs and their legend, the coverage bar, anchors, links."""

from __future__ import annotations

import re
from html import escape

from k20kg.model import Coverage, Verdict
from k20kg.report.escape import is_web_address
from k20kg.report.outline import LEGEND, is_number

__all__ = ["SPRITE", "anchor", "bar", "cell", "icon", "kind_of", "legend", "link", "sign"]

SPRITE = """\
<svg class="sprite" aria-hidden="true" focusable="false">
<symbol id="met" viewBox="0 0 24 24"><circle cx="12" cy="12" r="10.5" fill="currentColor"/><path class="cut" d="M7 12.4l3.4 3.4L17 9" fill="none" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="not-met" viewBox="0 0 24 24"><rect x="2" y="2" width="20" height="20" rx="1.5" fill="currentColor"/><path class="cut" d="M7.5 7.5l9 9M16.5 7.5l-9 9" fill="none" stroke-width="2.6" stroke-linecap="round"/></symbol>
<symbol id="contested" viewBox="0 0 24 24"><path d="M12 1.8L22.2 12 12 22.2 1.8 12z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round"/><path d="M12 1.8V22.2L1.8 12z" fill="currentColor"/></symbol>
<symbol id="not-established" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9.5" fill="none" stroke="currentColor" stroke-width="2.2" stroke-dasharray="4.2 2.432"/></symbol>
</svg>"""  # noqa: E501
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


def kind_of(verdict: Verdict) -> str:
    """Return the style class and symbol of a verdict: ``not-met``."""
    return verdict.value.replace(" ", "-")


def icon(verdict: Verdict) -> str:
    """Return the sign of a verdict without its word."""
    return f'<svg aria-hidden="true"><use href="#{kind_of(verdict)}"/></svg>'


def sign(verdict: Verdict, words: str) -> str:
    """Return the sign of a verdict with its words."""
    return (
        f'<span class="sign {kind_of(verdict)}">{icon(verdict)}<span>{escape(words)}</span></span>'
    )


def anchor(text: str) -> str:
    """Return a text as it may stand in an id."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text) or "criterion"


def link(iri: str) -> str:
    """Return an IRI, as a link if it is a web address."""
    shown = escape(iri)
    return f'<a href="{shown}" rel="noreferrer">{shown}</a>' if is_web_address(iri) else shown


def cell(verdict: Verdict | None) -> str:
    """Return a cell in which *met* drops its visible word, so that exceptions stand out."""
    if verdict is None:
        return "<td></td>"
    word = verdict.value
    shown = f'<span class="hidden">{word}</span>' if verdict is Verdict.MET else word
    return f'<td class="cell {kind_of(verdict)}">{icon(verdict)}{shown}</td>'


def legend() -> str:
    """Return what each sign means, as a list."""
    items = "".join(
        f"<li>{sign(verdict, verdict.value)} {escape(meaning)}</li>" for verdict, meaning in LEGEND
    )
    return f'<ul class="legend">{items}</ul>'
