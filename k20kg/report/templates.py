"""Pages, Markdown and pictures from templates: one environment, one shell around every page.

A page has its style inside, no script, and asks nobody for anything; everything that a record
says is escaped, and an IRI becomes a link only if it is a web address. Widths come from SVG
attributes, for the page's own security policy forbids style attributes.

A picture of time has verdicts in lanes, then what is dated, as wide as it is uncertain. Nothing in
it rests on colour: each verdict has its own pattern and sign, each bar its words in a title.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from inspect import isfunction
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from k20kg.model import Assessment, Coverage, Criterion, Verdict
from k20kg.rdf.text import escape_controls, is_web_address, markdown, markdown_address
from k20kg.report import wording
from k20kg.report.content import cover, grounds, periods
from k20kg.report.presentation import about_run, group_by_case
from k20kg.report.table import line, render_table
from k20kg.report.terminal import SIGNS, WAVE, clip, clip_names

_HERE: Final = Path(__file__).parent
_BOXES: Final = 12
"""So many are drawn one by one."""
_LEFT, _PLOT, _ROW, _TAIL = 230, 660, 28, 20
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Bounds = tuple[datetime | None, datetime | None]


def render(assessments: Sequence[Assessment], *, version: str, format: str = "html") -> str:
    """Return a page, or Markdown; several cases are preceded by a matrix of their verdicts."""
    cases = group_by_case(assessments)
    definition = cases[0][0].definition if cases else None
    alone = len(cases) == 1
    return fill(
        {"html": "assessments.html", "markdown": "assessments.md"}[format],
        title=wording.case_title(cases[0][0]) if alone else f"Verdicts on {len(cases)} cases",
        cases=cases,
        definition=definition.label if definition else "",
        criteria=definition.criteria if definition else (),
        readings=list(dict.fromkeys(one.reading.id for one in assessments)),
        chosen=wording.list_chosen(assessments),
        made_by=about_run(assessments, version),
        version=version,
    )


def bar(coverage: Coverage) -> str:
    """Return the coverage as a bar: shown, between the lowest and highest figure, the rest."""
    if not coverage.required or not 0 < coverage.required <= 1_000_000:
        return "<span></span>"
    total = float(coverage.required)
    have = min(float(coverage.stated or 0), total)
    asked = [min(float(f.value), total) for f in coverage.asked if wording.is_number(f.value)]
    low, high = (max(min(asked), have), max(max(asked), have)) if asked else (have, have)
    scale = 10 / total * min(total, _BOXES)
    if total <= _BOXES and total == int(total):
        kinds = [
            "have" if at < have else "maybe" if low <= at < high else "track"
            for at in range(int(total))
        ]
        boxes = [(kind, at * 10 + 0.4, 9.2) for at, kind in enumerate(kinds)]
    else:
        spans = (("have", 0.0, have), ("maybe", low, high), ("track", 0.0, total))
        boxes = [(kind, x * scale, (end - x) * scale) for kind, x, end in spans if end > x]
    drawn = "".join(
        f'<rect class="{kind}" x="{x:g}" y="1" width="{width:g}" height="8"/>'
        for kind, x, width in boxes
    )
    box = f'viewBox="0 0 {total * scale:g} 10" preserveAspectRatio="none"'
    return f'<svg {box} aria-hidden="true">{drawn}</svg>'


def fill(template: str, *, styles: tuple[str, ...] = (), **model: Any) -> str:
    """Return a filled template; `styles` are those of pictures inside, which the page may use.

    In a page (``.html``) every text is escaped for HTML, in ``.md`` for Markdown.
    """
    style = read("page.css")
    hashes = (b64encode(sha256(s.encode()).digest()).decode() for s in (style, *styles))
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    policy = f"default-src 'none'; style-src {allowed}; base-uri 'none'; form-action 'none'"
    given = {"style": Markup(style), "policy": policy, **model}
    return _environment().get_template(template).render(given) + "\n"


def read(name: str) -> str:
    """Return a file of the look."""
    return (_HERE / name).read_text(encoding="utf-8")


def environment(folder: Path, finalize: Callable[..., Any]) -> Environment:
    """Return how all templates are read: HTML escaped, nothing undefined, blocks without lines."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
        auto_reload=False,
    )


