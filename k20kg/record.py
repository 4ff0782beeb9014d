"""Faults of a case record: those that no SHACL engine can see, and SHACL's own, in words.

A shapes graph cannot say that a term is misspelt, that a number is not written in its canonical
form, or that an address would run a script. These are looked for in the text; the statements are
parsed only where the text raises a suspicion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Final, NamedTuple, Protocol

import pyoxigraph as ox

from k20kg.cases import Case, Document
from k20kg.characters import cut_numbers
from k20kg.literals import canonical, is_literal_of, literal_fault
from k20kg.text import neutralise
from k20kg.vocabulary import K20, XSD, packaged, shorten

__all__ = [
    "Fault",
    "check_statements",
    "check_text",
    "declared_terms",
    "faults_from_results",
    "faults_in",
    "faults_of",
    "is_suspicious",
    "notes_on_text",
]

_LINES_SOUGHT: Final = 100
"""For so many faults of a case the line is looked up; it costs a search of the text each."""


class Fault(NamedTuple):
    """One thing wrong with a record: where, with which node, what, and what to do."""

    where: str
    """File and line, ``lamsig.ttl:214``, or as much of it as is known."""
    node: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.node} {self.what}; {self.remedy}"


class _Result(Protocol):
    """What is read of a SHACL result."""

    @property
    def shape(self) -> str: ...
    @property
    def focus(self) -> str: ...
    @property
    def value(self) -> str | None: ...
    @property
    def message(self) -> str: ...


def check_text(case: Case) -> tuple[Fault, ...]:
    """Return the faults in terms, literals and addresses that the text gives away.

    A number without quotes that is not in canonical form shows only in the SHACL results; then
    `check_statements` says what is wrong with it.
    """
    documents = case.documents
    if (len(documents) == 1 and documents[0].text is not case.text) or not documents:
        documents = (Document(case.origin, case.text, case.syntax),)  # one case of a corpus
    if not any(is_suspicious(document) for document in documents):
        return ()
    return check_statements(case)


def check_statements(case: Case) -> tuple[Fault, ...]:
    """Return the faults in terms, literals and addresses, for certain, by parsing the case."""
    found = dict.fromkeys(faults_in(case.quads))
    place = _placer(case)
    return tuple(Fault(place(iri), _name(iri), what, remedy) for iri, what, remedy in found)


def faults_of(
    case: Case,
    faults: tuple[Fault, ...],
    results: Sequence[_Result],
    remedies: Mapping[str, str],
) -> tuple[Fault, ...]:
    """Return all faults of a case: those of `check_text`, and what the record check reports.

    `remedies` holds what each shape of the record check says to do.
    """
    if not results:
        return faults
    found = faults_from_results(case, results, remedies)
    return (faults or check_statements(case)) + found


def faults_from_results(
    case: Case, results: Iterable[_Result], remedies: Mapping[str, str]
) -> tuple[Fault, ...]:
    """Return a fault for each result of the record check, sorted by place."""
    found: dict[tuple[str, str, str], None] = {}
    for result in results:
        if result.value and _ill_formed(result.value):
            continue  # check_text says it better
        what = neutralise(result.message).removeprefix("It ").rstrip(".")
        if result.value and result.value != result.focus:
            what += f" ({_shown(result.value)})"
        remedy = remedies[result.shape].rstrip(".")
        found[_bare(result.focus), what, remedy] = None
    place = _placer(case)
    faults = [Fault(place(iri), _name(iri), what, remedy) for iri, what, remedy in sorted(found)]
    return tuple(sorted(faults, key=lambda f: _by_line(f.where)))


def _by_line(where: str) -> tuple[str, int]:
    path, _, line = where.rpartition(":")
    return (path, int(line)) if line.isdigit() else (where, 0)


def _placer(case: Case) -> Callable[[str], str]:
    """Return a function from a node's IRI to the file and line where it stands."""
    known: dict[str, str] = {}

    def place(iri: str) -> str:
        if iri not in known:
            known[iri] = case.origin
            for document in case.documents if len(known) <= _LINES_SOUGHT else ():
                if (line := document.line_of(iri)) is not None:
                    known[iri] = f"{document.where}:{line}"
                    break
        return known[iri]

    return place


def _name(iri: str) -> str:
    return "a blank node" if iri.startswith("_:") else neutralise(shorten(iri))


