"""The form for a case, section by section: made of the starter workbook's sheets and columns.

A page holds the fields of one section and, out of sight, the rows of all others: nothing is kept
on the server. `step` is made to run in a process that can be killed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from k20kg.errors import K20Error, UsageError
from k20kg.sheets.form import (
    FORM,
    Typed,
    faults_by_field,
    load,
    offers,
    read_typed,
    rows_of,
    rows_to_show,
)
from k20kg.sheets.workbooks import workbook
from k20kg.web.pages import judge

if TYPE_CHECKING:
    from k20kg.web.pages import Site
    from k20kg.web.pages.judge import RecordOutcome

STEP: Final = ("section", "add")
"""Fields that say which section is shown, and whether with a new row."""


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
    return 200, page(site, typed, stands, told, **choices)


def refuse(site: Site, data: bytes, outcome: RecordOutcome, **choices: str) -> str:
    """Return the page of the form that says why what was typed was not judged."""
    try:
        typed = read_typed(data)
    except K20Error:
        typed = {}
    return page(site, typed, outcome, refused="yes", **choices)


def page(
    site: Site,
    typed: Typed,
    outcome: RecordOutcome | None = None,
    told: Sequence[str] = (),
    *,
    refused: str = "",
    **chosen: str,
) -> str:
    """Return the page of one section; `told` is what of a file the form does not hold.

    `outcome` is what the rows are judged to be as they stand; if it is `refused`, the page says
    so, and shows the first section with a fault.
    """
    sheets = workbook().sheets
    faults, others = faults_by_field(outcome.details if outcome else ())
    counted = Counter(name for (name, _, _), told_there in faults.items() for _ in told_there)
    wrong = [n for n, sheet in enumerate(sheets) if counted[sheet.name]]
    at = int(said) if (said := chosen.get("section", "")).isdecimal() else 0
    at = at if at < len(sheets) else 0
    at = wrong[0] if refused and wrong else at
    sheet = sheets[at]
    rows = rows_to_show(typed, sheet, faults, fresh="add" in chosen)
    hidden = {name: some for name, some in typed.items() if name != sheet.name}
    return site.render(
        "case_form.html",
        title=f"Your case: {sheet.name}",
        description="A case typed in section by section; nothing of it is kept.",
        here="/judge",
        sheet=sheet,
        at=at,
        sections=[(s, len(typed.get(s.name, ())), counted[s.name]) for s in sheets],
        rows=rows,
        fresh="add" in chosen,
        offers={n: w for n, c in enumerate(sheet.columns) if (w := offers(typed, sheet, c))},
        hidden=json.dumps(hidden, ensure_ascii=False),
        told=[*told, *(others if refused else ())],
        outcome=outcome,
        refused=refused,
        records=judge.RECORDS,
        **judge.choices(**chosen),
    )
