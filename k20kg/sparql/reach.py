"""The guard before a query runs: what it would reach beyond the data, and whether it is too much.

Oxigraph fetches `SERVICE` by itself, even silently, so a query is looked at before it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from k20kg.errors import RemoteError, UsageError
from k20kg.sparql.faults import syntax_error
from k20kg.sparql.tokens import terms, tokens
from k20kg.vocabulary import PREFIXES

_SURELY_SMALL: Final = 500
_DEEPEST: Final = 100
_MOST_STEPS: Final = 500
_NESTING: Final = {"OPTIONAL", "MINUS", "UNION", "BIND", "FILTER", "GRAPH", "SELECT", "VALUES"}


def refuse_oversized(text: str, *, where: str = "query") -> None:
    """Raise for a query so deep or so long that Oxigraph would overflow its stack on it.

    Nothing catches that: it ends the process. Terms in VALUES do not count.
    """
    if len(text) < _SURELY_SMALL:
        return
    depth = deepest = steps = 0
    for token in tokens(text):
        mark = token[0]
        if token.lastgroup == "mark":
            depth += (mark in "({[") - (mark in ")}]")
            deepest = max(deepest, depth)
            steps += mark in "+-*/|^!&=<>"
        elif token.lastgroup == "word":
            steps += mark.upper() in _NESTING
    if deepest > _DEEPEST or steps > _MOST_STEPS:
        raise UsageError(
            f"the query is nested {deepest} deep and has {steps} operators; "
            f"{_DEEPEST} and {_MOST_STEPS} are the most",
            where=where,
            remedy="ask in several queries, or give many values in VALUES",
        )


@dataclass(frozen=True, slots=True)
class QueryReach:
    """Names in a query outside its patterns: services, and the graphs of FROM clauses."""

    services: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] = ()
    """IRIs after FROM."""
    named_graphs: tuple[str, ...] = ()
    """IRIs after FROM NAMED."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """All graphs that the query says itself it asks."""
        return self.default_graphs + self.named_graphs


_NOWHERE: Final = QueryReach()
_BLANK: Final = r"(?:\s|#[^\r\n]*+)*+"
_SERVICE: Final = re.compile(
    rf"service{_BLANK}(?:silent{_BLANK})?+(?:<[^<>\s]*+>|(?:\\.|[^\s\\{{#<])++){_BLANK}\{{",
    re.IGNORECASE,
)
"""The keyword, a term and a brace: what is no such thing, wherever it stands, asks no service."""
_MOST_SERVICES: Final = 100


def reach_of(text: str, *, where: str = "query") -> QueryReach:
    """Return what a query would reach for; `RemoteError` where nobody can be sure of it.

    Where a service may be asked, rdflib's algebra decides, which takes a quarter of a second.
    Oxigraph reads no escapes in keywords, rdflib undoes all before it parses.
    """
    small = text.casefold()
    services = small.count("service")
    if services and (services > _MOST_SERVICES or _SERVICE.search(text)):
        return QueryReach(_services_of(text, where), *_graphs_of(text, where))
    return QueryReach((), *_graphs_of(text, where)) if "from" in small else _NOWHERE


def _graphs_of(text: str, where: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the IRIs after FROM and those after FROM NAMED."""
    found: dict[str, list[str]] = {"FROM": [], "NAMED": []}
    kind = before = ""
    for token, iri in terms(text):
        word = token[0].upper()
        if kind and iri:
            found[kind].append(iri)
        elif kind and word == "<":
            _refuse_escapes(text, where)
        glued = token.lastgroup == "name" and word.startswith(("FROM", "NAMED"))
        if glued and not iri and before != "PREFIX":  # Oxigraph takes the beginning for a keyword
            raise UsageError(
                "a blank is missing after FROM or NAMED", where=where, remedy="write one"
            )
        kind = {"FROM": "FROM", "FROMNAMED": "NAMED", "NAMED": kind and "NAMED"}.get(word, "")
        before = word
    return tuple(found["FROM"]), tuple(found["NAMED"])


def _refuse_escapes(text: str, where: str) -> None:
    if re.search(r"\\u", text, re.IGNORECASE):
        raise RemoteError(
            "a query with SERVICE or FROM in it may not use \\u escapes: nobody can be sure "
            "what it would reach",
            where=where,
            remedy="write the characters themselves",
        )


def _services_of(text: str, where: str) -> tuple[str, ...]:
    """Return the addresses of the services that a query asks."""
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.algebra import translateQuery
    from rdflib.plugins.sparql.parser import parseQuery

    _refuse_escapes(text, where)
    plain = re.sub(r"\r\n?", "\n", text)  # a comment ends at CR for Oxigraph, not for rdflib
    try:
        tree = parseQuery(plain)
        translateQuery(tree, initNs=PREFIXES)
    except ParseBaseException as fault:
        said = SyntaxError(f"error at {fault.lineno}:{fault.column}: expected ")
        raise syntax_error(said, plain, where=where) from None
    except Exception as fault:
        raise syntax_error(fault, plain, where=where) from None
    words = (t[0].upper() for t in tokens(plain) if t.lastgroup == "word")
    unclear = any(word.startswith("SERVICE") for word in words)
    return tuple(_services(tree)) or (("an unclear address",) if unclear else ())


def _services(part: Any) -> Iterator[str]:
    """Yield the address of each service in a parse tree."""
    if getattr(part, "name", None) == "ServiceGraphPattern":
        term: Any = part.term  # an IRI, a variable, or the two halves of a prefixed name
        yield str(term) if isinstance(term, str) else f"{term.prefix or ''}:{term.localname or ''}"
    # pyparsing's results pass for mappings too, of a few of their parts only.
    inside = part.values() if isinstance(part, dict) else part
    if not isinstance(part, str) and hasattr(inside, "__iter__"):
        for item in inside:
            yield from _services(item)