def _bare(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term


def _shown(term: str) -> str:
    """Return a term of a result the way people write it, alike for every engine."""
    if not term.startswith('"'):
        return _cut(_name(_bare(term)))
    lexical, datatype = _split_literal(term)
    if datatype == XSD + "dateTime":
        lexical = canonical(lexical, "dateTime") or lexical
    plain = datatype.removeprefix(XSD) in ("integer", "decimal", "boolean")
    return _cut(lexical if plain else f'"{lexical}"')


def _split_literal(term: str) -> tuple[str, str]:
    """Return lexical form and datatype of a literal in N-Triples syntax."""
    found = re.fullmatch(r'"(.*)"(?:@[\w-]+|\^\^<([^<>]*)>)?', term, re.DOTALL)
    return (found[1], found[2] or "") if found else (term, "")


def _cut(text: str) -> str:
    text = neutralise(text)
    return text if len(text) <= 60 else text[:59] + "…"


# ---------------------------------------------------------------- suspicion, from the text alone

_TERM: Final = re.compile(r"k20:([^\s;,()\[\]{}<>\"]*)")
_WHOLE_TERM: Final = re.compile(re.escape(f"<{K20}") + r"([^<>]*)>")
_DATATYPE: Final = re.compile(r"(?:xsd:|<" + re.escape(XSD) + r")(\w+)")
_SCRIPT: Final = re.compile(r"<\s*(?:javascript|vbscript|data):", re.IGNORECASE)


def is_suspicious(document: Document) -> bool:
    """Tell whether a text may hold a fault, or cannot be judged without parsing it."""
    text = document.text
    if not document.plain or '"""^^' in text or "ontology\\#" in text or _SCRIPT.search(text):
        return True
    named = _TERM.findall(text)
    if named.count("") > 1:  # once is the prefix's declaration
        return True
    used = {name.rstrip(".") for name in set(named)}
    if f"<{K20}" in text:
        used.update(_WHOLE_TERM.findall(text))
    if not used - {""} <= declared_terms():
        return True
    typed = _typed_literals(text)
    return typed is None or any(literal_fault(*each) for each in typed)


def _typed_literals(text: str) -> set[tuple[str, str]] | None:
    """Return lexical form and datatype of each ``"…"^^xsd:…``; None if one is written otherwise."""
    found: set[tuple[str, str]] = set()
    for before, after in pairwise(text.split("^^")):
        if not before.endswith('"'):
            return None
        if datatype := _DATATYPE.match(after):
            found.add((before[before.rfind('"', 0, -1) + 1 : -1], XSD + datatype[1]))
    return found


# ---------------------------------------------------------------- certainty, from the statements


def faults_in(quads: Iterable[ox.Quad]) -> Iterator[tuple[str, str, str]]:
    """Yield (node, what, remedy) for each fault; one term is judged once a node."""
    for quad in quads:
        subject, graph = quad.subject, quad.graph_name
        node = subject.value if isinstance(subject, ox.NamedNode) else str(subject)
        terms = (subject, quad.predicate, quad.object, graph)
        for term in terms:
            if isinstance(term, ox.NamedNode):
                if fault := _address_fault(term.value):
                    yield (node, *fault)
            elif isinstance(term, ox.Literal) and (
                fault := literal_fault(term.value, term.datatype.value)
            ):
                what, remedy = fault
                yield node, f"{what} for {_name(quad.predicate.value)}", remedy


@cache
def _address_fault(iri: str) -> tuple[str, str] | None:
    """Return what is wrong with an IRI, and the remedy."""
    import difflib

    if iri.lower().startswith(("javascript:", "vbscript:", "data:")):
        return (
            f"has an address that could run a script ({_cut(iri)})",
            "use an http, https or urn address",
        )
    if iri.startswith(K20) and (local := iri.removeprefix(K20)) not in declared_terms():
        terms = declared_terms()
        near = difflib.get_close_matches(
            local, terms, n=1, cutoff=0.6
        ) or difflib.get_close_matches(local.lower(), [t.lower() for t in terms], n=1, cutoff=0.6)
        meant = next((t for t in sorted(terms) if near and t.lower() == near[0].lower()), "")
        if near and near[0] in terms:
            meant = near[0]
        return (
            f"uses k20:{_cut(local)}, which the vocabulary does not have",
            f"did you mean k20:{meant}?"
            if meant
            else "use a term of the vocabulary, or a namespace of your own",
        )
    return None


@cache
def declared_terms() -> frozenset[str]:
    """Return the local names of all terms that the ontology declares.

    House style puts each term at the start of a line, so that no parser is needed.
    """
    names: set[str] = set()
    for path in sorted(packaged("ontology").glob("*.ttl")):
        names.update(re.findall(r"(?m)^k20:([\w-]+)\s", path.read_text(encoding="utf-8")))
    return frozenset(names)


def _ill_formed(term: str) -> bool:
    """Tell whether a term is a literal that stands for nothing of its datatype."""
    if not term.startswith('"'):
        return False
    lexical, datatype = _split_literal(term)
    return not is_literal_of(lexical, datatype)


def notes_on_text(case: Case) -> tuple[Fault, ...]:
    """Return a note on each number that a comma cuts in two, which is good Turtle."""
    return tuple(
        Fault(
            f"{document.where}:{line}",
            number,
            f"is two numbers in Turtle, {' and '.join(number.split(','))}",
            f"write {number.replace(',', '.')} with a point, or a blank after the comma",
        )
        for document in case.documents
        if document.syntax in ("turtle", "trig")
        for line, number in cut_numbers(document.patch or document.text)
    )
