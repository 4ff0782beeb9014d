"""The results of a run by shape: what failed, is missing and bears on each criterion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import pyoxigraph as ox

from k20kg.definition.compiled import Test
from k20kg.definition.subclasses import Kind
from k20kg.engines import Result
from k20kg.judging.cases import Case, case_of
from k20kg.judging.evidence import CaseFile
from k20kg.model import Criterion, Evidence, Gap, Verdict
from k20kg.rdf.graph import Graph, str_of
from k20kg.vocabulary import K20

_EVIDENCED_BY: Final = ox.NamedNode(K20 + "evidencedBy")
_LEFT_OPEN_BY: Final = ox.NamedNode(K20 + "leftOpenBy")
_LIST_KIND: Final = ox.NamedNode(K20 + "listKind")


class Outcome:
    """The results of one run, by shape."""

    def __init__(self, results: Iterable[Result]) -> None:
        self.by_shape: dict[str, list[Result]] = {}
        for result in results:
            self.by_shape.setdefault(result.shape, []).append(result)

    def failed(self, test: Test) -> bool:
        """Return whether a shape of the test failed."""
        return any(shape in self.by_shape for shape in test.shapes)

    def nodes(self, shapes: Iterable[str]) -> list[str]:
        """Return the IRIs that the results of these shapes name, sorted."""
        values = {r.value for s in shapes for r in self.by_shape.get(s, ()) if r.value}
        return sorted(v[1:-1] for v in values if v.startswith("<"))

    def bearing(self, supports: Iterable[Test]) -> list[str]:
        """Return the records that the witnesses of the supporting tests name."""
        return self.nodes(w for t in supports for r in t.requirements for w in r.witnesses)

    def gaps(self, test: Test, file: CaseFile | None, kinds: Mapping[str, Kind]) -> Iterator[Gap]:
        """Yield what a test asks for and the case lacks."""
        for part in test.requirements:
            if part.shape in self.by_shape:
                nodes = self.nodes([part.shape]) if part.shape != test.shape else []
                about = [file.name(n) if file else n for n in nodes]
                whom = file.carriers(nodes, kinds) if file else ()
                yield Gap(part.message, tuple(about), part.settled_by, part.supplied_by, whom)

    def objections(self, counters: Iterable[Test]) -> list[str]:
        """Return what these tests say against the group, each once."""
        parts = [p for t in counters for p in t.requirements if p.shape in self.by_shape]
        return list(dict.fromkeys(p.message for p in parts))


def message_of(
    verdict: Verdict, supports: Sequence[Test], missing: Sequence[Gap], objections: Sequence[str]
) -> str:
    """Return a finding in a sentence or two."""
    if verdict is Verdict.NOT_ESTABLISHED:
        return " ".join(dict.fromkeys(g.statement for g in missing))
    if verdict is Verdict.NOT_MET:
        return " ".join(objections)
    met = [t.when_met for t in supports if t.when_met]
    return " ".join(met if verdict is Verdict.MET else [*met, *objections])


def evidence_for(
    criterion: Criterion,
    supports: Sequence[Test],
    against: Sequence[Test],
    outcome: Outcome,
    file: CaseFile,
) -> tuple[Evidence, ...]:
    """Return the evidence that bears on a criterion, for and against."""
    bearing = outcome.bearing(supports)
    counter = outcome.nodes(s for t in against for s in [*t.witnesses, *(t.shapes - {t.shape})])
    return file.evidence(bearing, counter, notes_on=criterion.iri)


def with_lists_left_open(
    case: Case,
    results: list[Result],
    kinds: Collection[str],
    against: Collection[str],
    run: Callable[[Case], list[Result]],
) -> list[Result]:
    """Return the results, those of the shapes `against` a group with lists of these kinds open.

    A list that is declared complete licenses a finding of absence. A record of its kind that
    nothing leads to shows that a link is missing or the list is not whole: which, the file cannot
    say, so the list counts as left open. `run` is the engine; it runs anew only where something
    speaks against the group and a list of these kinds is declared complete.
    """
    if not kinds or all(r.shape not in against for r in results):
        return results
    opened = {
        str_of(q.subject)
        for q in case.quads
        if q.predicate == _LIST_KIND and str_of(q.object) in kinds
    }
    if not opened:
        return results
    quads = (
        ox.Quad(q.subject, _LEFT_OPEN_BY, q.object, q.graph_name)
        if q.predicate == _EVIDENCED_BY and str_of(q.subject) in opened
        else q
        for q in case.quads
    )
    left_open = case_of(case.group, case.origin, quads, case.documents)
    return [
        *(r for r in results if r.shape not in against),
        *(r for r in run(left_open) if r.shape in against),
    ]


def bearing_notes(
    noted: Sequence[Result],
    opened_lists: Mapping[str, frozenset[str]],
    case: Case,
    file: CaseFile | None,
) -> list[Result]:
    """Return the notes but those on strays of a kind of which no list is said to be complete."""
    if not opened_lists.keys() & {r.shape for r in noted}:
        return list(noted)
    kind, statements = _LIST_KIND.value, file.graph if file else Graph(case.quads)
    complete = {v for one in statements.having(kind) for v in statements.values(one, kind)}
    return [r for r in noted if r.shape not in opened_lists or opened_lists[r.shape] & complete]
