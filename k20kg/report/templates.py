"""Templates of pages and Markdown: one environment, one shell around every page."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from k20kg.report.markdown import escape
from k20kg.report.table import line, render_table

__all__ = ["fill"]

_HERE: Final = Path(__file__).parent


def fill(template: str, *, styles: tuple[str, ...] = (), **model: Any) -> str:
    """Return a filled template; `styles` are those of pictures inside, which the page may use.

    In a page (``.html``) every text is escaped for HTML, in ``.md`` for Markdown.
    """
    style = (_HERE / "page.css").read_text(encoding="utf-8")
    hashes = (b64encode(sha256(s.encode()).digest()).decode() for s in (style, *styles))
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'"
    given = {"style": Markup(style), "policy": policy, **model}
    return _environment().get_template(template).render(given) + "\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
        auto_reload=False,
    )
    environment.filters.update(
        line=line, table=lambda table: Markup(render_table(table, "html").strip())
    )
    return environment


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    """Return a text as it may stand in Markdown; HTML is escaped by the environment itself."""
    in_markdown = (context.name or "").endswith(".md")
    plain = isinstance(value, str) and not isinstance(value, Markup)
    return Markup(escape(value)) if in_markdown and plain else value
