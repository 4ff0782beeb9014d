"""The description of all this for programs: OpenAPI 3.1, made from what is really there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from k20kg.definitions import shipped_definitions
from k20kg.query.catalogue import list_queries
from k20kg.vocabulary import BASE
from k20kg.web.formats import FORMATS, HTML, INDEX_FORMATS, Format
from k20kg.web.results import GRAPH_FORMATS, ROW_FORMATS

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset

__all__ = ["describe"]

_ERRORS: Final = {
    304: "The client has it already.",
    400: "The request is malformed.",
    404: "There is nothing at this address.",
    405: "The method is not for this address; Allow says which are.",
    406: "There is no format that the client takes; the answer lists those there are.",
    408: "The request took too long to arrive.",
    413: "The body is too large.",
    414: "The address is too long.",
    415: "The body is in a format that is not read here.",
    422: "It is understood and cannot be done within the limits.",
    431: "The headers are too large.",
    500: "Something went wrong here.",
    503: "There is no room now; Retry-After says when to come back.",
    504: "The query took longer than it may.",
}
_ANYWHERE: Final = (400, 404, 405, 414, 431, 500, 503)
_SPARQL: Final = "application/sparql-query"
_FORM: Final = "application/x-www-form-urlencoded"
_NAME: Final = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": 80}
_TEXT: Final = {"schema": {"type": "string"}}

Json = dict[str, Any]


@lru_cache(maxsize=4)
def describe(dataset: Dataset, root: str = "") -> Json:
    """Return the OpenAPI document; it must not be changed."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "k20kg",
            "summary": "K-20 partnerships, judged on evidence: linked data, queries, verdicts.",
            "description": f"Every address {BASE}… leads to what is said of a thing, in RDF or as "
            "a page; `/sparql` answers queries; `/judge` judges a record that is sent and keeps "
            "nothing of it.",
            "version": dataset.version,
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "servers": [{"url": root or "/"}],
        "paths": {**_data(dataset), **_queries(), **_judging(), **_pages()},
        "components": {"schemas": {"Problem": _PROBLEM, "Health": _HEALTH}},
    }


_PROBLEM: Final = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["title", "status"],
    "properties": {
        "title": {"type": "string", "description": "What."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "where": {"type": "string", "description": "At which place."},
        "detail": {"type": "string", "description": "What to do."},
    },
}
_HEALTH: Final = {
    "type": "object",
    "required": ["status", "version", "contents"],
    "properties": {
        "status": {"const": "ok"},
        "version": {"type": "string"},
        "contents": {"type": "string", "description": "SHA-256 of all that is published."},
    },
}


# ---------------------------------------------------------------- linked data


def _data(dataset: Dataset) -> Json:
    kind = _parameter("kind", "path", {"enum": _kinds(dataset)}, "What kind of thing it is.")
    name = _parameter("name", "path", _NAME, "Its name among its kind.")
    keys = [form.key for form in (HTML, *FORMATS)]
    suffix = _parameter("suffix", "path", {"enum": keys}, "The format.")
    negotiated = _content((HTML, *FORMATS))
    return {
        "/{kind}/{name}": {
            "get": _operation(
                "A thing: leads to its document",
                {303: "Its document is at Location."},
                [kind, name],
                also=(406,),
            )
        },
        "/doc/{kind}/{name}": {
            "get": _operation(
                "What is said of a thing, in the format that Accept asks for",
                {200: ("Its document.", negotiated)},
                [kind, name],
                also=(304, 406),
            )
        },
        "/doc/{kind}/{name}.{suffix}": {
            "get": _operation(
                "What is said of a thing, in one format",
                {200: ("Its document.", negotiated)},
                [kind, name, suffix],
                also=(304,),
            )
        },
        "/ontology": _document("The ontology: every term"),
        "/shapes": _document("How each criterion is tested: SHACL shapes"),
        "/void": _document("What there is: VoID and DCAT", FORMATS),
    }


def _kinds(dataset: Dataset) -> list[str]:
    """Return the first steps of the paths of things."""
    from k20kg.web.documents import minted

    paths = (iri.removeprefix(BASE) for iri in minted(dataset) if "#" not in iri)
    kinds = {path.partition("/")[0] for path in paths if "/" in path}
    return sorted(kinds - {"ontology", "shapes", "data", "void"})


def _document(summary: str, forms: Sequence[Format] = (HTML, *FORMATS)) -> Json:
    return {"get": _operation(summary, {200: ("The document.", _content(forms))}, also=(304, 406))}


# ---------------------------------------------------------------- queries


