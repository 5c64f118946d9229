"""Staff work tickets from their group and their own chat: real HTTP against the strict local Bot API server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App
from bot.clock import FixedClock
from bot.pacing import ChatPace
from bot.staff import audit
from bot.staff.accounts import add_account
from bot.staff.models import Staff
from bot.staff.passwords import NewPassword
from bot.staff.roles import Role
from handlers.tickets import desk_queues
from handlers.tickets.models import Attachment, Ticket
from handlers.tickets.ticket import Category
from tests.bureau import wire_bureau
from tests.telegram.methods import Sent
from tests.telegram.server import FakeTelegram
from tests.telegram.serving import serving, settings_for
from tests.telegram.users import User

GROUP = -100777
ZHOU, LI, SUN, STRANGER = 901, 902, 903, 999
FISHER = 11
PASSWORD = NewPassword("x", "x", must_change=False)


class Member(User):
    """One of the staff in the group."""

    def __init__(self, server: FakeTelegram, user_id: int) -> None:
        super().__init__(server, GROUP)
        self.user_id = user_id

    @property
    def person(self) -> dict[str, Any]:
        return {"id": self.user_id, "is_bot": False, "first_name": f"staff{self.user_id}"}

    @property
    def chat(self) -> dict[str, Any]:
        return {"id": GROUP, "type": "supergroup", "title": "社保补贴"}

    def answers(self, sent: Sent, text: str) -> int:
        ours = {
            "message_id": sent.message_id,
            "date": int(time.time()),
            "chat": self.chat,
            "from": {"id": self.server.bot_id, "is_bot": True, "first_name": "上岸"},
            "text": sent.text,
        }
        return self.sends(text, reply_to_message=ours)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock("2026-11-24T10:14:00+08:00")


@pytest.fixture
async def bureau(server: FakeTelegram, tmp_path: Path, clock: FixedClock) -> AsyncIterator[App]:
    settings = settings_for(server, tmp_path, telegram_rate=0, quiet_hours="")
    async with serving(settings, wire=wire_bureau, clock=clock, pace_of=lambda _chat: ChatPace(gap=0.0)) as (app, _channel):
        await employ(app, clock.now())
        yield app


async def employ(app: App, now: datetime) -> None:
    async with app.database.transaction() as session:
        for name, role, telegram, region in (
            ("zhou", Role.CLERK, ZHOU, "421083"),
            ("li", Role.CLERK, LI, "421083"),
            ("sun", Role.SUPERVISOR, SUN, "421083"),
        ):
            await add_account(
                session,
                name,
                role=role,
                region=region,
                password=PASSWORD,
                actor=audit.SYSTEM,
                now=now,
                telegram_id=str(telegram),
            )
        for category in (Category.INSURANCE, Category.LABOUR):
            await desk_queues.add_queue(
                session, f"{category}", region="421083", category=category, telegram_chat=str(GROUP)
            )
        for staff in await session.scalars(select(Staff)):
            for category in (Category.INSURANCE, Category.LABOUR):
                await desk_queues.assign_staff(
                    session, desk_queues.keeper(), str(category), [staff.username]
                )


async def files(server: FakeTelegram, *lines: str) -> str:
    """The fisher tells it and hands it in. -> its number"""
    fisher = server.user(FISHER)
    for line in lines:
        count = len(server.texts(FISHER))
        fisher.sends(line)
        await server.until(lambda count=count: len(server.texts(FISHER)) > count)
    await server.expect_message(FISHER, "登记好了")
    text = next(text for text in server.texts(FISHER) if "登记好了" in text)
    return text.partition("编号 ")[2][:12]


UNPAID = (
    "我是洪湖的，养老保险补贴去年的一直没给我",
    "新堤街道",
    "给我补上",
    "张水生 13800138000",
    "可以告诉",
    "没错，交上去",
)


async def state_of(app: App, number: str) -> Ticket:
    async with app.database.reading() as session:
        return (await session.scalars(select(Ticket).where(Ticket.number == number))).one()


def card_of(server: FakeTelegram, number: str) -> Sent:
    return next(sent for sent in reversed(server.sent) if sent.chat_id == GROUP and number in sent.text)


async def test_a_new_ticket_is_a_card_without_anything_personal(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    told = "\n".join(server.texts(GROUP))
    assert "张水生" not in told
    assert "13800138000" not in told
    assert "138****8000" not in told


async def test_who_claims_has_it_and_the_second_is_told_who_was_first(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    Member(server, ZHOU).presses("我来办")
    await server.expect_message(GROUP, "zhou接手了")
    await server.expect_message(FISHER, "有人接手了")
    Member(server, LI).presses("我来办", message=card_of_first(server, number))
    await server.expect_message(GROUP, "由 zhou 先接了")
    assert (await state_of(bureau, number)).state == "accepted"


def card_of_first(server: FakeTelegram, number: str) -> Sent:
    return next(sent for sent in server.sent if sent.chat_id == GROUP and number in sent.text and sent.buttons)


async def test_answering_the_card_answers_the_person_and_the_case_is_closed_after_a_contact(
    bureau: App, server: FakeTelegram
):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    zhou.answers(card_of_first(server, number), "您好，我在查发放名单。")
    await server.expect_message(FISHER, "我在查发放名单")
    zhou.answers(card_of_first(server, number), "/note 名单里有他")
    await server.expect_message(GROUP, "写了备注")
    assert not [text for text in server.texts(FISHER) if "名单里有他" in text]
    zhou.answers(card_of_first(server, number), "/done")
    await server.expect_message(GROUP, "怎么办结的")
    zhou.presses("已解决")
    await server.expect_message(GROUP, "写给群众的答复")
    zhou.answers(card_of(server, "写给群众的答复"), "补贴今天重发了，请查卡。")
    await server.expect_message(FISHER, "补贴今天重发了")
    assert (await state_of(bureau, number)).state == "answered"
    server.user(FISHER).presses("办好了")
    await server.expect_message(FISHER, "您满意吗")
    server.user(FISHER).presses("不满意")
    await server.expect_message(FISHER, "没让您满意")
    ticket = await state_of(bureau, number)
    assert (ticket.state, ticket.solved, ticket.satisfaction) == ("heard", True, "dissatisfied")


async def test_the_sheet_goes_to_the_clerks_own_chat_once_they_have_begun_one(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    zhou.presses("打开看")
    await server.expect_message(GROUP, "/start")
    server.user(ZHOU).sends("/start")
    await server.until(lambda: server.texts(ZHOU))
    zhou.presses("打开看", message=card_of_first(server, number))
    await server.expect_message(ZHOU, "张*生")
    server.user(ZHOU).presses("写备注")
    await server.expect_message(ZHOU, "群众看不到")
    server.user(ZHOU).sends("已查，卡号少一位")
    await server.expect_message(ZHOU, "写了备注")
    server.user(ZHOU).sends("公益岗有哪些活")
    await server.expect_message(ZHOU, "哪个地方")


async def test_only_registered_staff_act_and_others_leave_a_line_in_the_audit(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    Member(server, STRANGER).presses("我来办")
    await server.expect_message(GROUP, "只有登记过的工作人员")
    async with bureau.database.reading() as session:
        entries = await audit.list_entries(session)
    assert [entry.action for entry in entries if entry.actor_kind == "stranger"] == ["refused"]
    assert (await state_of(bureau, number)).handler_id is None


async def test_a_transfer_needs_a_reason_and_goes_on_with_its_clock(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    before = (await state_of(bureau, number)).answer_due
    zhou = Member(server, ZHOU)
    zhou.presses("转办")
    await server.expect_message(GROUP, "转给哪一类")
    zhou.presses("劳动监察")
    await server.expect_message(GROUP, "转办的原因")
    zhou.answers(card_of(server, "转办的原因"), "是欠薪，不是补贴")
    await server.expect_message(GROUP, "转办了")
    ticket = await state_of(bureau, number)
    assert (ticket.category, ticket.state, ticket.answer_due) == ("labour", "waiting", before)


async def test_a_returned_ticket_is_given_elsewhere_by_the_supervisor(bureau: App, server: FakeTelegram):
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    for who in (ZHOU, SUN):
        server.user(who).sends("/start")
        await server.until(lambda who=who: server.texts(who))
    Member(server, ZHOU).presses("打开看", message=card_of_first(server, number))
    await server.expect_message(ZHOU, "张*生")
    server.user(ZHOU).presses("退单")
    await server.expect_message(ZHOU, "退单的原因")
    server.user(ZHOU).sends("不归社保")
    await server.expect_message(SUN, "要您定去处")
    server.user(SUN).presses("打开看")
    await server.expect_message(SUN, "退单：不归社保")
    server.user(SUN).presses("转办")
    await server.expect_message(SUN, "转给哪一类")
    server.user(SUN).presses("劳动监察")
    await server.expect_message(SUN, "改派的原因")
    server.user(SUN).sends("按欠薪办")
    await server.expect_message(SUN, "改派了")
    assert (await state_of(bureau, number)).state == "waiting"


async def test_a_mass_matter_is_repeated_until_somebody_has_it(
    bureau: App, server: FakeTelegram, clock: FixedClock
):
    number = await files(server, "我是洪湖的，老板欠我们二十几个人三个月工资", *UNPAID[1:])
    await server.expect_message(GROUP, number)
    clock.advance(minutes=11)
    await server.expect_message(GROUP, "还没人领")
    assert "【加急】【群体】" in card_of_first(server, number).text
    Member(server, ZHOU).presses("我来办")
    await server.expect_message(GROUP, "接手了")


async def test_a_photo_of_the_person_is_fetched_and_kept(bureau: App, server: FakeTelegram):
    server.files["file-2"] = b"\xff\xd8\xff\xe0" + b"x" * 100
    server.user(FISHER).sends("我是洪湖的，养老保险补贴去年的一直没给我")
    await server.until(lambda: len(server.texts(FISHER)) > 1)
    server.user(FISHER).sends_media("photo")
    await server.expect_message(FISHER, "收到了")
    await server.until(lambda: server.called("getFile"))
    async with asyncio.timeout(10):
        while not await attachment_is_kept(bureau):  # noqa: ASYNC110  # the database tells nobody
            await asyncio.sleep(0.02)


async def attachment_is_kept(app: App) -> bool:
    async with app.database.reading() as session:
        found = await session.scalar(select(Attachment))
    return found is not None and found.media_type == "image/jpeg" and found.size == 104
