"""Saved questions as resources: ``/query/NAME?param=…``, in every format under one address.

``/query/NAME.csv`` is one format as a plain link, ``/query/NAME.rq`` the query itself, with its
parameters bound if any are given.
"""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Final
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from k20kg.errors import UsageError
from k20kg.rdf.text import escape_controls
from k20kg.sparql.named_queries import Query, list_queries
from k20kg.sparql.parameters import NoSuchValueError, check
from k20kg.sparql.sparql import Answer
from k20kg.sparql.store import Store
from k20kg.web.dataset import merged
from k20kg.web.http.formats import HTML, Format
from k20kg.web.http.responses import RefusalError, accept_of, not_acceptable, pick, read_fields
from k20kg.web.pages import Site, queries
from k20kg.web.pages.answers import MOST, ROWS
from k20kg.web.pages.rows import page_of
from k20kg.web.sparql.answering import Question
from k20kg.web.sparql.protocol import GRAPH_OFFERS, ROW_OFFERS, QueryService, Wanted

SPARQL: Final = Format("rq", "application/sparql-query", "rq", "SPARQL")
_LONGEST_NAME: Final = 100
_CHECKS: Final = 1024
"""So many sets of values are known to be in the data at most."""


def routes(service: QueryService, site: Site) -> list[Route]:
    """Return the route of all named queries."""
    root = site.links.root

    @lru_cache(maxsize=_CHECKS)
    def look_up(query: Query, values: tuple[tuple[str, str], ...]) -> None:
        check(query, dict(values), Store(merged(site.dataset), merged=True))

    async def answer(request: Request) -> Response:
        name, _, suffix = request.path_params["name"].partition(".")
        fields = read_fields(request.scope["query_string"])
        query = _find(name)
        path = f"{root}/query/{query.name}"
        if query.name != name:  # an id, or a name with its group
            asked = request.scope["query_string"].decode("latin-1")
            location = f"{path}{'.' if suffix else ''}{quote(suffix)}{'?' * bool(asked)}{asked}"
            return Response(status_code=308, headers={"location": location})
        values, number = _values(fields), page_of(dict(fields).get("page", ""))
        rows = query.form in ("SELECT", "ASK")
        offers = (*(ROW_OFFERS if rows else GRAPH_OFFERS), SPARQL)
        chosen = pick(accept_of(request), suffix, dict(fields).get("format", ""), offers)
        if chosen is None:
            raise not_acceptable(offers)
        try:
            text = query.bound(values)
            if values and chosen is not SPARQL:
                await asyncio.to_thread(look_up, query, tuple(sorted(values.items())))
        except UsageError as fault:
            # The catalogue speaks to who sits at a command line.
            remedy = re.sub(r"^say --set (.*)", r"add \1 to the address", fault.remedy)
            status = 404 if isinstance(fault, NoSuchValueError) else 400
            told = UsageError(fault.what, where=fault.where, remedy=remedy)
            told = fault if status == 404 else told
            again = partial(queries.result, site, query, values, None, told)
            raise RefusalError(status, fault.what, fault.where, remedy, page=again) from None
        given = f"?{urlencode(values)}" if values else ""
        place = f"{'&' if given else '?'}page={number}" if chosen is HTML and number > 1 else ""
        headers = {
            "content-location": f"{path}.{chosen.key}{given}{place}",
            "link": f'<{path}.rq{given}>; rel="describedby"; type="{SPARQL.media_type}"',
        }
        if chosen is SPARQL:
            headers |= {"vary": "Accept", "cache-control": "no-cache"}
            body = text if values else query.text
            return Response(body, headers=headers, media_type=SPARQL.media_type)

        def page(found: Answer, _: Sequence[str]) -> str:
            return queries.result(site, query, values, found, page=number)

        wanted = Wanted(chosen, chosen)
        shown, skipped = (ROWS, ROWS * (number - 1)) if rows else (MOST, 0)
        question = Question(text, *wanted.forms, shown=shown, skipped=skipped)
        return await service.answer(request, question, wanted, page, headers)

    return [Route("/query/{name:path}", answer, methods=["GET"])]


@lru_cache(maxsize=1)
def _catalogue() -> dict[str, Query]:
    """Return the packaged queries by each name they go by; the files do not change meanwhile."""
    queries = list_queries()
    ids = {query.id.lower(): query for query in queries}
    with_group = {f"{query.group}/{query.name}": query for query in queries}
    return {**ids, **with_group, **{query.name: query for query in queries}}


def _find(name: str) -> Query:
    known = _catalogue()
    found = known.get(name) or known.get(name.lower())
    if found:
        return found
    near = difflib.get_close_matches(name[:_LONGEST_NAME], known, n=1, cutoff=0.4)
    raise RefusalError(
        404,
        f"there is no saved question {escape_controls(name)}",
        remedy=f"did you mean {known[near[0]].name}?" if near else "/queries lists them",
    )


def _values(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters given; one that a form sends empty is not."""
    values: dict[str, str] = {}
    for name, value in fields:
        if name in values:
            what = f"the parameter {escape_controls(name)} is given twice"
            raise RefusalError(400, what, remedy="give it once")
        if name not in ("format", "page") and value:
            values[name] = value
    return values
