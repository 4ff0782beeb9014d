"""Cases by definitions and readings: a matrix of verdicts, and cases on which two part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from k20kg.definition.metadata import load_definition
from k20kg.definition.shipped import shipped_definitions
from k20kg.errors import UsageError
from k20kg.judging.cases import Case
from k20kg.judging.evidence import CaseFile
from k20kg.judging.judge import Judge
from k20kg.model import Assessment, Definition, Finding, Reading, Verdict
from k20kg.rdf.text import escape_controls


@dataclass(frozen=True, slots=True)
class ReadingChoice:
    """A definition and those of its readings that count."""

    definition: str
    """Id, IRI or path, as `Judge` takes it."""
    readings: tuple[str, ...]
    """Ids."""


@dataclass(frozen=True, slots=True)
class MatrixColumn:
    """One reading of one definition."""

    definition: Definition
    reading: Reading

    @property
    def name(self) -> str:
        """Return the column's name: ``goodlad-1991/any-one``."""
        return f"{self.definition.id}/{self.reading.id}"


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One case, and its assessments in the order of the columns."""

    case: str
    label: str
    synthetic: bool
    statements: int
    """Size of the case: its distinct statements."""
    assessments: tuple[Assessment, ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """The smallest case on which two definitions differ, and what decides."""

    first: Assessment
    second: Assessment
    row: MatrixRow
    under_all_readings: bool
    """True: they differ under every pair of readings, not under this one only."""

    @property
    def deciding(self) -> tuple[tuple[Assessment, Finding], ...]:
        """The criteria that keep one side, or both, from the other's verdict."""
        return tuple(
            (one, finding)
            for one in (self.first, self.second)
            if one.verdict is not Verdict.MET
            # Of two verdicts that differ, the one that would decide a conjunction of both.
            and one.verdict is Verdict.all_of((self.first.verdict, self.second.verdict))
            for finding in one.findings
            if finding.verdict is one.verdict
        )


@dataclass(frozen=True, slots=True)
class Matrix:
    """Verdicts on cases, by definition and reading."""

    columns: tuple[MatrixColumn, ...]
    rows: tuple[MatrixRow, ...]

    def witnesses(self) -> tuple[Witness, ...]:
        """Return a witness for each pair of definitions that differ on a case at hand."""
        ids = list(dict.fromkeys(c.definition.iri for c in self.columns))
        found = (_witness(self.rows, self._at(a), self._at(b)) for a, b in combinations(ids, 2))
        return tuple(w for w in found if w)

    def _at(self, definition: str) -> tuple[int, ...]:
        return tuple(n for n, c in enumerate(self.columns) if c.definition.iri == definition)


def sides_of(names: Sequence[str] = (), readings: Sequence[str] = ()) -> tuple[ReadingChoice, ...]:
    """Return the definitions to compare by: all shipped ones if none is named.

    A name may end in a slash and a reading. `readings` narrow each definition that has one of
    them; the others keep all of theirs. Raises `UsageError` for a name that nothing has.
    """
    sides = [_side(name) for name in names or shipped_definitions()]
    known = {r for side in sides for r in side.readings}
    for reading in readings:
        if reading not in known:
            raise UsageError(
                f"no definition at hand has a reading {escape_controls(reading)!r}",
                remedy=f"known: {', '.join(sorted(known))}",
            )
    return tuple(
        ReadingChoice(s.definition, tuple(r for r in s.readings if r in readings) or s.readings)
        for s in sides
    )


def compare(
    cases: Iterable[Case], sides: Sequence[ReadingChoice], *, engine: str = "shacl"
) -> Matrix:
    """Return the verdicts on cases by all definitions and readings.

    Raises `RecordError` for a malformed record.
    """
    judges = [
        Judge(side.readings, definition=side.definition, engine=engine, evidence=False)
        for side in sides
    ]
    columns = tuple(
        MatrixColumn(judge.compiled.definition, reading)
        for judge in judges
        for reading in judge.compiled.readings
    )
    rows = []
    for case in cases:
        found = [*judges[0].assess(case)] if judges else []
        found += [a for judge in judges[1:] for a in judge.assess_unchecked(case)]
        file = CaseFile(case)
        size = len({quad.triple for quad in case.quads})
        rows.append(MatrixRow(case.group, file.label, case.made_up, size, tuple(found)))
    return Matrix(columns, tuple(rows))


def find_witness(
    cases: Iterable[Case], first: str, second: str, *, engine: str = "shacl"
) -> Witness | None:
    """Return the smallest case on which two definitions differ; None if they never do.

    Names are those of definitions, or of one reading: ``clifford-millar-2007/literal``. A case on
    which they differ under all pairs of readings goes before one where only some do.
    """
    one, two = _side(first), _side(second)
    matrix = compare(cases, (one, two), engine=engine)
    split = len(one.readings)
    return _witness(matrix.rows, range(split), range(split, len(matrix.columns)))


def _side(name: str) -> ReadingChoice:
    """Return the side of this name: a definition, or a definition, a slash and a reading."""
    origin, wanted = name, ""
    try:
        definition = load_definition(name)
    except UsageError as fault:
        origin, _, wanted = name.rpartition("/")
        try:
            definition = load_definition(origin)
        except UsageError:
            raise fault from None
    ids = tuple(r.id for r in definition.readings)
    if wanted and wanted not in ids:
        raise UsageError(
            f"the definition {definition.id} has no reading {escape_controls(wanted)!r}",
            remedy=f"known: {', '.join(ids)}",
        )
    return ReadingChoice(origin, (wanted,) if wanted else ids)


def _witness(
    rows: Sequence[MatrixRow], first: Sequence[int], second: Sequence[int]
) -> Witness | None:
    best: list[tuple[bool, int, str, Witness]] = []
    for row in rows:
        found = [(row.assessments[a], row.assessments[b]) for a, b in product(first, second)]
        if differ := [(a, b) for a, b in found if a.verdict is not b.verdict]:
            everywhere = len(differ) == len(found)
            # The plainest pair of readings: one says yes, the other no.
            plainest = {Verdict.MET, Verdict.NOT_MET}
            shown = next((p for p in differ if {a.verdict for a in p} == plainest), differ[0])
            witness = Witness(*shown, row, everywhere)
            best.append((not everywhere, row.statements, row.case, witness))
    return min(best, key=lambda one: one[:3])[3] if best else None
