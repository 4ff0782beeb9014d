"""RDF syntax of a text, and its quads, with errors that say what, where and what to do.

Nothing beyond the text is ever read: JSON-LD contexts, XML entities and imports stay where they
are, and a text that needs them is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

import pyoxigraph as ox

from k20kg.errors import InputError, UsageError
from k20kg.rdf.literals import normal_form
from k20kg.rdf.strict import refuse_dropped_json, refuse_ill_formed_xml
from k20kg.rdf.syntax_faults import explain
from k20kg.rdf.text import escape_controls, guess_kind, not_rdf
from k20kg.vocabulary import XSD

FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
NAMES: Final = {syntax: form.name for syntax, form in FORMATS.items()}
USUAL: Final = {syntax: f".{form.file_extension}" for syntax, form in FORMATS.items()}
EXTENSIONS: Final = {
    **{end: syntax for syntax, end in USUAL.items()},
    ".turtle": "turtle",
    ".n3": "turtle",
    ".ntriples": "ntriples",
    ".nquads": "nquads",
    ".json": "jsonld",
    ".owl": "rdfxml",
    ".xml": "rdfxml",
}
_PLACE: Final = re.compile(r"^Parser error (?:at|between) [^:]*: ")


def syntax_named(name: str) -> str:
    """Return the syntax of a user's word for it (``ttl``, ``N-Triples``); else `UsageError`."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    for syntax in FORMATS:
        if plain == syntax or EXTENSIONS.get(f".{plain}") == syntax:
            return syntax
    raise UsageError(
        f"there is no syntax named {escape_controls(name)}",
        remedy=f"use one of {', '.join(FORMATS)}",
    )


def syntax_of_path(path: PurePath) -> str | None:
    """Return the syntax that a file's name promises, looking through ``.gz``."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return EXTENSIONS.get(suffixes[-1]) if suffixes else None


def seems_to_be(text: str) -> str | None:
    """Return the syntax that a text seems to be in, from its first characters."""
    head = text[:20_000].lstrip()
    while head.startswith("#"):
        head = head.partition("\n")[2].lstrip()
    if head.startswith(("{", "[")) and re.match(r'[\[{]\s*(?:[\[{]\s*)?(?:["}\]]|$)', head):
        return "jsonld"
    if re.search(r"<(?:\w+:)?RDF[\s>]", head) and head.startswith("<"):
        return "rdfxml"
    if guess_kind(head):
        return None
    line = head.partition("\n")[0]
    if re.match(
        r"(?:<\S+>|_:\S+)\s+<\S+>\s+(?:<\S+>|_:\S+|\".*\"\S*)\s+(?:<\S+>|_:\S+)\s*\.", line
    ):
        return "nquads"
    if re.search(r"(?m)^\s*(?:GRAPH\s+)?(?:<[^<>\s]*>|[\w.-]*:[\w./-]*|_:\w+)?\s*\{", head, re.I):
        return "trig"
    if re.match(r"(?:<\S+>|_:\S+)\s+<\S+>\s+(?:<\S+>|_:\S+|\".*\"\S*)\s*\.\s*$", line):
        return "ntriples"
    if re.match(r"@prefix|@base|prefix\s|base\s|<[^\s>]*>\s|[\w.-]*:[\w./-]*\s|_:|\[", head, re.I):
        return "turtle"
    return None


def parse_text(text: str, syntax: str, where: str) -> list[ox.Quad]:
    """Return the quads of a document; `InputError` or `RemoteError` if it cannot be read."""
    return list(stream(text, syntax, where))


def stream(text: str, syntax: str, where: str) -> Iterator[ox.Quad]:
    """Yield the quads of a document one by one, with the errors of `parse_text`.

    Blank nodes are named at random: those of different documents stay apart. Raises also if a
    parser would pass over part of the text, or fetch what lies elsewhere.
    """
    if syntax == "jsonld":
        refuse_dropped_json(text, where)
    elif syntax == "rdfxml":
        found = seems_to_be(text) or guess_kind(text) or "XML"
        if found == "rdfxml" or found.startswith("XML"):
            refuse_ill_formed_xml(text, where)  # else the parser's fault tells what it is
    try:
        quads = ox.parse(text, FORMATS[syntax], rename_blank_nodes=True)
        yield from map(_number_as_written, quads) if syntax == "jsonld" else quads
    except (SyntaxError, ValueError) as fault:
        raise _translate(fault, text, syntax, where) from None


def _number_as_written(quad: ox.Quad) -> ox.Quad:
    """Return a quad of JSON-LD; a JSON number typed as a decimal comes with an exponent."""
    value = quad.object
    if not isinstance(value, ox.Literal) or "E" not in value.value:
        return quad
    kind = value.datatype.value.removeprefix(XSD)
    if kind not in ("decimal", "integer"):
        return quad
    form, datatype = normal_form(value.value, XSD + "double", kind)
    literal = ox.Literal(form, datatype=ox.NamedNode(datatype))
    return ox.Quad(quad.subject, quad.predicate, literal, quad.graph_name)


def _translate(fault: Exception, text: str, syntax: str, where: str) -> InputError:
    """Return the error for a fault that the parser found."""
    found = seems_to_be(text)
    kind = guess_kind(text)
    if kind and found is None:
        return not_rdf(kind, where)
    if found and found != syntax and (found, syntax) not in _CONTAINED:
        return InputError(
            f"this was read as {NAMES[syntax]} but seems to be {NAMES[found]}",
            where=where,
            remedy=f"name the file *{USUAL[found]} or say --syntax {found}",
        )
    line, column = getattr(fault, "lineno", None), getattr(fault, "offset", None)
    what = _PLACE.sub("", str(getattr(fault, "msg", None) or fault))
    remedy = next((do for sign, do in _REMEDIES.items() if sign in what), "")
    remedy = remedy or f"mend the {NAMES[syntax]} at that place"
    if line and column and syntax not in ("jsonld", "rdfxml"):
        better = explain(text, syntax, line, column, what)
        line, column, what, remedy = better or (line, column, what, remedy)
    return InputError(
        f"this is no {NAMES[syntax]}: {escape_controls(what)}".replace("\n", "␊"),
        where=f"{where}:{line}:{column}" if line else where,
        remedy=escape_controls(remedy).replace("\n", "␊"),
    )


_REMEDIES: Final = {
    "nexpected end": "the file seems to be cut off: get the whole of it",
    "o scheme": "write the whole IRI, or declare a base",
    "IRI": "mend the IRI",
}
_CONTAINED: Final = {
    ("ntriples", "turtle"),
    ("ntriples", "trig"),
    ("ntriples", "nquads"),
    ("turtle", "trig"),
}
"""Pairs (seen, expected) where a text of the first kind is also one of the second."""
