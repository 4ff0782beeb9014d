"""Tables and query answers in every format. Pure: same input, same bytes.

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
from k20kg.rdf.graph import numbered_blank_nodes
from k20kg.rdf.text import UNSAFE, escape_controls, escape_formula, is_web_address, markdown
from k20kg.report import Terminal, refuse_unknown
from k20kg.report.json_ import dump
from k20kg.report.terminal import BOLD, GAP, Cell, TextLayout, columns
from k20kg.sparql.sparql import Answer, AskResult, Rows, Term, Triples
from k20kg.vocabulary import PREFIXES, XSD, shorten

Value = str | int | float | bool | Term | None
TABLE_FORMATS: Final = ("table", "text", "csv", "tsv", "json", "markdown", "html")
GRAPH_FORMATS: Final = ("turtle", "ntriples", "jsonld")
_LEAST_WIDTH: Final = 8
_LABEL: Final = 24
"""A label up to this width, such as the name of a reading, is broken after a slash alone."""


class Table(NamedTuple):
    """Rows under column heads, with a title."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    rigid: frozenset[int] = frozenset()
    """Columns that are as wide as they are: no line of them is broken."""


def render_table(table: Table, format: str, **terminal: Unpack[Terminal]) -> str:
    """Return a listing in one of `TABLE_FORMATS`; JSON is a list of objects."""
    refuse_unknown(format, TABLE_FORMATS)
    match format:
        case "csv":
            return _csv(table)
        case "tsv":
            written = ["\t".join(table.columns)]
            written += [
                "\t".join(" ".join(_value_text(v).split()) for v in row) for row in table.rows
            ]
            return _rdf_escapes("\n".join(written) + "\n")
        case "json":
            rows = [[_plain(value) for value in row] for row in table.rows]
            return _json_escapes(dump([dict(zip(table.columns, r, strict=True)) for r in rows]))
        case "markdown":
            return _markdown(table)
        case "html":
            return _html(table)
    return _text(table, **terminal)


