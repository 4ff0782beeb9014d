"""The reference of the shapes: what each tests, under which reading, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final

from k20kg.vocabulary import BASE, K20, KS, SH
from k20kg.web.http.formats import FORMATS
from k20kg.web.pages.facts import choices_of, definitions_of
from k20kg.web.pages.terms import Names, Shown, names_of

if TYPE_CHECKING:
    from k20kg.web.pages import Site

_ROWS: Final = (
    ("Looks at", "targetClass targetSubjectsOf targetObjectsOf targetNode"),
    ("Path", "path"),
    ("At least", "minCount qualifiedMinCount minInclusive minLength"),
    ("At most", "maxCount qualifiedMaxCount maxInclusive"),
    ("Of the class", "class"),
    ("Of the datatype", "datatype"),
    ("One of", "in"),
    ("With the value", "hasValue"),
    ("Pattern", "pattern"),
    ("Not after", "lessThanOrEquals lessThan"),
    ("Conforms to", "node qualifiedValueShape"),
    ("Parts", "property"),
    ("Any of", "or xone"),
    ("All of", "and"),
    ("Not", "not"),
)
"""Words, and the properties of SHACL whose values stand behind them."""
Part = tuple[str, str, list[str]]
"""Anchor, heading and shapes of a part of a group: those on one criterion."""


def page(site: Site) -> str:
    """Return the page of all shapes, those that bear on verdicts first."""
    names = names_of(site.dataset)
    shapes = [iri for iri in sorted(names.ours) if iri.startswith(KS)]
    return site.render(
        "shapes.html",
        title="Shapes",
        description="How each criterion is tested: every shape with message and parameters.",
        here="/ontology",
        iri=BASE + "shapes",
        formats=FORMATS,
        groups=_groups(names, shapes),
        count=len(shapes),
        choices=choices_of(),
        chosen=_chosen(),
        rows=partial(_rows, names),
        qualified=partial(_qualified, names),
    )


def _groups(names: Names, shapes: list[str]) -> list[tuple[str, str, list[Part]]]:
    """Return the shapes by definition and criterion; each stands once, where it is first needed."""
    left = dict.fromkeys(shapes)
    groups: list[tuple[str, str, list[Part]]] = []
    for definition in definitions_of():
        parts: list[Part] = []
        for criterion in definition.criteria:
            mine = [s for s in names.subjects(K20 + "tests", criterion.iri) if s in left]
            for shape in mine:
                del left[shape]
            if mine:
                anchor = f"on-{definition.id}-{criterion.id}"
                parts.append((anchor, f"{criterion.code} {criterion.label}", mine))
        groups.append((f"for-{definition.id}", definition.label, parts))
    checks = [s for s in left if names.get(s, "remedy")]
    blocks = [s for s in left if not names.get(s, "remedy")]
    groups.append(("record-check", "Is the record well formed?", [("", "", checks)]))
    groups.append(("blocks", "Building blocks", [("", "", blocks)]))
    return [group for group in groups if any(part[2] for part in group[2])]


def _rows(names: Names, iri: str) -> list[tuple[str, list[Shown]]]:
    """Return what a shape says in SHACL: words and values."""
    return [
        (words, [names.show(term) for name in found for term in names.terms(iri, SH + name)])
        for words, said in _ROWS
        if (found := [name for name in said.split() if names.terms(iri, SH + name)])
    ]


@lru_cache(maxsize=1)
def _chosen() -> dict[str, list[str]]:
    """Return the values that readings keep in each shape, in words."""
    found: dict[str, dict[str, None]] = {}
    for _, reading, p in choices_of():
        found.setdefault(p.shape, {})[f"{p.name}: {p.value} ({reading.id})"] = None
    return {shape: list(words) for shape, words in found.items()}


def _qualified(names: Names, found: Iterable[Shown]) -> list[Shown]:
    """Return criteria or readings, each with its definition where it is not the first."""
    return [
        names.link(one.iri, f"{one} ({names.name(parent)})")
        if (parent := names.parent(one.iri))
        else one
        for one in found
    ]
