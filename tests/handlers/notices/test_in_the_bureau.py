"""Campaigns among all services: a fair is advertised, somebody registers from the notice, and answers are noted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.app import App, build
from bot.clock import FixedClock
from bot.models import Conversation
from bot.settings import Settings
from handlers.notices.broadcast import By
from handlers.notices.campaign import Kind, Reason, State
from handlers.notices.drafts import Draft
from handlers.notices.models import Campaign, GivenAnswer
from handlers.notices.office import NoticeOffice
from handlers.offers.models import Offer
from handlers.policy.gap_news import GapNews
from handlers.policy.gaps import keep_gap
from tests.bureau import Person, wire_bureau
from tests.handlers.notices.town import HONGHU

CODE = "4831"
CLERK = By(name="赵科长")


@pytest.fixture
async def bureau(settings_on_each: Settings, clock: FixedClock) -> AsyncIterator[App]:
    async with build(settings_on_each, clock=clock, wire=wire_bureau) as app:
        yield app


def office_of(app: App) -> NoticeOffice:
    return next(service.office for service in app.services.services if isinstance(service.office, NoticeOffice))


async def newcomer(app: App, name: str) -> Person:
    """Somebody of Honghu who agreed to notices."""
    person = Person(app, name, region="洪湖市")
    await person.say("在吗")
    await person.say("开通通知")
    return person


async def add_fair(app: App, seats: int) -> None:
    now = app.clock.now()
    async with app.database.transaction() as session:
        session.add(
            Offer(
                code=CODE,
                kind="fair",
                state="open",
                title="渔民专场招聘会",
                region=HONGHU,
                place="新堤街道文化广场",
                site=HONGHU,
                starts=now.replace(day=7),
                seats=seats,
                created_at=now,
                updated_at=now,
            )
        )


async def send(app: App, text: str, *, kind: Kind = Kind.FAIR, offer: str = CODE) -> int:
    office, now = office_of(app), app.clock.now()
    draft = Draft(kind, "招聘会", HONGHU, {"all": text}, {"region": "洪湖市"}, 0, offer=offer)
    async with app.database.transaction() as session:
        campaign = await office.broadcast.add(session, draft, CLERK, now=now)
        await office.broadcast.approve(session, campaign.id, CLERK, size=2, now=now)
        await office.broadcast.start(session, campaign.id, CLERK, now=now)
    for _ in range(4):
        await office.feeding.act_once()
    return campaign.id


async def test_who_registers_from_the_notice_is_in_and_the_full_fair_is_not_advertised_any_more(bureau: App):
    await add_fair(bureau, seats=1)
    person = await newcomer(bureau, "a")
    await send(bureau, "{title}：{when}，在{where}，还有{seats}个位子")
    await person.say("你好")
    assert person.templates[0] == "notices/notice"
    assert "新堤街道文化广场，还有1个位子" in person.text
    await person.press("我要报名")
    assert person.templates == ["offers/confirm"]
    await person.press(person.labels[0])
    async with bureau.database.reading() as session:
        assert await session.scalar(select(Offer.taken).where(Offer.code == CODE)) == 1
    other = await newcomer(bureau, "b")
    campaign = await send(bureau, "{title}", offer=CODE)
    async with bureau.database.reading() as session:
        row = await session.get(Campaign, campaign)
    assert row is not None
    assert (row.state, row.reason) == (str(State.STOPPED), str(Reason.OFFER_FULL))
    await other.say("你好")
    assert "notices/notice" not in other.templates


async def test_the_button_under_a_notice_ends_all_of_them(bureau: App):
    person = await newcomer(bureau, "a")
    await send(bureau, "好消息", offer="")
    await person.say("你好")
    await person.press("退订通知")
    campaign = await send(bureau, "又一条", offer="")
    await person.say("你好")
    assert "notices/notice" not in person.templates
    async with bureau.database.reading() as session:
        row = await session.get(Campaign, campaign)
    assert row is not None
    assert row.state == str(State.DONE)


async def test_what_is_answered_from_a_document_is_noted_with_its_facts(bureau: App):
    person = await newcomer(bureau, "a")
    await person.say("招一个渔民补多少")
    await person.say("有没有活干")
    async with bureau.database.reading() as session:
        found = (await session.scalars(select(GivenAnswer).order_by(GivenAnswer.id))).all()
    assert found[0].policy
    assert found[0].fact
    assert found[0].words
    assert [(one.policy, one.provision) for one in found if not one.policy] == [("", "jobs")]


async def test_what_an_interview_found_is_noted_as_told(bureau: App):
    person = await newcomer(bureau, "a")
    await person.say("我是退捕渔民，去年从广东回来头一回创业，办了个体执照，帮我看看够不够条件领创业补贴")
    assert person.templates[0] == "policy/interview_result"
    async with bureau.database.reading() as session:
        assert {one.policy for one in await session.scalars(select(GivenAnswer))} == {"honghu-2023-fishers"}


async def test_an_answer_that_comes_later_is_noted_as_told(bureau: App):
    person = await newcomer(bureau, "a")
    now = bureau.clock.now()
    (news,) = (service.office for service in bureau.services.services if isinstance(service.office, GapNews))
    async with bureau.database.transaction() as session:
        chat = await session.scalar(select(Conversation.id).where(Conversation.chat == person.address.key))
        assert chat is not None
        gap = await keep_gap(
            session, chat, question="养老补贴几号发", region=HONGHU, reason="not_stated", tell=True, now=now
        )
        assert gap is not None
        assert (await news.settle(session, gap, now=now)).told == 1
    async with bureau.database.reading() as session:
        assert {one.conversation_id for one in await session.scalars(select(GivenAnswer))} == {chat}
