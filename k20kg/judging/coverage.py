"""Coverage: how much of what a criterion asks for the record states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import pyoxigraph as ox

from k20kg.definition.compiled import Test
from k20kg.judging.evidence import CaseFile, Results, plain
from k20kg.model import Coverage, Figure
from k20kg.rdf.graph import str_of
from k20kg.vocabulary import K20


def coverage_of(
    file: CaseFile | None, supports: Sequence[Test], results: Results
) -> Coverage | None:
    """Return how much of what the support tests ask for the record states.

    It is counted from what the shapes report, by shape, and so cannot disagree with them: what
    a test found, or who is missing of those whom it runs over, or which requirements hold.
    """
    for test in supports:
        if not test.coverage_unit or not file:
            continue
        unplaced = None
        if test.found_named_by:
            required = _decimal(test.coverage_required)
            stated = _found(test.found_named_by, results)
        elif test.coverage_query:
            required, stated = _covered(file, test, results)
            unplaced = _found(test.unplaced_named_by, results) or None
        else:
            parts = [r.shape for r in test.requirements if r.shape != test.shape]
            required = Decimal(len(parts))
            stated = Decimal(sum(p not in results for p in parts))
        return Coverage(
            test.coverage_unit,
            required,
            stated,
            tuple(_figures(file, test.asked_topic)),
            test.coverage_unit_of_one,
            bool(test.found_named_by),
            unplaced,
        )
    return None


def _covered(file: CaseFile, test: Test, results: Results) -> tuple[Decimal, Decimal]:
    """Return how many a universal runs over and how many of them are not missing."""
    weights = {
        f"<{str_of(row['node'])}>": _number(row.get("weight")) or Decimal(1)
        for row in file.graph.select(test.coverage_query)
    }
    whole = sum(weights.values(), Decimal(0))
    if test.coverage_of not in results:
        return whole, whole
    missing: dict[str, set[str | None]] = {}
    for shape in test.missing_named_by:
        for result in results.get(shape, ()):
            missing.setdefault(result.focus, set()).add(result.value)
    nearest = (whole, Decimal(0))
    for values in missing.values():
        if None in values:  # more than somebody is missing: this alternative is none
            continue
        there = sum((w for n, w in weights.items() if n not in values), Decimal(0))
        if there > nearest[1]:
            nearest = (whole + len(values - weights.keys()), there)
    return nearest


def _figures(file: CaseFile, topic: str) -> Iterator[Figure]:
    if not topic:
        return
    for node in file.graph.subjects(K20 + "figureTopic", topic):
        places = [
            f"{file.source_name(item)} {file.graph.value(item, K20 + 'locator')}"
            for item in file.graph.values(node, K20 + "evidencedBy")
        ]
        value = file.graph.value(node, K20 + "value")
        shown = plain(Decimal(value)) if value else ""
        shown = shown or file.graph.value(node, K20 + "valueAsPrinted")
        yield Figure(shown, "; ".join(sorted(places)))


def _found(shapes: Iterable[str], results: Results) -> Decimal:
    """Return how many things these shapes name, at the place where they name most."""
    found: dict[str, set[str | None]] = {}
    for shape in shapes:
        for result in results.get(shape, ()):
            found.setdefault(result.focus, set()).add(result.value)
    return Decimal(max(map(len, found.values()), default=0))


def _number(term: object) -> Decimal | None:
    return Decimal(term.value) if isinstance(term, ox.Literal) else None


def _decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)
