"""Wires the people service: its dialogue, its commands, its line in the menu."""

from __future__ import annotations

from bot.app import Parts, Service
from bot.messages import Choice
from bot.quiet import QuietHours
from bot.sealing import Sealer
from handlers.people import check_replies, my_data_replies, replies
from handlers.people.check_talk import CheckTalk
from handlers.people.checking import Calendars, CheckIns
from handlers.people.console import make_section
from handlers.people.contact_part import read_contacts
from handlers.people.dialogue import PeopleDialogue
from handlers.people.filling import Filling
from handlers.people.ledger.desk import Ledgers
from handlers.people.matching import Matching
from handlers.people.opting_talk import OptingTalk
from handlers.people.profiling import Profiling
from handlers.people.reading import Reader
from handlers.people.register import Register
from handlers.people.retaining import KIND, Retaining
from handlers.people.spoken import spoken
from handlers.people.tasks import Tasks
from knowledge.regions import Regions


def make_service(parts: Parts, register: Register, regions: Regions, ledgers: Ledgers, calendars: Calendars) -> Service:
    """`calendars`: the working time of every place."""
    sealer, reader, profiling = Sealer(parts.keys, "people"), Reader(regions), Profiling(register)
    filling = Filling(register, profiling, Matching(register, sealer), reader, sealer)
    tasks, quiet = Tasks(), QuietHours.read(parts.settings.quiet_hours)
    check_ins = CheckIns(register, parts.timers, parts.outbox, tasks, calendars, quiet)
    register.consent_followers.append(check_ins.follow_consent)
    register.movers.append(check_ins.move)
    register.add_part("contacts", read_contacts)
    retaining = Retaining(register, parts.timers, parts.database)
    checks = CheckTalk(check_ins, register, profiling, reader)
    dialogue = PeopleDialogue(register, profiling, reader, filling, OptingTalk(register), checks)
    ledgers.add_parts(register)
    return Service(
        dialogues=(dialogue,),
        hears_below=True,
        replies=(*replies.KINDS, *my_data_replies.KINDS, *check_replies.KINDS),
        timers={**check_ins.handlers, KIND: retaining.tidy},
        routes={"optout": PeopleDialogue.name},
        commands={
            "我的资料": "people:mine",
            "我的信息": "people:mine",
            "/profile": "people:mine",
            "补充资料": "people:add",
            "填资料": "people:add",
            "改资料": "people:edit",
            "改我的资料": "people:edit",
            "删除我的资料": "people:delete",
            "删除我的信息": "people:delete",
            "删掉我的资料": "people:delete",
            "把我的资料删了": "people:delete",
        },
        spoken=spoken,
        menu=(Choice("我的资料", "people:mine"),),
        loops={"ledgers": ledgers.runner.run, "people.nightly": retaining.begin},
        console=make_section(parts, register, regions, ledgers, tasks),
    )
