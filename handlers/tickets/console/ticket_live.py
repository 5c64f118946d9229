"""What happens to a ticket while its page is open: an event stream, told when something was written in its timeline.

Only comfort: the page shows the same when it is loaded again. Listening is no sign of life: the stream ends with the
session, and the page does not ask for another, so that an open page keeps nobody signed in.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web
from sqlalchemy import select

from bot.changes import Changes
from bot.clock import Clock
from bot.database import Database
from bot.errors import UserFacingError
from bot.staff.sessions import Ended, find_session
from bot.web.bodies import read_number
from bot.web.console import COOKIE, Page, Section, Visit
from bot.web.pages import Pages
from handlers.tickets.console.ticket_pages import TicketPages, check_may_read
from handlers.tickets.models import Entry, Ticket
from handlers.tickets.ticket import Role

POLL_SECONDS = 3.0
"""How often one looks for what another process wrote."""
HEARTBEAT_SECONDS = 10.0
"""How often one looks whether whoever listens is still signed in; before anything is told one looks anyhow."""


class SignedOut(Exception):
    """The session of whoever listens has ended."""


class TicketLive:
    def __init__(self, database: Database, clock: Clock, changes: Changes, pages: TicketPages) -> None:
        self._database = database
        self._clock = clock
        self._changes = changes
        self._pages = pages

    def section(self) -> Section:
        return Section(pages=(Page("GET", "/staff/tickets/{number}/live", self.stream),))

    async def stream(self, visit: Visit) -> web.StreamResponse:
        check_may_read(visit)
        number = visit.request.match_info["number"]
        async with self._database.reading() as session:
            ticket = await self._pages.gathering.find(session, visit.staff, number)
        seen = read_number(visit.request.query.get("entries"))
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
        )
        await response.prepare(visit.request)
        # Whoever leaves the page hears no more; so does who may no longer see it.
        with suppress(ConnectionError, UserFacingError, SignedOut):
            await self._write(response, visit, number, ticket.entries if seen is None else seen)
        return response

    async def _write(self, response: web.StreamResponse, visit: Visit, number: str, seen: int) -> None:
        await response.write(b": open\n\n")
        looked = self._clock.wall()
        closing = asyncio.create_task(visit.closing.wait())
        try:
            with self._changes.waiting() as changed:
                while not closing.done():
                    changed.clear()  # before reading: what is committed while we read must wake us
                    entries = await self._count(number)
                    if entries > seen or self._clock.wall() > looked + HEARTBEAT_SECONDS:
                        looked = self._clock.wall()
                        by_person = await self._check(visit, number, seen)
                        await response.write(await self._news(visit, number, entries, seen, quiet=by_person))
                        seen = entries
                    await _wait(changed, closing)
        finally:
            closing.cancel()

    async def _count(self, number: str) -> int:
        """One question: every change of any ticket wakes every open page."""
        async with self._database.reading() as session:
            return await session.scalar(select(Ticket.entries).where(Ticket.number == number)) or 0

    async def _check(self, visit: Visit, number: str, seen: int) -> bool:
        """-> whether only the person and the clock have written since

        Raises SignedOut, and NoSuchTicket once it is no longer theirs to see, as after a transfer.
        """
        async with self._database.reading() as session:
            found = await find_session(session, visit.request.cookies.get(COOKIE, ""), now=self._clock.now())
            if isinstance(found, Ended):
                raise SignedOut
            ticket = await self._pages.gathering.find(session, found.staff, number)
            since = select(Entry.role).where(Entry.ticket_id == ticket.id, Entry.seq > seen).distinct()
            return set(await session.scalars(since)) <= {str(Role.PERSON), str(Role.SYSTEM)}

    async def _news(self, visit: Visit, number: str, entries: int, seen: int, *, quiet: bool) -> bytes:
        """An event; a mere sign of life where there is nothing new."""
        if entries <= seen:
            return b": still here\n\n"
        visit.now = self._clock.now()
        data = {"entries": entries, "quiet": quiet, **await self._pages.pieces(visit, number)}
        return f"data: {Pages.json(data)}\n\n".encode()


async def _wait(changed: asyncio.Event, closing: asyncio.Task[bool]) -> None:
    waking = asyncio.create_task(changed.wait())
    try:
        await asyncio.wait({waking, closing}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()
