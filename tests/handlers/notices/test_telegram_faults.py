"""A Bot API that fails for a third, tells all to wait, and knows people who left: each end is known, none double."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.background import back_off
from bot.channels.telegram.channel import make_channel
from bot.clock import FixedClock
from bot.models import Conversation
from bot.settings import Settings
from handlers.notices.campaign import Standing, State
from handlers.notices.models import Recipient
from tests.handlers.notices.town import Town, open_town, sending
from tests.telegram.server import FakeTelegram

PEOPLE = 45


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(token="7:token") as running:
        yield running
        assert running.violations == []


async def chats_of(town: Town, campaign: int, standing: Standing) -> set[int]:
    async with town.app.database.reading() as session:
        found = await session.scalars(
            select(Conversation.chat)
            .join(Recipient, Recipient.conversation_id == Conversation.id)
            .where(Recipient.campaign_id == campaign, Recipient.state == str(standing))
        )
        return set(map(int, found))


async def test_a_third_fails_some_left_and_all_must_wait_yet_each_is_told_once(
    server: FakeTelegram, settings_on_each: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.courier.back_off", lambda attempts: back_off(attempts) / 50)
    async with open_town(settings_on_each, clock, telegram_base_url=server.url) as town:
        people = [await town.person() for _ in range(PEOPLE)]
        chats = [int(await town.chat_of(person)) for person in people]
        for chat in chats[::3]:
            server.fails("sendMessage", 500, chat=chat)
        for chat in chats[1:10:3]:
            server.blocks(chat)
        server.limits("sendMessage", 1)
        channel = make_channel(town.app)
        campaign = await town.campaign()
        async with sending(town):
            done = await town.until(lambda found: found.state is State.DONE, campaign, within=60.0)
        await channel.close()
        assert (done.counts[Standing.SENT], done.counts[Standing.UNREACHABLE]) == (PEOPLE - 3, 3)
        assert done.maybe_repeated == 0
        counted = Counter(message.chat_id for message in server.sent)
        assert set(counted.values()) == {1}
        assert set(counted) == await chats_of(town, campaign, Standing.SENT)
        assert await chats_of(town, campaign, Standing.UNREACHABLE) == set(chats[1:10:3])
