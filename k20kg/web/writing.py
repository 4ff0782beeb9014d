"""Statements as bytes in each format, the same bytes for the same statements every time.

Turtle and TriG are written for people: one property a line, blank nodes and lists in place. What a
document is about comes first, the rest in the order of its names.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import pyoxigraph as ox

from k20kg.query.sparql import Term
from k20kg.vocabulary import DCTERMS, PREFIXES, RDF_TYPE, RDFS, SKOS, XSD
from k20kg.web.formats import Format

__all__ = ["NAMESPACES", "write"]

NAMESPACES: Final = {
    **PREFIXES,
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
}
_RDF: Final = RDF_TYPE.removesuffix("type")
_FIRST: Final = (RDF_TYPE, RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
_LOCAL: Final = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_BARE: Final = {
    XSD + "boolean": re.compile(r"true|false"),
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
}
_PREFIX_OF: Final = {namespace: prefix for prefix, namespace in NAMESPACES.items()}
_XMLNS: Final = re.compile(r' xmlns:([A-Za-z0-9_-]+)="([^"]*)"')

Node = ox.NamedNode | ox.BlankNode
Properties = dict[str, list[Term]]


def write(quads: Iterable[ox.Quad], form: Format, *, topic: str = "") -> bytes:
    """Return statements in a format; without `quads` in it, the graphs are left out."""
    if form.key == "nq":
        return "".join(sorted(f"{quad} .\n" for quad in set(quads))).encode()
    if form.key == "nt":
        return "".join(sorted({f"{quad.triple} .\n" for quad in quads})).encode()
    if form.key == "rdf":
        return _rdfxml({quad.triple for quad in quads})
    if form.key == "jsonld":
        return _jsonld(quads, topic)
    return (_trig(quads, topic) if form.key == "trig" else _turtle(quads, topic)).encode()


# ---------------------------------------------------------------- Turtle and TriG


def _turtle(quads: Iterable[ox.Quad], topic: str) -> str:
    writer = _Writer(topic)
    body = writer.graph(quads, {})
    return f"{writer.head()}\n{body}" if body else writer.head()


def _trig(quads: Iterable[ox.Quad], topic: str) -> str:
    writer = _Writer(topic)
    graphs: dict[str, list[ox.Quad]] = {}
    homes: dict[str, set[str]] = {}
    for quad in quads:
        name = "" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value
        graphs.setdefault(name, []).append(quad)
        for term in (quad.subject, quad.object):
            if isinstance(term, ox.BlankNode):
                homes.setdefault(term.value, set()).add(name)
    blocks = []
    for name in sorted(graphs, key=lambda name: (name != "", name)):
        body = writer.graph(graphs[name], homes)
        inside = re.sub(r"^(?=.)", "    ", body, flags=re.MULTILINE) if name else body
        blocks.append(f"{writer.iri(name)} {{\n{inside}}}\n" if name else inside)
    return "\n".join([writer.head(), *blocks])


class _Writer:
    """Writes terms, and keeps which prefixes they need."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._used: set[str] = set()

    def head(self) -> str:
        """Return the declarations of the prefixes used so far."""
        return "".join(
            f"@prefix {prefix}: <{namespace}> .\n"
            for prefix, namespace in NAMESPACES.items()
            if prefix in self._used
        )

    def graph(self, quads: Iterable[ox.Quad], homes: dict[str, set[str]]) -> str:
        """Return the statements of one graph; a blank node of several graphs keeps its name."""
        self._about = _by_subject(quads)
        uses: Counter[str] = Counter(
            term.value
            for properties in self._about.values()
            for terms in properties.values()
            for term in terms
            if isinstance(term, ox.BlankNode)
        )
        self._inline = {
            name
            for name, count in uses.items()
            if count == 1 and len(homes.get(name, ())) < 2 and not self._circular(name)
        }
        blocks = [
            f"{self._subject(node)}{self._properties(self._about[node], 1)} .\n"
            for node in sorted(self._about, key=self._order)
            if not (isinstance(node, ox.BlankNode) and node.value in self._inline)
        ]
        return "\n".join(blocks)

    def _circular(self, name: str) -> bool:
        """Tell whether blank nodes lead back to a blank node."""
        waiting, seen = [ox.BlankNode(name)], set()
        while waiting:
            for terms in self._about.get(waiting.pop(), {}).values():
                for term in terms:
                    if isinstance(term, ox.BlankNode) and term.value not in seen:
                        if term.value == name:
                            return True
                        seen.add(term.value)
                        waiting.append(term)
        return False

    def _order(self, node: Node) -> tuple[bool, bool, str]:
        return node.value != self._topic, isinstance(node, ox.BlankNode), node.value

    def _subject(self, node: Node) -> str:
        return self.iri(node.value) if isinstance(node, ox.NamedNode) else str(node)

    def _properties(self, properties: Properties, depth: int) -> str:
        """Return predicates and objects, the first of them on the line of the subject."""
        pad = "    " * depth
        return f" ;\n{pad}".join(
            f" {'a' if name == RDF_TYPE else self.iri(name)} {self._objects(terms, depth)}"
            if at == 0
            else f"{'a' if name == RDF_TYPE else self.iri(name)} {self._objects(terms, depth)}"
            for at, (name, terms) in enumerate(sorted(properties.items(), key=_rank))
        )

    def _objects(self, terms: Sequence[Term], depth: int) -> str:
        written = [self._term(term, depth + 1) for term in terms]
        if len(written) > 1 and sum(map(len, written)) > 70:
            return f",\n{'    ' * (depth + 1)}".join(written)
        return ", ".join(written)

    def _term(self, term: Term, depth: int) -> str:
        if isinstance(term, ox.NamedNode):
            return self.iri(term.value)
        if isinstance(term, ox.Literal):
            return self._literal(term)
        if isinstance(term, ox.BlankNode) and term.value in self._inline:
            items = self._items(term)
            if items is not None:
                return f"( {' '.join(self._term(item, depth + 1) for item in items)} )"
            inside = self._properties(self._about.get(term, {}), depth + 1)
            return f"[{inside} ]" if inside else "[]"
        return str(term)

    def _items(self, node: ox.BlankNode) -> list[Term] | None:
        """Return the members of a list that can be written as one."""
        found: list[Term] = []
        here: Term = node
        while True:
            if isinstance(here, ox.NamedNode) and here.value == _RDF + "nil":
                return found
            if not isinstance(here, ox.BlankNode) or here.value not in self._inline:
                return None
            properties = self._about.get(here, {})
            first, rest = properties.get(_RDF + "first", []), properties.get(_RDF + "rest", [])
            if len(properties) != 2 or len(first) != 1 or len(rest) != 1:
                return None
            found.append(first[0])
            here = rest[0]

    def _literal(self, literal: ox.Literal) -> str:
        kind = literal.datatype.value
        if literal.language is not None or kind == XSD + "string":
            return str(literal)
        bare = _BARE.get(kind)
        if bare and bare.fullmatch(literal.value):
            return literal.value
        return f"{ox.Literal(literal.value)}^^{self.iri(kind)}"

    def iri(self, iri: str) -> str:
        """Return an IRI, short where a prefix stands for its namespace."""
        cut = max(iri.rfind("#"), iri.rfind("/")) + 1
        prefix = _PREFIX_OF.get(iri[:cut])
        if prefix is None or not _LOCAL.fullmatch(iri, cut):
            return f"<{iri}>"
        self._used.add(prefix)
        return f"{prefix}:{iri[cut:]}"


