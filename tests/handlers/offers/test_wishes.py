"""Wishes that were kept with a yes: told once a day of what is new and fits, and never after a stop."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.models import Message
from handlers.people.models import Consent, Wish
from tests.bureau import Person
from tests.handlers.offers.hall import COURSE, FAIR, VACANCY, Hall


async def fresh(hall: Hall) -> list[list[str]]:
    """Titles of each message of news."""
    async with hall.app.database.reading() as session:
        found = await session.scalars(select(Message).where(Message.template == "offers/fresh").order_by(Message.id))
        return [[offer["title"] for offer in message.data["offers"]] for message in found]


async def wish(hall: Hall, name: str, words: str) -> Person:
    person = Person(hall.app, name, region="洪湖市")
    await person.say(words)
    await person.press("有了告诉我")
    return person


async def tomorrow(hall: Hall) -> None:
    """Ten in the morning of the next day."""
    await hall.office.wishes.begin()
    hall.clock.advance(days=1)
    await hall.act()


async def test_a_wish_is_kept_with_the_consent_to_its_kind(hall_on_each: Hall) -> None:
    await wish(hall_on_each, "p", "有没有保洁的活，三千以上")
    async with hall_on_each.app.database.reading() as session:
        (kept,) = await session.scalars(select(Wish))
        given = {one.purpose: one.given for one in await session.scalars(select(Consent))}
    assert (kept.kind, kept.trade, kept.pay_from) == ("work", "cleaner", 3000)
    assert given["notices"]
    assert given["job_notices"]


async def test_what_is_new_and_fits_is_told_once_a_day(hall_on_each: Hall) -> None:
    hall = hall_on_each
    await wish(hall, "p", "想学叉车")
    await wish(hall, "q", "有没有保洁的活")
    await hall.add(COURSE)
    await hall.add(COURSE, title="叉车提高班")
    await hall.add(FAIR)
    await hall.act()
    assert await fresh(hall) == []
    await tomorrow(hall)
    assert sorted(await fresh(hall)) == [["冬季招聘会"], ["叉车班", "叉车提高班"]]
    await tomorrow(hall)
    assert len(await fresh(hall)) == 2


async def test_pay_place_and_trade_of_a_wish_are_kept_to(hall: Hall) -> None:
    await wish(hall, "p", "有没有保洁的活，三千以上")
    await hall.add(VACANCY)
    await hall.add(VACANCY, title="电焊工", trade="电焊", pay_from=6000)
    await hall.add(VACANCY, title="罗庄保洁", region="罗庄区", place="罗庄街道", pay_from=4000)
    await tomorrow(hall)
    assert await fresh(hall) == []
    await hall.add(VACANCY, title="保洁主管", pay_from=3500)
    await tomorrow(hall)
    assert await fresh(hall) == [["保洁主管"]]


async def test_whoever_says_stop_hears_no_more(hall: Hall) -> None:
    person = await wish(hall, "p", "想学叉车")
    await person.say("退订")
    await hall.add(COURSE)
    await tomorrow(hall)
    assert await fresh(hall) == []


async def test_a_no_to_one_kind_is_no_no_to_the_other(hall: Hall) -> None:
    person = await wish(hall, "p", "想学叉车")
    await person.say("有没有保洁的活")
    await person.press("不用")
    await hall.add(COURSE)
    await hall.add(VACANCY)
    await tomorrow(hall)
    assert await fresh(hall) == [["叉车班"]]


@pytest.mark.parametrize("words", ["有招聘会通知我", "以后有招聘会告诉我一声"])
async def test_who_asks_to_be_told_is_not_asked_whether_to_be_told(hall: Hall, words: str) -> None:
    person = Person(hall.app, "p", region="洪湖市")
    await person.say(words)
    assert person.templates == ["offers/none", "offers/say"]
    assert "有了告诉我" not in person.labels
    await hall.add(FAIR)
    await tomorrow(hall)
    assert await fresh(hall) == [["冬季招聘会"]]


@pytest.mark.parametrize("words", ["附近有什么焊工的活，给我讲一下", "有啥活告诉我", "帮我打听下有没有保安的工作"])
async def test_who_asks_what_there_is_has_said_no_yes_to_news(hall: Hall, words: str) -> None:
    person = Person(hall.app, "p", region="洪湖市")
    await person.say(words)
    async with hall.app.database.reading() as session:
        assert (await session.scalars(select(Consent))).all() == []
    assert "offers/none" in person.templates
