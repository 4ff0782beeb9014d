"""Counts of the uses of each term of the vocabulary in the packaged data, with one place each."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple, cast

from k20kg.disk_cache import cached_on_disk
from k20kg.sparql.store import open_packaged
from k20kg.vocabulary import shorten

_USES: Final = """
SELECT ?term (COUNT(*) AS ?times) (MIN(CONCAT(?rank, STR(?s), "\t", ?rest)) AS ?first) {
  { ?s a ?term BIND("" AS ?rest) }
  UNION { ?s ?term ?o BIND(CONCAT(STR(?term), "\t", IF(isBlank(?o), "…", STR(?o))) AS ?rest) }
  UNION {
    ?term a skos:Concept . ?s ?p ?term . MINUS { ?s a skos:ConceptScheme }
    BIND(CONCAT(STR(?p), "\t", STR(?term)) AS ?rest)
  }
  FILTER(isIRI(?s))
  BIND(IF(STRSTARTS(STR(?s), "https://w3id.org/k20kg/case/lamsig"), "0", "1") AS ?rank)
} GROUP BY ?term"""
_LONGEST: Final = 120


class Use(NamedTuple):
    """Statements in which a term stands: as class, property or value; and the first of them."""

    times: int
    example: str


@cache
def usage() -> dict[str, Use]:
    """Return how each term is used, by IRI; one that is not used is left out."""
    return {iri: Use(*use) for iri, use in cached_on_disk("usage", _count, "data").items()}


def _count() -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for term, times, first in cast("Any", open_packaged().select(_USES)).rows:
        said = " ".join(shorten(part) for part in first.value[1:].split("\t") if part)
        said = said if len(said) <= _LONGEST else f"{said[:_LONGEST]} …"
        found[term.value] = (int(times.value), " ".join(said.split()))
    return found
