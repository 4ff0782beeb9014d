"""The matrix of cases by definitions and readings, in every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Unpack

from k20kg.analysis.compare import Matrix, Witness
from k20kg.model import Assessment, Verdict
from k20kg.rdf.text import escape_strings
from k20kg.report import Terminal, render
from k20kg.report.document import Report, Section, tabled, write
from k20kg.report.json_ import Spec, as_tree, same
from k20kg.report.table import Table, Value
from k20kg.report.terminal import signs
from k20kg.report.wording import deciding

_MOST_SIDE_BY_SIDE = 3
_COLUMNS = (
    "case", "label", "synthetic", "definition", "reading", "criterion", "code", "name", "verdict",
    "said",
)  # fmt: skip


def render_matrix(
    matrix: Matrix, format: str, *, version: str, **terminal: Unpack[Terminal]
) -> str:
    """Return the matrix, with a case for each pair of definitions that differ on one."""
    matrix = escape_strings(matrix)
    document = Report(
        title="Cases by definition and reading",
        sections=lambda: _sections(matrix, signs(terminal)),
        tree=lambda: as_tree(matrix, _MATRIX),
        rows=lambda: Table("", _COLUMNS, list(_rows(matrix))),
        turtle=lambda: _turtle((a for row in matrix.rows for a in row.assessments), version),
    )
    return write(document, format, **terminal)


def render_witness(
    witness: Witness | None,
    names: tuple[str, str],
    format: str,
    *,
    version: str,
    **terminal: Unpack[Terminal],
) -> str:
    """Return the smallest case on which two definitions differ, and the criteria that decide."""
    witness = escape_strings(witness)
    columns = ("definition", "reading", "code", "criterion", "verdict", "why")
    decided: list[tuple[Value, ...]] = [
        (
            one.definition.id, one.reading.id, f.criterion.code, f.criterion.label,
            f.verdict.value, f.message,
        )
        for one, f in (witness.deciding if witness else ())
    ]  # fmt: skip
    case = witness.row.case if witness else ""
    section = Section("", ("They give the same verdict on every case at hand.",))
    if witness:
        section = Section("", _differ(witness), Table("Decided by", columns, decided))
    document = Report(
        title=f"{names[0]} and {names[1]}",
        sections=lambda: [section],
        tree=lambda: {
            "first": names[0],
            "second": names[1],
            "witness": as_tree(witness, _WITNESS) if witness else None,
        },
        rows=lambda: Table("", ("case", *columns), [(case, *row) for row in decided]),
        turtle=lambda: _turtle([witness.first, witness.second] if witness else [], version),
    )
    return write(document, format, **terminal)


# ---------------------------------------------------------------- for people


def _sections(matrix: Matrix, sign_of: Mapping[Verdict, str]) -> Iterator[Section]:
    key = "; ".join(f"{sign} {v.value}" for v, sign in sign_of.items())
    legend = f"{key}; then the criteria that decide."
    names = [c.name for c in matrix.columns]
    labels = [row.label for row in matrix.rows]
    cells = [
        [" ".join([sign_of[a.verdict], *deciding(a)]) for a in row.assessments]
        for row in matrix.rows
    ]
    if len(labels) <= _MOST_SIDE_BY_SIDE:  # one line a reading, which is easier to read
        turned = [(n, *(row[at] for row in cells)) for at, n in enumerate(names)]
        yield Section("", (legend,), Table("", ("definition/reading", *labels), turned))
    else:
        heads = [chr(ord("A") + n) if n < 26 else str(n + 1) for n in range(len(names))]
        meant = [f"{head}: {name}" for head, name in zip(heads, names, strict=True)]
        lines = [(label, *row) for label, row in zip(labels, cells, strict=True)]
        yield Section("", (*meant, legend), Table("", ("case", *heads), lines))
    heads = ["one", "other", "smallest case", "verdicts", "decided by"]
    parted = [_parting(w) for w in matrix.witnesses()]
    yield from tabled("Where two definitions differ, among these cases", heads, parted)


def _parting(witness: Witness) -> tuple[Value, ...]:
    decided = [f"{f.criterion.code} {f.criterion.label}" for _, f in witness.deciding]
    return (
        _name(witness.first),
        _name(witness.second),
        witness.row.label,
        f"{witness.first.verdict.value} / {witness.second.verdict.value}",
        "; ".join(dict.fromkeys(decided)),
    )


def _differ(witness: Witness) -> tuple[str, str]:
    where = "every pair of readings" if witness.under_all_readings else "these readings"
    both = [f"{_name(a)}: {a.words}" for a in (witness.first, witness.second)]
    return (
        f"They differ on {witness.row.label}, the smallest case at hand on which they do "
        f"({witness.row.statements} statements), under {where}.",
        f"{'. '.join(both)}.",
    )


def _name(one: Assessment) -> str:
    return f"{one.definition.id}/{one.reading.id}"


# ---------------------------------------------------------------- for programs


def _rows(matrix: Matrix) -> Iterator[tuple[Value, ...]]:
    for row in matrix.rows:
        for a in row.assessments:
            start = (row.case, row.label, row.synthetic, a.definition.id, a.reading.id)
            yield *start, "overall", "", "", a.verdict.value, a.words
            for f in a.findings:
                c = f.criterion
                yield *start, c.id, c.code, c.label, f.verdict.value, f.message


_SIDE: Spec = {"definition": "definition.id", "reading": "reading.id"}
_CRITERION: Spec = {"criterion": "criterion.id", "id": "criterion.code", "verdict": "verdict"}
_VERDICT: Spec = {
    **_SIDE,
    **same("verdict", "words"),
    "deciding": deciding,
    "criteria": ("findings", _CRITERION),
}
_WITNESS: Spec = {
    "case": "row.case",
    "label": "row.label",
    "statements": "row.statements",
    "under_all_readings": "under_all_readings",
    "first": ("first", _VERDICT),
    "second": ("second", _VERDICT),
    "deciding": lambda witness: [
        as_tree(one, _SIDE) | as_tree(finding, {**_CRITERION, "message": "message"})
        for one, finding in witness.deciding
    ],
}
_MATRIX: Spec = {
    "columns": ("columns", _SIDE),
    "cases": (
        "rows",
        {**same("case", "label", "synthetic", "statements"), "verdicts": ("assessments", _VERDICT)},
    ),
    "witnesses": lambda matrix: [as_tree(w, _WITNESS) for w in matrix.witnesses()],
}


def _turtle(assessments: Iterable[Assessment], version: str) -> str:
    """Return the reports of all assessments, definition by definition, as one graph."""
    by: dict[str, list[Assessment]] = {}
    for one in assessments:
        by.setdefault(one.definition.iri, []).append(one)
    return "\n".join(render(each, "turtle", version=version) for each in by.values())
