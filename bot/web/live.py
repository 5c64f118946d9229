"""`/staff/events`: numbers and alarms of an open console as they change, until the session ends or the server stops."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from aiohttp import web

from bot.clock import Clock
from bot.staff.sessions import digest_of
from bot.web.console import COOKIE, Page, Section, Visit
from bot.web.console_pages import ConsolePages
from bot.web.errors import TooMany, WebError
from bot.web.pages import Pages
from bot.web.streams import HEARTBEAT, HEARTBEAT_SECONDS, RETRY
from bot.web.watching import Follower, Watcher

MOST_OF_ONE = 20
"""Windows that one person has open."""
MOST = 500


class Live:
    def __init__(
        self, watcher: Watcher, pages: ConsolePages, clock: Clock, *, heartbeat: float = HEARTBEAT_SECONDS
    ) -> None:
        self._watcher = watcher
        self._pages = pages
        self._clock = clock
        self._heartbeat = heartbeat
        self._open: Counter[int] = Counter()
        self._ending = asyncio.Event()

    def section(self) -> Section:
        return Section(pages=(Page("GET", "/staff/events", self.serve),))

    async def end(self, _site: web.Application) -> None:
        """The server stops: streams would hold it up for ever."""
        self._ending.set()

    async def serve(self, visit: Visit) -> web.StreamResponse:
        if self._ending.is_set():
            raise WebError(503, "stopping")
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        )
        digest = digest_of(visit.request.cookies[COOKIE])
        with self._counted(visit.staff.id), self._watcher.follow(digest) as follower:
            await response.prepare(visit.request)
            # Whoever looks may go away at any time; the browser comes back by itself.
            with suppress(ConnectionError):
                await self._write(response, visit, follower)
        return response

    async def _write(self, response: web.StreamResponse, visit: Visit, follower: Follower) -> None:
        await response.write(RETRY)
        ending = asyncio.create_task(self._ending.wait())
        try:
            while not ending.done():
                news = asyncio.create_task(follower.news.wait())
                await asyncio.wait({news, ending}, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                if follower.ended:
                    await response.write(b"event: ended\ndata: {}\n\n")
                    return
                if follower.news.is_set():
                    follower.news.clear()
                    await response.write(self._event(visit, follower))
                elif not ending.done():
                    await response.write(HEARTBEAT)
        finally:
            ending.cancel()

    def _event(self, visit: Visit, follower: Follower) -> bytes:
        """Numbers by the names of their links, and the bands as the page draws them."""
        assert follower.seen is not None
        now = replace(visit, now=self._clock.now())
        bands = [self._pages.piece(alarm.template, data=alarm.data, visit=now) for alarm in follower.seen.alarms]
        said = {"counts": dict(follower.seen.counts), "rings": "\n".join(bands)}
        return f"event: state\ndata: {Pages.json(said)}\n\n".encode()

    @contextmanager
    def _counted(self, staff_id: int) -> Iterator[None]:
        if self._open[staff_id] >= MOST_OF_ONE or self._open.total() >= MOST:
            raise TooMany(30)
        self._open[staff_id] += 1
        try:
            yield
        finally:
            self._open[staff_id] -= 1
            if not self._open[staff_id]:
                del self._open[staff_id]
