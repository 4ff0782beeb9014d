"""Statements as bytes in each format, the same bytes for the same statements every time.

Turtle and TriG are written for people: one property a line, blank nodes and lists in place. What a
document is about comes first, the rest in the order of its names. Other texts for programs (XML,
rules for Apache) come from templates, in which nothing is escaped unasked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from k20kg.rdf.turtle import Node, Properties, Writer, by_subject
from k20kg.sparql.sparql import Term
from k20kg.vocabulary import BASE, DCTERMS, PREFIXES, RDF_TYPE, RDFS, SKOS, XSD
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import Format
from k20kg.web.wellformed import well_formed

NAMESPACES: Final = {
    **PREFIXES,
    "dcat": "http://www.w3.org/ns/dcat#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
}
_FIRST: Final = (RDF_TYPE, RDFS + "label", SKOS + "prefLabel", DCTERMS + "title")
_XMLNS: Final = re.compile(r' xmlns:([A-Za-z0-9_-]+)="([^"]*)"')


def write(
    quads: Iterable[ox.Quad], form: Format, *, topic: str = "", replace: bool = False
) -> bytes:
    """Return statements in a format; without `quads` in it, the graphs are left out.

    Raises `UnwritableError` for what RDF/XML cannot hold, unless it is to be replaced.
    """
    if form.key == "nq":
        return "".join(sorted(f"{quad} .\n" for quad in set(quads))).encode()
    if form.key == "nt":
        return "".join(sorted({f"{quad.triple} .\n" for quad in quads})).encode()
    if form.key == "rdf":
        return _rdfxml({quad.triple for quad in quads}, replace)
    if form.key == "jsonld":
        return _jsonld(quads, topic)
    return (_trig if form.quads else _turtle)(quads, topic).encode()


def _turtle(quads: Iterable[ox.Quad], topic: str) -> str:
    writer = Writer(NAMESPACES)
    body = writer.graph(_sorted(quads, topic), {})
    return f"{writer.head()}\n{body}" if body else ""


def _trig(quads: Iterable[ox.Quad], topic: str) -> str:
    writer = Writer(NAMESPACES)
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
        body = writer.graph(_sorted(graphs[name], topic), homes)
        inside = re.sub(r"^(?=.)", "    ", body, flags=re.MULTILINE) if name else body
        blocks.append(f"{writer.iri(name)} {{\n{inside}}}\n" if name else inside)
    return "\n".join([writer.head(), *blocks])


def _sorted(quads: Iterable[ox.Quad], topic: str) -> dict[Node, Properties]:
    """Return what is said of each subject: the topic first, the rest in the order of the names."""
    about = by_subject(quads)
    first = dict.fromkeys(_FIRST)  # those that are there come before the others
    return {
        subject: {
            name: sorted(terms, key=str) if len(terms) > 1 else terms
            for name in first | dict.fromkeys(sorted(about[subject]))
            if (terms := about[subject].get(name))
        }
        for subject in sorted(
            about, key=lambda n: (n.value != topic, isinstance(n, ox.BlankNode), n.value)
        )
    }


def _rdfxml(triples: Iterable[ox.Triple], replace: bool) -> bytes:
    ordered = sorted(triples, key=lambda t: (str(t.subject), t.predicate.value != RDF_TYPE, str(t)))
    terms = (term for t in ordered for term in (t.predicate, t.object))
    used = {namespace(term.value) for term in terms if isinstance(term, ox.NamedNode)}
    prefixes = {prefix: ns for prefix, ns in NAMESPACES.items() if ns in used}
    data = ox.serialize(ordered, format=ox.RdfFormat.RDF_XML, prefixes=prefixes)
    assert data is not None
    head, mark, body = data.partition(b">\n\t")
    # The serializer declares prefixes in no order.
    text = head.decode()
    declared = sorted(_XMLNS.findall(text))
    text = _XMLNS.sub("", text) + "".join(f' xmlns:{p}="{ns}"' for p, ns in declared)
    return bytes(well_formed(text.encode() + mark + body, replace=replace))


def make_quad(subject: str, predicate: str, value: str | ox.Literal) -> ox.Quad:
    """Return a statement in no graph; a text is an IRI."""
    term = ox.NamedNode(value) if isinstance(value, str) else value
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), term)


def namespace(iri: str) -> str:
    """Return an IRI up to its local name."""
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _jsonld(quads: Iterable[ox.Quad], topic: str) -> bytes:
    """Return compact JSON-LD with its context inside, so that nothing has to be fetched."""
    writer = Writer(NAMESPACES)
    nodes: list[dict[str, Any]] = []
    for subject, properties in _sorted(quads, topic).items():
        node: dict[str, Any] = {"@id": _identifier(subject)}
        for name, terms in properties.items():
            if name == RDF_TYPE and all(isinstance(term, ox.NamedNode) for term in terms):
                kinds = [_compact(writer, t.value) for t in terms if isinstance(t, ox.NamedNode)]
                node["@type"] = kinds[0] if len(kinds) == 1 else kinds
            else:
                values = [_value(writer, term) for term in terms]
                node[_compact(writer, name)] = values[0] if len(values) == 1 else values
        nodes.append(node)
    document = {"@context": writer.used(), "@graph": nodes}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _identifier(node: Node) -> str:
    return node.value if isinstance(node, ox.NamedNode) else f"_:{node.value}"


def _compact(writer: Writer, iri: str) -> str:
    written = writer.iri(iri)
    return written[1:-1] if written.startswith("<") else written


def _value(writer: Writer, term: Term) -> Any:
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


_PREFIXES: Final = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in NAMESPACES.items())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["regex"] = re.escape
    environment.globals["base"] = BASE
    return environment


def fill(name: str, **model: Any) -> str:
    """Return the text of a template."""
    return _environment().get_template(name).render(model)


def ask(dataset: Dataset, query: str) -> list[tuple[str, ...]]:
    """Return the rows of a SELECT over all graphs as texts; what is unbound is empty.

    The prefixes of `NAMESPACES` are known; ``<>`` is our base.
    """
    found = dataset.store.query(_PREFIXES + query, base_iri=BASE, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(getattr(term, "value", "") for term in row) for row in found]


def statements(dataset: Dataset, name: str, **model: Any) -> list[ox.Quad]:
    """Return what a template of Turtle says; in it, ``rows(query)`` are those of `ask`."""
    text = fill(name, dataset=dataset, rows=lambda query: ask(dataset, query), **model)
    return list(ox.parse(_PREFIXES + text, ox.RdfFormat.TURTLE, base_iri=BASE))
