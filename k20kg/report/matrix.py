"""The matrix of cases by definitions and readings, in every format."""

from __future__ import annotations

import json

from k20kg.lab.compare import Matrix, Witness
from k20kg.model import Assessment, Verdict
from k20kg.report import render
from k20kg.report.escape import cleanse
from k20kg.report.sections import Section, render_sections
from k20kg.report.sheet import ASCII_SIGNS, SIGNS
from k20kg.report.table import Table, Value, render_table

__all__ = ["render_matrix", "render_witness"]

_MOST_SIDE_BY_SIDE = 3
COLUMNS = (
    "case", "label", "synthetic", "definition", "reading", "criterion", "code", "name", "verdict",
    "said",
)  # fmt: skip


def render_matrix(
    matrix: Matrix,
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    version: str,
    width: int = 100,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the matrix, with a case for each pair of definitions that differ on one."""
    matrix = cleanse(matrix)
    witnesses = matrix.witnesses()
    match format:
        case "json":
            return json.dumps(_tree(matrix, witnesses), ensure_ascii=False, indent=2) + "\n"
        case "csv":
            return render_table(Table("", COLUMNS, _rows(matrix)), "csv")
        case "turtle":
            return _turtle([a for row in matrix.rows for a in row.assessments], version)
    grid = _grid(matrix, ascii_only=ascii_only)
    sections = [Section("", (*_key(matrix), _legend(ascii_only=ascii_only)), grid)]
    if witnesses:
        parted = Table(
            "",
            ("one", "other", "smallest case", "verdicts", "decided by"),
            [_parting(w) for w in witnesses],
        )
        sections.append(Section("Where two definitions differ, among these cases", (), parted))
    title = "Cases by definition and reading"
    return render_sections(
        title, sections, format, width=width, colour=colour, ascii_only=ascii_only
    )


def render_witness(
    witness: Witness | None,
    names: tuple[str, str],
    format: str,  # noqa: A002 - the option has this name everywhere
    *,
    version: str,
    width: int = 100,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Return the smallest case on which two definitions differ, and the criteria that decide."""
    witness = cleanse(witness)
    if format == "json":
        tree = {"first": names[0], "second": names[1], "witness": None}
        found = {**tree, "witness": _witness_tree(witness)} if witness else tree
        return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
    if format == "turtle":
        return _turtle([witness.first, witness.second] if witness else [], version)
    columns = ("definition", "reading", "code", "criterion", "verdict", "why")
    deciding: list[tuple[Value, ...]] = [
        (
            one.definition.id,
            one.reading.id,
            f.criterion.code,
            f.criterion.label,
            f.verdict.value,
            f.message,
        )
        for one, f in (witness.deciding if witness else ())
    ]
    if format == "csv":
        rows = [(witness.row.case if witness else "", *row) for row in deciding]
        return render_table(Table("", ("case", *columns), rows), "csv")
    title = f"{names[0]} and {names[1]}"
    if witness is None:
        nothing = Section("", ("They give the same verdict on every case at hand.",))
        return render_sections(
            title, [nothing], format, width=width, colour=colour, ascii_only=ascii_only
        )
    both = [f"{_name(a)}: {a.words}" for a in (witness.first, witness.second)]
    where = "every pair of readings" if witness.under_all_readings else "these readings"
    said = (
        f"They differ on {witness.row.label}, the smallest case at hand on which they do "
        f"({witness.row.statements} statements), under {where}.",
        f"{'. '.join(both)}.",
    )
    section = Section("", said, Table("Decided by", columns, deciding))
    return render_sections(
        title, [section], format, width=width, colour=colour, ascii_only=ascii_only
    )


def _legend(*, ascii_only: bool) -> str:
    signs = ASCII_SIGNS if ascii_only else SIGNS
    return "; ".join(f"{signs[v]} {v.value}" for v in Verdict) + "; then the criteria that decide."


def _grid(matrix: Matrix, *, ascii_only: bool) -> Table:
    """Return one line a case; for a few cases one line a reading, which is easier to read."""
    names = [c.name for c in matrix.columns]
    labels = [row.label for row in matrix.rows]
    cells = [[_cell(a, ascii_only=ascii_only) for a in row.assessments] for row in matrix.rows]
    if len(labels) <= _MOST_SIDE_BY_SIDE:
        turned = [(n, *(row[at] for row in cells)) for at, n in enumerate(names)]
        return Table("", ("definition/reading", *labels), turned)
    heads = [letter for letter, _ in _letters(matrix)]
    return Table("", ("case", *heads), [(n, *row) for n, row in zip(labels, cells, strict=True)])


def _letters(matrix: Matrix) -> list[tuple[str, str]]:
    """Return a short head for each column, and its name: A to Z, then numbers."""
    return [
        (chr(ord("A") + n) if n < 26 else str(n + 1), c.name) for n, c in enumerate(matrix.columns)
    ]


def _key(matrix: Matrix) -> tuple[str, ...]:
    """Return what the heads stand for, where the columns have heads."""
    if len(matrix.rows) <= _MOST_SIDE_BY_SIDE:
        return ()
    return tuple(f"{letter}: {name}" for letter, name in _letters(matrix))


def _cell(one: Assessment, *, ascii_only: bool) -> str:
    sign = (ASCII_SIGNS if ascii_only else SIGNS)[one.verdict]
    return " ".join([sign, *_deciding(one)])


def _deciding(one: Assessment) -> list[str]:
    if one.verdict is Verdict.MET:
        return []
    return [f.criterion.code for f in one.findings if f.verdict is one.verdict]


def _name(one: Assessment) -> str:
    return f"{one.definition.id}/{one.reading.id}"


def _parting(witness: Witness) -> tuple[Value, ...]:
    decided = [f"{f.criterion.code} {f.criterion.label}" for _, f in witness.deciding]
    return (
        _name(witness.first),
        _name(witness.second),
        witness.row.label,
        f"{witness.first.verdict.value} / {witness.second.verdict.value}",
        "; ".join(dict.fromkeys(decided)),
    )


def _rows(matrix: Matrix) -> list[tuple[Value, ...]]:
    found: list[tuple[Value, ...]] = []
    for row in matrix.rows:
        for a in row.assessments:
            start = (row.case, row.label, row.synthetic, a.definition.id, a.reading.id)
            found.append((*start, "overall", "", "", a.verdict.value, a.words))
            for f in a.findings:
                c = f.criterion
                found.append((*start, c.id, c.code, c.label, f.verdict.value, f.message))
    return found


def _tree(matrix: Matrix, witnesses: tuple[Witness, ...]) -> dict[str, object]:
    return {
        "columns": [
            {"definition": c.definition.id, "reading": c.reading.id} for c in matrix.columns
        ],
        "cases": [
            {
                "case": row.case,
                "label": row.label,
                "synthetic": row.synthetic,
                "statements": row.statements,
                "verdicts": [_verdict_tree(a) for a in row.assessments],
            }
            for row in matrix.rows
        ],
        "witnesses": [_witness_tree(w) for w in witnesses],
    }


def _verdict_tree(a: Assessment) -> dict[str, object]:
    return {
        "definition": a.definition.id,
        "reading": a.reading.id,
        "verdict": a.verdict.value,
        "words": a.words,
        "deciding": _deciding(a),
        "criteria": [
            {"criterion": f.criterion.id, "id": f.criterion.code, "verdict": f.verdict.value}
            for f in a.findings
        ],
    }


def _witness_tree(witness: Witness) -> dict[str, object]:
    return {
        "case": witness.row.case,
        "label": witness.row.label,
        "statements": witness.row.statements,
        "under_all_readings": witness.under_all_readings,
        "first": _verdict_tree(witness.first),
        "second": _verdict_tree(witness.second),
        "deciding": [
            {
                "definition": one.definition.id,
                "reading": one.reading.id,
                "criterion": f.criterion.id,
                "id": f.criterion.code,
                "verdict": f.verdict.value,
                "message": f.message,
            }
            for one, f in witness.deciding
        ],
    }


def _turtle(assessments: list[Assessment], version: str) -> str:
    """Return the reports of all assessments, definition by definition, as one graph."""
    by: dict[str, list[Assessment]] = {}
    for one in assessments:
        by.setdefault(one.definition.iri, []).append(one)
    return "\n".join(render(each, "turtle", version=version) for each in by.values())
