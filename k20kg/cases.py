"""Files, folders and streams → cases: one candidate group each, all its graphs together.

A file or a folder with one candidate group is one case. A file with several is a corpus, in which
each named graph is one case; a folder whose files each hold their own is that many cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import pyoxigraph as ox

from k20kg.errors import InputError, RecordError
from k20kg.graph import name_blank_nodes, ntriples
from k20kg.sources import Document, read_source
from k20kg.syntax import parse, parse_text, prefixes_of
from k20kg.text import neutralise
from k20kg.vocabulary import K20, PREFIXES, RDF_TYPE, shorten

__all__ = [
    "Case",
    "Document",
    "candidate_at_a_glance",
    "case_of",
    "parse",
    "read_cases",
    "write_flat",
]

_CANDIDATE: Final = ox.NamedNode(K20 + "CandidateGroup")
_TYPE: Final = ox.NamedNode(RDF_TYPE)
_READ_AS_THEY_ARE: Final = ("turtle", "trig", "ntriples", "nquads")
_ONE_EACH: Final = "put each case into a file of its own, or each into a named graph of its own"

Quads = tuple[ox.Quad, ...]
Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph | ox.Triple


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a candidate group and all that is recorded of it."""

    group: str
    """IRI of the candidate group."""
    origin: str
    """Where it came from: paths, or ``<stdin>``, and the graph of a corpus."""
    text: str
    """One RDF document that holds the whole case, for the SHACL engine."""
    syntax: str
    """What `text` is in: ``turtle``, ``trig``, ``ntriples`` or ``nquads``."""
    documents: tuple[Document, ...] = field(default=(), repr=False)
    """What was read, for telling lines."""
    _parsed: Quads | None = field(default=None, repr=False, compare=False)
    at_one_time: bool = False
    """Whether it is a case as it stood at an instant, and not to be asked about others."""

    @property
    def quads(self) -> Quads:
        """The statements, parsed when first asked for.

        Raises `InputError` where the text is no RDF: reading alone need not notice.
        """
        if self._parsed is None:
            object.__setattr__(self, "_parsed", _parse_all(self.documents))
        assert self._parsed is not None
        return self._parsed


def case_of(
    group: str, origin: str, quads: Iterable[ox.Quad], documents: tuple[Document, ...] = ()
) -> Case:
    """Return the case that these statements make."""
    parsed = tuple(quads)
    return Case(group, origin, ntriples(parsed), "ntriples", documents, parsed)


def read_cases(
    sources: Iterable[Path | str | BinaryIO],
    *,
    syntax: str | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Case]:
    """Yield the cases in files, folders and streams (``-`` is stdin), in a stable order.

    `syntax` overrules file names and contents. Raises `InputError` for what cannot be read and
    `RecordError` for what holds no candidate group, or two where one is wanted.
    """
    for source in sources:
        for unit in read_source(source, syntax=syntax, stdin=stdin):
            yield from _cases_in(unit)


def _cases_in(documents: tuple[Document, ...]) -> Iterator[Case]:
    """Yield the cases that one file, or the files of one folder, make."""
    glances = [candidate_at_a_glance(document) for document in documents]
    if None not in glances:
        names = [glance for glance in glances if glance]
        if len(set(names)) == 1:
            yield _case_as_it_is(names[0], documents)
            return
        if len(names) == len(set(names)) == len(documents):
            for name, document in zip(names, documents, strict=True):
                yield _case_as_it_is(name, (document,))
            return
    parsed = [
        tuple(name_blank_nodes(parse_text(d.text, d.syntax, d.where), n))
        for n, d in _numbered(documents)
    ]
    found = [_candidates(quads, d) for quads, d in zip(parsed, documents, strict=True)]
    groups = [{n for names in by_graph.values() for n in names} for by_graph in found]
    if not (everyone := set[str]().union(*groups)):
        raise _no_candidate(documents, empty=not any(parsed))
    if len(everyone) == 1:
        quads = tuple(quad for each in parsed for quad in each)
        yield _case_parsed(everyone.pop(), documents, quads)
        return
    _refuse_muddle(documents, groups)
    for document, quads, by_graph, own in zip(documents, parsed, found, groups, strict=True):
        if len(own) == 1:
            yield _case_parsed(own.pop(), (document,), quads)
        else:
            yield from _corpus(document, quads, by_graph)


