"""What a run of the shapes says of each criterion: what failed, is missing and bears on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from k20kg.definition.compiled import Test
from k20kg.engines import Result
from k20kg.judging.evidence import CaseFile
from k20kg.model import Criterion, Evidence, Gap, Verdict


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

    def gaps(self, test: Test, file: CaseFile | None) -> Iterator[Gap]:
        """Yield what a test asks for and the case lacks."""
        for part in test.requirements:
            if part.shape in self.by_shape:
                nodes = self.nodes([part.shape]) if part.shape != test.shape else []
                about = [file.name(n) if file else n for n in nodes]
                yield Gap(part.message, tuple(about), part.settled_by, part.supplied_by)

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
