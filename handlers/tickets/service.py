"""Wires tickets: dialogues, timers, loops, commands, menu lines over the parts of `office`."""

from __future__ import annotations

from bot.app import Parts, Service
from bot.messages import Choice
from handlers.people.register import Register
from handlers.tickets.console import make_section
from handlers.tickets.dialogue import TicketsDialogue
from handlers.tickets.form_talk import FormTalk
from handlers.tickets.gauges import count_tickets
from handlers.tickets.keeping import FormKeeper
from handlers.tickets.labels import label
from handlers.tickets.new_phone import NewPhone
from handlers.tickets.office import Office, make_kinds
from handlers.tickets.person_part import read_tickets
from handlers.tickets.reception import Reception
from handlers.tickets.staff_acts import StaffActs
from handlers.tickets.staffroom import Staffroom
from handlers.tickets.taking_up import takes_up
from knowledge.answers import PolicyBook


def make_service(parts: Parts, office: Office, book: PolicyBook, register: Register) -> Service:
    regions = book.regions
    forms = FormTalk(office.filing, office.cabinet, office.viewer, regions, register)
    keeper = FormKeeper(office.sealer)
    dialogue = TicketsDialogue(
        office.filing, office.cabinet, office.viewer, forms, office.attachments, keeper, register
    )

    async def erase(session: object, conversation_id: int) -> None:
        await office.filing.erase(session, conversation_id, now=parts.clock.now())  # type: ignore[arg-type]

    register.add_eraser(erase)
    register.add_part("tickets", read_tickets)
    register.phone_followers.append(NewPhone(office.cabinet, office.telling, office.sealer).follow)
    register.count_matters = office.cabinet.count_of
    return Service(
        dialogues=(
            dialogue,
            Staffroom(StaffActs(office.desk, office.sheets, office.attachments)),
            Reception(office.holding, office.filing, office.telling, office.attachments),
        ),
        replies=make_kinds(),
        commands={
            "我要投诉": "tickets:own_case",
            "反映问题": "tickets:own_case",
            "反映事情": "tickets:own_case",
            "反映情况": "tickets:own_case",
            "我的诉求": "tickets:my_cases",
            "查进度": "tickets:my_cases",
            "/case": "tickets:own_case",
            "/status": "tickets:my_cases",
        },
        fills_forms=True,
        takes_up={dialogue.name: takes_up},
        menu=(
            Choice(label("button", "own_case"), "tickets:own_case"),
            Choice(label("button", "my_cases"), "tickets:my_cases"),
        ),
        timers=office.timers,
        loops=office.loops,
        outcomes={"tickets/filed": "handoff", "tickets/door": "handoff"},
        gauges=count_tickets,
        console=make_section(parts, office, book),
    )
