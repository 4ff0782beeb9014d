"""Assessments as GitHub-flavoured Markdown: tables, and lists that can be pasted into a report.

Whatever a record says is escaped: it can start no list, table, link, formula, mention or tag.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from k20kg.model import Assessment, Finding, Gap, Verdict
from k20kg.report.escape import is_web_address
from k20kg.report.grounds import (
    authors_of_whole,
    authors_words,
    carried_by_reading,
    carried_words,
    decides_words,
    list_assumptions,
)
from k20kg.report.outline import (
    LEGEND,
    MADE_UP,
    Row,
    about_run,
    case_title,
    concerned,
    coverage_by_reading,
    coverage_words,
    figures_in_words,
    findings_by_reading,
    group_by_case,
    list_choices,
    list_evidence,
    place,
    reading_title,
    rows,
    sentence,
    time_words,
    told,
)
from k20kg.report.sheet import SIGNS

__all__ = ["escape", "render"]

_MARKUP = re.compile(r"([\\`*_\[\]|~$])")
_AT_START = re.compile(r"^([0-9]{0,9})([-+#=.)])(?=\s|\d|$|[-+#=])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"})
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")


_OPTIONAL = ("authors", "Carried by")


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the document; several cases are preceded by a table of their verdicts."""
    cases = group_by_case(assessments)
    level = 1 if len(cases) == 1 else 2
    blocks: list[str] = []
    if level == 2:
        blocks += [f"# Verdicts on {len(cases)} cases"]
        blocks += [_summary(cases)] if cases else []
    for case in cases:
        blocks += _case(case, level)
    blocks += _readings(assessments)
    if cases:
        signs = [f"- {SIGNS[v]} **{v.value}**: {meaning}" for v, meaning in LEGEND]
        blocks += ["## Signs", "\n".join(signs)]
    blocks.append(escape(about_run(assessments, version)))
    return "\n\n".join(blocks) + "\n"


def _case(case: Sequence[Assessment], level: int) -> list[str]:
    first = case[0]
    mark = "#" * (level + 1)
    blocks = [f"{'#' * level} {escape(case_title(first))}"]
    blocks += [f"*{MADE_UP}*"] if first.synthetic else []
    lines = [f"- **{escape(one.reading.id)}**: {_announced(one)}{_when(one)}" for one in case]
    if authors := authors_of_whole(case):
        lines.append(f"- **authors**: {escape(authors)}")
    blocks.append("\n".join([*lines, f"- Case address: {_address(first.case)}"]))
    table = rows(case)
    heads = ["", "Criterion", *(escape(one.reading.id) for one in case)]
    heads += ["authors", "Coverage", "Carried by", "Evidence"]
    lines_of_table = [_criterion(row, case) for row in table]
    # Columns that hold nothing for any criterion are left out.
    shown = [
        n
        for n, head in enumerate(heads)
        if head not in _OPTIONAL or any(c[n] for c in lines_of_table)
    ]
    cells = [[line[n] for n in shown] for line in lines_of_table]
    blocks.append(_table([heads[n] for n in shown], cells))
    silent = (Verdict.NOT_ESTABLISHED,)
    for findings, ids in findings_by_reading(case, silent):
        blocks.append(f"{mark} What would settle the {escape(' and the '.join(ids))} reading")
        heads = ["Criterion", "Not in the record", "Would settle it", "Who could have it"]
        blocks.append(_table(heads, [line for f in findings for line in _gaps(f)]))
    against = (Verdict.NOT_MET, Verdict.CONTESTED)
    for findings, ids in findings_by_reading(case, against):
        title = f"What speaks for and against under the {' and the '.join(ids)} reading"
        blocks.append(f"{mark} {escape(title)}")
        blocks.append("\n".join(_sides(finding) for finding in findings))
    assumptions = list_assumptions(case)
    if assumptions:
        lines = []
        for assumption, only_in in assumptions:
            by = f" ({escape(assumption.by)})" if assumption.by else ""
            whose = f" *{escape(', '.join(only_in))} only*" if only_in else ""
            words = decides_words(assumption, case)
            decides = f" **decides** ({escape(words)})" if assumption.decides else ""
            lines.append(f"- {escape(sentence(assumption.statement))}{by}{whose}{decides}")
        blocks += [f"{mark} Assumptions", "\n".join(lines)]
    evidence = [line for row in table for line in _evidence(row, case)]
    if evidence:
        heads = ["", "Direction", "What the source says", "Place", "Method"]
        blocks += [f"{mark} Evidence", _table(heads, evidence)]
    return blocks


