"""Files, folders and streams → cases: one candidate group each, all its graphs together.

A file or a folder with one candidate group is one case. A file with several is a corpus, in which
each named graph is one case; a folder whose files each hold their own is that many cases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import pyoxigraph as ox

from k20kg.errors import InputError, RecordError
from k20kg.rdf.addresses import property_fault
from k20kg.rdf.graph import ntriples, str_of
from k20kg.rdf.normal_form import normalise
from k20kg.rdf.syntax import parse_text
from k20kg.rdf.text import escape_controls
from k20kg.sources.documents import Document, Unit, read_source
from k20kg.sources.folders import print_unread
from k20kg.vocabulary import K20, NO_RECORDS, PREFIXES, RDF_TYPE, shorten

_CANDIDATE: Final = ox.NamedNode(K20 + "CandidateGroup")
_RECORD_OF: Final = ox.NamedNode(K20 + "recordOf")
_TYPE: Final = ox.NamedNode(RDF_TYPE)
_IN_TRIG: Final = frozenset({"turtle", "trig", "ntriples"})
_ONE_EACH: Final = "put each case into a file of its own, or each into a named graph of its own"

Quads = tuple[ox.Quad, ...]
Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph | ox.Triple


@dataclass(frozen=True, slots=True)
class Case:
    """One case: a candidate group and all that is recorded of it."""

    group: str
    """IRI of the candidate group."""
    origin: str
    """Origin: paths, or ``<stdin>``, and the graph of a corpus."""
    text: str
    """One RDF document that holds the whole case, for the SHACL engine."""
    syntax: str
    """Syntax of `text`: ``turtle``, ``trig``, ``ntriples`` or ``nquads``."""
    documents: tuple[Document, ...] = field(default=(), repr=False)
    """Documents as read, for telling lines."""
    _parsed: Quads | None = field(default=None, repr=False, compare=False)
    unread: tuple[str, ...] = ()
    """Parts of its folder that are not read, one line each: path, reason, remedy."""
    at_one_time: bool = False
    """True if it is a case as it stood at an instant, and not to be asked about others."""

    @property
    def quads(self) -> Quads:
        """The statements, parsed when first asked for; `InputError` where the text is no RDF."""
        if self._parsed is None:
            parsed = parse_text(self.text, self.syntax, self.origin)
            object.__setattr__(self, "_parsed", tuple(parsed))
        assert self._parsed is not None
        return self._parsed

    @property
    def made_up(self) -> bool:
        """Say whether a statement of the case says that it is made up."""
        return "synthetic" in self.text and any(
            q.predicate.value == K20 + "synthetic" and str_of(q.object) == "true"
            for q in self.quads
        )


def case_of(
    group: str, origin: str, quads: Iterable[ox.Quad], documents: tuple[Document, ...] = ()
) -> Case:
    """Return the case that these statements make."""
    parsed = tuple(quads)
    return Case(group, origin, ntriples(parsed), "ntriples", documents, parsed)


def contents_of(case: Case) -> str:
    """Return what the workbooks that a case was read from contain; empty where it is of none."""
    return "; ".join(one.cells.contents for one in case.documents if one.cells)


def lists_of(case: Case) -> dict[str, list[dict[str, str | float]]]:
    """Return the rows of its workbooks that are no part of a case, by the IRI of their sheet."""
    found = [one.cells.lists for one in case.documents if one.cells]
    return {sheet: rows for lists in found for sheet, rows in lists.items()}


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
            yield from cases_in(unit)


def cases_in(unit: Unit) -> Iterator[Case]:
    """Yield the cases that one file, or the files of one folder, make."""
    documents = unit.documents
    found = [_candidates(document) for document in documents]
    groups = [{n for names in by_graph.values() for n in names} for by_graph in found]
    if not (everyone := set[str]().union(*groups)):
        raise _no_candidate(documents)
    if len(everyone) == 1:
        yield _whole(everyone.pop(), documents, unit.unread)
        return
    _refuse_muddle(documents, groups)
    for document, by_graph, own in zip(documents, found, groups, strict=True):
        if len(own) == 1:
            yield _whole(own.pop(), (document,), unit.unread)
        else:
            yield from _corpus(document, by_graph, unit.unread)


def read_case(
    group: str,
    origin: str,
    quads: Sequence[ox.Quad],
    documents: tuple[Document, ...] = (),
    unread: tuple[str, ...] = (),
    written: tuple[str, str] | None = None,
) -> Case:
    """Return the case that statements make as they were read, in normal form.

    `written` is a text that holds just them, and its syntax: where they are in normal form already,
    engines read that as it is, which is quicker.
    """
    normal = normalise(quads, group, origin)
    parsed = tuple(normal)
    if normal is not quads or written is None:
        written = ntriples(parsed), "ntriples"
    return Case(group, origin, *written, documents, parsed, unread)


def _whole(group: str, documents: tuple[Document, ...], unread: tuple[str, ...]) -> Case:
    quads = documents[0].quads
    if len(documents) > 1:
        quads = [quad for document in documents for quad in document.quads]
    return read_case(group, _origin(documents), quads, documents, unread, _written(documents))


def _written(documents: Sequence[Document]) -> tuple[str, str] | None:
    """Return one text that holds documents as they are, and its syntax, if there can be one."""
    syntaxes = {document.syntax for document in documents}
    if len(documents) == 1 and syntaxes <= {*_IN_TRIG, "nquads"}:
        return documents[0].text, documents[0].syntax
    if syntaxes <= _IN_TRIG:
        return "\n".join(document.text for document in documents), "trig"
    return None


def _origin(documents: Sequence[Document]) -> str:
    return ", ".join(document.where for document in documents)


def _candidates(document: Document) -> dict[Graph, list[str]]:
    """Return the candidate groups of a document by graph, each in order of appearance."""
    found: dict[Graph, list[str]] = {}
    for quad in document.quads:
        if quad.predicate == _TYPE and quad.object == _CANDIDATE:
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


def _no_candidate(documents: Sequence[Document]) -> RecordError | InputError:
    where = ", ".join(document.where for document in documents)
    remedy = "say which node is judged: <…> a k20:CandidateGroup"
    quads = [quad for document in documents for quad in document.quads]
    if not quads:
        return InputError("the file states nothing", where=where, remedy=remedy)
    kinds = [str_of(q.object) for q in quads if q.predicate == _TYPE]
    for iri in dict.fromkeys([*kinds, *(q.predicate.value for q in quads)]):
        if fault := property_fault(iri):
            what, remedy = fault
            what = f"there is no candidate group, and the file {what}"
            return RecordError(what, where=where, remedy=remedy)
    if len(documents) == 1 and any(q.predicate == _RECORD_OF for q in quads):
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
                    f"{seen[name]} and {document.where} both describe "
                    f"{escape_controls(shorten(name))}, and the folder holds "
                    "other candidate groups too",
                    where=where,
                    remedy="put the files of each case into a folder of their own",
                )
            seen[name] = document.where


def _corpus(
    document: Document, by_graph: dict[Graph, list[str]], unread: tuple[str, ...]
) -> Iterator[Case]:
    """Yield a case for each candidate group of a document in which named graphs hold several.

    Graphs that ``k20:recordOf`` says to be records of one group make one case; so it is in stores.
    """
    for graph, names in by_graph.items():
        if isinstance(graph, ox.DefaultGraph) or len(names) > 1:
            raise _too_many(document, graph, names)
    named = {quad.graph_name for quad in document.quads}
    home = {graph: names[0] for graph, names in by_graph.items()}
    home |= {q.subject: str_of(q.object) for q in document.quads if q.predicate == _RECORD_OF}
    cases: dict[str, list[ox.Quad]] = {names[0]: [] for names in by_graph.values()}
    graphs: dict[str, dict[Graph, None]] = {group: {} for group in cases}
    others: dict[str, None] = {}
    for quad in document.quads:
        graph = quad.graph_name
        # What the default graph says of a named graph belongs to that graph's case.
        if isinstance(graph, ox.DefaultGraph) and quad.subject in named:
            graph = quad.subject
        if (group := home.get(graph)) in cases:
            cases[group].append(quad)
            graphs[group][graph] = None
        elif getattr(graph, "value", "").startswith(NO_RECORDS):
            others[escape_controls(str(graph))] = None
        else:
            label = "the default graph" if isinstance(graph, ox.DefaultGraph) else str(graph)
            raise RecordError(
                f"{escape_controls(label)} holds no candidate group, and other graphs hold several",
                where=document.where,
                remedy="put what belongs to a case into that case's named graph",
            )
    aside = tuple(f"{document.where}: {graph}: it describes no case" for graph in others)
    print_unread(aside)
    for group, part in cases.items():
        label = str(next(iter(graphs[group]))) if len(graphs[group]) == 1 else shorten(group)
        origin = f"{document.where} {escape_controls(label)}"
        yield read_case(group, origin, part, (document,), (*unread, *aside))
        aside = ()


def _too_many(document: Document, graph: object, names: Sequence[str]) -> RecordError:
    line = document.line_of(names[-1])
    place = "one graph" if isinstance(graph, ox.DefaultGraph) else escape_controls(str(graph))
    listed = " and ".join(escape_controls(shorten(name)) for name in names[:2])
    what = f"{place} holds {len(names)} candidate groups, {listed}"
    if len(names) == 1:
        what = f"{listed} stands outside every named graph of a file with several candidate groups"
    elif len(names) > 2:
        what += " among them"
    return RecordError(
        what, where=f"{document.where}:{line}" if line else document.where, remedy=_ONE_EACH
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
