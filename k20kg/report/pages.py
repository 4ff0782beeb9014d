"""Assessments as a self-contained page or as Markdown, both from templates.

The page has its style inside, no script, and asks nobody for anything; everything that a record
says is escaped, and an IRI becomes a link only if it is a web address. Widths come from SVG
attributes, for the page's own security policy forbids style attributes.
"""

from __future__ import annotations

from collections.abc import Sequence

from k20kg.model import Assessment
from k20kg.report.outline import about_run, case_title, list_chosen
from k20kg.report.presentation import group_by_case
from k20kg.report.templates import fill

_TEMPLATES = {"html": "assessments.html", "markdown": "assessments.md"}


def render(assessments: Sequence[Assessment], *, version: str, format: str = "html") -> str:  # noqa: A002
    """Return the page; several cases are preceded by a matrix of their verdicts."""
    cases = group_by_case(assessments)
    definition = cases[0][0].definition if cases else None
    return fill(
        _TEMPLATES[format],
        title=case_title(cases[0][0]) if len(cases) == 1 else f"Verdicts on {len(cases)} cases",
        cases=cases,
        definition=definition.label if definition else "",
        criteria=definition.criteria if definition else (),
        readings=list(dict.fromkeys(one.reading.id for one in assessments)),
        chosen=list_chosen(assessments),
        made_by=about_run(assessments, version),
    )