def render_answer(
    answer: Answer, format: str | None = None, *, title: str = "", **terminal: Unpack[Terminal]
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
    if isinstance(answer, AskResult):
        return _truth(answer.value, format, title)
    match format:
        case "json":
            return _json_escapes(dump(_w3c(answer)))
        case "tsv":
            return _tsv(answer)
    table = Table(title, answer.columns, answer.rows)
    return render_table(table, format or "table", **terminal)


# ---------------------------------------------------------------- for people


def lines(paragraphs: Sequence[tuple[str, int, bool]], **terminal: Unpack[Terminal]) -> str:
    """Return paragraphs of text, each with its indent and whether it is bold."""
    sheet = TextLayout.of(terminal)
    for text, indent, bold in paragraphs:
        sheet.write(line(text), indent=indent, style=BOLD if bold else "")
    return sheet.text()


def _text(table: Table, **terminal: Unpack[Terminal]) -> str:
    """Return columns side by side, as wide as they need and the terminal lets them."""
    sheet = TextLayout.of(terminal)
    # Plain before measuring: a letter may take several characters.
    rows = [[sheet.plain(_shown(value)) for value in row] for row in table.rows]
    heads = [
        sheet.plain(head if at in table.rigid else line(head))
        for at, head in enumerate(table.columns)
    ]
    room = sheet.width - GAP * (len(heads) - 1)
    widths = [min(max(1, *map(columns, column)), room) for column in zip(heads, *rows, strict=True)]
    soft = [at for at in range(len(heads)) if at not in table.rigid]
    texts = [" ".join(column) for column in zip(heads, *rows, strict=True)]
    words = [_longest_part(text, "/–-") for text in texts]
    labels = [max(w, min(_LABEL, _longest_part(t, "/"))) for w, t in zip(words, texts, strict=True)]
    # The widest give way first, as far as whole words let them, and further beside a rigid one.
    for least in (labels, words, *[[_LEAST_WIDTH] * len(heads)] * bool(table.rigid)):
        while sum(widths) > room and (wide := [at for at in soft if widths[at] > least[at]]):
            widths[max(wide, key=widths.__getitem__)] -= 1
    if table.title:
        sheet.write(line(table.title), style=BOLD)
        sheet.blank()
    if sum(widths) > room and not table.rigid:  # then each row is a block of lines
        for at, row in enumerate(rows):
            sheet.lines += [""] * bool(at)
            for head, cell in zip(heads, row, strict=True):
                if cell:
                    sheet.write(cell, lead=f"{head}:", indent=2)
        return sheet.text()
    if heads:
        sheet.row([Cell((h,), w, BOLD) for h, w in zip(heads, widths, strict=True)])
        rule = "-" if sheet.ascii_only else "─"
        sheet.lines.append((" " * GAP).join(rule * w for w in widths))
    for row in rows:
        sheet.row([Cell((c,), w) for c, w in zip(row, widths, strict=True)])
    if not rows:
        sheet.write("no rows")
    return sheet.text()


def _longest_part(text: str, ends: str) -> int:
    """Return the width of the longest word of a text, or part of one up to such a sign."""
    return max(map(columns, re.findall(rf"[^\s{ends}]*[{ends}]?", text)))


def _csv(table: Table) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (table.columns, *table.rows):
        # A number is none of a formula's signs; nor is an address.
        texts = [(_value_text(v), isinstance(v, str | ox.Literal)) for v in row]
        cells = [
            escape_controls(escape_formula(said) if is_text else said) for said, is_text in texts
        ]
        if cells == [""]:
            out.write("\r\n")  # an unbound cell alone is an empty line, not a quoted text
        else:
            writer.writerow(cells)
    return out.getvalue()


def _markdown(table: Table) -> str:
    cells = [[markdown(line(head)) for head in table.columns], ["---"] * len(table.columns)]
    cells += [[markdown(_shown(value)) for value in row] for row in table.rows]
    body = "\n".join("|" + "".join(f" {c} |" if c else " |" for c in row) for row in cells)
    title = f"# {markdown(line(table.title))}\n\n" if table.title else ""
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
        return f'<a href="{escape(escape_controls(value.value))}">{shown}</a>'
    return shown


def _shown(value: Value) -> str:
    """Return a value the way people write it, on one line."""
    said = shorten(value.value) if isinstance(value, ox.NamedNode) else _value_text(value)
    return line(said)


def line(text: str) -> str:
    """Return a text on one line, with nothing in it that could steer a terminal."""
    return " ".join(escape_controls(text).split())


def _value_text(value: Value) -> str:
    """Return a value's IRI, ``_:`` label or lexical form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value.value
    return str(value)


def _plain(value: Value) -> str | int | float | bool | None:
    return value if value is None or isinstance(value, str | int | float) else _value_text(value)


# ---------------------------------------------------------------- for machines


def _truth(value: bool, format: str | None, title: str) -> str:
    word = "true" if value else "false"
    if format == "json":
        return dump({"head": {}, "boolean": value})
    refuse_unknown(format or "table", TABLE_FORMATS)
    if format == "markdown":
        return f"{markdown(line(title))} **{word}**\n".lstrip()
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
    return _rdf_escapes("\n".join(lines) + "\n")


def _tsv_term(term: Term | None) -> str:
    # N-Triples escapes quotes and line ends; a tab it may leave as it is.
    return "" if term is None else str(term).replace("\t", "\\t")


def _graph(answer: Triples, format: str) -> str:
    triples = list(map(numbered_blank_nodes("").triple, answer.triples))
    form = {
        "turtle": ox.RdfFormat.TURTLE,
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "jsonld": ox.RdfFormat.JSON_LD,
    }[format]
    # In a prefixed name an escape may not stand, so there must be none where one is needed.
    words = "\n".join(map(str, triples))
    prefixes = (
        {}
        if UNSAFE.search(words)
        else {name: space for name, space in PREFIXES.items() if f"<{space}" in words}
    )
    text = (ox.serialize(triples, format=form, prefixes=prefixes) or b"").decode()
    text = text if text.endswith("\n") or not text else f"{text}\n"
    return _json_escapes(text) if format == "jsonld" else _rdf_escapes(text)


def _json_escapes(text: str) -> str:
    """Return JSON with unsafe characters as its escapes."""
    return UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _rdf_escapes(text: str) -> str:
    """Return a text with unsafe characters as the escapes of Turtle and its kin."""
    return UNSAFE.sub(
        lambda m: f"\\u{ord(m[0]):04X}" if ord(m[0]) < 0x10000 else f"\\U{ord(m[0]):08X}", text
    )
