"""The server's end of the channel to one worker."""

from __future__ import annotations

import asyncio
import mmap
import socket
from typing import Final

from k20kg.web.sparql.answering import Outcome
from k20kg.web.sparql.fork_server import HEAD, OUTCOMES, SHARED, TIRED

_FIRST: Final = 1 << 16


class LostError(Exception):
    """A worker ended before its answer was whole."""


class Worker:
    """One worker's end of its channel."""

    def __init__(self, number: int, channel: socket.socket, room: mmap.mmap) -> None:
        self.number = number
        self.usable = True
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._channel, self._room = channel, room
        self._loop = asyncio.get_running_loop()
        self._reply: asyncio.Future[tuple[Outcome, bytes]] | None = None
        self._head = b""
        self._body = bytearray()
        self._filled = 0
        self._outcome, self._tired = b"", False
        channel.setblocking(False)
        self._loop.add_reader(channel, self._read)

    async def ask(self, question: bytes) -> tuple[Outcome, bytes]:
        """Send a question, and wait for the reply; `LostError` if the worker ends before."""
        self._reply = self._loop.create_future()
        try:
            sent = self._channel.send(question)
            if sent < len(question):
                await self._loop.sock_sendall(self._channel, question[sent:])
        except BlockingIOError:
            await self._loop.sock_sendall(self._channel, question)
        except OSError:
            raise LostError from None
        return await self._reply

    def close(self) -> None:
        """Hang up; an idle worker then ends."""
        if self._channel.fileno() >= 0:
            self._loop.remove_reader(self._channel)
            self._channel.close()
            self._room.close()
        self.usable = False
        if self._reply and not self._reply.done():
            self._reply.set_exception(LostError())

    def _read(self) -> None:
        try:
            self._take()
        except BlockingIOError:
            return
        except OSError:
            self.close()

    def _take(self) -> None:
        """Read what is there; most replies are there at once, and whole."""
        if not self._body:
            part = self._channel.recv(_FIRST)
            if not part:
                self.close()
                return
            self._head += part
            if len(self._head) < HEAD.size:
                return
            self._outcome, flags, length = HEAD.unpack_from(self._head)
            self._tired = bool(flags & TIRED)
            if flags & SHARED:
                self._finish(self._room[:length])
                return
            if len(self._head) == HEAD.size + length:
                self._finish(self._head[HEAD.size :])
                return
            self._body = bytearray(length)
            self._filled = len(self._head) - HEAD.size
            self._body[: self._filled] = self._head[HEAD.size :]
        with memoryview(self._body) as room:
            while self._filled < len(self._body):
                got = self._channel.recv_into(room[self._filled :])
                if not got:
                    self.close()
                    return
                self._filled += got
        self._finish(bytes(self._body))

    def _finish(self, body: bytes) -> None:
        self._head, self._body = b"", bytearray()
        self.usable = self.usable and not self._tired
        if self._reply and not self._reply.done():
            self._reply.set_result((OUTCOMES[self._outcome], body))
