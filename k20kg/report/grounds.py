"""What verdicts rest on, in words: what carries them, what they assume, what the authors found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from k20kg.model import Assessment, Assumption, Carrier, Evidence, Opinion
from k20kg.report.outline import Row, list_places, only
from k20kg.vocabulary import shorten

__all__ = [
    "announce",
    "authors_of_whole",
    "authors_words",
    "carried_by_reading",
    "carried_words",
    "decides_words",
    "list_assumptions",
]

_MOST_NAMES = 4
"""So many things of a kind are named in a report for people; JSON names all."""


def announce(one: Assessment) -> str:
    """Return the verdict on the whole with its reading's words and the count of what decides it."""
    return f"{one.words}, {one.announced}" if one.announced else one.words


def carried_by_reading(
    row: Row, case: Sequence[Assessment]
) -> list[tuple[tuple[str, ...], tuple[Carrier, ...]]]:
    """Return each different set of what carries a criterion with the ids of its readings.

    No ids where all agree.
    """
    under: dict[tuple[Carrier, ...], list[str]] = {}
    for finding, one in zip(row.findings, case, strict=True):
        if finding is not None and finding.carried_by:
            under.setdefault(finding.carried_by, []).append(one.reading.id)
    return [(only(ids, case), carriers) for carriers, ids in under.items()]


def carried_words(carriers: Iterable[Carrier], most: int = _MOST_NAMES) -> str:
    """Return what carries a verdict, counted by kind.

    >>> carried_words([Carrier("goal", "g/1", "Learn"), Carrier("goal", "g/2", "Teach")])
    '2 goals: Learn; Teach'
    """
    by_kind: dict[str, list[Carrier]] = {}
    for carrier in carriers:
        by_kind.setdefault(carrier.kind, []).append(carrier)
    parts = []
    for kind, found in by_kind.items():
        count = len(found)
        names = list(dict.fromkeys(c.label for c in found if c.label != shorten(c.iri)))
        shown = names if len(names) <= most else names[: most - 1]
        more = f"; and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
        words = f"{count} {kind if count == 1 else _plural(kind)}"
        parts.append(f"{words}: {'; '.join(shown)}{more}" if names else words)
    return ". ".join(parts)


def _plural(kind: str) -> str:
    if kind == "person":
        return "people"
    if kind.endswith("y") and kind[-2:-1] not in "aeiou":
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith(("s", "x", "ch", "sh")) else f"{kind}s"


def authors_words(row: Row) -> str:
    """Return what the sources' authors concluded on a criterion: ``met, paper 6.2``."""
    opinions = {o: None for f in row.findings if f for o in f.authors}
    return _opinions(opinions, lambda o: o.verdict.value)


def authors_of_whole(case: Sequence[Assessment]) -> str:
    """Return what the sources' authors concluded on the whole."""
    opinions = {o: None for one in case for o in one.authors}
    return _opinions(opinions, lambda o: case[0].definition.overall_words(o.verdict))


def _opinions(opinions: Iterable[Opinion], words: Callable[[Opinion], str]) -> str:
    by_verdict: dict[str, list[Evidence]] = {}
    for opinion in opinions:
        by_verdict.setdefault(words(opinion), []).extend(opinion.evidence)
    return "; ".join(
        ", ".join(part for part in (verdict, list_places(items)) if part)
        for verdict, items in by_verdict.items()
    )


def list_assumptions(case: Sequence[Assessment]) -> list[tuple[Assumption, tuple[str, ...]]]:
    """Return each assumption once with the readings that need it; none named if all do.

    What it decides is told for all readings together.
    """
    under: dict[tuple[str, str], list[tuple[Assumption, str]]] = {}
    for one in case:
        for assumption in dict.fromkeys(one.assumptions):
            found = under.setdefault((assumption.statement, assumption.by), [])
            found.append((assumption, one.reading.id))
    return [
        (
            found[0][0]._replace(
                decides=tuple(dict.fromkeys(c for a, _ in found for c in a.decides)),
                decides_whole=any(a.decides_whole for a, _ in found),
                tried=all(a.tried for a, _ in found),
            ),
            only([i for _, i in found], case),
        )
        for found in under.values()
    ]


def decides_words(assumption: Assumption, case: Sequence[Assessment]) -> str:
    """Return what an assumption decides, reading by reading: ``as-applied: 1a, 3, the whole``."""
    under: dict[str, list[str]] = {}
    for one in case:
        for other in one.assumptions:
            if other[:2] == assumption[:2]:
                whole = ["the whole"] if other.decides_whole else []
                words = ", ".join([*other.decides, *whole])
                under.setdefault(words, []).append(one.reading.id)
    under.pop("", None)
    parts = []
    for words, ids in under.items():
        whose = ", ".join(only(ids, case))
        parts.append(f"{whose}: {words}" if whose else words)
    return "; ".join(parts)
