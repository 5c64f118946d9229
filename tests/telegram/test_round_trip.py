"""From a person's phone to the reply on it, through the real conversation and outbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from bot.channels.telegram.address import pace_of, staff_address
from bot.channels.telegram.channel import TelegramChannel
from bot.messages import ChannelName
from tests.telegram.server import FakeTelegram
from tests.telegram.serving import Echo, serving, settings_for, webhook_settings

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")


@pytest.fixture
async def running(server: FakeTelegram, tmp_path: Path) -> AsyncIterator[tuple[App, TelegramChannel]]:
    async with serving(settings_for(server, tmp_path)) as parts:
        yield parts


async def test_a_question_is_answered(server: FakeTelegram, running: tuple[App, TelegramChannel]):
    server.user(7).sends("招人补贴 <多少> & 几时")
    await server.expect_message(7, "听到：招人补贴 <多少> & 几时")
    assert [command["command"] for command in server.commands][:1] == ["menu"]
    assert running[0].handles[ChannelName.TELEGRAM] == "shangan_local_bot"


async def test_a_pressed_button_is_answered_and_its_spinner_stopped(server: FakeTelegram, running: object):
    person = server.user(7)
    person.sends("选 洪湖市 武汉市")
    asked = await server.expect_message(7, "请选")
    assert asked.labels == ["洪湖市", "武汉市"]
    person.presses("武汉市")
    await server.expect_message(7, "按了武汉市")
    assert len(server.answered) == 1


async def test_a_forged_button_gets_a_kind_reply(server: FakeTelegram, running: object):
    server.user(7).sends("在吗")
    await server.expect_message(7, "在吗")
    server.user(7).presses_value("3-zzzzzz")
    await server.expect_message(7)
    server.user(7).sends("还在吗")
    await server.expect_message(7, "还在吗")


async def test_the_button_of_somebody_else_is_not_ours_to_press(server: FakeTelegram, running: object):
    server.user(7).sends("选 洪湖市")
    asked = await server.expect_message(7, "请选")
    server.user(8).presses_value(asked.buttons[0]["callback_data"])
    await server.expect_message(8)
    assert not [text for text in server.texts(8) if "按了" in text]


async def test_an_edited_message_is_answered_anew(server: FakeTelegram, running: object):
    server.user(7).edits("我在武汉")
    await server.expect_message(7, "听到改成：我在武汉")


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "sticker", "location", "contact", "document", "dice"])
async def test_what_is_not_text_is_answered(server: FakeTelegram, running: object, kind: str):
    server.user(7).sends_media(kind)
    await server.expect_message(7)


async def test_a_long_reply_comes_in_parts(server: FakeTelegram, running: object):
    server.user(7).sends("长")
    await server.until(lambda: "".join(server.texts(7)).count("完整的话") == 600)


async def test_bubbles_and_messages_keep_their_order(server: FakeTelegram, running: object):
    person = server.user(7)
    said = [f"两条 {number}" for number in range(8)]
    for words in said:
        person.sends(words)
    await server.expect_message(7, f"二：{said[-1]}", deadline=20)
    heard = [text for text in server.texts(7) if "两条" in text]
    assert heard == [f"{place}：{words}" for words in said for place in "一二"]


async def test_the_same_update_twice_is_answered_once(server: FakeTelegram, running: object):
    person = server.user(7)
    person.sends("一次")
    await server.expect_message(7, "听到：一次")
    server.push({"update_id": 1001, "message": person.message(text="一次")})
    person.sends("再来")
    await server.expect_message(7, "听到：再来")
    assert server.texts(7).count("听到：一次") == 1


async def test_500_drops_and_429_delay_the_reply_and_lose_nothing(server: FakeTelegram, running: object):
    server.fails("sendMessage", 500)
    server.user(7).sends("甲")
    await server.expect_message(7, "听到：甲")
    server.limits("sendMessage", 1)
    server.user(7).sends("乙")
    await server.expect_message(7, "听到：乙")
    server.drops("sendMessage")
    server.user(7).sends("丙")
    await server.expect_message(7, "听到：丙")
    heard = [text for text in server.texts(7) if "听到" in text]
    assert heard == ["听到：甲", "听到：乙", "听到：丙"]


async def test_who_blocked_us_is_left_alone_until_they_write_again(server: FakeTelegram, running: object):
    server.blocks(7)
    server.user(7).sends("两条")
    await server.until(lambda: server.called("sendMessage"))
    server.user(8).sends("别人")
    await server.expect_message(8, "听到：别人")
    server.heals()
    server.user(7).sends("回来了")
    await server.expect_message(7, "听到：回来了")
    assert not [text for text in server.texts(7) if "两条" in text]


async def test_forty_chats_at_once_are_paced(server: FakeTelegram, running: object):
    for chat in range(1, 41):
        server.user(chat).sends("在吗")
    for chat in range(1, 41):
        await server.expect_message(chat, "听到：在吗", deadline=20)
    sendings = server.called("sendMessage")
    # Greeting and answer for each chat, at 28 a second; the first and the last may be early and late.
    assert len(sendings) == 80
    assert sendings[-1].at - sendings[0].at > 0.8 * 79 / 28


async def test_staff_are_alerted_through_the_outbox(server: FakeTelegram, tmp_path: Path):
    settings = settings_for(server, tmp_path, telegram_staff_chat="-100200")
    async with serving(settings) as (app, _channel):
        address = staff_address(settings)
        assert address is not None
        async with app.database.transaction() as session:
            await app.outbox.alert(session, address, Echo("有急事：编号 A1，洪湖市"))
        await server.expect_message(-100200, "有急事")


def test_a_group_gets_fewer_than_twenty_messages_a_minute_and_a_person_one_a_second():
    assert pace_of("-100200").strict
    assert 60 / pace_of("-100200").gap < 20
    assert (pace_of("7").gap, pace_of("7").strict) == (1.0, False)


async def test_without_a_staff_chat_there_is_no_address(server: FakeTelegram, tmp_path: Path):
    assert staff_address(settings_for(server, tmp_path)) is None


async def test_readiness_tells_how_telegram_is(server: FakeTelegram, running: tuple[App, TelegramChannel]):
    _app, channel = running
    await server.until(lambda: channel.readiness() is None)
    server.revokes()
    server.user(7).sends("在吗")
    await server.until(lambda: channel.readiness() == "telegram_token_refused")


async def test_when_the_token_works_again_everybody_is_answered(
    server: FakeTelegram, running: tuple[App, TelegramChannel], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.channels.telegram.sender.REFUSED_PAUSE", 0.1)
    _app, channel = running
    server.fails("sendMessage", 401, times=2, description="Unauthorized")
    server.user(7).sends("一")
    await server.expect_message(7, "听到：一")
    server.revokes()
    server.user(7).sends("二")
    await server.until(lambda: channel.readiness() == "telegram_token_refused")
    server.heals()
    await server.expect_message(7, "听到：二")
    await server.until(lambda: channel.readiness() is None)


async def test_while_sending_fails_we_do_not_poll_without_rest(
    server: FakeTelegram, running: tuple[App, TelegramChannel]
):
    _app, channel = running
    server.fails("sendMessage", 500, times=None)
    for chat in range(1, 8):
        server.user(chat).sends("在吗")
    await server.until(lambda: channel.readiness() == "telegram_unreachable")
    assert len(server.called("getUpdates")) < 20
    server.heals()
    await server.until(lambda: channel.readiness() is None)
    for chat in range(1, 8):
        await server.expect_message(chat, "听到：在吗")


async def test_nothing_people_write_and_no_token_is_logged(
    server: FakeTelegram, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    caplog.set_level("DEBUG")
    async with serving(settings_for(server, tmp_path)):
        server.fails("sendMessage", 500)
        server.fails("getUpdates", 500)
        server.push({"message": "身份证"})
        server.user(7).sends("身份证丢了")
        await server.expect_message(7, "身份证丢了")
    logged = "".join(capfd.readouterr()) + "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("aio")
    )
    assert "身份证" not in logged
    assert server.token not in logged


async def test_stopping_in_the_middle_of_a_burst_loses_nothing(server: FakeTelegram, tmp_path: Path):
    settings = settings_for(server, tmp_path)
    for round_number in range(3):
        async with serving(settings):
            for chat in range(1, 11):
                server.user(chat).sends(f"第{round_number}轮")
            await server.until(lambda: server.called("sendMessage"))
    async with serving(settings):
        for chat in range(1, 11):
            await server.expect_message(chat, "第2轮", deadline=20)
    for chat in range(1, 11):
        for round_number in range(3):
            assert server.texts(chat).count(f"听到：第{round_number}轮") == 1


async def test_building_it_needs_no_network(tmp_path: Path):
    async with FakeTelegram() as gone:
        settings = settings_for(gone, tmp_path)
    async with serving(settings) as (_app, channel):
        assert channel.readiness() is not None
        await asyncio.sleep(0)


async def test_by_webhook_it_is_the_same_conversation(server: FakeTelegram, tmp_path: Path):
    async with serving(webhook_settings(server, tmp_path)):
        person = server.user(7)
        person.sends("选 洪湖市 武汉市")
        await server.expect_message(7, "请选")
        person.presses("洪湖市")
        await server.expect_message(7, "按了洪湖市")
        assert set(server.webhook_answers) == {200}
    async with serving(settings_for(server, tmp_path)):
        person.sends("现在轮询")
        await server.expect_message(7, "听到：现在轮询")
        assert server.webhook is None
