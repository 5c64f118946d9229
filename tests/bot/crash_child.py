"""A process to be killed: takes events as a channel does, answers, sends, acts at timers; logs what left it.

`python -m tests.bot.crash_child FOLDER DATABASE_URL NAME`. It says `ready`, and `done` when all events were taken.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Parts, Service, Services, build
from bot.background import Moment, free_leases, supervise
from bot.dialogue import Outcome, Turn
from bot.messages import Address, ChannelName, Incoming
from bot.outbox import Outgoing, SentResult
from bot.settings import load_settings
from tests.fakes import Said, recognise, wire_fakes

CHATS = [str(n) for n in range(5)]
EVENTS = [str(n) for n in range(6)]


class Log:
    """Lines that a kill cannot take back."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())


class LoggingSender:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def send(self, outgoing: Outgoing) -> SentResult:
        await asyncio.sleep(random.uniform(0.0, 0.02))
        self._log.write(f"{outgoing.address.key}|{outgoing.shown.text}".replace("\n", " "))
        return SentResult("1")


class Reminding:
    """Answers in two bubbles, counts in its state, and sets a timer that reminds once."""

    name = "policy"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def step(self, turn: Turn) -> Outcome:
        count = int(turn.state.get("count", 0)) + 1
        where = f"{turn.conversation_id}:{count}"
        at = turn.now + timedelta(seconds=-1)
        data = {"conversation": turn.conversation_id, "count": count}
        await self._parts.timers.set(turn.session, "remind", key=f"remind:{where}", at=at, data=data)
        return Outcome((Said(f"答 {count} 甲"), Said(f"答 {count} 乙")), {"count": count})

    async def remind(self, session: AsyncSession, moment: Moment) -> None:
        await self._parts.outbox.post(session, moment.data["conversation"], [Said(f"提醒 {moment.data['count']}")])


def wire(parts: Parts) -> Services:
    dialogue = Reminding(parts)
    service = Service((dialogue,), (Said,), {"policy": "policy"}, timers={"remind": dialogue.remind})
    return Services(recognise, (service,), wire_fakes(parts).templates)


async def main(folder: Path, url: str, name: str) -> None:
    settings = load_settings({}, data_dir=folder, database_url=url, clock_file=folder / "clock")
    taken, sent = Log(folder / "taken.log"), Log(folder / "sent.log")
    async with build(settings, wire=wire) as app:
        if app.database.is_sqlite:
            await free_leases(app.database, app.clock)
        app.courier.register(ChannelName.TELEGRAM, LoggingSender(sent), bot="7", rate=0)
        loops = (app.courier.run, app.courier.settler.run, app.timers.run)
        tasks = [asyncio.create_task(supervise("loop", loop)) for loop in loops]
        print("ready", flush=True)  # noqa: T201  # for the test that reads us
        known = set((folder / "taken.log").read_text().split())

        async def take(chat: str) -> None:
            for event in EVENTS:
                if f"{chat}:{event}" not in known:
                    await app.conversation.respond(
                        Incoming(Address(ChannelName.TELEGRAM, chat, "7"), event, f"问 {event}")
                    )
                    taken.write(f"{chat}:{event}")

        await asyncio.gather(*map(take, CHATS))
        print("done", flush=True)  # noqa: T201
        await asyncio.gather(*tasks)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
