"""The index pages, of cases, literature and named queries, for people and as RDF and CSV.

Each is negotiated at one address; the ending of a format, or the parameter `format`, asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from k20kg.errors import K20Error, UsageError, install
from k20kg.rdf.text import escape_controls
from k20kg.report.table import Table, render_table
from k20kg.sparql.named_queries import list_queries, tabulate
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, RDFS, SH
from k20kg.web.dataset import Dataset, verdicts
from k20kg.web.http.formats import CSV, HTML, JSON, OFFERS, XLSX, Format
from k20kg.web.http.response_cache import Once
from k20kg.web.http.responses import (
    RefusalError,
    Resource,
    accept_of,
    alternates,
    answer,
    not_acceptable,
    pick,
    read_fields,
)
from k20kg.web.pages import Site, cases, front, queries
from k20kg.web.pages.names import names_of
from k20kg.web.pages.rows import Row, column
from k20kg.web.serializer import NAMESPACES, make_quad, write

OFFERED: Final = (HTML, CSV, *(offer for offer in OFFERS if offer is not HTML))
_LISTED: Final = (*OFFERED, XLSX)
_OF_CASES: Final = {RDF_TYPE, RDFS + "label", RDFS + "comment"}

Given = Mapping[str, str]


class Index(NamedTuple):
    """An index: how it is made as a page, as a table, and as statements."""

    path: str
    title: str
    parameters: tuple[str, ...]
    page: Callable[[Site, Given, K20Error | None], str]
    """With a fault, the plain page that tells of it."""
    table: Callable[[Site, Given], Table]
    quads: Callable[[Site, Given], Iterable[ox.Quad]]
    offers: tuple[Format, ...] = _LISTED

    def address(self, form: Format, given: Given | None = None) -> str:
        """Return the path of a format below the site's root."""
        return f"/{self.path}.{form.suffix}{'?' + urlencode(given) if given else ''}"


def routes(site: Site, once: Once, indexes: Iterable[Index]) -> list[Route]:
    """Return the routes of indexes."""

    def route(index: Index) -> Iterable[Route]:
        async def send(request: Request) -> Response:
            fields = dict(read_fields(request.scope["query_string"]))
            given = {name: fields[name] for name in index.parameters if fields.get(name)}
            suffix, key = request.path_params.get("suffix", ""), fields.get("format", "")
            form = pick(accept_of(request), suffix, key, index.offers)
            if form is None:
                raise not_acceptable(index.offers)

            def address(form: Format) -> str:
                return f"{site.links.root}{index.address(form, given)}"

            found = Resource(
                f"{index.path}?{urlencode(given)}",
                index.offers,
                lambda form: made(site, index, form, given),
                fixed=form if suffix else None,
                address=address,
                links=lambda form: alternates(index.offers, address, form),
            )
            return await answer(found, form.media_type, once)

        for path in (f"/{index.path}", f"/{index.path}.{{suffix}}"):
            yield Route(path, send, methods=["GET"])

    return [one for index in indexes for one in route(index)]


def made(site: Site, index: Index, form: Format, given: Given | None = None) -> bytes:
    """Return an index in a format; `RefusalError` for a parameter that names nothing."""
    given = given or {}
    try:
        return _made(site, index, form, given)
    except UsageError as fault:
        what, remedy = fault.what, fault.remedy
        page = partial(index.page, site, {}, fault)
        raise RefusalError(400, what, "", remedy, page=page) from None


def _made(site: Site, index: Index, form: Format, given: Given) -> bytes:
    if form is HTML:
        return index.page(site, given, None).encode()
    if form is XLSX:
        return _workbook(index.table(site, given))
    if form in (CSV, JSON):
        return render_table(index.table(site, given), form.key).encode()
    here = BASE + index.path
    items = list(index.quads(site, given))
    judged = {quad.subject for quad in items if quad.predicate.value == K20 + "verdict"}
    subjects = dict.fromkeys(quad.subject for quad in items)
    listed = [s for s in subjects if isinstance(s, ox.NamedNode) and s not in judged]
    document = [
        make_quad(here, RDF_TYPE, NAMESPACES["foaf"] + "Document"),
        make_quad(here, DCTERMS + "title", ox.Literal(index.title)),
        *(make_quad(here, DCTERMS + "hasPart", one.value) for one in listed),
    ]
    plain = [ox.Quad(q.subject, q.predicate, q.object) for q in (*document, *items)]
    return write(plain, form, topic=here, replace=not site.live)


