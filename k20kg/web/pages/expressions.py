"""Anonymous classes, paths and lists in words, for pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from k20kg.rdf.graph import Term
from k20kg.vocabulary import OWL, PREFIXES, SH

if TYPE_CHECKING:
    from k20kg.web.pages.terms import Names

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


def pieces(names: Names, node: str) -> Iterator[Term | str]:
    """Yield what an anonymous class, path or list is made of: terms, and words between them."""
    for predicate, (before, between, after) in _LISTS.items():
        if lists := names.terms(node, predicate):
            yield from _joined(members(names, lists[0]), before, between, after)
            return
    for predicate, (before, after) in _MARKS.items():
        for value in names.terms(node, predicate):
            yield from (before, value, after)
            return
    if properties := names.terms(node, OWL + "onProperty"):
        yield properties[0]
        for predicate, words in _RESTRICTIONS.items():
            for value in names.terms(node, predicate):
                yield from (words, value)
    elif names.terms(node, _RDF + "first"):
        yield from _joined(members(names, ox.BlankNode(node[2:])), "", " / ", "")
    else:
        yield "a part without a name"


def _joined(terms: Sequence[Term], before: str, between: str, after: str) -> Iterator[Term | str]:
    yield before
    for n, term in enumerate(terms):
        yield from (between, term) if n else (term,)
    yield after


def members(names: Names, head: Term | None) -> list[Term]:
    """Return the members of an RDF list."""
    found: list[Term] = []
    seen: set[str] = set()
    while isinstance(head, ox.BlankNode) and str(head) not in seen and len(found) < _MOST:
        seen.add(str(head))
        found += names.terms(str(head), _RDF + "first")
        head = next(iter(names.terms(str(head), _RDF + "rest")), None)
    return found
