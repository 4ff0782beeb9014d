"""What is there: definitions, a criterion explained, the shipped cases, files for other engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import pyoxigraph as ox

from k20kg.definition.bundles import bundle
from k20kg.definition.compiled import Plan, plan
from k20kg.definition.loader import load
from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import shipped_definitions
from k20kg.definition.subclasses import subclass_slice
from k20kg.errors import UsageError
from k20kg.judging.cases import read_cases, write_flat
from k20kg.judging.evidence import CaseFile
from k20kg.rdf.graph import key
from k20kg.rdf.text import neutralise
from k20kg.report import Look
from k20kg.report.table import Table, render_table
from k20kg.report.term import near_term, said_of_term, term_named
from k20kg.report.turtle import serialize
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.sources.terms import statements
from k20kg.vocabulary import K20, PREFIXES, shorten

if TYPE_CHECKING:
    from k20kg.model import Criterion, Definition, Reading


def definitions(name: str | None, format: str, **look: Unpack[Look]) -> str:
    """Return the list of definitions; with a name, its criteria and what each reading chooses."""
    if name is None:
        known = [load_definition(n) for n in shipped_definitions()]
        rows = [
            (d.id, d.label, len(d.criteria), ", ".join(r.id for r in d.readings)) for d in known
        ]
        table = Table("Definitions", ("definition", "label", "criteria", "readings"), rows)
        return _render(table, _about(known[0].id, {d.iri for d in known}), format, look)
    one = load_definition(name)
    columns = ("code", "criterion", "section", "to be shown", *(r.id for r in one.readings))
    rows_of_one = [
        (c.code, c.label, c.section, c.indicator, *(_choices(c, r) for r in one.readings))
        for c in one.criteria
    ]
    subjects = {one.iri, *(c.iri for c in one.criteria)}
    return _render(Table(one.label, columns, rows_of_one), _about(name, subjects), format, look)


def explain(criterion: str, name: str, format: str, **look: Unpack[Look]) -> str:
    """Return everything that there is to say of a criterion, or of a term of the vocabulary.

    Raises `UsageError` if it is neither.
    """
    definition = load_definition(name)
    try:
        one = definition.criterion(criterion)
    except KeyError:
        if iri := term_named(criterion):
            table = Table(shorten(iri), ("about", "words"), [s for s in said_of_term(iri) if s[1]])
            return _render(table, (q for q in statements() if key(q.subject) == iri), format, look)
        known = ", ".join(f"{c.code} {c.id}" for c in definition.criteria)
        near = near_term(criterion)
        raise UsageError(
            f"there is no criterion or term {neutralise(criterion)!r}",
            remedy=f"did you mean {near}? known: {known}" if near else f"known: {known}",
        ) from None
    rows = [(what, words) for what, words in _said(one, definition, name) if words]
    table = Table(f"{one.code} {one.label}", ("about", "words"), rows)
    return _render(table, _about(name, {one.iri}), format, look)


def cases(format: str, **look: Unpack[Look]) -> str:
    """Return the list of shipped cases."""
    rows = []
    for name, path in shipped_cases().items():
        for case in read_cases([path]):
            file = CaseFile(case)
            kind = "made up" if file.synthetic else "from sources"
            rows.append((name, file.label.removesuffix(" (made up)"), kind, case.group))
    if format == "turtle":
        lines = [f"<{iri}> a <{PREFIXES['k20']}CandidateGroup> .\n" for *_, iri in rows]
        return "".join(lines)
    columns = ("case", "group", "kind", "address")
    if format == "text":
        return render_table(Table("Cases", columns[:3], [r[:3] for r in rows]), format, **look)
    return render_table(Table("Cases", columns, rows), format, **look)


def write_bundles(name: str, folder: Path) -> str:
    """Write one shapes file for each reading, and the subclass slice; return what was done.

    Raises `UsageError` for an unknown definition.
    """
    definition = load_definition(name)
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for reading in definition.readings:
        names.append(f"{reading.id}.ttl")
        (folder / names[-1]).write_text(bundle(name, reading.id), encoding="utf-8")
    names.append("subclasses.ttl")
    (folder / names[-1]).write_text(subclass_slice(), encoding="utf-8")
    return f"wrote {', '.join(names)} of {definition.id} to {folder}"


def write_cases(folder: Path, *, deciding: bool = False) -> str:
    """Write each shipped case as one Turtle file, its graphs merged; return what was done.

    With `deciding`, one file for each reading: the case as it stood when the verdict was best.
    """
    from k20kg.judging.judge import Judge

    folder.mkdir(parents=True, exist_ok=True)
    known = shipped_cases()
    judge = Judge(evidence=False) if deciding else None
    for name, path in known.items():
        (case,) = read_cases([path])
        files = judge.deciding(case) if judge else {"": case}
        for reading, then in files.items():
            file = folder / ".".join(filter(None, (name, reading, "ttl")))
            file.write_text(write_flat(then), encoding="utf-8")
    each = ", as they stood when the verdict was best, a file a reading" if deciding else ""
    return f"wrote {len(known)} cases{each} to {folder}"


def _choices(criterion: Criterion, reading: Reading) -> str:
    mine = [p for p in reading.parameters if p.criterion == criterion.iri]
    return "; ".join(f"{p.name}: {p.value}" if p.value.isdigit() else p.value for p in mine)


def _said(one: Criterion, definition: Definition, name: str) -> Iterable[tuple[str, str]]:
    yield "definition", definition.label
    yield f"phrase {one.phrase_order}", one.phrase
    yield "section", one.section
    yield "means", one.definition
    yield "to be shown", one.indicator
    for words in one.counts:
        yield "counts", words
    yield "shuts out", one.shuts_out
    yield "example", one.example
    for words in one.rulings:
        yield "decided", words
    for reading in definition.readings:
        tests = plan(name, (reading.id,))
        yield f"reading {reading.id}", _choices(one, reading)
        for words in _settled_by(one, reading, tests):
            yield "would settle it", words
    shapes = {shorten(t.shape) for t in plan(name, ()).tests if t.criterion == one.iri}
    yield "tested by", ", ".join(sorted(shapes))
    terms = load(name).graph
    yield "in OWL", terms.value(one.iri, K20 + "owlNote")
    for words in sorted(terms.values(one.iri, K20 + "untiedIn")):
        yield "open in OWL", words


def _settled_by(one: Criterion, reading: Reading, tests: Plan) -> list[str]:
    parts = [
        f"{r.settled_by.rstrip('.')} ({r.supplied_by})." if r.supplied_by else r.settled_by
        for t in tests.tests
        if t.criterion == one.iri and reading.iri in t.readings and not t.counter
        for r in t.requirements
        if r.settled_by
    ]
    return list(dict.fromkeys(parts))


def _about(name: str, subjects: set[str]) -> Iterator[ox.Quad]:
    """Yield what the ontology says of some nodes."""
    return (q for q in load(name).words if key(q.subject) in subjects)


def _render(table: Table, quads: Iterable[ox.Quad], format: str, look: Look) -> str:
    """Return a listing, or, as Turtle, the statements that stand behind it."""
    if format == "turtle":
        return serialize(sorted({q.triple for q in quads}, key=str))
    return render_table(table, format, **look)
