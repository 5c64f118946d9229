"""The search box of every page: one number leads straight to its ticket, anything else to a list."""

from __future__ import annotations

from aiohttp import web

from bot.database import Database
from bot.web.console import Page, Section, Visit
from handlers.tickets.console.lines import make_lines
from handlers.tickets.console.queue_pages import LOOK
from handlers.tickets.finding import LONGEST, Finding, How
from handlers.tickets.labels import label
from handlers.tickets.office import Office
from handlers.tickets.seeing import eyes_of


class SearchPages:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office
        self._finding = Finding(office.cabinet.search, office.sealer)

    def section(self) -> Section:
        page = Page("GET", "/staff/search", self._show, LOOK)
        return Section(pages=(page,), search=page)

    async def _show(self, visit: Visit) -> web.StreamResponse:
        typed = visit.request.query.get("q", "")[: 2 * LONGEST]
        async with self._database.reading() as session:
            found = await self._finding.find(session, await eyes_of(session, visit.staff), typed)
            lines = await make_lines(session, self._office, found.tickets, reader=visit.staff, now=visit.now)
        if found.how is How.NUMBER and found.tickets:
            return visit.go(f"/staff/tickets/{found.tickets[0].number}")
        return await visit.page(
            "tickets/search", here="", typed=typed, how=str(found.how), more=found.more, lines=lines, say=label
        )
