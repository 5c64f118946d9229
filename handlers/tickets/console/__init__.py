"""The console pages of tickets: lists, one ticket, filing for somebody, the board, queues and deadlines."""

from __future__ import annotations

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.tickets.console.board_pages import BoardPages
from handlers.tickets.office import Office
from knowledge.regions import Regions


def make_section(parts: Parts, office: Office, regions: Regions) -> Section:
    return join_sections(
        BoardPages(parts.database, office.cabinet.clockwork, office.viewer, regions).section(),
    )
