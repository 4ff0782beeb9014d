"""The default graph that queries ask: the RDF merge of graphs, in which a triple stands once.

Oxigraph's own union of graphs is a bag: a triple in two graphs matches twice, so that COUNT and
SUM are wrong (oxigraph #1919; mended in 0.6, with which this module may go). So the triples of all
named graphs are put into the default graph of a store too, and the graphs of FROM are copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any, Final

import pyoxigraph as ox

from k20kg.query.sparql import form_of
from k20kg.query.tokens import tokens

_DEFAULT: Final = ox.DefaultGraph()
_COUNTING: Final = re.compile(
    "SELECT|REDUCED|COUNT|SUM|AVG|SAMPLE|GROUP|LIMIT|OFFSET|RAND|UUID|BNODE"
)


def merge(store: ox.Store) -> None:
    """Put the triples of all named graphs into the default graph too, unless one graph is all."""
    if not is_set(store):
        store.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")


def is_set(store: ox.Store) -> bool:
    """Tell whether a store has one graph at most, so that no triple can stand in two."""
    named = len(list(islice(store.named_graphs(), 2)))
    stated = store.quads_for_pattern(None, None, None, _DEFAULT)
    return named + (next(stated, None) is not None) < 2


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
    form = form_of(text)
    found = list(tokens(text))
    start = next(n for n, t in enumerate(found) if t[0].upper() == form)
    rest = found[start + 1 :]
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
        union = union or is_set(store)
        return store.query(text, use_default_graph_as_union=union, **options)
    graphs: list[Any] = [ox.NamedNode(iri) for iri in dict.fromkeys(default)]
    others: list[Any] = [ox.NamedNode(iri) for iri in dict.fromkeys(named)]
    if len(graphs) > 1 and counts(text):
        store, graphs = _chosen(store, graphs, others), [_DEFAULT]
    return store.query(text, default_graph=graphs, named_graphs=others, **options)


def _chosen(
    store: ox.Store, default: Iterable[ox.NamedNode], named: Iterable[ox.NamedNode]
) -> ox.Store:
    """Return a store whose default graph is the merge of some graphs, beside named ones."""

    def quads(graphs: Iterable[ox.NamedNode]) -> Iterable[ox.Quad]:
        return chain.from_iterable(store.quads_for_pattern(None, None, None, g) for g in graphs)

    chosen = ox.Store()
    chosen.extend(ox.Quad(q.subject, q.predicate, q.object) for q in quads(default))
    chosen.extend(quads(named))
    return chosen
