"""The console pages of tickets: lists, one ticket, filing for somebody, the board, queues and deadlines."""

from __future__ import annotations

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.people.places import PlaceBook
from handlers.tickets.console.deadlines_pages import DeadlinesPages
from handlers.tickets.console.queue_admin_pages import QueueAdminPages
from handlers.tickets.office import Office
from handlers.tickets.queue_desk import QueueDesk
from handlers.tickets.queue_lists import QueueLists
from handlers.tickets.staff_work import DeskWork
from knowledge.regions import Regions


def make_section(parts: Parts, office: Office, regions: Regions) -> Section:
    keeping, work = QueueDesk(office.queues, office.desk), DeskWork(office.desk, office.queues)
    places = PlaceBook(regions)
    return join_sections(
        QueueAdminPages(parts.database, keeping, QueueLists(regions.ancestors), work, places).section(),
        DeadlinesPages(parts.database, parts.bureau, office.timetable, office.calendars, places).section(),
    )
