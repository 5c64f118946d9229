"""Moments of the clock: who is warned when, breaches, and that each acts once whatever restarts or runs beside it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.clock import LOCAL, FixedClock
from bot.models import Timer
from bot.settings import Settings
from handlers.tickets.models import Ticket
from tests.commands import Machine
from tests.handlers.tickets.bureau import BOT, DRAFT, Bureau, open_bureau, staffed
from tests.telegram.server import FakeTelegram

MARKS = [f"{hand}:{share}" for hand in ("accept", "contact", "answer") for share in (50, 80, 100)]


class Killed(BaseException):
    """Not an Exception: nothing may catch it and go on, as nothing goes on after a kill."""


async def cards(bureau: Bureau, chat: str, hand: str) -> list[str]:
    return [told for told in await bureau.told(chat) if told.startswith(f"card:{hand}_")]


async def test_the_handler_then_the_supervisor_then_the_head_is_warned(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.do("zhou", "reply", number, "您好")
    # 35 working hours: half at 12:00 on Thursday, 80 % at 09:00 on Monday, all at 09:00 on Tuesday.
    moments = (("2026-11-26 15:30", "101"), ("2026-11-30 09:00", "103"), ("2026-12-01 09:00", "104"))
    for (at, chat), share in zip(moments, (50, 80, 100), strict=True):
        await bureau.wait_until(datetime.fromisoformat(at).replace(tzinfo=LOCAL))
        assert await cards(bureau, chat, "answer") == [f"card:answer_{share}"]
        assert (await bureau.ticket(number)).warned[-1] == f"answer:{share}"
    assert "card:answer_100" in await bureau.told("-100")
    counts = [len(await cards(bureau, chat, "answer")) for chat in ("101", "102", "103", "104")]
    assert counts == [1, 0, 1, 1]
    assert await bureau.pushed("104") == 1


async def test_what_nobody_has_is_warned_of_in_the_group(bureau: Bureau) -> None:
    await bureau.file()
    await bureau.wait_until("2026-11-24 11:00")
    assert await bureau.told("-100") == ["card:new", "card:accept_50"]


async def test_a_breach_raises_the_supervision_by_itself(bureau: Bureau) -> None:
    number = await bureau.file()
    seen = []
    for at in ("2026-11-24 14:59", "2026-11-24 15:00", "2026-11-25 09:00", "2026-12-01 09:00"):
        await bureau.wait_until(at)
        seen.append((await bureau.ticket(number)).supervision)
    assert seen == [0, 1, 2, 3]
    breaches = [entry.data for entry in await bureau.entries(number) if entry.kind == "breached"]
    assert [(one["hand"], one["supervision"]) for one in breaches] == [("accept", 1), ("contact", 2), ("answer", 3)]
    ticket = await bureau.ticket(number)
    assert ticket.breached_at == datetime(2026, 11, 24, 15, tzinfo=LOCAL)


async def test_what_was_done_in_time_is_not_warned_of(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "reply", number, "您好")
    await bureau.wait_until("2026-11-25 18:00")
    ticket = await bureau.ticket(number)
    assert (ticket.warned, ticket.supervision, ticket.breached_at) == ([], 0, None)


async def test_weeks_pass_and_every_mark_comes_once(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    numbers = [await bureau.file() for _ in range(3)]
    await bureau.wait(days=40)
    for number in numbers:
        assert Counter((await bureau.ticket(number)).warned) == Counter(MARKS)
        kinds = Counter(await bureau.kinds(number))
        assert (kinds["warned"], kinds["breached"]) == (6, 3)
    # Nothing is left to wait for but what people do.
    assert [key for key in await bureau.timers() if key.startswith("ticket:")] == []
    assert await bureau.broken() == []


async def test_a_server_that_slept_catches_up_in_the_order_of_time(bureau: Bureau) -> None:
    number = await bureau.file()
    bureau.clock.advance(days=40)
    await bureau.act()
    ticket = await bureau.ticket(number)
    assert Counter(ticket.warned) == Counter(MARKS)
    dues = [entry.data["due"] for entry in await bureau.entries(number) if entry.kind in ("warned", "breached")]
    assert dues == sorted(dues)


async def test_the_timer_is_written_with_the_ticket_or_not_at_all(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    chat = await bureau.chat("person")

    async def file_and_die() -> None:
        async with bureau.work() as session:
            await bureau.office.filing.open_ticket(session, DRAFT, conversation_id=chat, now=bureau.now)
            raise Killed

    with pytest.raises(Killed):
        await file_and_die()
    async with bureau.work() as session:
        assert await session.scalar(select(Ticket.id)) is None
        assert await session.scalar(select(Timer.id)) is None
    assert await bureau.told("person") == []
    number = await bureau.file()
    # The number of what was rolled back is given again, and nothing is missing between.
    assert number.startswith("261124-0001")
    assert len(await bureau.timers()) == 1


async def test_timers_survive_a_restart(settings_on_each: Settings, clock: FixedClock) -> None:
    async with open_bureau(settings_on_each, clock) as bureau:
        await staffed(bureau)
        number = await bureau.file()
    async with open_bureau(settings_on_each, clock) as bureau:
        await bureau.wait_until("2026-11-24 11:00")
        assert (await bureau.ticket(number)).warned == ["accept:50"]


@pytest.mark.parametrize("where", ["_to_leaders", "group"])
async def test_a_restart_in_the_middle_of_an_escalation_and_it_happens_once(
    settings_on_each: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    async with open_bureau(settings_on_each, clock) as bureau:
        await staffed(bureau)
        number = await bureau.file()
        await bureau.wait_until("2026-11-24 14:59")

        async def die(*_: object, **__: object) -> None:
            raise Killed

        clock.advance(minutes=1)
        with monkeypatch.context() as patch:
            # Killed after the entry is written, and before or after the leaders are told.
            patch.setattr(bureau.office.telling, where, die)
            with pytest.raises(Killed):
                await bureau.act()
        assert (await bureau.ticket(number)).supervision == 0
        assert "breached" not in await bureau.kinds(number)
        assert await cards(bureau, "104", "accept") == []
    clock.advance(minutes=2)  # the lease of the dead runs out
    async with open_bureau(settings_on_each, clock) as bureau:
        await bureau.act()
        assert (await bureau.ticket(number)).supervision == 1
        assert (await bureau.kinds(number)).count("breached") == 1
        assert await cards(bureau, "104", "accept") == ["card:accept_100"]
        assert await bureau.broken() == []


@pytest.mark.postgres
async def test_two_processes_act_once(settings: Settings, postgres_url: str, clock: FixedClock) -> None:
    there = settings.model_copy(update={"database_url": type(settings.database_url)(postgres_url)})
    async with open_bureau(there, clock) as first, open_bureau(there, clock) as second:
        await staffed(first)
        numbers = [await first.file() for _ in range(6)]
        for number in numbers[:2]:
            await first.do("zhou", "reply", number, "您好")
        for _ in range(30):
            clock.advance(hours=8)
            while any(await asyncio.gather(first.app.timers.act_once(4), second.app.timers.act_once(4))):
                pass
        for place, number in enumerate(numbers):
            wanted = [mark for mark in MARKS if place >= 2 or mark.startswith("answer")]
            assert Counter((await first.ticket(number)).warned) == Counter(wanted)
            kinds = Counter(await first.kinds(number))
            assert kinds["warned"] + kinds["breached"] == len(wanted)
        assert Counter(await cards(first, "104", "answer")) == {"card:answer_100": 6}
        assert await first.broken() == []


@pytest.mark.postgres
async def test_two_serving_processes_warn_once(
    settings: Settings, postgres_url: str, clock: FixedClock, tmp_path: Path
) -> None:
    there = settings.model_copy(update={"database_url": type(settings.database_url)(postgres_url)})
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram(token=f"{BOT}:token"))
        machines = [Machine(tmp_path / name, postgres_url) for name in ("first", "second")]
        bureau = await stack.enter_async_context(open_bureau(there, clock))
        await staffed(bureau)
        numbers = [await bureau.file() for _ in range(24)]  # more than one takes at once
        for machine in machines:
            await stack.enter_async_context(serves(machine, telegram))
        for at, hand in (("2026-11-24T15:00:01+08:00", "accept"), ("2026-11-25T09:00:01+08:00", "contact")):
            for machine in machines:
                (machine.folder / "clock").write_text(at, "utf-8")
            await until_all_are_warned(bureau, f"{hand}:100")
        for number in numbers:
            ticket = await bureau.ticket(number)
            assert Counter(ticket.warned) == Counter(MARKS[:6])
            assert ticket.supervision == 2
            kinds = Counter(await bureau.kinds(number))
            assert (kinds["warned"], kinds["breached"]) == (4, 2)
        for hand in ("accept", "contact"):
            assert Counter(await cards(bureau, "104", hand)) == {f"card:{hand}_100": 24}
        assert await bureau.pushed("104") == 48
        assert await bureau.broken() == []
    assert telegram.violations == []


async def until_all_are_warned(bureau: Bureau, mark: str) -> None:
    async with asyncio.timeout(90):
        while True:
            async with bureau.app.database.reading() as session:
                if all(mark in warned for warned in await session.scalars(select(Ticket.warned))):
                    return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def serves(machine: Machine, telegram: FakeTelegram) -> AsyncIterator[None]:
    """A process of its own, until the end."""
    machine.settings |= {
        "SHANGAN_HTTP_PORT": "0",
        "SHANGAN_TELEGRAM_TOKEN": telegram.token,
        "SHANGAN_TELEGRAM_BASE_URL": telegram.url,
    }
    process = machine.start("serve")
    try:
        assert process.stdout is not None
        async with asyncio.timeout(120):
            assert (await asyncio.to_thread(process.stdout.readline)).startswith("ready ")
        yield
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)


@pytest.mark.postgres
async def test_a_clerk_and_the_clock_at_once_neither_loses_anything(
    settings: Settings, postgres_url: str, clock: FixedClock
) -> None:
    there = settings.model_copy(update={"database_url": type(settings.database_url)(postgres_url)})
    async with open_bureau(there, clock) as first, open_bureau(there, clock) as second:
        await staffed(first)
        second.ids = first.ids
        number = await first.file()
        for _ in range(8):
            clock.advance(hours=4)
            done = await asyncio.gather(
                first.do("zhou", "reply", number, "您好"), second.app.timers.act_once(), return_exceptions=True
            )
            assert [found for found in done if isinstance(found, BaseException)] == []
            clock.advance(minutes=3)
            await second.act()
        ticket = await first.ticket(number)
        assert len(ticket.warned) == len(set(ticket.warned))
        assert (await first.kinds(number)).count("told") == 8
        assert await first.broken() == []
