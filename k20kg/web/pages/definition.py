"""The page of a definition: phrase by phrase, what each criterion asks, and how readings differ."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from k20kg.definition.compiled import Plan, plan
from k20kg.definition.shipped import DEFAULT_DEFINITION
from k20kg.model import Criterion, Definition
from k20kg.vocabulary import BASE, SKOS
from k20kg.web.http.formats import FORMATS
from k20kg.web.pages import Site
from k20kg.web.pages.cases import definitions_of, phrases_of
from k20kg.web.pages.front import source_of
from k20kg.web.pages.names import names_of
from k20kg.web.pages.wording import reading_words

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset


def page(site: Site, iri: str = f"{BASE}definition/{DEFAULT_DEFINITION}") -> str:
    """Return the page of a definition; one that cases are not judged by is a thing like others."""
    if all(known.iri != iri for known in definitions_of()):
        from k20kg.web.pages import resource

        return resource.page(site, iri)
    return site.render(
        "definition.html", here="/definition", iri=iri, formats=FORMATS, **_model(site.dataset, iri)
    )


class _Choice(NamedTuple):
    """One parameter, and under each reading its value with the shape that holds it."""

    criterion: str
    name: str
    values: list[tuple[str, str]]

    @property
    def same(self) -> bool:
        """Whether all readings choose alike."""
        return len({value for value, _ in self.values}) == 1


@lru_cache(maxsize=16)
def _model(dataset: Dataset, iri: str) -> dict[str, Any]:
    definition = next(d for d in definitions_of() if d.iri == iri)
    names = names_of(dataset)
    tests = plan(definition.id, ())
    return {
        "title": f"What a {definition.affirmed} is",
        "jsonld": _schema(definition, names.value(iri, SKOS + "definition")),
        "description": f"{definition.label}, phrase by phrase: what each criterion asks, what "
        "counts, what it shuts out, and how readings differ.",
        "definition": definition,
        "source": source_of(names, definition),
        "phrases": phrases_of(names, definition),
        "against": {c.iri: _against(definition, c, tests) for c in definition.criteria},
        "shapes": {c.iri: _shapes(definition, c, tests) for c in definition.criteria},
        "choices": _choices(definition),
        "others": [other for other in definitions_of() if other.iri != iri],
        "is_default": definition.id == DEFAULT_DEFINITION,
    }


def _schema(definition: Definition, text: str) -> str:
    """Return the definition in the words of schema.org."""
    terms = [
        {
            "@type": "DefinedTerm",
            "@id": c.iri,
            "termCode": c.code,
            "name": c.label,
            "description": c.definition,
        }
        for c in definition.criteria
    ]
    told = {
        "@context": "https://schema.org",
        "@type": "DefinedTermSet",
        "@id": definition.iri,
        "name": definition.label,
        "description": text,
        "hasDefinedTerm": terms,
    }
    return json.dumps(told, ensure_ascii=False)


def _against(definition: Definition, criterion: Criterion, how: Plan) -> list[tuple[str, str]]:
    """Return what speaks against a criterion, with the readings that it does so under."""
    under: dict[str, set[str]] = {}
    for test in how.tests:
        if test.criterion == criterion.iri and test.counter:
            for message in [r.message for r in test.requirements] or [test.message]:
                under.setdefault(message, set()).update(test.readings)
    return [(said, _under(definition, frozenset(rs))) for said, rs in under.items() if said]


def _shapes(definition: Definition, criterion: Criterion, how: Plan) -> list[tuple[str, str, str]]:
    """Return the shapes that test a criterion: ``for`` or ``against``, IRI, readings."""
    tests = [test for test in how.tests if test.criterion == criterion.iri]
    return [
        ("against" if t.counter else "for", t.shape, _under(definition, t.readings))
        for t in sorted(tests, key=lambda t: (t.counter, t.shape))
    ]


def _under(definition: Definition, readings: frozenset[str]) -> str:
    """Return the names of readings; nothing where they are all that the definition has."""
    names = [reading_words(r) for r in definition.readings if r.iri in readings]
    return "" if len(names) == len(definition.readings) else ", ".join(names)


def _choices(definition: Definition) -> list[_Choice]:
    """Return each parameter once, in the order of the criteria."""
    codes = {c.iri: c.code for c in definition.criteria}
    rows: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for reading in definition.readings:
        for p in reading.parameters:
            row = rows.setdefault((codes.get(p.criterion, ""), p.name), {})
            row[reading.iri] = (p.value, p.shape)
    return [
        _Choice(code, name, [row.get(r.iri, ("no such choice", "")) for r in definition.readings])
        for (code, name), row in sorted(rows.items(), key=lambda r: r[0][0])
    ]
