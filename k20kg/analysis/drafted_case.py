"""Look-ups in a case with a draft added to it: values, classes, ends of property paths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

import pyoxigraph as ox

from k20kg.judging.cases import Case
from k20kg.rdf.graph import Graph, Term, node_of, str_of
from k20kg.sources.terms import with_superclasses
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH

Node = ox.NamedNode | ox.BlankNode | ox.Triple
Draft = tuple[ox.Triple, ...]
"""Statements to add."""

REPEATED = SH + "zeroOrOnePath", SH + "zeroOrMorePath", SH + "oneOrMorePath"
"""The paths whose step is taken several times, or never."""
_RDF = RDF_TYPE.removesuffix("type")
_KEPT = 100


class DraftedCase:
    """One case, seen with any draft."""

    def __init__(self, case: Case, vocabulary: Graph) -> None:
        """Index the case; `vocabulary` says what leads to what, and holds the shapes' paths."""
        self._terms = vocabulary
        self._data = Graph(case.quads)
        self._group = ox.NamedNode(case.group)
        self._made = f"{case.group}/what-if/"
        self._item = ox.NamedNode(self._made + "evidence")
        self._paths: dict[Term, tuple[str, list[Term]]] = {}
        self._drafts: dict[int, tuple[Draft, Graph]] = {}

    # ------------------------------------------------------------ values and classes

    def values(self, node: Term, name: str, draft: Draft) -> list[Term]:
        """Return what a node leads to by a property."""
        if isinstance(node, ox.Literal):
            return []
        found = list(self._data.terms(str_of(node), name))
        return found + [v for v in self._added(draft).terms(str_of(node), name) if v not in found]

    def subjects(self, name: str, node: Term, draft: Draft) -> list[Node]:
        """Return what leads to a node by a property."""
        if isinstance(node, ox.Literal):
            return []
        graphs = self._data, self._added(draft)
        found = (node_of(s) for g in graphs for s in g.subjects(name, str_of(node)))
        return list(dict.fromkeys(filter(None, found)))

    def _added(self, draft: Draft) -> Graph:
        """Return an index of a draft; those of the last ones are kept, with the drafts."""
        if id(draft) not in self._drafts:
            if len(self._drafts) == _KEPT:
                self._drafts.clear()
            self._drafts[id(draft)] = draft, Graph(draft)
        return self._drafts[id(draft)][1]

    def classes(self, node: Term, draft: Draft) -> frozenset[str]:
        """Return the classes of a node, those above them included."""
        return frozenset(with_superclasses(map(str_of, self.values(node, RDF_TYPE, draft))))

    def is_made_up(self, node: Term) -> TypeGuard[ox.NamedNode]:
        """Tell whether a node is one of those that drafts make up, evidence aside."""
        name = str_of(node)
        return name.startswith(self._made) and name not in self._data and node != self._item

    def is_record(self, node: Term, draft: Draft) -> bool:
        """Tell whether a node is a record, which needs evidence."""
        return K20 + "Record" in self.classes(node, draft)

    def is_vouched_for(self, end: Term, path: Term | None = None) -> bool:
        """Tell whether a path, or else anything, leads to a node as another record's one value."""
        if path is None:
            names = self._terms.of_type(OWL + "FunctionalProperty")
            return any(self._data.subjects(name, str_of(end)) for name in names)
        if isinstance(path, ox.NamedNode):
            single = self.has_one_value(path.value)
            return single and bool(self._data.subjects(path.value, str_of(end)))
        last = list(members(self._terms, path))[-1:]
        for cell in self._terms.terms(str_of(path), SH + "alternativePath"):
            last += members(self._terms, cell)
        return any(self.is_vouched_for(end, step) for step in last)

    def has_one_value(self, name: str) -> bool:
        """Tell whether a property has one value at most."""
        return OWL + "FunctionalProperty" in self._terms.values(name, RDF_TYPE)

    def classes_of(self, name: str, side: str) -> list[str]:
        """Return the classes of what a property leads to (``range``) or from (``domain``)."""
        kinds: list[str] = []
        for kind in self._terms.values(name, RDFS + side):
            union = self._terms.terms(kind, OWL + "unionOf")
            kinds += [str_of(k) for cell in union for k in members(self._terms, cell)] or [kind]
        return kinds

    # ------------------------------------------------------------ paths

    def kind_of(self, path: Term) -> tuple[str, list[Term]]:
        """Return the kind of a path, by the IRI of SHACL that says it, and its parts.

        A property is a path of no kind; a sequence of paths is of the kind of ``rdf:first``.
        """
        if isinstance(path, ox.NamedNode):
            return "", [path]
        if path not in self._paths:
            said = self._terms
            found = (_RDF + "first", list(members(said, path)))
            for kind in (SH + "inversePath", SH + "alternativePath", *REPEATED):
                for part in said.terms(str_of(path), kind):
                    many = kind == SH + "alternativePath"
                    found = kind, list(members(said, part)) if many else [part]
            self._paths[path] = found
        return self._paths[path]


def members(graph: Graph, cell: Term) -> Iterator[Term]:
    """Yield the members of an RDF list."""
    while first := graph.terms(str_of(cell), _RDF + "first"):
        yield first[0]
        (cell,) = graph.terms(str_of(cell), _RDF + "rest")
