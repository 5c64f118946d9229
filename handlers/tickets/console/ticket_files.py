"""Attachments for a clerk's browser: pictures shown as what their first bytes say, everything else only downloaded."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from bot.database import Database
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from handlers.tickets.attachments import ENDINGS, sniff
from handlers.tickets.cabinet import NoSuchTicket
from handlers.tickets.console.ticket_pages import check_may_read
from handlers.tickets.console.ticket_view import Gathering
from handlers.tickets.models import Attachment

SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
ALONE = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Whatever a browser takes it for: it runs nothing, and loads nothing."""


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
        inline = media_type in SHOWN
        name = row.name or f"{number}-{row.id}.{ENDINGS.get(media_type, 'bin')}"
        return web.Response(
            body=row.content,
            headers={
                "Content-Type": media_type if inline else "application/octet-stream",
                "Content-Disposition": _disposition(name, inline=inline),
                "Content-Security-Policy": ALONE,
                "X-Content-Type-Options": "nosniff",
            },
        )


def _disposition(name: str, *, inline: bool) -> str:
    """The name in the way of RFC 6266; nothing of it can break out of the header."""
    how = "inline" if inline else "attachment"
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in name)[:80]
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:120], safe='')}"
