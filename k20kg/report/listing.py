"""Listings: definitions, shipped cases, a criterion or term explained, files for other engines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import pyoxigraph as ox

from k20kg.definition.bundles import bundle
from k20kg.definition.cached import compiled_definition
from k20kg.definition.compiled import CompiledDefinition
from k20kg.definition.loader import load
from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import shipped_definitions
from k20kg.definition.subclasses import subclass_slice
from k20kg.errors import UsageError
from k20kg.find.usage import usage
from k20kg.judging.cases import read_cases, write_flat
from k20kg.judging.evidence import CaseFile
from k20kg.rdf.graph import Graph, str_of
from k20kg.rdf.text import escape_controls
from k20kg.rdf.turtle import by_subject, turtle
from k20kg.report import Terminal
from k20kg.report.own_case.entering import places, rows_of, term_called
from k20kg.report.table import Table, render_table
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.sources.terms import reference, reference_statements
from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, SKOS, shorten

if TYPE_CHECKING:
    from k20kg.model import Criterion, Definition, Reading

_CODE = "In Turtle"
_KINDS = {
    OWL + "Class": "class",
    OWL + "ObjectProperty": "property",
    OWL + "DatatypeProperty": "property",
    OWL + "AnnotationProperty": "annotation",
    SKOS + "Concept": "value",
}


def definitions(name: str | None, format: str, **terminal: Unpack[Terminal]) -> str:
    """Return the list of definitions; with a name, its criteria and what each reading chooses."""
    if name is None:
        known = [load_definition(n) for n in shipped_definitions()]
        rows = [
            (d.id, d.label, len(d.criteria), ", ".join(r.id for r in d.readings)) for d in known
        ]
        table = Table("Definitions", ("definition", "label", "criteria", "readings"), rows)
        return _render(table, _about(known[0].id, {d.iri for d in known}), format, terminal)
    one = load_definition(name)
    columns = ("code", "criterion", "section", "to be shown", *(r.id for r in one.readings))
    rows_of_one = [
        (c.code, c.label, c.section, c.indicator, *(_choices(c, r) for r in one.readings))
        for c in one.criteria
    ]
    subjects = {one.iri, *(c.iri for c in one.criteria)}
    return _render(Table(one.label, columns, rows_of_one), _about(name, subjects), format, terminal)


def explain(criterion: str, name: str, format: str, **terminal: Unpack[Terminal]) -> str:
    """Return everything that there is to say of a criterion, or of a term of the vocabulary.

    Raises `UsageError` if it is neither.
    """
    definition = load_definition(name)
    try:
        one = definition.criterion(criterion)
    except KeyError:
        if iri := _term_named(criterion):
            table = Table(shorten(iri), ("about", "words"), [s for s in term_entries(iri) if s[1]])
            stated = (q for q in reference_statements() if str_of(q.subject) == iri)
            return _render(table, stated, format, terminal)
        known = ", ".join(f"{c.code} {c.id}" for c in definition.criteria)
        near = _near_term(criterion)
        search = f"known: {known}; k20kg find looks for words in everything"
        raise UsageError(
            f"there is no criterion or term {escape_controls(criterion)!r}",
            remedy=f"did you mean {near}? {search}" if near else search,
        ) from None
    rows = [(what, words) for what, words in _entries(one, definition, name) if words]
    if format != "turtle":
        cells, lines = rows_of(one, definition=name)
        rows += cells
    table = Table(f"{one.code} {one.label}", ("about", "words"), rows)
    if format == "turtle" or not lines:
        return _render(table, _about(name, {one.iri}), format, terminal)
    return _with_code(table, lines, format, terminal)


def cases(format: str, **terminal: Unpack[Terminal]) -> str:
    """Return the list of shipped cases."""
    rows = []
    for name, path in shipped_cases().items():
        for case in read_cases([path]):
            file = CaseFile(case)
            kind = "made up" if case.made_up else "from sources"
            rows.append((name, file.label.removesuffix(" (made up)"), kind, case.group))
    if format == "turtle":
        candidate = ox.NamedNode(K20 + "CandidateGroup")
        return turtle({ox.NamedNode(iri): {RDF_TYPE: [candidate]} for *_, iri in rows})
    columns = ("case", "group", "kind", "address")
    if format == "text":
        return render_table(Table("Cases", columns[:3], [r[:3] for r in rows]), format, **terminal)
    return render_table(Table("Cases", columns, rows), format, **terminal)


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


def _entries(one: Criterion, definition: Definition, name: str) -> Iterable[tuple[str, str]]:
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
        tests = compiled_definition(name, (reading.id,))
        yield f"reading {reading.id}", _choices(one, reading)
        for words in _settled_by(one, reading, tests):
            yield "would settle it", words
    shapes = {
        shorten(t.shape) for t in compiled_definition(name, ()).tests if t.criterion == one.iri
    }
    yield "tested by", ", ".join(sorted(shapes))
    terms = load(name).graph
    yield "in OWL", terms.value(one.iri, K20 + "owlNote")
    for words in sorted(terms.values(one.iri, K20 + "untiedIn")):
        yield "open in OWL", words


def _settled_by(one: Criterion, reading: Reading, tests: CompiledDefinition) -> list[str]:
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
    return (q for q in load(name).words if str_of(q.subject) in subjects)


def _render(table: Table, quads: Iterable[ox.Quad], format: str, terminal: Terminal) -> str:
    """Return a listing, or, as Turtle, the statements that stand behind it."""
    if format == "turtle":
        return turtle(by_subject(sorted({q.triple for q in quads}, key=str)))
    return render_table(table, format, **terminal)


def _with_code(table: Table, code: str, format: str, terminal: Terminal) -> str:
    """Return a table, and below it lines to copy; where all has to be rows, they are one."""
    code = "".join(f"{escape_controls(line)}\n" for line in code.splitlines())
    if format in ("json", "csv"):
        return render_table(table._replace(rows=[*table.rows, (_CODE, code)]), format, **terminal)
    shown = {
        "markdown": f"## {_CODE}\n\n```turtle\n{code}```\n",
        "html": f"<h2>{_CODE}</h2>\n<pre>{escape(code)}</pre>\n",
    }.get(format, f"{_CODE}\n\n{code}")
    return f"{render_table(table, format, **terminal)}\n{shown}"


# ---------------------------------------------------------------- terms of the vocabulary


def _term_named(name: str) -> str:
    """Return the IRI of the term of a local name, with or without ``k20:``, or of a label.

    A value of a list that only describes has an address of words: ``note-kind/finding``.
    ``""`` if there is none.
    """
    local = name.removeprefix(K20).removeprefix("k20:")
    known = (iri for iri in (K20 + local, BASE + name.removeprefix(BASE)) if iri in reference())
    return next(known, "") or term_called(name)


def _near_term(name: str) -> str:
    """Return the term whose name is most like this one, as people write it; "" for none."""
    import difflib

    from k20kg.rdf.addresses import declared_terms

    local = name.removeprefix(K20).removeprefix("k20:")
    near = difflib.get_close_matches(local, declared_terms(), n=1, cutoff=0.6)
    return f"k20:{near[0]}" if near else ""


def term_entries(iri: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of a term, each under a heading; empty words say nothing."""
    terms, use = reference(), usage().get(iri)
    types = terms.values(iri, RDF_TYPE)
    kind = next((_KINDS[t] for t in types if t in _KINDS), "term")
    yield kind, f"{shorten(iri)} ({terms.label(iri)})"
    for heading, name in (("means", "definition"), ("example", "example"), ("note", "scopeNote")):
        for words in terms.values(iri, SKOS + name):
            yield heading, words
    for heading, name in (("stands on", RDFS + "domain"), ("leads to", RDFS + "range")):
        whole = [d for d in terms.values(iri, name) if d != SKOS + "Concept"]
        yield heading, _listed(c for d in whole for c in [*terms.items(d, OWL + "unionOf")] or [d])
    if OWL + "FunctionalProperty" in types:
        yield "how often", "once at most"
    yield from _values(terms, iri)
    yield "kind of", _listed(terms.values(iri, RDFS + "subClassOf"))
    yield "reached by", _listed(terms.values(iri, K20 + "reachedBy"))
    yield "closed by", _listed(terms.subjects(K20 + "closes", iri))
    yield "closes", _listed(terms.values(iri, K20 + "closes"))
    for scheme in terms.values(iri, SKOS + "inScheme"):
        yield "value of", _listed(terms.subjects(K20 + "valuesFrom", scheme))
        yield "list", terms.label(scheme)
    yield "used", f"{use.times} × in the packaged data: {use.example}" if use else ""
    yield from places(iri)
    yield "source", "; ".join(terms.values(iri, DCTERMS + "source"))


def _values(terms: Graph, iri: str) -> Iterator[tuple[str, str]]:
    for scheme in terms.values(iri, K20 + "valuesFrom"):
        for concept in terms.values(scheme, SKOS + "hasTopConcept"):
            yield "value", f"{shorten(concept)}: {terms.value(concept, SKOS + 'definition')}"
        for counts in terms.values(scheme, K20 + "ownConcept"):
            own = "a concept of your own, in your namespace and with skos:prefLabel or rdfs:label."
            yield "or", f"{own} {counts}"


def _listed(names: Iterator[str] | list[str]) -> str:
    return ", ".join(shorten(name) for name in names if not name.startswith("_:"))
