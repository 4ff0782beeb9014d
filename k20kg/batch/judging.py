"""Judge one piece of a corpus: the compiled shapes, once, and rows instead of reports.

The verdicts are `Judge`'s. What is saved is everything around them: shapes are stripped of their
words, statements are parsed by the engine alone, and findings that come up again are not folded
again. Where anything is out of the ordinary, or may change over time, the case goes to `Judge`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyoxigraph as ox

from k20kg.batch.lines import Lines
from k20kg.batch.pruning import slim_shapes, slim_subclasses
from k20kg.batch.splitter import Piece, restore
from k20kg.errors import InputError, K20Error, RecordError
from k20kg.judging.as_of import snapshot
from k20kg.judging.cases import Case, read_case
from k20kg.judging.dated import may_change
from k20kg.judging.dates import instant_of
from k20kg.judging.judge import Judge
from k20kg.model import Criterion, Reading, Verdict
from k20kg.rdf.graph import key
from k20kg.rdf.syntax import FORMATS
from k20kg.rdf.text import decode, neutralise
from k20kg.sources.documents import Document
from k20kg.vocabulary import K20, RDF_TYPE

if TYPE_CHECKING:
    from shacl import Shapes

    from k20kg.engines import Result

_CANDIDATE: Final = f"> <{RDF_TYPE}> <{K20}CandidateGroup> .\n".encode()
_GROUP: Final = ox.NamedNode(f"{K20}CandidateGroup")

_Failed = dict[str, list[str | None]]
"""The values that each failing shape names."""
Gap = tuple[str, tuple[str, ...]]
"""What is missing, and the IRIs of those whom it concerns."""


class Row(NamedTuple):
    """The verdict on one criterion of one case under one reading."""

    reading: str
    criterion: str
    code: str
    verdict: str
    missing: tuple[Gap, ...]


class Judged(NamedTuple):
    """What became of a piece: rows, or the fault that kept it from being judged."""

    case: str = ""
    whole: tuple[str, ...] = ()
    """The verdict on the whole case, one for each reading."""
    rows: tuple[Row, ...] = ()
    """By reading, and by criterion within a reading."""
    fault: str = ""


@dataclass(slots=True)
class _Slot:
    """One criterion under one reading, with the rows known so far by the shapes that fail."""

    criterion: Criterion
    reading: Reading
    shapes: frozenset[str]
    naming: frozenset[str]
    """Shapes whose results name those whom a gap concerns."""
    rows: dict[frozenset[str], tuple[Row, tuple[str, ...]]] = field(default_factory=dict)


class Bench:
    """Readings of a definition, compiled once for a corpus; made anew in each process."""

    def __init__(
        self,
        definition: str,
        readings: tuple[str, ...],
        engine: str = "shacl",
        as_of: str | None = None,
    ) -> None:
        """Compile the shapes; with `as_of` each case is judged as it stood on that day."""
        self._instant = instant_of(as_of) if as_of else None
        self.judge = Judge(readings, definition=definition, engine=engine, evidence=False)
        plan = self.judge.plan
        self._slots = [
            self._slot(criterion, reading)
            for reading in plan.readings
            for criterion in plan.definition.criteria
        ]
        self._width = len(plan.definition.criteria)
        self._out = plan.guards.union(plan.record_shapes, plan.opens)
        self._engine: Shapes | None = None
        if engine == "shacl" and self._instant is None:
            from shacl import Shapes

            slim = slim_shapes(plan.shapes, plan.subclasses)
            self._engine = Shapes.from_text(slim, "ntriples")
            self._subclasses = slim_subclasses(slim, plan.subclasses)
        self._lines = Lines()

    def _slot(self, criterion: Criterion, reading: Reading) -> _Slot:
        tests = [
            t
            for t in self.judge.plan.tests
            if t.criterion == criterion.iri and reading.iri in t.readings
        ]
        return _Slot(
            criterion,
            reading,
            frozenset(s for t in tests for s in t.shapes),
            frozenset(s for t in tests if not t.counter for s in t.shapes - {t.shape}),
        )

    def assess(self, piece: Piece) -> Judged:
        """Return the rows of a piece, or what is wrong with it; never raises for a bad case."""
        if piece.fault:
            return Judged(fault=piece.fault)
        try:
            return self._assess_fast(piece) or self._assess_with_care(piece)
        except K20Error as fault:
            return Judged(fault=_at_its_line(fault, piece))

    # ------------------------------------------------------------ the usual way

    def _assess_fast(self, piece: Piece) -> Judged | None:
        """Return the rows of a case written the usual way; None where there is any doubt."""
        data = piece.data
        if self._engine is None or piece.syntax not in ("ntriples", "nquads"):
            return None
        end = data.find(_CANDIDATE)
        start = data.rfind(b"\n", 0, end) + 1
        if end < 0 or data[start : start + 1] != b"<" or b" " in data[start:end]:
            return None
        group = data[start + 1 : end].decode("utf-8", "replace")
        if (normal := self._lines.in_normal_form(data)) is None:
            return None
        try:
            text = normal.decode()
            if may_change(text, piece.syntax):
                return None
            report = self._engine.validate_text(text + self._subclasses, format=piece.syntax)
        except ValueError:
            return None
        failed: _Failed = {}
        for result in report.results:
            shape = (result.root_shape or "")[1:-1]
            if shape in self._out:
                return None
            named = result.value if result.value != result.focus_node else None
            failed.setdefault(shape, []).append(named)
        return self._rows(group, [failed])

    def _rows(self, case: str, failing: Sequence[_Failed]) -> Judged:
        """Return the rows; the shapes that fail are given for each reading, or once for all."""
        rows = []
        for number, slot in enumerate(self._slots):
            failed = failing[number // self._width % len(failing)]
            state = slot.shapes.intersection(failed)
            known = slot.rows.get(state)
            if known is None:
                known = slot.rows[state] = self._row(slot, state)
            row, named = known
            if named:
                gaps = tuple(
                    (statement, _nodes(failed[shape]) if shape else ())
                    for (statement, _), shape in zip(row.missing, named, strict=True)
                )
                row = Row(row.reading, row.criterion, row.code, row.verdict, gaps)
            rows.append(row)
        return Judged(case, self._whole(rows), tuple(rows))

    def _row(self, slot: _Slot, state: frozenset[str]) -> tuple[Row, tuple[str, ...]]:
        """Return the row for a set of failing shapes; and, if any, the shape that names nodes."""
        finding = self.judge.finding(slot.criterion, slot.reading, sorted(state))
        gaps = tuple((gap.statement, ()) for gap in finding.missing)
        row = Row(
            slot.reading.id, slot.criterion.id, slot.criterion.code, finding.verdict.value, gaps
        )
        shapes = [
            part.shape if part.shape != test.shape else ""
            for test in self.judge.plan.tests
            if test.criterion == slot.criterion.iri
            and slot.reading.iri in test.readings
            and not test.counter
            for part in test.requirements
            if part.shape in state
        ]
        return row, tuple(shapes) if any(shapes) else ()

    def _whole(self, rows: list[Row]) -> tuple[str, ...]:
        step = self._width
        return tuple(
            _WHOLE[frozenset(row.verdict for row in rows[n : n + step])]
            for n in range(0, len(rows), step)
        )

    # ------------------------------------------------------------ with care

    def _assess_with_care(self, piece: Piece) -> Judged:
        """Return the rows of any other case; raise `K20Error` if it cannot be judged."""
        data, syntax = piece.data, piece.syntax
        if syntax == "ntriples" and piece.graph:
            data, syntax = restore(data, piece.graph), "nquads"
        where = piece.where if not piece.line else f"{piece.where}:{piece.line}"
        document = Document(piece.where, decode(data, where), syntax)
        try:
            quads = document.quads
        except InputError:
            raise _no_rdf(document, piece) from None
        groups = {
            key(q.subject) for q in quads if q.predicate.value == RDF_TYPE and q.object == _GROUP
        }
        if len(groups) != 1:
            raise _not_one(piece, sorted(groups))
        case = read_case(groups.pop(), piece.where, quads, (document,))
        results = self.judge.results(case)
        self.judge.refuse_malformed(case, results)
        if self._instant:
            then = snapshot(case, self._instant).case
            return self._rows_of(case, [self.judge.results(then, self.judge.opened(results))])
        best = self.judge.over_time(case, results)
        return self._rows_of(case, [one.outcome for one in best] if best else [results])

    def _rows_of(self, case: Case, runs: Iterable[list[Result]]) -> Judged:
        failing: list[_Failed] = []
        for results in runs:
            failing.append({})
            for result in results:
                failing[-1].setdefault(result.shape, []).append(result.value)
        return self._rows(case.group, failing)


_WHOLE: Final[dict[frozenset[str], str]] = {}


def _all_wholes() -> Iterator[tuple[frozenset[str], str]]:
    for bits in range(1, 2 ** len(Verdict)):
        some = [v for n, v in enumerate(Verdict) if bits >> n & 1]
        yield frozenset(v.value for v in some), Verdict.all_of(some).value


_WHOLE.update(_all_wholes())


def _nodes(values: list[str | None]) -> tuple[str, ...]:
    found = {v[1:-1] for v in values if v and v[0] == "<"}
    return tuple(sorted(found)) if len(found) > 1 else tuple(found)


def _no_rdf(document: Document, piece: Piece) -> InputError:
    """Return the parser's own word: what kind of file it is in is settled by now."""
    try:
        for _ in ox.parse(document.text, FORMATS[document.syntax]):
            pass
    except SyntaxError as fault:
        return InputError(
            f"this cannot be parsed: {fault.msg.rpartition(': ')[2]}",
            where=f"{piece.where}:{fault.lineno}",
            remedy="mend that line",
        )
    return InputError("this cannot be read", where=piece.place, remedy="mend it")


def _not_one(piece: Piece, groups: list[str]) -> RecordError:
    if groups:
        return RecordError(
            f"the graph holds {len(groups)} candidate groups",
            where=piece.place,
            remedy="put each case into a named graph of its own",
        )
    return RecordError(
        "there is no candidate group",
        where=piece.place,
        remedy="say which node is judged: <…> a k20:CandidateGroup",
    )


def _at_its_line(fault: K20Error, piece: Piece) -> str:
    """Return a fault in words, with lines counted from the start of the file.

    What was judged began on line 1; in the file it begins further down.
    """
    faults: tuple[Any, ...] = getattr(fault, "faults", ()) or (str(fault),)
    return "\n".join(_shift(neutralise(str(one)), piece) for one in faults)


def _shift(text: str, piece: Piece) -> str:
    if text.startswith(piece.place):
        return text
    found = re.match(re.escape(piece.where) + r":(\d+)", text)
    if not found:
        return f"{piece.place}: {text.removeprefix(f'{piece.where}: ')}"
    line = int(found[1]) + piece.line - 1 if piece.line else int(found[1])
    return f"{piece.where}:{line}{text[found.end() :]}"
