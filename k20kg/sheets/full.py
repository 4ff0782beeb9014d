"""The full workbook: a sheet for each kind of record, a column for each property that it may have.

Kinds are those that the record check asks about; columns are the properties whose domain is the
class, one above it or one below it. Links by which a record is reached (`k20:reachedBy`) stand on
the sheet of what they lead to, so that a row says itself what it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from k20kg.rdf.graph import Graph, read_turtle
from k20kg.sheets.schema import (
    CellKind,
    Column,
    Condition,
    Record,
    Rule,
    Sheet,
    kind_of,
    vocabulary,
)
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH, SKOS, packaged, shorten

_SORTS: Final = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
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
    (book,) = (w for w in stated.of_type(K20 + "Workbook") if stated.value(w, SH + "in"))
    named = list(stated.items(book, SH + "in"))
    checks = Graph(read_turtle(packaged("shapes", "record.ttl")))
    targets = {
        c for s in checks.having(SH + "targetClass") for c in checks.values(s, SH + "targetClass")
    }
    kinds = [*named, *sorted(c for c in targets if not {*named} & _around(c, up=True))]
    names: set[str] = set()
    for kind in kinds:
        below = _around(kind, up=False) - {other for other in kinds if other != kind}
        classes = tuple(sorted(below, key=lambda c: (c != kind, c)))
        parts = sorted(_parts(stated, book, classes), key=lambda part: part.order)
        yield _sheet(_unique(_label(kind), names), classes, parts, named[0])


def _around(kind: str, *, up: bool) -> set[str]:
    """Return a class with those above, or those below but for what is only defined by others."""
    terms = vocabulary()
    found, waiting = {kind}, [kind]
    while waiting:
        one = waiting.pop()
        next_ = (
            terms.values(one, RDFS + "subClassOf")
            if up
            else terms.subjects(RDFS + "subClassOf", one)
        )
        new = {c for c in next_ if c[:2] != "_:"} - found
        waiting += new
        found |= new
    return found if up else {c for c in found if not terms.values(c, OWL + "equivalentClass")}


def _domain(predicate: str) -> set[str]:
    """Return the classes that a property belongs to."""
    terms = vocabulary()
    whole = terms.values(predicate, RDFS + "domain")
    return {c for d in whole for c in (terms.items(d, OWL + "unionOf") if d[:2] == "_:" else [d])}


def _parts(stated: Graph, book: str, classes: Sequence[str]) -> list[_Part]:
    """Return the columns of a sheet, one for each property, in the order of the ontology."""
    terms = vocabulary()
    around = {c for k in classes for c in _around(k, up=True)}
    links = {c: terms.values(c, K20 + "reachedBy") for c in terms.having(K20 + "reachedBy")}
    found = [_Part(0, f"{_label(p)} of", p, True) for c in classes for p in links.get(c, ())]
    for node in stated.values(book, SH + "property"):
        targets = set(stated.values(node, SH + "targetClass"))
        if not targets or targets & around:
            path = stated.value(node, SH + "path")
            back = stated.value(path, SH + "inversePath")
            name = stated.value(node, SH + "name") or _label(back or path) + " of" * bool(back)
            order = int(stated.value(node, SH + "order", "2"))
            found.append(_Part(order, name, back or path, bool(back)))
    elsewhere = {p for some in links.values() for p in some}
    for name in (n for sort in _SORTS for n in sorted(terms.of_type(OWL + sort))):
        derived = any(terms.values(name, OWL + s) for s in ("inverseOf", "propertyChainAxiom"))
        if _domain(name) & around and not derived and name not in elsewhere:
            found.append(_Part(2, _label(name), name))
    return list({(part.predicate, part.inverse): part for part in reversed(found)}.values())[::-1]


def _sheet(name: str, classes: tuple[str, ...], parts: Sequence[_Part], top: str) -> Sheet:
    """Return the sheet of a class and those below it."""
    terms = vocabulary()
    sheet = f"{K20}sheet/{name}"
    key = Column(f"{sheet}/address", "address", "Your own, such as goal/1; below the group's", True)
    columns, rules, names = [key], [], {"address", "kind"}
    if len(classes) > 1:
        columns.append(Column(f"{sheet}/kind", "kind", "Choose", True, False, True, classes))
        rules.append(Rule(RDF_TYPE, CellKind("class", classes), column=columns[1].iri))
    reached = {}
    for part in parts:
        word = _unique(part.name, names)
        kind = CellKind("link") if part.inverse else kind_of(part.predicate)
        once = OWL + "FunctionalProperty" in terms.values(part.predicate, RDF_TYPE)
        several = kind.name in ("link", "choice") and (part.inverse or not once)
        means = terms.value(part.predicate, SKOS + "definition")
        columns.append(Column(f"{sheet}/{word}", word, means, False, part.order > 3, several))
        rules.append(Rule(part.predicate, kind, part.inverse, columns[-1].iri))
        if part.order == 0:
            reached[part.predicate] = Condition(columns[-1].iri)
    group = next((p for p in reached if _domain(p) & _around(top, up=True)), None)
    if group:
        first, empty = f"{K20}record/{_label(top)}", tuple(reached.values())
        rules.append(Rule(group, CellKind("link"), True, records=(first,), when=empty))
    made = Condition(key.iri, "", True)
    record = Record(f"{K20}record/{name}", sheet, classes, ("{address}",), tuple(rules), made)
    title = f"{name}: {terms.value(classes[0], SKOS + 'definition')}"
    return Sheet(sheet, name, title, tuple(columns), (record,))


def _label(iri: str) -> str:
    return vocabulary().value(iri, SKOS + "prefLabel") or shorten(iri).partition(":")[2]


def _unique(name: str, names: set[str]) -> str:
    """Return a name that none has had yet, as a sheet or a heading may be called."""
    found, number = name[:_LONGEST].strip(), 1
    while found.casefold() in names:
        number += 1
        found = f"{name[: _LONGEST - 3]} {number}"
    names.add(found.casefold())
    return found
