"""Records that stand in a file and on no list: while one does, nothing follows from its list.

A list that somebody declared complete licenses a finding of absence. A record of its kind that
nothing leads to shows that a link is missing or the list is not whole: which, the file cannot say.
So the list counts as left open for what speaks against a group; what speaks for it stays. Which
record opens which list is stated in shapes and ontology (`k20:opens`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, Protocol, TypeVar

import pyoxigraph as ox

from k20kg.judging.cases import Case, case_of
from k20kg.rdf.graph import Lookup, key
from k20kg.vocabulary import K20

_EVIDENCED_BY: Final = ox.NamedNode(K20 + "evidencedBy")
_LEFT_OPEN_BY: Final = ox.NamedNode(K20 + "leftOpenBy")
_LIST_KIND: Final = ox.NamedNode(K20 + "listKind")


class _Result(Protocol):
    @property
    def shape(self) -> str: ...


R = TypeVar("R", bound=_Result)


def without_strays(
    case: Case,
    results: list[R],
    kinds: Collection[str],
    against: Collection[str],
    run: Callable[[Case], list[R]],
) -> list[R]:
    """Return the results, those of the shapes `against` a group with lists of these kinds open.

    `run` is the engine. It runs anew only where something speaks against the group and a list of
    these kinds is declared complete.
    """
    if not kinds or all(r.shape not in against for r in results):
        return results
    opened = {
        key(q.subject) for q in case.quads if q.predicate == _LIST_KIND and key(q.object) in kinds
    }
    if not opened:
        return results
    left_open = case_of(case.group, case.origin, _left_open(case.quads, opened), case.documents)
    return [
        *(r for r in results if r.shape not in against),
        *(r for r in run(left_open) if r.shape in against),
    ]


def kinds_declared(graph: Lookup) -> set[str]:
    """Return the kinds of list of which somebody says that one is complete."""
    kind = _LIST_KIND.value
    return {value for record in graph.having(kind) for value in graph.values(record, kind)}


def _left_open(quads: Iterable[ox.Quad], records: set[str]) -> Iterator[ox.Quad]:
    """Yield the statements, what supports these records now leaving them open."""
    for quad in quads:
        if quad.predicate == _EVIDENCED_BY and key(quad.subject) in records:
            yield ox.Quad(quad.subject, _LEFT_OPEN_BY, quad.object, quad.graph_name)
        else:
            yield quad
