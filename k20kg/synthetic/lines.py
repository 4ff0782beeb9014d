"""The lines of N-Quads of one made-up case as they come, and the IRIs of its parts."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from k20kg.synthetic.case import Case, Record, Standing
from k20kg.vocabulary import BASE, K20, RDF_TYPE, RDFS, XSD

TYPE: Final = f"<{RDF_TYPE}>"
LABEL: Final = f"<{RDFS}label>"
SOURCE: Final = f"<{BASE}source/synthetic>"
CURATORS: Final = f"<{BASE}agent/curators>"
_LINKS: Final = {
    Standing.AFFIRMED: ("evidencedBy",),
    Standing.DISPUTED: ("evidencedBy", "disputedBy"),
    Standing.REFUTED: ("disputedBy",),
    Standing.OPEN: ("leftOpenBy",),
}
_STATEMENT: Final = (
    '"Something was invented for a made-up case. No source says it, nobody was asked, and nothing '
    'follows from it for any group of schools and universities that there is."'
)
_UNNAMED: Final = frozenset({"Goal", "Task", "FirmMembership", "ReportedFigure", "NameUse"})
"""Records with a label of their own, or with none in real cases."""


class Lines:
    """The lines of one case, and how one line, one node, one record is written."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.end = f" <{case.iri}/record> .\n"
        self.out: list[str] = []
        self.names: dict[int, str] = {}
        self.named: list[object] = []  # kept alive, so that no two things share an id
        self.items = 0

    def put(self, subject: str, predicate: str, value: str) -> None:
        self.out.append(f"{subject} {predicate} {value}{self.end}")

    def name(self, thing: Any, kind: str) -> str:
        """Return a thing's IRI, numbered in order of appearance."""
        if id(thing) not in self.names:
            self.named.append(thing)
            self.names[id(thing)] = f"<{self.case.iri}/{kind}/{len(self.names) + 1}>"
        return self.names[id(thing)]

    def record(self, owner: str, link: str, kind: str, thing: Record) -> str:
        """Write that `owner` has a record, what it is and the evidence for it; return its IRI."""
        node = self.name(thing, kind)
        self.put(owner, k20(link), node)
        self.described(node, kind, thing)
        return node

    def described(self, node: str, kind: str, thing: Record) -> None:
        """Write what a record is and the evidence for it."""
        self.put(node, TYPE, term(kind))
        if self.case.size != "thin" and kind not in _UNNAMED:
            self.put(node, LABEL, f'"{kind} (made up)"@en')
        for way in _LINKS[thing.standing]:
            self.put(node, k20(way), self.item())

    def item(self) -> str:
        """Return an evidence item; one stands behind several records, as in real cases."""
        shared = 2 if self.case.size == "large" else 4
        number = self.items // shared + 1
        node = f"<{self.case.iri}/evidence/{number}>"
        if self.items % shared == 0:
            self.put(node, TYPE, term("EvidenceItem"))
            self.put(node, k20("source"), SOURCE)
            self.put(node, k20("locator"), f'"made up, item {number}"')
            self.put(node, k20("method"), term("Invention"))
            if self.case.size != "thin":
                self.put(node, k20("statement"), _STATEMENT)
            if self.case.size == "large":
                self.put(node, k20("section"), '"made up"')
                self.put(node, k20("firstLine"), f'"{number}"^^<{XSD}integer>')
                self.put(node, k20("lastLine"), f'"{number}"^^<{XSD}integer>')
                self.put(node, k20("codedBy"), CURATORS)
        self.items += 1
        return node


@cache
def k20(name: str) -> str:
    return f"<{K20}{name}>"


term = k20


def boolean(value: bool) -> str:
    return f'"{str(value).lower()}"^^<{XSD}boolean>'


def moment(value: str) -> str:
    return f'"{value}"^^<{XSD}dateTime>'
