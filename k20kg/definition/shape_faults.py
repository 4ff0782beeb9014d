"""Faults of the shapes of a file: what an engine passes over, reads in two ways, or stops at.

Each shape is looked at as it is written, before anything is derived of it. No criterion is known
here: these are rules of SHACL itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

import pyoxigraph as ox

from k20kg.definition.deriving import DERIVING, FORM_LINKS
from k20kg.definition.faults import Fault
from k20kg.definition.kinds import kinds
from k20kg.definition.query_faults import pattern_fault, query_faults
from k20kg.rdf.graph import Graph, Term, key, read_turtle
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH, XSD, packaged, shorten

Said = tuple[str, str]
"""What is wrong with a shape, and what to do."""

_RDF = RDF_TYPE.removesuffix("type")


def _names(words: str, space: str = SH) -> tuple[str, ...]:
    return tuple(space + word for word in words.split())


PARTS = _names("property node not qualifiedValueShape")
LISTS = _names("or and xone")
COUNTS = _names("minCount maxCount qualifiedMinCount qualifiedMaxCount minLength maxLength")
_OF_VALUES = _names("minCount maxCount uniqueLang lessThan lessThanOrEquals qualifiedValueShape")
"""What asks nothing without a path."""
_IRIS = _names(
    "class datatype nodeKind equals disjoint lessThan lessThanOrEquals "
    "targetClass targetSubjectsOf targetObjectsOf"
)
_BOOLEANS = _names("deactivated uniqueLang closed qualifiedValueShapesDisjoint")
_ONCE = (*COUNTS, *_BOOLEANS, *PARTS[3:], *_names("datatype nodeKind pattern flags in languageIn"))
_NEEDS = {
    SH + "flags": _names("pattern"),
    SH + "ignoredProperties": _names("closed"),
    SH + "qualifiedMinCount": _names("qualifiedValueShape"),
    SH + "qualifiedMaxCount": _names("qualifiedValueShape"),
    SH + "qualifiedValueShapesDisjoint": _names("qualifiedValueShape"),
    SH + "qualifiedValueShape": _names("qualifiedMinCount qualifiedMaxCount"),
}
_CONDITIONS = {
    *COUNTS,
    *_OF_VALUES[2:5],
    *PARTS[:3],
    *LISTS,
    *_names(
        "class datatype nodeKind equals disjoint closed pattern languageIn hasValue in sparql "
        "minExclusive minInclusive maxExclusive maxInclusive"
    ),
}
_VOID = {
    "0": _names("minCount minLength qualifiedMinCount"),
    "false": _names("closed uniqueLang"),
}
"""Values with which a condition holds of everything."""
_PATHS = _names("inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath")
_NODE_KINDS = _names("IRI BlankNode Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral")
_DATATYPES = _names(
    "string boolean decimal integer double float date time dateTime dateTimeStamp gYear gMonth "
    "gDay gYearMonth gMonthDay duration yearMonthDuration dayTimeDuration byte short int long "
    "unsignedByte unsignedShort unsignedInt unsignedLong positiveInteger nonNegativeInteger "
    "negativeInteger nonPositiveInteger hexBinary base64Binary anyURI language normalizedString "
    "token NMTOKEN Name NCName",
    XSD,
)
_REFERS = {*PARTS, *FORM_LINKS, *_names("witnessedBy coverageOf missedBy coverageFoundBy", K20)}


def is_count(term: Term | None) -> bool:
    """Tell whether a term is a whole number, written in digits without quotes."""
    if not isinstance(term, ox.Literal) or term.datatype.value != XSD + "integer":
        return False
    return bool(re.fullmatch(r"0|[1-9][0-9]*", term.value))


def faults_in_shapes(
    own: Graph, quads: Iterable[ox.Quad], shared: Graph | None = None
) -> Iterator[Fault]:
    """Yield the faults of all shapes of a file, each with the named node that it belongs to.

    `own` is an index over the file's `quads`; `shared` holds what the file builds on, of whose
    shapes the file may say more, such as a question.
    """
    if shared:
        own = Graph(q for q in quads if key(q.subject) not in shared)
    above = {
        str(quad.object): key(quad.subject)
        for quad in quads
        if isinstance(quad.object, ox.BlankNode) and quad.subject != quad.object
    }
    for shape in _shapes(own):
        for what, remedy in _faults(own, shape):
            yield _named(above, shape, what, remedy)
    for node in own.having(SH + "deactivated"):
        if "true" in own.values(node, SH + "deactivated"):
            what = "has sh:deactivated true, so that everything passes"
            yield _named(above, node, what, "take sh:deactivated out, or the shape")
    for node in (*own.having(SH + "select"), *own.having(K20 + "coverageQuery")):
        for what, remedy in query_faults(own, shared, node):
            yield _named(above, node, what, remedy)


def _shapes(own: Graph) -> list[str]:
    """Return the nodes that the file uses as shapes and says something of, by name."""
    found = {*own.of_type(SH + "NodeShape"), *own.of_type(SH + "PropertyShape")}
    found.update(s for n in ("role", "tests") for s in own.having(K20 + n))
    ahead = [*found, *(s for link in (*_REFERS, *LISTS) for s in own.having(link))]
    while ahead:
        for below in _below(own, ahead.pop(), (*_REFERS, *LISTS)):
            if below in own and below not in found:
                found.add(below)
                ahead.append(below)
    return sorted(found)


def _below(own: Graph, shape: str, links: Iterable[str]) -> Iterator[str]:
    for link in links:
        for term in own.terms(shape, link):
            if link in LISTS:
                yield from map(key, _members(own, term) or ())
            elif not isinstance(term, ox.Literal):
                yield key(term)


def _leads_back(own: Graph, shape: str) -> bool:
    """Tell whether a shape is among the shapes that it asks for."""
    seen: set[str] = set()
    ahead = [shape]
    while ahead:
        for below in _below(own, ahead.pop(), (*PARTS, *LISTS)):
            if below == shape:
                return True
            if below not in seen:
                seen.add(below)
                ahead.append(below)
    return False


def _named(above: dict[str, str], node: str, what: str, remedy: str) -> Fault:
    """Return a fault of a node; of one without a name, that of the named one above it."""
    seen: set[str] = set()
    while node in above and node not in seen:
        seen.add(node)
        node = above[node]
    return node, f"holds a part without a name that {what}" if seen else what, remedy


def _faults(own: Graph, shape: str) -> Iterator[Said]:
    """Yield the faults of one shape."""
    found = [*_path_faults(own, shape), *_value_faults(own, shape)]
    for name in _ONCE:
        if len(own.terms(shape, name)) > 1:
            what = f"has more than one {shorten(name)}"
            found.append((what, "keep one; put the other into a shape beside it"))
    for name, needed in _NEEDS.items():
        if own.terms(shape, name) and not any(own.terms(shape, n) for n in needed):
            wanted = " or ".join(map(shorten, needed))
            found.append((f"has {shorten(name)} without {wanted}", f"add {wanted}"))
    if _leads_back(own, shape):
        what = "refers to itself, perhaps through others, which engines read in different ways"
        found.append((what, "take the circle out"))
    asks = any(_asks(own, shape, name) for name in (*_CONDITIONS, *DERIVING))
    if not asks and not found:
        what = "asks nothing (it has no condition), so that everything passes"
        found.append((what, "add a condition, such as sh:property or sh:minCount 1"))
    yield from found


def _asks(own: Graph, shape: str, name: str) -> bool:
    return any(
        not any(name in names and key(term) == value for value, names in _VOID.items())
        for term in own.terms(shape, name)
    )


def _path_faults(own: Graph, shape: str) -> Iterator[Said]:
    paths = own.terms(shape, SH + "path")
    part_of = own.subjects(SH + "property", shape)
    if len(paths) > 1:
        yield "has more than one sh:path", "keep one; a sequence is a list: sh:path ( k20:a k20:b )"
    elif not paths and (part_of or SH + "PropertyShape" in own.values(shape, RDF_TYPE)):
        yield "has no sh:path", "say by sh:path which property it is about"
    elif not paths and (lost := [n for n in _OF_VALUES if own.terms(shape, n)]):
        yield f"has {shorten(lost[0])} and no sh:path, which asks nothing", "put it in sh:property"
    for path in paths:
        if fault := _path_fault(own, path):
            yield f"has a sh:path that is {fault}", "name a property, or follow SHACL’s forms"


def _path_fault(own: Graph, path: Term, depth: int = 0) -> str:
    """Return what a path is instead of one; empty if it is one."""
    if isinstance(path, ox.NamedNode):
        local = path.value.removeprefix(K20)
        known = path.value == K20 + local and local[:1].isupper()
        return f"the class {shorten(path.value)}" if known else ""
    if not isinstance(path, ox.BlankNode):
        return f"the literal {path}"
    node = str(path)
    if depth > 20:
        return "without end"
    if own.terms(node, _RDF + "first"):
        members = _members(own, path)
        steps = list(members or ())
        if len(steps) < 2:
            return "a list of less than two steps, or a broken one"
    else:
        steps = [step for name in _PATHS for step in own.terms(node, name)]
        if len(steps) != 1:
            return "neither a property nor one of SHACL’s forms"
        if alternatives := own.terms(node, SH + "alternativePath"):
            steps = list(_members(own, alternatives[0]) or ())
            if not steps:
                return "sh:alternativePath without a list"
    return next(filter(None, (_path_fault(own, step, depth + 1) for step in steps)), "")


def _value_faults(own: Graph, shape: str) -> Iterator[Said]:
    """Yield the faults in what a shape gives as values of SHACL's terms."""
    for name in _IRIS:
        for term in own.terms(shape, name):
            if not isinstance(term, ox.NamedNode):
                yield f"has {shorten(name)} {_shown(term)}, which is no address", "name one"
            elif fault := _name_fault(own, name, term.value):
                yield f"has {shorten(name)} {shorten(term.value)}, {fault[0]}", fault[1]
    for name in COUNTS:
        for term in own.terms(shape, name):
            if not is_count(term):
                yield (
                    f"has {shorten(name)} {_shown(term)}, which is no whole number",
                    "write digits without quotes",
                )
    for name in _BOOLEANS:
        for term in own.terms(shape, name):
            if key(term) not in ("true", "false"):
                yield f"has {shorten(name)} {_shown(term)}", "write true or false, without quotes"
    for name in PARTS:
        for term in own.terms(shape, name):
            if isinstance(term, ox.Literal):
                yield f"has {shorten(name)} {term}, which is no shape", "name a shape"
    for name in (*LISTS, *_names("languageIn in ignoredProperties")):
        for term in own.terms(shape, name):
            members = _members(own, term)
            if members is None:
                yield (
                    f"has {shorten(name)} and no list after it",
                    f"put round brackets about what follows: {shorten(name)} ( … )",
                )
            elif not members and name in (*LISTS, SH + "languageIn"):
                yield f"has {shorten(name)} with an empty list", "name what is in it"
            elif name in LISTS and any(isinstance(m, ox.Literal) for m in members):
                yield f"has a literal in the list of {shorten(name)}", "name shapes"
    for constraint in own.terms(shape, SH + "sparql"):
        if len(own.terms(key(constraint), SH + "select")) != 1 and key(constraint) in own:
            yield "has a sh:sparql without one sh:select", "add sh:select with the query, once"
    flags = "".join(own.values(shape, SH + "flags"))
    for term in own.terms(shape, SH + "pattern"):
        if not isinstance(term, ox.Literal):
            yield "has a sh:pattern that is no text", "write the expression in quotes"
        elif fault_in := pattern_fault(term.value, flags):
            yield f"has sh:pattern {term}, {fault_in}", "mend the expression"


