"""Assessments as one self-contained page: style inside, no script, no request to anywhere.

Everything that a record says is escaped; an IRI becomes a link only if it is a web address.
Widths come from SVG attributes, for the page's own security policy forbids style attributes.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path

from k20kg.model import Assessment, Finding, Gap, Verdict
from k20kg.report.grounds import (
    authors_of_whole,
    authors_words,
    carried_by_reading,
    carried_words,
    decides_words,
    list_assumptions,
)
from k20kg.report.html_parts import matrix, reading_name, reading_names, readings, section_start
from k20kg.report.marks import SPRITE, anchor, bar, icon, kind_of, legend, link, sign
from k20kg.report.outline import (
    MADE_UP,
    Cited,
    Row,
    about_run,
    case_title,
    concerned,
    coverage_by_reading,
    coverage_words,
    figures_in_words,
    group_by_case,
    list_evidence,
    only,
    place,
    rows,
    sentence,
    tally,
    time_words,
    told,
)

__all__ = ["render"]


def render(assessments: Sequence[Assessment], *, version: str) -> str:
    """Return the page; several cases are preceded by a matrix of their verdicts."""
    cases = group_by_case(assessments)
    style = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    one_case = len(cases) == 1
    title = case_title(cases[0][0]) if one_case else f"Verdicts on {len(cases)} cases"
    body: list[str] = []
    if not one_case:
        body += [f"<h1>{escape(title)}</h1>", legend(), *matrix(cases)]
    for at, case in enumerate(cases, start=1):
        prefix = "" if one_case else f"case-{at}-"
        body += ["<article>", *_case(case, 1 if one_case else 2, prefix), "</article>"]
    body += readings(assessments)
    if one_case:
        body += ['<section aria-labelledby="signs">', '<h2 class="cap" id="signs">Signs</h2>']
        body += [legend(), "</section>"]
    definition = cases[0][0].definition.label if cases else ""
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{escape(title)}: verdict and evidence</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<a class="skip" href="#main">Skip to the content</a>',
        SPRITE,
        '<header class="top"><div class="wrap">'
        f"<b>k20kg</b> {escape(definition) or 'No case was given'}</div></header>",
        '<main id="main" class="wrap" tabindex="-1">',
        *body,
        "</main>",
        f'<footer class="foot"><div class="wrap"><p>{escape(about_run(assessments, version))}</p>'
        "</div></footer>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _case(case: Sequence[Assessment], level: int, prefix: str) -> list[str]:
    first = case[0]
    lines = [f'<h{level} id="{prefix}case">{escape(case_title(first))}</h{level}>']
    lines.append(f'<p class="lede data quiet">Case address: {link(first.case)}</p>')
    if first.synthetic:
        lines.append(f'<p class="note">{escape(MADE_UP)}</p>')
    table = rows(case)
    lines.append('<div class="panels">')
    for at, one in enumerate(case, start=1):
        lines += _panel(one, level + 1, f"{prefix}verdict-{at}", prefix)
    lines.append("</div>")
    if authors := authors_of_whole(case):
        lines.append(f"<p>The authors: {escape(authors)}.</p>")
    lines += _criteria(table, case, level + 1, prefix)
    lines += _missing(case, level + 1, prefix)
    assumptions = list_assumptions(case)
    if assumptions:
        lines += section_start(level + 1, f"{prefix}assumptions", "Assumptions")
        lines += ["<p>The verdicts rest on these statements, which no source makes.</p>"]
        lines.append('<ul class="dash">')
        for assumption, ids in assumptions:
            by = f" <span class='quiet'>({escape(assumption.by)})</span>" if assumption.by else ""
            whose = f" {escape(reading_names(ids, case))} only." if ids else ""
            words = escape(decides_words(assumption, case))
            decides = f" <b>Decides</b> ({words})." if assumption.decides else ""
            said = escape(sentence(assumption.statement))
            lines.append(f"<li>{said}{by}{whose}{decides}</li>")
        lines += ["</ul>", "</section>"]
    return lines


def _panel(one: Assessment, level: int, name: str, prefix: str) -> list[str]:
    label, kind = reading_name(one), kind_of(one.verdict)
    said = f": {escape(one.reading.definition)}" if one.reading.definition else ""
    lines = [
        f'<section class="panel {kind}" aria-labelledby="{name}">',
        f'<h{level} id="{name}">{escape(label)}{said}</h{level}>',
        f'<p class="verdict">{sign(one.verdict, one.words[:1].upper() + one.words[1:])}</p>',
        *(
            [f"<p>{escape(one.announced[:1].upper() + one.announced[1:])}.</p>"]
            if one.announced
            else []
        ),
        f"<p>{escape(f'{_tally_words(one)} {time_words(one)}'.strip())}</p>",
        f'<ol class="strip" aria-label="Criteria, {escape(label)}">',
    ]
    phrase: int | None = None
    for row in rows([one]):
        criterion, finding = row.criterion, row.findings[0]
        if finding is None:
            continue
        part = ' class="part"' if phrase not in (None, criterion.phrase_order) else ""
        phrase = criterion.phrase_order
        spoken = f"{criterion.label}: {finding.verdict.value}"
        kind = kind_of(finding.verdict)
        lines.append(
            f'<li{part}><a href="#{prefix}{anchor(criterion.id)}">{escape(criterion.code)}'
            f'<span class="hidden"> {escape(spoken)}</span>'
            f'<span class="{kind}">{icon(finding.verdict)}</span></a></li>'
        )
    return [*lines, "</ol>", "</section>"]


def _tally_words(one: Assessment) -> str:
    if one.verdict is Verdict.MET:
        return f"All {len(one.findings)} criteria are met."
    return f"Of {len(one.findings)} criteria: {tally(one)}."


def _criteria(
    table: Sequence[Row], case: Sequence[Assessment], level: int, prefix: str
) -> list[str]:
    lines = section_start(level, f"{prefix}criteria", "The criteria, one by one")
    lines.append(
        "<p>All are necessary and none outweighs another. Open a row for its evidence.</p>"
    )
    grid = f"r{len(case)}" if len(case) <= 3 else "rn"
    phrase: int | None = None
    for row in table:
        criterion = row.criterion
        if criterion.phrase_order != phrase:
            if phrase is not None:
                lines.append("</ol>")
            phrase = criterion.phrase_order
            head = f"{phrase}. {criterion.phrase[:1].upper()}{criterion.phrase[1:]}"
            columns = "".join(
                f'<span class="col" aria-hidden="true">{escape(reading_name(one))}</span>'
                for one in case
            )
            title = f"<h{level + 1}>{escape(head)}</h{level + 1}>"
            lines.append(f'<div class="phrase {grid}">{title}{columns}</div>')
            lines.append('<ol class="criteria">')
        lines += _criterion(row, case, level + 2, prefix, grid)
    return [*lines, "</ol>" if table else "", "</section>"]


def _criterion(
    row: Row, case: Sequence[Assessment], level: int, prefix: str, grid: str
) -> list[str]:
    criterion = row.criterion
    where = f' <span class="hidden">section {escape(criterion.section)}</span>'
    lines = [
        f'<li id="{prefix}{anchor(criterion.id)}">',
        f'<div class="crit {grid}"><span class="code">{escape(criterion.code)}</span><div>',
        f'<h{level} class="name">{escape(criterion.label)}{where}</h{level}>',
    ]
    lines += [f'<p class="say">{said}</p>' for said in _messages(row, case)]
    for ids, coverage in coverage_by_reading(row, case):
        whose = f"{escape(reading_names(ids, case))}: " if ids else ""
        words = f"<span>{whose}{escape(coverage_words(coverage))}</span>"
        lines.append(f'<div class="cover">{bar(coverage)}{words}</div>')
        if figures := figures_in_words(coverage):
            lines.append(f'<p class="figures">Asked, as reported: {escape(figures)}.</p>')
    for ids, carriers in carried_by_reading(row, case):
        whose = f", {escape(reading_names(ids, case))}" if ids else ""
        lines.append(
            f'<p class="figures">Carried by{whose}: {escape(carried_words(carriers))}.</p>'
        )
    if authors := authors_words(row):
        lines.append(f'<p class="figures">The authors: {escape(authors)}.</p>')
    lines.append("</div>")
    for one, finding in zip(case, row.findings, strict=True):
        shown = sign(finding.verdict, finding.verdict.value) if finding else ""
        whose = f'<span class="whose">{escape(reading_name(one))}</span>'
        lines.append(f'<div class="result">{whose}{shown}</div>')
    lines.append("</div>")
    return [*lines, *_evidence(row, case), "</li>"]


def _messages(row: Row, case: Sequence[Assessment]) -> list[str]:
    under: dict[str, list[str]] = {}
    for one, finding in zip(case, row.findings, strict=True):
        if finding and finding.message:
            under.setdefault(finding.message, []).append(one.reading.id)
    lines = []
    for message, found in under.items():
        ids = only(found, case)
        whose = f"{escape(reading_names(ids, case))}: " if ids else ""
        lines.append(f"{whose}{escape(sentence(message))}")
    return lines


def _evidence(row: Row, case: Sequence[Assessment]) -> list[str]:
    cited = list_evidence(row, case)
    gaps: dict[Gap, list[str]] = {}
    for one, finding in zip(case, row.findings, strict=True):
        for gap in finding.missing if finding else ():
            gaps.setdefault(gap, []).append(one.reading.id)
    if not cited and not gaps:
        return []
    title = f"Evidence ({len(cited)})" if cited else "What is missing"
    title += f" and what is missing ({len(gaps)})" if cited and gaps else ""
    label = f'<span class="hidden"> for {escape(row.criterion.label)}</span>'
    lines = [f'<details class="more"><summary>{title}{label}</summary>', '<ul class="evidence">']
    lines += [_cited(one, case) for one in cited]
    for gap, found in gaps.items():
        ids = only(found, case)
        whose = f", {escape(reading_names(ids, case))} only" if ids else ""
        about = f'<span class="place">{escape(concerned(gap))}</span>'
        lines.append(
            f'<li class="gap"><b>Missing{whose}.</b> {escape(sentence(gap.statement))}'
            f"{about if gap.about else ''}</li>"
        )
    return [*lines, "</ul>", "</details>"]


def _cited(cited: Cited, case: Sequence[Assessment]) -> str:
    item = cited.evidence
    direction = item.direction[:1].upper() + item.direction[1:]
    whose = f", {reading_names(cited.readings, case)} only" if cited.readings else ""
    method = f" · {escape(item.method)}" if item.method else ""
    return (
        f"<li><b>{escape(direction + whose)}.</b> {escape(told(item))} "
        f'<span class="place">{escape(place(item))}{method}</span></li>'
    )


def _missing(case: Sequence[Assessment], level: int, prefix: str) -> list[str]:
    under: dict[tuple[Finding, ...], list[str]] = {}
    for one in case:
        lacking = tuple(f for f in one.findings if f.missing)
        under.setdefault(lacking, []).append(one.reading.id)
    under.pop((), None)
    if not under:
        return []
    title = "What is missing, and what would settle it"
    lines = section_start(level, f"{prefix}missing", title)
    lines.append(
        "<p>Silence is never held against a group: what is open could turn out either way.</p>"
    )
    heads = ("Criterion", "Not in the record", "Would settle it", "Who could have it")
    for findings, ids in under.items():
        caption = f"{reading_names(ids, case)} reading"
        cells = "".join(f'<th scope="col" role="columnheader">{head}</th>' for head in heads)
        lines += [
            '<table class="stack" role="table">',
            f"<caption>{escape(caption)}</caption>",
            f'<thead role="rowgroup"><tr role="row">{cells}</tr></thead>',
            '<tbody role="rowgroup">',
        ]
        for finding in findings:
            lines += [_gap_row(finding, gap, heads) for gap in finding.missing]
        lines += ["</tbody>", "</table>"]
    return [*lines, "</section>"]


def _gap_row(finding: Finding, gap: Gap, heads: Sequence[str]) -> str:
    stated = f"{sentence(gap.statement)} {concerned(gap)}".strip()
    said = (stated, sentence(gap.settled_by), sentence(gap.supplied_by))
    cells = "".join(
        f'<td role="cell" data-label="{head}">{escape(text) or "not stated"}</td>'
        for head, text in zip(heads[1:], said, strict=True)
    )
    name = escape(f"{finding.criterion.code} {finding.criterion.label}")
    return f'<tr role="row"><th scope="row" role="rowheader">{name}</th>{cells}</tr>'
