"""Several processes, a database that goes away, a clock that is set: the campaign goes on and nobody hears it twice."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from bot.clock import FixedClock
from bot.settings import Settings, load_settings
from handlers.notices.campaign import Standing, State
from tests.handlers.notices.town import Town, finished, open_town, sending


@pytest.mark.postgres
async def test_two_processes_share_the_work_and_nobody_is_told_twice(
    settings: Settings, postgres_url: str, clock: FixedClock
):
    shared = load_settings({}, data_dir=settings.data_dir, http_port=0, database_url=postgres_url)
    async with open_town(shared, clock) as one, open_town(shared, clock) as other:
        for town in (one, other):
            town.connect(rate=200.0)
        for _ in range(150):
            await one.person()
        campaign = await one.campaign()
        async with sending(one, other):
            done = await one.until(lambda found: found.state is State.DONE, campaign, within=60.0)
    counted = Counter(chat for chat, _ in (*one.sender.sent, *other.sender.sent))
    assert (done.counts[Standing.SENT], done.maybe_repeated) == (150, 0)
    assert len(counted) == 150
    assert set(counted.values()) == {1}
    assert one.sender.sent
    assert other.sender.sent


async def test_the_database_is_gone_for_a_while_and_nothing_is_lost_or_double(town: Town, away: asyncio.Event):
    for _ in range(60):
        await town.person()
    campaign = await town.campaign()
    async with sending(town):
        while len(town.sender.sent) < 5:  # noqa: ASYNC110  # a sender sets no event
            await asyncio.sleep(0.005)
        away.set()
        await asyncio.sleep(0.3)
        away.clear()
        done = await town.until(lambda found: found.state is State.DONE, campaign, within=60.0)
    assert done.counts[Standing.SENT] == 60
    assert set(Counter(chat for chat, _ in town.sender.sent).values()) == {1}


@pytest.mark.parametrize("by", [-1, 1])
async def test_the_clock_is_set_in_the_middle_and_each_is_told_once(town: Town, clock: FixedClock, by: int):
    for _ in range(40):
        await town.person()
    campaign = await town.campaign()
    await town.act(2)
    clock.set("2026-03-01T10:00:00+08:00" if by < 0 else "2026-03-04T10:00:00+08:00")
    done = await finished(town, campaign)
    assert done.counts[Standing.SENT] == 40
    assert set(Counter(chat for chat, _ in town.sender.sent).values()) == {1}