def _criterion(row: Row, case: Sequence[Assessment]) -> list[str]:
    covered: list[str] = []
    for ids, coverage in coverage_by_reading(row, case):
        whose = f"{escape(', '.join(ids))}: " if ids else ""
        figures = figures_in_words(coverage)
        words = coverage_words(coverage) + (f". As reported: {figures}" if figures else "")
        covered.append(whose + escape(words))
    verdicts = [f"{SIGNS[f.verdict]} {f.verdict.value}" if f else "" for f in row.findings]
    cited = list_evidence(row, case)
    count = f"{len(cited)} item{'s' if len(cited) > 1 else ''}" if cited else ""
    carried = [
        (f"{escape(', '.join(ids))}: " if ids else "") + escape(carried_words(carriers))
        for ids, carriers in carried_by_reading(row, case)
    ]
    code, label = escape(row.criterion.code), escape(row.criterion.label)
    authors = escape(authors_words(row))
    return [code, label, *verdicts, authors, "<br>".join(covered), "<br>".join(carried), count]


def _gaps(finding: Finding) -> list[list[str]]:
    name = f"{finding.criterion.code} {finding.criterion.label}"
    gaps = finding.missing or (Gap(finding.message or "No evidence is recorded."),)
    return [
        [
            escape(name),
            escape(f"{sentence(gap.statement)} {concerned(gap)}".strip()),
            escape(sentence(gap.settled_by)),
            escape(sentence(gap.supplied_by)),
        ]
        for gap in gaps
    ]


def _sides(finding: Finding) -> str:
    criterion = finding.criterion
    name = escape(f"{criterion.code} {criterion.label}")
    lines = [f"- **{name}: {finding.verdict.value}.** {escape(sentence(finding.message))}"]
    leads = {"supports": "For", "disputes": "Against", "leaves open": "Open"}
    for direction, lead in leads.items():
        for item in finding.evidence:
            if item.direction == direction:
                where = "; ".join(part for part in (place(item), item.method) if part)
                lines.append(f"  - {lead}: {escape(told(item))} ({escape(where)})")
    for gap in finding.missing:
        said = f"{sentence(gap.statement)} {concerned(gap)}".strip()
        lines.append(f"  - Shortfall: {escape(said)}")
    return "\n".join(lines)


def _evidence(row: Row, case: Sequence[Assessment]) -> list[list[str]]:
    lines = []
    for cited in list_evidence(row, case):
        item = cited.evidence
        whose = f" ({', '.join(cited.readings)} only)" if cited.readings else ""
        cells = [row.criterion.code, item.direction + whose, told(item), place(item), item.method]
        lines.append([escape(cell) for cell in cells])
    return lines


def _summary(cases: Sequence[Sequence[Assessment]]) -> str:
    ids = list(dict.fromkeys(one.reading.id for case in cases for one in case))
    lines = []
    for case in cases:
        found = {one.reading.id: one for one in case}
        lines.append(
            [escape(case_title(case[0])), *(_overall(found[i]) if i in found else "" for i in ids)]
        )
    return _table(["Case", *map(escape, ids)], lines)


def _overall(one: Assessment) -> str:
    codes = [f.criterion.code for f in one.findings if f.verdict is one.verdict]
    because = "" if one.verdict is Verdict.MET else f" ({', '.join(codes)})"
    return f"{SIGNS[one.verdict]} {escape(one.words + because)}"


def _announced(one: Assessment) -> str:
    return _overall(one) + (f", {escape(one.announced)}" if one.announced else "")


def _when(one: Assessment) -> str:
    return f". {escape(when)}" if (when := time_words(one)) else ""


def _readings(assessments: Sequence[Assessment]) -> list[str]:
    blocks: list[str] = []
    for one in {one.reading.iri: one for one in assessments}.values():
        choices = list_choices(one.reading, one.definition)
        if choices:
            blocks.append(f"### {escape(reading_title(one.reading))}")
            blocks.append("\n".join(f"- {escape(choice)}" for choice in choices))
    return ["## What each reading chooses", *blocks] if blocks else []


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    table = [heads, ["---"] * len(heads), *lines]
    return "\n".join("|" + "".join(f" {c} |" if c else " |" for c in cells) for cells in table)


def _address(iri: str) -> str:
    """Return a link if the IRI is a web address that Markdown takes as it stands, else text."""
    plain = is_web_address(iri) and re.fullmatch(r"[A-Za-z0-9:/?#@!$&'()*+,;=._~%-]+", iri)
    return f"<{iri}>" if plain else escape(iri)


def escape(text: str) -> str:
    """Return a text in which nothing is markup, and no bare address turns into a link."""
    safe = _MARKUP.sub(r"\\\1", text.strip()).translate(_ENTITIES)
    safe = _LINK.sub(lambda m: f"{m[1] or m[3]}{'&#58;' if m[2] else '&#46;'}", safe)
    return _AT_START.sub(r"\1\\\2", safe)
