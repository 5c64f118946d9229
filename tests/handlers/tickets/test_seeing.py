"""Whose ticket it is: lists and the door of one ticket say the same, and the numbers count what is seen."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.changes import Changes
from bot.staff.models import Staff
from bot.staff.roles import Role
from handlers.tickets.clockwork import RESTS, next_due
from handlers.tickets.counting import Counting
from handlers.tickets.listing import MOST, Tab, View, conditions
from handlers.tickets.models import Queue, Ticket
from handlers.tickets.seeing import eyes_of, sees
from handlers.tickets.ticket import OPEN, Category, State
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN, Bureau

REGIONS = (None, HONGHU, TOWN, "421083001", "421000", "420000", LUOZHUANG, "371311100", "420100", "110000")
PLACES = ("000000", "420000", "421000", HONGHU, TOWN, LUOZHUANG)


@pytest.fixture
async def crowd(bureau_on_each: Bureau) -> Bureau:
    """Tickets of all places, queues, handlers and states, and staff of every role who look at them."""
    bureau, dice = bureau_on_each, random.Random(20261124)
    for role in Role:
        for place in PLACES:
            await bureau.hire(f"{role}-{place}", role, place, *(["社保"] if dice.random() < 0.3 else []))
    for _ in range(60):
        category = dice.choice((Category.INSURANCE, Category.LABOUR))
        await bureau.file(None, region=dice.choice(REGIONS), category=category, is_group=dice.random() < 0.2)
    async with bureau.work() as session:
        queues = [None, *await session.scalars(select(Queue.id))]
        staff = [None, None, *await session.scalars(select(Staff.id))]
        for ticket in await session.scalars(select(Ticket)):
            ticket.queue_id, ticket.handler_id = dice.choice(queues), dice.choice(staff)
            ticket.filed_by, ticket.state = dice.choice(staff), str(dice.choice(list(State)))
            bureau.office.cabinet.clockwork.note_next(ticket)
            if ticket.state in {str(state) for state in OPEN}:
                ticket.next_due = bureau.now + timedelta(minutes=dice.randrange(-2_000, 9_000))
                ticket.soon_at = ticket.next_due - timedelta(minutes=dice.randrange(10, 3_000))
    return bureau


async def test_the_lists_hold_what_the_door_lets_through_and_no_more(crowd: Bureau) -> None:
    async with crowd.app.database.reading() as session:
        tickets = (await session.scalars(select(Ticket))).all()
        for staff in (await session.scalars(select(Staff))).all():
            listed = set(await session.scalars(select(Ticket.id).where(sees(await eyes_of(session, staff)))))
            door = {one.id for one in tickets if await crowd.office.desk.may_see(session, staff, one)}
            assert listed == door, (staff.username, staff.role, staff.region)


async def test_the_numbers_are_those_of_the_lists(crowd: Bureau) -> None:
    changes, now = Changes(), crowd.now
    counting = Counting(changes, lambda: 0.0)
    async with crowd.app.database.reading() as session:
        for staff in (await session.scalars(select(Staff))).all():
            eyes = await eyes_of(session, staff)
            listed = {
                str(view): len(
                    (await session.scalars(select(Ticket.id).where(*conditions(view, Tab.OPEN, eyes, now)))).all()
                )
                for view in View
            }
            assert await counting.count(session, staff, now) == listed, staff.username
            assert await counting.count(session, staff, now) == listed, staff.username


async def test_numbers_are_counted_anew_after_a_change_and_stop_at_the_most(crowd: Bureau) -> None:
    changes = Changes()
    counting = Counting(changes, lambda: 0.0)

    async def count() -> int:
        async with crowd.app.database.reading() as session:
            staff = await session.get_one(Staff, crowd.ids["head-000000"])
            return (await counting.count(session, staff, crowd.now))["all"]

    before = await count()
    assert 0 < before < MOST
    async with crowd.work() as session:
        await session.execute(update(Ticket).values(next_due=None))
    assert await count() == before
    changes.tell()
    assert await count() == 0


async def test_what_is_owed_next_stands_in_the_row_whatever_is_done(bureau: Bureau) -> None:
    number = await bureau.file()

    async def holds() -> Ticket:
        ticket = await bureau.ticket(number)
        due = next_due(ticket)
        if ticket.state == str(State.SUPPLEMENT):
            assert (ticket.next_due, ticket.soon_at) == (RESTS, None)
        elif due is None:
            assert (ticket.next_due, ticket.soon_at) == (None, None)
        else:
            assert ticket.next_due == due.at
            assert ticket.soon_at is not None
            assert ticket.soon_at <= due.at
        return ticket

    await holds()
    await bureau.do("zhou", "claim", number)
    await holds()
    await bureau.do("zhou", "record_contact", number, "打过电话", how="phone")
    await holds()
    await bureau.do("zhou", "ask_supplement", number, "请补缴费单")
    await holds()
    await bureau.say("add_words", number, "补上了")
    await holds()
    await bureau.do("zhou", "set_flags", number, reason="急", urgent=True)
    await holds()
    await bureau.do("zhou", "ask_extension", number, 2, reason="要查账")
    await bureau.do("sun", "decide_extension", number, granted=True)
    await holds()
    await bureau.solve("zhou", number)
    assert (await holds()).next_due is None
    await bureau.say("object", number, "没到账")
    assert (await holds()).next_due is not None
    await bureau.say("withdraw", number)
    assert (await holds()).next_due is None


async def test_a_queue_that_nobody_works_falls_to_every_clerk_of_its_region(bureau: Bureau) -> None:
    number = await bureau.file(category=Category.LABOUR)
    ticket = await bureau.ticket(number)

    async def who_sees() -> set[str]:
        async with bureau.app.database.reading() as session:
            staff = {name: await session.get_one(Staff, one) for name, one in bureau.ids.items()}
            return {name for name, one in staff.items() if await bureau.office.desk.may_see(session, one, ticket)}

    leaders = {"sun", "head", "auditor"}
    assert await who_sees() == leaders | {"zhou", "li"}
    async with bureau.work() as session:
        queue = await session.get_one(Queue, ticket.queue_id)
        await bureau.office.queues.join(session, queue, bureau.ids["li"])
    assert await who_sees() == leaders | {"li"}
    await bureau.dismiss("li")
    assert await who_sees() == leaders | {"li", "zhou"}
