"""An index over RDF quads: small, read-only, quick to build."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

import pyoxigraph as ox

from k20kg.vocabulary import K20, OWL, PREFIXES, RDF_TYPE, RDFS, SKOS, shorten

T = TypeVar("T")
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_UMBRELLAS: Final = (OWL + "NamedIndividual", OWL + "Thing", SKOS + "Concept", K20 + "Record")
_WITH_VALUE = (ox.NamedNode, ox.Literal)  # a union of types would be made anew at each call


def str_of(term: Term) -> str:
    """Return a term's IRI, ``_:`` label, or lexical form, as STR() of SPARQL does."""
    if isinstance(term, _WITH_VALUE):
        return term.value
    return str(term)


def read_turtle(*paths: Path) -> list[ox.Quad]:
    """Return the quads of packaged Turtle files; blank nodes of different files stay apart."""
    quads: list[ox.Quad] = []
    for path in paths:
        quads += ox.parse(path=path, format=ox.RdfFormat.TURTLE, rename_blank_nodes=True)
    return quads


def closure(roots: Iterable[T], step: Callable[[T], Iterable[T]]) -> list[T]:
    """Return all that steps lead to from some things, these first, the nearest before others.

    >>> closure([8], lambda n: [n // 2] if n > 1 else [])
    [8, 4, 2, 1]
    """
    found = list(dict.fromkeys(roots))
    seen = set(found)
    for one in found:
        for other in step(one):
            if other not in seen:
                seen.add(other)
                found.append(other)
    return found


def most_specific_first(classes: Iterable[str]) -> list[str]:
    """Return the classes of a thing, the most specific first."""
    return sorted(
        classes,
        key=lambda c: (c in _UMBRELLAS, not c.startswith(K20), c == K20 + "EvidenceItem", c),
    )


class BlankNames:
    """New names for blank nodes, by a number that counts them in order of appearance.

    A parser names them at random, and two files may use the same name for two things.
    """

    def __init__(self, name: Callable[[int, ox.BlankNode], Term]) -> None:
        self._name = name
        self._known: dict[str, Term] = {}

    def term(self, term: Any) -> Any:
        """Return a term; a blank node, in a triple term too, by its new name."""
        if isinstance(term, ox.Triple):
            return self.triple(term)
        if not isinstance(term, ox.BlankNode):
            return term
        if term.value not in self._known:
            self._known[term.value] = self._name(len(self._known), term)
        return self._known[term.value]

    def triple(self, triple: ox.Triple | ox.Quad) -> ox.Triple:
        """Return a triple by new names."""
        return ox.Triple(self.term(triple.subject), triple.predicate, self.term(triple.object))

    def quad(self, quad: ox.Quad) -> ox.Quad:
        """Return a quad by new names."""
        subject, value = self.term(quad.subject), self.term(quad.object)
        return ox.Quad(subject, quad.predicate, value, self.term(quad.graph_name))


def numbered_blank_nodes(prefix: str) -> BlankNames:
    """Return names that blank nodes get in one document: the prefix and a number."""
    return BlankNames(lambda number, _: ox.BlankNode(f"{prefix}b{number}"))


def ntriples(quads: Iterable[ox.Quad]) -> str:
    """Return quads as N-Triples, whatever graphs they are in."""
    text = ox.serialize((q.triple for q in quads), format=ox.RdfFormat.N_TRIPLES)
    assert text is not None
    return text.decode()


class Lookup(ABC):
    """Base of all graphs; the two kinds below differ in how they find triples."""

    @abstractmethod
    def terms(self, subject: str, predicate: str) -> Sequence[Term]:
        """Return the values as terms."""

    @abstractmethod
    def subjects(self, predicate: str, value: str) -> list[str]:
        """Return the subjects that have this IRI or blank node as a value, sorted."""

    @abstractmethod
    def having(self, predicate: str) -> list[str]:
        """Return the subjects that have a value by this predicate, in code point order."""

    def of_type(self, type_iri: str) -> list[str]:
        """Return the nodes typed so directly, sorted."""
        return self.subjects(RDF_TYPE, type_iri)

    def values(self, subject: str, predicate: str) -> list[str]:
        """Return the values' IRIs or lexical forms."""
        return [str_of(term) for term in self.terms(subject, predicate)]

    def value(self, subject: str, predicate: str, default: str = "") -> str:
        """Return the one value, or the first in code point order where there are several."""
        terms = self.terms(subject, predicate)
        if len(terms) < 2:  # as nearly always
            return str_of(terms[0]) if terms else default
        return min(map(str_of, terms))

    def items(self, subject: str, predicate: str) -> Iterator[str]:
        """Yield the members of the RDF list that is a value."""
        yield from self.members(self.value(subject, predicate))

    def members(self, node: str) -> Iterator[str]:
        """Yield the members of an RDF list, given its head."""
        rdf = RDF_TYPE.removesuffix("type")
        seen = set()
        while node and node != rdf + "nil" and node not in seen:
            seen.add(node)
            yield from self.values(node, rdf + "first")
            node = self.value(node, rdf + "rest")

    def label(self, subject: str) -> str:
        """Return the label for people; without one, the address the way people write it."""
        for predicate in (RDFS + "label", SKOS + "prefLabel"):
            if found := self.value(subject, predicate):
                return found
        return shorten(subject)