def _case_as_it_is(group: str, documents: tuple[Document, ...]) -> Case:
    text, syntax = _joined(documents)
    return Case(group, _origin(documents), text, syntax, documents)


def _case_parsed(group: str, documents: tuple[Document, ...], quads: Quads) -> Case:
    if len(documents) == 1 and documents[0].syntax in _READ_AS_THEY_ARE:
        (document,) = documents
        return Case(group, document.where, document.text, document.syntax, documents, quads)
    return case_of(group, _origin(documents), quads, documents)


def _origin(documents: Sequence[Document]) -> str:
    return ", ".join(document.where for document in documents)


def _numbered(documents: Sequence[Document]) -> Iterator[tuple[str, Document]]:
    several = len(documents) > 1
    return ((f"f{n}" if several else "", document) for n, document in enumerate(documents))


def _candidates(quads: Iterable[ox.Quad], document: Document) -> dict[Graph, list[str]]:
    """Return the candidate groups of a document by graph, each in order of appearance."""
    found: dict[Graph, list[str]] = {}
    for quad in quads:
        if quad.object == _CANDIDATE and quad.predicate == _TYPE:
            if not isinstance(quad.subject, ox.NamedNode):
                raise RecordError(
                    "the candidate group is a blank node",
                    where=document.where,
                    remedy="name it by an IRI",
                )
            names = found.setdefault(quad.graph_name, [])
            if quad.subject.value not in names:
                names.append(quad.subject.value)
    return found


def _no_candidate(documents: Sequence[Document], *, empty: bool) -> RecordError | InputError:
    where = ", ".join(document.where for document in documents)
    remedy = "say which node is judged: <…> a k20:CandidateGroup"
    if empty:
        return InputError("the file states nothing", where=where, remedy=remedy)
    if len(documents) == 1 and re.search(r"\brecordOf\b", documents[0].text):
        remedy += "; if this is one part of a case, give the folder with all its files"
    return RecordError("there is no candidate group", where=where, remedy=remedy)


def _refuse_muddle(documents: Sequence[Document], groups: Sequence[set[str]]) -> None:
    """Raise unless the files of a folder each hold candidate groups of their own."""
    where = str(Path(documents[0].where).parent)
    for document, names in zip(documents, groups, strict=True):
        if not names:
            raise RecordError(
                f"{document.where} holds no candidate group, and files beside it hold several",
                where=where,
                remedy="put the files of each case into a folder of their own",
            )
    seen: dict[str, str] = {}
    for document, names in zip(documents, groups, strict=True):
        for name in sorted(names):
            if name in seen:
                raise RecordError(
                    f"{seen[name]} and {document.where} both describe {neutralise(shorten(name))}, "
                    "and the folder holds other candidate groups too",
                    where=where,
                    remedy="put the files of each case into a folder of their own",
                )
            seen[name] = document.where


def _corpus(
    document: Document,
    quads: Quads,
    by_graph: dict[Graph, list[str]],
) -> Iterator[Case]:
    """Yield a case for each named graph of a document with several candidate groups."""
    for graph, names in by_graph.items():
        if isinstance(graph, ox.DefaultGraph) or len(names) > 1:
            raise _too_many(document, graph, names)
    graphs: dict[Graph, list[ox.Quad]] = {}
    named = {quad.graph_name for quad in quads}
    for quad in quads:
        graph = quad.graph_name
        # What the default graph says of a named graph belongs to that graph's case.
        if isinstance(graph, ox.DefaultGraph) and quad.subject in named:
            graph = quad.subject
        graphs.setdefault(graph, []).append(quad)
    for graph, part in graphs.items():
        label = "the default graph" if isinstance(graph, ox.DefaultGraph) else str(graph)
        if graph not in by_graph:
            raise RecordError(
                f"{neutralise(label)} holds no candidate group, and other graphs hold several",
                where=document.where,
                remedy="put what belongs to a case into that case's named graph",
            )
        yield case_of(by_graph[graph][0], f"{document.where} {label}", part, (document,))


