"""Turtle by hand: nodes below a case, each a block of statements, and literals.

Node IRIs lie below the case's, or are name-based UUIDs where that cannot be; no clock, no host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import pyoxigraph as ox

from k20kg.model import Verdict
from k20kg.report.escape import is_web_address
from k20kg.vocabulary import BASE, PREFIXES

__all__ = [
    "OVERALL",
    "VERDICTS",
    "Writer",
    "agent",
    "below",
    "extend",
    "instant",
    "iri",
    "listed",
    "prologue",
    "serialize",
    "text",
    "used",
]

OVERALL = {Verdict.MET: "k20:IsK20Partnership", Verdict.NOT_MET: "k20:IsNotK20Partnership"}
"""Verdicts on a whole group that have names of their own."""
VERDICTS = {
    Verdict.MET: "k20:Met",
    Verdict.NOT_MET: "k20:NotMet",
    Verdict.NOT_ESTABLISHED: "k20:NotEstablished",
    Verdict.CONTESTED: "k20:Contested",
}


class Writer:
    """Blocks of statements below the declarations of some prefixes of ours."""

    def __init__(self, *prefixes: str) -> None:
        self._blocks = [prologue(*prefixes)]
        self._taken: set[str] = set()

    def node(self, case: str, *parts: str) -> str:
        """Return the IRI of a new node below the case's; the same case may come from two files."""
        node = below(case, *parts)
        while node in self._taken:
            node = extend(node, "again")
        self._taken.add(node)
        return node

    def add(self, subject: str, *statements: str) -> None:
        """Add a node with its statements, one a line."""
        self._blocks.append(f"{subject}\n    " + " ;\n    ".join(statements) + " .")

    def text(self, programs: Iterable[str]) -> str:
        """Return the graph; the programs that made it come last, each once by its name."""
        for name in dict.fromkeys(programs):
            self.add(agent(name), "a prov:SoftwareAgent", f"rdfs:label {text(name)}")
        return "\n\n".join(self._blocks) + "\n"


def listed(predicate: str, objects: Iterable[str]) -> list[str]:
    """Return one statement with all its objects, or none."""
    joined = ",\n        ".join(objects)
    return [f"{predicate} {joined}"] if joined else []


def below(case: str, *parts: str) -> str:
    """Return the IRI of a node below the case's IRI, or a UUID made of both names."""
    path = "/".join(_slug(part) for part in parts)
    if is_web_address(case) and iri(case) == f"<{case}>" and not {"#", "?"} & set(case):
        return f"<{case.rstrip('/')}/{path}>"
    return f"<{uuid5(NAMESPACE_URL, f'{case} {path}').urn}>"


def extend(node: str, part: str) -> str:
    """Return the IRI of a node below another one."""
    if node.startswith("<urn:"):
        return f"<{uuid5(NAMESPACE_URL, f'{node} {part}').urn}>"
    return f"{node[:-1]}/{_slug(part)}>"


def agent(name: str) -> str:
    """Return the IRI of a program: ``k20kg 0.2.0``."""
    return f"<{BASE}agent/{_slug(name)}>"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "unnamed"


def iri(iri: str) -> str:
    """Return an IRI for Turtle; what is none becomes a UUID made of it."""
    try:
        return str(ox.NamedNode(iri))
    except ValueError:
        return f"<{uuid5(NAMESPACE_URL, iri).urn}>"


def text(words: str) -> str:
    """Return English words as a literal."""
    return str(ox.Literal(words, language="en"))


def instant(at: datetime) -> str:
    """Return an instant as a literal."""
    written = at.isoformat().replace("+00:00", "Z")
    return f'"{written}"^^xsd:dateTime'


def prologue(*prefixes: str) -> str:
    """Return the declarations of some prefixes of ours."""
    return "\n".join(f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in prefixes)


def used(triples: Iterable[ox.Triple]) -> dict[str, str]:
    """Return those of our prefixes that some triples need."""
    words = " ".join(map(str, triples))
    return {name: space for name, space in PREFIXES.items() if f"<{space}" in words}


def serialize(triples: Iterable[ox.Triple], prefixes: Mapping[str, str] = PREFIXES) -> str:
    """Return triples as Turtle."""
    form = ox.RdfFormat.TURTLE
    return (ox.serialize(triples, format=form, prefixes=dict(prefixes)) or b"").decode()
