"""Assessments as Turtle: a standard SHACL validation report, the verdicts, and PROV.

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

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from k20kg.model import Assessment, Finding, Gap, Verdict
from k20kg.report.outline import (
    MADE_UP,
    case_title,
    coverage_words,
    gap_words,
    sentence,
    time_words,
)
from k20kg.report.presentation import (
    Assumed,
    CaseAssessments,
    authors_words,
    carried_words,
    group_by_case,
)
from k20kg.report.rdf import OVERALL, VERDICTS, Graph, agent, extend, iri, text


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the graph, blocks sorted by case and reading as given; the agents come last."""
    graph = Graph()
    tool = f"k20kg {version}"
    for case in group_by_case(assessments):
        for one in case:
            _assessment(graph, one, tool)
    return graph.text([tool, *(a.engine for a in assessments if a.engine)])


def _assessment(graph: Graph, one: Assessment, tool: str) -> None:
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
    notes += map(_assumed, alone.assumptions)
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


def _assumed(assumed: Assumed) -> str:
    decides = f" Decides: {assumed.decides}." if assumed.decides else ""
    assumption = assumed.assumption
    return f"Assumed: {sentence(assumption.statement)} By: {assumption.by}.{decides}"


def _criterion_verdict(
    graph: Graph,
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


def _result(graph: Graph, node: ox.NamedNode, one: Assessment, gap: Gap, finding: Finding) -> None:
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
