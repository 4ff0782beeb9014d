"""What there is to say of a term of the vocabulary: what it means, where it stands, its values."""

from __future__ import annotations

from collections.abc import Iterator

from k20kg.rdf.graph import Graph
from k20kg.sources.terms import ontology
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SKOS, shorten

_KINDS = {
    OWL + "Class": "class",
    OWL + "ObjectProperty": "property",
    OWL + "DatatypeProperty": "property",
    OWL + "AnnotationProperty": "annotation",
    SKOS + "Concept": "value",
}


def term_named(name: str) -> str:
    """Return the IRI of the term with this local name, with or without ``k20:``; else ""."""
    iri = K20 + name.removeprefix(K20).removeprefix("k20:")
    return iri if iri in ontology() else ""


def near_term(name: str) -> str:
    """Return the term whose name is most like this one, as people write it; "" for none."""
    import difflib

    from k20kg.rdf.addresses import declared_terms

    local = name.removeprefix(K20).removeprefix("k20:")
    near = difflib.get_close_matches(local, declared_terms(), n=1, cutoff=0.6)
    return f"k20:{near[0]}" if near else ""


def said_of_term(iri: str) -> Iterator[tuple[str, str]]:
    """Yield what is said of a term, each under a heading."""
    terms = ontology()
    types = terms.values(iri, RDF_TYPE)
    kind = next((_KINDS[t] for t in types if t in _KINDS), "term")
    yield kind, f"{shorten(iri)} ({terms.label(iri)})"
    for heading, name in (("means", "definition"), ("example", "example"), ("note", "scopeNote")):
        for words in terms.values(iri, SKOS + name):
            yield heading, words
    for heading, name in (("stands on", RDFS + "domain"), ("leads to", RDFS + "range")):
        whole = [d for d in terms.values(iri, name) if d != SKOS + "Concept"]
        yield heading, _listed(c for d in whole for c in [*terms.items(d, OWL + "unionOf")] or [d])
    if OWL + "FunctionalProperty" in types:
        yield "how often", "once at most"
    yield from _values(terms, iri)
    yield "kind of", _listed(terms.values(iri, RDFS + "subClassOf"))
    yield "reached by", _listed(terms.values(iri, K20 + "reachedBy"))
    yield "closed by", _listed(terms.subjects(K20 + "closes", iri))
    yield "closes", _listed(terms.values(iri, K20 + "closes"))
    for scheme in terms.values(iri, SKOS + "inScheme"):
        yield "value of", _listed(terms.subjects(K20 + "valuesFrom", scheme))
    yield "source", "; ".join(terms.values(iri, "http://purl.org/dc/terms/source"))


def _values(terms: Graph, iri: str) -> Iterator[tuple[str, str]]:
    for scheme in terms.values(iri, K20 + "valuesFrom"):
        for concept in terms.values(scheme, SKOS + "hasTopConcept"):
            yield "value", f"{shorten(concept)}: {terms.value(concept, SKOS + 'definition')}"
        for counts in terms.values(scheme, K20 + "ownConcept"):
            own = "a concept of your own, in your namespace and with skos:prefLabel or rdfs:label."
            yield "or", f"{own} {counts}"


def _listed(names: Iterator[str] | list[str]) -> str:
    return ", ".join(shorten(name) for name in names if not name.startswith("_:"))
