"""Faults of a case record: those that no SHACL engine can see, and SHACL's own, in words.

A shapes graph cannot say that a term is misspelt, that a literal stands for nothing of its type,
or that an address would run a script. These are looked for in the statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final, NamedTuple

import pyoxigraph as ox

from k20kg.definition.compiled import CompiledDefinition
from k20kg.engines import Result
from k20kg.errors import RecordError
from k20kg.judging.cases import Case
from k20kg.rdf.addresses import address_fault, property_fault
from k20kg.rdf.characters import cut_numbers
from k20kg.rdf.graph import str_of
from k20kg.rdf.literals import canonical, is_literal_of, literal_fault
from k20kg.rdf.normal_form import is_named_here
from k20kg.rdf.text import escape_controls
from k20kg.vocabulary import RDF_TYPE, XSD, shorten

_TYPE: Final = ox.NamedNode(RDF_TYPE)
_LINES_SOUGHT: Final = 100
"""For so many faults of a case the line is looked up; it costs a search of the text each."""


class Fault(NamedTuple):
    """One thing wrong with a record: where, with which node, what, and what to do."""

    where: str
    """File and line, ``lamsig.ttl:214``, or as much of it as is known."""
    node: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.node} {self.what}; {self.remedy}"


class CellFault(Fault):
    """One thing wrong with a cell of a workbook."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


def check_statements(case: Case) -> tuple[Fault, ...]:
    """Return the faults in terms, literals and addresses."""
    cells = cell_faults(case)
    found = dict.fromkeys(faults_in(case.quads))
    if not found:
        return cells
    place = _placer(case)
    return cells + tuple(Fault(place(iri), _name(iri), what, remedy) for iri, what, remedy in found)


def refuse(
    case: Case, faults: tuple[Fault, ...], results: Sequence[Result], compiled: CompiledDefinition
) -> None:
    """Raise `RecordError` if a record has faults in its statements or by results of a run."""
    of_record = [r for r in results if r.shape in compiled.record_shapes]
    if faults := faults + faults_from_results(case, of_record, compiled.record_shapes):
        raise RecordError.of(str(case.origin), [*notes_on_text(case), *faults])
    if any(r.shape in compiled.guards for r in results):
        raise RecordError(
            "the record does not describe exactly one candidate group",
            where=str(case.origin),
            remedy="type exactly one node as k20:CandidateGroup",
        )


def cell_faults(case: Case) -> tuple[Fault, ...]:
    """Return what is wrong with single cells of workbooks."""
    return tuple(
        CellFault(where, "", what, remedy)
        for document in case.documents
        if document.cells
        for where, what, remedy in document.cells.faults
    )


def faults_from_results(
    case: Case, results: Iterable[Result], remedies: Mapping[str, str]
) -> tuple[Fault, ...]:
    """Return a fault for each result of the record check, sorted by place."""
    cells = next((d.cells for d in case.documents if d.cells), None)
    told = {fault.where for fault in cell_faults(case)}
    rows = {re.sub("[A-Z]+(?=[0-9]+$)", "", where) for where in told}
    typed = {str_of(quad.subject) for quad in case.quads if rows and quad.predicate == _TYPE}
    found: dict[tuple[str, str, str], None] = {}
    in_cells: dict[Fault, None] = {}
    meant = _guesser(case)
    for result in results:
        if result.value and _ill_formed(result.value):
            continue  # check_statements says it better
        if cells:
            node, value = _bare(result.focus), _value_of(result.value)
            where, what, remedy = cells.cell_fault(
                result.shape, node, value, escape_controls(result.message), remedies[result.shape]
            )
            there = re.sub("[A-Z]+(?=[0-9]+$)", "", cells.place(value))
            if where not in told and (value in typed or there not in rows):
                in_cells[CellFault(where, "", what, remedy)] = None
            continue
        what = escape_controls(result.message).removeprefix("It ").rstrip(".")
        if result.value and result.value != result.focus:
            what += f" ({_shown(result.value)})"
        remedy = meant(result) + remedies[result.shape].rstrip(".")
        found[_bare(result.focus), what, remedy] = None
    place = _placer(case)
    faults = [Fault(place(iri), _name(iri), what, remedy) for iri, what, remedy in sorted(found)]
    return (*in_cells, *sorted(faults, key=lambda f: _by_line(f.where)))


