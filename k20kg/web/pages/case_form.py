"""The form for a case, section by section: made of the starter workbook's sheets and columns.

A page holds the fields of one section and, out of sight, the rows of all others: nothing is kept
on the server. `step` is made to run in a process that can be killed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from k20kg.errors import K20Error
from k20kg.sheets import form
from k20kg.web.pages import Site, judge
from k20kg.web.pages.judge import RecordOutcome

STEP: Final = ("section", "add")
"""Fields that say which section is shown, and whether with a new row."""


def step(
    site: Site, data: bytes, name: str, outcome: RecordOutcome | None = None, **choices: str
) -> tuple[int, str]:
    """Return status and page of the form with a record: typed so far, or loaded from a file.

    With an outcome it says why what was typed was not judged.
    """
    told: list[str] = []
    try:
        if choices.get("syntax") == form.FORM:
            typed = form.read_typed(data)
        elif found := form.load(data, judge.clean_name(name)):
            typed, told = found
        else:
            case = judge.only_case(data, name, choices.get("syntax", ""))
            typed, told = form.rows_of(case.quads, case.group)
    except K20Error as fault:
        wrong = judge.refused(fault)
        return wrong.status, judge.form(site, wrong, judge.shown_again(data), **choices)
    stands = outcome or judge.assess(json.dumps(typed).encode(), syntax=form.FORM)
    refused = "yes" if outcome else ""
    return outcome.status if outcome else 200, page(
        site, typed, stands, told, refused=refused, **choices
    )


def page(
    site: Site,
    typed: form.Typed,
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
    faults, others = form.faults_by_field(outcome.details if outcome else ())
    fresh, section = "add" in chosen, chosen.get("section", "")
    found = form.show(typed, section, faults, fresh=fresh, mend=bool(refused))
    return site.render(
        "case_form.html",
        fresh=fresh,
        **found._asdict(),
        told=[*told, *(others if refused else ())],
        outcome=outcome,
        refused=refused,
        records=judge.RECORDS,
        **judge.choices(**chosen),
    )
