"""Cases where they lie: in a store or behind an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.errors import RecordError
from k20kg.literals import canonical
from k20kg.query.sparql import Rows, Source
from k20kg.text import neutralise
from k20kg.vocabulary import K20, RDFS, XSD, packaged, shorten

if TYPE_CHECKING:
    from k20kg.cases import Case

__all__ = ["fetch_cases", "iter_cases"]

_REWRITTEN: Final = {"decimal", "integer", "boolean", "dateTime"}
_GRAPHS: Final = f"""
SELECT DISTINCT ?case ?graph ?record WHERE {{
    GRAPH ?graph {{
        {{ ?record <{K20}recordOf> ?case }} UNION {{ ?case a <{K20}CandidateGroup> }}
    }}
}} ORDER BY ?case ?graph ?record"""
_GROUPS: Final = f"SELECT DISTINCT ?case WHERE {{ ?case a <{K20}CandidateGroup> }} ORDER BY ?case"


def fetch_cases(source: Source, graph: str | None = None, *, origin: str = "") -> list[Case]:
    """Return the cases of a store or endpoint, sorted; with `graph`, those that it is part of."""
    return list(iter_cases(source, graph, origin=origin))


def iter_cases(source: Source, graph: str | None = None, *, origin: str = "") -> Iterator[Case]:
    """Yield the cases that `fetch_cases` returns, each fetched when it is asked for.

    Graphs that ``k20:recordOf`` says to be records of one group make one case. Without such
    graphs it is the graphs that describe the group; without graphs at all, everything there is.
    """
    parts = _graphs_by_case(source)
    groups = [term for (term,) in _rows(source, _GROUPS) if term is not None]
    whole = [
        group for group in groups if isinstance(group, ox.BlankNode) or _iri(group) not in parts
    ]
    if any(isinstance(group, ox.BlankNode) for group in whole):
        raise RecordError(
            "the candidate group is a blank node", where=origin, remedy="name it by an IRI"
        )
    if graph is not None:
        parts = {case: graphs for case, graphs in parts.items() if graph in graphs}
        whole = []
    if len(whole) > 1 or (whole and parts):
        raise RecordError(
            f"{shorten(_iri(whole[0]))} and other candidate groups share the default graph",
            where=origin,
            remedy="put each case into a named graph of its own",
        )
    if not parts and not whole:
        place = f"the graph {neutralise(graph)}" if graph is not None else "any graph"
        raise RecordError(
            f"there is no candidate group in {place}",
            where=origin,
            remedy="say which node is judged: <…> a k20:CandidateGroup",
        )
    for case, graphs in sorted(parts.items()):
        yield _case(source, case, graphs, origin)
    for group in whole:
        yield _case(source, _iri(group), [], origin)


def _graphs_by_case(source: Source) -> dict[str, list[str]]:
    """Return the graphs of each case that some named graph describes."""
    rows = [tuple(map(_iri, row)) for row in _rows(source, _GRAPHS)]
    graphs = {graph for _, graph, _ in rows}
    found: dict[str, list[str]] = {}
    for case in {case for case, _, record in rows if not record}:
        records = {record for c, _, record in rows if c == case and record in graphs}
        found[case] = sorted(records or {graph for c, graph, _ in rows if c == case})
    return found


def _case(source: Source, case: str, graphs: list[str], origin: str) -> Case:
    from k20kg.cases import case_of

    quads: list[ox.Quad] = []
    for number, name in enumerate(graphs):
        pattern = f"GRAPH {ox.NamedNode(name)} {{ ?s ?p ?o }}"
        triples = source.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}").triples
        quads += _quads(triples, f"g{number}", ox.NamedNode(name))
    if not graphs:
        triples = source.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }").triples
        quads = _quads(triples, "g", ox.DefaultGraph())
    return case_of(case, f"{origin} {shorten(case)}".strip(), quads)


def _quads(
    triples: list[ox.Triple], mark: str, graph: ox.NamedNode | ox.DefaultGraph
) -> list[ox.Quad]:
    """Return the triples in a graph; blank nodes of different answers stay apart.

    Stores keep a value and forget how it was written: Oxigraph gives the decimal 6.0 as 6,
    Virtuoso gives true as the integer 1. So literals are written anew, in the canonical form of
    the type that the ontology declares for the property.
    """
    ranges = _ranges()
    names: dict[str, ox.BlankNode] = {}

    def rename(term: Any) -> Any:
        if not isinstance(term, ox.BlankNode):
            return term
        return names.setdefault(term.value, ox.BlankNode(f"{mark}b{len(names)}"))

    def rewrite(term: Any, predicate: str) -> Any:
        if not isinstance(term, ox.Literal):
            return rename(term)
        kind = term.datatype.value.removeprefix(XSD)
        if kind not in _REWRITTEN:
            return term
        wanted = ranges.get(predicate, kind)
        for each in (wanted, kind):  # a wrong literal stays wrong, for the record check to find
            if form := canonical(term.value, each):
                return ox.Literal(form, datatype=ox.NamedNode(XSD + each))
        return term

    return [
        ox.Quad(rename(t.subject), t.predicate, rewrite(t.object, t.predicate.value), graph)
        for t in triples
    ]


@cache
def _ranges() -> dict[str, str]:
    """Return the XSD type that the ontology declares for a property, where it is rewritten."""
    found = {}
    for path in sorted(packaged("ontology").glob("*.ttl")):
        for quad in ox.parse(path=path):
            if quad.predicate.value == RDFS + "range" and isinstance(quad.object, ox.NamedNode):
                kind = quad.object.value.removeprefix(XSD)
                if kind in _REWRITTEN:
                    found[str(getattr(quad.subject, "value", ""))] = kind
    return found


def _rows(source: Source, text: str) -> list[tuple[Any, ...]]:
    found = source.select(text)
    assert isinstance(found, Rows)
    return found.rows


def _iri(term: Any) -> str:
    return "" if term is None else str(term.value)
