"""Notices in the console, for their tests: people to be told, a notice written, its numbers, its background loop."""

from __future__ import annotations

import asyncio
import re

from sqlalchemy import select

from bot.background import supervise
from bot.messages import Address, ChannelName
from bot.models import Conversation
from bot.transcript import add_conversation, where_of
from handlers.notices.campaign import State
from handlers.notices.models import Campaign
from handlers.people.models import Consent, Person, PersonChat, PersonGroup
from handlers.people.person import Group, Purpose
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import TOWN

PATH = "/staff/notices"
WORDS = {
    "kind": "policy",
    "title": "渔民政策有变化",
    "place": "洪湖市",
    "text": "{place}的渔民，{clause}说的事，打 12333 问。",
    "clause": "honghu-2023-fishers.startup-loan",
}


async def people(console: ConsoleSite, count: int = 1, *groups: Group, chat: bool = True, region: str = TOWN) -> None:
    """Persons who want notices, with a web chat or without any."""
    now = console.now
    async with console.bureau.work() as session:
        for number in range(count):
            person = Person(created_at=now, updated_at=now, region=region)
            session.add(person)
            await session.flush()
            session.add(Consent(person_id=person.id, purpose=str(Purpose.NOTICES), given=True, at=now))
            for group in groups:
                session.add(PersonGroup(person_id=person.id, name=str(group), source="said", at=now))
            if chat:
                address = Address(ChannelName.WEBCHAT, f"{person.id}-{number}", "")
                await add_conversation(session, address, now=now, greeted=True)
                row = (await session.scalars(select(Conversation).filter_by(**where_of(address)))).one()
                session.add(PersonChat(person_id=person.id, conversation_id=row.id, at=now))


async def kept(console: ConsoleSite, number: int = 1) -> Campaign:
    async with console.bureau.app.database.reading() as session:
        return await session.get_one(Campaign, number)


async def all_kept(console: ConsoleSite) -> list[Campaign]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(Campaign).order_by(Campaign.id)))


async def write(at: StaffBrowser, **more: str) -> Answer:
    return await at.post(PATH, **{**WORDS, **more})


async def change(at: StaffBrowser, step: str, number: int = 1, **more: str) -> Answer:
    """Posts the form of a step with the version that the page shows now, or the one that is given."""
    page = await at.get(f"{PATH}/{number}/{step}")
    return await at.post(f"{PATH}/{number}/{step}", **{"version": version_in(page), **more})


def version_in(page: Answer) -> str:
    return page.text.partition('name="version" value="')[2].partition('"')[0]


def row(number: int, key: str, join: str = "and", **fields: str) -> dict[str, str]:
    given = {"key": key, "join": join, **fields}
    return {f"{name}.{number}": value for name, value in given.items()}


def numbers_in(page: Answer) -> list[str]:
    """Of the rows, how many are left after each."""
    return re.findall(r'class="n num">\D*(\d+)', page.text)


def count_in(page: Answer) -> str:
    return page.text.partition('class="count"><b class="num">')[2].partition("<")[0]


async def ready(console: ConsoleSite, at: StaffBrowser, count: int = 2) -> None:
    """A notice to so many, written and approved."""
    await people(console, count)
    await write(at)
    assert (await at.post(f"{PATH}/1/approve")).location.endswith("done=notice_approve")


async def run(console: ConsoleSite, number: int, *, until: State = State.DONE) -> None:
    """The background loop of the notices, until the campaign stands so."""
    loops = [service.loops["notices"] for service in console.bureau.app.services.services if "notices" in service.loops]
    tasks = [asyncio.create_task(supervise("test", loop)) for loop in loops]
    try:
        async with asyncio.timeout(20):
            while (await kept(console, number)).state != str(until):  # noqa: ASYNC110  # rows set no event
                await asyncio.sleep(0.02)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
