"""Wires tickets: cabinet, filing, desk, dialogues, timers, loops, commands, menu lines."""

from __future__ import annotations

from dataclasses import dataclass

from bot.app import Parts, Service
from bot.channels.telegram.address import bot_id
from bot.messages import Choice, Reply
from bot.quiet import QuietHours
from bot.sealing import Sealer
from handlers.people.register import Register
from handlers.tickets import form_replies, replies, staff_replies
from handlers.tickets.attachments import Attachments
from handlers.tickets.cabinet import Cabinet
from handlers.tickets.calendar import load_calendars
from handlers.tickets.clockwork import TIMER as CLOCK_TIMER
from handlers.tickets.clockwork import Clockwork
from handlers.tickets.deadlines import load_deadlines
from handlers.tickets.desk import Desk
from handlers.tickets.dialogue import TicketsDialogue
from handlers.tickets.filing import Filing
from handlers.tickets.form_talk import FormTalk
from handlers.tickets.labels import label, queue_name
from handlers.tickets.moments import Moments
from handlers.tickets.queues import Queues
from handlers.tickets.sheets import Sheets
from handlers.tickets.staffroom import Staffroom
from handlers.tickets.tasks import TIMER as TASK_TIMER
from handlers.tickets.tasks import Tasks
from handlers.tickets.telling import UNCLAIMED_TIMER, Telling
from handlers.tickets.timeline import Timeline
from handlers.tickets.views import Viewer
from knowledge.regions import Regions

STAFF_COMMANDS = frozenset({"/note", "/done", "/reply", "/contact"})


@dataclass(frozen=True)
class Office:
    """The parts of tickets that commands and dialogues share."""

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


def make_kinds() -> tuple[type[Reply], ...]:
    """All that the service says."""
    return (*replies.KINDS, *form_replies.KINDS, *staff_replies.KINDS)


def make_office(parts: Parts, regions: Regions) -> Office:
    """Everything but the dialogues."""
    settings = parts.settings
    calendars, deadlines = load_calendars(settings.data_dir), load_deadlines(settings.data_dir)
    clockwork = Clockwork(calendars, deadlines, parts.timers)
    cabinet = Cabinet(Timeline(parts.keys.derive("tickets.timeline")), clockwork)
    sealer = Sealer(parts.keys, "tickets")
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
    filing = Filing(cabinet, queues, telling, tasks, sealer)
    desk = Desk(cabinet, queues, telling, tasks, sealer)
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
        Attachments(parts.database, parts.clock),
        Sheets(desk, viewer, sealer, parts.outbox),
    )


def make_service(parts: Parts, office: Office, regions: Regions, register: Register) -> Service:
    forms = FormTalk(office.filing, office.cabinet, office.viewer, regions, register)
    dialogue = TicketsDialogue(
        office.filing, office.cabinet, office.viewer, forms, office.attachments, register
    )

    async def erase(session: object, conversation_id: int) -> None:
        await office.filing.erase(session, conversation_id, now=parts.clock.now())  # type: ignore[arg-type]

    register.add_eraser(erase)
    return Service(
        dialogues=(dialogue, Staffroom(office.desk, office.sheets)),
        replies=make_kinds(),
        commands={
            "我要投诉": "tickets:own_case",
            "反映问题": "tickets:own_case",
            "我的诉求": "tickets:my_cases",
            "查进度": "tickets:my_cases",
            "/case": "tickets:own_case",
            "/status": "tickets:my_cases",
        },
        menu=(
            Choice(label("button", "own_case"), "tickets:own_case"),
            Choice(label("button", "my_cases"), "tickets:my_cases"),
        ),
        timers={
            CLOCK_TIMER: office.moments.on_clock,
            TASK_TIMER: office.tasks.on_due,
            UNCLAIMED_TIMER: office.moments.on_unclaimed,
        },
        loops={"attachments": office.attachments.run},
    )


