"""A process that answers requests: it reads the data, serves them, and reads them anew when told.

Orders come on standard input, a line each; what came of an order goes to standard output.
"""

from __future__ import annotations

import asyncio
import gc
import pickle
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from k20kg.errors import K20Error
from k20kg.rdf.text import escape_controls
from k20kg.web.settings import READY, ServerOptions
from k20kg.web.sparql.answering import give_back

if TYPE_CHECKING:
    from k20kg.web.dataset import Dataset
    from k20kg.web.sparql.pool import Pool

_BACKLOG: Final = 1024
_CONNECTIONS: Final = 1 << 14
_GRACE_SECONDS: Final = 3
"""So long a stop waits for answers."""
_LONGEST_ANSWER: Final = 25
_HEAD_MILLISECONDS: Final = 10_000
_MOST_CASES: Final = 100
"""So many cases of one's own are judged before the first answer; more are judged meanwhile."""


class _Generation:
    """An application over data that do not change, and the requests that it answers now."""

    def __init__(self, app: ASGIApp, pool: Pool, dataset: Dataset) -> None:
        self.app, self.pool, self.dataset, self.requests = app, pool, dataset, 0

    @classmethod
    async def load(cls, options: ServerOptions) -> _Generation:
        """Read the data and start the processes that answer queries about them."""
        from k20kg.web.dataset import open_dataset

        dataset = await asyncio.to_thread(open_dataset, options.data, _MOST_CASES)
        return await cls.over(dataset, options)

    @classmethod
    async def over(cls, dataset: Dataset, options: ServerOptions) -> _Generation:
        """Return the application over a dataset; a large one is looked through first."""
        from k20kg.web.app import create_app
        from k20kg.web.pages.front import warm
        from k20kg.web.sparql.pool import Pool

        settings = options.settings
        pool = Pool(dataset.store, settings.query, workers=settings.query_workers)
        app = create_app(dataset, root=options.root, settings=settings, pool=pool)
        if any(one.waiting for one in dataset.judged.values()):
            await pool.start()
        if len(dataset.judged) > _MOST_CASES:
            await asyncio.to_thread(warm, dataset)
        _settle()
        await pool.start()  # if not yet: late, so that the processes of two hardly share the memory
        return cls(app, pool, dataset)

    async def end(self, seconds: float) -> None:
        """Answer what was asked, then end the processes."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.requests:
                    await asyncio.sleep(0.02)
        await self.pool.close()


class _Served:
    """ASGI application that hands each request to the newest generation."""

    def __init__(self, first: _Generation, options: ServerOptions) -> None:
        self.now, self._options = first, options

    async def replace(self, new: _Generation) -> None:
        """Hand requests to another generation; end the one before when it has answered."""
        before, self.now = self.now, new
        await before.end(_LONGEST_ANSWER)
        del before
        _forget()

    async def judge_rest(self) -> None:
        """Judge the cases that wait, serve them with their verdicts, then keep memory small."""
        from k20kg.web.dataset import judge_rest, merged

        with suppress(asyncio.CancelledError):
            if any(one.waiting for one in self.now.dataset.judged.values()):
                try:
                    await asyncio.sleep(1)  # meanwhile the processes for queries read their data
                    await asyncio.to_thread(merged, self.now.dataset)
                    dataset = await judge_rest(self.now.dataset)
                    await self.replace(await _Generation.over(dataset, self._options))
                except K20Error as fault:
                    words = escape_controls(" ".join(str(fault).split()))
                    print(f"k20kg: {words}; some cases have no verdict", file=sys.stderr)
            while True:  # queries of pages leave memory that is free and not given back
                await asyncio.sleep(60)
                await asyncio.to_thread(give_back)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        now = self.now
        now.requests += 1
        try:
            await now.app(scope, receive, send)
        finally:
            now.requests -= 1


async def _work() -> None:
    """Serve as told on standard input, until it closes."""
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    loop, orders = asyncio.get_running_loop(), asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    options, host, port = pickle.loads(bytes.fromhex((await orders.readline()).decode()))
    try:
        served = _Served(await _Generation.load(options), options)
    except K20Error as fault:
        print(" ".join(str(fault).split()), flush=True)
        return
    server = Server(
        served,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        backlog=_BACKLOG,
        backpressure=_CONNECTIONS,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEAD_MILLISECONDS,
            max_buffer_size=max(8192, 4 * options.settings.header_bytes),
        ),
        log_enabled=False,
    )
    loop.add_signal_handler(signal.SIGTERM, orders.feed_eof)
    serving = asyncio.create_task(server.serve())
    print(READY, flush=True)
    judging = asyncio.create_task(served.judge_rest())
    while await orders.readline():
        judging.cancel()
        try:
            new = await _Generation.load(options)
        except K20Error as fault:
            print(" ".join(str(fault).split()), flush=True)
        else:
            print(READY, flush=True)
            await served.replace(new)
            del new
        judging = asyncio.create_task(served.judge_rest())
    judging.cancel()
    server.stop()  # type: ignore[no-untyped-call]
    await asyncio.wait([serving, judging], timeout=_GRACE_SECONDS)
    await served.now.end(0.1)  # what is asked still is given up
    await asyncio.wait([serving], timeout=1)


def _forget() -> None:
    """Clear the caches of our functions: they hold data that nobody asks for any more."""
    gc.unfreeze()
    kind = type(lru_cache(bool))
    for one in gc.get_objects():
        if type(one) is kind and str(one.__module__).startswith("k20kg."):
            one.cache_clear()
    _settle()
    give_back()


def _settle() -> None:
    """Keep the search for garbage away from what is here to stay."""
    gc.collect()
    gc.freeze()


def main() -> None:
    """Run a worker, on uvloop where there is one."""
    import resource

    gc.set_threshold(10_000, 20, 50)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 2 * _CONNECTIONS), most))
    loop: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop

        loop = new_event_loop
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(_work())


if __name__ == "__main__":
    main()
