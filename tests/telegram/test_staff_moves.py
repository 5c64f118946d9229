"""A staff group becomes a supergroup with another id, and commands name a bot: real HTTP, the strict local server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App
from bot.clock import FixedClock
from bot.settings import Settings
from handlers.policy.models import Crisis
from handlers.tickets.models import Queue
from tests.telegram.server import FakeTelegram
from tests.telegram.staff import (
    FISHER,
    GROUP,
    UNPAID,
    ZHOU,
    Member,
    bureau_at,
    employ,
    files,
    quick_settings,
    state_of,
)

SUPER = -1001234567777
STAFF_CHAT, STAFF_SUPER = -100888, -1009998888
DANGER = "我是洪湖的，老伴走了，我也不想活了，今晚就喝农药"


def announces(server: FakeTelegram, here: int, **news: Any) -> None:
    """Telegram's own message in that group."""
    server.push({"message": Member(server, ZHOU, group=here).message(**news)})


async def groups(app: App) -> set[str | None]:
    async with app.database.reading() as session:
        return set(await session.scalars(select(Queue.telegram_chat)))


async def test_a_card_that_meets_a_supergroup_is_sent_there_and_worked_there(bureau: App, server: FakeTelegram):
    server.migrates(GROUP, SUPER)
    number = await files(server, *UNPAID)
    card = await server.expect_message(SUPER, number)
    zhou = Member(server, ZHOU, group=SUPER)
    await server.until(lambda: "我来办" in card.labels)
    zhou.presses("我来办", message=card)
    await server.expect_message(SUPER, "接手了")
    zhou.answers(card, "您好，我在查。")
    await server.expect_message(FISHER, "我在查")
    assert (await state_of(bureau, number)).state == "working"
    assert await groups(bureau) == {str(SUPER)}
    assert len([call for call in server.called("sendMessage") if call.parameters["chat_id"] == GROUP]) == 1


@pytest.mark.parametrize("said_in", [GROUP, SUPER])
async def test_a_group_that_says_so_has_its_new_id_before_anything_is_sent(
    bureau: App, server: FakeTelegram, said_in: int
):
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    news = {"migrate_to_chat_id": SUPER} if said_in == GROUP else {"migrate_from_chat_id": GROUP}
    announces(server, said_in, **news)
    zhou = Member(server, ZHOU, group=SUPER)
    zhou.presses_value(card.buttons[0]["callback_data"], message_id=card.message_id)
    await server.expect_message(SUPER, "接手了")
    assert await groups(bureau) == {str(SUPER)}
    before = len(server.texts(GROUP))
    server.user(FISHER).sends("催一下")
    await server.expect_message(SUPER, "催办")
    assert len(server.texts(GROUP)) == before


async def test_a_group_that_is_not_of_the_staff_moves_nothing(bureau: App, server: FakeTelegram):
    announces(server, -100111, migrate_to_chat_id=SUPER)
    announces(server, SUPER, migrate_from_chat_id=-100111)
    number = await files(server, *UNPAID)
    await server.expect_message(GROUP, number)
    assert await groups(bureau) == {str(GROUP)}


@pytest.fixture
def with_staff_chat(server: FakeTelegram, tmp_path: Path) -> Settings:
    return quick_settings(server, tmp_path).model_copy(update={"telegram_staff_chat": str(STAFF_CHAT)})


@pytest.fixture
async def alarmed(with_staff_chat: Settings, clock: FixedClock) -> AsyncIterator[App]:
    async with bureau_at(with_staff_chat, clock) as app:
        await employ(app, clock.now())
        yield app


async def taken_by(app: App) -> str | None:
    async with app.database.reading() as session:
        return (await session.scalars(select(Crisis.taken_by))).one()


async def test_the_staff_chat_of_the_settings_is_found_under_its_new_id(alarmed: App, server: FakeTelegram):
    announces(server, STAFF_CHAT, migrate_to_chat_id=STAFF_SUPER)
    server.user(FISHER).sends("你好")
    await server.expect_message(FISHER)
    server.user(FISHER).sends(DANGER)
    alert = await server.expect_message(STAFF_SUPER, "紧急")
    Member(server, ZHOU, group=STAFF_SUPER).presses("我来接手", message=alert)
    await server.expect_message(STAFF_SUPER, "zhou接手了")
    assert await taken_by(alarmed) == "zhou"
    assert server.texts(STAFF_CHAT) == []


async def test_it_is_still_known_after_a_restart(server: FakeTelegram, with_staff_chat: Settings, clock: FixedClock):
    server.migrates(STAFF_CHAT, STAFF_SUPER)
    async with bureau_at(with_staff_chat, clock) as app:
        await employ(app, clock.now())
        server.user(FISHER).sends(DANGER)
        await server.expect_message(STAFF_SUPER, "紧急")
    clock.advance(minutes=10)
    async with bureau_at(with_staff_chat, clock) as app:
        again = await server.expect_message(STAFF_SUPER, "还没人接手")
        Member(server, ZHOU, group=STAFF_SUPER).presses("我来接手", message=again)
        await server.expect_message(STAFF_SUPER, "zhou接手了")
        assert await taken_by(app) == "zhou"
    assert len([call for call in server.called("sendMessage") if call.parameters["chat_id"] == STAFF_CHAT]) == 1


async def test_a_command_for_another_bot_is_nothing_to_us_and_one_for_us_by_name_is(bureau: App, server: FakeTelegram):
    await server.until(lambda: server.commands)  # by then it knows its own name
    number = await files(server, *UNPAID)
    card = await server.expect_message(GROUP, number)
    zhou = Member(server, ZHOU)
    before = len(server.texts(GROUP))
    zhou.sends("/note@other_bot 别的机器人")
    zhou.answers(card, "/note@other_bot 别的机器人")
    zhou.sends("/help@other_bot")
    zhou.answers(card, "/note@Shangan_Local_Bot 查到了")
    await server.expect_message(GROUP, "写了备注")
    assert len(server.texts(GROUP)) == before + 1
