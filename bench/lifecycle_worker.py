"""One process of `bench.lifecycle`: whole life-cycles of tickets through the use cases, as many as fit into its time.

Reads one line of JSON from its input (seconds, tasks, staff) at each round, prints one with what it did.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from bot.app import build_parts
from bot.clock import SystemClock
from bot.database import Database
from bot.keys import Keys
from bot.settings import load_settings
from bot.staff.models import Staff
from handlers.tickets.cabinet import Person
from handlers.tickets.filing import Draft
from handlers.tickets.office import Office, make_kinds, make_office
from handlers.tickets.ticket import Category, Closing, Kind
from knowledge.regions import load_regions

REGION = "421083100"


async def one_life(database: Database, office: Office, clock: SystemClock, clerk: Staff, leader: Staff) -> None:
    """create with its timer, assign, resolve: three commits with timeline; then search by number."""
    draft = Draft(
        Kind.COMPLAINT,
        Category.LABOUR,
        "拖欠三个月工资",
        "在示例建筑公司干了三个月，工资一分没发，老板不接电话。",
        "webchat",
        region=REGION,
        facts={"employer": "示例建筑公司", "amount": "4800元"},
        person=Person("示例·张某", "13800000000"),
    )
    async with database.transaction() as session:
        ticket = await office.filing.open_ticket(session, draft, conversation_id=None, now=clock.now())
        number = ticket.number
    async with database.transaction() as session:
        await office.desk.assign(session, leader, number, clerk.id, now=clock.now())
    async with database.transaction() as session:
        await office.desk.record_contact(session, clerk, number, "电话核实了。", how="phone", now=clock.now())
        await office.desk.answer(session, clerk, number, "工资已经发到卡上。", closing=Closing.SOLVED, now=clock.now())
    async with database.reading() as session:
        found = await office.cabinet.look_up(session, number)
        assert found is not None
        assert found.state == "answered"


async def run() -> None:
    settings = load_settings()
    database, clock = Database(settings.async_database_url), SystemClock()
    parts = build_parts(settings, database, keys=Keys("b" * 40))
    parts.book.add(make_kinds())
    office = make_office(parts, load_regions())
    print("ready", flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await _round(database, office, clock, json.loads(line))), flush=True)
    await database.close()


async def _round(database: Database, office: Office, clock: SystemClock, asked: dict[str, Any]) -> dict[str, Any]:
    async with database.reading() as session:
        clerk, leader = [await session.get(Staff, staff_id) for staff_id in asked["staff"]]
    assert clerk is not None
    assert leader is not None
    until, spent, cpu = time.monotonic() + asked["seconds"], [], time.process_time()

    async def task() -> None:
        while time.monotonic() < until:
            began = time.perf_counter()
            await one_life(database, office, clock, clerk, leader)
            spent.append(time.perf_counter() - began)

    began = time.monotonic()
    await asyncio.gather(*(task() for _ in range(asked["tasks"])))
    return {"lives": spent, "seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    asyncio.run(run())
