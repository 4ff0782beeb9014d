"""An index over RDF quads: small, read-only, quick to build."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from k20kg.vocabulary import RDF_TYPE, RDFS, SKOS, shorten

__all__ = ["Graph", "key", "read_turtle"]

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def key(term: Term) -> str:
    """Return a term's IRI, ``_:`` label, or lexical form."""
    if isinstance(term, ox.NamedNode | ox.Literal):
        return term.value
    return str(term)


def read_turtle(*paths: Path) -> list[ox.Quad]:
    """Return the quads of packaged Turtle files; blank nodes of different files stay apart."""
    quads: list[ox.Quad] = []
    for path in paths:
        quads += ox.parse(path=path, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    return quads


class Graph:
    """All quads as one graph, by subject and by object."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self._forward: dict[str, dict[str, list[Term]]] = {}
        self._back: dict[str, list[tuple[str, str]]] = {}
        for quad in quads:
            subject, predicate, value = key(quad.subject), quad.predicate.value, quad.object
            values = self._forward.setdefault(subject, {}).setdefault(predicate, [])
            if value not in values:
                values.append(value)
                if not isinstance(value, ox.Literal):
                    self._back.setdefault(key(value), []).append((predicate, subject))

    def __contains__(self, subject: str) -> bool:
        return subject in self._forward

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Return the subjects that have this IRI or blank node as a value, sorted."""
        return sorted(s for p, s in self._back.get(value, ()) if p == predicate)

    def of_type(self, type_iri: str) -> list[str]:
        """Return the nodes typed so directly, sorted."""
        return self.subjects(RDF_TYPE, type_iri)

    def terms(self, subject: str, predicate: str) -> list[Term]:
        """Return the values as terms, in the order of the source."""
        return self._forward.get(subject, {}).get(predicate, [])

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the values' IRIs or lexical forms, in the order of the source."""
        return [key(term) for term in self.terms(subject, predicate)]

    def value(self, subject: str, predicate: str, default: str = "") -> str:
        """Return the one value, or the first in code point order where there are several."""
        return min(self.values(subject, predicate), default=default)

    def items(self, subject: str, predicate: str) -> Iterator[str]:
        """Yield the members of an RDF list."""
        rdf = RDF_TYPE.removesuffix("type")
        seen = set()
        node = self.value(subject, predicate)
        while node and node != rdf + "nil" and node not in seen:
            seen.add(node)
            yield from self.values(node, rdf + "first")
            node = self.value(node, rdf + "rest")

    def label(self, subject: str) -> str:
        """Return the label for people; without one, the end of the address in words."""
        for predicate in (RDFS + "label", SKOS + "prefLabel"):
            if found := self.value(subject, predicate):
                return found
        return shorten(subject)