@cache
def _environment() -> Environment:
    found = environment(_HERE / "templates", _finalize)
    said = {
        "mark": wording.DECIDES,
        "mark_means": wording.DECIDES_MEANS,
        "asking": wording.ASKING,
        "made_up": wording.MADE_UP,
    }
    found.globals.update(legend=wording.LEGEND, signs=SIGNS, **said)
    found.filters.update(_FILTERS)
    return found


def _name(one: Assessment) -> str:
    return one.reading.label or one.reading.id


def _by_criterion(one: Assessment, criteria: Sequence[Criterion]) -> list[Verdict | None]:
    found = {f.criterion.iri: f.verdict for f in one.findings}
    return [found.get(criterion.iri) for criterion in criteria]


_FILTERS: Final[dict[str, Callable[..., Any]]] = {
    **{
        name: said
        for module in (wording, grounds, cover, periods)
        for name, said in vars(module).items()
        if isfunction(said) and said.__module__ == module.__name__ and name[0] != "_"
    },
    "address": lambda iri: Markup(markdown_address(iri)),
    "anchor": lambda text: re.sub(r"[^A-Za-z0-9_-]+", "-", text) or "criterion",
    "bar": lambda coverage: Markup(bar(coverage)),
    "by_criterion": _by_criterion,
    "clip": clip,
    "is_web_address": is_web_address,
    "kind": lambda verdict: verdict.value.replace(" ", "-"),
    "line": line,
    "reading": _name,
    "readings": lambda ids, case: " and ".join(_name(a) for a in case if a.reading.id in ids),
    "table": lambda table: Markup(render_table(table, "html").strip()),
    "upper_first": lambda text: text[:1].upper() + text[1:],
}