def _by_subject(quads: Iterable[ox.Quad]) -> dict[Node, Properties]:
    found: dict[Node, dict[str, set[Term]]] = {}
    for quad in quads:
        subject = quad.subject
        assert not isinstance(subject, ox.Triple)
        found.setdefault(subject, {}).setdefault(quad.predicate.value, set()).add(quad.object)
    return {
        subject: {name: sorted(terms, key=str) for name, terms in properties.items()}
        for subject, properties in found.items()
    }


def _rank(item: tuple[str, object]) -> tuple[int, str]:
    name = item[0]
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST)), name


# ---------------------------------------------------------------- RDF/XML and JSON-LD


def _rdfxml(triples: Iterable[ox.Triple]) -> bytes:
    ordered = sorted(triples, key=lambda t: (str(t.subject), t.predicate.value != RDF_TYPE, str(t)))
    used = {_namespace(term) for t in ordered for term in (t.predicate, t.object)}
    prefixes = {prefix: ns for prefix, ns in NAMESPACES.items() if ns in used}
    data = ox.serialize(ordered, format=ox.RdfFormat.RDF_XML, prefixes=prefixes)
    assert data is not None
    head, mark, body = data.partition(b">\n\t")
    # The serializer declares prefixes in no order.
    text = head.decode()
    declared = sorted(_XMLNS.findall(text))
    text = _XMLNS.sub("", text) + "".join(f' xmlns:{p}="{ns}"' for p, ns in declared)
    return text.encode() + mark + body


def _namespace(term: Term) -> str:
    iri = term.value if isinstance(term, ox.NamedNode) else ""
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _jsonld(quads: Iterable[ox.Quad], topic: str) -> bytes:
    """Return compact JSON-LD with its context inside, so that nothing has to be fetched."""
    writer = _Writer(topic)
    nodes: list[dict[str, Any]] = []
    about = _by_subject(quads)
    for subject in sorted(about, key=writer._order):
        node: dict[str, Any] = {"@id": _identifier(subject)}
        for name, terms in sorted(about[subject].items(), key=_rank):
            if name == RDF_TYPE and all(isinstance(term, ox.NamedNode) for term in terms):
                kinds = [_compact(writer, t.value) for t in terms if isinstance(t, ox.NamedNode)]
                node["@type"] = kinds[0] if len(kinds) == 1 else kinds
            else:
                values = [_value(writer, term) for term in terms]
                node[_compact(writer, name)] = values[0] if len(values) == 1 else values
        nodes.append(node)
    context = {prefix: ns for prefix, ns in NAMESPACES.items() if prefix in writer._used}
    document = {"@context": context, "@graph": nodes}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _identifier(node: Node) -> str:
    return node.value if isinstance(node, ox.NamedNode) else f"_:{node.value}"


def _compact(writer: _Writer, iri: str) -> str:
    written = writer.iri(iri)
    return written[1:-1] if written.startswith("<") else written


def _value(writer: _Writer, term: Term) -> Any:
    if isinstance(term, ox.Literal):
        if term.language is not None:
            return {"@language": term.language, "@value": term.value}
        kind = term.datatype.value
        if kind == XSD + "string":
            return term.value
        if kind == XSD + "boolean" and term.value in ("true", "false"):
            return term.value == "true"
        return {"@type": _compact(writer, kind), "@value": term.value}
    assert not isinstance(term, ox.Triple)
    return {"@id": _identifier(term)}
