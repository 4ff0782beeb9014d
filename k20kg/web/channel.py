"""The server's end of the channel to one worker."""

from __future__ import annotations

import asyncio
import socket

from k20kg.web.answering import Outcome
from k20kg.web.nursery import HEAD, OUTCOMES

__all__ = ["LostError", "Worker"]


class LostError(Exception):
    """A worker ended before its answer was whole."""


class Worker:
    """One worker's end of its channel."""

    def __init__(self, number: int, channel: socket.socket) -> None:
        self.number = number
        self.usable = True
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._reply: asyncio.Future[tuple[Outcome, bytes]] | None = None
        self._head = b""
        self._body = bytearray()
        self._filled = 0
        channel.setblocking(False)
        self._loop.add_reader(channel, self._read)

    async def ask(self, question: bytes) -> tuple[Outcome, bytes]:
        """Send a question, and wait for the reply; `LostError` if the worker ends before."""
        self._reply = self._loop.create_future()
        self._head, self._filled = b"", 0
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
        if len(self._head) < HEAD.size:
            part = self._channel.recv(HEAD.size - len(self._head))
            if not part:
                self.close()
                return
            self._head += part
            if len(self._head) < HEAD.size:
                return
            self._body = bytearray(HEAD.unpack(self._head)[2])
        with memoryview(self._body) as room:
            while self._filled < len(self._body):
                got = self._channel.recv_into(room[self._filled :])
                if not got:
                    self.close()
                    return
                self._filled += got
        outcome, tired, _ = HEAD.unpack(self._head)
        self.usable = self.usable and not tired
        if self._reply and not self._reply.done():
            self._reply.set_result((OUTCOMES[outcome], bytes(self._body)))
