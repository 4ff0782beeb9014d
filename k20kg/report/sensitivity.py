"""What a case's verdicts hang on, in every format."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from k20kg.analysis.missing_evidence import Effect
from k20kg.analysis.sensitivity import Answer, Number, Option, Sensitivity
from k20kg.model import Verdict
from k20kg.rdf.turtle import used_prefixes
from k20kg.report import Look
from k20kg.report.document import Document, Section, write
from k20kg.report.escape import cleanse
from k20kg.report.json_ import ASSUMPTION, Spec, as_tree, same
from k20kg.report.presentation import CaseAssessments
from k20kg.report.table import Table, Value
from k20kg.report.turtle import serialize

_COLUMNS = (
    "case", "kind", "reading", "code", "criterion", "what", "from", "to", "verdict", "overall",
    "records", "changes",
)  # fmt: skip


def render_sensitivity(
    found: Sensitivity,
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    version: str,
    **look: Unpack[Look],
) -> str:
    """Return the report; as Turtle, the made-up evidence that would settle each criterion."""
    clean = cleanse(found)
    document = Document(
        title=f"What the verdicts on {clean.label} hang on",
        sections=lambda: _sections(clean),
        tree=lambda: as_tree(clean, _TREE),
        rows=lambda: Table("", _COLUMNS, list(_rows(clean))),
        turtle=lambda: _turtle(found, version),
    )
    return write(document, format, **look)


# ---------------------------------------------------------------- for people


def _sections(found: Sensitivity) -> Iterator[Section]:
    words = found.definition.overall_words
    verdicts = "; ".join(f"{a.reading.id}: {words(a.verdict)}" for a in found.assessments)
    made_up = ("Made-up case.",) if found.synthetic else ()
    yield Section("", (f"By {found.definition.label}: {verdicts}.", *made_up))
    rows: list[tuple[Value, ...]] = [
        (
            n.criterion.code, n.parameter.name, n.reading.id, n.now, _by_value(n, whole=False),
            _by_value(n, whole=True),
        )
        for n in found.numbers
    ]  # fmt: skip
    if rows:
        heads = ("", "number", "reading", "now", "verdict, by value", "the whole, by value")
        yield Section("Numbers", (), Table("", heads, rows))
    rows = [
        (
            c.criterion.code, c.parameter.name, c.reading.id, c.other.id, c.as_it_is.value,
            c.verdict.value if c.flips else "the same", words(c.overall),
        )
        for c in found.choices
    ]  # fmt: skip
    if rows:
        heads7 = ("", "choice", "reading", "made as in", "verdict", "then", "the whole, then")
        yield Section("Choices", (), Table("", heads7, rows))
    if listed := CaseAssessments(found.assumed).assumptions:
        told = ("Each reading of the curators was withdrawn, and the case judged without it.",)
        rows = [
            (
                a.statement, a.by, ", ".join(ids) or "all readings",
                decides or ("nothing" if a.tried else "not tried"),
            )
            for a, ids, decides in listed
        ]  # fmt: skip
        rows += [(said, "curators", "no reading", "nothing") for said in found.idle]
        yield Section(
            "Assumptions", told, Table("", ("assumed", "by", "needed by", "decides"), rows)
        )
    for answer in found.answers:
        yield _question(found, answer)
    rows = [
        (
            s.criterion.code if s.criterion else "", s.reading.id, s.verdict.value, s.records,
            " ".join(s.statements), "; ".join(_change_words(found, e) for e in s.effects),
        )
        for s in found.settlements
    ]  # fmt: skip
    if rows:
        said = (
            "Made-up evidence, the least that the shapes ask for; each was judged with it added. "
            "What decides most comes first.",
        )
        heads = ("", "reading", "would be", "records", "what would have to be found", "changes")
        yield Section("What would settle it", said, Table("", heads, rows))
    for whole in found.completions:
        yield Section(
            f"What would make it a {found.definition.affirmed} under {whole.reading.id}",
            (
                f"{whole.records} records, none of which is there:",
                *(f"- {s}" for s in whole.statements),
            ),
        )
    rows = [(u.criterion.code, u.reading.id, u.towards.value, u.reason) for u in found.unsettled]
    if rows:
        table = Table("", ("", "reading", "not towards", "why"), rows)
        yield Section("What no addition on offer settles", (), table)


def _by_value(number: Number, *, whole: bool) -> str:
    """Return the verdicts by value in words: ``1-2 met; from 3 not established``."""
    parts: list[tuple[int, int | None, Verdict]] = []
    for span in number.spans:
        verdict = span.overall if whole else span.verdict
        if parts and parts[-1][2] is verdict:
            parts[-1] = (parts[-1][0], span.last, verdict)
        else:
            parts.append((span.first, span.last, verdict))
    return "; ".join(f"{_values(first, last)} {v.value}" for first, last, v in parts)


def _values(first: int, last: int | None) -> str:
    if last is None:
        return "any" if first == 1 else f"from {first}"
    return str(first) if first == last else f"{first}-{last}"


def _question(found: Sensitivity, answer: Answer) -> Section:
    said = [f"{answer.criterion.code} {answer.criterion.label}; {answer.source}."]
    said += [answer.note] if answer.note else []
    said.append(_conclusion(answer))
    readings = [o.reading for o in answer.options[0].outcomes]
    columns = ["if", *(r.id for r in readings), *(f"the whole, {r.id}" for r in readings)]
    rows = []
    for option in answer.options:
        cells: list[Value] = [option.label]
        cells += [
            o.verdict.value + (f" ({o.met_up_to})" if o.met_up_to is not None else "")
            for o in option.outcomes
        ]
        cells += [found.definition.overall_words(o.overall) for o in option.outcomes]
        rows.append(tuple(cells))
    if answer.unit:
        said.append(f"In brackets: {answer.unit}.")
    return Section(answer.question, tuple(said), Table("", tuple(columns), rows))


def _conclusion(answer: Answer) -> str:
    if not answer.decides:
        verdicts = {o.verdict.value for o in answer.options[0].outcomes}
        return (
            "For this case it makes no difference to the criterion, which is "
            f"{' or '.join(sorted(verdicts))} whatever the answer."
        )
    first, *rest = answer.options
    moved = [o.label for o in rest if not _same(first, o)]
    alike = [o.label for o in rest if _same(first, o)]
    said = f"For this case the criterion's verdict would be another if: {'; '.join(moved)}."
    return f"{said} It would be the same if: {'; '.join(alike)}." if alike else said


def _same(one: Option, other: Option) -> bool:
    pairs = zip(one.outcomes, other.outcomes, strict=True)
    return all(a.verdict is b.verdict for a, b in pairs)


def _change_words(found: Sensitivity, effect: Effect) -> str:
    if effect.code:
        return f"{effect.reading} {effect.code} {effect.after.value}"
    return f"{effect.reading}: {found.definition.overall_words(effect.after)}"


# ---------------------------------------------------------------- for programs


def _rows(found: Sensitivity) -> Iterator[tuple[Value, ...]]:
    for n in found.numbers:
        start = (found.case, "number", n.reading.id, n.criterion.code, n.criterion.id)
        for span in n.spans:
            ends = (span.first, span.last, span.verdict.value, span.overall.value, "", "")
            yield *start, n.parameter.name, *ends
    for c in found.choices:
        start = (found.case, "choice", c.reading.id, c.criterion.code, c.criterion.id)
        what = f"{c.parameter.name}: as in {c.other.id}"
        yield *start, what, "", "", c.verdict.value, c.overall.value, "", ""
    for one in found.assumed:
        for a in one.assumptions:
            decides = [(f.criterion.code, f.criterion.id) for f in one.findings]
            decides = [pair for pair in decides if pair[0] in a.decides] or [("", "")]
            for code, criterion in decides:
                words = "decides" if code else "decides nothing" if a.tried else ""
                words += ", and the whole" if a.decides_whole else ""
                start = (found.case, "assumption", one.reading.id, code, criterion)
                yield *start, a.statement, "", "", "", "", "", words
    for answer in found.answers:
        about = answer.criterion
        for option in answer.options:
            for o in option.outcomes:
                start = (found.case, "question", o.reading.id, about.code, about.id)
                what = f"{answer.question} {option.label}"
                yield *start, what, "", "", o.verdict.value, o.overall.value, "", ""
    for s in (*found.settlements, *found.completions):
        code, name = (s.criterion.code, s.criterion.id) if s.criterion else ("", "overall")
        overall = next((e.after.value for e in s.effects if not e.code), "")
        changes = "; ".join(_change_words(found, e) for e in s.effects)
        yield (
            found.case, "what if", s.reading.id, code, name, " ".join(s.statements), "", "",
            s.verdict.value, overall, s.records, changes,
        )  # fmt: skip


_CRITERION: Spec = {"criterion": "criterion.id", "id": "criterion.code", "reading": "reading.id"}
_SETTLEMENT: Spec = {
    **_CRITERION,
    **same("verdict", "records", "statements", "supplied_by"),
    "changes": (
        "effects",
        {"reading": "reading", "id": lambda e: e.code or None, **same("before", "after")},
    ),
}
_OUTCOME: Spec = {"reading": "reading.id", **same("verdict", "overall", "met_up_to")}
_TREE: Spec = {
    **same("case", "label", "synthetic"),
    "definition": "definition.id",
    "validations": "runs",
    "assessments": ("assessments", {"reading": "reading.id", "verdict": "verdict"}),
    "numbers": (
        "numbers",
        {
            "parameter": "parameter.name",
            **_CRITERION,
            "now": "now",
            "spans": ("spans", same("first", "last", "verdict", "overall")),
        },
    ),
    "choices": (
        "choices",
        {
            "parameter": "parameter.name",
            **_CRITERION,
            "as_in": "other.id",
            "before": "as_it_is",
            **same("verdict", "overall"),
        },
    ),
    "assumptions": lambda found: [
        {"reading": one.reading.id, **as_tree(a, ASSUMPTION)}
        for one in found.assumed
        for a in one.assumptions
    ],
    "idle_assumptions": "idle",
    "questions": (
        "answers",
        {
            **same("question", "source"),
            "criterion": "criterion.id",
            "decides": "decides",
            "counted": lambda a: a.unit or None,
            "options": ("options", {"if": "label", "outcomes": ("outcomes", _OUTCOME)}),
        },
    ),
    "settlements": ("settlements", _SETTLEMENT),
    "completions": ("completions", _SETTLEMENT),
    "unsettled": ("unsettled", {**_CRITERION, **same("towards", "reason")}),
}


def _turtle(found: Sensitivity, version: str) -> str:
    """Return the made-up evidence, each addition under a comment; append one to the case to check.

    A comment is not part of the graph: the graph is all additions together.
    """
    wholes = (*found.completions, *found.settlements)
    added = [sorted({t for a in s.additions for t in a.triples}, key=str) for s in wholes]
    prefixes = used_prefixes([t for triples in added for t in triples])
    label = " ".join(found.label.split())
    parts = [f"# Made-up evidence for {label}, by k20kg {version}. None of it is on record."]
    parts += [f"@prefix {name}: <{space}> ." for name, space in prefixes.items()]
    for s, triples in zip(wholes, added, strict=True):
        code = s.criterion.code if s.criterion else "the whole"
        parts.append(f"\n# {code}, {' '.join(s.reading.id.split())}: {s.verdict.value}")
        parts += [f"#   {' '.join(statement.split())}" for statement in s.statements]
        body = serialize(triples, prefixes)
        parts += [line for line in body.splitlines() if not line.startswith("@prefix")]
    return "\n".join(parts) + "\n"
