"""`/staff/events`: numbers and alarms of an open console as they change, until the session ends or the server stops."""

from __future__ import annotations

import asyncio
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
        self._open: dict[int, list[asyncio.Event]] = {}
        """Of each person the windows, the oldest first, as what tells them to make way."""
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
        with self._admitted(visit.staff.id) as leaving, self._watcher.follow(digest) as follower:
            await response.prepare(visit.request)
            # Whoever looks may go away at any time; the browser comes back by itself.
            with suppress(ConnectionError):
                await self._write(response, visit, follower, leaving)
        return response

    async def _write(
        self, response: web.StreamResponse, visit: Visit, follower: Follower, leaving: asyncio.Event
    ) -> None:
        await response.write(RETRY)
        ending, leaves = asyncio.create_task(self._ending.wait()), asyncio.create_task(leaving.wait())
        try:
            while not ending.done() and not leaves.done():
                news = asyncio.create_task(follower.news.wait())
                waited = {news, ending, leaves}
                await asyncio.wait(waited, timeout=self._heartbeat, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
                if follower.ended:
                    await response.write(b"event: ended\ndata: {}\n\n")
                    return
                if follower.news.is_set():
                    follower.news.clear()
                    await response.write(self._event(visit, follower))
                elif not ending.done() and not leaves.done():
                    await response.write(HEARTBEAT)
        finally:
            ending.cancel()
            leaves.cancel()

    def _event(self, visit: Visit, follower: Follower) -> bytes:
        """Numbers by the names of their links, and the bands as the page draws them."""
        assert follower.seen is not None
        now = replace(visit, now=self._clock.now())
        bands = [self._pages.piece(alarm.template, data=alarm.data, visit=now) for alarm in follower.seen.alarms]
        said = {"counts": dict(follower.seen.counts), "rings": "\n".join(bands)}
        return f"event: state\ndata: {Pages.json(said)}\n\n".encode()

    @contextmanager
    def _admitted(self, staff_id: int) -> Iterator[asyncio.Event]:
        """One more window. Of somebody who has too many the oldest makes way: most likely it was closed long ago,
        which shows only at the next sign of life."""
        if sum(map(len, self._open.values())) >= MOST:
            raise TooMany(30)
        theirs, leaving = self._open.setdefault(staff_id, []), asyncio.Event()
        if len(theirs) >= MOST_OF_ONE:
            theirs.pop(0).set()
        theirs.append(leaving)
        try:
            yield leaving
        finally:
            if leaving in theirs:
                theirs.remove(leaving)
            if not theirs and self._open.get(staff_id) is theirs:
                del self._open[staff_id]
