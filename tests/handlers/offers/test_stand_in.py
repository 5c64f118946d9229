"""Somebody registers another with their yes: seat, service and reminders are that one's, not the asker's."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.models import Message
from bot.sealing import Sealer
from bot.staff.models import Staff
from handlers.offers.models import Offer, Registration
from handlers.offers.person_part import read_registrations
from handlers.people.models import Person as Record
from handlers.people.models import StandIn
from handlers.people.parts import PartAsked, PartPage
from handlers.people.register import Register
from tests.bureau import Person
from tests.handlers.offers.hall import COURSE, HONGHU, Hall

MOTHER, PHONE = "李秀英", "13812349999"


async def registers_mother(hall: Hall, code: str) -> Person:
    person = Person(hall.app, "child", region="洪湖市")
    await person.say(f"帮我妈报名 {code}")
    await person.press("同意，报名")
    assert person.templates[-1] == "offers/registered"
    await person.say(f"我妈叫{MOTHER}，电话{PHONE}")
    return person


async def in_ledger(hall: Hall) -> int:
    """The mother, as the bureau's ledger names her. -> her id"""
    sealer, now = Sealer(hall.parts.keys, "people"), hall.clock.now()
    async with hall.work() as session:
        row = Record(created_at=now, updated_at=now, ledger_at=now, region=HONGHU)
        row.name, row.name_digest = sealer.seal(MOTHER, "person.name"), sealer.digest(MOTHER)
        row.phone, row.phone_digest = sealer.seal(PHONE, "person.phone"), sealer.digest(PHONE)
        session.add(row)
        await session.flush()
        return row.id


async def test_whoever_comes_has_a_record_of_their_own_with_name_and_phone(hall_on_each: Hall) -> None:
    hall = hall_on_each
    await registers_mother(hall, await hall.add(COURSE))
    sealer = Sealer(hall.parts.keys, "people")
    async with hall.app.database.reading() as session:
        registration = (await session.scalars(select(Registration))).one()
        theirs = await session.get_one(Record, registration.person_id)
        assert registration.conversation_id is not None
        asker = await Register().find(session, registration.conversation_id)
    assert theirs.phone_digest == sealer.digest(PHONE)
    assert theirs.name_digest == sealer.digest(MOTHER)
    assert asker is not None
    assert (asker.id == theirs.id, asker.phone, asker.name) == (False, None, None)


async def test_the_service_is_of_whoever_came_and_of_the_ledgers_person_where_it_names_them(hall_on_each: Hall) -> None:
    hall = hall_on_each
    mother = await in_ledger(hall)
    code = await hall.add(COURSE)
    await registers_mother(hall, code)
    async with hall.work() as session:
        registration = (await session.scalars(select(Registration))).one()
        offer = await session.get_one(Offer, registration.offer_id)
        await hall.office.counter.check_in(session, offer, registration.code, now=hall.clock.now())
    assert [came.person_id for came in hall.came] == [mother]


async def test_reminders_come_to_the_chat_that_asked_and_say_whose_they_are(hall: Hall) -> None:
    await registers_mother(hall, await hall.add(COURSE))
    for step in ({"days": 8}, {"hours": 22}):
        hall.clock.advance(**step)
        await hall.act()
    async with hall.app.database.reading() as session:
        found = (await session.scalars(select(Message).where(Message.template == "offers/news"))).all()
    assert [(message.data["what"], message.data["mine"]["relation"]) for message in found] == [
        ("day", "mother"),
        ("hours", "mother"),
    ]


async def test_who_deletes_their_data_takes_along_whom_nobody_else_knows(hall_on_each: Hall) -> None:
    hall = hall_on_each
    person = await registers_mother(hall, await hall.add(COURSE))
    await person.say("删除我的资料")
    await person.press("都删掉")
    async with hall.app.database.reading() as session:
        counts = [await session.scalar(select(func.count()).select_from(table)) for table in (Record, StandIn)]
        registration = (await session.scalars(select(Registration))).one()
    assert counts == [0, 0]
    assert (registration.state, registration.person_id) == ("cancelled", None)


async def test_whom_the_ledger_names_stays_when_the_asker_is_deleted(hall: Hall) -> None:
    mother = await in_ledger(hall)
    person = await registers_mother(hall, await hall.add(COURSE))
    await person.say("删除我的资料")
    await person.press("都删掉")
    async with hall.app.database.reading() as session:
        assert await session.get(Record, mother) is not None
        assert await session.scalar(select(func.count()).select_from(StandIn)) == 0


async def test_another_neighbour_is_another_person_with_a_yes_and_a_seat_of_their_own(hall_on_each: Hall) -> None:
    hall = hall_on_each
    code = await hall.add(COURSE)
    person = Person(hall.app, "friend", region="洪湖市")
    for name, phone in (("李老四", "13812340001"), ("王老五", "13812340002")):
        await person.say(f"帮邻居报名 {code}")
        await person.press("同意，报名")
        assert person.templates[-1] == "offers/registered"
        await person.say(f"{name} {phone}")
    sealer = Sealer(hall.parts.keys, "people")
    async with hall.app.database.reading() as session:
        ids = list(await session.scalars(select(Registration.person_id).order_by(Registration.id)))
        names = [(await session.get_one(Record, one)).name_digest for one in ids]
    assert names == [sealer.digest("李老四"), sealer.digest("王老五")]


async def file_of(hall: Hall, person_id: int, *conversations: int) -> PartPage:
    asked = PartAsked(person_id, conversations, None, Staff(), hall.clock.now(), 0, 10)
    async with hall.app.database.reading() as session:
        return await read_registrations(session, asked)


async def test_a_registration_stands_in_the_file_of_whoever_comes(hall_on_each: Hall) -> None:
    hall = hall_on_each
    await registers_mother(hall, await hall.add(COURSE))
    async with hall.app.database.reading() as session:
        registration = (await session.scalars(select(Registration))).one()
        assert registration.conversation_id is not None
        asker = await Register().find(session, registration.conversation_id)
    assert registration.person_id is not None
    assert asker is not None
    theirs = await file_of(hall, registration.person_id)
    askers = await file_of(hall, asker.id, registration.conversation_id)
    assert [row.title for row in theirs.rows] == [COURSE["title"]]
    assert (theirs.total, askers.total) == (1, 0)


async def test_one_from_before_there_were_stand_ins_stands_in_no_file(hall_on_each: Hall) -> None:
    hall = hall_on_each
    await registers_mother(hall, await hall.add(COURSE))
    async with hall.work() as session:
        registration = (await session.scalars(select(Registration))).one()
        assert registration.conversation_id is not None
        asker = await Register().find(session, registration.conversation_id)
        assert asker is not None
        registration.person_id = asker.id
        where = asker.id, registration.conversation_id
    assert (await file_of(hall, *where)).total == 0
