"""Tables and query answers as text. Pure: same input, same bytes.

A listing is a `Table` of plain values; a query's answer is rows of RDF terms, a truth value, or
triples. JSON, TSV, Turtle, N-Triples and JSON-LD keep every value exactly, with characters that
could steer a terminal written as escapes. Text, Markdown, HTML and CSV are for people and their
spreadsheets: such characters become visible marks, and in CSV a text that a spreadsheet would take
for a formula gets a leading apostrophe.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple, Unpack

import pyoxigraph as ox

from k20kg.errors import UsageError
from k20kg.query.sparql import Answer, Rows, Term, Triples, Truth
from k20kg.rdf.graph import marked
from k20kg.rdf.text import UNSAFE, disarm, neutralise
from k20kg.report import Look, markdown, refuse_unknown
from k20kg.report.escape import is_web_address
from k20kg.report.terminal import BOLD, GAP, Cell, Sheet, columns
from k20kg.vocabulary import PREFIXES, XSD, shorten

Value = str | int | float | bool | Term | None
TABLE_FORMATS: Final = ("table", "text", "csv", "tsv", "json", "markdown", "html")
GRAPH_FORMATS: Final = ("turtle", "ntriples", "jsonld")
_LEAST_WIDTH: Final = 8


class Table(NamedTuple):
    """Rows under column heads, with a title."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Value]]


def render_table(table: Table, format: str, **look: Unpack[Look]) -> str:  # noqa: A002
    """Return a listing in one of `TABLE_FORMATS`; JSON is a list of objects."""
    refuse_unknown(format, TABLE_FORMATS)
    match format:
        case "csv":
            return _csv(table)
        case "tsv":
            written = ["\t".join(table.columns)]
            written += ["\t".join(" ".join(_said(v).split()) for v in row) for row in table.rows]
            return _guard("\n".join(written) + "\n", "\\u{:04X}", "\\U{:08X}")
        case "json":
            rows = [dict(zip(table.columns, map(_plain_value, r), strict=True)) for r in table.rows]
            return _json(rows)
        case "markdown":
            return _markdown(table)
        case "html":
            return _html(table)
    return _text(table, **look)


def render_answer(
    answer: Answer,
    format: str | None = None,  # noqa: A002
    *,
    title: str = "",
    **look: Unpack[Look],
) -> str:
    """Return a query's answer; without a format rows are a table and triples Turtle.

    CSV, TSV and JSON are those of SPARQL 1.1. Triples may be shown as a table too.
    """
    if isinstance(answer, Triples):
        if format is None or format in GRAPH_FORMATS:
            return _graph(answer, format or "turtle")
        answer = Rows(
            ("subject", "predicate", "object"),
            [(t.subject, t.predicate, t.object) for t in answer.triples],
        )
    elif format in GRAPH_FORMATS:
        raise UsageError(
            f"this query gives no triples to write as {format}",
            remedy=f"choose one of {', '.join(TABLE_FORMATS)}, or ask with CONSTRUCT",
        )
    if isinstance(answer, Truth):
        return _truth(answer.value, format, title)
    match format:
        case "json":
            return _json(_w3c(answer))
        case "tsv":
            return _tsv(answer)
    table = Table(title, answer.columns, answer.rows)
    return render_table(table, format or "table", **look)


# ---------------------------------------------------------------- for people


def lines(paragraphs: Sequence[tuple[str, int, bool]], **look: Unpack[Look]) -> str:
    """Return paragraphs of text, each with its indent and whether it is bold."""
    sheet = Sheet.of(look)
    for text, indent, bold in paragraphs:
        sheet.write(line(text), indent=indent, style=BOLD if bold else "")
    return sheet.text()


def _text(table: Table, **look: Unpack[Look]) -> str:
    """Return columns side by side, as wide as they need and the terminal lets them."""
    sheet = Sheet.of(look)
    # Plain before measuring: a letter may take several characters.
    rows = [[sheet.plain(_shown(value)) for value in row] for row in table.rows]
    heads = [sheet.plain(line(head)) for head in table.columns]
    widths = [
        max([columns(head), *(columns(row[n]) for row in rows)]) for n, head in enumerate(heads)
    ]
    widths = _fit(widths, sheet.width - GAP * (len(widths) - 1))
    if table.title:
        sheet.write(line(table.title), style=BOLD)
        sheet.blank()
    if heads:
        sheet.row([Cell((h,), w, BOLD) for h, w in zip(heads, widths, strict=True)])
        rule = "-" if sheet.ascii_only else "─"
        sheet.lines.append((" " * GAP).join(rule * w for w in widths))
    for row in rows:
        sheet.row([Cell((c,), w) for c, w in zip(row, widths, strict=True)])
    if not rows:
        sheet.write("no rows")
    return sheet.text()


