"""The parts of tickets that dialogues, commands and the console share. Knows no dialogue."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.app import Parts
from bot.background import TimerHandler
from bot.channels.telegram.address import bot_id
from bot.messages import Reply
from bot.quiet import QuietHours
from bot.sealing import Sealer
from handlers.tickets import form_replies, replies, staff_replies
from handlers.tickets.attachments import Attachments
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.calendar import Calendars, HolidayTable, load_calendars
from handlers.tickets.clockwork import Clockwork
from handlers.tickets.daily import Daily
from handlers.tickets.deadlines import load_deadlines
from handlers.tickets.desk import Desk
from handlers.tickets.filing import Filing
from handlers.tickets.holding import TIMER as HELD_TIMER
from handlers.tickets.holding import Holding
from handlers.tickets.holidays import BureauHolidays
from handlers.tickets.labels import queue_name
from handlers.tickets.moments import Moments
from handlers.tickets.queues import Queues
from handlers.tickets.reopening import Reopening
from handlers.tickets.search import SearchIndex
from handlers.tickets.sheets import Sheets
from handlers.tickets.talks import TicketlessTalks
from handlers.tickets.tasks import TIMER as TASK_TIMER
from handlers.tickets.tasks import Tasks
from handlers.tickets.telling import Telling
from handlers.tickets.timeline import Timeline
from handlers.tickets.timetable import BureauTimetable
from handlers.tickets.views import Viewer
from knowledge.regions import Regions


@dataclass(frozen=True)
class Office:
    """All of them, built once."""

    cabinet: Cabinet
    queues: Queues
    telling: Telling
    tasks: Tasks
    filing: Filing
    desk: Desk
    viewer: Viewer
    moments: Moments
    sealer: Sealer
    attachments: Attachments
    sheets: Sheets
    daily: Daily
    holding: Holding
    calendars: Calendars
    timetable: BureauTimetable
    talks: TicketlessTalks
    holidays: BureauHolidays

    @property
    def timers(self) -> Mapping[str, TimerHandler]:
        """All that acts at a moment."""
        return {
            **self.moments.handlers,
            **self.daily.handlers,
            TASK_TIMER: self.tasks.on_due,
            HELD_TIMER: self.holding.on_due,
        }

    @property
    def loops(self) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """What a server runs beside them."""
        return {
            "attachments": self.attachments.run,
            "tickets.daily": self.daily.begin,
            "tickets.search": self.daily.fill_search,
        }


def make_kinds() -> tuple[type[Reply], ...]:
    """All that the service says."""
    return (*replies.KINDS, *form_replies.KINDS, *staff_replies.KINDS)


def make_office(parts: Parts, regions: Regions) -> Office:
    """Everything but the dialogues."""
    settings = parts.settings
    calendars = load_calendars(settings.data_dir)
    assert isinstance(calendars.table, HolidayTable)  # as it is loaded
    holidays = BureauHolidays(calendars.table, parts.bureau)
    calendars = calendars.on(holidays)
    timetable = BureauTimetable(load_deadlines(settings.data_dir), parts.bureau)
    clockwork = Clockwork(calendars, timetable, parts.timers)
    sealer = Sealer(parts.keys, "tickets")
    search = SearchIndex(sealer, regions.whole_name)
    cabinet = Cabinet(Timeline(parts.keys.derive("tickets.timeline")), clockwork, search, parts.changes)
    viewer = Viewer(clockwork, regions.whole_name)
    quiet = QuietHours.read(settings.quiet_hours)

    def name_of(area: str, category: str) -> str:
        return queue_name(regions.full_name(area), category)

    queues = Queues(regions.ancestors, name_of)
    telling = Telling(
        cabinet,
        viewer,
        parts.outbox,
        parts.timers,
        bot=bot_id(settings) if settings.telegram_token else "",
        staff_chat=settings.telegram_staff_chat or None,
        after_quiet=quiet.end_after,
    )
    tasks = Tasks(cabinet, parts.timers, telling)
    reopening = Reopening(cabinet, queues, telling, tasks)
    filing = Filing(cabinet, queues, telling, tasks, reopening, sealer)
    holding = Holding(cabinet, telling, parts.outbox, parts.timers)
    desk = Desk(cabinet, queues, telling, tasks, reopening, sealer, holding)
    return Office(
        cabinet,
        queues,
        telling,
        tasks,
        filing,
        desk,
        viewer,
        Moments(cabinet, telling, tasks),
        sealer,
        Attachments(parts.database, parts.clock, parts.outbox),
        Sheets(desk, viewer, sealer, parts.outbox),
        Daily(cabinet, telling, parts.timers, parts.database, parts.clock),
        holding,
        calendars,
        timetable,
        TicketlessTalks(holding, parts.outbox),
        holidays,
    )
