"""Anonymous classes, paths and lists of RDF in words, for pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from k20kg.rdf.graph import Lookup, Term, str_of
from k20kg.vocabulary import OWL, PREFIXES, SH

_RDF: Final = PREFIXES["rdf"]
_MOST: Final = 200
_LISTS: Final = {
    OWL + "intersectionOf": ("(", " and ", ")"),
    OWL + "unionOf": ("(", " or ", ")"),
    OWL + "oneOf": ("one of ", ", ", ""),
    SH + "alternativePath": ("(", " | ", ")"),
}
"""Property that leads to a list → words before, between and after its members."""
_MARKS: Final = {
    OWL + "complementOf": ("not ", ""),
    OWL + "inverseOf": ("inverse of ", ""),
    SH + "inversePath": ("^", ""),
    SH + "zeroOrMorePath": ("", "*"),
    SH + "oneOrMorePath": ("", "+"),
}
"""Property that leads to one term → words before and after it."""
_RESTRICTIONS: Final = {
    OWL + "someValuesFrom": " some ",
    OWL + "allValuesFrom": " only ",
    OWL + "hasValue": " value ",
    OWL + "minQualifiedCardinality": " min ",
    OWL + "maxQualifiedCardinality": " max ",
    OWL + "qualifiedCardinality": " exactly ",
    OWL + "minCardinality": " min ",
    OWL + "maxCardinality": " max ",
    OWL + "cardinality": " exactly ",
    OWL + "hasSelf": " self ",
    OWL + "onClass": " ",
}


def pieces(graph: Lookup, node: str) -> Iterator[Term | str]:
    """Yield what an anonymous class, path or list is made of: terms, and words between them."""
    for predicate, (before, between, after) in _LISTS.items():
        for head in graph.terms(node, predicate)[:1]:
            yield from _joined(graph, str_of(head), before, between, after)
            return
    for predicate, (before, after) in _MARKS.items():
        for value in graph.terms(node, predicate):
            yield from (before, value, after)
            return
    if properties := graph.terms(node, OWL + "onProperty"):
        yield properties[0]
        for predicate, words in _RESTRICTIONS.items():
            for value in graph.terms(node, predicate):
                yield from (words, value)
    elif graph.terms(node, _RDF + "first"):
        yield from _joined(graph, node, "", " / ", "")
    else:
        yield "a part without a name"


def _joined(
    graph: Lookup, head: str, before: str, between: str, after: str
) -> Iterator[Term | str]:
    """Yield the members of an RDF list, `_MOST` at most, with words around and between them."""
    seen: set[str] = set()
    yield before
    while head.startswith("_:") and head not in seen and len(seen) < _MOST:
        yield from (between if seen else "", *graph.terms(head, _RDF + "first")[:1])
        seen.add(head)
        head = graph.value(head, _RDF + "rest")
    yield after
