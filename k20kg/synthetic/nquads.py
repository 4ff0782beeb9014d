"""A made-up case → its lines of N-Quads, in one named graph that says it is synthetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Final

from k20kg.synthetic.case import FormalAgreement, MadeCase, MadeRecord
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, RDFS, SKOS, XSD

_TYPE: Final = f"<{RDF_TYPE}>"
_LABEL: Final = f"<{RDFS}label>"
_SOURCE: Final = f"<{BASE}source/synthetic>"
_CURATORS: Final = f"<{BASE}agent/curators>"
_STATEMENT: Final = (
    '"Something was invented for a made-up case. No source says it, nobody was asked, and nothing '
    'follows from it for any group of schools and universities that there is."'
)
_UNNAMED: Final = frozenset({"FirmMembership", "ReportedFigure", "NameUse", "RoleGroupMapping"})
"""Records without a label in real cases."""
_ASIDES: Final = {
    "ReportedFigure": (
        ("figureTopic", f"<{BASE}figure-topic/interviews>"),
        ("value", f'"%d.0"^^<{XSD}decimal>'),
        ("valueAsPrinted", '"%d interviews (made up)"'),
    ),
    "ReadingNote": (
        ("noteKind", f"<{BASE}note-kind/finding>"),
        ("regards", f"<{BASE}criterion/shared-goal>"),
        ("regards", f"<{BASE}criterion/joint-work>"),
    ),
    "NameUse": (("nameAsPrinted", '"Name %d (made up)"'),),
    "Event": (
        ("earliestBegin", f'"2005-01-01T00:00:00Z"^^<{XSD}dateTime>'),
        ("latestBegin", f'"2005-12-31T23:59:59Z"^^<{XSD}dateTime>'),
        ("dateAsPrinted", '"2005 (made up)"'),
    ),
}
"""The records that no criterion looks at: property and value, with their number for ``%d``."""


def write_case(case: MadeCase) -> list[str]:
    """Return the case's quads, one line each with its line break, in a stable order."""
    return _Writer(case).lines()


class _Writer:
    """The lines of one case as they come, and the IRIs of its parts."""

    def __init__(self, case: MadeCase) -> None:
        self.case = case
        self.end = f" <{case.iri}/record> .\n"
        self.out: list[str] = []
        self.names: dict[object, str] = {}
        self.items = 0

    def put(self, subject: str, predicate: str, value: str) -> None:
        self.out.append(f"{subject} {predicate} {value}{self.end}")

    def lines(self) -> list[str]:
        case = self.case
        group, record = f"<{case.iri}>", f"<{case.iri}/record>"
        self.put(record, _TYPE, term("CaseRecord"))
        self.put(record, term("recordOf"), group)
        self.put(record, term("synthetic"), literal("true", "boolean"))
        self.put(record, f"<{DCTERMS}source>", _SOURCE)
        self.put(group, _TYPE, term("CandidateGroup"))
        self.put(group, _LABEL, f'"{case.label}"@en')
        self.names[case.itself] = group
        self.properties(group, case.itself)
        for part in (*case.groups, *case.firms, *case.others):
            self.node(part)
        self.properties(group, case)
        for agreement in case.agreements:
            self.formed(group, agreement)
        for mapping in case.mappings:
            self.node(mapping)
        for kind, count in case.asides.items():
            for number in range(1, count + 1):
                node = self.node(MadeRecord(), kind)
                self.put(group, term(kind[0].lower() + kind[1:]), node)
                for name, value in _ASIDES[kind]:
                    self.put(node, term(name), value.replace("%d", str(number)))
        return self.out

    def formed(self, group: str, agreement: FormalAgreement) -> None:
        """Write an agreement, and that the group or its project was formed through it."""
        node = self.node(agreement)
        if agreement.through == "formation":
            self.put(self.node(self.case.formation), term("throughAgreement"), node)
        elif agreement.through == "group":
            self.put(group, term("formedThrough"), node)
        elif agreement.through == "project":
            project = f"<{self.case.iri}/project>"
            if project not in self.names:
                self.names[project] = project
                self.put(group, term("parentProject"), project)
                self.put(project, _TYPE, term("Project"))
                self.put(project, _LABEL, '"Project (made up)"@en')
            self.put(project, term("formedThrough"), node)

    def node(self, thing: Any, kind: str = "") -> str:
        """Return a thing's IRI; write it, with what it leads to, when it comes up first."""
        if thing in self.names:
            return self.names[thing]
        kind = kind or getattr(thing, "kind", type(thing).__name__)
        node = f"<{self.case.iri}/{kind}/{len(self.names) + 1}>"
        self.names[thing] = node
        self.put(node, _TYPE, term(kind))
        label = getattr(thing, "label", "")
        if not label and self.case.size != "thin" and kind not in _UNNAMED:
            label = f"{kind} (made up)"
        if label:
            self.put(node, _LABEL, f'"{label}"@en')
        if isinstance(thing, MadeRecord):
            for way in thing.bearing.value:
                self.put(node, term(way), self.item())
        self.properties(node, thing)
        return node

    def properties(self, node: str, thing: Any) -> None:
        """Write the fields of a thing, and all that they lead to."""
        for name, told in _fields_of(thing.__class__):
            value = getattr(thing, name)
            if told.get("only") not in (None, getattr(thing, "kind", None)):
                continue
            for one in value if isinstance(value, list | tuple) else (value,):
                if one is not None:
                    self.property(node, one, told)

    def property(self, node: str, value: Any, told: Mapping[str, Any]) -> None:
        """Write one value of a field; what hangs on another group, as that group's."""
        hangs = node == f"<{self.case.iri}>" and getattr(value, "on", None)
        owner = self.node(value.on) if hangs else node
        if is_dataclass(value):
            words = self.node(value, told.get("kind", ""))
        elif told["type"] == "agent":
            words = _CURATORS
        elif told["type"]:
            words = literal(
                str(value).lower() if value is True or value is False else value, told["type"]
            )
        else:
            words = term(value)
        for name in told["properties"]:
            name = told.get("by_kind", {}).get(getattr(value, "kind", ""), name)
            if told.get("inverse"):
                self.put(words, term(name), owner)
            else:
                self.put(owner, term(name), words)

    def item(self) -> str:
        """Return an evidence item; one stands behind several records, as in real cases."""
        shared = 2 if self.case.size == "large" else 4
        number = self.items // shared + 1
        node = f"<{self.case.iri}/evidence/{number}>"
        if self.items % shared == 0:
            self.put(node, _TYPE, term("EvidenceItem"))
            self.put(node, term("source"), _SOURCE)
            self.put(node, term("locator"), f'"made up, item {number}"')
            self.put(node, term("method"), term("Invention"))
            if self.case.size != "thin":
                self.put(node, term("statement"), _STATEMENT)
            if self.case.size == "large":
                self.put(node, term("section"), '"made up"')
                self.put(node, term("firstLine"), literal(str(number), "integer"))
                self.put(node, term("lastLine"), literal(str(number), "integer"))
                self.put(node, term("codedBy"), _CURATORS)
        self.items += 1
        return node


@cache
def _fields_of(kind: Any) -> list[tuple[str, Mapping[str, Any]]]:
    return [(one.name, one.metadata) for one in fields(kind) if one.metadata]


@cache
def term(name: str) -> str:
    return f"<{SKOS if name == 'exactMatch' else K20}{name}>"


def literal(value: object, type_: str) -> str:
    return f'"{value}"^^<{XSD}{type_}>'
