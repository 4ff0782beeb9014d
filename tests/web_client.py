"""A client of the web application, in the same process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from k20kg.web.app import create_app
from k20kg.web.dataset import Dataset
from k20kg.web.settings import Limits, Settings

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SETTINGS = Settings(query=Limits(seconds=3), query_workers=2)


class Client:
    """A client of an application that runs in this process, used from outside the loop."""

    def __init__(self, app: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://testserver",
            headers={"accept-encoding": "identity"},
        )
        self._app = app

    def __enter__(self) -> Client:
        self._told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._said: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._life = self._runner.get_loop().create_task(
            self._app({"type": "lifespan"}, self._told.get, self._said.put)
        )
        self._runner.run(self._tell("lifespan.startup"))
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._tell("lifespan.shutdown"))
        self._runner.run(self._client.aclose())
        self._runner.close()

    async def _tell(self, what: str) -> None:
        await self._told.put({"type": what})
        assert (await self._said.get())["type"] == f"{what}.complete"

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._runner.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def head(self, path: str, **more: Any) -> httpx.Response:
        return self.request("HEAD", path, **more)

    def options(self, path: str, **more: Any) -> httpx.Response:
        return self.request("OPTIONS", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)


Make = Callable[..., Client]
"""Makes a client of an application with a root or settings of its own."""


def client_of(dataset: Dataset, root: str = "", **settings: Any) -> Client:
    """Return a client of the application that publishes data."""
    return Client(create_app(dataset, root=root, settings=replace(SETTINGS, **settings)))
