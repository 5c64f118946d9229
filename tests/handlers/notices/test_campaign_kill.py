"""The program itself, killed again and again in the middle of a campaign: nobody is missed, few hear it twice."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bench.campaign_fill import fill
from bot.clock import SystemClock
from bot.courier import CAMPAIGN_FLIGHT
from bot.models import Conversation, Delivery
from bot.settings import load_settings
from handlers.notices.campaign import Standing, State
from handlers.notices.models import Recipient
from handlers.notices.progress import Progress
from tests.handlers.notices.town import Town, open_town
from tests.telegram.server import FakeTelegram
from tests.telegram.test_kill import shangan_serve

PEOPLE = 400
EVERYBODY = {"any": [{"region": "洪湖市"}, {"region": "武汉市"}]}


@pytest.fixture
async def server() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram() as running:
        yield running
        assert running.violations == []


@pytest.fixture(autouse=True)
def _at_any_hour(monkeypatch: pytest.MonkeyPatch, _clean_environment: None) -> None:
    """The program that is started sends at night too, so that the test does not depend on when it runs."""
    monkeypatch.setenv("SHANGAN_QUIET_HOURS", "")
    monkeypatch.setenv("SHANGAN_TELEGRAM_RATE", "150")


@pytest.fixture
async def crowd(server: FakeTelegram, tmp_path: Path, database_url: str) -> AsyncIterator[Town]:
    """Hundreds of persons in the database of the program that is started."""
    settings = load_settings({}, data_dir=tmp_path / "data", http_port=0, database_url=database_url)
    given = {"telegram_token": server.token, "telegram_base_url": server.url, "quiet_hours": ""}
    async with open_town(settings, SystemClock(), **given) as town:  # type: ignore[arg-type]  # its clock is not moved
        await fill(town.app.database, PEOPLE, bot=server.token.partition(":")[0])
        yield town


async def until(server: FakeTelegram, town: Town, campaign: int, condition: Callable[[Progress], bool]) -> Progress:
    async with asyncio.timeout(60):
        while not condition(found := await town.progress(campaign)):  # noqa: ASYNC110  # rows set no event
            await asyncio.sleep(0.05)
    assert server.violations == []
    return found


async def wanted_chats(town: Town, campaign: int) -> set[int]:
    """Telegram chats of those to whom it was sent."""
    async with town.app.database.reading() as session:
        found = await session.scalars(
            select(Conversation.chat)
            .join(Recipient, Recipient.conversation_id == Conversation.id)
            .where(Recipient.campaign_id == campaign, Conversation.channel == "telegram")
        )
        return set(map(int, found))


async def let_leases_end(town: Town) -> None:
    """A minute later, what was in the hands of the one that was killed is free."""
    async with town.app.database.transaction() as session:
        await session.execute(update(Delivery).where(Delivery.token.is_not(None)).values(due_at=town.now))


def got(server: FakeTelegram) -> Counter[int]:
    return Counter(message.chat_id for message in server.sent if "招聘会" in message.text)


async def test_killed_again_and_again_nobody_is_missed_and_what_may_be_double_is_counted(
    server: FakeTelegram, crowd: Town, tmp_path: Path, database_url: str
):
    chance, kills = random.Random(1129), 2
    campaign = await crowd.campaign(EVERYBODY, region="420000")
    for _ in range(kills):
        with shangan_serve(server, tmp_path, database_url) as running:
            before = len(server.sent)
            await server.until(lambda before=before: len(server.sent) > before + 20, deadline=30, what="some sent")
            await asyncio.sleep(chance.uniform(0, 0.3))
            running.kill()
    await let_leases_end(crowd)
    with shangan_serve(server, tmp_path, database_url):
        done = await until(server, crowd, campaign, lambda found: found.state is State.DONE)
    counted = got(server)
    assert set(counted) == await wanted_chats(crowd, campaign)
    assert done.counts[Standing.SENT] + done.counts[Standing.UNREACHABLE] == done.recipients
    repeated = sum(count - 1 for count in counted.values())
    assert repeated <= done.maybe_repeated <= kills * CAMPAIGN_FLIGHT
