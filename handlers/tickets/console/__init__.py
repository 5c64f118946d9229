"""The console pages of tickets: lists, one ticket, filing for somebody, the board, queues and deadlines."""

from __future__ import annotations

from bot.app import Parts
from bot.help import make_marks
from bot.web.console import Section, join_sections
from handlers.people.places import PlaceBook
from handlers.tickets.console.audit_pages import AuditPages
from handlers.tickets.console.beside import Beside
from handlers.tickets.console.board_pages import BoardPages
from handlers.tickets.console.bulk_pages import BulkPages
from handlers.tickets.console.canned_pages import CannedPages
from handlers.tickets.console.composing import Composing
from handlers.tickets.console.deadlines_pages import DeadlinesPages
from handlers.tickets.console.decision_pages import DecisionPages
from handlers.tickets.console.export_pages import ExportPages
from handlers.tickets.console.holiday_pages import HolidayPages
from handlers.tickets.console.queue_admin_pages import QueueAdminPages
from handlers.tickets.console.queue_pages import QueuePages
from handlers.tickets.console.register_pages import RegisterPages
from handlers.tickets.console.search_pages import SearchPages
from handlers.tickets.console.ticket_acts import TicketActs
from handlers.tickets.console.ticket_files import TicketFiles
from handlers.tickets.console.ticket_live import TicketLive
from handlers.tickets.console.ticket_pages import TicketPages
from handlers.tickets.console.unseal_pages import UnsealPages
from handlers.tickets.counting import Counting
from handlers.tickets.office import Office
from handlers.tickets.queue_desk import QueueDesk
from handlers.tickets.queue_lists import QueueLists
from handlers.tickets.staff_work import DeskWork
from knowledge.answers import PolicyBook


def make_section(parts: Parts, office: Office, book: PolicyBook) -> Section:
    regions = book.regions
    composing = Composing(book, regions)
    ticket = TicketPages(parts.database, office, composing, Beside(parts.clock.wall))
    keeping, work = QueueDesk(office.queues, office.desk), DeskWork(office.desk, office.queues)
    places = PlaceBook(regions)
    return join_sections(
        QueuePages(parts.database, office, regions, Counting(parts.changes, parts.clock.wall)).section(),
        SearchPages(parts.database, office).section(),
        BulkPages(parts.database, office).section(),
        ticket.section(),
        TicketActs(parts.database, office, ticket).section(),
        UnsealPages(parts.database, office, ticket).section(),
        TicketFiles(parts.database, ticket.gathering).section(),
        TicketLive(parts.database, parts.clock, parts.changes, ticket).section(),
        CannedPages(parts.database, composing.canned, composing.citing, regions).section(),
        RegisterPages(parts.database, office, regions, make_marks(parts.book), parts.settings.public_url).section(),
        QueueAdminPages(parts.database, keeping, QueueLists(regions.ancestors), work, places).section(),
        ExportPages(parts.database, office, regions).section(),
        DecisionPages(parts.database, office).section(),
        BoardPages(parts.database, office.cabinet.clockwork, office.viewer, regions).section(),
        DeadlinesPages(parts.database, parts.bureau, office.timetable, office.calendars, places).section(),
        HolidayPages(parts.database, parts.timers, office).section(),
        AuditPages(parts.database, office).section(),
    )
