"""Five weeks go by, over nights, weekends and New Year: everybody is told once, and never in the quiet hours."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from bot.clock import LOCAL
from bot.models import Conversation, Message
from bot.staff import audit
from bot.staff.roles import ANYWHERE
from tests.bureau import Person
from tests.handlers.offers.hall import COURSE, FAIR, Hall

STARTS = ("2026-12-01T08:30", "2026-12-05T09:30", "2026-12-13T14:00", "2026-12-20T20:00", "2027-01-01T09:00")
"""Early and late, on a Sunday and on a holiday."""


async def test_a_month_of_reminders_keeps_out_of_the_nights(hall: Hall) -> None:
    codes = [await hall.add(COURSE, starts=f"{at}:00+08:00", ends="", seats=3) for at in STARTS]
    fair = await hall.add(FAIR, starts="2026-12-26", ends="")
    for number, code in enumerate([*codes, fair]):
        await hall.sign_up(code, f"a{number}")
        await hall.sign_up(code, f"b{number}")
    await hall.office.wishes.begin()
    end = hall.clock.now() + timedelta(days=35)
    while hall.clock.now() < end:
        hall.clock.advance(minutes=30)
        if hall.clock.now().astimezone(LOCAL).strftime("%m-%d %H:%M") == "12-10 23:30":
            await hall.change(codes[2], starts="2026-12-14T14:00:00+08:00", ends="", seats=3)
        await hall.act()
    async with hall.app.database.reading() as session:
        found = (await session.scalars(select(Message).where(Message.template == "offers/news"))).all()
    told = Counter((message.data["offer"]["code"], message.data["what"], message.conversation_id) for message in found)
    assert set(told.values()) == {1}
    kinds = Counter((code, what) for code, what, _ in told)
    both = {(code, what): 2 for code in codes for what in ("day", "hours")}
    assert kinds == both | {(fair, "day"): 2, (codes[2], "changed"): 2}
    hours = {message.at.astimezone(LOCAL).hour for message in found}
    assert hours <= set(range(8, 21))
    assert {(await hall.offer(code)).state for code in [*codes, fair]} == {"past"}


async def test_over_the_spring_festival_nothing_comes_at_night_twice_or_after_a_stop(hall: Hall) -> None:
    hall.clock.set("2027-01-18T10:00:00+08:00")
    fair = await hall.add(FAIR, starts="2027-01-23T08:30:00+08:00", ends="2027-01-23T16:00:00+08:00")
    small = await hall.add(COURSE, title="小班", starts="2027-01-30T09:00:00+08:00", ends="", seats=1)
    gone = await hall.add(COURSE, title="没了", starts="2027-01-28T08:30:00+08:00", ends="", seats=3)
    moved = await hall.add(COURSE, title="改期", starts="2027-01-29T08:30:00+08:00", ends="", seats=3)
    spring = await hall.add(
        FAIR, title="春风行动", starts="2027-02-13T08:30:00+08:00", ends="2027-02-13T16:00:00+08:00"
    )
    anna, stops = Person(hall.app, "anna", region="洪湖市"), Person(hall.app, "stops", region="洪湖市")
    for code in (fair, small, gone, moved, spring):
        await anna.say(f"报名 {code}")
    await (await hall.sign_up(small, "waits")).say("算了")
    for code in (fair, gone):
        await stops.say(f"报名 {code}")
    await stops.say("别再发了")
    assert "有变动" in stops.text
    end = hall.clock.now() + timedelta(days=33)
    while hall.clock.now() < end:
        hall.clock.advance(minutes=30)
        match hall.clock.now().astimezone(LOCAL).strftime("%m-%d %H:%M"):
            case "01-27 22:00":
                await hall.change(moved, title="改期", starts="2027-02-01T08:30:00+08:00", ends="", seats=3)
            case "01-27 23:30":
                async with hall.work() as session:
                    await hall.office.publishing.cancel(
                        session, gone, actor=audit.SYSTEM, scope=ANYWHERE, now=hall.clock.now()
                    )
            case "01-29 21:30":
                await anna.say(f"取消报名 {small}")
        await hall.act()
    async with hall.app.database.reading() as session:
        rows = await session.execute(
            select(Message, Conversation.chat)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(Message.pushed)
            .order_by(Message.id)
        )
        found = [(chat, message) for message, chat in rows]
    assert {message.at.astimezone(LOCAL).hour for _, message in found} <= set(range(8, 21))
    told = Counter((chat, message.data["offer"]["code"], message.data["what"]) for chat, message in found)
    assert set(told.values()) == {1}
    assert {(code, what) for chat, code, what in told if "stops" in chat} == {(gone, "cancelled")}
    assert {what for chat, _, what in told if "waits" in chat} == {"moved_up"}
    assert {what for chat, code, what in told if "anna" in chat and code == moved} == {"changed", "day", "hours"}
    old = [message for _, message in found if message.data["offer"]["code"] == moved]
    assert {message.data["offer"]["starts"][:10] for message in old} == {"2027-02-01"}
    early = [
        message for _, message in found if message.data["what"] == "hours" and "08:30" in str(message.data["offer"])
    ]
    assert early
    assert all("明天早上" in message.text for message in early)


async def test_who_registers_again_after_a_stop_is_reminded_again(hall: Hall) -> None:
    person = Person(hall.app, "p", region="洪湖市")
    await person.say("别再发了")
    hall.clock.advance(minutes=5)
    await person.say(f"报名 {await hall.add(COURSE)}")
    for step in ({"days": 8}, {"hours": 22}):
        hall.clock.advance(**step)
        await hall.act()
    assert await hall.told() == ["day", "hours"]


async def test_a_no_to_notices_is_no_no_to_reminders(hall: Hall) -> None:
    person = await hall.sign_up(await hall.add(COURSE), "p")
    await person.say("王小明 13800001234")
    await person.press("不用发")
    hall.clock.advance(days=8)
    await hall.act()
    assert await hall.told() == ["day"]
