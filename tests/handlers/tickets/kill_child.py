"""A process that files a ticket and kills itself after one of the steps: `python -m … STEP`, settings from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from bot.app import build_parts
from bot.database import Database
from bot.keys import load_keys
from bot.settings import load_settings
from handlers.tickets.office import make_kinds, make_office
from tests.handlers.tickets.bureau import DRAFT, regions


async def main(step: str) -> None:
    settings = load_settings()
    database = Database(settings.async_database_url)
    parts = build_parts(settings, database, keys=load_keys(settings))
    parts.book.add(make_kinds())
    office = make_office(parts, regions())
    places: dict[str, tuple[Any, str]] = {
        "queue": (office.queues, "route"),
        "number": (office.cabinet, "next_number"),
        "ticket": (office.cabinet.clockwork, "begin"),
        "entry": (office.cabinet, "write"),
        "timer": (parts.timers, "set"),
        "delivery": (office.telling, "of_new"),
    }
    if step in places:
        part, name = places[step]
        act = getattr(part, name)

        def die(*words: Any, **more: Any) -> Any:
            async def then(found: Any) -> None:
                await found
                os.kill(os.getpid(), signal.SIGKILL)

            found = act(*words, **more)
            if asyncio.iscoroutine(found):
                return then(found)
            os.kill(os.getpid(), signal.SIGKILL)
            return None

        setattr(part, name, die)
    async with database.transaction() as session:
        await office.filing.open_ticket(session, DRAFT, conversation_id=None, now=parts.clock.now())
        os.kill(os.getpid(), signal.SIGKILL)  # all is done but the commit


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
