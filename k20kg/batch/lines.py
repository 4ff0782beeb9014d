"""N-Triples as bytes: literals put into normal form, and any doubt whether there is a fault.

Bytes are looked at as a whole, by functions in C: to parse them in Python would take as long as to
judge them. What is in doubt is parsed.
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


class Lines:
    """Looks at the lines of one case after the other, and keeps what it has looked up."""

    def __init__(self) -> None:
        self._names = {name.encode() for name in declared_terms()}
        self._known: set[bytes] = set()
        """Properties and classes that have come up and have no fault."""
        self._canonical: set[bytes] = set()
        """Property and typed literal that have come up and are in normal form."""
        self._rewritten: dict[bytes, bytes] = {}
        """Those that are not, and their normal form."""

    def in_normal_form(self, data: bytes) -> bytes | None:
        """Return N-Triples with literals in normal form; None if a fault may be in it.

        There is none that SHACL does not see if all addresses are http addresses without escapes,
        properties and classes are known, no node is blank, and typed literals stand for a value.
        """
        if b"\\" in data or _NO_WEB_ADDRESS.search(data):
            return None
        if not self._names.issuperset(_CAPITAL_NAME.findall(data)):
            return None
        properties, classes = _PROPERTY.findall(data), _CLASS.findall(data)
        if len(properties) != data.count(b"\n"):
            return None  # a blank node says something, or a literal looks like a statement
        for found in (properties, classes):
            if not self._known.issuperset(found):
                unknown = set(found) - self._known
                if any(property_fault(iri.decode("utf-8", "replace")) for iri in unknown):
                    return None
                self._known |= unknown
        parts = data.split(b"^")  # "…"^^<…> makes three parts, the middle one empty
        if any(parts[1::2]):
            return None
        typed = [
            before[before.rfind(b"<", 0, before.rfind(b'"', 0, -1)) :] + after[: after.find(b">")]
            for before, after in zip(parts[:-1:2], parts[2::2], strict=True)
        ]
        if len(self._canonical) + len(self._rewritten) > _MOST_LITERALS:
            self._canonical, self._rewritten = set(), {}
        unusual = set(typed) - self._canonical
        for statement in unusual.difference(self._rewritten):
            if (new := _rewritten(statement)) is None:
                return None
            if new != statement:
                self._rewritten[statement] = new
            else:
                self._canonical.add(statement)
                unusual.remove(statement)
        if not unusual:
            return data
        for number, statement in enumerate(typed):
            if new := self._rewritten.get(statement):
                old_end, new_end = statement.rfind(b'"') + 1, new.rfind(b'"') + 1
                parts[2 * number] = parts[2 * number][:-old_end] + new[:new_end]
                rest = parts[2 * number + 2][len(statement) - old_end :]
                parts[2 * number + 2] = new[new_end:] + rest
        return b"^".join(parts)


def _rewritten(statement: bytes) -> bytes | None:
    """Return a property and a typed literal, ``<…> "…"<…``, in normal form; None if at fault."""
    found = _TYPED.fullmatch(statement.decode("utf-8", "replace"))
    if found is None:
        return None
    predicate, lexical, datatype = found.groups()
    if literal_fault(lexical, datatype) or property_fault(datatype):
        return None
    new = normal_literal(predicate, lexical, datatype)
    return f'<{predicate}> "{new.value}"<{new.datatype.value}'.encode() if new else statement
