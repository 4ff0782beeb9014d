"""Where a request becomes an answer: known already, or asked of the pool while the client waits."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from starlette.types import Receive, Scope, Send

from k20kg.errors import K20Error
from k20kg.query.hints import hints, unknown_terms
from k20kg.query.sparql import Answer
from k20kg.web.http.formats import HTML, Format
from k20kg.web.http.responses import (
    Wanted,
    etag_of,
    is_empty,
    is_fresh,
    refusal_of,
    reply,
    reply_empty,
)
from k20kg.web.sparql.answering import Question
from k20kg.web.sparql.query_errors import Answered
from k20kg.web.sparql.pool import Pool

if TYPE_CHECKING:
    from k20kg.web.pages import Site

_CHANGES: Final = re.compile(r"\b(?:now|rand|uuid|struuid)\b", re.IGNORECASE)
"""Functions that give something new each time."""
_LISTEN_AFTER: Final = 0.05
_LARGEST_SHARE: Final = 64
_Sent = tuple[bytes, str, list[tuple[bytes, bytes]]]
"""Body, media type and hint of an answer."""


class GoneError(Exception):
    """Who asked has hung up."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the way back."""

    scope: Scope
    receive: Receive
    send: Send
    headers: Mapping[bytes, bytes]

    @classmethod
    def of(cls, scope: Scope, receive: Receive, send: Send) -> Exchange:
        """Return an exchange; the parts of a header that came in several are joined."""
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            headers[name] = headers[name] + b", " + value if name in headers else value
        return cls(scope, receive, send, headers)

    @property
    def accept(self) -> str:
        """The Accept header; without one, anything will do."""
        return self.headers.get(b"accept", b"*/*").decode("latin-1")


class Desk:
    """Answers queries about a site's data; those given before are kept, up to `cache` bytes."""

    def __init__(self, pool: Pool, site: Site, cache: int) -> None:
        self._pool, self._site = pool, site
        self._kept = _Kept(cache)

    async def answer(
        self,
        exchange: Exchange,
        text: str,
        wanted: Wanted,
        page: Callable[[Answer, Sequence[str]], str],
        *,
        default_graphs: Iterable[str] = (),
        named_graphs: Iterable[str] = (),
        headers: Iterable[tuple[bytes, bytes]] = (),
        hint: bool = False,
    ) -> None:
        """Send the answer to a query, by `page` to people; `RefusalError` if there is none.

        With `hint`, the header ``K20KG-Hint`` or the page says what the query may have meant.
        """
        scope, send = exchange.scope, exchange.send
        question = wanted.question(text, default_graphs, named_graphs)
        same = scope["method"] != "POST" and not _CHANGES.search(text)
        etag, extra = b"", list(headers)
        if same:
            digest = self._site.dataset.digest
            etag = etag_of(digest, text, wanted.key, question.default_graphs, question.named_graphs)
            extra += [(b"etag", etag), (b"cache-control", b"no-cache")]
            if is_fresh(exchange.headers.get(b"if-none-match", b""), etag):
                await reply_empty(send, 304, [*extra, (b"vary", b"Accept")])
                return
            if known := self._kept.get(etag):
                await reply(scope, send, known[0], known[1], headers=[*extra, *known[2]])
                return
        try:
            answered = await ask(self._pool, question, scope, exchange.receive)
        except K20Error as fault:
            raise refusal_of(fault) from None
        chosen = wanted.format_of(answered.outcome)
        body = answered.body
        said = await self._hints(text, answered, chosen) if hint else []
        if chosen is HTML:  # templates are slow: others are served meanwhile
            body = (await asyncio.to_thread(page, answered.answer(), said)).encode()
        told = (
            [(b"k20kg-hint", "; ".join(said).encode("ascii", "backslashreplace"))] if said else []
        )
        if same:
            self._kept.put(etag, (body, chosen.media_type, told))
        await reply(scope, send, body, chosen.media_type, headers=[*extra, *told])

    async def _hints(self, text: str, answered: Answered, chosen: Format) -> list[str]:
        store = self._site.dataset.store
        empty = is_empty(answered, chosen)
        if not empty and not unknown_terms(text, store):
            return []
        return await asyncio.to_thread(partial(hints, text, store, empty=empty))


async def ask(pool: Pool, question: Question, scope: Scope, receive: Receive) -> Answered:
    """Ask the pool; when the client hangs up, the query ends and `GoneError` is raised."""
    task = asyncio.current_task()
    assert task
    watch: list[asyncio.Task[None]] = []
    gone = False

    async def listen() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            await asyncio.sleep(_LISTEN_AFTER)  # a body that nobody reads may be endless
        gone = True
        task.cancel()

    # Most queries are answered before it is worth while to listen.
    later = asyncio.get_running_loop().call_later(
        _LISTEN_AFTER, lambda: watch.append(asyncio.create_task(listen()))
    )
    try:
        return await pool.ask(question, who=(scope.get("client") or ("",))[0])
    except asyncio.CancelledError:
        if gone and task.uncancel() == 0:
            raise GoneError from None
        raise
    finally:
        later.cancel()
        for one in watch:
            one.cancel()


class _Kept:
    """Answers given before, the latest ones, up to a number of bytes in all."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._answers: OrderedDict[bytes, _Sent] = OrderedDict()

    def get(self, etag: bytes) -> _Sent | None:
        if etag in self._answers:
            self._answers.move_to_end(etag)
        return self._answers.get(etag)

    def put(self, etag: bytes, answer: _Sent) -> None:
        if len(answer[0]) > self._most // _LARGEST_SHARE:
            return
        before = self._answers.pop(etag, None)
        self._size += len(answer[0]) - (len(before[0]) if before else 0)
        self._answers[etag] = answer
        while self._size > self._most:
            _, sent = self._answers.popitem(last=False)
            self._size -= len(sent[0])
