"""What was settled long ago goes, every night; what waits and what is young stays."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from bot import tidying
from bot.app import App
from bot.clock import FixedClock
from bot.messages import Address, ChannelName
from bot.models import Delivery, Rate, Timer
from bot.pacing import hold
from tests.fakes import Said

STAFF = Address(ChannelName.TELEGRAM, "-500", "7")


async def post(app: App, *, purpose: str, count: int, settled: bool = True) -> None:
    async with app.database.transaction() as session:
        for _ in range(count):
            await app.outbox.alert(session, STAFF, Said("急事"), purpose=purpose)
    if settled:
        async with app.database.transaction() as session:
            await app.outbox.cancel(session, purpose)


async def purposes(app: App) -> dict[str, int]:
    async with app.database.reading() as session:
        found = await session.execute(select(Delivery.purpose, func.count()).group_by(Delivery.purpose))
        return {purpose: count for purpose, count in found}  # noqa: C416  # rows are no pairs to mypy


async def begin(app: App) -> None:
    async with app.database.transaction() as session:
        await app.tidying.begin(session)


async def test_what_was_settled_long_ago_goes_and_all_else_stays(app_on_each: App, clock: FixedClock) -> None:
    app = app_on_each
    await begin(app)
    await post(app, purpose="old", count=3)
    await post(app, purpose="waits", count=2, settled=False)
    clock.advance(days=29)
    await post(app, purpose="young", count=2)
    assert await app.timers.act_once() == 1
    assert await purposes(app) == {"old": 3, "waits": 2, "young": 2}
    clock.advance(days=2)
    assert await app.timers.act_once() == 1
    assert await app.timers.act_once() == 0
    assert await purposes(app) == {"waits": 2, "young": 2}


async def test_much_goes_in_batches(app: App, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidying, "BATCH", 4)
    await begin(app)
    await post(app, purpose="old", count=10)
    clock.advance(days=31)
    left = []
    while await app.timers.act_once():
        left.append((await purposes(app)).get("old", 0))
    assert left == [6, 2, 0]


async def test_a_start_does_not_put_the_night_off(app: App, clock: FixedClock) -> None:
    async def due() -> object:
        async with app.database.reading() as session:
            return await session.scalar(select(Timer.due_at))

    await begin(app)
    first = await due()
    clock.advance(hours=30)
    await begin(app)
    assert await due() == first
    await app.timers.act_once()
    assert await due() == clock.now().replace(hour=19, minute=40)


async def test_clocks_that_nobody_uses_are_forgotten(app: App, clock: FixedClock) -> None:
    await begin(app)
    async with app.database.transaction() as session:
        await hold(session, clock, "telegram:7:1", 1)
    clock.advance(days=2)
    async with app.database.transaction() as session:
        await hold(session, clock, "telegram:7:2", 1)
    await app.timers.act_once()
    async with app.database.reading() as session:
        assert list(await session.scalars(select(Rate.key))) == ["telegram:7:2"]
