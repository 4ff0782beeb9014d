"""Check a definition before it judges: each fault with its place, what is wrong, and a remedy.

A SHACL engine passes over most faults in silence, and silence conforms: a shape that is referred
to and not there lets every node pass. The rules are SPARQL queries, in `shapes/rules-of-*.rq`;
only misspelt terms and what stands in queries and regular expressions are looked for here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.definition.subclasses import kinds
from k20kg.errors import UsageError
from k20kg.rdf.addresses import declared_terms
from k20kg.rdf.graph import Graph, Term, read_turtle, str_of
from k20kg.rdf.text import decode, escape_controls, line_of
from k20kg.vocabulary import K20, OWL, PREFIXES, RDF_TYPE, RDFS, SH, XSD, packaged, shorten

Fault = tuple[str, str, str]
"""The node at fault, what is wrong with it, and what to do."""
_Functions = Mapping[str, Callable[..., Term]]
"""Namespace of the functions that rules call."""

_FN: Final = "urn:k20kg:rule:"
_TYPE: Final = ox.NamedNode(RDF_TYPE)
_QUERIES: Final = {ox.NamedNode(SH + "select"), ox.NamedNode(K20 + "coverageQuery")}
_OWN: Final = ox.NamedNode(_FN + "own")
_PREFIXES: Final = {**PREFIXES, "fn": _FN}
_CANONICAL: Final = {XSD + "integer": r"0|-?[1-9]\d*", XSD + "boolean": r"true|false"}
_FORBIDDEN: Final = {"this": r"\b(SERVICE|MINUS|VALUES)\b", "node": r"\b(SERVICE)\b"}
"""Words that a query may not have, by the variable that it is to select."""
_QUIET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|<[^<>\s]*>|#.*')
"""Texts, addresses and comments of a query."""


def faults_in_file(quads: Iterable[ox.Quad], shared: Graph | None = None) -> Iterator[Fault]:
    """Yield the faults of a file by itself: misspelt terms, names that are taken, bad shapes.

    `shared` holds the shipped shapes that it builds on, whose names it may not use anew.
    """
    quads = list(quads)
    yield from _misspelt(quads)
    if shared:
        for quad in quads:
            if (node := str_of(quad.subject)) in shared and (
                quad.predicate.value == RDF_TYPE or quad.predicate.value.startswith(SH)
            ):
                remedy = "give yours a name of its own, in a namespace of your own"
                yield node, "is the name of something shipped", remedy
        quads = [q for q in quads if str_of(q.subject) not in shared]
    store = ox.Store()
    store.extend(ox.Quad(q.subject, q.predicate, _as_written(q.object)) for q in quads)
    store.update(packaged("shapes", "prepare-rules.ru").read_text("utf-8"), prefixes=_PREFIXES)
    found = list(_ask(store, "shapes", {"isClass": _is_class, "patternFault": _pattern_fault}))
    if asking := {q.subject for q in quads if q.predicate in _QUERIES}:
        own = Graph(quads)
        found += (
            (n, *fault) for n in map(str_of, asking) for fault in _query_faults(own, shared, n)
        )
    if found:
        above = {
            str(q.object): str_of(q.subject)
            for q in quads
            if isinstance(q.object, ox.BlankNode) and q.subject != q.object
        }
        for node, what, remedy in sorted(found, key=lambda fault: fault[0]):
            yield _named(above, node, what, remedy)


def faults_in_definition(
    whole: Iterable[ox.Quad], definition: str, own: Iterable[ox.Quad] | None = None
) -> Iterator[Fault]:
    """Yield what would make a definition judge wrongly.

    `whole` is what it states with all that it builds on; with `own`, only the faults of the nodes
    that these statements describe are looked for.
    """
    whole = list(whole)
    store = ox.Store()
    store.extend(whole)
    store.extend(ox.Quad(q.subject, q.predicate, q.object, _OWN) for q in own or ())

    def near(name: Term, *classes: Term) -> ox.Literal:
        """Return a hint to the most alike of the nodes of these classes."""
        known = [str_of(q.subject) for q in whole if q.predicate == _TYPE and q.object in classes]
        alike = difflib.get_close_matches(str_of(name), known, n=1, cutoff=0.8)
        return ox.Literal(f" (did you mean {shorten(alike[0])}?)" if alike else "")

    functions: _Functions = {"near": near, "isOfGroups": _is_of_groups}
    names = {"?definition": f"<{definition}>"} | ({} if own else {"GRAPH fn:own": ""})
    yield from _ask(store, "definitions", functions, names)


def _ask(
    store: ox.Store, name: str, functions: _Functions, names: Mapping[str, str] | None = None
) -> Iterator[Fault]:
    """Yield the faults that the rules of a file find in a store, with `names` put into them."""
    faulty: set[object] = set()
    for rule in _rules(name):
        query = rule.query
        for old, new in (names or {}).items():
            query = query.replace(old, new)
        answer = store.query(
            query,
            prefixes=_PREFIXES,
            custom_functions={ox.NamedNode(_FN + n): call for n, call in functions.items()},
        )
        assert isinstance(answer, ox.QuerySolutions)
        columns = [variable.value for variable in answer.variables]
        for row in answer:
            if rule.alone and row["node"] in faulty:
                continue
            faulty.add(row["node"])
            values = {n: _shown(term) for n, term in zip(columns, row, strict=True)}
            yield str_of(row["node"]), rule.what.format(**values), rule.remedy.format(**values)


class _Rule(NamedTuple):
    what: str
    remedy: str
    alone: bool
    """True if it is asked only of nodes in which no rule before it found a fault."""
    query: str


@cache
def _rules(name: str) -> list[_Rule]:
    text = packaged("shapes", f"rules-of-{name}.rq").read_text(encoding="utf-8")
    found = re.findall(r"^## (.*)\n## (.*)\n(# alone\n)?((?:.+\n)+)", text, re.MULTILINE)
    return [_Rule(what, remedy, bool(alone), query) for what, remedy, alone, query in found]


def _shown(term: Term | None) -> object:
    """Return a term as a fault names it; of a literal, `.value` is its text alone."""
    if isinstance(term, ox.NamedNode):
        return shorten(term.value)
    return "a node without a name" if isinstance(term, ox.BlankNode) else term


def _as_written(term: Term) -> Term:
    """Return a term; as a text, a number or boolean that a store would write anew."""
    if isinstance(term, ox.Literal) and (usual := _CANONICAL.get(term.datatype.value)):
        return term if re.fullmatch(usual, term.value) else ox.Literal(term.value)
    return term


def _named(above: dict[str, str], node: str, what: str, remedy: str) -> Fault:
    """Return a fault of a node; of one without a name, that of the named one above it."""
    seen: set[str] = set()
    while node in above and node not in seen:
        seen.add(node)
        node = above[node]
    return node, f"holds a part without a name that {what}" if seen else what, remedy


def _misspelt(quads: Iterable[ox.Quad]) -> Iterator[Fault]:
    """Yield a fault for each term of SHACL or of the vocabulary that there is not."""
    shacl = packaged("shapes", "shacl-terms.txt").read_text("utf-8").split()
    spaces = ((SH, "sh", shacl, "SHACL"), (K20, "k20", declared_terms(), "the vocabulary"))
    first: dict[Term, Term] = {}
    for quad in quads:
        first.setdefault(quad.predicate, quad.subject)
        first.setdefault(quad.object, quad.subject)
    for term, subject in first.items():
        iri = term.value if isinstance(term, ox.NamedNode) else ""
        for space, prefix, known, whose in spaces:
            name = iri.removeprefix(space)
            if iri.startswith(space) and name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                remedy = f"did you mean {prefix}:{near[0]}?" if near else "use a term that is there"
                yield str_of(subject), f"uses {prefix}:{name}, which {whose} does not have", remedy


def _is_class(iri: Term) -> ox.Literal:
    return ox.Literal(str_of(iri) in kinds() or str_of(iri) in _classes())


def _is_of_groups(iri: Term) -> ox.Literal:
    """Tell whether every candidate group is of a class."""
    groups = K20 + "CandidateGroup"
    return ox.Literal(str_of(iri) == groups or str_of(iri) in kinds()[groups].above)


@cache
def _classes() -> frozenset[str]:
    graph = Graph(read_turtle(*sorted(packaged("ontology").glob("*.ttl"))))
    named = graph.of_type(OWL + "Class")
    return frozenset(named).union(*(graph.values(iri, RDFS + "subClassOf") for iri in named))


def _pattern_fault(pattern: Term, flags: Term) -> ox.Literal:
    """Return what is wrong with an expression, for the one engine or the other."""
    try:
        re.compile(str_of(pattern))
    except re.error as fault:
        return ox.Literal(f"which is no regular expression: {fault}")
    query = f'ASK {{ FILTER (BOUND(?r)) BIND (REGEX("", {pattern}, {flags}) AS ?r) }}'
    if ox.Store().query(query):
        return ox.Literal("")
    used = f" with sh:flags {str_of(flags)}" if str_of(flags) else ""
    return ox.Literal(f"which not every engine can read{used}")


def _query_faults(own: Graph, shared: Graph | None, node: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the queries of a node, and what to do.

    `shared` holds what the file builds on: prefixes may be declared there.
    """
    for query in own.values(node, K20 + "coverageQuery"):
        for what, remedy in _faults_of_query(query, PREFIXES, "node"):
            yield f"{what} (k20:coverageQuery)", remedy
    prefixes: dict[str, str] = {}
    queries = own.terms(node, SH + "select")
    for group in own.values(node, SH + "prefixes") if queries else ():
        known = [graph for graph in (shared, own) if graph and group in graph]
        if not known:
            yield (
                f"refers by sh:prefixes to {shorten(group)}, which is not there",
                'add sh:declare [ sh:prefix "…" ; sh:namespace "…"^^xsd:anyURI ] to it',
            )
            return
        for graph in known:
            for declared in graph.values(group, SH + "declare"):
                name = graph.value(declared, SH + "prefix")
                prefixes[name] = graph.value(declared, SH + "namespace")
    for term in queries:
        if isinstance(term, ox.Literal):
            yield from _faults_of_query(term.value, prefixes, "this")
        else:
            yield "has a sh:select that is no text", "write the query in quotes"


