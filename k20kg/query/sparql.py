"""SPARQL queries: forms of answer, terms bound as terms, and the guard that keeps them here.

Oxigraph fetches `SERVICE` by itself, even silently, so a query is looked at before it runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Protocol
from urllib.parse import urljoin

import pyoxigraph as ox

from k20kg.errors import RemoteError, UsageError
from k20kg.query.faults import nearest_word, place_of, syntax_error
from k20kg.query.tokens import FORMS, tokens
from k20kg.rdf.text import neutralise
from k20kg.vocabulary import PREFIXES

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True, slots=True)
class Rows:
    """What SELECT gives: an unbound variable is None."""

    columns: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]


@dataclass(frozen=True, slots=True)
class Truth:
    """What ASK gives."""

    value: bool


@dataclass(frozen=True, slots=True)
class Triples:
    """What CONSTRUCT and DESCRIBE give: each triple once, sorted."""

    triples: list[ox.Triple]


Answer = Rows | Truth | Triples


class Source(Protocol):
    """A store here or an endpoint elsewhere: the same two methods."""

    def select(self, text: str, *, where: str = "query") -> Rows | Truth:
        """Answer SELECT or ASK; `where` is what errors call the query."""
        ...

    def construct(self, text: str, *, where: str = "query") -> Triples:
        """Answer CONSTRUCT or DESCRIBE."""
        ...


def failure(fault: Exception, text: str, *, where: str) -> UsageError:
    """Return the error for a query that the engine can parse and not run."""
    unknown = _NO_FUNCTION.search(str(fault))
    if not unknown:
        return UsageError(
            f"the query failed: {neutralise(str(fault))}", where=where, remedy="mend the query"
        )
    known = list(tokens(text))
    names = (a for a, b in pairwise(known) if b[0] == "(" and a.lastgroup in ("iri", "name"))
    local = re.split(r"[:/#<>]+", unknown[1])[-1]
    at = next((name.start() for name in names if local in name[0]), None)
    place = "" if at is None else ":{}:{}".format(*place_of(text, at))
    return UsageError(
        f"there is no function <{neutralise(unknown[1])}>",
        where=f"{where}{place}",
        remedy="take one that SPARQL 1.1 has",
    )


def answer(source: Source, text: str, *, where: str = "query") -> Answer:
    """Return what a source answers to a query of any form."""
    if form_of(text, where=where) in ("CONSTRUCT", "DESCRIBE"):
        return source.construct(text, where=where)
    return source.select(text, where=where)


_NO_FUNCTION: Final = re.compile(r"custom function <([^>]*)> is not supported")
_SURELY_SMALL: Final = 500
_DEEPEST: Final = 100
_MOST_STEPS: Final = 500
_NESTING: Final = {"OPTIONAL", "MINUS", "UNION", "BIND", "FILTER", "GRAPH", "SELECT", "VALUES"}
_UPDATES: Final = {
    *("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"),
}


def form_of(text: str, *, where: str = "query") -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE; `UsageError` for an update or no query."""
    first = ""
    for token in tokens(text):
        word = token[0].upper() if token.lastgroup == "word" else ""
        first = first or word
        if word in FORMS:
            return word
        if word in _UPDATES:
            raise UsageError(
                f"{word} changes data, and a query may only ask",
                where=where,
                remedy="give SELECT, ASK, CONSTRUCT or DESCRIBE; add data with k20kg load",
            )
    near = nearest_word(first, FORMS)
    raise UsageError(
        "there is no SPARQL query here",
        where=where,
        remedy=f"did you mean {near} for {neutralise(first)}?"
        if near
        else "give SELECT, ASK, CONSTRUCT or DESCRIBE",
    )


def refuse_monsters(text: str, *, where: str = "query") -> None:
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


def bind(text: str, values: Mapping[str, Term], *, where: str = "query") -> str:
    """Return the query with variables bound to terms.

    The data of each ``VALUES ?name { … }`` is replaced; a variable without one gets it as the
    first thing in the outermost group. Terms are written by the RDF library and replace whole
    tokens, so no value can end where it should not.
    """
    for name, term in values.items():
        block = f"VALUES ?{name} {{ {_written(term, where)} }}"
        blocks = list(_values_blocks(text, name))
        if blocks:
            for start, end in reversed(blocks):
                text = text[:start] + block + text[end:]
        else:
            at = _outermost_group(text, where)
            text = f"{text[:at]} {block} {text[at:]}"
    return text


def has_values(text: str, name: str) -> bool:
    """Tell whether a query binds this variable by ``VALUES`` of its own."""
    return next(_values_blocks(text, name), None) is not None


def mentions(text: str, name: str) -> bool:
    """Tell whether a query has this variable."""
    return any(t.lastgroup == "variable" and t[0][1:] == name for t in tokens(text))


