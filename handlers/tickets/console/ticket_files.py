"""Attachments for a clerk's browser: pictures shown as what their first bytes say, everything else only downloaded."""

from __future__ import annotations

from aiohttp import web

from bot.database import Database
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from bot.web.files import give_file
from handlers.tickets.attachments import ENDINGS, sniff
from handlers.tickets.cabinet import NoSuchTicket
from handlers.tickets.console.ticket_pages import check_may_read
from handlers.tickets.console.ticket_view import Gathering
from handlers.tickets.models import Attachment


class TicketFiles:
    def __init__(self, database: Database, gathering: Gathering) -> None:
        self._database = database
        self._gathering = gathering

    def section(self) -> Section:
        return Section(pages=(Page("GET", "/staff/tickets/{number}/files/{file}", self.show),))

    async def show(self, visit: Visit) -> web.Response:
        check_may_read(visit)
        number, wanted = visit.request.match_info["number"], read_number(visit.request.match_info["file"])
        async with self._database.reading() as session:
            ticket = await self._gathering.find(session, visit.staff, number)
            row = await session.get(Attachment, wanted) if wanted is not None else None
        if row is None or row.ticket_id != ticket.id or not row.digest:
            raise NoSuchTicket(number=number)
        media_type = sniff(row.content) or "application/octet-stream"
        name = row.name or f"{number}-{row.id}.{ENDINGS.get(media_type, 'bin')}"
        return give_file(row.content, media_type=media_type, name=name)