def _workbook(table: Table) -> bytes:
    """Return a table as a workbook of one sheet; `RefusalError` where openpyxl is not here."""
    try:
        from openpyxl import Workbook

        from k20kg.sheets.excel import paint, to_bytes
    except ImportError:
        what = "this server has no openpyxl to write workbooks with"
        raise RefusalError(406, what, remedy=f"take CSV, or {install('office')}") from None
    book = Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate((table.columns, *table.rows), 1):
        for place, value in enumerate(row, 1):
            said = escape_controls(value) if isinstance(value, str) else value
            paint(sheet.cell(number, place), said, bold=number == 1)
    sheet.freeze_panes = "A2"
    return to_bytes(book)


def _cases_table(site: Site, given: Given) -> Table:
    chosen = cases.select(site.dataset, given, given.get("page", ""))
    codes = [criterion.code for criterion in chosen.criteria]
    rows: list[tuple[str, ...]] = []
    for one in chosen.found.entries:
        label = names_of(site.dataset).label(one.iri)
        for a in one.assessments:
            verdicts = [a.finding(code).verdict.value for code in codes]
            kind = "made up" if one.synthetic else "real"
            rows.append((one.iri, label, kind, a.reading.id, a.verdict.value, *verdicts, ""))
        if not one.assessments:
            fault = one.fault or "not judged yet"
            rows.append((one.iri, label, "", "", "", *("" for _ in codes), fault))
    heads = ("case", "label", "kind", "reading", "verdict", *codes, "fault")
    return Table("Cases against criteria", heads, rows)


def _cases_quads(site: Site, given: Given) -> Iterable[ox.Quad]:
    found = cases.select(site.dataset, given, given.get("page", "")).found.entries
    for one in found:
        yield from about(site.dataset, one.iri, _OF_CASES)
    yield from verdicts([a for one in found for a in one.assessments])


def _works(site: Site, given: Given) -> Sequence[tuple[Any, list[Row]]]:
    return front.works(site, given, given.get("page", ""))[1].entries


def _literature_table(site: Site, given: Given) -> Table:
    names = site.names
    rows = [
        (
            work.iri,
            names.name(work.iri),
            *(", ".join(map(str, column(rows, name))) for name in front.OF_WORKS),
            len(front.citations(names, work.iri)),
        )
        for work, rows in _works(site, given)
    ]
    heads = ("work", "label", "title", "year", "field", "pattern", "stance", "listed", "citations")
    return Table("The literature", heads, rows)


def _literature_quads(site: Site, given: Given) -> Iterable[ox.Quad]:
    return (quad for work, _ in _works(site, given) for quad in about(site.dataset, work.iri))


def _queries_quads(_: Site, __: Given) -> Iterable[ox.Quad]:
    for query in list_queries():
        iri = f"{BASE}query/{query.name}"
        form = query.form.capitalize()
        yield make_quad(iri, RDF_TYPE, f"{SH}SPARQL{form}Executable")
        yield make_quad(iri, SH + query.form.lower(), ox.Literal(query.text))
        yield make_quad(iri, RDFS + "label", ox.Literal(query.summary))
        yield make_quad(iri, DCTERMS + "description", ox.Literal(query.description))
        yield make_quad(iri, DCTERMS + "identifier", ox.Literal(query.id))
        for tag in query.tags:
            yield make_quad(iri, NAMESPACES["dcat"] + "keyword", ox.Literal(tag))


def about(dataset: Dataset, iri: str, only: set[str] | None = None) -> Iterable[ox.Quad]:
    """Yield what is said of a thing, of these properties if they are given."""
    node, wanted = ox.NamedNode(iri), map(ox.NamedNode, sorted(only)) if only else (None,)
    for predicate in wanted:
        yield from dataset.store.quads_for_pattern(node, predicate, None, None)


INDEXES: Final = (
    Index("cases", "Cases against criteria",
          ("definition", "reading", "criterion", "verdict", "kind", "sort", "page"),
          cases.page, _cases_table, _cases_quads),
    Index("literature", "The literature",
          ("year", "field", "pattern", "stance", "listed", "sort", "page"),
          front.literature, _literature_table, _literature_quads),
    Index("queries", "Saved questions", (), lambda site, *_: queries.listing(site),
          lambda *_: Table("Saved questions", *tabulate()), _queries_quads),
)  # fmt: skip
