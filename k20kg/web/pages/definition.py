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
from k20kg.web.pages import Site, reading_words
from k20kg.web.pages.facts import choices_of, definitions_of, source_of
from k20kg.web.pages.terms import Names, names_of

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


class Phrase(NamedTuple):
    """One phrase with its criteria."""

    order: int
    label: str
    text: str
    criteria: list[Criterion]


class _Tested(NamedTuple):
    """How a criterion is tested: shapes for and against, by reading."""

    against: list[tuple[str, str]]
    """What speaks against it, with the readings that it does so under; none where all."""
    shapes: list[tuple[str, str, str]]
    """``against`` or ``for``, IRI and readings of each shape."""


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
    choices = _choices(definition)
    tests = plan(definition.id, ())
    return {
        "title": f"What a {definition.affirmed} is",
        "jsonld": _schema(definition, names.value(iri, SKOS + "definition")),
        "description": f"{definition.label}, phrase by phrase: what each criterion asks, what "
        "counts, what it shuts out, and how readings differ.",
        "definition": definition,
        "source": source_of(dataset, definition),
        "phrases": phrases_of(names, definition),
        "tested": {c.iri: _tested(definition, c, tests) for c in definition.criteria},
        "choices": choices,
        "others": [other for other in definitions_of() if other.iri != iri],
        "is_default": definition.id == DEFAULT_DEFINITION,
    }


def _schema(definition: Definition, text: str) -> str:
    """Return the definition in the words of schema.org."""
    told = {
        "@context": "https://schema.org",
        "@type": "DefinedTermSet",
        "@id": definition.iri,
        "name": definition.label,
        "description": text,
        "hasDefinedTerm": [
            {
                "@type": "DefinedTerm",
                "@id": c.iri,
                "termCode": c.code,
                "name": c.label,
                "description": c.definition,
            }
            for c in definition.criteria
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def phrases_of(names: Names, definition: Definition) -> list[Phrase]:
    """Return the phrases of a definition in order, each with its criteria."""
    labels = {names.get(p, "order"): names.name(p) for p in names.all(definition.iri, "hasPhrase")}
    found: dict[int, list[Criterion]] = {}
    for criterion in definition.criteria:
        found.setdefault(criterion.phrase_order, []).append(criterion)
    return [
        Phrase(order, labels.get(str(order), ""), criteria[0].phrase, criteria)
        for order, criteria in sorted(found.items())
    ]


def _tested(definition: Definition, criterion: Criterion, how: Plan) -> _Tested:
    against: dict[str, set[str]] = {}
    shapes = []
    for test in how.tests:
        if test.criterion != criterion.iri:
            continue
        side = "against" if test.counter else "for"
        shapes.append((side, test.shape, _under(definition, test.readings)))
        for message in [r.message for r in test.requirements] or [test.message]:
            if test.counter and message:
                against.setdefault(message, set()).update(test.readings)
    told = [(text, _under(definition, frozenset(under))) for text, under in against.items()]
    return _Tested(told, sorted(shapes, key=lambda s: (s[0] != "for", s[1])))


def _under(definition: Definition, readings: frozenset[str]) -> str:
    """Return the names of readings; nothing where they are all that the definition has."""
    names = [reading_words(r) for r in definition.readings if r.iri in readings]
    return "" if len(names) == len(definition.readings) else ", ".join(names)


def _choices(definition: Definition) -> list[_Choice]:
    """Return each parameter once, in the order of the criteria."""
    codes = {c.iri: c.code for c in definition.criteria}
    rows: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for of, reading, parameter in choices_of():
        if of is definition:
            row = rows.setdefault((codes.get(parameter.criterion, ""), parameter.name), {})
            row[reading.iri] = (parameter.value, parameter.shape)
    return [
        _Choice(code, name, [row.get(r.iri, ("no such choice", "")) for r in definition.readings])
        for (code, name), row in sorted(rows.items(), key=lambda r: r[0][0])
    ]