class Graph(Lookup):
    """All quads as one graph, indexed by subject and by object: for many questions."""

    def __init__(self, quads: Iterable[ox.Quad | ox.Triple]) -> None:
        self._forward: dict[str, dict[str, list[Term]]] = {}
        self._back: dict[str, list[tuple[str, str]]] = {}
        for quad in quads:
            subject, predicate, value = str_of(quad.subject), quad.predicate.value, quad.object
            values = self._forward.setdefault(subject, {}).setdefault(predicate, [])
            if value not in values:
                values.append(value)
                if not isinstance(value, ox.Literal):
                    self._back.setdefault(str_of(value), []).append((predicate, subject))

    def __contains__(self, subject: str) -> bool:
        return subject in self._forward

    def subjects(self, predicate: str, value: str) -> list[str]:
        return sorted(s for p, s in self._back.get(value, ()) if p == predicate)

    def having(self, predicate: str) -> list[str]:
        return sorted(s for s, described in self._forward.items() if predicate in described)

    def terms(self, subject: str, predicate: str) -> Sequence[Term]:
        return self._forward.get(subject, {}).get(predicate, [])


_COUNTING: Final = re.compile(
    r"\b(?:COUNT|SUM|AVG|SAMPLE|GROUP_CONCAT|LIMIT|OFFSET)\b", re.IGNORECASE
)


class StoredGraph(Lookup):
    """All graphs of a text as one, in an in-memory store: for few questions and for SPARQL."""

    def __init__(
        self,
        text: str = "",
        syntax: ox.RdfFormat = ox.RdfFormat.TURTLE,
        store: ox.Store | None = None,
    ) -> None:
        self._store = store or ox.Store()
        if text:
            self._store.load(text.encode(), format=syntax)
        self._known: dict[str, dict[str, list[Term]]] = {}

    def subjects(self, predicate: str, value: str) -> list[str]:
        if (node := node_of(value)) is None:
            return []
        found = self._store.quads_for_pattern(None, ox.NamedNode(predicate), node, None)
        return sorted({str_of(quad.subject) for quad in found})

    def having(self, predicate: str) -> list[str]:
        found = self._store.quads_for_pattern(None, ox.NamedNode(predicate), None, None)
        return sorted({str_of(quad.subject) for quad in found})

    def terms(self, subject: str, predicate: str) -> Sequence[Term]:
        if subject not in self._known:
            described: dict[str, list[Term]] = {}
            node = node_of(subject)
            for quad in (
                () if node is None else self._store.quads_for_pattern(node, None, None, None)
            ):
                values = described.setdefault(quad.predicate.value, [])
                if quad.object not in values:
                    values.append(quad.object)
            self._known[subject] = described
        return self._known[subject].get(predicate, [])

    def lines_by(self, asked: Iterable[str], of_those: Collection[str] = ()) -> list[str]:
        """Return lines of N-Triples: what is said by some properties, and who is of some classes.

        By the properties `of_those` only what is said of nodes that come up.
        """
        found: list[str] = []
        nodes: set[object] = set()
        for iri in asked:
            if iri not in of_those:
                for line, subject, value in (*self._stated(iri), *self._stated(RDF_TYPE, iri)):
                    found.append(line)
                    nodes |= {subject, value}
        found += [
            line for iri in of_those for line, subject, _ in self._stated(iri) if subject in nodes
        ]
        return found

    def _stated(self, predicate: str, value: str = "") -> list[tuple[str, object, object]]:
        """Return what is said by a property, each statement as a line with its two ends."""
        if (predicate, value) not in self._statements:
            name, node = ox.NamedNode(predicate), ox.NamedNode(value) if value else None
            found = self._store.quads_for_pattern(None, name, node, None)
            triples = dict.fromkeys(quad.triple for quad in found)
            self._statements[predicate, value] = [
                (f"{triple} .\n", triple.subject, triple.object) for triple in triples
            ]
        return self._statements[predicate, value]

    @cached_property
    def _statements(self) -> dict[tuple[str, str], list[tuple[str, object, object]]]:
        return {}

    def lines(
        self, subject: str, predicates: Iterable[str] | None = None, value: str = ""
    ) -> set[str]:
        """Return lines of N-Triples: what a subject says, by some properties or of one value."""
        node, wanted = node_of(subject), node_of(value) if value else None
        if node is None or (value and wanted is None):
            return set()
        names: list[ox.NamedNode | None] = [None]
        if predicates is not None:
            names = [n for n in map(node_of, predicates) if isinstance(n, ox.NamedNode)]
        return {
            f"{quad.triple} .\n"
            for name in names
            for quad in self._store.quads_for_pattern(node, name, wanted, None)
        }

    def select(self, query: str) -> list[dict[str, Term]]:
        """Return the rows of a SELECT query over all graphs as one; our prefixes are known.

        All at once: what Oxigraph answers with may be freed by the thread that asked only. A query
        that counts asks the merge: in Oxigraph's union, what stands in two graphs counts twice.
        """
        store = self._merged if _COUNTING.search(query) else self._store
        answer = store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
        assert isinstance(answer, ox.QuerySolutions)
        names = [variable.value for variable in answer.variables]
        return [
            {name: term for name, term in zip(names, row, strict=True) if term is not None}
            for row in answer
        ]

    @cached_property
    def _merged(self) -> ox.Store:
        store = ox.Store()
        store.extend(ox.Quad(*quad.triple) for quad in self._store)
        return store


def node_of(name: str) -> ox.NamedNode | ox.BlankNode | None:
    """Return the node of this IRI or ``_:`` label; None where a literal stands in its place."""
    try:
        return ox.BlankNode(name[2:]) if name.startswith("_:") else ox.NamedNode(name)
    except ValueError:
        return None
