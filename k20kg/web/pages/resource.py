"""The page of any thing: what is said of it and by whom, what refers to it, how to reuse it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import pyoxigraph as ox

from k20kg.bibliography import render_bibtex
from k20kg.rdf.graph import str_of
from k20kg.vocabulary import BASE, DCTERMS, K20, RDFS, SKOS
from k20kg.web.dataset import Dataset
from k20kg.web.http.formats import FORMATS
from k20kg.web.linkeddata.documents import licensed
from k20kg.web.pages import Site
from k20kg.web.pages.names import Names, Shown, local
from k20kg.web.pages.rows import Answered, ask
from k20kg.web.pages.wording import upper_first
from k20kg.web.serializer import write

_DESCRIBED: Final = (SKOS + "definition", RDFS + "comment", K20 + "statement", DCTERMS + "abstract")
_MOST_TRIPLES: Final = 400
_SCHEMA: Final = "https://schema.org/"


def page(site: Site, iri: str) -> str:
    """Return the page of a thing; for one of which nothing is said it says so."""
    names = site.names
    kinds = [k for k in names.kinds(iri) if k.startswith(BASE)] or names.kinds(iri)
    beside = names.siblings(iri) if iri in names.ours else []
    at = beside.index(iri) if len(beside) > 1 else -1
    name, kind = names.name(iri), names.kind(iri)
    told = next((v for p in _DESCRIBED if (v := names.value(iri, p))), "")
    referring = ask(site.dataset, "what-refers-to-a-thing", thing=iri)
    alike = (names.reach(kind, "rdfs:subClassOf*/skos:closeMatch") for kind in kinds)
    matches = [str_of(term) for found in alike for term in found]  # as the alignments have them
    choices = ask(site.dataset, "what-does-each-reading-choose")
    return site.render(
        "resource.html",
        iri=iri,
        name=name,
        kinds=[names.link(kind, upper_first(names.label(kind) or local(kind))) for kind in kinds],
        parent=names.link(above) if (above := names.parent(iri)) else None,
        told=told,
        crumbs=_crumbs(site, iri),
        choices=[c for c in choices if iri in (c["reading"].iri, c["criterion"].iri)],
        asked_choices=choices,
        statements=len(list(names.store.quads_for_pattern(None, None, None, ox.NamedNode(iri)))),
        referring=referring,
        referrers=_referrers(names, referring),
        turtle=_turtle(names, iri),
        licensed=licensed(site.dataset, iri),
        bibtex=_bibtex(site.dataset).get(local(iri), "") if K20 + "Work" in kinds else "",
        prev=names.link(beside[at - 1]) if at > 0 else None,
        next=names.link(beside[at + 1]) if 0 <= at < len(beside) - 1 else None,
        family=kind,
        schema_type=next((local(one) for one in matches if one.startswith(_SCHEMA)), "Thing"),
    )


def _crumbs(site: Site, iri: str) -> list[tuple[str, str]]:
    """Return the things in whose address this one lies, outermost first, as links."""
    steps: list[tuple[str, str]] = []
    above = iri
    while above := site.names.parent(above):
        steps.insert(0, (site.links.page(above), site.names.name(above)))
    if iri.startswith(BASE + "case/"):
        steps.insert(0, (site.links.page("/cases"), "Cases"))
    return steps


def _referrers(names: Names, answer: Answered) -> list[tuple[Shown, str, list[Shown]]]:
    """Return property, class and things: what refers to a thing, by name."""
    found: dict[tuple[str, str], list[Shown]] = {}
    properties = {row["property"].iri: row["property"] for row in answer}
    for row in answer:
        kind = names.kind(row["referrer"].iri)
        found.setdefault((row["property"].iri, kind), []).append(row["referrer"])
    return [
        (properties[prop], kind, sorted(things, key=lambda one: names.by_name(one.iri)))
        for (prop, kind), things in sorted(found.items())
    ]


def _turtle(names: Names, iri: str) -> list[str]:
    """Return the lines of what is said of a thing as Turtle."""
    found = names.store.quads_for_pattern(ox.NamedNode(iri), None, None, None)
    triples = dict.fromkeys(q.triple for q in found if not isinstance(q.object, ox.BlankNode))
    if not triples:
        return [f"# Nothing is said of <{iri}>."]
    kept = [ox.Quad(*triple) for triple in sorted(triples, key=str)[:_MOST_TRIPLES]]
    text = write(kept, FORMATS[0], topic=iri).decode().rstrip()
    if len(triples) > len(kept):
        text += f"\n# … and {len(triples) - len(kept)} more statements"
    return text.split("\n")


@lru_cache(maxsize=2)
def _bibtex(dataset: Dataset) -> Mapping[str, str]:
    """Return the BibTeX entry of each work by its key."""
    entries = re.split(r"(?m)^(?=@\w+\{)", render_bibtex(dataset.store))
    return {
        found[1]: entry.strip()
        for entry in entries
        if (found := re.match(r"@\w+\{([^,]+),", entry))
    }
