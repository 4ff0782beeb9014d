"""The page of a definition: phrase by phrase, what each criterion asks, and how readings differ."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from k20kg.definition.cached import compiled_definition
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.model import Definition
from k20kg.vocabulary import BASE
from k20kg.web.pages import Site, resource
from k20kg.web.pages.cases import definitions_of, phrases_of
from k20kg.web.pages.front import source_of
from k20kg.web.pages.wording import reading_words

_DEFAULT: Final = f"{BASE}definition/{DEFAULT_DEFINITION}"


def page(site: Site, iri: str = _DEFAULT) -> str:
    """Return the page of a definition; one that cases are not judged by is a thing like others."""
    definition = next((known for known in definitions_of() if known.iri == iri), None)
    if definition is None:
        return resource.page(site, iri)
    against, shapes = _tests(definition)
    return site.render(
        "definition.html",
        iri=iri,
        definition=definition,
        source=source_of(site.names, definition),
        phrases=phrases_of(site.names, definition),
        against=against,
        shapes=shapes,
        others=len(definitions_of()) - 1,
        is_default=definition.id == DEFAULT_DEFINITION,
    )


@lru_cache(maxsize=16)
def _tests(
    definition: Definition,
) -> tuple[dict[str, list[tuple[str, str]]], dict[str, list[tuple[str, str, str]]]]:
    """Return for each criterion what speaks against it, and the shapes that test it.

    The first with the readings that it does so under; of a shape, whether it is ``for`` or
    ``against``, its IRI and its readings.
    """
    against: dict[str, dict[str, set[str]]] = {c.iri: {} for c in definition.criteria}
    shapes: dict[str, list[tuple[str, str, str]]] = {c.iri: [] for c in definition.criteria}
    for test in sorted(
        compiled_definition(definition.id, ()).tests, key=lambda t: (t.counter, t.shape)
    ):
        side = "against" if test.counter else "for"
        shapes[test.criterion].append((side, test.shape, _under(definition, test.readings)))
        for message in [r.message for r in test.requirements] or [test.message]:
            if test.counter and message:
                against[test.criterion].setdefault(message, set()).update(test.readings)
    return {
        criterion: [(said, _under(definition, frozenset(rs))) for said, rs in found.items()]
        for criterion, found in against.items()
    }, shapes


def _under(definition: Definition, readings: frozenset[str]) -> str:
    """Return the names of readings; nothing where they are all that the definition has."""
    names = [reading_words(r) for r in definition.readings if r.iri in readings]
    return "" if len(names) == len(definition.readings) else ", ".join(names)