def _fit(widths: list[int], room: int) -> list[int]:
    """Return column widths that fit: the widest give way first, none below a least width."""
    widths = [max(width, 1) for width in widths]
    while sum(widths) > room:
        widest = max(widths)
        if widest <= _LEAST_WIDTH:
            break
        lower = max([w for w in widths if w < widest], default=_LEAST_WIDTH)
        most = [n for n, w in enumerate(widths) if w == widest]
        target = max(lower, _LEAST_WIDTH, widest - -(-(sum(widths) - room) // len(most)))
        for n in most:
            widths[n] = min(target, widest - 1)
    return widths


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([neutralise(head) for head in table.columns])
    for row in table.rows:
        cells = [neutralise(_disarmed(value)) for value in row]
        if cells == [""]:
            out.write("\r\n")  # an unbound cell alone is an empty line, not a quoted text
        else:
            writer.writerow(cells)
    return out.getvalue()


def _disarmed(value: Value) -> str:
    said = _said(value)
    return disarm(said) if isinstance(value, str | ox.Literal) else said


def _markdown(table: Table) -> str:
    cells = [[markdown.escape(line(head)) for head in table.columns], ["---"] * len(table.columns)]
    cells += [[markdown.escape(_shown(value)) for value in row] for row in table.rows]
    body = "\n".join("|" + "".join(f" {c} |" if c else " |" for c in row) for row in cells)
    title = f"# {markdown.escape(line(table.title))}\n\n" if table.title else ""
    return f"{title}{body}\n"


def _html(table: Table) -> str:
    """Return a table element; the page around it is the caller's."""
    heads = "".join(f'<th scope="col">{escape(line(head))}</th>' for head in table.columns)
    caption = f"<caption>{escape(line(table.title))}</caption>\n" if table.title else ""
    body = "\n".join(
        "<tr>" + "".join(f"<td>{_link(value)}</td>" for value in row) + "</tr>"
        for row in table.rows
    )
    head = f"<thead><tr>{heads}</tr></thead>"
    return f"<table>\n{caption}{head}\n<tbody>\n{body}\n</tbody>\n</table>\n"


def _link(value: Value) -> str:
    shown = escape(_shown(value))
    if isinstance(value, ox.NamedNode) and is_web_address(value.value):
        return f'<a href="{escape(neutralise(value.value))}">{shown}</a>'
    return shown


def _shown(value: Value) -> str:
    """Return a value the way people write it, on one line."""
    said = shorten(value.value) if isinstance(value, ox.NamedNode) else _said(value)
    return line(said)


def line(text: str) -> str:
    """Return a text on one line, with nothing in it that could steer a terminal."""
    return " ".join(neutralise(text).split())


def _said(value: Value) -> str:
    """Return a value's IRI, ``_:`` label or lexical form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value.value
    return str(value)


def _plain_value(value: Value) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float) else _said(value)


# ---------------------------------------------------------------- for machines


def _truth(value: bool, format: str | None, title: str) -> str:  # noqa: A002
    word = "true" if value else "false"
    if format == "json":
        return _json({"head": {}, "boolean": value})
    refuse_unknown(format or "table", TABLE_FORMATS)
    if format == "markdown":
        return f"{markdown.escape(line(title))} **{word}**\n".lstrip()
    return f"<p>{word}</p>\n" if format == "html" else f"{word}\n"


def _w3c(answer: Rows) -> object:
    bindings = [
        {
            name: _w3c_term(term)
            for name, term in zip(answer.columns, row, strict=True)
            if term is not None
        }
        for row in answer.rows
    ]
    return {"head": {"vars": list(answer.columns)}, "results": {"bindings": bindings}}


def _w3c_term(term: Term) -> dict[str, object]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, ox.Triple):
        parts = (("subject", term.subject), ("predicate", term.predicate), ("object", term.object))
        return {"type": "triple", "value": {name: _w3c_term(part) for name, part in parts}}
    found: dict[str, object] = {"type": "literal", "value": term.value}
    if term.language:
        found["xml:lang"] = term.language
    elif term.datatype.value != XSD + "string":
        found["datatype"] = term.datatype.value
    return found


def _tsv(answer: Rows) -> str:
    lines = ["\t".join(f"?{name}" for name in answer.columns)]
    lines += ["\t".join(map(_tsv_term, row)) for row in answer.rows]
    return _guard("\n".join(lines) + "\n", "\\u{:04X}", "\\U{:08X}")


def _tsv_term(term: Term | None) -> str:
    # N-Triples escapes quotes and line ends; a tab it may leave as it is.
    return "" if term is None else str(term).replace("\t", "\\t")


def _graph(answer: Triples, format: str) -> str:  # noqa: A002
    triples = list(map(marked("").triple, answer.triples))
    form = {
        "turtle": ox.RdfFormat.TURTLE,
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "jsonld": ox.RdfFormat.JSON_LD,
    }[format]
    words = "\n".join(map(str, triples))
    # In a prefixed name an escape may not stand, so there must be none where one is needed.
    prefixes = {} if UNSAFE.search(words) else PREFIXES
    used = {name: space for name, space in prefixes.items() if f"<{space}" in words}
    text = (ox.serialize(triples, format=form, prefixes=used) or b"").decode()
    text = text if text.endswith("\n") or not text else f"{text}\n"
    return _guard(text, "\\u{:04X}", None if format == "jsonld" else "\\U{:08X}")


def _json(value: object) -> str:
    return _guard(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "\\u{:04x}", None)


def _guard(text: str, short: str, long: str | None) -> str:
    """Return a text with unsafe characters as escapes; without a long one, as surrogate pairs."""

    def mark(match: re.Match[str]) -> str:
        code = ord(match[0])
        if code < 0x10000:
            return short.format(code)
        if long:
            return long.format(code)
        code -= 0x10000
        return short.format(0xD800 + (code >> 10)) + short.format(0xDC00 + (code & 0x3FF))

    return UNSAFE.sub(mark, text)
