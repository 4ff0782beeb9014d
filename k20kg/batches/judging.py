"""Judge one piece of a corpus: rows instead of reports.

The verdicts are `Judge`'s. What is saved is everything around them: statements are parsed by the
engine alone, and findings that come up again are not folded again. Where anything is out of the
ordinary, or may change over time, the case is parsed and judged as any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

import pyoxigraph as ox

from k20kg.batches.lines import PlainLines
from k20kg.batches.splitter import Piece, restore
from k20kg.errors import InputError, K20Error, RecordError
from k20kg.judging.as_of import snapshot
from k20kg.judging.cases import Case, read_case
from k20kg.judging.change_over_time import may_change
from k20kg.judging.dates import instant_of
from k20kg.judging.judge import Judge
from k20kg.model import Criterion, Reading, Verdict
from k20kg.rdf.graph import str_of
from k20kg.rdf.syntax import FORMATS
from k20kg.rdf.text import decode, escape_controls
from k20kg.sources.documents import Document
from k20kg.vocabulary import K20, RDF_TYPE

if TYPE_CHECKING:
    from k20kg.engines import Result

_CANDIDATE: Final = f"> <{RDF_TYPE}> <{K20}CandidateGroup> .\n".encode()
_GROUP: Final = ox.NamedNode(f"{K20}CandidateGroup")

_Failed = dict[str, list[str | None]]
"""The values that each failing shape names."""


class Row(NamedTuple):
    """The verdict on one criterion of one case under one reading."""

    reading: str
    criterion: str
    code: str
    verdict: str
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """Statement of the gap, and the IRIs of those whom it concerns."""


class Judged(NamedTuple):
    """Result of a piece: rows, or the fault that kept it from being judged."""

    case: str = ""
    whole: tuple[str, ...] = ()
    """The verdict on the whole case, one for each reading."""
    rows: tuple[Row, ...] = ()
    """By reading, and by criterion within a reading."""
    fault: str = ""


class BatchJudge:
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
        compiled = self.judge.compiled
        self._shapes = {
            (r.iri, c.iri): frozenset(
                shape
                for test in compiled.tests
                if test.criterion == c.iri and r.iri in test.readings
                for shape in test.shapes
            )
            for r in compiled.readings
            for c in compiled.definition.criteria
        }
        self._out = compiled.guards.union(compiled.record_shapes, compiled.opened_lists)
        self._lines = PlainLines()
        self._rows: dict[tuple[str, str, frozenset[str]], Row] = {}

    def assess(self, piece: Piece) -> Judged:
        """Return the rows of a piece, or what is wrong with it; never raises for a bad case."""
        if piece.fault:
            return Judged(fault=piece.fault)
        try:
            return self._assess_plain(piece) or self._assess_with_care(piece)
        except K20Error as fault:
            return Judged(fault=_at_its_line(fault, piece))

    def _assess_plain(self, piece: Piece) -> Judged | None:
        """Return the rows of a case written the usual way; None where there is any doubt."""
        data = piece.data
        if self._instant or piece.syntax not in ("ntriples", "nquads"):
            return None
        end = data.find(_CANDIDATE)
        start = data.rfind(b"\n", 0, end) + 1
        if end < 0 or data[start : start + 1] != b"<" or b" " in data[start:end]:
            return None
        if not self._lines.are_plain(data):
            return None
        try:
            text = data.decode()
            if may_change(text, piece.syntax):
                return None
            case = Case(text[start + 1 : end], piece.where, text, piece.syntax)
            results = self.judge.results(case)
        except (UnicodeDecodeError, K20Error):
            return None
        if any(result.shape in self._out for result in results):
            return None
        return self._judged(case, [results])

    def _assess_with_care(self, piece: Piece) -> Judged:
        """Return the rows of any other case; raise `K20Error` if it cannot be judged."""
        data, syntax = piece.data, piece.syntax
        if syntax == "ntriples" and piece.graph:
            data, syntax = restore(data, piece.graph), "nquads"
        where = piece.where if not piece.line else f"{piece.where}:{piece.line}"
        document = Document(piece.where, decode(data, where), syntax)
        try:
            quads = document.quads
        except InputError as fault:  # its guess at the syntax is of no use here
            raise _no_rdf(document, piece) or fault from None
        groups = {
            str_of(q.subject) for q in quads if q.predicate.value == RDF_TYPE and q.object == _GROUP
        }
        if len(groups) != 1:
            raise _not_one(piece, len(groups))
        case = read_case(groups.pop(), piece.where, quads, (document,))
        results = self.judge.results(case)
        self.judge.refuse_malformed(case, results)
        if self._instant:
            then = snapshot(case, self._instant).case
            return self._judged(case, [self.judge.results(then, self.judge.open_lists(results))])
        best = self.judge.over_time(case, results)
        return self._judged(case, [one.outcome for one in best] if best else [results])

    def _judged(self, case: Case, runs: Sequence[Iterable[Result]]) -> Judged:
        """Return the rows; there is a run of the shapes for each reading, or one for all."""
        failing: list[_Failed] = []
        for results in runs:
            failing.append({})
            for result in results:
                failing[-1].setdefault(result.shape, []).append(result.value)
        compiled = self.judge.compiled
        rows, whole = [], []
        for number, reading in enumerate(compiled.readings):
            failed = failing[number % len(failing)]
            some = [
                self._row(criterion, reading, failed) for criterion in compiled.definition.criteria
            ]
            rows += some
            whole.append(Verdict.all_of(Verdict(row.verdict) for row in some).value)
        return Judged(case.group, tuple(whole), tuple(rows))

    def _row(self, criterion: Criterion, reading: Reading, failed: _Failed) -> Row:
        """Return the row for the shapes that fail: the same object as often as it names nobody."""
        state = self._shapes[reading.iri, criterion.iri].intersection(failed)
        known = (reading.iri, criterion.iri, state)
        row = self._rows.get(known)
        if row is None:
            finding = self.judge.finding(criterion, reading, state)
            gaps = tuple((gap.statement, gap.about) for gap in finding.missing)
            row = Row(reading.id, criterion.id, criterion.code, finding.verdict.value, gaps)
            self._rows[known] = row
        if any(about for _, about in row.missing):  # a gap is about the shape that names nodes
            gaps = tuple((s, _nodes(failed[n] for n in about)) for s, about in row.missing)
            row = row._replace(missing=gaps)
        return row


def _nodes(found: Iterable[list[str | None]]) -> tuple[str, ...]:
    return tuple(sorted({v[1:-1] for values in found for v in values if v and v[0] == "<"}))


def _no_rdf(document: Document, piece: Piece) -> InputError | None:
    """Return the parser's own word."""
    try:
        for _ in ox.parse(document.text, FORMATS[document.syntax]):
            pass
    except SyntaxError as fault:
        what = f"this cannot be parsed: {fault.msg.rpartition(': ')[2]}"
        return InputError(what, where=f"{piece.where}:{fault.lineno}", remedy="mend that line")
    return None


def _not_one(piece: Piece, groups: int) -> RecordError:
    if groups:
        return RecordError(
            f"the graph holds {groups} candidate groups",
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
    faults = (fault.faults if isinstance(fault, RecordError) else ()) or (str(fault),)
    return "\n".join(_shift(escape_controls(one), piece) for one in faults)


def _shift(text: str, piece: Piece) -> str:
    if text.startswith(piece.place):
        return text
    found = re.match(re.escape(piece.where) + r":(\d+)", text)
    if not found:
        return f"{piece.place}: {text.removeprefix(f'{piece.where}: ')}"
    line = int(found[1]) + piece.line - 1 if piece.line else int(found[1])
    return f"{piece.where}:{line}{text[found.end() :]}"
