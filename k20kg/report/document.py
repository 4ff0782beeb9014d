"""One report in every format: sections for people; a tree, rows and Turtle for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Unpack

from k20kg.rdf.text import markdown
from k20kg.report import Terminal, refuse_unknown
from k20kg.report.json_ import dump
from k20kg.report.table import Table, Value, line, lines, render_table


class Section(NamedTuple):
    """A title, sentences below it, and a table where there is one."""

    title: str
    sentences: tuple[str, ...] = ()
    table: Table | None = None
    picture: str = ""
    """SVG, which a page shows above the table."""


def tabled(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[Value]], *said: str
) -> Iterator[Section]:
    """Yield a section with a table, if there are rows."""
    if rows:
        yield Section(title, said, Table("", heads, rows))


@dataclass(frozen=True, slots=True)
class Report:
    """The content of a report; each part is made when a format asks for it."""

    title: str
    sections: Callable[[], Iterable[Section]]
    tree: Callable[[], object]
    rows: Callable[[], Table]
    turtle: Callable[[], str]


def write(document: Report, format: str, **terminal: Unpack[Terminal]) -> str:
    """Return a report in one of `k20kg.report.FORMATS`; `terminal` bears on text alone.

    Raises `UsageError` for an unknown format.
    """
    refuse_unknown(format)
    match format:
        case "json":
            return dump(document.tree())
        case "csv":
            return render_table(document.rows(), "csv")
        case "turtle":
            return document.turtle()
        case "markdown":
            return _markdown(document)
        case "html":
            from k20kg.report.templates import fill, read

            sections = list(document.sections())
            styles = (read("timeline.css"),) if any(one.picture for one in sections) else ()
            return fill("sections.html", styles=styles, title=document.title, sections=sections)
    parts = [lines([(document.title, 0, True)], **terminal)]
    for one in document.sections():
        paragraphs = [(one.title, 0, True)] if one.title else []
        paragraphs += [(s, 0, False) for s in one.sentences]
        parts.append("\n")
        if paragraphs:
            parts.append(lines(paragraphs, **terminal))
        if one.table:
            parts.append(render_table(one.table, "text", **terminal))
    return "".join(parts)


def _markdown(document: Report) -> str:
    blocks = [f"# {markdown(line(document.title))}"]
    for one in document.sections():
        blocks += [f"## {markdown(line(one.title))}"] if one.title else []
        blocks += [markdown(line(s)) for s in one.sentences]
        blocks += [render_table(one.table, "markdown").strip()] if one.table else []
    return "\n\n".join(blocks) + "\n"
