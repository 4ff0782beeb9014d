"""What a case's verdicts hang on, in every format."""

from __future__ import annotations

import json

import pyoxigraph as ox

from k20kg.lab.sensitivity import Answer, Number, Option, Sensitivity
from k20kg.lab.settle import Settlement
from k20kg.model import Reading, Verdict
from k20kg.report.escape import cleanse
from k20kg.report.grounds import decides_words, list_assumptions
from k20kg.report.sections import Section, render_sections
from k20kg.report.sensitivity_data import COLUMNS, change_words, rows_of, tree_of
from k20kg.report.table import Table, Value, render_table
from k20kg.vocabulary import PREFIXES

__all__ = ["render_sensitivity"]


def render_sensitivity(
    found: Sensitivity,
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    version: str,
    width: int = 100,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the report; as Turtle, the made-up evidence that would settle each criterion."""
    if format == "turtle":
        return _turtle(found, version)
    found = cleanse(found)
    match format:
        case "json":
            return json.dumps(tree_of(found), ensure_ascii=False, indent=2) + "\n"
        case "csv":
            return render_table(Table("", COLUMNS, rows_of(found)), "csv")
    title = f"What the verdicts on {found.label} hang on"
    return render_sections(
        title, _sections(found), format, width=width, colour=colour, ascii_only=ascii_only
    )


def _sections(found: Sensitivity) -> list[Section]:
    verdicts = "; ".join(
        f"{a.reading.id}: {a.definition.overall_words(a.verdict)}" for a in found.assessments
    )
    made_up = ("Made-up case.",) if found.synthetic else ()
    sections = [Section("", (f"By {found.definition.label}: {verdicts}.", *made_up))]
    if found.numbers:
        columns = ("", "number", "reading", "now", "verdict, by value", "the whole, by value")
        rows = [
            (
                n.criterion.code,
                n.parameter.name,
                n.reading.id,
                n.now,
                _by_value(n, whole=False),
                _by_value(n, whole=True),
            )
            for n in found.numbers
        ]
        sections.append(Section("Numbers", (), Table("", columns, rows)))
    if found.choices:
        heads = ("", "choice", "reading", "made as in", "verdict", "then", "the whole, then")
        rows_of_choices: list[tuple[Value, ...]] = [
            (
                c.criterion.code,
                c.parameter.name,
                c.reading.id,
                c.other.id,
                c.as_it_is.value,
                c.verdict.value if c.flips else "the same",
                found.definition.overall_words(c.overall),
            )
            for c in found.choices
        ]
        sections.append(Section("Choices", (), Table("", heads, rows_of_choices)))
    if listed := list_assumptions(found.assumed):
        told = ("Each reading of the curators was withdrawn, and the case judged without it.",)
        columns_assumed = ("assumed", "by", "needed by", "decides")
        rows_assumed: list[tuple[Value, ...]] = [
            (
                a.statement,
                a.by,
                ", ".join(ids) or "all readings",
                decides_words(a, found.assumed) or ("nothing" if a.tried else "not tried"),
            )
            for a, ids in listed
        ]
        rows_assumed += [(said, "curators", "no reading", "nothing") for said in found.idle]
        sections.append(Section("Assumptions", told, Table("", columns_assumed, rows_assumed)))
    for answer in found.answers:
        sections.append(_question(found, answer))
    if found.settlements:
        said = (
            "Made-up evidence, the least that the shapes ask for; each was judged with it added. "
            "What decides most comes first.",
        )
        columns = ("", "reading", "would be", "records", "what would have to be found", "changes")
        settled = [_settled(found, s) for s in found.settlements]
        sections.append(Section("What would settle it", said, Table("", columns, settled)))
    for whole in found.completions:
        sections.append(
            Section(
                f"What would make it a {found.definition.affirmed} under {whole.reading.id}",
                (
                    f"{whole.records} records, none of which is there:",
                    *(f"- {s}" for s in whole.statements),
                ),
            )
        )
    if found.unsettled:
        rows_left = [
            (u.criterion.code, u.reading.id, u.towards.value, u.reason) for u in found.unsettled
        ]
        table = Table("", ("", "reading", "not towards", "why"), rows_left)
        sections.append(Section("What no addition on offer settles", (), table))
    return sections


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


def _settled(found: Sensitivity, s: Settlement) -> tuple[Value, ...]:
    code = s.criterion.code if s.criterion else ""
    changes = [c for c in (change_words(found, e) for e in s.effects) if c]
    return (
        code,
        s.reading.id,
        s.verdict.value,
        s.records,
        " ".join(s.statements),
        "; ".join(changes),
    )


def _turtle(found: Sensitivity, version: str) -> str:
    """Return the made-up evidence, each addition under a comment; append one to the case to check.

    A comment is not part of the graph: the graph is all additions together.
    """
    label = _comment(found.label)
    parts = [f"# Made-up evidence for {label}, by k20kg {version}. None of it is on record."]
    parts += [f"@prefix {name}: <{space}> ." for name, space in _used(found).items()]
    for s in (*found.completions, *found.settlements):
        code = s.criterion.code if s.criterion else "the whole"
        parts.append(f"\n# {code}, {_reading(s.reading)}: {s.verdict.value}")
        parts += [f"#   {_comment(statement)}" for statement in s.statements]
        triples = sorted({t for a in s.additions for t in a.triples}, key=str)
        body = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=_used(found)) or b""
        parts += [line for line in body.decode().splitlines() if not line.startswith("@prefix")]
    return "\n".join(parts) + "\n"


def _used(found: Sensitivity) -> dict[str, str]:
    words = " ".join(
        str(t)
        for s in (*found.settlements, *found.completions)
        for a in s.additions
        for t in a.triples
    )
    return {name: space for name, space in PREFIXES.items() if f"<{space}" in words}


def _comment(text: str) -> str:
    return " ".join(text.split())


def _reading(reading: Reading) -> str:
    return _comment(reading.id)
