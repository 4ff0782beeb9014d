"""Templates of pages and Markdown: one environment, one shell around every page."""

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

from k20kg.model import Assessment, Criterion, Gap, Verdict
from k20kg.rdf.text import neutralise
from k20kg.report import markdown, outline
from k20kg.report.escape import is_web_address
from k20kg.report.marks import bar
from k20kg.report.outline import LEGEND, MADE_UP, sentence
from k20kg.report.presentation import carried_words
from k20kg.report.table import line, render_table
from k20kg.report.terminal import SIGNS, clip

_HERE: Final = Path(__file__).parent


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
    found.globals.update(legend=LEGEND, made_up=MADE_UP, signs=SIGNS)
    found.filters.update(_FILTERS)
    return found


def _name(one: Assessment) -> str:
    return one.reading.label or one.reading.id


def _tally(one: Assessment) -> str:
    if one.verdict is Verdict.MET:
        return f"All {len(one.findings)} criteria are met."
    return f"Of {len(one.findings)} criteria: {outline.tally(one)}."


def _columns(gap: Gap) -> list[str]:
    """Return what is missing, what would settle it, and who could have that."""
    stated = f"{sentence(gap.statement)} {outline.concerned(gap)}".strip()
    return [stated, sentence(gap.settled_by), sentence(gap.supplied_by)]


def _by_criterion(one: Assessment, criteria: Sequence[Criterion]) -> list[Verdict | None]:
    found = {f.criterion.iri: f.verdict for f in one.findings}
    return [found.get(criterion.iri) for criterion in criteria]


_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    **{
        name: said
        for name, said in vars(outline).items()
        if isfunction(said) and said.__module__ == outline.__name__ and name[0] != "_"
    },
    "address": lambda iri: Markup(markdown.address(iri)),
    "anchor": lambda text: re.sub(r"[^A-Za-z0-9_-]+", "-", text) or "criterion",
    "bar": lambda coverage: Markup(bar(coverage)),
    "by_criterion": _by_criterion,
    "carried_words": carried_words,
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
    return Markup(markdown.escape(text)) if (context.name or "").endswith(".md") else text