def _queries() -> Json:
    answers = _content((*ROW_FORMATS, *GRAPH_FORMATS, HTML))
    fields: dict[str, Json] = {
        "query": {"type": "string", "minLength": 1, "description": "SPARQL 1.1 Query."},
        "default-graph-uri": {"type": "array", "items": {"type": "string", "format": "uri"}},
        "named-graph-uri": {"type": "array", "items": {"type": "string", "format": "uri"}},
        "format": {"enum": [form.key for form in (*ROW_FORMATS, *GRAPH_FORMATS, HTML)]},
    }
    limits = (304, 406, 413, 422, 504)
    names = [query.name for query in list_queries()]
    return {
        "/sparql": {
            "get": _operation(
                "Ask a query; without one, the description of the service",
                {200: ("The answer.", answers)},
                [_parameter(name, "query", schema) for name, schema in fields.items()],
                also=limits,
            ),
            "post": _operation(
                "Ask a query (SPARQL 1.1 Protocol); updates are refused",
                {200: ("The answer.", answers)},
                also=(*limits, 408, 415),
                body={
                    _SPARQL: {"schema": {"type": "string", "minLength": 1}},
                    _FORM: {
                        "schema": {"type": "object", "required": ["query"], "properties": fields}
                    },
                },
            ),
        },
        "/query/{name}": {
            "get": _operation(
                "The answer to a saved question; its parameters, if it has any, are in the query",
                {200: ("The answer.", {**answers, _SPARQL: _TEXT})},
                [_parameter("name", "path", {"enum": names}, "The question.")],
                also=limits,
            )
        },
        "/query/{name}.rq": {
            "get": _operation(
                "The text of a saved question",
                {200: ("SPARQL.", {_SPARQL: _TEXT})},
                [_parameter("name", "path", {"enum": names}, "The question.")],
                also=(304,),
            )
        },
    }


# ---------------------------------------------------------------- judging


def _judging() -> Json:
    from k20kg.web.pages.judge import FORMATS as REPORTS

    choices: Json = {
        "definition": {"enum": list(shipped_definitions()), "description": "By which to judge."},
        "reading": {"type": "string", "maxLength": 80, "description": "Empty: every reading."},
        "as_of": {"type": "string", "pattern": "^([0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?)?$"},
        "format": {"enum": [key for key, _, _ in REPORTS]},
    }
    sent: Json = {
        "file": {"type": "string", "format": "binary"},
        "text": {"type": "string"},
        **choices,
    }
    reports = {media: _body(media) for _, _, media in REPORTS}
    return {
        "/judge": {
            "get": _operation(
                "The form that takes a record",
                {200: ("A page.", {"text/html": _TEXT})},
                also=(304,),
            ),
            "post": _operation(
                "Judge a case record; nothing of it is kept",
                {200: ("The report.", reports)},
                [_parameter(name, "query", schema) for name, schema in choices.items()],
                also=(406, 408, 413, 415, 422),
                body={
                    "multipart/form-data": {"schema": {"type": "object", "properties": sent}},
                    **_content(FORMATS),
                },
            ),
        }
    }


# ---------------------------------------------------------------- pages


def _pages() -> Json:
    page = {"text/html": _TEXT}
    paths = {
        "/cases": "Every case against every criterion",
        "/literature": "The literature, by pattern and question",
        "/queries": "The saved questions",
    }
    index, suffixes = _content((HTML, *INDEX_FORMATS)), [f.suffix for f in INDEX_FORMATS]
    suffix = _parameter("suffix", "path", {"enum": suffixes}, "The format.")
    return {
        **{
            path: {"get": _operation(words, {200: ("The index.", index)}, also=(304, 406))}
            for path, words in paths.items()
        },
        **{
            f"{path}.{{suffix}}": {
                "get": _operation(
                    f"{words}, in one format", {200: ("The index.", index)}, [suffix], also=(304,)
                )
            }
            for path, words in paths.items()
        },
        "/about": {
            "get": _operation("Sources, method, limits", {200: ("A page.", page)}, also=(304,))
        },
        "/health": {
            "get": _operation(
                "Whether this runs, and on which data",
                {200: ("It does.", {"application/json": {"schema": _ref("Health")}})},
            )
        },
    }


# ---------------------------------------------------------------- parts


def _operation(
    summary: str,
    answers: Mapping[int, str | tuple[str, Json]],
    parameters: Sequence[Json] = (),
    *,
    also: Iterable[int] = (),
    body: Json | None = None,
) -> Json:
    responses: Json = {}
    for status, answer in answers.items():
        words, content = (answer, None) if isinstance(answer, str) else answer
        responses[str(status)] = {"description": words} | ({"content": content} if content else {})
    for status in sorted({*also, *_ANYWHERE}):
        responses[str(status)] = {"description": _ERRORS[status]}
        if status >= 400:
            responses[str(status)]["content"] = {
                "application/problem+json": {"schema": _ref("Problem")},
                "text/html": _TEXT,
            }
    operation: Json = {"summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = list(parameters)
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _parameter(name: str, place: str, schema: Json, words: str = "") -> Json:
    found: Json = {"name": name, "in": place, "schema": schema}
    if place == "path":
        found["required"] = True
    return found | ({"description": words} if words else {})


def _content(forms: Iterable[Format]) -> Json:
    return {form.media_type: _body(form.media_type) for form in forms}


def _body(media_type: str) -> Json:
    """Return what a body of a media type looks like: JSON may be anything, the others are text."""
    return {} if media_type.endswith("json") else _TEXT


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
