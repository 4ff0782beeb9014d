"""The page of any thing: what is said of it and by whom, what refers to it, how to reuse it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.bibliography import render_bibtex
from k20kg.vocabulary import BASE, DCTERMS, K20, PREFIXES, RDF_TYPE, RDFS, SKOS, shorten
from k20kg.web.http.formats import FORMATS
from k20kg.web.linkeddata.documents import licensed
from k20kg.web.pages import upper_first
from k20kg.web.pages.evidence import DIRECTIONS
from k20kg.web.pages.facts import choices_of
from k20kg.web.pages.highlight import lines
from k20kg.web.pages.terms import Names, Shown, local, names_of

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

_FIRST: Final = (RDF_TYPE, RDFS + "label", SKOS + "prefLabel", DCTERMS + "title", RDFS + "comment")
_DESCRIBED: Final = (SKOS + "definition", RDFS + "comment", K20 + "statement", DCTERMS + "abstract")
_MOST_VALUES: Final = 40
_MOST_REFERRERS: Final = 8
_MOST_TRIPLES: Final = 400
_ADDRESSES: Final = {
    "rorId": "https://ror.org/{}",
    "wikidataId": "https://www.wikidata.org/wiki/{}",
    "ipedsUnitId": "https://nces.ed.gov/collegenavigator/?id={}",
    "ncesLeaId": "https://nces.ed.gov/ccd/districtsearch/district_detail.asp?ID2={}",
}
"""Where the registers keep what our identifiers name."""
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
"""Our classes in the words of schema.org."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a thing with its values and the graphs that state them."""

    property: Shown
    short: str
    values: tuple[Shown, ...]
    more: int
    stated: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Referrers:
    """The things of one class that refer to a thing through one property."""

    property: Shown
    short: str
    kind: str
    things: tuple[Shown, ...]
    count: int
    query: str
    """The question that lists them all."""


def page(site: Site, iri: str) -> str:
    """Return the page of a thing; for one of which nothing is said it says so."""
    names = names_of(site.dataset)
    kinds = [k for k in names.kinds(iri) if k.startswith(BASE)] or names.kinds(iri)
    beside = names.siblings(iri) if iri in names.ours else []
    at = beside.index(iri) if len(beside) > 1 else -1
    name = names.name(iri)
    told = next((v for p in _DESCRIBED if (v := names.value(iri, p))), "")
    work = K20 + "Work" in kinds
    return site.render(
        "resource.html",
        title=f"{name} ({kind})" if (kind := names.kind(iri)) else name,
        description=f"Linked data about {name}.",
        here=_nav(iri, kinds),
        iri=iri,
        formats=FORMATS,
        name=name,
        kinds=[names.link(kind, upper_first(names.name(kind))) for kind in kinds],
        parent=names.link(above) if (above := names.parent(iri)) else None,
        told=told,
        crumbs=_crumbs(site, names, iri),
        properties=properties_of(names, iri),
        choices=[c for c in choices_of() if iri in (c.reading.iri, c.parameter.criterion)],
        statements=len(list(names.store.quads_for_pattern(None, None, None, ox.NamedNode(iri)))),
        identifiers=_identifiers(names, iri),
        evidence=_evidence(names, iri),
        referrers=_referrers(names, iri),
        turtle=lines(_turtle(names, iri)),
        licensed=licensed(site.dataset, iri),
        bibtex=_bibtex(site.dataset).get(local(iri), "") if work else "",
        prev=names.link(beside[at - 1]) if at > 0 else None,
        next=names.link(beside[at + 1]) if 0 <= at < len(beside) - 1 else None,
        family=names.kind(iri),
        jsonld=_schema(names, iri, told),
    )


def _nav(iri: str, kinds: Iterable[str]) -> str:
    """Return the entry of the navigation that a thing belongs to."""
    first = iri.removeprefix(BASE).partition("/")[0]
    literature = ("Work", "Citation", "Claim", "Passage", "Container", "PossibleWork")
    if first == "case":
        return "/cases"
    if first in ("definition", "criterion", "reading"):
        return "/definition"
    return "/literature" if any(local(kind) in literature for kind in kinds) else ""


def _crumbs(site: Site, names: Names, iri: str) -> list[tuple[str, str]]:
    """Return the things in whose address this one lies, outermost first, as links."""
    steps: list[tuple[str, str]] = []
    above = iri
    while above := names.parent(above):
        steps.insert(0, (site.links.page(above), names.name(above)))
    if iri.startswith(BASE + "case/"):
        steps.insert(0, (site.links.page("/cases"), "Cases"))
    return steps


# ---------------------------------------------------------------- what is said


def properties_of(names: Names, iri: str) -> list[Property]:
    """Return what is said of a thing, evidence apart, by property."""
    stated: dict[str, dict[Any, set[str]]] = {}
    for quad in names.store.quads_for_pattern(ox.NamedNode(iri), None, None, None):
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        values = stated.setdefault(quad.predicate.value, {})
        values.setdefault(quad.object, set()).add(graph)
    for name in DIRECTIONS:
        stated.pop(K20 + name, None)
    rows: list[Property] = []
    for predicate in sorted(stated, key=lambda p: _rank(names, p)):
        found = stated[predicate]
        ordered = sorted(found, key=lambda t: _sort(names, t))
        if predicate == RDF_TYPE:
            ordered = [ox.NamedNode(kind) for kind in names.kinds(iri)]
        graphs = sorted(set().union(*found.values()) - {""})
        rows.append(
            Property(
                names.link(predicate, _property_name(names, predicate)),
                shorten(predicate),
                tuple(names.show(term) for term in ordered[:_MOST_VALUES]),
                max(0, len(ordered) - _MOST_VALUES),
                tuple(_graph(names, graph) for graph in graphs),
            )
        )
    return rows


