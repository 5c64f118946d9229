"""Chats that never answer, a clock that is set and a database that is away while messages are on their way."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import AFTER_OUTAGE, LEASE_SECONDS, back_off
from bot.clock import FixedClock
from bot.courier import Courier
from bot.database import Database
from bot.messages import ChannelName
from bot.models import Delivery
from bot.outbox import NotSent, Outgoing, SentResult
from bot.settings import Settings, load_settings
from handlers.notices.campaign import Hold, Standing, State
from handlers.notices.models import Recipient
from handlers.people.person import Purpose
from tests.handlers.notices.town import CLERK, Town, finished, open_town, sending


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.courier.back_off", lambda attempts: back_off(attempts) / 100)
    monkeypatch.setattr("bot.lines.SLOW_SECONDS", 0.05)


async def until(condition: object) -> None:
    async with asyncio.timeout(20):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110  # a sender sets no event
            await asyncio.sleep(0.01)


def on_wire(town: Town) -> int:
    """Messages that were given to the platform and have no answer yet."""
    return sum(len(line.wire) for line in town.app.courier._lines.values())


async def test_chats_that_never_answer_do_not_keep_back_the_rest(town: Town, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.courier.CAMPAIGN_FLIGHT", 6)
    monkeypatch.setattr("bot.courier.MAX_ATTEMPTS", 3)
    people = [await town.person() for _ in range(30)]
    chats = [await town.chat_of(person) for person in people]
    silent, failing, real = set(chats[::3]), set(chats[1::3]), town.sender.send

    async def send(outgoing: Outgoing) -> SentResult:
        if outgoing.address.key in silent:
            await asyncio.Event().wait()
        if outgoing.address.key in failing:
            raise NotSent("NetworkError")
        return await real(outgoing)

    monkeypatch.setattr(town.sender, "send", send)
    campaign = await town.campaign()
    async with sending(town):
        await town.until(
            lambda found: (found.counts[Standing.SENT], found.counts[Standing.FAILED]) == (10, 10), campaign
        )
        found = await town.progress(campaign)
    assert (found.faults, found.counts[Standing.QUEUED], found.maybe_repeated) == ({"server_error": 10}, 10, 0)
    assert Counter(chat for chat, _ in town.sender.sent) == Counter(chats[2::3])


async def test_what_failed_and_waits_for_another_attempt_leaves_its_room_to_others(
    settings_on_each: Settings, clock: FixedClock
):
    async with open_town(settings_on_each, clock, telegram_rate=1.0) as town:
        for _ in range(30):
            await town.person()
        campaign = await town.campaign()
        await town.act(3)
        assert (await town.counts(campaign)) == {Standing.QUEUED: 20, Standing.WAITING: 10}
        async with town.app.database.transaction() as session:
            await session.execute(update(Delivery).values(error="NetworkError"))
        await town.act(2)
        assert (await town.counts(campaign)) == {Standing.QUEUED: 30}


async def test_what_may_have_come_twice_is_not_sent_a_third_time(town: Town):
    await town.person()
    town.sender.faults += [ConnectionError()] * 8
    campaign = await town.campaign()
    done = await finished(town, campaign)
    assert (done.faults, done.maybe_repeated) == ({"no_answer": 1}, 1)
    assert len(town.sender.faults) == 6


async def test_who_said_stop_while_it_was_paused_is_not_told_when_it_goes_on(town: Town):
    leaves, stays = await town.person(), await town.person()
    campaign = await town.campaign()
    await town.act(2)
    async with town.app.database.transaction() as session:
        await town.office.broadcast.pause(session, campaign, CLERK, now=town.now)
        chat = (await town.register.chats_of(session, leaves))[0]
        await town.register.answer_consent(session, chat, Purpose.NOTICES, given=False, now=town.now)
    async with town.app.database.transaction() as session:
        await town.office.broadcast.resume(session, campaign, CLERK, now=town.now)
    await finished(town, campaign)
    assert await town.counts(campaign) == {Standing.SENT: 1, Standing.OPTED_OUT: 1}
    assert [chat for chat, _ in town.sender.sent] == [await town.chat_of(stays)]
    assert await town.said_to(leaves) == []


async def test_who_says_stop_while_it_is_leaving_is_not_tried_again(town: Town):
    person = await town.person()
    town.sender.gate, town.sender.faults = asyncio.Event(), [ConnectionError()]
    campaign = await town.campaign()
    async with sending(town):
        await until(lambda: on_wire(town) == 1)
        async with town.app.database.transaction() as session:
            chat = (await town.register.chats_of(session, person))[0]
            await town.register.answer_consent(session, chat, Purpose.NOTICES, given=False, now=town.now)
        town.sender.gate.set()
        await town.until(lambda found: found.state is State.DONE, campaign)
    assert await town.counts(campaign) == {Standing.OPTED_OUT: 1}
    assert town.sender.sent == []


@pytest.mark.parametrize("at", ["2026-03-01T10:00:00+08:00", "2026-03-03T10:00:00+08:00"])
async def test_the_clock_is_set_by_a_day_while_messages_are_on_their_way(town: Town, clock: FixedClock, at: str):
    for _ in range(12):
        await town.person()
    town.sender.gate = asyncio.Event()
    campaign = await town.campaign()
    async with sending(town):
        await until(lambda: on_wire(town) == 12)
        clock.set(at)
        await asyncio.sleep(0.6)  # the courier looks again
        town.sender.gate.set()
        done = await town.until(lambda found: found.state is State.DONE, campaign)
    assert (done.counts[Standing.SENT], done.maybe_repeated, len(town.sender.sent)) == (12, 0, 12)


async def test_where_every_commit_is_slow_a_slot_is_met_all_the_same(town: Town, monkeypatch: pytest.MonkeyPatch):
    town.connect(rate=28.0)
    await town.person()
    campaign = await town.campaign()
    real = Database.transaction

    @asynccontextmanager
    async def slow(self: Database) -> AsyncIterator[AsyncSession]:
        async with real(self) as session:
            yield session
            await asyncio.sleep(0.2)

    monkeypatch.setattr(Database, "transaction", slow)
    done = await finished(town, campaign)
    assert (done.counts[Standing.SENT], len(town.sender.sent)) == (1, 1)


def holds(courier: Courier) -> int:
    return sum(len(line.in_hand) for line in courier._lines.values())


async def test_leases_that_ended_while_the_database_was_away_are_not_taken_over_from_who_lives(
    settings: Settings, postgres_url: str, clock: FixedClock, away: asyncio.Event
):
    shared = load_settings({}, data_dir=settings.data_dir, http_port=0, database_url=postgres_url)
    async with open_town(shared, clock) as one, open_town(shared, clock) as other:
        for town in (one, other):
            town.connect()
        for _ in range(8):
            await one.person()
        one.sender.gate = other.sender.gate = asyncio.Event()
        campaign = await one.campaign()
        async with sending(one, other):
            await until(
                lambda: sum(len(line.wire) for t in (one, other) for line in t.app.courier._lines.values()) == 8
            )
            away.set()
            one.sender.gate.set()
            clock.advance(minutes=2)
            await until(lambda: len(one.sender.sent) + len(other.sender.sent) == 8)
            # An outage that outlasts leases is long enough to be seen by whoever has something left to take.
            couriers, now = [one.app.courier, other.app.courier], asyncio.get_running_loop().time
            await until(lambda: all(holds(it) == 8 or it._take_over_at > now() for it in couriers))
            away.clear()
            done = await one.until(lambda found: found.state is State.DONE, campaign)
    assert (done.counts[Standing.SENT], done.maybe_repeated) == (8, 0)
    assert len(one.sender.sent) + len(other.sender.sent) == 8


async def test_a_process_that_stood_still_does_not_make_up_for_it_at_once(
    settings_on_each: Settings, clock: FixedClock
):
    async with open_town(settings_on_each, clock, telegram_rate=25.0) as town:
        for _ in range(60):
            await town.person()
        town.connect(rate=25.0)
        campaign = await town.campaign()
        async with sending(town):
            for sent in (12, 24):
                await until(lambda sent=sent: len(town.sender.sent) >= sent)
                time.sleep(0.3)  # noqa: ASYNC251  # that is what is tried
            done = await town.until(lambda found: found.state is State.DONE, campaign)
    assert done.counts[Standing.SENT] == 60
    at = town.sender.at
    assert max(sum(one <= other < one + 1.0 for other in at) for one in at) <= 27


async def test_what_waits_in_the_outbox_of_a_channel_that_is_off_says_so(settings_on_each: Settings, clock: FixedClock):
    async with open_town(settings_on_each, clock) as town:
        await town.person()
        campaign = await town.campaign()
        await town.act(2)
        assert await town.counts(campaign) == {Standing.QUEUED: 1}
    async with open_town(settings_on_each, clock, telegram_token=None) as town:
        await town.act(1)
        assert (await town.progress(campaign)).held == Hold.CHANNEL_OFF


async def test_who_waited_for_a_bot_that_was_replaced_is_judged_anew(settings_on_each: Settings, clock: FixedClock):
    async with open_town(settings_on_each, clock) as town:
        one, other = await town.person(), await town.person(chats=(ChannelName.TELEGRAM, ChannelName.WEBCHAT))
        campaign = await town.campaign()
        await town.act(2)
        assert await town.counts(campaign) == {Standing.QUEUED: 2}
    async with open_town(settings_on_each, clock, telegram_token="8:token") as town:
        await town.act(4)
        progress = await town.progress(campaign)
        assert (progress.state, progress.held) == (State.DONE, "")
        assert await town.standing(campaign, one) == Standing.UNREACHABLE
        assert await town.standing(campaign, other) == Standing.SENT


async def test_what_the_replaced_bot_had_in_hand_is_judged_anew_once_it_is_surely_dead(
    settings_on_each: Settings, clock: FixedClock
):
    async with open_town(settings_on_each, clock) as town:
        await town.person()
        campaign = await town.campaign()
        await town.act(2)
        async with town.app.database.transaction() as session:
            await session.execute(update(Delivery).values(token="his", free_at=clock.wall() + LEASE_SECONDS))
    async with open_town(settings_on_each, clock, telegram_token="8:token") as town:
        found = []
        for seconds in (0, LEASE_SECONDS + AFTER_OUTAGE + 1):
            clock.advance(seconds=seconds)
            await town.act(4)
            found.append((await town.progress(campaign)).state)
    assert found == [State.RUNNING, State.DONE]


async def test_what_was_taken_back_in_the_hands_of_somebody_is_judged_anew_only_when_he_is_surely_dead(
    town: Town, clock: FixedClock
):
    await town.person()
    campaign = await town.campaign()
    await town.act(2)
    async with town.app.database.transaction() as session:
        held = {"token": "his", "free_at": clock.wall() + LEASE_SECONDS, "due_at": clock.now()}
        await session.execute(update(Delivery).values(**held))
        await town.office.broadcast.pause(session, campaign, CLERK, now=town.now)
    found = []
    for seconds in (LEASE_SECONDS + 1, AFTER_OUTAGE):
        clock.advance(seconds=seconds)
        await town.act(2)
        found.append(await town.counts(campaign))
    assert found == [{Standing.QUEUED: 1}, {Standing.WAITING: 1}]


async def test_what_is_in_hand_when_it_becomes_quiet_waits_for_the_morning(
    settings_on_each: Settings, clock: FixedClock
):
    async with open_town(settings_on_each, clock, quiet_hours="21:00-08:00", telegram_rate=10.0) as town:
        town.connect(rate=10.0)
        for _ in range(12):
            await town.person()
        campaign = await town.campaign()
        async with sending(town):
            await until(lambda: len(town.sender.sent) >= 2 and holds(town.app.courier) >= 3)
            clock.set("2026-03-02T21:00:00+08:00")
            before = len(town.sender.sent)
            await until(lambda: holds(town.app.courier) == 0)
            assert len(town.sender.sent) - before <= 1  # the one that was leaving just then
            clock.set("2026-03-03T08:00:00+08:00")
            done = await town.until(lambda found: found.state is State.DONE, campaign)
    assert (done.counts[Standing.SENT], len(town.sender.sent), done.maybe_repeated) == (12, 12, 0)


async def test_whom_an_unknown_end_may_have_reached_counts_as_told_lately(town: Town):
    await town.person()
    first = await town.campaign()
    await town.act(2)
    async with town.app.database.transaction() as session:
        await session.execute(update(Recipient).values(state=str(Standing.FAILED), open_ends=2))
    second = await town.campaign(start=False)
    await town.approve(second, size=1)
    await town.begin(second)
    await town.act(3)
    assert (await town.progress(second)).recipients == 0
    async with town.app.database.reading() as session:
        assert (await session.scalars(select(Recipient.campaign_id))).all() == [first]


@pytest.mark.postgres
async def test_who_says_stop_just_while_their_turn_comes_is_passed_over(
    settings: Settings, postgres_url: str, clock: FixedClock
):
    shared = load_settings({}, data_dir=settings.data_dir, http_port=0, database_url=postgres_url)
    async with open_town(shared, clock) as town:
        town.connect()
        leaves, stays = await town.person(), await town.person()
        campaign = await town.campaign()
        await town.office.gathering.gather(campaign, now=town.now)
        async with town.app.database.transaction() as session:
            chat = (await town.register.chats_of(session, leaves))[0]
            await town.register.answer_consent(session, chat, Purpose.NOTICES, given=False, now=town.now)
            await town.act(3)  # while what they said is not committed
            assert await town.standing(campaign, leaves) == Standing.WAITING
            assert await town.standing(campaign, stays) == Standing.QUEUED
        await town.act(2)
        assert await town.standing(campaign, leaves) == Standing.OPTED_OUT
