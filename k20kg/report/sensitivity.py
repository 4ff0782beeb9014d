"""The report of `sensitivity`: what a case's verdicts hang on, in every format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Unpack

from k20kg.analysis.missing_evidence import Effect
from k20kg.analysis.sensitivity import QuestionAnswer, QuestionOption, Sensitivity, Threshold
from k20kg.model import Criterion, Definition, Reading, Verdict
from k20kg.rdf.text import escape_strings
from k20kg.rdf.turtle import Writer, by_subject
from k20kg.report import Terminal
from k20kg.report.document import Report, Section, tabled, write
from k20kg.report.json_ import ASSUMPTION, Spec, as_tree, same
from k20kg.report.presentation import CaseAssessments
from k20kg.report.table import Table, Value
from k20kg.vocabulary import PREFIXES

_COLUMNS = (
    "case", "kind", "reading", "code", "criterion", "what", "from", "to", "verdict", "overall",
    "records", "changes",
)  # fmt: skip


def render_sensitivity(
    found: Sensitivity, format: str, *, version: str, **terminal: Unpack[Terminal]
) -> str:
    """Return the report; as Turtle, the made-up evidence that would settle each criterion."""
    clean = escape_strings(found)
    document = Report(
        title=f"What the verdicts on {clean.label} hang on",
        sections=lambda: _sections(clean),
        tree=lambda: as_tree(clean, _TREE),
        rows=lambda: Table("", _COLUMNS, list(_rows(clean))),
        turtle=lambda: _turtle(found, version),
    )
    return write(document, format, **terminal)


# ---------------------------------------------------------------- for people


def _sections(found: Sensitivity) -> Iterator[Section]:
    words = found.definition.overall_words
    verdicts = "; ".join(f"{a.reading.id}: {words(a.verdict)}" for a in found.assessments)
    made_up = ("Made-up case.",) if found.synthetic else ()
    yield Section("", (f"By {found.definition.label}: {verdicts}.", *made_up))
    yield from tabled(
        "Numbers",
        ("", "number", "reading", "now", "verdict, by value", "the whole, by value"),
        [
            (n.criterion.code, n.parameter.name, n.reading.id, n.now, *_by_value(n))
            for n in found.numbers
        ],
    )
    yield from tabled(
        "Choices",
        ("", "choice", "reading", "made as in", "verdict", "then", "the whole, then"),
        [
            (
                c.criterion.code, c.parameter.name, c.reading.id, c.other.id, c.as_it_is.value,
                c.verdict.value if c.flips else "the same", words(c.overall),
            )
            for c in found.choices
        ],
    )  # fmt: skip
    assumed = [
        (
            a.statement, a.by, ", ".join(ids) or "all readings",
            decides or ("nothing" if a.tried else "not tried"),
        )
        for a, ids, decides in CaseAssessments(found.assessments).assumptions
    ]  # fmt: skip
    yield from tabled(
        "Assumptions",
        ("assumed", "by", "needed by", "decides"),
        assumed and assumed + [(s, "curators", "no reading", "nothing") for s in found.idle],
        "Each reading of the curators was withdrawn, and the case judged without it.",
    )
    yield from (_question(found, answer) for answer in found.answers)
    yield from tabled(
        "What would settle it",
        ("", "reading", "would be", "records", "what would have to be found", "changes"),
        [
            (
                s.criterion.code if s.criterion else "", s.reading.id, s.verdict.value, s.records,
                " ".join(s.statements), changes(found.definition, s.effects),
            )
            for s in found.settlements
        ],
        "Made-up evidence, the least that the shapes ask for; each was judged with it added. "
        "What decides most comes first.",
    )  # fmt: skip
    for whole in found.completions:
        title = f"What would make it {found.definition.one_affirmed} under {whole.reading.id}"
        said = f"{whole.records} records, none of which is there:"
        yield Section(title, (said, *(f"- {s}" for s in whole.statements)))
    yield from tabled(
        "What no addition on offer settles",
        ("", "reading", "not towards", "why"),
        [(u.criterion.code, u.reading.id, u.towards.value, u.reason) for u in found.unsettled],
    )


def _by_value(number: Threshold) -> Iterator[str]:
    """Yield the verdicts by value, and those on the whole: ``1-2 met; from 3 not established``."""
    for which in ("verdict", "overall"):
        alike = [(v, [*spans]) for v, spans in groupby(number.spans, key=attrgetter(which))]
        parts = (f"{_values(s[0].first, s[-1].last)} {v.value}" for v, s in alike)
        yield "; ".join(parts)


def _values(first: int, last: int | None) -> str:
    if last is None:
        return "any" if first == 1 else f"from {first}"
    return str(first) if first == last else f"{first}-{last}"


def _question(found: Sensitivity, answer: QuestionAnswer) -> Section:
    said = [f"{answer.criterion.code} {answer.criterion.label}; {answer.source}."]
    said += [answer.note] if answer.note else []
    said += [_conclusion(answer)] + ([f"In brackets: {answer.unit}."] if answer.unit else [])
    readings = [o.reading.id for o in answer.options[0].outcomes]
    columns = ("if", *readings, *(f"the whole, {reading}" for reading in readings))
    rows = [
        (
            option.label,
            *(
                o.verdict.value + ("" if o.met_up_to is None else f" ({o.met_up_to})")
                for o in option.outcomes
            ),
            *(found.definition.overall_words(o.overall) for o in option.outcomes),
        )
        for option in answer.options
    ]
    return Section(answer.question, tuple(said), Table("", columns, rows))


def _conclusion(answer: QuestionAnswer) -> str:
    def verdicts(option: QuestionOption) -> list[Verdict]:
        return [o.verdict for o in option.outcomes]

    first, *rest = answer.options
    if not answer.decides:
        words = " or ".join(sorted({v.value for v in verdicts(first)}))
        return (
            "For this case it makes no difference to the criterion, which is "
            f"{words} whatever the answer."
        )
    moved = [o.label for o in rest if verdicts(o) != verdicts(first)]
    alike = [o.label for o in rest if verdicts(o) == verdicts(first)]
    said = f"For this case the criterion's verdict would be another if: {'; '.join(moved)}."
    return f"{said} It would be the same if: {'; '.join(alike)}." if alike else said


def changes(definition: Definition, effects: Sequence[Effect]) -> str:
    """Return the verdicts that evidence would change: ``literal 2c met``."""
    return "; ".join(
        f"{e.reading} {e.code} {e.after.value}"
        if e.code
        else f"{e.reading}: {definition.overall_words(e.after)}"
        for e in effects
    )


# ---------------------------------------------------------------- for programs


def _rows(found: Sensitivity) -> Iterator[list[Value]]:
    def row(
        kind: str, reading: Reading, criterion: Criterion | None, /, **cells: Any
    ) -> list[Value]:
        about = {"code": criterion.code, "criterion": criterion.id} if criterion else {}
        told = {"case": found.case, "kind": kind, "reading": reading.id, **about, **cells}
        return [told.get(column, "") for column in _COLUMNS]

    for n in found.numbers:
        for span in n.spans:
            ends = {"from": span.first, "to": span.last, **_both(span)}
            yield row("number", n.reading, n.criterion, what=n.parameter.name, **ends)
    for c in found.choices:
        what = f"{c.parameter.name}: as in {c.other.id}"
        yield row("choice", c.reading, c.criterion, what=what, **_both(c))
    for one in found.assessments:
        for a in one.assumptions:
            decided = [f.criterion for f in one.findings if f.criterion.code in a.decides]
            for criterion in (*decided,) or (None,):
                said = "decides" if criterion else "decides nothing" if a.tried else ""
                said += ", and the whole" if a.decides_whole else ""
                yield row("assumption", one.reading, criterion, what=a.statement, changes=said)
    for answer in found.answers:
        for option in answer.options:
            what = f"{answer.question} {option.label}"
            for o in option.outcomes:
                yield row("question", o.reading, answer.criterion, what=what, **_both(o))
    for s in (*found.settlements, *found.completions):
        whole = {} if s.criterion else {"criterion": "overall"}
        yield row(
            "what if", s.reading, s.criterion, what=" ".join(s.statements), verdict=s.verdict.value,
            overall=next((e.after.value for e in s.effects if not e.code), ""), records=s.records,
            changes=changes(found.definition, s.effects), **whole,
        )  # fmt: skip


def _both(outcome: Any) -> dict[str, str]:
    return {"verdict": outcome.verdict.value, "overall": outcome.overall.value}


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
        for one in found.assessments
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
    writer = Writer(PREFIXES)
    parts = []
    for s in (*found.completions, *found.settlements):
        code = s.criterion.code if s.criterion else "the whole"
        parts.append(f"\n# {code}, {' '.join(s.reading.id.split())}: {s.verdict.value}\n")
        parts += [f"#   {' '.join(statement.split())}\n" for statement in s.statements]
        triples = sorted(s.triples, key=str)
        parts.append(writer.graph(by_subject(triples), {}))
    label = " ".join(found.label.split())
    head = f"# Made-up evidence for {label}, by k20kg {version}. None of it is on record.\n"
    return "".join([head, writer.head(), *parts])
