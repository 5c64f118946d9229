"""Five weeks go by, over nights, weekends and New Year: everybody is told once, and never in the quiet hours."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from bot.clock import LOCAL
from bot.models import Message
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
