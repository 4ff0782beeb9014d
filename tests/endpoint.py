"""The SPARQL endpoint and the saved questions, asked within the process."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import httpx
import in_process
import pyoxigraph as ox

from k20kg.web.app import create_app
from k20kg.web.dataset import Dataset
from k20kg.web.settings import Limits
from k20kg.web.sparql.pool import Pool

HOST = "http://test"
QUERY_TYPE = {"content-type": "application/sparql-query"}
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}
SUITE = "http://kasei.us/2009/09/sparql/data/data"
ROWS = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
GRAPHS = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}


class Endpoint:
    """An application, its pool and a client, used from outside the event loop."""

    def __init__(self, dataset: Dataset, limits: Limits | None = None) -> None:
        self.runner = asyncio.Runner()
        self.pool = Pool(dataset.store, limits, workers=3)
        self.app = create_app(dataset, pool=self.pool)
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url=HOST,
            headers={"accept-encoding": "identity"},
        )

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)

    def query(self, text: str, accept: str | None = None, **params: Any) -> httpx.Response:
        headers = {"accept": accept} if accept else {}
        return self.get("/sparql", params={"query": text, **params}, headers=headers)

    def close(self) -> None:
        self.runner.run(self.client.aclose())
        self.runner.run(self.pool.close())
        self.runner.close()


def suite_endpoint() -> Endpoint:
    """Return one with the graphs that the W3C's tests ask for; `data0` is not here."""
    store = ox.Store()
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    document = ox.NamedNode("http://xmlns.com/foaf/0.1/Document")
    for n in (1, 2, 3):
        graph = ox.NamedNode(f"{SUITE}{n}.rdf")
        store.add(ox.Quad(graph, kind, document, graph))
    return Endpoint(Dataset(store, "0", "0" * 64))


def whole_endpoint() -> Endpoint:
    """Return one with all that is shipped."""
    return Endpoint(in_process.dataset())


def truth(answer: httpx.Response) -> bool:
    assert answer.status_code == 200, answer.text
    kind = answer.headers["content-type"]
    assert kind in (ROWS["json"], ROWS["xml"]), "not a format of boolean results"
    found = ox.parse_query_results(answer.content, ox.QueryResultsFormat.from_media_type(kind))
    return bool(found)


def uri(number: int) -> str:
    return f"{SUITE}{number}.rdf"


def at(**names: list[str]) -> str:
    pairs = [(key.replace("_", "-"), value) for key, values in names.items() for value in values]
    return "/sparql?" + urlencode(pairs)
