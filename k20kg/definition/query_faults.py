"""Faults of the queries and regular expressions in shapes, whichever engine will read them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from k20kg.rdf.graph import Graph, Term
from k20kg.vocabulary import K20, PREFIXES, SH, shorten

_OUT_OF_PLACE = re.compile(r"\b(SERVICE|MINUS|VALUES)\b", re.I)
_ELSEWHERE = re.compile(r"\b(SERVICE)\b", re.I)
_QUIET = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|<[^<>\s]*>|#.*')
"""Texts, addresses and comments of a query."""


def pattern_fault(pattern: str, flags: str) -> str:
    """Return what is wrong with an expression, for the one engine or the other."""
    try:
        re.compile(pattern)
    except re.error as fault:
        return f"which is no regular expression: {fault}"
    query = f'SELECT (REGEX("", {ox.Literal(pattern)}, {ox.Literal(flags)}) AS ?r) {{}}'
    answer = ox.Store().query(query)
    assert isinstance(answer, ox.QuerySolutions)
    if next(iter(answer))["r"] is None:
        return f"which not every engine can read{f' with sh:flags {flags}' if flags else ''}"
    return ""


def query_faults(own: Graph, shared: Graph | None, node: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the queries of a node, and what to do.

    `shared` holds what the file builds on: prefixes may be declared there.
    """
    for query in own.values(node, K20 + "coverageQuery"):
        for what, remedy in _faults(query, PREFIXES, "node"):
            yield f"{what} (k20:coverageQuery)", remedy
    if queries := own.terms(node, SH + "select"):
        yield from _constraint_faults(own, shared, node, queries)


def _constraint_faults(
    own: Graph, shared: Graph | None, constraint: str, queries: Iterable[Term]
) -> Iterator[tuple[str, str]]:
    prefixes: dict[str, str] = {}
    for graph in filter(None, (shared, own)):
        for group in own.values(constraint, SH + "prefixes"):
            for declared in graph.values(group, SH + "declare"):
                name = graph.value(declared, SH + "prefix")
                prefixes[name] = graph.value(declared, SH + "namespace")
    for group in own.values(constraint, SH + "prefixes"):
        if group not in own and not (shared and group in shared):
            yield (
                f"refers by sh:prefixes to {shorten(group)}, which is not there",
                'add sh:declare [ sh:prefix "…" ; sh:namespace "…"^^xsd:anyURI ] to it',
            )
            return
    for term in queries:
        if not isinstance(term, ox.Literal):
            yield "has a sh:select that is no text", "write the query in quotes"
            continue
        yield from _faults(term.value, prefixes, "this")


def _faults(query: str, prefixes: dict[str, str], variable: str) -> Iterator[tuple[str, str]]:
    """Yield the faults of a query that is to select a variable."""
    bare = _QUIET.sub("''", query)
    own = set(re.findall(r"(?i)\bprefix\s+([\w.-]*):", query))
    for name in sorted(set(re.findall(r"(?<![\w?$:.-])([A-Za-z][\w.-]*|):", bare))):
        if name not in prefixes and name not in own and name != "_":
            space = PREFIXES.get(name, "…")
            yield (
                f"uses the prefix {name}: in a query, where it is not declared",
                f'add sh:prefixes [ sh:declare [ sh:prefix "{name}" ; '
                f'sh:namespace "{space}"^^xsd:anyURI ] ]',
            )
            return
    forbidden = _OUT_OF_PLACE if variable == "this" else _ELSEWHERE
    if word := forbidden.search(bare):
        yield f"has {word[1].upper()} in a query, where none may stand", "ask without it"
        return
    try:
        answer = ox.Store().query(query, prefixes=prefixes)
    except (SyntaxError, ValueError, OSError) as fault:
        yield f"has a query that is no SPARQL ({_brief(str(fault))})", "mend it at that place"
        return
    names = answer.variables if isinstance(answer, ox.QuerySolutions) else []
    if variable not in (name.value for name in names):
        sign = "$" if variable == "this" else "?"
        node = "the node that is tested" if variable == "this" else "one node a row"
        yield f"has a query without {sign}{variable}", f"select {sign}{variable}, {node}"


def _brief(message: str) -> str:
    """Return what an engine says of a query, without all that might have stood there."""
    place = re.match(r"error at (\d+):(\d+)", message)
    return f"at line {place[1]} of it, column {place[2]}" if place else message[:200]
