"""The page of a definition: phrase by phrase, what each criterion asks, and how readings differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from k20kg.definitions import Plan, Test, plan
from k20kg.definitions.files import DEFAULT_DEFINITION
from k20kg.model import Criterion, Definition, Verdict
from k20kg.vocabulary import BASE, DCTERMS, K20, RDFS, SKOS
from k20kg.web.formats import FORMATS
from k20kg.web.pages import Site, reading_words
from k20kg.web.pages.facts import Facts, definitions_of, facts_of, source_of
from k20kg.web.pages.record import Named, named

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["page"]

_NEVER_DECISIVE = BASE + "note-kind/never-decisive"


def page(site: Site, iri: str = f"{BASE}definition/{DEFAULT_DEFINITION}") -> str:
    """Return the page of a definition; one that cases are not judged by is a thing like others."""
    if all(known.iri != iri for known in definitions_of()):
        from k20kg.web.pages import resource

        return resource.page(site, iri)
    return site.render(
        "definition.html", here="/definition", iri=iri, formats=FORMATS, **_model(site.dataset, iri)
    )


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One phrase with its criteria, and what all of them leave outside."""

    order: int
    label: str
    text: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class _Tested:
    """How a criterion is tested: shapes for and against, by reading."""

    against: tuple[tuple[str, str], ...]
    """What speaks against it, with the readings that it does so under; none where all."""
    shapes: tuple[tuple[Named, str, str], ...]
    """Each shape, whether it is for or against, and its readings."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """One parameter with its value under each reading, and the shape that holds each."""

    criterion: str
    name: str
    values: tuple[str, ...]
    shapes: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether all readings choose alike."""
        return len(set(self.values)) == 1


@lru_cache(maxsize=16)
def _model(dataset: Dataset, iri: str) -> dict[str, Any]:
    definition = next(d for d in definitions_of() if d.iri == iri)
    facts = facts_of(dataset)
    source = source_of(dataset, definition)
    choices = _choices(definition)
    return {
        "title": f"What a {definition.affirmed} is",
        "jsonld": _schema(facts, definition),
        "description": f"{definition.label}, phrase by phrase: what each criterion asks, what "
        "counts, what it shuts out, and how readings differ.",
        "definition": definition,
        "text": facts.value(iri, SKOS + "definition"),
        "place": facts.value(iri, DCTERMS + "source"),
        "source": (source, facts.value(source, DCTERMS + "title") or facts.label(source))
        if source and facts.value(source, RDFS + "label")
        else None,
        "phrases": _phrases(facts, definition),
        "tested": {
            c.iri: _tested(definition, c, plan(definition.id, ())) for c in definition.criteria
        },
        "owl": {
            c.iri: (
                [named(facts, k) for k in facts.all(c.iri, "expressedBy")],
                facts.get(c.iri, "owlNote"),
            )
            for c in definition.criteria
        },
        "choices": choices,
        "differing": {
            c.iri: [one for one in choices if one.criterion == c.code and not one.same]
            for c in definition.criteria
        },
        "rule": facts.get(iri, "verdictRule"),
        "truth": _truth(facts),
        "decides": _decides(facts),
        "notes": [
            (named(facts, n), facts.value(n, RDFS + "comment"))
            for n in facts.subjects(K20 + "regards", iri)
            if _NEVER_DECISIVE in facts.all(n, "noteKind")
        ],
        "others": [
            (d, facts.value(d.iri, SKOS + "definition")) for d in definitions_of() if d.iri != iri
        ],
        "is_default": definition.id == DEFAULT_DEFINITION,
    }


def _schema(facts: Facts, definition: Definition) -> str:
    """Return the definition in the words of schema.org."""
    told = {
        "@context": "https://schema.org",
        "@type": "DefinedTermSet",
        "@id": definition.iri,
        "name": definition.label,
        "description": facts.value(definition.iri, SKOS + "definition"),
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


def _phrases(facts: Facts, definition: Definition) -> list[_Phrase]:
    labels = {
        int(facts.get(p, "order", "0")): facts.label(p)
        for p in facts.all(definition.iri, "hasPhrase")
    }
    found: dict[int, list[Criterion]] = {}
    for criterion in definition.criteria:
        found.setdefault(criterion.phrase_order, []).append(criterion)
    return [
        _Phrase(order, labels.get(order, ""), criteria[0].phrase, tuple(criteria))
        for order, criteria in sorted(found.items())
    ]


def _tested(definition: Definition, criterion: Criterion, how: Plan) -> _Tested:
    against: dict[str, set[str]] = {}
    shapes = []
    for test in how.tests:
        if test.criterion != criterion.iri:
            continue
        shapes.append(
            (
                (test.shape, test.shape.rpartition("#")[2]),
                _side(test),
                _under(definition, test.readings),
            )
        )
        if test.counter:
            for message in dict.fromkeys([r.message for r in test.requirements] or [test.message]):
                if message:
                    against.setdefault(message, set()).update(test.readings)
    return _Tested(
        tuple((text, _under(definition, frozenset(under))) for text, under in against.items()),
        tuple(sorted(shapes, key=lambda s: (s[1] != "for", s[0][1]))),
    )


def _side(test: Test) -> str:
    return "against" if test.counter else "for"


def _under(definition: Definition, readings: frozenset[str]) -> str:
    """Return the names of readings; nothing where they are all that the definition has."""
    names = [reading_words(r) for r in definition.readings if r.iri in readings]
    return "" if len(names) == len(definition.readings) else ", ".join(names)


def _choices(definition: Definition) -> list[_Choice]:
    """Return each parameter once, in the order of the criteria."""
    codes = {c.iri: c.code for c in definition.criteria}
    rows: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
    for reading in definition.readings:
        for parameter in reading.parameters:
            row = rows.setdefault((codes.get(parameter.criterion, ""), parameter.name), {})
            row[reading.iri] = (parameter.value, parameter.shape)
    return [
        _Choice(
            code,
            name,
            tuple(row.get(r.iri, ("no such choice", ""))[0] for r in definition.readings),
            tuple(row.get(r.iri, ("", ""))[1] for r in definition.readings),
        )
        for (code, name), row in sorted(rows.items(), key=lambda r: r[0][0])
    ]


def _truth(facts: Facts) -> dict[tuple[bool, bool], tuple[Verdict, str]]:
    """Return the verdict, with its meaning, for support or none and counter-evidence or none."""
    found = {}
    for iri in facts.of_type(K20 + "Verdict"):
        if facts.get(iri, "givenSupport"):
            given = (
                facts.get(iri, "givenSupport") == "true",
                facts.get(iri, "givenCounter") == "true",
            )
            found[given] = (Verdict(facts.label(iri)), facts.value(iri, SKOS + "definition"))
    return found


def _decides(facts: Facts) -> list[Verdict]:
    """Return the verdicts in the order in which they decide the whole."""
    ranked = [
        (int(facts.get(iri, "precedence")), facts.label(iri))
        for iri in facts.of_type(K20 + "Verdict")
        if facts.get(iri, "precedence")
    ]
    return [Verdict(label) for _, label in sorted(ranked)]
