"""The page of any thing: what is said of it and by whom, what refers to it, how to reuse it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, RDFS, SKOS, shorten
from k20kg.web.documents import licensed
from k20kg.web.formats import FORMATS
from k20kg.web.pages import upper_first
from k20kg.web.pages.facts import local
from k20kg.web.pages.highlight import lines
from k20kg.web.pages.reuse import (
    bibtex_of,
    citation_of,
    description_of,
    schema_of,
    turtle_of,
)
from k20kg.web.pages.sections import sections_of
from k20kg.web.pages.tables import Section
from k20kg.web.pages.terms import Names, Shown, names_of, show, show_iri
from k20kg.web.pages.works import words_of

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["Backing", "Property", "Referrers", "backing_of", "page", "properties_of"]

_DIRECTIONS: Final = {
    "evidencedBy": "supports",
    "disputedBy": "disputes",
    "leftOpenBy": "leaves open",
    "hasEvidence": "bears on it",
}
_FIRST: Final = (RDF_TYPE, RDFS + "label", SKOS + "prefLabel", DCTERMS + "title", RDFS + "comment")
_MOST_VALUES: Final = 40
_MOST_REFERRERS: Final = 8
_ADDRESSES: Final = {
    "rorId": "https://ror.org/{}",
    "wikidataId": "https://www.wikidata.org/wiki/{}",
    "ipedsUnitId": "https://nces.ed.gov/collegenavigator/?id={}",
    "ncesLeaId": "https://nces.ed.gov/ccd/districtsearch/district_detail.asp?ID2={}",
}
"""Where the registers keep what our identifiers name."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a thing with its values and the graphs that state them."""

    property: Shown
    short: str
    values: tuple[Shown, ...]
    more: int
    stated: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Backing:
    """An evidence item behind a thing."""

    direction: str
    statement: str
    source: Shown
    place: Shown
    method: Shown | None
    coders: tuple[Shown, ...]


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
    sections = sections_of(site, iri, kinds)
    beside = names.siblings(iri) if iri in names.subjects else []
    at = beside.index(iri) if iri in beside else -1
    name = names.name(iri)
    return site.render(
        "resource.html",
        title=f"{name} ({kind})" if (kind := names.kind(iri)) else name,
        description=f"Linked data about {name}.",
        here=_nav(iri, kinds),
        iri=iri,
        formats=FORMATS,
        name=name,
        kinds=[show_iri(site, kind, upper_first(names.name(kind))) for kind in kinds[:1]],
        parent=_shown_or_none(site, names.parent(iri)),
        told=description_of(names, iri),
        crumbs=_crumbs(site, names, iri),
        sections=sections,
        properties=properties_of(site, iri, leave_out=_told_by(sections)),
        identifiers=_identifiers(names, iri),
        evidence=backing_of(site, iri),
        referrers=_referrers(site, iri),
        turtle=lines(turtle_of(site.dataset, iri)),
        citation=citation_of(site, names, iri),
        licensed=licensed(site.dataset, iri),
        explained=_explained(site, names, iri),
        bibtex=bibtex_of(site.dataset).get(local(iri), "") if K20 + "Work" in kinds else "",
        siblings=_pager(site, beside, at),
        family=names.kind(iri),
        jsonld=schema_of(site, names, iri),
    )


def _explained(site: Site, names: Names, iri: str) -> list[tuple[str, str]]:
    """Return the definitions that a criterion belongs to, at its place on their pages."""
    return [
        (site.links.page(f"{definition}#{local(iri)}"), names.name(definition))
        for definition in names.facts.subjects(K20 + "hasCriterion", iri)
    ]


def _told_by(sections: Iterable[Section]) -> frozenset[str]:
    return frozenset(p for section in sections for p in section.tells)


def _shown_or_none(site: Site, iri: str) -> Shown | None:
    return show_iri(site, iri) if iri else None


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


def properties_of(
    site: Site, iri: str, *, leave_out: frozenset[str] = frozenset()
) -> list[Property]:
    """Return what is said of a thing, evidence apart, by property."""
    names = names_of(site.dataset)
    stated: dict[str, dict[Any, set[str]]] = {}
    for quad in site.dataset.store.quads_for_pattern(ox.NamedNode(iri), None, None, None):
        graph = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        values = stated.setdefault(quad.predicate.value, {})
        values.setdefault(quad.object, set()).add(graph)
    evidence = {K20 + name for name in _DIRECTIONS}
    rows: list[Property] = []
    for predicate in sorted(stated, key=lambda p: _rank(names, p)):
        if predicate in leave_out or predicate in evidence:
            continue
        found = stated[predicate]
        ordered = sorted(found, key=lambda t: _sort(names, t))
        if predicate == RDF_TYPE:
            ordered = [ox.NamedNode(kind) for kind in names.kinds(iri)]
        shown = [show(site, term) for term in ordered]
        graphs = sorted(set().union(*found.values()) - {""})
        rows.append(
            Property(
                show_iri(site, predicate, _property_name(names, predicate)),
                shorten(predicate),
                tuple(shown[:_MOST_VALUES]),
                max(0, len(shown) - _MOST_VALUES),
                tuple(_graph(site, names, graph) for graph in graphs),
            )
        )
    return rows


