"""Ways to enter a term, or what a criterion asks for: rows of the workbook and lines of Turtle.

Rows and lines come from a made-up record that was judged (`analysis.examples`), places of terms
from the workbooks as `shapes/sheets.ttl` and the ontology describe them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from k20kg.analysis.examples import example_steps
from k20kg.model import Criterion
from k20kg.rdf.turtle import Writer, by_subject
from k20kg.sheets.filling import fill
from k20kg.sheets.schema import FULL, STARTER, Sheet, fold, kind_of, vocabulary
from k20kg.sheets.workbooks import workbook
from k20kg.sources.terms import reference
from k20kg.vocabulary import K20, OWL, PREFIXES, RDF_TYPE, SKOS, shorten

GROUP: Final = "https://example.org/case/my-case"
_SAMPLES: Final = {"yesno": "true", "number": "4.0", "whole": "1", "words": '"…"@en', "text": '"…"',
                   "date": '"2005-01-31T00:00:00Z"^^xsd:dateTime'}  # fmt: skip


def rows_of(criterion: Criterion, definition: str) -> tuple[list[tuple[str, str]], str]:
    """Return the rows, each under a heading, of a record that meets a criterion, and its Turtle."""
    steps = example_steps(definition, GROUP, criterion)
    quads = [ox.Quad(*triple) for step in steps for triple in step.triples]
    group = ox.NamedNode(GROUP)
    quads.append(ox.Quad(group, ox.NamedNode(RDF_TYPE), ox.NamedNode(K20 + "CandidateGroup")))
    book = workbook(STARTER)
    filled = fill(book, quads, GROUP).rows
    rows = []
    for sheet in (sheet for sheet in book.sheets if not sheet.one_row):
        for row in filled.get(sheet.iri, []):
            cells = [
                f"{c.name} = {row[c.iri]}"
                for c in sheet.columns
                if c.iri in row and not str(row[c.iri]).startswith(GROUP)  # which needs no cell
            ]
            rows.append(("in the workbook", f"{sheet.name}: {' | '.join(cells)}"))
    writer = Writer({**PREFIXES, "": f"{GROUP}/"})
    body = "\n".join(writer.graph(by_subject(s.triples), {}) for s in steps if s.triples)
    return rows, f"{writer.head()}\n{body}" if body else ""


def term_called(name: str) -> str:
    """Return the term that has these words as its label or as its column; "" for none."""
    wanted, terms = fold(name), reference()
    called = [i for i in terms.having(SKOS + "prefLabel") if fold(terms.label(i)) == wanted]
    if called := [i for i in called if i.startswith(K20) or terms.value(i, SKOS + "inScheme")]:
        return min(called, key=lambda iri: not iri.startswith(K20))
    rules = (
        rule
        for sheet in workbook(STARTER).sheets for record in sheet.records for rule in record.rules
        if rule.column and fold(sheet.by_iri[rule.column].name) == wanted
    )  # fmt: skip
    return next((rule.predicate for rule in rules if rule.predicate.startswith(K20)), "")


def places(iri: str) -> Iterator[tuple[str, str]]:
    """Yield where a term is entered: sheets and columns, and its line in Turtle."""
    for name, heading in ((STARTER, "in the workbook"), (FULL, "with --full")):
        found = [place for sheet in workbook(name).sheets for place in _in_sheet(sheet, iri)]
        words = workbook(name).words.get(iri, "")
        begin = f"‘{words}’ in " if words else ""
        yield heading, begin + "; ".join(dict.fromkeys(found)) if found else ""
    yield "in Turtle", _line(iri)


def _in_sheet(sheet: Sheet, iri: str) -> Iterator[str]:
    for record in sheet.records:
        chosen = [r for r in record.rules if r.column and iri in (r.predicate, *r.kind.choices)]
        for rule in chosen:
            yield f"{sheet.name}, column {sheet.by_iri[rule.column].name}"
        if iri in record.classes and not chosen:
            when = record.when and record.when.column
            of = f" with {sheet.by_iri[when].name}" if when in sheet.by_iri else ""
            yield f"a row of {sheet.name}{of}"


def _line(iri: str) -> str:
    """Return how a line of Turtle with a term begins, or all of it where a sample value serves."""
    terms = vocabulary()
    kinds = terms.values(iri, RDF_TYPE)
    if OWL + "Class" in kinds:
        return f":a-name-of-your-own a {shorten(iri)} ;"
    if any(kind.endswith("Property") for kind in kinds):
        kind = kind_of(iri)
        value = shorten(kind.choices[0]) if kind.choices else _SAMPLES.get(kind.name, ":its-name")
        return f"{shorten(iri)} {value} ;"
    schemes = terms.values(iri, SKOS + "inScheme")
    properties = [p for scheme in schemes for p in terms.subjects(K20 + "valuesFrom", scheme)]
    return " or ".join(f"{shorten(p)} {shorten(iri)} ;" for p in properties)
