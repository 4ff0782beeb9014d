"""Names of what carries a verdict, counted by kind, with what is told beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from k20kg.model import Carrier, Evidence, Gap
from k20kg.rdf.text import plural
from k20kg.report.wording import evidence_words, sentence
from k20kg.vocabulary import shorten

_MOST_NAMES: Final = 8
"""So many of a kind are named in a report for people; JSON names all."""
_FEW_NAMES: Final = 3
_ROOM: Final = 320
"""So many characters have the names of a kind, where all stand in an appendix."""


class CarriedKind(NamedTuple):
    """Things of one kind that carry a criterion, in words, and the evidence behind them."""

    words: str
    evidence: tuple[Evidence, ...]


def grounds_of(carriers: Iterable[Carrier], most: int = _MOST_NAMES) -> list[CarriedKind]:
    """Return what carries a verdict, kind by kind; those told of together stand together.

    >>> both = [Carrier("post", f"p/{name}", name, ("District 9",)) for name in ("A", "B")]
    >>> grounds_of(both)
    [CarriedKind(words='2 posts: A, B (District 9)', evidence=())]
    """
    by_kind: dict[str, list[Carrier]] = {}
    for carrier in carriers:
        by_kind.setdefault(carrier.kind, []).append(carrier)
    found = []
    for kind, alike in by_kind.items():
        words = f"{len(alike)} {kind if len(alike) == 1 else plural(kind)}"
        if names := _names(alike, most):
            words += f": {names}"
        items = {item.iri: item for one in alike for item in one.evidence}
        found.append(CarriedKind(words, tuple(items.values())))
    return found


def summed_up(carriers: Sequence[Carrier]) -> list[tuple[CarriedKind, str]]:
    """Return what carries a verdict, long lists of names cut short, each with the whole of it.

    The whole is for an appendix. It is empty where nothing is cut, or where the evidence, which
    stands in an appendix too, says every name.
    """
    every = grounds_of(carriers, len(carriers))
    found = []
    for short, whole in zip(grounds_of(carriers, _FEW_NAMES + 1), every, strict=True):
        if len(whole.words) <= _ROOM or short.words == whole.words:
            found.append((whole, ""))
            continue
        said = " ".join(map(evidence_words, whole.evidence))
        is_told = all(one.label in said for one in carriers if one.label in whole.words)
        cut = short._replace(words=f"{short.words}, in the appendix")
        found.append((cut, "" if is_told else whole.words))
    return found


def carried_words(carriers: Iterable[Carrier], most: int = _MOST_NAMES) -> str:
    """Return what carries a verdict, counted by kind.

    >>> carried_words([Carrier("goal", "g/1", "Learn"), Carrier("goal", "g/2", "Teach")])
    '2 goals: Learn; Teach'
    """
    return ". ".join(ground.words for ground in grounds_of(carriers, most))


def concerned(gap: Gap, *, few: bool = False) -> str:
    """Return whom a gap is about, in a sentence; nothing if it names nobody.

    Where it is about many, a few are named, the others with the words of `summed_up`.
    """
    names = _names(gap.whom, len(gap.whom)) or "; ".join(map(shorten, gap.about))
    if few and len(names) > _ROOM and gap.whom:
        names = f"{_names(gap.whom, _FEW_NAMES + 1)}, in the appendix"
    return f"About: {names}." if names else ""


def gap_words(gap: Gap) -> list[str]:
    """Return whom a gap is about, what would settle it and who could have that, as sentences."""
    settled, supplied = sentence(gap.settled_by), sentence(gap.supplied_by)
    found = (
        concerned(gap),
        settled and f"Would settle it: {settled}",
        supplied and f"Who could have it: {supplied}",
    )
    return [words for words in found if words]


def columns(gap: Gap, *, few: bool = False) -> list[str]:
    """Return what is missing, what would settle it, and who could have that."""
    stated = f"{sentence(gap.statement)} {concerned(gap, few=few)}".strip()
    return [stated, sentence(gap.settled_by), sentence(gap.supplied_by)]


def _names(alike: Iterable[Carrier], most: int) -> str:
    """Return the names, each group of those that have the same told of them once; else nothing."""
    groups: dict[tuple[str, ...], dict[str, None]] = {}
    for one in alike:
        if one.label != shorten(one.iri):
            groups.setdefault(one.told, {})[one.label] = None
        elif one.told:
            groups.setdefault((), {})[", ".join(one.told)] = None
    count = sum(map(len, groups.values()))
    left = count if count <= most else most - 1
    parts = []
    for beside, names in groups.items():
        shown = list(names)[:left]
        left -= len(shown)
        if shown and beside:
            parts.append(f"{', '.join(shown)} ({', '.join(beside)})")
        else:
            parts += shown
    return "; ".join(parts) + (f"; and {count - most + 1} more" if count > most else "")
