"""A page of titled sections, each with sentences and a table: as text, Markdown or HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path

from k20kg.report.table import Table, lines, render_table
from k20kg.text import neutralise

__all__ = ["Section", "render_sections"]


@dataclass(frozen=True, slots=True)
class Section:
    """A title, sentences below it, and a table where there is one."""

    title: str
    sentences: tuple[str, ...] = ()
    table: Table | None = None


def render_sections(
    title: str,
    sections: Sequence[Section],
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    width: int = 100,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the page in ``text``, ``markdown`` or ``html``; the latter asks for nothing else."""
    if format == "markdown":
        blocks = [f"# {_markdown(title)}"]
        for one in sections:
            blocks += [f"## {_markdown(one.title)}"] if one.title else []
            blocks += [_markdown(s) for s in one.sentences]
            blocks += [render_table(one.table, "markdown").strip()] if one.table else []
        return "\n\n".join(blocks) + "\n"
    if format == "html":
        return _html(title, sections)
    look = {"width": width, "colour": colour, "ascii_only": ascii_only}
    parts = [lines([(title, 0, True)], **look)]  # type: ignore[arg-type]
    for one in sections:
        paragraphs = [(one.title, 0, True)] if one.title else []
        paragraphs += [(s, 0, False) for s in one.sentences]
        parts.append("\n")
        if paragraphs:
            parts.append(lines(paragraphs, **look))  # type: ignore[arg-type]
        if one.table:
            parts.append(render_table(one.table, "text", **look))  # type: ignore[arg-type]
    return "".join(parts)


def _markdown(text: str) -> str:
    from k20kg.report import markdown  # imported late: start-up time counts

    return markdown.escape(" ".join(neutralise(text).split()))


def _html(title: str, sections: Sequence[Section]) -> str:
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    body = []
    for one in sections:
        body.append("<section>")
        body += [f'<h2 class="cap">{_escape(one.title)}</h2>'] if one.title else []
        body += [f"<p>{_escape(s)}</p>" for s in one.sentences]
        body += [render_table(one.table, "html").strip()] if one.table else []
        body.append("</section>")
    head = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_escape(title)}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<a class="skip" href="#main">Skip to the content</a>',
        '<header class="top"><div class="wrap"><b>k20kg</b></div></header>',
        '<main id="main" class="wrap" tabindex="-1">',
        f"<h1>{_escape(title)}</h1>",
    ]
    return "\n".join([*head, *body, "</main>", "</body>", "</html>"]) + "\n"


def _escape(text: str) -> str:
    return escape(" ".join(neutralise(text).split()))