def _too_many(document: Document, graph: object, names: Sequence[str]) -> RecordError:
    line = document.line_of(names[-1])
    place = "one graph" if isinstance(graph, ox.DefaultGraph) else neutralise(str(graph))
    listed = " and ".join(neutralise(shorten(name)) for name in names[:2])
    what = f"{place} holds {len(names)} candidate groups, {listed}"
    if len(names) == 1:
        what = f"{listed} stands outside every named graph of a file with several candidate groups"
    elif len(names) > 2:
        what += " among them"
    return RecordError(
        what, where=f"{document.where}:{line}" if line else document.where, remedy=_ONE_EACH
    )


_CANDIDATE_LINE: Final = re.compile(
    r"[ \t]*(?:<([^<>\s\\]+)>|([A-Za-z][\w-]*):([A-Za-z0-9_][\w-]*))[ \t]+"
    r"(?:a|rdf:type|<" + re.escape(RDF_TYPE) + r">)[ \t]+"
    r"(?:k20:CandidateGroup|<" + re.escape(K20) + r"CandidateGroup>)\s*[;.,]"
)
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def candidate_at_a_glance(document: Document) -> str | None:
    """Return the one candidate group of a document, "" for none, where the text makes it plain.

    None says nothing: parse then. The engine parses the text anyway; this saves doing it twice.
    """
    text = document.text
    if not document.plain:
        return None
    group, end = "", 0
    while (word := text.find("CandidateGroup", end)) >= 0:
        start = text.rfind("\n", 0, word) + 1
        match = _CANDIDATE_LINE.match(text, start)
        if not match or not start <= word < match.end() or text.count('"""', 0, start) % 2:
            return None
        iri = match[1] or prefixes_of(text).get(match[2], "") + match[3]
        if group not in ("", iri) or not _ABSOLUTE.match(iri):
            return None
        group, end = iri, match.end()
    return group


def _joined(documents: Sequence[Document]) -> tuple[str, str]:
    """Return one text, and its syntax, that holds all the documents."""
    if len(documents) == 1:
        return documents[0].text, documents[0].syntax
    if any("_:" in d.text or d.syntax == "nquads" for d in documents):
        return ntriples(_parse_all(documents)), "ntriples"
    # The line between them is a syntax error inside a statement or graph that was cut off.
    return "\n@prefix between-files: <urn:x-between-files:> .\n".join(
        d.text for d in documents
    ), "trig"


def _parse_all(documents: Sequence[Document]) -> Quads:
    return tuple(
        quad
        for mark, d in _numbered(documents)
        for quad in name_blank_nodes(parse_text(d.text, d.syntax, d.where), mark)
    )


def write_flat(case: Case) -> str:
    """Return one Turtle document of a case's graphs merged, in a stable order.

    Stock SHACL engines take one Turtle graph; the verdicts are those of the named graphs.
    """
    triples = sorted({quad.triple for quad in case.quads}, key=_order)
    words = "\n".join(map(str, triples))
    prefixes = {name: ns for name, ns in PREFIXES.items() if f"<{ns}" in words}
    prefixes["case"] = case.group + "/"
    return ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=prefixes).decode()  # type: ignore[union-attr]


def _order(triple: ox.Triple) -> tuple[bool, str, bool, str, str]:
    """Return a key that puts named nodes first and, within a subject, its type."""
    return (
        isinstance(triple.subject, ox.BlankNode),
        str(triple.subject),
        triple.predicate != _TYPE,
        str(triple.predicate),
        str(triple.object),
    )