def _rank(names: Names, predicate: str) -> tuple[int, str]:
    if predicate in _FIRST:
        return (_FIRST.index(predicate), "")
    return (len(_FIRST), _property_name(names, predicate).lower())


def _property_name(names: Names, predicate: str) -> str:
    return upper_first(names.label(predicate) or words_of(local(predicate)))


def _sort(names: Names, term: Any) -> tuple[Any, ...]:
    if isinstance(term, ox.NamedNode):
        return (1, *names.by_name(term.value))
    value = getattr(term, "value", str(term))
    return (0, int(value) if re.fullmatch(r"[0-9]{1,15}", value) else 10**15, (value,))


def _graph(site: Site, names: Names, graph: str) -> Shown:
    """Return a named graph the way people call it: the paper, a file."""
    if (sources := names.facts.values(graph, DCTERMS + "source")) and len(sources) == 1:
        return (
            show_iri(site, graph, local(sources[0])) if graph in names else Shown(local(sources[0]))
        )
    path = graph.removeprefix(BASE)
    if path == "data/verdicts":
        return Shown("worked out")
    return Shown(path.removeprefix("data/").removesuffix(".ttl").removesuffix(".trig"))


def backing_of(site: Site, iri: str) -> list[Backing]:
    """Return the evidence behind a thing: what supports it first."""
    names = names_of(site.dataset)
    facts = names.facts
    found: list[Backing] = []
    seen: set[str] = set()
    for name, direction in _DIRECTIONS.items():
        for item in sorted(facts.values(iri, K20 + name), key=names.order):
            if item in seen:
                continue
            seen.add(item)
            methods = facts.all(item, "method")
            source = facts.get(item, "source")
            found.append(
                Backing(
                    direction,
                    facts.get(item, "statement"),
                    show_iri(site, source) if source else Shown("no source"),
                    show_iri(site, item, facts.get(item, "locator") or names.name(item)),
                    show_iri(site, methods[0]) if methods else None,
                    tuple(show_iri(site, coder) for coder in facts.all(item, "codedBy")),
                )
            )
    return found


def _identifiers(names: Names, iri: str) -> list[tuple[str, str, str]]:
    """Return identifiers with the words for their register and where it keeps them."""
    found: list[tuple[str, str, str]] = []
    for name, address in _ADDRESSES.items():
        for value in names.facts.all(iri, name):
            plain = value.rpartition("/")[2]
            if re.fullmatch(r"[A-Za-z0-9]{1,20}", plain):
                found.append((names.name(K20 + name), value, address.format(plain)))
    return found


# ---------------------------------------------------------------- what refers to it


def _referrers(site: Site, iri: str) -> list[Referrers]:
    names = names_of(site.dataset)
    groups: dict[tuple[str, str], set[str]] = {}
    for quad in site.dataset.store.quads_for_pattern(None, None, ox.NamedNode(iri), None):
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value != iri:
            subject = quad.subject.value
            kind = next(iter(names.kinds(subject)), "")
            groups.setdefault((quad.predicate.value, kind), set()).add(subject)
    found: list[Referrers] = []
    for (predicate, kind), subjects in sorted(groups.items()):
        ordered = sorted(subjects, key=names.by_name)
        found.append(
            Referrers(
                show_iri(site, predicate, _property_name(names, predicate)),
                shorten(predicate),
                names.name(kind) if kind else "",
                tuple(show_iri(site, one) for one in ordered[:_MOST_REFERRERS]),
                len(subjects),
                _listing(predicate, kind, iri) if len(subjects) > _MOST_REFERRERS else "",
            )
        )
    return found


def _listing(predicate: str, kind: str, iri: str) -> str:
    typed = f" a <{kind}> ;" if kind else ""
    return (
        "SELECT DISTINCT ?thing ?label\n"
        f"WHERE {{\n    ?thing{typed} <{predicate}> <{iri}> .\n"
        "    OPTIONAL { ?thing rdfs:label ?label }\n}\nORDER BY ?thing"
    )


def _pager(site: Site, beside: list[str], at: int) -> dict[str, Shown | None]:
    if len(beside) < 2:
        return {}
    return {
        "prev": show_iri(site, beside[at - 1]) if at > 0 else None,
        "next": show_iri(site, beside[at + 1]) if at < len(beside) - 1 else None,
    }
