"""Every file of a static site: its path, and how it is made.

Documents, pages, saved questions with their answers, dumps and the look lie where a server has
them. Beside these are what plain hosts need: an ``index.html`` in the place of each address
without a suffix, a page for what is not there, and rules for Apache.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote, unquote

from k20kg.errors import K20Error
from k20kg.query.catalogue import Query
from k20kg.text import neutralise
from k20kg.web.answering import TERMS, Limits, Question, answer_question
from k20kg.web.assets import assets
from k20kg.web.dataset import merged
from k20kg.web.documents import Document, Kind, list_documents, render
from k20kg.web.fate import Answered, judge
from k20kg.web.files import find_file, list_files
from k20kg.web.formats import FORMATS, HTML, INDEX_FORMATS
from k20kg.web.indexes import INDEXES, made
from k20kg.web.results import GRAPH_FORMATS, ROW_FORMATS, SHOWN
from k20kg.web.things import label, path_of
from k20kg.web.wellformed import UnwritableError

if TYPE_CHECKING:
    from k20kg.web.pages import Site

__all__ = ["File", "files", "is_safe"]

_PATH: Final = "/-._~!$'()*+,;=:@"
_LIMITS: Final = Limits(seconds=120, rows=1_000_000, bytes=256 << 20)
_LONGEST_NAME: Final = 200
_LONGEST_PATH: Final = 1000
_RESERVED: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


class File(NamedTuple):
    """A file of the site."""

    path: str
    """Below the folder of the site, with slashes."""
    make: Callable[[], bytes]


def is_safe(path: str) -> bool:
    """Tell whether a path stays below the folder of the site on every common file system.

    >>> is_safe("doc/case/lamsig.html"), is_safe("doc/../../etc/passwd"), is_safe("a//b")
    (True, False, False)
    """
    steps = path.split("/")
    return len(path) <= _LONGEST_PATH and all(
        0 < len(step.encode()) <= _LONGEST_NAME
        and step not in (".", "..")
        and step == step.strip(" ")
        and not step.endswith(".")
        and not re.search(r'[\x00-\x1f\x7f-\x9f\\:*?"<>|]', step)
        and not _RESERVED.fullmatch(step)
        for step in steps
    )


def files(site: Site) -> Iterator[File]:
    """Yield all files but the rules for hosts; a path may come twice, the first one counts."""
    for document in list_documents(site.dataset):
        yield from _document(site, document)
    for graph in site.dataset.store.named_graphs():
        path = path_of(graph.value)
        if path.startswith("ontology/") and path.endswith(".ttl"):  # a module, called like a file
            module = Document(path, graph.value, Kind.GRAPH)
            yield File(path, partial(render, site, module, FORMATS[0]))
    for path in list_files(site.dataset):
        found = find_file(site.dataset, path)
        assert found
        form = found.offers[0]
        name = f"{path}index.html" if path.endswith("/") else path
        yield File(name, partial(found.make, site, form))
    yield from _pages(site)
    yield from _queries(site)
    for name, body in assets().items():
        yield File(f"static/{name}", partial(bytes, body))


def _document(site: Site, document: Document) -> Iterator[File]:
    for form in document.formats:
        path = document.address(form) or "index.html"
        make = partial(render, site, document, form)
        yield File(path, make)
        if form is HTML and document.kind is not Kind.THING and not _like_a_file(document):
            yield File(f"{document.path}/index.html".lstrip("/"), make)
        elif form.key == "ttl" and document.kind is Kind.VOID:
            yield File(".well-known/void", make)
        elif form.key == "ttl" and _like_a_file(document):
            yield File(document.path, make)
    if document.kind is Kind.THING:
        thing = document.path.removeprefix("doc/")
        yield File(f"{thing}/index.html", lambda: _signpost(site, document))


def _like_a_file(document: Document) -> bool:
    """Tell whether a document is a graph that is called like a file of Turtle."""
    return document.path.endswith(".ttl")


def _signpost(site: Site, document: Document) -> bytes:
    """Return the page that stands for a thing and leads to its document, as 303 would."""
    name = label(site.dataset, document.about) or document.path.removeprefix("doc/")
    name = escape(neutralise(name))
    there = escape(site.links.page(document.about))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{name}</title>\n"
        f'<meta http-equiv="refresh" content="0; url={there}">\n'
        f'<link rel="canonical" href="{escape(quote(document.about, safe=_PATH + "%#"))}">\n'
        f'</head>\n<body>\n<p><a href="{there}">{name}</a></p>\n</body>\n</html>\n'
    ).encode()


def _pages(site: Site) -> Iterator[File]:
    """Yield the pages that are no document of anything."""
    from k20kg.web.pages import about, cases, errors, judge

    def page(address: str, make: Callable[[], str]) -> Iterator[File]:
        path = unquote(address).removeprefix(site.links.root).lstrip("/")
        yield File(path, lambda: make().encode())
        yield File(f"{path.removesuffix('.html')}/index.html", lambda: make().encode())

    for index in INDEXES:
        for given in cases.variants() if index.path == "cases" else [{}]:
            address = site.links.page(f"/{index.path}", **given)
            yield from page(address, partial(index.page, site, given))
        for form in INDEX_FORMATS:
            yield File(f"{index.path}.{form.suffix}", partial(made, site, index, form))
    yield from page(site.links.page("/about"), lambda: about.page(site))
    yield from page(site.links.page("/judge"), lambda: judge.form(site))
    missing = "there is nothing at this address"
    yield File("404.html", lambda: errors.page(site, 404, missing).encode())


def _queries(site: Site) -> Iterator[File]:
    """Yield each saved question with its answer, its parameters at their defaults."""
    from k20kg.web.pages import queries

    for query in queries.catalogue():
        page = partial(_answer_page, site, query)
        yield File(f"query/{query.name}.rq", query.text.encode)
        yield File(f"query/{query.name}.html", page)
        yield File(f"query/{query.name}/index.html", page)
        for form in ROW_FORMATS if query.form in ("SELECT", "ASK") else GRAPH_FORMATS:
            if query.form == "ASK" and form.key in ("csv", "tsv"):
                continue  # SPARQL has no such format for yes and no
            yield File(
                f"query/{query.name}.{form.suffix}",
                partial(_answer_data, site, query, form.key),
            )


def _answer_page(site: Site, query: Query) -> bytes:
    from k20kg.web.pages import queries

    found = _answer(site, query, TERMS).answer()
    return queries.result(site, query, {}, found).encode()


def _answer_data(site: Site, query: Query, key: str) -> bytes:
    return _answer(site, query, key).body


def _answer(site: Site, query: Query, form: str) -> Answered:
    question = Question(query.bound({}), form, form, shown=SHOWN + 1 if form == TERMS else 0)
    try:
        return judge(*answer_question(merged(site.dataset), question, _LIMITS), _LIMITS)
    except UnwritableError:
        raise
    except K20Error as fault:
        raise K20Error(
            f"the saved question {query.name} has no answer ({fault.what})",
            where=query.where,
            remedy="mend the query",
        ) from None
