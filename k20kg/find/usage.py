"""Counts of the uses of each term of the vocabulary in the packaged data, with one place each."""

from __future__ import annotations

from functools import cache
from textwrap import shorten as shortened
from typing import Final, NamedTuple

import pyoxigraph as ox

from k20kg.disk_cache import kept
from k20kg.sources.terms import vocabulary
from k20kg.sparql.store import open_packaged
from k20kg.vocabulary import BASE, OWL, RDF_TYPE, shorten

_FIRST: Final = BASE + "case/lamsig"
"""Examples are taken from below here where there are any."""
_LONGEST: Final = 120


class Use(NamedTuple):
    """Statements in which a term stands: as a class, a property or a value."""

    times: int
    example: str
    """One of them, as people write it."""


@cache
def usage() -> dict[str, Use]:
    """Return how each term is used, by IRI; terms that are not used are left out.

    A class counts its instances, a property its statements, a value the statements that name it;
    what the ontology says of its own terms counts for properties alone.
    """
    return {iri: Use(*use) for iri, use in kept("usage", _count, "data").items()}


def _count() -> dict[str, tuple[int, str]]:
    classes = set(vocabulary().of_type(OWL + "Class"))
    counts: dict[str, int] = {}
    best: dict[str, tuple[bool, str]] = {}
    quads = open_packaged().raw.quads_for_pattern(None, None, None, None)
    seen: dict[ox.Triple, bool] = {}
    for quad in quads:
        ontology = str(quad.graph_name).startswith(f"<{BASE}ontology")
        seen[quad.triple] = seen.get(quad.triple, True) and ontology
    for triple, ontology in seen.items():
        subject, value = (getattr(t, "value", "") for t in (triple.subject, triple.object))
        is_a = triple.predicate.value == RDF_TYPE
        terms = [triple.predicate.value]
        if (
            not ontology
            and isinstance(triple.object, ox.NamedNode)
            and (is_a or value not in classes)
        ):
            terms.append(value)
        if not isinstance(triple.subject, ox.NamedNode):
            subject = "…"
        said = f'"{value}"' if isinstance(triple.object, ox.Literal) else shorten(value) or "…"
        whole = shorten(subject) if is_a else f"{shorten(subject)} {shorten(terms[0])} {said}"
        rank = (not subject.startswith(_FIRST), shortened(whole, _LONGEST, placeholder=" …"))
        for term in terms:
            counts[term] = counts.get(term, 0) + 1
            best[term] = min(best.get(term, rank), rank)
    return {term: (count, best[term][1]) for term, count in counts.items()}
