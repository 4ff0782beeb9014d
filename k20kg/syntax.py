"""Which RDF syntax a text is in, and its quads, with errors that say what, where and what to do.

Nothing beyond the text is ever read: JSON-LD contexts, XML entities and imports stay where they
are, and a text that needs them is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, Final

import pyoxigraph as ox

from k20kg.errors import InputError, RemoteError, UsageError
from k20kg.syntax_faults import explain
from k20kg.text import decode, guess_kind, neutralise
from k20kg.vocabulary import K20, XSD

__all__ = [
    "EXTENSIONS",
    "SYNTAXES",
    "is_plain",
    "parse",
    "parse_text",
    "prefixes_of",
    "seems_to_be",
    "stream",
    "syntax_named",
    "syntax_of_path",
]

_FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
SYNTAXES: Final = tuple(_FORMATS)
NAMES: Final = {
    "turtle": "Turtle",
    "trig": "TriG",
    "ntriples": "N-Triples",
    "nquads": "N-Quads",
    "jsonld": "JSON-LD",
    "rdfxml": "RDF/XML",
}
EXTENSIONS: Final = {
    ".ttl": "turtle",
    ".turtle": "turtle",
    ".n3": "turtle",
    ".trig": "trig",
    ".nt": "ntriples",
    ".ntriples": "ntriples",
    ".nq": "nquads",
    ".nquads": "nquads",
    ".jsonld": "jsonld",
    ".json": "jsonld",
    ".rdf": "rdfxml",
    ".owl": "rdfxml",
    ".xml": "rdfxml",
}
_USUAL: Final = {syntax: end for end, syntax in reversed(EXTENSIONS.items())}
_PLACE: Final = re.compile(r"^Parser error (?:at|between) [^:]*: ")
_LONGEST_ENTITY: Final = 1000


def syntax_named(name: str) -> str:
    """Return the syntax of a user's word for it (``ttl``, ``N-Triples``); else `UsageError`."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    for syntax in SYNTAXES:
        if plain == syntax or EXTENSIONS.get(f".{plain}") == syntax:
            return syntax
    raise UsageError(
        f"there is no syntax named {neutralise(name)}", remedy=f"use one of {', '.join(SYNTAXES)}"
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


_DECLARATION: Final = re.compile(r"@prefix\s+([^\s:]*):\s*<([^<>]*)>")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_RELATIVE: Final = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*:)")
_ESCAPE: Final = re.compile(r"\\[uU]")
_UNUSUAL: Final = ("<<", "'''", "PREFIX", "BASE")


def prefixes_of(text: str) -> dict[str, str]:
    """Return the prefixes that a plain text declares."""
    return dict(_declarations(text))


def _declarations(text: str) -> list[tuple[str, str]]:
    last = text.rfind("@prefix")
    if last < 0:
        return []
    end = text.find("\n", last)
    return _DECLARATION.findall(text, 0, end if end >= 0 else len(text))


def is_plain(text: str) -> bool:
    """Tell whether Turtle or a kin of it can be searched for names without parsing it.

    It then has no escapes in names, declares each prefix once, `k20` and `xsd` as everybody does,
    no prefix for part of those namespaces, and its IRIs are whole or made so by one base. A
    relative IRI without a base is an error here, though not to every engine.
    """
    if any(word in text for word in _UNUSUAL) or ("\\" in text and _ESCAPE.search(text)):
        return False
    declared = _declarations(text)
    prefixes = dict(declared)
    last = text.rfind("@prefix")
    if text.count("@prefix", 0, last + 7) != len(prefixes) or len(declared) != len(prefixes):
        return False
    for own, namespace in (("k20", K20), ("xsd", XSD)):
        if prefixes.get(own, namespace) != namespace or any(
            name != own and other.startswith(namespace[:-1]) for name, other in declared
        ):
            return False
    relative = _RELATIVE.search(text)
    base = text.find("@base")
    if base < 0:
        return relative is None
    opening = text.find("<", base)
    return (
        text[base - 1 : base] in ("", "\n")
        and '"""' not in text[:base]
        and text.find("@base", opening) < 0
        and _ABSOLUTE.match(text, opening + 1) is not None
        and (relative is None or relative.start() > opening)
    )


def parse(data: bytes, syntax: str, where: str) -> list[ox.Quad]:
    """Return the quads of a document; `InputError` or `RemoteError` if it cannot be read."""
    return parse_text(decode(data, where), syntax, where)


def parse_text(text: str, syntax: str, where: str) -> list[ox.Quad]:
    """Return the quads of a decoded document, like `parse`."""
    quads = list(stream(text, syntax, where))
    if "<<" in text and any(isinstance(quad.object, ox.Triple) for quad in quads):
        raise InputError(
            "a triple stands inside a triple, which a case record does not use",
            where=where,
            remedy="write the inner triple as a record with evidence of its own",
        )
    return quads


