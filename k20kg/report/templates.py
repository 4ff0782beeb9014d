"""Pages and Markdown from templates: one environment, one shell around every page.

A page has its style inside, no script, and asks nobody for anything; everything that a record
says is escaped, and an IRI becomes a link only if it is a web address. Widths come from SVG
attributes, for the page's own security policy forbids style attributes.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from inspect import isfunction
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from k20kg.model import Assessment, Coverage, Criterion, Gap, Verdict
from k20kg.rdf.text import neutralise
from k20kg.report import wording
from k20kg.report.escape import is_web_address, markdown, markdown_address
from k20kg.report.presentation import about_run, group_by_case
from k20kg.report.table import line, render_table
from k20kg.report.terminal import SIGNS, clip

_HERE: Final = Path(__file__).parent
_BOXES: Final = 12
"""So many are drawn one by one."""


def render(assessments: Sequence[Assessment], *, version: str, format: str = "html") -> str:
    """Return a page, or Markdown; several cases are preceded by a matrix of their verdicts."""
    cases = group_by_case(assessments)
    definition = cases[0][0].definition if cases else None
    alone = len(cases) == 1
    return fill(
        {"html": "assessments.html", "markdown": "assessments.md"}[format],
        title=wording.case_title(cases[0][0]) if alone else f"Verdicts on {len(cases)} cases",
        cases=cases,
        definition=definition.label if definition else "",
        criteria=definition.criteria if definition else (),
        readings=list(dict.fromkeys(one.reading.id for one in assessments)),
        chosen=wording.list_chosen(assessments),
        made_by=about_run(assessments, version),
    )


def bar(coverage: Coverage) -> str:
    """Return the coverage as a bar: shown, between the lowest and highest figure, the rest."""
    if not coverage.required or not 0 < coverage.required <= 1_000_000:
        return "<span></span>"
    total = float(coverage.required)
    have = min(float(coverage.stated or 0), total)
    asked = [min(float(f.value), total) for f in coverage.asked if wording.is_number(f.value)]
    low, high = (max(min(asked), have), max(max(asked), have)) if asked else (have, have)
    scale = 10 / total * min(total, _BOXES)
    if total <= _BOXES and total == int(total):
        kinds = [
            "have" if at < have else "maybe" if low <= at < high else "track"
            for at in range(int(total))
        ]
        boxes = [(kind, at * 10 + 0.4, 9.2) for at, kind in enumerate(kinds)]
    else:
        spans = (("have", 0.0, have), ("maybe", low, high), ("track", 0.0, total))
        boxes = [(kind, x * scale, (end - x) * scale) for kind, x, end in spans if end > x]
    drawn = "".join(
        f'<rect class="{kind}" x="{x:g}" y="1" width="{width:g}" height="8"/>'
        for kind, x, width in boxes
    )
    box = f'viewBox="0 0 {total * scale:g} 10" preserveAspectRatio="none"'
    return f'<svg {box} aria-hidden="true">{drawn}</svg>'


def fill(template: str, *, styles: tuple[str, ...] = (), **model: Any) -> str:
    """Return a filled template; `styles` are those of pictures inside, which the page may use.

    In a page (``.html``) every text is escaped for HTML, in ``.md`` for Markdown.
    """
    style = read("page.css")
    hashes = (b64encode(sha256(s.encode()).digest()).decode() for s in (style, *styles))
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'"
    given = {"style": Markup(style), "policy": policy, **model}
    return _environment().get_template(template).render(given) + "\n"


def read(name: str) -> str:
    """Return a file of the look."""
    return (_HERE / name).read_text(encoding="utf-8")


def environment(folder: Path, finalize: Callable[..., Any]) -> Environment:
    """Return how all templates are read: HTML escaped, nothing undefined, blocks without lines."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
        auto_reload=False,
    )


@cache
def _environment() -> Environment:
    found = environment(_HERE / "templates", _finalize)
    found.globals.update(legend=wording.LEGEND, made_up=wording.MADE_UP, signs=SIGNS)
    found.filters.update(_FILTERS)
    return found


def _name(one: Assessment) -> str:
    return one.reading.label or one.reading.id


def _tally(one: Assessment) -> str:
    if one.verdict is Verdict.MET:
        return f"All {len(one.findings)} criteria are met."
    return f"Of {len(one.findings)} criteria: {wording.tally(one)}."


def _columns(gap: Gap) -> list[str]:
    """Return what is missing, what would settle it, and who could have that."""
    stated = f"{wording.sentence(gap.statement)} {wording.concerned(gap)}".strip()
    return [stated, wording.sentence(gap.settled_by), wording.sentence(gap.supplied_by)]


def _by_criterion(one: Assessment, criteria: Sequence[Criterion]) -> list[Verdict | None]:
    found = {f.criterion.iri: f.verdict for f in one.findings}
    return [found.get(criterion.iri) for criterion in criteria]


_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    **{
        name: said
        for name, said in vars(wording).items()
        if isfunction(said) and said.__module__ == wording.__name__ and name[0] != "_"
    },
    "address": lambda iri: Markup(markdown_address(iri)),
    "anchor": lambda text: re.sub(r"[^A-Za-z0-9_-]+", "-", text) or "criterion",
    "bar": lambda coverage: Markup(bar(coverage)),
    "by_criterion": _by_criterion,
    "clip": clip,
    "columns": _columns,
    "gaps": lambda f: f.missing or [Gap(f.message or "No evidence is recorded.")],
    "is_web_address": is_web_address,
    "kind": lambda verdict: verdict.value.replace(" ", "-"),
    "line": line,
    "reading": _name,
    "readings": lambda ids, case: " and ".join(_name(a) for a in case if a.reading.id in ids),
    "table": lambda table: Markup(render_table(table, "html").strip()),
    "tallied": _tally,
    "upper_first": lambda text: text[:1].upper() + text[1:],
}


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    """Return a text that steers nothing, and for Markdown escaped; HTML escapes by itself."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = neutralise(value)
    return Markup(markdown(text)) if (context.name or "").endswith(".md") else text
