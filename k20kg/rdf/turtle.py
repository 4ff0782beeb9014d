"""Statements as Turtle for people: one property a line, blank nodes and lists in place.

Subjects, properties and values are written in the order in which they come.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyoxigraph as ox

from k20kg.rdf.graph import Term
from k20kg.vocabulary import PREFIXES, RDF_TYPE, XSD

_RDF: Final = RDF_TYPE.removesuffix("type")
_LOCAL: Final = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_BELOW: Final = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
_BARE: Final = {
    XSD + "boolean": re.compile(r"true|false"),
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
}

Node = ox.NamedNode | ox.BlankNode
Properties = dict[str, list[Term]]


def by_subject(quads: Iterable[ox.Quad | ox.Triple]) -> dict[Node, Properties]:
    """Return what is said of each subject by each property, in the order of the quads."""
    found: dict[Node, dict[str, dict[Term, None]]] = {}
    for quad in quads:
        subject = quad.subject
        assert not isinstance(subject, ox.Triple)
        found.setdefault(subject, {}).setdefault(quad.predicate.value, {})[quad.object] = None
    return {
        subject: {name: list(terms) for name, terms in properties.items()}
        for subject, properties in found.items()
    }


def turtle(about: Mapping[Node, Properties]) -> str:
    """Return a document by those of our prefixes that it needs."""
    writer = Writer(PREFIXES)
    body = writer.graph(about, {})
    return f"{writer.head()}\n{body}"


class Writer:
    """Writes terms, and keeps which of the namespaces they need."""

    def __init__(self, namespaces: Mapping[str, str], base: str = "") -> None:
        self._namespaces = namespaces
        self._prefix_of = {namespace: prefix for prefix, namespace in namespaces.items()}
        self._base = base
        self._used: set[str] = set()

    def used(self) -> dict[str, str]:
        """Return prefix → namespace of those used so far."""
        return {prefix: ns for prefix, ns in self._namespaces.items() if prefix in self._used}

    def head(self) -> str:
        """Return the declarations of the base and of the prefixes used so far."""
        base = f"@base <{self._base}> .\n" if self._base else ""
        return base + "".join(f"@prefix {prefix}: <{ns}> .\n" for prefix, ns in self.used().items())

    def graph(self, about: Mapping[Node, Properties], homes: Mapping[str, set[str]]) -> str:
        """Return the statements of one graph; a blank node of several graphs keeps its name."""
        self._about = about
        uses: Counter[str] = Counter(
            term.value
            for properties in about.values()
            for terms in properties.values()
            for term in terms
            if isinstance(term, ox.BlankNode)
        )
        self._inline = {
            name
            for name, count in uses.items()
            if count == 1 and len(homes.get(name, ())) < 2 and not self._circular(name)
        }
        blocks = [
            f"{self._subject(node)} {self._properties(properties, 1)} .\n"
            for node, properties in about.items()
            if not (isinstance(node, ox.BlankNode) and node.value in self._inline)
        ]
        return "\n".join(blocks)

    def _circular(self, name: str) -> bool:
        """Tell whether blank nodes lead back to a blank node."""
        waiting, seen = [ox.BlankNode(name)], set()
        while waiting:
            for terms in self._about.get(waiting.pop(), {}).values():
                for term in terms:
                    if isinstance(term, ox.BlankNode) and term.value not in seen:
                        if term.value == name:
                            return True
                        seen.add(term.value)
                        waiting.append(term)
        return False

    def _subject(self, node: Node) -> str:
        return self.iri(node.value) if isinstance(node, ox.NamedNode) else str(node)

    def _properties(self, properties: Properties, depth: int) -> str:
        """Return predicates and objects, the first of them on the line of the subject."""
        return f" ;\n{'    ' * depth}".join(
            f"{'a' if name == RDF_TYPE else self.iri(name)} {self._objects(terms, depth)}"
            for name, terms in properties.items()
        )

    def _objects(self, terms: Sequence[Term], depth: int) -> str:
        written = [self._term(term, depth + 1) for term in terms]
        if len(written) > 1 and sum(map(len, written)) > 70:
            return f",\n{'    ' * (depth + 1)}".join(written)
        return ", ".join(written)

    def _term(self, term: Term, depth: int) -> str:
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        if isinstance(term, ox.Literal):
            return self._literal(term)
        if isinstance(term, ox.BlankNode) and term.value in self._inline:
            items = self._items(term)
            if items is not None:
                return f"( {' '.join(self._term(item, depth + 1) for item in items)} )"
            inside = self._properties(self._about.get(term, {}), depth + 1)
            return f"[ {inside} ]" if inside else "[]"
        return str(term)

    def _items(self, node: ox.BlankNode) -> list[Term] | None:
        """Return the members of a list that can be written as one."""
        found: list[Term] = []
        here: Term = node
        while True:
            if isinstance(here, ox.NamedNode) and here.value == _RDF + "nil":
                return found
            if not isinstance(here, ox.BlankNode) or here.value not in self._inline:
                return None
            properties = self._about.get(here, {})
            first, rest = properties.get(_RDF + "first", []), properties.get(_RDF + "rest", [])
            if len(properties) != 2 or len(first) != 1 or len(rest) != 1:
                return None
            found.append(first[0])
            here = rest[0]

    def _literal(self, literal: ox.Literal) -> str:
        kind = literal.datatype.value
        if literal.language is not None or kind == XSD + "string":
            return str(literal)
        bare = _BARE.get(kind)
        if bare and bare.fullmatch(literal.value):
            return literal.value
        return f"{ox.Literal(literal.value)}^^{self.iri(kind)}"

    def iri(self, iri: str) -> str:
        """Return an IRI, short where the base or a prefix stands for its beginning."""
        if self._base and iri.startswith(self._base) and _BELOW.fullmatch(iri, len(self._base)):
            return f"<{iri[len(self._base) :]}>"
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = self._prefix_of.get(iri[:cut])
        if prefix is None or not _LOCAL.fullmatch(iri, cut):
            return f"<{iri}>"
        self._used.add(prefix)
        return f"{prefix}:{iri[cut:]}"