def stream(text: str, syntax: str, where: str) -> Iterator[ox.Quad]:
    """Yield the quads of a decoded document one by one, with the errors of `parse`."""
    if syntax == "rdfxml":
        _refuse_entities(text, where)
    elif syntax == "jsonld":
        _refuse_remote_contexts(text, where)
    try:
        yield from ox.parse(text, _FORMATS[syntax])
    except (SyntaxError, ValueError) as fault:
        raise _translate(fault, text, syntax, where) from None


def _translate(fault: Exception, text: str, syntax: str, where: str) -> InputError:
    """Return the error for a fault that the parser found."""
    found = seems_to_be(text)
    kind = guess_kind(text)
    if kind and found is None:
        return InputError(
            f"this is not RDF; it looks like {kind}",
            where=where,
            remedy="give Turtle, TriG, N-Triples, N-Quads, JSON-LD or RDF/XML",
        )
    if found and found != syntax and (found, syntax) not in _CONTAINED:
        return InputError(
            f"this was read as {NAMES[syntax]} but seems to be {NAMES[found]}",
            where=where,
            remedy=f"name the file *{_USUAL[found]} or say --syntax {found}",
        )
    line, column = getattr(fault, "lineno", None), getattr(fault, "offset", None)
    what = _PLACE.sub("", str(getattr(fault, "msg", None) or fault))
    remedy = _remedy(what, syntax)
    if (
        line
        and column
        and syntax in _LIKE_TURTLE
        and (better := explain(text, syntax, line, column, what))
    ):
        line, column, what, remedy = better
    return InputError(
        f"this is no {NAMES[syntax]}: {neutralise(what)}".replace("\n", "␊"),
        where=f"{where}:{line}:{column}" if line else where,
        remedy=neutralise(remedy).replace("\n", "␊"),
    )


_LIKE_TURTLE: Final = ("turtle", "trig", "ntriples", "nquads")
_CONTAINED: Final = {
    ("ntriples", "turtle"),
    ("ntriples", "trig"),
    ("ntriples", "nquads"),
    ("turtle", "trig"),
}
"""Pairs (seen, expected) where a text of the first kind is also one of the second."""


def _remedy(what: str, syntax: str) -> str:
    if "nexpected end" in what:
        return "the file seems to be cut off: get the whole of it"
    if "o scheme" in what:
        return "write the whole IRI, or declare a base"
    if "IRI" in what:
        return "mend the IRI"
    return f"mend the {NAMES[syntax]} at that place"


def _refuse_entities(text: str, where: str) -> None:
    """Raise if RDF/XML asks for what lies outside it, or hides a bomb inside."""
    if "<!" not in text:
        return
    for outside in re.finditer(
        r"<!(?:DOCTYPE\s+[^\s\[>]+|ENTITY\s+(?:%\s+)?\S+)\s+(?:SYSTEM|PUBLIC)\s+([^\[>]*)", text
    ):
        line = text.count("\n", 0, outside.start()) + 1
        raise RemoteError(
            f"the document needs {neutralise(outside[1].strip())[:200]}, and nothing is fetched",
            where=f"{where}:{line}",
            remedy="take the external DTD or entity out and write its content in full",
        )
    for entity in re.finditer(r"<!ENTITY\s+(%?\s*\S+)\s+(?:\"([^\"]*)\"|'([^']*)')", text):
        value = entity[2] or entity[3] or ""
        if (
            entity[1].startswith("%")
            or len(value) > _LONGEST_ENTITY
            or re.search(r"[&%]\w+;", value)
        ):
            line = text.count("\n", 0, entity.start()) + 1
            raise InputError(
                f"the entity {neutralise(entity[1])} is nested or long and may grow without bound",
                where=f"{where}:{line}",
                remedy="write what it stands for in full",
            )


def _refuse_remote_contexts(text: str, where: str) -> None:
    """Raise if JSON-LD names a context that would have to be fetched."""
    import json

    if "@context" not in text and "@import" not in text and "\\u" not in text:
        return
    try:
        found = _remote_context(json.loads(text))
    except (ValueError, RecursionError):
        return  # the parser says it better
    if found is not None:
        raise RemoteError(
            f"the JSON-LD context {neutralise(found)} would have to be fetched, and nothing is",
            where=where,
            remedy="write that context into the file, or convert the file to Turtle",
        )


def _remote_context(value: Any, *, inside: bool = False) -> str | None:
    """Return the first context given as an IRI; `inside` tells that `value` is a context."""
    if inside and isinstance(value, str):
        return value
    if isinstance(value, list):
        return next(filter(None, (_remote_context(item, inside=inside) for item in value)), None)
    if isinstance(value, dict):
        for key, item in value.items():
            found = _remote_context(item, inside=key in ("@context", "@import"))
            if found is not None:
                return found
    return None
