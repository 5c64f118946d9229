"""Server-sent events of the chat: what is new as it comes, each message once, resumed by Last-Event-ID."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Protocol

from aiohttp import web

from bot.messages import Address, Shown
from bot.web.bodies import read_number, write_message
from bot.web.errors import TooMany, WebError
from bot.web.limits import Limits
from bot.web.pages import Pages

HEARTBEAT_SECONDS = 15.0
"""Proxies close what is silent for longer."""
RETRY = b"retry: 2000\n\n"
HEARTBEAT = b": still here\n\n"


class Following(Protocol):
    """The part of `Conversation` that reads."""

    async def history(
        self, address: Address, after_seq: int = 0, *, before_seq: int | None = None, limit: int = 200
    ) -> list[Shown]: ...

    def follow(self, address: Address, after_seq: int = 0) -> AsyncIterator[list[Shown]]: ...

    async def mark_seen(self, address: Address, seq: int) -> None: ...


class Streams:
    """All open event streams of this process."""

    def __init__(self, talk: Following, limits: Limits, heartbeat: float = HEARTBEAT_SECONDS) -> None:
        self._talk = talk
        self._limits = limits
        self._heartbeat = heartbeat
        self._open: Counter[str] = Counter()
        self._ending = asyncio.Event()

    async def serve(self, request: web.Request, address: Address) -> web.StreamResponse:
        """Everything after Last-Event-ID (or `after`), then what comes, until either side leaves."""
        if self._ending.is_set():
            raise WebError(503, "stopping")
        with self._counted(address.key):
            newest = await self._talk.history(address, limit=1)
            last = newest[-1].seq if newest else 0
            asked = read_number(request.headers.get("Last-Event-ID"))
            asked = read_number(request.query.get("after")) if asked is None else asked
            # A number from before the device was cleared may lie ahead of this conversation.
            after = last if asked is None else min(asked, last)
            response = web.StreamResponse(
                headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
            )
            await response.prepare(request)
            # The phone may go away at any time; it will come back with Last-Event-ID.
            with suppress(ConnectionError):
                await self._write(response, address, after)
            return response

    async def end(self, _site: web.Application) -> None:
        """The server stops: streams would hold it up for ever."""
        self._ending.set()

    async def _write(self, response: web.StreamResponse, address: Address, after: int) -> None:
        await response.write(RETRY)
        arrived: asyncio.Queue[list[Shown]] = asyncio.Queue()
        ending = asyncio.create_task(self._ending.wait())
        # A reader of its own, so that a slow connection holds up no other reader of this conversation.
        reader = asyncio.create_task(_pour(self._talk.follow(address, after), arrived))
        getting = asyncio.create_task(arrived.get())
        try:
            while not ending.done() and not reader.done():
                await asyncio.wait(
                    {getting, ending, reader}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED
                )
                if getting.done():
                    shown = getting.result()
                    getting = asyncio.create_task(arrived.get())
                    await response.write("".join(map(_event, shown)).encode())
                    if any(message.pushed for message in shown):
                        await self._talk.mark_seen(address, shown[-1].seq)
                else:
                    await response.write(HEARTBEAT)
        finally:
            for task in (reader, ending, getting):
                task.cancel()
            await asyncio.gather(reader, ending, getting, return_exceptions=True)

    @contextmanager
    def _counted(self, key: str) -> Iterator[None]:
        if self._open[key] >= self._limits.streams or self._open.total() >= self._limits.streams_in_all:
            raise TooMany(5)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]


async def _pour(news: AsyncIterator[list[Shown]], into: asyncio.Queue[list[Shown]]) -> None:
    assert isinstance(news, AsyncGenerator)
    async with aclosing(news) as following:
        async for shown in following:
            into.put_nowait(shown)


def _event(message: Shown) -> str:
    return f"id: {message.seq}\ndata: {Pages.json(write_message(message))}\n\n"