def _faults_of_query(
    query: str, prefixes: dict[str, str], variable: str
) -> Iterator[tuple[str, str]]:
    """Yield the faults of a query that is to select a variable."""
    bare = _QUIET.sub("''", query)
    declared = {*prefixes, *re.findall(r"(?i)\bprefix\s+([\w.-]*):", query), "_"}
    used = sorted(set(re.findall(r"(?<![\w?$:.-])([A-Za-z][\w.-]*|):", bare)) - declared)
    forbidden = re.search(_FORBIDDEN[variable], bare, re.IGNORECASE)
    if used:
        yield (
            f"uses the prefix {used[0]}: in a query, where it is not declared",
            f'add sh:prefixes [ sh:declare [ sh:prefix "{used[0]}" ; '
            f'sh:namespace "{PREFIXES.get(used[0], "…")}"^^xsd:anyURI ] ]',
        )
        return
    if forbidden:
        what = f"has {forbidden[1].upper()} in a query, where none may stand"
        yield what, "ask without it"
        return
    try:
        answer = ox.Store().query(query, prefixes=prefixes)
    except (SyntaxError, ValueError, OSError) as fault:
        place = re.match(r"error at (\d+):(\d+)", str(fault))
        said = f"at line {place[1]} of it, column {place[2]}" if place else str(fault)[:200]
        yield f"has a query that is no SPARQL ({said})", "mend it at that place"
        return
    if variable not in [v.value for v in getattr(answer, "variables", ())]:
        sign = "$" if variable == "this" else "?"
        node = "the node that is tested" if variable == "this" else "one node a row"
        yield f"has a query without {sign}{variable}", f"select {sign}{variable}, {node}"