def _rank(names: Names, predicate: str) -> tuple[int, str]:
    if predicate in _FIRST:
        return (_FIRST.index(predicate), "")
    return (len(_FIRST), _property_name(names, predicate).lower())


def _property_name(names: Names, predicate: str) -> str:
    """Return the label of a property, else its name as words: ``cites as evidence``."""
    said = re.sub("([A-Z])", lambda found: f" {found[1].lower()}", local(predicate)).strip()
    return upper_first(names.label(predicate) or said)


def _sort(names: Names, term: Any) -> tuple[Any, ...]:
    if isinstance(term, ox.NamedNode):
        return (1, *names.by_name(term.value))
    value = getattr(term, "value", str(term))
    return (0, int(value) if re.fullmatch(r"[0-9]{1,15}", value) else 10**15, (value,))


def _graph(names: Names, graph: str) -> Shown:
    """Return a named graph the way people call it: the paper, a file."""
    if len(sources := names.values(graph, DCTERMS + "source")) == 1:
        words = local(sources[0])
        return names.link(graph, words) if graph in names else Shown(words)
    path = graph.removeprefix(BASE)
    if path == "data/verdicts":
        return Shown("worked out")
    return Shown(path.removeprefix("data/").removesuffix(".ttl").removesuffix(".trig"))


def _evidence(names: Names, iri: str) -> list[tuple[str, Shown]]:
    """Return the evidence items behind a thing with what they do, what supports it first."""
    found: dict[str, str] = {}
    for name, direction in DIRECTIONS.items():
        for item in sorted(names.all(iri, name), key=names.order):
            found.setdefault(item, direction)
    return [
        (direction, names.link(item, names.get(item, "locator")))
        for item, direction in found.items()
    ]


def _identifiers(names: Names, iri: str) -> list[tuple[str, str, str]]:
    """Return identifiers with the words for their register and where it keeps them."""
    found: list[tuple[str, str, str]] = []
    for name, address in _ADDRESSES.items():
        for value in names.all(iri, name):
            plain = value.rpartition("/")[2]
            if re.fullmatch(r"[A-Za-z0-9]{1,20}", plain):
                found.append((names.name(K20 + name), value, address.format(plain)))
    return found


# ---------------------------------------------------------------- what refers to it


def _referrers(names: Names, iri: str) -> list[Referrers]:
    groups: dict[tuple[str, str], set[str]] = {}
    for quad in names.store.quads_for_pattern(None, None, ox.NamedNode(iri), None):
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value != iri:
            subject = quad.subject.value
            kind = next(iter(names.kinds(subject)), "")
            groups.setdefault((quad.predicate.value, kind), set()).add(subject)
    return [
        Referrers(
            names.link(predicate, _property_name(names, predicate)),
            shorten(predicate),
            names.name(kind) if kind else "",
            names.links(sorted(subjects, key=names.by_name)[:_MOST_REFERRERS]),
            len(subjects),
            _listing(predicate, kind, iri) if len(subjects) > _MOST_REFERRERS else "",
        )
        for (predicate, kind), subjects in sorted(groups.items())
    ]


def _listing(predicate: str, kind: str, iri: str) -> str:
    typed = f" a <{kind}> ;" if kind else ""
    return (
        "SELECT DISTINCT ?thing ?label\n"
        f"WHERE {{\n    ?thing{typed} <{predicate}> <{iri}> .\n"
        "    OPTIONAL { ?thing rdfs:label ?label }\n}\nORDER BY ?thing"
    )


# ---------------------------------------------------------------- reuse


def _turtle(names: Names, iri: str) -> str:
    """Return what is said of a thing as Turtle, a property a line, with the prefixes in use."""
    triples = {
        quad.triple
        for quad in names.store.quads_for_pattern(ox.NamedNode(iri), None, None, None)
        if not isinstance(quad.object, ox.BlankNode)
    }
    if not triples:
        return f"# Nothing is said of <{iri}>."
    ordered = sorted(triples, key=lambda t: (t.predicate.value != RDF_TYPE, str(t)))
    kept = ordered[:_MOST_TRIPLES]
    data = ox.serialize(kept, format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    assert data is not None
    head, _, body = data.decode().partition("\n<")
    body = body.replace(" ;\n\t", " ;\n    ").replace("\n\t", "\n    ")
    needed = [
        line for line in head.splitlines() if re.search(rf"(?<![\w<]){line.split()[1]}\w", body)
    ]
    if len(ordered) > len(kept):
        body += f"# … and {len(ordered) - len(kept)} more statements\n"
    return "\n".join([*needed, "", f"<{body}"])


@lru_cache(maxsize=2)
def _bibtex(dataset: Dataset) -> Mapping[str, str]:
    """Return the BibTeX entry of each work by its key."""
    entries = re.split(r"(?m)^(?=@\w+\{)", render_bibtex(dataset.store))
    return {
        found[1]: entry.strip()
        for entry in entries
        if (found := re.match(r"@\w+\{([^,]+),", entry))
    }


def _schema(names: Names, iri: str, told: str) -> str:
    """Return the thing in the words of schema.org."""
    kinds = [local(kind) for kind in names.kinds(iri)]
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@id": iri,
        "@type": next((_TYPES[kind] for kind in kinds if kind in _TYPES), "Thing"),
        "name": names.name(iri),
        "url": iri,
    }
    if told:
        said["description"] = told
    return json.dumps(said, ensure_ascii=False, sort_keys=True)
