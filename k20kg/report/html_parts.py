"""Parts of the page of reports: the matrix of cases, what readings choose, headings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from k20kg.model import Assessment
from k20kg.report.marks import cell, sign
from k20kg.report.outline import case_title, in_section, list_choices

__all__ = ["matrix", "reading_name", "reading_names", "readings", "section_start"]


def section_start(level: int, name: str, title: str) -> list[str]:
    return [
        f'<section aria-labelledby="{name}">',
        f'<h{level} class="cap" id="{name}">{escape(title)}</h{level}>',
    ]


def matrix(cases: Sequence[Sequence[Assessment]]) -> list[str]:
    """Return every case against every criterion, one row a reading."""
    if not cases:
        return []
    criteria = cases[0][0].definition.criteria
    heads = "".join(
        f'<th scope="col" class="cell">{escape(c.code)}'
        f'<span class="hidden"> {escape(c.label)}</span></th>'
        for c in criteria
    )
    lines = [
        *section_start(2, "matrix", "Every case against every criterion"),
        '<div class="scroll" role="region" aria-labelledby="matrix" tabindex="0">',
        '<table class="matrix">',
        '<thead><tr><th scope="col">Case</th><th scope="col">Reading</th>'
        f'<th scope="col">Verdict</th>{heads}</tr></thead>',
    ]
    for at, case in enumerate(cases, start=1):
        lines.append("<tbody>")
        for first, one in zip([True] + [False] * len(case), case, strict=False):
            found = {f.criterion.iri: f.verdict for f in one.findings}
            name = (
                f'<th scope="rowgroup" rowspan="{len(case)}"><a href="#case-{at}-case">'
                f"{escape(case_title(one))}</a></th>"
            )
            cells = "".join(cell(found.get(c.iri)) for c in criteria)
            lines.append(
                f"<tr>{name if first else ''}<td>{escape(reading_name(one))}</td>"
                f"<td>{sign(one.verdict, one.words)}</td>{cells}</tr>"
            )
        lines.append("</tbody>")
    return [*lines, "</table>", "</div>", "</section>"]


def readings(assessments: Sequence[Assessment]) -> list[str]:
    readings = {one.reading.iri: one for one in assessments}
    chosen = [(one, list_choices(one.reading, one.definition)) for one in readings.values()]
    if not any(choices for _, choices in chosen):
        return []
    lines = section_start(2, "readings", "What each reading chooses")
    for one, choices in chosen:
        if not choices:
            continue
        lines.append(f'<h3 class="sub">{escape(reading_name(one) + in_section(one.reading))}</h3>')
        lines.append('<ul class="dash">')
        lines += [f"<li>{escape(choice)}</li>" for choice in choices]
        lines.append("</ul>")
    return [*lines, "</section>"]


def reading_name(one: Assessment) -> str:
    return one.reading.label or one.reading.id


def reading_names(ids: Sequence[str], case: Sequence[Assessment]) -> str:
    """Return the labels of readings: ``As applied and Literal``."""
    return " and ".join(reading_name(one) for one in case if one.reading.id in ids)
