"""What happens to a ticket while its page is open: an event stream, told when something was written in its timeline.

Only comfort: the page shows the same when it is loaded again. Listening is no sign of life: the stream ends with the
session, and the page does not ask for another, so that an open page keeps nobody signed in.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from sqlalchemy import select

from bot.changes import Changes
from bot.clock import Clock
from bot.database import Database
from bot.web.bodies import read_number
from bot.web.console import COOKIE, Page, Section, Visit
from bot.web.following import STILL_HERE, follow, who_listens
from bot.web.pages import Pages
from handlers.tickets.console.ticket_pages import TicketPages, check_may_read
from handlers.tickets.models import Entry, Ticket
from handlers.tickets.ticket import Role


@dataclass(frozen=True)
class Mark:
    """What the page shows, in short."""

    entries: int
    beside: tuple[int, ...]
    """Who else has it open."""


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
        number, query = visit.request.match_info["number"], visit.request.query
        async with self._database.reading() as session:
            ticket = await self._pages.gathering.find(session, visit.staff, number)
        entries = read_number(query.get("entries"))
        shown = tuple(one for word in query.get("beside", "").split(",") if (one := read_number(word)) is not None)
        seen = Mark(ticket.entries if entries is None else entries, shown)

        async def look() -> Mark:
            beside = self._pages.beside.others(number, visit.staff)
            return Mark(await self._count(number), tuple(one for one, _ in beside))

        async def tell(found: Mark, seen: Mark) -> bytes:
            return await self._tell(visit, number, found, seen)

        with self._changes.waiting() as changed, self._pages.beside.watching(number, visit.staff, changed):
            return await follow(visit.request, changed, visit.closing, self._clock, seen=seen, look=look, tell=tell)

    async def _count(self, number: str) -> int:
        """One question: every change of any ticket wakes every open page."""
        async with self._database.reading() as session:
            return await session.scalar(select(Ticket.entries).where(Ticket.number == number)) or 0

    async def _tell(self, visit: Visit, number: str, found: Mark, seen: Mark) -> bytes:
        """An event; a mere sign of life where there is nothing new. Raises SignedOut, NoSuchTicket (transferred)."""
        staff = await who_listens(self._database, visit.request.cookies.get(COOKIE, ""), self._clock)
        async with self._database.reading() as session:
            ticket = await self._pages.gathering.find(session, staff, number)
            since = select(Entry.role).where(Entry.ticket_id == ticket.id, Entry.seq > seen.entries).distinct()
            quiet = set(await session.scalars(since)) <= {str(Role.PERSON), str(Role.SYSTEM)}
        if found == seen:
            return STILL_HERE
        visit.now = self._clock.now()
        data: dict[str, object] = {"beside": self._pages.say_beside(visit, number)}
        if found.entries > seen.entries:
            data |= {"entries": found.entries, "quiet": quiet, **await self._pages.pieces(visit, number)}
        return f"data: {Pages.json(data)}\n\n".encode()
