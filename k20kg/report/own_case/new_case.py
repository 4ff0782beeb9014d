"""The files of a new case: a workbook to fill in, a Turtle skeleton, and what to do with them.

The skeleton is the least record that meets each criterion (`analysis.examples`), commented out,
with what the ontology says of its classes and the values that its properties may have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from shlex import quote
from typing import Final

import pyoxigraph as ox

from k20kg.analysis.examples import ExampleStep, example_steps
from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.model import Definition
from k20kg.rdf.turtle import Writer, by_subject
from k20kg.report.templates import fill as fill_template
from k20kg.sheets.cells import slug
from k20kg.sheets.excel import write_xlsx
from k20kg.sheets.filling import fill
from k20kg.sheets.schema import STARTER, kind_of, vocabulary
from k20kg.sheets.workbooks import workbook
from k20kg.vocabulary import K20, PREFIXES, RDF_TYPE, RDFS, SKOS, shorten

SKELETON: Final = "turtle-skeleton.txt"
_CLASS: Final = re.compile(r"\S+ a k20:(\w+)")
_PROPERTY: Final = re.compile(r"\s+k20:(\w+) ")
_NO_MORE: Final = "What stands above is enough."
_NOTHING: Final = "Nothing that can be recorded establishes it."
_MOST: Final = 12
"""So many values of a property are listed; `explain` lists all."""


def new_case(name: str, definition: str = DEFAULT_DEFINITION) -> dict[str, bytes]:
    """Return the files of a new case by name; `ImportError` where no workbook can be written."""
    known = load_definition(definition)
    group = f"https://example.org/case/{slug(name)}"
    candidate, label = (ox.NamedNode(p) for p in (K20 + "CandidateGroup", RDFS + "label"))
    bare = [
        ox.Quad(ox.NamedNode(group), ox.NamedNode(RDF_TYPE), candidate),
        ox.Quad(ox.NamedNode(group), label, ox.Literal(name, language="en")),
    ]
    book = workbook(STARTER)
    option = f" -d {definition}" * (definition != DEFAULT_DEFINITION)
    readme = fill_template(
        "new-case.md", name=name, path=quote(name), definition=known.label, skeleton=SKELETON,
        criteria=known.criteria, option=option,
    )  # fmt: skip
    return {
        f"{name}.xlsx": write_xlsx(book, fill(book, bare, group).rows),
        SKELETON: skeleton(known, definition, group, bare).encode(),
        "README.md": readme.encode(),
    }


def skeleton(known: Definition, definition: str, group: str, bare: list[ox.Quad]) -> str:
    """Return the Turtle skeleton: the group itself, and all else commented out."""
    writer = Writer({**PREFIXES, "": f"{group}/"})
    head = writer.graph(by_subject(bare), {})
    told: set[str] = set()
    parts = [
        f"{_title(step, known)}\n{_commented(writer.graph(by_subject(step.triples), {}), told)}"
        for step in example_steps(definition, group)
        if step.triples or step.reading.iri == known.readings[0].iri or not step.is_met
    ]
    return "\n".join([
        f"## A case by {known.label}, in Turtle.",
        "## Take away the # in front of the lines that your case has, and change names and values.",
        "## Each fact needs evidence: k20:evidencedBy, k20:disputedBy or k20:leftOpenBy.\n",
        writer.head(), head, *parts,
    ])  # fmt: skip


def _title(step: ExampleStep, known: Definition) -> str:
    one = step.criterion
    lines = [f"## {'-' * 64} {one.code} {one.label}, {step.reading.id}"]
    if step.reading.iri == known.readings[0].iri:
        lines.append(f"## To be shown: {one.indicator}")
    if not step.triples:
        lines.append("## " + (_NO_MORE if step.is_met else _NOTHING))
    return "\n".join([*lines, *(f"##   {statement}" for statement in step.statements)])


def _commented(text: str, told: set[str]) -> str:
    """Return lines of Turtle as comments, each class and list of values explained once."""
    lines: list[str] = []
    for line in text.splitlines():
        if (kind := _CLASS.match(line)) and kind[1] not in told:
            told.add(kind[1])
            means = vocabulary().value(K20 + kind[1], SKOS + "definition")
            lines.append(f"## k20:{kind[1]}: {means}")
        more = ", ".join(_values(line, told))
        lines.append(f"# {line}{more and f'  # one of: {more}'}" if line else "")
    return "\n".join(lines) + "\n"


def _values(line: str, told: set[str]) -> Iterator[str]:
    """Yield the values that may stand on a line, the first time that its property comes."""
    found = _PROPERTY.match(line)
    choices = kind_of(K20 + found[1]).choices if found else ()
    if found and len(choices) > 1 and found[1] not in told:
        told.add(found[1])
        yield from map(shorten, choices[:_MOST])
