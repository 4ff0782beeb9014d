"""What a case's verdicts hang on, as rows and as a tree for programs."""

from __future__ import annotations

from k20kg.lab.flips import Span
from k20kg.lab.sensitivity import Sensitivity
from k20kg.lab.settle import Effect, Settlement
from k20kg.report.table import Value

__all__ = ["COLUMNS", "change_words", "rows_of", "tree_of"]

COLUMNS = (
    "case", "kind", "reading", "code", "criterion", "what", "from", "to", "verdict", "overall",
    "records", "changes",
)  # fmt: skip


def change_words(found: Sensitivity, effect: Effect) -> str:
    if effect.code:
        return f"{effect.reading} {effect.code} {effect.after.value}"
    return f"{effect.reading}: {found.definition.overall_words(effect.after)}"


def rows_of(found: Sensitivity) -> list[tuple[Value, ...]]:
    rows: list[tuple[Value, ...]] = []
    for n in found.numbers:
        start = (found.case, "number", n.reading.id, n.criterion.code, n.criterion.id)
        for span in n.spans:
            ends = (span.first, span.last, span.verdict.value, span.overall.value, "", "")
            rows.append((*start, n.parameter.name, *ends))
    for c in found.choices:
        start = (found.case, "choice", c.reading.id, c.criterion.code, c.criterion.id)
        what = f"{c.parameter.name}: as in {c.other.id}"
        rows.append((*start, what, "", "", c.verdict.value, c.overall.value, "", ""))
    for one in found.assumed:
        for a in one.assumptions:
            decides = [(f.criterion.code, f.criterion.id) for f in one.findings]
            decides = [pair for pair in decides if pair[0] in a.decides] or [("", "")]
            for code, criterion in decides:
                words = "decides" if code else "decides nothing" if a.tried else ""
                words += ", and the whole" if a.decides_whole else ""
                start = (found.case, "assumption", one.reading.id, code, criterion)
                rows.append((*start, a.statement, "", "", "", "", "", words))
    for answer in found.answers:
        for option in answer.options:
            for o in option.outcomes:
                start = (
                    found.case, "question", o.reading.id, answer.criterion.code,
                    answer.criterion.id,
                )  # fmt: skip
                what = f"{answer.question} {option.label}"
                rows.append((*start, what, "", "", o.verdict.value, o.overall.value, "", ""))
    for s in (*found.settlements, *found.completions):
        code, iri = (s.criterion.code, s.criterion.id) if s.criterion else ("", "overall")
        overall = next((e.after.value for e in s.effects if not e.code), "")
        changes = "; ".join(change_words(found, e) for e in s.effects)
        rows.append(
            (
                found.case, "what if", s.reading.id, code, iri, " ".join(s.statements), "", "",
                s.verdict.value, overall, s.records, changes,
            )
        )  # fmt: skip
    return rows


def tree_of(found: Sensitivity) -> dict[str, object]:
    return {
        "case": found.case,
        "label": found.label,
        "synthetic": found.synthetic,
        "definition": found.definition.id,
        "validations": found.runs,
        "assessments": [
            {"reading": a.reading.id, "verdict": a.verdict.value} for a in found.assessments
        ],
        "numbers": [
            {
                "parameter": n.parameter.name,
                "criterion": n.criterion.id,
                "id": n.criterion.code,
                "reading": n.reading.id,
                "now": n.now,
                "spans": [_span(s) for s in n.spans],
            }
            for n in found.numbers
        ],
        "choices": [
            {
                "parameter": c.parameter.name,
                "criterion": c.criterion.id,
                "id": c.criterion.code,
                "reading": c.reading.id,
                "as_in": c.other.id,
                "before": c.as_it_is.value,
                "verdict": c.verdict.value,
                "overall": c.overall.value,
            }
            for c in found.choices
        ],
        "assumptions": [
            {
                "reading": one.reading.id,
                "statement": a.statement,
                "by": a.by,
                "decides": a.is_decisive if a.tried else None,
                "criteria": list(a.decides),
                "overall": a.decides_whole if a.tried else None,
            }
            for one in found.assumed
            for a in one.assumptions
        ],
        "idle_assumptions": list(found.idle),
        "questions": [
            {
                "question": a.question,
                "source": a.source,
                "criterion": a.criterion.id,
                "decides": a.decides,
                "counted": a.unit or None,
                "options": [
                    {
                        "if": option.label,
                        "outcomes": [
                            {
                                "reading": o.reading.id,
                                "verdict": o.verdict.value,
                                "overall": o.overall.value,
                                "met_up_to": o.met_up_to,
                            }
                            for o in option.outcomes
                        ],
                    }
                    for option in a.options
                ],
            }
            for a in found.answers
        ],
        "settlements": [_settlement(s) for s in found.settlements],
        "completions": [_settlement(s) for s in found.completions],
        "unsettled": [
            {
                "criterion": u.criterion.id,
                "id": u.criterion.code,
                "reading": u.reading.id,
                "towards": u.towards.value,
                "reason": u.reason,
            }
            for u in found.unsettled
        ],
    }


def _span(span: Span) -> dict[str, object]:
    return {
        "first": span.first,
        "last": span.last,
        "verdict": span.verdict.value,
        "overall": span.overall.value,
    }


def _settlement(s: Settlement) -> dict[str, object]:
    return {
        "criterion": s.criterion.id if s.criterion else None,
        "id": s.criterion.code if s.criterion else None,
        "reading": s.reading.id,
        "verdict": s.verdict.value,
        "records": s.records,
        "statements": list(s.statements),
        "supplied_by": list(s.supplied_by),
        "changes": [
            {
                "reading": e.reading,
                "id": e.code or None,
                "before": e.before.value,
                "after": e.after.value,
            }
            for e in s.effects
        ],
    }
