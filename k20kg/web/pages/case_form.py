"""The form for a case, section by section: made of the starter workbook's sheets and columns.

A page holds the fields of one section and, out of sight, the rows of all others: nothing is kept
on the server. `step` is made to run in a process that can be killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from k20kg.errors import K20Error, UsageError
from k20kg.sheets.cells import YES_NO
from k20kg.sheets.form import FORM, FieldFaults, Typed, faults_by_field, load, read_typed, rows_of
from k20kg.sheets.plan import Column, Sheet, fold
from k20kg.sheets.workbooks import workbook
from k20kg.web.pages import judge

if TYPE_CHECKING:
    from k20kg.web.pages import Site
    from k20kg.web.pages.judge import RecordOutcome

_SHORT: Final = 60
"""So long may the words be by which a row goes."""
STEP: Final = ("section", "add")
"""Fields that say which section is shown, and whether with a new row."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: a cell of a row that is asked for."""

    id: str
    number: int
    """Number of its column, by which it is sent."""
    column: Column
    value: str
    options: tuple[str, ...] | None
    """All that can be chosen; None where anything may be written."""
    long: bool
    faults: Sequence[str]


def merge(fields: Mapping[str, Sequence[str]]) -> Typed:
    """Return all rows that a page of the form sends: those out of sight, and its own section's."""
    typed = read_typed(fields.get("rows", [""])[0])
    sheets = workbook().sheets
    if not (at := fields.get("from", [""])[0]).isdecimal() or int(at) >= len(sheets):
        return typed
    sheet = sheets[int(at)]
    sent = [fields.get(f"c{n}", ()) for n in range(len(sheet.columns))]
    if len(set(map(len, sent))) > 1:
        raise UsageError("the form came in pieces", remedy="go back one page and send it again")
    taken = fields.get("remove", [""])[0]
    typed[sheet.name] = [
        {c.name: text for c, text in zip(sheet.columns, row, strict=True)}
        for number, row in enumerate(zip(*sent, strict=True))
        if str(number) != taken
    ]
    return read_typed(json.dumps(typed))


def step(site: Site, data: bytes, name: str, **choices: str) -> tuple[int, str]:
    """Return status and page of the form with a record: typed so far, or loaded from a file."""
    given = {key: choices.pop(key, "") for key in STEP}
    told: list[str] = []
    try:
        if choices.get("syntax") == FORM:
            typed = read_typed(data)
        elif found := load(data, judge.clean_name(name)):
            typed, told = found
        else:
            cases = judge.cases_of(data, judge.clean_name(name), choices.get("syntax", ""))
            if len(cases) > 1:
                raise UsageError("the document holds several cases", remedy="send one at a time")
            typed, told = rows_of(cases[0].quads, cases[0].group)
    except K20Error as fault:
        outcome, text = judge.refused(fault), judge.shown_again(data)
        return outcome.status, judge.form(site, outcome, text, **choices)
    stands = judge.assess(json.dumps(typed).encode(), syntax=FORM)
    return 200, page(site, typed, stands, told=told, **given, **choices)


def refuse(site: Site, data: bytes, outcome: RecordOutcome, **choices: str) -> str:
    """Return the page of the form that says why what was typed was not judged."""
    try:
        typed = read_typed(data)
    except K20Error:
        typed = {}
    return page(site, typed, outcome, refused=True, **choices)


def page(
    site: Site,
    typed: Typed,
    outcome: RecordOutcome | None = None,
    *,
    section: str = "",
    add: str = "",
    told: Sequence[str] = (),
    refused: bool = False,
    **chosen: str,
) -> str:
    """Return the page of one section; `told` is what of a file the form does not hold.

    `outcome` is what the rows are judged to be as they stand; if it is `refused`, the page says
    so, and shows the first section with a fault.
    """
    sheets = workbook().sheets
    faults, others = faults_by_field(outcome.details if outcome else ())
    counted = {name: sum(len(f) for (at, *_), f in faults.items() if at == name) for name in typed}
    wrong = [n for n, sheet in enumerate(sheets) if counted.get(sheet.name)]
    at = int(section) if section.isdecimal() and int(section) < len(sheets) else 0
    at = wrong[0] if refused and wrong else at
    sheet = sheets[at]
    rows = typed.get(sheet.name, [])
    has = {column: {row.get(column.name) for row in rows} for column in sheet.columns}
    here = [*rows, *({c.name: w} for c, w in workbook().prefilled(sheet, has.__getitem__))]
    fresh = not here or bool(add)
    here += [{}] * fresh
    hidden = {name: some for name, some in typed.items() if name != sheet.name}
    return site.render(
        "case_form.html",
        title=f"Your case: {sheet.name}",
        description="A case typed in section by section; nothing of it is kept.",
        here="/judge",
        sheet=sheet,
        at=at,
        sections=[(s, len(typed.get(s.name, ())), counted.get(s.name, 0)) for s in sheets],
        rows=[_row(sheet, number, row, faults) for number, row in enumerate(here)],
        fresh=fresh,
        offers={n: found for n, c in enumerate(sheet.columns) if (found := _offer(typed, sheet, c))},
        hidden=json.dumps(hidden, ensure_ascii=False),
        told=[*told, *(others if refused else ())],
        outcome=outcome,
        refused=refused,
        records=judge.RECORDS,
        **judge.choices(**chosen),
    )


def _row(
    sheet: Sheet, number: int, row: Mapping[str, str], faults: FieldFaults
) -> tuple[str, bool, list[FormField], list[FormField]]:
    """Return a row's name, whether it needs a look, and its fields: usual ones and seldom ones."""
    known = workbook()
    fields = []
    for n, column in enumerate(sheet.columns):
        kind = sheet.kinds(column)[0]
        value = row.get(column.name, column.default if sheet.one_row else "")
        options = YES_NO if kind.name == "yesno" else None
        if kind.choices and not kind.open and not column.several:
            options = tuple(known.words[term] for term in kind.choices)
        if options and value:
            same = next((one for one in options if fold(one) == fold(value)), "")
            value, options = same or value, options if same else (*options, value)
        wrong = faults.get((sheet.name, number, column.name), ())
        long = kind.name == "words" or len(value) > _SHORT
        fields.append(FormField(f"c{n}-{number}", n, column, value, options, long, wrong))
    words = ", ".join(text[:_SHORT] for text in list(row.values())[:2])
    first = [field for field in fields if not field.column.seldom]
    others = [field for field in fields if field.column.seldom]
    return words, any(field.faults for field in fields), first, others


def _offer(typed: Typed, sheet: Sheet, column: Column) -> list[str]:
    """Return what a field that takes any text is offered: terms, or names in other sections."""
    known = workbook()
    kinds = sheet.kinds(column)
    if kinds[0].choices and not (kinds[0].open or column.several):
        return []
    words = [known.words[term] for term in kinds[0].choices]
    named = [
        row.get(there.name, "")
        for other, there in known.named_in(sheet, column)
        for row in typed.get(other.name, ())
    ]
    return list(dict.fromkeys(filter(None, [*words, *named])))
