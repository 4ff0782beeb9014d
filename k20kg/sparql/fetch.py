"""Cases where they lie: in a store or behind an endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.errors import RecordError
from k20kg.rdf.graph import numbered_blank_nodes
from k20kg.rdf.normal_form import range_of
from k20kg.rdf.text import escape_controls
from k20kg.sparql.sparql import Rows, Source
from k20kg.vocabulary import K20, XSD, shorten

if TYPE_CHECKING:
    from k20kg.judging.cases import Case

_GRAPHS: Final = f"""
SELECT DISTINCT ?case ?graph ?record WHERE {{
    GRAPH ?graph {{
        {{ ?record <{K20}recordOf> ?case }} UNION {{ ?case a <{K20}CandidateGroup> }}
    }}
}} ORDER BY ?case ?graph ?record"""
_GROUPS: Final = f"SELECT DISTINCT ?case WHERE {{ ?case a <{K20}CandidateGroup> }} ORDER BY ?case"


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case where it lies; a call fetches it."""

    source: Source
    iri: str
    graphs: tuple[str, ...]
    """The graphs of its record; none: everything there is."""
    origin: str

    def __call__(self) -> Case:
        from k20kg.judging.cases import read_case

        quads: list[ox.Quad] = []
        for number, name in enumerate(self.graphs):
            pattern = f"GRAPH {ox.NamedNode(name)} {{ ?s ?p ?o }}"
            triples = self.source.construct(
                f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"
            ).triples
            quads += _quads(triples, f"g{number}", ox.NamedNode(name))
        if not self.graphs:
            triples = self.source.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }").triples
            quads = _quads(triples, "g", ox.DefaultGraph())
        return read_case(self.iri, f"{self.origin} {shorten(self.iri)}".strip(), quads)


def fetch_cases(source: Source, graph: str | None = None, *, origin: str = "") -> list[Case]:
    """Return the cases of a store or endpoint, sorted; with `graph`, those that it is part of."""
    return list(iter_cases(source, graph, origin=origin))


def iter_cases(source: Source, graph: str | None = None, *, origin: str = "") -> Iterator[Case]:
    """Yield the cases that `fetch_cases` returns, each fetched when it is asked for."""
    for fetch in find_cases(source, graph, origin=origin).values():
        yield fetch()


def find_cases(
    source: Source, graph: str | None = None, *, origin: str = ""
) -> dict[str, StoredCase]:
    """Return the IRIs of the cases that `fetch_cases` returns, each with what fetches it.

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
        place = f"the graph {escape_controls(graph)}" if graph is not None else "any graph"
        raise RecordError(
            f"there is no candidate group in {place}",
            where=origin,
            remedy="say which node is judged: <…> a k20:CandidateGroup",
        )
    parts = dict(sorted(parts.items())) | {_iri(group): () for group in whole}
    return {case: StoredCase(source, case, graphs, origin) for case, graphs in parts.items()}


def _graphs_by_case(source: Source) -> dict[str, tuple[str, ...]]:
    """Return the graphs of each case that some named graph describes."""
    rows = [tuple(map(_iri, row)) for row in _rows(source, _GRAPHS)]
    graphs = {graph for _, graph, _ in rows}
    described = {case for case, _, record in rows if not record}
    records: dict[str, set[str]] = {}
    homes: dict[str, set[str]] = {}
    for case, graph, record in rows:
        homes.setdefault(case, set()).add(graph)
        if record in graphs:
            records.setdefault(case, set()).add(record)
    return {case: tuple(sorted(records.get(case) or homes[case])) for case in described}


def _quads(
    triples: list[ox.Triple], mark: str, graph: ox.NamedNode | ox.DefaultGraph
) -> list[ox.Quad]:
    """Return the triples in a graph; blank nodes of different answers stay apart.

    A store names blank nodes at random: here they get the names that follow from what is said of
    them. Virtuoso keeps true as the integer 1.
    """
    names = numbered_blank_nodes(mark)
    if any(
        isinstance(t, ox.BlankNode) for triple in triples for t in (triple.subject, triple.object)
    ):
        whole = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        whole.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        triples = [quad.triple for quad in sorted(whole, key=str)]
    return [
        ox.Quad(names.term(t.subject), t.predicate, names.term(_truth(t)), graph) for t in triples
    ]


def _truth(triple: ox.Triple) -> Any:
    """Return the value of a triple; 1 and 0 as true and false where the property asks for that."""
    value = triple.object
    if range_of().get(triple.predicate.value) != "boolean" or not isinstance(value, ox.Literal):
        return value
    number = value.datatype.value == XSD + "integer" and value.value in ("0", "1")
    return ox.Literal(value.value == "1") if number else value


def _rows(source: Source, text: str) -> list[tuple[Any, ...]]:
    found = source.select(text)
    assert isinstance(found, Rows)
    return found.rows


def _iri(term: Any) -> str:
    return "" if term is None else str(term.value)