def _written(term: Term, where: str) -> str:
    if not isinstance(term, ox.NamedNode | ox.Literal):
        raise UsageError("only an IRI or a literal can be bound", where=where)
    return str(term)


def _values_blocks(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each ``VALUES ?name { … }`` and ``VALUES (?name) { … }``."""
    known = list(tokens(text))
    for n, token in enumerate(known):
        if token.lastgroup != "word" or token[0].upper() != "VALUES":
            continue
        head = [t[0] for t in known[n + 1 : n + 5]]
        at = n + 2 if head[1:2] == ["{"] else n + 4
        variable = head[0] if at == n + 2 else "".join(head[:3])
        if variable not in (f"?{name}", f"${name}", f"(?{name})", f"(${name})"):
            continue
        for last in known[at:]:
            if last[0] == "}":
                yield token.start(), last.end()
                break


def _outermost_group(text: str, where: str) -> int:
    """Return the place behind the brace that opens the WHERE clause."""
    form, depth, seen_where = form_of(text, where=where), 0, False
    for token in tokens(text):
        mark = token[0]
        seen_where |= token.lastgroup == "word" and mark.upper() == "WHERE" and depth == 0
        if mark == "{" and depth == 0 and (form != "CONSTRUCT" or seen_where):
            return token.end()
        depth += (mark in "({") - (mark in ")}") if token.lastgroup == "mark" else 0
    raise UsageError("there is no WHERE clause to bind a parameter in", where=where)


def declare_prefixes(text: str) -> str:
    """Return the query with house prefixes declared that it uses and does not declare.

    They go on the first line, so that the lines of errors stay right.
    """
    used, declared = _prefixes(text)
    missing = [name for name in PREFIXES if name in used - declared]
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}> " for name in missing) + text


def _prefixes(text: str) -> tuple[set[str], set[str]]:
    """Return the prefixes that a query uses and those that it declares."""
    used: set[str] = set()
    declared: set[str] = set()
    after_prefix = False
    for token in tokens(text):
        if token.lastgroup == "name":
            (declared if after_prefix else used).add(token[0].partition(":")[0])
        after_prefix = token.lastgroup == "word" and token[0].upper() == "PREFIX"
    return used, declared


# ---------------------------------------------------------------- the guard


@dataclass(frozen=True, slots=True)
class Reach:
    """What a query names outside its patterns: services, and the graphs of FROM clauses."""

    services: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] = ()
    """IRIs after FROM."""
    named_graphs: tuple[str, ...] = ()
    """IRIs after FROM NAMED."""

    @property
    def graphs(self) -> tuple[str, ...]:
        """All graphs that the query says itself it asks."""
        return self.default_graphs + self.named_graphs


_BLANK: Final = r"(?:\s|#[^\r\n]*+)*+"
_SERVICE: Final = re.compile(
    rf"service{_BLANK}(?:silent{_BLANK})?+(?:<[^<>\s]*+>|(?:\\.|[^\s\\{{#<])++){_BLANK}\{{",
    re.IGNORECASE,
)
"""The keyword, a term and a brace: what is no such thing, wherever it stands, asks no service."""
_MOST_SERVICES: Final = 100


def reach_of(text: str, *, where: str = "query") -> Reach:
    """Return what a query would reach for; `RemoteError` where nobody can be sure of it.

    Where a service may be asked, rdflib's algebra decides, which takes a quarter of a second.
    Oxigraph reads no escapes in keywords, rdflib undoes all before it parses.
    """
    small = text.casefold()
    if small.count("service") > _MOST_SERVICES or _SERVICE.search(text):
        return Reach(_services_of(text, where), *_graphs_of(text, where))
    return Reach((), *_graphs_of(text, where)) if "from" in small else Reach()


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


def terms(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the tokens of a query, each with the IRI that it stands for, if it does."""
    prefixes, base = dict(PREFIXES), ""
    before, last = "", ""
    for token in tokens(text):
        said, iri = token[0], ""
        if token.lastgroup == "iri":
            iri = _resolved(base, said[1:-1])
            if before.upper() == "PREFIX":
                prefixes[last[:-1]], iri = iri, ""
            elif last.upper() == "BASE":
                base, iri = iri, ""
        elif token.lastgroup == "name" and last.upper() != "PREFIX":
            prefix, _, local = said.partition(":")
            if prefix in prefixes:
                iri = prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)
        yield token, iri
        before, last = last, said


def _resolved(base: str, iri: str) -> str:
    # urljoin drops an empty fragment, which is how namespaces end.
    end = "#" if iri.endswith("#") else ""
    return iri if re.match(r"[A-Za-z][\w+.-]*:", iri) else urljoin(base, iri.rstrip("#")) + end


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
