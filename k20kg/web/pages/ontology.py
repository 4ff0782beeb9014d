"""The reference of ontology and shapes: every term with anchor, meaning, use and example."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox
from markupsafe import Markup

from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, shorten
from k20kg.web.figures.classes import boxes, tree
from k20kg.web.formats import FORMATS
from k20kg.web.pages import upper_first
from k20kg.web.pages.facts import local
from k20kg.web.pages.resource import properties_of
from k20kg.web.pages.shapes import page as shape_page
from k20kg.web.pages.terminology import KINDS, Module, modules_of, parents_of, terms_of
from k20kg.web.pages.terms import Names, Shown, names_of, show, show_iri

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["page", "shapes"]

ONTOLOGY: Final = BASE + "ontology"
_COLUMNS: Final = (
    ("WorkingGroup",),
    ("FirmMembership", "Participation", "Procedure", "Task", "BenefitStatement"),
    ("Firm", "RoutineProcedure", "Enactment", "TaskAspect", "Benefit"),
    ("Organization",),
)
"""The six constructs and what joins them, in columns; the joints are read from the ontology."""
_SIX: Final = frozenset(
    ("Firm", "Organization", "FirmMembership", "RoutineProcedure", "TaskAspect", "Benefit")
)
_METADATA: Final = (
    ("Version", OWL + "versionInfo"),
    ("This version", OWL + "versionIRI"),
    ("Issued", DCTERMS + "issued"),
    ("Licence", DCTERMS + "license"),
    ("Made by", DCTERMS + "creator"),
    ("Rests on", DCTERMS + "source"),
    ("See also", RDFS + "seeAlso"),
    ("Cite", DCTERMS + "bibliographicCitation"),
)


def page(site: Site, iri: str = ONTOLOGY) -> str:
    """Return the page of an ontology document; that of the namespace holds every term.

    A version is shown by the page of the document that it is a version of.
    """
    names = names_of(site.dataset)
    documents = names.facts.subjects(OWL + "versionIRI", iri)
    document = documents[0] if documents else iri
    modules = modules_of(site)
    if document == ONTOLOGY:
        return _reference(site, names, modules)
    module = next((m for m in modules if m.iri == document), None)
    return site.render(
        "ontology_module.html",
        title=names.name(document),
        description=names.facts.value(document, DCTERMS + "description"),
        here="/ontology",
        iri=document,
        formats=FORMATS,
        crumbs=[(site.links.page(ONTOLOGY), "Ontology")],
        module=module,
        metadata=_metadata(site, names, document),
        mappings=_mappings(site, names, document),
        rest=[] if module else properties_of(site, document),
        jsonld=_schema(names, document),
    )


def _reference(site: Site, names: Names, modules: list[Module]) -> str:
    terms = terms_of(site)
    groups = [
        (key, heading, [t for t in terms if t.kind == key])
        for key, heading, _ in KINDS
    ]  # fmt: skip
    picture, joints = _constructs(site, names)
    return site.render(
        "ontology.html",
        title="Ontology reference",
        description="Every class and property with definition, source, scope, use and example.",
        here="/ontology",
        iri=ONTOLOGY,
        formats=FORMATS,
        metadata=_metadata(site, names, ONTOLOGY),
        about=names.facts.value(ONTOLOGY, DCTERMS + "abstract"),
        modules=[m for m in modules if m.terms],
        alignments=[m for m in modules if not m.terms],
        groups=[group for group in groups if group[2]],
        constructs=picture,
        joints=joints,
        trees=[(m, _tree(site, names, m)) for m in modules if m.terms],
        count=len(terms),
        jsonld=_schema(names, ONTOLOGY),
    )


def _metadata(site: Site, names: Names, iri: str) -> list[tuple[str, list[Shown]]]:
    return [
        (head, [show(site, term) for term in names.facts.terms(iri, predicate)])
        for head, predicate in _METADATA
        if names.facts.terms(iri, predicate)
    ]


def _schema(names: Names, iri: str) -> str:
    said = {
        "@context": "https://schema.org",
        "@type": "DefinedTermSet",
        "@id": iri,
        "name": names.name(iri),
        "description": names.facts.value(iri, DCTERMS + "description"),
        "version": names.facts.value(iri, OWL + "versionInfo"),
        "license": names.facts.value(iri, DCTERMS + "license"),
        "url": iri,
    }
    return json.dumps({k: v for k, v in said.items() if v}, ensure_ascii=False, sort_keys=True)


# ---------------------------------------------------------------- pictures


def _constructs(site: Site, names: Names) -> tuple[Markup, list[tuple[Shown, Shown, Shown]]]:
    """Return the six constructs with what joins them, as a picture and as rows."""
    known = [[key for key in column if K20 + key in names] for column in _COLUMNS]
    keys = {key: n for n, column in enumerate(known) for key in column}
    edges: list[tuple[str, str, str, bool]] = []
    rows: list[tuple[Shown, Shown, Shown]] = []
    by_domain = {key: _properties_from(site, K20 + key) for key in keys}
    used = {term.iri: term.used for term in terms_of(site)}
    for start, properties in by_domain.items():
        joints: dict[str, list[str]] = {}
        for prop, ranges in properties:
            for end in ranges:
                if end in keys and keys[end] == keys[start] + 1:
                    joints.setdefault(end, []).append(prop)
                    rows.append(_joint(site, start, prop, end))
        for end, through in joints.items():  # the picture has room for one, the table has all
            most = max(through, key=lambda prop: (used.get(prop, 0), prop))
            edges.append((start, end, names.name(most), False))
    for key in keys:
        if parent := _nearest(names, K20 + key, {K20 + k for k in keys}):
            edges.append((key, local(parent), "is a", True))
            rows.append((show_iri(site, K20 + key), Shown("is a kind of"), show_iri(site, parent)))
    picture = boxes(
        [[(k, upper_first(names.name(K20 + k)), f"#{k}") for k in column] for column in known],
        edges,
        _SIX,
        "The six constructs and what joins them",
        "Boxes for classes, lines for properties, dashed lines for kinds; the table has the same.",
    )
    return picture, rows


def _nearest(names: Names, iri: str, wanted: set[str]) -> str:
    """Return the closest class among some that a class is a kind of, or ""."""
    level = [iri]
    for _ in range(8):
        level = [above for one in level for above in parents_of(names, one)]
        if found := next((one for one in level if one in wanted and one != iri), ""):
            return found
    return ""


def _joint(site: Site, start: str, prop: str, end: str) -> tuple[Shown, Shown, Shown]:
    return show_iri(site, K20 + start), show_iri(site, prop), show_iri(site, K20 + end)


def _properties_from(site: Site, iri: str) -> list[tuple[str, list[str]]]:
    """Return the properties that lead from a class, each with the classes it leads to."""
    names = names_of(site.dataset)
    term = next((t for t in terms_of(site) if t.iri == iri), None)
    properties = [
        shown.iri for head, values in (term.facts if term else ()) if head == "Has"
        for shown in values
    ]  # fmt: skip
    return [
        (prop, [local(r) for r in names.facts.values(prop, RDFS + "range")])
        for prop in properties
        if prop
    ]


def _tree(site: Site, names: Names, module: Module) -> Markup | str:
    """Return the classes of a module as a tree; a class with two parents stands below the first."""
    classes = {t.iri: t for t in module.terms if t.kind == "class"}
    if len(classes) < 3:
        return ""
    below: dict[str, list[str]] = {}
    for iri in classes:
        parents = [p for p in parents_of(names, iri) if p != iri]
        inside = next((p for p in parents if p in classes), "")
        below.setdefault(inside or next(iter(parents), ""), []).append(iri)
    rows: list[tuple[int, str, str]] = []
    roots = list(below.get("", [])) + [p for p in below if p and p not in classes]

    def walk(iri: str, depth: int) -> None:
        rows.append((depth, upper_first(names.name(iri)), f"#{iri.removeprefix(K20)}"))
        for child in sorted(below.get(iri, []), key=names.name):
            if depth < 12:
                walk(child, depth + 1)

    for root in sorted(roots, key=names.name):
        walk(root, 0)
    said = f"{len(rows)} classes, each below the one it is a kind of; the list below says the same."
    return tree(rows, f"Kinds of things: {module.title}", said, f"tree-{local(module.iri)}")


def _mappings(site: Site, names: Names, document: str) -> list[tuple[Shown, str, Shown, str]]:
    """Return what a document sets our terms beside: ours, how, theirs, a note."""
    graphs = {
        quad.graph_name
        for quad in site.dataset.store.quads_for_pattern(
            ox.NamedNode(document), ox.NamedNode(RDF_TYPE), ox.NamedNode(OWL + "Ontology"), None
        )
    }
    mapped = {term.iri: {s.iri: how for how, s in term.mapped} for term in terms_of(site)}
    rows: list[tuple[Shown, str, Shown, str]] = []
    for graph in graphs:
        for quad in site.dataset.store.quads_for_pattern(None, None, None, graph):
            ours, theirs = quad.subject, quad.object
            if isinstance(ours, ox.NamedNode) and isinstance(theirs, ox.NamedNode):
                how = mapped.get(ours.value, {}).get(theirs.value, "")
                if how and not theirs.value.startswith(OWL):
                    rows.append(
                        (
                            show_iri(site, ours.value),
                            how,
                            show_iri(site, theirs.value, shorten(theirs.value)),
                            _note(site, ours.value, graph),
                        )
                    )
    return sorted(rows, key=lambda row: (row[0].words.lower(), row[2].words))


def _note(site: Site, iri: str, graph: ox.NamedNode | ox.BlankNode | ox.DefaultGraph) -> str:
    note = ox.NamedNode("http://www.w3.org/2004/02/skos/core#scopeNote")
    found = site.dataset.store.quads_for_pattern(ox.NamedNode(iri), note, None, graph)
    return next((q.object.value for q in found if isinstance(q.object, ox.Literal)), "")


def shapes(site: Site) -> str:
    """Return the page of all shapes."""
    return shape_page(site)
