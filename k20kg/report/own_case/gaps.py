"""The list of `gaps`: what to ask and look for, with owners, dates and answers, in every format.

The columns are those of the sheet of gaps in `shapes/sheets.ttl`; the last part of a column's
address says which cell of a gap it shows. What nobody derives (owner, date, answer) is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Unpack

from k20kg.analysis.gaps import Gaps, Inquiry
from k20kg.rdf.text import escape_strings
from k20kg.report import Terminal
from k20kg.report.document import Report, Section, write
from k20kg.report.json_ import Spec, as_tree, same
from k20kg.report.sensitivity import changes
from k20kg.report.table import Table
from k20kg.sheets.layout import RowCells
from k20kg.sheets.schema import GAPS, fold
from k20kg.sheets.workbooks import workbook

FORMATS: Final = ("text", "json", "csv", "markdown", "html", "xlsx", "docx")
_KEPT: Final = ("owner", "date", "answer", "notes")
_IN_HEAD: Final = ("number", "what", "criterion", "direction", "state")
_ON_PAPER: Final = {
    "number": 5, "what": 29, "whom": 17, "changes": 17, "owner": 10, "date": 9, "answer": 13,
}  # fmt: skip
"""The columns on paper, and the share of each in its width, in hundredths."""
Line = dict[str, str | float]
"""A row, by the last part of each column's address."""


def render_gaps(
    found: Gaps,
    format: str,
    kept: Sequence[RowCells] = (),
    *,
    version: str,
    **terminal: Unpack[Terminal],
) -> str | bytes:
    """Return the list; `kept` are the rows of an earlier one, whose owners and answers stay."""
    lines = list(_lines(escape_strings(found), [_line(row) for row in kept]))
    columns = [_tail(c.iri) for c in workbook(GAPS).sheets[0].columns]
    rows = [[found.case, *(line.get(tail, "") for tail in columns)] for line in lines]
    document = Report(
        title=f"What to ask and look for: {escape_strings(found).label}",
        sections=lambda: _sections(found, lines),
        tree=lambda: _tree(found, lines),
        rows=lambda: Table("", ["case", *columns], rows),
        turtle=str,
    )
    if format == "xlsx":
        from k20kg.sheets.excel import write_xlsx

        return write_xlsx(workbook(GAPS), {workbook(GAPS).sheets[0].iri: _cells(lines)})
    if format == "docx":
        return _word(document, lines, version)
    return write(document, format, **terminal)


# ---------------------------------------------------------------- rows


def _lines(found: Gaps, kept: list[Line]) -> Iterator[Line]:
    """Yield the rows: what is open, then what is so no longer, then what people added."""
    earlier: dict[tuple[str, ...], Line] = {}
    for one in kept:
        earlier[_key(one)] = one | earlier.get(_key(one), {})
    left = list(earlier.values())
    fresh = [gap_line(found, gap, number) for number, gap in enumerate(found.gaps, 1)]
    for line in fresh:
        old = next((one for one in left if _key(one) == _key(line)), None)
        if old:
            left.remove(old)
            line |= {tail: old[tail] for tail in _KEPT if tail in old}
        yield line
    for number, line in enumerate(left, len(fresh) + 1):
        own = not line.get("direction")
        yield line | {"number": number, "together": "", "state": "your own" if own else "settled"}


def gap_line(found: Gaps, gap: Inquiry, number: int) -> Line:
    """Return the row of a gap."""
    numbers = [n for n, o in enumerate(found.gaps, 1)
               if o.what in gap.together and o.criterion == gap.criterion]  # fmt: skip
    hangs = "; ".join(f"{reading} {code} hangs on it" for reading, code in gap.decides)
    cells: Line = {
        "number": number,
        "what": gap.what,
        "whom": "; ".join(gap.whom) + f" (or {', '.join(gap.others)})" * bool(gap.others),
        "role": gap.role,
        "about": "; ".join(gap.about),
        "criterion": f"{gap.criterion.code} {gap.criterion.label}",
        "direction": gap.direction,
        "changes": "; ".join(filter(None, (changes(found.definition, gap.effects), hangs))),
        "together": "; ".join(map(str, numbers)),
        "sheets": "; ".join(gap.sheets),
        "state": "open",
    }
    return {tail: said for tail, said in cells.items() if said != ""}


