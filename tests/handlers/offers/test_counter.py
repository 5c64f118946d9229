"""Seats: who comes in, who waits, who moves up; exact under load, on both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update

from bot.staff import audit
from bot.staff.roles import ANYWHERE, Scope
from handlers.offers.errors import (
    CheckInRefused,
    NoSuchOffer,
    NoSuchRegistration,
    OfferMoved,
    SeatsTaken,
    TooManyTogether,
)
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import OfferDoubtful, OfferUnfit
from handlers.people.ledger.models import ServiceRecord
from handlers.people.register import Register
from tests.bureau import Person
from tests.handlers.offers.hall import COURSE, FAIR, HONGHU, LUOZHUANG, VACANCY, Hall


async def test_a_full_course_puts_the_next_on_the_waiting_list(hall_on_each: Hall) -> None:
    code = await hall_on_each.add()
    people = [await hall_on_each.sign_up(code, f"p{n}") for n in range(3)]
    assert await hall_on_each.line(code) == [(1, "in"), (2, "in"), (3, "waiting")]
    offer = await hall_on_each.offer(code)
    assert (offer.state, offer.taken, offer.waiting) == ("full", 2, 1)
    assert [person.templates for person in people] == [["offers/registered"]] * 3


async def test_a_seat_given_up_goes_to_the_first_who_waits_and_they_are_told(hall_on_each: Hall) -> None:
    code = await hall_on_each.add()
    people = [await hall_on_each.sign_up(code, f"p{n}") for n in range(4)]
    await people[0].say(f"取消报名 {code}")
    assert people[0].templates == ["offers/cancelled"]
    await hall_on_each.act()
    assert await hall_on_each.line(code) == [(1, "cancelled"), (2, "in"), (3, "in"), (4, "waiting")]
    assert await hall_on_each.told() == ["moved_up"]
    offer = await hall_on_each.offer(code)
    assert (offer.state, offer.taken, offer.waiting) == ("full", 2, 1)


async def test_a_race_for_seats_lets_exactly_as_many_in_as_there_are(hall_on_each: Hall) -> None:
    code = await hall_on_each.add(seats=10)
    people = [Person(hall_on_each.app, f"p{n}", region="洪湖市") for n in range(40)]
    await asyncio.gather(*(person.say(f"报名 {code}") for person in people))
    line = await hall_on_each.line(code)
    assert [seq for seq, _ in line] == list(range(1, 41))
    assert [state for _, state in line] == ["in"] * 10 + ["waiting"] * 30
    offer = await hall_on_each.offer(code)
    assert (offer.taken, offer.waiting, offer.state) == (10, 30, "full")


async def test_cancelling_and_registering_at_once_loses_no_seat(hall_on_each: Hall) -> None:
    code = await hall_on_each.add(seats=5)
    first = [await hall_on_each.sign_up(code, f"a{n}") for n in range(8)]
    second = [Person(hall_on_each.app, f"b{n}", region="洪湖市") for n in range(8)]
    await asyncio.gather(
        *(person.say(f"取消报名 {code}") for person in first), *(person.say(f"报名 {code}") for person in second)
    )
    line, offer = await hall_on_each.line(code), await hall_on_each.offer(code)
    states = [state for _, state in line]
    assert (states.count("cancelled"), states.count("in"), states.count("waiting")) == (8, 5, 3)
    assert (offer.taken, offer.waiting, offer.state) == (5, 3, "full")


async def test_whoever_registers_twice_has_one_seat(hall: Hall) -> None:
    code = await hall.add()
    person = await hall.sign_up(code, "twice")
    await person.say(f"报名 {code}")
    assert await hall.line(code) == [(1, "in")]


async def test_a_group_takes_its_seats_together_and_lets_others_pass_while_it_waits(hall: Hall) -> None:
    code = await hall.add(seats=4)
    three = Person(hall.app, "three", region="洪湖市")
    await three.say(f"报名 {code} 我们3个人一起")
    two = Person(hall.app, "two", region="洪湖市")
    await two.say(f"报名 {code} 我们2个人一起")
    await hall.sign_up(code, "one")
    assert await hall.line(code) == [(1, "in"), (2, "waiting"), (3, "in")]
    offer = await hall.offer(code)
    assert (offer.taken, offer.waiting) == (4, 2)


async def test_more_than_one_registration_holds_is_refused(hall: Hall) -> None:
    code = await hall.add(seats=50)
    async with hall.work() as session:
        with pytest.raises(TooManyTogether):
            await hall.office.counter.register(session, code, conversation_id=1, people=6, now=hall.clock.now())


async def test_what_is_closed_past_or_cancelled_takes_nobody(hall: Hall) -> None:
    code = await hall.add()
    await hall.sign_up(code, "early")
    hall.clock.set("2026-12-08T09:00:00+08:00")
    late = await hall.sign_up(code, "late")
    assert late.templates == ["errors/offer_shut"]
    await hall.act()
    assert (await hall.offer(code)).state == "closed"
    hall.clock.set("2026-12-12T16:00:01+08:00")
    await hall.act()
    assert (await hall.offer(code)).state == "past"
    assert await hall.line(code) == [(1, "in")]


async def test_an_offer_without_seats_takes_all_who_come(hall: Hall) -> None:
    code = await hall.add(FAIR)
    for n in range(3):
        await hall.sign_up(code, f"p{n}")
    offer = await hall.offer(code)
    assert (offer.state, offer.taken, offer.seats) == ("open", 3, None)


# -- changed by staff ---------------------------------------------------------------------------------------


async def test_fewer_seats_than_are_taken_are_refused_until_the_last_are_sent_to_wait(hall_on_each: Hall) -> None:
    hall = hall_on_each
    code = await hall.add(seats=3)
    for n in range(4):
        await hall.sign_up(code, f"p{n}")
    with pytest.raises(SeatsTaken) as refused:
        await hall.change(code, seats=1)
    assert refused.value.data == {"seats": 1, "taken": 3}
    await hall.change(code, seats=1, move_last=True)
    assert await hall.line(code) == [(1, "in"), (2, "waiting"), (3, "waiting"), (4, "waiting")]
    await hall.act()
    assert await hall.told() == ["moved_back", "moved_back"]
    await hall.change(code, seats=3)
    # Whoever was sent to wait stands before who came later.
    assert await hall.line(code) == [(1, "in"), (2, "in"), (3, "in"), (4, "waiting")]


async def test_another_time_or_place_is_told_once_to_all_registered(hall_on_each: Hall) -> None:
    hall = hall_on_each
    code = await hall.add()
    for n in range(3):
        await hall.sign_up(code, f"p{n}")
    await hall.change(code, place="螺山镇文化站")
    await hall.change(code, place="螺山镇文化站", starts="2026-12-09T09:00:00+08:00")
    await hall.act()
    await hall.act()
    # The second change says it all; whoever waits is told as well.
    assert await hall.told() == ["changed"] * 3


async def test_what_nobody_has_to_know_is_not_told(hall: Hall) -> None:
    code = await hall.add()
    await hall.sign_up(code, "p")
    await hall.change(code, meals="不管饭", seats=5)
    await hall.act()
    assert await hall.told() == []


async def test_news_in_the_night_waits_for_the_morning(hall: Hall) -> None:
    code = await hall.add()
    await hall.sign_up(code, "p")
    hall.clock.set("2026-11-30T22:00:00+08:00")
    await hall.change(code, place="螺山镇文化站")
    await hall.act()
    assert await hall.told() == []
    hall.clock.set("2026-12-01T08:00:00+08:00")
    await hall.act()
    assert await hall.told() == ["changed"]


async def test_a_cancelling_tells_all_and_reminds_nobody(hall_on_each: Hall) -> None:
    hall = hall_on_each
    code = await hall.add()
    for n in range(3):
        await hall.sign_up(code, f"p{n}")
    async with hall.work() as session:
        await hall.office.publishing.cancel(session, code, actor=audit.SYSTEM, scope=ANYWHERE, now=hall.clock.now())
    await hall.act()
    hall.clock.set("2026-12-08T08:00:00+08:00")
    await hall.act()
    assert await hall.told() == ["cancelled"] * 3


async def test_two_who_edit_one_offer_do_not_overwrite_each_other(hall: Hall) -> None:
    code = await hall.add()
    async with hall.work() as session:
        with pytest.raises(OfferMoved):
            await hall.office.publishing.change(
                session,
                code,
                hall.draft(COURSE),
                seen=0,
                actor=audit.SYSTEM,
                scope=ANYWHERE,
                now=hall.clock.now(),
                confirmed=True,
            )


async def test_another_countys_offer_is_as_if_it_were_not_there(hall: Hall) -> None:
    code = await hall.add()
    async with hall.work() as session:
        for act in (hall.office.publishing.cancel, hall.office.publishing.close):
            with pytest.raises(NoSuchOffer):
                await act(session, code, actor=audit.SYSTEM, scope=Scope(LUOZHUANG), now=hall.clock.now())
        with pytest.raises(NoSuchOffer):
            await hall.office.publishing.access(session, code, Scope(LUOZHUANG))
        with pytest.raises(OfferUnfit) as unfit:
            await hall.office.publishing.add(
                session, hall.draft(COURSE), actor=audit.SYSTEM, scope=Scope(LUOZHUANG), now=hall.clock.now()
            )
    assert unfit.value.data["faults"] == {"region": "outside"}


async def test_what_is_doubtful_needs_a_second_look(hall: Hall) -> None:
    async def add(confirmed: bool) -> None:
        async with hall.work() as session:
            draft = hall.draft({**VACANCY, "needs": "45岁以下", "employer": ""})
            await hall.office.publishing.add(
                session, draft, actor=audit.SYSTEM, scope=Scope(HONGHU), now=hall.clock.now(), confirmed=confirmed
            )

    with pytest.raises(OfferDoubtful) as doubtful:
        await add(confirmed=False)
    assert doubtful.value.data["missing"] == ("employer",)
    assert [limit.name for limit in doubtful.value.data["limits"]] == ["age"]
    await add(confirmed=True)


async def test_numbers_are_unique_and_short(hall: Hall) -> None:
    codes = [await hall.add(FAIR) for _ in range(12)]
    assert len(set(codes)) == 12
    assert {len(code) for code in codes} == {4}


# -- reminders ----------------------------------------------------------------------------------------------


async def test_reminders_come_the_day_before_and_two_hours_before_and_not_to_who_cancelled(hall_on_each: Hall) -> None:
    hall = hall_on_each
    code = await hall.add(seats=5, starts="2026-12-08T14:00:00+08:00")
    people = [await hall.sign_up(code, f"p{n}") for n in range(3)]
    await people[1].say(f"取消报名 {code}")
    for at, told in (
        ("2026-12-07T09:59:00+08:00", []),
        ("2026-12-07T10:00:00+08:00", ["day", "day"]),
        ("2026-12-08T11:59:00+08:00", ["day", "day"]),
        ("2026-12-08T12:00:00+08:00", ["day", "day", "hours", "hours"]),
        ("2026-12-09T12:00:00+08:00", ["day", "day", "hours", "hours"]),
    ):
        hall.clock.set(at)
        await hall.act()
        assert await hall.told() == told, at


async def test_what_is_put_off_is_reminded_of_at_its_new_time(hall: Hall) -> None:
    code = await hall.add(starts="2026-12-08T14:00:00+08:00")
    await hall.sign_up(code, "p")
    hall.clock.set("2026-12-07T10:00:00+08:00")
    await hall.act()
    await hall.change(code, starts="2026-12-10T14:00:00+08:00")
    await hall.act()
    hall.clock.set("2026-12-08T12:00:00+08:00")
    await hall.act()
    assert await hall.told() == ["day", "changed"]
    hall.clock.set("2026-12-09T10:00:00+08:00")
    await hall.act()
    assert await hall.told() == ["day", "changed", "day"]


async def test_more_people_than_one_batch_are_all_told_once(hall: Hall) -> None:
    code = await hall.add(seats=200)
    people = [Person(hall.app, f"p{n}", region="洪湖市") for n in range(120)]
    await asyncio.gather(*(person.say(f"报名 {code}") for person in people))
    await hall.change(code, seats=200, place="螺山镇文化站")
    await hall.act()
    assert await hall.told() == ["changed"] * 120


# -- the door -----------------------------------------------------------------------------------------------


async def test_who_says_their_number_at_the_door_came_once(hall_on_each: Hall) -> None:
    hall = hall_on_each
    code = await hall.add(seats=1)
    await hall.sign_up(code, "in")
    await hall.sign_up(code, "waits")
    async with hall.work() as session:
        offer = await hall.office.counter.find(session, code)
        numbers = list(await session.scalars(select(Registration.code).order_by(Registration.seq)))
        now = hall.clock.now()
        assert not (await hall.office.counter.check_in(session, offer, numbers[0], now=now)).again
        assert (await hall.office.counter.check_in(session, offer, numbers[0], now=now)).again
        with pytest.raises(CheckInRefused):
            await hall.office.counter.check_in(session, offer, numbers[1], now=now)
        with pytest.raises(NoSuchRegistration):
            await hall.office.counter.check_in(session, offer, "no", now=now)
    assert [(one.code, str(one.kind)) for one in hall.came] == [(code, "course")]
    assert await hall.line(code) == [(1, "came"), (2, "waiting")]


async def test_whoever_registers_somebody_else_has_no_service_of_their_own(hall: Hall) -> None:
    code = await hall.add()
    parent = Person(hall.app, "parent", region="洪湖市")
    await parent.say(f"报名 {code} 给我儿子报")
    await parent.say("他同意")
    async with hall.work() as session:
        offer = await hall.office.counter.find(session, code)
        one = (await session.scalars(select(Registration))).one()
        assert one.relation == "son"
        await hall.office.counter.check_in(session, offer, one.code, now=hall.clock.now())
        asker = await Register().find(session, one.conversation_id or 0)
    assert asker is not None
    assert [came.person_id for came in hall.came] == [one.person_id]
    assert asker.id != one.person_id


# -- having everything deleted ------------------------------------------------------------------------------


async def test_somebody_deleted_while_registered_frees_the_seat(hall_on_each: Hall) -> None:
    hall = hall_on_each
    code = await hall.add(seats=1)
    gone = await hall.sign_up(code, "gone")
    await gone.say("王小明 13800001234")
    await hall.sign_up(code, "next")
    await gone.say("删除我的资料")
    await gone.press("都删掉")
    await hall.act()
    assert await hall.line(code) == [(1, "cancelled"), (2, "in")]
    assert await hall.told() == ["moved_up"]
    async with hall.app.database.reading() as session:
        one = (await session.scalars(select(Registration).where(Registration.seq == 1))).one()
        assert (one.name, one.phone, one.conversation_id, one.person_id) == (None, None, None, None)


async def test_names_and_phones_are_sealed(hall: Hall) -> None:
    code = await hall.add()
    person = await hall.sign_up(code, "p")
    await person.say("王小明 13800001234")
    async with hall.app.database.reading() as session:
        one = (await session.scalars(select(Registration))).one()
    assert one.name is not None
    assert one.phone is not None
    assert "王小明".encode() not in one.name
    assert hall.office.sealer.open(one.name, "registration.name") == "王小明"
    assert hall.office.sealer.open(one.phone, "registration.phone") == "13800001234"


async def test_my_data_counts_what_somebody_is_registered_for(hall: Hall) -> None:
    code = await hall.add()
    await hall.sign_up(code, "p")
    async with hall.work() as session:
        conversation = (await session.scalars(select(Registration.conversation_id))).one()
        assert conversation is not None
        assert len(await hall.office.counter.of_chat(session, conversation)) == 1
        await session.execute(update(Offer).values(state="past"))
        assert await hall.office.counter.of_chat(session, conversation) == []


async def test_an_offer_that_staff_close_may_be_opened_again(hall: Hall) -> None:
    code = await hall.add()
    async with hall.work() as session:
        await hall.office.publishing.close(session, code, actor=audit.SYSTEM, scope=ANYWHERE, now=hall.clock.now())
    late = await hall.sign_up(code, "late")
    assert late.templates == ["errors/offer_shut"]
    async with hall.work() as session:
        await hall.office.publishing.reopen(session, code, actor=audit.SYSTEM, scope=ANYWHERE, now=hall.clock.now())
    await hall.sign_up(code, "p")
    assert await hall.line(code) == [(1, "in")]


async def test_who_came_to_a_course_has_had_a_training_of_the_year(hall: Hall) -> None:
    code = await hall.add()
    await hall.sign_up(code, "p")
    office = hall.recording()
    async with hall.work() as session:
        offer = await office.counter.find(session, code)
        one = (await session.scalars(select(Registration))).one()
        hall.clock.set("2026-12-08T09:00:00+08:00")
        await office.counter.check_in(session, offer, one.code, now=hall.clock.now())
        found = (await session.scalars(select(ServiceRecord))).one()
    assert (found.person_id, found.kind, found.year) == (one.person_id, "training", 2026)
