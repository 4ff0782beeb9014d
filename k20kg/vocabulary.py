"""IRIs, prefixes, and where the packaged ontology, shapes, queries and data lie."""

from __future__ import annotations

from pathlib import Path

BASE = "https://w3id.org/k20kg/"
K20 = BASE + "ontology#"
KS = BASE + "shapes#"
SH = "http://www.w3.org/ns/shacl#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"

VERDICTS = BASE + "data/verdicts"
"""The graph of the verdicts that the tool computes for the cases."""

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
"""Of the data that come with the tool: LICENSE-DATA."""

NO_RECORDS = tuple(
    BASE + path
    for path in ("ontology", "shapes", "data/literature/", "data/context.ttl", "data/verdicts")
)
"""Beginnings of the names of published graphs that belong to no case."""

PREFIXES: dict[str, str] = {
    "k20": K20,
    "ks": KS,
    "sh": SH,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": RDFS,
    "skos": SKOS,
    "dcterms": DCTERMS,
    "prov": PROV,
    "owl": OWL,
    "xsd": XSD,
    "org": "http://www.w3.org/ns/org#",
    "bibo": "http://purl.org/ontology/bibo/",
    "cito": "http://purl.org/spar/cito/",
    "fabio": "http://purl.org/spar/fabio/",
}


def packaged(*parts: str) -> Path:
    """Return a path in the packaged `ontology`, `shapes`, `queries` or `data` folder.

    In an installed wheel they lie beside the code; in a checkout at the top level.
    """
    here = Path(__file__).parent
    inside = here / "packaged"
    return (inside if inside.is_dir() else here.parent).joinpath(*parts)


def shorten(iri: str) -> str:
    """Return an IRI the way people write it.

    >>> shorten("https://w3id.org/k20kg/case/lamsig/goal/5")
    'case/lamsig/goal/5'
    >>> shorten("https://w3id.org/k20kg/ontology#Task")
    'k20:Task'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri.removeprefix(BASE)