def _key(line: Line) -> tuple[str, ...]:
    return tuple(fold(str(line.get(tail, ""))) for tail in ("what", "criterion", "direction"))


def _tail(column: str) -> str:
    return column.rpartition("-")[2]


def _line(row: RowCells) -> Line:
    return {_tail(column): said for column, said in row.items()}


def _cells(lines: Sequence[Line]) -> list[RowCells]:
    columns = workbook(GAPS).sheets[0].columns
    return [{c.iri: line[t] for c in columns if (t := _tail(c.iri)) in line} for line in lines]


# ---------------------------------------------------------------- for people


def _word(document: Report, lines: Sequence[Line], version: str) -> bytes:
    """Return a Word document with a table to write into."""
    from k20kg.report.word.document import WordDocument

    word = WordDocument(document.title, running=document.title, foot=f"k20kg {version}")
    word.title(document.title)
    for said in next(iter(document.sections())).sentences:
        word.paragraph(said)
    heads = {_tail(c.iri): c.name.capitalize() for c in workbook(GAPS).sheets[0].columns}
    rows = [[str(line.get(tail, "")) for tail in _ON_PAPER] for line in lines]
    shown = [heads[tail] for tail in _ON_PAPER]
    word.table(shown, rows, list(_ON_PAPER.values()), caption=document.title)
    return word.save()


def _sections(found: Gaps, lines: Sequence[Line]) -> Iterator[Section]:
    words = found.definition.overall_words
    verdicts = "; ".join(f"{a.reading.id}: {words(a.verdict)}" for a in found.assessments)
    said = [f"By {found.definition.label}: {verdicts}."]
    said += ["Made-up case."] if found.synthetic else []
    said.append(
        "What decides most comes first. What would be found is made up; each was judged with it."
        if lines
        else "Nothing is open: no further evidence would settle a criterion that is not settled."
    )
    yield Section("", tuple(said))
    columns = workbook(GAPS).sheets[0].columns
    for line in lines:
        told = [
            f"{c.name[:1].upper()}{c.name[1:]}: {str(line[tail]).rstrip('.')}."
            for c in columns
            if line.get(tail := _tail(c.iri), "") != "" and tail not in _IN_HEAD
        ]
        about = [str(line[t]) for t in _IN_HEAD[2:] if t in line and line[t] != "open"]
        head = f"{line['number']}. {line.get('what', '')}" + f" ({', '.join(about)})" * bool(about)
        yield Section(head, tuple(told))


# ---------------------------------------------------------------- for programs

_EFFECT: Spec = {"reading": "reading", "id": "code", "before": "before", "after": "after"}
_GAP: Spec = {
    "criterion": "criterion.id",
    "id": "criterion.code",
    **same("what", "direction", "whom", "role", "about", "sheets"),
    "or_others": "others",
    "effects": ("effects", _EFFECT),
    "hangs_on_it": lambda gap: [{"reading": r, "id": code} for r, code in gap.decides],
}


def _tree(found: Gaps, lines: Sequence[Line]) -> dict[str, object]:
    gaps = [as_tree(gap, _GAP) for gap in found.gaps]
    gaps += [{}] * (len(lines) - len(gaps))
    return {
        **as_tree(found, {"case": "case", "label": "label", "definition": "definition.id"}),
        "gaps": [
            {tail: line[tail] for tail in ("number", "state") if tail in line}
            | (gap or {tail: said for tail, said in line.items() if tail != "notes"})
            | {tail: line.get(tail) for tail in _KEPT}
            for line, gap in zip(lines, gaps, strict=True)
        ],
    }