def raise_faults(files: Sequence[Path], faults: Iterable[Fault]) -> None:
    """Raise `UsageError` if there are faults, each with file and line as far as they are known."""
    found = dict.fromkeys(faults)
    if not found:
        return
    lines = [
        f"{_place(files, node, what)}: "
        f"{'a node without a name' if node.startswith('_:') else escape_controls(shorten(node))} "
        f"{escape_controls(what)}; {remedy}"
        for node, what, remedy in found
    ]
    if len(lines) == 1:
        raise UsageError(lines[0])
    where = str(files[0]) if len(files) == 1 else str(files[0].parent)
    raise UsageError(f"{len(lines)} faults in the definition\n" + "\n".join(lines), where=where)


def _place(files: Sequence[Path], node: str, what: str) -> str:
    """Return the file and line that describe a node, else that name it, as far as is known.

    Of a node without a name it is the line that has the term at fault.
    """
    named = str(files[0]) if len(files) == 1 else str(files[0].parent)
    term = re.search(r"\b(?:k20|sh):\w+", what)
    if node.startswith("_:") and not term:
        return named
    local = re.split(r"[#/]", node)[-1]
    for file in files:
        text = decode(file.read_bytes(), str(file))
        if node.startswith("_:") and term:
            if found := re.search(rf"(?<![\w:]){term[0]}\b", text):
                return f"{file}:{text.count(chr(10), 0, found.start()) + 1}"
        elif line := line_of(text, node):
            place = f"{file}:{line}"
            if local in text.splitlines()[line - 1].split(maxsplit=1)[0]:
                return place
            named = place
    return named
