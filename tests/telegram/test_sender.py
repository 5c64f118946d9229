"""How sending ends, in the outbox's words, for everything that Telegram may answer."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from telegram.error import NetworkError, TimedOut

from bot.channels.telegram.api import Api
from bot.channels.telegram.sender import ALL_DOWN, REFUSED_PAUSE, STUBBORN, TelegramSender
from bot.channels.telegram.status import Fault, Status
from bot.messages import Address, ChannelName, Choice, Shown, Speaker
from bot.outbox import NotSent, Outgoing, Rejected, RetryLater, Unreachable
from tests.telegram.server import FakeTelegram

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def outgoing(text: str = "您好", *choices: Choice, chat: str = "7", number: int = 1, attempt: int = 1) -> Outgoing:
    address = Address(ChannelName.TELEGRAM, chat, "4242")
    return Outgoing(number, address, Shown(1, Speaker.BOT, text, NOW, choices=choices), attempt)


@pytest.fixture
async def api(server: FakeTelegram) -> AsyncIterator[Api]:
    api = Api(token=server.token, root=server.url)
    yield api
    await api.close_connections()


@pytest.fixture
def sender(api: Api) -> TelegramSender:
    return TelegramSender(api, Status())


async def test_words_arrive_as_they_were_written(server: FakeTelegram, sender: TelegramSender):
    result = await sender.send(outgoing('补贴 <2000元> & "一次性"\n依据：<b>二、（四）</b>'))
    sent = await server.expect_message(7)
    assert sent.text == '补贴 <2000元> & "一次性"\n依据：<b>二、（四）</b>'
    assert result.reference == str(sent.message_id)


async def test_buttons_carry_our_short_values(server: FakeTelegram, sender: TelegramSender):
    await sender.send(
        outgoing("哪个地方", Choice("洪湖市", "a:b", value="3-abcdef"), Choice("武汉市", "a:b", value="3-ghijkl"))
    )
    sent = await server.expect_message(7)
    assert [button["callback_data"] for button in sent.buttons] == ["3-abcdef", "3-ghijkl"]


async def test_a_long_text_comes_in_parts_with_the_buttons_under_the_last(server: FakeTelegram, sender: TelegramSender):
    await sender.send(outgoing("这是一句完整的话。" * 600, Choice("找人工", "a:b", value="3-abcdef")))
    first, second = server.sent
    assert first.text + second.text == "这是一句完整的话。" * 600
    assert (first.labels, second.labels) == ([], ["找人工"])


async def test_parts_that_arrived_are_not_sent_again(server: FakeTelegram, sender: TelegramSender):
    message = outgoing(f"{'一' * 4000}\n\n{'二' * 4000}")
    server.per_chat_per_second = 1
    with pytest.raises(RetryLater):
        await sender.send(message)
    server.per_chat_per_second = None
    await sender.send(message)
    assert server.texts(7) == ["一" * 4000, "二" * 4000]


async def test_429_makes_everybody_wait_as_long_as_telegram_says(server: FakeTelegram, sender: TelegramSender):
    server.limits("sendMessage", 17)
    with pytest.raises(RetryLater) as pause:
        await sender.send(outgoing())
    assert pause.value.seconds == 17


async def test_who_blocked_the_bot_is_unreachable(server: FakeTelegram, sender: TelegramSender):
    server.blocks(7)
    with pytest.raises(Unreachable):
        await sender.send(outgoing())
    await sender.send(outgoing(chat="8"))


async def test_a_chat_that_is_gone_is_unreachable(server: FakeTelegram, sender: TelegramSender):
    with pytest.raises(Unreachable):
        await sender.send(outgoing(chat="404"))


async def test_what_is_no_chat_of_telegram_is_rejected(sender: TelegramSender):
    with pytest.raises(Rejected):
        await sender.send(outgoing(chat="a-cookie"))


async def test_a_refused_message_goes_again_as_bare_words(server: FakeTelegram, sender: TelegramSender):
    server.fails("sendMessage", 400, description="Bad Request: can't parse entities: something new")
    await sender.send(outgoing("3 < 5", Choice("找人工", "a:b", value="3-abcdef")))
    assert server.texts(7) == ["3 < 5"]


async def test_what_is_refused_twice_is_rejected(server: FakeTelegram, sender: TelegramSender):
    server.fails("sendMessage", 400, times=2, description="Bad Request: not today")
    with pytest.raises(Rejected):
        await sender.send(outgoing())


@pytest.mark.parametrize("code", [500, 502, 503])
async def test_a_fault_of_telegram_is_an_attempt(server: FakeTelegram, sender: TelegramSender, code: int):
    server.fails("sendMessage", code)
    with pytest.raises(NotSent):
        await sender.send(outgoing())
    await sender.send(outgoing())
    assert server.texts(7) == ["您好"]


async def test_when_telegram_as_a_whole_fails_no_attempt_counts(server: FakeTelegram, sender: TelegramSender):
    server.fails("sendMessage", 500, times=None)
    for number in range(1, ALL_DOWN):
        with pytest.raises(NotSent):
            await sender.send(outgoing(chat=str(number)))
    with pytest.raises(RetryLater):
        await sender.send(outgoing())
    server.heals()
    await sender.send(outgoing())
    server.fails("sendMessage", 500)
    with pytest.raises(NotSent):
        await sender.send(outgoing())


async def test_many_chats_that_fail_in_a_row_make_nobody_else_wait(server: FakeTelegram, sender: TelegramSender):
    await sender.send(outgoing())
    server.fails("sendMessage", 500, times=2 * ALL_DOWN)
    for number in range(2 * ALL_DOWN):
        with pytest.raises(NotSent):
            await sender.send(outgoing(chat=str(100 + number)))


async def test_what_failed_before_fails_alone_as_long_as_telegram_answers(server: FakeTelegram, sender: TelegramSender):
    server.fails("sendMessage", 500, times=None)
    for number in range(2 * ALL_DOWN):
        with pytest.raises(NotSent):
            await sender.send(outgoing(chat=str(100 + number), number=number, attempt=2))
    server.fails("getMe", 500, times=None)
    sender._answered_at = -math.inf
    with pytest.raises(RetryLater):
        await sender.send(outgoing(attempt=2))


async def test_without_an_answer_to_anything_everybody_waits_and_it_may_have_arrived(
    server: FakeTelegram, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.channels.telegram.api.READ_TIMEOUT", 0.2)
    impatient = Api(token=server.token, root=server.url)
    server.hangs("sendMessage")
    server.hangs("getMe")
    with pytest.raises(RetryLater) as pause:
        await TelegramSender(impatient, Status()).send(outgoing())
    assert pause.value.lost
    await impatient.close_connections()


async def test_a_message_that_alone_fails_for_ever_is_an_attempt_again_so_that_it_ends(
    server: FakeTelegram, sender: TelegramSender
):
    server.fails("sendMessage", 500, times=None)
    for _ in range(STUBBORN):
        with pytest.raises((NotSent, RetryLater)):
            await sender.send(outgoing())
    with pytest.raises(NotSent):
        await sender.send(outgoing())
    server.fails("getMe", 500, times=None)
    with pytest.raises(RetryLater):
        await sender.send(outgoing())


async def test_a_lost_answer_is_told_apart_from_a_message_that_never_left(server: FakeTelegram, sender: TelegramSender):
    server.drops("sendMessage", accepted=True)
    with pytest.raises(NetworkError):
        await sender.send(outgoing())
    assert server.texts(7) == ["您好"]


async def test_a_server_that_does_not_answer_is_not_waited_for_long(
    server: FakeTelegram, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.channels.telegram.api.READ_TIMEOUT", 0.2)
    impatient = Api(token=server.token, root=server.url)
    server.hangs("sendMessage")
    with pytest.raises(TimedOut):
        await TelegramSender(impatient, Status()).send(outgoing())
    await impatient.close_connections()


async def test_without_network_no_attempt_counts():
    async with FakeTelegram() as server:
        url = server.url
    api = Api(token=server.token, root=url)
    with pytest.raises(RetryLater):
        await TelegramSender(api, Status()).send(outgoing())
    await api.close_connections()


async def test_a_refused_token_lets_everything_wait_and_is_told(server: FakeTelegram, api: Api):
    status = Status()
    status.receives()
    sender = TelegramSender(api, status)
    server.revokes()
    with pytest.raises(RetryLater) as pause:
        await sender.send(outgoing())
    assert pause.value.seconds == REFUSED_PAUSE
    assert status.fault is Fault.TOKEN_REFUSED
    server.heals()
    await sender.send(outgoing())
    assert status.fault is None