def _guesser(case: Case) -> Callable[[Result], str]:
    """Return a function that asks what was meant by an address where nothing is described."""
    there: set[str] = set()

    def meant(result: Result) -> str:
        value = _bare(result.value or "")
        if not value.startswith(f"{case.group}/"):
            return ""
        if not there:
            there.update(str_of(quad.subject) for quad in case.quads)
        if value in there:
            return ""
        near = get_close_matches(value, sorted(there - {_bare(result.focus)}), n=1, cutoff=0.8)
        return f"did you mean {_name(near[0])}? or else " if near else ""

    return meant


def _by_line(where: str) -> tuple[str, int]:
    path, _, line = where.rpartition(":")
    return (path, int(line)) if line.isdigit() else (where, 0)


def _placer(case: Case) -> Callable[[str], str]:
    """Return a function from a node's IRI to the file and line where it stands."""
    known: dict[str, str] = {}

    def place(iri: str) -> str:
        if iri not in known:
            known[iri] = case.origin
            for document in case.documents if len(known) <= _LINES_SOUGHT else ():
                if found := document.place(iri):
                    known[iri] = found
                    break
        return known[iri]

    return place


def _name(iri: str) -> str:
    blank = iri.startswith("_:") or is_named_here(iri)
    return "a blank node" if blank else escape_controls(shorten(iri))


def _value_of(term: str | None) -> str:
    """Return the IRI or the lexical form of a term of a result."""
    return _split_literal(term)[0] if term and term.startswith('"') else _bare(term or "")


def _bare(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term


def _shown(term: str) -> str:
    """Return a term of a result the way people write it, alike for every engine."""
    if not term.startswith('"'):
        return _cut(_name(_bare(term)))
    lexical, datatype = _split_literal(term)
    if datatype == XSD + "dateTime":
        lexical = canonical(lexical, "dateTime") or lexical
    plain = datatype.removeprefix(XSD) in ("integer", "decimal", "boolean")
    return _cut(lexical if plain else f'"{lexical}"')


def _split_literal(term: str) -> tuple[str, str]:
    """Return lexical form and datatype of a literal in N-Triples syntax."""
    found = re.fullmatch(r'"(.*)"(?:@[\w-]+|\^\^<([^<>]*)>)?', term, re.DOTALL)
    return (found[1], found[2] or "") if found else (term, "")


def _cut(text: str) -> str:
    text = escape_controls(text)
    return text if len(text) <= 60 else text[:59] + "…"


def faults_in(quads: Sequence[ox.Quad]) -> Iterator[tuple[str, str, str]]:
    """Yield (node, what, remedy) for each fault; one term is judged once a node."""
    # Most records have no fault: only for one that has, each statement is looked at.
    predicates = {quad.predicate for quad in quads}
    classes = {quad.object for quad in quads if quad.predicate == _TYPE}
    others = set[Any]().union(*quads)
    terms = (str_of(term) for term in predicates | classes)
    if not any(map(property_fault, terms)) and not any(map(_fault, others)):
        return
    for quad in quads:
        node = str_of(quad.subject)
        of_type = quad.predicate == _TYPE and isinstance(quad.object, ox.NamedNode)
        for fault in (
            _fault(quad.subject),
            property_fault(quad.predicate.value),
            property_fault(str_of(quad.object)) if of_type else _fault(quad.object),
            _fault(quad.graph_name),
        ):
            if fault:
                what, remedy = fault
                by = f" for {_name(quad.predicate.value)}" if what.endswith(",") else ""
                yield node, what + by, remedy


def _fault(term: Any) -> tuple[str, str] | None:
    """Return what is wrong with a term that is no property, and the remedy."""
    kind = type(term)
    if kind is ox.NamedNode:
        return address_fault(term.value)
    if kind is ox.Literal:
        datatype = term.datatype.value
        return literal_fault(term.value, datatype) or property_fault(datatype)
    return None


def _ill_formed(term: str) -> bool:
    """Tell whether a term is a literal that stands for nothing of its datatype."""
    if not term.startswith('"'):
        return False
    lexical, datatype = _split_literal(term)
    return not is_literal_of(lexical, datatype)


def notes_on_text(case: Case) -> tuple[Fault, ...]:
    """Return a note on each number that a comma cuts in two, which is good Turtle."""
    return tuple(
        Fault(
            f"{document.where}:{line}",
            number,
            f"is two numbers in Turtle, {' and '.join(number.split(','))}",
            f"write {number.replace(',', '.')} with a point, or a blank after the comma",
        )
        for document in case.documents
        if document.syntax in ("turtle", "trig")
        for line, number in cut_numbers(document.patch or document.text)
    )
