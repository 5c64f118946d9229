"""The parts of the notices service, made once: for the conversation's process, the console and the commands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.app import Parts
from bot.channels.telegram.address import bot_id
from bot.quiet import QuietHours
from bot.sealing import Sealer
from handlers.notices.answers import erase_answers
from handlers.notices.broadcast import Broadcast
from handlers.notices.choosing import Choosing
from handlers.notices.drafts import Reading
from handlers.notices.feeding import Feeding
from handlers.notices.gathering import Gathering
from handlers.notices.in_person import InPerson
from handlers.notices.leaving import Leaving
from handlers.notices.limits import Limits, load_limits
from handlers.notices.person_part import read_notices
from handlers.notices.ports import Offers
from handlers.notices.previewing import Previewing
from handlers.notices.results import Counting
from handlers.people.register import Register
from knowledge.answers import PolicyBook


@dataclass(frozen=True)
class NoticeOffice:
    """All that notices are worked with."""

    reading: Reading
    broadcast: Broadcast
    previewing: Previewing
    in_person: InPerson
    counting: Counting
    gathering: Gathering
    feeding: Feeding


def make_office(
    parts: Parts, book: PolicyBook, register: Register, offers: Offers | None, *, limits: Limits | None = None
) -> NoticeOffice:
    settings, database = parts.settings, parts.database
    bot = bot_id(settings) if settings.telegram_token else ""
    rate = settings.telegram_rate
    sealer = Sealer(parts.keys, "people")
    reading = Reading(book, offers, limits or load_limits())
    choosing = Choosing(offers, reading.provision, bot=bot, sqlite=database.is_sqlite)
    wake = asyncio.Event()
    broadcast = Broadcast(reading, parts.outbox, bot=bot, rouse=wake.set)
    gathering = Gathering(database, choosing, reading, register, broadcast)
    feeding = Feeding(
        database,
        parts.clock,
        outbox=parts.outbox,
        broadcast=broadcast,
        gathering=gathering,
        choosing=choosing,
        reading=reading,
        offers=offers,
        quiet=QuietHours.read(settings.quiet_hours),
        bot=bot,
        rate=rate,
        wake=wake,
    )
    leaving = Leaving(parts.clock)
    register.add_part("notices", read_notices)
    register.add_eraser(erase_answers)
    register.refusers.append(leaving.refuse)
    register.movers.append(leaving.move)
    return NoticeOffice(
        reading,
        broadcast,
        Previewing(database, choosing, book.regions, sealer, rate=rate),
        InPerson(book.regions, sealer),
        Counting(offers),
        gathering,
        feeding,
    )
