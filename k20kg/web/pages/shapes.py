"""The reference of the shapes: what each tests, under which reading, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from k20kg.vocabulary import BASE, KS, RDFS, SH, shorten
from k20kg.web.formats import FORMATS
from k20kg.web.pages.facts import definitions_of
from k20kg.web.pages.terms import Names, Shown, names_of, show, show_iri

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["Group", "Shape", "page"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with what it says and what it is for."""

    anchor: str
    short: str
    message: str
    role: str
    criteria: tuple[Shown, ...]
    readings: tuple[Shown, ...]
    remedy: str
    settles: str
    rows: tuple[tuple[str, tuple[Shown, ...]], ...]


_SHAPE_ROWS: Final = (
    ("Looks at", ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")),
    ("Path", ("path",)),
    ("At least", ("minCount", "qualifiedMinCount", "minInclusive", "minLength")),
    ("At most", ("maxCount", "qualifiedMaxCount", "maxInclusive")),
    ("Of the class", ("class",)),
    ("Of the datatype", ("datatype",)),
    ("One of", ("in",)),
    ("With the value", ("hasValue",)),
    ("Pattern", ("pattern",)),
    ("Not after", ("lessThanOrEquals", "lessThan")),
    ("Conforms to", ("node", "qualifiedValueShape")),
    ("Parts", ("property",)),
    ("Any of", ("or", "xone")),
    ("All of", ("and",)),
    ("Not", ("not",)),
)


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes under one heading, in parts: those on each criterion of a definition."""

    anchor: str
    heading: str
    parts: tuple[tuple[str, str, tuple[Shape, ...]], ...]
    """Anchor, heading and shapes of each part."""


def page(site: Site) -> str:
    """Return the page of all shapes, those that bear on verdicts first."""
    found = _shapes(site)
    return site.render(
        "shapes.html",
        title="Shapes",
        description="How each criterion is tested: every shape with message and parameters.",
        here="/ontology",
        iri=BASE + "shapes",
        formats=FORMATS,
        groups=_groups(found),
        count=len(found),
        parameters=_parameters(site),
    )


def _groups(found: Iterable[Shape]) -> list[Group]:
    """Return the shapes by definition and criterion; each stands once, where it is first needed."""
    left = {shape.anchor: shape for shape in found}
    groups: list[Group] = []
    for definition in definitions_of():
        parts = []
        for criterion in definition.criteria:
            mine = [s for s in left.values() if criterion.iri in {c.iri for c in s.criteria}]
            for shape in mine:
                del left[shape.anchor]
            if mine:
                anchor = f"on-{definition.id}-{criterion.id}"
                parts.append((anchor, f"{criterion.code} {criterion.label}", tuple(mine)))
        if parts:
            groups.append(Group(f"for-{definition.id}", definition.label, tuple(parts)))
    checks = tuple(s for s in left.values() if s.remedy)
    blocks = tuple(s for s in left.values() if not s.remedy)
    groups.append(Group("record-check", "Is the record well formed?", (("", "", checks),)))
    groups.append(Group("blocks", "Building blocks", (("", "", blocks),)))
    return [group for group in groups if any(part[2] for part in group.parts)]


@lru_cache(maxsize=4)
def _shapes(site: Site) -> tuple[Shape, ...]:
    names = names_of(site.dataset)
    return tuple(
        _shape(site, names, iri)
        for iri in sorted(names.subjects)
        if iri.startswith(KS)
    )  # fmt: skip


def _shape(site: Site, names: Names, iri: str) -> Shape:
    facts = names.facts

    def linked(name: str) -> tuple[Shown, ...]:
        return tuple(
            show_iri(site, one, _qualified(site, names, one)) for one in facts.all(iri, name)
        )

    rows = []
    for head, properties in _SHAPE_ROWS:
        values = [term for name in properties for term in facts.terms(iri, SH + name)]
        if values:
            rows.append((head, tuple(show(site, value) for value in values)))
    if chosen := _chosen().get(iri):
        rows.append(("Parameters", tuple(Shown(words) for words in chosen)))
    roles = [names.name(role) for role in facts.all(iri, "role")]
    return Shape(
        anchor=iri.removeprefix(KS),
        short=shorten(iri),
        message=facts.value(iri, SH + "message") or facts.value(iri, RDFS + "label"),
        role=", ".join(roles),
        criteria=linked("tests"),
        readings=linked("under"),
        remedy=facts.get(iri, "remedy"),
        settles=facts.get(iri, "wouldSettle"),
        rows=tuple(rows),
    )


@lru_cache(maxsize=1)
def _chosen() -> dict[str, list[str]]:
    """Return the values that readings keep in each shape, in words."""
    found: dict[str, list[str]] = {}
    for definition in definitions_of():
        for reading in definition.readings:
            for p in reading.parameters:
                words = f"{p.name}: {p.value} ({reading.id})"
                known = found.setdefault(p.shape, [])
                if words not in known:
                    known.append(words)
    return found


def _qualified(site: Site, names: Names, iri: str) -> str:
    """Return the name of a criterion or reading, with its definition where it is not the first."""
    parent = names.parent(iri)
    name = names.name(iri)
    return f"{name} ({names.name(parent)})" if parent else name


def _parameters(site: Site) -> list[tuple[Shown, str, str, Shown]]:
    rows = []
    for definition in definitions_of():
        for reading in definition.readings:
            for p in reading.parameters:
                criterion = show_iri(site, p.criterion) if p.criterion else Shown("")
                rows.append((criterion, p.name, p.value, show_iri(site, reading.iri)))
    return rows
