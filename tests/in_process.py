"""The whole web application, asked within the process: no socket, no server."""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import pyoxigraph as ox

from k20kg.vocabulary import BASE
from k20kg.web.app import create_app
from k20kg.web.dataset import Dataset, open_dataset
from k20kg.web.http.formats import FORMATS, HTML
from k20kg.web.linkeddata.documents import list_documents

ALL = (HTML, *FORMATS)
RDF = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
    "nq": ox.RdfFormat.N_QUADS,
}
GOAL = "case/lamsig/goal/5"
RUNNER = asyncio.Runner()


class Answer(NamedTuple):
    """An answer to a request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


@cache
def dataset() -> Dataset:
    return open_dataset()


@cache
def again() -> Dataset:
    """All that is shipped, loaded once more."""
    return open_dataset()


@cache
def app(root: str = "") -> Any:
    return create_app(dataset(), root=root)


def fetch(
    path: str,
    accept: str | None = None,
    *,
    method: str = "GET",
    root: str = "",
    served: Any = None,
    **headers: str,
) -> Answer:
    """Ask the whole application, or another, for a path, which is sent as it stands."""
    raw, _, query = path.partition("?")
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if accept is not None:
        given["accept"] = accept
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(raw),
        "raw_path": raw.encode("latin-1"),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    RUNNER.run((served or app(root))(scope, receive, send))
    start = next(message for message in sent if message["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    found = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    assert len(found) == len(start["headers"]), "a header came twice"
    return Answer(start["status"], found, body)


def path_to(iri: str) -> str:
    """Return the path that a client asks our host for: that of the IRI, without the fragment."""
    return "/" + quote(iri.removeprefix(BASE).partition("#")[0], safe="/-._~!$'()*+,;=:@")


def follow(path: str, accept: str | None = None) -> Answer:
    """Ask for a path, and where it leads to."""
    found = fetch(path, accept)
    for _ in range(3):
        if found.status not in (302, 303, 308):
            break
        found = fetch(found.headers["location"], accept)
    return found


def parse(answer: Answer) -> list[ox.Quad]:
    """Return the statements of an answer in RDF."""
    form = next(form for form in FORMATS if form.media_type == answer.media_type)
    return list(ox.parse(answer.body, RDF[form.key]))


@cache
def sample() -> tuple[str, ...]:
    """A few things of every kind of address, and all that is no thing."""
    kinds: dict[tuple[str, ...], list[str]] = {}
    for document in list_documents(dataset()):
        parts = document.path.removeprefix("doc/").split("/")
        key = (document.kind.value, parts[0], *parts[2:3], str(len(parts)))
        kinds.setdefault(key, []).append(document.path)
    assert len(kinds) > 60
    return tuple(sorted({path for paths in kinds.values() for path in (paths[0], paths[-1])}))
