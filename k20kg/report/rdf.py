"""Reports as Turtle: nodes below a case and what is stated of them.

Node IRIs lie below the case's, or are name-based UUIDs where that cannot be; no clock, no host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import pyoxigraph as ox

from k20kg.model import Verdict
from k20kg.rdf.turtle import Node, Properties, Writer
from k20kg.report.escape import is_web_address
from k20kg.report.tree import stamp
from k20kg.vocabulary import BASE, PREFIXES, RDF_TYPE, XSD

Statement = tuple[str | ox.NamedNode | ox.Literal | None, ...]
"""A property and its objects; a text is a prefixed name, None no object."""
OVERALL = {Verdict.MET: "k20:IsK20Partnership", Verdict.NOT_MET: "k20:IsNotK20Partnership"}
"""Verdicts on a whole group that have names of their own."""
VERDICTS = {
    Verdict.MET: "k20:Met",
    Verdict.NOT_MET: "k20:NotMet",
    Verdict.NOT_ESTABLISHED: "k20:NotEstablished",
    Verdict.CONTESTED: "k20:Contested",
}


class Graph:
    """Nodes with what is stated of each, in the order in which they are added."""

    def __init__(self) -> None:
        self._about: dict[Node, Properties] = {}

    def node(self, case: str, *parts: str) -> ox.NamedNode:
        """Return a new node below a case; the same case may come from two files."""
        path = "/".join(map(_slug, parts))
        plain = is_web_address(case) and not {"#", "?"} & set(case) and iri(case).value == case
        node = iri(f"{case.rstrip('/')}/{path}" if plain else f"{case} {path}")
        while node in self._about:
            node = extend(node, "again")
        return node

    def add(self, subject: ox.NamedNode, *statements: Statement) -> None:
        """State properties of a node; one without any object is left out."""
        self._about[subject] = {
            expand(str(name)).value: [expand(o) if isinstance(o, str) else o for o in given]
            for name, *objects in statements
            if (given := [o for o in objects if o is not None])
        }

    def text(self, programs: Iterable[str]) -> str:
        """Return the graph; the programs that made it come last, each once by its name."""
        for name in dict.fromkeys(programs):
            self.add(agent(name), ("a", "prov:SoftwareAgent"), ("rdfs:label", text(name)))
        writer = Writer(PREFIXES)
        body = writer.graph(self._about, {})
        return f"{writer.head()}\n{body}"


def expand(name: str) -> ox.NamedNode:
    """Return what a prefixed name stands for."""
    prefix, _, local = name.partition(":")
    return ox.NamedNode(RDF_TYPE if name == "a" else PREFIXES[prefix] + local)


def extend(node: ox.NamedNode, *parts: str) -> ox.NamedNode:
    """Return a node below another one."""
    for part in parts:
        urn = node.value.startswith("urn:")
        node = iri(f"<{node.value}> {part}" if urn else f"{node.value}/{_slug(part)}")
    return node


def agent(name: str) -> ox.NamedNode:
    """Return the node of a program: ``k20kg 0.2.0``."""
    return ox.NamedNode(f"{BASE}agent/{_slug(name)}")


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "unnamed"


def iri(iri: str) -> ox.NamedNode:
    """Return the node of an IRI; what is none becomes a UUID made of it."""
    try:
        return ox.NamedNode(iri)
    except ValueError:
        return ox.NamedNode(uuid5(NAMESPACE_URL, iri).urn)


def text(words: str) -> ox.Literal:
    """Return English words."""
    return ox.Literal(words, language="en")


def instant(at: datetime) -> ox.Literal:
    """Return an instant."""
    return ox.Literal(stamp(at) or "", datatype=ox.NamedNode(XSD + "dateTime"))


def used(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Return those of our prefixes that some triples need."""
    words = " ".join(map(str, triples))
    return {name: space for name, space in PREFIXES.items() if f"<{space}" in words}


def serialize(triples: Iterable[ox.Triple], prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return triples as Turtle."""
    form = ox.RdfFormat.TURTLE
    return (ox.serialize(triples, format=form, prefixes=dict(prefixes)) or b"").decode()
