"""The Turtle writer of reports, and assessments as Turtle: a SHACL validation report with PROV.

For each case and reading one node, at once ``sh:ValidationReport`` and ``k20:Assessment``:

- ``sh:conforms`` is true exactly when every criterion is met under that reading
- one ``sh:ValidationResult`` for each gap of a criterion that is not met: ``sh:Violation`` where
  the record speaks against it, ``sh:Warning`` where it is silent or contested. The constraint
  component is that of ``sh:node``: the case does not conform to the criterion's shape
- one ``k20:CriterionVerdict`` for each criterion with its evidence, as ``dcterms:hasPart``; each
  has its results as parts in turn
- ``prov:wasDerivedFrom`` the case, ``prov:wasAttributedTo`` this version of the tool

Node IRIs lie below the case's, or are name-based UUIDs where that cannot be; no clock, no host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import pyoxigraph as ox

from k20kg.judging.dates import stamp
from k20kg.model import Assessment, Finding, Gap, Verdict
from k20kg.rdf.text import is_web_address
from k20kg.rdf.turtle import Node, Properties, turtle
from k20kg.report.content.grounds import carried_words, gap_words
from k20kg.report.presentation import CaseAssessments, group_by_case
from k20kg.report.wording import (
    MADE_UP,
    authors_words,
    case_title,
    coverage_words,
    sentence,
    time_words,
)
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


class TurtleGraph:
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
        return turtle(self._about)


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
    return ox.Literal(stamp(at), datatype=ox.NamedNode(XSD + "dateTime"))


# ---------------------------------------------------------------- assessments


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the graph, blocks sorted by case and reading as given; the agents come last."""
    graph = TurtleGraph()
    tool = f"k20kg {version}"
    for case in group_by_case(assessments):
        for one in case:
            _assessment(graph, one, tool)
    return graph.text([tool, *(a.engine for a in assessments if a.engine)])


def _assessment(graph: TurtleGraph, one: Assessment, tool: str) -> None:
    node = graph.node(one.case, "assessment", one.definition.id, one.reading.id)
    parts = {extend(node, finding.criterion.id): finding for finding in one.findings}
    gaps = {
        part: {extend(part, str(at)): gap for at, gap in enumerate(_gaps(finding), start=1)}
        for part, finding in parts.items()
    }
    notes = [MADE_UP] if one.synthetic else []
    notes += [f"Record as of {one.as_of}."] if one.as_of else []
    notes += [when] if (when := time_words(one)) else []
    notes += [one.announced[:1].upper() + one.announced[1:] + "."] if one.announced else []
    alone = CaseAssessments([one])
    notes += [f"The authors: {alone.authors}."] if alone.authors else []
    for assumption, _, decides in alone.assumptions:
        said = f"Assumed: {sentence(assumption.statement)} By: {assumption.by}."
        notes.append(said + (f" Decides: {decides}." if decides else ""))
    graph.add(
        node,
        ("a", "sh:ValidationReport", "k20:Assessment", "prov:Entity"),
        ("rdfs:label", text(f"{case_title(one)}, {one.reading.id} reading: {one.words}")),
        ("sh:conforms", ox.Literal(one.verdict is Verdict.MET)),
        ("sh:result", *(result for results in gaps.values() for result in results)),
        ("k20:byDefinition", iri(one.definition.iri)),
        ("k20:onReading", iri(one.reading.iri)),
        ("k20:verdict", OVERALL.get(one.verdict, VERDICTS[one.verdict])),
        ("dcterms:hasPart", *parts),
        ("skos:note", *map(text, notes)),
        ("prov:wasDerivedFrom", iri(one.case)),
        ("prov:wasAttributedTo", *map(agent, filter(None, (tool, one.engine)))),
    )
    for part, finding in parts.items():
        _criterion_verdict(graph, part, one, finding, gaps[part])
    for part, finding in parts.items():
        for result, gap in gaps[part].items():
            _result(graph, result, one, gap, finding)


def _gaps(finding: Finding) -> Sequence[Gap]:
    if finding.verdict is Verdict.MET:
        return ()
    plain = finding.message or f"{finding.criterion.label}: {finding.verdict.value}"
    return finding.missing or (Gap(plain),)


def _criterion_verdict(
    graph: TurtleGraph,
    node: ox.NamedNode,
    one: Assessment,
    finding: Finding,
    results: Iterable[ox.NamedNode],
) -> None:
    criterion = finding.criterion
    label = f"{criterion.code} {criterion.label}, {one.reading.id} reading: {finding.verdict.value}"
    said = [sentence(finding.message)] if finding.message else []
    if finding.coverage and (words := coverage_words(finding.coverage)):
        said.append(f"Coverage: {words}.")
    if finding.carried_by:
        said.append(f"Carried by {carried_words(finding.carried_by)}.")
    if finding.authors:
        said.append(f"The authors: {authors_words([finding])}.")
    graph.add(
        node,
        ("a", "k20:CriterionVerdict"),
        ("rdfs:label", text(label)),
        ("rdfs:comment", text(" ".join(said)) if said else None),
        ("k20:onCriterion", iri(criterion.iri)),
        ("k20:onReading", iri(one.reading.iri)),
        ("k20:verdict", VERDICTS[finding.verdict]),
        ("k20:hasEvidence", *dict.fromkeys(iri(item.iri) for item in finding.evidence)),
        ("k20:carriedBy", *dict.fromkeys(iri(c.iri) for c in finding.carried_by)),
        ("dcterms:hasPart", *results),
    )


def _result(
    graph: TurtleGraph, node: ox.NamedNode, one: Assessment, gap: Gap, finding: Finding
) -> None:
    severity = "sh:Violation" if finding.verdict is Verdict.NOT_MET else "sh:Warning"
    graph.add(
        node,
        ("a", "sh:ValidationResult"),
        ("sh:focusNode", iri(one.case)),
        ("k20:onCriterion", iri(finding.criterion.iri)),
        ("sh:resultMessage", text(" ".join([sentence(gap.statement), *gap_words(gap)]))),
        ("sh:resultSeverity", severity),
        ("sh:sourceConstraintComponent", "sh:NodeConstraintComponent"),
    )
