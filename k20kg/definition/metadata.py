"""Phrases, criteria and readings of a definition, as the ontology has them."""

from __future__ import annotations

from functools import cache

from k20kg.definition.loader import LoadedDefinition, load
from k20kg.definition.shipped import DEFAULT_DEFINITION, shipped_definitions
from k20kg.disk_cache import cached_on_disk
from k20kg.model import Criterion, Definition, Parameter, Reading
from k20kg.rdf.graph import Graph
from k20kg.vocabulary import DCTERMS, K20, SKOS


def load_definition(name: str = DEFAULT_DEFINITION) -> Definition:
    """Return a definition, with its criteria and readings in order, by id, IRI or path of a file.

    >>> [c.code for c in load_definition().criteria]
    ['1a', '1b', '2a', '2b', '2c', '2d', '2e', '3', '4']
    """
    if name in shipped_definitions():
        return cached_on_disk(f"definition-{name}", lambda: definition_of(load(name)))
    return definition_of(load(name))


@cache
def definition_of(loaded: LoadedDefinition) -> Definition:
    """Return what is stated of a loaded definition."""
    graph, iri = loaded.graph, loaded.definition
    phrases = {p: graph.value(p, SKOS + "definition") for p in graph.values(iri, K20 + "hasPhrase")}
    criteria = [_criterion(graph, c, phrases) for c in graph.values(iri, K20 + "hasCriterion")]
    readings = [_reading(graph, r, iri) for r in graph.values(iri, K20 + "usesReading")]
    return Definition(
        iri=iri,
        id=_id(iri),
        label=_label(graph, iri),
        affirmed=graph.value(iri, K20 + "affirmedAs", "affirmed"),
        denied=graph.value(iri, K20 + "deniedAs", "denied"),
        criteria=tuple(sorted(criteria, key=lambda c: c.order)),
        readings=tuple(sorted(readings, key=lambda r: r.order)),
        wording=graph.value(iri, SKOS + "definition"),
        source=graph.value(iri, DCTERMS + "source"),
    )


def _criterion(graph: Graph, iri: str, phrases: dict[str, str]) -> Criterion:
    phrase = graph.value(iri, K20 + "ofPhrase")
    return Criterion(
        iri=iri,
        id=_id(iri),
        code=graph.value(iri, K20 + "code"),
        label=_label(graph, iri),
        order=int(graph.value(iri, K20 + "order", "0")),
        phrase=phrases.get(phrase, ""),
        phrase_order=int(graph.value(phrase, K20 + "order", "0")),
        section=graph.value(iri, K20 + "section"),
        definition=graph.value(iri, SKOS + "definition"),
        indicator=graph.value(iri, K20 + "minimalIndicator"),
        shuts_out=graph.value(iri, K20 + "shutsOut"),
        counts=tuple(sorted(graph.values(iri, K20 + "countsAsEvidence"))),
        example=graph.value(iri, SKOS + "example"),
        rulings=tuple(graph.values(iri, K20 + "ruling")),
        source=graph.value(iri, DCTERMS + "source"),
    )


def _reading(graph: Graph, iri: str, definition: str) -> Reading:
    parameters = [
        Parameter(
            name=graph.value(node, K20 + "parameterName"),
            value=_parameter_value(graph, node),
            criterion=graph.value(node, K20 + "onCriterion"),
            shape=graph.value(node, K20 + "setBy"),
            through=graph.value(node, K20 + "setThrough"),
        )
        for node in graph.subjects(K20 + "ofReading", iri)
    ]
    order = {c: int(graph.value(c, K20 + "order", "0")) for c in {p.criterion for p in parameters}}
    return Reading(
        iri=iri,
        id=_id(iri),
        label=_label(graph, iri),
        definition=graph.value(iri, SKOS + "definition"),
        section=graph.value(iri, K20 + "section"),
        order=int(graph.value(iri, K20 + "order", "0")),
        assumptions=tuple(sorted(graph.values(iri, K20 + "assumes"))),
        words=graph.value(iri, K20 + "inWords"),
        words_of_own_case=graph.value(iri, K20 + "inWordsOfOwnCase"),
        parameters=tuple(sorted(parameters, key=lambda p: (order[p.criterion], p.name))),
    )


def _parameter_value(graph: Graph, node: str) -> str:
    """Return the number where it stands in the shape; for a choice, the words for it."""
    if choice := graph.value(node, K20 + "choice"):
        return choice
    through = graph.value(node, K20 + "setThrough")
    return graph.value(graph.value(node, K20 + "setBy"), through)


def _id(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1]


def _label(graph: Graph, iri: str) -> str:
    return graph.value(iri, SKOS + "prefLabel") or graph.label(iri)
