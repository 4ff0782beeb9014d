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

from collections.abc import Sequence

from k20kg.model import Assessment, Assumption, Finding, Gap, Verdict
from k20kg.report.grounds import authors_of_whole, authors_words, carried_words, decides_words
from k20kg.report.nodes import (
    OVERALL,
    VERDICTS,
    agent,
    below,
    block,
    extend,
    iri,
    listed,
    programs,
    prologue,
    text,
)
from k20kg.report.outline import (
    MADE_UP,
    Row,
    case_title,
    concerned,
    coverage_words,
    group_by_case,
    sentence,
    time_words,
)

__all__ = ["render"]

_PREFIXES = ("dcterms", "k20", "prov", "rdfs", "sh", "skos")


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the graph, blocks sorted by case and reading as given; the agents come last."""
    lines = [prologue(*_PREFIXES)]
    tool = agent(f"k20kg {version}")
    taken: set[str] = set()
    for case in group_by_case(assessments):
        for one in case:
            node = below(one.case, "assessment", one.definition.id, one.reading.id)
            while node in taken:  # the same case from two files
                node = extend(node, "again")
            taken.add(node)
            lines += _assessment(one, node, tool)
    lines += programs([f"k20kg {version}", *(a.engine for a in assessments if a.engine)])
    return "\n\n".join(lines) + "\n"


def _assessment(one: Assessment, node: str, tool: str) -> list[str]:
    verdicts: list[str] = []
    results: list[str] = []
    parts: list[str] = []
    failed: list[str] = []
    for finding in one.findings:
        part = extend(node, finding.criterion.id)
        parts.append(part)
        gaps: tuple[Gap, ...] = ()
        if finding.verdict is not Verdict.MET:
            plain = finding.message or f"{finding.criterion.label}: {finding.verdict.value}"
            gaps = finding.missing or (Gap(plain),)
        own = [extend(part, str(at)) for at in range(1, len(gaps) + 1)]
        failed += own
        verdicts.append(_criterion_verdict(part, one, finding, own))
        results += [_result(at, one, gap, finding) for at, gap in zip(own, gaps, strict=True)]
    notes = [MADE_UP] if one.synthetic else []
    notes += [f"Record as of {one.as_of}."] if one.as_of else []
    notes += [when] if (when := time_words(one)) else []
    notes += [one.announced[:1].upper() + one.announced[1:] + "."] if one.announced else []
    notes += [f"The authors: {words}." for words in (authors_of_whole([one]),) if words]
    notes += [_assumed(a, one) for a in one.assumptions]
    agents = [tool, agent(one.engine)] if one.engine else [tool]
    report = block(
        node,
        [
            "a sh:ValidationReport, k20:Assessment, prov:Entity",
            f"rdfs:label {text(f'{case_title(one)}, {one.reading.id} reading: {one.words}')}",
            f"sh:conforms {'true' if one.verdict is Verdict.MET else 'false'}",
            *listed("sh:result", failed),
            f"k20:byDefinition {iri(one.definition.iri)}",
            f"k20:onReading {iri(one.reading.iri)}",
            f"k20:verdict {OVERALL.get(one.verdict, VERDICTS[one.verdict])}",
            *listed("dcterms:hasPart", parts),
            *listed("skos:note", [text(note) for note in notes]),
            f"prov:wasDerivedFrom {iri(one.case)}",
            *listed("prov:wasAttributedTo", agents),
        ],
    )
    return [report, *verdicts, *results]


def _assumed(assumption: Assumption, one: Assessment) -> str:
    words = decides_words(assumption, [one]) if assumption.is_decisive else ""
    decides = f" Decides: {words}." if words else ""
    return f"Assumed: {sentence(assumption.statement)} By: {assumption.by}.{decides}"


def _criterion_verdict(node: str, one: Assessment, finding: Finding, results: list[str]) -> str:
    criterion = finding.criterion
    label = f"{criterion.code} {criterion.label}, {one.reading.id} reading: {finding.verdict.value}"
    said = [sentence(finding.message)] if finding.message else []
    if finding.coverage and (words := coverage_words(finding.coverage)):
        said.append(f"Coverage: {words}.")
    if finding.carried_by:
        said.append(f"Carried by {carried_words(finding.carried_by)}.")
    if finding.authors:
        said.append(f"The authors: {authors_words(Row(criterion, (finding,)))}.")
    evidence = dict.fromkeys(iri(item.iri) for item in finding.evidence)
    return block(
        node,
        [
            "a k20:CriterionVerdict",
            f"rdfs:label {text(label)}",
            *listed("rdfs:comment", [text(" ".join(said))] if said else []),
            f"k20:onCriterion {iri(criterion.iri)}",
            f"k20:onReading {iri(one.reading.iri)}",
            f"k20:verdict {VERDICTS[finding.verdict]}",
            *listed("k20:hasEvidence", evidence),
            *listed("k20:carriedBy", dict.fromkeys(iri(c.iri) for c in finding.carried_by)),
            *listed("dcterms:hasPart", results),
        ],
    )


def _result(node: str, one: Assessment, gap: Gap, finding: Finding) -> str:
    severity = "sh:Violation" if finding.verdict is Verdict.NOT_MET else "sh:Warning"
    message = sentence(gap.statement)
    if gap.about:
        message += f" {concerned(gap)}"
    if gap.settled_by:
        message += f" Would settle it: {sentence(gap.settled_by)}"
    if gap.supplied_by:
        message += f" Who could have it: {sentence(gap.supplied_by)}"
    return block(
        node,
        [
            "a sh:ValidationResult",
            f"sh:focusNode {iri(one.case)}",
            f"k20:onCriterion {iri(finding.criterion.iri)}",
            f"sh:resultMessage {text(message)}",
            f"sh:resultSeverity {severity}",
            "sh:sourceConstraintComponent sh:NodeConstraintComponent",
        ],
    )
