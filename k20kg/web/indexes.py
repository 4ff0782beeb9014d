"""The index pages, of cases, literature and named queries, for people and as RDF and CSV.

Each is negotiated at one address; the ending of a format, or the parameter `format`, asks for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from k20kg.model import Assessment
from k20kg.query.named_queries import list_queries, tabulate
from k20kg.rdf.text import neutralise
from k20kg.report import turtle
from k20kg.report.table import Table, render_table
from k20kg.vocabulary import BASE, DCTERMS, K20, PREFIXES, PROV, RDF_TYPE, RDFS, SH
from k20kg.web.http.formats import CSV, HTML, INDEX_FORMATS, OFFERS, Format
from k20kg.web.http.responses import (
    RefusalError,
    is_fresh,
    pick,
    prefers_html,
    read_fields,
    reply,
    reply_empty,
    reply_refusal,
)
from k20kg.web.serializer import NAMESPACES, write
from k20kg.web.sparql.query_service import Exchange
from k20kg.web.wellformed import UnwritableError

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.pages import Site

_OFFERS: Final = (HTML, CSV, *(offer for offer in OFFERS if offer is not HTML))
_ALLOW: Final = (b"allow", b"GET, HEAD, OPTIONS")
_KEPT: Final = 256
_OF_CASES: Final = {RDF_TYPE, RDFS + "label", RDFS + "comment"}
_VERDICT: Final = K20 + "verdict"
_OF_VERDICTS: Final = {
    *(RDF_TYPE, _VERDICT, DCTERMS + "hasPart", PROV + "wasDerivedFrom"),
    *(K20 + name for name in ("byDefinition", "onReading", "onCriterion")),
}

Given = Mapping[str, str]


class Index(NamedTuple):
    """An index: how it is made as a page, as a table, and as statements."""

    path: str
    title: str
    parameters: tuple[str, ...]
    page: Callable[[Site, Given], str]
    table: Callable[[Site, Given], Table]
    quads: Callable[[Site, Given], Iterable[ox.Quad]]

    def address(self, form: Format, given: Given | None = None) -> str:
        """Return the path of a format below the site's root."""
        return f"/{self.path}.{form.suffix}{'?' + urlencode(given) if given else ''}"


def routes(site: Site) -> list[Route]:
    """Return the routes of all indexes."""
    return [
        Route(path, _Served(site, index))
        for index in INDEXES
        for path in (f"/{index.path}", f"/{index.path}.{{suffix}}")
    ]


def made(site: Site, index: Index, form: Format, given: Given | None = None) -> bytes:
    """Return an index in a format; `UsageError` for a parameter that names nothing."""
    given = given or {}
    if form is HTML:
        return index.page(site, given).encode()
    if form is CSV:
        return render_table(index.table(site, given), "csv").encode()
    here = BASE + index.path
    items = list(index.quads(site, given))
    document = [
        _named(here, RDF_TYPE, NAMESPACES["foaf"] + "Document"),
        _text(here, DCTERMS + "title", index.title),
        *(_named(here, DCTERMS + "hasPart", one) for one in _topics(items)),
    ]
    plain = [ox.Quad(q.subject, q.predicate, q.object) for q in (*document, *items)]
    return write(plain, form, topic=here, replace=not site.live)


class _Served:
    """An index as an ASGI application."""

    def __init__(self, site: Site, index: Index) -> None:
        self._site, self._index = site, index
        self._made = lru_cache(maxsize=_KEPT)(self._make)

    def _make(self, form: Format, given: tuple[tuple[str, str], ...]) -> tuple[bytes, bytes]:
        body = made(self._site, self._index, form, dict(given))
        return body, f'"{sha256(body).hexdigest()[:32]}"'.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange.of(scope, receive, send)
        try:
            if scope["method"] == "OPTIONS":
                await reply_empty(send, 204, [_ALLOW])
            elif scope["method"] not in ("GET", "HEAD"):
                what = f"{neutralise(scope['method'])} is not for this address"
                raise RefusalError(405, what, remedy="use GET", headers=[_ALLOW])
            else:
                await self._answer(exchange)
        except RefusalError as refusal:
            html = prefers_html(exchange.accept)
            await reply_refusal(scope, send, self._site, refusal, html=html)

    async def _answer(self, exchange: Exchange) -> None:
        scope, send = exchange.scope, exchange.send
        fields = dict(read_fields(scope["query_string"]))
        suffix, key = scope["path_params"].get("suffix", ""), fields.get("format", "")
        found = pick(exchange.accept, suffix, key, _OFFERS)
        form = next(one for one in (HTML, *INDEX_FORMATS) if one.key == found.key)
        given = tuple((n, fields[n]) for n in self._index.parameters if fields.get(n))
        try:
            body, tag = await asyncio.to_thread(self._made, form, given)
        except UnwritableError as fault:
            raise RefusalError(406, fault.what, remedy=fault.remedy) from None
        root = self._site.links.root
        others = (HTML, *INDEX_FORMATS)
        links = ", ".join(
            f'<{root}{self._index.address(one, dict(given))}>; rel="alternate"; '
            f'type="{one.media_type}"'
            for one in others
            if one is not form
        )
        here = f"{root}{self._index.address(form, dict(given))}"
        extra = [
            (b"etag", tag),
            (b"cache-control", b"no-cache"),
            (b"content-location", here.encode()),
            (b"link", links.encode()),
        ]
        if is_fresh(exchange.headers.get(b"if-none-match", b""), tag):
            await reply_empty(send, 304, [*extra, (b"vary", b"Accept")])
            return
        await reply(scope, send, body, form.media_type, headers=extra)