@pass_context
def _finalize(context: Context, value: Any) -> Any:
    """Return a text that steers nothing, and for Markdown escaped; HTML escapes by itself."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = escape_controls(value)
    return Markup(markdown(text)) if (context.name or "").endswith(".md") else text


# ---------------------------------------------------------------- the picture of time


class Bar(NamedTuple):
    """One verdict for a time; an open end runs out of the picture. None: there was no group."""

    begin: datetime | None
    end: datetime | None
    verdict: Verdict | None
    words: str
    may_be: bool = False

    @property
    def kind(self) -> str:
        """The class of its bar."""
        if self.may_be:
            return "may-be"
        return self.verdict.value.replace(" ", "-") if self.verdict else "nothing"

    @property
    def sign(self) -> str:
        """The sign of its verdict."""
        return WAVE if self.may_be else SIGNS[self.verdict] if self.verdict else ""


class Lane(NamedTuple):
    """The verdicts on one thing under one reading."""

    name: str
    stretches: tuple[Bar, ...]
    whole: bool = False
    """True: it is about the whole group, among lanes that are not."""


class Dated(NamedTuple):
    """Something dated: the first and last instant at which it may have begun, and ended."""

    label: str
    title: str
    begin: Bounds
    end: Bounds
    head: str = ""


class _Axis(NamedTuple):
    begin: datetime | None
    end: datetime | None

    def at(self, instant: datetime | None, otherwise: float) -> float:
        """Return where an instant lies; one that is not known lies elsewhere."""
        if not instant or not self.begin or not self.end:
            return otherwise
        length = (self.end - self.begin).total_seconds() or 1
        share = (instant - self.begin).total_seconds() / length
        return _LEFT + min(max(share, 0), 1) * _PLOT

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Yield where each year begins, or each month within few years; a name if it has room."""
        last = -100.0
        for instant, name in self._instants():
            x = self.at(instant, _LEFT)
            named = x - last >= 46
            yield x, name if named else ""
            last = x if named else last

    def _instants(self) -> Iterator[tuple[datetime, str]]:
        if not self.begin or not self.end:
            return
        years = range(self.begin.year, self.end.year + 1)
        if len(years) > 3:
            for year in years[:: max(1, len(years) // 15)]:
                if (instant := datetime(year, 1, 1, tzinfo=UTC)) >= self.begin:
                    yield instant, str(year)
            return
        for year in years:
            for month in range(1, 13, 1 if len(years) == 1 else 3):
                instant = datetime(year, month, 1, tzinfo=UTC)
                if self.begin <= instant <= self.end:
                    name = _MONTHS[month - 1]
                    yield instant, f"{name} {year}" if month == 1 else name


def draw(
    groups: Sequence[tuple[str, Sequence[Lane]]],
    events: Sequence[Dated],
    begin: datetime | None,
    end: datetime | None,
    *,
    title: str,
    said: str,
    name: str,
    heading: str = "",
    key: Sequence[tuple[str, str]] = (),
) -> str:
    """Return the picture between two instants; `name` keeps ids on a page apart.

    A bar is where the begin, or the end, may lie; a line between two bars is what lasted. Where
    only one bound is known, a dashed tail leads to the side on which nothing is known. Without a
    heading it is drawn for a page that has its own style and signs.
    """
    axis = _Axis(begin, end)
    y = top = 92 if heading else 34
    headings, lanes, dated = [], [], []
    for label, members in groups:
        if label:
            headings.append((label, y + 28))
        y += _ROW + 10 if label else 10
        for lane in members:
            lanes.append((lane, y, [b for s in lane.stretches if (b := _bar(s, axis, lane.name))]))
            y += _ROW
    if events and heading:
        headings.append(("What the record dates", y + 28))
    y += _ROW + 10 if events and heading else 10
    for event in events:
        dated.append((event, y, _event(event, axis)))
        y += _ROW
    return fill(
        "timeline.svg",
        on_page=not heading,
        name=name,
        width=_LEFT + _PLOT + 30,
        height=y + 12,
        css=Markup(read("timeline.css")),
        title=title,
        said=said,
        heading=clip(heading, 100),
        key=key,
        top=top,
        bottom=y,
        ticks=list(axis.ticks()),
        headings=headings,
        lanes=lanes,
        events=dated,
    )


def _bar(stretch: Bar, axis: _Axis, name: str) -> dict[str, object] | None:
    """Return where a stretch lies and what is told of it; None if it is too short to be seen."""
    start, end = axis.at(stretch.begin, _LEFT), axis.at(stretch.end, _LEFT + _PLOT)
    if end - start < 2:
        return None
    room = end - start
    return {
        "x": start + 1,
        "width": room - 2,
        "kind": stretch.kind,
        "title": f"{name}: {stretch.words}",
        "sign": stretch.sign if room > 16 else "",
        "words": stretch.words if len(stretch.words) <= (room - 34) / 7.4 else "",
    }


def _event(event: Dated, axis: _Axis) -> dict[str, object]:
    """Return the marks of something dated, the line between them, and where its label goes."""
    marks = []
    for pair in (event.begin, event.end):
        low, high = (None if at is None else axis.at(at, _LEFT) for at in pair)
        if low is not None and high is not None:
            marks.append(("span" if high - low >= 1 else "point", low, max(high, low + 6)))
        elif low is not None or high is not None:
            at = low if low is not None else high or 0.0
            marks.append(("open", at, at + (_TAIL if high is None else -_TAIL)))
    ends = [x for _, *both in marks for x in both]
    before, after = min(ends) - _LEFT, _LEFT + _PLOT - max(ends)
    beside = after >= before or after > 330
    room = after + 24 if beside else before + (70 if event.head else _LEFT - 20)
    return {
        "marks": marks,
        "line": (marks[0][1], marks[1][1]) if len(marks) == 2 else None,
        "x": max(ends) + 10 if beside else min(ends) - 10,
        "anchor": "start" if beside else "end",
        "label": clip_names(event.label, max(int(room / 7.6), 12)),
    }
