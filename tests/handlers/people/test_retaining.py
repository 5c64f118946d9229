"""What is kept of chats that are long silent goes by itself; the ledger's word and living chats stay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.background import Moment
from bot.models import Message
from bot.staff.models import AuditEntry
from handlers.people.models import PersonChat
from handlers.people.retaining import KIND, Retaining, silent_for
from tests.bureau import Person
from tests.handlers.people.conftest import House


async def tidy(house: House) -> None:
    retaining = Retaining(house.register, house.app.timers, house.app.database)
    async with house.app.database.transaction() as session:
        await retaining.tidy(session, Moment(KIND, KIND, {}, house.clock.now()))


async def told_of_self(house: House, name: str) -> Person:
    person = Person(house.app, name, region="洪湖市")
    await person.say("我是退捕渔民，45岁，会电焊，创业补贴给多少")
    await person.press("对")
    return person


async def test_a_chat_silent_for_two_years_is_forgotten_and_counted(house: House) -> None:
    gone, living = await told_of_self(house, "gone"), await told_of_self(house, "living")
    house.clock.advance(seconds=timedelta(days=400).total_seconds())
    await living.say("养老补贴哪天发")
    house.clock.advance(seconds=(silent_for() - timedelta(days=399)).total_seconds())
    await tidy(house)
    assert await house.row_of(gone) is None
    assert await house.row_of(living) is not None
    async with house.app.database.reading() as session:
        conversation = await house.conversation_of(gone)
        kept = await session.scalar(
            select(func.count()).select_from(Message).where(Message.conversation_id == conversation, ~Message.forgotten)
        )
        (entry,) = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "people_forgotten"))).all()
    assert kept == 0
    assert entry.data == {"chats": 1, "of_ledger": 0}


async def test_nothing_goes_a_day_too_early(house: House) -> None:
    person = await told_of_self(house, "p")
    house.clock.advance(seconds=(silent_for() - timedelta(days=1)).total_seconds())
    await tidy(house)
    assert await house.row_of(person) is not None


async def test_the_ledgers_person_stays_without_the_chat(house: House) -> None:
    there = await house.add_of_ledger()
    person = await told_of_self(house, "p")
    async with house.app.database.transaction() as session:
        chat = await session.scalar(select(PersonChat))
        assert chat is not None
        chat.person_id = there
    house.clock.advance(seconds=(silent_for() + timedelta(days=1)).total_seconds())
    await tidy(house)
    assert await house.row_of(person) is None
    async with house.app.database.reading() as session:
        (entry,) = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "people_forgotten"))).all()
    assert entry.data == {"chats": 1, "of_ledger": 1}