# ---------------------------------------------------------------- what stands in them


def _cases_page(site: Site, given: Given) -> str:
    from k20kg.web.pages import cases

    return cases.page(site, given.get("reading"), given.get("definition"))


def _cases_table(site: Site, given: Given) -> Table:
    from k20kg.web.pages import cases
    from k20kg.web.pages.terms import names_of

    definition, found = cases.verdicts(site.dataset, given.get("reading"), given.get("definition"))
    codes = [criterion.code for criterion in definition.criteria]
    rows: list[tuple[str, ...]] = []
    for one in found:
        label = names_of(site.dataset).label(one.iri)
        for a in one.assessments:
            verdicts = [finding.verdict.value for finding in a.findings]
            kind = "made up" if a.synthetic else "real"
            rows.append((one.iri, label, kind, a.reading.id, a.verdict.value, *verdicts, ""))
        if not one.assessments:
            rows.append((one.iri, label, "", "", "", *("" for _ in codes), one.fault))
    heads = ("case", "label", "kind", "reading", "verdict", *codes, "fault")
    return Table("Cases against criteria", heads, rows)


def _cases_quads(site: Site, given: Given) -> Iterable[ox.Quad]:
    from k20kg.web.pages import cases

    _, found = cases.verdicts(site.dataset, given.get("reading"), given.get("definition"))
    for one in found:
        yield from _about(site.dataset, one.iri, _OF_CASES)
    assessments: list[Assessment] = [a for one in found for a in one.assessments]
    told = list(
        ox.parse(turtle.render(assessments, version=site.dataset.version), ox.RdfFormat.TURTLE)
    )
    verdicts = {quad.subject for quad in told if quad.predicate.value == _VERDICT}
    for quad in told:
        if quad.subject in verdicts and quad.predicate.value in _OF_VERDICTS:
            yield quad


def _literature_page(site: Site, _: Given) -> str:
    from k20kg.web.pages import literature

    return literature.page(site)


def _works(dataset: Dataset) -> list[str]:
    from k20kg.web.pages.terms import names_of

    names = names_of(dataset)
    return sorted(names.of_type(K20 + "Work"), key=names.name)


def _literature_table(site: Site, _: Given) -> Table:
    from k20kg.web.pages.literature import is_listed
    from k20kg.web.pages.terms import names_of

    names = names_of(site.dataset)
    citations = set(names.of_type(K20 + "Citation"))
    rows = [
        (
            work,
            names.name(work),
            names.value(work, DCTERMS + "title"),
            names.get(work, "publicationYear"),
            ", ".join(names.name(one) for one in names.all(work, "literatureField")),
            "yes" if is_listed(names, work) else "no",
            sum(
                one in citations
                for one in names.subjects(PREFIXES["cito"] + "hasCitedEntity", work)
            ),
        )
        for work in _works(site.dataset)
    ]
    heads = ("work", "label", "title", "year", "field", "listed", "citations")
    return Table("The literature", heads, rows)


def _literature_quads(site: Site, _: Given) -> Iterable[ox.Quad]:
    for work in _works(site.dataset):
        yield from _about(site.dataset, work)


def _queries_page(site: Site, _: Given) -> str:
    from k20kg.web.pages import queries

    return queries.listing(site)


def _queries_quads(_: Site, __: Given) -> Iterable[ox.Quad]:
    for query in list_queries():
        iri = f"{BASE}query/{query.name}"
        form = query.form.capitalize()
        yield _named(iri, RDF_TYPE, f"{SH}SPARQL{form}Executable")
        yield _text(iri, SH + query.form.lower(), query.text)
        yield _text(iri, RDFS + "label", query.summary)
        yield _text(iri, DCTERMS + "description", query.description)
        yield _text(iri, DCTERMS + "identifier", query.id)
        for tag in query.tags:
            yield _text(iri, NAMESPACES["dcat"] + "keyword", tag)


def _about(dataset: Dataset, iri: str, only: set[str] | None = None) -> Iterable[ox.Quad]:
    """Yield what is said of a thing, of these properties if they are given."""
    for quad in dataset.store.quads_for_pattern(ox.NamedNode(iri), None, None, None):
        if only is None or quad.predicate.value in only:
            yield quad


def _topics(quads: Iterable[ox.Quad]) -> Iterable[str]:
    """Return the things that an index lists: those that are no verdict, in their order."""
    verdicts = {quad.subject for quad in quads if quad.predicate.value == _VERDICT}
    subjects = dict.fromkeys(quad.subject for quad in quads)
    return [s.value for s in subjects if isinstance(s, ox.NamedNode) and s not in verdicts]


def _named(subject: str, predicate: str, value: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value))


def _text(subject: str, predicate: str, value: str) -> ox.Quad:
    return ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), ox.Literal(value))


INDEXES: Final = (
    Index(
        "cases",
        "Cases against criteria",
        ("reading", "definition"),
        _cases_page,
        _cases_table,
        _cases_quads,
    ),
    Index(
        "literature",
        "The literature",
        (),
        _literature_page,
        _literature_table,
        _literature_quads,
    ),
    Index(
        "queries",
        "Saved questions",
        (),
        _queries_page,
        lambda _, __: Table("Saved questions", *tabulate()),
        _queries_quads,
    ),
)
