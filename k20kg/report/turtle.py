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

import re
from collections.abc import Iterable, Sequence
from uuid import NAMESPACE_URL, uuid5

from k20kg.model import Assessment, Finding, Gap, Verdict
from k20kg.report.escape import is_web_address
from k20kg.report.outline import (
    MADE_UP,
    case_title,
    concerned,
    coverage_words,
    group_by_case,
    sentence,
)
from k20kg.vocabulary import BASE, PREFIXES

__all__ = ["render"]

_PREFIXES = ("dcterms", "k20", "prov", "rdfs", "sh", "skos")
_OVERALL = {Verdict.MET: "k20:IsK20Partnership", Verdict.NOT_MET: "k20:IsNotK20Partnership"}
_VERDICTS = {
    Verdict.MET: "k20:Met",
    Verdict.NOT_MET: "k20:NotMet",
    Verdict.NOT_ESTABLISHED: "k20:NotEstablished",
    Verdict.CONTESTED: "k20:Contested",
}
# RFC 3987, somewhat narrower: what passes here, any parser takes.
_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?://[A-Za-z0-9._~\u00a0-\ud7ff-]*(?::[0-9]{0,5})?(?=[/?#]|\Z)|(?!//))"
    r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|[\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef]"
    r"|%[0-9A-Fa-f]{2})*(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|[\u00a0-\ud7ff]|%[0-9A-Fa-f]{2})*)?"
)
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the graph, blocks sorted by case and reading as given; the agents come last."""
    blocks = [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in _PREFIXES]
    lines = ["\n".join(blocks)]
    tool = _agent(f"k20kg {version}")
    taken: set[str] = set()
    for case in group_by_case(assessments):
        for one in case:
            node = _below(one.case, "assessment", one.definition.id, one.reading.id)
            while node in taken:  # the same case from two files
                node = _extend(node, "again")
            taken.add(node)
            lines += _assessment(one, node, tool)
    agents = dict.fromkeys([f"k20kg {version}", *(a.engine for a in assessments if a.engine)])
    lines += [
        _block(_agent(name), ["a prov:SoftwareAgent", f"rdfs:label {_text(name)}"])
        for name in agents
    ]
    return "\n\n".join(lines) + "\n"


def _assessment(one: Assessment, node: str, tool: str) -> list[str]:
    verdicts: list[str] = []
    results: list[str] = []
    parts: list[str] = []
    failed: list[str] = []
    for finding in one.findings:
        part = _extend(node, finding.criterion.id)
        parts.append(part)
        gaps: tuple[Gap, ...] = ()
        if finding.verdict is not Verdict.MET:
            plain = finding.message or f"{finding.criterion.label}: {finding.verdict.value}"
            gaps = finding.missing or (Gap(plain),)
        own = [_extend(part, str(at)) for at in range(1, len(gaps) + 1)]
        failed += own
        verdicts.append(_criterion_verdict(part, one, finding, own))
        results += [_result(at, one, gap, finding) for at, gap in zip(own, gaps, strict=True)]
    notes = [MADE_UP] if one.synthetic else []
    notes += [f"Record as of {one.as_of}."] if one.as_of else []
    notes += [f"Assumed: {sentence(a.statement)} By: {a.by}." for a in one.assumptions]
    agents = [tool, _agent(one.engine)] if one.engine else [tool]
    report = _block(
        node,
        [
            "a sh:ValidationReport, k20:Assessment, prov:Entity",
            f"rdfs:label {_text(f'{case_title(one)}, {one.reading.id} reading: {one.words}')}",
            f"sh:conforms {'true' if one.verdict is Verdict.MET else 'false'}",
            *_list("sh:result", failed),
            f"k20:byDefinition {_iri(one.definition.iri)}",
            f"k20:onReading {_iri(one.reading.iri)}",
            f"k20:verdict {_OVERALL.get(one.verdict, _VERDICTS[one.verdict])}",
            *_list("dcterms:hasPart", parts),
            *_list("skos:note", [_text(note) for note in notes]),
            f"prov:wasDerivedFrom {_iri(one.case)}",
            *_list("prov:wasAttributedTo", agents),
        ],
    )
    return [report, *verdicts, *results]


def _criterion_verdict(node: str, one: Assessment, finding: Finding, results: list[str]) -> str:
    criterion = finding.criterion
    label = f"{criterion.code} {criterion.label}, {one.reading.id} reading: {finding.verdict.value}"
    said = [sentence(finding.message)] if finding.message else []
    if finding.coverage and (words := coverage_words(finding.coverage)):
        said.append(f"Coverage: {words}.")
    evidence = dict.fromkeys(_iri(item.iri) for item in finding.evidence)
    return _block(
        node,
        [
            "a k20:CriterionVerdict",
            f"rdfs:label {_text(label)}",
            *_list("rdfs:comment", [_text(" ".join(said))] if said else []),
            f"k20:onCriterion {_iri(criterion.iri)}",
            f"k20:onReading {_iri(one.reading.iri)}",
            f"k20:verdict {_VERDICTS[finding.verdict]}",
            *_list("k20:hasEvidence", evidence),
            *_list("dcterms:hasPart", results),
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
    return _block(
        node,
        [
            "a sh:ValidationResult",
            f"sh:focusNode {_iri(one.case)}",
            f"k20:onCriterion {_iri(finding.criterion.iri)}",
            f"sh:resultMessage {_text(message)}",
            f"sh:resultSeverity {severity}",
            "sh:sourceConstraintComponent sh:NodeConstraintComponent",
        ],
    )


def _block(subject: str, statements: Sequence[str]) -> str:
    return f"{subject}\n    " + " ;\n    ".join(statements) + " ."


def _list(predicate: str, objects: Iterable[str]) -> list[str]:
    joined = ",\n        ".join(objects)
    return [f"{predicate} {joined}"] if joined else []


def _below(case: str, *parts: str) -> str:
    """Return the IRI of a node below the case's IRI, or a UUID made of both names."""
    path = "/".join(_slug(part) for part in parts)
    if is_web_address(case) and _IRI.fullmatch(case) and not {"#", "?"} & set(case):
        return f"<{case.rstrip('/')}/{path}>"
    return f"<{uuid5(NAMESPACE_URL, f'{case} {path}').urn}>"


def _extend(node: str, part: str) -> str:
    if node.startswith("<urn:"):
        return f"<{uuid5(NAMESPACE_URL, f'{node} {part}').urn}>"
    return f"{node[:-1]}/{_slug(part)}>"


def _agent(name: str) -> str:
    return f"<{BASE}agent/{_slug(name)}>"


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-") or "unnamed"


def _iri(iri: str) -> str:
    """Return an IRI for Turtle; what is none becomes a UUID made of it."""
    return f"<{iri if _IRI.fullmatch(iri) else uuid5(NAMESPACE_URL, iri).urn}>"


def _text(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"@en'
