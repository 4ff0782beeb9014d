"""N-Triples as bytes: any doubt whether there is a fault that SHACL does not see.

Bytes are looked at as a whole, by functions in C: to parse them in Python would take as long as to
judge them.
"""

from __future__ import annotations

import re
from typing import Final

from k20kg.rdf.addresses import declared_terms, property_fault
from k20kg.rdf.literals import literal_fault
from k20kg.rdf.normal_form import normal_literal

_NO_WEB_ADDRESS: Final = re.compile(rb"<(?!http)")
_CAPITAL_NAME: Final = re.compile(rb"#([A-Z][^>]*)>")
_PROPERTY: Final = re.compile(rb"> <([^>]*)> ")
_CLASS: Final = re.compile(rb"#type> <([^>]*)>")
_TYPED: Final = re.compile(r'<([^>]*)> "(.*)"<(.*)', re.DOTALL)
_MOST_LITERALS: Final = 100_000


class PlainLines:
    """Looks at the lines of one case after the other, and keeps what it has looked up."""

    def __init__(self) -> None:
        self._names = {name.encode() for name in declared_terms()}
        self._known: set[bytes] = set()
        """Properties and classes that have come up and have no fault."""
        self._typed: set[bytes] = set()
        """Property and typed literal that have come up and are in normal form."""

    def are_plain(self, data: bytes) -> bool:
        """Tell whether N-Triples are in normal form and have no fault that SHACL does not see.

        So it is if all addresses are http addresses without escapes, properties and classes are
        known, no node is blank, and typed literals are in normal form.
        """
        if b"\\" in data or _NO_WEB_ADDRESS.search(data):
            return False
        if not self._names.issuperset(_CAPITAL_NAME.findall(data)):
            return False
        properties, classes = _PROPERTY.findall(data), _CLASS.findall(data)
        if len(properties) != data.count(b"\n"):
            return False  # a blank node says something, or a literal looks like a statement
        for iri in {*properties, *classes} - self._known:
            if property_fault(iri.decode("utf-8", "replace")):
                return False
            self._known.add(iri)
        parts = data.split(b"^")  # "…"^^<…> makes three parts, the middle one empty
        if any(parts[1::2]):
            return False
        typed = {
            before[before.rfind(b"<", 0, before.rfind(b'"', 0, -1)) :] + after[: after.find(b">")]
            for before, after in zip(parts[:-1:2], parts[2::2], strict=True)
        }
        if len(self._typed) > _MOST_LITERALS:
            self._typed.clear()
        for statement in typed - self._typed:
            if not _is_normal(statement):
                return False
            self._typed.add(statement)
        return True


def _is_normal(statement: bytes) -> bool:
    """Tell whether a property and a typed literal, ``<…> "…"<…``, are in normal form."""
    found = _TYPED.fullmatch(statement.decode("utf-8", "replace"))
    if found is None:
        return False
    predicate, lexical, datatype = found.groups()
    at_fault = literal_fault(lexical, datatype) or property_fault(datatype)
    return not (at_fault or normal_literal(predicate, lexical, datatype))
