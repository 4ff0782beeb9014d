"""The default graph that queries ask: the RDF merge of graphs, in which a triple stands once.

Oxigraph's own union of graphs is a bag: a triple in two graphs matches twice, so that COUNT and
SUM are wrong (oxigraph #1919; mended in 0.6, with which this module may go). Where no triple stands
in two graphs the union is asked. Else the triples of all named graphs are put into the default
graph too, and the graphs of FROM are copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any, Final

import pyoxigraph as ox

from k20kg.sparql.tokens import form_token, tokens

_DEFAULT: Final = ox.DefaultGraph()
_ANY: Final = "GRAPH ?g { ?s ?p ?o }"
_SOME: Final = f"{{ SELECT * {{ {_ANY} }} LIMIT 1000 }}"
_COUNTING: Final = re.compile(
    "SELECT|REDUCED|COUNT|SUM|AVG|SAMPLE|GROUP|LIMIT|OFFSET|RAND|UUID|BNODE"
)


def merge(store: ox.Store) -> None:
    """Put the triples of all named graphs into the default graph too, unless the union is right."""
    if is_set(store):
        return
    graphs = list(store.named_graphs())
    if all(isinstance(graph, ox.NamedNode) for graph in graphs):  # a tenth faster than INSERT
        store.update("; ".join(f"ADD {graph} TO DEFAULT" for graph in graphs))
    else:
        store.update(f"INSERT {{ ?s ?p ?o }} WHERE {{ {_ANY} }}")


def is_set(store: ox.Store) -> bool:
    """Tell whether no triple of a store can match twice in the union of its graphs.

    What is looked at are some triples, all subjects, then predicates one by one, which bounds
    memory.
    """
    named = len(list(islice(store.named_graphs(), 2)))
    if named + has_default(store) < 2:
        return True
    if has_default(store):
        return False
    if store.query(f"ASK {{ {_SOME} GRAPH ?h {{ ?s ?p ?o }} FILTER (?h != ?g) }}"):
        return False
    subjects, homes = (f"SELECT DISTINCT {one} {{ {_ANY} }}" for one in ("?s", "?s ?g"))
    if _count(store, subjects) == _count(store, homes):
        return True  # each subject is described in one graph, as in most corpora of cases
    predicates = store.query(f"SELECT DISTINCT ?p {{ {_ANY} }}")
    assert isinstance(predicates, ox.QuerySolutions)
    return not any(_doubles(store, f"GRAPH ?g {{ ?s {row[0]} ?o }}") for row in predicates)


def has_default(store: ox.Store) -> bool:
    """Tell whether anything stands in the default graph, where a merge would be."""
    return next(store.quads_for_pattern(None, None, None, _DEFAULT), None) is not None


def _doubles(store: ox.Store, pattern: str, **dataset: Any) -> bool:
    """Tell whether a pattern of ?s, ?p and ?o matches a triple twice."""
    distinct = f"SELECT DISTINCT ?s ?p ?o {{ {pattern} }}"
    return _count(store, distinct, **dataset) != _count(store, pattern, **dataset)


def _count(store: ox.Store, what: str, **dataset: Any) -> object:
    found = store.query(f"SELECT (COUNT(*) AS ?n) {{ {what} }}", **dataset)
    assert isinstance(found, ox.QuerySolutions)
    return next(found)["n"]


def merged_copy(store: ox.Store) -> ox.Store:
    """Return the graphs of a store in a store of its own, merged."""
    copied = ox.Store()
    copied.bulk_extend(store)
    merge(copied)
    return copied


def counts(text: str) -> bool:
    """Tell whether an answer can depend on how often a triple matches.

    It cannot for ASK, CONSTRUCT, DESCRIBE and SELECT DISTINCT that nowhere count, cut or make up
    terms. True in case of doubt.
    """
    first = form_token(text)
    form, rest = (first[0].upper(), list(tokens(text[first.end() :]))) if first else ("", [])
    words = [t[0].upper() for t in rest if t.lastgroup == "word"]
    if form == "SELECT" and words[:1] != ["DISTINCT"]:
        return True
    if form == "CONSTRUCT":  # a blank node of the template is a new one for each match
        end = next((n for n, t in enumerate(rest) if t[0] == "}"), 0)
        if any(t[0] in ("[", "(") or t.lastgroup == "label" for t in rest[:end]):
            return True
    return any(map(_COUNTING.search, words))


def ask(
    store: ox.Store,
    text: str,
    *,
    default: Sequence[str] | None = None,
    named: Sequence[str] = (),
    union: bool = False,
    **options: Any,
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Return what a merged store answers; `options` are Oxigraph's.

    With `default`, the query asks the merge of these graphs, and ``GRAPH`` finds those in `named`
    only; a graph that is not there is empty. With `union`, the store may be one that is not
    merged, for a query that does not count.
    """
    if default is None:
        union = union or not has_default(store)
        return store.query(text, use_default_graph_as_union=union, **options)
    graphs, others = (
        tuple(ox.NamedNode(iri) for iri in dict.fromkeys(iris)) for iris in (default, named)
    )
    if len(graphs) > 1 and counts(text):
        store, graphs = _as_set(store, graphs, others)
    return store.query(text, default_graph=list(graphs), named_graphs=list(others), **options)


@lru_cache(maxsize=2)  # what is asked once is asked again, and a copy costs more than most queries
def _as_set(
    store: ox.Store, default: tuple[ox.NamedNode, ...], named: tuple[ox.NamedNode, ...]
) -> tuple[ox.Store, tuple[Any, ...]]:
    """Return a store and graphs of it in which no triple of these graphs stands twice."""
    if not _doubles(store, "?s ?p ?o", default_graph=list(default)):
        return store, default

    def quads(graphs: Iterable[ox.NamedNode]) -> Iterable[ox.Quad]:
        return chain.from_iterable(store.quads_for_pattern(None, None, None, g) for g in graphs)

    chosen = ox.Store()
    chosen.bulk_extend(ox.Quad(*quad.triple) for quad in quads(default))
    chosen.bulk_extend(quads(named))
    return chosen, (_DEFAULT,)
