"""Where the sources say what a record says: places in words, and the evidence behind a thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from k20kg.model import Evidence
from k20kg.rdf.graph import key
from k20kg.report.wording import list_places, place
from k20kg.vocabulary import BASE
from k20kg.web.pages.terms import Names, Shown

DIRECTIONS: Final = {
    "evidencedBy": "supports",
    "disputedBy": "disputes",
    "leftOpenBy": "leaves open",
    "hasEvidence": "bears on it",
}
"""Property of ours that leads to evidence items → what they do to the thing."""


def _item(names: Names, iri: str) -> Evidence:
    """Return an evidence item as reports know it."""
    source = names.get(iri, "source")
    short = source.removeprefix(BASE + "source/")
    return Evidence(
        iri=iri,
        record="",
        record_label="",
        statement=names.get(iri, "statement"),
        source=short if short != source else names.name(source),
        locator=names.get(iri, "locator"),
        method="",
        direction="",
    )


def _behind(names: Names, record: Shown | str) -> Iterator[Evidence]:
    iri = record if isinstance(record, str) else record.iri
    for term in names.reach(iri, *list(DIRECTIONS)[:3]):
        yield _item(names, key(term))


def placed(names: Names, item: Shown) -> str:
    """Return where an evidence item lies: ``paper 6.1, Chart 3, row 5, line 307``."""
    return place(_item(names, item.iri))


def cited(names: Names, record: Shown | str) -> str:
    """Return where the sources say what a record says, supporting places first."""
    return "; ".join(dict.fromkeys(place(item) for item in _behind(names, record)))


def places(names: Names, records: Iterable[Shown]) -> str:
    """Return the sections and charts that many records rest on."""
    return list_places(item for record in records for item in _behind(names, record))
