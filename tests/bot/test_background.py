"""Timers act once, with their effects; loops come back; leases and pacing hold between processes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Moment, Timers, claim, next_time, supervise
from bot.clock import LOCAL, FixedClock
from bot.database import Database
from bot.models import Lease, Timer
from bot.pacing import hold, reserve_slots


async def note(session: AsyncSession, moment: Moment) -> None:
    """An effect that would show if it happened twice."""
    row = await session.get(Lease, moment.key, with_for_update=True)
    if row is None:
        session.add(Lease(name=moment.key, holder="once", until=1.0, data=dict(moment.data)))
    else:
        row.until += 1


async def effects(database: Database) -> dict[str, float]:
    async with database.reading() as session:
        return {row.name: row.until for row in await session.scalars(select(Lease))}


async def set_timer(database: Database, timers: Timers, clock: FixedClock, key: str, **more: object) -> None:
    async with database.transaction() as session:
        await timers.set(session, "note", key=key, at=clock.now() + timedelta(hours=1), **more)  # type: ignore[arg-type]


async def test_timer_acts_when_it_is_due_and_once(database: Database, clock: FixedClock) -> None:
    timers = Timers(database, clock)
    timers.register("note", note)
    await set_timer(database, timers, clock, "a", data={"ticket": 1})
    assert await timers.act_once() == 0
    clock.advance(hours=1)
    assert await timers.act_once() == 1
    assert await timers.act_once() == 0
    assert await effects(database) == {"a": 1.0}


async def test_timer_of_what_is_rolled_back_never_acts(database: Database, clock: FixedClock) -> None:
    timers = Timers(database, clock)
    timers.register("note", note)

    async def set_and_fail() -> None:
        async with database.transaction() as session:
            await timers.set(session, "note", key="a", at=clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await set_and_fail()
    assert await timers.act_once() == 0


async def test_timer_set_again_is_moved_and_dropped_is_gone(database: Database, clock: FixedClock) -> None:
    timers = Timers(database, clock)
    timers.register("note", note)
    await set_timer(database, timers, clock, "a")
    await set_timer(database, timers, clock, "b")
    clock.advance(minutes=30)
    await set_timer(database, timers, clock, "a")
    async with database.transaction() as session:
        await timers.drop(session, "b")
    clock.advance(minutes=40)
    assert await timers.act_once() == 0
    clock.advance(minutes=30)
    assert await timers.act_once() == 1


async def test_handler_that_fails_leaves_no_effect_and_is_tried_again(database: Database, clock: FixedClock) -> None:
    timers = Timers(database, clock)
    faults = [RuntimeError("no")]

    async def fail_once(session: AsyncSession, moment: Moment) -> None:
        await note(session, moment)
        if faults:
            raise faults.pop()

    timers.register("note", fail_once)
    await set_timer(database, timers, clock, "a")
    clock.advance(hours=1)
    await timers.act_once()
    assert await effects(database) == {}
    clock.advance(minutes=1)
    await timers.act_once()
    assert await effects(database) == {"a": 1.0}


async def test_several_workers_act_once_each(database: Database, clock: FixedClock) -> None:
    workers = [Timers(database, clock) for _ in range(4)]
    for worker in workers:
        worker.register("note", note)
    for n in range(20):
        await set_timer(database, workers[0], clock, f"t{n}")
    clock.advance(hours=1)
    while sum(await asyncio.gather(*(worker.act_once(limit=3) for worker in workers))):
        pass
    assert await effects(database) == {f"t{n}": 1.0 for n in range(20)}


async def test_who_lost_the_lease_does_not_act(database: Database, clock: FixedClock) -> None:
    slow, quick = Timers(database, clock), Timers(database, clock)
    quick.register("note", note)
    slow.register("note", note)
    await set_timer(database, slow, clock, "a", cron="0 8 * * *")
    clock.advance(hours=1)
    async with database.transaction() as session:
        rows, token = await claim(session, Timer, clock, limit=10)
    clock.advance(minutes=5)
    assert await quick.act_once() == 1
    await slow._act(rows[0].id, token)
    assert await effects(database) == {"a": 1.0}


async def test_timer_with_a_cron_line_comes_back(database: Database, clock: FixedClock) -> None:
    timers = Timers(database, clock)
    timers.register("note", note)
    await set_timer(database, timers, clock, "a", cron="0 8 * * 1-5")
    clock.advance(hours=1)
    await timers.act_once()
    clock.set("2026-03-03T08:00:00+08:00")
    await timers.act_once()
    assert await effects(database) == {"a": 2.0}


def test_cron_lines_count_in_local_time(clock: FixedClock) -> None:
    at = next_time("0 8 * * 1-5", clock.now())
    assert at.astimezone(LOCAL).isoformat() == "2026-03-03T08:00:00+08:00"


async def test_hold_stops_every_process_until_it_is_over(database: Database, clock: FixedClock) -> None:
    async with database.transaction() as session:
        await hold(session, clock, "bot", 30)
        assert await reserve_slots(session, clock, "bot", count=1, per_second=10, within=4) is None
        clock.advance(seconds=31)
        assert await reserve_slots(session, clock, "bot", count=1, per_second=10, within=4) == 0.0


async def test_a_loop_that_fails_is_started_again() -> None:
    runs = 0

    async def loop() -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise RuntimeError

    async with asyncio.timeout(10):
        await supervise("loop", loop)
    assert runs == 3
