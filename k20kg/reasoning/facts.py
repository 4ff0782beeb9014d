"""The facts of a case: what stands, affirmed by evidence and disputed by nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyoxigraph as ox

from k20kg.judging.cases import Case
from k20kg.rdf.graph import Graph, key
from k20kg.reasoning.axioms import Logic
from k20kg.reasoning.triples import RDF, Axioms
from k20kg.sources.terms import is_a, marked, temporal_kind, with_superclasses
from k20kg.vocabulary import K20, OWL, PREFIXES, RDF_TYPE, XSD

_EVIDENCE: Final = tuple(K20 + n for n in ("evidencedBy", "leftOpenBy", "disputedBy"))
# Statements about the record itself, and about its sources, are no part of the world judged.
_LEFT_ASIDE: Final = frozenset({K20 + "AboutTheRecord", K20 + "UpToItsDay"})
_TOLD_AS_VALUES: Final = (XSD + "boolean", XSD + "integer")


class Record:
    """A case as a graph, asked what stands."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.graph = Graph(case.quads)
        self._kinds: dict[str, frozenset[str]] = {}

    def stands(self, node: str) -> bool:
        """Tell whether a node is affirmed and undisputed, or is none that needs evidence."""
        affirmed, left_open, disputed = (self.graph.values(node, p) for p in _EVIDENCE)
        return not disputed and (bool(affirmed) or not left_open)

    def may_stand(self, node: str) -> bool:
        """Tell whether a node stands or may, for all that is on record."""
        affirmed, left_open, disputed = (self.graph.values(node, p) for p in _EVIDENCE)
        return bool(affirmed or left_open) or not disputed

    def kinds(self, node: str) -> frozenset[str]:
        """Return the classes of a node with all above them."""
        if node not in self._kinds:
            found = with_superclasses(self.graph.values(node, RDF_TYPE))
            self._kinds[node] = frozenset(found)
        return self._kinds[node]


def facts(record: Record) -> Iterator[ox.Triple]:
    """Yield what stands."""
    conditional, silent = marked("toldIfStanding"), marked("saysNothing")
    aside = {
        subject
        for subject in dict.fromkeys(key(q.subject) for q in record.case.quads)
        if any(temporal_kind(k) in _LEFT_ASIDE for k in record.graph.values(subject, RDF_TYPE))
    }
    for quad in record.case.quads:
        subject, predicate, value = key(quad.subject), quad.predicate.value, key(quad.object)
        if subject in aside or value in aside:
            continue
        if predicate == RDF_TYPE:
            if value.startswith(K20) or value == OWL + "AllDifferent":
                yield quad.triple
        elif predicate.startswith((OWL, RDF)):
            yield quad.triple
        elif record.kinds(subject) & conditional and not record.stands(subject):
            continue
        elif isinstance(quad.object, ox.Literal):
            if quad.object.datatype.value in _TOLD_AS_VALUES and is_a(
                predicate, "DatatypeProperty"
            ):
                yield quad.triple
        elif (
            is_a(predicate, "ObjectProperty")
            and value not in silent
            and (predicate not in conditional or record.stands(value))
        ):
            yield quad.triple


def findings(record: Record, told: Logic) -> Iterator[ox.Triple]:
    """Yield who is, and who is not, of the classes whose members are found by a query."""
    if not told.queried:
        return
    store = ox.Store()
    # All graphs as one set: in Oxigraph's union, what stands in two would count twice.
    store.extend(ox.Quad(*q.triple) for q in (*record.case.quads, *told.subclasses))
    found = Axioms("found")
    for kind in told.queried:
        for query in told.terms.values(kind, K20 + "membersFoundBy"):
            for node in _members(store, query):
                found.add(node, RDF_TYPE, kind)
        for query in told.terms.values(kind, K20 + "othersFoundBy"):
            for node in _members(store, query):
                found.is_not(node, kind)
    yield from found.triples


def _members(store: ox.Store, query: str) -> list[str]:
    answer = store.query(query, prefixes=PREFIXES)
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(row["member"].value for row in answer if isinstance(row["member"], ox.NamedNode))
