"""What a reader takes along from the page of a thing: Turtle, a citation, BibTeX, schema.org."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.bibliography import render_bibtex
from k20kg.vocabulary import DCTERMS, K20, PREFIXES, RDF_TYPE, RDFS, SKOS
from k20kg.web.pages.facts import local
from k20kg.web.pages.terms import Names

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

__all__ = ["bibtex_of", "citation_of", "description_of", "schema_of", "turtle_of"]

_DESCRIBED: Final = (SKOS + "definition", RDFS + "comment", K20 + "statement", DCTERMS + "abstract")
_MOST_TRIPLES: Final = 400


def description_of(names: Names, iri: str) -> str:
    """Return what a thing is, in the first words that say it; "" if none do."""
    return next((v for p in _DESCRIBED if (v := names.facts.value(iri, p))), "")


def turtle_of(dataset: Dataset, iri: str) -> str:
    """Return what is said of a thing as Turtle, with only the prefixes that it needs."""
    triples = {
        quad.triple
        for quad in dataset.store.quads_for_pattern(ox.NamedNode(iri), None, None, None)
        if not isinstance(quad.object, ox.BlankNode)
    }
    if not triples:
        return f"# Nothing is said of <{iri}>."
    ordered = sorted(triples, key=lambda t: (t.predicate.value != RDF_TYPE, str(t)))
    kept = ordered[:_MOST_TRIPLES]
    data = ox.serialize(kept, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    assert data is not None
    text = _spread(data.decode())
    left = len(ordered) - len(kept)
    return text + (f"# … and {left} more statements\n" if left else "")


def _spread(text: str) -> str:
    """Return Turtle with one property a line and with the prefixes that it uses."""
    head, _, body = text.partition("\n<")
    if not body:
        return text
    body = body.replace(" ;\n\t", " ;\n    ").replace("\n\t", "\n    ")
    needed = [
        line for line in head.splitlines() if re.search(rf"(?<![\w<]){line.split()[1]}\w", body)
    ]
    return "\n".join([*needed, "", f"<{body}"])


def citation_of(site: Site, names: Names, iri: str) -> str:
    return f"k20kg {site.dataset.version}: {names.name(iri)}. {site.links.absolute(iri)}"


@lru_cache(maxsize=2)
def bibtex_of(dataset: Dataset) -> Mapping[str, str]:
    """Return the BibTeX entry of each work by its key."""
    text = render_bibtex(dataset.store)
    entries = re.split(r"(?m)^(?=@\w+\{)", text)
    return {
        found[1]: entry.strip()
        for entry in entries
        if (found := re.match(r"@\w+\{([^,]+),", entry))
    }


_TYPES: Final = {
    "Work": "CreativeWork",
    "Organization": "Organization",
    "University": "CollegeOrUniversity",
    "K12SchoolDistrict": "Organization",
    "Company": "Organization",
    "GovernmentAgency": "GovernmentOrganization",
    "NonprofitOrganization": "Organization",
    "Person": "Person",
    "SourceDocument": "CreativeWork",
}


def schema_of(site: Site, names: Names, iri: str) -> str:
    """Return the thing in the words of schema.org."""
    kinds = [local(kind) for kind in names.kinds(iri)]
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": iri,
        "@type": next((_TYPES[kind] for kind in kinds if kind in _TYPES), "Thing"),
        "name": names.name(iri),
        "url": site.links.absolute(iri),
    }
    if told := description_of(names, iri):
        said["description"] = told
    return json.dumps(said, ensure_ascii=False, sort_keys=True)
