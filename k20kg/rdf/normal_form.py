"""Statements of a case in the one form that shapes and engines read: literals, names, no triples.

A literal counts by its value, so that ``3``, ``3.0`` and ``+3`` are one number where a decimal is
asked. A blank node gets an address below the group's, since engines name blank nodes as they like;
where people must be able to point to a node from outside, it stays blank, and the record check
refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

from k20kg.disk_cache import cached_on_disk
from k20kg.errors import InputError
from k20kg.rdf.graph import BlankNames, read_turtle, str_of
from k20kg.rdf.literals import normal_form
from k20kg.rdf.text import escape_controls
from k20kg.vocabulary import RDF_TYPE, RDFS, SH, XSD, packaged, shorten

_GENID: Final = "/.well-known/genid/"
_RDF: Final = RDF_TYPE.removesuffix("type")
_RDF_TYPES: Final = frozenset({XSD + "string", _RDF + "langString"})
_DIRECTED: Final = _RDF + "dirLangString"
"""Of a text that says which way it is written, which RDF 1.1 does not know."""
_TYPES: Final = ("decimal", "integer", "boolean", "dateTime")


def normalise(quads: Sequence[ox.Quad], group: str, where: str) -> Sequence[ox.Quad]:
    """Return the statements in normal form: the same object if they are in it already.

    `group` is the address of the candidate group. Raises `InputError` for a statement about a
    statement, of RDF 1.2, which no record is.
    """
    changed: dict[int, ox.Quad] = {}
    blank = False
    for number, quad in enumerate(quads):
        value: Any = quad.object
        kind = type(value)
        if kind is ox.Literal:
            if (datatype := value.datatype.value) == _DIRECTED:
                plain = ox.Literal(value.value, language=value.language)
                changed[number] = ox.Quad(quad.subject, quad.predicate, plain, quad.graph_name)
            elif datatype not in _RDF_TYPES:
                new = normal_literal(quad.predicate.value, value.value, datatype)
                if new is not None:
                    changed[number] = ox.Quad(quad.subject, quad.predicate, new, quad.graph_name)
        elif kind is ox.BlankNode:
            blank = True
        elif kind is ox.Triple:
            raise about_a_statement(value, where)
        if not blank and type(quad.subject) is ox.BlankNode:
            blank = True
    if changed:
        quads = [changed.get(number, quad) for number, quad in enumerate(quads)]
    return _with_names(quads, group) if blank else quads


def normal_literal(predicate: str, lexical: str, datatype: str) -> ox.Literal | None:
    """Return the literal that a property's value is read as; None if it is in normal form."""
    form = normal_form(lexical, datatype, range_of().get(predicate, ""))
    if form == (lexical, datatype):
        return None
    return ox.Literal(form[0], datatype=ox.NamedNode(form[1]))


@cache
def range_of() -> dict[str, str]:
    """Return the XSD type that the ontology declares for a property, where literals are read."""
    return cached_on_disk("ranges", _ranges)


def _ranges() -> dict[str, str]:
    quads = read_turtle(*sorted(packaged("ontology").glob("*.ttl")))
    found = {
        str_of(q.subject): str_of(q.object).removeprefix(XSD)
        for q in quads
        if q.predicate.value == RDFS + "range"
    }
    return {name: kind for name, kind in found.items() if kind in _TYPES}


def is_named_here(iri: str) -> bool:
    """Tell whether an address is one that a blank node got on reading."""
    return _GENID in iri


def _with_names(quads: Iterable[ox.Quad], group: str) -> list[ox.Quad]:
    """Return the statements with an address for each blank node that needs none of people's."""
    quads = list(quads)
    pointed_at = _pointed_at()
    kept_blank = {
        q.object
        for q in quads
        if isinstance(q.object, ox.BlankNode) and q.predicate.value in pointed_at
    }

    mark = "b"
    while any(str_of(q.subject).startswith(f"{group}{_GENID}{mark}") for q in quads):
        mark += "b"  # names that were given before, in what is read back

    def name(number: int, node: ox.BlankNode) -> ox.NamedNode | ox.BlankNode:
        label = f"{mark}{number}"  # in order of appearance: the same each time
        named = ox.NamedNode(f"{group}{_GENID}{label}")
        return ox.BlankNode(label) if node in kept_blank else named

    names = BlankNames(name)
    return [names.quad(quad) for quad in quads]


@cache
def _pointed_at() -> frozenset[str]:
    """Return the properties whose values people must be able to point to: they ask for an IRI."""
    return frozenset(cached_on_disk("pointed-at", _work_out_pointed_at))


def _work_out_pointed_at() -> list[str]:
    quads = read_turtle(packaged("shapes", "record.ttl"))
    asking = {q.subject for q in quads if q.predicate.value == SH + "nodeKind"}
    return [
        str_of(q.object)
        for q in quads
        if q.subject in asking and q.predicate.value == SH + "path" and str_of(q.object)[:2] != "_:"
    ]


def about_a_statement(triple: ox.Triple, where: str) -> InputError:
    """Return the error for a statement about a statement."""
    said = " ".join(shorten(str_of(t)) for t in (triple.subject, triple.predicate, triple.object))
    return InputError(
        "a triple stands inside a triple, which no case record uses: "
        f"something is said of {escape_controls(said)[:200]} (by << >>, {{| |}} or ~)",
        where=where,
        remedy="write the inner triple as a record with evidence of its own",
    )
