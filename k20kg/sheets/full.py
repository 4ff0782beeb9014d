"""The full workbook: a sheet for each kind of record, a column for each property that it may have.

Kinds are those that the record check asks about; columns are the properties whose domain is the
class, one above it or one below it. Links by which a record is reached (`k20:reachedBy`) stand on
the sheet of what they lead to, so that a row says itself what it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from k20kg.rdf.graph import Graph, read_turtle
from k20kg.sheets.plan import CellKind, Column, Condition, Record, Rule, Sheet, kind_of, vocabulary
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH, SKOS, packaged, shorten

_SORTS: Final = [OWL + s for s in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")]
_LONGEST: Final = 31
"""So long may the name of a sheet be."""


class _Part(NamedTuple):
    """A column to be: a property, which way it leads, what it is called, and its place."""

    order: int
    name: str
    predicate: str
    inverse: bool = False


def full_sheets(stated: Graph) -> Iterator[Sheet]:
    """Yield the sheets, first those that sheets.ttl names, then what else has a record check."""
    terms = vocabulary()
    (iri,) = (w for w in stated.of_type(K20 + "Workbook") if stated.value(w, SH + "in"))
    named = list(stated.items(iri, SH + "in"))
    checks = Graph(read_turtle(packaged("shapes", "record.ttl")))
    targets = {
        c for s in checks.having(SH + "targetClass") for c in checks.values(s, SH + "targetClass")
    }
    below = {c for c in targets for n in named if n in _above(terms, c)}
    kinds = [*named, *sorted(targets - below - {*named})]
    every = {kind: _below(terms, kind) - {k for k in kinds if k != kind} for kind in kinds}
    names: set[str] = set()
    for kind in kinds:
        classes = tuple(sorted(every[kind], key=lambda c: (c != kind, c)))
        parts = sorted(_parts(terms, stated, iri, classes), key=lambda part: part.order)
        name = _unique(_label(terms, kind), names)
        yield _sheet(terms, kind, name, classes, parts, named[0])


def _above(terms: Graph, kind: str) -> set[str]:
    found, waiting = {kind}, [kind]
    while waiting:
        new = {a for a in terms.values(waiting.pop(), RDFS + "subClassOf") if a[:2] != "_:"} - found
        found |= new
        waiting += new
    return found


def _below(terms: Graph, kind: str) -> set[str]:
    """Return a class and those below it, but for classes that are only defined by others."""
    found, waiting = {kind}, [kind]
    while waiting:
        new = {b for b in terms.subjects(RDFS + "subClassOf", waiting.pop()) if b[:2] != "_:"}
        waiting += new - found
        found |= new
    return {c for c in found if c == kind or not terms.values(c, OWL + "equivalentClass")}


def _parts(terms: Graph, stated: Graph, book: str, classes: tuple[str, ...]) -> Iterator[_Part]:
    """Yield the columns of a sheet, one for each property, in the order of the ontology."""
    around = {c for k in classes for c in _above(terms, k)}
    seen: set[tuple[str, bool]] = set()
    reached = [p for c in classes for p in terms.values(c, K20 + "reachedBy")]
    elsewhere = {
        p for c in terms.having(K20 + "reachedBy") for p in terms.values(c, K20 + "reachedBy")
    }
    found = [_Part(0, f"{_label(terms, p)} of", p, True) for p in dict.fromkeys(reached)]
    for node in stated.values(book, SH + "property"):
        targets = stated.values(node, SH + "targetClass")
        if not targets or {*targets} & around:
            path = stated.value(node, SH + "path")
            back = stated.value(path, SH + "inversePath")
            name = stated.value(node, SH + "name") or _label(terms, back or path)
            order = int(stated.value(node, SH + "order", "2"))
            found.append(_Part(order, f"{name} of" if back else name, back or path, bool(back)))
    for sort in _SORTS:
        for name in sorted(terms.of_type(sort)):
            derived = terms.values(name, OWL + "inverseOf") or terms.values(
                name, OWL + "propertyChainAxiom"
            )
            if {*_domain(terms, name)} & around and not derived and name not in elsewhere:
                found.append(_Part(2, _label(terms, name), name))
    for part in found:
        if (part.predicate, part.inverse) not in seen:
            seen.add((part.predicate, part.inverse))
            yield part


def _sheet(
    terms: Graph, kind: str, name: str, classes: tuple[str, ...], parts: list[_Part], top: str
) -> Sheet:
    sheet = f"{K20}sheet/{name}"
    key = Column(f"{sheet}/address", "address", "Your own, such as goal/1; below the group's", True)
    columns, rules, names = [key], [], {"address"}
    if len(classes) > 1:
        column = Column(f"{sheet}/kind", "kind", "Choose", True, False, True, classes)
        columns.append(column)
        rules.append(Rule(RDF_TYPE, CellKind("class", classes), column=column.iri))
        names.add("kind")
    reached = [
        p for p in parts if p.inverse and p.predicate in terms.values(kind, K20 + "reachedBy")
    ]
    for part in parts:
        word = _unique(part.name, names)
        iri = f"{sheet}/{word}"
        link = part.inverse or kind_of(part.predicate).name in ("link", "choice")
        once = OWL + "FunctionalProperty" in terms.values(part.predicate, RDF_TYPE)
        columns.append(Column(iri, word, terms.value(part.predicate, SKOS + "definition"), False,
                              part.order > 3, link and (part.inverse or not once)))  # fmt: skip
        value = CellKind("link") if part.inverse else kind_of(part.predicate)
        rules.append(Rule(part.predicate, value, part.inverse, iri))
    if group := next(
        (p for p in reached if {*_domain(terms, p.predicate)} & _above(terms, top)), None
    ):
        empty = tuple(
            Condition(c.iri) for c, p in zip(columns[-len(parts):], parts, strict=True) if p in reached
        )  # fmt: skip
        first = f"{K20}record/{_label(terms, top)}"
        rules.append(Rule(group.predicate, CellKind("link"), True, records=(first,), when=empty))
    record = Record(f"{K20}record/{name}", sheet, classes if len(classes) > 1 else (kind,),
                    ("{address}",), tuple(rules), Condition(key.iri, "", True))  # fmt: skip
    title = f"{name}: {terms.value(kind, SKOS + 'definition')}"
    return Sheet(sheet, name, title, tuple(columns), (record,))


def _domain(terms: Graph, predicate: str) -> list[str]:
    """Return the classes that a property belongs to."""
    whole = terms.values(predicate, RDFS + "domain")
    return [c for d in whole for c in (terms.items(d, OWL + "unionOf") if d[:2] == "_:" else [d])]


def _label(terms: Graph, iri: str) -> str:
    return terms.value(iri, SKOS + "prefLabel") or shorten(iri).partition(":")[2]


def _unique(name: str, names: set[str]) -> str:
    """Return a name that none has had yet, as a sheet or a heading may be called."""
    found, number = name[:_LONGEST].strip(), 1
    while found.casefold() in names:
        number += 1
        found = f"{name[: _LONGEST - 3]} {number}"
    names.add(found.casefold())
    return found