def _name_fault(own: Graph, name: str, iri: str) -> Said | None:
    if name in (SH + "class", SH + "targetClass") and not _is_class(own, iri):
        return (
            "which is no class of the vocabulary",
            f"correct the name, or say here that it is one: {shorten(iri)} a rdfs:Class",
        )
    if name == SH + "datatype" and iri.startswith(XSD) and iri not in _DATATYPES:
        return "which is no datatype", "name one, such as xsd:string or xsd:decimal"
    if name == SH + "nodeKind" and iri not in _NODE_KINDS:
        return "which is no kind of node", "use " + ", ".join(map(shorten, _NODE_KINDS))
    if name in (SH + "targetSubjectsOf", SH + "targetObjectsOf") and (
        fault := _path_fault(own, ox.NamedNode(iri))
    ):
        return f"{fault} and no property", "name a property"
    return None


def _is_class(own: Graph, iri: str) -> bool:
    described = {OWL + "Class", RDFS + "Class"} & set(own.values(iri, RDF_TYPE))
    return bool(described) or iri in kinds() or iri in _classes()


@cache
def _classes() -> frozenset[str]:
    graph = Graph(read_turtle(*sorted(packaged("ontology").glob("*.ttl"))))
    named = graph.of_type(OWL + "Class")
    above = {above for iri in named for above in graph.values(iri, RDFS + "subClassOf")}
    return frozenset({*named, *above})


def _members(own: Graph, head: Term) -> list[Term] | None:
    """Return the members of a list; None if it is none, or a broken one."""
    found: list[Term] = []
    seen: set[str] = set()
    while key(head) != _RDF + "nil":
        node = key(head)
        first, rest = own.terms(node, _RDF + "first"), own.terms(node, _RDF + "rest")
        if isinstance(head, ox.Literal) or node in seen or len(first) != 1 or len(rest) != 1:
            return None
        seen.add(node)
        found.append(first[0])
        head = rest[0]
    return found


def _shown(term: Term) -> str:
    return "a node without a name" if isinstance(term, ox.BlankNode) else str(term)
