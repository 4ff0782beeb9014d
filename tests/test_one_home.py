"""Nodes that stand for one thing are matched; nodes with the same label alone are told apart."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations

from k20kg.sparql.sparql import Rows, answer
from k20kg.sparql.store import open_packaged

PREFIXES = """
PREFIX k20: <https://w3id.org/k20kg/ontology#>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""
# A made-up case shares the labels of the base that it is a patch of; a name has a node for each
# place it is printed at.
LABELLED = """
SELECT DISTINCT ?kind ?node ?label WHERE {
    GRAPH ?graph { ?node a ?kind ; rdfs:label|skos:prefLabel ?label }
    FILTER (isIRI(?node) && (?kind = skos:Concept || STRSTARTS(STR(?kind), STR(k20:))))
    FILTER (?kind NOT IN (k20:NameUse, k20:Authorship, k20:EvidenceItem))
    FILTER NOT EXISTS {
        ?record k20:synthetic true ; k20:recordOf ?group .
        FILTER (STRSTARTS(STR(?node), STR(?group)))
    }
}
"""
TOLD = """
SELECT DISTINCT ?one ?other WHERE {
    { ?one skos:exactMatch|skos:closeMatch|owl:sameAs|owl:differentFrom ?other }
    UNION { ?mapping k20:mapsFrom ?one ; k20:mapsTo ?other }
    UNION { ?one k20:standsFor ?same . ?other k20:standsFor ?same . FILTER (?one != ?other) }
}
"""


def rows_of(query: str) -> list[list[str]]:
    found = answer(open_packaged(), PREFIXES + query)
    assert isinstance(found, Rows)
    return [[getattr(term, "value", "") for term in row] for row in found.rows]


def test_no_two_nodes_of_one_kind_and_label_go_without_a_word_on_it() -> None:
    alike = defaultdict(set)
    for kind, node, label in rows_of(LABELLED):
        alike[kind, label.casefold()].add(node)
    assert len(alike) > 1000
    told = {frozenset(pair) for pair in rows_of(TOLD)}
    pairs = {frozenset(pair) for nodes in alike.values() for pair in combinations(nodes, 2)}
    assert sorted(map(sorted, pairs - told)) == []
