"""Workbooks by name, as `shapes/sheets.ttl` states them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from k20kg.disk_cache import cached_on_disk
from k20kg.rdf.graph import Graph, read_turtle
from k20kg.sheets.full import full_sheets
from k20kg.sheets.schema import (
    FULL,
    STARTER,
    CellKind,
    Column,
    Condition,
    Record,
    Rule,
    Sheet,
    Workbook,
    kind_of,
    vocabulary,
)
from k20kg.vocabulary import K20, OWL, RDF_TYPE, RDFS, SH, packaged


@cache
def workbook(name: str = STARTER) -> Workbook:
    """Return the workbook of a name, worked out once for all that it is read from."""
    return cached_on_disk(f"workbook-{name}", lambda: _work_out(name))


def _work_out(name: str) -> Workbook:
    graph = Graph(read_turtle(packaged("shapes", "sheets.ttl")))
    (iri,) = (w for w in graph.of_type(K20 + "Workbook") if graph.value(w, SH + "name") == name)
    sheets = tuple(_sheet(graph, one) for one in _parts(graph, iri, "Sheet"))
    if name == FULL:
        sheets = (*full_sheets(graph), *sheets)
    kinds = [kind for sheet in sheets for c in sheet.columns for kind in sheet.kinds(c)]
    words = {
        term: (name == STARTER and graph.value(term, K20 + "cellWord")) or vocabulary().label(term)
        for kind in kinds
        for term in kind.choices
    }
    version, text = graph.value(iri, OWL + "versionInfo"), graph.value(iri, SH + "description")
    return Workbook(name, version, text, sheets, words, graph.value(iri, K20 + "languageFrom"))


def _parts(graph: Graph, whole: str, kind: str) -> list[str]:
    """Return the parts of one kind of a workbook or a sheet, in order."""
    found = [
        p for p in graph.subjects(SH + "group", whole) if graph.value(p, RDF_TYPE) == K20 + kind
    ]
    return sorted(found, key=lambda part: int(graph.value(part, SH + "order", "0")))


def _sheet(graph: Graph, iri: str) -> Sheet:
    return Sheet(
        iri,
        graph.value(iri, SH + "name"),
        graph.value(iri, SH + "description"),
        tuple(_column(graph, column) for column in _parts(graph, iri, "Column")),
        tuple(_record(graph, record, iri) for record in _parts(graph, iri, "RowRecord")),
        graph.value(iri, K20 + "oneRow") == "true",
        graph.value(iri, K20 + "countedBy"),
        graph.value(iri, RDFS + "label"),
    )


def _column(graph: Graph, iri: str) -> Column:
    return Column(
        iri,
        graph.value(iri, SH + "name"),
        graph.value(iri, SH + "description"),
        bool(graph.value(iri, SH + "minCount")),
        graph.value(iri, K20 + "seldom") == "true",
        graph.value(iri, K20 + "several") == "true",
        tuple(graph.items(iri, SH + "in")),
        tuple(graph.values(iri, SH + "defaultValue")),
        tuple(graph.values(iri, K20 + "rowRecord")),
    )


def _record(graph: Graph, iri: str, sheet: str) -> Record:
    rules = tuple(_rule(graph, node) for node in graph.values(iri, SH + "property"))
    chosen = [c for rule in rules if rule.predicate == RDF_TYPE for c in rule.kind.choices]
    return Record(
        iri,
        sheet,
        tuple(chosen or graph.values(iri, SH + "class")),
        tuple(graph.items(iri, K20 + "address")),
        rules,
        next(_conditions(graph, iri), None),
        graph.value(iri, K20 + "sameWords") == "true",
    )


def _rule(graph: Graph, node: str) -> Rule:
    path = graph.value(node, SH + "path")
    back = graph.value(path, SH + "inversePath")
    column = graph.value(node, K20 + "column")
    chosen = CellKind("class", tuple(graph.items(column, SH + "in")))
    return Rule(
        back or path,
        chosen if path == RDF_TYPE else kind_of(back or path),
        bool(back),
        column,
        tuple(graph.values(node, K20 + "rowRecord")),
        tuple(_conditions(graph, node)),
        graph.value(node, SH + "hasValue"),
    )


def _conditions(graph: Graph, node: str) -> Iterator[Condition]:
    for stated in graph.values(node, K20 + "madeIf"):
        negated = graph.value(stated, SH + "not")
        path, value = (graph.value(negated or stated, SH + p) for p in ("path", "hasValue"))
        yield Condition(path, value, bool(negated))
