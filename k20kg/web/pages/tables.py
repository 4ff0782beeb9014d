"""What tables on pages are made of: titled sections, cells of words, cells of things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k20kg.web.pages.terms import Shown, show_iri

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["Cell", "Section", "link_cells", "text_cell"]

Cell = list[Shown]


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table."""

    anchor: str
    title: str
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    intro: str = ""
    tells: frozenset[str] = field(default=frozenset())
    """IRIs of the properties that need not be told again."""
    numeric: tuple[int, ...] = ()


def text_cell(words: str) -> Cell:
    """Return a cell of plain words."""
    return [Shown(words)] if words else []


def link_cells(site: Site, iris: Iterable[str]) -> Cell:
    """Return a cell of things by name."""
    return [show_iri(site, iri) for iri in iris]
