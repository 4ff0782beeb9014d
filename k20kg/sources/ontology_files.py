"""Statements that ontology files get when published: labels, declarations, homes, version.

A source states the label of a term once, as ``skos:prefLabel``, in the file that defines it. Tools
read ``rdfs:label``, OWL 2 DL asks each file to declare whatever it uses, and a reader of one file
wants to know where a term is defined and which files of ours to read with it. The version of every
file is that of the package.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import pyoxigraph as ox

from k20kg.rdf.graph import Term
from k20kg.version import __version__
from k20kg.vocabulary import BASE, DCTERMS, K20, OWL, RDF_TYPE, RDFS, SKOS

T = TypeVar("T")

PREF_LABEL: Final = ox.NamedNode(SKOS + "prefLabel")
_LABEL: Final = ox.NamedNode(RDFS + "label")
_TITLE: Final = ox.NamedNode(DCTERMS + "title")
_CITATION: Final = ox.NamedNode(DCTERMS + "bibliographicCitation")
_VERSION: Final = ox.NamedNode(OWL + "versionInfo")
_VERSION_IRI: Final = ox.NamedNode(OWL + "versionIRI")
_ONTOLOGY: Final = ox.NamedNode(OWL + "Ontology")
_IMPORTS: Final = ox.NamedNode(OWL + "imports")
_DEFINED_BY: Final = ox.NamedNode(RDFS + "isDefinedBy")
_TYPE: Final = ox.NamedNode(RDF_TYPE)
_KINDS: Final = {
    ox.NamedNode(OWL + name)
    for name in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
}
_ABOVE: Final = {ox.NamedNode(RDFS + name) for name in ("subClassOf", "subPropertyOf")}

Declared = dict[ox.NamedNode, set[ox.NamedNode]]
"""By term: the kinds of OWL that it is declared as."""


def labels(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield each preferred label as a plain label, which it is by SKOS."""
    for quad in quads:
        if quad.predicate == PREF_LABEL:
            yield ox.Quad(quad.subject, _LABEL, quad.object, quad.graph_name)


def stamp(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield the version of the ontology that a file describes, and how to cite it."""
    for quad in quads:
        about, title = quad.subject, quad.object
        if quad.predicate != _TITLE:
            continue
        if not isinstance(about, ox.NamedNode) or not isinstance(title, ox.Literal):
            continue
        cited = f"The k20kg maintainers. {title.value}, version {__version__}. {K20.rstrip('#')}"
        yield ox.Quad(about, _VERSION_IRI, ox.NamedNode(f"{about.value}/{__version__}"))
        yield ox.Quad(about, _VERSION, ox.Literal(__version__))
        yield ox.Quad(about, _CITATION, ox.Literal(cited, language="en"))


def homes(files: Mapping[T, Sequence[ox.Quad]]) -> dict[T, list[ox.Quad]]:
    """Return for each file which ontology defines its terms, and which others it needs.

    A term of ours is defined where its label stands; a file imports those whose terms it speaks of.
    """
    ontologies = {
        name: next(
            (
                q.subject
                for q in quads
                if q.object == _ONTOLOGY and isinstance(q.subject, ox.NamedNode)
            ),
            None,
        )
        for name, quads in files.items()
    }
    home: dict[Term, ox.NamedNode] = {}
    found: dict[T, list[ox.Quad]] = {name: [] for name in files}
    for name, quads in files.items():
        for quad in quads:
            term, about = quad.subject, ontologies[name]
            ours = isinstance(term, ox.NamedNode) and term.value.startswith(BASE)
            if quad.predicate == PREF_LABEL and ours and about:
                home[term] = about
                found[name].append(ox.Quad(term, _DEFINED_BY, about))
    for name, quads in files.items():
        if about := ontologies[name]:
            used = {home[term] for term in _terms(quads) & home.keys()} - {about}
            found[name] += [ox.Quad(about, _IMPORTS, one) for one in sorted(used, key=str)]
    return found


def declarations(files: Mapping[T, Sequence[ox.Quad]]) -> dict[T, list[ox.Quad]]:
    """Return for each file the declarations that it lacks: of terms that another file declares.

    What stands above a term of ours, such as a class of another vocabulary, is of its kind, and
    need be declared nowhere.
    """
    own = {name: _declared(quads) for name, quads in files.items()}
    known: Declared = {}
    for declared in own.values():
        for term, kinds in declared.items():
            known.setdefault(term, set()).update(kinds)
    for quads in files.values():
        for quad in quads:
            below, above = quad.subject, quad.object
            if quad.predicate not in _ABOVE:
                continue
            if isinstance(below, ox.NamedNode) and isinstance(above, ox.NamedNode):
                known.setdefault(above, set()).update(known.get(below, ()))
    return {
        name: [
            ox.Quad(term, _TYPE, kind)
            for term in sorted(known.keys() & _terms(quads), key=str)
            for kind in sorted(known[term] - own[name].get(term, set()), key=str)
        ]
        for name, quads in files.items()
    }


def _declared(quads: Sequence[ox.Quad]) -> Declared:
    found: Declared = {}
    for quad in quads:
        term, kind = quad.subject, quad.object
        if kind in _KINDS and isinstance(term, ox.NamedNode) and isinstance(kind, ox.NamedNode):
            found.setdefault(term, set()).add(kind)
    return found


def _terms(quads: Sequence[ox.Quad]) -> set[Term]:
    return {term for q in quads for term in (q.subject, q.predicate, q.object)}
